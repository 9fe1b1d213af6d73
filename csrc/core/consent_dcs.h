/* consent_dcs.h - part of consent.h: the Didomi Consent String (docs/strings.md). */
#ifndef CNS_CONSENT_DCS_H
#define CNS_CONSENT_DCS_H

#include "consent_tcf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a section is written. */
typedef enum cns_dcs_encoding {
    CNS_DCS_BIT_FIELD,
    CNS_DCS_RANGES_U16,
    CNS_DCS_RANGES_FIBONACCI,
    CNS_DCS_ENCODINGS
} cns_dcs_encoding;
const char *cns_dcs_encoding_name(cns_dcs_encoding encoding); /* `bit_field_2_bits`, ... */

enum {
    CNS_DCS_PURPOSES_OPTIN,
    CNS_DCS_PURPOSES_OPTOUT,
    CNS_DCS_VENDORS_OPTIN,
    CNS_DCS_VENDORS_OPTOUT,
    CNS_DCS_SECTIONS
};
const char *cns_dcs_section_name(unsigned section); /* `purposes_optin`, ... */

/* No id is in both sets; one in neither is undecided. */
typedef struct cns_dcs_section {
    cns_dcs_encoding encoding;
    cns_id_set enabled, disabled;
} cns_dcs_section;

/* Part of the text that was read, in bytes; nothing where len is 0. */
typedef struct cns_dcs_span {
    uint32_t at, len;
} cns_dcs_span;

/* A string, read. Dates are tenths of a second since 1970, all UTC. Version 1 has no
 * regulation_id (then it is 0). What follows the sections is not looked into. */
typedef struct cns_dcs_content {
    unsigned version; /* 1 or 2 */
    unsigned char user_id[16];
    int64_t created, updated, sync;
    bool has_sync;
    uint16_t regulation_id;
    cns_dcs_section sections[CNS_DCS_SECTIONS];
    cns_dcs_span binary, did, ouid, signature;
} cns_dcs_content;

typedef struct cns_dcs cns_dcs; /* immutable */

/* Reads the value of a `didomi_dcs` cookie. CNS_OK, CNS_E_NOMEM, or CNS_E_DECODE with a stable
 * code in err->path (docs/strings.md lists them) and the character in err->offset. Otherwise
 * than a strict reader, it takes blanks round the text, `+`, `/` and `=`, and an id under two
 * statuses (the more restrictive one counts), with a warning. Time and memory are linear in the
 * text, whatever it claims. */
cns_code cns_dcs_read(cns_dcs **out, const char *text, size_t len, bool strict, cns_alloc alloc,
                      cns_error *err);
void cns_dcs_free(cns_dcs *dcs);
const cns_dcs_content *cns_dcs_content_of(const cns_dcs *dcs);
/* Code of the warning with this number, from 0, or NULL behind the last: `blanks`, `bad_char`,
 * `contradiction`, `degenerate_range`, `range_unsorted`. */
const char *cns_dcs_warning(const cns_dcs *dcs, size_t index);

#define CNS_DCS_USER_ID_TEXT 36u
#define CNS_DCS_DATE_TEXT 24u
/* A UUID, and a date as tokens spell it; a NUL behind. */
void cns_dcs_user_id_text(char out[CNS_DCS_USER_ID_TEXT + 1], const unsigned char id[16]);
void cns_dcs_date_text(char out[CNS_DCS_DATE_TEXT + 1], int64_t tenths);

/* Writes the sections of an object as cp.dcs gives it: `version`, `user_id`, `created`,
 * `updated`, `regulation_id`, `sync` and the four sections, each with `encoding`, `enabled` and
 * `disabled`. A section keeps its encoding; without one, or with Fibonacci ranges, which are
 * never written, it takes the shortest. Dates are cut to tenths of a second. CNS_E_SHAPE or
 * CNS_E_LIMIT with the field in err->path. The caller frees the text with cns_text_free. */
cns_code cns_dcs_write(char **text, size_t *len, const cns_value *object, cns_alloc alloc,
                       cns_error *err);

#ifdef __cplusplus
}
#endif
#endif
