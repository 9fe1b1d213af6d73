/* js_tree.c - values while a script is read. */
#include "js_tree.h"

#include <stdio.h>

#include "number.h"

#define FEW 8u /* children that are looked through one by one */

void cns_js_tree_init(cns_js_tree *tree, cns_alloc alloc) {
    memset(tree, 0, sizeof *tree);
    cns_arena_init(&tree->arena, alloc);
}

void cns_js_tree_release(cns_js_tree *tree) {
    cns_drop(tree->arena.alloc, tree->slots, tree->cap * sizeof *tree->slots);
    cns_arena_release(&tree->arena);
    memset(tree, 0, sizeof *tree);
}

cns_js_node *cns_js_node_new(cns_js_tree *tree, uint32_t kind, uint32_t offset) {
    cns_js_node *node = cns_arena_zero(&tree->arena, 1, sizeof *node);
    if (node) {
        node->kind = kind;
        node->offset = offset;
    }
    return node;
}

void cns_js_append(cns_js_node *container, cns_js_node *child) {
    child->next = NULL;
    if (container->u.of.last)
        container->u.of.last->next = child;
    else
        container->u.of.first = child;
    container->u.of.last = child;
    container->count++;
}

/* ---------------------------------------------------------------- the table */

static uint32_t hash_of(uint32_t container, cns_span key) {
    return cns_hash(key.text, key.len) ^ container * 0x9E3779B1u;
}

static cns_span key_of(const cns_js_node *child) {
    cns_span key = {child->key, child->key_len};
    return key;
}

static void insert(cns_js_tree *tree, uint32_t container, uint32_t hash, cns_js_node *child) {
    size_t at = hash & (tree->cap - 1);
    while (tree->slots[at].child)
        at = (at + 1) & (tree->cap - 1);
    tree->slots[at].container = container;
    tree->slots[at].hash = hash;
    tree->slots[at].child = child;
}

static bool grow(cns_js_tree *tree) {
    cns_alloc alloc = tree->arena.alloc;
    cns_js_tree wider = *tree;
    wider.cap = tree->cap ? tree->cap * 2 : 64;
    size_t size = cns_mul(wider.cap, sizeof *wider.slots);
    wider.slots = cns_get(alloc, size);
    if (!wider.slots)
        return false;
    memset(wider.slots, 0, size);
    for (size_t i = 0; i < tree->cap; i++)
        if (tree->slots[i].child)
            insert(&wider, tree->slots[i].container, tree->slots[i].hash, tree->slots[i].child);
    cns_drop(alloc, tree->slots, tree->cap * sizeof *tree->slots);
    tree->slots = wider.slots;
    tree->cap = wider.cap;
    return true;
}

static bool remember(cns_js_tree *tree, uint32_t container, cns_js_node *child) {
    if (tree->used >= tree->cap / 2 && !grow(tree))
        return false;
    insert(tree, container, hash_of(container, key_of(child)), child);
    tree->used++;
    return true;
}

/* Puts a container into the table. Items of an array get their index as a key. */
static bool number(cns_js_tree *tree, cns_js_node *container) {
    uint32_t index = 0, id = ++tree->containers;
    for (cns_js_node *child = container->u.of.first; child; child = child->next) {
        if (container->kind == CNS_ARRAY) {
            char text[16];
            int len = snprintf(text, sizeof text, "%u", (unsigned)index++);
            child->key = cns_arena_text(&tree->arena, text, (size_t)len);
            child->key_len = (uint32_t)len;
            if (!child->key)
                return false;
        }
        if (!remember(tree, id, child))
            return false;
    }
    container->number = id;
    return true;
}

static cns_js_node *find(const cns_js_tree *tree, const cns_js_node *container, cns_span key) {
    if (!container->number) {
        cns_js_node *child = container->u.of.first;
        while (child && !cns_span_is(key, child->key, child->key_len))
            child = child->next;
        return child;
    }
    uint32_t hash = hash_of(container->number, key);
    size_t at = hash & (tree->cap - 1);
    for (; tree->slots[at].child; at = (at + 1) & (tree->cap - 1)) {
        const cns_js_slot *slot = &tree->slots[at];
        if (slot->hash == hash && slot->container == container->number &&
            cns_span_is(key, slot->child->key, slot->child->key_len))
            return slot->child;
    }
    return NULL;
}

