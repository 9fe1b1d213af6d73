/* consent_gpp.h - part of consent.h: the IAB's Global Privacy Platform string (docs/strings.md). */
#ifndef CNS_CONSENT_GPP_H
#define CNS_CONSENT_GPP_H

#include "consent_value.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A GPP string that was read: `header~section~section...`. A section that cannot be read does
 * not spoil the others. */
typedef struct cns_gpp cns_gpp;

/* One section; everything in it is borrowed from the cns_gpp. */
typedef struct cns_gpp_section {
    uint32_t id;           /* 1 to 65535 */
    const char *name;      /* NULL: no section of this id is known, and it is kept as it is */
    cns_text raw;          /* as it was sent; never empty */
    const char *error;     /* stable code, NULL when it was read */
    uint32_t error_offset; /* in the GPP string */
    /* US sections, US Privacy and Canada as docs/strings.md shows them; NULL: an unknown section,
     * one with an error, or a TC string (id 2), which cns_tc_new reads from `raw` */
    const cns_value *decoded;
    const char *const *warnings; /* stable codes */
    uint32_t warning_count;
} cns_gpp_section;

#define CNS_GPP_TCF 2u /* id of the section with a TC string */

/* Reads a string of at most 65 536 characters. CNS_E_DECODE, with a stable code text in err->path
 * and the place in err->offset, when the string as a whole cannot be read: `empty`, `too_long`,
 * `bad_char`, `truncated`, `bad_header_type`, `unsupported_gpp_version`, `fib_overflow`,
 * `trailing_data`, `section_count_mismatch`, `empty_section`. Time and memory grow with the
 * length alone. Freed with cns_gpp_free. */
cns_code cns_gpp_read(cns_gpp **out, const char *text, size_t len, cns_alloc alloc, cns_error *err);
void cns_gpp_free(cns_gpp *gpp);
uint32_t cns_gpp_count(const cns_gpp *gpp);
const cns_gpp_section *cns_gpp_section_at(const cns_gpp *gpp, uint32_t index);

/* Writes `{"section_ids": [...], "sections": [{"id", "decoded", "raw"}, ...]}`, ids ascending and
 * section_ids optional. A section is written from `decoded`, or where that is missing or null
 * taken over from `raw`; a TC string comes as `raw`. Paddings are those of the IAB's own
 * libraries. CNS_E_SHAPE with the field in err->path when something cannot be written. The caller
 * gives the text back with cns_text_free. */
cns_code cns_gpp_write(char **out, size_t *out_len, const cns_value *gpp, cns_alloc alloc,
                       cns_error *err);

#ifdef __cplusplus
}
#endif
#endif
