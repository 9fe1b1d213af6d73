/* test_when.c - dates at the edges of the calendar and of the grammar. */
#include "guard.h"

#include "../../csrc/core/when.h"
#include "harness.h"

/* Parses text that ends at an unreadable page. */
static cns_when parsed(const char *text) {
    guard g;
    const char *copy = guard_text(&g, text, strlen(text));
    cns_when when = cns_when_parse(copy, strlen(text));
    guard_end(&g);
    return when;
}

TEST(dates_that_are_read) {
    static const struct {
        const char *text;
        int64_t seconds, micros;
    } cases[] = {
        {"1970", 0, 0},
        {"1970-01", 0, 0},
        {"1970-01-01", 0, 0},
        {"1970-01-01T00:00", 0, 0},
        {"1970-01-01T00:00:00Z", 0, 0},
        {"1970-01-01t00:00:00z", 0, 0},
        {"1970-01-01 00:00:01", 1, 0},
        {"1970-01-01T00:00:00.5Z", 0, 500000},
        {"1970-01-01T00:00:00,25Z", 0, 250000},
        {"1970-01-01T00:00:00.123456Z", 0, 123456},
        {"1970-01-01T00:00:00.1234569999Z", 0, 123456}, /* cut, not rounded */
        {"1969-12-31T23:59:59.999999Z", -1, 999999},
        {"2026-03-20T09:41:27.000Z", 1773999687, 0},
        {"2000-02-29", 951782400, 0},
        {"2024-02-29T23:59:59Z", 1709251199, 0},
        {"2024-03-01", 1709251200, 0},
        {"1900-02-28", -2203977600, 0},
        {"2026-03-20T09:41:27+01:00", 1773999687 - 3600, 0},
        {"2026-03-20T09:41:27-0530", 1773999687 + 19800, 0},
        {"2026-03-20T09:41:27+02", 1773999687 - 7200, 0},
        {"2026-03-20T09:41:27-00:00", 1773999687, 0},
        {"2026-03-20T09:41:27+23:59", 1773999687 - 86340, 0},
        {"0001", -62135596800, 0},
        {"9999-12-31T23:59:59.999999Z", 253402300799, 999999},
        {"0001-01-01T00:00:00+00:00", -62135596800, 0},
        {"9999-12-31T00:59:59-23:00", 253402300799, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        harness.label = cases[i].text;
        CHECK_INT(parsed(cases[i].text), cases[i].seconds * CNS_SECOND + cases[i].micros);
    }
    CHECK_INT(parsed("0001"), CNS_FIRST_WHEN);
    CHECK_INT(parsed("9999-12-31T23:59:59.999999Z"), CNS_LAST_WHEN);
}

TEST(dates_that_are_refused) {
    static const char *const cases[] = {
        "",
        "1",
        "197",
        "19700",
        "1970-",
        "1970-1",
        "1970-00",
        "1970-13",
        "1970-01-",
        "1970-01-1",
        "1970-01-00",
        "1970-01-32",
        "1970-04-31",
        "1970-02-29",
        "1900-02-29",
        "2100-02-29",
        "0000",
        "0000-12-31",
        "-001-01-01",
        "+970-01-01",
        "1970-01-01T",
        "1970-01-01T0",
        "1970-01-01T00",
        "1970-01-01T00:",
        "1970-01-01T00:0",
        "1970-01-01T00:00:",
        "1970-01-01T00:00:0",
        "1970-01-01T00:00:00.",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:60:00Z",
        "1970-01-01T00:00:60Z",
        "1970-01-01T00:00:00+",
        "1970-01-01T00:00:00+1",
        "1970-01-01T00:00:00+01:",
        "1970-01-01T00:00:00+01:0",
        "1970-01-01T00:00:00+24:00",
        "1970-01-01T00:00:00+01:60",
        "1970-01-01T00:00:00ZZ",
        "1970-01-01T00:00:00Z ",
        " 1970",
        "1970T00:00",
        "1970-01T00:00",
        "1970-01-01Z",
        "1970/01/01",
        "1970-01-01T00:00:00 Z",
        "0001-01-01T00:00:00+00:01", /* before the calendar */
        "9999-12-31T23:59:59-00:01", /* behind it */
        "1970-01-01T00:00:00.00000000000000000000000000000000000000000000000Z", /* 68 characters */
        "yesterday",
        "1970-01-01T00:00:00\xE2\x80\x8B"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        harness.label = cases[i];
        CHECK_INT(parsed(cases[i]), CNS_NEVER);
    }
    /* a NUL is a character like another, and no end */
    CHECK_INT(cns_when_parse("1970\0-01", 8), CNS_NEVER);
}

/* Every day of the calendar once: the numbers go up by one day. */
TEST(days_follow_each_other) {
    cns_when before = CNS_FIRST_WHEN - CNS_DAY;
    size_t days = 0, gaps = 0;
    for (int year = 1; year <= 9999; year++)
        for (int month = 1; month <= 12; month++)
            for (int day = 1; day <= 31; day++) {
                char text[16] = {(char)('0' + year / 1000),
                                 (char)('0' + year / 100 % 10),
                                 (char)('0' + year / 10 % 10),
                                 (char)('0' + year % 10),
                                 '-',
                                 (char)('0' + month / 10),
                                 (char)('0' + month % 10),
                                 '-',
                                 (char)('0' + day / 10),
                                 (char)('0' + day % 10)};
                cns_when when = cns_when_parse(text, 10);
                if (when == CNS_NEVER)
                    continue;
                gaps += when != before + CNS_DAY;
                before = when;
                days++;
            }
    CHECK_INT(days, 3652059);
    CHECK_INT(gaps, 0);
}

TEST(later_stays_inside_the_calendar) {
    CHECK_INT(cns_when_after(0, 0), 0);
    CHECK_INT(cns_when_after(0, 1.5), 1500000);
    CHECK_INT(cns_when_after(0, 0.0000004), 0);
    CHECK_INT(cns_when_after(CNS_FIRST_WHEN, 86400), CNS_FIRST_WHEN + CNS_DAY);
    CHECK_INT(cns_when_after(CNS_LAST_WHEN, 0), CNS_LAST_WHEN);
    CHECK_INT(cns_when_after(CNS_LAST_WHEN, 1), CNS_LAST_WHEN);
    CHECK_INT(cns_when_after(0, 1e300), CNS_LAST_WHEN);
    CHECK_INT(cns_when_after(CNS_FIRST_WHEN, 1e18), CNS_LAST_WHEN);
}

/* Every kind of day there is, from the first to the last, at a time of its own. */
TEST(dates_that_are_written) {
    char text[CNS_WHEN_TEXT + 1];
    int64_t days = (CNS_LAST_WHEN - CNS_FIRST_WHEN) / CNS_DAY + 1;
    int64_t wrong = 0;
    for (int64_t day = 0; day < days; day++) {
        int64_t millis = day * 7919 % 86400000;
        cns_when when = CNS_FIRST_WHEN + day * CNS_DAY + millis * 1000;
        cns_when_write(text, when + day % 1000);
        wrong += strlen(text) != CNS_WHEN_TEXT || cns_when_parse(text, CNS_WHEN_TEXT) != when;
    }
    CHECK_INT(days, 3652059);
    CHECK_INT(wrong, 0);
    static const struct {
        cns_when when;
        const char *text;
    } cases[] = {
        {CNS_FIRST_WHEN, "0001-01-01T00:00:00.000Z"},
        {CNS_LAST_WHEN, "9999-12-31T23:59:59.999Z"},
        {0, "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {-1000, "1969-12-31T23:59:59.999Z"},
        {-1001, "1969-12-31T23:59:59.998Z"},
        {951782400 * CNS_SECOND, "2000-02-29T00:00:00.000Z"},
        {1709251199 * CNS_SECOND + 1999, "2024-02-29T23:59:59.001Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cns_when_write(text, cases[i].when);
        CHECK_TEXT(text, cases[i].text);
    }
}

int main(void) {
    RUN(dates_that_are_written);
    RUN(dates_that_are_read);
    RUN(dates_that_are_refused);
    RUN(days_follow_each_other);
    RUN(later_stays_inside_the_calendar);
    return harness_end();
}
