/* lint_laws.c - a review of laws, and of the places where they apply. */
#include "lint.h"

/* `FR`, and with `regions` also `US_CA`, in letters of either case. */
static bool is_place(cns_span text, bool regions) {
    char country[3], region[4] = "";
    cns_country_read(country, (cns_span){text.text, text.len < 2 ? text.len : 2});
    if (text.len > 3 && text.text[2] == '_' && regions)
        cns_region_read(region, (cns_span){text.text + 3, text.len - 3});
    return country[0] && (text.len == 2 || region[0]);
}

void cns_lint_places(cns_lint *l, const cns_value *list, bool regions, const cns_trail *at) {
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++) {
        const cns_value *item = &list->u.items[i];
        if (cns_is_string(item) && is_place(cns_string(item), regions))
            continue;
        cns_trail w = cns_lint_item(at, i);
        cns_lint_say(l, cns_is_string(item) ? CNS_LINT_PLACE : CNS_LINT_WRONG_TYPE, item, &w);
    }
}

static void review_places(cns_lint *l, const cns_value *law, cns_span key, const cns_trail *at) {
    const cns_value *list = cns_at(law, key);
    if (!list || list->kind == CNS_NULL)
        return;
    cns_trail w = cns_lint_member(at, key);
    if (cns_is_array(list))
        cns_lint_places(l, list, true, &w);
    else
        cns_lint_say(l, CNS_LINT_WRONG_TYPE, list, &w);
}

static void review_law(cns_lint *l, const cns_value *law, const cns_trail *at) {
    const cns_value *enabled = CNS_AT(law, "enabled");
    if (!cns_is_object(law)) {
        if (law->kind != CNS_NULL)
            cns_lint_say(l, CNS_LINT_WRONG_TYPE, law, at);
        return;
    }
    if (enabled && enabled->kind != CNS_NULL && !cns_is(enabled, CNS_TRUE) &&
        !cns_is(enabled, CNS_FALSE)) {
        cns_trail w = cns_lint_member(at, CNS_SPAN("enabled"));
        cns_lint_say(l, CNS_LINT_WRONG_TYPE, enabled, &w);
    }
    review_places(l, law, CNS_SPAN("geo_locations"), at);
    review_places(l, law, CNS_SPAN("additionalCountries"), at);
}

void cns_lint_laws(cns_lint *l, const cns_lint_part *part) {
    const cns_value *laws = CNS_AT(part->root, "regulations");
    cns_trail list = cns_lint_member(part->at, CNS_SPAN("regulations"));
    for (uint32_t i = 0; cns_is_object(laws) && i < laws->len; i++) {
        const cns_member *member = &laws->u.table->members[i];
        cns_span id = {member->key, member->key_len};
        cns_trail w = cns_lint_member(&list, id);
        if (!cns_regulation_known(id))
            cns_lint_say(l, CNS_LINT_UNKNOWN_LAW, member->value, &w);
        review_law(l, member->value, &w);
    }
}

void cns_lint_entry(cns_lint *l, const cns_value *entry, const cns_trail *at) {
    const cns_value *id = CNS_AT(entry, "regulation_id");
    if (!cns_regulation_readable(entry)) {
        cns_lint_say(l, CNS_LINT_UNREADABLE_LAW, entry, at);
        return;
    }
    if (!cns_regulation_known(cns_string(id))) {
        cns_trail w = cns_lint_member(at, CNS_SPAN("regulation_id"));
        cns_lint_say(l, CNS_LINT_UNKNOWN_LAW, id, &w);
    }
    review_places(l, entry, CNS_SPAN("geo_locations"), at);
}
