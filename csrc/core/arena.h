/* arena.h - memory that is given back in one call (internal). */
#ifndef CNS_ARENA_H
#define CNS_ARENA_H

#include "consent.h"

typedef struct cns_chunk cns_chunk;

/* Build with -DCNS_ARENA_APART to give every item a block of its own, so that a
 * sanitizer sees an overrun of a single item. */
typedef struct cns_arena {
    cns_alloc alloc;
    cns_chunk *head;
    char *next;
    size_t left;
    size_t grow; /* size of the next chunk: doubles up to a bound */
} cns_arena;

void cns_arena_init(cns_arena *arena, cns_alloc alloc);
void cns_arena_release(cns_arena *arena);

/* `size` bytes aligned for any object, or NULL. Not zeroed. */
void *cns_arena_get(cns_arena *arena, size_t size);
/* count * size zeroed bytes, or NULL (also when the product wraps). */
void *cns_arena_zero(cns_arena *arena, size_t count, size_t size);
/* A copy of the text with a closing NUL, or NULL. */
char *cns_arena_text(cns_arena *arena, const char *text, size_t len);

/* Plain blocks of the same allocator, sizes told (0 wraps to failure). */
void *cns_get(cns_alloc alloc, size_t size);
void cns_drop(cns_alloc alloc, void *ptr, size_t size);
/* a * b, or SIZE_MAX when it wraps: an allocation of that size fails. */
size_t cns_mul(size_t a, size_t b);
size_t cns_add(size_t a, size_t b);

#endif
