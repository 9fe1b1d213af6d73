/* id_set.h - a set of ids 1 to 65535 as a consent string writes it (internal; docs/strings.md).
 *
 * Never expanded: either a bit field, looked at where the decoded text has it, or runs that are
 * ascending, disjoint and not adjacent. A set borrows both from whoever decoded it, and costs
 * what its text costs, whatever that claims.
 */
#ifndef CNS_ID_SET_H
#define CNS_ID_SET_H

#include "bit_in.h"
#include "bit_out.h"

#define CNS_MAX_ID 65535u

typedef struct cns_id_run {
    uint16_t first, last; /* both belong to it */
} cns_id_run;

typedef struct cns_id_set {
    uint32_t max;           /* the highest id that the text has room for (MaxVendorId) */
    uint32_t entries;       /* range entries as written; 0 for a bit field */
    const uint8_t *bits;    /* bit field: place `at` is id 1, `max` bits; NULL: runs */
    uint32_t at;            /* in bits */
    uint32_t run_count;     /* runs of `runs` */
    const cns_id_run *runs; /* may be NULL when there is none */
} cns_id_set;

/* A set of settled runs (cns_runs_settle), borrowed. max = the last id. */
cns_id_set cns_idset_of_runs(const cns_id_run *runs, uint32_t count);

/* Any id may be asked about: 0 and ids above `max` are in no set. */
bool cns_idset_has(const cns_id_set *set, uint32_t id);
uint32_t cns_idset_count(const cns_id_set *set);
/* The highest id in the set, 0 when it is empty. */
uint32_t cns_idset_last(const cns_id_set *set);
/* The next maximal run; *cursor begins as 0 and belongs to the set. false after the last. */
bool cns_idset_next(const cns_id_set *set, uint32_t *cursor, cns_id_run *run);
/* The same ids, however they are written and whatever `max` is? */
bool cns_idset_same(const cns_id_set *a, const cns_id_set *b);

/* Puts runs (first <= last, any order, overlapping) into order and merges what overlaps or
 * touches, in place; returns how many are left. Linear time. `scratch` has room for `count`
 * runs; it is not used for fewer than CNS_RUNS_FEW, nor where they are ascending already. */
#define CNS_RUNS_FEW 24u
uint32_t cns_runs_settle(cns_id_run *runs, uint32_t count, cns_id_run *scratch);

/* What reading range entries may find. */
enum {
    CNS_IDS_ZERO = 1,       /* an entry with id 0 */
    CNS_IDS_INVERTED = 2,   /* start above end */
    CNS_IDS_OVER_MAX = 4,   /* an id above max */
    CNS_IDS_DEGENERATE = 8, /* a range of one id */
    CNS_IDS_UNSORTED = 16,  /* an entry begins before, at or right behind the end of the last one */
    CNS_IDS_SLACK = 32      /* max is above the highest id */
};
/* Reads `entries` range entries: one bit, a 16-bit id, and where the bit is set a second one.
 * `runs` gets them as written, at most cns_bit_left(in) / 17. Returns how many were read: fewer
 * than `entries` when the bits end (in->failed; in->at is then the cut entry) or at the first
 * entry of CNS_IDS_ZERO or CNS_IDS_INVERTED (in->at is then that entry). *found gets the flags. */
uint32_t cns_idset_read_entries(cns_id_run *runs, cns_bit_in *in, uint32_t entries, uint32_t max,
                                unsigned *found);

/* Reads a vendor set: 16 bits MaxVendorId, one bit for the form, then the bit field, or a 12-bit
 * number of entries and the entries. *room is where runs go and is moved behind those that stay;
 * CNS_RUN_ROOM(cns_bit_left(in)) is enough, for all sets of one text together. Settled. false,
 * with the set and *room untouched, when the bits end (in->failed) or with CNS_IDS_ZERO or
 * CNS_IDS_INVERTED, as cns_idset_read_entries. Ids above max stay in the set. */
#define CNS_MAX_ENTRIES 4095u
#define CNS_RUN_ROOM(bits)                                                                         \
    ((bits) / 17 + ((bits) / 17 < CNS_MAX_ENTRIES ? (bits) / 17 : CNS_MAX_ENTRIES))
bool cns_idset_read(cns_id_set *set, cns_bit_in *in, cns_id_run **room, unsigned *found);

/* Bits of a set as TCF writes it, in its smaller form (the bit field on a tie), max = the last
 * id; and the writing of it. */
uint32_t cns_idset_bits(const cns_id_set *set);
void cns_idset_write(cns_bit_out *out, const cns_id_set *set);
/* The entries alone, without their number. */
void cns_idset_write_entries(cns_bit_out *out, const cns_id_set *set);
/* Maximal runs, and how many of them hold one id. */
uint32_t cns_idset_runs(const cns_id_set *set, uint32_t *single);

#endif
