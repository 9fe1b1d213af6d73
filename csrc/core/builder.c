/* builder.c - a value tree from events in written order.
 *
 * The items of all open containers lie on one stack; closing a container moves
 * its items into the arena as one block. Depth is bounded, so the frames are a
 * fixed array.
 */
#include "error.h"
#include "path.h"
#include "value.h"

typedef struct pending {
    cns_member member; /* key NULL inside an array */
    uint32_t key_offset;
    cns_value value;
} pending;

typedef struct frame {
    uint8_t kind;
    uint32_t offset;
    size_t first;     /* where its items start on the stack */
    uint32_t keys_at; /* key waiting for its value: offset */
    const char *key;
    uint32_t key_len;
} frame;

struct cns_builder {
    cns_alloc alloc;
    cns_doc *doc;
    pending *stack;
    size_t count, cap;
    frame frames[CNS_MAX_DEPTH];
    uint32_t depth;
    bool done;
    bool trusted;    /* texts were checked before: no NUL, valid UTF-8 */
    cns_error error; /* the first failure */
};

cns_builder *cns_builder_new(cns_alloc alloc) {
    cns_builder *b = cns_get(alloc, sizeof *b);
    if (!b)
        return NULL;
    memset(b, 0, sizeof *b);
    b->alloc = alloc;
    b->doc = cns_get(alloc, sizeof *b->doc);
    if (!b->doc) {
        cns_drop(alloc, b, sizeof *b);
        return NULL;
    }
    memset(b->doc, 0, sizeof *b->doc);
    cns_arena_init(&b->doc->arena, alloc);
    return b;
}

void cns_builder_trust(cns_builder *b) {
    b->trusted = true;
}

void cns_builder_free(cns_builder *b) {
    if (!b)
        return;
    cns_doc_free(b->doc);
    cns_drop(b->alloc, b->stack, b->cap * sizeof *b->stack);
    cns_drop(b->alloc, b, sizeof *b);
}

void cns_doc_free(cns_doc *doc) {
    if (!doc)
        return;
    cns_alloc alloc = doc->arena.alloc;
    cns_arena_release(&doc->arena);
    cns_drop(alloc, doc, sizeof *doc);
}

const cns_value *cns_doc_root(const cns_doc *doc) {
    return doc->root;
}

/* The path of the value that comes next, in the notation of cns_path. */
static void write_path(const cns_builder *b, char *out, size_t cap) {
    size_t at = 0;
    for (uint32_t d = 0; d < b->depth; d++) {
        const frame *f = &b->frames[d];
        size_t end = d + 1 < b->depth ? b->frames[d + 1].first : b->count, longer;
        cns_path_step step = {{f->key, f->key_len}, 0};
        if (f->kind == CNS_ARRAY)
            step = (cns_path_step){{NULL, 0}, (uint32_t)(end - f->first)};
        else if (!f->key)
            return;
        longer = cns_path_write(out, cap, at, step);
        if (longer == at)
            return;
        at = longer;
    }
}

cns_code cns_builder_fail(cns_builder *b, cns_code code, uint32_t offset, const char *message) {
    if (b->error.code != CNS_OK)
        return b->error.code;
    cns_fail(&b->error, code, offset, message);
    write_path(b, b->error.path, sizeof b->error.path);
    return code;
}

cns_code cns_builder_code(const cns_builder *b) {
    return b->error.code;
}

static cns_code no_memory(cns_builder *b) {
    return cns_builder_fail(b, CNS_E_NOMEM, CNS_NO_OFFSET,
                            "memory ran out while reading the configuration");
}

