/* test_tcf.c - TC strings in the core: memory that runs out, places of errors, long restrictions. The
 * vectors are read by tests/py/test_tcf.py and replayed through tests/fuzz/fuzz_tcf.c. */
#include "bit_out.h"
#include "harness.h"
#include "id_set.h"

#define CORE "CQKjTcAQKjTcAAfKABENBqFoAPIAAEKAAAYgACsgAKSAAAAA"
#define RANGES "CQKjTcAQKjTcAAfKABENBqFoAPIAAEKAAAYgAeQAwAKQADAAUAHgACkgAAAA.IACsgAAA"

static const char *const readable[] = {
    CORE,
    CORE ".IACsgAAA.YAAAAAAAAAAA",
    RANGES,
    /* restrictions, in order and not */
    "CQKjTcAQKjTcAAfKABENBqFoAPIAAEKAAAYgACsgAKSACGAAwAMABgAA.IACsgAAA",
    "CQKjTcAQKjTcAAfKABENBqFoAPIAAEKAAAYgACsgAKSAEEAAwABAAMJABgAEABQA.IACsgAAA",
    " " CORE "==\n", /* repaired */
};

static cns_code read_and_write(cns_alloc alloc, void *arg) {
    const char *text = arg;
    cns_tc *tc = NULL;
    char *written = NULL;
    size_t len = 0;
    cns_error err = {0};
    cns_code code = cns_tc_new(&tc, text, strlen(text), false, alloc, &err);
    CHECK((tc != NULL) == (code == CNS_OK) && err.code == code);
    if (code == CNS_OK)
        code = cns_tc_write(&written, &len, tc, alloc, &err);
    CHECK((written != NULL) == (code == CNS_OK));
    cns_text_free(alloc, written, len);
    cns_tc_free(tc);
    return code;
}

TEST(memory_that_runs_out) {
    for (size_t i = 0; i < sizeof readable / sizeof *readable; i++) {
        harness.label = readable[i];
        harness_starve(read_and_write, (void *)(uintptr_t)readable[i]);
    }
}

/* The text of a core whose restrictions these bits are, after their number. */
static char *with_restrictions(uint32_t number, cns_bit_out *records) {
    cns_bit_out out = cns_bit_out_new(cns_alloc_default());
    uint8_t core[CNS_BIT_ROOM(sizeof CORE)];
    CHECK_INT(cns_bits_decode(core, CORE, sizeof CORE - 1), sizeof CORE - 1);
    cns_bit_copy(&out, core, 0, 213 + 17 + 5 + 17 + 5); /* up to the number of restrictions */
    cns_bit_put(&out, number, 12);
    cns_bit_copy(&out, records->bytes, 0, records->at);
    cns_bit_pad(&out, 24);
    size_t len = cns_bit_text_len(&out);
    char *text = malloc(len + 1);
    cns_bit_text(text, &out);
    text[len] = '\0';
    CHECK(!out.failed && !records->failed);
    cns_bit_out_release(&out);
    cns_bit_out_release(records);
    return text;
}

static void put_record(cns_bit_out *out, unsigned purpose, unsigned type, uint32_t entries) {
    cns_bit_put(out, purpose << 14 | type << 12 | entries, 20);
}

static cns_tc *read_text(const char *text, bool strict) {
    cns_tc *tc = NULL;
    cns_error err = {0};
    if (cns_tc_new(&tc, text, strlen(text), strict, cns_alloc_default(), &err) != CNS_OK)
        printf("%s at %u\n", err.path, (unsigned)err.offset);
    CHECK(tc != NULL);
    return tc;
}

/* Two records of one key with more runs than one record can have: joined, and written as two. */
TEST(more_runs_than_a_record_has) {
    cns_bit_out out = cns_bit_out_new(cns_alloc_default());
    for (unsigned part = 0; part < 2; part++) {
        put_record(&out, 2, 1, 3000);
        for (uint32_t i = 3000; i--;) /* backwards: to be sorted */
            cns_bit_put(&out, 1 + part * 2 + i * 4, 17);
    }
    char *text = with_restrictions(2, &out);
    cns_tc *tc = read_text(text, true);
    CHECK_INT(tc->record_count, 2);
    CHECK_INT(tc->restriction_count, 1);
    CHECK_INT(tc->restrictions[0].run_count, 6000);
    CHECK(tc->restrictions[0].runs[0].first == 1 && tc->restrictions[0].runs[5999].last == 11999);
    CHECK(tc->warnings & CNS_TC_DUPLICATE_RESTRICTION && tc->warnings & CNS_TC_RANGE_UNSORTED);
    char *written;
    size_t len;
    CHECK_INT(cns_tc_write(&written, &len, tc, cns_alloc_default(), NULL), CNS_OK);
    cns_tc *again = NULL;
    CHECK_INT(cns_tc_new(&again, written, len, true, cns_alloc_default(), NULL), CNS_OK);
    CHECK(again->record_count == 2 && again->restriction_count == 1 &&
          again->restrictions[0].run_count == 6000);
    CHECK(!(again->warnings & CNS_TC_RANGE_UNSORTED));
    cns_text_free(cns_alloc_default(), written, len);
    cns_tc_free(again);
    cns_tc_free(tc);
    free(text);
}

