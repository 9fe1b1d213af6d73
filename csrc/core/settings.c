/* settings.c - the entries of the configuration behind a step of an explanation. */
#include "settings.h"

#include "restriction.h"
#include "trail.h"

#include <stdio.h>

/* -------------------------------------------------------------------- telling */

/* Can the rules use what is written? Otherwise they take the default. */
typedef bool (*usable)(const cns_value *value);

static bool anything(const cns_value *value) {
    return value != NULL;
}

static bool positive(const cns_value *value) {
    return cns_is_number(value) && cns_value_real(value) > 0;
}

static bool not_negative(const cns_value *value) {
    return cns_is_number(value) && cns_value_real(value) >= 0;
}

static bool flag(const cns_value *value) {
    return cns_is(value, CNS_TRUE) || cns_is(value, CNS_FALSE);
}

static bool name(const cns_value *value) {
    return cns_is_string(value) && value->len > 0;
}

/* Every option of our own that is a word has a default and one or two others. */
static bool word(const cns_value *value) {
    static const cns_span words[] = {
        {"always", 6}, {"unless_explicit", 15}, {"off", 3},     {"gdpr", 4}, {"none", 4},
        {"ignore", 6}, {"respect", 7},          {"unknown", 7}, {"keep", 4}, {"reset", 5}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (cns_is_text(value, words[i]))
            return true;
    return false;
}

static void tell(const cns_teller *t, cns_span path, const cns_origin *origin) {
    cns_setting setting = {{path.text, path.len}, *origin};
    t->to->setting(t->to->ctx, &setting);
}

static void tell_in(const cns_teller *t, cns_scope scope, cns_span path, usable can) {
    cns_origin origin;
    if (cns_notice_winner(t->notice, scope, path.text, path.len, &origin) &&
        (can(origin.value) || cns_notice_default(t->notice, path.text, path.len, &origin)))
        tell(t, path, &origin);
}
#define TELL(t, path, can) tell_in((t), CNS_WHOLE, CNS_SPAN(path), (can))

static void tell_item(const cns_teller *t, cns_scope scope, cns_span list, size_t index) {
    cns_trail w = cns_trail_begin(list);
    cns_trail_index(&w, (uint32_t)index);
    tell_in(t, scope, cns_trail_text(&w), anything);
}

static const cns_value *value_at(const cns_teller *t, cns_span path) {
    return cns_notice_get(t->notice, path.text, path.len);
}

/* Number of the first text of a list that `same` takes for the id, or -1. */
static int64_t index_of(const cns_value *list, uint32_t number, const cns_ids *ids,
                        uint32_t (*number_of)(const cns_ids *ids, const cns_value *item)) {
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++)
        if (number_of(ids, &list->u.items[i]) == number)
            return i;
    return -1;
}

/* -------------------------------------------------------------------- the law */

static const cns_span entries_path = {"regulation_configurations", 25};

static void tell_entry(const cns_teller *t, uint32_t entry, cns_span member, int64_t item) {
    cns_trail w = cns_trail_begin(entries_path);
    cns_trail_index(&w, entry);
    if (member.len)
        cns_trail_key(&w, member);
    if (item >= 0)
        cns_trail_index(&w, (uint32_t)item);
    tell_in(t, CNS_LAYERS_ALONE, cns_trail_text(&w), anything);
}

static int64_t number_in(const cns_value *list, const cns_value *item) {
    return item ? item - list->u.items : -1;
}

/* `regulations.<law>.<member>`, or an item of it. */
static cns_trail in_law(const cns_teller *t, cns_span member) {
    cns_trail w = cns_trail_begin(CNS_SPAN("regulations"));
    cns_trail_key(&w, t->notice->applied.id);
    cns_trail_key(&w, member);
    return w;
}

static void tell_law_entry(const cns_teller *t) {
    if (t->notice->applied.entry >= 0)
        tell_entry(t, (uint32_t)t->notice->applied.entry, CNS_SPAN("regulation_id"), -1);
}

/* Additional countries add up over the layers: the merged list, else the first that
 * has the place. */
