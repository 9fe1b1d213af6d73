/* ids.c - numbering and look-up of vendor and purpose ids. */
#include "ids.h"

#include <stdio.h>

struct cns_map_slot {
    const char *text; /* NULL = free */
    uint32_t len, hash, number;
};

static uint32_t map_find(const cns_map *map, const char *text, size_t len) {
    uint32_t hash = cns_hash(text, len);
    for (uint32_t at = hash & map->mask;; at = (at + 1) & map->mask) {
        const struct cns_map_slot *slot = &map->slots[at];
        if (!slot->text)
            return CNS_NO_ID;
        if (slot->hash == hash && slot->len == len && cns_same(slot->text, text, len))
            return slot->number;
    }
}

static void map_place(cns_map *map, struct cns_map_slot entry) {
    uint32_t at = entry.hash & map->mask;
    while (map->slots[at].text)
        at = (at + 1) & map->mask;
    map->slots[at] = entry;
}

static bool map_put(cns_arena *arena, cns_map *map, cns_span text, uint32_t number) {
    if (map->used * 2 >= map->mask) {
        cns_map grown = {NULL, map->mask ? map->mask * 2 + 1 : 63, map->used};
        grown.slots = cns_arena_zero(arena, (size_t)grown.mask + 1, sizeof *grown.slots);
        if (!grown.slots)
            return false;
        for (uint32_t i = 0; map->slots && i <= map->mask; i++)
            if (map->slots[i].text)
                map_place(&grown, map->slots[i]);
        *map = grown;
    }
    struct cns_map_slot entry = {text.text, (uint32_t)text.len, cns_hash(text.text, text.len),
                                 number};
    map_place(map, entry);
    map->used++;
    return true;
}

/* Room for one more item; the outgrown block stays in the arena. */
static void *room(cns_arena *arena, void *items, uint32_t count, uint32_t *cap, size_t size) {
    if (count < *cap)
        return items;
    uint32_t more = *cap ? *cap * 2 : 64;
    void *grown = cns_arena_get(arena, cns_mul(more, size));
    if (!grown)
        return NULL;
    if (count)
        memcpy(grown, items, count * size);
    *cap = more;
    return grown;
}

static bool add_purpose(cns_ids *ids, cns_span id) {
    if (id.len > ids->longest)
        ids->longest = id.len;
    if (map_find(&ids->purpose_map, id.text, id.len) != CNS_NO_ID)
        return true;
    cns_span *items =
        room(ids->arena, ids->purposes, ids->purpose_count, &ids->purpose_cap, sizeof *items);
    if (!items)
        return false;
    ids->purposes = items;
    items[ids->purpose_count] = id;
    return map_put(ids->arena, &ids->purpose_map, id, ids->purpose_count++);
}

static bool add_vendor(cns_ids *ids, cns_span sdk, cns_namespace space, uint32_t iab) {
    if (map_find(&ids->vendor_map, sdk.text, sdk.len) != CNS_NO_ID)
        return true;
    cns_vendor_id *items =
        room(ids->arena, ids->vendors, ids->vendor_count, &ids->vendor_cap, sizeof *items);
    if (!items)
        return false;
    ids->vendors = items;
    cns_vendor_id *vendor = &items[ids->vendor_count];
    vendor->sdk = vendor->api = sdk;
    vendor->space = (uint8_t)space;
    vendor->iab = iab;
    vendor->num = 0;
    vendor->number = (cns_span){NULL, 0};
    return map_put(ids->arena, &ids->vendor_map, sdk, ids->vendor_count++);
}

bool cns_ids_init(cns_ids *ids, cns_arena *arena) {
    memset(ids, 0, sizeof *ids);
    ids->arena = arena;
    ids->vendor_map.slots = cns_arena_zero(arena, 1, sizeof *ids->vendor_map.slots);
    ids->purpose_map.slots = cns_arena_zero(arena, 1, sizeof *ids->purpose_map.slots);
    ids->bare_map.slots = cns_arena_zero(arena, 1, sizeof *ids->bare_map.slots);
    ids->slug_map.slots = cns_arena_zero(arena, 1, sizeof *ids->slug_map.slots);
    if (!ids->vendor_map.slots || !ids->purpose_map.slots || !ids->bare_map.slots ||
        !ids->slug_map.slots)
        return false;
    for (unsigned i = 0; i < CNS_STANDARDS; i++)
        if (!add_purpose(ids, cns_standards[i].id))
            return false;
    return true;
}

