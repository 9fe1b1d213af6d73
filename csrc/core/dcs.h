/* dcs.h - sections of a Didomi Consent String (internal; docs/strings.md).
 *
 *   two bits say how: a status of two bits for each id, or lists of ranges for one or two of
 *   the three statuses. Of two lists the ids in neither, up to the highest in them, have the
 *   third status.
 */
#ifndef CNS_DCS_H
#define CNS_DCS_H

#include "consent_dcs.h"
#include "id_set.h"

/* What reading may find in a section that can be read. */
enum { CNS_DCS_CONTRADICTION = 1, CNS_DCS_DEGENERATE = 2, CNS_DCS_UNSORTED = 4 };

/* Where runs go: grows by cns_alloc; `failed` after an allocation that did not work. */
typedef struct cns_dcs_runs {
    cns_alloc alloc;
    cns_id_run *runs;
    size_t count, room;
    bool failed;
} cns_dcs_runs;
void cns_dcs_runs_release(cns_dcs_runs *runs);

/* Where a section is in a cns_dcs_runs, which may move: from `first` on the settled runs of
 * enabled ids, then the disabled; of a bit field, two fields of one bit an id in their place. */
typedef struct cns_dcs_place {
    cns_dcs_encoding encoding;
    size_t first;
    uint32_t enabled, disabled; /* how many runs, or ids of the fields */
    bool sparse; /* runs of a bit field, whose ids are too far up for a field of ours */
} cns_dcs_place;
/* Its sets, borrowed from there. */
cns_dcs_section cns_dcs_section_of(const cns_dcs_place *place, const cns_dcs_runs *in);

/* Room that reading one section of so many bits needs besides, in runs: four times as many as
 * two lists may have (three bits are the least for one, 32 768 of each stay when they are
 * settled), and the run behind. */
#define CNS_DCS_LISTED(bits) ((bits) / 3 < 65536u ? (bits) / 3 + 2 : 65538u)
#define CNS_DCS_SCRATCH(bits) (4 * CNS_DCS_LISTED(bits))

/* Reads the next section; NULL, or a code: `truncated`, `bad_algorithm`, `bad_status`,
 * `bad_statuses`, `id_zero`, `id_over_max`, `range_inverted`, `range_unsorted`. in->at is then the fault. When
 * to->failed is set, nothing else counts. */
const char *cns_dcs_section_read(cns_dcs_place *place, cns_dcs_runs *to, cns_bit_in *in,
                                 cns_id_run *scratch, unsigned *found);

/* Which statuses have a list, in order. */
typedef enum cns_dcs_pair {
    CNS_DCS_ENABLED,
    CNS_DCS_DISABLED,
    CNS_DCS_ENABLED_DISABLED,
    CNS_DCS_UNDEFINED_ENABLED,
    CNS_DCS_UNDEFINED_DISABLED,
    CNS_DCS_PAIRS
} cns_dcs_pair;

/* The sets of a section that is to be written, settled and disjoint; `undefined` are the ids
 * in neither, up to the highest of both. */
typedef struct cns_dcs_lists {
    cns_id_set enabled, disabled, undefined;
} cns_dcs_lists;

/* Can the lists of this pair tell everything? */
bool cns_dcs_pair_fits(const cns_dcs_lists *lists, cns_dcs_pair pair);
/* The one that fits and takes the fewest bits, the first of the order above on a tie. */
cns_dcs_pair cns_dcs_pair_best(const cns_dcs_lists *lists);
/* Writes a section, its two bits included. The bit field begins at id 1 unless it is shorter
 * from its first id on; `pair` is for ranges. */
void cns_dcs_section_write(cns_bit_out *out, const cns_dcs_lists *lists, cns_dcs_encoding encoding,
                           cns_dcs_pair pair);
/* The encoding of fewer bits, the bit field on a tie. Never Fibonacci ranges. */
cns_dcs_encoding cns_dcs_shortest(const cns_dcs_lists *lists);

/* What is in `a` and not in `b`, both settled, to `out` (room for a_count + b_count). */
uint32_t cns_dcs_subtract(cns_id_run *out, const cns_id_run *a, uint32_t a_count,
                          const cns_id_run *b, uint32_t b_count);

#endif