bool cns_js_child(cns_js_node **out, cns_js_tree *tree, cns_js_node *container, cns_span key) {
    *out = NULL;
    /* an empty container cannot be in the table: there may be no table yet */
    if (!container->count)
        return true;
    if (container->kind == CNS_ARRAY && !container->number && !number(tree, container))
        return false;
    *out = find(tree, container, key);
    return true;
}

bool cns_js_put(cns_js_tree *tree, cns_js_node *object, cns_span key, uint32_t key_offset,
                cns_js_node *value) {
    cns_js_node *member;
    if (!cns_js_child(&member, tree, object, key))
        return false;
    if (member) {
        cns_js_node old = *member;
        *member = *value;
        member->next = old.next;
        member->key = old.key;
        member->key_len = old.key_len;
        member->key_offset = key_offset;
        return true;
    }
    value->key = key.text;
    value->key_len = (uint32_t)key.len;
    value->key_offset = key_offset;
    if (object->number && !remember(tree, object->number, value))
        return false;
    cns_js_append(object, value);
    return object->number || object->count <= FEW || number(tree, object);
}

bool cns_js_join(cns_js_tree *tree, cns_js_node *chain) {
    size_t size = 0;
    for (const cns_js_node *part = chain->u.of.first; part; part = part->next)
        size += part->u.text.len;
    char *text = cns_arena_get(&tree->arena, size), *to = text;
    if (!text)
        return false;
    for (const cns_js_node *part = chain->u.of.first; part; part = part->next) {
        if (part->u.text.len)
            memcpy(to, part->u.text.text, part->u.text.len);
        to += part->u.text.len;
    }
    chain->kind = CNS_STRING;
    chain->count = 0;
    chain->u.text = (cns_span){text, size};
    return true;
}

bool cns_js_truthy(const cns_js_node *node) {
    switch (node->kind) {
    case CNS_INT:
        return node->u.i != 0;
    case CNS_REAL:
        return node->u.d < 0 || node->u.d > 0;
    case CNS_STRING:
        return node->u.text.len > 0;
    case CNS_JS_DIGITS: /* no needless 0 stands before others */
        return node->u.text.text[node->u.text.text[0] == '-'] != '0';
    default:
        return node->kind == CNS_TRUE || node->kind == CNS_OBJECT || node->kind == CNS_ARRAY;
    }
}

/* ----------------------------------------------------------------- the end */

static cns_code feed_node(cns_builder *b, const cns_js_node *node) {
    switch (node->kind) {
    case CNS_INT:
        return cns_builder_int(b, node->u.i, node->offset);
    case CNS_REAL:
        return cns_builder_real(b, node->u.d, node->offset);
    case CNS_STRING:
        return cns_builder_text(b, CNS_STRING, node->u.text.text, node->u.text.len, node->offset);
    case CNS_JS_DIGITS:
        return cns_feed_integer(b, node->u.text.text, (uint32_t)node->u.text.len, node->offset);
    case CNS_JS_UNDEFINED:
        return cns_builder_plain(b, CNS_NULL, node->offset);
    case CNS_ARRAY:
    case CNS_OBJECT:
        return cns_builder_open(b, (cns_kind)node->kind, node->offset);
    default:
        return cns_builder_plain(b, (cns_kind)node->kind, node->offset);
    }
}

cns_code cns_js_feed(cns_builder *b, const cns_js_tree *tree) {
    struct {
        const cns_js_node *next;
        bool object;
    } open[CNS_MAX_DEPTH + 1];
    uint32_t depth = 0;
    cns_code code = feed_node(b, tree->root);
    if (tree->root->kind != CNS_OBJECT && tree->root->kind != CNS_ARRAY)
        return code;
    open[0].next = tree->root->u.of.first;
    open[0].object = tree->root->kind == CNS_OBJECT;
    while (code == CNS_OK) {
        const cns_js_node *node = open[depth].next;
        if (!node) {
            code = cns_builder_close(b);
            if (depth == 0)
                break;
            depth--;
            continue;
        }
        open[depth].next = node->next;
        if (open[depth].object) {
            if (node->kind == CNS_JS_UNDEFINED)
                continue;
            code = cns_builder_key(b, node->key, node->key_len, node->key_offset);
            if (code != CNS_OK)
                break;
        }
        code = feed_node(b, node);
        if (code == CNS_OK && (node->kind == CNS_OBJECT || node->kind == CNS_ARRAY)) {
            depth++; /* the builder has refused more than CNS_MAX_DEPTH */
            open[depth].next = node->u.of.first;
            open[depth].object = node->kind == CNS_OBJECT;
        }
    }
    return code;
}
