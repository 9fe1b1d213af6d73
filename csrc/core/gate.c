/* gate.c - the questions that a status answers. */
#include "status.h"

#include "config.h"

/* ------------------------------------------------------------------- gates */

/* Rule R1, the vendor's half: enabled on every basis that it uses, with every
 * purpose that it uses. */
bool cns_status_vendor_enabled(const cns_status *s, uint32_t vendor) {
    if (vendor == CNS_NO_ID || !cns_has(s->open_vendors, vendor))
        return false;
    const cns_tables *t = s->notice->tables;
    uint32_t pw = t->purpose_words;
    const cns_word *consent = cns_vendor_mask(t, t->consent, vendor),
                   *li = cns_vendor_mask(t, t->li, vendor);
    for (uint32_t w = 0; w < pw; w++)
        if ((consent[w] & ~s->purposes[w]) | (li[w] & ~s->purposes_li[w]))
            return false;
    return true;
}

bool cns_status_allows(const cns_status *s, const cns_gate *gate) {
    if (gate->has_vendor && !cns_status_vendor_enabled(s, gate->vendor))
        return false;
    for (uint32_t i = 0; i < gate->purpose_count; i++)
        if (gate->purposes[i] == CNS_NO_ID || !cns_has(s->open_purposes, gate->purposes[i]))
            return false;
    return gate->has_vendor || gate->purpose_count > 0;
}

uint64_t cns_gate_fingerprint(uint64_t h, const cns_gate *gate) {
    h = cns_hash_step(h, (uint64_t)gate->has_vendor << 32 | (gate->has_vendor ? gate->vendor : 0));
    for (uint32_t i = 0; i < gate->purpose_count; i++)
        h = cns_hash_step(h, gate->purposes[i]);
    return cns_hash_step(h, gate->purpose_count);
}

bool cns_status_purpose_enabled(const cns_status *s, uint32_t purpose) {
    const cns_tables *t = s->notice->tables;
    return purpose != CNS_NO_ID && cns_has(t->purposes, purpose) &&
           (!cns_has(t->on_consent, purpose) || cns_has(s->purposes, purpose)) &&
           (!cns_has(t->on_li, purpose) || cns_has(s->purposes_li, purpose));
}

/* -------------------------------------------------------------- tri-states */

static cns_tri tri(const cns_word *on, const cns_word *off, uint32_t bit) {
    return cns_has(on, bit) ? CNS_YES : cns_has(off, bit) ? CNS_NO : CNS_UNKNOWN;
}

static bool opt_out(const cns_status *s) {
    return cns_notice_group(s->notice) == CNS_OPT_OUT;
}

static cns_tri raw_vendor(const cns_status *s, uint32_t vendor, cns_basis basis) {
    if (vendor == CNS_NO_ID || !cns_has(s->notice->tables->vendors, vendor))
        return CNS_UNKNOWN;
    if (opt_out(s)) {
        if (basis == CNS_CONSENT)
            return CNS_UNKNOWN;
        return cns_has(s->vendors_li, vendor) || cns_has(s->notice->asked->essential_only, vendor)
                   ? CNS_YES
                   : CNS_NO;
    }
    if (s->notice->underage)
        return cns_has(s->notice->asked->essential_only, vendor) ? CNS_YES : CNS_NO;
    return basis == CNS_CONSENT
               ? tri(s->stored[CNS_VENDORS_ON], s->stored[CNS_VENDORS_OFF], vendor)
               : tri(s->stored[CNS_VENDORS_LI_ON], s->stored[CNS_VENDORS_LI_OFF], vendor);
}

cns_tri cns_status_purpose(const cns_status *s, uint32_t purpose, cns_basis basis) {
    if (purpose == CNS_NO_ID || !cns_has(s->notice->tables->purposes, purpose))
        return CNS_UNKNOWN;
    if (opt_out(s)) {
        if (basis == CNS_CONSENT)
            return CNS_UNKNOWN;
        return cns_has(s->purposes_li, purpose) ? CNS_YES : CNS_NO;
    }
    if (cns_has(s->notice->asked->essential, purpose))
        return CNS_YES;
    if (s->notice->underage)
        return CNS_NO;
    return basis == CNS_CONSENT
               ? tri(s->stored[CNS_PURPOSES_ON], s->stored[CNS_PURPOSES_OFF], purpose)
               : tri(s->stored[CNS_PURPOSES_LI_ON], s->stored[CNS_PURPOSES_LI_OFF], purpose);
}

