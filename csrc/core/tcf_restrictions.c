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

/* One record; `kept` says whether it means anything. */
static cns_code read_record(cns_tc_reading *r, cns_tc_restriction *record, bool *kept) {
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
    uint32_t entries = (uint32_t)cns_bit_take(&r->in, 12);
    if (code == CNS_OK && r->in.failed)
        code = cns_tc_refuse(r, "truncated");
    if (code == CNS_OK)
        code = cns_tc_want_runs(r);
    if (code != CNS_OK)
        return code;
    if (record->purpose > LAST_PURPOSE)
        r->warnings |= CNS_TC_PURPOSE_ID_OUT_OF_RANGE;
    if (entries == 0)
        r->warnings |= CNS_TC_EMPTY_RESTRICTION;
    unsigned found;
    uint32_t read = cns_idset_read_entries(r->room, &r->in, entries, CNS_MAX_ID, &found);
    code = cns_tc_entries_found(r, found & ~(unsigned)CNS_IDS_SLACK, read == entries);
    if (code != CNS_OK)
        return code;
    if (found & (CNS_IDS_UNSORTED | CNS_IDS_ADJACENT))
        read = cns_runs_settle(r->room, read, r->room + read);
    record->runs = r->room;
    record->run_count = read;
    if (*kept)
        r->room += read;
    return CNS_OK;
}

/* Puts records into the order of their keys and joins those of one key. */
static cns_code join(cns_tc_block *block, cns_tc_restriction *records, uint32_t count) {
    uint32_t place[KEYS + 1] = {0}, entries = 0, done = 0;
    for (uint32_t i = 0; i < count; i++) {
        place[key_of(&records[i]) + 1]++;
        entries += records[i].run_count;
    }
    for (unsigned key = 0; key < KEYS; key++)
        place[key + 1] += place[key];
    /* runs of all, as many again to sort them, and the order of the records */
    size_t size = cns_add((size_t)entries * 2 * sizeof(cns_id_run), count * sizeof(uint32_t));
    cns_id_run *runs = cns_get(block->alloc, size);
    if (!runs)
        return CNS_E_NOMEM;
    block->merged = runs;
    block->merged_size = size;
    cns_id_run *scratch = runs + entries;
    uint32_t *order = (uint32_t *)(void *)(scratch + entries);
    for (uint32_t i = 0; i < count; i++)
        order[place[key_of(&records[i])]++] = i;
    /* place[key] is now the end of the key's records */
    cns_tc_restriction joined[KEYS];
    uint32_t at = 0;
    for (unsigned key = 0; key < KEYS; key++) {
        uint32_t size_of_key = 0;
        for (uint32_t k = at; k < place[key]; k++) {
            const cns_tc_restriction *record = &records[order[k]];
            memcpy(runs + size_of_key, record->runs, record->run_count * sizeof *runs);
            size_of_key += record->run_count;
        }
        at = place[key];
        if (!size_of_key)
            continue;
        uint32_t settled = cns_runs_settle(runs, size_of_key, scratch);
        joined[done++] =
            (cns_tc_restriction){(uint8_t)(key / 4), (uint8_t)(key % 4), settled, runs};
        runs += settled;
    }
    /* never more keys than records */
    memcpy(records, joined, done * sizeof *records);
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
    /* no more room than what is there can fill */
    uint32_t most = cns_bit_left(&r->in) / RECORD_BITS, done = 0;
    block->restrictions_size = (count < most ? count : most) * sizeof *block->restrictions;
    if (block->restrictions_size) {
        block->restrictions = cns_get(block->alloc, block->restrictions_size);
        if (!block->restrictions)
            return CNS_E_NOMEM;
    }
    bool ordered = true;
    for (uint32_t i = 0; i < count; i++) {
        cns_tc_restriction record;
        bool kept = false;
        cns_code code = read_record(r, &record, &kept);
        if (code != CNS_OK)
            return code;
        if (!kept)
            continue;
        if (done && key_of(&record) <= key_of(&block->restrictions[done - 1]))
            ordered = false;
        ordered = ordered && record.run_count;
        block->restrictions[done++] = record;
    }
    tc->restrictions = block->restrictions;
    tc->restriction_count = done;
    if (!ordered) {
        bool seen[KEYS] = {false};
        for (uint32_t i = 0; i < done; i++) {
            if (seen[key_of(&block->restrictions[i])])
                r->warnings |= CNS_TC_DUPLICATE_RESTRICTION;
            seen[key_of(&block->restrictions[i])] = true;
        }
        cns_code code = join(block, block->restrictions, done);
        if (code != CNS_OK)
            return code;
    }
    if (conflicts(tc))
        r->warnings |= CNS_TC_CONFLICTING_RESTRICTIONS;
    return CNS_OK;
}
