/* tables.c - the lists of vendors and purposes, compiled (docs/didomi.md, Configuration,
 * 3.3, 5.3 and 5.4). */
#include "merge.h"
#include "rows.h"

bool cns_app_of(const cns_value **out, cns_arena *arena, const cns_value *effective) {
    const cns_value *app = CNS_AT(effective, "app");
    const cns_value *website = CNS_AT(effective, "website");
    *out = cns_is_object(app) ? app : NULL;
    if (cns_is_object(website))
        *out = *out ? cns_merge(arena, website, app) : website;
    return *out || !cns_is_object(website);
}

void cns_table_key_of(cns_table_key *key, const cns_value *app, const cns_directory *directory) {
    const cns_value *vendors = CNS_AT(app, "vendors"), *iab = CNS_AT(vendors, "iab");
    memset(key, 0, sizeof *key); /* keys are compared as bytes */
    key->custom = CNS_AT(vendors, "custom");
    key->didomi = CNS_AT(vendors, "didomi");
    key->include = CNS_AT(vendors, "include");
    key->overrides = CNS_AT(vendors, "overrideVendors");
    key->custom_purposes = CNS_AT(app, "customPurposes");
    key->purposes = CNS_AT(app, "purposes");
    key->disabled = CNS_AT(app, "disabledPurposes");
    key->restrictions = CNS_AT(iab, "restrictions");
    key->google = cns_google_comes_along(vendors) && !cns_google_deleted(directory);
    if (directory->gvl) {
        key->all = cns_is(CNS_AT(iab, "all"), CNS_TRUE);
        key->iab = cns_is_array(iab) ? iab : CNS_AT(iab, "include");
        key->exclude = CNS_AT(iab, "exclude");
    }
}

uint32_t cns_table_key_hash(const cns_table_key *key) {
    return cns_hash((const char *)key, sizeof *key);
}

/* A purpose by text id, if this notice may know it. */
static uint32_t known_purpose(const cns_tables *t, const cns_ids *ids, const cns_value *item) {
    uint32_t number =
        cns_is_string(item) ? cns_ids_purpose(ids, item->u.text, item->len) : CNS_NO_ID;
    if (number == CNS_NO_ID || number < CNS_STANDARDS || cns_has(t->custom, number))
        return number;
    return CNS_NO_ID;
}

void cns_rows_purposes(const cns_tables *t, const cns_ids *ids, cns_word *mask,
                       const cns_value *list) {
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++) {
        uint32_t number = known_purpose(t, ids, &list->u.items[i]);
        if (number != CNS_NO_ID)
            cns_add_bit(mask, number);
    }
}

/* Special features by text id or number: consent purposes of the vendor. */
static void add_features(cns_word *consent, cns_word *features, const cns_value *list) {
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++) {
        const cns_value *item = &list->u.items[i];
        for (uint32_t k = 0; k < CNS_STANDARDS; k++) {
            if (!cns_standards[k].feature)
                continue;
            if (cns_is_text(item, cns_standards[k].id) ||
                (cns_is(item, CNS_INT) && item->u.i == cns_standards[k].feature)) {
                cns_add_bit(consent, k);
                cns_add_bit(features, k);
            }
        }
    }
}

/* The array that names a vendor's purposes on a basis: overrideVendors, else the
 * vendor's own definition, whose keys differ between a page and a catalog. */
static const cns_value *purposes_of(const cns_value *over, const cns_value *definition, bool custom,
                                    bool li) {
    static const cns_span configured[] = {{"purposeIds", 10}, {"legIntPurposeIds", 16}};
    static const cns_span catalogued[] = {{"purposes", 8}, {"legIntPurposes", 14}};
    const cns_value *list = cns_at(over, configured[li]);
    return cns_is_array(list) ? list : cns_at(definition, custom ? configured[li] : catalogued[li]);
}

