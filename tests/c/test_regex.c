/* test_regex.c - expressions as JavaScript reads them, their limits, and memory that runs out. */
#include "guard.h"

#include "../../csrc/core/regex.h"
#include "world.h"

/* Compiles into an arena that the caller releases. */
static const cns_regex *compiled(cns_arena *arena, const char *text, size_t len,
                                 cns_regex_why *why) {
    const cns_regex *regex = NULL;
    guard g;
    const char *copy = guard_text(&g, text, len);
    *why = cns_regex_compile(&regex, arena, copy, len);
    guard_end(&g);
    CHECK((regex != NULL) == (*why == CNS_REGEX_FINE));
    return regex;
}

/* 1 or 0, or -why when the expression cannot be used. The subject ends at a page that
 * cannot be read. */
static int found(const char *expression, const char *subject, bool whole) {
    cns_arena arena;
    cns_regex_why why;
    cns_arena_init(&arena, cns_alloc_default());
    const cns_regex *regex = compiled(&arena, expression, strlen(expression), &why);
    int result = -(int)why;
    if (regex) {
        uint16_t units[CNS_REGEX_SUBJECT];
        size_t count = cns_regex_units(units, CNS_REGEX_SUBJECT, subject, strlen(subject), false);
        guard g;
        const char *copy = guard_text(&g, (const char *)units, count * sizeof *units);
        result = cns_regex_search(regex, (const uint16_t *)(const void *)copy, count, whole);
        guard_end(&g);
    }
    cns_arena_release(&arena);
    return result;
}

#define BAD (-(int)CNS_REGEX_INVALID)
#define NOT_HERE (-(int)CNS_REGEX_UNSUPPORTED)
#define LONG (-(int)CNS_REGEX_TOO_LONG)