/* Letters, digits, `-` and `_` only (docs/didomi.md, Configuration). */
static bool purpose_id_valid(cns_span id) {
    for (size_t i = 0; i < id.len; i++)
        if (!cns_is_alpha(id.text[i]) && !cns_is_digit(id.text[i]) && id.text[i] != '-' &&
            id.text[i] != '_')
            return false;
    return id.len > 0;
}

/* `c:x` for a configured custom id `x` or `c:x`, written into the arena. */
static bool custom_sdk(cns_arena *arena, cns_span configured, cns_span *sdk) {
    if (configured.len >= 2 && memcmp(configured.text, "c:", 2) == 0) {
        *sdk = configured;
        return true;
    }
    char *text = cns_arena_get(arena, configured.len + 3);
    if (!text)
        return false;
    memcpy(text, "c:", 2);
    memcpy(text + 2, configured.text, configured.len);
    text[configured.len + 2] = '\0';
    sdk->text = text;
    sdk->len = configured.len + 2;
    return true;
}

static const cns_span google = {"google", 6};

/* A vendor's number in the Global Vendor List by its entry in the catalog, 0 = none. */
static uint32_t catalogued_iab(cns_span id, const cns_value *entry) {
    const cns_value *iab = CNS_AT(entry, "iab");
    int64_t number = cns_is(iab, CNS_INT) ? iab->u.i : 0;
    if (cns_span_is(google, id.text, id.len))
        return CNS_GOOGLE_IAB;
    return number > 0 && number <= UINT16_MAX ? (uint32_t)number : 0;
}

/* A vendor of Didomi's list, if the catalog has it. */
static bool add_didomi(cns_ids *ids, cns_span id, const cns_directory *directory) {
    const cns_value *entry = cns_at(CNS_AT(directory->catalog, "vendors"), id);
    return !cns_is_object(entry) || add_vendor(ids, id, CNS_DIDOMI, catalogued_iab(id, entry));
}

/* The flat list holds vendors of any namespace: one that the Global Vendor List has is
 * of that. */
static bool add_included(cns_ids *ids, cns_span id, const cns_directory *directory) {
    const cns_value *entry = cns_at(CNS_AT(directory->catalog, "vendors"), id);
    uint32_t iab = cns_is_object(entry) ? catalogued_iab(id, entry) : 0;
    if (directory->gvl && cns_gvl_row(directory->gvl, iab) != CNS_NO_ID)
        return true; /* cns_ids_close numbers it */
    return add_didomi(ids, id, directory);
}

static bool lists_google(const cns_value *list) {
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++)
        if (list->u.items[i].kind == CNS_INT && list->u.items[i].u.i == 755)
            return true;
    return false;
}

/* Taken in somewhere, whether or not it is excluded there: another layer may reset
 * the exclusion. */
static bool names_google(const cns_value *iab) {
    return lists_google(iab) || cns_is(CNS_AT(iab, "all"), CNS_TRUE) ||
           lists_google(CNS_AT(iab, "include"));
}

bool cns_google_comes_along(const cns_value *vendors) {
    const cns_value *iab = CNS_AT(vendors, "iab");
    return names_google(iab) && !lists_google(CNS_AT(iab, "exclude"));
}

