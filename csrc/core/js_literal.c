/* js_literal.c - one literal of a script.
 *
 * An automaton over tokens with the open brackets on a stack of its own:
 *
 *     VALUE ──{──> KEY ──key :──> VALUE          AFTER decides by the innermost
 *       │  ──[──> ITEM ─────────> VALUE          bracket what may follow a value:
 *       │  ──(──────────────────> VALUE          + , } ] ) or the end
 *       └── a value ────────────> AFTER
 */
#include <stdio.h>

#include "error.h"
#include "js_read.h"
#include "number.h"
#include "path.h"

#define ONLY ": only literals are read and code is never run, so write the value itself"

/* Containers and parentheses are bounded each; a + can wait before each of them. */
#define MOST_OPEN (4 * CNS_MAX_DEPTH + 4)

typedef struct open_bracket {
    uint32_t opener; /* { [ ( or + */
    cns_js_node *node;
    cns_span key; /* of the member whose value comes next */
    uint32_t key_offset;
} open_bracket;

typedef struct literal {
    cns_js_reader *r;
    open_bracket open[MOST_OPEN];
    uint32_t depth, containers, parentheses;
    cns_js_token token;
} literal;

static cns_code bad(const literal *l, const char *message) {
    return cns_js_fail(l->r, l->token.from, message);
}

static cns_code next(literal *l) {
    return cns_js_read_token(l->r, &l->token);
}

static bool is_word(const literal *l, const char *word) {
    return cns_js_is(&l->r->lexer, &l->token, (cns_span){word, strlen(word)});
}

/* The token behind the present one. */
static cns_code peek(const literal *l, cns_js_token *token) {
    cns_js_lexer ahead = l->r->lexer;
    return cns_js_next(&ahead, token);
}

static cns_code new_node(cns_js_node **out, literal *l, uint32_t kind, uint32_t offset) {
    *out = cns_js_node_new(&l->r->tree, kind, offset);
    return *out ? CNS_OK : cns_js_no_memory(l->r);
}

static cns_code push(literal *l, uint32_t opener, cns_js_node *node) {
    uint32_t *count = opener == '(' ? &l->parentheses : &l->containers;
    if (opener != '+' && ++*count > CNS_MAX_DEPTH)
        return cns_fail(l->r->err, CNS_E_LIMIT, l->token.from,
                        "brackets are nested more than 64 deep: flatten the configuration");
    open_bracket *open = &l->open[l->depth++];
    memset(open, 0, sizeof *open);
    open->opener = opener;
    open->node = node;
    return CNS_OK;
}

static void pop(literal *l) {
    uint32_t opener = l->open[--l->depth].opener;
    l->containers -= opener == '{' || opener == '[';
    l->parentheses -= opener == '(';
}

static cns_code ends_early(const literal *l) {
    uint32_t opener = 0;
    for (uint32_t d = l->depth; d > 0 && (!opener || opener == '+'); d--)
        opener = l->open[d - 1].opener;
    return bad(l, opener == '{'   ? "the script ends inside an object: write the missing }"
                  : opener == '[' ? "the script ends inside an array: write the missing ]"
                  : opener == '(' ? "the script ends inside parentheses: write the missing )"
                                  : "the script ends where a value is due: write the value");
}

/* What stands here is no literal: says what it is. */
static cns_code no_literal(const literal *l) {
    const cns_js_token *t = &l->token;
    cns_js_token after;
    switch (t->kind) {
    case CNS_JS_END:
        return ends_early(l);
    case CNS_JS_TEMPLATE:
        return bad(l, "a template has a substitution" ONLY);
    case CNS_JS_REGEX:
        return bad(l, "a regular expression stands where a value is due" ONLY);
    case CNS_JS_NAME:
        if (is_word(l, "NaN") || is_word(l, "Infinity"))
            return bad(l, "a configuration has no NaN and no Infinity: write null or a number");
        if (is_word(l, "function") || is_word(l, "async") || is_word(l, "class") ||
            is_word(l, "new"))
            return bad(l, "a function, a class or a new object stands where a value is due" ONLY);
        if (peek(l, &after) == CNS_OK && after.punct == '(')
            return bad(l, "a function is called where a value is due" ONLY);
        return bad(l, "a name stands where a value is due" ONLY);
    default:
        break;
    }
    switch (t->punct) {
    case CNS_P3('.', '.', '.'):
        return bad(l, "three dots take values from elsewhere" ONLY);
    case ',':
        return bad(l, "a value is missing before this comma: write one or remove the comma");
    case ']':
    case '}':
    case ')':
    case ':':
    case ';':
        return bad(l, "a value is missing here: write one");
    default:
        return bad(l, "an operator stands where a value is due" ONLY);
    }
}

