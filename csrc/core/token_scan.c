/* token_scan.c - texts, numbers and values of a token's JSON. */
#include "token_scan.h"

/* The high bit of every byte that ends or complicates a text: a quote, a
 * backslash, a control character, or a byte above 0x7F. Bytes after the first hit
 * may be marked wrongly; only the first one counts. */
static inline uint64_t special(uint64_t w) {
    uint64_t quote = w ^ (CNS_ONES * '"'), slash = w ^ (CNS_ONES * '\\');
    uint64_t low = (w - CNS_ONES * 0x20) & ~w;
    uint64_t hit = ((quote - CNS_ONES) & ~quote) | ((slash - CNS_ONES) & ~slash) | low;
    return (hit | w) & CNS_HIGHS;
}

static inline unsigned first_byte(uint64_t hits) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && defined(__GNUC__)
    return (unsigned)__builtin_ctzll(hits) >> 3;
#else
    unsigned char bytes[8];
    memcpy(bytes, &hits, 8);
    unsigned i = 0;
    while (i < 7 && !(bytes[i] & 0x80))
        i++;
    return i;
#endif
}

/* Four hexadecimal digits, or -1. */
static int hex4(const char *at, const char *end) {
    int value = 0;
    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = cns_hex_digit(at[i]);
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* A text; s->at stands on its quote. Grammar only: what escapes mean is checked by
 * `meaning`, for the texts that count. */
bool cns_scan_text(cns_scanner *s, cns_token_span *out) {
    if (s->plain)
        return cns_scan_plain_text(s, out);
    const char *at = ++s->at;
    bool coded = false;
    for (;;) {
        uint64_t hits = special(cns_load8(at));
        if (!hits) {
            at += 8;
            if (at >= s->end)
                return cns_scan_fail(s, "bad_json");
            continue;
        }
        at += first_byte(hits);
        if (at >= s->end)
            return cns_scan_fail(s, "bad_json");
        unsigned char c = (unsigned char)*at;
        if (c == '"')
            break;
        if (c < 0x20) {
            s->at = at;
            return cns_scan_fail(s, "bad_json");
        }
        coded = true;
        at++;
        if (c != '\\')
            continue; /* a byte above 0x7F */
        if (at >= s->end || !strchr("\"\\/bfnrtu", *at) || *at == '\0' ||
            (*at == 'u' && hex4(at + 1, s->end) < 0)) {
            s->at = at;
            return cns_scan_fail(s, "bad_json");
        }
        at += *at == 'u' ? 5 : 1;
    }
    out->at = (uint32_t)(s->at - s->start);
    out->len = (uint32_t)(at - s->at) & 0x7FFFFFFFu;
    out->coded = coded;
    s->at = at + 1;
    return true;
}

static size_t put_utf8(char *to, uint32_t c) {
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xC0 | c >> 6);
        to[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xE0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 63));
        to[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    to[0] = (char)(0xF0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 63));
    to[2] = (char)(0x80 | (c >> 6 & 63));
    to[3] = (char)(0x80 | (c & 63));
    return 4;
}

