/* test_ac.c - Additional Consent strings without Python: both ways, short of memory, at the
 * edge of memory. */
#include "guard.h"
#include "harness.h"

/* What reading comes to: the form it is written in, or the code of the error. */
static const char *read_as(const char *text, size_t len, bool strict) {
    static char out[CNS_MAX_STRING + 1];
    cns_ac *ac = NULL;
    cns_error err = {0};
    cns_code code = cns_ac_read(&ac, text, len, strict, cns_alloc_default(), &err);
    CHECK((ac != NULL) == (code == CNS_OK));
    if (code != CNS_OK) {
        CHECK(code == CNS_E_DECODE && code == err.code && err.offset <= len);
        (void)snprintf(out, sizeof out, "%s", err.path);
        return out;
    }
    cns_ac_lists lists = {.version = cns_ac_version(ac)};
    size_t all;
    lists.consented = cns_ac_ids(ac, CNS_AC_CONSENTED, &lists.consented_count);
    lists.disclosed = cns_ac_ids(ac, CNS_AC_DISCLOSED_ONLY, &lists.disclosed_count);
    CHECK((cns_ac_ids(ac, CNS_AC_DISCLOSED_ALL, &all) != NULL) == (lists.version == 2));
    CHECK(all == (lists.version == 2 ? lists.consented_count + lists.disclosed_count : 0));
    char *written = NULL;
    size_t written_len = 0;
    CHECK_INT(cns_ac_write(&written, &written_len, &lists, cns_alloc_default(), &err), CNS_OK);
    memcpy(out, written, written_len);
    out[written_len] = '\0';
    cns_text_free(cns_alloc_default(), written, written_len);
    cns_ac_free(ac);
    return out;
}

static const char *const texts[][3] = {
    /* text, lenient, strict */
    {"", "no_separator", "no_separator"},
    {"~", "version", "version"},
    {"1~", "1~", "1~"},
    {"2~~dv", "2~~dv.", "2~~dv."},
    {"2~3.2.1.2~dv.5.3", "2~1.2.3~dv.5", "2~1.2.3~dv.5"},
    {"1~65536.256.1.16777216", "1~1.256.65536.16777216", "1~1.256.65536.16777216"},
    {"1~2147483647.2147483648", "1~2147483647", "bad_id"},
    {"1~.", "1~", "bad_id"},
    {"1~007", "1~7", "bad_id"},
    {"1~1~dv.2", "1~1", "parts"},
    {"2~1", "2~1~dv.", "parts"},
    {"2~1~d", "2~1~dv.", "disclosed_prefix"},
    {"2~1~dv2", "2~1~dv.", "disclosed_prefix"},
    {" \t\r\n\v\f1~1 ", "1~1", "version"},
    {"   ", "no_separator", "no_separator"},
};

TEST(reading_at_the_edge_of_memory) {
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        guard g;
        harness.label = texts[i][0];
        const char *copy = guard_text(&g, texts[i][0], strlen(texts[i][0]));
        CHECK_TEXT(read_as(copy, strlen(texts[i][0]), false), texts[i][1]);
        CHECK_TEXT(read_as(copy, strlen(texts[i][0]), true), texts[i][2]);
        guard_end(&g);
    }
}

TEST(every_text_of_few_characters) {
    static const char letters[] = "12~.dv";
    char text[6];
    for (unsigned n = 0; n < 6 * 6 * 6 * 6 * 6 * 6; n++) {
        unsigned left = n;
        for (size_t i = 0; i < sizeof text; i++, left /= 6)
            text[i] = letters[left % 6];
        char once[64];
        (void)snprintf(once, sizeof once, "%s", read_as(text, sizeof text, false));
        if (once[1] == '~') /* the form that was written is read as itself */
            CHECK_TEXT(read_as(once, strlen(once), true), once);
    }
}

TEST(what_is_not_written) {
    static const uint32_t ids[] = {1, 0, CNS_AC_MAX_ID + 1u};
    static const struct {
        cns_ac_lists lists;
        const char *field;
    } cases[] = {
        {{.version = 0}, "version"},
        {{.version = 3}, "version"},
        {{.version = 2, .consented = ids, .consented_count = 2}, "consented"},
        {{.version = 2, .disclosed = ids + 2, .disclosed_count = 1}, "disclosed_only"},
        {{.version = 1, .disclosed = ids, .disclosed_count = 1}, "disclosed_only"},
    };
    char *text = NULL;
    size_t len = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cns_error err;
        CHECK_INT(cns_ac_write(&text, &len, &cases[i].lists, cns_alloc_default(), &err),
                  CNS_E_SHAPE);
        CHECK_TEXT(err.path, cases[i].field);
        CHECK(text == NULL && len == 0);
    }
}

static cns_code read_and_write(cns_alloc alloc, void *arg) {
    const char *given = arg;
    cns_ac *ac = NULL;
    cns_code code = cns_ac_read(&ac, given, strlen(given), false, alloc, NULL);
    if (code != CNS_OK)
        return code;
    cns_ac_lists lists = {.version = cns_ac_version(ac)};
    lists.consented = cns_ac_ids(ac, CNS_AC_CONSENTED, &lists.consented_count);
    lists.disclosed = cns_ac_ids(ac, CNS_AC_DISCLOSED_ONLY, &lists.disclosed_count);
    char *text = NULL;
    size_t len = 0;
    code = cns_ac_write(&text, &len, &lists, alloc, NULL);
    CHECK((text != NULL) == (code == CNS_OK));
    cns_text_free(alloc, text, len);
    cns_ac_free(ac);
    return code;
}

TEST(short_of_memory) {
    static char empty[] = "2~~dv.", some[] = "2~3.2.1~dv.9.8.3";
    harness_starve(read_and_write, empty);
    harness_starve(read_and_write, some);
    cns_ac_free(NULL);
}

TEST(memory_follows_the_text) {
    static char text[CNS_MAX_STRING];
    memset(text, '.', sizeof text);
    text[0] = '1';
    text[1] = '~';
    picky p = {0};
    cns_ac *ac = NULL;
    CHECK_INT(cns_ac_read(&ac, text, sizeof text, false, (cns_alloc){picky_resize, &p}, NULL),
              CNS_OK);
    CHECK(p.most <= 8 * sizeof text + 1024);
    cns_ac_free(ac);
    CHECK(p.live == 0 && !p.wrong_size);
}

int main(void) {
    RUN(reading_at_the_edge_of_memory);
    RUN(every_text_of_few_characters);
    RUN(what_is_not_written);
    RUN(short_of_memory);
    RUN(memory_follows_the_text);
    return harness_end();
}
