/* value.c - reading a value tree. */
#include "value.h"

cns_kind cns_value_kind(const cns_value *value) {
    return (cns_kind)value->kind;
}

size_t cns_value_count(const cns_value *value) {
    return value->kind >= CNS_STRING || value->kind == CNS_BIGINT ? value->len : 0;
}

const char *cns_value_text(const cns_value *value) {
    return value->kind == CNS_STRING || value->kind == CNS_BIGINT ? value->u.text : "";
}

int64_t cns_value_int(const cns_value *value) {
    return value->kind == CNS_INT ? value->u.i : 0;
}

double cns_value_real(const cns_value *value) {
    if (value->kind == CNS_INT)
        return (double)value->u.i;
    return value->kind == CNS_REAL ? value->u.d : 0.0;
}

const cns_value *cns_value_item(const cns_value *array, size_t index) {
    if (!cns_is_array(array) || index >= array->len)
        return NULL;
    return &array->u.items[index];
}

const cns_value *cns_value_member(const cns_value *object, size_t index, const char **key,
                                  size_t *key_len) {
    if (!cns_is_object(object) || index >= object->len)
        return NULL;
    const cns_member *member = &object->u.table->members[index];
    if (key)
        *key = member->key;
    if (key_len)
        *key_len = member->key_len;
    return member->value;
}

uint32_t cns_object_find(const cns_value *object, const char *key, size_t len, uint32_t hash) {
    const cns_table *table = object->u.table;
    const cns_member *members = table->members;
    if (!table->slots) {
        for (uint32_t i = 0; i < object->len; i++)
            if (members[i].hash == hash && members[i].key_len == len &&
                memcmp(members[i].key, key, len) == 0)
                return i;
        return UINT32_MAX;
    }
    for (uint32_t at = hash & table->mask;; at = (at + 1) & table->mask) {
        uint32_t slot = table->slots[at];
        if (slot == 0)
            return UINT32_MAX;
        const cns_member *member = &members[slot - 1];
        if (member->hash == hash && member->key_len == len && memcmp(member->key, key, len) == 0)
            return slot - 1;
    }
}

const cns_value *cns_value_get(const cns_value *object, const char *key, size_t key_len) {
    if (!cns_is_object(object))
        return NULL;
    uint32_t at = cns_object_find(object, key, key_len, cns_hash(key, key_len));
    return at == UINT32_MAX ? NULL : object->u.table->members[at].value;
}

bool cns_table_index(cns_arena *arena, cns_table *table, uint32_t count, uint32_t *duplicate) {
    *duplicate = UINT32_MAX;
    table->slots = NULL;
    table->mask = 0;
    if (count < CNS_INDEXED) {
        for (uint32_t i = 1; i < count; i++)
            for (uint32_t k = 0; k < i; k++)
                if (table->members[i].hash == table->members[k].hash &&
                    table->members[i].key_len == table->members[k].key_len &&
                    memcmp(table->members[i].key, table->members[k].key,
                           table->members[i].key_len) == 0) {
                    *duplicate = i;
                    return true;
                }
        return true;
    }
    uint32_t size = 32;
    while (size / 2 < count)
        size *= 2;
    uint32_t *slots = cns_arena_zero(arena, size, sizeof *slots);
    if (!slots)
        return false;
    uint32_t mask = size - 1;
    for (uint32_t i = 0; i < count; i++) {
        const cns_member *member = &table->members[i];
        uint32_t at = member->hash & mask;
        for (; slots[at]; at = (at + 1) & mask) {
            const cns_member *other = &table->members[slots[at] - 1];
            if (other->hash == member->hash && other->key_len == member->key_len &&
                memcmp(other->key, member->key, member->key_len) == 0) {
                if (*duplicate == UINT32_MAX)
                    *duplicate = i;
                break;
            }
        }
        if (!slots[at])
            slots[at] = i + 1;
    }
    table->slots = slots;
    table->mask = mask;
    return true;
}

cns_value *cns_object_new(cns_arena *arena, const cns_member *members, uint32_t count) {
    uint32_t duplicate;
    cns_table *table = cns_arena_get(arena, sizeof *table);
    cns_value *object = cns_arena_zero(arena, 1, sizeof *object);
    if (!table || !object)
        return NULL;
    table->members = members;
    if (!cns_table_index(arena, table, count, &duplicate))
        return NULL;
    object->kind = CNS_OBJECT;
    object->len = count;
    object->offset = CNS_NO_OFFSET;
    object->u.table = table;
    return object;
}
