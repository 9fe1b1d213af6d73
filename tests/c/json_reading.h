/* json_reading.h - reading JSON in tests. */
#ifndef CNS_TESTS_JSON_READING_H
#define CNS_TESTS_JSON_READING_H

#include "harness.h"

/* Ten times a literal. */
#define TEN(s) s s s s s s s s s s

/* Reads from a block of exactly `len` bytes, so that a sanitizer sees a look
 * behind the end. */
static inline cns_code read_bytes(cns_doc **doc, const char *text, size_t len, cns_error *err) {
    char *exact = malloc(len ? len : 1);
    if (!exact)
        exit(2);
    memcpy(exact, text, len);
    *doc = NULL;
    cns_code code = cns_json_read(doc, exact, len, cns_alloc_default(), err);
    free(exact);
    return code;
}

static inline cns_doc *read_good(const char *text, size_t len) {
    cns_doc *doc;
    cns_error err;
    cns_code code = read_bytes(&doc, text, len, &err);
    if (!CHECK_INT(code, CNS_OK))
        printf("%s\n", err.message);
    return doc;
}

/* Reads a text that must fail; the document stays untouched. */
static inline cns_error read_bad(const char *text, size_t len) {
    cns_doc *doc;
    cns_error err = {0};
    cns_code code = read_bytes(&doc, text, len, &err);
    CHECK(code != CNS_OK && doc == NULL);
    CHECK_INT(err.code, code);
    cns_doc_free(doc);
    return err;
}

#endif
