/* js_assign.c - what assignments put into the configuration.
 *
 *     path = literal             path = path || literal        path ||= literal
 *     path = path = literal      path || (path = literal)      if (!path) path = literal
 *     Object.assign(path, literal, ...)
 *     path = Object.assign({}, path, literal, ...)
 *
 * A part is never copied to another part: a tree stays a tree.
 */
#include "error.h"
#include "js_read.h"

#define ONLY ": only literals are read and code is never run"
#define OR CNS_P2('|', '|')
#define NULLISH CNS_P2('?', '?')

/* When an assignment takes place: always, or where something is missing there. */
typedef enum mode { ALWAYS, IF_FALSY, IF_NULLISH } mode;

static mode mode_of(uint32_t punct) {
    return punct == OR || punct == CNS_P3('|', '|', '=')        ? IF_FALSY
           : punct == NULLISH || punct == CNS_P3('?', '?', '=') ? IF_NULLISH
                                                                : ALWAYS;
}

static cns_code unsure(const cns_js_reader *r, uint32_t offset) {
    return cns_js_fail(r, offset,
                       "this assignment stands in a condition or in a function that is not called "
                       "at once, and code is never run: move it out of there");
}

static cns_code copies(const cns_js_reader *r, const cns_js_path *other) {
    return cns_js_fail(r, other->offset,
                       "one part of the configuration is taken for another" ONLY
                       ", so write the value itself");
}

static cns_code peek(const cns_js_reader *r, cns_js_token *token) {
    cns_js_lexer ahead = r->lexer;
    return cns_js_next(&ahead, token);
}

/* Takes the next token when it is this punctuator. */
static cns_code take(bool *is, cns_js_reader *r, uint32_t punct) {
    cns_js_lexer before = r->lexer;
    cns_js_token token;
    cns_code code = cns_js_read_token(r, &token);
    *is = code == CNS_OK && token.punct == punct;
    if (!*is)
        r->lexer = before;
    return code;
}

bool cns_js_new_statement(const cns_js_lexer *lexer, const cns_js_token *t) {
    switch (t->kind) {
    case CNS_JS_NAME:
        return !cns_js_is(lexer, t, CNS_SPAN("in")) && !cns_js_is(lexer, t, CNS_SPAN("instanceof"));
    case CNS_JS_PUNCT:
        return t->punct == '{' || t->punct == '!' || t->punct == '~' ||
               t->punct == CNS_P2('+', '+') || t->punct == CNS_P2('-', '-');
    default:
        return t->kind == CNS_JS_NUMBER || t->kind == CNS_JS_STRING;
    }
}

/* The expression must end where the literal does. */
static cns_code check_end(const cns_js_reader *r) {
    cns_js_token t;
    cns_code code = peek(r, &t);
    if (code != CNS_OK || t.kind == CNS_JS_END || t.punct == ';' || t.punct == ',' ||
        t.punct == ')' || t.punct == ']' || t.punct == '}' ||
        (t.newline && cns_js_new_statement(&r->lexer, &t)))
        return code;
    return cns_js_fail(
        r, t.from,
        t.newline ? "the next line goes on with the value: write a ; behind the value"
                  : "something is worked out with the value" ONLY ", so write the result itself");
}

static cns_code close_parentheses(cns_js_reader *r, uint32_t count) {
    for (; count; count--) {
        cns_js_token t;
        cns_code code = cns_js_read_token(r, &t);
        if (code != CNS_OK)
            return code;
        if (t.punct != ')')
            return cns_js_fail(r, t.from,
                               "the value goes on inside parentheses" ONLY
                               ", so write the value itself");
    }
    return CNS_OK;
}

/* ------------------------------------------------------------------ writing */

static cns_code store(cns_js_reader *r, const cns_js_path *path, cns_js_node *value, mode when) {
    cns_js_node *there = NULL;
    if (path->global) {
        if (path->count || (when != ALWAYS && r->everywhere_at != CNS_NO_OFFSET))
            return CNS_OK;
        r->everywhere_at = value->kind == CNS_TRUE ? value->offset : CNS_NO_OFFSET;
        return CNS_OK;
    }
    cns_code code = when == ALWAYS ? CNS_OK : cns_js_path_get(&there, r, path);
    if (code != CNS_OK)
        return code;
    if (there && (when == IF_FALSY ? cns_js_truthy(there) : there->kind != CNS_NULL))
        return CNS_OK;
    return cns_js_path_set(r, path, value);
}

