/* fibonacci.c - whole numbers as sums of Fibonacci numbers. */
#include "fibonacci.h"

uint32_t cns_fibonacci_read(cns_bit_in *in, uint32_t most) {
    uint32_t sum = 0, weight = 1, next = 2;
    bool before = false;
    for (;;) {
        bool one = cns_bit_take(in, 1) != 0;
        if (in->failed)
            return 0;
        if (one && before)
            return sum;
        /* this weight, or a heavier one, is still to come */
        if (weight > most || (one && weight > most - sum))
            return 0;
        if (one)
            sum += weight;
        before = one;
        uint32_t after = weight + next;
        weight = next;
        next = after;
    }
}

void cns_fibonacci_write(cns_bit_out *out, uint32_t number) {
    uint32_t weights[24], count = 0, bits = 0;
    for (uint32_t weight = 1, next = 2; weight <= number; count++) {
        uint32_t after = weight + next;
        weights[count] = weight;
        weight = next;
        next = after;
    }
    for (uint32_t i = count; i-- > 0;)
        if (weights[i] <= number) {
            number -= weights[i];
            bits |= 2u << (count - 1 - i);
        }
    cns_bit_put(out, bits | 1u, count + 1);
}
