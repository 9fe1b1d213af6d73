/* id_set.c - sets of ids, asked without being expanded. */
#include "id_set.h"

cns_id_set cns_idset_of_runs(const cns_id_run *runs, uint32_t count) {
    cns_id_set set = {0, count, NULL, 0, count, runs};
    if (count)
        set.max = runs[count - 1].last;
    return set;
}

bool cns_idset_has(const cns_id_set *set, uint32_t id) {
    if (id == 0 || id > CNS_MAX_ID)
        return false;
    if (set->bits) {
        uint32_t at = set->at + id - 1;
        return id <= set->max && (set->bits[at >> 3] >> (7 - (at & 7)) & 1);
    }
    uint32_t low = 0, high = set->run_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (set->runs[middle].last < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < set->run_count && set->runs[low].first <= id;
}

static uint32_t ones(uint64_t w) {
#ifdef __GNUC__
    return (uint32_t)__builtin_popcountll(w);
#else
    uint32_t n = 0;
    for (; w; w &= w - 1)
        n++;
    return n;
#endif
}

/* Leading zeros; w is not 0. */
static uint32_t zeros(uint64_t w) {
#ifdef __GNUC__
    return (uint32_t)__builtin_clzll(w);
#else
    uint32_t n = 0;
    for (; !(w >> 63); w <<= 1)
        n++;
    return n;
#endif
}

/* Up to 56 bits of a field, from id `id` on, left-aligned, zeros behind them. */
static uint64_t field(const cns_id_set *set, uint32_t id) {
    uint32_t left = set->max - id + 1;
    uint64_t w = cns_bits_at(set->bits, set->at + id - 1);
    return w & ~(uint64_t)0 << (left < 56 ? 64 - left : 8);
}

uint32_t cns_idset_count(const cns_id_set *set) {
    uint32_t count = 0;
    if (set->bits) {
        for (uint32_t id = 1; id <= set->max; id += 56)
            count += ones(field(set, id));
        return count;
    }
    for (uint32_t i = 0; i < set->run_count; i++)
        count += (uint32_t)set->runs[i].last - set->runs[i].first + 1;
    return count;
}

uint32_t cns_idset_last(const cns_id_set *set) {
    if (!set->bits)
        return set->run_count ? set->runs[set->run_count - 1].last : 0;
    uint32_t id = set->max;
    while (id) {
        /* the piece that ends with id: its lowest bit is id's */
        uint32_t first = id > 56 ? id - 55 : 1, size = id - first + 1;
        uint64_t w = cns_bits_at(set->bits, set->at + first - 1) >> (64 - size);
        if (w) {
            while (!(w & 1)) {
                w >>= 1;
                id--;
            }
            return id;
        }
        id = first - 1;
    }
    return 0;
}

/* The first id from `id` on whose bit is `one`, or max + 1. */
static uint32_t find(const cns_id_set *set, uint32_t id, bool one) {
    while (id <= set->max) {
        uint64_t w = field(set, id);
        uint32_t size = set->max - id + 1 < 56 ? set->max - id + 1 : 56;
        if (!one)
            w = ~w & ~(uint64_t)0 << (64 - size);
        if (w)
            return id + zeros(w);
        id += size;
    }
    return set->max + 1;
}

bool cns_idset_next(const cns_id_set *set, uint32_t *cursor, cns_id_run *run) {
    if (!set->bits) {
        if (*cursor >= set->run_count)
            return false;
        *run = set->runs[(*cursor)++];
        return true;
    }
    uint32_t first = find(set, *cursor + 1, true);
    if (first > set->max)
        return false;
    uint32_t after = find(set, first, false);
    *run = (cns_id_run){(uint16_t)first, (uint16_t)(after - 1)};
    *cursor = after - 1;
    return true;
}

bool cns_idset_same(const cns_id_set *a, const cns_id_set *b) {
    uint32_t at = 0, bt = 0;
    cns_id_run x, y;
    for (;;) {
        bool more = cns_idset_next(a, &at, &x);
        if (more != cns_idset_next(b, &bt, &y))
            return false;
        if (!more)
            return true;
        if (x.first != y.first || x.last != y.last)
            return false;
    }
}

/* ------------------------------------------------------------------- order */

static void insertion_sort(cns_id_run *runs, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        cns_id_run run = runs[i];
        uint32_t to = i;
        for (; to && runs[to - 1].first > run.first; to--)
            runs[to] = runs[to - 1];
        runs[to] = run;
    }
}

