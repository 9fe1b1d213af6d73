/* user_id.c - an id like a UUID, of the time in milliseconds and chance. */
#include "user_id.h"

void cns_user_id_write(char out[CNS_USER_ID_TEXT + 1], cns_when now,
                       const unsigned char random[CNS_ANSWER_RANDOM]) {
    static const char hex[] = "0123456789abcdef", form[] = "tttttttt-tttr-6rrr-vrrr-rrrrrrrrrrrr";
    uint64_t millis = now > 0 ? (uint64_t)now / 1000 : 0; /* eleven digits last until 2527 */
    unsigned digit = 11, chance = 0;
    for (size_t i = 0; i < CNS_USER_ID_TEXT; i++) {
        unsigned fresh = random[chance / 2] >> (chance % 2 * 4) & 15;
        switch (form[i]) {
        case 't':
            out[i] = hex[millis >> 4 * --digit & 15];
            break;
        case 'r':
            out[i] = hex[fresh];
            chance++;
            break;
        case 'v': /* one of 8, 9, a and b */
            out[i] = hex[8 | (fresh & 3)];
            chance++;
            break;
        default:
            out[i] = form[i];
        }
    }
    out[CNS_USER_ID_TEXT] = '\0';
}