/* ------------------------------------------------------------------ numbers */

static cns_code bad_number(const literal *l) {
    cns_span s = cns_js_text(&l->r->lexer, &l->token);
    if (s.text[s.len - 1] == 'n')
        return bad(l, "a number is a BigInt: remove the n behind it");
    if (s.text[0] == '0' && s.len > 1 && cns_is_digit(s.text[1]))
        return bad(l, "a number begins with a needless 0: remove the 0, or write 0o for octal");
    return bad(l, "a number is not well formed: write digits, as in 1000, 0.5, 1e3 or 0xff");
}

/* 0x, 0o and 0b: at most 64 bits. */
static cns_code prefixed_number(literal *l, bool negative, cns_js_node *node) {
    cns_span s = cns_js_text(&l->r->lexer, &l->token);
    char letter = cns_lower(s.text[1]);
    uint64_t base = letter == 'x' ? 16 : letter == 'o' ? 8 : 2, value = 0;
    uint64_t most = (uint64_t)INT64_MAX + negative;
    for (size_t i = 2; i < s.len; i++) {
        char c = cns_lower(s.text[i]);
        if (c == '_' && i > 2 && i + 1 < s.len && s.text[i - 1] != '_')
            continue;
        uint64_t digit = cns_is_digit(c)        ? (uint64_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint64_t)(c - 'a') + 10
                                                : base;
        if (digit >= base)
            return bad_number(l);
        if (value > (most - digit) / base)
            return cns_fail(l->r->err, CNS_E_LIMIT, l->token.from,
                            "a number is beyond 64 bits: write it in decimal");
        value = value * base + digit;
    }
    if (s.len == 2)
        return bad_number(l);
    node->kind = CNS_INT;
    node->u.i = negative && value ? -(int64_t)(value - 1) - 1 : (int64_t)value;
    return CNS_OK;
}

/* Digits from *at on, with a _ between two of them, copied to `out`; how many. */
static size_t take_digits(cns_span s, size_t *at, char *out, size_t *len) {
    size_t count = 0;
    for (; *at < s.len; ++*at) {
        char c = s.text[*at];
        if (c == '_' && count && s.text[*at - 1] != '_' && *at + 1 < s.len &&
            cns_is_digit(s.text[*at + 1]))
            continue;
        if (!cns_is_digit(c))
            break;
        out[(*len)++] = c;
        count++;
    }
    return count;
}

static cns_code decimal_number(literal *l, bool negative, cns_js_node *node) {
    cns_span s = cns_js_text(&l->r->lexer, &l->token);
    if (s.len + negative > CNS_MAX_NUMBER)
        return cns_fail(l->r->err, CNS_E_LIMIT, l->token.from,
                        "a number has more than 4 300 characters: shorten it or write it as a "
                        "text");
    char plain[CNS_MAX_NUMBER + 1];
    size_t at = 0, len = 0;
    if (negative)
        plain[len++] = '-';
    size_t whole = take_digits(s, &at, plain, &len), fraction = 0;
    bool real = at < s.len && s.text[at] == '.';
    if (whole > 1 && s.text[0] == '0')
        return bad_number(l);
    if (real) {
        plain[len++] = '.';
        at++;
        fraction = take_digits(s, &at, plain, &len);
    }
    if (whole + fraction && at < s.len && cns_lower(s.text[at]) == 'e') {
        real = true;
        plain[len++] = 'e';
        at++;
        if (at < s.len && (s.text[at] == '+' || s.text[at] == '-'))
            plain[len++] = s.text[at++];
        if (!take_digits(s, &at, plain, &len))
            return bad_number(l);
    }
    if (at < s.len || !(whole + fraction))
        return bad_number(l);
    if (real) {
        node->kind = CNS_REAL;
        node->u.d = cns_decimal_real(plain, (uint32_t)len);
        return CNS_OK;
    }
    node->kind = CNS_JS_DIGITS;
    if (!negative && len == s.len) { /* as it stands in the text */
        node->u.text = s;
        return CNS_OK;
    }
    node->u.text = (cns_span){cns_arena_text(&l->r->tree.arena, plain, len), len};
    return node->u.text.text ? CNS_OK : cns_js_no_memory(l->r);
}

