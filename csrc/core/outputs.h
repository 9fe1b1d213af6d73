/* outputs.h - spellings of outputs.c that a test looks at alone (internal). */
#ifndef CNS_OUTPUTS_H
#define CNS_OUTPUTS_H

#include "ids.h"

/* Bytes that cns_prefixed_id writes beside the vendor's own id. */
#define CNS_LONGEST_PREFIX 16u

/* A vendor of this namespace as the variables of old spell it: `iab:28`, `didomi:google`, `c:stats`
 * (docs/didomi.md, Ids). No NUL; returns the length. `to` has room for the vendor's
 * `sdk` and CNS_LONGEST_PREFIX bytes. */
size_t cns_prefixed_id(char *to, cns_namespace space, const cns_vendor_id *vendor);

#endif
