/* lint.c - a review of a configuration: its parts, dates and countries (docs/lint.md). */
#include "lint.h"

#include "error.h"

#define THIRTEEN_MONTHS 34214400 /* seconds: 396 days */

static const struct {
    const char *code;
    cns_severity severity;
    const char *message;
} known[] = {
    [CNS_LINT_WRONG_TYPE] = {"wrong-type", CNS_IS_ERROR,
                             "this value is of a type that is ignored here: correct it"},
    [CNS_LINT_COUNTRY_KEY] = {"country-key", CNS_IS_ERROR,
                              "no visitor's country has this code: write the two capital letters "
                              "of ISO 3166-1"},
    [CNS_LINT_BAD_COUNTRY] = {"bad-country", CNS_IS_ERROR,
                              "this is no country, so every visitor's country is unknown: write "
                              "two letters of ISO 3166-1, or remove it"},
    [CNS_LINT_FIXED_COUNTRY] = {"fixed-country", CNS_IS_WARNING,
                                "every visitor counts as being in this country: remove it unless "
                                "that is meant"},
    [CNS_LINT_UNKNOWN_PURPOSE] = {"unknown-purpose", CNS_IS_ERROR,
                                  "no purpose has this id, so it is ignored: correct it, or add it "
                                  "to app.customPurposes"},
    [CNS_LINT_PURPOSE_ID] = {"purpose-id", CNS_IS_ERROR,
                             "this purpose is ignored: give it an id of letters, digits, - and _ "
                             "that is not one of the TCF's"},
    [CNS_LINT_DUPLICATE_PURPOSE] = {"duplicate-purpose", CNS_IS_WARNING,
                                    "an earlier purpose of this list has the same id and is the "
                                    "one that counts: remove one of them"},
    [CNS_LINT_ESSENTIAL] = {"essential-not-custom", CNS_IS_ERROR,
                            "only purposes of app.customPurposes can be essential, so this one is "
                            "asked for all the same: remove it"},
    [CNS_LINT_UNKNOWN_VENDOR] = {"unknown-vendor", CNS_IS_ERROR,
                                 "no vendor has this id, so it is ignored: correct it, or give a "
                                 "catalog that knows it"},
    [CNS_LINT_VENDOR_ID] = {"vendor-id", CNS_IS_ERROR,
                            "a vendor without an id is ignored: give it one"},
    [CNS_LINT_DUPLICATE_VENDOR] = {"duplicate-vendor", CNS_IS_WARNING,
                                   "an earlier vendor of this list has the same id and is the one "
                                   "that counts: remove one of them"},
    [CNS_LINT_DROPPED_VENDOR] = {"dropped-vendor", CNS_IS_ERROR,
                                 "this vendor has no purpose that is known, so the notice leaves "
                                 "it out and its tags never run: give it one"},
    [CNS_LINT_NOT_IN_LIST] = {"not-in-list", CNS_IS_WARNING,
                              "the Global Vendor List has no such vendor, or has deleted it: "
                              "remove the number"},
    [CNS_LINT_EXCLUDE] = {"exclude-survives", CNS_IS_WARNING,
                          "app.vendors.iab.exclude of the layers still takes this out here: "
                          "write an exclude of its own beside it, even if empty"},
    [CNS_LINT_RESTRICTION] = {"restriction", CNS_IS_ERROR,
                              "this restriction is malformed and restricts nobody: correct it as "
                              "docs/configuration.md says"},
    [CNS_LINT_WITHOUT_GVL] = {"iab-without-gvl", CNS_IS_WARNING,
                              "without a Global Vendor List there are no IAB vendors: give one "
                              "with gvl="},
    [CNS_LINT_NEEDS_CMP] = {"tcf-needs-cmp", CNS_IS_WARNING,
                            "answers about IAB vendors can be stored only with the CMP id that is "
                            "registered for the site: write it into consentpy.cmpId"},
    [CNS_LINT_LONG_CONSENT] = {"long-consent", CNS_IS_WARNING,
                               "answers are kept for more than 13 months: shorten it to "
                               "34214400 seconds or less"},
    [CNS_LINT_DURATION] = {"bad-duration", CNS_IS_ERROR,
                           "only seconds above 0 count, so this is ignored: correct it"},
    [CNS_LINT_DENIED_DURATION] = {"denied-duration", CNS_IS_WARNING,
                                  "this is not shorter than app.consentDuration, so it has no "
                                  "effect: shorten or remove it"},
    [CNS_LINT_BAD_DATE] = {"bad-date", CNS_IS_ERROR,
                           "this is no date of ISO 8601, so it is ignored: write "
                           "YYYY-MM-DDTHH:MM:SSZ"},
    [CNS_LINT_FUTURE_DATE] = {"future-date", CNS_IS_WARNING,
                              "this has no effect before the date has come, and then sets aside "
                              "every older answer: check it"},
    [CNS_LINT_UNKNOWN_LAW] = {"unknown-law", CNS_IS_WARNING,
                              "no law has this id, so it counts as one of opt-in without a "
                              "territory: correct it"},
    [CNS_LINT_UNREADABLE_LAW] = {"unreadable-law", CNS_IS_ERROR,
                                 "this entry names no law, or no place that could be one: give "
                                 "it a regulation_id and geo_locations"},
    [CNS_LINT_DELIVERED_LAW] = {"delivered-law", CNS_IS_INFO,
                                "this is the law of the one visitor for whom the file was made "
                                "and counts only where no country is given: give countries"},
    [CNS_LINT_EXPERIMENT] = {"experiment", CNS_IS_INFO,
                             "the configuration of an experiment is not applied on the server, "
                             "only its group is told"},
    [CNS_LINT_UNKNOWN_OPTION] = {"unknown-option", CNS_IS_ERROR,
                                 "there is no such option: docs/configuration.md has them all"},
    [CNS_LINT_OPTION] = {"option-value", CNS_IS_ERROR,
                         "the option cannot have this value, so it is ignored: "
                         "docs/configuration.md has those that it can"},
    [CNS_LINT_DEMAND] = {"tcf-demand", CNS_IS_ERROR,
                         "no TC string has this, so the strictest demand counts in its place: "
                         "correct it as docs/configuration.md says"},
    [CNS_LINT_PLACE] = {"bad-place", CNS_IS_ERROR,
                        "there is no such place here, so it never matches: write a country of ISO "
                        "3166-1 such as FR or, where a law applies, a region such as US_CA"},
    [CNS_LINT_COOKIE_NAME] = {"cookie-name", CNS_IS_ERROR,
                              "no cookie can have this name: write up to 255 letters, digits and "
                              "the signs of docs/lint.md"},
};

