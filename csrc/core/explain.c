/* explain.c - a verdict step by step.
 *
 * The steps are told from the same sets that decide. Those about a vendor or a purpose
 * close the gate when they fail, and a gate is open exactly when none of them does; the
 * steps before them say why.
 */
#include "settings.h"

typedef struct teller {
    const cns_status *s;
    cns_teller settings;
    bool open;
    const char *reason; /* of the first step that failed */
} teller;

static void tell(teller *t, const char *step, cns_text subject, const char *basis,
                 const char *result, const char *text, bool passed) {
    cns_step told = {step, subject, basis, result, text, passed};
    if (t->settings.to)
        t->settings.to->step(t->settings.to->ctx, &told);
}

static void close_gate(teller *t, const char *reason) {
    if (t->open)
        t->reason = reason;
    t->open = false;
}

/* Where somebody listens; an option behind the next step. */
static const cns_teller *settings(const teller *t) {
    return t->settings.to ? &t->settings : NULL;
}

static void tell_option(const teller *t, cns_option option) {
    if (settings(t))
        cns_tell_option(settings(t), option);
}

/* Without a law, does the configuration decide whether a refusal counts? */
static bool refusal_is_optional(const cns_status *s) {
    return s->group == CNS_NO_LAW && !s->exempt_bot;
}

static void tell_law(teller *t, const cns_place *place) {
    const cns_notice *n = t->s->notice;
    if (settings(t))
        cns_tell_law_settings(settings(t), place);
    cns_text law = {n->applied.id.text, n->applied.id.len};
    switch (n->group) {
    case CNS_OPT_IN:
        tell(t, "regulation", law, NULL, "opt-in",
             "an opt-in law applies: nothing runs before the visitor agrees", true);
        break;
    case CNS_OPT_OUT:
        tell(t, "regulation", law, NULL, "opt-out",
             "an opt-out law applies: everything runs until the visitor objects", true);
        break;
    case CNS_NO_LAW:
        tell(t, "regulation", law, NULL, "none",
             "no regulation applies: whatever is configured may run", true);
        break;
    }
    cns_text none = {NULL, 0};
    if (t->s->exempt_bot && n->group == CNS_OPT_IN) {
        tell_option(t, CNS_OPTION_BOTS);
        tell(t, "bot", none, NULL, "exempt",
             "the visitor is a bot that the configuration does not ask", true);
    }
    if (n->underage) {
        tell_option(t, CNS_OPTION_UNDERAGE);
        tell(t, "underage", none, NULL, "on",
             "the visitor is a minor: everything that is not essential is off", false);
    }
}

/* What the TC string had to do with it (R12), where one was sent, or answers stand in none. */
static void tell_string(teller *t) {
    static const struct {
        const char *result, *text;
    } words[] = {
        [CNS_TC_ABSENT] = {"absent", "no TC string was sent, which would hold the answers of IAB "
                                     "vendors"},
        [CNS_TC_UNREADABLE] = {"unreadable", "the TC string cannot be read: it counts as absent"},
        [CNS_TC_FOREIGN] = {"foreign-cmp", "the TC string is of a CMP that consentpy.cmpIds does "
                                           "not name: it counts as absent"},
        [CNS_TC_UNMET] = {"not-accepted", "the TC string does not meet a demand of consentpy.tcf: "
                                          "it counts as absent"},
        [CNS_TC_VOID] = {"void", "the TC string counts no more, as the answer beside it or itself "
                                 "is too old"},
        [CNS_TC_READ] = {"read", "the TC string was read: it holds the answers of IAB vendors and "
                                 "purposes"},
    };
    const cns_status *s = t->s;
    const cns_notice *n = s->notice;
    if (s->group != CNS_OPT_IN || !n->strings.tc.len ||
        (s->tc_state == CNS_TC_ABSENT && !n->tables->any_listed))
        return;
    if (settings(t) && s->tc_state != CNS_TC_VOID)
        cns_tell_string_settings(settings(t), s);
    tell(t, "tc_string", (cns_text){n->strings.tc.text, n->strings.tc.len}, NULL,
         words[s->tc_state].result, words[s->tc_state].text, s->tc_state == CNS_TC_READ);
}

