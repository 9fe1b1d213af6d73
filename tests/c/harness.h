/* harness.h - the test harness of the core's C tests. A test program holds TEST
 * functions and a main that RUNs each and returns harness_end(). A failed CHECK
 * prints its place and harness.label (which tables of cases set) and goes on. */
#ifndef CNS_TESTS_HARNESS_H
#define CNS_TESTS_HARNESS_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../csrc/core/consent.h"

static struct {
    int passed, failed, wrong; /* tests, tests, checks of the present test */
    const char *label;
} harness = {0, 0, 0, ""};

#define TEST(name) static void name(void)
#define RUN(name) harness_run(#name, name)
#define CHECK(condition) harness_check((condition), __FILE__, __LINE__, #condition)
#define CHECK_INT(got, want)                                                                       \
    harness_int((long long)(got), (long long)(want), __FILE__, __LINE__, #got)
#define CHECK_TEXT(got, want) harness_text((got), (want), __FILE__, __LINE__, #got)

static inline bool harness_check(bool ok, const char *file, int line, const char *what) {
    harness.wrong += !ok;
    if (!ok)
        printf("%s:%d: %s  (%s)\n", file, line, what, harness.label);
    return ok;
}

static inline bool harness_int(long long got, long long want, const char *file, int line,
                               const char *what) {
    if (got != want)
        printf("got %lld, not %lld\n", got, want);
    return harness_check(got == want, file, line, what);
}

static inline bool harness_text(const char *got, const char *want, const char *file, int line,
                                const char *what) {
    if (!got || strcmp(got, want) != 0)
        printf("got '%s', not '%s'\n", got ? got : "(NULL)", want);
    return harness_check(got && strcmp(got, want) == 0, file, line, what);
}

static inline void harness_run(const char *name, void (*test)(void)) {
    harness.wrong = 0;
    harness.label = name;
    test();
    *(harness.wrong ? &harness.failed : &harness.passed) += 1;
}

static inline int harness_end(void) {
    printf("%d passed, %d failed\n", harness.passed, harness.failed);
    return harness.failed != 0;
}

/* An allocator that refuses call `fail_at` (from 1; 0: none), with `for_good` all
 * later ones too. Counts live bytes; checks the old sizes that it is told. */
typedef struct picky {
    size_t calls, fail_at, live, most;
    bool for_good, wrong_size;
} picky;

static inline void *picky_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    picky *p = ctx;
    size_t *old = ptr ? (size_t *)ptr - 2 : NULL, known = old ? *old : 0;
    p->wrong_size = p->wrong_size || known != old_size;
    p->calls += new_size != 0;
    if (new_size && p->fail_at && (p->for_good ? p->calls >= p->fail_at : p->calls == p->fail_at))
        return NULL;
    /* always a new block, so that a pointer kept across a resize is found out */
    size_t *fresh = new_size ? malloc(new_size + 2 * sizeof *fresh) : NULL;
    if (new_size && !fresh)
        exit(2);
    if (fresh) {
        *fresh = new_size;
        if (old)
            memcpy(fresh + 2, ptr, known < new_size ? known : new_size);
    }
    free(old);
    p->live += new_size - known;
    p->most = p->live > p->most ? p->live : p->most;
    return fresh ? fresh + 2 : NULL;
}

/* Runs work(alloc, arg) with every call failing in turn, once and for good: the
 * answer is CNS_E_NOMEM until it is CNS_OK, and nothing stays behind. */
static inline void harness_starve(cns_code (*work)(cns_alloc alloc, void *arg), void *arg) {
    for (int for_good = 0; for_good < 2; for_good++) {
        cns_code code = CNS_E_NOMEM;
        for (size_t at = 1; code == CNS_E_NOMEM; at++) {
            picky p = {.fail_at = at, .for_good = for_good};
            code = work((cns_alloc){picky_resize, &p}, arg);
            CHECK(p.live == 0 && !p.wrong_size && (code == CNS_OK) == (p.calls < at));
        }
        CHECK_INT(code, CNS_OK);
    }
}
#endif