/* The purposes of a mask, special features apart. */
static size_t masked_purposes(const cns_word *mask, const cns_word *features, uint32_t words,
                              uint32_t *out, size_t cap) {
    size_t count = 0;
    for (uint32_t number = 0; number < 64 * words && count < cap; number++)
        if (cns_has(mask, number) && !cns_has(features, number))
            out[count++] = number;
    return count;
}

size_t cns_tables_vendor_purposes(const cns_tables *t, const cns_ids *ids, uint32_t vendor, bool li,
                                  uint32_t *out, size_t cap) {
    bool custom = ids->vendors[vendor].space == CNS_CUSTOM;
    uint32_t row = t->row[vendor];
    bool masked = cns_has(t->masked, vendor);
    const cns_value *definition = masked ? NULL : t->definition[row];
    const cns_value *list = purposes_of(t->override[row], definition, custom, li);
    if (masked && !cns_is_array(list))
        return masked_purposes(cns_vendor_mask(t, li ? t->li : t->consent, vendor),
                               cns_vendor_mask(t, t->features, vendor), t->purpose_words, out, cap);
    size_t count = 0;
    for (uint32_t i = 0; cns_is_array(list) && i < list->len && count < cap; i++) {
        uint32_t number = known_purpose(t, ids, &list->u.items[i]);
        bool fresh = number != CNS_NO_ID;
        for (size_t k = 0; fresh && k < count; k++)
            fresh = out[k] != number;
        if (fresh)
            out[count++] = number;
    }
    return count;
}

cns_namespace cns_tables_space(const cns_tables *t, const cns_ids *ids, uint32_t vendor) {
    return cns_has(t->listed, vendor) ? CNS_IAB : (cns_namespace)ids->vendors[vendor].space;
}

cns_span cns_tables_sdk(const cns_tables *t, const cns_ids *ids, uint32_t vendor) {
    const cns_vendor_id *id = &ids->vendors[vendor];
    return cns_has(t->listed, vendor) ? id->number : id->sdk;
}

uint32_t cns_tables_listed(const cns_tables *t, const cns_ids *ids, const char *text, size_t len) {
    uint32_t vendor = cns_ids_vendor_number(ids, cns_decimal(text, len, UINT16_MAX));
    return vendor != CNS_NO_ID && cns_has(t->listed, vendor) &&
                   cns_span_is(ids->vendors[vendor].number, text, len)
               ? vendor
               : CNS_NO_ID;
}

/* ------------------------------------------------------------------- rows */

cns_row cns_row_begin(const cns_tables *t, uint32_t vendor, const cns_value *definition) {
    size_t at = (size_t)t->vendor_count * t->purpose_words;
    return (cns_row){.vendor = vendor,
                     .definition = definition,
                     .over = t->overrides ? t->overrides[vendor] : NULL,
                     .consent = t->consent + at,
                     .li = t->li + at,
                     .features = t->features + at};
}

bool cns_row_has_basis(const cns_tables *t, const cns_row *row) {
    cns_word seen = 0;
    for (uint32_t w = 0; w < t->purpose_words; w++)
        seen |= (row->consent[w] & ~row->features[w]) | row->li[w];
    return seen != 0;
}

static bool any(const cns_word *mask, uint32_t words) {
    cns_word seen = 0;
    for (uint32_t w = 0; w < words; w++)
        seen |= mask[w];
    return seen != 0;
}

void cns_row_override(const cns_tables *t, const cns_ids *ids, const cns_row *row) {
    const cns_value *consent = CNS_AT(row->over, "purposeIds");
    const cns_value *li = CNS_AT(row->over, "legIntPurposeIds");
    if (cns_is_array(consent)) {
        memcpy(row->consent, row->features, t->purpose_words * sizeof(cns_word));
        cns_rows_purposes(t, ids, row->consent, consent);
    }
    if (cns_is_array(li)) {
        memset(row->li, 0, t->purpose_words * sizeof(cns_word));
        cns_rows_purposes(t, ids, row->li, li);
    }
}