/* The value of the right side, NULL when the path keeps what it has. */
static cns_code right_side(cns_js_node **value, mode *when, cns_js_reader *r,
                           const cns_js_path *path) {
    *value = NULL;
    for (;;) {
        cns_js_lexer before = r->lexer;
        cns_js_path other;
        cns_js_token t;
        bool is = false, merged = false;
        uint32_t parentheses = 0;
        cns_code code = cns_js_read_token(r, &t);
        for (; code == CNS_OK && t.punct == '(' && parentheses < CNS_MAX_DEPTH; parentheses++)
            code = cns_js_read_token(r, &t);
        if (code == CNS_OK && cns_js_is(&r->lexer, &t, CNS_SPAN("Object"))) {
            code = cns_js_object_assign(&is, r, path);
            merged = is;
        } else if (code == CNS_OK) {
            code = cns_js_path_read(&other, &is, r, &t);
        }
        if (code != CNS_OK)
            return code;
        if (!is) {
            r->lexer = before;
            return cns_js_literal(value, r, path);
        }
        if (merged)
            return close_parentheses(r, parentheses);
        if (!cns_js_path_same(path, &other))
            return copies(r, &other);
        code = peek(r, &t);
        if (code == CNS_OK && t.punct == '=' && !parentheses) {
            code = cns_js_read_token(r, &t);
            if (code != CNS_OK)
                return code;
            continue; /* path = path = ... */
        }
        if (code == CNS_OK && (t.punct == OR || t.punct == NULLISH)) {
            *when = mode_of(t.punct);
            code = cns_js_read_token(r, &t);
            if (code == CNS_OK)
                code = cns_js_literal(value, r, path);
        }
        return code == CNS_OK ? close_parentheses(r, parentheses) : code;
    }
}

cns_code cns_js_assign(cns_js_reader *r, const cns_js_path *path, uint32_t punct) {
    cns_js_node *value;
    mode when = mode_of(punct);
    if (!r->sure)
        return unsure(r, path->offset);
    cns_code code = right_side(&value, &when, r, path);
    if (code == CNS_OK)
        code = check_end(r);
    return code == CNS_OK && value ? store(r, path, value, when) : code;
}

/* ------------------------------------------------------------ Object.assign */

/* The members of `from` go to `to`; with `missing` only those that it has not. */
static cns_code move_members(cns_js_reader *r, cns_js_node *to, cns_js_node *from, bool missing) {
    cns_js_node *next;
    for (cns_js_node *member = from->u.of.first; member; member = next) {
        cns_span key = {member->key, member->key_len};
        cns_js_node *there = NULL;
        next = member->next;
        if (missing && !cns_js_child(&there, &r->tree, to, key))
            return cns_js_no_memory(r);
        if (!there && !cns_js_put(&r->tree, to, key, member->key_offset, member))
            return cns_js_no_memory(r);
    }
    return CNS_OK;
}

static cns_code no_object(const cns_js_reader *r, uint32_t offset) {
    return cns_js_fail(r, offset,
                       "Object.assign is given something else than an object: write { ... }");
}

/* The object at a path, made when nothing is there. */
static cns_code object_at(cns_js_node **out, cns_js_reader *r, const cns_js_path *path) {
    cns_code code = cns_js_path_get(out, r, path);
    if (code == CNS_OK && *out == NULL) {
        cns_js_node *made = cns_js_node_new(&r->tree, CNS_OBJECT, path->offset);
        code = made ? cns_js_path_set(r, path, made) : cns_js_no_memory(r);
        if (code == CNS_OK)
            code = cns_js_path_get(out, r, path);
    }
    if (code == CNS_OK && (*out)->kind != CNS_OBJECT)
        return no_object(r, path->offset);
    return code;
}

/* One argument: *path is set when it is one (*is), else *value is the literal, which goes
 * to `place`. */
static cns_code argument(cns_js_node **value, cns_js_path *path, bool *is, cns_js_reader *r,
                         const cns_js_path *place) {
    cns_js_lexer before = r->lexer;
    cns_js_token t;
    cns_code code = cns_js_read_token(r, &t);
    *value = NULL;
    *is = false;
    if (code == CNS_OK)
        code = cns_js_path_read(path, is, r, &t);
    if (code != CNS_OK)
        return code;
    if (!*is) {
        r->lexer = before;
        return cns_js_literal(value, r, place);
    }
    if (path->global)
        return copies(r, path);
    code = peek(r, &t);
    if (code == CNS_OK && (t.punct == OR || t.punct == NULLISH)) { /* path || {} */
        code = cns_js_read_token(r, &t);
        if (code == CNS_OK)
            code = cns_js_literal(value, r, place);
        if (code == CNS_OK && ((*value)->kind != CNS_OBJECT || (*value)->count))
            return no_object(r, (*value)->offset);
    }
    return code;
}

