/* consent_ac.h - part of consent.h: Google's Additional Consent string (docs/strings.md). */
#ifndef CNS_CONSENT_AC_H
#define CNS_CONSENT_AC_H

#include "consent_tcf.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CNS_AC_MAX_ID 2147483647u /* the largest id of an ad technology provider */

/* One string, read: its lists are ascending, without repeats. Immutable. */
typedef struct cns_ac cns_ac;

typedef enum cns_ac_list {
    CNS_AC_CONSENTED,
    CNS_AC_DISCLOSED_ONLY, /* shown to the visitor and not consented to */
    CNS_AC_DISCLOSED_ALL   /* both together; version 1 says nothing of either */
} cns_ac_list;

/* Reads a string of version 1 or 2. CNS_OK, CNS_E_NOMEM, or CNS_E_DECODE with a stable code
 * in err->path: `too_long`, `no_separator`, `version`, and when `strict` is set `parts`,
 * `disclosed_prefix` and `bad_id` too. Otherwise bad items are stepped over, a third part
 * that cannot be read holds nothing, blanks round the text do not count, and each of these is
 * a warning. err->offset counts bytes. Time and memory are linear in the text. */
cns_code cns_ac_read(cns_ac **out, const char *text, size_t len, bool strict, cns_alloc alloc,
                     cns_error *err);
void cns_ac_free(cns_ac *ac);

unsigned cns_ac_version(const cns_ac *ac); /* 1 or 2 */
/* The ids of a list, borrowed; NULL where the string has no such list. */
const uint32_t *cns_ac_ids(const cns_ac *ac, cns_ac_list list, size_t *count);
/* Code of the warning with this number, from 0, or NULL behind the last: `blanks`, `parts`,
 * `disclosed_prefix`, `bad_id`, `unsorted`, `repeated_id`, `overlap`. */
const char *cns_ac_warning(const cns_ac *ac, size_t index);

/* Writes the one form that a string has: ascending, no repeats, a disclosed id left out where
 * it is consented to. Ids come in any order; version 1 takes no disclosed ones. CNS_E_SHAPE
 * for another version, an id out of range or a disclosed id in version 1, CNS_E_LIMIT for a
 * text over CNS_MAX_STRING; err->path names the field (`version`, `consented`,
 * `disclosed_only`). The caller frees the text with cns_text_free. */
typedef struct cns_ac_lists {
    unsigned version;
    const uint32_t *consented, *disclosed; /* NULL with a count of 0 */
    size_t consented_count, disclosed_count;
} cns_ac_lists;
cns_code cns_ac_write(char **text, size_t *len, const cns_ac_lists *lists, cns_alloc alloc,
                      cns_error *err);

#ifdef __cplusplus
}
#endif
#endif
