/* gvl.h - the layout of a Global Vendor List (internal).
 *
 * The document is kept as it was given; what decides about consent is checked and
 * taken out of it once. Vendors stand by number, and masks are over cns_standards:
 * purposes that this list has and the vocabulary does not are in no mask.
 */
#ifndef CNS_GVL_H
#define CNS_GVL_H

#include "value.h"
#include "vocabulary.h"

#define CNS_GOOGLE_IAB 755u

typedef struct cns_gvl_entry {
    uint32_t consent, li, flexible, features; /* masks of purposes */
    bool special, deleted;                    /* has special purposes; a deletedDate */
    const cns_value *node;
} cns_gvl_entry;

struct cns_gvl {
    cns_alloc alloc;
    cns_arena arena;
    cns_doc *doc;
    cns_gvl_about about;
    uint32_t count;
    uint32_t *ids;          /* by row, ascending */
    cns_gvl_entry *entries; /* by row */
    uint16_t *rows;         /* by number: row + 1, 0 = not in the list */
    uint32_t highest;       /* number */
    const cns_value *purposes;
};

/* The row of a vendor, CNS_NO_ID when the list does not have it. */
uint32_t cns_gvl_row(const cns_gvl *gvl, int64_t id);
/* The address of a vendor's policy: `policyUrl`, else of `urls` the one in this language
 * (may be NULL), else in English, else the first. NULL when there is none. */
const cns_value *cns_gvl_policy(const cns_value *vendor, const cns_value *language);

#endif
