/* dcs_section.c - sections of a Didomi Consent String, both ways. */
#include "arena.h"
#include "dcs.h"
#include "fibonacci.h"

/* Codes of the lists; both of the middle ones are read as disabled, the first is written. */
enum { LIST_ENABLED = 0, LIST_DISABLED = 1, LIST_UNDEFINED = 3 };
enum { FIELD_UNDEFINED = 0, FIELD_DISABLED = 1, FIELD_ENABLED = 2 };

/* ---------------------------------------------------------------------- runs */

void cns_dcs_runs_release(cns_dcs_runs *r) {
    cns_drop(r->alloc, r->runs, r->room * sizeof *r->runs);
    *r = (cns_dcs_runs){.alloc = r->alloc};
}

/* Room for `count` more; NULL, and r->failed, when there is none. */
static cns_id_run *grow(cns_dcs_runs *r, size_t count) {
    size_t want = r->count + count;
    if (want > r->room) {
        size_t room = want > 2 * r->room ? want : 2 * r->room;
        cns_id_run *grown = r->alloc.resize(r->alloc.ctx, r->runs, r->room * sizeof *r->runs,
                                            room * sizeof *r->runs);
        if (!grown) {
            r->failed = true;
            return NULL;
        }
        r->runs = grown;
        r->room = room;
    }
    cns_id_run *found = r->runs + r->count;
    r->count = want;
    return found;
}

static void add(cns_dcs_runs *to, const cns_id_run *runs, uint32_t count) {
    cns_id_run *room = count ? grow(to, count) : NULL;
    if (room)
        memcpy(room, runs, count * sizeof *runs);
}

uint32_t cns_dcs_subtract(cns_id_run *out, const cns_id_run *a, uint32_t a_count,
                          const cns_id_run *b, uint32_t b_count) {
    uint32_t kept = 0, at = 0;
    for (uint32_t i = 0; i < a_count; i++) {
        uint32_t first = a[i].first, last = a[i].last;
        while (at < b_count && b[at].last < first)
            at++;
        /* a run of b may reach into the next run of a, so `at` stays on it */
        for (uint32_t j = at; first <= last && j < b_count && b[j].first <= last; j++) {
            if (b[j].first > first)
                out[kept++] = (cns_id_run){(uint16_t)first, (uint16_t)(b[j].first - 1)};
            first = b[j].last + 1u;
            at = j;
        }
        if (first <= last)
            out[kept++] = (cns_id_run){(uint16_t)first, (uint16_t)last};
    }
    return kept;
}

/* ------------------------------------------------------------------- reading */

/* A field of ids 1 to `ids`, one bit each, takes the room of so many runs. */
static size_t field_room(uint32_t ids) {
    return (ids / 8 + 1 + CNS_BIT_SLACK) / sizeof(cns_id_run) + 1;
}

/* Every second bit of 48, the lowest first, moved together. */
static uint32_t every_second(uint64_t w) {
    w &= 0x5555555555555555u;
    w = (w | w >> 1) & 0x3333333333333333u;
    w = (w | w >> 2) & 0x0F0F0F0F0F0F0F0Fu;
    w = (w | w >> 4) & 0x00FF00FF00FF00FFu;
    w = (w | w >> 8) & 0x0000FFFF0000FFFFu;
    return (uint32_t)(w | w >> 16);
}

/* Puts 24 bits from place `at` on into a field that is zero from there on. */
static void put_ids(uint8_t *field, uint32_t at, uint32_t ids) {
    uint8_t *to = field + (at >> 3);
    ids <<= 8 - (at & 7);
    to[0] |= (uint8_t)(ids >> 24);
    to[1] = (uint8_t)(ids >> 16);
    to[2] = (uint8_t)(ids >> 8);
    to[3] = (uint8_t)ids;
}

/* So many ids in front of the first one are no reason for runs. */
#define FEW_BEFORE 1024u

/* Runs of the ids from `start` on that have a status: 2 enabled, 1 disabled. */
static uint32_t runs_with(cns_id_run *out, const cns_bit_in *in, uint32_t at, uint32_t start,
                          uint32_t count, unsigned status) {
    uint32_t used = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t id = start + i;
        if (cns_bits_at(in->bytes, at + 2 * i) >> 62 != status)
            continue;
        if (used && out[used - 1].last + 1u == id)
            out[used - 1].last = (uint16_t)id;
        else
            out[used++] = (cns_id_run){(uint16_t)id, (uint16_t)id};
    }
    return used;
}