static cns_code number(literal *l, bool negative, cns_js_node *node) {
    cns_span s = cns_js_text(&l->r->lexer, &l->token);
    char letter = s.len > 1 && s.text[0] == '0' ? cns_lower(s.text[1]) : '0';
    if (letter == 'x' || letter == 'o' || letter == 'b')
        return prefixed_number(l, negative, node);
    return decimal_number(l, negative, node);
}

/* ------------------------------------------------------------------- values */

static bool is_text(const cns_js_node *node) {
    return node->kind == CNS_STRING || node->kind == CNS_JS_CHAIN;
}

/* A value of one token, in l->token; *is is false when it is none. */
static cns_code plain_value(bool *is, literal *l, cns_js_node *node) {
    static const struct {
        const char *word;
        uint32_t kind;
    } words[] = {{"true", CNS_TRUE},
                 {"false", CNS_FALSE},
                 {"null", CNS_NULL},
                 {"undefined", CNS_JS_UNDEFINED}};
    *is = true;
    if (l->token.kind == CNS_JS_NUMBER)
        return number(l, false, node);
    if (l->token.kind == CNS_JS_STRING || (l->token.kind == CNS_JS_TEMPLATE && !l->token.open)) {
        node->kind = CNS_STRING;
        return cns_js_decode(&node->u.text, &l->r->tree.arena, &l->r->lexer, &l->token);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is_word(l, words[i].word)) {
            node->kind = words[i].kind;
            return CNS_OK;
        }
    *is = false;
    return CNS_OK;
}

/* A value with operators before it: !0, -1, +1, void 0. The first is in l->token. */
static cns_code prefixed_value(literal *l, cns_js_node *node) {
    cns_code code = CNS_OK;
    bool is = true, negated = false, sign = l->token.punct == '-' || l->token.punct == '+';
    bool negative = l->token.punct == '-', nothing = is_word(l, "void");
    uint32_t bangs = 0, parentheses = 0;
    for (; code == CNS_OK && l->token.punct == '!'; code = next(l)) {
        negated = !negated;
        bangs++;
    }
    if (!bangs && code == CNS_OK)
        code = next(l);
    while (code == CNS_OK && nothing && l->token.punct == '(' && parentheses < CNS_MAX_DEPTH) {
        parentheses++;
        code = next(l);
    }
    if (code != CNS_OK)
        return code;
    if (sign)
        code = l->token.kind == CNS_JS_NUMBER ? number(l, negative, node) : no_literal(l);
    else
        code = plain_value(&is, l, node);
    if (code == CNS_OK && !is)
        code = no_literal(l);
    for (; code == CNS_OK && parentheses; parentheses--) {
        code = next(l);
        if (code == CNS_OK && l->token.punct != ')')
            code = no_literal(l);
    }
    if (nothing)
        node->kind = CNS_JS_UNDEFINED;
    else if (bangs)
        node->kind = cns_js_truthy(node) != negated ? CNS_TRUE : CNS_FALSE;
    return code;
}

/* At a value: *value is it, or NULL when a bracket was opened. */
static cns_code begin_value(cns_js_node **value, literal *l) {
    uint32_t punct = l->token.punct;
    *value = NULL;
    if (punct == '(')
        return push(l, '(', NULL);
    cns_js_node *node;
    cns_code code = new_node(&node, l, CNS_NULL, l->token.from);
    if (code != CNS_OK)
        return code;
    if (punct == '{' || punct == '[') {
        node->kind = punct == '{' ? CNS_OBJECT : CNS_ARRAY;
        return push(l, punct, node);
    }
    *value = node;
    if (punct == '!' || punct == '-' || punct == '+' || is_word(l, "void"))
        return prefixed_value(l, node);
    bool is;
    code = plain_value(&is, l, node);
    return code == CNS_OK && !is ? no_literal(l) : code;
}

/* --------------------------------------------------------------------- keys */

