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
#if defined(__GNUC__) && defined(__POPCNT__)
    return (uint32_t)__builtin_popcountll(w);
#else
    w -= w >> 1 & 0x5555555555555555u;
    w = (w & 0x3333333333333333u) + (w >> 2 & 0x3333333333333333u);
    w = (w + (w >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (uint32_t)(w * 0x0101010101010101u >> 56);
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
            return id + cns_leading_zeros(w);
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

#define FEW 24u /* runs that are sorted as they are */

static void insertion_sort(cns_id_run *runs, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        cns_id_run run = runs[i];
        uint32_t to = i;
        for (; to && runs[to - 1].first > run.first; to--)
            runs[to] = runs[to - 1];
        runs[to] = run;
    }
}

#define WORDS ((CNS_MAX_ID + 1) / 64)

/* Ids as bits, id 64 w + i being bit i of word w. Words that a run covers whole are not written:
 * it is noted where it begins and ends. */
typedef struct gathered {
    uint64_t touched[WORDS / 64]; /* words in which a run begins or ends */
    uint64_t words[WORDS];
    uint16_t begins[WORDS], ends[WORDS]; /* runs of several words that do so in this one */
} gathered;

static inline void touch(gathered *g, uint32_t w) {
    uint64_t *touched = &g->touched[w / 64], bit = (uint64_t)1 << (w & 63);
    if (*touched & bit)
        return;
    *touched |= bit;
    g->words[w] = g->begins[w] = g->ends[w] = 0;
}

static void gather(gathered *g, const cns_id_run *runs, uint32_t count) {
    memset(g->touched, 0, sizeof g->touched);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t first = runs[i].first, last = runs[i].last, from = first / 64, to = last / 64;
        touch(g, from);
        if (first == last) {
            g->words[from] |= (uint64_t)1 << (first & 63);
            continue;
        }
        uint64_t head = ~(uint64_t)0 << (first & 63), tail = ~(uint64_t)0 >> (63 - (last & 63));
        if (from == to) {
            g->words[from] |= head & tail;
            continue;
        }
        touch(g, to);
        g->words[from] |= head;
        g->words[to] |= tail;
        g->begins[from]++;
        g->ends[to]++;
    }
}

/* Any number of runs, in time linear in their number. A bit above a zero is the first id of a
 * maximal run, a zero above a bit the one behind its last. */
static uint32_t settle_many(cns_id_run *runs, uint32_t count) {
    gathered g;
    uint32_t covers = 0, next = 0; /* runs that go on behind the word at hand, and that word */
    uint64_t before = 0;           /* the last bit of the word at hand */
    cns_id_run *first = runs, *last = runs; /* those whose first and last id come next */
    gather(&g, runs, count);
    for (uint32_t t = 0; t < WORDS / 64; t++)
        for (uint64_t touched = g.touched[t]; touched; touched &= touched - 1) {
            uint32_t w = 64 * t + cns_trailing_zeros(touched);
            if (w != next && before && !covers) {
                (last++)->last = (uint16_t)(64 * next - 1);
                before = 0;
            }
            covers -= g.ends[w];
            uint64_t word = covers ? ~(uint64_t)0 : g.words[w];
            uint64_t shifted = word << 1 | before;
            for (uint64_t begins = word & ~shifted; begins; begins &= begins - 1)
                (first++)->first = (uint16_t)(64 * w + cns_trailing_zeros(begins));
            for (uint64_t ends = shifted & ~word; ends; ends &= ends - 1)
                (last++)->last = (uint16_t)(64 * w + cns_trailing_zeros(ends) - 1);
            covers += g.begins[w];
            before = word >> 63;
            next = w + 1;
        }
    if (before)
        (last++)->last = (uint16_t)(64 * next - 1);
    return (uint32_t)(last - runs);
}

uint32_t cns_runs_settle(cns_id_run *runs, uint32_t count) {
    uint32_t i = 1;
    while (i < count && runs[i].first > (uint32_t)runs[i - 1].last + 1)
        i++;
    if (i >= count)
        return count;
    if (count >= FEW)
        return settle_many(runs, count);
    insertion_sort(runs, count);
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
    uint32_t count =
        *found & (CNS_IDS_UNSORTED | CNS_IDS_ADJACENT) ? cns_runs_settle(runs, entries) : entries;
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
