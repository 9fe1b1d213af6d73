/* arena.c - chunks of doubling size, given back together. */
#include "arena.h"

#include <stdlib.h>
#include <string.h>

struct cns_chunk {
    cns_chunk *older;
    size_t size; /* of the whole block, this header included */
};

#define ALIGN 16u
#define FIRST_CHUNK 4096u
#define LARGEST_CHUNK (1u << 16) /* what malloc serves from its heap, not from fresh pages */

static size_t align_up(size_t size) {
    return size > SIZE_MAX - ALIGN ? SIZE_MAX : (size + (ALIGN - 1)) & ~(size_t)(ALIGN - 1);
}

static void *default_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    (void)ctx;
    (void)old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

cns_alloc cns_alloc_default(void) {
    cns_alloc alloc = {default_resize, NULL};
    return alloc;
}

void *cns_get(cns_alloc alloc, size_t size) {
    if (size == 0 || size == SIZE_MAX)
        return NULL;
    return alloc.resize(alloc.ctx, NULL, 0, size);
}

void cns_drop(cns_alloc alloc, void *ptr, size_t size) {
    if (ptr)
        (void)alloc.resize(alloc.ctx, ptr, size, 0);
}

size_t cns_mul(size_t a, size_t b) {
    return b != 0 && a > SIZE_MAX / b ? SIZE_MAX : a * b;
}

size_t cns_add(size_t a, size_t b) {
    return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

void cns_arena_init(cns_arena *arena, cns_alloc alloc) {
    memset(arena, 0, sizeof *arena);
    arena->alloc = alloc;
    arena->grow = FIRST_CHUNK;
}

void cns_arena_release(cns_arena *arena) {
    cns_chunk *chunk = arena->head;
    while (chunk) {
        cns_chunk *older = chunk->older;
        cns_drop(arena->alloc, chunk, chunk->size);
        chunk = older;
    }
    cns_arena_init(arena, arena->alloc);
}

static char *add_chunk(cns_arena *arena, size_t payload) {
    size_t head = align_up(sizeof(cns_chunk));
    size_t size = cns_add(head, payload);
    cns_chunk *chunk = cns_get(arena->alloc, size);
    if (!chunk)
        return NULL;
    chunk->size = size;
    chunk->older = arena->head;
    arena->head = chunk;
    return (char *)chunk + head;
}

void *cns_arena_get(cns_arena *arena, size_t size) {
    if (size == 0)
        size = 1;
#ifdef CNS_ARENA_APART
    /* no rounding up: the sanitizer guards the byte after the item */
    return add_chunk(arena, size);
#else
    size = align_up(size);
    if (size == SIZE_MAX)
        return NULL;
    if (size > arena->left) {
        if (size > arena->grow / 4)
            return add_chunk(arena, size);
        char *block = add_chunk(arena, arena->grow);
        if (!block)
            return NULL;
        arena->next = block;
        arena->left = arena->grow;
        if (arena->grow < LARGEST_CHUNK)
            arena->grow *= 2;
    }
    void *item = arena->next;
    arena->next += size;
    arena->left -= size;
    return item;
#endif
}

void *cns_arena_zero(cns_arena *arena, size_t count, size_t size) {
    size_t total = cns_mul(count, size);
    if (total == SIZE_MAX)
        return NULL;
    void *item = cns_arena_get(arena, total);
    if (item)
        memset(item, 0, total);
    return item;
}

char *cns_arena_text(cns_arena *arena, const char *text, size_t len) {
    size_t size = cns_add(len, 1);
    char *copy;
#ifndef CNS_ARENA_APART
    if (size <= arena->left) { /* unaligned, from the far end */
        arena->left -= size;
        copy = arena->next + arena->left;
    } else
#endif
    {
        copy = cns_arena_get(arena, size);
        if (!copy)
            return NULL;
    }
    if (len)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}