/* A field that begins far up is kept as runs: room goes with what is written, not with ids. */
static const char *read_sparse(cns_dcs_place *place, cns_dcs_runs *to, cns_bit_in *in, uint32_t at,
                               uint32_t start, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (cns_bits_at(in->bytes, at + 2 * i) >> 62 == 3) {
            in->at = at + 2 * i;
            return "bad_status";
        }
    cns_id_run *room = grow(to, count);
    if (!room)
        return NULL;
    place->sparse = true;
    place->enabled = runs_with(room, in, at, start, count, 2);
    place->disabled = runs_with(room + place->enabled, in, at, start, count, 1);
    to->count -= count - place->enabled - place->disabled;
    return NULL;
}

/* The statuses taken apart: two fields of one bit an id, 24 ids a step. */
static const char *read_bit_field(cns_dcs_place *place, cns_dcs_runs *to, cns_bit_in *in) {
    enum { STEP = 24 };
    uint32_t begin = in->at, start = 1;
    if (!cns_bit_take(in, 1))
        start = (uint32_t)cns_bit_take(in, 16);
    uint32_t count = (uint32_t)cns_bit_take(in, 16), at = cns_bit_skip(in, 2 * count);
    if (in->failed)
        return "truncated";
    if (!count)
        return NULL;
    if (!start || start + count - 1 > CNS_MAX_ID) {
        in->at = begin;
        return start ? "id_over_max" : "id_zero";
    }
    uint32_t ids = start + count - 1;
    if (ids > 16 * count + FEW_BEFORE)
        return read_sparse(place, to, in, at, start, count);
    cns_id_run *room = grow(to, 2 * field_room(ids));
    if (!room)
        return NULL;
    uint8_t *on = (uint8_t *)room, *off = (uint8_t *)(room + field_room(ids));
    memset(room, 0, 2 * field_room(ids) * sizeof *room);
    for (uint32_t i = 0; i < count; i += STEP) {
        uint64_t w = cns_bits_at(in->bytes, at + 2 * i) >> (64 - 2 * STEP);
        if (count - i < STEP)
            w &= ~(uint64_t)0 << 2 * (STEP - (count - i));
        uint64_t wrong = w & w >> 1 & 0x5555555555555555u;
        if (wrong) { /* the first of them */
            for (in->at = at + 2 * i; !(wrong >> (2 * STEP - 2)); wrong = wrong << 2)
                in->at += 2;
            return "bad_status";
        }
        put_ids(on, start - 1 + i, every_second(w >> 1));
        put_ids(off, start - 1 + i, every_second(w));
    }
    place->enabled = place->disabled = ids;
    return NULL;
}

/* What the ranges of a list come to besides. */
typedef struct oddities {
    unsigned found;
    bool apart; /* ascending, with an id between any two */
} oddities;

/* `next` is the first id that leaves one between itself and the range before; at first 0. */
static inline void look_at(oddities *odd, uint32_t first, uint32_t next) {
    odd->apart = odd->apart & (first >= next);
    odd->found |= first + 1 < next ? CNS_DCS_UNSORTED : 0;
}

/* The ranges of one list as they are written. */
static const char *read_u16(cns_id_run *runs, uint32_t ranges, cns_bit_in *in, oddities *odd) {
    const uint8_t *bytes = in->bytes;
    uint32_t next = 0, at = in->at, end = in->end;
    oddities seen = *odd;
    for (cns_id_run *stop = runs + ranges; runs < stop; runs++) {
        uint64_t w = cns_bits_at(bytes, at);
        uint32_t first = w >> 47 & 0xFFFF, last = first, size = 17;
        if (!(w >> 63)) {
            last = w >> 31 & 0xFFFF;
            size = 33;
        }
        if (size > end - at || !first || last < first) {
            in->failed = size > end - at;
            in->at = at;
            return in->failed ? "truncated" : first ? "range_inverted" : "id_zero";
        }
        look_at(&seen, first, next);
        if (size == 33 && first == last)
            seen.found |= CNS_DCS_DEGENERATE;
        next = last + 2;
        *runs = (cns_id_run){(uint16_t)first, (uint16_t)last};
        at += size;
    }
    in->at = at;
    *odd = seen;
    return NULL;
}

/* A range in Fibonacci numbers, of which the second is a distance: bit for bit. */
static const char *read_slowly(cns_id_run *run, cns_bit_in *in) {
    uint32_t begin = in->at;
    bool single = cns_bit_take(in, 1) != 0;
    uint32_t first = cns_fibonacci_read(in, CNS_MAX_ID), last = first;
    if (!single && first)
        last = cns_fibonacci_read(in, CNS_MAX_ID);
    bool there = first && last;
    if (!single)
        last += first;
    if (!there || last > CNS_MAX_ID) {
        in->at = begin;
        return in->failed ? "truncated" : "id_over_max";
    }
    *run = (cns_id_run){(uint16_t)first, (uint16_t)last};
    return NULL;
}

