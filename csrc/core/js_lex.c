/* js_lex.c - the tokens of a script. */
#include "js_lex.h"

#include "error.h"

static cns_code fail_at(const cns_js_lexer *l, size_t at, const char *message) {
    return cns_fail(l->err, CNS_E_SYNTAX, (uint32_t)at, message);
}

static bool begins(const cns_js_lexer *l, size_t at, const char *word) {
    size_t n = strlen(word);
    return l->end - at >= n && memcmp(l->text + at, word, n) == 0;
}

/* ---------------------------------------------------------- blanks, comments */

/* Bytes of a line break at `at`, 0 when there is none. */
static size_t line_break(const cns_js_lexer *l, size_t at) {
    if (l->text[at] == '\n' || l->text[at] == '\r')
        return 1;
    return begins(l, at, "\xE2\x80\xA8") || begins(l, at, "\xE2\x80\xA9") ? 3 : 0;
}

/* Bytes of a blank beyond ASCII at `at`: no-break space, byte-order mark, Unicode's Zs. */
static size_t wide_blank(const cns_js_lexer *l, size_t at) {
    if (begins(l, at, "\xC2\xA0"))
        return 2;
    if (l->end - at < 3)
        return 0;
    unsigned last = (unsigned char)l->text[at + 2];
    if (begins(l, at, "\xE2\x80"))
        return (last >= 0x80 && last <= 0x8A) || last == 0xAF ? 3 : 0;
    return begins(l, at, "\xEF\xBB\xBF") || begins(l, at, "\xE1\x9A\x80") ||
                   begins(l, at, "\xE2\x81\x9F") || begins(l, at, "\xE3\x80\x80")
               ? 3
               : 0;
}

static size_t end_of_line(const cns_js_lexer *l, size_t at) {
    while (at < l->end && !line_break(l, at))
        at++;
    return at;
}

static cns_code skip_blanks(cns_js_lexer *l, bool *newline) {
    bool line_start = l->at == l->begin;
    for (;;) {
        size_t at = l->at, wide;
        if (at == l->end)
            return CNS_OK;
        char c = l->text[at];
        if (c == ' ' || c == '\t' || c == '\v' || c == '\f') {
            l->at++;
        } else if ((unsigned char)c >= 0x80 && (wide = wide_blank(l, at)) != 0) {
            l->at += wide;
        } else if ((wide = line_break(l, at)) != 0) {
            *newline = line_start = true;
            l->at += wide;
        } else if (begins(l, at, "//") || begins(l, at, "<!--") ||
                   (line_start && begins(l, at, "-->"))) {
            l->at = end_of_line(l, at);
        } else if (begins(l, at, "/*")) {
            for (at += 2; !begins(l, at, "*/"); at++) {
                if (at == l->end)
                    return fail_at(l, l->at, "a comment has no end: write the missing */");
                if (line_break(l, at))
                    *newline = line_start = true;
            }
            l->at = at + 2;
        } else {
            return CNS_OK;
        }
    }
}

/* -------------------------------------------------------------------- tokens */

