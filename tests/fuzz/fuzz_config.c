/* fuzz_config.c - any text as a configuration, in each of its three forms: refused with a place
 * and a sentence, or read, and then every law has a notice under which nothing runs that nobody
 * agreed to. What JSON says, a script says too, and a page that holds the script. */
#include "fuzz.h"

typedef cns_code (*reader)(cns_doc **, const char *, size_t, cns_alloc, cns_error *);

static void check_notice(const cns_notice *n, cns_alloc alloc) {
    static const char *const paths[] = {"app", "app.vendors.custom[0].id", "regulations.gdpr"};
    cns_status *status;
    cns_visit visit = {.now = 0};
    FUZZ_CHECK(cns_status_new(&status, n, &visit, alloc, NULL) == CNS_OK);
    if (cns_notice_group(n) == CNS_OPT_IN) /* nobody has agreed to anything */
        for (size_t i = 0; cns_notice_purpose_at(n, i) != CNS_NO_ID; i++) {
            uint32_t purpose = cns_notice_purpose_at(n, i);
            cns_purpose_info info;
            cns_notice_purpose_info(n, purpose, &info);
            FUZZ_CHECK(cns_status_allows(status, &(cns_gate){false, 0, 1, &purpose}) ==
                       info.essential);
        }
    cns_status_free(status);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        cns_origin origins[4];
        size_t len = strlen(paths[i]);
        const cns_value *value = cns_notice_get(n, paths[i], len);
        size_t count = cns_notice_origins(n, paths[i], len, origins, 4);
        FUZZ_CHECK((value != NULL) == (count > 0));
    }
}

/* Takes the document over. */
static void configure(cns_doc *doc, cns_alloc alloc) {
    static const char *const places[] = {"FR", "US", "JP", ""};
    char codes[8][3];
    cns_config *config;
    cns_error err;
    cns_code code = cns_config_new(&config, &doc, 1, NULL, NULL, alloc, &err);
    if (code != CNS_OK) {
        FUZZ_CHECK(err.code == code && err.message[0]);
        return;
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        check_notice(fuzz_notice(config, places[i]), alloc);
    size_t count = cns_config_countries(config, codes, 8);
    for (size_t i = 0; i < count && i < 8; i++)
        check_notice(fuzz_notice(config, codes[i]), alloc);
    cns_config_free(config);
}

/* The document, NULL when the text was refused. */
static cns_doc *read_as(reader read, const char *text, size_t size, cns_alloc alloc) {
    cns_doc *doc = NULL;
    cns_error err;
    cns_code code = read(&doc, text, size, alloc, &err);
    FUZZ_CHECK((doc != NULL) == (code == CNS_OK));
    if (!doc) {
        FUZZ_CHECK(err.code == code && code != CNS_E_NOMEM && err.message[0]);
        FUZZ_CHECK(err.offset == CNS_NO_OFFSET || err.offset <= size);
    }
    return doc;
}

static bool holds(const char *text, size_t size, const char *word) {
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= size; i++)
        if (memcmp(text + i, word, len) == 0)
            return true;
    return false;
}

/* An object of JSON is a literal that says the same. */
static void check_literal(const cns_doc *json, const char *text, size_t size, cns_alloc alloc) {
    if (cns_value_kind(cns_doc_root(json)) != CNS_OBJECT || holds(text, size, "__proto__") ||
        holds(text, size, "\\u"))
        return; /* a key that a script takes for something else, perhaps spelt so */
    cns_doc *js = read_as(cns_js_read, text, size, alloc);
    FUZZ_CHECK(js && fuzz_same(cns_doc_root(json), cns_doc_root(js)));
    cns_doc_free(js);
}

/* What a page reads from a script is what the script says alone. A semicolon goes first: with
 * an object at its beginning a script alone is that object. */
static void check_page(const char *text, size_t size, cns_alloc alloc) {
    static const char open[] = "<script>;", shut[] = "</script>";
    size_t before = strlen(open), after = strlen(shut);
    if (memchr(text, '<', size) || !holds(text, size, "didomiConfig"))
        return;
    char *page = malloc(before + size + after);
    if (!page)
        exit(2);
    memcpy(page, open, before);
    memcpy(page + before, text, size);
    memcpy(page + before + size, shut, after);
    cns_doc *html = read_as(cns_html_read, page, before + size + after, alloc);
    cns_doc *js = html ? read_as(cns_js_read, page + before - 1, size + 1, alloc) : NULL;
    if (html)
        FUZZ_CHECK(js && fuzz_same(cns_doc_root(html), cns_doc_root(js)));
    cns_doc_free(html);
    cns_doc_free(js);
    free(page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const reader readers[] = {cns_json_read, cns_js_read, cns_html_read};
    const char *text = (const char *)data;
    fuzz_memory memory = fuzz_bound(size, 4096);
    memory.most += 4 << 20; /* what every configuration has, for eleven notices */
    cns_alloc alloc = {fuzz_resize, &memory};
    for (size_t i = 0; i < 3; i++) {
        cns_doc *doc = read_as(readers[i], text, size, alloc);
        if (doc && i == 0)
            check_literal(doc, text, size, alloc);
        if (doc)
            configure(doc, alloc);
        FUZZ_CHECK(memory.live == 0);
    }
    if (size)
        check_page(text, size, alloc);
    FUZZ_CHECK(memory.live == 0);
    return 0;
}
