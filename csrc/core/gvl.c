/* gvl.c - reading a Global Vendor List (docs/didomi.md, Vendors of the list).
 *
 * What decides about consent has to be as the format says, or the list is refused: a
 * list of purposes that cannot be read would be one purpose less to ask for. The rest
 * is kept and not looked at.
 */
#include "gvl.h"

#include <stdio.h>

#include "error.h"

static const cns_span lists[] = {{"purposes", 8},          {"legIntPurposes", 14},
                                 {"flexiblePurposes", 16}, {"specialPurposes", 15},
                                 {"features", 8},          {"specialFeatures", 15}};

/* CNS_E_SHAPE at `node`, with the path `section.key.member`. */
static cns_code refuse(cns_error *err, const cns_value *node, const char *section,
                       const cns_member *entry, cns_span member, const char *message) {
    cns_code code = cns_fail(err, CNS_E_SHAPE, node ? node->offset : CNS_NO_OFFSET, message);
    if (!err)
        return code;
    char path[sizeof err->path];
    int key_len = !entry ? 0 : entry->key_len < 60 ? (int)entry->key_len : 60;
    int len =
        snprintf(path, sizeof path, "%s%s%.*s%s%.*s", section, entry ? "." : "", key_len,
                 entry ? entry->key : "", member.len ? "." : "", (int)member.len, member.text);
    cns_copy_text(err->path, sizeof err->path, path, len > 0 ? (size_t)len : 0);
    return code;
}

static bool is_null(const cns_value *value) {
    return !value || value->kind == CNS_NULL;
}

/* The number of an entry: its key, without needless zeros, which `id` has to repeat. */
static cns_code number_of(uint32_t *number, const char *section, const cns_member *entry,
                          cns_error *err) {
    int64_t id = cns_decimal(entry->key, entry->key_len, UINT16_MAX);
    if (id <= 0 || entry->key[0] == '0')
        return refuse(err, entry->value, section, entry, CNS_SPAN(""),
                      "a key of the list is a number from 1 to 65535: correct it");
    if (!cns_is_object(entry->value))
        return refuse(err, entry->value, section, entry, CNS_SPAN(""),
                      "an entry of the list is an object: write { ... }");
    const cns_value *own = CNS_AT(entry->value, "id");
    if (own && !(own->kind == CNS_INT && own->u.i == id))
        return refuse(err, own, section, entry, CNS_SPAN("id"),
                      "the id is not the number that the entry stands under: correct one of them");
    *number = (uint32_t)id;
    return CNS_OK;
}

/* Purposes by number as a mask, or special features. */
static uint32_t mask_of(const cns_value *list, bool features) {
    uint32_t mask = 0;
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++)
        for (uint32_t k = 0; k < CNS_STANDARDS; k++) {
            int64_t number = features ? cns_standards[k].feature : cns_standards[k].tcf;
            if (number && cns_standards[k].current && list->u.items[i].u.i == number)
                mask |= (uint32_t)1 << k;
        }
    return mask;
}

static cns_code read_vendor(cns_gvl_entry *out, const cns_member *member, cns_error *err) {
    const cns_value *node = member->value;
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        const cns_value *list = cns_at(node, lists[k]);
        if (is_null(list))
            continue;
        bool numbers = cns_is_array(list);
        for (uint32_t i = 0; numbers && i < list->len; i++)
            numbers = cns_is(&list->u.items[i], CNS_INT) && list->u.items[i].u.i > 0 &&
                      list->u.items[i].u.i <= UINT16_MAX;
        if (!numbers)
            return refuse(err, list, "vendors", member, lists[k],
                          "an array of numbers from 1 to 65535 must stand here");
    }
    const cns_value *deleted = CNS_AT(node, "deletedDate");
    if (!is_null(deleted) && !cns_is_string(deleted))
        return refuse(err, deleted, "vendors", member, CNS_SPAN("deletedDate"),
                      "a date is a text: write one such as 2024-06-11T00:00:00Z");
    const cns_value *special = CNS_AT(node, "specialPurposes");
    out->node = node;
    out->consent = mask_of(cns_at(node, lists[CNS_GVL_PURPOSES]), false);
    out->li = mask_of(cns_at(node, lists[CNS_GVL_LEGITIMATE_INTEREST_PURPOSES]), false);
    out->flexible = mask_of(cns_at(node, lists[CNS_GVL_FLEXIBLE_PURPOSES]), false);
    out->features = mask_of(cns_at(node, lists[CNS_GVL_SPECIAL_FEATURES]), true);
    out->special = cns_is_array(special) && special->len > 0;
    out->deleted = !is_null(deleted);
    return CNS_OK;
}

