/* test_gpp.c - GPP strings: Fibonacci codes, the vectors with all that may become of them on the
 * way, memory that runs out, memory that a text asks for. */
#include "../fuzz/fuzz_gpp.c"
#include "fibonacci.h"
#include "gpp_fields.h"
#include "json_reading.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static uint32_t seed = 1;
static uint32_t roll(uint32_t below) {
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(seed >> 8) * below >> 24);
}

/* ------------------------------------------------------------- Fibonacci codes */

/* The bits of a text of 0 and 1. */
static cns_bit_in bits_of(const char *text, uint8_t *bytes, size_t room) {
    size_t len = strlen(text);
    memset(bytes, 0, room);
    for (size_t i = 0; i < len; i++)
        bytes[i / 8] |= (uint8_t)((text[i] == '1') << (7 - i % 8));
    return cns_bit_in_of(bytes, len);
}

TEST(codes_as_the_specification_prints_them) {
    static const char *const codes[] = {"11", "011", "0011", "1011", "00011", "10011", "01011"};
    for (uint32_t i = 0; i < 7; i++) {
        uint8_t bytes[32];
        cns_bit_in in = bits_of(codes[i], bytes, sizeof bytes);
        harness.label = codes[i];
        CHECK_INT(cns_fibonacci_read(&in, 65535), i + 1);
        CHECK(!in.failed && in.at == in.end);
        for (size_t cut = strlen(codes[i]); cut-- > 0;) {
            in = bits_of(codes[i], bytes, sizeof bytes);
            in.end = (uint32_t)cut;
            CHECK_INT(cns_fibonacci_read(&in, 65535), 0);
            CHECK(in.failed);
        }
    }
}

TEST(every_number_is_written_and_read) {
    cns_bit_out out = cns_bit_out_new(cns_alloc_default());
    for (uint32_t n = 1; n <= 65535; n++)
        cns_fibonacci_write(&out, n);
    uint32_t end = out.at;
    CHECK(cns_bit_out_reserve(&out, 64));
    memset(out.bytes + (end + 7) / 8, 0, CNS_BIT_SLACK);
    cns_bit_in in = cns_bit_in_of(out.bytes, end);
    for (uint32_t n = 1; n <= 65535; n++) {
        cns_bit_in less = in;
        if (cns_fibonacci_read(&less, n - 1) != 0 || less.failed)
            CHECK_INT(n, 0); /* one too large, and not for want of bits */
        uint32_t got = cns_fibonacci_read(&in, n);
        if (got != n && !CHECK_INT(got, n))
            break;
    }
    CHECK(in.at == end && !in.failed);
    cns_bit_out_release(&out);
}

TEST(numbers_without_end_are_given_up_early) {
    static const char *const endless[] = {
        "0000000000000000000000000000000000000000", "0101010101010101010101010101010101010101",
        "1010101010101010101010101010101010101010", "1000000000000000000000000000000000000011"};
    for (size_t i = 0; i < 4; i++) {
        uint8_t bytes[32];
        cns_bit_in in = bits_of(endless[i], bytes, sizeof bytes);
        harness.label = endless[i];
        CHECK_INT(cns_fibonacci_read(&in, 65535), 0);
        CHECK(!in.failed && in.at <= 25);
    }
}

/* ------------------------------------------------------------------- the table */

TEST(layouts_are_as_long_as_they_say) {
    for (uint32_t id = 0; id < 40; id++)
        for (uint32_t version = 0; version < 4; version++) {
            const cns_us_layout *layout = cns_us_layout_of(id, version);
            uint32_t bits = 0, values = 0;
            for (uint32_t f = 0; layout && f < layout->field_count; f++) {
                bits += (uint32_t)layout->fields[f].bits * layout->fields[f].count;
                values += layout->fields[f].count;
            }
            if (layout) {
                CHECK_INT(bits, layout->bits);
                CHECK(values <= CNS_US_VALUES && layout->fields[0].bits == 6);
                CHECK_TEXT(cns_gpp_name(id), layout->name);
            }
            bool there = id >= 7 && id <= 27 && (version < 2 || (id == 7 && version == 2));
            CHECK((layout != NULL) == there);
        }
    CHECK(!cns_gpp_name(1) && !cns_gpp_name(3) && !cns_gpp_name(28));
}

/* ------------------------------------------------------------------- the vectors */

static cns_doc *vectors;

/* The strings of the vectors: valid ones, then others. */
static const cns_value *string_at(size_t index) {
    static const char *const lists[] = {"valid", "malformed"};
    for (size_t i = 0; i < 2; i++) {
        const cns_value *list = cns_value_get(cns_doc_root(vectors), lists[i], strlen(lists[i]));
        if (index < cns_value_count(list))
            return cns_value_get(cns_value_item(list, index), "gpp", 3);
        index -= cns_value_count(list);
    }
    return NULL;
}

/* From a block of exactly that length, so that a sanitizer sees a look behind the end. */
static void replay(const char *text, size_t len) {
    uint8_t *exact = malloc(len ? len : 1);
    if (!exact)
        exit(2);
    memcpy(exact, text, len);
    (void)LLVMFuzzerTestOneInput(exact, len);
    free(exact);
}