/* A list of more Fibonacci ranges is read only as long as it ascends, as the format wants it:
 * three bits can repeat an id. */
#define UNSORTED_MOST 1024u

static const char *read_fibonacci(cns_id_run *runs, uint32_t ranges, cns_bit_in *in,
                                  oddities *odd) {
    const uint8_t *bytes = in->bytes;
    uint32_t next = 0, at = in->at, end = in->end;
    oddities seen = *odd;
    for (cns_id_run *stop = runs + ranges; runs < stop; runs++) {
        uint64_t w = cns_bits_at(bytes, at);
        uint32_t size = 0, more = 0, begin = at;
        uint32_t first = cns_fibonacci_code(w << 1, &size), last = first;
        if (!(w >> 63)) {
            uint32_t distance = cns_fibonacci_code(w << 1 << size, &more);
            last = distance ? first + distance : 0;
        }
        at += 1 + size + more;
        if (!first || !last || last > CNS_MAX_ID || at > end) {
            in->at = begin;
            const char *wrong = read_slowly(runs, in);
            if (wrong)
                return wrong;
            at = in->at;
            first = runs->first;
            last = runs->last;
        }
        look_at(&seen, first, next);
        if (seen.found && ranges > UNSORTED_MOST) {
            in->at = begin;
            return "range_unsorted";
        }
        next = last + 2;
        *runs = (cns_id_run){(uint16_t)first, (uint16_t)last};
    }
    in->at = at;
    *odd = seen;
    return NULL;
}

/* One list, settled. */
static const char *read_list(cns_id_run *runs, uint32_t *count, cns_bit_in *in, bool fibonacci,
                             unsigned *found) {
    uint32_t ranges = (uint32_t)cns_bit_take(in, 16), left = cns_bit_left(in);
    if (in->failed || ranges > left / (fibonacci ? 3 : 17)) {
        in->failed = true;
        return "truncated";
    }
    oddities odd = {0, true};
    const char *wrong = (fibonacci ? read_fibonacci : read_u16)(runs, ranges, in, &odd);
    *found |= odd.found;
    if (!wrong)
        *count = odd.apart ? ranges : cns_runs_settle(runs, ranges);
    return wrong;
}

typedef struct list {
    cns_id_run *runs;
    uint32_t count;
} list;

/* Takes from a list what the other one has. */
static void keep_apart(list *of, const list *others, cns_id_run *scratch, unsigned *found) {
    if (!of->count || !others->count)
        return;
    uint32_t kept = cns_dcs_subtract(scratch, of->runs, of->count, others->runs, others->count);
    if (kept == of->count && memcmp(scratch, of->runs, kept * sizeof *scratch) == 0)
        return;
    *found |= CNS_DCS_CONTRADICTION;
    memcpy(of->runs, scratch, kept * sizeof *scratch);
    of->count = kept;
}

/* Ids from 1 to the highest of both lists that are in neither, to `out`. */
static uint32_t neither(cns_id_run *out, const list *a, const list *b, cns_id_run *both) {
    uint32_t count = 0, last = 0, i = 0, j = 0;
    while (i < a->count || j < b->count) {
        bool first = j == b->count || (i < a->count && a->runs[i].first < b->runs[j].first);
        both[count] = first ? a->runs[i++] : b->runs[j++];
        last = both[count].last > last ? both[count].last : last;
        count++;
    }
    cns_id_run all = {1, (uint16_t)last};
    return last ? cns_dcs_subtract(out, &all, 1, both, count) : 0;
}