TEST(conflicts) {
    static const struct {
        unsigned purposes[3], types[3], ids[3];
        bool conflict, duplicate;
    } cases[] = {
        {{2, 2, 3}, {0, 1, 2}, {5, 5, 5}, true, false},
        {{2, 2, 3}, {0, 1, 2}, {5, 6, 5}, false, false},
        {{2, 3, 2}, {0, 1, 2}, {5, 5, 5}, true, false},
        {{2, 3, 2}, {0, 1, 0}, {5, 5, 5}, false, true},
        {{2, 2, 2}, {0, 1, 2}, {5, 6, 5}, true, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cns_bit_out out = cns_bit_out_new(cns_alloc_default());
        for (int k = 0; k < 3; k++) {
            put_record(&out, cases[i].purposes[k], cases[i].types[k], 1);
            cns_bit_put(&out, cases[i].ids[k], 17);
        }
        char *text = with_restrictions(3, &out);
        cns_tc *tc = read_text(text, true);
        CHECK_INT((tc->warnings & CNS_TC_CONFLICTING_RESTRICTIONS) != 0, cases[i].conflict);
        CHECK_INT((tc->warnings & CNS_TC_DUPLICATE_RESTRICTION) != 0, cases[i].duplicate);
        cns_tc_free(tc);
        free(text);
    }
}

/* What a text claims costs nothing: 4095 records are promised, none is there. */
TEST(claims) {
    cns_bit_out none = cns_bit_out_new(cns_alloc_default());
    cns_bit_put(&none, 0, 1);
    char *text = with_restrictions(4095, &none);
    picky p = {0};
    cns_tc *tc = NULL;
    cns_error err;
    CHECK_INT(cns_tc_new(&tc, text, strlen(text), false, (cns_alloc){picky_resize, &p}, &err),
              CNS_E_DECODE);
    CHECK_TEXT(err.path, "truncated");
    CHECK(p.live == 0 && p.most < 1024);
    free(text);
}

TEST(places) {
    static const struct {
        const char *text, *code;
        uint32_t offset;
        bool strict;
    } cases[] = {
        {"", "empty", 0, true},
        {" \n", "empty", 2, false},
        {"..", "empty_segment", 0, false},
        {CORE "!", "bad_char", 48, false},
        {"  " CORE "=.IACs!", "bad_char", 56, false}, /* in the text as it was given */
        {CORE ".IACsgAAA.IACsgAAA", "duplicate_segment", 58, true},
        {CORE "." CORE, "bad_segment_type", 49, false},
        {"IACsgAAA." CORE, "unsupported_version", 0, false},
        {CORE ".IACs", "truncated", 52, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cns_tc *tc = NULL;
        cns_error err = {0};
        harness.label = cases[i].text;
        CHECK_INT(cns_tc_new(&tc, cases[i].text, strlen(cases[i].text), cases[i].strict,
                             cns_alloc_default(), &err),
                  CNS_E_DECODE);
        CHECK_TEXT(err.path, cases[i].code);
        CHECK_INT(err.offset, cases[i].offset);
        CHECK(!tc && err.message[0]);
        CHECK_INT(cns_tc_new(&tc, cases[i].text, strlen(cases[i].text), cases[i].strict,
                             cns_alloc_default(), NULL),
                  CNS_E_DECODE);
    }
    cns_tc_free(NULL);
}

TEST(names) {
    for (unsigned i = 1; i < CNS_TC_WARNINGS; i++)
        CHECK(strcmp(cns_tc_warning_name(i - 1), cns_tc_warning_name(i)) < 0);
    CHECK_TEXT(cns_tc_warning_name(0), "bad_country");
    CHECK_TEXT(cns_tc_warning_name(CNS_TC_WARNINGS), "");
    CHECK_INT(CNS_TC_VENDOR_ID_OVER_MAX, 1u << (CNS_TC_WARNINGS - 1));
}

int main(void) {
    RUN(memory_that_runs_out);
    RUN(more_runs_than_a_record_has);
    RUN(conflicts);
    RUN(claims);
    RUN(places);
    RUN(names);
    return harness_end();
}
