/* answer_tcf.c - what an answer makes of the TC string (R12). */
#include "answer.h"
#include "config.h"
#include "error.h"
#include "restriction.h"
#include "tcf.h"

#define DAY_TENTHS 864000
#define FIRST_SCREEN 1u
#define CMP_VERSION 1u
#define FEATURES 2u /* special features, whose choices stand behind those of the purposes */
#define NEVER_ON_LI 0x3Du

/* ---------------------------------------------------------------- what it holds */

/* The bits of a word of a list's set that stand in the TC string. */
static cns_word held(const cns_notice *n, unsigned list, uint32_t word) {
    if (!cns_of_purposes(list))
        return n->tables->listed[word];
    return word == 0 ? CNS_TCF_MASK : 0;
}

static bool unchanged(const cns_base *b) {
    for (unsigned list = 0; list < CNS_LISTS; list++)
        for (uint32_t w = 0; w < cns_list_words(b->notice, list); w++)
            if ((b->sets[list][w] ^ b->stored[list][w]) & held(b->notice, list, w))
                return false;
    return true;
}

static bool any_vendor(const cns_base *b) {
    for (unsigned list = 0; list < CNS_LISTS; list++)
        for (uint32_t w = 0; !cns_of_purposes(list) && w < cns_list_words(b->notice, list); w++)
            if (b->sets[list][w] & b->notice->tables->listed[w])
                return true;
    return false;
}

/* What is not the token's to say leaves the sets. A refusal of a vendor may stand in a token
 * that no string stands beside; one of a purpose in any, where it counts without a law (R3),
 * since nobody looks at strings there. */
static void leave_out(cns_base *b, bool purposes, bool refusals) {
    for (unsigned list = 0; list < CNS_LISTS; list++)
        for (uint32_t w = 0; w < cns_list_words(b->notice, list); w++)
            if (cns_of_purposes(list) ? purposes && !(list & 1 && b->notice->respect_refusal)
                                      : refusals || !(list & 1))
                b->sets[list][w] &= ~held(b->notice, list, w);
}

void cns_base_leave_to_tc(cns_base *b) {
    if (b->tc)
        leave_out(b, true, true);
}

/* -------------------------------------------------------------------- writing */

/* Ids one after the other, as runs. */
typedef struct runs {
    cns_id_run *runs;
    uint32_t count;
} runs;

static void add_id(runs *to, uint32_t id) {
    if (to->count && to->runs[to->count - 1].last + 1u == id)
        to->runs[to->count - 1].last = (uint16_t)id;
    else
        to->runs[to->count++] = (cns_id_run){(uint16_t)id, (uint16_t)id};
}

/* Vendors of the list that are in both sets, and Google, whose answer the token has. */
static bool vendors_of(cns_id_set *out, cns_base *b, const cns_word *set, const cns_word *among) {
    const cns_notice *n = b->notice;
    const cns_ids *ids = &n->config->ids;
    const cns_tables *t = n->tables;
    runs all = {cns_arena_zero(&b->arena, t->vendor_count, sizeof(cns_id_run)), 0};
    for (uint32_t iab = 1; all.runs && iab <= ids->highest; iab++) {
        uint32_t vendor = cns_ids_vendor_number(ids, iab);
        if (vendor != CNS_NO_ID && cns_has(among, vendor) && cns_has(set, vendor) &&
            (cns_has(t->listed, vendor) || iab == CNS_GOOGLE_IAB))
            add_id(&all, iab);
    }
    *out = cns_idset_of_runs(all.runs, all.count);
    return all.runs != NULL;
}

/* Who has an answer, so that the others stay unknown to the string, and those who need none. */
static bool disclosed_of(cns_id_set *out, cns_base *b) {
    uint32_t words = b->notice->tables->vendor_words;
    cns_word *set = cns_arena_zero(&b->arena, words, sizeof *set);
    for (uint32_t w = 0; set && w < words; w++) {
        set[w] = b->notice->tables->closed[w];
        for (unsigned list = 0; list < CNS_LISTS; list++)
            set[w] |= cns_of_purposes(list) ? 0 : b->sets[list][w];
    }
    return set && vendors_of(out, b, set, b->notice->tables->vendors);
}

static uint32_t mask_of(const cns_limits *limits, unsigned type) {
    return type == 0 ? limits->disallow : type == 1 ? limits->consent : limits->li;
}