/* A number as a key: what String(number) would be. */
static cns_code number_key(literal *l, open_bracket *open) {
    const double most = 9007199254740992.0; /* 2 ** 53 */
    cns_js_node node;
    memset(&node, 0, sizeof node);
    cns_code code = number(l, false, &node);
    if (code != CNS_OK)
        return code;
    if (node.kind == CNS_JS_DIGITS && node.u.text.len <= 15) {
        open->key = node.u.text;
        return CNS_OK;
    }
    double value = node.kind == CNS_REAL ? node.u.d
                   : node.kind == CNS_INT
                       ? (double)node.u.i
                       : cns_decimal_real(node.u.text.text, (uint32_t)node.u.text.len);
    if (!(value <= most) || value != (double)(int64_t)value)
        return bad(l, "a number that is a key is not whole or very large: write the key in quotes");
    char text[24];
    int len = snprintf(text, sizeof text, "%lld", (long long)value);
    open->key = (cns_span){cns_arena_text(&l->r->tree.arena, text, (size_t)len), (size_t)len};
    return open->key.text ? CNS_OK : cns_js_no_memory(l->r);
}

static cns_code no_key(literal *l) {
    switch (l->token.punct) {
    case '[':
        return bad(l, "a key is computed: only literals are read and code is never run, so write "
                      "the key itself");
    case CNS_P3('.', '.', '.'):
        return bad(l, "three dots take members from elsewhere" ONLY);
    case ',':
        return bad(l, "a member is missing before this comma: write one or remove the comma");
    case ']':
    case ')':
        return bad(l, "an object is closed by another bracket: write } in its place");
    default:
        break;
    }
    return l->token.kind == CNS_JS_END        ? ends_early(l)
           : l->token.kind == CNS_JS_TEMPLATE ? no_literal(l)
                                              : bad(l, "a key is missing here: write one");
}

/* A key with its colon; l->token is the first of it. */
static cns_code read_key(literal *l) {
    open_bracket *open = &l->open[l->depth - 1];
    cns_js_token key = l->token;
    cns_code code = CNS_OK;
    open->key_offset = key.from;
    if (key.kind == CNS_JS_NAME)
        open->key = cns_js_text(&l->r->lexer, &key);
    else if (key.kind == CNS_JS_STRING || (key.kind == CNS_JS_TEMPLATE && !key.open))
        code = cns_js_decode(&open->key, &l->r->tree.arena, &l->r->lexer, &key);
    else if (key.kind == CNS_JS_NUMBER)
        code = number_key(l, open);
    else
        return no_key(l);
    if (code != CNS_OK)
        return code;
    if (cns_span_is(open->key, "__proto__", 9))
        return bad(l, "the key __proto__ would change what the object is made from: remove it");
    code = next(l);
    if (code != CNS_OK || l->token.punct == ':')
        return code;
    if (l->token.kind == CNS_JS_END)
        return ends_early(l);
    bool name = key.kind == CNS_JS_NAME, more = l->token.punct == ',' || l->token.punct == '}';
    if (name && more) {
        l->token = key;
        return bad(l, "a member has a name and no value" ONLY);
    }
    bool method = cns_js_is(&l->r->lexer, &key, CNS_SPAN("get")) ||
                  cns_js_is(&l->r->lexer, &key, CNS_SPAN("set")) ||
                  cns_js_is(&l->r->lexer, &key, CNS_SPAN("async"));
    if (l->token.punct == '(' || (method && l->token.kind == CNS_JS_NAME)) {
        l->token = key;
        return bad(l, "a member is a function" ONLY);
    }
    return bad(l, "a key stands without a colon: write : and a value after it");
}

/* -------------------------------------------------------------------- after */

/* right, a text, to the end of left. */
static cns_code chain(literal *l, cns_js_node **left, cns_js_node *right) {
    if ((*left)->kind != CNS_JS_CHAIN) {
        cns_js_node *all;
        cns_code code = new_node(&all, l, CNS_JS_CHAIN, (*left)->offset);
        if (code != CNS_OK)
            return code;
        cns_js_append(all, *left);
        *left = all;
    }
    if (right->kind == CNS_STRING) {
        cns_js_append(*left, right);
    } else {
        (*left)->u.of.last->next = right->u.of.first;
        (*left)->u.of.last = right->u.of.last;
    }
    return CNS_OK;
}

static cns_code not_followed(literal *l, uint32_t opener) {
    uint32_t punct = l->token.punct;
    if (l->token.kind == CNS_JS_END)
        return ends_early(l);
    if (punct == ']' || punct == '}' || punct == ')')
        return bad(l, opener == '{'   ? "an object is closed by another bracket: write }"
                      : opener == '[' ? "an array is closed by another bracket: write ]"
                                      : "parentheses are closed by another bracket: write )");
    if (punct && punct != '{' && punct != '[' && punct != '!' && punct != ':' && punct != ';')
        return bad(l, "a value is worked out here" ONLY);
    return bad(l, opener == '{'   ? "a comma or } is missing here: write it"
                  : opener == '[' ? "a comma or ] is missing here: write it"
                                  : "a ) is missing here: write it");
}

