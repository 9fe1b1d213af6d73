/* lint_lists.c - a review of the vendors and purposes of an `app`. */
#include "lint.h"
#include "restriction.h"

static uint32_t purpose_of(const cns_lint *l, const cns_value *item) {
    return cns_is_string(item) ? cns_ids_purpose(&l->config->ids, item->u.text, item->len)
                               : CNS_NO_ID;
}

/* Purposes that a list names and nobody knows; returns how many are known. */
static uint32_t review_purposes(cns_lint *l, const cns_value *owner, const cns_trail *at,
                                cns_span key) {
    const cns_value *list = cns_at(owner, key);
    uint32_t found = 0;
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++) {
        if (purpose_of(l, &list->u.items[i]) != CNS_NO_ID) {
            found++;
            continue;
        }
        cns_trail above = cns_lint_member(at, key), w = cns_lint_item(&above, i);
        cns_lint_say(l, CNS_LINT_UNKNOWN_PURPOSE, &list->u.items[i], &w);
    }
    return found;
}

static void review_essential(cns_lint *l, const cns_value *app, const cns_trail *at) {
    static const cns_span key = {"essentialPurposes", 17};
    const cns_value *list = cns_at(app, key);
    review_purposes(l, app, at, key);
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++) {
        uint32_t number = purpose_of(l, &list->u.items[i]);
        if (number >= CNS_STANDARDS || !cns_standards[number].current)
            continue; /* custom, or unknown and told */
        cns_trail above = cns_lint_member(at, key), w = cns_lint_item(&above, i);
        cns_lint_say(l, CNS_LINT_ESSENTIAL, &list->u.items[i], &w);
    }
}

static cns_word *emptied(cns_word *set, uint32_t count) {
    memset(set, 0, cns_words(count) * sizeof *set);
    return set;
}

static void review_custom_purposes(cns_lint *l, const cns_value *app, const cns_trail *at) {
    const cns_value *list = CNS_AT(app, "customPurposes");
    if (!cns_is_array(list) || !list->len)
        return;
    cns_trail above = cns_lint_member(at, CNS_SPAN("customPurposes"));
    cns_word *seen = emptied(l->purposes, l->config->ids.purpose_count);
    for (uint32_t i = 0; i < list->len; i++) {
        const cns_value *item = &list->u.items[i], *id = CNS_AT(item, "id");
        cns_trail w = cns_lint_item(&above, i);
        uint32_t number = purpose_of(l, id);
        if (number == CNS_NO_ID || (number < CNS_STANDARDS && cns_standards[number].current))
            cns_lint_say(l, CNS_LINT_PURPOSE_ID, item, &w);
        else if (cns_has(seen, number))
            cns_lint_say(l, CNS_LINT_DUPLICATE_PURPOSE, item, &w);
        else
            cns_add_bit(seen, number);
    }
}

/* The vendors about which overrideVendors of the layers, or of this part, says something. */
static cns_word *covered(const cns_lint *l, const cns_value *app) {
    const cns_value *const lists[] = {
        CNS_AT(CNS_AT(app, "vendors"), "overrideVendors"),
        CNS_AT(CNS_AT(CNS_AT(l->merged, "app"), "vendors"), "overrideVendors")};
    cns_word *set = emptied(l->covered, l->config->ids.vendor_count);
    for (size_t k = 0; k < 2; k++)
        for (uint32_t i = 0; cns_is_object(lists[k]) && i < lists[k]->len; i++) {
            const cns_member *member = &lists[k]->u.table->members[i];
            uint32_t found =
                cns_ids_vendor(&l->config->ids, (cns_span){member->key, member->key_len});
            if (found != CNS_NO_ID)
                cns_add_bit(set, found);
        }
    return set;
}

