/* js_in.c - whole scripts, and what they made. */
#include "encoding.h"
#include "error.h"
#include "js_read.h"
#include "value.h"

cns_code cns_js_fail(const cns_js_reader *r, size_t at, const char *message) {
    return cns_fail(r->err, CNS_E_SYNTAX, (uint32_t)at, message);
}

cns_code cns_js_no_memory(const cns_js_reader *r) {
    return cns_fail(r->err, CNS_E_NOMEM, CNS_NO_OFFSET, "memory ran out while reading a script");
}

void cns_js_reader_init(cns_js_reader *r, const char *text, cns_alloc alloc, cns_error *err) {
    memset(r, 0, sizeof *r);
    r->lexer.text = text;
    r->lexer.err = r->err = err;
    r->everywhere_at = CNS_NO_OFFSET;
    cns_js_tree_init(&r->tree, alloc);
}

void cns_js_reader_release(cns_js_reader *r) {
    cns_drop(r->tree.arena.alloc, r->levels, r->cap * sizeof *r->levels);
    cns_js_tree_release(&r->tree);
    memset(r, 0, sizeof *r);
}

static cns_code set_everywhere(cns_js_reader *r) {
    static const cns_js_path app = {.count = 1, .keys = {{"app", 3}}};
    cns_js_path path = {.count = 2, .keys = {{"app", 3}, {"gdprAppliesGlobally", 19}}};
    cns_js_node *there, *yes = cns_js_node_new(&r->tree, CNS_TRUE, r->everywhere_at);
    path.offset = path.offsets[0] = path.offsets[1] = r->everywhere_at;
    cns_code code = yes ? cns_js_path_get(&there, r, &app) : cns_js_no_memory(r);
    if (code == CNS_OK && there && there->kind != CNS_OBJECT) { /* so it means nothing */
        cns_js_node *object = cns_js_node_new(&r->tree, CNS_OBJECT, r->everywhere_at);
        code = object ? cns_js_path_set(r, &app, object) : cns_js_no_memory(r);
    }
    return code == CNS_OK ? cns_js_path_set(r, &path, yes) : code;
}

cns_code cns_js_finish(cns_doc **out, cns_js_reader *r, const char *missing) {
    const cns_js_node *root = r->tree.root;
    cns_code code = CNS_OK;
    if (r->everywhere_at != CNS_NO_OFFSET && (!cns_js_there(root) || root->kind == CNS_OBJECT))
        code = set_everywhere(r);
    if (code != CNS_OK)
        return code;
    if (!cns_js_there(r->tree.root))
        return cns_fail(r->err, CNS_E_SYNTAX, CNS_NO_OFFSET, missing);
    cns_builder *b = cns_builder_new(r->tree.arena.alloc);
    if (!b)
        return cns_js_no_memory(r);
    cns_builder_trust(b); /* the text was checked, and so was every escape */
    (void)cns_js_feed(b, &r->tree);
    code = cns_builder_finish(out, b, r->err);
    cns_builder_free(b);
    return code;
}

/* Is the text one object literal, perhaps in parentheses? A { may begin a block as well:
 * what comes next tells. The lexer stands at the beginning, and stays there. */
static cns_code is_bare(bool *bare, const cns_js_reader *r) {
    cns_js_lexer l = r->lexer;
    cns_js_token t;
    cns_code code = cns_js_next(&l, &t);
    while (code == CNS_OK && t.punct == '(')
        code = cns_js_next(&l, &t);
    *bare = code == CNS_OK && t.punct == '{';
    if (!*bare)
        return code;
    code = cns_js_next(&l, &t);
    *bare = t.kind == CNS_JS_STRING || t.kind == CNS_JS_NUMBER || t.kind == CNS_JS_TEMPLATE ||
            t.punct == '}' || t.punct == '[' || t.punct == ',' || t.punct == CNS_P3('.', '.', '.');
    if (code != CNS_OK || t.kind != CNS_JS_NAME)
        return code;
    code = cns_js_next(&l, &t);
    *bare = t.punct == ':' || t.punct == ',' || t.punct == '}';
    return code;
}

static cns_code read_bare(cns_js_reader *r) {
    cns_js_token t;
    cns_code code = cns_js_literal(&r->tree.root, r, NULL);
    if (code == CNS_OK)
        code = cns_js_read_token(r, &t);
    if (code == CNS_OK && t.punct == ';')
        code = cns_js_read_token(r, &t);
    if (code == CNS_OK && t.kind != CNS_JS_END)
        return cns_js_fail(r, t.from, "something follows the end of the object: remove it");
    return code;
}

cns_code cns_js_read(cns_doc **out, const char *text, size_t len, cns_alloc alloc, cns_error *err) {
    cns_js_reader r;
    bool bare = false;
    cns_js_reader_init(&r, text, alloc, err);
    cns_code code = cns_check_encoding(text, len, err);
    if (code == CNS_OK) {
        r.lexer.end = len;
        code = is_bare(&bare, &r);
    }
    if (code == CNS_OK)
        code = bare ? read_bare(&r) : cns_js_run(&r, 0, len);
    if (code == CNS_OK)
        code = cns_js_finish(out, &r,
                             "no assignment to window.didomiConfig was found: write "
                             "window.didomiConfig = { ... }, or the object alone");
    cns_js_reader_release(&r);
    if (code != CNS_OK)
        cns_locate(err, text, len);
    return code;
}