void cns_row_end(cns_tables *t, const cns_row *row) {
    uint32_t at = t->vendor_count, words = t->purpose_words;
    bool consent = any(row->consent, words), li = any(row->li, words);
    if (!consent && !li && !row->special)
        return; /* left with no purpose: dropped */
    cns_add_bit(t->vendors, row->vendor);
    if (consent)
        cns_add_bit(t->vendors_consent, row->vendor);
    if (li)
        cns_add_bit(t->vendors_li, row->vendor);
    if (row->special && !cns_row_has_basis(t, row))
        cns_add_bit(t->closed, row->vendor);
    if (row->masked)
        cns_add_bit(t->masked, row->vendor);
    t->row[row->vendor] = (uint16_t)at;
    t->definition[at] = row->definition;
    t->override[at] = row->over;
    t->vendor_order[at] = row->vendor;
    t->vendor_count++;
    for (uint32_t w = 0; w < words; w++) {
        t->on_consent[w] |= row->consent[w];
        t->on_li[w] |= row->li[w];
    }
}

/* A vendor as a page or a catalog describes it. */
static void add_vendor(cns_tables *t, const cns_ids *ids, uint32_t number,
                       const cns_value *definition) {
    if (cns_has(t->vendors, number))
        return; /* of two definitions the first wins */
    cns_row row = cns_row_begin(t, number, definition);
    bool custom = ids->vendors[number].space == CNS_CUSTOM;
    cns_rows_purposes(t, ids, row.consent, purposes_of(row.over, definition, custom, false));
    cns_rows_purposes(t, ids, row.li, purposes_of(row.over, definition, custom, true));
    if (custom)
        add_features(row.consent, row.features, CNS_AT(definition, "specialFeatureIds"));
    cns_row_end(t, &row);
}

/* How many vendors the lists can name at most; the configuration has not more. */
static uint32_t candidates(const cns_table_key *key, const cns_ids *ids, const cns_gvl *gvl) {
    size_t count = 1; /* google */
    const cns_value *const lists[] = {key->custom, key->didomi, key->include, key->iab};
    for (size_t i = 0; i < 4; i++)
        count += cns_is_array(lists[i]) ? lists[i]->len : 0;
    count += key->all ? gvl->count : 0;
    return count < ids->vendor_count ? (uint32_t)count : ids->vendor_count;
}

static bool allocate(cns_tables *t, cns_arena *arena, const cns_ids *ids, const cns_gvl *gvl) {
    uint32_t nv = candidates(&t->key, ids, gvl), np = ids->purpose_count;
    uint32_t vw = t->vendor_words, pw = t->purpose_words;
    t->row = cns_arena_zero(arena, ids->vendor_count, sizeof *t->row);
    t->vendor_order = cns_arena_zero(arena, nv, sizeof *t->vendor_order);
    t->purpose_order = cns_arena_zero(arena, np, sizeof *t->purpose_order);
    t->definition = cns_arena_zero(arena, nv, sizeof *t->definition);
    t->override = cns_arena_zero(arena, nv, sizeof *t->override);
    t->purpose_definition = cns_arena_zero(arena, np, sizeof *t->purpose_definition);
    cns_word *sets = cns_arena_zero(arena, cns_mul(6, vw), sizeof(cns_word));
    cns_word *masks = cns_arena_zero(arena, cns_mul(cns_mul(3, nv), pw), sizeof(cns_word));
    cns_word *own = cns_arena_zero(arena, cns_mul(5, pw), sizeof(cns_word));
    if (!t->row || !t->vendor_order || !t->purpose_order || !t->definition || !t->override ||
        !t->purpose_definition || !sets || !masks || !own)
        return false;
    t->vendors = sets;
    t->vendors_consent = sets + vw;
    t->vendors_li = sets + 2 * (size_t)vw;
    t->listed = sets + 3 * (size_t)vw;
    t->closed = sets + 4 * (size_t)vw;
    t->masked = sets + 5 * (size_t)vw;
    t->consent = masks;
    t->li = masks + (size_t)nv * pw;
    t->features = masks + 2 * (size_t)nv * pw;
    t->purposes = own;
    t->custom = own + pw;
    t->on_consent = own + 2 * (size_t)pw;
    t->on_li = own + 3 * (size_t)pw;
    t->unused = own + 4 * (size_t)pw;
    return true;
}

