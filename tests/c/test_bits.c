/* test_bits.c - bits in base64url texts, and sets of ids, against the plainest model of each. */
#include "bit_in.h"
#include "bit_out.h"
#include "harness.h"
#include "id_set.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static uint32_t seed = 1;
static uint32_t roll(uint32_t below) {
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(seed >> 8) * below >> 24);
}

TEST(decoding) {
    char text[80] = "";
    uint8_t out[CNS_BIT_ROOM(80)];
    for (size_t len = 0; len < 80; len++) {
        for (size_t i = 0; i < len; i++)
            text[i] = letters[roll(64)];
        memset(out, 0xFF, sizeof out);
        CHECK_INT(cns_bits_decode(out, text, len), len);
        for (uint32_t i = 0; i < len; i++)
            CHECK(letters[cns_bits_at(out, i * 6) >> 58] == text[i]);
        CHECK_INT(cns_bits_at(out, (uint32_t)len * 6) >> 8, 0); /* slack is zero */
        /* every place, every wrong byte */
        for (size_t at = 0; at < len; at++) {
            char kept = text[at];
            for (int c = 0; c < 256; c++) {
                text[at] = (char)c;
                bool letter = c && strchr(letters, c);
                CHECK_INT(cns_bits_decode(out, text, len), letter ? len : at);
            }
            text[at] = kept;
        }
    }
}

TEST(fields) {
    uint8_t bytes[4 + CNS_BIT_SLACK] = {0x80, 0x01, 0x00, 0xF0};
    cns_bit_in in = cns_bit_in_of(bytes, 28);
    CHECK_INT(cns_bit_take(&in, 1), 1);
    CHECK(!cns_bit_rest_zero(&in));
    CHECK_INT(cns_bit_take(&in, 15), 1);
    CHECK_INT(cns_bit_left(&in), 12);
    CHECK_INT(cns_bit_skip(&in, 8), 16);
    CHECK_INT(cns_bit_take(&in, 5), 0);
    CHECK(in.failed && in.at == 24);
    CHECK_INT(cns_bit_take(&in, 1), 0); /* stays failed */
    in = cns_bit_in_of(bytes, 24);
    in.at = 16;
    CHECK(cns_bit_rest_zero(&in)); /* the set bits behind the end do not count */
    in.at = 24;
    CHECK(cns_bit_rest_zero(&in) && !in.failed);
    CHECK_INT(cns_bit_skip(&in, UINT32_MAX), 24);
    CHECK(in.failed);
}

/* Writes fields of random widths and reads them back, through text. */
TEST(both_ways) {
    for (int round = 0; round < 300; round++) {
        cns_bit_out out = cns_bit_out_new(cns_alloc_default());
        uint64_t values[64];
        uint32_t widths[64], count = roll(64);
        for (uint32_t i = 0; i < count; i++) {
            widths[i] = 1 + roll(57);
            values[i] = ((uint64_t)roll(1u << 24) << 40 ^ (uint64_t)roll(1u << 24) << 20 ^
                         roll(1u << 24)) >>
                        (64 - widths[i]);
            cns_bit_put(&out, values[i], widths[i]);
        }
        uint32_t ones = roll(200);
        cns_bit_fill(&out, true, ones);
        cns_bit_fill(&out, false, roll(3));
        cns_bit_fill(&out, true, 1);
        uint32_t end = out.at;
        if (round % 2)
            cns_bit_pad(&out, 24);
        CHECK(!out.failed && out.at - end < 24 && (round % 2 == 0 || out.at % 24 == 0));
        char text[1024];
        size_t len = cns_bit_text_len(&out);
        cns_bit_text(text, &out);
        uint8_t bytes[CNS_BIT_ROOM(1024)];
        CHECK_INT(cns_bits_decode(bytes, text, len), len);
        cns_bit_in in = cns_bit_in_of(bytes, len * 6);
        for (uint32_t i = 0; i < count; i++)
            CHECK(cns_bit_take(&in, widths[i]) == values[i]);
        for (uint32_t i = 0; i < ones; i++)
            CHECK_INT(cns_bit_take(&in, 1), 1);
        in.at = end;
        CHECK(cns_bit_rest_zero(&in));
        in.at = end - 1;
        CHECK(!cns_bit_rest_zero(&in));
        cns_bit_out_release(&out);
    }
}