static void tell_additional(const cns_teller *t, const cns_place *place) {
    static const cns_span member = {"additionalCountries", 19};
    const cns_config *c = t->notice->config;
    const cns_value *root = t->notice->effective;
    for (size_t i = 0; i <= c->layer_count; root = i < c->layer_count ? c->layers[i] : NULL, i++) {
        const cns_value *law = cns_at(CNS_AT(root, "regulations"), t->notice->applied.id);
        const cns_value *list = cns_at(law, member);
        const cns_value *item = cns_regulation_item(list, place);
        if (!item)
            continue;
        cns_trail w = in_law(t, member);
        cns_trail_index(&w, (uint32_t)number_in(list, item));
        cns_origin origin = {CNS_FROM_LAYER, item->layer, item->offset, item};
        if (i)
            tell(t, cns_trail_text(&w), &origin);
        else
            tell_in(t, CNS_WITHOUT_LAWS, cns_trail_text(&w), anything);
        return;
    }
}

/* The law's entry, and the list that names the place if it is not the law's own territory. */
static void tell_covering(const cns_teller *t, const cns_place *place) {
    static const cns_span locations = {"geo_locations", 13};
    const cns_notice *n = t->notice;
    const cns_value *entries = n->config->entries;
    if (n->applied.entry >= 0) {
        const cns_value *list = cns_at(&entries->u.items[n->applied.entry], locations);
        const cns_value *item = cns_regulation_item(list, place);
        tell_law_entry(t);
        if (item)
            tell_entry(t, (uint32_t)n->applied.entry, locations, number_in(list, item));
        return;
    }
    cns_trail enabled = in_law(t, CNS_SPAN("enabled"));
    tell_in(t, CNS_WITHOUT_LAWS, cns_trail_text(&enabled), anything);
    const cns_value *law = cns_at(CNS_AT(n->effective, "regulations"), n->applied.id);
    const cns_value *list = cns_at(law, locations);
    const cns_value *item = cns_regulation_item(list, place);
    if (item) {
        cns_trail w = in_law(t, locations);
        cns_trail_index(&w, (uint32_t)number_in(list, item));
        tell_in(t, CNS_WITHOUT_LAWS, cns_trail_text(&w), anything);
    } else if (cns_is_array(list) || !cns_regulation_at_home(n->applied.id, place)) {
        tell_additional(t, place);
    }
}

/* The two flags; `on`: only the one that is, the first if both are. */
static void tell_everywhere(const cns_teller *t, bool on) {
    static const cns_span flags[] = {{"app.gdprAppliesGlobally", 23}, {"app.ignoreCountry", 17}};
    for (size_t i = 0; i < 2; i++) {
        cns_origin origin;
        bool there =
            cns_notice_winner(t->notice, CNS_WITHOUT_LAWS, flags[i].text, flags[i].len, &origin);
        if (on && !(there && cns_is(origin.value, CNS_TRUE)))
            continue;
        tell_in(t, CNS_WITHOUT_LAWS, flags[i], flag);
        if (on)
            return;
    }
}

/* Nothing covers the place: what there is, and what could. */
static void tell_nowhere(const cns_teller *t) {
    const cns_value *entries = t->notice->config->entries;
    for (uint32_t i = 0; entries && i < entries->len; i++)
        tell_entry(t, i, CNS_SPAN("regulation_id"), -1);
    const cns_value *gdpr = CNS_AT(CNS_AT(t->notice->effective, "regulations"), "gdpr");
    if (!entries && cns_is(CNS_AT(gdpr, "enabled"), CNS_FALSE))
        tell_in(t, CNS_WITHOUT_LAWS, CNS_SPAN("regulations.gdpr.enabled"), anything);
    tell_everywhere(t, false);
}

