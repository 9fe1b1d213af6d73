/* tcf.h - what the files about TC strings share (internal). */
#ifndef CNS_TCF_H
#define CNS_TCF_H

#include "id_set.h"

/* A decoded string with the memory it lives in. */
typedef struct cns_tc_block {
    cns_tc tc; /* first: a cns_tc that cns_tc_new made is one of these */
    cns_alloc alloc;
    size_t size; /* of this block: bytes of all segments and their types stand behind it */
    cns_id_run *runs;
    size_t runs_size; /* in bytes, as all sizes here */
    cns_tc_restriction *restrictions;
    size_t restrictions_size;
    cns_id_run *merged; /* runs of restrictions that had to be put in order */
    size_t merged_size;
} cns_tc_block;

/* The text as it is being read. */
typedef struct cns_tc_reading {
    cns_tc_block *block;
    cns_bit_in in;
    bool strict;
    size_t text_left;   /* characters from the beginning of this segment on */
    cns_id_run *room;   /* for the next runs, once there are any */
    const char *reason; /* code of the error, NULL until there is one */
    uint32_t warnings;
} cns_tc_reading;

/* The `bits` low bits in opposite order: between a mask (bit 0 is id 1) and a field. */
static inline uint64_t cns_reversed(uint64_t field, uint32_t bits) {
    if (!bits)
        return 0;
    field <<= 64 - bits;
    field = (field >> 1 & 0x5555555555555555u) | (field & 0x5555555555555555u) << 1;
    field = (field >> 2 & 0x3333333333333333u) | (field & 0x3333333333333333u) << 2;
    field = (field >> 4 & 0x0F0F0F0F0F0F0F0Fu) | (field & 0x0F0F0F0F0F0F0F0Fu) << 4;
    field = (field >> 8 & 0x00FF00FF00FF00FFu) | (field & 0x00FF00FF00FF00FFu) << 8;
    field = (field >> 16 & 0x0000FFFF0000FFFFu) | (field & 0x0000FFFF0000FFFFu) << 16;
    return field >> 32 | field << 32;
}

/* Sets the reason, unless there is one already; returns CNS_E_DECODE. */
cns_code cns_tc_refuse(cns_tc_reading *r, const char *reason);
/* An oddity: an error in strict reading, otherwise a warning. */
cns_code cns_tc_odd(cns_tc_reading *r, uint32_t warning);
/* What reading range entries has found, as an error or as warnings. */
cns_code cns_tc_entries_found(cns_tc_reading *r, unsigned found, bool complete);
/* Sees that r->room has room for all runs that the text can still have. */
cns_code cns_tc_want_runs(cns_tc_reading *r);

/* Reads the restrictions at the end of the core (tcf_restrictions.c). */
cns_code cns_tc_read_restrictions(cns_tc_reading *r);
/* What the finished string says that is odd: dates, scope, versions, ... (tcf_check.c) */
uint32_t cns_tc_check(const cns_tc *tc);

/* Why the string counts for nothing where this is demanded (NULL: it cannot be read), or NULL. */
const char *cns_tc_fault(const cns_tc *tc, const cns_tc_demands *demands);
/* From this policy on purposes 3 to 6 have no legitimate interest, and purpose 11 exists. */
#define CNS_POLICY_OF_2_2 4u

#endif
