/* config.c - layers to notices: merging in the order of docs/configuration.md, and the
 * cache of what came of it. */
#include "config.h"

#include "bot.h"
#include "error.h"
#include "merge.h"
#include "path.h"

void cns_config_free(cns_config *c) {
    if (!c)
        return;
    for (size_t i = 0; i < c->doc_count; i++)
        cns_doc_free(c->docs[i]);
    cns_alloc alloc = c->alloc;
    cns_arena_release(&c->arena);
    cns_lock_end(&c->lock);
    cns_drop(alloc, c, sizeof *c);
}

static void set_layer(cns_value *value, uint16_t layer) {
    /* the document is ours alone until the configuration is published */
    value->layer = layer;
    if (value->kind == CNS_ARRAY)
        for (uint32_t i = 0; i < value->len; i++)
            set_layer((cns_value *)(uintptr_t)&value->u.items[i], layer);
    else if (value->kind == CNS_OBJECT)
        for (uint32_t i = 0; i < value->len; i++)
            set_layer((cns_value *)(uintptr_t)value->u.table->members[i].value, layer);
}

/* Numbers the ids of a layer: its own, its countries', its regulations'. */
static bool number_ids(cns_config *c, const cns_value *root, bool nested) {
    if (!cns_ids_add_app(&c->ids, CNS_AT(root, "app"), &c->directory) ||
        !cns_ids_add_app(&c->ids, CNS_AT(root, "website"), &c->directory))
        return false;
    const cns_value *list = CNS_AT(root, "configByCountry");
    for (uint32_t i = 0; cns_is_object(list) && i < list->len; i++) {
        const cns_value *entry = list->u.table->members[i].value;
        if (!cns_ids_add_app(&c->ids, CNS_AT(entry, "app"), &c->directory) ||
            !cns_ids_add_app(&c->ids, CNS_AT(entry, "website"), &c->directory))
            return false;
    }
    list = CNS_AT(root, "regulation_configurations");
    for (uint32_t i = 0; !nested && cns_is_array(list) && i < list->len; i++)
        if (!number_ids(c, CNS_AT(&list->u.items[i], "config"), true))
            return false;
    return true;
}

/* The built-in catalog with the site's vendors in place of ours, one by one whole. */
static const cns_value *merge_catalog(cns_arena *arena, const cns_value *base,
                                      const cns_value *over) {
    const cns_value *vendors = CNS_AT(base, "vendors"), *more = CNS_AT(over, "vendors");
    if (!cns_is_object(more) || more->len == 0)
        return base;
    size_t count = (size_t)vendors->len + more->len;
    cns_member *members = cns_arena_get(arena, cns_mul(count, sizeof *members));
    cns_member *top = cns_arena_zero(arena, 1, sizeof *top);
    if (!members || !top)
        return NULL;
    uint32_t at = more->len;
    memcpy(members, more->u.table->members, more->len * sizeof *members);
    for (uint32_t i = 0; i < vendors->len; i++) {
        const cns_member *own = &vendors->u.table->members[i];
        if (cns_object_find(more, own->key, own->key_len, own->hash) == UINT32_MAX)
            members[at++] = *own;
    }
    top->key = "vendors";
    top->key_len = 7;
    top->hash = cns_hash("vendors", 7);
    top->value = cns_object_new(arena, members, at);
    return top->value ? cns_object_new(arena, top, 1) : NULL;
}

static cns_code derive(cns_config *c, const cns_value *site_catalog, cns_error *err) {
    c->upto = cns_arena_zero(&c->arena, c->layer_count, sizeof *c->upto);
    if (site_catalog)
        c->directory.catalog = merge_catalog(&c->arena, c->directory.catalog, site_catalog);
    c->directory.site = site_catalog;
    if (!c->upto || !c->directory.catalog || !cns_ids_init(&c->ids, &c->arena))
        return CNS_E_NOMEM;
    for (size_t i = 0; i < c->layer_count; i++) {
        c->upto[i] = i ? cns_merge(&c->arena, c->upto[i - 1], c->layers[i]) : c->layers[0];
        if (!c->upto[i] || !number_ids(c, c->layers[i], false))
            return CNS_E_NOMEM;
    }
    if (!cns_ids_close(&c->ids, &c->directory))
        return CNS_E_NOMEM;
    if (c->ids.vendor_count > CNS_MAX_VENDORS)
        return cns_fail(err, CNS_E_LIMIT, CNS_NO_OFFSET,
                        "more than 65 535 vendors: remove those that no notice needs");
    if (c->ids.purpose_count > CNS_MAX_PURPOSES)
        return cns_fail(err, CNS_E_LIMIT, CNS_NO_OFFSET,
                        "more than 4 096 purposes: remove those that no notice needs");
    const cns_value *entries = CNS_AT(c->upto[c->layer_count - 1], "regulation_configurations");
    c->entries = cns_is_array(entries) && entries->len ? entries : NULL;
    size_t slots = c->entries ? (size_t)c->entries->len + 1 : 1;
    c->with_entry = cns_arena_zero(&c->arena, slots, sizeof *c->with_entry);
    if (!c->with_entry)
        return CNS_E_NOMEM;
    c->with_entry[0] = c->upto[c->layer_count - 1];
    return CNS_OK;
}

