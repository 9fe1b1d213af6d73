/* token.c - scanning a `didomi_token`. */
#include "token.h"

#include "arena.h"
#include "base64.h"

typedef struct scanner {
    cns_token *token;
    const char *start, *at, *end;
    uint32_t used; /* spans in token->ids */
    bool plain;    /* no escape, control character or byte above 0x7F anywhere */
    const char *reason;
} scanner;

static bool fail(scanner *s, const char *reason) {
    if (!s->reason)
        s->reason = reason;
    return false;
}

#define ONES 0x0101010101010101u
#define HIGHS 0x8080808080808080u

/* The high bit of every byte that ends or complicates a text: a quote, a
 * backslash, a control character, or a byte above 0x7F. Bytes after the first hit
 * may be marked wrongly; only the first one counts. */
static inline uint64_t special(uint64_t w) {
    uint64_t quote = w ^ (ONES * '"'), slash = w ^ (ONES * '\\');
    uint64_t low = (w - ONES * 0x20) & ~w;
    uint64_t hit = ((quote - ONES) & ~quote) | ((slash - ONES) & ~slash) | low;
    return (hit | w) & HIGHS;
}

static inline uint64_t special_but_quotes(uint64_t w) {
    uint64_t slash = w ^ (ONES * '\\');
    return w | ((slash - ONES) & ~slash) | ((w - ONES * 0x20) & ~w);
}

/* What most tokens are: nothing in them that a text must be searched for but its
 * closing quote. A line end between values makes it false, which costs time only. */
