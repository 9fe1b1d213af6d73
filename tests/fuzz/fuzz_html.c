/* fuzz_html.c - pages: however one is cut the same comes out, of the same bytes where nothing in it
 * is gated, within a fixed amount of memory; what came out passes unchanged when it comes again. */
#include "fuzz.h"

#include "../../csrc/core/base64.h"

typedef struct world {
    cns_config *config;
    cns_status *status;
} world;

static world make_world(void) {
    static const char page[] =
        "{\"app\":{\"vendors\":{\"custom\":[{\"id\":\"a\",\"purposeIds\":[\"p\"]},{\"id\":\"b\","
        "\"purposeIds\":[\"q\"]}]},\"customPurposes\":[{\"id\":\"p\"},{\"id\":\"q\"}]}}";
    static const char token[] =
        "{\"updated\":\"2026-03-20T10:00:00Z\",\"vendors\":{\"enabled\":[\"c:a\"]"
        ",\"disabled\":[\"c:b\"]},\"purposes\":{\"enabled\":[\"p\"]}}";
    static char cookie[2 * sizeof token];
    cns_alloc alloc = cns_alloc_default();
    cns_doc *doc;
    world w;
    const cns_notice *notice;
    cns_text sent = {cookie,
                     cns_base64_write(cookie, (const unsigned char *)token, sizeof token - 1)};
    cns_visit visit = {.cookies = &sent, .cookie_count = 1, .now = INT64_C(1774000887000000)};
    FUZZ_CHECK(cns_json_read(&doc, page, sizeof page - 1, alloc, NULL) == CNS_OK);
    FUZZ_CHECK(cns_config_new(&w.config, &doc, 1, NULL, NULL, alloc, NULL) == CNS_OK);
    FUZZ_CHECK(cns_config_notice(&notice, NULL, w.config, "FR", 2, NULL, 0, NULL, NULL) == CNS_OK);
    FUZZ_CHECK(cns_status_new(&w.status, notice, &visit, alloc, NULL) == CNS_OK);
    return w;
}

typedef struct out {
    char *text;
    size_t len, cap;
} out;

static void collect(void *ctx, const char *text, size_t len) {
    out *to = ctx;
    FUZZ_CHECK(len);
    if (to->len + len > to->cap) {
        to->cap = 2 * (to->len + len);
        to->text = realloc(to->text, to->cap);
        if (!to->text)
            exit(2);
    }
    memcpy(to->text + to->len, text, len);
    to->len += len;
}

/* In pieces whose sizes follow from `seed`, each in a block of its own; 0: in one piece. */
static out rewrite(const cns_status *status, const char *page, size_t size, uint32_t seed) {
    fuzz_memory memory = fuzz_bound(8 * CNS_REWRITE_MOST, 1);
    cns_alloc alloc = {fuzz_resize, &memory};
    cns_rewriter *r;
    out to = {NULL, 0, 0};
    FUZZ_CHECK(cns_rewriter_new(&r, status, "n", 1, alloc, NULL) == CNS_OK);
    for (size_t at = 0; at < size;) {
        seed = seed ? seed * 1664525u + 1013904223u : 0;
        size_t len = seed ? 1 + (seed >> 24) % (seed >> 16 & 1 ? 3 : 90) : size;
        len = len > size - at ? size - at : len;
        char *piece = malloc(len);
        if (!piece)
            exit(2);
        memcpy(piece, page + at, len);
        FUZZ_CHECK(cns_rewriter_feed(r, piece, len, collect, &to) == CNS_OK);
        free(piece);
        at += len;
    }
    FUZZ_CHECK(cns_rewriter_close(r, collect, &to) == CNS_OK);
    cns_rewriter_free(r);
    FUZZ_CHECK(memory.live == 0);
    return to;
}

static bool same(const out *a, const char *text, size_t len) {
    return a->len == len && (len == 0 || memcmp(a->text, text, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static world w; /* the same for every page */
    if (!w.status)
        w = make_world();
    const char *page = (const char *)data;
    uint32_t seed = 1;
    for (size_t i = 0; i < size; i++)
        seed = seed * 31 + data[i];
    out whole = rewrite(w.status, page, size, 0), cut = rewrite(w.status, page, size, seed | 1),
        again = rewrite(w.status, whole.text, whole.len, 0);
    FUZZ_CHECK(same(&whole, cut.text, cut.len));
    FUZZ_CHECK(same(&whole, again.text, again.len));
    if (!cns_html_gated(page, size))
        FUZZ_CHECK(same(&whole, page, size));
    free(whole.text);
    free(cut.text);
    free(again.text);
    return 0;
}
