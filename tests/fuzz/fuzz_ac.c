/* fuzz_ac.c - Additional Consent strings: any text is read within its memory, strictly only what
 * leniently too, and what can be read is written in one form that reads as the same. */
#include "fuzz.h"

static cns_ac_lists lists_of(const cns_ac *ac) {
    cns_ac_lists lists = {.version = cns_ac_version(ac)};
    lists.consented = cns_ac_ids(ac, CNS_AC_CONSENTED, &lists.consented_count);
    lists.disclosed = cns_ac_ids(ac, CNS_AC_DISCLOSED_ONLY, &lists.disclosed_count);
    return lists;
}

static void check_list(const uint32_t *ids, size_t count) {
    for (size_t i = 0; i < count; i++)
        FUZZ_CHECK(ids[i] > (i ? ids[i - 1] : 0) && ids[i] <= CNS_AC_MAX_ID);
}

static bool same(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count) {
    return a_count == b_count && (!a_count || memcmp(a, b, a_count * sizeof *a) == 0);
}

static void check(const cns_ac *ac, cns_alloc alloc) {
    cns_ac_lists lists = lists_of(ac);
    size_t all_count, len, again_len;
    const uint32_t *all = cns_ac_ids(ac, CNS_AC_DISCLOSED_ALL, &all_count);
    check_list(lists.consented, lists.consented_count);
    check_list(lists.disclosed, lists.disclosed_count);
    check_list(all, all_count);
    if (lists.version == 2)
        FUZZ_CHECK(all_count == lists.consented_count + lists.disclosed_count);
    char *text, *again;
    cns_ac *read;
    FUZZ_CHECK(cns_ac_write(&text, &len, &lists, alloc, NULL) == CNS_OK);
    FUZZ_CHECK(cns_ac_read(&read, text, len, true, alloc, NULL) == CNS_OK);
    cns_ac_lists other = lists_of(read);
    FUZZ_CHECK(lists.version == other.version && cns_ac_warning(read, 0) == NULL);
    FUZZ_CHECK(
        same(lists.consented, lists.consented_count, other.consented, other.consented_count));
    FUZZ_CHECK(
        same(lists.disclosed, lists.disclosed_count, other.disclosed, other.disclosed_count));
    FUZZ_CHECK(cns_ac_write(&again, &again_len, &other, alloc, NULL) == CNS_OK);
    FUZZ_CHECK(len == again_len && memcmp(text, again, len) == 0);
    cns_text_free(alloc, text, len);
    cns_text_free(alloc, again, again_len);
    cns_ac_free(read);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_memory memory = fuzz_bound(size, 48);
    cns_alloc alloc = {fuzz_resize, &memory};
    cns_error err;
    bool read[2];
    for (int strict = 0; strict < 2; strict++) {
        cns_ac *ac;
        cns_code code = cns_ac_read(&ac, (const char *)data, size, strict, alloc, &err);
        read[strict] = code == CNS_OK;
        if (code == CNS_OK) {
            check(ac, alloc);
            cns_ac_free(ac);
        } else {
            FUZZ_CHECK(code == CNS_E_DECODE && err.path[0] && err.offset <= size);
        }
        FUZZ_CHECK(memory.live == 0);
    }
    FUZZ_CHECK(!read[1] || read[0]);
    return 0;
}
