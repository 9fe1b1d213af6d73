/* rewriting.h - what the tests of rewritten pages share: a visitor, and pages in pieces. */
#ifndef CNS_TESTS_REWRITING_H
#define CNS_TESTS_REWRITING_H

#include "guard.h"

#include "world.h"

/* What came out, with a NUL. */
typedef struct text {
    char *text;
    size_t len, cap;
} text;

static inline void collect(void *ctx, const char *piece, size_t len) {
    text *out = ctx;
    if (out->len + len + 1 > out->cap) {
        out->cap = 2 * (out->len + len + 1);
        out->text = realloc(out->text, out->cap);
        if (!out->text)
            exit(2);
    }
    memcpy(out->text + out->len, piece, len);
    out->len += len;
    out->text[out->len] = '\0';
}

static cns_config *config;
static cns_status *visitor; /* agreed to p1 with open, half and google; refused p2 and shut */

static inline void begin(void) {
    static const char *const layers[] = {
        "{'app':{'vendors':{'custom':[{'id':'open','purposeIds':['p1']},{'id':'half','purposeIds':["
        "'p1','p2']},{'id':'shut','purposeIds':['p1']},{'id':'123','purposeIds':['p1']},{'id':'x&"
        "lt;y','purposeIds':['p1']}],'didomi':['google']},'customPurposes':[{'id':'p1'},{'id':'p2'}"
        "]}}",
        NULL};
    static const char *const tokens[] = {
        "{'updated':'@60','vendors':{'enabled':['c:open','c:half','google','c:123','c:x&lt;y'],'"
        "disabled':['c:shut']},'purposes':{'enabled':['p1','cookies'],'disabled':['p2']}}",
        NULL};
    config = config_of(layers, "{'vendors':{'google':{'purposes':['cookies']}}}");
    visitor = status_of(notice_at(config, "FR"), tokens, NULL, cns_alloc_default(), NULL);
}

/* The page in pieces of `step` bytes after a first one of `first`. */
static inline cns_code rewrite(text *out, const char *page, size_t len, size_t first, size_t step,
                               const char *nonce, cns_alloc alloc) {
    cns_rewriter *r = NULL;
    cns_code code = cns_rewriter_new(&r, visitor, nonce, nonce ? strlen(nonce) : 0, alloc, NULL);
    collect(out, "", 0);
    for (size_t at = 0; code == CNS_OK && at < len;) {
        size_t size = at ? step : first;
        size = size > len - at ? len - at : size;
        guard g; /* a piece is gone when the next one comes */
        bool guarded = len < 1000 && size > 1;
        const char *piece = guarded ? guard_text(&g, page + at, size) : page + at;
        code = cns_rewriter_feed(r, piece, size, collect, out);
        if (guarded)
            guard_end(&g);
        at += size;
    }
    if (code == CNS_OK)
        code = cns_rewriter_close(r, collect, out);
    cns_rewriter_free(r);
    return code;
}

/* Gives back what begin() has made. */
static inline int finish(void) {
    cns_status_free(visitor);
    cns_config_free(config);
    return harness_end();
}

#define JS "type=\"didomi/javascript\""
#define LIVE "type=\"text/javascript\""
#define G "<script " JS ">"
#define L "<script " LIVE ">"
#define H "<script type=\"didomi/html\">"

#endif
