/* numbers.c - the tables behind numbers.h. */
#include "numbers.h"

#include <stdlib.h>

#include "bit_in.h"
#include "ids.h"

/* ------------------------------------------------------------- the vendor list */

/* The bits of `mask` moved together at the low end, in the steps of Guy Steele's method
 * (Warren, Hacker's Delight, compress): each step moves by a power of two what has to move
 * by it. */
static void plan(cns_spread *step) {
    cns_word mask = step->mask, holes = ~mask << 1;
    for (unsigned i = 0; i < 6; i++) {
        cns_word odd = holes;
        for (unsigned k = 1; k < 64; k *= 2)
            odd ^= odd << k;
        cns_word move = odd & mask;
        step->move[i] = move;
        mask = (mask ^ move) | move >> (1u << i);
        holes &= ~odd;
    }
}

static inline cns_word moved(cns_word bits, cns_word move, unsigned by) {
    move &= bits;
    return (bits ^ move) | move >> by;
}

static inline cns_word together(const cns_spread *step, cns_word bits) {
    bits &= step->mask;
    if (!bits || step->mask == ~(cns_word)0)
        return bits;
    bits = moved(bits, step->move[0], 1);
    bits = moved(bits, step->move[1], 2);
    bits = moved(bits, step->move[2], 4);
    bits = moved(bits, step->move[3], 8);
    bits = moved(bits, step->move[4], 16);
    return moved(bits, step->move[5], 32);
}

static bool plan_list(cns_ids *ids, const cns_gvl *gvl, uint32_t first) {
    cns_numbers *n = &ids->numbers;
    uint32_t next = first, others = 0;
    for (uint32_t iab = 1; iab <= ids->highest; iab++)
        if (ids->by_iab[iab] == next + 1)
            next++;
        else
            others += ids->by_iab[iab] != 0;
    n->words = cns_words(ids->highest);
    n->spread = cns_arena_zero(ids->arena, n->words, sizeof *n->spread);
    n->others = cns_arena_zero(ids->arena, others, sizeof *n->others);
    if (!n->spread || !n->others)
        return false;
    next = first;
    for (uint32_t iab = 1; iab <= ids->highest; iab++) {
        cns_spread *step = &n->spread[(iab - 1) / 64];
        if ((iab - 1) % 64 == 0)
            step->at = next;
        if (!ids->by_iab[iab])
            continue;
        uint32_t vendor = ids->by_iab[iab] - 1;
        uint32_t row = gvl ? cns_gvl_row(gvl, iab) : CNS_NO_ID;
        if (row != CNS_NO_ID && !gvl->entries[row].deleted && iab != CNS_GOOGLE_IAB)
            step->all |= (cns_word)1 << ((iab - 1) % 64);
        if (vendor == next) {
            step->mask |= (cns_word)1 << ((iab - 1) % 64);
            next++;
        } else {
            n->others[n->other_count++] = (cns_numbered){iab, vendor};
        }
    }
    for (uint32_t w = 0; w < n->words; w++)
        plan(&n->spread[w]);
    return true;
}

/* Eight bytes of a bit field, its first bit the lowest. */
static inline cns_word turned(const uint8_t *bytes) {
    cns_word w;
    memcpy(&w, bytes, sizeof w);
#if !(defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
    w = 0;
    for (unsigned i = 0; i < 8; i++)
        w |= (cns_word)bytes[i] << 8 * i;
#endif
    w = (w >> 1 & 0x5555555555555555u) | (w & 0x5555555555555555u) << 1;
    w = (w >> 2 & 0x3333333333333333u) | (w & 0x3333333333333333u) << 2;
    return (w >> 4 & 0x0F0F0F0F0F0F0F0Fu) | (w & 0x0F0F0F0F0F0F0F0Fu) << 4;
}

/* The lowest `count` bits, 0 to 64. */
static cns_word low(uint32_t count) {
    return count < 64 ? ((cns_word)1 << count) - 1 : ~(cns_word)0;
}

static void add_run(cns_word *dense, uint32_t words, uint32_t first, uint32_t last) {
    if (last > 64 * words)
        last = 64 * words;
    if (first > last)
        return;
    uint32_t from = (first - 1) / 64, to = (last - 1) / 64;
    cns_word head = ~(cns_word)0 << ((first - 1) % 64), tail = low((last - 1) % 64 + 1);
    if (from == to) {
        dense[from] |= head & tail;
        return;
    }
    dense[from] |= head;
    for (uint32_t w = from + 1; w < to; w++)
        dense[w] = ~(cns_word)0;
    dense[to] |= tail;
}

void cns_listed_dense(cns_word *dense, const cns_numbers *numbers, const cns_id_set *set) {
    memset(dense, 0, numbers->words * sizeof *dense);
    if (!set->bits) {
        for (uint32_t i = 0; i < set->run_count && set->runs[i].first <= 64 * numbers->words; i++)
            add_run(dense, numbers->words, set->runs[i].first, set->runs[i].last);
        return;
    }
    uint32_t words = cns_words(set->max);
    words = words < numbers->words ? words : numbers->words;
    const uint8_t *from = set->bits + (set->at >> 3);
    unsigned skip = set->at & 7;
    cns_word now = turned(from);
    for (uint32_t w = 0; w < words; w++) {
        cns_word next = turned(from += 8);
        dense[w] = skip ? now >> skip | next << (64 - skip) : now;
        now = next;
    }
    if (words && 64 * words > set->max)
        dense[words - 1] &= low(set->max % 64);
}

