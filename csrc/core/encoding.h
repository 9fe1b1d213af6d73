/* encoding.h - what a text must be before anything reads its characters (internal). */
#ifndef CNS_ENCODING_H
#define CNS_ENCODING_H

#include "consent.h"

#define CNS_BOM "\xEF\xBB\xBF"

/* CNS_OK when text[0..len) is UTF-8 without NUL, of CNS_MAX_TEXT bytes at most; else
 * CNS_E_ENCODING or CNS_E_LIMIT with the offset. Looks at eight bytes a step. */
cns_code cns_check_encoding(const char *text, size_t len, cns_error *err);

#endif
