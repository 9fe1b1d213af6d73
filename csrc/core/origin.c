/* origin.c - values by path, and the places where they were written. */
#include <stdlib.h>

#include "config.h"
#include "path.h"

#define HIDDEN_COUNT 3
static const cns_span hidden[HIDDEN_COUNT] = {
    {"configByCountry", 15}, {"regulation_configurations", 25}, {"consentpy", 9}};

bool cns_effective_hides(const char *key, size_t len) {
    for (size_t i = 0; i < HIDDEN_COUNT; i++)
        if (cns_span_is(hidden[i], key, len))
            return true;
    return false;
}

const cns_value *cns_notice_effective(const cns_notice *notice) {
    return notice->effective;
}

/* Paths into what is hidden are none, but for single options of our own. */
static bool visible(const cns_path *path) {
    cns_span first = path->steps[0].key;
    if (!first.text || !cns_effective_hides(first.text, first.len))
        return true;
    return path->count > 1 && cns_span_is(first, "consentpy", 9);
}

/* A path below `app` becomes one below its old alias, which lies under it. */
static bool old_name(cns_path *path) {
    if (path->count < 2 || !path->steps[0].key.text || !cns_span_is(path->steps[0].key, "app", 3))
        return false;
    path->steps[0].key = CNS_SPAN("website");
    return true;
}

const cns_value *cns_notice_get(const cns_notice *notice, const char *text, size_t len) {
    cns_path path;
    if (!cns_path_parse(&path, text, len) || !visible(&path))
        return NULL;
    const cns_value *value = cns_path_find(notice->effective, &path);
    if (!value && old_name(&path)) {
        value = cns_path_find(notice->effective, &path);
        path.steps[0].key = CNS_SPAN("app");
    }
    return value ? value : cns_path_find(notice->config->defaults, &path);
}

typedef struct collector {
    const cns_path *path;
    cns_origin *out;
    size_t cap, count;
} collector;

static void collect(collector *to, const cns_value *root, cns_origin_kind kind) {
    const cns_value *value = cns_path_find(root, to->path);
    if (!value)
        return;
    if (to->count < to->cap) {
        cns_origin *origin = &to->out[to->count];
        origin->kind = kind;
        origin->layer = value->layer;
        origin->offset = value->offset;
        origin->value = value;
    }
    to->count++;
}

/* From the top: the country's entries, then the layers, each in two parts with the
 * law's entry between them. */
static void collect_written(collector *to, const cns_notice *n) {
    const cns_config *c = n->config;
    size_t parent = c->entries ? c->entries->layer : 0;
    const cns_value *entry = n->applied.entry >= 0 ? n->applied.config : NULL;
    for (size_t i = c->layer_count; n->override[0] && i-- > 0;) {
        if (entry && i == parent)
            collect(to, cns_value_get(CNS_AT(entry, "configByCountry"), n->override, 2),
                    CNS_FROM_COUNTRY);
        collect(to, cns_value_get(CNS_AT(c->layers[i], "configByCountry"), n->override, 2),
                CNS_FROM_COUNTRY);
    }
    for (size_t i = c->layer_count; i-- > 0;) {
        if (entry && i == parent)
            collect(to, entry, CNS_FROM_REGULATION);
        collect(to, c->layers[i], CNS_FROM_LAYER);
    }
}

size_t cns_notice_origins(const cns_notice *n, const char *text, size_t len, cns_origin *out,
                          size_t cap) {
    const cns_config *c = n->config;
    cns_path path;
    if (!cns_path_parse(&path, text, len) || !visible(&path))
        return 0;
    collector to = {&path, out, cap, 0};
    cns_path alias = path;
    bool aliased = old_name(&alias);
    if (cns_path_find(n->effective, &path))
        collect_written(&to, n);
    to.path = &alias;
    if (aliased && cns_path_find(n->effective, &alias))
        collect_written(&to, n);
    to.path = &path;
    collect(&to, c->defaults, CNS_FROM_DEFAULTS);
    return to.count;
}

/* ------------------------------------------------------------------ winners */

typedef enum found { ABSENT, FOUND, COVERED } found;

/* What a part says about a path: COVERED when it has something there that the parts
 * below cannot reach through, at most `deep` steps down. */
static found look(const cns_value *root, const cns_path *path, uint32_t *deep,
                  const cns_value **value) {
    for (uint32_t i = 0; i < path->count; i++) {
        const cns_path_step *step = &path->steps[i];
        const cns_value *next =
            step->key.text ? cns_at(root, step->key) : cns_value_item(root, step->index);
        if (!next) {
            *deep = i;
            return cns_is_object(root) ? ABSENT : COVERED;
        }
        root = next;
    }
    *value = root;
    return FOUND;
}

/* The same below configByCountry. */
static found look_in_country(const cns_value *root, const char *country, const cns_path *path,
                             uint32_t *deep, const cns_value **value) {
    const cns_value *list = CNS_AT(root, "configByCountry");
    const cns_value *entry = cns_value_get(list, country, 2);
    *deep = 0;
    if (!entry)
        return list && !cns_is_object(list) ? COVERED : ABSENT;
    return cns_is_object(entry) ? look(entry, path, deep, value) : COVERED;
}

