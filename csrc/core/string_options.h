/* string_options.h - what a configuration says about consent strings (internal; R9, R12). */
#ifndef CNS_STRING_OPTIONS_H
#define CNS_STRING_OPTIONS_H

#include "consent_tcf.h"
#include "ids.h"
#include "regulation.h"

typedef struct cns_strings {
    cns_span tc;      /* cookie of TC strings; empty where the law knows none */
    cns_span dcs;     /* cookie of the law's Didomi Consent String, empty without a usable name */
    size_t dcs_plain; /* so many bytes of it are the name without the law's */
    uint32_t law;     /* number of the law in a DCS, 0 = not known */
    uint32_t gdpr;    /* and that of gdpr, of which version 1 speaks */
    const cns_value *laws; /* numbers of all laws by id, may be NULL */
    bool any_cmp;          /* strings of every CMP count */
    const cns_value *cmps; /* an array of those that count, or NULL: Didomi's alone */
    uint32_t cmp;          /* the site's own CMP id, 0 = none: no string is written */
    cns_tc_demands demands;
} cns_strings;

/* False when memory ran out. */
bool cns_strings_read(cns_strings *out, cns_arena *arena, const cns_value *effective,
                      const cns_directory *directory, cns_span law);
bool cns_strings_take_cmp(const cns_strings *strings, uint32_t cmp);
/* Is it the number of another law? Otherwise it is this one's, or nobody can tell. */
bool cns_strings_other_law(const cns_strings *strings, uint32_t number);

#endif