cns_code cns_config_new(cns_config **out, cns_doc *const *layers, size_t count, cns_doc *catalog,
                        const cns_gvl *gvl, cns_alloc alloc, cns_error *err) {
    cns_code code = CNS_OK;
    cns_config *c = cns_get(alloc, sizeof *c);
    if (!c) {
        for (size_t i = 0; i < count; i++)
            cns_doc_free(layers[i]);
        cns_doc_free(catalog);
        return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET,
                        "memory ran out while reading the configuration");
    }
    memset(c, 0, sizeof *c);
    c->alloc = alloc;
    c->directory.gvl = gvl;
    cns_lock_init(&c->lock);
    cns_arena_init(&c->arena, alloc);
    c->docs = cns_arena_zero(&c->arena, count + 3, sizeof *c->docs);
    c->layers = cns_arena_zero(&c->arena, count, sizeof *c->layers);
    if (!c->docs || !c->layers) {
        for (size_t i = 0; i < count; i++)
            cns_doc_free(layers[i]);
        cns_doc_free(catalog);
        code = cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET,
                        "memory ran out while reading the configuration");
        goto done;
    }
    for (size_t i = 0; i < count; i++)
        c->docs[c->doc_count++] = layers[i];
    if (catalog)
        c->docs[c->doc_count++] = catalog;
    if (count == 0 || count > CNS_MAX_LAYERS) {
        code = cns_fail(err, count ? CNS_E_LIMIT : CNS_E_SHAPE, CNS_NO_OFFSET,
                        "a configuration has 1 to 256 layers: give so many");
        goto done;
    }
    for (size_t i = 0; i < count; i++) {
        c->layers[c->layer_count++] = layers[i]->root;
        set_layer(layers[i]->root, (uint16_t)i);
        if (!cns_is_object(layers[i]->root)) {
            code = cns_fail(err, CNS_E_SHAPE, layers[i]->root->offset,
                            "a configuration is an object: write { ... } round it");
            if (err)
                err->layer = (int32_t)i;
            goto done;
        }
    }
    cns_doc *built_in;
    code = cns_json_read(&built_in, cns_builtin_defaults, strlen(cns_builtin_defaults), alloc, err);
    if (code != CNS_OK)
        goto done;
    c->docs[c->doc_count++] = built_in;
    c->defaults = built_in->root;
    code = cns_json_read(&built_in, cns_builtin_catalog, strlen(cns_builtin_catalog), alloc, err);
    if (code != CNS_OK)
        goto done;
    c->docs[c->doc_count++] = built_in;
    c->directory.catalog = built_in->root;
    code = derive(c, catalog ? catalog->root : NULL, err);
    if (code == CNS_E_NOMEM)
        cns_fail(err, code, CNS_NO_OFFSET, "memory ran out while reading the configuration");
done:
    if (code != CNS_OK) {
        cns_config_free(c);
        return code;
    }
    *out = c;
    return CNS_OK;
}

/* All layers with the entry's config in its place: over its parent, below the
 * layers that came later. Call with the lock held. */
static const cns_value *tree_of_entry(cns_config *c, uint32_t entry) {
    if (c->with_entry[entry])
        return c->with_entry[entry];
    const cns_value *config = CNS_AT(&c->entries->u.items[entry - 1], "config");
    size_t parent = c->entries->layer;
    const cns_value *tree =
        cns_is_object(config) ? cns_merge(&c->arena, c->upto[parent], config) : c->upto[parent];
    for (size_t i = parent + 1; tree && i < c->layer_count; i++)
        tree = cns_merge(&c->arena, tree, c->layers[i]);
    c->with_entry[entry] = tree;
    return tree;
}

/* The tree for an entry and a country, made once. Call with the lock held. */
static cns_cached *cached_tree(cns_config *c, uint32_t entry, const char *country) {
    const cns_value *tree = tree_of_entry(c, entry);
    if (!tree)
        return NULL;
    const cns_value *over =
        country[0] ? cns_value_get(CNS_AT(tree, "configByCountry"), country, 2) : NULL;
    const char *key = cns_is_object(over) ? country : "\0\0";
    cns_cached **bucket =
        &c->buckets[(entry * 31u + (unsigned char)key[0] * 26u + (unsigned char)key[1]) %
                    CNS_BUCKETS];
    for (cns_cached *found = *bucket; found; found = found->next)
        if (found->entry == entry && found->country[0] == key[0] && found->country[1] == key[1])
            return found;
    cns_cached *fresh = cns_arena_zero(&c->arena, 1, sizeof *fresh);
    if (!fresh)
        return NULL;
    fresh->entry = entry;
    fresh->country[0] = key[0];
    fresh->country[1] = key[1];
    fresh->tree = key[0] ? cns_merge(&c->arena, tree, over) : tree;
    if (!fresh->tree)
        return NULL;
    fresh->next = *bucket;
    *bucket = fresh;
    return fresh;
}

