/* base64.h - the standard alphabet, as the browser SDK reads it (internal). */
#ifndef CNS_BASE64_H
#define CNS_BASE64_H

#include "consent.h"

/* Bytes that decoding `len` characters may need, the overrun of a fast step
 * included. */
#define CNS_BASE64_ROOM(len) ((len) / 4 * 3 + 8)

/* Decodes standard base64 into `out` (CNS_BASE64_ROOM(len) bytes). White space is
 * skipped, padding may be missing, `%XX` escapes are undone first (reference
 * section 8); `-`, `_` and anything else is refused. Returns the number of bytes,
 * or -1. */
long cns_base64_read(unsigned char *out, const char *text, size_t len);

/* Writes standard base64 with padding: 4 * ((len + 2) / 3) characters. */
size_t cns_base64_write(char *out, const unsigned char *bytes, size_t len);

#endif
