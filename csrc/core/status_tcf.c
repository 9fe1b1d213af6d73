/* status_tcf.c - what a TC string says in place of the token: about vendors of the Global Vendor
 * List and purposes of the framework (R12). */
#include "config.h"
#include "reading.h"

/* ------------------------------------------------------------------- opening */

static void *resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    cns_reading_room *room = ctx;
    if (ptr == room->bytes)
        return NULL; /* given back: blocks of strings never grow */
    if (!ptr && !room->taken && new_size <= sizeof room->bytes) {
        room->taken = true;
        return room->bytes;
    }
    return room->behind.resize(room->behind.ctx, ptr, old_size, new_size);
}

/* The string, or NULL where it cannot be read or is none of ours; *counts: it is valid and
 * accepted. With another one beside it a lenient reading will do, for what it refuses. */
static cns_tc *open_string(cns_reading *r, cns_text text, bool beside, bool *counts) {
    const cns_strings *strings = &r->notice->strings;
    cns_tc *tc = NULL;
    cns_code code = CNS_E_DECODE;
    cns_alloc alloc = {resize, &r->room_of_tc};
    if (text.len <= CNS_MAX_VALUE)
        code = cns_tc_new(&tc, text.text, text.len, true, alloc, NULL);
    if (code == CNS_E_DECODE && beside && text.len <= CNS_MAX_VALUE)
        code = cns_tc_new(&tc, text.text, text.len, false, alloc, NULL);
    if (code == CNS_E_NOMEM)
        r->no_memory = true;
    *counts = false;
    if (code != CNS_OK || (!tc->exact && cns_strings_take_cmp(strings, tc->cmp_id))) {
        cns_find(&r->findings, "tc_unreadable", CNS_NO_OFFSET);
        r->tc_state = CNS_TC_UNREADABLE;
    } else if (!cns_strings_take_cmp(strings, tc->cmp_id)) {
        cns_find(&r->findings, "tc_foreign_cmp", CNS_NO_OFFSET);
        r->tc_state = r->tc_state ? r->tc_state : CNS_TC_FOREIGN;
        cns_tc_free(tc);
        return NULL;
    } else if (cns_tc_fault(tc, &strings->demands)) {
        cns_find(&r->findings, "tc_not_accepted", CNS_NO_OFFSET);
        r->tc_state = CNS_TC_UNMET;
    } else {
        *counts = true;
    }
    return tc;
}

static bool exempt(const cns_tc *tc, const cns_tc_demands *demands) {
    for (size_t i = 0; tc->purpose_one_treatment && i < demands->exempt_count; i++)
        if (demands->exempt[i][0] == 'A' + tc->country[0] &&
            demands->exempt[i][1] == 'A' + tc->country[1])
            return true;
    return false;
}

static cns_word purposes_on(const cns_reading *r, const cns_tc *tc) {
    return (tc->purposes | exempt(tc, &r->notice->strings.demands)) & CNS_TCF_MASK;
}

/* Never for purpose 1, nor since policy 4 for 3 to 6. */
static cns_word purposes_li_on(const cns_tc *tc) {
    const cns_word never = tc->policy_version >= CNS_POLICY_OF_2_2 ? 0x3D : 0x01;
    return tc->purposes_li & CNS_TCF_MASK & ~never;
}

/* Before policy 4 there was no purpose 11, so nobody can have refused it. */
static cns_word purposes_known(const cns_tc *tc) {
    return tc->policy_version >= CNS_POLICY_OF_2_2 ? CNS_TCF_MASK : CNS_TCF_MASK >> 1;
}

void cns_reading_open_tc(cns_reading *r, const cns_visit *visit) {
    cns_kept_tc *kept = &r->tc;
    r->room_of_tc.behind = r->alloc;
    r->room_of_tc.taken = false;
    size_t sent = visit->tc.count < CNS_MAX_SAME_NAME ? visit->tc.count : CNS_MAX_SAME_NAME;
    kept->same = visit->tc.count <= CNS_MAX_SAME_NAME;
    if (visit->tc.count > 1)
        cns_find(&r->findings, "several_tc_strings", CNS_NO_OFFSET);
    if (visit->cut)
        r->tc_state = CNS_TC_UNREADABLE; /* one may stand behind the cut */
    if (visit->tc.not_text) {
        cns_find(&r->findings, "tc_unreadable", CNS_NO_OFFSET);
        r->tc_state = CNS_TC_UNREADABLE;
    }
    for (size_t i = 0; i < sent && !r->no_memory; i++) {
        cns_text text = cns_unquoted(visit->tc.values[i]);
        bool counts;
        cns_tc *tc = open_string(r, text, visit->tc.count > 1, &counts);
        if (!tc)
            continue;
        if (!kept->count)
            kept->text = text;
        kept->same &=
            text.len == kept->text.len && memcmp(text.text, kept->text.text, text.len) == 0;
        unsigned bit = 1u << kept->count;
        if (counts && (purposes_on(r, tc) || cns_idset_last(&tc->vendors)))
            kept->on |= bit;
        if ((purposes_known(tc) & ~purposes_on(r, tc)) || tc->vendors.max)
            kept->off |= bit;
        kept->counts |= counts ? bit : 0;
        kept->restrictions |= tc->restriction_count > 0;
        kept->cookie[kept->count] = (uint8_t)i;
        kept->tc[kept->count++] = tc;
    }
    if (kept->counts)
        r->tc_state = CNS_TC_READ;
}

