/* notice.c - everything of a notice that is not a list (docs/didomi.md, Configuration). */
#include "config.h"
#include "notice.h"

#include <math.h>

/* A number above zero, or `otherwise`: what is of the wrong type is ignored. */
static double positive(const cns_value *value, double otherwise) {
    double number = cns_is_number(value) ? cns_value_real(value) : 0;
    return number > 0 && isfinite(number) ? number : otherwise;
}

static bool option_is(const cns_value *options, const char *name, cns_span text) {
    return cns_is_text(cns_value_get(options, name, strlen(name)), text);
}

static void read_options(struct cns_notice *n) {
    const cns_value *own = CNS_AT(n->effective, "consentpy");
    const cns_span respect = {"respect", 7}, keep = {"keep", 4}, reset = {"reset", 5},
                   off = {"off", 3}, unless = {"unless_explicit", 15};
    n->respect_refusal = option_is(own, "storedRefusalWithoutRegulation", respect);
    n->keep_ignored = option_is(own, "ignoreBefore", keep);
    n->reset_on_recollect = option_is(own, "recollect", reset);
    n->gpc = option_is(own, "gpc", off)      ? CNS_GPC_OFF
             : option_is(own, "gpc", unless) ? CNS_GPC_UNLESS_EXPLICIT
                                             : CNS_GPC_ALWAYS;
    const cns_value *skew = CNS_AT(own, "clockSkewSeconds");
    double seconds =
        cns_is_number(skew) && cns_value_real(skew) >= 0 ? cns_value_real(skew) : 86400;
    n->skew = (int64_t)((seconds < 1e9 ? seconds : 1e9) * (double)CNS_SECOND);
}

static void read_durations(struct cns_notice *n, const cns_value *app) {
    n->consent_duration = positive(CNS_AT(app, "consentDuration"), 31622400);
    n->denied_duration = positive(CNS_AT(app, "deniedConsentDuration"), 0);
    if (n->denied_duration >= n->consent_duration)
        n->denied_duration = 0; /* the longer one never decides (R4) */
    const cns_value *days = CNS_AT(CNS_AT(n->effective, "notice"), "daysBeforeShowingAgain");
    n->days = cns_is_number(days) ? cns_value_real(days) : 0;
    const cns_value *user = CNS_AT(n->effective, "user");
    const cns_value *before = CNS_AT(user, "ignoreConsentBefore");
    n->ignore_before =
        cns_is_string(before) ? cns_when_parse(before->u.text, before->len) : CNS_NEVER;
    n->underage = cns_is(CNS_AT(user, "isUnderage"), CNS_TRUE);
    n->bots_exempt = cns_is(CNS_AT(CNS_AT(user, "bots"), "consentRequired"), CNS_FALSE);
    const cns_value *country = CNS_AT(app, "country");
    if (cns_is_string(country) && country->len == 2 && cns_is_alpha(country->u.text[0]) &&
        cns_is_alpha(country->u.text[1])) {
        n->publisher[0] = cns_upper(country->u.text[0]);
        n->publisher[1] = cns_upper(country->u.text[1]);
    }
}

/* Only custom purposes of this notice can be essential (R13). */
static void essential_mask(cns_word *mask, const cns_tables *t, const cns_ids *ids,
                           const cns_value *list) {
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++) {
        const cns_value *id = &list->u.items[i];
        uint32_t number = cns_is_string(id) ? cns_ids_purpose(ids, id->u.text, id->len) : CNS_NO_ID;
        if (number != CNS_NO_ID && cns_has(t->custom, number) && cns_has(t->purposes, number))
            cns_add_bit(mask, number);
    }
}

/* Vendors whose purposes are all essential, and who has to answer what. */
static void fill_asked(cns_asked *a, const cns_tables *t) {
    for (uint32_t i = 0; i < t->vendor_count; i++) {
        uint32_t vendor = t->vendor_order[i];
        const cns_word *consent = cns_vendor_mask(t, t->consent, vendor);
        const cns_word *li = cns_vendor_mask(t, t->li, vendor);
        cns_word other = 0;
        for (uint32_t w = 0; w < t->purpose_words; w++)
            other |= (consent[w] | li[w]) & ~a->essential[w];
        if (!other && !cns_has(t->closed, vendor))
            cns_add_bit(a->essential_only, vendor);
    }
    cns_word any = 0;
    for (uint32_t w = 0; w < t->purpose_words; w++) {
        a->purposes[w] = t->on_consent[w] & ~t->unused[w] & ~a->essential[w];
        a->purposes_li[w] = t->on_li[w] & ~a->essential[w];
        any |= a->purposes[w] | a->purposes_li[w];
    }
    for (uint32_t w = 0; w < t->vendor_words; w++) {
        a->vendors[w] = t->vendors_consent[w] & ~a->essential_only[w];
        a->vendors_li[w] = t->vendors_li[w] & ~a->essential_only[w];
        any |= a->vendors[w] | a->vendors_li[w];
    }
    a->nothing = any == 0;
}

/* The record for this set of essential purposes, made once for the tables. */
static const cns_asked *asked_of(cns_arena *arena, cns_tables *t, const cns_ids *ids,
                                 const cns_value *list) {
    size_t vw = t->vendor_words, pw = t->purpose_words;
    cns_word *mask = cns_arena_zero(arena, pw, sizeof *mask);
    if (!mask)
        return NULL;
    essential_mask(mask, t, ids, list);
    for (cns_asked *found = t->asked; found; found = found->next)
        if (memcmp(found->essential, mask, pw * sizeof *mask) == 0)
            return found;
    cns_asked *a = cns_arena_zero(arena, 1, sizeof *a);
    cns_word *sets = cns_arena_zero(arena, 3 * vw + 2 * pw, sizeof *sets);
    if (!a || !sets)
        return NULL;
    a->essential = mask;
    a->essential_only = sets;
    a->vendors = sets + vw;
    a->vendors_li = sets + 2 * vw;
    a->purposes = sets + 3 * vw;
    a->purposes_li = sets + 3 * vw + pw;
    fill_asked(a, t);
    a->next = t->asked;
    t->asked = a;
    return a;
}

bool cns_notice_compile(struct cns_notice *n, const cns_value *app, cns_arena *arena,
                        const cns_ids *ids) {
    n->asked = asked_of(arena, n->tables, ids, CNS_AT(app, "essentialPurposes"));
    if (!n->asked)
        return false;
    n->group = cns_regulation_group(n->applied.id);
    if (!cns_strings_read(&n->strings, arena, n->effective, &n->config->directory, n->applied.id))
        return false;
    n->cookie_len = cns_token_cookie_name(n->cookie, n->effective, n->applied.id);
    const cns_value *sources = CNS_AT(CNS_AT(n->effective, "cookies"), "storageSources");
    n->no_cookies = n->cookie_len == 0 || cns_is(CNS_AT(sources, "cookies"), CNS_FALSE);
    read_options(n);
    read_durations(n, app);
    return true;
}
