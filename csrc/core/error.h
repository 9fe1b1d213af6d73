/* error.h - filling the caller's error struct (internal). */
#ifndef CNS_ERROR_H
#define CNS_ERROR_H

#include "consent.h"

/* Fills *err (which may be NULL) and returns code, so that a caller can write
 * `return cns_fail(err, ...)`. The message is copied, cut at a whole character. */
cns_code cns_fail(cns_error *err, cns_code code, uint32_t offset, const char *message);
cns_code cns_failf(cns_error *err, cns_code code, uint32_t offset, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 4, 5)))
#endif
    ;
/* Copies text into a bounded buffer, cut at a whole UTF-8 character. */
void cns_copy_text(char *out, size_t cap, const char *text, size_t len);
/* Turns err->offset into line and column of the text (columns in characters). */
void cns_locate(cns_error *err, const char *text, size_t len);

#endif
