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

/* The next number, 1 to `most` (at most CNS_FIBONACCI_MOST); 0 when there is none: in->failed
 * says that the bits end before the number does, otherwise it is above `most`. Looks at no more
 * than 25 bits, and does not wait for the end of a number that is too large. */
uint32_t cns_fibonacci_read(cns_bit_in *in, uint32_t most);

/* Appends a number, 1 to CNS_FIBONACCI_MOST. */
void cns_fibonacci_write(cns_bit_out *out, uint32_t number);

#endif