void cns_lint_say(cns_lint *l, cns_lint_code code, const cns_value *value, const cns_trail *at) {
    cns_remark remark = {known[code].code,    known[code].message, known[code].severity,
                         {at->text, at->len}, value->layer,        value->offset};
    l->to->remark(l->to->ctx, &remark);
}

cns_trail cns_lint_member(const cns_trail *at, cns_span key) {
    cns_trail w = *at;
    cns_trail_key(&w, key);
    return w;
}

cns_trail cns_lint_item(const cns_trail *at, uint32_t index) {
    cns_trail w = *at;
    cns_trail_index(&w, index);
    return w;
}

/* ---------------------------------------------------------------- dates, durations */

static void review_duration(cns_lint *l, const cns_value *app, const cns_trail *at, cns_span key) {
    const cns_value *value = cns_at(app, key);
    if (!cns_is_number(value))
        return;
    cns_trail w = cns_lint_member(at, key);
    double seconds = cns_value_real(value);
    if (!(seconds > 0))
        cns_lint_say(l, CNS_LINT_DURATION, value, &w);
    else if (seconds > THIRTEEN_MONTHS)
        cns_lint_say(l, CNS_LINT_LONG_CONSENT, value, &w);
}

static void review_date(cns_lint *l, const cns_lint_part *part) {
    const cns_value *value = CNS_AT(CNS_AT(part->root, "user"), "ignoreConsentBefore");
    if (!cns_is_string(value))
        return;
    cns_trail user = cns_lint_member(part->at, CNS_SPAN("user"));
    cns_trail w = cns_lint_member(&user, CNS_SPAN("ignoreConsentBefore"));
    cns_when when = cns_when_parse(value->u.text, value->len);
    if (when == CNS_NEVER)
        cns_lint_say(l, CNS_LINT_BAD_DATE, value, &w);
    else if (when > l->now)
        cns_lint_say(l, CNS_LINT_FUTURE_DATE, value, &w);
}

/* ---------------------------------------------------------------------- parts */

static void review_part(cns_lint *l, const cns_lint_part *part) {
    static const cns_span apps[] = {{"app", 3}, {"website", 7}};
    if (!cns_is_object(part->root)) {
        if (part->root->kind != CNS_NULL)
            cns_lint_say(l, CNS_LINT_WRONG_TYPE, part->root, part->at);
        return;
    }
    cns_lint_types(l, part);
    for (size_t i = 0; i < 2; i++) {
        const cns_value *app = cns_at(part->root, apps[i]);
        if (!cns_is_object(app))
            continue;
        cns_trail at = cns_lint_member(part->at, apps[i]);
        review_duration(l, app, &at, CNS_SPAN("consentDuration"));
        review_duration(l, app, &at, CNS_SPAN("deniedConsentDuration"));
        cns_lint_lists(l, part, app, &at);
    }
    review_date(l, part);
    cns_lint_laws(l, part);
    cns_lint_cookies(l, part);
    cns_lint_options(l, part);
}

