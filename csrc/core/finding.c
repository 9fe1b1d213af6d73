/* finding.c - words for what was found in a visitor's cookies. */
#include "status.h"

static const struct {
    const char *code, *message;
    bool warning;
} known[] = {
    {"empty", "the cookie has no value, so it counts as unreadable", false},
    {"too_long", "the cookie value is over 16 384 bytes and was not read", false},
    {"bad_base64", "the cookie value is not standard base64", false},
    {"bad_json", "the decoded cookie is not JSON", false},
    {"too_deep", "the decoded cookie is nested deeper than 64 levels", false},
    {"not_object", "the decoded cookie is JSON, but no object", false},
    {"wrong_type", "a field of the token is of the wrong type", false},
    {"duplicate_key", "a field of the token stands there twice", false},
    {"bad_text", "a text of the token contains a NUL or a lone surrogate", false},
    {"not_text", "the cookie's value in the mapping is not a text", false},
    {"no_date", "the token has no `updated` date, so it counts as expired", true},
    {"bad_date", "the token's `updated` date cannot be read, so it counts as expired", true},
    {"future_date", "the token's `updated` date lies in the future, so it counts as expired", true},
    {"contradiction", "an id is both enabled and disabled, so it counts as disabled", true},
    {"several_cookies",
     "several cookies of this name were sent: only what all of them allow counts", true},
    {"storage_off", "the configuration keeps answers out of cookies: this one was not used", false},
    {"too_many_cookies", "more than four cookies of this name were sent: the first four were read",
     true},
    {"external_unreadable", "the choices in the page's address cannot be read and were not used",
     false},
    {"two_formats",
     "a token and a Didomi Consent String were sent: the one of the later date counts", true},
    {"dcs_unreadable", "the Didomi Consent String cannot be read", false},
    {"dcs_other_regulation", "the Didomi Consent String is about another law and was not used",
     false},
    {"dcs_unknown_regulation",
     "the catalog has no number for this law, so nobody can tell which law the Didomi Consent "
     "String is about",
     false},
    {"several_tc_strings", "several TC strings were sent: only what all of them allow counts",
     true},
    {"tc_unreadable", "the TC string cannot be read, so it counts as absent", false},
    {"tc_foreign_cmp",
     "the TC string is of a CMP that consentpy.cmpIds does not name, so it counts as absent",
     false},
    {"tc_not_accepted",
     "the TC string does not meet a demand of consentpy.tcf, so it counts as absent", false},
    {"header_too_long", "the Cookie header is over 65 536 bytes: the rest was not looked at", true},
};

size_t cns_status_findings(const cns_status *s) {
    return s->findings.count;
}

cns_finding cns_status_finding(const cns_status *s, size_t index) {
    const char *code = s->findings.codes[index];
    cns_cookie cookie = strstr(code, "tc_")             ? CNS_COOKIE_TC
                        : strncmp(code, "dcs_", 4) == 0 ? CNS_COOKIE_DCS
                                                        : CNS_COOKIE_TOKEN;
    cns_finding out = {code, "", false, cookie, s->findings.offsets[index]};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].code, out.code) == 0) {
            out.message = known[i].message;
            out.warning = known[i].warning;
        }
    return out;
}