static const char *read_ranges(cns_dcs_place *place, cns_dcs_runs *to, cns_bit_in *in,
                               cns_id_run *scratch, unsigned *found) {
    bool fibonacci = place->encoding == CNS_DCS_RANGES_FIBONACCI;
    uint32_t begin = in->at, room = CNS_DCS_LISTED(cns_bit_left(in));
    unsigned codes[2] = {0, 0}, status[2];
    codes[0] = (unsigned)cns_bit_take(in, 2);
    codes[1] = (unsigned)cns_bit_take(in, 2);
    for (unsigned i = 0; i < 2; i++)
        status[i] = codes[i] == 2 ? LIST_DISABLED : codes[i];
    if (codes[0] != codes[1] && status[0] == status[1]) {
        in->at = begin;
        return "bad_statuses"; /* two lists of one status leave open which the third is */
    }
    unsigned lists = codes[0] == codes[1] ? 1 : 2;
    list of[4] = {{0}}; /* by status: enabled, disabled, unused, undefined */
    const char *wrong = NULL;
    cns_id_run *spare = scratch + 2 * room;
    for (unsigned i = 0; i < lists && !wrong; i++) {
        list *to_list = &of[status[i]];
        to_list->runs = scratch + i * room;
        wrong = read_list(to_list->runs, &to_list->count, in, fibonacci, found);
    }
    if (wrong)
        return wrong;
    list *on = &of[LIST_ENABLED], *off = &of[LIST_DISABLED], *none = &of[LIST_UNDEFINED];
    /* the more restrictive status counts */
    if (lists == 2 && !none->runs)
        keep_apart(on, off, spare, found);
    else if (lists == 2 && !off->runs)
        keep_apart(on, none, spare, found);
    else if (lists == 2)
        keep_apart(none, off, spare, found);
    if (lists == 2 && none->runs) {
        /* what has no list is the third status */
        list *listed = on->runs ? on : off, *third = on->runs ? off : on;
        third->runs = scratch + 3 * room;
        third->count = neither(third->runs, listed, none, spare);
    }
    add(to, on->runs, on->count);
    add(to, off->runs, off->count);
    place->enabled = on->count;
    place->disabled = off->count;
    return NULL;
}

const char *cns_dcs_section_read(cns_dcs_place *place, cns_dcs_runs *to, cns_bit_in *in,
                                 cns_id_run *scratch, unsigned *found) {
    uint32_t begin = in->at;
    unsigned algorithm = (unsigned)cns_bit_take(in, 2);
    *place = (cns_dcs_place){(cns_dcs_encoding)algorithm, to->count, 0, 0, false};
    if (algorithm == CNS_DCS_BIT_FIELD && !in->failed)
        return read_bit_field(place, to, in);
    if (algorithm < CNS_DCS_ENCODINGS && !in->failed)
        return read_ranges(place, to, in, scratch, found);
    in->at = in->failed ? in->at : begin;
    return in->failed ? "truncated" : "bad_algorithm";
}

static cns_id_set field_of(const cns_id_run *room, uint32_t ids) {
    cns_id_set set = {ids, 0, (const uint8_t *)room, 0, 0, NULL};
    set.max = cns_idset_last(&set);
    return set;
}

cns_dcs_section cns_dcs_section_of(const cns_dcs_place *place, const cns_dcs_runs *in) {
    cns_dcs_section section = {.encoding = place->encoding};
    const cns_id_run *at = in->runs ? in->runs + place->first : NULL;
    bool fields = place->encoding == CNS_DCS_BIT_FIELD && !place->sparse && place->enabled;
    if (fields) {
        section.enabled = field_of(at, place->enabled);
        section.disabled = field_of(at + field_room(place->enabled), place->disabled);
    } else {
        section.enabled = cns_idset_of_runs(at, place->enabled);
        section.disabled = cns_idset_of_runs(at ? at + place->enabled : NULL, place->disabled);
    }
    return section;
}

/* ------------------------------------------------------------------- writing */

static const unsigned pair_codes[CNS_DCS_PAIRS][2] = {
    [CNS_DCS_ENABLED] = {LIST_ENABLED, LIST_ENABLED},
    [CNS_DCS_DISABLED] = {LIST_DISABLED, LIST_DISABLED},
    [CNS_DCS_ENABLED_DISABLED] = {LIST_ENABLED, LIST_DISABLED},
    [CNS_DCS_UNDEFINED_ENABLED] = {LIST_UNDEFINED, LIST_ENABLED},
    [CNS_DCS_UNDEFINED_DISABLED] = {LIST_UNDEFINED, LIST_DISABLED},
};

static const cns_id_set *list_of(const cns_dcs_lists *lists, unsigned code) {
    return code == LIST_ENABLED    ? &lists->enabled
           : code == LIST_DISABLED ? &lists->disabled
                                   : &lists->undefined;
}

bool cns_dcs_pair_fits(const cns_dcs_lists *lists, cns_dcs_pair pair) {
    uint32_t on = cns_idset_last(&lists->enabled), off = cns_idset_last(&lists->disabled);
    switch (pair) {
    case CNS_DCS_ENABLED:
        return !off;
    case CNS_DCS_DISABLED:
        return !on;
    case CNS_DCS_ENABLED_DISABLED:
        return true;
    case CNS_DCS_UNDEFINED_ENABLED: /* the highest id has to be in a list */
        return on > off;
    case CNS_DCS_UNDEFINED_DISABLED:
        return off > on;
    default:
        return false;
    }
}