static cns_code read_vendors(cns_gvl *gvl, const cns_value *vendors, cns_error *err) {
    const cns_member *members = vendors->u.table->members;
    uint32_t *numbers = cns_arena_zero(&gvl->arena, vendors->len, sizeof *numbers);
    if (!numbers)
        return CNS_E_NOMEM;
    for (uint32_t i = 0; i < vendors->len; i++) {
        cns_code code = number_of(&numbers[i], "vendors", &members[i], err);
        if (code != CNS_OK)
            return code;
        if (numbers[i] > gvl->highest)
            gvl->highest = numbers[i];
    }
    /* keys differ and have no needless zeros, so numbers differ and there are < 65 536 */
    gvl->rows = cns_arena_zero(&gvl->arena, (size_t)gvl->highest + 1, sizeof *gvl->rows);
    gvl->entries = cns_arena_zero(&gvl->arena, vendors->len, sizeof *gvl->entries);
    if (!gvl->rows || !gvl->entries)
        return CNS_E_NOMEM;
    for (uint32_t i = 0; i < vendors->len; i++)
        gvl->rows[numbers[i]] = (uint16_t)(i + 1);
    gvl->ids = numbers; /* from here on by row */
    for (uint32_t id = 1; id <= gvl->highest; id++) {
        if (!gvl->rows[id])
            continue;
        cns_code code = read_vendor(&gvl->entries[gvl->count], &members[gvl->rows[id] - 1], err);
        if (code != CNS_OK)
            return code;
        gvl->ids[gvl->count++] = id;
        gvl->rows[id] = (uint16_t)gvl->count;
    }
    return CNS_OK;
}

static cns_code read_list(cns_gvl *gvl, cns_error *err) {
    const cns_value *root = gvl->doc->root;
    const cns_value *version = CNS_AT(root, "vendorListVersion");
    const cns_value *specification = CNS_AT(root, "gvlSpecificationVersion");
    const cns_value *vendors = CNS_AT(root, "vendors"), *purposes = CNS_AT(root, "purposes");
    if (!cns_is_object(root) || !version || !vendors)
        return cns_fail(err, CNS_E_SHAPE, root->offset,
                        "this is no Global Vendor List: give the JSON of one, an object with "
                        "vendorListVersion and vendors");
    if (specification &&
        (!cns_is(specification, CNS_INT) || specification->u.i < 2 || specification->u.i > 3))
        return refuse(err, specification, "gvlSpecificationVersion", NULL, CNS_SPAN(""),
                      "lists of specification version 2 and 3 are read: give one of those");
    if (!cns_is(version, CNS_INT) || version->u.i < 0)
        return refuse(err, version, "vendorListVersion", NULL, CNS_SPAN(""),
                      "a whole number must stand here");
    const cns_value *policy = CNS_AT(root, "tcfPolicyVersion");
    if (!is_null(policy) && (!cns_is(policy, CNS_INT) || policy->u.i < 0))
        return refuse(err, policy, "tcfPolicyVersion", NULL, CNS_SPAN(""),
                      "a whole number must stand here");
    if (!cns_is_object(vendors))
        return refuse(err, vendors, "vendors", NULL, CNS_SPAN(""),
                      "an object must stand here: write { ... }");
    if (!is_null(purposes) && !cns_is_object(purposes))
        return refuse(err, purposes, "purposes", NULL, CNS_SPAN(""),
                      "an object must stand here: write { ... }");
    gvl->purposes = cns_is_object(purposes) ? purposes : NULL;
    for (uint32_t i = 0; gvl->purposes && i < purposes->len; i++) {
        uint32_t ignored;
        cns_code code = number_of(&ignored, "purposes", &purposes->u.table->members[i], err);
        if (code != CNS_OK)
            return code;
    }
    gvl->about.version = version->u.i;
    gvl->about.specification = specification ? specification->u.i : 3;
    gvl->about.policy = is_null(policy) ? -1 : policy->u.i;
    const cns_value *updated = CNS_AT(root, "lastUpdated");
    if (cns_is_string(updated))
        gvl->about.last_updated = (cns_text){updated->u.text, updated->len};
    return read_vendors(gvl, vendors, err);
}

