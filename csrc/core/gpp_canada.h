/* gpp_canada.h - section 5 of a GPP string, the Canadian consent of the TCF (internal;
 * docs/strings.md, GPP). */
#ifndef CNS_GPP_CANADA_H
#define CNS_GPP_CANADA_H

#include "fibonacci.h"
#include "gpp.h"
#include "id_set.h"

/* How its sets of vendors are written, in the order in which readers try. */
typedef enum cns_canada_coding {
    CNS_CANADA_INTEGERS,  /* as in a TC string; the only one that is written here */
    CNS_CANADA_FIBONACCI, /* the same with distances as Fibonacci codes */
    CNS_CANADA_TEXT       /* as the text of the specification has it */
} cns_canada_coding;

typedef struct cns_canada_restriction {
    uint8_t purpose, type;
    cns_id_set ids;
} cns_canada_restriction;

/* The first bit of a field of purposes or special features is id 1; of the custom purposes the
 * lowest bit is. */
typedef struct cns_canada {
    uint64_t created, last_updated; /* tenths of a second */
    uint32_t cmp_id, cmp_version, consent_screen;
    uint32_t vendor_list_version, policy_version;
    uint32_t special_features;                   /* 12 bits */
    uint32_t purposes_express, purposes_implied; /* 24 bits */
    char language[2];
    bool non_standard_stacks, disclosed_there, publisher_there;
    cns_id_set express, implied, disclosed;
    bool restricted; /* it has the field with restrictions, which came later than the section */
    uint32_t restriction_count;
    cns_canada_restriction *restrictions; /* by purpose and type, each once */
    uint32_t publisher_express, publisher_implied, custom_count;
    uint64_t custom_express, custom_implied;
} cns_canada;

#endif
