/* bit_in.c - sixteen letters a step where the processor can, else four. */
#include "bit_in.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <tmmintrin.h>
#define WIDE 1
#endif

/* clang-format off */
#define X 255
static const uint8_t sixes[256] = {
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, 62, X, X,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, X, X, X, X, X, X,
    X, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, X, X, X, X, 63,
    X, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
};
#undef X
/* clang-format on */

/* What a reader has behind it: characters taken, bytes written. */
typedef struct progress {
    const unsigned char *at;
    uint8_t *to;
} progress;

#ifdef WIDE
/* After Mula and Lemire (2018), for the alphabet of URLs: the high half of a letter names the
 * range it would be in, so two look-ups in a register check it and a third gives the distance
 * to its value; `_` shares its range with the capitals and is put right on its own. */
__attribute__((target("ssse3"))) static progress wide(progress p, const unsigned char *end) {
    const __m128i wrong_low = _mm_setr_epi8(0x25, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21,
                                            0x21, 0x23, 0x3B, 0x3B, 0x3A, 0x3B, 0x33);
    const __m128i wrong_high = _mm_setr_epi8(0x20, 0x20, 0x01, 0x02, 0x04, 0x08, 0x04, 0x10, 0x20,
                                             0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20);
    const __m128i distance = _mm_setr_epi8(0, 0, 17, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m128i order = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    const __m128i nibble = _mm_set1_epi8(15), line = _mm_set1_epi8('_');
    while (end - p.at >= 16) {
        __m128i in = _mm_loadu_si128((const __m128i *)(const void *)p.at);
        __m128i high = _mm_and_si128(_mm_srli_epi32(in, 4), nibble);
        __m128i wrong = _mm_and_si128(_mm_shuffle_epi8(wrong_low, _mm_and_si128(in, nibble)),
                                      _mm_shuffle_epi8(wrong_high, high));
        if (_mm_movemask_epi8(_mm_cmpgt_epi8(wrong, _mm_setzero_si128())))
            break;
        __m128i value = _mm_add_epi8(in, _mm_shuffle_epi8(distance, high));
        value = _mm_add_epi8(value, _mm_and_si128(_mm_cmpeq_epi8(in, line), _mm_set1_epi8(33)));
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

size_t cns_bits_decode(uint8_t *out, const char *text, size_t len) {
    const unsigned char *start = (const unsigned char *)text, *end = start + len;
    progress p = {start, out};
#ifdef WIDE
    if (len >= 16 && __builtin_cpu_supports("ssse3"))
        p = wide(p, end);
#endif
    const unsigned char *at = p.at;
    uint8_t *to = p.to;
    for (; end - at >= 4; at += 4, to += 3) {
        unsigned a = sixes[at[0]], b = sixes[at[1]], c = sixes[at[2]], d = sixes[at[3]];
        if ((a | b | c | d) > 63)
            break;
        to[0] = (uint8_t)(a << 2 | b >> 4);
        to[1] = (uint8_t)(b << 4 | c >> 2);
        to[2] = (uint8_t)(c << 6 | d);
    }
    uint32_t bits = 0;
    unsigned held = 0;
    for (; at < end && sixes[*at] < 64; at++)
        bits |= (uint32_t)sixes[*at] << (26 - 6 * held++);
    if (at < end)
        return (size_t)(at - start);
    memset(to, 0, CNS_BIT_SLACK);
    to[0] = (uint8_t)(bits >> 24);
    to[1] = (uint8_t)(bits >> 16);
    to[2] = (uint8_t)(bits >> 8);
    return len;
}

bool cns_bit_rest_zero(const cns_bit_in *in) {
    uint32_t at = in->at;
    for (; in->end - at >= 56; at += 56)
        if (cns_bits_at(in->bytes, at) >> 8)
            return false;
    return at == in->end || cns_bits_at(in->bytes, at) >> (64 - (in->end - at)) == 0;
}