/* One pass of a radix sort over eight bits of the first id. */
static void radix_pass(cns_id_run *to, const cns_id_run *from, uint32_t count, unsigned shift) {
    uint32_t place[256] = {0}, sum = 0;
    for (uint32_t i = 0; i < count; i++)
        place[from[i].first >> shift & 255]++;
    for (unsigned i = 0; i < 256; i++) {
        uint32_t here = place[i];
        place[i] = sum;
        sum += here;
    }
    for (uint32_t i = 0; i < count; i++)
        to[place[from[i].first >> shift & 255]++] = from[i];
}

uint32_t cns_runs_settle(cns_id_run *runs, uint32_t count, cns_id_run *scratch) {
    uint32_t i = 1;
    while (i < count && runs[i].first > (uint32_t)runs[i - 1].last + 1)
        i++;
    if (i >= count)
        return count;
    while (i < count && runs[i].first >= runs[i - 1].first)
        i++;
    if (i < count) {
        if (count < CNS_RUNS_FEW) {
            insertion_sort(runs, count);
        } else {
            radix_pass(scratch, runs, count, 0);
            radix_pass(runs, scratch, count, 8);
        }
    }
    uint32_t last = 0;
    for (i = 1; i < count; i++) {
        if (runs[i].first <= (uint32_t)runs[last].last + 1) {
            if (runs[i].last > runs[last].last)
                runs[last].last = runs[i].last;
        } else {
            runs[++last] = runs[i];
        }
    }
    return last + 1;
}

/* ----------------------------------------------------------------- reading */

uint32_t cns_idset_read_entries(cns_id_run *runs, cns_bit_in *in, uint32_t entries, uint32_t max,
                                unsigned *found) {
    uint32_t at = in->at, highest = 0, i = 0;
    uint32_t before = 0; /* the last id of the entry before */
    unsigned flags = 0;
    if (in->failed) {
        *found = 0;
        return 0;
    }
    for (; i < entries; i++) {
        if (in->end - at < 17)
            goto cut;
        uint64_t w = cns_bits_at(in->bytes, at);
        uint32_t first = w >> 47 & 0xFFFF, last = first, size = 17;
        if (w >> 63) {
            last = w >> 31 & 0xFFFF;
            size = 33;
            if (in->end - at < 33)
                goto cut;
            if (last <= first) {
                if (last < first) {
                    /* an id 0 is the plainer thing to say, even as an end */
                    flags |= last ? CNS_IDS_INVERTED : CNS_IDS_ZERO;
                    goto stop;
                }
                flags |= CNS_IDS_DEGENERATE;
            }
        }
        if (first == 0) {
            flags |= CNS_IDS_ZERO;
            goto stop;
        }
        if (first <= before + 1 && i > 0)
            flags |= first <= before ? CNS_IDS_UNSORTED : CNS_IDS_ADJACENT;
        before = last;
        if (last > highest)
            highest = last;
        runs[i] = (cns_id_run){(uint16_t)first, (uint16_t)last};
        at += size;
    }
    if (highest > max)
        flags |= CNS_IDS_OVER_MAX;
    if (highest < max)
        flags |= CNS_IDS_SLACK;
    in->at = at;
    *found = flags;
    return i;
cut:
    in->failed = true;
stop:
    if (highest > max)
        flags |= CNS_IDS_OVER_MAX;
    in->at = at;
    *found = flags;
    return i;
}

