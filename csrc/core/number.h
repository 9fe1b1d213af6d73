/* number.h - decimal numbers of a configuration text (internal). */
#ifndef CNS_NUMBER_H
#define CNS_NUMBER_H

#include "consent.h"

#define CNS_MAX_NUMBER 4300u /* characters of one number, sign included */

/* Feeds the builder an integer of digits, perhaps behind a minus sign: CNS_INT where it
 * fits, else CNS_BIGINT with this very text. */
cns_code cns_feed_integer(cns_builder *b, const char *text, uint32_t size, uint32_t offset);

/* The double next to a decimal number of up to CNS_MAX_NUMBER characters, with or without
 * point and exponent. The locale does not matter. */
double cns_decimal_real(const char *text, uint32_t size);

#endif