/* All arguments behind the first, for the object `all`, which is a part of the tree when
 * `attached`; then the closing parenthesis. */
static cns_code arguments(cns_js_reader *r, const cns_js_path *target, cns_js_node *all,
                          bool attached) {
    for (;;) {
        bool comma, end, is;
        cns_js_path path;
        cns_js_node *value;
        cns_code code = take(&comma, r, ',');
        if (code == CNS_OK)
            code = take(&end, r, ')');
        if (code != CNS_OK)
            return code;
        if (end)
            return attached ? CNS_OK : cns_js_path_set(r, target, all);
        code = argument(&value, &path, &is, r, target);
        if (code != CNS_OK)
            return code;
        if (!comma)
            return cns_js_fail(r, is ? path.offset : value->offset,
                               "the arguments of Object.assign are not separated: write a comma");
        if (is) {
            if (!cns_js_path_same(&path, target))
                return copies(r, &path);
            cns_js_node *there = NULL;
            code = attached ? CNS_OK : cns_js_path_get(&there, r, target);
            if (code == CNS_OK && there && there->kind == CNS_OBJECT) {
                /* what it holds goes over what came before it */
                code = move_members(r, there, all, true);
                all = there;
                attached = true;
            }
        } else if (value->kind == CNS_OBJECT) {
            code = move_members(r, all, value, false);
        } else if (value->kind != CNS_NULL && value->kind != CNS_JS_UNDEFINED) {
            code = no_object(r, value->offset);
        }
        if (code != CNS_OK)
            return code;
    }
}

/* Behind the path that is the first argument: `|| {}`, `= literal`, `= path || {}` or
 * nothing of the kind; *all is the object that the others go to. `path || {}` is an
 * object that nobody keeps where nothing is there and nothing is assigned (`kept`). Not
 * right_side(), which may come here again: no recursion. */
static cns_code first_object(cns_js_node **all, cns_js_reader *r, const cns_js_path *first,
                             bool kept) {
    cns_js_node *value = NULL;
    cns_js_path again;
    cns_js_token t;
    bool is = false;
    cns_code code = peek(r, &t);
    if (code != CNS_OK)
        return code;
    if (t.punct == OR || t.punct == NULLISH || t.punct == '=') {
        code = cns_js_read_token(r, &t);
        if (code == CNS_OK)
            code = argument(&value, &again, &is, r, first);
        if (code == CNS_OK && is && !cns_js_path_same(first, &again))
            return copies(r, &again);
        if (code == CNS_OK && t.punct != '=' && !kept)
            code = cns_js_path_get(all, r, first);
        if (code != CNS_OK)
            return code;
        if (t.punct != '=' && !kept && !*all) {
            *all = value;
            return value && value->kind == CNS_OBJECT ? CNS_OK : no_object(r, first->offset);
        }
        if (value)
            code = store(r, first, value, is ? IF_FALSY : mode_of(t.punct));
    }
    return code == CNS_OK ? object_at(all, r, first) : code;
}

cns_code cns_js_object_assign(bool *is, cns_js_reader *r, const cns_js_path *target) {
    cns_js_lexer before = r->lexer;
    cns_js_path first;
    cns_js_node *all = NULL;
    cns_js_token t;
    bool open = false, path = false;
    *is = false;
    cns_code code = take(&open, r, '.');
    if (code == CNS_OK && open) {
        code = cns_js_read_token(r, &t);
        open = code == CNS_OK && cns_js_is(&r->lexer, &t, CNS_SPAN("assign"));
    }
    if (code == CNS_OK && open)
        code = take(&open, r, '(');
    if (code == CNS_OK && open) {
        cns_js_lexer arguments_at = r->lexer;
        code = cns_js_read_token(r, &t);
        if (code == CNS_OK)
            code = cns_js_path_read(&first, &path, r, &t);
        path = path && !first.global;
        if (!path)
            r->lexer = arguments_at;
    }
    if (code != CNS_OK)
        return code;
    *is = open && (path || target);
    if (!*is) {
        r->lexer = before;
        return CNS_OK;
    }
    if (!r->sure)
        return unsure(r, path ? first.offset : t.from);
    if (!path) {
        code = cns_js_literal(&all, r, target);
        if (code == CNS_OK && all->kind != CNS_OBJECT)
            return no_object(r, all->offset);
        return code == CNS_OK ? arguments(r, target, all, false) : code;
    }
    if (target && !cns_js_path_same(&first, target))
        return copies(r, &first);
    code = first_object(&all, r, &first, target != NULL);
    return code == CNS_OK ? arguments(r, &first, all, true) : code;
}

