/* lint_options.c - a review of the options of our own (docs/configuration.md, Options). */
#include "lint.h"

#define MOST_POLICY 63 /* six bits */

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

/* ------------------------------------------------------------ cookies of vendors */

/* A name, or the beginning of one with stars behind it; stars alone are neither. */
static cns_span without_stars(const cns_value *name) {
    cns_span text = cns_string(name);
    while (text.len && text.text[text.len - 1] == '*')
        text.len--;
    return text;
}

static void review_name(cns_lint *l, const cns_value *name, const cns_trail *at) {
    if (!cns_is_string(name) || !without_stars(name).len)
        cns_lint_say(l, CNS_LINT_OPTION, name, at);
    else if (!cns_lint_is_cookie_name(without_stars(name)))
        cns_lint_say(l, CNS_LINT_COOKIE_NAME, name, at);
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
            review_name(l, &names->u.items[k], &item);
        }
    }
}

/* -------------------------------------------------------- demands on TC strings */

typedef enum demand { A_FLAG, A_POLICY, A_LEAST_POLICY, A_DATE, COUNTRIES } demand;

static const struct {
    cns_span name;
    demand takes;
} demands[] = {
    {{"require_service_specific", 24}, A_FLAG},
    {{"require_vendor_disclosed", 24}, A_FLAG},
    {{"min_policy_version", 18}, A_LEAST_POLICY},
    {{"require_disclosed_segment_from_policy", 37}, A_POLICY},
    {{"require_disclosed_segment_since", 31}, A_DATE},
    {{"purpose_one_exempt_countries", 28}, COUNTRIES},
};
#define DEMANDS (sizeof demands / sizeof *demands)

/* What string_options.c makes of it: ignores it, or takes it for the strictest demand. */
static void review_demand(cns_lint *l, demand takes, const cns_value *value, const cns_trail *at) {
    int64_t micros;
    bool usable = false, strictest = false;
    switch (takes) {
    case A_FLAG:
        usable = value->kind == CNS_TRUE || value->kind == CNS_FALSE;
        break;
    case A_POLICY:
    case A_LEAST_POLICY:
        usable = cns_is(value, CNS_INT) && value->u.i >= 0 && value->u.i <= MOST_POLICY;
        strictest = cns_is(value, CNS_INT) &&
                    (takes == A_POLICY ? value->u.i < 0 : value->u.i > MOST_POLICY);
        break;
    case A_DATE:
        usable = cns_is_string(value) && cns_date_read(&micros, value->u.text, value->len);
        strictest = cns_is_string(value);
        break;
    case COUNTRIES:
        usable = cns_is_array(value);
        cns_lint_places(l, value, false, at);
        break;
    }
    if (!usable)
        cns_lint_say(l, strictest ? CNS_LINT_DEMAND : CNS_LINT_OPTION, value, at);
}

static void review_demands(cns_lint *l, const cns_value *all, const cns_trail *at) {
    for (uint32_t i = 0; cns_is_object(all) && i < all->len; i++) {
        const cns_member *member = &all->u.table->members[i];
        cns_trail w = cns_lint_member(at, (cns_span){member->key, member->key_len});
        size_t k = 0;
        while (k < DEMANDS && !cns_span_is(demands[k].name, member->key, member->key_len))
            k++;
        if (k == DEMANDS)
            cns_lint_say(l, CNS_LINT_UNKNOWN_OPTION, member->value, &w);
        else if (member->value->kind != CNS_NULL)
            review_demand(l, demands[k].takes, member->value, &w);
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
    cns_trail tcf = cns_lint_member(&at, CNS_SPAN("tcf"));
    review_demands(l, CNS_AT(own, "tcf"), &tcf);
}