bool cns_idset_read(cns_id_set *set, cns_bit_in *in, cns_id_run **room, unsigned *found) {
    uint64_t head = cns_bit_take(in, 17);
    uint32_t max = (uint32_t)(head >> 1);
    *found = 0;
    if (!(head & 1)) {
        uint32_t at = cns_bit_skip(in, max);
        if (in->failed)
            return false;
        *set = (cns_id_set){max, 0, in->bytes, at, 0, NULL};
        if (max && !cns_idset_has(set, max))
            *found = CNS_IDS_SLACK;
        return true;
    }
    uint32_t entries = (uint32_t)cns_bit_take(in, 12);
    cns_id_run *runs = *room;
    if (cns_idset_read_entries(runs, in, entries, max, found) < entries || in->failed)
        return false;
    uint32_t count = *found & (CNS_IDS_UNSORTED | CNS_IDS_ADJACENT)
                         ? cns_runs_settle(runs, entries, runs + entries)
                         : entries;
    *set = (cns_id_set){max, entries, NULL, 0, count, runs};
    *room = runs + count;
    return true;
}

/* ----------------------------------------------------------------- writing */

/* Counts runs, and those of one id, until their entries take `limit` bits anyway. */
static uint32_t count_runs(const cns_id_set *set, uint32_t *single, uint32_t limit) {
    uint32_t cursor = 0, count = 0, alone = 0;
    cns_id_run run;
    if (set->bits) {
        /* a run begins where a bit follows a zero, and is one id where a zero follows it */
        uint64_t before = 0; /* the bit before the piece, as the top bit */
        for (uint32_t id = 1; id <= set->max && 33 * count < limit + 16 * alone; id += 56) {
            uint64_t w = field(set, id);
            uint64_t next = id + 56 <= set->max ? field(set, id + 56) >> 56 : 0;
            uint64_t begins = w & ~(w >> 1 | before), ends = w & ~(w << 1 | (next >> 7) << 8);
            count += ones(begins);
            alone += ones(begins & ends);
            before = (w >> 8 & 1) << 63;
        }
    } else {
        while (cns_idset_next(set, &cursor, &run)) {
            count++;
            alone += run.first == run.last;
        }
    }
    *single = alone;
    return count;
}

uint32_t cns_idset_runs(const cns_id_set *set, uint32_t *single) {
    return count_runs(set, single, UINT32_MAX / 2);
}

/* Bits of the runs as entries with their number, or at least `limit` when they are not fewer;
 * UINT32_MAX when the number has no room. */
static uint32_t entry_bits(const cns_id_set *set, uint32_t *count, uint32_t limit) {
    uint32_t single = 0;
    *count = count_runs(set, &single, limit);
    return *count > CNS_MAX_ENTRIES ? UINT32_MAX : 12 + 17 * single + 33 * (*count - single);
}

uint32_t cns_idset_bits(const cns_id_set *set) {
    uint32_t count, last = cns_idset_last(set), ranges = entry_bits(set, &count, last);
    return 17 + (ranges < last ? ranges : last);
}

void cns_idset_write_entries(cns_bit_out *out, const cns_id_set *set) {
    uint32_t cursor = 0;
    cns_id_run run;
    while (cns_idset_next(set, &cursor, &run)) {
        if (run.first == run.last)
            cns_bit_put(out, run.first, 17);
        else
            cns_bit_put(out, (uint64_t)1 << 32 | (uint64_t)run.first << 16 | run.last, 33);
    }
}

void cns_idset_write(cns_bit_out *out, const cns_id_set *set) {
    uint32_t count, last = cns_idset_last(set), ranges = entry_bits(set, &count, last);
    cns_bit_put(out, (uint64_t)last << 1 | (ranges < last), 17);
    if (ranges < last) {
        cns_bit_put(out, count, 12);
        cns_idset_write_entries(out, set);
    } else if (set->bits) {
        if (last)
            cns_bit_copy(out, set->bits, set->at, last);
    } else {
        uint32_t cursor = 0, done = 0;
        cns_id_run run;
        while (cns_idset_next(set, &cursor, &run)) {
            cns_bit_fill(out, false, run.first - done - 1u);
            cns_bit_fill(out, true, (uint32_t)run.last - run.first + 1);
            done = run.last;
        }
    }
}
