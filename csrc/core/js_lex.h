/* js_lex.h - the tokens of a script (internal).
 *
 * Enough of JavaScript's grammar of tokens to step over any script safely: blanks,
 * comments, names, numbers, texts, templates, regular expressions, punctuators. A
 * token is a place in the text; its value is worked out only where it is wanted. The
 * text was checked before (encoding.h).
 */
#ifndef CNS_JS_LEX_H
#define CNS_JS_LEX_H

#include "arena.h"
#include "text.h"

typedef enum cns_js_kind {
    CNS_JS_END,
    CNS_JS_NAME, /* keywords too */
    CNS_JS_NUMBER,
    CNS_JS_STRING,   /* '...' or "..." */
    CNS_JS_TEMPLATE, /* `...`, or the part of one up to the next ${ */
    CNS_JS_REGEX,
    CNS_JS_PUNCT
} cns_js_kind;

typedef struct cns_js_token {
    cns_js_kind kind;
    uint32_t from, to; /* bytes of the text, quotes included */
    uint32_t punct;    /* characters of a punctuator, the last in the low byte; else 0 */
    bool newline;      /* a line break stands before it */
    bool open;         /* a template that goes on behind ${ */
} cns_js_token;

/* Copying the struct is how a reader looks ahead and comes back. */
typedef struct cns_js_lexer {
    const char *text;
    size_t begin, at, end;
    bool operand; /* the last token ended an operand, so a slash divides */
    cns_error *err;
} cns_js_lexer;

#define CNS_P2(a, b) ((uint32_t)(a) << 8 | (uint32_t)(b))
#define CNS_P3(a, b, c) (CNS_P2(a, b) << 8 | (uint32_t)(c))

/* The next token. CNS_E_SYNTAX, with the offset of its beginning, for a comment, text,
 * template or regular expression without an end. Sets lexer->operand as if every } and )
 * ended an operand: who keeps the brackets knows better. */
cns_code cns_js_next(cns_js_lexer *lexer, cns_js_token *token);
/* The rest of a template behind the } that ends a substitution. */
cns_code cns_js_template(cns_js_lexer *lexer, cns_js_token *token);

static inline cns_span cns_js_text(const cns_js_lexer *lexer, const cns_js_token *token) {
    cns_span span = {lexer->text + token->from, token->to - token->from};
    return span;
}
static inline bool cns_js_is(const cns_js_lexer *lexer, const cns_js_token *token, cns_span word) {
    return token->kind == CNS_JS_NAME &&
           cns_span_is(word, lexer->text + token->from, token->to - token->from);
}

/* js_text.c: the characters of a CNS_JS_STRING or a whole CNS_JS_TEMPLATE, escapes
 * resolved: UTF-8 in the arena, or in the text itself. CNS_E_ENCODING for a NUL and for
 * half a surrogate pair. */
cns_code cns_js_decode(cns_span *out, cns_arena *arena, const cns_js_lexer *lexer,
                       const cns_js_token *token);

#endif