void cns_listed_spread(cns_word *vendors, const cns_numbers *numbers, const cns_word *dense) {
    const cns_spread *step = numbers->spread;
    for (const cns_word *end = dense + numbers->words; dense < end; dense++, step++) {
        cns_word bits = together(step, *dense);
        unsigned skip = step->at % 64;
        cns_word *at = vendors + step->at / 64;
        if (!bits)
            continue;
        at[0] |= bits << skip;
        if (skip && bits >> (64 - skip))
            at[1] |= bits >> (64 - skip);
    }
    dense -= numbers->words;
    for (uint32_t i = 0; i < numbers->other_count; i++)
        if (cns_has(dense, numbers->others[i].number - 1))
            cns_add_bit(vendors, numbers->others[i].id);
}

bool cns_listed_covers(const cns_numbers *numbers, const cns_word *dense) {
    for (uint32_t w = 0; w < numbers->words; w++)
        if (numbers->spread[w].all & ~dense[w])
            return false;
    return true;
}

/* ------------------------------------------------------------ Didomi's numbers */

uint32_t cns_number_written(const cns_value *entry) {
    const cns_value *num = CNS_AT(entry, "num");
    return cns_is(num, CNS_INT) && num->u.i >= 1 && num->u.i <= CNS_MAX_ID ? (uint32_t)num->u.i : 0;
}

static int by_number(const void *a, const void *b) {
    const cns_numbered *one = a, *two = b;
    if (one->number != two->number)
        return one->number < two->number ? -1 : 1;
    return one->id < two->id ? -1 : one->id > two->id;
}

static bool number_vendors(cns_ids *ids, const cns_value *catalog) {
    cns_numbers *n = &ids->numbers;
    uint32_t room = ids->vendor_count;
    n->vendors = cns_arena_zero(ids->arena, room, sizeof *n->vendors);
    cns_word *numbered = cns_arena_zero(ids->arena, cns_words(room), sizeof *numbered);
    n->numbered_vendors = numbered;
    if (!n->vendors || !numbered)
        return false;
    for (uint32_t i = 0; cns_is_object(catalog) && i < catalog->len; i++) {
        const cns_member *member = &catalog->u.table->members[i];
        uint32_t vendor = cns_ids_vendor(ids, (cns_span){member->key, member->key_len});
        uint32_t number = cns_number_written(member->value);
        if (!number || vendor == CNS_NO_ID || cns_has(numbered, vendor))
            continue;
        cns_add_bit(numbered, vendor);
        n->vendors[n->vendor_count++] = (cns_numbered){number, vendor};
    }
    for (uint32_t i = 0; i < ids->vendor_count; i++)
        if (ids->vendors[i].num && !cns_has(numbered, i)) {
            cns_add_bit(numbered, i);
            n->vendors[n->vendor_count++] = (cns_numbered){ids->vendors[i].num, i};
        }
    qsort(n->vendors, n->vendor_count, sizeof *n->vendors, by_number);
    return true;
}

static bool number_purposes(cns_ids *ids, const cns_value *catalog) {
    cns_numbers *n = &ids->numbers;
    uint32_t room = cns_is_object(catalog) ? catalog->len : 0;
    n->purposes = cns_arena_zero(ids->arena, room, sizeof *n->purposes);
    n->numbered_purposes =
        cns_arena_zero(ids->arena, cns_words(ids->purpose_count), sizeof(cns_word));
    if (!n->purposes || !n->numbered_purposes)
        return false;
    for (uint32_t i = 0; i < room; i++) {
        const cns_member *member = &catalog->u.table->members[i];
        uint32_t purpose = cns_ids_purpose(ids, member->key, member->key_len);
        uint32_t number = cns_number_written(member->value);
        if (!number || purpose == CNS_NO_ID)
            continue;
        cns_add_bit(n->numbered_purposes, purpose);
        n->purposes[n->purpose_count++] = (cns_numbered){number, purpose};
    }
    qsort(n->purposes, n->purpose_count, sizeof *n->purposes, by_number);
    return true;
}

bool cns_numbers_make(cns_ids *ids, const cns_directory *directory, uint32_t first) {
    return plan_list(ids, directory->gvl, first) &&
           number_vendors(ids, CNS_AT(directory->catalog, "vendors")) &&
           number_purposes(ids, CNS_AT(directory->site, "purposes"));
}

bool cns_numbered_shared(const cns_numbered *known, uint32_t count, uint32_t at) {
    return (at > 0 && known[at - 1].number == known[at].number) ||
           (at + 1 < count && known[at + 1].number == known[at].number);
}

/* One id under a number that the set has; returns whether the number is a new one. */
static bool take_id(cns_word *set, const cns_numbered *known, uint32_t count, uint32_t at,
                    bool refused) {
    if (refused || !cns_numbered_shared(known, count, at))
        cns_add_bit(set, known[at].id);
    return at == 0 || known[at - 1].number != known[at].number;
}

bool cns_numbered_take(cns_word *set, const cns_numbered *known, uint32_t count,
                       const cns_id_set *numbers, bool refused) {
    uint32_t at = 0, taken = 0, ids = 0;
    if (numbers->bits) {
        for (; at < count && known[at].number <= numbers->max; at++)
            if (cns_idset_has(numbers, known[at].number))
                taken += take_id(set, known, count, at, refused);
        return taken < cns_idset_count(numbers);
    }
    if (numbers->run_count > count) { /* more numbers than there are ids */
        for (; at < count; at++)
            if (cns_idset_has(numbers, known[at].number))
                (void)take_id(set, known, count, at, refused);
        return true;
    }
    for (uint32_t i = 0; i < numbers->run_count; i++) {
        cns_id_run run = numbers->runs[i];
        if (at == count)
            return true;
        ids += 1u + run.last - run.first;
        for (; at < count && known[at].number <= run.last; at++)
            if (known[at].number >= run.first)
                taken += take_id(set, known, count, at, refused);
    }
    return taken < ids;
}
