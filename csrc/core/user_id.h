/* user_id.h - the ids that the browser SDK gives its visitors (internal). */
#ifndef CNS_USER_ID_H
#define CNS_USER_ID_H

#include "when.h"

#define CNS_USER_ID_TEXT 36u

/* A new id of the form in docs/didomi.md, Tokens: CNS_USER_ID_TEXT characters and a NUL,
 * from the time and random bytes. */
void cns_user_id_write(char out[CNS_USER_ID_TEXT + 1], cns_when now,
                       const unsigned char random[CNS_ANSWER_RANDOM]);

#endif
