/* lint_types.c - a review of types, and of the names of our cookies. */
#include "lint.h"

#define KIND(kind) (1u << (kind))
#define A_FLAG (KIND(CNS_TRUE) | KIND(CNS_FALSE))
#define A_NUMBER (KIND(CNS_INT) | KIND(CNS_REAL))
#define A_TEXT KIND(CNS_STRING)
#define A_LIST KIND(CNS_ARRAY)
#define AN_OBJECT KIND(CNS_OBJECT)

/* What the rules read, with the kinds that they take (docs/didomi.md, Configuration). */
static const struct {
    const char *path;
    unsigned kinds;
} properties[] = {
    {"app", AN_OBJECT},
    {"website", AN_OBJECT},
    {"app.country", A_TEXT},
    {"app.essentialPurposes", A_LIST},
    {"app.customPurposes", A_LIST},
    {"app.purposes", A_LIST},
    {"app.disabledPurposes", A_LIST},
    {"app.consentDuration", A_NUMBER},
    {"app.deniedConsentDuration", A_NUMBER},
    {"app.gdprAppliesGlobally", A_FLAG},
    {"app.ignoreCountry", A_FLAG},
    {"app.vendors", AN_OBJECT},
    {"app.vendors.custom", A_LIST},
    {"app.vendors.didomi", A_LIST},
    {"app.vendors.include", A_LIST},
    {"app.vendors.overrideVendors", AN_OBJECT},
    {"app.vendors.iab", AN_OBJECT | A_LIST},
    {"app.vendors.iab.all", A_FLAG},
    {"app.vendors.iab.include", A_LIST},
    {"app.vendors.iab.exclude", A_LIST},
    {"app.vendors.iab.restrictions", A_LIST},
    {"app.vendors.google", AN_OBJECT},
    {"app.vendors.google.fullATP", A_FLAG},
    {"configByCountry", AN_OBJECT},
    {"cookies", AN_OBJECT},
    {"cookies.didomiTokenCookieName", A_TEXT},
    {"cookies.ccpaDidomiTokenCookieName", A_TEXT},
    {"cookies.iabCookieName", A_TEXT},
    {"cookies.didomiConsentStringCookieName", A_TEXT},
    {"cookies.local", AN_OBJECT},
    {"cookies.local.customDomain", A_TEXT},
    {"cookies.storageSources", AN_OBJECT},
    {"cookies.storageSources.cookies", A_FLAG},
    {"integrations", AN_OBJECT},
    {"integrations.vendors", AN_OBJECT},
    {"integrations.vendors.gcm", AN_OBJECT},
    {"integrations.vendors.gcm.enable", A_FLAG},
    {"integrations.vendors.gcm.setDefaultStatus", A_FLAG},
    {"integrations.vendors.gcm.defaultStatus", AN_OBJECT},
    {"integrations.vendors.gcm.dataLayerName", A_TEXT},
    {"notice", AN_OBJECT},
    {"notice.daysBeforeShowingAgain", A_NUMBER},
    {"notice.denyAppliesToLI", A_FLAG},
    {"preferences", AN_OBJECT},
    {"preferences.denyAppliesToLI", A_FLAG},
    {"regulation", AN_OBJECT},
    {"regulation.name", A_TEXT},
    {"regulation.cookies", AN_OBJECT},
    {"regulation.cookies.didomiTokenCookieName", A_TEXT},
    {"regulations", AN_OBJECT},
    {"regulation_configurations", A_LIST},
    {"tagManager", AN_OBJECT},
    {"tagManager.dataLayerName", A_TEXT},
    {"user", AN_OBJECT},
    {"user.region", A_TEXT},
    {"user.ignoreConsentBefore", A_TEXT},
    {"user.isUnderage", A_FLAG},
    {"user.bots", AN_OBJECT},
    {"user.bots.consentRequired", A_FLAG},
    {"user.bots.types", A_LIST},
    {"user.bots.extraUserAgents", A_LIST},
    {"user.externalConsent", AN_OBJECT},
    {"user.externalConsent.enabled", A_FLAG},
    {"consentpy", AN_OBJECT},
};

/* Looks a path of plain keys up; `w` gets it. */
static const cns_value *find(const cns_value *value, const char *path, cns_trail *w) {
    while (value && *path) {
        size_t len = strcspn(path, ".");
        cns_trail_key(w, (cns_span){path, len});
        value = cns_value_get(value, path, len);
        path += len + (path[len] == '.');
    }
    return value;
}

/* `under`: "" or the old name of `app`, which the path then leaves out. */
static void review_property(cns_lint *l, const cns_lint_part *part, const char *under,
                            const char *path, unsigned kinds) {
    cns_trail w = *part->at;
    const cns_value *root = find(part->root, under, &w), *value = find(root, path, &w);
    if (value && value->kind != CNS_NULL && !(kinds & KIND(value->kind)))
        cns_lint_say(l, CNS_LINT_WRONG_TYPE, value, &w);
}

void cns_lint_types(cns_lint *l, const cns_lint_part *part) {
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++) {
        const char *path = properties[i].path;
        review_property(l, part, "", path, properties[i].kinds);
        if (strncmp(path, "app.", 4) == 0)
            review_property(l, part, "website", path + 4, properties[i].kinds);
    }
}

/* -------------------------------------------------------------------- cookies */

bool cns_lint_is_cookie_name(cns_span name) {
    static const char other[] = "!#$%&'*+-.^_`|~"; /* a token as RFC 6265 has it */
    for (size_t i = 0; i < name.len; i++)
        if (!cns_is_alpha(name.text[i]) && !cns_is_digit(name.text[i]) &&
            (!name.text[i] || !strchr(other, name.text[i])))
            return false;
    return name.len > 0 && name.len < CNS_MAX_COOKIE_NAME;
}

void cns_lint_cookies(cns_lint *l, const cns_lint_part *part) {
    static const char *const paths[] = {
        "cookies.didomiTokenCookieName", "cookies.ccpaDidomiTokenCookieName",
        "cookies.iabCookieName", "cookies.didomiConsentStringCookieName",
        "regulation.cookies.didomiTokenCookieName"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        cns_trail w = *part->at;
        const cns_value *name = find(part->root, paths[i], &w);
        /* an empty one is the default */
        if (cns_is_string(name) && name->len && !cns_lint_is_cookie_name(cns_string(name)))
            cns_lint_say(l, CNS_LINT_COOKIE_NAME, name, &w);
    }
}