void cns_tell_law_settings(const cns_teller *t, const cns_place *place) {
    const cns_config *c = t->notice->config;
    const cns_value *user = CNS_AT(c->with_entry[0], "user"), *own = CNS_AT(user, "country");
    if (!place || place->law == CNS_LAW_UNTOLD)
        return;
    if (own && own->kind != CNS_NULL) {
        tell_in(t, CNS_LAYERS_ALONE, CNS_SPAN("user.country"), anything);
        if (cns_is_string(CNS_AT(user, "region")))
            tell_in(t, CNS_LAYERS_ALONE, CNS_SPAN("user.region"), anything);
    }
    switch ((cns_law_how)place->law) {
    case CNS_LAW_UNTOLD:
        break;
    case CNS_LAW_COVERS:
        tell_covering(t, place);
        break;
    case CNS_LAW_DELIVERED:
        tell_in(t, CNS_WITHOUT_LAWS, CNS_SPAN("regulation.name"), anything);
        break;
    case CNS_LAW_NO_COUNTRY:
        tell_in(t, CNS_WITHOUT_LAWS, CNS_SPAN("consentpy.unknownCountry"), word);
        if (t->notice->group == CNS_NO_LAW)
            tell_everywhere(t, false);
        tell_law_entry(t);
        break;
    case CNS_LAW_EVERYWHERE:
        tell_everywhere(t, true);
        tell_law_entry(t);
        break;
    case CNS_LAW_UNREADABLE:
        tell_entry(t, (uint32_t)number_in(c->entries, cns_regulation_unreadable(c->entries)),
                   CNS_SPAN(""), -1);
        tell_law_entry(t);
        break;
    case CNS_LAW_NOWHERE:
        tell_nowhere(t);
        break;
    }
}

/* ------------------------------------------------------- cookie, time, signals */

void cns_tell_cookie_settings(const cns_teller *t, const cns_status *s) {
    const cns_notice *n = t->notice;
    tell_in(t, CNS_WHOLE, cns_token_cookie_path(n->effective, n->applied.id), name);
    if (n->no_cookies && s->unreadable && n->cookie_len)
        TELL(t, "cookies.storageSources.cookies", flag);
}

void cns_tell_string_settings(const cns_teller *t, const cns_status *s) {
    static const cns_span demands[] = {{"consentpy.tcf.require_service_specific", 38},
                                       {"consentpy.tcf.min_policy_version", 32},
                                       {"consentpy.tcf.require_disclosed_segment_from_policy", 51},
                                       {"consentpy.tcf.require_disclosed_segment_since", 45}};
    TELL(t, "cookies.iabCookieName", name);
    if (s->tc_state == CNS_TC_READ || s->tc_state == CNS_TC_FOREIGN)
        TELL(t, "consentpy.cmpIds", anything);
    for (size_t i = 0; s->tc_state == CNS_TC_UNMET && i < sizeof demands / sizeof *demands; i++)
        tell_in(t, CNS_WHOLE, demands[i], anything);
}

void cns_tell_time_settings(const cns_teller *t, const cns_status *s) {
    unsigned rules = s->time_rules;
    if (rules & CNS_BY_SKEW)
        TELL(t, "consentpy.clockSkewSeconds", not_negative);
    if (rules & CNS_BY_DURATION)
        TELL(t, "app.consentDuration", positive);
    if (rules & CNS_BY_DENIED)
        TELL(t, "app.deniedConsentDuration", positive);
    if (rules & CNS_BY_BEFORE)
        TELL(t, "user.ignoreConsentBefore", anything);
    if (rules & CNS_BY_OLDER)
        TELL(t, "consentpy.ignoreBefore", word);
    if (t->notice->reset_on_recollect && (s->reset || s->collect == CNS_ASK_WITHIN_WINDOW)) {
        TELL(t, "consentpy.recollect", word);
        TELL(t, "notice.daysBeforeShowingAgain", not_negative);
    }
}

void cns_tell_option(const cns_teller *t, cns_option option) {
    switch (option) {
    case CNS_OPTION_BOTS:
        TELL(t, "user.bots.consentRequired", flag);
        break;
    case CNS_OPTION_GPC:
        TELL(t, "consentpy.gpc", word);
        break;
    case CNS_OPTION_UNDERAGE:
        TELL(t, "user.isUnderage", flag);
        break;
    case CNS_OPTION_REFUSAL:
        TELL(t, "consentpy.storedRefusalWithoutRegulation", word);
        break;
    }
}