cns_code cns_gvl_new(cns_gvl **out, cns_doc *doc, cns_alloc alloc, cns_error *err) {
    cns_gvl *gvl = cns_get(alloc, sizeof *gvl);
    cns_code code = CNS_E_NOMEM;
    if (gvl) {
        memset(gvl, 0, sizeof *gvl);
        gvl->alloc = alloc;
        gvl->doc = doc;
        cns_arena_init(&gvl->arena, alloc);
        code = read_list(gvl, err);
    } else {
        cns_doc_free(doc);
    }
    if (code == CNS_E_NOMEM)
        cns_fail(err, code, CNS_NO_OFFSET, "memory ran out while reading the vendor list");
    if (code != CNS_OK) {
        cns_gvl_free(gvl);
        return code;
    }
    *out = gvl;
    return CNS_OK;
}

void cns_gvl_free(cns_gvl *gvl) {
    if (!gvl)
        return;
    cns_alloc alloc = gvl->alloc;
    cns_doc_free(gvl->doc);
    cns_arena_release(&gvl->arena);
    cns_drop(alloc, gvl, sizeof *gvl);
}

uint32_t cns_gvl_row(const cns_gvl *gvl, int64_t id) {
    return id > 0 && id <= gvl->highest && gvl->rows[id] ? gvl->rows[id] - 1u : CNS_NO_ID;
}

const cns_value *cns_gvl_policy(const cns_value *vendor, const cns_value *language) {
    const cns_value *plain = CNS_AT(vendor, "policyUrl"), *urls = CNS_AT(vendor, "urls");
    const cns_value *first = NULL, *english = NULL;
    if (cns_is_string(plain))
        return plain;
    for (uint32_t i = 0; cns_is_array(urls) && i < urls->len; i++) {
        const cns_value *address = CNS_AT(&urls->u.items[i], "privacy");
        const cns_value *spoken = CNS_AT(&urls->u.items[i], "langId");
        if (!cns_is_string(address))
            continue;
        if (cns_is_string(language) && cns_is_text(spoken, cns_string(language)))
            return address;
        if (!english && cns_is_text(spoken, CNS_SPAN("en")))
            english = address;
        if (!first)
            first = address;
    }
    return english ? english : first;
}

/* ------------------------------------------------------------- what it says */

const cns_value *cns_gvl_root(const cns_gvl *gvl) {
    return gvl->doc->root;
}

cns_gvl_about cns_gvl_says(const cns_gvl *gvl) {
    return gvl->about;
}

static cns_text text_at(const cns_value *value) {
    return cns_is_string(value) ? (cns_text){value->u.text, value->len} : (cns_text){NULL, 0};
}

bool cns_gvl_vendor_at(const cns_gvl *gvl, size_t index, cns_gvl_vendor *out) {
    if (index >= gvl->count)
        return false;
    const cns_value *node = gvl->entries[index].node;
    out->id = gvl->ids[index];
    out->name = text_at(CNS_AT(node, "name"));
    out->policy_url = text_at(cns_gvl_policy(node, NULL));
    out->deleted = text_at(CNS_AT(node, "deletedDate"));
    return true;
}

size_t cns_gvl_numbers(const cns_gvl *gvl, size_t index, cns_gvl_list which, uint32_t *out,
                       size_t cap) {
    const cns_value *list =
        index < gvl->count ? cns_at(gvl->entries[index].node, lists[which]) : NULL;
    if (!cns_is_array(list))
        return 0;
    for (uint32_t i = 0; i < list->len && i < cap; i++)
        out[i] = (uint32_t)list->u.items[i].u.i;
    return list->len;
}

bool cns_gvl_purpose_at(const cns_gvl *gvl, size_t index, cns_gvl_purpose *out) {
    if (!gvl->purposes || index >= gvl->purposes->len)
        return false;
    const cns_member *member = &gvl->purposes->u.table->members[index];
    out->id = (uint32_t)cns_decimal(member->key, member->key_len, UINT16_MAX);
    out->name = text_at(CNS_AT(member->value, "name"));
    out->description = text_at(CNS_AT(member->value, "description"));
    return true;
}