/* customPurposes, in order; a purpose of TCF 2 cannot be taken over. */
static void add_custom_purposes(cns_tables *t, const cns_ids *ids) {
    const cns_value *list = t->key.custom_purposes;
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++) {
        const cns_value *id = CNS_AT(&list->u.items[i], "id");
        if (!cns_is_string(id))
            continue;
        uint32_t number = cns_ids_purpose(ids, id->u.text, id->len);
        if (number == CNS_NO_ID || cns_has(t->custom, number) ||
            (number < CNS_STANDARDS && cns_standards[number].current))
            continue;
        cns_add_bit(t->custom, number);
        t->purpose_definition[number] = &list->u.items[i];
        t->purpose_order[t->purpose_count++] = number;
    }
}

static void add_custom_vendors(cns_tables *t, const cns_ids *ids, const cns_directory *directory) {
    const cns_value *list = t->key.custom;
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++) {
        const cns_value *definition = &list->u.items[i], *id = CNS_AT(definition, "id");
        if (!cns_is_string(id) || id->len == 0)
            continue;
        uint32_t number = cns_ids_custom(ids, cns_string(id));
        if (number == CNS_NO_ID)
            continue;
        const cns_value *google = CNS_AT(CNS_AT(definition, "namespaces"), "google");
        if (cns_is(CNS_AT(google, "current"), CNS_TRUE) && !cns_has(t->vendors, number)) {
            cns_row row = cns_row_begin(t, number, definition);
            cns_row_google(t, ids, directory, &row);
            add_features(row.consent, row.features, CNS_AT(definition, "specialFeatureIds"));
            row.definition = definition;
            row.masked = true;
            row.special = false;
            cns_row_override(t, ids, &row);
            cns_row_end(t, &row);
        } else {
            add_vendor(t, ids, number, definition);
        }
    }
}

/* A vendor of Didomi's list, by any spelling. */
static void add_didomi_vendor(cns_tables *t, const cns_ids *ids, const cns_directory *directory,
                              cns_span id) {
    uint32_t number = cns_ids_sdk_vendor(ids, id.text, id.len);
    if (number == CNS_NO_ID || ids->vendors[number].space != CNS_DIDOMI)
        number = cns_ids_vendor(ids, id);
    if (number == CNS_NO_ID || ids->vendors[number].space != CNS_DIDOMI ||
        cns_has(t->vendors, number))
        return;
    const cns_value *entry =
        cns_at(CNS_AT(directory->catalog, "vendors"), ids->vendors[number].sdk);
    if (!cns_is_object(entry))
        return;
    if (!cns_span_is(ids->vendors[number].sdk, "google", 6)) {
        add_vendor(t, ids, number, entry);
        return;
    }
    cns_row row = cns_row_begin(t, number, entry);
    cns_row_google(t, ids, directory, &row);
    cns_row_override(t, ids, &row);
    cns_row_end(t, &row);
}

/* The entries of overrideVendors by vendor, under any spelling; of several the API id's. */
static bool spread_overrides(cns_tables *t, cns_arena *arena, const cns_ids *ids) {
    const cns_value *given = t->key.overrides;
    if (!cns_is_object(given) || given->len == 0)
        return true;
    t->overrides = cns_arena_zero(arena, ids->vendor_count, sizeof *t->overrides);
    for (uint32_t i = 0; t->overrides && i < given->len; i++) {
        const cns_member *member = &given->u.table->members[i];
        uint32_t number = cns_ids_vendor(ids, (cns_span){member->key, member->key_len});
        if (number == CNS_NO_ID || !cns_is_object(member->value))
            continue;
        if (!t->overrides[number] ||
            cns_span_is(ids->vendors[number].api, member->key, member->key_len))
            t->overrides[number] = member->value;
    }
    return t->overrides != NULL;
}

