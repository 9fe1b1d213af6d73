/* html_in.c - the configuration that a page's scripts make. */
#include "encoding.h"
#include "error.h"
#include "html_scan.h"
#include "js_read.h"

static bool mentions(const char *text, size_t from, size_t end, cns_span word) {
    while (end - from >= word.len) {
        const char *hit = memchr(text + from, word.text[0], end - from - word.len + 1);
        if (!hit)
            return false;
        if (memcmp(hit, word.text, word.len) == 0)
            return true;
        from = (size_t)(hit - text) + 1;
    }
    return false;
}

static cns_code read_script(cns_js_reader *r, const cns_html_script *script) {
    const char *text = r->lexer.text;
    if (!mentions(text, script->from, script->end, CNS_SPAN("didomiConfig")) &&
        !mentions(text, script->from, script->end, CNS_SPAN("gdprAppliesGlobally")))
        return CNS_OK;
    if (!script->closed)
        return cns_js_fail(r, script->tag,
                           "a script element has no end, so browsers do not run it: write the "
                           "missing </script>");
    return cns_js_run(r, script->from, script->end);
}

cns_code cns_html_read(cns_doc **out, const char *text, size_t len, cns_alloc alloc,
                       cns_error *err) {
    cns_js_reader r;
    cns_js_reader_init(&r, text, alloc, err);
    cns_code code = cns_check_encoding(text, len, err);
    for (int modules = 0; modules < 2; modules++) { /* browsers run modules last */
        cns_html html = {.text = text, .len = len};
        cns_html_script script;
        while (code == CNS_OK && cns_html_next(&html, &script))
            if (script.module == (modules == 1))
                code = read_script(&r, &script);
    }
    if (code == CNS_OK)
        code = cns_js_finish(out, &r,
                             "no script of the page assigns window.didomiConfig: write "
                             "<script>window.didomiConfig = { ... }</script>");
    cns_js_reader_release(&r);
    if (code != CNS_OK)
        cns_locate(err, text, len);
    return code;
}
