/* bits.h - bit sets as arrays of 64-bit words (internal). */
#ifndef CNS_BITS_H
#define CNS_BITS_H

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t cns_word;

static inline uint32_t cns_words(uint32_t bits) {
    return bits / 64 + (bits % 64 != 0);
}
static inline bool cns_has(const cns_word *set, uint32_t bit) {
    return (set[bit >> 6] >> (bit & 63)) & 1;
}
static inline void cns_add_bit(cns_word *set, uint32_t bit) {
    set[bit >> 6] |= (cns_word)1 << (bit & 63);
}
static inline void cns_drop_bit(cns_word *set, uint32_t bit) {
    set[bit >> 6] &= ~((cns_word)1 << (bit & 63));
}

#endif
