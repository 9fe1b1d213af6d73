/* listed.c - vendors of the Global Vendor List in a notice, and Google, which is one of them
 * under a name of its own (docs/didomi.md, Vendors of the list). */
#include "restriction.h"
#include "rows.h"

/* Masks over the vocabulary fit the first word of masks over the purposes. */
static void put_masks(const cns_row *row, const cns_gvl_entry *entry, cns_limits limits) {
    uint32_t consent = entry->consent, li = entry->li, features = entry->features;
    cns_restrict(limits, entry->flexible, &consent, &li, &features);
    row->consent[0] |= consent | features;
    row->li[0] |= li;
    row->features[0] |= features;
}

/* ----------------------------------------------------------------- Google */

static const cns_value *site_google(const cns_directory *directory) {
    const cns_value *entry = CNS_AT(CNS_AT(directory->site, "vendors"), "google");
    return cns_is_object(entry) ? entry : NULL;
}

static const cns_gvl_entry *listed_google(const cns_gvl *gvl) {
    uint32_t row = gvl ? cns_gvl_row(gvl, CNS_GOOGLE_IAB) : CNS_NO_ID;
    return row == CNS_NO_ID ? NULL : &gvl->entries[row];
}

bool cns_google_deleted(const cns_directory *directory) {
    const cns_gvl_entry *entry = listed_google(directory->gvl);
    return entry && entry->deleted && !site_google(directory);
}

void cns_row_google(const cns_tables *t, const cns_ids *ids, const cns_directory *directory,
                    cns_row *row) {
    static const uint32_t id = CNS_GOOGLE_IAB;
    cns_limits limits;
    cns_word named;
    cns_restrictions_read(&limits, &id, 1, t->key.restrictions, &named);
    const cns_value *entry = site_google(directory);
    const cns_gvl_entry *listed = entry ? NULL : listed_google(directory->gvl);
    if (listed) {
        if (listed->deleted)
            return;
        put_masks(row, listed, limits);
        row->definition = listed->node;
        row->special = listed->special;
        row->masked = true;
        return;
    }
    if (!entry)
        entry = CNS_AT(CNS_AT(directory->catalog, "vendors"), "google");
    row->definition = entry;
    cns_rows_purposes(t, ids, row->consent, CNS_AT(entry, "purposes"));
    cns_rows_purposes(t, ids, row->li, CNS_AT(entry, "legIntPurposes"));
    if (!(limits.disallow | limits.consent | limits.li))
        return; /* as written, in that order */
    uint32_t consent = (uint32_t)row->consent[0], li = (uint32_t)row->li[0], features = 0;
    const cns_word others = ~(((cns_word)1 << CNS_STANDARDS) - 1);
    cns_word flexible = 0;
    const cns_value *list = CNS_AT(entry, "flexiblePurposes");
    for (uint32_t k = 0; k < CNS_STANDARDS; k++)
        for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++)
            if (cns_is_text(&list->u.items[i], cns_standards[k].id))
                flexible |= (cns_word)1 << k;
    cns_restrict(limits, (uint32_t)flexible, &consent, &li, &features);
    row->consent[0] = (row->consent[0] & others) | (consent & ~others);
    row->li[0] = (row->li[0] & others) | (li & ~others);
    row->masked = true;
}

/* -------------------------------------------------------------- the others */

static void choose(cns_word *chosen, const cns_gvl *gvl, int64_t id, bool in) {
    uint32_t row = cns_gvl_row(gvl, id);
    if (row == CNS_NO_ID)
        return; /* not in the list: dropped */
    if (in)
        cns_add_bit(chosen, row);
    else
        cns_drop_bit(chosen, row);
}

static void choose_numbers(cns_word *chosen, const cns_gvl *gvl, const cns_value *list, bool in) {
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++)
        if (list->u.items[i].kind == CNS_INT)
            choose(chosen, gvl, list->u.items[i].u.i, in);
}

/* The flat list names vendors by any spelling. */
static void choose_included(cns_word *chosen, const cns_gvl *gvl, const cns_ids *ids,
                            const cns_value *list) {
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++) {
        const cns_value *item = &list->u.items[i];
        uint32_t vendor = cns_is_string(item) ? cns_ids_vendor(ids, cns_string(item)) : CNS_NO_ID;
        if (vendor != CNS_NO_ID && ids->vendors[vendor].space == CNS_IAB)
            choose(chosen, gvl, ids->vendors[vendor].iab, true);
    }
}

static void add_listed(cns_tables *t, const cns_ids *ids, const cns_gvl *gvl, uint32_t at,
                       cns_limits limits) {
    const cns_gvl_entry *entry = &gvl->entries[at];
    uint32_t vendor = cns_ids_vendor_number(ids, gvl->ids[at]);
    if (entry->deleted || gvl->ids[at] == CNS_GOOGLE_IAB || vendor == CNS_NO_ID ||
        cns_has(t->vendors, vendor))
        return;
    cns_row row = cns_row_begin(t, vendor, entry->node);
    put_masks(&row, entry, limits);
    row.special = entry->special;
    row.masked = true;
    cns_row_override(t, ids, &row);
    if (!row.special && !cns_row_has_basis(t, &row)) {
        /* a special feature alone is no reason to process anything */
        memset(row.consent, 0, t->purpose_words * sizeof *row.consent);
        memset(row.features, 0, t->purpose_words * sizeof *row.features);
        return;
    }
    cns_row_end(t, &row);
    cns_add_bit(t->listed, vendor);
    t->any_listed = true;
}

bool cns_rows_listed(cns_tables *t, cns_arena *arena, const cns_ids *ids, const cns_gvl *gvl) {
    const cns_table_key *key = &t->key;
    if (!key->all && !cns_is_array(key->iab) && !cns_is_array(key->include))
        return true;
    uint32_t words = cns_words(gvl->count);
    cns_word *chosen = cns_arena_zero(arena, cns_mul(2, words), sizeof *chosen);
    bool restricted = cns_is_array(key->restrictions) && key->restrictions->len;
    cns_limits *limits = cns_arena_zero(arena, restricted ? gvl->count : 1, sizeof *limits);
    if (!chosen || !limits)
        return false;
    if (key->all)
        memset(chosen, 0xFF, words * sizeof *chosen);
    else
        choose_numbers(chosen, gvl, key->iab, true);
    choose_included(chosen, gvl, ids, key->include);
    choose_numbers(chosen, gvl, key->exclude, false);
    if (restricted)
        cns_restrictions_read(limits, gvl->ids, gvl->count, key->restrictions, chosen + words);
    for (uint32_t at = 0; at < gvl->count; at++)
        if (cns_has(chosen, at))
            add_listed(t, ids, gvl, at, limits[restricted ? at : 0]);
    return true;
}
