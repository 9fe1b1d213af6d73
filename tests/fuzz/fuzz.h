/* fuzz.h - what the fuzz targets share: the entry point, checks, an allocator with a bound. */
#ifndef CNS_FUZZ_H
#define CNS_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent.h"

/* Each target defines it; libFuzzer calls it, and replay.c with every text of the vectors. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* Counts what is alive and stops the run where that passes `most`, or where a size is told
 * wrong. At the end of a target `live` has to be 0. */
typedef struct fuzz_memory {
    size_t live, most;
} fuzz_memory;

static inline void *fuzz_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    fuzz_memory *memory = ctx;
    size_t *old = ptr ? (size_t *)ptr - 2 : NULL;
    FUZZ_CHECK(old_size == (old ? *old : 0));
    size_t *fresh = NULL;
    if (new_size) {
        memory->live += new_size;
        FUZZ_CHECK(memory->live - old_size <= memory->most);
        fresh = malloc(new_size + 2 * sizeof *fresh);
        if (!fresh)
            exit(2);
        *fresh = new_size;
        if (old)
            memcpy(fresh + 2, ptr, old_size < new_size ? old_size : new_size);
    }
    memory->live -= old_size;
    free(old);
    return fresh ? fresh + 2 : NULL;
}

/* A reader of `size` bytes may need a fixed amount, and so much for each byte. */
static inline fuzz_memory fuzz_bound(size_t size, size_t each) {
    return (fuzz_memory){0, 8192 + size * each};
}

#endif
