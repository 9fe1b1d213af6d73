/* tcf_restrictions.c - publisher restrictions: read as they are written, then one for each purpose
 * and type. */
#include "arena.h"
#include "tcf.h"

#define KEYS 256u
#define RECORD_BITS 20u
#define LAST_PURPOSE 24u

static unsigned key_of(const cns_tc_restriction *record) {
    return record->purpose * 4u + record->type;
}

/* Do two ascending lists of runs meet? */
static bool meet(const cns_tc_restriction *a, const cns_tc_restriction *b) {
    uint32_t i = 0, j = 0;
    while (i < a->run_count && j < b->run_count) {
        if (a->runs[i].last < b->runs[j].first)
            i++;
        else if (b->runs[j].last < a->runs[i].first)
            j++;
        else
            return true;
    }
    return false;
}

static bool conflicts(const cns_tc *tc) {
    for (uint32_t i = 1; i < tc->restriction_count; i++)
        for (uint32_t k = i; k-- && tc->restrictions[k].purpose == tc->restrictions[i].purpose;)
            if (meet(&tc->restrictions[i], &tc->restrictions[k])) /* at most two times */
                return true;
    return false;
}

/* Purpose, type and number of entries; `kept` says whether the record means anything. */
static cns_code read_head(cns_tc_reading *r, cns_tc_restriction *record, bool *kept,
                          uint32_t *entries) {
    cns_code code = CNS_OK;
    record->purpose = (uint8_t)cns_bit_take(&r->in, 6);
    record->type = (uint8_t)cns_bit_take(&r->in, 2);
    *kept = record->purpose != 0;
    if (!*kept && !r->in.failed)
        code = cns_tc_odd(r, CNS_TC_PURPOSE_ID_ZERO);
    if (code == CNS_OK && record->type == 3) {
        *kept = false;
        code = cns_tc_odd(r, CNS_TC_UNDEFINED_RESTRICTION_TYPE);
    }
    *entries = (uint32_t)cns_bit_take(&r->in, 12);
    return code == CNS_OK && r->in.failed ? cns_tc_refuse(r, "truncated") : code;
}

/* A record of a single entry with nothing odd about it, as most are. */
static inline bool read_one(cns_tc_reading *r, cns_tc_restriction *record) {
    uint64_t w = cns_bits_at(r->in.bytes, r->in.at);
    uint32_t first = w >> 47 & 0xFFFF, last = first, size = 17;
    if (w >> 63) {
        last = w >> 31 & 0xFFFF;
        size = last > first ? 33 : UINT32_MAX;
    }
    if (!first || size > cns_bit_left(&r->in))
        return false;
    *r->room++ = (cns_id_run){(uint16_t)first, (uint16_t)last};
    record->run_count = 1;
    r->in.at += size;
    return true;
}

static cns_code read_record(cns_tc_reading *r, cns_tc_restriction *record, bool *kept) {
    uint32_t entries;
    cns_code code = CNS_OK;
    uint64_t head = cns_bits_at(r->in.bytes, r->in.at) >> (64 - RECORD_BITS);
    record->purpose = (uint8_t)(head >> 14);
    record->type = head >> 12 & 3;
    if (cns_bit_left(&r->in) < RECORD_BITS || !record->purpose || record->type == 3) {
        code = read_head(r, record, kept, &entries);
    } else {
        *kept = true;
        entries = head & 0xFFF;
        r->in.at += RECORD_BITS;
    }
    if (code == CNS_OK && !r->room)
        code = cns_tc_want_runs(r);
    if (code != CNS_OK)
        return code;
    if (record->purpose > LAST_PURPOSE)
        r->warnings |= CNS_TC_PURPOSE_ID_OUT_OF_RANGE;
    record->runs = r->room;
    record->run_count = 0;
    if (entries == 0) {
        r->warnings |= CNS_TC_EMPTY_RESTRICTION;
        return CNS_OK;
    }
    if (entries == 1 && *kept && read_one(r, record))
        return CNS_OK;
    unsigned found;
    uint32_t read = cns_idset_read_entries(r->room, &r->in, entries, CNS_MAX_ID, &found);
    found &= ~(unsigned)CNS_IDS_SLACK;
    if (found || read < entries)
        code = cns_tc_entries_found(r, found, read == entries);
    if (code != CNS_OK)
        return code;
    if (found & (CNS_IDS_UNSORTED | CNS_IDS_ADJACENT))
        read = cns_runs_settle(r->room, read);
    record->run_count = read;
    if (*kept)
        r->room += read;
    return CNS_OK;
}

