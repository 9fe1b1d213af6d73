/* test_dcs.c - Didomi Consent Strings without Python: sections both ways, hostile bits, short
 * of memory, at the edge of memory. */
#include "guard.h"
#include "harness.h"

#include "../../csrc/core/dcs.h"

#define HEAD "CASNFZ4mrbN6PASNFZ4mrzUCpwVeECpwXmAAB" /* version 2, ids and dates, 222 bits */

static uint32_t runs_of(cns_id_run *runs, const char *ids) {
    uint32_t count = 0;
    while (*ids) {
        char *end;
        unsigned long first = strtoul(ids, &end, 10), last = first;
        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        runs[count++] = (cns_id_run){(uint16_t)first, (uint16_t)last};
        ids = *end ? end + 1 : end;
    }
    return count;
}

static const char *ids_of(const cns_id_set *set) {
    static char out[4][1024];
    static unsigned turn;
    char *text = out[turn++ % 4];
    size_t len = 0;
    uint32_t cursor = 0;
    text[0] = '\0';
    for (cns_id_run run; len < 1000 && cns_idset_next(set, &cursor, &run);)
        len += (size_t)snprintf(text + len, 1024 - len, run.first == run.last ? "%s%u" : "%s%u-%u",
                                len ? "," : "", (unsigned)run.first, (unsigned)run.last);
    CHECK_INT(set->max, cns_idset_last(set));
    return text;
}

static const char *bits_of(const cns_bit_out *out) {
    static char text[4096];
    uint32_t i = 0;
    for (; i < out->at && i < sizeof text - 1; i++)
        text[i] = out->bytes[i / 8] >> (7 - i % 8) & 1 ? '1' : '0';
    text[i] = '\0';
    return text;
}

typedef struct bits {
    uint8_t bytes[4096];
    uint32_t count;
} bits;

/* From 0 and 1; blanks are stepped over. */
static void bits_from(bits *b, const char *text) {
    memset(b, 0, sizeof *b);
    for (; *text; text++)
        if (*text != ' ') {
            b->bytes[b->count / 8] |= (uint8_t)((*text == '1') << (7 - b->count % 8));
            b->count++;
        }
}

/* `enabled/disabled`, or the code with the place. */
static const char *read_section(const char *text, unsigned *found) {
    static char out[2400];
    static bits b;
    static cns_id_run scratch[CNS_DCS_SCRATCH(8 * sizeof b.bytes)];
    bits_from(&b, text);
    cns_bit_in in = cns_bit_in_of(b.bytes, b.count);
    cns_dcs_runs runs = {.alloc = cns_alloc_default()};
    cns_dcs_place place;
    *found = 0;
    const char *wrong = cns_dcs_section_read(&place, &runs, &in, scratch, found);
    if (wrong) {
        (void)snprintf(out, sizeof out, "%s %u", wrong, (unsigned)in.at);
    } else {
        cns_dcs_section section = cns_dcs_section_of(&place, &runs);
        (void)snprintf(out, sizeof out, "%s/%s", ids_of(&section.enabled),
                       ids_of(&section.disabled));
    }
    cns_dcs_runs_release(&runs);
    return out;
}

static cns_dcs_lists lists_of(const char *on, const char *off) {
    static cns_id_run runs[3][64], both[128];
    uint32_t on_count = runs_of(runs[0], on), off_count = runs_of(runs[1], off);
    cns_dcs_lists lists = {
        cns_idset_of_runs(runs[0], on_count), cns_idset_of_runs(runs[1], off_count), {0}};
    memcpy(both, runs[0], on_count * sizeof *both);
    memcpy(both + on_count, runs[1], off_count * sizeof *both);
    uint32_t count = cns_runs_settle(both, on_count + off_count);
    cns_id_run all = {1, count ? both[count - 1].last : (uint16_t)1};
    lists.undefined =
        cns_idset_of_runs(runs[2], count ? cns_dcs_subtract(runs[2], &all, 1, both, count) : 0);
    return lists;
}

static const char *write_section(const char *on, const char *off, cns_dcs_encoding encoding,
                                 cns_dcs_pair pair) {
    static char text[4096];
    cns_bit_out out = cns_bit_out_new(cns_alloc_default());
    cns_dcs_lists lists = lists_of(on, off);
    CHECK(cns_dcs_pair_fits(&lists, pair));
    cns_dcs_section_write(&out, &lists, encoding, pair);
    (void)snprintf(text, sizeof text, "%s", bits_of(&out));
    cns_bit_out_release(&out);
    return text;
}

