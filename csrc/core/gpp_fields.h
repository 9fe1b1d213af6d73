/* gpp_fields.h - the bit layouts of the sections of US states in a GPP string (internal;
 * docs/strings.md, GPP). */
#ifndef CNS_GPP_FIELDS_H
#define CNS_GPP_FIELDS_H

#include "consent.h"

#define CNS_US_VALUES 48u /* numbers in the longest core */

typedef struct cns_us_field {
    const char *name;
    uint8_t bits;  /* of one number */
    uint8_t count; /* numbers; written as a list when more than one */
} cns_us_field;

/* What may follow the core behind a dot. */
typedef enum cns_us_more {
    CNS_US_ALONE,
    CNS_US_GPC,      /* 2 bits type 1, 1 bit Global Privacy Control */
    CNS_US_SENSITIVE /* eight 2-bit numbers, no type */
} cns_us_more;

#define CNS_US_SENSITIVE_COUNT 8u

typedef struct cns_us_layout {
    uint8_t id, version;
    uint8_t more; /* cns_us_more */
    uint8_t field_count, bits;
    const char *name;
    const cns_us_field *fields; /* the first is the version, of 6 bits */
} cns_us_layout;

/* The layout of a section in a version, NULL when there is none; version 0: the newest. */
const cns_us_layout *cns_us_layout_of(uint32_t id, uint32_t version);

/* Name of a section of any kind, NULL when it has none. */
const char *cns_gpp_name(uint32_t id);

#endif
