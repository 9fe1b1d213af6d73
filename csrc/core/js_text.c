/* js_text.c - the characters of a script's text, its escapes resolved. */
#include "error.h"
#include "js_lex.h"

typedef struct decode {
    const cns_js_lexer *lexer;
    const char *text;
    size_t at, end; /* between the quotes */
    char *out;
    size_t len;
} decode;

static cns_code bad(const decode *d, cns_code code, size_t at, const char *message) {
    return cns_fail(d->lexer->err, code, (uint32_t)at, message);
}

static void put_character(decode *d, uint32_t c) {
    char *out = d->out + d->len;
    if (c < 0x80) {
        out[0] = (char)c;
        d->len += 1;
    } else if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        d->len += 2;
    } else if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        d->len += 3;
    } else {
        out[0] = (char)(0xF0 | c >> 18);
        out[1] = (char)(0x80 | (c >> 12 & 0x3F));
        out[2] = (char)(0x80 | (c >> 6 & 0x3F));
        out[3] = (char)(0x80 | (c & 0x3F));
        d->len += 4;
    }
}

static int hex_digit(char c) {
    char low = cns_lower(c);
    return cns_is_digit(c) ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* `count` hex digits at *at, stepped over; or -1. */
static int64_t hex(const decode *d, size_t *at, size_t count) {
    int64_t value = 0;
    if (d->end - *at < count)
        return -1;
    for (size_t i = 0; i < count; i++, ++*at) {
        int digit = hex_digit(d->text[*at]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* \uXXXX or \u{X...}, *at behind the u; the number, stepped over, or -1. */
static int64_t unit(const decode *d, size_t *at) {
    if (*at == d->end || d->text[*at] != '{')
        return hex(d, at, 4);
    int64_t value = 0;
    size_t from = ++*at;
    for (; *at < d->end && d->text[*at] != '}'; ++*at) {
        int digit = hex_digit(d->text[*at]);
        if (digit < 0 || value > 0x10FFFF)
            return -1;
        value = value * 16 + digit;
    }
    if (*at == d->end || *at == from || value > 0x10FFFF)
        return -1;
    ++*at;
    return value;
}

static bool is_low(int64_t c) {
    return c >= 0xDC00 && c <= 0xDFFF;
}

static cns_code put_escaped(decode *d, size_t from, int64_t c) {
    if (c == 0)
        return bad(d, CNS_E_ENCODING, from, "an escape stands for a NUL character: remove it");
    if (is_low(c))
        return bad(d, CNS_E_ENCODING, from,
                   "the second half of a surrogate pair stands alone: write the first before it");
    if (c >= 0xD800 && c <= 0xDBFF) {
        size_t at = d->at;
        int64_t low = -1;
        if (d->end - at > 2 && d->text[at] == '\\' && d->text[at + 1] == 'u') {
            at += 2;
            low = unit(d, &at);
        }
        if (!is_low(low))
            return bad(
                d, CNS_E_ENCODING, from,
                "the first half of a surrogate pair stands alone: write the second after it");
        d->at = at;
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    }
    put_character(d, (uint32_t)c);
    return CNS_OK;
}

/* The escape whose backslash is at d->at. */
static cns_code read_escape(decode *d) {
    static const char letters[] = "bfnrtv", stand_for[] = "\b\f\n\r\t\v";
    size_t from = d->at;
    char c = d->text[from + 1]; /* the quote is behind it at the latest */
    const char *letter = c ? strchr(letters, c) : NULL;
    d->at += 2;
    if (letter) {
        d->out[d->len++] = stand_for[letter - letters];
    } else if (c == 'x' || c == 'u') {
        int64_t value = c == 'x' ? hex(d, &d->at, 2) : unit(d, &d->at);
        if (value < 0)
            return bad(d, CNS_E_SYNTAX, from,
                       c == 'x' ? "\\x stands without two hex digits: write both, as in \\xe9"
                                : "\\u stands without its hex digits: write \\u00e9 or \\u{1f36a}");
        return put_escaped(d, from, value);
    } else if (cns_is_digit(c)) {
        if (c == '0' && (d->at == d->end || !cns_is_digit(d->text[d->at])))
            return put_escaped(d, from, 0);
        return bad(d, CNS_E_SYNTAX, from,
                   "a backslash stands before digits, an octal escape: write \\x and two hex "
                   "digits in its place");
    } else if (c == '\r') { /* a line that goes on: CR, CR LF, LF or one of Unicode's two */
        if (d->at < d->end && d->text[d->at] == '\n')
            d->at++;
    } else if (d->end - from > 3 && (memcmp(d->text + from + 1, "\xE2\x80\xA8", 3) == 0 ||
                                     memcmp(d->text + from + 1, "\xE2\x80\xA9", 3) == 0)) {
        d->at += 2;
    } else if (c != '\n') {
        d->out[d->len++] = c;
    }
    return CNS_OK;
}

cns_code cns_js_decode(cns_span *out, cns_arena *arena, const cns_js_lexer *lexer,
                       const cns_js_token *token) {
    bool template = token->kind == CNS_JS_TEMPLATE;
    decode d = {lexer, lexer->text, token->from + 1u, token->to - 1u, NULL, 0};
    size_t size = d.end - d.at;
    const char *from = d.text + d.at;
    if (!size || (!memchr(from, '\\', size) && !(template && memchr(from, '\r', size)))) {
        out->text = from;
        out->len = size;
        return CNS_OK;
    }
    d.out = cns_arena_get(arena, size); /* no character is longer than its escape */
    if (!d.out)
        return cns_fail(lexer->err, CNS_E_NOMEM, CNS_NO_OFFSET,
                        "memory ran out while reading a script");
    while (d.at < d.end) {
        char c = d.text[d.at];
        if (c == '\\') {
            cns_code code = read_escape(&d);
            if (code != CNS_OK)
                return code;
        } else if (c == '\r' && template) { /* in templates every line break is LF */
            d.out[d.len++] = '\n';
            d.at += d.end - d.at > 1 && d.text[d.at + 1] == '\n' ? 2 : 1;
        } else {
            d.out[d.len++] = c;
            d.at++;
        }
    }
    out->text = d.out;
    out->len = d.len;
    return CNS_OK;
}