/* The restrictions of the configuration as records, by purpose and then type. */
static bool restrictions_of(cns_tc *tc, cns_base *b) {
    const cns_notice *n = b->notice;
    const cns_gvl *gvl = n->config->directory.gvl;
    const cns_value *list = n->tables->key.restrictions;
    if (!cns_is_array(list) || !list->len)
        return true;
    cns_limits *limits = cns_arena_zero(&b->arena, gvl->count, sizeof *limits);
    cns_word *named = cns_arena_zero(&b->arena, cns_words(gvl->count), sizeof *named);
    cns_tc_restriction *records =
        cns_arena_zero(&b->arena, 3 * (size_t)CNS_TCF_PURPOSES, sizeof *records);
    if (!limits || !named || !records)
        return false;
    cns_restrictions_read(limits, gvl->ids, gvl->count, list, named);
    for (uint32_t i = 0; i < 3 * CNS_TCF_PURPOSES; i++) {
        uint32_t purpose = i / 3, count = 0;
        for (uint32_t row = 0; row < gvl->count; row++)
            count += mask_of(&limits[row], i % 3) >> purpose & 1;
        runs all = {cns_arena_zero(&b->arena, count, sizeof(cns_id_run)), 0};
        if (!all.runs)
            return false;
        for (uint32_t row = 0; count && row < gvl->count; row++)
            if (mask_of(&limits[row], i % 3) >> purpose & 1)
                add_id(&all, gvl->ids[row]);
        if (count)
            records[tc->restriction_count++] =
                (cns_tc_restriction){(uint8_t)(purpose + 1), (uint8_t)(i % 3), all.count, all.runs};
    }
    tc->restrictions = records;
    return true;
}

/* Two letters as codes; `otherwise` where there are none. */
static void letters(uint8_t out[2], const char *text, size_t len, const char otherwise[2]) {
    bool good = len >= 2 && cns_is_alpha(text[0]) && cns_is_alpha(text[1]);
    for (unsigned i = 0; i < 2; i++)
        out[i] = (uint8_t)(cns_upper(good ? text[i] : otherwise[i]) - 'A');
}

static uint64_t midnight(cns_when now) {
    return now < 0 ? 0 : (uint64_t)(now / (CNS_SECOND / 10)) / DAY_TENTHS * DAY_TENTHS;
}

static cns_code write_string(char **text, size_t *len, cns_base *b, cns_error *err) {
    static const uint8_t segments[] = {CNS_TC_CORE, CNS_TC_DISCLOSED, CNS_TC_PUBLISHER};
    const cns_notice *n = b->notice;
    const cns_gvl *gvl = n->config->directory.gvl;
    const cns_value *language = CNS_AT(CNS_AT(n->effective, "languages"), "default");
    cns_tc tc = {.cmp_id = (uint16_t)n->strings.cmp,
                 .cmp_version = CMP_VERSION,
                 .consent_screen = FIRST_SCREEN,
                 .vendor_list_version = (uint16_t)(gvl->about.version & 0xFFF),
                 .service_specific = true,
                 .has_disclosed = true,
                 .has_publisher = true,
                 .segments = segments,
                 .segment_count = 3};
    int64_t policy = gvl->about.policy;
    tc.policy_version = policy < 0 || policy > 63 ? CNS_POLICY_OF_2_2 : (uint8_t)policy;
    tc.created = tc.last_updated = midnight(b->now);
    letters(tc.language, cns_is_string(language) ? language->u.text : "",
            cns_is_string(language) ? language->len : 0, "EN");
    letters(tc.country, n->publisher, strlen(n->publisher), "AA");
    tc.purposes = (uint32_t)(b->sets[CNS_PURPOSES_ON][0] & CNS_TCF_MASK);
    tc.purposes_li = (uint32_t)(b->sets[CNS_PURPOSES_LI_ON][0] & CNS_TCF_MASK) & ~NEVER_ON_LI;
    tc.special_features =
        (uint32_t)(b->sets[CNS_PURPOSES_ON][0] >> CNS_TCF_PURPOSES) & ((1u << FEATURES) - 1);
    tc.publisher_purposes = tc.purposes;
    tc.publisher_purposes_li = tc.purposes_li;
    if (!vendors_of(&tc.vendors, b, b->sets[CNS_VENDORS_ON], n->tables->vendors_consent) ||
        !vendors_of(&tc.vendors_li, b, b->sets[CNS_VENDORS_LI_ON], n->tables->vendors_li) ||
        !disclosed_of(&tc.disclosed, b) || !restrictions_of(&tc, b))
        return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "memory ran out while writing the string");
    return cns_tc_write(text, len, &tc, b->alloc, err);
}

cns_code cns_base_settle_tc(cns_tc_fate *fate, char **text, size_t *len, cns_base *b,
                            cns_error *err) {
    const cns_status *s = b->status;
    *text = NULL;
    *len = 0;
    *fate = CNS_TC_STAYS;
    if (b->notice->group != CNS_OPT_IN) {
        /* the new token, which is gdpr's too, must not bring back a string that is void there */
        *fate = b->notice->group == CNS_NO_LAW && !b->counts ? CNS_TC_GOES : CNS_TC_STAYS;
        return CNS_OK;
    }
    bool stays = b->tc && unchanged(b);
    bool writes = !stays && cns_writes_tc(b->notice) && any_vendor(b);
    /* one that a void token has made void must not come back with a new token; nor must one
     * that cannot be used keep the new one from counting */
    bool useless = s->tc_state == CNS_TC_VOID || s->tc_state == CNS_TC_UNREADABLE ||
                   s->tc_state == CNS_TC_UNMET;
    if (!stays && (b->tc || useless))
        *fate = CNS_TC_GOES;
    if (writes) {
        *fate = CNS_TC_IS_WRITTEN;
        cns_code code = write_string(text, len, b, err);
        if (code != CNS_OK)
            return code;
    }
    leave_out(b, stays || writes, b->tc || writes);
    return CNS_OK;
}