/* -------------------------------------------------------------------- vendors */

static uint32_t custom_number(const cns_ids *ids, const cns_value *item) {
    const cns_value *id = CNS_AT(item, "id");
    return cns_is_string(id) && id->len ? cns_ids_custom(ids, cns_string(id)) : CNS_NO_ID;
}

/* By any spelling, the token's first. */
static uint32_t listed_number(const cns_ids *ids, const cns_value *item) {
    if (!cns_is_string(item))
        return CNS_NO_ID;
    uint32_t number = cns_ids_sdk_vendor(ids, item->u.text, item->len);
    return number == CNS_NO_ID || ids->vendors[number].space != CNS_DIDOMI
               ? cns_ids_vendor(ids, cns_string(item))
               : number;
}

static uint32_t iab_number(const cns_ids *ids, const cns_value *item) {
    return cns_is(item, CNS_INT) ? cns_ids_vendor_number(ids, item->u.i) : CNS_NO_ID;
}

/* The lists that can name a vendor, by namespace; the first that does is told. */
typedef struct source {
    cns_namespace space;
    cns_span path;
    uint32_t (*number_of)(const cns_ids *ids, const cns_value *item);
} source;

static const source sources[] = {
    {CNS_CUSTOM, {"app.vendors.custom", 18}, custom_number},
    {CNS_DIDOMI, {"app.vendors.didomi", 18}, listed_number},
    {CNS_DIDOMI, {"app.vendors.include", 19}, listed_number},
    {CNS_IAB, {"app.vendors.iab", 15}, iab_number},
    {CNS_IAB, {"app.vendors.iab.include", 23}, iab_number},
    {CNS_IAB, {"app.vendors.include", 19}, listed_number},
};
#define SOURCES (sizeof sources / sizeof sources[0])

/* A vendor of Didomi's list with a number of the GVL can come from there, too. */
static bool can_name(const source *from, const cns_vendor_id *vendor) {
    return vendor->space == from->space || (from->space == CNS_IAB && vendor->iab);
}

static bool tell_definition(const cns_teller *t, uint32_t vendor) {
    const cns_ids *ids = &t->notice->config->ids;
    const cns_tables *tables = t->notice->tables;
    const cns_vendor_id *id = &ids->vendors[vendor];
    bool all = id->iab && cns_is(value_at(t, CNS_SPAN("app.vendors.iab.all")), CNS_TRUE);
    for (size_t k = 0; k < SOURCES; k++) {
        if (all && sources[k].space == CNS_IAB)
            break;
        const cns_value *list = can_name(&sources[k], id) ? value_at(t, sources[k].path) : NULL;
        int64_t at = index_of(list, vendor, ids, sources[k].number_of);
        if (at < 0)
            continue;
        /* of two custom vendors with one id the one that has purposes counts */
        if (id->space == CNS_CUSTOM && cns_has(tables->vendors, vendor)) {
            const cns_value *definition = tables->definition[tables->row[vendor]];
            for (uint32_t i = 0; i < list->len; i++)
                at = &list->u.items[i] == definition ? (int64_t)i : at;
        }
        tell_item(t, CNS_WHOLE, sources[k].path, (size_t)at);
        return true;
    }
    if (all)
        TELL(t, "app.vendors.iab.all", flag);
    return all;
}

/* The restrictions that narrow what a vendor of the Global Vendor List may do. */
static void tell_restrictions(const cns_teller *t, uint32_t iab) {
    const cns_value *list = t->notice->tables->key.restrictions;
    for (uint32_t i = 0; iab && cns_is_array(list) && i < list->len; i++) {
        cns_value alone = {.kind = CNS_ARRAY, .len = 1, .u.items = &list->u.items[i]};
        cns_limits limits;
        cns_word named;
        cns_restrictions_read(&limits, &iab, 1, &alone, &named);
        if (limits.disallow | limits.consent | limits.li)
            tell_item(t, CNS_WHOLE, CNS_SPAN("app.vendors.iab.restrictions"), i);
    }
}