/* ----------------------------------------------------------------- defaults */

cns_code cns_js_default(bool *is, cns_js_reader *r, const cns_js_path *path) {
    cns_js_lexer before = r->lexer;
    cns_js_path again;
    cns_js_node *value;
    cns_js_token t;
    cns_code code = cns_js_read_token(r, &t);
    mode when = mode_of(t.punct), ignored = ALWAYS;
    *is = r->sure && code == CNS_OK && (t.punct == OR || t.punct == NULLISH);
    if (*is)
        code = take(is, r, '(');
    if (*is) {
        code = cns_js_read_token(r, &t);
        if (code == CNS_OK)
            code = cns_js_path_read(&again, is, r, &t);
    }
    *is = *is && code == CNS_OK && cns_js_path_same(path, &again);
    if (*is)
        code = take(is, r, '=');
    if (!*is) {
        r->lexer = before;
        return code;
    }
    code = right_side(&value, &ignored, r, path);
    if (code == CNS_OK)
        code = close_parentheses(r, 1);
    if (code == CNS_OK)
        code = check_end(r);
    return code == CNS_OK && value ? store(r, path, value, when) : code;
}

/* A condition that holds when the path has no value: !path, typeof path == "undefined",
 * path == null, and the last two turned round. Reads up to the closing parenthesis. */
static cns_code missing_condition(cns_js_path *path, bool *is, cns_js_reader *r) {
    enum { PATH = 1, NOT = 2, EQUAL = 4, TYPE = 8, WORD = 16, TEXT = 32 };
    unsigned seen = 0, part;
    for (;; seen |= part) {
        cns_js_token t;
        cns_code code = cns_js_read_token(r, &t);
        if (code != CNS_OK)
            return code;
        cns_span text = cns_js_text(&r->lexer, &t);
        *is = seen == (PATH | NOT) || seen == (PATH | EQUAL | WORD) ||
              seen == (PATH | EQUAL | TYPE | TEXT);
        if (t.punct == ')')
            return CNS_OK;
        if (t.punct == '!')
            part = NOT;
        else if (t.punct == CNS_P2('=', '=') || t.punct == CNS_P3('=', '=', '='))
            part = EQUAL;
        else if (cns_js_is(&r->lexer, &t, CNS_SPAN("typeof")))
            part = TYPE;
        else if (cns_js_is(&r->lexer, &t, CNS_SPAN("null")) ||
                 cns_js_is(&r->lexer, &t, CNS_SPAN("undefined")))
            part = WORD;
        else
            part = t.kind == CNS_JS_STRING ? TEXT : PATH;
        *is = !(seen & part) &&
              (part != TEXT || cns_span_is(CNS_SPAN("undefined"), text.text + 1, text.len - 2));
        if (*is && part == PATH)
            code = cns_js_path_read(path, is, r, &t);
        if (code != CNS_OK || !*is)
            return code;
    }
}

cns_code cns_js_default_if(bool *is, cns_js_reader *r) {
    cns_js_lexer before = r->lexer;
    cns_js_path path, again;
    cns_js_node *value = NULL;
    cns_js_token t;
    mode ignored = ALWAYS;
    bool block = false, semicolon = false;
    cns_code code = take(is, r, '(');
    *is = *is && r->sure;
    if (*is)
        code = missing_condition(&path, is, r);
    if (*is && code == CNS_OK)
        code = take(&block, r, '{');
    if (*is && code == CNS_OK)
        code = cns_js_read_token(r, &t);
    if (*is && code == CNS_OK)
        code = cns_js_path_read(&again, is, r, &t);
    if (*is && code == CNS_OK && cns_js_path_same(&path, &again))
        code = take(is, r, '=');
    else
        *is = false;
    if (*is && code == CNS_OK)
        code = right_side(&value, &ignored, r, &path);
    if (*is && code == CNS_OK)
        code = take(&semicolon, r, ';');
    if (*is && code == CNS_OK && block)
        code = take(is, r, '}');
    if (*is && code == CNS_OK)
        code = peek(r, &t);
    if (*is && code == CNS_OK && !block && !semicolon)
        *is = t.kind == CNS_JS_END || t.punct == '}' ||
              (t.newline && cns_js_new_statement(&r->lexer, &t));
    *is = *is && code == CNS_OK && !cns_js_is(&r->lexer, &t, CNS_SPAN("else"));
    if (!*is)
        r->lexer = before;
    return code == CNS_OK && *is && value ? store(r, &path, value, IF_FALSY) : code;
}