/* From the top, in the order of collect_written, until a part decides. */
static found look_everywhere(const cns_notice *n, cns_scope scope, const cns_path *path,
                             uint32_t *deep, cns_origin *out) {
    const cns_config *c = n->config;
    size_t parent = c->entries ? c->entries->layer : 0;
    bool by_law = scope == CNS_WHOLE && n->applied.entry >= 0 && n->applied.config;
    const cns_value *value = NULL;
    found what = ABSENT;
    out->kind = CNS_FROM_COUNTRY;
    bool by_country = scope != CNS_LAYERS_ALONE && n->override[0];
    for (size_t i = c->layer_count; by_country && what == ABSENT && i-- > 0;) {
        if (by_law && i == parent)
            what = look_in_country(n->applied.config, n->override, path, deep, &value);
        if (what == ABSENT)
            what = look_in_country(c->layers[i], n->override, path, deep, &value);
    }
    for (size_t i = c->layer_count; what == ABSENT && i-- > 0;) {
        out->kind = CNS_FROM_REGULATION;
        if (by_law && i == parent)
            what = look(n->applied.config, path, deep, &value);
        if (what != ABSENT)
            break;
        out->kind = CNS_FROM_LAYER;
        what = look(c->layers[i], path, deep, &value);
    }
    if (what == FOUND) {
        out->layer = value->layer;
        out->offset = value->offset;
        out->value = value;
    }
    return what;
}

bool cns_notice_default(const cns_notice *n, const char *text, size_t len, cns_origin *out) {
    cns_path path;
    const cns_value *value =
        cns_path_parse(&path, text, len) ? cns_path_find(n->config->defaults, &path) : NULL;
    if (value)
        *out = (cns_origin){CNS_FROM_DEFAULTS, value->layer, value->offset, value};
    return value != NULL;
}

bool cns_notice_winner(const cns_notice *n, cns_scope scope, const char *text, size_t len,
                       cns_origin *out) {
    cns_path path;
    uint32_t deep = 0;
    if (!cns_path_parse(&path, text, len))
        return false;
    found what = look_everywhere(n, scope, &path, &deep, out);
    if ((what == ABSENT || (what == COVERED && deep == 1)) && old_name(&path)) {
        deep = 0;
        what = look_everywhere(n, scope, &path, &deep, out);
    }
    return what == FOUND || cns_notice_default(n, text, len, out);
}

static int by_code(const void *a, const void *b) {
    return memcmp(a, b, 2);
}

size_t cns_config_countries(const cns_config *c, char (*out)[3], size_t cap) {
    const cns_value *list = CNS_AT(c->upto[c->layer_count - 1], "configByCountry");
    size_t count = 0;
    for (uint32_t i = 0; cns_is_object(list) && i < list->len; i++) {
        const cns_member *member = &list->u.table->members[i];
        const char *key = member->key;
        if (member->key_len != 2 || key[0] < 'A' || key[0] > 'Z' || key[1] < 'A' || key[1] > 'Z')
            continue;
        if (count < cap)
            memcpy(out[count], key, 3);
        count++;
    }
    if (cap)
        qsort(out, count < cap ? count : cap, sizeof *out, by_code);
    return count;
}

static uint64_t mix(uint64_t h, uint64_t word) {
    h = (h ^ word) * 0x9FB21C651E98DF25u;
    return h ^ (h >> 29);
}

static uint64_t mix_text(uint64_t h, const char *text, size_t len) {
    h = mix(h, len);
    while (len) {
        unsigned char part[8] = {0};
        size_t take = len < 8 ? len : 8;
        memcpy(part, text, take);
        uint64_t word = 0;
        for (int i = 0; i < 8; i++) /* the same on every byte order */
            word |= (uint64_t)part[i] << (8 * i);
        h = mix(h, word);
        text += take;
        len -= take;
    }
    return h;
}

static uint64_t mix_value(uint64_t h, const cns_value *value) {
    h = mix(h, value->kind);
    switch ((cns_kind)value->kind) {
    case CNS_INT:
        return mix(h, (uint64_t)value->u.i);
    case CNS_REAL: {
        uint64_t bits;
        memcpy(&bits, &value->u.d, sizeof bits);
        return mix(h, bits);
    }
    case CNS_BIGINT:
    case CNS_STRING:
        return mix_text(h, value->u.text, value->len);
    case CNS_ARRAY:
        h = mix(h, value->len);
        for (uint32_t i = 0; i < value->len; i++)
            h = mix_value(h, &value->u.items[i]);
        return h;
    case CNS_OBJECT:
        h = mix(h, value->len);
        for (uint32_t i = 0; i < value->len; i++) {
            const cns_member *member = &value->u.table->members[i];
            h = mix_value(mix_text(h, member->key, member->key_len), member->value);
        }
        return h;
    case CNS_NULL:
    case CNS_FALSE:
    case CNS_TRUE:
        break;
    }
    return h;
}

uint64_t cns_config_fingerprint(cns_config *c) {
    cns_lock_take(&c->lock);
    if (!c->fingerprint) {
        uint64_t h = mix_value(0x243F6A8885A308D3u, c->directory.catalog);
        if (c->directory.gvl)
            h = mix_value(h, cns_gvl_root(c->directory.gvl));
        for (size_t i = 0; i < c->layer_count; i++)
            h = mix_value(h, c->layers[i]);
        c->fingerprint = h ? h : 1;
    }
    uint64_t fingerprint = c->fingerprint;
    cns_lock_give(&c->lock);
    return fingerprint;
}

uint64_t cns_notice_fingerprint(const cns_notice *n) {
    uint64_t h = mix_text(cns_config_fingerprint(n->config), n->override, 2);
    h = mix_text(h, n->applied.id.text, n->applied.id.len);
    return mix(h, (uint64_t)(n->applied.entry + 1));
}