typedef enum due_next { VALUE, KEY, ITEM, DONE } due_next;

/* Behind a value, which goes into what is open; what is due then. *value is the whole
 * literal at DONE. */
static cns_code end_value(due_next *due, literal *l, cns_js_node **value) {
    for (;;) {
        open_bracket *open = l->depth ? &l->open[l->depth - 1] : NULL;
        cns_code code = CNS_OK;
        if (open && open->opener == '+') {
            if (!is_text(*value))
                return cns_js_fail(l->r, (*value)->offset, "a value is added to a text" ONLY);
            code = chain(l, &open->node, *value);
            *value = open->node;
            pop(l);
            if (code != CNS_OK)
                return code;
            continue;
        }
        cns_js_lexer before = l->r->lexer;
        code = next(l);
        if (code != CNS_OK)
            return code;
        uint32_t punct = l->token.punct;
        if (punct == '+' && is_text(*value)) {
            *due = VALUE;
            return push(l, '+', *value);
        }
        if ((!open || open->opener != '(') && (*value)->kind == CNS_JS_CHAIN &&
            !cns_js_join(&l->r->tree, *value))
            return cns_js_no_memory(l->r);
        if (!open) {
            l->r->lexer = before;
            *due = DONE;
            return CNS_OK;
        }
        if (open->opener == '(') {
            if (punct != ')')
                return not_followed(l, '(');
            pop(l);
            continue;
        }
        bool object = open->opener == '{';
        if (punct != ',' && punct != (object ? '}' : ']'))
            return not_followed(l, open->opener);
        if (!object)
            cns_js_append(open->node, *value);
        else if (!cns_js_put(&l->r->tree, open->node, open->key, open->key_offset, *value))
            return cns_js_no_memory(l->r);
        open->key.text = NULL;
        if (punct == ',') {
            *due = object ? KEY : ITEM;
            return CNS_OK;
        }
        *value = open->node;
        pop(l);
    }
}

/* The path of what failed: where the literal goes, then the open brackets. */
static void write_path(const literal *l, const cns_js_path *place) {
    cns_error *err = l->r->err;
    uint32_t outer = place && !place->global ? place->count : 0;
    size_t at = 0, before;
    for (uint32_t i = 0; err && i < outer + l->depth; i++) {
        const open_bracket *open = i < outer ? NULL : &l->open[i - outer];
        cns_path_step step = {{NULL, 0}, 0};
        if (!open)
            step.key = place->keys[i];
        else if (open->opener == '[')
            step.index = open->node->count;
        else if (open->opener == '{')
            step.key = open->key;
        if (open && open->opener != '[' && !step.key.text)
            continue;
        before = at;
        at = cns_path_write(err->path, sizeof err->path, at, step);
        if (at == before)
            return;
    }
}

static cns_code read_literal(cns_js_node **out, literal *l) {
    due_next due = VALUE;
    for (;;) {
        cns_js_node *value = NULL;
        cns_code code = next(l);
        if (code != CNS_OK)
            return code;
        if (l->depth &&
            ((due == KEY && l->token.punct == '}') || (due == ITEM && l->token.punct == ']'))) {
            value = l->open[l->depth - 1].node; /* empty, or behind a last comma */
            pop(l);
        } else if (due == KEY) {
            code = read_key(l);
            due = VALUE;
        } else {
            code = begin_value(&value, l);
            if (!value && code == CNS_OK) {
                uint32_t opener = l->open[l->depth - 1].opener;
                due = opener == '{' ? KEY : opener == '[' ? ITEM : VALUE;
            }
        }
        if (code == CNS_OK && value)
            code = end_value(&due, l, &value);
        if (code != CNS_OK)
            return code;
        if (due == DONE) {
            *out = value;
            return CNS_OK;
        }
    }
}

cns_code cns_js_literal(cns_js_node **out, cns_js_reader *r, const cns_js_path *place) {
    literal l;
    l.r = r;
    l.depth = l.containers = l.parentheses = 0;
    cns_code code = read_literal(out, &l);
    if (code != CNS_OK && code != CNS_E_NOMEM)
        write_path(&l, place);
    return code;
}
