/* restriction.h - publisher restrictions (internal; docs/didomi.md, Vendors of the list).
 *
 * `app.vendors.iab.restrictions` narrows what vendors of the Global Vendor List may do,
 * before anything else is looked at. Masks are over cns_standards.
 */
#ifndef CNS_RESTRICTION_H
#define CNS_RESTRICTION_H

#include "bits.h"
#include "value.h"
#include "vocabulary.h"

/* What applies to one vendor. A purpose is in one mask at most: `disallow` goes before
 * `consent`, which goes before `li`, whatever the order of the restrictions. */
typedef struct cns_limits {
    uint32_t disallow; /* purposes and special features that it may not use */
    uint32_t consent;  /* purposes that it may use on consent only */
    uint32_t li;       /* purposes that it may use on legitimate interest only */
} cns_limits;

/* Fills limits[] for the vendors ids[] (`count`, ascending). `list` is the array of the
 * configuration; an entry that is not as it should be is left out whole. `named` is
 * room for a set of `count`. */
void cns_restrictions_read(cns_limits *limits, const uint32_t *ids, uint32_t count,
                           const cns_value *list, cns_word *named);

/* Is this entry of the array as it should be? */
bool cns_restriction_usable(const cns_value *entry);

/* Applies limits to a vendor's masks; a purpose changes its basis only when it is flexible. */
void cns_restrict(cns_limits limits, uint32_t flexible, uint32_t *consent, uint32_t *li,
                  uint32_t *features);

#endif
