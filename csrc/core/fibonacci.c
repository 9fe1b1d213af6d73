/* fibonacci.c - whole numbers as sums of Fibonacci numbers. */
#include "fibonacci.h"

static const uint16_t weights[] = {1,    2,    3,    5,     8,     13,    21,   34,
                                   55,   89,   144,  233,   377,   610,   987,  1597,
                                   2584, 4181, 6765, 10946, 17711, 28657, 46368};

/* Bit for bit: what is wrong is found where it is. */
static uint32_t read_slowly(cns_bit_in *in, uint32_t most) {
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

#define SUMS_1(sum, a) (sum), (sum) + (a)
#define SUMS_2(sum, a, b) SUMS_1(sum, b), SUMS_1((sum) + (a), b)
#define SUMS_3(sum, a, b, c) SUMS_2(sum, b, c), SUMS_2((sum) + (a), b, c)
#define SUMS_4(sum, a, b, c, d) SUMS_3(sum, b, c, d), SUMS_3((sum) + (a), b, c, d)
#define SUMS_5(sum, a, b, c, d, e) SUMS_4(sum, b, c, d, e), SUMS_4((sum) + (a), b, c, d, e)
#define SUMS_6(sum, a, b, c, d, e, f) SUMS_5(sum, b, c, d, e, f), SUMS_5((sum) + (a), b, c, d, e, f)
#define SUMS_7(sum, a, b, c, d, e, f, g)                                                           \
    SUMS_6(sum, b, c, d, e, f, g), SUMS_6((sum) + (a), b, c, d, e, f, g)
#define SUMS_8(a, b, c, d, e, f, g, h)                                                             \
    SUMS_7(0, b, c, d, e, f, g, h), SUMS_7(a, b, c, d, e, f, g, h)

const uint32_t cns_fibonacci_sums[3][256] = {
    {SUMS_8(1, 2, 3, 5, 8, 13, 21, 34)},
    {SUMS_8(55, 89, 144, 233, 377, 610, 987, 1597)},
    {SUMS_8(2584, 4181, 6765, 10946, 17711, 28657, 46368, 75025)},
};

uint32_t cns_fibonacci_read(cns_bit_in *in, uint32_t most) {
    uint32_t size = 0;
    uint32_t number = cns_fibonacci_code(cns_bits_at(in->bytes, in->at), &size);
    if (!number || number > most || in->failed || size > cns_bit_left(in))
        return read_slowly(in, most);
    in->at += size;
    return number;
}

void cns_fibonacci_write(cns_bit_out *out, uint32_t number) {
    uint32_t last = sizeof weights / sizeof *weights - 1, bits = 0;
    while (weights[last] > number)
        last--;
    for (uint32_t i = last + 1; i-- > 0;)
        if (weights[i] <= number) {
            number -= weights[i];
            bits |= 2u << (last - i);
        }
    cns_bit_put(out, bits | 1u, last + 2);
}
