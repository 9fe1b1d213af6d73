/* text.h - spans, hashing and encodings of text (internal). */
#ifndef CNS_TEXT_H
#define CNS_TEXT_H

#include <string.h>

#include "consent.h"

typedef struct cns_span {
    const char *text;
    size_t len;
} cns_span;

#define CNS_SPAN(literal) ((cns_span){(literal), sizeof(literal) - 1})

static inline bool cns_span_is(cns_span span, const char *text, size_t len) {
    return span.len == len && memcmp(span.text, text, len) == 0;
}

/* RFC 6265 lets the value of a cookie stand in quotes; they are no part of it. */
static inline cns_text cns_unquoted(cns_text value) {
    bool quoted = value.len >= 2 && value.text[0] == '"' && value.text[value.len - 1] == '"';
    return quoted ? (cns_text){value.text + 1, value.len - 2} : value;
}

static inline uint64_t cns_load8(const char *text) {
    uint64_t w;
    memcpy(&w, text, 8);
    return w;
}

/* memcmp() == 0, without the call for what ids usually are. */
static inline bool cns_same(const char *a, const char *b, size_t len) {
    if (len < 8 || len > 64)
        return memcmp(a, b, len) == 0;
    uint64_t differ = cns_load8(a + len - 8) ^ cns_load8(b + len - 8);
    for (size_t at = 0; at + 8 < len; at += 8)
        differ |= cns_load8(a + at) ^ cns_load8(b + at);
    return differ == 0;
}

static inline uint64_t cns_hash_step(uint64_t h, uint64_t word) {
    h = (h ^ word) * 0x9FB21C651E98DF25u;
    return h ^ (h >> 32);
}

/* A 32-bit hash. Up to 24 bytes, which ids and keys mostly are, it takes three
 * overlapping words whose products do not wait for each other. Tables are built from
 * the configuration alone, so a visitor cannot lengthen their probes. */
static inline uint32_t cns_hash(const char *text, size_t len) {
    uint64_t h = (uint64_t)len * 0xC2B2AE3D27D4EB4Fu;
    if (len > 24) {
        size_t at = 0;
        for (; at + 8 < len; at += 8)
            h = cns_hash_step(h, cns_load8(text + at));
        h = cns_hash_step(h, cns_load8(text + len - 8));
    } else if (len >= 8) {
        h += cns_load8(text) * 0x9FB21C651E98DF25u +
             cns_load8(text + len - 8) * 0x9E3779B97F4A7C15u +
             cns_load8(text + (len - 8) / 2) * 0xA0761D6478BD642Fu;
        h ^= h >> 32;
    } else if (len >= 4) {
        uint32_t low, high;
        memcpy(&low, text, 4);
        memcpy(&high, text + len - 4, 4);
        h = cns_hash_step(h, low | (uint64_t)high << 32);
    } else if (len) {
        h = cns_hash_step(h, (uint64_t)(unsigned char)text[0] |
                                 (uint64_t)(unsigned char)text[len / 2] << 8 |
                                 (uint64_t)(unsigned char)text[len - 1] << 16);
    }
    h *= 0xD6E8FEB86659FD93u;
    return (uint32_t)(h >> 32);
}

/* Length of the longest prefix that is UTF-8 (no overlong form, no surrogate,
 * nothing above U+10FFFF); `len` when all of it is. */
size_t cns_utf8_prefix(const char *text, size_t len);

static inline bool cns_is_digit(char c) {
    return c >= '0' && c <= '9';
}
static inline bool cns_is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline char cns_upper(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}
static inline char cns_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}
/* 0 to 15, or -1. */
static inline int cns_hex_digit(char c) {
    if (cns_is_digit(c))
        return c - '0';
    c = cns_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* All digits, at least one, value at most `max`: the number; otherwise -1. */
int64_t cns_decimal(const char *text, size_t len, int64_t max);

#endif
