/* value.h - the layout of configuration values (internal).
 *
 * A tree of immutable nodes. An object keeps its members in written order; from
 * CNS_INDEXED members on it also has a hash index. Merging shares nodes: a merged
 * object is a new member array that points at the nodes of its parents, so the
 * cost of an override is that of the objects it touches.
 */
#ifndef CNS_VALUE_H
#define CNS_VALUE_H

#include "arena.h"
#include "text.h"

typedef struct cns_member {
    const char *key;
    uint32_t key_len;
    uint32_t hash;
    const cns_value *value;
} cns_member;

typedef struct cns_table {
    const cns_member *members;
    const uint32_t *slots; /* member number + 1, 0 = free; NULL when unindexed */
    uint32_t mask;
} cns_table;

struct cns_value {
    uint8_t kind;
    uint16_t layer;  /* number of the layer it was written in */
    uint32_t len;    /* bytes, items or members */
    uint32_t offset; /* in that layer's text, or CNS_NO_OFFSET */
    union {
        int64_t i;
        double d;
        const char *text;
        const cns_value *items;
        const cns_table *table;
    } u;
};

#define CNS_INDEXED 9u

struct cns_doc {
    cns_arena arena;
    cns_value *root;
    size_t nodes;
};

/* Texts that follow were checked before: no NUL, valid UTF-8. */
void cns_builder_trust(cns_builder *b);
/* A finished object over `members` (in the arena already), or NULL. */
cns_value *cns_object_new(cns_arena *arena, const cns_member *members, uint32_t count);
/* Builds the index; *duplicate gets the number of the later of two equal keys,
 * or UINT32_MAX. False when memory ran out. */
bool cns_table_index(cns_arena *arena, cns_table *table, uint32_t count, uint32_t *duplicate);
/* Number of the member with this key, or UINT32_MAX. */
uint32_t cns_object_find(const cns_value *object, const char *key, size_t len, uint32_t hash);

static inline const cns_value *cns_at(const cns_value *object, cns_span key) {
    return cns_value_get(object, key.text, key.len);
}
#define CNS_AT(object, literal) cns_value_get((object), (literal), sizeof(literal) - 1)

static inline bool cns_is(const cns_value *value, cns_kind kind) {
    return value && value->kind == kind;
}
static inline bool cns_is_object(const cns_value *value) {
    return cns_is(value, CNS_OBJECT);
}
static inline bool cns_is_array(const cns_value *value) {
    return cns_is(value, CNS_ARRAY);
}
static inline bool cns_is_string(const cns_value *value) {
    return cns_is(value, CNS_STRING);
}
static inline bool cns_is_number(const cns_value *value) {
    return value && (value->kind == CNS_INT || value->kind == CNS_REAL);
}
static inline cns_span cns_string(const cns_value *value) {
    cns_span span = {value->u.text, value->len};
    return span;
}
static inline bool cns_is_text(const cns_value *value, cns_span text) {
    return cns_is_string(value) && cns_span_is(text, value->u.text, value->len);
}

#endif
