/* base64.c - sixteen letters a step where the processor can, else four look-ups a group;
 * whatever is odd goes the slow way. */
#include "base64.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <tmmintrin.h>
#endif

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int hex(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A letter's six bits where a little-endian store of three bytes wants them, by the
 * letter's place in its group of four; ODD for what is no letter. */
#define ODD 0x80000000u
#define AT0(v) (((uint32_t)(v) << 2) & 0xFF)
#define AT1(v) (((uint32_t)(v) >> 4) | ((uint32_t)(v) & 15) << 12)
#define AT2(v) (((uint32_t)(v) >> 2) << 8 | ((uint32_t)(v) & 3) << 22)
#define AT3(v) ((uint32_t)(v) << 16)
/* clang-format off */
#define X ODD
#define LETTERS \
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, \
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, \
    X, X, X, X, X, X, X, X, X, X, X, T(62), X, X, X, T(63), \
    T(52), T(53), T(54), T(55), T(56), T(57), T(58), T(59), T(60), T(61), X, X, X, X, X, X, \
    X, T(0), T(1), T(2), T(3), T(4), T(5), T(6), T(7), T(8), T(9), T(10), T(11), T(12), T(13), T(14), \
    T(15), T(16), T(17), T(18), T(19), T(20), T(21), T(22), T(23), T(24), T(25), X, X, X, X, X, \
    X, T(26), T(27), T(28), T(29), T(30), T(31), T(32), T(33), T(34), T(35), T(36), T(37), T(38), T(39), T(40), \
    T(41), T(42), T(43), T(44), T(45), T(46), T(47), T(48), T(49), T(50), T(51), X, X, X, X, X, \
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, \
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, \
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, \
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, \
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, \
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, \
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, \
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
/* clang-format on */

static const uint32_t shifted[4][256] = {
#define T AT0
    {LETTERS},
#undef T
#define T AT1
    {LETTERS},
#undef T
#define T AT2
    {LETTERS},
#undef T
#define T AT3
    {LETTERS},
#undef T
};
#undef X

static inline uint32_t group_of(const unsigned char *at) {
    return shifted[0][at[0]] | shifted[1][at[1]] | shifted[2][at[2]] | shifted[3][at[3]];
}

static inline void put_group(unsigned char *to, uint32_t group) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(to, &group, 4); /* the fourth byte is overwritten by the next group */
#else
    to[0] = (unsigned char)group;
    to[1] = (unsigned char)(group >> 8);
    to[2] = (unsigned char)(group >> 16);
#endif
}

/* What a reader has behind it: characters taken, bytes written. */
typedef struct progress {
    const unsigned char *at;
    unsigned char *to;
} progress;

#if defined(__x86_64__) && defined(__GNUC__)
#define WIDE 1

/* Sixteen letters a step, after Mula and Lemire (2018): the high nibble of a letter says
 * which range it is in, so two look-ups in a register check it and a third gives the
 * distance to its value; multiplications close the gaps between the sixes of bits. */
__attribute__((target("ssse3"))) static progress wide(progress p, const unsigned char *end) {
    const __m128i wrong_low = _mm_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                            0x11, 0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A);
    const __m128i wrong_high = _mm_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10,
                                             0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
    const __m128i distance =
        _mm_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m128i order = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    const __m128i slash = _mm_set1_epi8('/');
    while (end - p.at >= 16) {
        __m128i in = _mm_loadu_si128((const __m128i *)(const void *)p.at);
        __m128i high = _mm_and_si128(_mm_srli_epi32(in, 4), slash);
        __m128i wrong = _mm_and_si128(_mm_shuffle_epi8(wrong_low, _mm_and_si128(in, slash)),
                                      _mm_shuffle_epi8(wrong_high, high));
        if (_mm_movemask_epi8(_mm_cmpgt_epi8(wrong, _mm_setzero_si128())))
            break;
        /* `/` shares its range with `+`, but not the distance */
        __m128i range = _mm_add_epi8(_mm_cmpeq_epi8(in, slash), high);
        __m128i value = _mm_add_epi8(in, _mm_shuffle_epi8(distance, range));
        __m128i pairs = _mm_maddubs_epi16(value, _mm_set1_epi32(0x01400140));
        __m128i groups = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00011000));
        /* four bytes beyond the twelve: the next step, or the slack, takes them */
        _mm_storeu_si128((__m128i *)(void *)p.to, _mm_shuffle_epi8(groups, order));
        p.at += 16;
        p.to += 12;
    }
    return p;
}
#endif

long cns_base64_read(unsigned char *out, const char *text, size_t len) {
    progress p = {(const unsigned char *)text, out};
    const unsigned char *end = p.at + len;
#ifdef WIDE
    if (__builtin_cpu_supports("ssse3"))
        p = wide(p, end);
#endif
    const unsigned char *at = p.at;
    unsigned char *to = p.to;
    while (end - at >= 8) {
        uint32_t first = group_of(at), second = group_of(at + 4);
        if ((first | second) & ODD)
            break;
        put_group(to, first);
        put_group(to + 3, second);
        to += 6;
        at += 8;
    }
    /* one character at a time from here: white space, escapes, padding, the end */
    uint32_t bits = 0;
    unsigned held = 0, padding = 0;
    while (at < end) {
        unsigned char c = *at++;
        if (c == '%') {
            int high = end - at >= 2 ? hex((char)at[0]) : -1,
                low = high < 0 ? -1 : hex((char)at[1]);
            if (low < 0)
                return -1;
            c = (unsigned char)(high << 4 | low);
            at += 2;
        }
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f')
            continue;
        if (c == '=') {
            if (++padding > 2)
                return -1;
            continue;
        }
        uint32_t last = shifted[3][c];
        if (padding || last & ODD)
            return -1;
        bits = bits << 6 | last >> 16;
        if (++held == 4) {
            to[0] = (unsigned char)(bits >> 16);
            to[1] = (unsigned char)(bits >> 8);
            to[2] = (unsigned char)bits;
            to += 3;
            held = 0;
            bits = 0;
        }
    }
    if (held == 1 || (padding && (held + padding) != 4))
        return -1;
    if (held >= 2) {
        bits <<= 6 * (4 - held);
        *to++ = (unsigned char)(bits >> 16);
        if (held == 3)
            *to++ = (unsigned char)(bits >> 8);
    }
    return (long)(to - out);
}

size_t cns_base64_write(char *out, const unsigned char *bytes, size_t len) {
    char *to = out;
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? (uint32_t)bytes[i + 2] : 0);
        *to++ = alphabet[group >> 18];
        *to++ = alphabet[group >> 12 & 63];
        *to++ = left > 1 ? alphabet[group >> 6 & 63] : '=';
        *to++ = left > 2 ? alphabet[group & 63] : '=';
    }
    return (size_t)(to - out);
}
