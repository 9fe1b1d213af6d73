/* explain.c - a verdict step by step.
 *
 * The steps are told from the same sets that decide: every step that fails closes
 * the gate, and a gate is open exactly when none fails.
 */
#include "config.h"
#include "status.h"

typedef struct teller {
    const cns_status *s;
    cns_step_fn step;
    void *ctx;
    bool open;
    const char *reason; /* of the first step that failed */
} teller;

static void tell(teller *t, const char *step, cns_text subject, const char *basis, const char *result,
                 const char *text, bool passed) {
    cns_step told = {step, subject, basis, result, text, passed};
    if (t->step)
        t->step(t->ctx, &told);
}

static void close_gate(teller *t, const char *reason) {
    if (t->open)
        t->reason = reason;
    t->open = false;
}

static void tell_law(teller *t) {
    const cns_notice *n = t->s->notice;
    cns_text law = {n->applied.id.text, n->applied.id.len};
    switch (n->group) {
    case CNS_OPT_IN:
        tell(t, "regulation", law, NULL, "opt-in", "an opt-in law applies: nothing runs before the visitor agrees",
             true);
        break;
    case CNS_OPT_OUT:
        tell(t, "regulation", law, NULL, "opt-out", "an opt-out law applies: everything runs until the visitor objects",
             true);
        break;
    case CNS_NO_LAW:
        tell(t, "regulation", law, NULL, "none", "no regulation applies: whatever is configured may run", true);
        break;
    }
    cns_text none = {NULL, 0};
    if (t->s->exempt_bot && n->group == CNS_OPT_IN)
        tell(t, "bot", none, NULL, "exempt", "the visitor is a bot that the configuration does not ask", true);
}

static void tell_cookie(teller *t) {
    const cns_status *s = t->s;
    cns_text name = {s->notice->cookie, s->notice->cookie_len}, none = {NULL, 0};
    if (s->unreadable && !s->any_token)
        tell(t, "cookie", name, NULL, "unreadable",
             s->group == CNS_OPT_OUT ? "the cookie cannot be read: everything that is not essential counts as refused"
                                     : "the cookie cannot be read: it counts as no answer",
             false);
    else if (!s->any_token)
        tell(t, "cookie", name, NULL, "absent", "the visitor sent no answer", s->group != CNS_OPT_IN);
    else if (s->voided == CNS_NOT_VOID && !s->any_choice)
        tell(t, "cookie", name, NULL, "empty", "the token holds no choice", s->group != CNS_OPT_IN);
    else
        tell(t, "cookie", name, NULL, "read", "the visitor's token was read", true);
    if (s->any_token && s->unreadable && s->group == CNS_OPT_OUT)
        tell(t, "cookie", name, NULL, "unreadable",
             "another cookie of this name cannot be read: everything that is not essential counts as refused", false);
    if (s->group == CNS_OPT_IN && s->any_token) {
        if (s->voided == CNS_EXPIRED)
            tell(t, "time", none, NULL, "expired", "the answer is older than app.consentDuration, or has no valid date",
                 false);
        else if (s->voided == CNS_DENIED_EXPIRED)
            tell(t, "time", none, NULL, "denied-expired",
                 "everything was refused longer ago than app.deniedConsentDuration", false);
        else if (s->voided == CNS_IGNORED)
            tell(t, "time", none, NULL, "ignored-before", "the answer is older than user.ignoreConsentBefore", false);
        else
            tell(t, "time", none, NULL, "valid", "the answer is recent enough to count", true);
    }
    if (s->gpc)
        tell(t, "gpc", none, NULL, "on", "the browser sent Sec-GPC: 1, which objects to everything not essential",
             false);
}

/* Why nothing counts, where that is so; otherwise `otherwise`. */
static const char *because(const cns_status *s, const char *otherwise) {
    if (s->group == CNS_OPT_OUT || s->group == CNS_NO_LAW)
        return s->gpc ? "gpc" : s->unreadable ? "unreadable" : otherwise;
    if (s->voided == CNS_EXPIRED)
        return "expired";
    if (s->voided == CNS_DENIED_EXPIRED)
        return "denied-expired";
    if (s->voided == CNS_IGNORED)
        return "ignored-before";
    if (!s->any_choice)
        return s->unreadable && !s->any_token ? "unreadable" : "no-choice";
    return otherwise;
}