static void tell_cookie(teller *t) {
    const cns_status *s = t->s;
    cns_text name = {s->notice->cookie, s->notice->cookie_len}, none = {NULL, 0};
    if (s->dcs)
        name = (cns_text){s->notice->strings.dcs.text, s->notice->strings.dcs.len};
    if (settings(t))
        cns_tell_cookie_settings(settings(t), s);
    if (s->unreadable && refusal_is_optional(s))
        tell_option(t, CNS_OPTION_REFUSAL);
    if (s->unreadable && !s->any_token && s->notice->no_cookies)
        tell(t, "cookie", name, NULL, "unreadable",
             s->group == CNS_OPT_OUT
                 ? "answers are kept out of cookies: an objection may lie where only the browser "
                   "looks, so everything that is not essential counts as refused"
                 : "answers are kept out of cookies: this one counts as no answer",
             false);
    else if (s->unreadable && !s->any_token)
        tell(t, "cookie", name, NULL, "unreadable",
             s->group == CNS_OPT_OUT
                 ? "the cookie cannot be read: everything that is not essential counts as refused"
                 : "the cookie cannot be read: it counts as no answer",
             false);
    else if (!s->any_token)
        tell(t, "cookie", name, NULL, "absent",
             s->tc_state == CNS_TC_READ ? "the visitor sent no token"
                                        : "the visitor sent no answer",
             s->group != CNS_OPT_IN || s->tc_state == CNS_TC_READ);
    else if (s->voided == CNS_NOT_VOID && !s->any_choice && s->tc_state != CNS_TC_READ)
        tell(t, "cookie", name, NULL, "empty", "the token holds no choice", s->group != CNS_OPT_IN);
    else
        tell(t, "cookie", name, NULL, "read",
             s->dcs ? "the visitor's Didomi Consent String was read"
                    : "the visitor's token was read",
             true);
    if (s->any_token && s->unreadable && s->group == CNS_OPT_OUT)
        tell(t, "cookie", name, NULL, "unreadable",
             "another cookie of this name cannot be read: everything that is not essential counts "
             "as refused",
             false);
    bool dated = s->any_token || s->tc_state == CNS_TC_READ || s->tc_state == CNS_TC_VOID;
    if (s->group == CNS_OPT_IN && dated) {
        if (settings(t))
            cns_tell_time_settings(settings(t), s);
        if (s->voided == CNS_EXPIRED)
            tell(t, "time", none, NULL, "expired",
                 "the answer is older than app.consentDuration, or has no valid date", false);
        else if (s->voided == CNS_DENIED_EXPIRED)
            tell(t, "time", none, NULL, "denied-expired",
                 "everything was refused longer ago than app.deniedConsentDuration", false);
        else if (s->voided == CNS_IGNORED)
            tell(t, "time", none, NULL, "ignored-before",
                 "the answer is older than user.ignoreConsentBefore", false);
        else
            tell(t, "time", none, NULL, "valid", "the answer is recent enough to count", true);
        if (s->reset)
            tell(t, "time", none, NULL, "recollecting",
                 "the visitor is to be asked again, and until then no choice counts", false);
    }
    tell_string(t);
    if (s->gpc_sent && s->group == CNS_OPT_OUT) {
        tell_option(t, CNS_OPTION_GPC);
        if (s->gpc)
            tell(t, "gpc", none, NULL, "on",
                 "the browser sent Sec-GPC: 1, which objects to everything not essential", false);
        else
            tell(t, "gpc", none, NULL, "ignored",
                 "the browser sent Sec-GPC: 1, which does not count here", true);
    }
}

/* Why nothing counts, where that is so; otherwise `otherwise`. */
static const char *because(const cns_status *s, const char *otherwise) {
    if (s->notice->underage)
        return "underage";
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
    return s->reset ? "recollecting" : otherwise;
}

/* How an id on one basis is told. */
typedef struct fact {
    bool vendor;
    cns_text id;
    bool essential, enabled;
    cns_tri stored;
} fact;

/* Opt-in laws count each basis; opt-out laws have one (R10), no law none. */
static const char *basis_name(const cns_status *s, cns_basis basis) {
    if (s->group == CNS_NO_LAW)
        return NULL;
    return s->group == CNS_OPT_IN && basis == CNS_CONSENT ? "consent" : "legitimate_interest";
}

static const char *enabled_text(const cns_status *s, cns_tri stored) {
    if (s->group == CNS_NO_LAW)
        return stored == CNS_NO ? "configured, and a stored refusal does not count here"
                                : "configured";
    if (s->group == CNS_OPT_IN)
        return "the visitor allows it";
    return "the visitor does not refuse it";
}