TEST(syntax) {
    static const struct {
        const char *expression, *subject;
        int expected;
    } cases[] = {
        {"", "", 1},
        {"", "x", 1},
        {"abc", "xabcx", 1},
        {"abc", "abd", 0},
        {"ABC", "abc", 0},
        {"^b", "ab", 0},
        {"^b", "ba", 1},
        {"b$", "ab", 1},
        {"b$", "ba", 0},
        {"^$", "", 1},
        {"^$", "a", 0},
        {"a$b", "ab", 0},
        {"a|b|c", "xc", 1},
        {"|x", "", 1},
        {"^(|a)$", "a", 1},
        {"^(?:a|bc|)d$", "bcd", 1},
        {"^(?:a|bc|)d$", "d", 1},
        {"^(?:a|bc|)d$", "abcd", 0},
        {"((((a))))", "a", 1},
        {"()", "", 1},
        {"^a*$", "", 1},
        {"^a*$", "aaa", 1},
        {"^a+$", "", 0},
        {"^a+?$", "aa", 1},
        {"^a?$", "aa", 0},
        {"^(ab)*$", "abab", 1},
        {"^(ab)*$", "aba", 0},
        {"^(a*)*$", "aab", 0},
        {"^a{2}$", "aa", 1},
        {"^a{2}$", "aaa", 0},
        {"^a{2,}$", "aaaa", 1},
        {"^a{2,}$", "a", 0},
        {"^a{1,3}$", "aaa", 1},
        {"^a{1,3}$", "aaaa", 0},
        {"^a{0,2}$", "", 1},
        {"^a{0,2}b$", "aab", 1},
        {"^a{0,2}b$", "aaab", 0},
        {"^a{0}$", "", 1},
        {"^(ab|c){2,3}$", "abcc", 1},
        {"^(ab|c){2,3}$", "ab", 0},
        {"^(?:){3}$", "", 1},
        {"^a{,2}$", "a{,2}", 1},
        {"a{1,x}", "a{1,x}", 1},
        {"{", "{", 1},
        {"[abc]", "xb", 1},
        {"[^abc]", "abc", 0},
        {"[a-f]", "e", 1},
        {"[a-f]", "g", 0},
        {"[]a]", "a]", 0},
        {"[^]", "x", 1},
        {"[a\\]]", "]", 1},
        {"[-a]", "-", 1},
        {"[\\d-x]", "-", 1},
        {"[^\\d\\s]", "1 ", 0},
        {"[\\D]", "1", 0},
        {"[\\S]", " ", 0},
        {"[\\W]", "\xE2\x80\xA8", 1},
        {"\\S", "\xE2\x80\xA8", 0},
        {"\\d\\w\\s", "1_\t", 1},
        {"\\D\\W\\S", "a-x", 1},
        {".", "\n", 0},
        {".", "\xE2\x80\xA9", 0},
        {"^.$", "\xC3\xA9", 1},
        {"^..$", "\xF0\x9F\x98\x80", 1},
        {"\\bab\\b", "x ab,", 1},
        {"\\bab", "xab", 0},
        {"a\\Bb", "ab", 1},
        {"\\B", "", 1},
        {"\\x41\\u0042\\t\\n", "AB\t\n", 1},
        {"\\xZ", "xZ", 1},
        {"\\uZ", "uZ", 1},
        {"\\cJ", "\n", 1},
        {"\\c!", "\\c!", 1},
        {"[\\cJ]", "\n", 1},
        {"[\\b]", "\b", 1},
        {"\\/\\.\\q", "/.q", 1},
        {"\xC3\xA9", "\xC3\xA9", 1},
        {"[\xC3\xA0-\xC3\xBF]", "\xC3\xA9", 1},
        {"[^\xC3\xA0-\xC3\xBF]", "\xC3\xA9", 0},
        {"[\xC3\xA9\xC3\xA8\xE2\x82\xAC]", "\xE2\x82\xAC", 1},
        {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x81", 0},
        {"(", "", BAD},
        {")", "", BAD},
        {"a)", "", BAD},
        {"[", "", BAD},
        {"[a", "", BAD},
        {"[a-", "", BAD},
        {"[b-a]", "", BAD},
        {"[\\", "", BAD},
        {"\\", "", BAD},
        {"*", "", BAD},
        {"+a", "", BAD},
        {"a**", "", BAD},
        {"a|?", "", BAD},
        {"(?:*)", "", BAD},
        {"^*", "", BAD},
        {"\\b?", "", BAD},
        {"a{2,1}", "", BAD},
        {"{1}", "", BAD},
        {"a{1}{1}", "", BAD},
        {"(?=a)", "", NOT_HERE},
        {"(?!a)", "", NOT_HERE},
        {"(?<=a)", "", NOT_HERE},
        {"(?<!a)", "", NOT_HERE},
        {"(?<n>a)", "", NOT_HERE},
        {"(?i:a)", "", NOT_HERE},
        {"(a)\\1", "", NOT_HERE},
        {"\\k<n>", "", NOT_HERE},
        {"\\07", "", NOT_HERE},
        {"[\\1]", "", NOT_HERE},
        {"[\\c_]", "", NOT_HERE},
        {"(?", "", NOT_HERE},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        harness.label = cases[i].expression;
        CHECK_INT(found(cases[i].expression, cases[i].subject, true), cases[i].expected);
    }
    cns_arena arena;
    cns_regex_why why;
    uint16_t nul = 0;
    cns_arena_init(&arena, cns_alloc_default());
    const cns_regex *regex = compiled(&arena, "\\0", 2, &why);
    CHECK(regex && cns_regex_search(regex, &nul, 1, true));
    regex = compiled(&arena, "[^\\0]", 5, &why);
    CHECK(regex && !cns_regex_search(regex, &nul, 1, true));
    CHECK(!cns_regex_search(regex, NULL, 0, true));
    cns_arena_release(&arena);
}

/* Behind the units there is more that nobody looks at. */
TEST(subjects_that_were_cut) {
    static const struct {
        const char *expression, *subject;
        bool whole, cut;
    } cases[] = {
        {"b$", "ab", true, false}, {"b\\b", "ab", true, false},  {"-\\B", "a-", true, false},
        {"ab", "ab", true, true},  {"(b|b$)", "ab", true, true}, {"\\bab", "ab", true, true},
        {"^$", "", true, false},   {"\\B", "", true, false},     {"a\\Bb", "ab", true, true},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        harness.label = cases[i].expression;
        CHECK_INT(found(cases[i].expression, cases[i].subject, true), cases[i].whole);
        CHECK_INT(found(cases[i].expression, cases[i].subject, false), cases[i].cut);
    }
}

TEST(units) {
    static const struct {
        const char *text;
        bool cut;
        size_t count;
        uint16_t units[6];
    } cases[] = {
        {"", false, 0, {0}},
        {"az", false, 2, {'a', 'z'}},
        {"\xC3\xA9\xE2\x82\xAC", false, 2, {0xE9, 0x20AC}},
        {"\xF0\x9F\x98\x80", false, 2, {0xD83D, 0xDE00}},
        {"\xF4\x8F\xBF\xBF", false, 2, {0xDBFF, 0xDFFF}},
        {"\xFF\x80", false, 2, {0xFFFD, 0xFFFD}},
        {"\xC3(", false, 2, {0xFFFD, '('}},
        {"\xED\xA0\x80", false, 3, {0xFFFD, 0xFFFD, 0xFFFD}}, /* a surrogate */
        {"\xC0\x80", false, 2, {0xFFFD, 0xFFFD}},
        {"\xF4\x90\x80\x80", false, 4, {0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD}},
        {"a\xC3", false, 2, {'a', 0xFFFD}},
        {"a\xC3", true, 1, {'a'}},
        {"a\xF0\x9F\x98", true, 1, {'a'}},
        {"a\xE2\x82", false, 3, {'a', 0xFFFD, 0xFFFD}},
        {"a\x82", true, 2, {'a', 0xFFFD}}, /* it begins no character */
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        uint16_t units[6];
        size_t len = strlen(cases[i].text);
        guard g;
        harness.label = cases[i].text;
        const char *copy = guard_text(&g, cases[i].text, len);
        CHECK_INT(cns_regex_units(units, 6, copy, len, cases[i].cut), cases[i].count);
        CHECK(memcmp(units, cases[i].units, cases[i].count * sizeof *units) == 0);
        for (size_t cap = 0; cap < cases[i].count; cap++)
            CHECK_INT(cns_regex_units(units, cap, copy, len, cases[i].cut), cap);
        guard_end(&g);
    }
}

/* One below, at and above each limit. */
TEST(limits) {
    char text[CNS_REGEX_TEXT + 2], subject[CNS_REGEX_SUBJECT + 1];
    for (size_t len = CNS_REGEX_TEXT - 1; len <= CNS_REGEX_TEXT + 1; len++) {
        memset(text, 'a', sizeof text);
        text[len] = '\0';
        memset(subject, 'a', CNS_REGEX_SUBJECT);
        subject[CNS_REGEX_SUBJECT] = '\0';
        CHECK_INT(found(text, subject, true), len <= CNS_REGEX_TEXT ? 1 : LONG);
        subject[len - 1] = '\0';
        if (len <= CNS_REGEX_TEXT)
            CHECK_INT(found(text, subject, true), 0);
    }
    for (int count = (int)CNS_REGEX_PROGRAM - 2; count <= (int)CNS_REGEX_PROGRAM; count++) {
        /* one step a copy, and MATCH */
        (void)snprintf(text, sizeof text, "a{%d}", count);
        CHECK_INT(found(text, "a", true), count < (int)CNS_REGEX_PROGRAM ? 0 : LONG);
    }
    static const char *const too_long[] = {
        "a{1024}",           "a{1,600}",  "(a|b){300}",    "(?:a?){600}",   "(?:a{100}){100}",
        "a{99999999999999}", "a{0,1000}", "a{1000,}b{30}", "(a{30}|b){40}", "((a{9}){9}){20}*",
        "a{1020}(?:b|c)",    "a{1023}|b", "a{1023}*"};
    for (size_t i = 0; i < LENGTH(too_long); i++) {
        harness.label = too_long[i];
        int why = found(too_long[i], "a", true);
        CHECK(why == LONG || why == BAD);
        CHECK(why != BAD || strstr(too_long[i], "}*"));
    }
    /* nothing repeated is nothing, however often; what is thrown away costs no room */
    CHECK_INT(found("((){99999}){99999}", "", true), 1);
    CHECK_INT(found("(a{1000}){0}(b{1000}){0}c", "c", true), 1);
    /* as many groups and classes as fit */
    memset(text, '(', 255);
    text[255] = 'a';
    memset(text + 256, ')', 255);
    text[511] = '*';
    text[512] = '\0';
    CHECK_INT(found(text, "", true), 1);
    for (size_t i = 0; i < CNS_REGEX_TEXT; i += 2)
        memcpy(text + i, "\\S", 2);
    CHECK_INT(found(text, "aaa", true), 0);
    for (size_t i = 0; i < CNS_REGEX_TEXT; i += 4)
        memcpy(text + i, "[\\S]", 4);
    CHECK_INT(found(text, "aaa", true), LONG); /* ranges */
    for (size_t i = 0; i < CNS_REGEX_TEXT; i += 2)
        memcpy(text + i, "[]", 2);
    CHECK_INT(found(text, "aaa", true), 0);
}

/* Every prefix of an expression, and with every byte changed: fine or not, it ends. */
TEST(any_text) {
    static const char whole[] =
        "^(?:[^\\d-z\\w]{2,3}?|(a+b*)*|\\x41\\u00e9.\\b$)\\cA[]|\xC3\xA9|\\B{,1}$";
    char text[sizeof whole];
    for (size_t len = 0; len < sizeof whole; len++)
        for (size_t at = 0; at <= len; at++)
            for (size_t k = 0; k < 14; k++) {
                memcpy(text, whole, len);
                text[len] = '\0';
                if (at < len)
                    text[at] = "([{*|\\?-^$)]0\xC3"[k];
                int result = found(text, "Aaab \xC3\xA9-", true);
                CHECK(result <= 1 && result >= LONG);
            }
}

static cns_code starved(cns_alloc alloc, void *arg) {
    cns_arena arena;
    const cns_regex *regex = NULL;
    cns_arena_init(&arena, alloc);
    cns_regex_why why = cns_regex_compile(&regex, &arena, arg, strlen(arg));
    CHECK(why == CNS_REGEX_NO_MEMORY || why == CNS_REGEX_FINE);
    CHECK((regex != NULL) == (why == CNS_REGEX_FINE));
    cns_arena_release(&arena);
    return why == CNS_REGEX_FINE ? CNS_OK : CNS_E_NOMEM;
}

TEST(memory) {
    harness_starve(starved, (void *)(uintptr_t)"^([a-z\\s]+|\\d{2,40})$");
}

int main(void) {
    RUN(syntax);
    RUN(subjects_that_were_cut);
    RUN(units);
    RUN(limits);
    RUN(any_text);
    RUN(memory);
    return harness_end();
}