/* One id on one basis. */
static void tell_basis(teller *t, bool vendor, cns_text id, cns_basis basis, bool enabled, cns_tri stored,
                       bool essential) {
    const char *name = basis == CNS_CONSENT ? "consent" : "legitimate_interest";
    const char *step = vendor ? "vendor" : "purpose";
    if (essential) {
        tell(t, step, id, name, "essential",
             vendor ? "has essential purposes only, so it always runs" : "essential: always enabled", true);
        return;
    }
    if (enabled) {
        bool counted = t->s->group == CNS_OPT_IN || stored == CNS_YES;
        tell(t, step, id, name, "enabled", counted ? "the visitor allows it" : "nothing refuses it", true);
        return;
    }
    if (stored == CNS_UNKNOWN) {
        close_gate(t, because(t->s, vendor ? "vendor-unknown" : "purpose-unknown"));
        tell(t, step, id, name, "unknown", "the visitor has not decided, so it may not run", false);
    } else {
        const char *why = vendor ? "vendor-refused" : "purpose-refused";
        /* a stored refusal is the better reason unless nothing stored counts */
        close_gate(t, t->s->group == CNS_OPT_OUT ? because(t->s, why) : why);
        tell(t, step, id, name, "disabled", "the visitor refuses it", false);
    }
}

static void tell_purpose_basis(teller *t, uint32_t purpose, cns_basis basis) {
    const cns_status *s = t->s;
    const cns_tables *tables = s->notice->tables;
    cns_text id = cns_config_purpose_id(s->notice->config, purpose);
    bool enabled = cns_has(basis == CNS_CONSENT ? s->purposes : s->purposes_li, purpose);
    if (!cns_has(tables->purposes, purpose)) {
        close_gate(t, "purpose-not-in-notice");
        tell(t, "purpose", id, NULL, "not-in-notice", "this notice does not collect for it, so it may not run", false);
        return;
    }
    tell_basis(t, false, id, basis, enabled,
               cns_status_purpose(s, purpose, s->group == CNS_OPT_OUT ? CNS_LEGITIMATE_INTEREST : basis),
               cns_has(s->notice->essential, purpose));
}

static void tell_vendor(teller *t, uint32_t vendor) {
    const cns_status *s = t->s;
    const cns_notice *n = s->notice;
    const cns_tables *tables = n->tables;
    cns_text id = cns_config_vendor_id(n->config, vendor);
    if (!cns_has(tables->vendors, vendor)) {
        close_gate(t, "vendor-not-in-notice");
        tell(t, "vendor", id, NULL, "not-in-notice", "this visitor's notice does not have this vendor", false);
        return;
    }
    bool essential = cns_has(n->essential_only, vendor);
    bool opt_out = s->group == CNS_OPT_OUT;
    for (int b = 0; b < 2; b++) {
        bool consent = b == 0;
        cns_basis basis = consent ? CNS_CONSENT : CNS_LEGITIMATE_INTEREST;
        if (!cns_has(consent ? tables->vendors_consent : tables->vendors_li, vendor))
            continue;
        tell_basis(t, true, id, basis, cns_has(consent ? s->vendors : s->vendors_li, vendor),
                   cns_status_vendor(s, vendor, opt_out ? CNS_LEGITIMATE_INTEREST : basis, false), essential);
        const cns_word *mask = cns_mask(consent ? tables->consent : tables->li, tables->purpose_words, vendor);
        for (uint32_t p = 0; p < n->config->ids.purpose_count; p++)
            if (cns_has(mask, p))
                tell_purpose_basis(t, p, basis);
    }
}

static void tell_purpose(teller *t, uint32_t purpose) {
    const cns_status *s = t->s;
    tell_purpose_basis(t, purpose, CNS_CONSENT);
    if (cns_has(s->notice->tables->on_li, purpose) && s->group == CNS_OPT_IN)
        tell_purpose_basis(t, purpose, CNS_LEGITIMATE_INTEREST);
}

bool cns_status_explain(const cns_status *s, const cns_gate *gate, const cns_text *names, cns_step_fn step, void *ctx,
                        const char **reason) {
    teller t = {s, step, ctx, true, NULL};
    tell_law(&t);
    tell_cookie(&t);
    size_t name = 0;
    if (gate->has_vendor) {
        if (gate->vendor == CNS_NO_ID) {
            close_gate(&t, "unknown-vendor");
            tell(&t, "vendor", names[name], NULL, "not-configured", "the configuration does not know this vendor",
                 false);
        } else {
            tell_vendor(&t, gate->vendor);
        }
        name++;
    }
    for (uint32_t i = 0; i < gate->purpose_count; i++, name++) {
        if (gate->purposes[i] == CNS_NO_ID) {
            close_gate(&t, "unknown-purpose");
            tell(&t, "purpose", names[name], NULL, "not-configured", "the configuration does not know this purpose",
                 false);
        } else {
            tell_purpose(&t, gate->purposes[i]);
        }
    }
    if (!t.open) {
        *reason = t.reason;
    } else if (s->group == CNS_NO_LAW) {
        *reason = s->exempt_bot ? "bot" : "not-required";
    } else if (s->group == CNS_OPT_OUT) {
        *reason = "not-refused";
    } else {
        *reason = "allowed";
        bool essential = !gate->has_vendor || cns_has(s->notice->essential_only, gate->vendor);
        for (uint32_t i = 0; i < gate->purpose_count; i++)
            essential = essential && cns_has(s->notice->essential, gate->purposes[i]);
        if (essential)
            *reason = "essential";
    }
    return t.open;
}
