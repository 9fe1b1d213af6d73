/* merge.c - recursive merge with shared structure. */
#include "merge.h"

#include "error.h"

const cns_value *cns_merge(cns_arena *arena, const cns_value *base, const cns_value *over) {
    if (!cns_is_object(base) || !cns_is_object(over))
        return over;
    if (over->len == 0 || base == over)
        return base;
    const cns_member *more = over->u.table->members;
    uint32_t fresh = 0;
    for (uint32_t i = 0; i < over->len; i++)
        if (cns_object_find(base, more[i].key, more[i].key_len, more[i].hash) == UINT32_MAX)
            fresh++;
    size_t count = (size_t)base->len + fresh;
    cns_member *members = cns_arena_get(arena, cns_mul(count, sizeof *members));
    if (!members)
        return NULL;
    memcpy(members, base->u.table->members, base->len * sizeof *members);
    uint32_t at = base->len;
    for (uint32_t i = 0; i < over->len; i++) {
        uint32_t k = cns_object_find(base, more[i].key, more[i].key_len, more[i].hash);
        if (k == UINT32_MAX) {
            members[at++] = more[i];
        } else {
            members[k].value = cns_merge(arena, members[k].value, more[i].value);
            if (!members[k].value)
                return NULL;
        }
    }
    if (fresh) {
        cns_value *merged = cns_object_new(arena, members, (uint32_t)count);
        if (merged) {
            merged->layer = over->layer;
            merged->offset = over->offset;
        }
        return merged;
    }
    /* the keys are those of base, so its index serves */
    cns_value *merged = cns_arena_get(arena, sizeof *merged);
    cns_table *table = cns_arena_get(arena, sizeof *table);
    if (!merged || !table)
        return NULL;
    *table = *base->u.table;
    table->members = members;
    *merged = *base;
    merged->layer = over->layer;
    merged->offset = over->offset;
    merged->u.table = table;
    return merged;
}

cns_code cns_doc_merge(cns_doc *base, const cns_doc *over, cns_error *err) {
    const cns_value *merged = cns_merge(&base->arena, base->root, over->root);
    cns_value *root = merged ? cns_arena_get(&base->arena, sizeof *root) : NULL;
    if (!root)
        return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "memory ran out while merging");
    *root = *merged;
    base->root = root;
    return CNS_OK;
}