/* Are all purposes of the mask stored as enabled, or essential? */
static bool purposes_stored(const cns_status *s, const cns_word *mask, const cns_word *on) {
    for (uint32_t w = 0; w < s->notice->tables->purpose_words; w++)
        if (mask[w] & ~(on[w] | s->notice->asked->essential[w]))
            return false;
    return true;
}

cns_tri cns_status_vendor(const cns_status *s, uint32_t vendor, cns_basis basis,
                          bool with_purposes) {
    const cns_tables *t = s->notice->tables;
    if (!with_purposes || vendor == CNS_NO_ID || !cns_has(t->vendors, vendor))
        return raw_vendor(s, vendor, basis);
    if (opt_out(s)) {
        if (raw_vendor(s, vendor, basis) == CNS_UNKNOWN)
            return CNS_UNKNOWN;
        return cns_status_vendor_enabled(s, vendor) ? CNS_YES : CNS_NO;
    }
    if (cns_has(s->notice->asked->essential_only, vendor))
        return CNS_YES;
    if (cns_has(t->closed, vendor)) /* none of its purposes can be enabled (R15) */
        return raw_vendor(s, vendor, basis) == CNS_UNKNOWN ? CNS_UNKNOWN : CNS_NO;
    const cns_word *consent = cns_vendor_mask(t, t->consent, vendor);
    const cns_word *li = cns_vendor_mask(t, t->li, vendor);
    cns_tri on_consent = raw_vendor(s, vendor, CNS_CONSENT),
            on_li = raw_vendor(s, vendor, CNS_LEGITIMATE_INTEREST);
    if (basis == CNS_LEGITIMATE_INTEREST) {
        if (on_li == CNS_UNKNOWN)
            return CNS_UNKNOWN;
        return on_li == CNS_YES && purposes_stored(s, li, s->stored[CNS_PURPOSES_LI_ON]) ? CNS_YES
                                                                                         : CNS_NO;
    }
    if (on_consent == CNS_UNKNOWN && on_li == CNS_UNKNOWN)
        return CNS_UNKNOWN;
    bool enabled = on_consent == CNS_YES || on_li == CNS_YES;
    return enabled && purposes_stored(s, consent, s->stored[CNS_PURPOSES_ON]) ? CNS_YES : CNS_NO;
}

cns_tri cns_status_pair(const cns_status *s, uint32_t purpose, uint32_t vendor) {
    cns_tri of_purpose = cns_status_purpose(s, purpose, CNS_CONSENT);
    cns_tri of_vendor = raw_vendor(s, vendor, CNS_CONSENT);
    if (of_purpose == CNS_UNKNOWN || of_vendor == CNS_UNKNOWN)
        return CNS_UNKNOWN;
    return of_purpose == CNS_YES && of_vendor == CNS_YES ? CNS_YES : CNS_NO;
}

/* -------------------------------------------------------------- the rest */

cns_collect cns_status_collect(const cns_status *s, bool *should) {
    if (should)
        *should = s->should_collect;
    return s->collect;
}

const char *cns_collect_text(cns_collect collect) {
    static const char *const texts[] = {
        "not-required",   "bot",       "opt-out",  "expired",       "denied-expired",
        "ignored-before", "no-choice", "complete", "within-window", "new-vendor"};
    return texts[collect];
}

bool cns_status_partial(const cns_status *s) {
    return s->partial;
}

bool cns_status_is_bot(const cns_status *s) {
    return s->bot;
}

cns_text cns_status_user_id(const cns_status *s) {
    return s->user_id;
}

cns_text cns_status_created_text(const cns_status *s) {
    return s->created_text;
}

cns_text cns_status_updated_text(const cns_status *s) {
    return s->updated_text;
}

static bool date(cns_when when, int64_t *micros) {
    *micros = when;
    return when != CNS_NEVER;
}

bool cns_status_created(const cns_status *s, int64_t *micros) {
    return date(s->created, micros);
}

bool cns_status_updated(const cns_status *s, int64_t *micros) {
    return date(s->updated, micros);
}

bool cns_status_expires(const cns_status *s, int64_t *micros) {
    return date(s->expires, micros);
}