TEST(too_many_bits) {
    cns_bit_out out = cns_bit_out_new(cns_alloc_default());
    cns_bit_put(&out, 1, 1);
    cns_bit_fill(&out, false, CNS_BIT_OUT_MOST);
    CHECK(out.failed);
    cns_bit_put(&out, 1, 57);
    CHECK(out.failed);
    cns_bit_out_release(&out);
}

/* --------------------------------------------------------------------- sets */

/* Everything that a set answers, against one byte for each id. */
static void check_set(const cns_id_set *set, const char *model) {
    uint32_t count = 0, last = 0, cursor = 0, id = 1;
    for (uint32_t i = 1; i <= CNS_MAX_ID; i++) {
        count += model[i] != 0;
        if (model[i])
            last = i;
    }
    CHECK_INT(cns_idset_count(set), count);
    CHECK_INT(cns_idset_last(set), last);
    for (uint32_t i = 0; i < 40; i++) {
        uint32_t asked = i < 20 ? roll(CNS_MAX_ID + 1) : roll(last + 3);
        CHECK(cns_idset_has(set, asked) == (asked && asked <= CNS_MAX_ID && model[asked]));
    }
    CHECK(!cns_idset_has(set, 0) && !cns_idset_has(set, 65536) && !cns_idset_has(set, UINT32_MAX));
    uint32_t runs = 0, single = 0, told = 0;
    cns_id_run run;
    while (cns_idset_next(set, &cursor, &run)) {
        runs++;
        single += run.first == run.last;
        for (; id < run.first; id++)
            CHECK(!model[id]);
        for (; id <= run.last; id++)
            CHECK(model[id]);
        CHECK(run.last == CNS_MAX_ID || !model[run.last + 1]);
    }
    for (; id <= CNS_MAX_ID; id++)
        CHECK(!model[id]);
    CHECK_INT(cns_idset_runs(set, &told), runs);
    CHECK_INT(told, single);
}

static void fill(char *model, const cns_id_run *runs, uint32_t count) {
    memset(model, 0, CNS_MAX_ID + 1);
    for (uint32_t i = 0; i < count; i++)
        memset(model + runs[i].first, 1, (size_t)runs[i].last - runs[i].first + 1);
}

/* The set of its own text, in the form that is smaller. */
static void check_written(const cns_id_set *set, const char *model) {
    cns_bit_out out = cns_bit_out_new(cns_alloc_default());
    cns_bit_fill(&out, true, roll(30)); /* any place in a byte */
    uint32_t start = out.at, single, runs = cns_idset_runs(set, &single);
    cns_idset_write(&out, set);
    uint32_t ranges = 12 + 17 * single + 33 * (runs - single), last = cns_idset_last(set);
    CHECK_INT(out.at - start, 17 + (runs <= 4095 && ranges < last ? ranges : last));
    size_t len = cns_bit_text_len(&out), room = CNS_BIT_ROOM(len);
    char *text = malloc(len + 1);
    uint8_t *bytes = malloc(room);
    cns_id_run *space = malloc((CNS_RUN_ROOM(out.at) + 1) * sizeof *space), *next = space;
    cns_bit_text(text, &out);
    CHECK_INT(cns_bits_decode(bytes, text, len), len);
    cns_bit_in in = cns_bit_in_of(bytes, out.at);
    in.at = start;
    cns_id_set again;
    unsigned found;
    CHECK(cns_idset_read(&again, &in, &next, &found) && !in.failed && in.at == in.end);
    CHECK_INT(found, 0);
    CHECK(cns_idset_same(&again, set));
    check_set(&again, model);
    for (uint32_t cut = start; cut < out.at; cut += 1 + roll(20)) { /* every end is noticed */
        cns_bit_in part = cns_bit_in_of(bytes, cut);
        part.at = start;
        next = space;
        CHECK(!cns_idset_read(&again, &part, &next, &found) && part.failed);
    }
    free(space);
    free(bytes);
    free(text);
    cns_bit_out_release(&out);
}