TEST(vectors_and_what_becomes_of_them) {
    size_t count = 0;
    for (const cns_value *string; (string = string_at(count)); count++) {
        size_t len = cns_value_count(string);
        const char *text = cns_value_text(string);
        char changed[16384];
        if (!CHECK(len < sizeof changed - 2))
            continue;
        replay(text, len);
        for (size_t at = 0; at < len; at += 1 + len / 60)
            replay(text, at);
        for (int i = 0; i < 60 && len; i++) {
            size_t at = roll((uint32_t)len);
            static const char others[] = "~~..=+ \xC3";
            memcpy(changed, text, len);
            changed[at] = roll(4) ? letters[roll(64)] : others[roll(8)];
            replay(changed, len);
            changed[at + 1] = letters[roll(64)];
            memcpy(changed + at + 2, text + at, len - at);
            replay(changed, len + 2);
        }
    }
    CHECK(count > 300);
}

/* ------------------------------------------------------------------------ memory */

static cns_code read_string(cns_alloc alloc, void *arg) {
    const cns_value *string = arg;
    cns_gpp *gpp = NULL;
    cns_error err = {0};
    cns_code code =
        cns_gpp_read(&gpp, cns_value_text(string), cns_value_count(string), alloc, &err);
    CHECK((gpp != NULL) == (code == CNS_OK));
    if (code != CNS_OK)
        CHECK_INT(err.code, code);
    cns_gpp_free(gpp);
    return code == CNS_E_DECODE ? CNS_OK : code;
}

static cns_code write_string(cns_alloc alloc, void *arg) {
    char *text = NULL;
    size_t len = 0;
    cns_error err = {0};
    cns_code code = cns_gpp_write(&text, &len, cns_doc_root(arg), alloc, &err);
    CHECK((text != NULL) == (code == CNS_OK));
    if (code != CNS_OK)
        CHECK_INT(err.code, code);
    cns_text_free(alloc, text, len);
    return code;
}

TEST(memory_that_runs_out) {
    size_t tried = 0;
    for (size_t i = 0; string_at(i); i++) {
        const cns_value *string = string_at(i);
        cns_gpp *gpp;
        if (cns_gpp_read(&gpp, cns_value_text(string), cns_value_count(string), cns_alloc_default(),
                         NULL) != CNS_OK)
            continue;
        bool all = cns_gpp_count(gpp) > 3 || i % 16 == 0;
        for (uint32_t s = 0; s < cns_gpp_count(gpp); s++)
            all = all || cns_gpp_section_at(gpp, s)->id == 5;
        cns_doc *doc = all ? tree_of(gpp, cns_alloc_default()) : NULL;
        if (doc) {
            tried++;
            harness_starve(read_string, (void *)(uintptr_t)string);
            harness_starve(write_string, doc);
        }
        cns_doc_free(doc);
        cns_gpp_free(gpp);
    }
    CHECK(tried > 60);
}

/* Bytes that reading a text has taken at once. */
static size_t taken(const char *text, size_t len) {
    picky p = {.fail_at = 0};
    cns_gpp *gpp = NULL;
    (void)cns_gpp_read(&gpp, text, len, (cns_alloc){picky_resize, &p}, NULL);
    cns_gpp_free(gpp);
    CHECK(p.live == 0 && !p.wrong_size);
    return p.most;
}

TEST(memory_goes_with_the_length_not_with_what_is_claimed) {
    static char text[65536];
    static const char *const claims[] = {
        "DB__M~1YNN",           /* 4095 ranges of ids */
        "DBABsAAAAAAAAAD~1YNN", /* a group of a million million ids */
        "DBABLqiKiqA~1YNN",     /* a group */
        "DBABDA~B_____________________________________________________",
        "DBABDA~BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA__________8AAAAAAAAAAA"};
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        harness.label = claims[i];
        CHECK(taken(claims[i], strlen(claims[i])) < 32768);
    }
    static const char *const heads[] = {"DBABDA~B", "DBABBg~B", "DBABDA~B", "DB__", "DBABTA~"};
    for (size_t i = 0; i < 5; i++)
        for (int kind = 0; kind < 4; kind++) {
            size_t head = strlen(heads[i]);
            memcpy(text, heads[i], head);
            for (size_t at = head; at < sizeof text; at++)
                text[at] = kind == 0 ? letters[roll(64)] : "_VA"[kind - 1];
            harness.label = heads[i];
            CHECK(taken(text, sizeof text) < 40 * sizeof text);
        }
}

int main(void) {
    FILE *file = fopen("tests/vectors/gpp.json", "rb");
    static char text[1 << 20];
    size_t len = file ? fread(text, 1, sizeof text, file) : 0;
    if (file)
        (void)fclose(file);
    vectors = read_good(text, len);
    if (!vectors)
        return 1;
    RUN(codes_as_the_specification_prints_them);
    RUN(every_number_is_written_and_read);
    RUN(numbers_without_end_are_given_up_early);
    RUN(layouts_are_as_long_as_they_say);
    RUN(vectors_and_what_becomes_of_them);
    RUN(memory_that_runs_out);
    RUN(memory_goes_with_the_length_not_with_what_is_claimed);
    cns_doc_free(vectors);
    return harness_end();
}