/* A place on the stack for the next value, its key taken; NULL after a failure. */
static pending *push(cns_builder *b, cns_kind kind, uint32_t offset) {
    if (b->error.code != CNS_OK)
        return NULL;
    if (b->done ||
        (b->depth && b->frames[b->depth - 1].kind == CNS_OBJECT && !b->frames[b->depth - 1].key)) {
        cns_builder_fail(b, CNS_E_SHAPE, offset, "a value stands where none can");
        return NULL;
    }
    if (b->doc->nodes >= CNS_MAX_NODES) {
        cns_builder_fail(b, CNS_E_LIMIT, offset,
                         "more than 8 388 608 values: make the configuration smaller");
        return NULL;
    }
    if (b->count == b->cap) {
        size_t cap = b->cap ? b->cap * 2 : 64;
        pending *stack = b->alloc.resize(b->alloc.ctx, b->stack, b->cap * sizeof *stack,
                                         cns_mul(cap, sizeof *stack));
        if (!stack) {
            no_memory(b);
            return NULL;
        }
        b->stack = stack;
        b->cap = cap;
    }
    b->doc->nodes++;
    pending *item = &b->stack[b->count];
    memset(item, 0, sizeof *item);
    item->value.kind = (uint8_t)kind;
    item->value.offset = offset;
    return item;
}

static cns_code pushed(cns_builder *b) {
    pending *item = &b->stack[b->count++];
    if (b->depth == 0) {
        b->done = true;
    } else {
        frame *f = &b->frames[b->depth - 1];
        if (f->kind == CNS_OBJECT) {
            item->member.key = f->key;
            item->member.key_len = f->key_len;
            item->member.hash = cns_hash(f->key, f->key_len);
            item->key_offset = f->keys_at;
            f->key = NULL;
        }
    }
    return CNS_OK;
}

cns_code cns_builder_open(cns_builder *b, cns_kind kind, uint32_t offset) {
    if (b->error.code != CNS_OK)
        return b->error.code;
    if (b->depth == CNS_MAX_DEPTH)
        return cns_builder_fail(b, CNS_E_LIMIT, offset,
                                "nested deeper than 64 levels: flatten the configuration");
    if (b->done ||
        (b->depth && b->frames[b->depth - 1].kind == CNS_OBJECT && !b->frames[b->depth - 1].key))
        return cns_builder_fail(b, CNS_E_SHAPE, offset, "a value stands where none can");
    frame *f = &b->frames[b->depth++];
    memset(f, 0, sizeof *f);
    f->kind = (uint8_t)kind;
    f->offset = offset;
    f->first = b->count;
    return CNS_OK;
}

cns_code cns_builder_key(cns_builder *b, const char *key, size_t len, uint32_t offset) {
    if (b->error.code != CNS_OK)
        return b->error.code;
    frame *f = b->depth ? &b->frames[b->depth - 1] : NULL;
    if (!f || f->kind != CNS_OBJECT || f->key || len > UINT32_MAX - 1)
        return cns_builder_fail(b, CNS_E_SHAPE, offset, "a key stands where none can");
    if (!b->trusted && memchr(key, '\0', len))
        return cns_builder_fail(b, CNS_E_ENCODING, offset,
                                "a key contains a NUL character: remove it");
    if (!b->trusted && cns_utf8_prefix(key, len) != len)
        return cns_builder_fail(b, CNS_E_ENCODING, offset,
                                "a key is not valid UTF-8: save the text as UTF-8");
    f->key = cns_arena_text(&b->doc->arena, key, len);
    if (!f->key)
        return no_memory(b);
    f->key_len = (uint32_t)len;
    f->keys_at = offset;
    return CNS_OK;
}

cns_code cns_builder_plain(cns_builder *b, cns_kind kind, uint32_t offset) {
    return push(b, kind, offset) ? pushed(b) : b->error.code;
}

cns_code cns_builder_int(cns_builder *b, int64_t value, uint32_t offset) {
    pending *item = push(b, CNS_INT, offset);
    if (!item)
        return b->error.code;
    item->value.u.i = value;
    return pushed(b);
}

cns_code cns_builder_real(cns_builder *b, double value, uint32_t offset) {
    pending *item = push(b, CNS_REAL, offset);
    if (!item)
        return b->error.code;
    item->value.u.d = value;
    return pushed(b);
}

