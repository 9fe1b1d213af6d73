/* js_tree.h - values while a script is read (internal).
 *
 * A script may change what it has written, so the tree is mutable until the last
 * statement is read; then it is fed to a builder. A node is an item or a member
 * itself: key and successor lie in it. A container with many children, and an array
 * that is written into, is in one hash table under its number, so that every change
 * costs the same however large its container is.
 */
#ifndef CNS_JS_TREE_H
#define CNS_JS_TREE_H

#include "arena.h"
#include "text.h"

/* What a node can be beside a cns_kind. */
#define CNS_JS_UNDEFINED 16u
#define CNS_JS_CHAIN 17u  /* texts to be joined, as children */
#define CNS_JS_DIGITS 18u /* a decimal integer, as its text */

typedef struct cns_js_node {
    uint32_t kind;
    uint32_t offset;
    const char *key; /* of a member */
    uint32_t key_len, key_offset;
    struct cns_js_node *next; /* in its container */
    union {
        struct {
            struct cns_js_node *first, *last;
        } of;
        cns_span text; /* CNS_STRING, CNS_JS_DIGITS */
        int64_t i;
        double d;
    } u;
    uint32_t count;  /* children */
    uint32_t number; /* in the hash table; 0 = not in it */
} cns_js_node;

typedef struct cns_js_slot {
    uint32_t container, hash;
    cns_js_node *child; /* NULL = free */
} cns_js_slot;

typedef struct cns_js_tree {
    cns_arena arena;
    cns_js_node *root; /* NULL or CNS_JS_UNDEFINED: nothing there */
    cns_js_slot *slots;
    size_t used, cap;
    uint32_t containers;
} cns_js_tree;

void cns_js_tree_init(cns_js_tree *tree, cns_alloc alloc);
void cns_js_tree_release(cns_js_tree *tree);

static inline bool cns_js_there(const cns_js_node *node) {
    return node && node->kind != CNS_JS_UNDEFINED;
}

/* What ! and || make of it. */
bool cns_js_truthy(const cns_js_node *node);

/* Each returns NULL or false when memory ran out. */
cns_js_node *cns_js_node_new(cns_js_tree *tree, uint32_t kind, uint32_t offset);
void cns_js_append(cns_js_node *container, cns_js_node *child);
/* The member of this key gets the value, keeping its place; a new one goes to the end.
 * Takes the node, which must be in no container any more. */
bool cns_js_put(cns_js_tree *tree, cns_js_node *object, cns_span key, uint32_t key_offset,
                cns_js_node *value);
/* Joins all of a CNS_JS_CHAIN into one CNS_STRING. */
bool cns_js_join(cns_js_tree *tree, cns_js_node *chain);

/* The member of an object, or the item of an array by its index; *out is NULL when there
 * is none. False when memory ran out. */
bool cns_js_child(cns_js_node **out, cns_js_tree *tree, cns_js_node *container, cns_span key);

/* The tree to the builder: members that are undefined are left out, items become null. */
cns_code cns_js_feed(cns_builder *b, const cns_js_tree *tree);

#endif