static void review_vendor(cns_lint *l, const cns_value *vendor, bool known_elsewhere,
                          const cns_trail *at) {
    uint32_t known = review_purposes(l, vendor, at, CNS_SPAN("purposeIds")) +
                     review_purposes(l, vendor, at, CNS_SPAN("legIntPurposeIds"));
    const cns_value *features = CNS_AT(vendor, "specialFeatureIds");
    const cns_value *google = CNS_AT(CNS_AT(vendor, "namespaces"), "google");
    if (!known && !(cns_is_array(features) && features->len) &&
        !cns_is(CNS_AT(google, "current"), CNS_TRUE) && !known_elsewhere)
        cns_lint_say(l, CNS_LINT_DROPPED_VENDOR, vendor, at);
}

static void review_custom_vendors(cns_lint *l, const cns_value *app, const cns_value *list,
                                  const cns_trail *at) {
    if (!list->len)
        return;
    cns_word *seen = emptied(l->vendors, l->config->ids.vendor_count), *other = covered(l, app);
    for (uint32_t i = 0; i < list->len; i++) {
        const cns_value *vendor = &list->u.items[i], *id = CNS_AT(vendor, "id");
        uint32_t number = cns_is_string(id) && id->len
                              ? cns_ids_custom(&l->config->ids, cns_string(id))
                              : CNS_NO_ID;
        cns_trail w = cns_lint_item(at, i);
        if (number == CNS_NO_ID) {
            cns_lint_say(l, CNS_LINT_VENDOR_ID, vendor, &w);
        } else if (cns_has(seen, number)) {
            cns_lint_say(l, CNS_LINT_DUPLICATE_VENDOR, vendor, &w);
        } else {
            cns_add_bit(seen, number);
            review_vendor(l, vendor, cns_has(other, number), &w);
        }
    }
}

/* Vendors that are only named. */
static void review_names(cns_lint *l, const cns_value *list, const cns_trail *at) {
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++) {
        const cns_value *item = &list->u.items[i];
        cns_trail w = cns_lint_item(at, i);
        if (!cns_is_string(item))
            cns_lint_say(l, CNS_LINT_WRONG_TYPE, item, &w);
        else if (cns_ids_vendor(&l->config->ids, cns_string(item)) == CNS_NO_ID)
            cns_lint_say(l, CNS_LINT_UNKNOWN_VENDOR, item, &w);
    }
}

static void review_overrides(cns_lint *l, const cns_value *list, const cns_trail *at) {
    for (uint32_t i = 0; cns_is_object(list) && i < list->len; i++) {
        const cns_member *member = &list->u.table->members[i];
        cns_span key = {member->key, member->key_len};
        cns_trail w = cns_lint_member(at, key);
        if (cns_ids_vendor(&l->config->ids, key) == CNS_NO_ID)
            cns_lint_say(l, CNS_LINT_UNKNOWN_VENDOR, member->value, &w);
        review_purposes(l, member->value, &w, CNS_SPAN("purposeIds"));
        review_purposes(l, member->value, &w, CNS_SPAN("legIntPurposeIds"));
    }
}

/* ---------------------------------------------------------------- the vendor list */

static cns_word *numbers_of(cns_lint *l, const cns_value *list) {
    cns_word *set = emptied(l->numbers, CNS_LINT_NUMBERS);
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++) {
        const cns_value *item = &list->u.items[i];
        if (cns_is(item, CNS_INT) && item->u.i >= 0 && item->u.i < CNS_LINT_NUMBERS)
            cns_add_bit(set, (uint32_t)item->u.i);
    }
    return set;
}

/* `excluded`: by the layers, from a part that is merged over them; may be NULL. */
static void review_numbers(cns_lint *l, const cns_value *list, const cns_trail *at,
                           const cns_value *excluded) {
    const cns_gvl *gvl = l->config->directory.gvl;
    cns_word *out = numbers_of(l, excluded);
    for (uint32_t i = 0; i < list->len; i++) {
        const cns_value *item = &list->u.items[i];
        cns_trail w = cns_lint_item(at, i);
        if (!cns_is(item, CNS_INT)) {
            cns_lint_say(l, CNS_LINT_WRONG_TYPE, item, &w);
            continue;
        }
        uint32_t row = gvl ? cns_gvl_row(gvl, item->u.i) : CNS_NO_ID;
        if (gvl && (row == CNS_NO_ID || gvl->entries[row].deleted))
            cns_lint_say(l, CNS_LINT_NOT_IN_LIST, item, &w);
        if (item->u.i >= 0 && item->u.i < CNS_LINT_NUMBERS && cns_has(out, (uint32_t)item->u.i))
            cns_lint_say(l, CNS_LINT_EXCLUDE, item, &w);
    }
}