/* Who of the list uses a purpose, for the restrictions of TC strings (R12). */
static bool note_uses(cns_tables *t, cns_arena *arena, const cns_ids *ids) {
    if (!t->any_listed)
        return true;
    t->uses =
        cns_arena_zero(arena, cns_mul(2 * CNS_TCF_PURPOSES, ids->numbers.words), sizeof(cns_word));
    for (uint32_t i = 0; t->uses && i < t->vendor_count; i++) {
        uint32_t vendor = t->vendor_order[i];
        if (!cns_has(t->listed, vendor))
            continue;
        cns_word consent = cns_vendor_mask(t, t->consent, vendor)[0];
        cns_word li = cns_vendor_mask(t, t->li, vendor)[0];
        for (uint32_t purpose = 0; purpose < CNS_TCF_PURPOSES; purpose++) {
            if (consent >> purpose & 1)
                cns_add_bit(cns_uses(t, ids, purpose, false), ids->vendors[vendor].iab - 1);
            if (li >> purpose & 1)
                cns_add_bit(cns_uses(t, ids, purpose, true), ids->vendors[vendor].iab - 1);
        }
    }
    return t->uses != NULL;
}

cns_tables *cns_tables_new(cns_arena *arena, const cns_ids *ids, const cns_directory *directory,
                           const cns_table_key *key) {
    cns_tables *t = cns_arena_zero(arena, 1, sizeof *t);
    if (!t)
        return NULL;
    t->key = *key;
    t->vendor_words = cns_words(ids->vendor_count);
    t->purpose_words = cns_words(ids->purpose_count);
    if (!allocate(t, arena, ids, directory->gvl) || !spread_overrides(t, arena, ids))
        return NULL;
    add_custom_purposes(t, ids);
    add_custom_vendors(t, ids, directory);
    const cns_value *const lists[] = {key->didomi, key->include};
    for (size_t k = 0; k < 2; k++)
        for (uint32_t i = 0; cns_is_array(lists[k]) && i < lists[k]->len; i++)
            if (cns_is_string(&lists[k]->u.items[i]))
                add_didomi_vendor(t, ids, directory, cns_string(&lists[k]->u.items[i]));
    if (key->google) {
        static const cns_span google = {"google", 6};
        add_didomi_vendor(t, ids, directory, google);
    }
    if (directory->gvl &&
        (!cns_rows_listed(t, arena, ids, directory->gvl) || !note_uses(t, arena, ids)))
        return NULL;
    /* required purposes: custom ones, those in use, and app.purposes */
    for (uint32_t w = 0; w < t->purpose_words; w++)
        t->purposes[w] = t->custom[w] | t->on_consent[w] | t->on_li[w];
    cns_rows_purposes(t, ids, t->purposes, t->key.purposes);
    const cns_value *off = t->key.disabled;
    for (uint32_t i = 0; cns_is_array(off) && i < off->len; i++) {
        uint32_t number = known_purpose(t, ids, &off->u.items[i]);
        if (number != CNS_NO_ID)
            cns_drop_bit(t->purposes, number);
    }
    for (uint32_t w = 0; w < t->purpose_words; w++) {
        t->on_consent[w] &= t->purposes[w];
        t->on_li[w] &= t->purposes[w];
        /* used by no vendor: on the consent basis (R1), but not waited for */
        t->unused[w] = t->purposes[w] & ~(t->on_consent[w] | t->on_li[w]);
        t->on_consent[w] |= t->unused[w];
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < t->purpose_count; i++)
        if (cns_has(t->purposes, t->purpose_order[i]))
            t->purpose_order[kept++] = t->purpose_order[i];
    for (uint32_t i = 0; i < CNS_STANDARDS; i++)
        if (cns_has(t->purposes, i) && !cns_has(t->custom, i))
            t->purpose_order[kept++] = i;
    t->purpose_count = kept;
    return t;
}