static void review_countries(cns_lint *l, const cns_value *root, const cns_trail *above) {
    const cns_value *list = CNS_AT(root, "configByCountry");
    cns_trail at = cns_lint_member(above, CNS_SPAN("configByCountry"));
    for (uint32_t i = 0; cns_is_object(list) && i < list->len; i++) {
        const cns_member *member = &list->u.table->members[i];
        cns_span key = {member->key, member->key_len};
        cns_trail w = cns_lint_member(&at, key);
        if (key.len != 2 || !cns_country_assigned(key.text))
            cns_lint_say(l, CNS_LINT_COUNTRY_KEY, member->value, &w);
        review_part(l, &(cns_lint_part){member->value, &w, true});
    }
}

static void review_entries(cns_lint *l, const cns_value *root, const cns_trail *above) {
    const cns_value *list = CNS_AT(root, "regulation_configurations");
    cns_trail at = cns_lint_member(above, CNS_SPAN("regulation_configurations"));
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++) {
        const cns_value *entry = &list->u.items[i], *config = CNS_AT(entry, "config");
        cns_trail w = cns_lint_item(&at, i);
        cns_lint_entry(l, entry, &w);
        if (!config)
            continue;
        cns_trail inside = cns_lint_member(&w, CNS_SPAN("config"));
        review_part(l, &(cns_lint_part){config, &inside, true});
        review_countries(l, config, &inside);
    }
}

/* ------------------------------------------------------------ what they are together */

static void say_merged(cns_lint *l, cns_lint_code code, const cns_value *value, cns_span outer,
                       cns_span key) {
    cns_trail w = cns_trail_begin(outer);
    if (key.len)
        cns_trail_key(&w, key);
    cns_lint_say(l, code, value, &w);
}

static void review_merged(cns_lint *l) {
    const cns_value *m = l->merged, *app = CNS_AT(m, "app");
    const cns_value *denied = CNS_AT(app, "deniedConsentDuration");
    const cns_value *whole = CNS_AT(app, "consentDuration");
    double most = cns_is_number(whole) && cns_value_real(whole) > 0 ? cns_value_real(whole)
                                                                    : 31622400; /* the default */
    if (cns_is_number(denied) && cns_value_real(denied) >= most)
        say_merged(l, CNS_LINT_DENIED_DURATION, denied, CNS_SPAN("app"),
                   CNS_SPAN("deniedConsentDuration"));
    const cns_value *country = CNS_AT(CNS_AT(m, "user"), "country");
    if (country && country->kind != CNS_NULL) {
        char code[3] = "";
        if (cns_is_string(country))
            cns_country_read(code, cns_string(country));
        say_merged(l, code[0] ? CNS_LINT_FIXED_COUNTRY : CNS_LINT_BAD_COUNTRY, country,
                   CNS_SPAN("user"), CNS_SPAN("country"));
        const cns_value *region = CNS_AT(CNS_AT(m, "user"), "region");
        char part[4] = "";
        if (cns_is_string(region))
            cns_region_read(part, cns_string(region));
        if (code[0] && cns_is_string(region) && region->len && !part[0])
            say_merged(l, CNS_LINT_PLACE, region, CNS_SPAN("user"), CNS_SPAN("region"));
    }
    const cns_value *name = CNS_AT(CNS_AT(m, "regulation"), "name");
    if (cns_is_string(name) && !l->config->entries && !cns_is_object(CNS_AT(m, "regulations")))
        say_merged(l, CNS_LINT_DELIVERED_LAW, name, CNS_SPAN("regulation"), CNS_SPAN("name"));
    const cns_value *experiment = CNS_AT(m, "experiment");
    if (experiment && experiment->kind != CNS_NULL)
        say_merged(l, CNS_LINT_EXPERIMENT, experiment, CNS_SPAN("experiment"), CNS_SPAN(""));
}

cns_code cns_config_lint(const cns_config *config, int64_t now, const cns_reviewer *to,
                         cns_alloc alloc, cns_error *err) {
    cns_lint l = {.config = config, .merged = config->with_entry[0], .now = now, .to = to};
    cns_arena arena;
    cns_arena_init(&arena, alloc);
    size_t vendors = cns_words(config->ids.vendor_count);
    l.vendors = cns_arena_zero(&arena, vendors, sizeof *l.vendors);
    l.covered = cns_arena_zero(&arena, vendors, sizeof *l.covered);
    l.purposes = cns_arena_zero(&arena, cns_words(config->ids.purpose_count), sizeof *l.purposes);
    l.numbers = cns_arena_zero(&arena, cns_words(CNS_LINT_NUMBERS), sizeof *l.numbers);
    bool room = l.vendors && l.covered && l.purposes && l.numbers;
    for (size_t i = 0; room && i < config->layer_count; i++) {
        cns_trail top = cns_trail_begin(CNS_SPAN(""));
        review_part(&l, &(cns_lint_part){config->layers[i], &top, false});
        review_countries(&l, config->layers[i], &top);
        review_entries(&l, config->layers[i], &top);
    }
    if (room)
        review_merged(&l);
    cns_arena_release(&arena);
    return room ? CNS_OK
                : cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET,
                           "memory ran out while reviewing a configuration");
}