static bool all_plain(const char *at, const char *end) {
    uint64_t odd = 0;
    for (; end - at >= 8; at += 8)
        odd |= special_but_quotes(cns_load8(at));
    char last[8] = "       ";
    memcpy(last, at, (size_t)(end - at));
    last[7] = last[7] ? last[7] : ' ';
    return !((odd | special_but_quotes(cns_load8(last))) & HIGHS);
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

static inline void blanks(scanner *s) {
    while (*s->at == ' ' || *s->at == '\n' || *s->at == '\t' || *s->at == '\r')
        s->at++; /* the text is followed by zeros */
}

static int hex_digit(char c) {
    if (cns_is_digit(c))
        return c - '0';
    c = cns_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hexadecimal digits, or -1. */
static int hex4(const char *at, const char *end) {
    int value = 0;
    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

static inline bool plain_text(scanner *s, cns_token_span *out) {
    const char *from = s->at + 1, *quote = memchr(from, '"', (size_t)(s->end - from));
    if (!quote)
        return fail(s, "bad_json");
    out->at = (uint32_t)(from - s->start);
    out->len = (uint32_t)(quote - from) & 0x7FFFFFFFu;
    out->coded = false;
    s->at = quote + 1;
    return true;
}

/* A text; s->at stands on its quote. Grammar only: what escapes mean is checked by
 * `meaning`, for the texts that count. */
static bool text(scanner *s, cns_token_span *out) {
    if (s->plain)
        return plain_text(s, out);
    const char *at = ++s->at;
    bool coded = false;
    for (;;) {
        uint64_t hits = special(cns_load8(at));
        if (!hits) {
            at += 8;
            if (at >= s->end)
                return fail(s, "bad_json");
            continue;
        }
        at += first_byte(hits);
        if (at >= s->end)
            return fail(s, "bad_json");
        unsigned char c = (unsigned char)*at;
        if (c == '"')
            break;
        if (c < 0x20) {
            s->at = at;
            return fail(s, "bad_json");
        }
        coded = true;
        at++;
        if (c != '\\')
            continue; /* a byte above 0x7F */
        if (at >= s->end || !strchr("\"\\/bfnrtu", *at) || *at == '\0' || (*at == 'u' && hex4(at + 1, s->end) < 0)) {
            s->at = at;
            return fail(s, "bad_json");
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
static bool readable(scanner *s, cns_token_span span) {
    const char *at = s->start + span.at, *end = at + span.len;
    while (at < end)
        if (next_char(&at, end) == UINT32_MAX)
            return fail(s, "bad_text");
    return true;
}

/* A text that counts. */
static bool meaningful(scanner *s, cns_token_span *out) {
    if (*s->at != '"')
        return fail(s, "wrong_type");
    return text(s, out) && (!out->coded || readable(s, *out));
}

static bool number(scanner *s) {
    const char *at = s->at;
    if (*at == '-')
        at++;
    if (*at == '0')
        at++;
    else if (*at >= '1' && *at <= '9')
        while (cns_is_digit(*at))
            at++;
    else
        return fail(s, "bad_json");
    if (*at == '.') {
        if (!cns_is_digit(*++at))
            return fail(s, "bad_json");
        while (cns_is_digit(*at))
            at++;
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        if (*at == '+' || *at == '-')
            at++;
        if (!cns_is_digit(*at))
            return fail(s, "bad_json");
        while (cns_is_digit(*at))
            at++;
    }
    s->at = at;
    return true;
}

static bool word(scanner *s, const char *text_of, size_t len) {
    if ((size_t)(s->end - s->at) < len || memcmp(s->at, text_of, len) != 0)
        return fail(s, "bad_json");
    s->at += len;
    return true;
}

static bool scalar(scanner *s) {
    cns_token_span ignored;
    switch (*s->at) {
    case '"':
        return text(s, &ignored);
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
static bool skip(scanner *s) {
    uint64_t objects = 0; /* bit n: container n is an object */
    unsigned depth = 1;   /* the token itself is open */
    unsigned base = depth;
    cns_token_span ignored;
    for (;;) {
        char c = *s->at;
        if (c == '{' || c == '[') {
            if (depth == CNS_MAX_TOKEN_DEPTH)
                return fail(s, "too_deep");
            objects = c == '{' ? objects | (uint64_t)1 << depth : objects & ~((uint64_t)1 << depth);
            depth++;
            s->at++;
            blanks(s);
            if (*s->at == (c == '{' ? '}' : ']'))
                goto closing;
            goto item;
        }
        if (!scalar(s))
            return false;
    closed:
        if (depth == base)
            return true;
        blanks(s);
        if (*s->at == ',') {
            s->at++;
            blanks(s);
            goto item;
        }
    closing:
        if (*s->at != ((objects >> (depth - 1)) & 1 ? '}' : ']'))
            return fail(s, "bad_json");
        s->at++;
        depth--;
        goto closed;
    item:
        if ((objects >> (depth - 1)) & 1) {
            if (*s->at != '"')
                return fail(s, "bad_json");
            if (!text(s, &ignored))
                return false;
            blanks(s);
            if (*s->at != ':')
                return fail(s, "bad_json");
            s->at++;
            blanks(s);
        }
    }
}

static bool list(scanner *s, unsigned which) {
    cns_token *t = s->token;
    t->lists[which].first = s->used;
    if (*s->at != '[')
        return fail(s, "wrong_type");
    s->at++;
    blanks(s);
    if (*s->at == ']') {
        s->at++;
        return true;
    }
    for (;;) {
        cns_token_span *id = &t->ids[s->used];
        if (s->plain && *s->at == '"' ? !plain_text(s, id) : !meaningful(s, id))
            return false;
        s->used++;
        blanks(s);
        if (*s->at == ',') {
            s->at++;
            blanks(s);
            continue;
        }
        if (*s->at != ']')
            return fail(s, "bad_json");
        s->at++;
        t->lists[which].count = s->used - t->lists[which].first;
        return true;
    }
}

/* A key with its colon; false at an error. */
static bool key(scanner *s, cns_token_span *out, cns_span *name, char buffer[132]) {
    if (*s->at != '"')
        return fail(s, "bad_json");
    if (!text(s, out))
        return false;
    *name = (cns_span){s->start + out->at, out->len};
    if (out->coded && !readable(s, *out))
        return false;
    /* the longest known key has 11 characters, so at most 66 with escapes */
    if (out->coded && out->len <= 66)
        *name = cns_token_text(s->token, *out, buffer);
    blanks(s);
    if (*s->at != ':')
        return fail(s, "bad_json");
    s->at++;
    blanks(s);
    return true;
}

/* `{"enabled": [...], "disabled": [...]}`; `first` is the list of the former. */
static bool pair(scanner *s, unsigned first) {
    unsigned seen = 0;
    if (*s->at != '{')
        return fail(s, "wrong_type");
    s->at++;
    blanks(s);
    if (*s->at == '}') {
        s->at++;
        return true;
    }
    for (;;) {
        cns_token_span span;
        cns_span name;
        char buffer[132];
        if (!key(s, &span, &name, buffer))
            return false;
        unsigned which = cns_span_is(name, "enabled", 7) ? 1 : cns_span_is(name, "disabled", 8) ? 2 : 0;
        if (seen & which)
            return fail(s, "duplicate_key");
        seen |= which;
        if (which ? !list(s, first + which - 1) : !skip(s))
            return false;
        blanks(s);
        if (*s->at == ',') {
            s->at++;
            blanks(s);
            continue;
        }
        if (*s->at != '}')
            return fail(s, "bad_json");
        s->at++;
        return true;
    }
}

typedef enum field {
    F_OTHER,
    F_VENDORS,
    F_PURPOSES,
    F_VENDORS_LI,
    F_PURPOSES_LI,
    F_USER_ID,
    F_CREATED,
    F_UPDATED,
    F_VERSION
} field;

static field field_of(cns_span name) {
    switch (name.len) {
    case 7:
        return memcmp(name.text, "vendors", 7) == 0   ? F_VENDORS
               : memcmp(name.text, "user_id", 7) == 0 ? F_USER_ID
               : memcmp(name.text, "created", 7) == 0 ? F_CREATED
               : memcmp(name.text, "updated", 7) == 0 ? F_UPDATED
               : memcmp(name.text, "version", 7) == 0 ? F_VERSION
                                                      : F_OTHER;
    case 8:
        return memcmp(name.text, "purposes", 8) == 0 ? F_PURPOSES : F_OTHER;
    case 10:
        return memcmp(name.text, "vendors_li", 10) == 0 ? F_VENDORS_LI : F_OTHER;
    case 11:
        return memcmp(name.text, "purposes_li", 11) == 0 ? F_PURPOSES_LI : F_OTHER;
    default:
        return F_OTHER;
    }
}

static bool member(scanner *s, field f) {
    cns_token *t = s->token;
    switch (f) {
    case F_VENDORS:
        return pair(s, CNS_VENDORS_ON);
    case F_PURPOSES:
        return pair(s, CNS_PURPOSES_ON);
    case F_VENDORS_LI:
        return pair(s, CNS_VENDORS_LI_ON);
    case F_PURPOSES_LI:
        return pair(s, CNS_PURPOSES_LI_ON);
    case F_USER_ID:
        return t->has_user_id = meaningful(s, &t->user_id);
    case F_CREATED:
        return t->has_created = meaningful(s, &t->created);
    case F_UPDATED:
        return t->has_updated = meaningful(s, &t->updated);
    case F_VERSION: {
        const char *from = s->at;
        if (!skip(s))
            return false;
        t->version.at = (uint32_t)(from - s->start);
        t->version.len = (uint32_t)(s->at - from) & 0x7FFFFFFFu;
        return t->has_version = true;
    }
    case F_OTHER:
        break;
    }
    return skip(s);
}

static bool whole(scanner *s) {
    unsigned seen = 0;
    blanks(s);
    if (s->at == s->end)
        return fail(s, "bad_json");
    if (*s->at != '{') {
        /* valid JSON of another kind, or no JSON at all */
        bool json = skip(s);
        blanks(s);
        return json && s->at == s->end ? fail(s, "not_object") : fail(s, "bad_json");
    }
    s->at++;
    blanks(s);
    if (*s->at == '}') {
        s->at++;
    } else {
        for (;;) {
            cns_token_span span;
            cns_span name;
            char buffer[132];
            if (!key(s, &span, &name, buffer))
                return false;
            field f = field_of(name);
            if (f != F_OTHER && seen & 1u << f)
                return fail(s, "duplicate_key");
            seen |= 1u << f;
            if (!member(s, f))
                return false;
            blanks(s);
            if (*s->at == ',') {
                s->at++;
                blanks(s);
                continue;
            }
            if (*s->at != '}')
                return fail(s, "bad_json");
            s->at++;
            break;
        }
    }
    blanks(s);
    return s->at == s->end || fail(s, "bad_json");
}

static cns_when date_of(const cns_token *t, bool has, cns_token_span span) {
    char buffer[128];
    if (!has || span.len > 64)
        return CNS_NEVER;
    cns_span date = cns_token_text(t, span, buffer);
    if (!memchr(date.text, 'T', date.len))
        return CNS_NEVER; /* a token's date has a time of day */
    return cns_when_parse(date.text, date.len);
}

static cns_code refuse(const char **reason, uint32_t *offset, const char *why, size_t at) {
    *reason = why;
    *offset = (uint32_t)at;
    return CNS_E_DECODE;
}

cns_code cns_token_scan(cns_token *t, const char **reason, uint32_t *offset, const char *value, size_t len,
                        size_t most, cns_alloc alloc) {
    if (len > most)
        return refuse(reason, offset, "too_long", most);
    /* RFC 6265 lets a value stand in quotes, and Python's own cookie writer puts a
     * padded token into them */
    if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
        value++;
        len -= 2;
    }
    if (len == 0)
        return refuse(reason, offset, "empty", 0);
    /* one block: the spans (an id takes three bytes at least), then the text */
    size_t room = CNS_BASE64_ROOM(len) + 8;
    size_t spans = room / 3 + 1;
    memset(t, 0, sizeof *t);
    t->alloc = alloc;
    t->block_size = spans * sizeof *t->ids + room;
    t->ids = cns_get(alloc, t->block_size);
    if (!t->ids)
        return CNS_E_NOMEM;
    t->json = (char *)(t->ids + spans);
    long size = cns_base64_read((unsigned char *)t->json, value, len);
    if (size < 0) {
        cns_token_release(t);
        return refuse(reason, offset, "bad_base64", 0);
    }
    t->json_len = (size_t)size;
    memset(t->json + size, 0, 8);
    scanner s = {t, t->json, t->json, t->json + size, 0, all_plain(t->json, t->json + size), NULL};
    if (!whole(&s)) {
        size_t at = (size_t)(s.at - s.start);
        cns_token_release(t);
        return refuse(reason, offset, s.reason, at);
    }
    t->created_when = date_of(t, t->has_created, t->created);
    t->updated_when = date_of(t, t->has_updated, t->updated);
    return CNS_OK;
}

void cns_token_release(cns_token *t) {
    cns_drop(t->alloc, t->ids, t->block_size);
    t->ids = NULL;
    t->json = NULL;
}
