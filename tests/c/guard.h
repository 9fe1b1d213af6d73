/* guard.h - input that ends where memory does: a look one byte behind it is a crash.
 * Include this first: it asks the system's headers for more than C11 has. */
#ifndef CNS_TESTS_GUARD_H
#define CNS_TESTS_GUARD_H

#ifdef _WIN32
#define GUARDED 0
#else
#define _DEFAULT_SOURCE
#define GUARDED 1
#include <sys/mman.h>
#include <unistd.h>
#endif
#include <stdlib.h>
#include <string.h>

typedef struct guard {
    char *block;
    size_t size;
} guard;

/* A copy of `text` that ends at an unreadable page (where the system has such). */
static inline char *guard_text(guard *g, const char *text, size_t len) {
#if GUARDED
    size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = len / page + 2;
    g->size = pages * page;
    g->block = mmap(NULL, g->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g->block == MAP_FAILED || mprotect(g->block + g->size - page, page, PROT_NONE) != 0)
        exit(2);
    char *copy = g->block + g->size - page - len;
#else
    g->size = len + 1;
    char *copy = g->block = malloc(g->size);
    if (!copy)
        exit(2);
#endif
    if (len)
        memcpy(copy, text, len);
    return copy;
}

static inline void guard_end(guard *g) {
#if GUARDED
    (void)munmap(g->block, g->size);
#else
    free(g->block);
#endif
}

#endif
