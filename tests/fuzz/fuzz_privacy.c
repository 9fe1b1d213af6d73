/* fuzz_privacy.c - US Privacy strings and the header of Global Privacy Control: four characters
 * read as what they are written as, a line says `1` when one of its parts is that. */
#include "fuzz.h"

static void check_usp(const char *text, size_t size) {
    cns_usp usp;
    cns_error err;
    char again[CNS_USP_LEN];
    cns_code code = cns_usp_read(&usp, text, size, &err);
    if (code != CNS_OK) {
        FUZZ_CHECK(code == CNS_E_DECODE && err.path[0] && err.message[0] && err.offset <= size);
        return;
    }
    FUZZ_CHECK(size == CNS_USP_LEN && cns_usp_write(again, &usp));
    FUZZ_CHECK(memcmp(again, text, size) == 0);
    FUZZ_CHECK(cns_usp_applies(&usp) == (memcmp(text, "1---", size) != 0));
}

static bool says_one(const char *text, size_t size) {
    size_t start = 0;
    for (size_t i = 0; i <= size; i++) {
        if (i < size && text[i] != ',')
            continue;
        size_t from = start, to = i;
        while (from < to && (text[from] == ' ' || text[from] == '\t'))
            from++;
        while (to > from && (text[to - 1] == ' ' || text[to - 1] == '\t'))
            to--;
        if (to - from == 1 && text[from] == '1')
            return true;
        start = i + 1;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    check_usp(text, size);
    FUZZ_CHECK(cns_gpc_line(text, size) == says_one(text, size));
    return 0;
}