/* -------------------------------------------------------------------- taking */

/* Sets by number in the list: what the strings come to, then one string's own. */
enum { ON, OFF, LI_ON, LI_OFF, LIMITED, OWN_ON, OWN_KNOWN, RUNS, DENSE };

size_t cns_reading_tc_words(const cns_reading *r) {
    const cns_notice *n = r->notice;
    return r->tc.counts
               ? DENSE * (size_t)n->config->ids.numbers.words + 2 * (size_t)n->tables->vendor_words
               : 0;
}

/* What a string has an answer for: its segment of disclosed vendors says so, or without one the
 * larger of its two highest ids. */
static void known_vendors(cns_word *known, const cns_numbers *numbers, const cns_tc *tc) {
    if (tc->has_disclosed) {
        cns_listed_dense(known, numbers, &tc->disclosed);
        return;
    }
    uint32_t max = tc->vendors.max > tc->vendors_li.max ? tc->vendors.max : tc->vendors_li.max;
    cns_id_run run = {1, (uint16_t)max};
    cns_id_set all = cns_idset_of_runs(&run, max > 0);
    cns_listed_dense(known, numbers, &all);
}

/* Several strings (R8): on where all that count say so, off where any does. */
static void combine(cns_word *on, cns_word *off, const cns_word *own, const cns_word *known,
                    uint32_t words, bool counts) {
    for (uint32_t w = 0; w < words; w++) {
        on[w] &= counts ? own[w] : ~(cns_word)0;
        off[w] |= known[w] & ~own[w];
    }
}

/* Vendors that a restriction of the string keeps from what they do here: a purpose that they may
 * not use, or not on this basis. */
static void limit(cns_word *limited, cns_word *runs, const cns_notice *n, const cns_tc *tc) {
    const cns_ids *ids = &n->config->ids;
    uint32_t words = ids->numbers.words;
    for (uint32_t i = 0; i < tc->restriction_count; i++) {
        const cns_tc_restriction *restriction = &tc->restrictions[i];
        if (restriction->purpose > CNS_TCF_PURPOSES)
            continue;
        cns_id_set set = cns_idset_of_runs(restriction->runs, restriction->run_count);
        const cns_word *consent = cns_uses(n->tables, ids, restriction->purpose - 1u, false);
        const cns_word *li = cns_uses(n->tables, ids, restriction->purpose - 1u, true);
        cns_listed_dense(runs, &ids->numbers, &set);
        for (uint32_t w = 0; w < words; w++)
            limited[w] |= runs[w] & ((restriction->type != 1 ? consent[w] : 0) |
                                     (restriction->type != 2 ? li[w] : 0));
    }
}

/* The vendors of a dense set that the notice has from the list. */
static void spread(cns_word *vendors, const cns_notice *n, const cns_word *dense) {
    const cns_tables *t = n->tables;
    memset(vendors, 0, t->vendor_words * sizeof *vendors);
    cns_listed_spread(vendors, &n->config->ids.numbers, dense);
    for (uint32_t w = 0; w < t->vendor_words; w++)
        vendors[w] &= t->listed[w];
}

static void put(cns_status *s, unsigned list, const cns_word *dense, cns_word *vendors) {
    spread(vendors, s->notice, dense);
    for (uint32_t w = 0; w < s->notice->tables->vendor_words; w++)
        s->stored[list][w] |= vendors[w];
}

static void read_own(cns_word *const *dense, const cns_reading *r, const cns_tc *tc, bool li) {
    const cns_notice *n = r->notice;
    const cns_numbers *numbers = &n->config->ids.numbers;
    cns_listed_dense(dense[OWN_ON], numbers, li ? &tc->vendors_li : &tc->vendors);
    if (tc->has_disclosed && n->strings.demands.vendor_disclosed)
        for (uint32_t w = 0; w < numbers->words; w++)
            dense[OWN_ON][w] &= dense[OWN_KNOWN][w];
}

