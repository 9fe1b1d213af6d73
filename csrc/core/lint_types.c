/* lint_types.c - a review of types, and of the options of our own. */
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
    {"cookies.iabCookieName", A_TEXT},
    {"cookies.didomiConsentStringCookieName", A_TEXT},
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

/* -------------------------------------------------------------------- options */

static bool is_cmp(const cns_value *value) {
    return cns_is(value, CNS_INT) && value->u.i >= 1 && value->u.i <= 4095; /* twelve bits */
}

static bool is_cmps(const cns_value *value) {
    for (uint32_t i = 0; cns_is_array(value) && i < value->len; i++)
        if (!is_cmp(&value->u.items[i]))
            return false;
    return cns_is_array(value) || cns_is_text(value, CNS_SPAN("any"));
}

static bool is_skew(const cns_value *value) {
    return cns_is_number(value) && cns_value_real(value) >= 0;
}

static bool is_object(const cns_value *value) {
    return cns_is_object(value);
}

/* One of `words`, or what `usable` takes. */
static const struct {
    cns_span name;
    const char *words; /* between blanks */
    bool (*usable)(const cns_value *value);
} options[] = {
    {{"gpc", 3}, " always unless_explicit off ", NULL},
    {{"unknownCountry", 14}, " gdpr none ", NULL},
    {{"storedRefusalWithoutRegulation", 30}, " ignore respect ", NULL},
    {{"ignoreBefore", 12}, " unknown keep ", NULL},
    {{"recollect", 9}, " keep reset ", NULL},
    {{"clockSkewSeconds", 16}, NULL, is_skew},
    {{"cmpIds", 6}, NULL, is_cmps},
    {{"cmpId", 5}, NULL, is_cmp},
    {{"tcf", 3}, NULL, is_object},
    {{"vendorCookies", 13}, NULL, is_object},
};
#define OPTIONS (sizeof options / sizeof *options)

static bool one_of(const char *words, const cns_value *value) {
    for (const char *at = words + 1; cns_is_string(value) && *at; at += strcspn(at, " ") + 1)
        if (cns_span_is((cns_span){at, strcspn(at, " ")}, value->u.text, value->len))
            return true;
    return false;
}

/* {vendor: [names]} */
static void review_cookies(cns_lint *l, const cns_value *list, const cns_trail *at) {
    for (uint32_t i = 0; cns_is_object(list) && i < list->len; i++) {
        const cns_member *member = &list->u.table->members[i];
        const cns_value *names = member->value;
        cns_trail w = cns_lint_member(at, (cns_span){member->key, member->key_len});
        if (cns_ids_vendor(&l->config->ids, (cns_span){member->key, member->key_len}) == CNS_NO_ID)
            cns_lint_say(l, CNS_LINT_UNKNOWN_VENDOR, names, &w);
        if (!cns_is_array(names))
            cns_lint_say(l, CNS_LINT_OPTION, names, &w);
        for (uint32_t k = 0; cns_is_array(names) && k < names->len; k++) {
            cns_trail item = cns_lint_item(&w, k);
            if (!cns_is_string(&names->u.items[k]) || !names->u.items[k].len)
                cns_lint_say(l, CNS_LINT_OPTION, &names->u.items[k], &item);
        }
    }
}

void cns_lint_options(cns_lint *l, const cns_lint_part *part) {
    const cns_value *own = CNS_AT(part->root, "consentpy");
    cns_trail at = cns_lint_member(part->at, CNS_SPAN("consentpy"));
    for (uint32_t i = 0; cns_is_object(own) && i < own->len; i++) {
        const cns_member *member = &own->u.table->members[i];
        cns_trail w = cns_lint_member(&at, (cns_span){member->key, member->key_len});
        size_t k = 0;
        while (k < OPTIONS && !cns_span_is(options[k].name, member->key, member->key_len))
            k++;
        if (k == OPTIONS)
            cns_lint_say(l, CNS_LINT_UNKNOWN_OPTION, member->value, &w);
        else if (member->value->kind != CNS_NULL &&
                 !(options[k].words ? one_of(options[k].words, member->value)
                                    : options[k].usable(member->value)))
            cns_lint_say(l, CNS_LINT_OPTION, member->value, &w);
    }
    cns_trail cookies = cns_lint_member(&at, CNS_SPAN("vendorCookies"));
    review_cookies(l, CNS_AT(own, "vendorCookies"), &cookies);
}