static void tell_override(const cns_teller *t, uint32_t vendor, cns_basis basis) {
    static const cns_span overrides = {"app.vendors.overrideVendors", 27};
    static const cns_span members[] = {{"purposeIds", 10}, {"legIntPurposeIds", 16}};
    const cns_tables *tables = t->notice->tables;
    const cns_value *all = tables->key.overrides;
    const cns_value *entry = tables->overrides ? tables->overrides[vendor] : NULL;
    cns_span key = {NULL, 0};
    for (uint32_t i = 0; entry && i < all->len; i++)
        if (cns_value_member(all, i, NULL, NULL) == entry)
            (void)cns_value_member(all, i, &key.text, &key.len);
    for (size_t li = 0; li < 2; li++) {
        bool asked = t->notice->group != CNS_OPT_IN || (basis == CNS_LEGITIMATE_INTEREST) == li;
        if (!asked || !cns_is_array(cns_at(entry, members[li])))
            continue;
        cns_trail w = cns_trail_begin(overrides);
        cns_trail_key(&w, key);
        cns_trail_key(&w, members[li]);
        tell_in(t, CNS_WHOLE, cns_trail_text(&w), anything);
    }
}

void cns_tell_vendor_settings(const cns_teller *t, uint32_t vendor, cns_basis basis) {
    const cns_ids *ids = &t->notice->config->ids;
    const cns_vendor_id *id = &ids->vendors[vendor];
    bool there = cns_has(t->notice->tables->vendors, vendor);
    bool defined = tell_definition(t, vendor);
    if (defined)
        tell_override(t, vendor, basis);
    if (!there && defined && !basis)
        tell_override(t, vendor, CNS_LEGITIMATE_INTEREST); /* left with no purpose */
    if (there || defined)
        tell_restrictions(t, id->iab);
    for (size_t k = 0; !there && !defined && k < SOURCES; k++)
        if (sources[k].space == id->space && !cns_is_object(value_at(t, sources[k].path)))
            tell_in(t, CNS_WHOLE, sources[k].path, anything);
    if (there || !id->iab)
        return;
    const cns_value *list = value_at(t, CNS_SPAN("app.vendors.iab.exclude"));
    int64_t at = index_of(list, vendor, ids, iab_number);
    if (at >= 0)
        tell_item(t, CNS_WHOLE, CNS_SPAN("app.vendors.iab.exclude"), (size_t)at);
}

/* ------------------------------------------------------------------- purposes */

static uint32_t purpose_number(const cns_ids *ids, const cns_value *item) {
    return cns_is_string(item) ? cns_ids_purpose(ids, item->u.text, item->len) : CNS_NO_ID;
}

static bool tell_listed(const cns_teller *t, cns_span path, uint32_t purpose) {
    const cns_value *list = value_at(t, path);
    int64_t at = index_of(list, purpose, &t->notice->config->ids, purpose_number);
    if (at >= 0)
        tell_item(t, CNS_WHOLE, path, (size_t)at);
    return at >= 0;
}

void cns_tell_purpose_settings(const cns_teller *t, uint32_t purpose) {
    const cns_tables *tables = t->notice->tables;
    const cns_value *definition = tables->purpose_definition[purpose];
    const cns_value *custom = tables->key.custom_purposes;
    bool there = cns_has(tables->purposes, purpose);
    if (definition)
        tell_item(t, CNS_WHOLE, CNS_SPAN("app.customPurposes"),
                  (size_t)number_in(custom, definition));
    else if (there && cns_has(tables->unused, purpose))
        (void)tell_listed(t, CNS_SPAN("app.purposes"), purpose);
    if (cns_has(t->notice->asked->essential, purpose))
        (void)tell_listed(t, CNS_SPAN("app.essentialPurposes"), purpose);
    if (there || tell_listed(t, CNS_SPAN("app.disabledPurposes"), purpose) || definition)
        return;
    if (purpose < CNS_STANDARDS)
        TELL(t, "app.purposes", anything);
    else
        TELL(t, "app.customPurposes", anything);
}