bool cns_ids_add_app(cns_ids *ids, const cns_value *app, const cns_directory *directory) {
    const cns_value *vendors = CNS_AT(app, "vendors");
    const cns_value *list = CNS_AT(vendors, "custom");
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++) {
        const cns_value *id = CNS_AT(&list->u.items[i], "id");
        if (!cns_is_string(id) || id->len == 0)
            continue;
        cns_span sdk;
        if (!custom_sdk(ids->arena, cns_string(id), &sdk) || !add_vendor(ids, sdk, CNS_CUSTOM, 0))
            return false;
        cns_vendor_id *vendor = &ids->vendors[map_find(&ids->vendor_map, sdk.text, sdk.len)];
        if (!vendor->num)
            vendor->num = cns_number_written(CNS_AT(&list->u.items[i], "namespaces"));
    }
    static const cns_span lists[] = {{"didomi", 6}, {"include", 7}};
    for (size_t k = 0; k < 2; k++) {
        list = cns_at(vendors, lists[k]);
        for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++)
            if (cns_is_string(&list->u.items[i]) &&
                !(k ? add_included : add_didomi)(ids, cns_string(&list->u.items[i]), directory))
                return false;
    }
    if (names_google(CNS_AT(vendors, "iab")) && !add_didomi(ids, google, directory))
        return false;
    list = CNS_AT(app, "customPurposes");
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++) {
        const cns_value *id = CNS_AT(&list->u.items[i], "id");
        if (cns_is_string(id) && purpose_id_valid(cns_string(id)) &&
            !add_purpose(ids, cns_string(id)))
            return false;
    }
    return true;
}

/* The table by number in the Global Vendor List; of two vendors the first has it. */
static bool index_numbers(cns_ids *ids, const cns_gvl *gvl) {
    ids->highest = gvl ? gvl->highest : 0;
    for (uint32_t i = 0; i < ids->vendor_count; i++)
        if (ids->vendors[i].iab > ids->highest)
            ids->highest = ids->vendors[i].iab;
    ids->by_iab = cns_arena_zero(ids->arena, (size_t)ids->highest + 1, sizeof *ids->by_iab);
    for (uint32_t i = 0; ids->by_iab && i < ids->vendor_count; i++)
        if (ids->vendors[i].iab && !ids->by_iab[ids->vendors[i].iab])
            ids->by_iab[ids->vendors[i].iab] = i + 1;
    return ids->by_iab != NULL;
}

static bool add_listed(cns_ids *ids, const cns_gvl *gvl) {
    for (uint32_t row = 0; row < gvl->count; row++) {
        uint32_t iab = gvl->ids[row];
        if (iab == CNS_GOOGLE_IAB && ids->by_iab[iab])
            continue;
        char text[12];
        int len = snprintf(text, sizeof text, "%u", (unsigned)iab);
        cns_span sdk = {cns_arena_text(ids->arena, text, (size_t)len), (size_t)len};
        if (!sdk.text || (!ids->by_iab[iab] && !add_vendor(ids, sdk, CNS_IAB, iab)))
            return false;
        /* a vendor of Didomi's list may have taken the text for its id */
        if (!ids->by_iab[iab] && ids->vendors[ids->vendor_count - 1].iab == iab)
            ids->by_iab[iab] = ids->vendor_count;
        if (ids->by_iab[iab])
            ids->vendors[ids->by_iab[iab] - 1].number = sdk;
    }
    return true;
}

/* IAB vendors by their ids in the catalog, of which the first that leads back to the
 * vendor is its API id. */
static bool name_listed(cns_ids *ids, const cns_value *vendors) {
    for (uint32_t i = 0; cns_is_object(vendors) && i < vendors->len; i++) {
        const cns_member *member = &vendors->u.table->members[i];
        cns_span slug = {member->key, member->key_len};
        uint32_t found = cns_ids_vendor_number(ids, catalogued_iab(slug, member->value));
        if (!slug.len || found == CNS_NO_ID || ids->vendors[found].space != CNS_IAB)
            continue;
        if (!map_put(ids->arena, &ids->slug_map, slug, found))
            return false;
        cns_vendor_id *vendor = &ids->vendors[found];
        if (vendor->api.text == vendor->sdk.text && cns_ids_vendor(ids, slug) == found)
            vendor->api = slug;
    }
    return true;
}

