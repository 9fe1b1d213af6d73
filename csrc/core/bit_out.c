/* bit_out.c - growing, and the text at the end. */
#include "bit_out.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void cns_bit_out_release(cns_bit_out *out) {
    if (out->bytes)
        (void)out->alloc.resize(out->alloc.ctx, out->bytes, out->room, 0);
    out->bytes = NULL;
    out->room = 0;
}

bool cns_bit_out_reserve(cns_bit_out *out, uint32_t bits) {
    if (out->failed)
        return false;
    if (bits > CNS_BIT_OUT_MOST - out->at) {
        out->failed = true;
        return false;
    }
    size_t need = (size_t)((out->at + bits) >> 3) + 1 + CNS_BIT_SLACK;
    if (need <= out->room)
        return true;
    size_t room = need < 2 * out->room ? 2 * out->room : need;
    uint8_t *bytes = out->alloc.resize(out->alloc.ctx, out->bytes, out->room, room);
    if (!bytes) {
        out->failed = true;
        return false;
    }
    out->bytes = bytes;
    out->room = room;
    return true;
}

void cns_bit_fill(cns_bit_out *out, bool one, uint32_t count) {
    const uint64_t word = one ? ~(uint64_t)0 >> 8 : 0;
    if (!cns_bit_out_reserve(out, count))
        return;
    for (; count >= 56; count -= 56)
        cns_bit_put(out, word, 56);
    if (count)
        cns_bit_put(out, word >> (56 - count), count);
}

void cns_bit_copy(cns_bit_out *out, const uint8_t *bytes, uint32_t at, uint32_t count) {
    if (!cns_bit_out_reserve(out, count))
        return;
    for (; count >= 56; count -= 56, at += 56)
        cns_bit_put(out, cns_bits_at(bytes, at) >> 8, 56);
    if (count)
        cns_bit_put(out, cns_bits_at(bytes, at) >> (64 - count), count);
}

void cns_bit_pad(cns_bit_out *out, uint32_t unit) {
    uint32_t over = out->at % unit;
    if (over)
        cns_bit_fill(out, false, unit - over);
}

void cns_bit_text(char *to, const cns_bit_out *out) {
    if (out->failed)
        return;
    const uint8_t *from = out->bytes;
    uint32_t left = out->at;
    for (; left >= 48; left -= 48, from += 6) {
        uint64_t w = cns_load8_be(from);
        for (int k = 0; k < 8; k++)
            *to++ = letters[w >> (58 - 6 * k) & 63];
    }
    if (left) {
        /* what is behind the last bit was never written */
        uint64_t w = cns_load8_be(from) & ~(uint64_t)0 << (64 - left);
        for (uint32_t k = 0; k < left; k += 6)
            *to++ = letters[w >> (58 - k) & 63];
    }
}