static const char *refused_text(const cns_status *s, bool vendor) {
    if (s->notice->underage)
        return "off, because the visitor is a minor";
    if (s->group == CNS_OPT_OUT && s->unreadable)
        return "counts as refused, because a cookie cannot be read";
    if (s->gpc && !vendor)
        return "the browser's signal objects to it";
    return "the visitor refuses it";
}

static void tell_fact(teller *t, const fact *f, cns_basis basis) {
    const char *name = basis_name(t->s, basis), *step = f->vendor ? "vendor" : "purpose";
    if (f->stored == CNS_NO && !f->essential && refusal_is_optional(t->s))
        tell_option(t, CNS_OPTION_REFUSAL);
    if (f->essential) {
        tell(t, step, f->id, name, "essential",
             f->vendor ? "has essential purposes only, so it always runs"
                       : "essential: always enabled",
             true);
    } else if (f->enabled) {
        tell(t, step, f->id, name, "enabled", enabled_text(t->s, f->stored), true);
    } else if (f->stored == CNS_UNKNOWN && t->s->group == CNS_OPT_IN) {
        close_gate(t, because(t->s, f->vendor ? "vendor-unknown" : "purpose-unknown"));
        tell(t, step, f->id, name, "unknown", "the visitor has not decided, so it may not run",
             false);
    } else {
        const char *why = f->vendor ? "vendor-refused" : "purpose-refused";
        bool refused = t->s->group == CNS_OPT_IN && !t->s->notice->underage;
        close_gate(t, refused ? why : because(t->s, why));
        tell(t, step, f->id, name, "disabled", refused_text(t->s, f->vendor), false);
    }
}

/* What is stored for an id, as the law looks at it. */
static cns_tri stored_state(const cns_status *s, bool vendor, uint32_t number, cns_basis basis) {
    cns_tri states[2];
    for (int b = 0; b < 2; b++) {
        cns_basis on = b ? CNS_LEGITIMATE_INTEREST : CNS_CONSENT;
        states[b] =
            vendor ? cns_status_vendor(s, number, on, false) : cns_status_purpose(s, number, on);
    }
    if (s->group == CNS_OPT_IN)
        return states[basis == CNS_LEGITIMATE_INTEREST];
    if (states[0] == CNS_NO || states[1] == CNS_NO)
        return CNS_NO;
    return states[0] == CNS_YES || states[1] == CNS_YES ? CNS_YES : CNS_UNKNOWN;
}

static void tell_absent(teller *t, uint32_t purpose) {
    close_gate(t, "purpose-not-in-notice");
    tell(t, "purpose", cns_config_purpose_id(t->s->notice->config, purpose), NULL, "not-in-notice",
         "this notice does not collect for it, so it may not run", false);
}

static void tell_purpose(teller *t, uint32_t purpose, cns_basis basis) {
    const cns_status *s = t->s;
    const cns_notice *n = s->notice;
    fact f = {false, cns_config_purpose_id(n->config, purpose),
              cns_has(n->asked->essential, purpose),
              cns_has(basis == CNS_CONSENT ? s->purposes : s->purposes_li, purpose),
              stored_state(s, false, purpose, basis)};
    if (settings(t))
        cns_tell_purpose_settings(settings(t), purpose);
    /* of a vendor, but never collected for: nobody can have refused it */
    if (s->group == CNS_OPT_IN && !cns_has(n->tables->purposes, purpose))
        tell_absent(t, purpose);
    else
        tell_fact(t, &f, basis);
}

/* Does the vendor's part of the explanation tell of this purpose on this basis? */
static bool told_with(const cns_status *s, const cns_gate *gate, uint32_t purpose,
                      cns_basis basis) {
    const cns_tables *tables = s->notice->tables;
    if (!gate->has_vendor || gate->vendor == CNS_NO_ID || !cns_has(tables->vendors, gate->vendor))
        return false;
    bool on_consent = cns_has(cns_vendor_mask(tables, tables->consent, gate->vendor), purpose);
    bool on_li = cns_has(cns_vendor_mask(tables, tables->li, gate->vendor), purpose);
    return s->group != CNS_OPT_IN ? on_consent || on_li : basis == CNS_CONSENT ? on_consent : on_li;
}

static void tell_vendor_basis(teller *t, const cns_gate *gate, cns_basis basis) {
    const cns_status *s = t->s;
    const cns_notice *n = s->notice;
    uint32_t vendor = gate->vendor;
    fact f = {true, cns_config_vendor_id(n->config, vendor),
              cns_has(n->asked->essential_only, vendor),
              cns_has(basis == CNS_CONSENT ? s->vendors : s->vendors_li, vendor),
              stored_state(s, true, vendor, basis)};
    if (settings(t))
        cns_tell_vendor_settings(settings(t), vendor, basis);
    tell_fact(t, &f, basis);
    for (uint32_t p = 0; p < n->config->ids.purpose_count; p++)
        if (told_with(s, gate, p, basis))
            tell_purpose(t, p, basis);
}