bool cns_ids_close(cns_ids *ids, const cns_directory *directory) {
    const cns_gvl *gvl = directory->gvl;
    for (uint32_t i = 0; i < ids->vendor_count; i++) {
        const cns_vendor_id *vendor = &ids->vendors[i];
        if (vendor->space != CNS_CUSTOM || vendor->sdk.len == 2)
            continue;
        cns_span bare = {vendor->sdk.text + 2, vendor->sdk.len - 2};
        if (!map_put(ids->arena, &ids->bare_map, bare, i))
            return false;
        if (bare.len > ids->longest)
            ids->longest = bare.len;
    }
    /* that no notice has Google is no reason to take its name from a vendor of the site */
    if (gvl && cns_gvl_row(gvl, CNS_GOOGLE_IAB) != CNS_NO_ID &&
        map_find(&ids->bare_map, google.text, google.len) == CNS_NO_ID &&
        !add_didomi(ids, google, directory))
        return false;
    if (!index_numbers(ids, gvl))
        return false;
    uint32_t first = ids->vendor_count;
    if (gvl && (!add_listed(ids, gvl) || !name_listed(ids, CNS_AT(directory->catalog, "vendors"))))
        return false;
    for (uint32_t i = 0; i < ids->vendor_count; i++) {
        cns_vendor_id *vendor = &ids->vendors[i];
        cns_span bare = {vendor->sdk.text + 2, vendor->sdk.len - 2};
        /* without its prefix, unless the bare id leads to another vendor or nowhere */
        if (vendor->space == CNS_CUSTOM && vendor->sdk.len > 2 && cns_ids_vendor(ids, bare) == i)
            vendor->api = bare;
    }
    return cns_numbers_make(ids, directory, first);
}

uint32_t cns_ids_sdk_vendor(const cns_ids *ids, const char *text, size_t len) {
    return map_find(&ids->vendor_map, text, len);
}

uint32_t cns_ids_custom(const cns_ids *ids, cns_span configured) {
    bool prefixed = configured.len > 2 && memcmp(configured.text, "c:", 2) == 0;
    return map_find(prefixed ? &ids->vendor_map : &ids->bare_map, configured.text, configured.len);
}

uint32_t cns_ids_vendor_number(const cns_ids *ids, int64_t iab) {
    return iab > 0 && iab <= ids->highest && ids->by_iab[iab] ? ids->by_iab[iab] - 1 : CNS_NO_ID;
}

uint32_t cns_ids_vendor(const cns_ids *ids, cns_span text) {
    if (text.len > 4 && memcmp(text.text, "iab:", 4) == 0)
        return cns_ids_vendor_number(ids, cns_decimal(text.text + 4, text.len - 4, UINT16_MAX));
    if (text.len > 7 && memcmp(text.text, "didomi:", 7) == 0) {
        uint32_t found = map_find(&ids->vendor_map, text.text + 7, text.len - 7);
        return found != CNS_NO_ID && ids->vendors[found].space == CNS_DIDOMI ? found : CNS_NO_ID;
    }
    uint32_t found = cns_ids_vendor_number(ids, cns_decimal(text.text, text.len, UINT16_MAX));
    if (found == CNS_NO_ID)
        found = map_find(&ids->vendor_map, text.text, text.len);
    if (found == CNS_NO_ID)
        found = map_find(&ids->bare_map, text.text, text.len);
    bool prefixed = text.len > 2 && memcmp(text.text, "c:", 2) == 0;
    if (found == CNS_NO_ID && prefixed)
        found = map_find(&ids->vendor_map, text.text + 2, text.len - 2);
    if (found == CNS_NO_ID)
        found = map_find(&ids->slug_map, text.text, text.len);
    if (found == CNS_NO_ID && prefixed)
        found = map_find(&ids->slug_map, text.text + 2, text.len - 2);
    return found;
}

uint32_t cns_ids_purpose(const cns_ids *ids, const char *text, size_t len) {
    uint32_t found = map_find(&ids->purpose_map, text, len);
    return found == CNS_NO_ID && cns_standard_alias(text, len) ? 0 : found;
}

uint32_t cns_ids_purpose_number(const cns_ids *ids, int64_t tcf) {
    (void)ids;
    for (uint32_t i = 0; tcf > 0 && i < CNS_STANDARDS; i++)
        if (cns_standards[i].current && cns_standards[i].tcf == tcf)
            return i;
    return CNS_NO_ID;
}
