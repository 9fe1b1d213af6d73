/* would_allow.c - the fewest choices of a visitor that open a gate.
 *
 * What a gate lacks is read from the sets of the same visit as an answer would find it:
 * settled (R5 resets nothing then) and without Global Privacy Control, beside which every
 * purpose takes a choice. Each id that is lacking takes one choice. Then the
 * choices are made in earnest, and only if the gate is open afterwards they are told.
 */
#include "config.h"
#include "error.h"
#include "status.h"

typedef struct lack {
    cns_word *all, *li; /* masks of purposes: to be chosen on every basis, on LI alone */
    cns_word *any;      /* purposes of the gate that can be refused */
    bool vendor, vendor_li;
    bool signal; /* Global Privacy Control refuses what no choice of the visitor's names (R11) */
} lack;

typedef struct attempt {
    const cns_status *status;
    const cns_visit *visit;
    const cns_gate *gate;
    bool unstored;
    cns_choice *choices;
    size_t count;
    cns_alloc alloc;
} attempt;

/* ---------------------------------------------------------------- what lacks */

/* Without a law a refusal on either basis counts (R3), also on one that the id does not use;
 * a choice for every basis takes both back. */
static void lack_of(bool *all, bool *li, bool off, bool off_li) {
    *all = off;
    *li = off_li && !off;
}

static void mark(cns_word *mask, uint32_t bit, bool on) {
    if (on)
        cns_add_bit(mask, bit);
}

static void look_at_purpose(lack *l, const cns_status *s, uint32_t purpose, bool consent, bool li) {
    const cns_tables *t = s->notice->tables;
    bool all = false, only_li = false;
    if (cns_has(s->notice->asked->essential, purpose) || !cns_has(t->purposes, purpose))
        return; /* nobody can choose it: whether that matters is seen in the end */
    cns_add_bit(l->any, purpose);
    if (s->group == CNS_OPT_IN) {
        all = consent && !cns_has(s->purposes, purpose);
        only_li = li && !cns_has(s->purposes_li, purpose);
    } else if (s->group == CNS_OPT_OUT) {
        all = l->signal || !cns_has(s->purposes_li, purpose); /* there is one basis (R10) */
    } else if (!cns_has(s->purposes_li, purpose)) {
        lack_of(&all, &only_li, s->unreadable || cns_has(s->stored[CNS_PURPOSES_OFF], purpose),
                cns_has(s->stored[CNS_PURPOSES_LI_OFF], purpose));
    }
    mark(l->all, purpose, all);
    mark(l->li, purpose, only_li);
}

static void look_at_vendor(lack *l, const cns_status *s, uint32_t vendor) {
    const cns_tables *t = s->notice->tables;
    bool uses_li = cns_has(t->vendors_li, vendor);
    const cns_word *consent = cns_vendor_mask(t, t->consent, vendor);
    const cns_word *li = cns_vendor_mask(t, t->li, vendor);
    for (uint32_t p = 0; p < s->notice->config->ids.purpose_count; p++)
        if (cns_has(consent, p) || cns_has(li, p))
            look_at_purpose(l, s, p, cns_has(consent, p), cns_has(li, p));
    if (cns_has(s->notice->asked->essential_only, vendor))
        return;
    if (s->group == CNS_OPT_IN) {
        l->vendor = cns_has(t->vendors_consent, vendor) && !cns_has(s->vendors, vendor);
        l->vendor_li = uses_li && !cns_has(s->vendors_li, vendor);
    } else if (s->group == CNS_OPT_OUT) {
        l->vendor = !cns_has(s->vendors_li, vendor);
    } else if (!cns_has(s->vendors_li, vendor)) {
        lack_of(&l->vendor, &l->vendor_li,
                s->unreadable || cns_has(s->stored[CNS_VENDORS_OFF], vendor),
                cns_has(s->stored[CNS_VENDORS_LI_OFF], vendor));
    }
}

/* -------------------------------------------------------------------- choices */

static void choose(attempt *a, uint32_t number, bool vendor, bool li_only) {
    a->choices[a->count++] = (cns_choice){number, vendor, li_only, true};
}

/* In the order of the arguments of Status.set(): purposes, vendors, purposes_li, vendors_li.
 * A choice for every basis needs none for legitimate interest, where the id uses it. */
static void choose_what_lacks(attempt *a, const lack *l) {
    const cns_status *s = a->status;
    uint32_t count = s->notice->config->ids.purpose_count, vendor = a->gate->vendor;
    for (uint32_t p = 0; p < count; p++)
        if (cns_has(l->all, p))
            choose(a, p, false, false);
    if (l->vendor)
        choose(a, vendor, true, false);
    for (uint32_t p = 0; p < count; p++)
        if (cns_has(l->li, p) && !cns_has(l->all, p))
            choose(a, p, false, true);
    if (l->vendor_li && !l->vendor)
        choose(a, vendor, true, true);
}