static uint32_t list_bits(const cns_id_set *set) {
    uint32_t single, runs = cns_idset_runs(set, &single);
    return 16 + 17 * single + 33 * (runs - single);
}

static uint32_t pair_bits(const cns_dcs_lists *lists, cns_dcs_pair pair) {
    const unsigned *codes = pair_codes[pair];
    uint32_t bits = 4 + list_bits(list_of(lists, codes[0]));
    return codes[0] == codes[1] ? bits : bits + list_bits(list_of(lists, codes[1]));
}

cns_dcs_pair cns_dcs_pair_best(const cns_dcs_lists *lists) {
    cns_dcs_pair best = CNS_DCS_ENABLED_DISABLED;
    uint32_t least = UINT32_MAX;
    for (unsigned i = 0; i < CNS_DCS_PAIRS; i++) {
        cns_dcs_pair pair = (cns_dcs_pair)i;
        if (cns_dcs_pair_fits(lists, pair) && pair_bits(lists, pair) < least) {
            best = pair;
            least = pair_bits(lists, pair);
        }
    }
    return best;
}

/* The first id of the bit field, and how many it has. */
static uint32_t field_start(const cns_dcs_lists *lists, uint32_t *count) {
    uint32_t on = cns_idset_last(&lists->enabled), off = cns_idset_last(&lists->disabled),
             last = on > off ? on : off, first = 1;
    if (lists->undefined.run_count && lists->undefined.runs[0].first == 1)
        first = lists->undefined.runs[0].last + 1u;
    if (2 * (first - 1) <= 16)
        first = 1; /* saying where it starts takes 16 bits */
    *count = last + 1 - first;
    return first;
}

cns_dcs_encoding cns_dcs_shortest(const cns_dcs_lists *lists) {
    uint32_t count, start = field_start(lists, &count), bits = (start == 1 ? 17u : 33u) + 2 * count;
    return bits <= pair_bits(lists, cns_dcs_pair_best(lists)) ? CNS_DCS_BIT_FIELD
                                                              : CNS_DCS_RANGES_U16;
}

static void put_status(cns_bit_out *out, unsigned status, uint32_t count) {
    static const uint64_t pattern[] = {0, 0x55555555u, 0xAAAAAAAAu};
    for (; count; count -= count < 16 ? count : 16) {
        uint32_t step = count < 16 ? count : 16;
        cns_bit_put(out, pattern[status] >> (32 - 2 * step), 2 * step);
    }
}

static void write_bit_field(cns_bit_out *out, const cns_dcs_lists *lists) {
    uint32_t count, at = field_start(lists, &count), end = at + count, i = 0, j = 0;
    cns_bit_put(out, at == 1, 1);
    if (at != 1)
        cns_bit_put(out, at, 16);
    cns_bit_put(out, count, 16);
    while (at < end && !out->failed) {
        const cns_id_set *on = &lists->enabled, *off = &lists->disabled;
        bool enabled =
            j == off->run_count || (i < on->run_count && on->runs[i].first < off->runs[j].first);
        cns_id_run run = enabled ? on->runs[i++] : off->runs[j++];
        put_status(out, FIELD_UNDEFINED, (uint32_t)run.first - at);
        put_status(out, enabled ? FIELD_ENABLED : FIELD_DISABLED, 1u + run.last - run.first);
        at = run.last + 1u;
    }
}

static void write_list(cns_bit_out *out, const cns_id_set *set) {
    cns_bit_put(out, set->run_count, 16);
    for (uint32_t i = 0; i < set->run_count; i++) {
        cns_id_run run = set->runs[i];
        bool single = run.first == run.last;
        cns_bit_put(out, single, 1);
        cns_bit_put(out, run.first, 16);
        if (!single)
            cns_bit_put(out, run.last, 16);
    }
}

void cns_dcs_section_write(cns_bit_out *out, const cns_dcs_lists *lists, cns_dcs_encoding encoding,
                           cns_dcs_pair pair) {
    cns_bit_put(out, encoding == CNS_DCS_BIT_FIELD ? 0 : 1, 2);
    if (encoding == CNS_DCS_BIT_FIELD) {
        write_bit_field(out, lists);
        return;
    }
    const unsigned *codes = pair_codes[pair];
    cns_bit_put(out, codes[0], 2);
    cns_bit_put(out, codes[1], 2);
    write_list(out, list_of(lists, codes[0]));
    if (codes[0] != codes[1])
        write_list(out, list_of(lists, codes[1]));
}
