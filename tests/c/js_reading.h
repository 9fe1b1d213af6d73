/* js_reading.h - reading scripts in tests. Include this first. */
#ifndef CNS_TESTS_JS_READING_H
#define CNS_TESTS_JS_READING_H

#include "guard.h"

#include "harness.h"

/* Ten times a literal. */
#define TEN(s) s s s s s s s s s s
#define WD "window.didomiConfig"

/* Reads from memory that ends where the text does. */
static inline cns_code read_script(cns_doc **doc, const char *text, size_t len, cns_error *err) {
    guard g;
    char *exact = guard_text(&g, text, len);
    *doc = NULL;
    cns_code code = cns_js_read(doc, exact, len, cns_alloc_default(), err);
    guard_end(&g);
    CHECK((code == CNS_OK) == (*doc != NULL));
    return code;
}

#endif
