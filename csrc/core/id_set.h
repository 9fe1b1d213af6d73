/* id_set.h - reading and writing sets of ids (internal; consent_tcf.h has the sets themselves). */
#ifndef CNS_ID_SET_H
#define CNS_ID_SET_H

#include "bit_in.h"
#include "bit_out.h"

/* What reading range entries may find. */
enum {
    CNS_IDS_ZERO = 1,       /* an entry with id 0 */
    CNS_IDS_INVERTED = 2,   /* start above end */
    CNS_IDS_OVER_MAX = 4,   /* an id above max */
    CNS_IDS_DEGENERATE = 8, /* a range of one id */
    CNS_IDS_UNSORTED = 16,  /* an entry begins before or at the end of the one before it */
    CNS_IDS_SLACK = 32,     /* max is above the highest id */
    CNS_IDS_ADJACENT = 64   /* an entry begins right behind the end of the one before it */
};
/* Reads `entries` range entries: one bit, a 16-bit id, and where the bit is set a second one.
 * `runs` gets them as written, at most cns_bit_left(in) / 17. Returns how many were read: fewer
 * than `entries` when the bits end (in->failed; in->at is then the cut entry) or at the first
 * entry of CNS_IDS_ZERO or CNS_IDS_INVERTED (in->at is then that entry). *found gets the flags. */
static inline uint32_t cns_idset_read_entries(cns_id_run *runs, cns_bit_in *in, uint32_t entries,
                                              uint32_t max, unsigned *found) {
    const uint8_t *bytes = in->bytes;
    uint32_t at = in->at, end = in->end, highest = 0;
    uint32_t behind = 0; /* the id behind the entry before */
    unsigned flags = 0;
    cns_id_run *to = runs, *stop = runs + (in->failed ? 0 : entries);
    for (; to < stop; to++) {
        uint64_t w = cns_bits_at(bytes, at);
        uint32_t first = w >> 47 & 0xFFFF, last = first, size = 17;
        if (w >> 63) {
            last = w >> 31 & 0xFFFF;
            size = 33;
        }
        if (size > end - at) {
            in->failed = true;
            break;
        }
        if (size == 33 && last <= first) {
            if (last < first) {
                /* an id 0 is the plainer thing to say, even as an end */
                flags |= last ? CNS_IDS_INVERTED : CNS_IDS_ZERO;
                break;
            }
            flags |= CNS_IDS_DEGENERATE;
        }
        if (!first) {
            flags |= CNS_IDS_ZERO;
            break;
        }
        if (first <= behind)
            flags |= first < behind ? CNS_IDS_UNSORTED : CNS_IDS_ADJACENT;
        behind = last + 1;
        highest = last > highest ? last : highest;
        *to = (cns_id_run){(uint16_t)first, (uint16_t)last};
        at += size;
    }
    if (highest > max)
        flags |= CNS_IDS_OVER_MAX;
    else if (highest < max && to == stop && !in->failed)
        flags |= CNS_IDS_SLACK;
    in->at = at;
    *found = flags;
    return (uint32_t)(to - runs);
}

/* Reads a vendor set: 16 bits MaxVendorId, one bit for the form, then the bit field, or a 12-bit
 * number of entries and the entries. *room is where runs go and is moved behind those that stay;
 * CNS_RUN_ROOM(cns_bit_left(in)) is enough, for all sets of one text together. Settled. false,
 * with the set and *room untouched, when the bits end (in->failed) or with CNS_IDS_ZERO or
 * CNS_IDS_INVERTED, as cns_idset_read_entries. Ids above max stay in the set. */
#define CNS_MAX_ENTRIES 4095u
#define CNS_RUN_ROOM(bits) ((bits) / 17)
bool cns_idset_read(cns_id_set *set, cns_bit_in *in, cns_id_run **room, unsigned *found);

/* Writes a set as TCF does, in its smaller form (the bit field on a tie), max = the last id. */
void cns_idset_write(cns_bit_out *out, const cns_id_set *set);
/* The entries alone, without their number. */
void cns_idset_write_entries(cns_bit_out *out, const cns_id_set *set);
/* Maximal runs, and how many of them hold one id. */
uint32_t cns_idset_runs(const cns_id_set *set, uint32_t *single);

#endif