/* Puts records into the order of their keys and joins those of one key. `sizes` says by key how
 * much room their runs need at most. */
static cns_code join(cns_tc_block *block, cns_tc_restriction *records, uint32_t count,
                     const uint32_t sizes[KEYS]) {
    uint32_t begins[KEYS], ends[KEYS], sum = 0, done = 0;
    for (unsigned key = 0; key < KEYS; key++) {
        begins[key] = ends[key] = sum;
        sum += sizes[key];
    }
    block->merged_size = sum * sizeof(cns_id_run);
    block->merged = cns_get(block->alloc, block->merged_size);
    if (!block->merged)
        return CNS_E_NOMEM;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t *end = &ends[key_of(&records[i])], runs = records[i].run_count;
        cns_id_run *to = block->merged + *end;
        *end += runs;
        if (runs == 1)
            *to = *records[i].runs;
        else
            memcpy(to, records[i].runs, runs * sizeof *to);
    }
    /* never more keys than records */
    for (unsigned key = 0; key < KEYS; key++) {
        uint32_t runs = ends[key] - begins[key];
        if (!runs)
            continue;
        cns_id_run *of_key = block->merged + begins[key];
        runs = cns_runs_settle(of_key, runs);
        records[done++] =
            (cns_tc_restriction){(uint8_t)(key / 4), (uint8_t)(key % 4), runs, of_key};
    }
    block->tc.restriction_count = done;
    return CNS_OK;
}

cns_code cns_tc_read_restrictions(cns_tc_reading *r) {
    cns_tc_block *block = r->block;
    cns_tc *tc = &block->tc;
    uint32_t count = (uint32_t)cns_bit_take(&r->in, 12);
    if (r->in.failed)
        return cns_tc_refuse(r, "truncated");
    tc->record_count = count;
    if (!count)
        return CNS_OK;
    /* no more room than what is there can fill, and one for the record that is cut */
    uint32_t most = cns_bit_left(&r->in) / RECORD_BITS + 1, done = 0;
    block->restrictions_size = (count < most ? count : most) * sizeof *block->restrictions;
    block->restrictions = cns_get(block->alloc, block->restrictions_size);
    if (!block->restrictions)
        return CNS_E_NOMEM;
    bool ordered = true;
    uint32_t sizes[KEYS] = {0}; /* of every record the room of its runs, and one more */
    for (uint32_t i = 0; i < count; i++) {
        cns_tc_restriction *record = &block->restrictions[done];
        bool kept = false;
        cns_code code = read_record(r, record, &kept);
        if (code != CNS_OK)
            return code;
        if (!kept)
            continue;
        unsigned key = key_of(record);
        if (sizes[key])
            r->warnings |= CNS_TC_DUPLICATE_RESTRICTION;
        sizes[key] += record->run_count + 1;
        if (!record->run_count)
            continue; /* it restricts nobody */
        ordered = ordered && (!done || key > key_of(record - 1));
        done++;
    }
    tc->restrictions = block->restrictions;
    tc->restriction_count = done;
    if (!ordered) {
        cns_code code = join(block, block->restrictions, done, sizes);
        if (code != CNS_OK)
            return code;
    }
    if (conflicts(tc))
        r->warnings |= CNS_TC_CONFLICTING_RESTRICTIONS;
    return CNS_OK;
}