TEST(sets_of_runs) {
    static char model[CNS_MAX_ID + 1];
    static cns_id_run runs[4200];
    for (int round = 0; round < 150; round++) {
        uint32_t count = round % 3 ? roll(40) : roll(4200), top = round % 2 ? CNS_MAX_ID : 300;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t first = 1 + roll(top), last = first + (roll(2) ? 0 : roll(20));
            if (roll(50) == 0)
                last = CNS_MAX_ID;
            runs[i] =
                (cns_id_run){(uint16_t)first, (uint16_t)(last > CNS_MAX_ID ? CNS_MAX_ID : last)};
        }
        fill(model, runs, count);
        count = cns_runs_settle(runs, count);
        for (uint32_t i = 1; i < count; i++)
            CHECK(runs[i].first > runs[i - 1].last + 1);
        CHECK(cns_runs_settle(runs, count) == count);
        cns_id_set set = cns_idset_of_runs(runs, count);
        CHECK_INT(set.max, cns_idset_last(&set));
        check_set(&set, model);
        check_written(&set, model);
    }
}

TEST(sets_of_bits) {
    static char model[CNS_MAX_ID + 1];
    for (int round = 0; round < 150; round++) {
        cns_bit_out out = cns_bit_out_new(cns_alloc_default());
        uint32_t before = roll(20), size = round % 10 ? roll(300) : CNS_MAX_ID, one = roll(10);
        cns_bit_fill(&out, true, before);
        memset(model, 0, sizeof model);
        for (uint32_t i = 1; i <= size; i++) {
            model[i] = roll(10) < one;
            cns_bit_put(&out, (uint64_t)model[i], 1);
        }
        cns_bit_fill(&out, true, 20); /* what follows is not part of it */
        cns_id_set set = {size, 0, out.bytes, before, 0, NULL};
        check_set(&set, model);
        check_written(&set, model);
        cns_bit_out_release(&out);
    }
}

/* Range entries as (first, last) pairs, 0 as last for a single one. */
static unsigned read_entries(const uint32_t (*pairs)[2], uint32_t count, uint32_t max,
                             uint32_t *read) {
    cns_bit_out out = cns_bit_out_new(cns_alloc_default());
    for (uint32_t i = 0; i < count; i++) {
        cns_bit_put(&out, (uint64_t)(pairs[i][1] != 0) << 16 | pairs[i][0], 17);
        if (pairs[i][1])
            cns_bit_put(&out, pairs[i][1] & 0xFFFF, 16);
    }
    cns_bit_fill(&out, false, 70);
    cns_bit_in in = cns_bit_in_of(out.bytes, out.at);
    cns_id_run runs[10];
    unsigned found;
    *read = cns_idset_read_entries(runs, &in, count, max, &found);
    CHECK(!in.failed);
    cns_bit_out_release(&out);
    return found;
}

TEST(odd_entries) {
    static const struct {
        uint32_t pairs[2][2], count, max, read;
        unsigned found;
    } cases[] = {
        {{{1, 2}, {4, 0}}, 2, 4, 2, 0},
        {{{1, 2}, {4, 0}}, 2, 5, 2, CNS_IDS_SLACK},
        {{{1, 2}, {4, 0}}, 2, 3, 2, CNS_IDS_OVER_MAX},
        {{{1, 2}, {3, 0}}, 2, 3, 2, CNS_IDS_ADJACENT},
        {{{2, 4}, {4, 0}}, 2, 4, 2, CNS_IDS_UNSORTED},
        {{{9, 0}, {1, 0}}, 2, 9, 2, CNS_IDS_UNSORTED},
        {{{5, 5}, {0, 0}}, 1, 5, 1, CNS_IDS_DEGENERATE},
        {{{5, 4}, {0, 0}}, 1, 5, 0, CNS_IDS_INVERTED},
        {{{1, 0}, {0, 0}}, 2, 5, 1, CNS_IDS_ZERO},
        {{{1, 0}, {0, 7}}, 2, 7, 1, CNS_IDS_ZERO},
        {{{1, 0}, {3, 65536}}, 2, 7, 1, CNS_IDS_ZERO}, /* an end of 0 */
        {{{65535, 0}, {1, 65535}}, 2, 65535, 2, CNS_IDS_UNSORTED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t read;
        CHECK_INT(read_entries(cases[i].pairs, cases[i].count, cases[i].max, &read),
                  cases[i].found);
        CHECK_INT(read, cases[i].read);
    }
}

int main(void) {
    RUN(decoding);
    RUN(fields);
    RUN(both_ways);
    RUN(too_many_bits);
    RUN(sets_of_runs);
    RUN(sets_of_bits);
    RUN(odd_entries);
    return harness_end();
}