static void review_iab(cns_lint *l, const cns_lint_part *part, const cns_value *iab,
                       const cns_trail *at) {
    const cns_value *outer = CNS_AT(CNS_AT(CNS_AT(l->merged, "app"), "vendors"), "iab");
    const cns_value *all = CNS_AT(iab, "all"), *own = CNS_AT(iab, "exclude");
    const cns_value *excluded = own || !part->over ? NULL : CNS_AT(outer, "exclude");
    const cns_value *include = cns_is_array(iab) ? iab : CNS_AT(iab, "include");
    bool everybody = cns_is(all, CNS_TRUE);
    if (cns_is_array(iab)) {
        review_numbers(l, iab, at, NULL); /* replaces the object, the exclusion with it */
    } else if (cns_is_array(include)) {
        cns_trail w = cns_lint_member(at, CNS_SPAN("include"));
        review_numbers(l, include, &w, excluded);
    }
    if (everybody && cns_is_array(excluded) && excluded->len &&
        !cns_is(CNS_AT(outer, "all"), CNS_TRUE)) {
        cns_trail w = cns_lint_member(at, CNS_SPAN("all"));
        cns_lint_say(l, CNS_LINT_EXCLUDE, all, &w);
    }
    const cns_value *restrictions = CNS_AT(iab, "restrictions");
    for (uint32_t i = 0; cns_is_array(restrictions) && i < restrictions->len; i++) {
        if (cns_restriction_usable(&restrictions->u.items[i]))
            continue;
        cns_trail list = cns_lint_member(at, CNS_SPAN("restrictions"));
        cns_trail w = cns_lint_item(&list, i);
        cns_lint_say(l, CNS_LINT_RESTRICTION, &restrictions->u.items[i], &w);
    }
    if (!everybody && !(cns_is_array(include) && include->len))
        return;
    if (!l->config->directory.gvl)
        cns_lint_say(l, CNS_LINT_WITHOUT_GVL, iab, at);
    else if (!cns_is(CNS_AT(CNS_AT(l->merged, "consentpy"), "cmpId"), CNS_INT))
        cns_lint_say(l, CNS_LINT_NEEDS_CMP, iab, at);
}

/* ----------------------------------------------------------------------- an app */

void cns_lint_lists(cns_lint *l, const cns_lint_part *part, const cns_value *app,
                    const cns_trail *at) {
    static const cns_span names[] = {{"didomi", 6}, {"include", 7}};
    review_purposes(l, app, at, CNS_SPAN("purposes"));
    review_purposes(l, app, at, CNS_SPAN("disabledPurposes"));
    review_custom_purposes(l, app, at);
    review_essential(l, app, at);
    const cns_value *vendors = CNS_AT(app, "vendors"), *custom = CNS_AT(vendors, "custom");
    if (!cns_is_object(vendors))
        return;
    cns_trail above = cns_lint_member(at, CNS_SPAN("vendors"));
    if (cns_is_array(custom)) {
        cns_trail w = cns_lint_member(&above, CNS_SPAN("custom"));
        review_custom_vendors(l, app, custom, &w);
    }
    for (size_t i = 0; i < 2; i++) {
        cns_trail w = cns_lint_member(&above, names[i]);
        review_names(l, cns_at(vendors, names[i]), &w);
    }
    cns_trail overrides = cns_lint_member(&above, CNS_SPAN("overrideVendors"));
    review_overrides(l, CNS_AT(vendors, "overrideVendors"), &overrides);
    const cns_value *iab = CNS_AT(vendors, "iab");
    if (cns_is_object(iab) || cns_is_array(iab)) {
        cns_trail w = cns_lint_member(&above, CNS_SPAN("iab"));
        review_iab(l, part, iab, &w);
    }
}
