/* bit_out.h - a string of bits that is being written, and its base64url text (internal). */
#ifndef CNS_BIT_OUT_H
#define CNS_BIT_OUT_H

#include "bit_in.h"

/* Most significant bit first. The first allocation that fails, or a length beyond
 * CNS_BIT_OUT_MOST bits, is remembered in `failed`, which the last of a writer's steps looks
 * at: then what was written is not to be used. */
#define CNS_BIT_OUT_MOST 0x8000000u

typedef struct cns_bit_out {
    cns_alloc alloc;
    uint8_t *bytes; /* NULL until something was written */
    size_t room;
    uint32_t at; /* bits written */
    bool failed;
} cns_bit_out;

static inline cns_bit_out cns_bit_out_new(cns_alloc alloc) {
    return (cns_bit_out){alloc, NULL, 0, 0, false};
}
void cns_bit_out_release(cns_bit_out *out);
/* Sees that `bits` more can be written without growing. */
bool cns_bit_out_reserve(cns_bit_out *out, uint32_t bits);

static inline void cns_store8_be(uint8_t *bytes, uint64_t w) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && defined(__GNUC__)
    w = __builtin_bswap64(w);
    memcpy(bytes, &w, 8);
#else
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(w >> (56 - 8 * i));
#endif
}

/* Appends the low `count` bits of value, 1 to 57; the others must be zero. */
static inline void cns_bit_put(cns_bit_out *out, uint64_t value, uint32_t count) {
    if (out->room < (size_t)(out->at >> 3) + 16 && !cns_bit_out_reserve(out, count))
        return;
    uint8_t *to = out->bytes + (out->at >> 3);
    uint32_t used = out->at & 7;
    /* what follows in the eight bytes becomes zero, so memory needs no clearing */
    cns_store8_be(to, (used ? (uint64_t)*to << 56 : 0) | value << (64 - used - count));
    out->at += count;
}

/* Appends `count` equal bits, any number. */
void cns_bit_fill(cns_bit_out *out, bool one, uint32_t count);
/* Appends `count` bits from place `at` of bytes with CNS_BIT_SLACK bytes behind them. */
void cns_bit_copy(cns_bit_out *out, const uint8_t *bytes, uint32_t at, uint32_t count);
/* Appends zeros up to a multiple of `unit` bits: 24 for a segment of a TC string; 8 and then 6
 * for a section of a GPP string, counted from the first bit of `out`. */
void cns_bit_pad(cns_bit_out *out, uint32_t unit);

/* Characters of the text: the bits divided by six, rounded up. */
static inline size_t cns_bit_text_len(const cns_bit_out *out) {
    return ((size_t)out->at + 5) / 6;
}
/* Writes that many characters of base64url, no NUL. Nothing when `failed`. */
void cns_bit_text(char *to, const cns_bit_out *out);

#endif
