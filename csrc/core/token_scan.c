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

/* What the character behind a backslash means; 0: there is no such escape. */
static const unsigned char escapes[256] = {
    ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b', ['f'] = '\f',
    ['n'] = '\n', ['r'] = '\r',  ['t'] = '\t', ['u'] = 'u',
};

/* Hexadecimal digits, each with its value and ONE_DIGIT. */
#define ONE_DIGIT 16u
#define DIGIT(c, value) [c] = ONE_DIGIT | (value)
static const unsigned char digits[256] = {
    DIGIT('0', 0),  DIGIT('1', 1),  DIGIT('2', 2),  DIGIT('3', 3),  DIGIT('4', 4),  DIGIT('5', 5),
    DIGIT('6', 6),  DIGIT('7', 7),  DIGIT('8', 8),  DIGIT('9', 9),  DIGIT('a', 10), DIGIT('b', 11),
    DIGIT('c', 12), DIGIT('d', 13), DIGIT('e', 14), DIGIT('f', 15), DIGIT('A', 10), DIGIT('B', 11),
    DIGIT('C', 12), DIGIT('D', 13), DIGIT('E', 14), DIGIT('F', 15),
};
#undef DIGIT

/* Four hexadecimal digits, or UINT32_MAX. What follows the text is none, so its end needs no
 * look of its own. */
static inline uint32_t hex4(const char *text) {
    const unsigned char *at = (const unsigned char *)text;
    unsigned a = digits[at[0]];
    if (!a)
        return UINT32_MAX;
    unsigned b = digits[at[1]], c = b ? digits[at[2]] : 0, d = c ? digits[at[3]] : 0;
    return d ? (a & 15) << 12 | (b & 15) << 8 | (c & 15) << 4 | (d & 15) : UINT32_MAX;
}

/* The low half of a surrogate pair as an escape, or 0. */
static inline uint32_t low_half(const char *at) {
    if (at[0] != '\\' || at[1] != 'u')
        return 0;
    uint32_t low = hex4(at + 2);
    return low >= 0xDC00 && low <= 0xDFFF ? low : 0;
}

bool cns_scan_coded_text(cns_scanner *s, cns_token_span *out) {
    const char *from = s->at + 1, *at = from;
    bool coded = false;
    s->odd_text = false;
    for (;;) {
        uint64_t hits = special(cns_load8(at));
        if (!hits) {
            at += 8;
            if (at >= s->end)
                break;
            continue;
        }
        at += first_byte(hits);
        /* what is odd mostly stands beside what is odd */
        for (;;) {
            unsigned char c = (unsigned char)*at;
            if (c == '\\') {
                coded = true;
                unsigned char name = (unsigned char)at[1];
                if (!escapes[name]) {
                    s->at = at + 1;
                    return cns_scan_fail(s, "bad_json");
                }
                at += 2;
                if (name != 'u')
                    continue;
                uint32_t code = hex4(at);
                if (code == UINT32_MAX) {
                    s->at = at - 1;
                    return cns_scan_fail(s, "bad_json");
                }
                at += 4;
                if (code == 0 || (code >= 0xDC00 && code <= 0xDFFF))
                    s->odd_text = true;
                else if (code >= 0xD800 && code <= 0xDBFF) {
                    if (low_half(at))
                        at += 6;
                    else
                        s->odd_text = true;
                }
            } else if (c >= 0x80) {
                coded = true;
                at++;
                while ((cns_load8(at) & CNS_HIGHS) == CNS_HIGHS)
                    at += 8;
            } else {
                break;
            }
        }
        if (*at != '"' && (unsigned char)*at >= 0x20)
            continue;
        if (at >= s->end)
            break;
        if (*at != '"') {
            s->at = at;
            return cns_scan_fail(s, "bad_json");
        }
        out->at = (uint32_t)(from - s->start);
        out->len = (uint32_t)(at - from) & 0x7FFFFFFFu;
        out->coded = coded;
        s->at = at + 1;
        return true;
    }
    s->at = from;
    return cns_scan_fail(s, "bad_json");
}

static inline size_t put_utf8(char *to, uint32_t c) {
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

/* The character of an escape whose backslash `*from` stands on; U+FFFD for a lone surrogate or
 * a NUL. */
static uint32_t escaped(const char **from) {
    const char *at = *from + 2;
    uint32_t code = escapes[(unsigned char)at[-1]];
    if (code == 'u') {
        code = hex4(at);
        at += 4;
        if (code >= 0xD800 && code <= 0xDFFF) {
            uint32_t low = code <= 0xDBFF ? low_half(at) : 0;
            at += low ? 6 : 0;
            code = low ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
        } else if (code == 0) {
            code = 0xFFFD;
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
        unsigned char c = (unsigned char)*at;
        if (c == '\\') {
            to += put_utf8(to, escaped(&at));
        } else if (c < 0x80) {
            *to++ = *at++;
        } else { /* that Latin-1 character */
            *to++ = (char)(0xC0 | c >> 6);
            *to++ = (char)(0x80 | (c & 63));
            at++;
        }
    }
    return (cns_span){buffer, (size_t)(to - buffer)};
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