cns_code cns_builder_text(cns_builder *b, cns_kind kind, const char *text, size_t len,
                          uint32_t offset) {
    if (b->error.code != CNS_OK)
        return b->error.code;
    if (len > CNS_MAX_TEXT)
        return cns_builder_fail(b, CNS_E_LIMIT, offset, "a text is longer than 16 MiB: shorten it");
    if (!b->trusted && memchr(text, '\0', len))
        return cns_builder_fail(b, CNS_E_ENCODING, offset,
                                "a text contains a NUL character: remove it");
    if (!b->trusted && cns_utf8_prefix(text, len) != len)
        return cns_builder_fail(b, CNS_E_ENCODING, offset,
                                "a text is not valid UTF-8: save it as UTF-8");
    pending *item = push(b, kind, offset);
    if (!item)
        return b->error.code;
    item->value.u.text = cns_arena_text(&b->doc->arena, text, len);
    if (!item->value.u.text)
        return no_memory(b);
    item->value.len = (uint32_t)len;
    return pushed(b);
}

/* Moves the items of the innermost container into the arena. */
static bool seal(cns_builder *b, const frame *f, cns_value *out) {
    cns_arena *arena = &b->doc->arena;
    uint32_t count = (uint32_t)(b->count - f->first);
    const pending *items = count ? b->stack + f->first : NULL;
    cns_value *values = cns_arena_zero(arena, count, sizeof *values);
    if (!values)
        return false;
    for (uint32_t i = 0; i < count; i++)
        values[i] = items[i].value;
    out->kind = f->kind;
    out->len = count;
    out->offset = f->offset;
    if (f->kind == CNS_ARRAY) {
        out->u.items = values;
        return true;
    }
    cns_member *members = cns_arena_zero(arena, count, sizeof *members);
    cns_table *table = cns_arena_get(arena, sizeof *table);
    if (!members || !table)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        members[i] = items[i].member;
        members[i].value = &values[i];
    }
    uint32_t duplicate;
    table->members = members;
    if (!cns_table_index(arena, table, count, &duplicate))
        return false;
    if (duplicate != UINT32_MAX) {
        frame *open = &b->frames[b->depth - 1];
        open->key = members[duplicate].key;
        open->key_len = members[duplicate].key_len;
        cns_builder_fail(b, CNS_E_DUPLICATE, items[duplicate].key_offset,
                         "this key stands twice in one object: keep one of the two");
    }
    out->u.table = table;
    return true;
}

cns_code cns_builder_close(cns_builder *b) {
    if (b->error.code != CNS_OK)
        return b->error.code;
    if (b->depth == 0 || b->frames[b->depth - 1].key)
        return cns_builder_fail(b, CNS_E_SHAPE, CNS_NO_OFFSET,
                                "a container ends where none is open");
    cns_value value;
    memset(&value, 0, sizeof value);
    frame *f = &b->frames[b->depth - 1];
    if (!seal(b, f, &value))
        return no_memory(b);
    if (b->error.code != CNS_OK)
        return b->error.code;
    b->count = f->first;
    b->depth--;
    pending *item = push(b, (cns_kind)value.kind, value.offset);
    if (!item)
        return b->error.code;
    item->value = value;
    return pushed(b);
}

cns_code cns_builder_finish(cns_doc **out, cns_builder *b, cns_error *err) {
    if (b->error.code == CNS_OK && (!b->done || b->depth))
        cns_builder_fail(b, CNS_E_SHAPE, CNS_NO_OFFSET, "the configuration is not complete");
    if (b->error.code == CNS_OK) {
        b->doc->root = cns_arena_get(&b->doc->arena, sizeof *b->doc->root);
        if (!b->doc->root)
            no_memory(b);
    }
    if (b->error.code != CNS_OK) {
        if (err)
            *err = b->error;
        return b->error.code;
    }
    *b->doc->root = b->stack[0].value;
    *out = b->doc;
    b->doc = NULL;
    return CNS_OK;
}