/* Nearly always there is one string: what it does not enable and knows, it refuses. */
static void take_one(cns_status *s, const cns_reading *r, const cns_tc *tc, cns_word *const *dense,
                     cns_word *vendors) {
    const cns_tables *t = s->notice->tables;
    const cns_word *known = t->listed;
    known_vendors(dense[OWN_KNOWN], &s->notice->config->ids.numbers, tc);
    if (!cns_listed_covers(&s->notice->config->ids.numbers, dense[OWN_KNOWN])) {
        spread(vendors, s->notice, dense[OWN_KNOWN]);
        known = vendors;
    }
    for (unsigned li = 0; li < 2; li++) {
        cns_word *own = vendors + t->vendor_words;
        unsigned on = li ? CNS_VENDORS_LI_ON : CNS_VENDORS_ON;
        read_own(dense, r, tc, li);
        spread(own, s->notice, dense[OWN_ON]);
        for (uint32_t w = 0; w < t->vendor_words; w++) {
            s->stored[on][w] |= own[w];
            s->stored[on + 1][w] |= known[w] & ~own[w];
        }
    }
    if (tc->restriction_count)
        limit(dense[LIMITED], dense[RUNS], s->notice, tc);
}

static void take_several(cns_status *s, const cns_reading *r, cns_word *const *dense,
                         cns_word *vendors) {
    const cns_notice *n = s->notice;
    uint32_t words = n->config->ids.numbers.words;
    memset(dense[ON], 0xFF, words * sizeof(cns_word));
    memset(dense[LI_ON], 0xFF, words * sizeof(cns_word));
    memset(dense[OFF], 0, words * sizeof(cns_word));
    memset(dense[LI_OFF], 0, words * sizeof(cns_word));
    for (size_t i = 0; i < r->tc.count; i++) {
        const cns_tc *tc = r->tc.tc[i];
        known_vendors(dense[OWN_KNOWN], &n->config->ids.numbers, tc);
        for (unsigned li = 0; li < 2; li++) {
            read_own(dense, r, tc, li);
            combine(dense[li ? LI_ON : ON], dense[li ? LI_OFF : OFF], dense[OWN_ON],
                    dense[OWN_KNOWN], words, r->tc.counts >> i & 1);
        }
        if (tc->restriction_count)
            limit(dense[LIMITED], dense[RUNS], n, tc);
    }
    for (uint32_t w = 0; w < words; w++) {
        dense[ON][w] &= ~dense[OFF][w];
        dense[LI_ON][w] &= ~dense[LI_OFF][w];
    }
    put(s, CNS_VENDORS_ON, dense[ON], vendors);
    put(s, CNS_VENDORS_OFF, dense[OFF], vendors);
    put(s, CNS_VENDORS_LI_ON, dense[LI_ON], vendors);
    put(s, CNS_VENDORS_LI_OFF, dense[LI_OFF], vendors);
}

static void take_vendors(cns_status *s, const cns_reading *r, cns_word *scratch) {
    const cns_numbers *numbers = &s->notice->config->ids.numbers;
    cns_word *dense[DENSE];
    for (unsigned i = 0; i < DENSE; i++)
        dense[i] = scratch + (size_t)i * numbers->words;
    cns_word *vendors = scratch + (size_t)DENSE * numbers->words;
    memset(dense[LIMITED], 0, numbers->words * sizeof(cns_word));
    if (r->tc.count == 1)
        take_one(s, r, r->tc.tc[0], dense, vendors);
    else
        take_several(s, r, dense, vendors);
    if (s->restricted)
        cns_listed_spread(s->restricted, numbers, dense[LIMITED]);
}

static void take_purposes(cns_status *s, const cns_reading *r) {
    cns_word on = CNS_TCF_MASK, li_on = CNS_TCF_MASK, off = 0, li_off = 0;
    for (size_t i = 0; i < r->tc.count; i++) {
        const cns_tc *tc = r->tc.tc[i];
        cns_word known = purposes_known(tc);
        bool counts = r->tc.counts >> i & 1;
        on &= counts ? purposes_on(r, tc) : CNS_TCF_MASK;
        off |= known & ~purposes_on(r, tc);
        li_on &= counts ? purposes_li_on(tc) : CNS_TCF_MASK;
        li_off |= known & ~purposes_li_on(tc);
    }
    /* the token's say on them is gone */
    s->stored[CNS_PURPOSES_ON][0] |= on & ~off;
    s->stored[CNS_PURPOSES_OFF][0] |= off;
    s->stored[CNS_PURPOSES_LI_ON][0] |= li_on & ~li_off;
    s->stored[CNS_PURPOSES_LI_OFF][0] |= li_off;
}

void cns_reading_take_tc(cns_status *s, const cns_reading *r, cns_word *scratch) {
    for (size_t i = 0; i < r->tc.count; i++)
        if (r->tc.counts >> i & 1)
            s->tc_counting = (uint8_t)(s->tc_counting | 1u << r->tc.cookie[i]);
    if (s->notice->tables->any_listed)
        take_vendors(s, r, scratch);
    take_purposes(s, r);
}
