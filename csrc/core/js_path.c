/* js_path.c - places in the configuration, as scripts write them. */
#include "error.h"
#include "js_read.h"

/* Names of the page's global object. */
bool cns_js_is_window(cns_span name) {
    return cns_span_is(name, "window", 6) || cns_span_is(name, "self", 4) ||
           cns_span_is(name, "globalThis", 10) || cns_span_is(name, "this", 4);
}

static bool is_root(cns_js_path *path, cns_span name) {
    path->global = cns_span_is(name, "gdprAppliesGlobally", 19);
    return path->global || cns_span_is(name, "didomiConfig", 12);
}

/* The key that comes next, as .name, ?.name or ["name"]. *is is false when there is none;
 * then the lexer stands where it stood. A key that must be worked out is *computed. */
static cns_code read_key(cns_js_reader *r, cns_span *key, uint32_t *offset, bool *is,
                         bool *computed) {
    cns_js_lexer before = r->lexer;
    cns_js_token token, bracket = {0};
    cns_code code = cns_js_read_token(r, &token);
    *is = *computed = false;
    if (code == CNS_OK && token.punct == CNS_P2('?', '.')) {
        cns_js_lexer ahead = r->lexer;
        code = cns_js_next(&ahead, &bracket);
        if (code == CNS_OK && bracket.punct == '[') {
            r->lexer = ahead;
            token = bracket;
        }
    }
    if (code == CNS_OK && (token.punct == '.' || token.punct == CNS_P2('?', '.'))) {
        code = cns_js_read_token(r, &token);
        *is = token.kind == CNS_JS_NAME;
        *key = cns_js_text(&r->lexer, &token);
        *offset = token.from;
        r->lexer.operand = true; /* .return is no keyword */
    } else if (code == CNS_OK && token.punct == '[') {
        code = cns_js_read_token(r, &token);
        if (code != CNS_OK)
            return code;
        bool text = token.kind == CNS_JS_STRING || (token.kind == CNS_JS_TEMPLATE && !token.open);
        bool index = token.kind == CNS_JS_NUMBER;
        *offset = token.from;
        *key = cns_js_text(&r->lexer, &token);
        if (text)
            code = cns_js_decode(key, &r->tree.arena, &r->lexer, &token);
        for (size_t i = 0; index && i < key->len; i++)
            index = cns_is_digit(key->text[i]) && (key->text[0] != '0' || key->len == 1);
        if (code == CNS_OK)
            code = cns_js_read_token(r, &bracket);
        *is = (text || index) && bracket.punct == ']';
        *computed = !*is;
    }
    if (code == CNS_OK && !*is)
        r->lexer = before;
    return code;
}

cns_code cns_js_path_keys(cns_js_path *path, cns_js_reader *r) {
    for (;;) {
        cns_span key;
        uint32_t offset;
        bool is, computed;
        cns_code code = read_key(r, &key, &offset, &is, &computed);
        if (code != CNS_OK)
            return code;
        if (computed)
            return cns_js_fail(r, offset,
                               "a key of the configuration is computed: only literals are read "
                               "and code is never run, so write the key itself in quotes");
        if (!is)
            return CNS_OK;
        if (cns_span_is(key, "__proto__", 9))
            return cns_js_fail(r, offset,
                               "the key __proto__ would change what the object is made from: "
                               "remove it");
        if (path->count == CNS_MAX_DEPTH)
            return cns_fail(r->err, CNS_E_LIMIT, offset,
                            "a path has more than 64 keys: flatten the configuration");
        path->keys[path->count] = key;
        path->offsets[path->count++] = offset;
    }
}

cns_code cns_js_path_read(cns_js_path *path, bool *is, cns_js_reader *r,
                          const cns_js_token *token) {
    cns_js_lexer before = r->lexer;
    cns_span name = cns_js_text(&r->lexer, token);
    path->offset = token->from;
    path->count = 0;
    path->global = false;
    *is = token->kind == CNS_JS_NAME;
    while (*is && cns_js_is_window(name)) {
        uint32_t offset;
        bool computed;
        cns_code code = read_key(r, &name, &offset, is, &computed);
        if (code != CNS_OK)
            return code;
        r->lexer.operand = true; /* behind `this` too, wherever it is left */
    }
    *is = *is && is_root(path, name);
    if (!*is) {
        r->lexer = before;
        return CNS_OK;
    }
    return cns_js_path_keys(path, r);
}

bool cns_js_path_same(const cns_js_path *a, const cns_js_path *b) {
    if (a->global != b->global || a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!cns_span_is(a->keys[i], b->keys[i].text, b->keys[i].len))
            return false;
    return true;
}

static bool holds_others(const cns_js_node *node) {
    return node->kind == CNS_OBJECT || node->kind == CNS_ARRAY;
}

cns_code cns_js_path_get(cns_js_node **out, cns_js_reader *r, const cns_js_path *path) {
    cns_js_node *node = r->tree.root;
    for (uint32_t i = 0; i < path->count && node; i++) {
        if (!holds_others(node))
            node = NULL;
        else if (!cns_js_child(&node, &r->tree, node, path->keys[i]))
            return cns_js_no_memory(r);
    }
    *out = cns_js_there(node) ? node : NULL;
    return CNS_OK;
}

/* Puts `value` into `container` under key number i of the path. */
static cns_code put(cns_js_reader *r, cns_js_node *container, const cns_js_path *path, uint32_t i,
                    cns_js_node *value) {
    cns_js_node *there = NULL;
    cns_span key = path->keys[i];
    if (container->kind == CNS_ARRAY) {
        if (!cns_js_child(&there, &r->tree, container, key))
            return cns_js_no_memory(r);
        if (!there && cns_decimal(key.text, key.len, INT32_MAX) != (int64_t)container->count)
            return cns_js_fail(r, path->offsets[i],
                               "this is no place in the array, nor the one behind its last item: "
                               "write the whole array");
    }
    if (!cns_js_put(&r->tree, container, key, path->offsets[i], value))
        return cns_js_no_memory(r);
    return CNS_OK;
}

cns_code cns_js_path_set(cns_js_reader *r, const cns_js_path *path, cns_js_node *value) {
    if (path->count == 0) {
        r->tree.root = value;
        return CNS_OK;
    }
    if (!cns_js_there(r->tree.root))
        r->tree.root = cns_js_node_new(&r->tree, CNS_OBJECT, path->offset);
    cns_js_node *node = r->tree.root;
    for (uint32_t i = 0; node; i++) {
        if (!holds_others(node))
            return cns_js_fail(r, path->offsets[i],
                               "this key is written into a value that is no object: assign an "
                               "object to that value first");
        if (i + 1 == path->count)
            return put(r, node, path, i, value);
        cns_js_node *child;
        if (!cns_js_child(&child, &r->tree, node, path->keys[i]))
            return cns_js_no_memory(r);
        if (!cns_js_there(child)) {
            cns_js_node *made = cns_js_node_new(&r->tree, CNS_OBJECT, path->offset);
            if (!made)
                return cns_js_no_memory(r);
            cns_code code = put(r, node, path, i, made);
            if (code != CNS_OK)
                return code;
            if (!cns_js_child(&child, &r->tree, node, path->keys[i]))
                return cns_js_no_memory(r);
        }
        node = child;
    }
    return cns_js_no_memory(r);
}