/* The two documented examples (docs/didomi.md, DCS): enabled 1, 2, 6, 7, 8, disabled 3, 4. */
#define DOC_FIELD                                                                                  \
    "00"                                                                                           \
    "1"                                                                                            \
    "0000000000001000"                                                                             \
    "1010010100101010"
#define DOC_RANGES                                                                                 \
    "01"                                                                                           \
    "1100"                                                                                         \
    "0000000000000001"                                                                             \
    "1"                                                                                            \
    "0000000000000101"                                                                             \
    "0000000000000010"                                                                             \
    "0"                                                                                            \
    "0000000000000001"                                                                             \
    "0000000000000010"                                                                             \
    "0"                                                                                            \
    "0000000000000110"                                                                             \
    "0000000000001000"

TEST(documented_sections) {
    unsigned found;
    CHECK_TEXT(write_section("1-2,6-8", "3-4", CNS_DCS_BIT_FIELD, CNS_DCS_ENABLED_DISABLED),
               DOC_FIELD);
    CHECK_TEXT(write_section("1-2,6-8", "3-4", CNS_DCS_RANGES_U16, CNS_DCS_UNDEFINED_ENABLED),
               DOC_RANGES);
    /* a first id takes 16 bits, as much as eight undecided ids before it */
    CHECK_TEXT(write_section("9", "", CNS_DCS_BIT_FIELD, CNS_DCS_ENABLED), "00"
                                                                           "1"
                                                                           "0000000000001001"
                                                                           "0000000000000000"
                                                                           "10");
    CHECK_TEXT(write_section("", "10", CNS_DCS_BIT_FIELD, CNS_DCS_DISABLED), "00"
                                                                             "0"
                                                                             "0000000000001010"
                                                                             "0000000000000001"
                                                                             "01");
    CHECK_TEXT(read_section(DOC_FIELD, &found), "1-2,6-8/3-4");
    CHECK_TEXT(read_section(DOC_RANGES, &found), "1-2,6-8/3-4");
    CHECK_TEXT(read_section("10 0000 0000000000000001 0 0010001011 00011", &found), "79-84/");
}

