/* number.c - decimal numbers of a configuration text. */
#include "number.h"

#include <stdlib.h>

cns_code cns_feed_integer(cns_builder *b, const char *text, uint32_t size, uint32_t offset) {
    bool negative = text[0] == '-';
    uint32_t digits = size - negative;
    uint64_t value = 0, most = (uint64_t)INT64_MAX + negative;
    if (digits > 19)
        return cns_builder_text(b, CNS_BIGINT, text, size, offset);
    for (uint32_t i = negative; i < size; i++)
        value = value * 10 + (uint64_t)(text[i] - '0'); /* 19 nines fit 64 bits */
    if (value > most)
        return cns_builder_text(b, CNS_BIGINT, text, size, offset);
    if (negative && value)
        return cns_builder_int(b, -(int64_t)(value - 1) - 1, offset);
    return cns_builder_int(b, (int64_t)value, offset);
}

/* The number is rewritten without its decimal point, 1.25e3 as 125e1, because strtod
 * wants the point of the locale. */
double cns_decimal_real(const char *text, uint32_t size) {
    char plain[CNS_MAX_NUMBER + 16];
    const long far = 1000000; /* beyond every double, whatever the digits are */
    size_t n = 0;
    long exponent = 0, fraction = 0, sign = 1;
    uint32_t i = 0;
    bool after_point = false;
    for (; i < size && text[i] != 'e' && text[i] != 'E'; i++) {
        if (text[i] == '.') {
            after_point = true;
            continue;
        }
        plain[n++] = text[i];
        fraction += after_point;
    }
    for (; i < size; i++) {
        if (text[i] == '-')
            sign = -1;
        else if (text[i] >= '0' && text[i] <= '9' && exponent < far)
            exponent = exponent * 10 + (text[i] - '0');
    }
    exponent = sign * exponent - fraction;
    plain[n++] = 'e';
    if (exponent < 0)
        plain[n++] = '-';
    unsigned long rest = (unsigned long)(exponent < 0 ? -exponent : exponent), step = 10000000;
    for (; step; step /= 10)
        plain[n++] = (char)('0' + rest / step % 10);
    plain[n] = '\0';
    return strtod(plain, NULL);
}