static bool name_byte(char c) {
    return cns_is_alpha(c) || cns_is_digit(c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* The first byte behind a name that begins at `at`. */
static size_t end_of_name(const cns_js_lexer *l, size_t at) {
    while (at < l->end && name_byte(l->text[at]) &&
           ((unsigned char)l->text[at] < 0x80 || (!wide_blank(l, at) && !line_break(l, at))))
        at++;
    return at;
}

/* Whatever may be meant as one number; whether it is one is seen when it is read. */
static size_t end_of_number(const cns_js_lexer *l, size_t at) {
    char letter = l->end - at > 1 ? cns_lower(l->text[at + 1]) : '\0';
    bool prefixed = l->text[at] == '0' && (letter == 'x' || letter == 'o' || letter == 'b');
    for (at++; at < l->end; at++) {
        char c = l->text[at], before = l->text[at - 1];
        bool sign = (c == '+' || c == '-') && !prefixed && (before == 'e' || before == 'E');
        if (!sign && c != '.' && (!name_byte(c) || (unsigned char)c >= 0x80))
            break;
    }
    return at;
}

static cns_code string_token(cns_js_lexer *l, cns_js_token *t) {
    char quote = l->text[l->at];
    for (size_t at = l->at + 1; at < l->end; at++) {
        char c = l->text[at];
        if (c == quote) {
            l->at = at + 1;
            return CNS_OK;
        }
        if (c == '\n' || c == '\r')
            return fail_at(l, at,
                           "a line break stands in a text: write \\n, or close the text before it");
        if (c == '\\' && l->end - at > 1) {
            at++;
            if (begins(l, at, "\r\n"))
                at++;
        }
    }
    return fail_at(l, t->from,
                   quote == '"' ? "a text has no closing quote: write the missing \""
                                : "a text has no closing quote: write the missing '");
}

/* A part of a template from `at` on; the token begins where it says. */
static cns_code template_part(cns_js_lexer *l, cns_js_token *t, size_t at) {
    t->kind = CNS_JS_TEMPLATE;
    for (; at < l->end; at++) {
        char c = l->text[at];
        if (c == '\\') {
            at++;
        } else if (c == '`' || begins(l, at, "${")) {
            t->open = c == '$';
            l->operand = !t->open;
            l->at = at + 1 + t->open;
            t->to = (uint32_t)l->at;
            return CNS_OK;
        }
    }
    return fail_at(l, t->from, "a template has no end: write the missing `");
}

cns_code cns_js_template(cns_js_lexer *l, cns_js_token *t) {
    memset(t, 0, sizeof *t);
    t->from = (uint32_t)l->at;
    return template_part(l, t, l->at);
}

static cns_code regex_token(cns_js_lexer *l, cns_js_token *t) {
    bool set = false;
    for (size_t at = l->at + 1; at < l->end && !line_break(l, at); at++) {
        char c = l->text[at];
        if (c == '\\') {
            at++;
            if (at < l->end && line_break(l, at))
                break;
        } else if (c == '[') {
            set = true;
        } else if (c == ']') {
            set = false;
        } else if (c == '/' && !set) {
            l->at = end_of_name(l, at + 1);
            return CNS_OK;
        }
    }
    return fail_at(l, t->from, "a regular expression has no end: write the missing /");
}

static const char *const long_puncts[] = {
    ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "?\?=",
    "=>",   "==",  "!=",  "<=",  ">=",  "&&",  "||",  "??",  "?.",  "++",  "--",
    "+=",   "-=",  "*=",  "/=",  "%=",  "&=",  "|=",  "^=",  "<<",  ">>",  "**"};

static void punct_token(cns_js_lexer *l, cns_js_token *t) {
    size_t size = 1, left = l->end - l->at;
    if (left > 1 && strchr("=>&|?+-*<.", l->text[l->at + 1]))
        for (size_t i = 0; i < sizeof long_puncts / sizeof *long_puncts; i++)
            if (begins(l, l->at, long_puncts[i])) {
                size = strlen(long_puncts[i]);
                break;
            }
    if (begins(l, l->at, "?.") && left > 2 && cns_is_digit(l->text[l->at + 2]))
        size = 1; /* a ? and the number .5 */
    for (size_t i = 0; i < size; i++)
        t->punct = t->punct << 8 | (unsigned char)l->text[l->at + i];
    l->at += size;
    bool step = t->punct == CNS_P2('+', '+') || t->punct == CNS_P2('-', '-');
    if (!step) /* a++ ends an operand where a does */
        l->operand = t->punct == ')' || t->punct == ']' || t->punct == '}';
}

/* Words behind which a slash begins a regular expression. */
static bool before_operand(cns_span word) {
    static const char *const words[] = {"return", "typeof", "instanceof", "in",    "of",
                                        "new",    "delete", "void",       "throw", "case",
                                        "do",     "else",   "yield",      "await"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (cns_span_is(word, words[i], strlen(words[i])))
            return true;
    return false;
}

cns_code cns_js_next(cns_js_lexer *l, cns_js_token *t) {
    memset(t, 0, sizeof *t);
    cns_code code = skip_blanks(l, &t->newline);
    if (code != CNS_OK)
        return code;
    size_t from = l->at, left = l->end - from;
    t->from = (uint32_t)from;
    char c = left ? l->text[from] : '\0';
    if (!left) {
        t->kind = CNS_JS_END;
    } else if (cns_is_digit(c) || (c == '.' && left > 1 && cns_is_digit(l->text[from + 1]))) {
        t->kind = CNS_JS_NUMBER;
        l->at = end_of_number(l, from);
        l->operand = true;
    } else if (name_byte(c)) {
        t->kind = CNS_JS_NAME;
        l->at = end_of_name(l, from);
        l->operand = !before_operand((cns_span){l->text + from, l->at - from});
    } else if (c == '"' || c == '\'') {
        t->kind = CNS_JS_STRING;
        code = string_token(l, t);
        l->operand = true;
    } else if (c == '`') {
        code = template_part(l, t, from + 1);
    } else if (c == '/' && !l->operand) {
        t->kind = CNS_JS_REGEX;
        code = regex_token(l, t);
        l->operand = true;
    } else {
        t->kind = CNS_JS_PUNCT;
        punct_token(l, t);
    }
    t->to = (uint32_t)l->at;
    return code;
}