TEST(sections_that_are_read_or_not) {
    static const struct {
        const char *bits, *want;
        unsigned found;
    } cases[] = {
        {"", "truncated 0", 0},
        {"0", "truncated 0", 0},
        {"11", "bad_algorithm 0", 0},
        {"00 1 0000000000000000", "/", 0},
        {"00 0 0000000000000000 0000000000000000", "/", 0},
        {"00 0 0000000000000000 0000000000000001 10", "id_zero 2", 0},
        {"00 0 1111111111111111 0000000000000001 10", "65535/", 0},
        {"00 0 1111111111111111 0000000000000010 1001", "id_over_max 2", 0},
        {"00 1 0000000000000010 1011", "bad_status 21", 0},
        {"00 1 0000000000000010 100", "truncated 19", 0},
        {"00 1 1111111111111111 10", "truncated 19", 0},
        {"00 0 0000000000001001 0000000000000100 10000110", "9,12/11", 0},
        {"01 0000 0000000000000000", "/", 0},
        {"01 0000 0000000000000001 1 0000000000000111", "7/", 0},
        {"01 0101 0000000000000001 1 0000000000000111", "/7", 0},
        {"01 1010 0000000000000001 1 0000000000000111", "/7", 0}, /* disabled, the other code */
        {"01 1111 0000000000000001 1 0000000000000111", "/", 0},
        {"01 0110 0000000000000000 0000000000000000", "bad_statuses 2", 0},
        {"01 1001 0000000000000000 0000000000000000", "bad_statuses 2", 0},
        {"01 0000 0000000000000001 1 0000000000000000", "id_zero 22", 0},
        {"01 0000 0000000000000001 0 0000000000000010 0000000000000001", "range_inverted 22", 0},
        {"01 0000 0000000000000001 0 0000000000000010 0000000000000010", "2/", CNS_DCS_DEGENERATE},
        {"01 0000 0000000000000010 1 0000000000000010 1 0000000000000001", "1-2/",
         CNS_DCS_UNSORTED},
        {"01 0000 0000000000000010 1 0000000000000010 1 0000000000000010", "2/", CNS_DCS_UNSORTED},
        {"01 0000 1111111111111111 1 0000000000000010", "truncated 22", 0},
        {"01 0000 0000000000000001 0 0000000000000010 000000000000001", "truncated 22", 0},
        {"01 0001 0000000000000001 1 0000000000000001 0000000000000001 1 0000000000000001", "/1",
         CNS_DCS_CONTRADICTION},
        {"01 1100 0000000000000001 1 0000000000000010 0000000000000001 0 0000000000000001"
         "0000000000000100",
         "1,3-4/", CNS_DCS_CONTRADICTION},
        {"01 1101 0000000000000001 1 0000000000000010 0000000000000001 1 0000000000000010", "1/2",
         CNS_DCS_CONTRADICTION},
        /* the third status: disabled where enabled and undefined have lists, and round */
        {"01 1100 0000000000000001 1 0000000000000010 0000000000000001 1 0000000000000101",
         "5/1,3-4", 0},
        {"01 0011 0000000000000001 1 0000000000000010 0000000000000001 1 0000000000000101",
         "2/1,3-4", 0},
        {"01 1101 0000000000000001 1 0000000000000010 0000000000000001 1 0000000000000101",
         "1,3-4/5", 0},
        {"01 1100 0000000000000000 0000000000000001 1 1111111111111111", "65535/1-65534", 0},
        {"01 1100 0000000000000000 0000000000000000", "/", 0},
        {"10 0000 0000000000000001 1 11", "1/", 0},
        {"10 0000 0000000000000001 0 11 11", "1-2/", 0}, /* an end is a distance */
        {"10 0000 0000000000000001 1 001000000100101000001011", "65535/", 0},
        {"10 0000 0000000000000001 1 101000000100101000001011", "id_over_max 22", 0},
        {"10 0000 0000000000000001 0 001000000100101000001011 11", "id_over_max 22", 0},
        {"10 0000 0000000000000001 1 0000", "truncated 22", 0},
        {"10 0000 0000000000000010 1 11", "truncated 22", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned found;
        harness.label = cases[i].bits;
        CHECK_TEXT(read_section(cases[i].bits, &found), cases[i].want);
        CHECK_INT(found, cases[i].found);
    }
}

TEST(the_shortest_is_chosen) {
    static const struct {
        const char *on, *off;
        cns_dcs_encoding encoding;
        cns_dcs_pair pair;
    } cases[] = {
        {"", "", CNS_DCS_BIT_FIELD, CNS_DCS_ENABLED},
        {"1-8", "", CNS_DCS_BIT_FIELD, CNS_DCS_ENABLED},
        {"1-400", "", CNS_DCS_RANGES_U16, CNS_DCS_ENABLED},
        {"", "7-400", CNS_DCS_RANGES_U16, CNS_DCS_DISABLED},
        {"1,1000", "2", CNS_DCS_RANGES_U16, CNS_DCS_ENABLED_DISABLED},
        /* one undefined id in between: the others need no list of their own */
        {"400", "1-10,12-20,22-30,32-399", CNS_DCS_RANGES_U16, CNS_DCS_UNDEFINED_ENABLED},
        {"1-10,12-20,22-30,32-399", "400", CNS_DCS_RANGES_U16, CNS_DCS_UNDEFINED_DISABLED},
        {"16816-16817,16819", "16818", CNS_DCS_BIT_FIELD, CNS_DCS_ENABLED_DISABLED},
        {"65535", "", CNS_DCS_BIT_FIELD, CNS_DCS_ENABLED},
        {"1-65535", "", CNS_DCS_RANGES_U16, CNS_DCS_ENABLED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cns_dcs_lists lists = lists_of(cases[i].on, cases[i].off);
        char want[512];
        unsigned found;
        harness.label = cases[i].on;
        CHECK_INT(cns_dcs_shortest(&lists), cases[i].encoding);
        CHECK_INT(cns_dcs_pair_best(&lists), cases[i].pair);
        (void)snprintf(want, sizeof want, "%s/%s", cases[i].on, cases[i].off);
        size_t least = SIZE_MAX;
        for (unsigned pair = 0; pair < CNS_DCS_PAIRS; pair++) {
            if (!cns_dcs_pair_fits(&lists, (cns_dcs_pair)pair))
                continue;
            const char *written =
                write_section(cases[i].on, cases[i].off, CNS_DCS_RANGES_U16, (cns_dcs_pair)pair);
            least = strlen(written) < least ? strlen(written) : least;
            if (pair == (unsigned)cases[i].pair)
                CHECK_INT(strlen(written), least);
            CHECK_TEXT(read_section(written, &found), want);
        }
        if (strcmp(cases[i].on, "1-65535") != 0) {
            const char *field =
                write_section(cases[i].on, cases[i].off, CNS_DCS_BIT_FIELD, cases[i].pair);
            CHECK((strlen(field) <= least) == (cases[i].encoding == CNS_DCS_BIT_FIELD));
            CHECK_TEXT(read_section(field, &found), want);
        }
    }
}

TEST(subtraction) {
    static const char *const cases[][3] = {
        {"", "", ""},
        {"1-9", "", "1-9"},
        {"1-9", "1-9", ""},
        {"1-9", "3", "1-2,4-9"},
        {"1-9", "3,5-6,9-12", "1-2,4,7-8"},
        {"2-3,5-7", "1-5", "6-7"},
        {"2-3,5-7", "3-5", "2,6-7"},
        {"65535", "1-65535", ""},
        {"1-65535", "65535", "1-65534"},
        {"1,3,5,7,9", "2-8", "1,9"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cns_id_run a[16], b[16], out[32];
        uint32_t a_count = runs_of(a, cases[i][0]), b_count = runs_of(b, cases[i][1]);
        harness.label = cases[i][1];
        cns_id_set left = cns_idset_of_runs(out, cns_dcs_subtract(out, a, a_count, b, b_count));
        CHECK_TEXT(ids_of(&left), cases[i][2]);
    }
}

/* --------------------------------------------------------------- whole strings */

static const char good[] =
    "CASNFZ4mrbN6PASNFZ4mrzUCpwVeECpwXmAABBBsAAEpiAACAABAABAAKDSiAABQACjnCAAA";

static const char *verdict(const char *text, size_t len, bool strict) {
    static char out[256];
    cns_dcs *dcs = NULL;
    cns_error err = {0};
    cns_code code = cns_dcs_read(&dcs, text, len, strict, cns_alloc_default(), &err);
    CHECK((dcs != NULL) == (code == CNS_OK));
    cns_dcs_free(dcs);
    if (code == CNS_OK)
        return "ok";
    CHECK(code == CNS_E_DECODE && err.offset <= len && err.message[0]);
    (void)snprintf(out, sizeof out, "%s", err.path);
    return out;
}

TEST(every_beginning_and_every_wrong_character_at_the_edge_of_memory) {
    for (size_t len = 0; len < sizeof good; len++) {
        guard g;
        char *copy = guard_text(&g, good, len);
        const char *said = verdict(copy, len, true);
        if (len + 1 == sizeof good)
            CHECK_TEXT(said, "ok");
        else if (len < sizeof good - 4) /* the last three letters may be missing */
            CHECK_TEXT(said, len ? "truncated" : "empty");
        for (size_t i = 0; i < len; i++) {
            char was = copy[i];
            copy[i] = '*';
            CHECK_TEXT(verdict(copy, len, false), "bad_char");
            copy[i] = '.';
            (void)verdict(copy, len, false);
            copy[i] = was;
        }
        guard_end(&g);
    }
}

TEST(every_changed_letter_is_read_or_refused) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char copy[sizeof good];
    size_t fine = 0;
    for (size_t i = 0; i < sizeof good - 1; i++)
        for (size_t j = 0; j < sizeof letters - 1; j++) {
            memcpy(copy, good, sizeof good);
            copy[i] = letters[j];
            fine += strcmp(verdict(copy, sizeof good - 1, false), "ok") == 0;
        }
    CHECK(fine > 1000); /* ids, dates and statuses */
}

TEST(hostile_strings) {
    static char text[CNS_MAX_STRING + 1];
    /* Fibonacci ranges of a few bits each, as many as there can be; and letters of one kind */
    for (const char *fill = "A_Yvq8"; *fill; fill++) {
        static const char *const begins[] = {HEAD, HEAD "I", HEAD "E", HEAD "F", "B"};
        for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
            picky p = {0};
            cns_dcs *dcs = NULL;
            cns_error err;
            memset(text, *fill, CNS_MAX_STRING);
            memcpy(text, begins[i], strlen(begins[i]));
            cns_code code = cns_dcs_read(&dcs, text, CNS_MAX_STRING, false,
                                         (cns_alloc){picky_resize, &p}, &err);
            CHECK(code == CNS_OK || code == CNS_E_DECODE);
            CHECK(p.most <= 64 * CNS_MAX_STRING);
            if (code == CNS_OK)
                cns_dcs_free(dcs);
            CHECK(p.live == 0 && !p.wrong_size);
        }
    }
    CHECK_TEXT(verdict(text, CNS_MAX_STRING + 1, false), "too_long");
}

TEST(the_text_round_the_sections) {
    static const struct {
        const char *tail, *did, *ouid, *signature;
    } cases[] = {
        {"", "", "", ""},
        {".", "", "", ""},
        {"...", "", "", ""},
        {"~", "", "", ""},
        {"~s", "", "", "s"},
        {".d~s", "d", "", "s"},
        {".d.o~s", "d", "o", "s"},
        {"..o~s~t.u", "", "o", "s~t.u"},
        {".d.o.s", "d", "o", "s"},
        {".d.o.s.t", "d", "o", "s.t"},
        {".d.o.p~s", "d", "o.p", "s"},
        {".d", "d", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128];
        (void)snprintf(text, sizeof text, "%s%s", good, cases[i].tail);
        cns_dcs *dcs = NULL;
        harness.label = text;
        CHECK_INT(cns_dcs_read(&dcs, text, strlen(text), true, cns_alloc_default(), NULL), CNS_OK);
        if (!dcs)
            continue;
        const cns_dcs_content *c = cns_dcs_content_of(dcs);
        const cns_dcs_span got[] = {c->did, c->ouid, c->signature};
        const char *const want[] = {cases[i].did, cases[i].ouid, cases[i].signature};
        for (size_t j = 0; j < 3; j++)
            CHECK(got[j].len == strlen(want[j]) &&
                  memcmp(text + got[j].at, want[j], got[j].len) == 0);
        CHECK(c->binary.at == 0 && c->binary.len == sizeof good - 1);
        cns_dcs_free(dcs);
    }
}

static cns_code read_one(cns_alloc alloc, void *arg) {
    cns_dcs *dcs = NULL;
    cns_code code = cns_dcs_read(&dcs, arg, strlen(arg), false, alloc, NULL);
    CHECK((dcs != NULL) == (code == CNS_OK));
    cns_dcs_free(dcs);
    return code;
}

static cns_code write_one(cns_alloc alloc, void *arg) {
    char *text = NULL;
    size_t len = 0;
    cns_code code = cns_dcs_write(&text, &len, cns_doc_root(arg), alloc, NULL);
    CHECK((text != NULL) == (code == CNS_OK));
    cns_text_free(alloc, text, len);
    return code;
}

TEST(short_of_memory) {
    static char text[sizeof good],
        old[] = "BGHWv4UYba5-dZnABdKu__D6iWHsD6iWHsCABFKVEACKUqgAAERY4AABEWMA";
    memcpy(text, good, sizeof good);
    harness_starve(read_one, text);
    harness_starve(read_one, old);
    cns_dcs_free(NULL);
#define S "{\"enabled\":[5,3,9],\"disabled\":[4]}"
    static const char json[] =
        "{\"version\":1,\"user_id\":\"01234567-89ab-6cde-8f01-23456789abcd\","
        "\"created\":\"2025-01-02T03:04:05Z\",\"updated\":\"2025-01-02\",\"sync\":\"2025-01-02\","
        "\"purposes_optin\":" S ",\"purposes_optout\":" S ",\"vendors_optin\":" S
        ",\"vendors_optout\":{\"enabled\":[],\"disabled\":[]}}";
    cns_doc *doc = NULL;
    CHECK_INT(cns_json_read(&doc, json, sizeof json - 1, cns_alloc_default(), NULL), CNS_OK);
    harness_starve(write_one, doc);
    cns_doc_free(doc);
}

int main(void) {
    RUN(documented_sections);
    RUN(sections_that_are_read_or_not);
    RUN(the_shortest_is_chosen);
    RUN(subtraction);
    RUN(every_beginning_and_every_wrong_character_at_the_edge_of_memory);
    RUN(every_changed_letter_is_read_or_refused);
    RUN(hostile_strings);
    RUN(the_text_round_the_sections);
    RUN(short_of_memory);
    return harness_end();
}