static cns_tables *shared_tables(cns_config *c, const cns_value *app) {
    cns_table_key key;
    cns_table_key_of(&key, app, &c->directory);
    struct cns_shared_tables **bucket = &c->tables[cns_table_key_hash(&key) % CNS_BUCKETS];
    for (struct cns_shared_tables *at = *bucket; at; at = at->next)
        if (memcmp(&at->tables->key, &key, sizeof key) == 0)
            return at->tables;
    struct cns_shared_tables *fresh = cns_arena_zero(&c->arena, 1, sizeof *fresh);
    if (!fresh)
        return NULL;
    fresh->tables = cns_tables_new(&c->arena, &c->ids, &c->directory, &key);
    if (!fresh->tables)
        return NULL;
    fresh->next = *bucket;
    *bucket = fresh;
    return fresh->tables;
}

/* Call with the lock held. */
static const cns_notice *cached_notice(cns_config *c, cns_cached *at, const cns_applied *applied) {
    struct cns_cached_notice *slot;
    for (slot = at->notices; slot; slot = slot->next)
        if (cns_span_is(slot->notice->applied.id, applied->id.text, applied->id.len))
            return slot->notice;
    slot = cns_arena_zero(&c->arena, 1, sizeof *slot);
    cns_notice *notice = cns_arena_zero(&c->arena, 1, sizeof *notice);
    if (!slot || !notice)
        return NULL;
    notice->config = c;
    notice->effective = at->tree;
    notice->applied = *applied;
    memcpy(notice->override, at->country, sizeof notice->override);
    const cns_value *app;
    if (!cns_app_of(&app, &c->arena, at->tree))
        return NULL;
    notice->tables = shared_tables(c, app);
    notice->bots = cns_bots_of(c, at->tree);
    if (!notice->tables || !notice->bots || !cns_notice_compile(notice, app, &c->arena, &c->ids))
        return NULL;
    slot->notice = notice;
    slot->next = at->notices;
    at->notices = slot;
    return notice;
}

/* Where the visitor is, after the overrides of the configuration. */
static bool read_place(cns_place *place, const cns_config *c, cns_span country, cns_span region) {
    const cns_value *user = CNS_AT(c->with_entry[0], "user");
    const cns_value *own = CNS_AT(user, "country");
    bool given = country.text != NULL;
    if (own && own->kind != CNS_NULL) {
        const cns_value *own_region = CNS_AT(user, "region");
        country = cns_is_string(own) ? cns_string(own) : (cns_span){"", 0}; /* invalid: unknown */
        region = cns_is_string(own_region) ? cns_string(own_region) : (cns_span){"", 0};
        given = true;
    }
    memset(place, 0, sizeof *place);
    if (country.text)
        cns_country_read(place->country, country);
    if (place->country[0] && region.text)
        cns_region_read(place->region, region);
    return given;
}

/* For the choice of the law: the tree that each entry would give this visitor. */
typedef struct entry_trees {
    cns_config *config;
    const char *country;
} entry_trees;

static const cns_value *tree_for_law(void *ctx, uint32_t entry) {
    entry_trees *trees = ctx;
    cns_lock_take(&trees->config->lock);
    cns_cached *at = cached_tree(trees->config, entry + 1, trees->country);
    cns_lock_give(&trees->config->lock);
    return at ? at->tree : NULL; /* without memory: the default name of the cookie */
}

cns_code cns_config_notice(const cns_notice **out, cns_place *place, cns_config *c,
                           const char *country, size_t country_len, const char *region,
                           size_t region_len, const cns_probe *probe, cns_error *err) {
    cns_place where;
    bool given =
        read_place(&where, c, (cns_span){country, country_len}, (cns_span){region, region_len});
    cns_lock_take(&c->lock);
    cns_cached *plain = cached_tree(c, 0, where.country);
    cns_lock_give(&c->lock);
    if (!plain)
        goto no_memory;
    /* the law is chosen without the lock: the probe may run anything */
    entry_trees trees = {c, where.country};
    cns_laws laws = {plain->tree, c->entries, c->layers, c->layer_count, tree_for_law, &trees};
    cns_applied applied;
    where.law = (unsigned char)cns_regulation_choose(&applied, &laws, &where, given, probe);
    cns_lock_take(&c->lock);
    cns_cached *at =
        applied.entry >= 0 ? cached_tree(c, (uint32_t)applied.entry + 1, where.country) : plain;
    const cns_notice *notice = at ? cached_notice(c, at, &applied) : NULL;
    cns_lock_give(&c->lock);
    if (!notice)
        goto no_memory;
    *out = notice;
    if (place)
        *place = where;
    return CNS_OK;
no_memory:
    return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "memory ran out while preparing a notice");
}