/* Makes the choices as Status.set() does: is the gate open afterwards? */
static cns_code try_choices(bool *open, const attempt *a) {
    const cns_notice *n = a->status->notice;
    cns_answer answer = {
        .kind = CNS_SET, .choices = a->choices, .count = a->count, .unstored = a->unstored};
    cns_visit visit = *a->visit;
    cns_text values[2];
    cns_written written;
    *open = false;
    cns_code code = cns_answer_write(&written, n, &visit, &answer, a->alloc, NULL);
    if (code != CNS_OK)
        return code == CNS_E_NOMEM ? code : CNS_OK; /* an id that cannot be chosen */
    cns_written_visit(&visit, &written, values);
    cns_status *after = NULL;
    code = cns_status_new(&after, n, &visit, a->alloc, NULL);
    cns_written_release(&written, a->alloc);
    if (code == CNS_OK)
        *open = cns_status_allows(after, a->gate);
    cns_status_free(after);
    return code;
}

/* Nothing of the gate is refused: any choice may be enough, so that the visitor has made
 * one. The first that is. */
static cns_code try_any(bool *open, attempt *a, const lack *l) {
    cns_code code = CNS_OK;
    uint32_t count = a->status->notice->config->ids.purpose_count;
    for (uint32_t p = 0; p <= count && code == CNS_OK && !*open; p++) {
        a->count = 0;
        if (p < count ? cns_has(l->any, p) : a->gate->has_vendor)
            choose(a, p < count ? p : a->gate->vendor, p == count, false);
        if (a->count)
            code = try_choices(open, a);
    }
    return code;
}

/* ------------------------------------------------------------------- together */

/* Can every id of the gate be chosen at all? */
static bool answerable(const cns_status *s, const cns_gate *gate) {
    const cns_tables *t = s->notice->tables;
    if (gate->has_vendor && (gate->vendor == CNS_NO_ID || !cns_has(t->vendors, gate->vendor)))
        return false;
    for (uint32_t i = 0; i < gate->purpose_count; i++)
        if (gate->purposes[i] == CNS_NO_ID || !cns_has(t->purposes, gate->purposes[i]))
            return false;
    return gate->has_vendor || gate->purpose_count;
}

static cns_code find_choices(bool *open, attempt *a, const lack *zeroed) {
    lack l = *zeroed;
    cns_visit visit = *a->visit;
    cns_status *settled = NULL;
    visit.settled = true;
    visit.gpc = false;
    visit.before = NULL;
    cns_code code = cns_status_new(&settled, a->status->notice, &visit, a->alloc, NULL);
    if (code != CNS_OK)
        return code;
    if (a->gate->has_vendor)
        look_at_vendor(&l, settled, a->gate->vendor);
    for (uint32_t i = 0; i < a->gate->purpose_count; i++) {
        uint32_t purpose = a->gate->purposes[i];
        look_at_purpose(&l, settled, purpose, true,
                        cns_has(settled->notice->tables->on_li, purpose));
    }
    cns_status_free(settled);
    choose_what_lacks(a, &l);
    code = try_choices(open, a);
    return code == CNS_OK && !*open && a->count == 0 ? try_any(open, a, &l) : code;
}

cns_code cns_status_would_allow(bool *possible, const cns_status *s, const cns_visit *visit,
                                bool unstored, const cns_gate *gate, cns_choice_fn each, void *ctx,
                                cns_alloc alloc) {
    *possible = false;
    if (cns_status_allows(s, gate) || !answerable(s, gate))
        return CNS_OK;
    size_t words = s->notice->tables->purpose_words;
    /* each purpose, and the vendor, at most once for every basis and once for LI */
    size_t most = 2 * ((size_t)s->notice->config->ids.purpose_count + 1);
    cns_word *masks = cns_get(alloc, 3 * words * sizeof *masks);
    cns_choice *choices = cns_get(alloc, most * sizeof *choices);
    cns_code code = CNS_E_NOMEM;
    if (masks && choices) {
        memset(masks, 0, 3 * words * sizeof *masks);
        lack l = {masks, masks + words, masks + 2 * words, false, false, s->gpc};
        attempt a = {s, visit, gate, unstored, choices, 0, alloc};
        code = find_choices(possible, &a, &l);
        for (size_t i = 0; code == CNS_OK && *possible && i < a.count; i++)
            each(ctx, &choices[i]);
    }
    if (masks)
        cns_drop(alloc, masks, 3 * words * sizeof *masks);
    if (choices)
        cns_drop(alloc, choices, most * sizeof *choices);
    return code;
}
