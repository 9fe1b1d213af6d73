/* bit_in.h - base64url text as a string of bits (internal; the consent strings of the IAB).
 *
 *   text --cns_bits_decode, once--> bytes with slack behind --cns_bit_in--> fields
 *
 * The first bit of the first character is the most significant bit of the first field. The
 * slack is zero and lets every field be taken by one load of eight bytes.
 */
#ifndef CNS_BIT_IN_H
#define CNS_BIT_IN_H

#include <string.h>

#include "consent.h"

/* Bytes that decoding `len` characters needs. */
#define CNS_BIT_ROOM(len) (((size_t)(len) + 3) / 4 * 3 + CNS_BIT_SLACK)

/* Decodes base64url (`A-Z a-z 0-9 - _`, no padding character) into `out`, CNS_BIT_ROOM(len)
 * bytes. Returns how many characters were letters of the alphabet: `len`, or the place of the
 * first that is not (then `out` is not to be used). Any `len` will do; a last group of fewer
 * than four characters gives its bits too, zeros follow. */
size_t cns_bits_decode(uint8_t *out, const char *text, size_t len);

/* A reader of `end` bits. Past the end it gives zeros, and `failed` stays true: a caller may
 * look once, after the last field. `at` is then the place of the field that was cut. */
typedef struct cns_bit_in {
    const uint8_t *bytes; /* CNS_BIT_SLACK readable bytes after the last */
    uint32_t at, end;
    bool failed;
} cns_bit_in;

static inline cns_bit_in cns_bit_in_of(const uint8_t *bytes, size_t bits) {
    return (cns_bit_in){bytes, 0, (uint32_t)bits, false};
}

/* Eight bytes, the first the most significant. */
static inline uint64_t cns_load8_be(const uint8_t *bytes) {
    uint64_t w;
    memcpy(&w, bytes, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && defined(__GNUC__)
    return __builtin_bswap64(w);
#elif defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return w;
#else
    w = 0;
    for (int i = 0; i < 8; i++)
        w = w << 8 | bytes[i];
    return w;
#endif
}

/* The bits from place `at` on, left-aligned: at least 57 of them. `at` may be `end`. */
static inline uint64_t cns_bits_at(const uint8_t *bytes, uint32_t at) {
    return cns_load8_be(bytes + (at >> 3)) << (at & 7);
}

/* Zeros above the highest set bit, and below the lowest; w is not 0. */
static inline uint32_t cns_leading_zeros(uint64_t w) {
#ifdef __GNUC__
    return (uint32_t)__builtin_clzll(w);
#else
    uint32_t n = 0;
    for (; !(w >> 63); w <<= 1)
        n++;
    return n;
#endif
}
static inline uint32_t cns_trailing_zeros(uint64_t w) {
#ifdef __GNUC__
    return (uint32_t)__builtin_ctzll(w);
#else
    uint32_t n = 0;
    for (; !(w & 1); w >>= 1)
        n++;
    return n;
#endif
}

/* The next `count` bits, 1 to 57; 0 when fewer are left. */
static inline uint64_t cns_bit_take(cns_bit_in *in, uint32_t count) {
    if (in->failed || count > in->end - in->at) {
        in->failed = true;
        return 0;
    }
    uint64_t value = cns_bits_at(in->bytes, in->at) >> (64 - count);
    in->at += count;
    return value;
}

/* Steps over any number of bits; returns the place of the first. */
static inline uint32_t cns_bit_skip(cns_bit_in *in, uint32_t count) {
    uint32_t at = in->at;
    if (in->failed || count > in->end - at)
        in->failed = true;
    else
        in->at += count;
    return at;
}

static inline uint32_t cns_bit_left(const cns_bit_in *in) {
    return in->end - in->at;
}

/* Are all bits that are left zero? */
bool cns_bit_rest_zero(const cns_bit_in *in);

#endif