/* One character of a coded text; UINT32_MAX for a lone surrogate or a NUL. */
static uint32_t next_char(const char **from, const char *end) {
    const char *at = *from;
    unsigned char c = (unsigned char)*at++;
    uint32_t code = c; /* a byte above 0x7F is that Latin-1 character */
    if (c == '\\') {
        static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
        c = (unsigned char)*at++;
        if (c != 'u') {
            code = (unsigned char)meant[strchr(names, c) - names];
        } else {
            code = (uint32_t)hex4(at, end);
            at += 4;
            if (code >= 0xDC00 && code <= 0xDFFF) {
                code = UINT32_MAX;
            } else if (code >= 0xD800 && code <= 0xDBFF) {
                int low = end - at >= 6 && at[0] == '\\' && at[1] == 'u' ? hex4(at + 2, end) : -1;
                if (low >= 0xDC00 && low <= 0xDFFF) {
                    code = 0x10000 + ((code - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
                    at += 6;
                } else {
                    code = UINT32_MAX;
                }
            } else if (code == 0) {
                code = UINT32_MAX;
            }
        }
    }
    *from = at;
    return code;
}

cns_span cns_token_text(const cns_token *token, cns_token_span span, char *buffer) {
    const char *at = token->json + span.at, *end = at + span.len;
    if (!span.coded)
        return (cns_span){at, span.len};
    char *to = buffer;
    while (at < end) {
        uint32_t c = next_char(&at, end);
        to += put_utf8(to, c == UINT32_MAX ? 0xFFFD : c);
    }
    return (cns_span){buffer, (size_t)(to - buffer)};
}

/* No NUL and no lone surrogate in it? */
bool cns_scan_readable(cns_scanner *s, cns_token_span span) {
    const char *at = s->start + span.at, *end = at + span.len;
    while (at < end)
        if (next_char(&at, end) == UINT32_MAX)
            return cns_scan_fail(s, "bad_text");
    return true;
}

static bool number(cns_scanner *s) {
    const char *at = s->at;
    if (*at == '-')
        at++;
    if (*at == '0')
        at++;
    else if (*at >= '1' && *at <= '9')
        while (cns_is_digit(*at))
            at++;
    else
        return cns_scan_fail(s, "bad_json");
    if (*at == '.') {
        if (!cns_is_digit(*++at))
            return cns_scan_fail(s, "bad_json");
        while (cns_is_digit(*at))
            at++;
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        if (*at == '+' || *at == '-')
            at++;
        if (!cns_is_digit(*at))
            return cns_scan_fail(s, "bad_json");
        while (cns_is_digit(*at))
            at++;
    }
    s->at = at;
    return true;
}

static bool word(cns_scanner *s, const char *text_of, size_t len) {
    if ((size_t)(s->end - s->at) < len || memcmp(s->at, text_of, len) != 0)
        return cns_scan_fail(s, "bad_json");
    s->at += len;
    return true;
}

static bool scalar(cns_scanner *s) {
    cns_token_span ignored;
    switch (*s->at) {
    case '"':
        return cns_scan_text(s, &ignored);
    case 't':
        return word(s, "true", 4);
    case 'f':
        return word(s, "false", 5);
    case 'n':
        return word(s, "null", 4);
    default:
        return number(s);
    }
}

/* Any value, whose content does not matter. Open containers are bits of a mask. */
bool cns_scan_skip(cns_scanner *s) {
    uint64_t objects = 0; /* bit n: container n is an object */
    unsigned depth = 1;   /* the token itself is open */
    unsigned base = depth;
    cns_token_span ignored;
    for (;;) {
        char c = *s->at;
        if (c == '{' || c == '[') {
            if (depth == CNS_MAX_TOKEN_DEPTH)
                return cns_scan_fail(s, "too_deep");
            objects = c == '{' ? objects | (uint64_t)1 << depth : objects & ~((uint64_t)1 << depth);
            depth++;
            s->at++;
            cns_scan_blanks(s);
            if (*s->at == (c == '{' ? '}' : ']'))
                goto closing;
            goto item;
        }
        if (!scalar(s))
            return false;
    closed:
        if (depth == base)
            return true;
        cns_scan_blanks(s);
        if (*s->at == ',') {
            s->at++;
            cns_scan_blanks(s);
            goto item;
        }
    closing:
        if (*s->at != ((objects >> (depth - 1)) & 1 ? '}' : ']'))
            return cns_scan_fail(s, "bad_json");
        s->at++;
        depth--;
        goto closed;
    item:
        if ((objects >> (depth - 1)) & 1) {
            if (*s->at != '"')
                return cns_scan_fail(s, "bad_json");
            if (!cns_scan_text(s, &ignored))
                return false;
            cns_scan_blanks(s);
            if (*s->at != ':')
                return cns_scan_fail(s, "bad_json");
            s->at++;
            cns_scan_blanks(s);
        }
    }
}
