/* fibonacci.h - whole numbers as sums of Fibonacci numbers (internal; docs/strings.md, GPP).
 *
 * A number from 1 on is a sum of Fibonacci numbers 1, 2, 3, 5, ... of which no two are
 * neighbours. A bit for each, the smallest first, then one more set bit: two set bits in a row
 * occur nowhere else and end the number.
 */
#ifndef CNS_FIBONACCI_H
#define CNS_FIBONACCI_H

#include "bit_out.h"

#define CNS_FIBONACCI_MOST 65535u

/* Sums of the weights that the set bits of a byte stand for: bits 0 to 7 of a code, 8 to 15, and
 * 16 to 23, the first of them the highest of the byte. */
extern const uint32_t cns_fibonacci_sums[3][256];
#define CNS_FIBONACCI_BITS 24u /* of the longest code of a number up to CNS_FIBONACCI_MOST */

/* The number that left-aligned bits begin with, at least 24 of them; *size gets the bits of its
 * code. 0 where there is no end of a code that soon. The number may be above CNS_FIBONACCI_MOST. */
static inline uint32_t cns_fibonacci_code(uint64_t w, uint32_t *size) {
    uint64_t ends = w & w << 1;
    if (!(ends >> (64 - (CNS_FIBONACCI_BITS - 1))))
        return 0;
    uint32_t last = cns_leading_zeros(ends); /* the first of two set bits in a row */
    *size = last + 2;
    w = w >> (63 - last) << (63 - last);
    return cns_fibonacci_sums[0][w >> 56] + cns_fibonacci_sums[1][w >> 48 & 0xFF] +
           cns_fibonacci_sums[2][w >> 40 & 0xFF];
}

/* The next number, 1 to `most` (at most CNS_FIBONACCI_MOST); 0 when there is none: in->failed
 * says that the bits end before the number does, otherwise it is above `most`. Looks at no more
 * than 25 bits, and does not wait for the end of a number that is too large. */
uint32_t cns_fibonacci_read(cns_bit_in *in, uint32_t most);

/* Appends a number, 1 to CNS_FIBONACCI_MOST. */
void cns_fibonacci_write(cns_bit_out *out, uint32_t number);

#endif
