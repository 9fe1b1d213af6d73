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

static inline bool fuzz_is_number(const cns_value *value) {
    return cns_value_kind(value) == CNS_INT || cns_value_kind(value) == CNS_REAL;
}

/* Are two trees the same, member by member in their order? As deep as a document may be. A
 * whole number is the same with and without a point, as in a browser. */
static inline bool fuzz_same(const cns_value *a, const cns_value *b) {
    cns_kind kind = cns_value_kind(a);
    size_t count = cns_value_count(a);
    if (fuzz_is_number(a) && fuzz_is_number(b) && kind != cns_value_kind(b))
        return cns_value_real(a) == cns_value_real(b);
    if (kind != cns_value_kind(b) || count != cns_value_count(b))
        return false;
    switch (kind) {
    case CNS_INT:
        return cns_value_int(a) == cns_value_int(b);
    case CNS_REAL:
        return cns_value_real(a) == cns_value_real(b);
    case CNS_STRING:
    case CNS_BIGINT:
        return memcmp(cns_value_text(a), cns_value_text(b), count) == 0;
    case CNS_ARRAY:
        for (size_t i = 0; i < count; i++)
            if (!fuzz_same(cns_value_item(a, i), cns_value_item(b, i)))
                return false;
        return true;
    case CNS_OBJECT:
        for (size_t i = 0; i < count; i++) {
            const char *key[2];
            size_t len[2];
            const cns_value *x = cns_value_member(a, i, &key[0], &len[0]);
            const cns_value *y = cns_value_member(b, i, &key[1], &len[1]);
            if (len[0] != len[1] || memcmp(key[0], key[1], len[0]) != 0 || !fuzz_same(x, y))
                return false;
        }
        return true;
    default:
        return true;
    }
}

/* One bit for each vendor and purpose of a notice that may run alone, from the lowest;
 * those behind the 64th are left out. */
static inline uint64_t fuzz_open(const cns_status *s, const cns_notice *n) {
    uint64_t open = 0;
    unsigned bit = 0;
    uint32_t number;
    for (size_t i = 0; bit < 64 && (number = cns_notice_vendor_at(n, i)) != CNS_NO_ID; i++)
        open |= (uint64_t)cns_status_allows(s, &(cns_gate){true, number, 0, NULL}) << bit++;
    for (size_t i = 0; bit < 64 && (number = cns_notice_purpose_at(n, i)) != CNS_NO_ID; i++)
        open |= (uint64_t)cns_status_allows(s, &(cns_gate){false, 0, 1, &number}) << bit++;
    return open;
}

/* A configuration that has to be right. */
static inline cns_config *fuzz_config(const char *text, const cns_gvl *gvl) {
    cns_doc *doc;
    cns_config *config;
    FUZZ_CHECK(cns_json_read(&doc, text, strlen(text), cns_alloc_default(), NULL) == CNS_OK);
    FUZZ_CHECK(cns_config_new(&config, &doc, 1, NULL, gvl, cns_alloc_default(), NULL) == CNS_OK);
    return config;
}

/* The notice for a country and, in the United States, California. */
static inline const cns_notice *fuzz_notice(cns_config *config, const char *country) {
    const cns_notice *notice;
    bool us = strcmp(country, "US") == 0;
    FUZZ_CHECK(cns_config_notice(&notice, NULL, config, country, strlen(country), us ? "CA" : NULL,
                                 us ? 2 : 0, NULL, NULL) == CNS_OK);
    return notice;
}

/* A reader of `size` bytes may need a fixed amount, and so much for each byte. */
static inline fuzz_memory fuzz_bound(size_t size, size_t each) {
    return (fuzz_memory){0, 8192 + size * each};
}

#endif
