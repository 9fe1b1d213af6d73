/* fuzz_tcf.c - TC strings: any text is read within its memory, and what can be read can be written
 * and reads as the same again. Bytes that
 * begin as the bits of a string do are taken as bits. */
#include "fuzz.h"

static void check_set(const cns_id_set *set) {
    uint32_t cursor = 0, count = 0, before = 0;
    cns_id_run run;
    while (cns_idset_next(set, &cursor, &run)) {
        FUZZ_CHECK(run.first <= run.last && run.first > before + (before != 0));
        FUZZ_CHECK(cns_idset_has(set, run.first) && cns_idset_has(set, run.last));
        FUZZ_CHECK(!cns_idset_has(set, run.first - 1u) && !cns_idset_has(set, run.last + 1u));
        count += (uint32_t)run.last - run.first + 1;
        before = run.last;
    }
    FUZZ_CHECK(cns_idset_count(set) == count && cns_idset_last(set) == before);
}

static bool same_set(bool there, const cns_id_set *a, const cns_id_set *b) {
    return !there || cns_idset_same(a, b);
}

static void check_same(const cns_tc *a, const cns_tc *b) {
    FUZZ_CHECK(a->created == b->created && a->last_updated == b->last_updated);
    FUZZ_CHECK(a->cmp_id == b->cmp_id && a->cmp_version == b->cmp_version);
    FUZZ_CHECK(a->vendor_list_version == b->vendor_list_version);
    FUZZ_CHECK(a->consent_screen == b->consent_screen && a->policy_version == b->policy_version);
    FUZZ_CHECK(memcmp(a->language, b->language, 2) == 0 && memcmp(a->country, b->country, 2) == 0);
    FUZZ_CHECK(a->service_specific == b->service_specific);
    FUZZ_CHECK(a->non_standard_texts == b->non_standard_texts);
    FUZZ_CHECK(a->purpose_one_treatment == b->purpose_one_treatment);
    FUZZ_CHECK(a->special_features == b->special_features);
    FUZZ_CHECK(a->purposes == b->purposes && a->purposes_li == b->purposes_li);
    FUZZ_CHECK(a->has_disclosed == b->has_disclosed && a->has_allowed == b->has_allowed);
    FUZZ_CHECK(a->has_publisher == b->has_publisher);
    FUZZ_CHECK(same_set(true, &a->vendors, &b->vendors));
    FUZZ_CHECK(same_set(true, &a->vendors_li, &b->vendors_li));
    FUZZ_CHECK(same_set(a->has_disclosed, &a->disclosed, &b->disclosed));
    FUZZ_CHECK(same_set(a->has_allowed, &a->allowed, &b->allowed));
    FUZZ_CHECK(a->publisher_purposes == b->publisher_purposes);
    FUZZ_CHECK(a->publisher_purposes_li == b->publisher_purposes_li);
    FUZZ_CHECK(a->custom_count == b->custom_count && a->custom_purposes == b->custom_purposes);
    FUZZ_CHECK(a->custom_purposes_li == b->custom_purposes_li);
    FUZZ_CHECK(a->restriction_count == b->restriction_count);
    for (uint32_t i = 0; i < a->restriction_count; i++) {
        const cns_tc_restriction *x = &a->restrictions[i], *y = &b->restrictions[i];
        FUZZ_CHECK(x->purpose == y->purpose && x->type == y->type && x->run_count == y->run_count);
        FUZZ_CHECK(x->run_count && memcmp(x->runs, y->runs, x->run_count * sizeof *x->runs) == 0);
    }
}

static void check_string(const cns_tc *tc, cns_alloc alloc) {
    check_set(&tc->vendors);
    check_set(&tc->vendors_li);
    if (tc->has_disclosed)
        check_set(&tc->disclosed);
    if (tc->has_allowed)
        check_set(&tc->allowed);
    for (uint32_t i = 0; i < tc->restriction_count; i++) {
        cns_id_set set = cns_idset_of_runs(tc->restrictions[i].runs, tc->restrictions[i].run_count);
        check_set(&set);
    }
    char *text, *again;
    size_t len, again_len;
    cns_tc *read;
    FUZZ_CHECK(cns_tc_write(&text, &len, tc, alloc, NULL) == CNS_OK);
    if (len <= CNS_MAX_STRING) {
        FUZZ_CHECK(cns_tc_new(&read, text, len, tc->exact, alloc, NULL) == CNS_OK);
        check_same(tc, read);
        FUZZ_CHECK(cns_tc_write(&again, &again_len, read, alloc, NULL) == CNS_OK);
        FUZZ_CHECK(again_len == len && memcmp(again, text, len) == 0);
        cns_text_free(alloc, again, again_len);
        cns_tc_free(read);
    }
    cns_text_free(alloc, text, len);
}

/* One reading; true when it is the strict one's business too. */
static bool read_text(const char *text, size_t size, bool strict) {
    fuzz_memory memory = fuzz_bound(size, 20);
    cns_alloc alloc = {fuzz_resize, &memory};
    cns_tc *tc = NULL;
    cns_error err;
    cns_code code = cns_tc_new(&tc, text, size, strict, alloc, &err);
    FUZZ_CHECK((tc != NULL) == (code == CNS_OK));
    bool exact = tc && tc->exact;
    if (tc) {
        memory.most = SIZE_MAX;
        check_string(tc, alloc);
    } else {
        FUZZ_CHECK(code == CNS_E_DECODE && err.path[0] && err.message[0] && err.offset <= size);
    }
    cns_tc_free(tc);
    FUZZ_CHECK(memory.live == 0);
    return exact;
}

/* Bytes as a text whose bits they are: what a fuzzer does to them stays base64url. */
static char *text_of_bits(const uint8_t *data, size_t size, size_t *len) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char *text = malloc(size * 4 / 3 + 4);
    uint32_t held = 0, bits = 0;
    *len = 0;
    if (!text)
        exit(2);
    for (size_t i = 0; i < size; i++) {
        held = (held << 8 | data[i]) & 0xFFFF;
        for (bits += 8; bits >= 6; bits -= 6)
            text[(*len)++] = letters[held >> (bits - 6) & 63];
    }
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = (char *)(uintptr_t)data, *made = NULL;
    if (size && data[0] >> 2 == 2) /* no letter begins so: these are bits of version 2 */
        text = made = text_of_bits(data, size, &size);
    bool lenient = read_text(text, size, false);
    FUZZ_CHECK(read_text(text, size, true) == lenient);
    free(made);
    return 0;
}