static void tell_vendor(teller *t, const cns_gate *gate) {
    const cns_status *s = t->s;
    const cns_tables *tables = s->notice->tables;
    if (!cns_has(tables->vendors, gate->vendor)) {
        close_gate(t, "vendor-not-in-notice");
        if (settings(t))
            cns_tell_vendor_settings(settings(t), gate->vendor, CNS_CONSENT);
        tell(t, "vendor", cns_config_vendor_id(s->notice->config, gate->vendor), NULL,
             "not-in-notice", "this visitor's notice does not have this vendor", false);
        return;
    }
    if (cns_has(tables->closed, gate->vendor)) {
        close_gate(t, "special-purposes-only");
        if (settings(t))
            cns_tell_vendor_settings(settings(t), gate->vendor, CNS_CONSENT);
        tell(t, "vendor", cns_config_vendor_id(s->notice->config, gate->vendor), NULL,
             "special-purposes-only",
             "it has special purposes only, for which no visitor can be asked", false);
        return;
    }
    if (s->group != CNS_OPT_IN) {
        tell_vendor_basis(t, gate, CNS_LEGITIMATE_INTEREST);
        return;
    }
    if (s->restricted && cns_has(s->restricted, gate->vendor)) {
        close_gate(t, "restricted");
        tell(t, "vendor", cns_config_vendor_id(s->notice->config, gate->vendor), NULL, "restricted",
             "a publisher restriction in the TC string keeps it from what it does here", false);
        return;
    }
    if (cns_has(tables->vendors_consent, gate->vendor))
        tell_vendor_basis(t, gate, CNS_CONSENT);
    if (cns_has(tables->vendors_li, gate->vendor))
        tell_vendor_basis(t, gate, CNS_LEGITIMATE_INTEREST);
}

/* A purpose that the gate itself names. */
static void tell_named(teller *t, const cns_gate *gate, uint32_t purpose) {
    const cns_status *s = t->s;
    bool opt_in = s->group == CNS_OPT_IN;
    cns_basis first = opt_in ? CNS_CONSENT : CNS_LEGITIMATE_INTEREST;
    if (!cns_has(s->notice->tables->purposes, purpose)) {
        if (settings(t))
            cns_tell_purpose_settings(settings(t), purpose);
        tell_absent(t, purpose);
        return;
    }
    if (!told_with(s, gate, purpose, first))
        tell_purpose(t, purpose, first);
    if (opt_in && cns_has(s->notice->tables->on_li, purpose) &&
        !told_with(s, gate, purpose, CNS_LEGITIMATE_INTEREST))
        tell_purpose(t, purpose, CNS_LEGITIMATE_INTEREST);
}

bool cns_status_explain(const cns_status *s, const cns_place *place, const cns_gate *gate,
                        const cns_text *names, const cns_listener *to, const char **reason) {
    teller t = {s, {s->notice, to}, true, NULL};
    tell_law(&t, place);
    tell_cookie(&t);
    size_t name = 0;
    if (!gate->has_vendor && gate->purpose_count == 0)
        close_gate(&t, "unknown-vendor"); /* asks about nobody */
    if (gate->has_vendor) {
        if (gate->vendor == CNS_NO_ID) {
            close_gate(&t, "unknown-vendor");
            tell(&t, "vendor", names[name], NULL, "not-configured",
                 "the configuration does not know this vendor", false);
        } else {
            tell_vendor(&t, gate);
        }
        name++;
    }
    for (uint32_t i = 0; i < gate->purpose_count; i++, name++) {
        if (gate->purposes[i] == CNS_NO_ID) {
            close_gate(&t, "unknown-purpose");
            tell(&t, "purpose", names[name], NULL, "not-configured",
                 "the configuration does not know this purpose", false);
        } else {
            tell_named(&t, gate, gate->purposes[i]);
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
        bool essential =
            !gate->has_vendor || cns_has(s->notice->asked->essential_only, gate->vendor);
        for (uint32_t i = 0; i < gate->purpose_count; i++)
            essential = essential && cns_has(s->notice->asked->essential, gate->purposes[i]);
        if (essential)
            *reason = "essential";
    }
    return t.open;
}
