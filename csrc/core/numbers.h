/* numbers.h - from the numbers in consent strings to those of a configuration (internal).
 *
 *   TC string: a set by number in the Global Vendor List --cns_listed_dense--> words
 *       --cns_listed_spread--> the same as a set of vendors
 *   DCS: a set by Didomi's numbers --cns_numbered_take--> a set of vendors or purposes
 */
#ifndef CNS_NUMBERS_H
#define CNS_NUMBERS_H

#include "bits.h"
#include "consent_tcf.h"

struct cns_ids;
struct cns_directory;

/* One word of numbers of the list: which of them have a place in the run of vendors that
 * cns_ids_close numbers one after the other, and how to move these bits together. */
typedef struct cns_spread {
    cns_word mask, move[6];
    cns_word all; /* vendors that a notice can have from the list */
    uint32_t at;  /* vendor of the first */
} cns_spread;

/* A number of a consent string and what it is here. */
typedef struct cns_numbered {
    uint32_t number, id;
} cns_numbered;

typedef struct cns_numbers {
    uint32_t words;       /* of a dense set: bit n - 1 is vendor n of the list */
    cns_spread *spread;   /* by word */
    cns_numbered *others; /* vendors of the list that have their numbers from elsewhere */
    uint32_t other_count;
    /* by Didomi's number, ascending; where the catalog gives one number to several ids, all */
    cns_numbered *vendors, *purposes;
    uint32_t vendor_count, purpose_count;
    cns_word *numbered_vendors, *numbered_purposes; /* sets of those that have such a number */
} cns_numbers;

/* The `num` of a catalog's entry or of a vendor's namespaces; 0 = none. */
uint32_t cns_number_written(const cns_value *entry);

/* Made when all ids have their numbers; `first` is the vendor from which on those of the list
 * stand. Didomi's numbers come from the catalog, then from `namespaces.num` of custom vendors.
 * False when memory ran out. */
bool cns_numbers_make(struct cns_ids *ids, const struct cns_directory *directory, uint32_t first);

/* The set as numbers->words words; ids above are left out. */
void cns_listed_dense(cns_word *dense, const cns_numbers *numbers, const cns_id_set *set);
/* Adds to a set of vendors what a dense set has. */
void cns_listed_spread(cns_word *vendors, const cns_numbers *numbers, const cns_word *dense);

/* Does a dense set have every vendor that a notice can have from the list? */
bool cns_listed_covers(const cns_numbers *numbers, const cns_word *dense);

/* Has another id the number of this one too? */
bool cns_numbered_shared(const cns_numbered *known, uint32_t count, uint32_t at);
/* Adds to `set` what the numbers mean here; returns whether there are others. A number of several
 * ids refuses all of them and permits none. */
bool cns_numbered_take(cns_word *set, const cns_numbered *known, uint32_t count,
                       const cns_id_set *numbers, bool refused);

#endif
