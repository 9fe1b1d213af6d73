/* when.c - ISO 8601 dates to microseconds. */
#include "when.h"

#include "text.h"

typedef struct reader {
    const char *at, *end;
} reader;

static bool digits(reader *r, unsigned count, int *out) {
    int n = 0;
    if ((size_t)(r->end - r->at) < count)
        return false;
    for (unsigned i = 0; i < count; i++) {
        if (!cns_is_digit(r->at[i]))
            return false;
        n = n * 10 + (r->at[i] - '0');
    }
    r->at += count;
    *out = n;
    return true;
}

static bool take(reader *r, char c) {
    if (r->at < r->end && *r->at == c) {
        r->at++;
        return true;
    }
    return false;
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar. The year starts in
 * March, so that the leap day is its last. */
static int64_t days_from_civil(int year, int month, int day) {
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int month_days(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

/* HH:MM[:SS[.fraction]] */
static bool time_of_day(reader *r, int64_t *micros) {
    int hour, minute, second = 0;
    int64_t fraction = 0;
    if (!digits(r, 2, &hour) || !take(r, ':') || !digits(r, 2, &minute))
        return false;
    if (take(r, ':')) {
        if (!digits(r, 2, &second))
            return false;
        if (take(r, '.') || take(r, ',')) {
            int64_t unit = CNS_SECOND;
            if (r->at == r->end || !cns_is_digit(*r->at))
                return false;
            while (r->at < r->end && cns_is_digit(*r->at)) {
                unit /= 10;
                fraction += (*r->at++ - '0') * unit;
            }
        }
    }
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *micros = ((hour * 60 + minute) * 60 + second) * CNS_SECOND + fraction;
    return true;
}

/* Z, +HH, +HHMM, +HH:MM or nothing */
static bool zone(reader *r, int64_t *micros) {
    int hour, minute = 0;
    *micros = 0;
    if (r->at == r->end || take(r, 'Z') || take(r, 'z'))
        return true;
    int64_t sign = *r->at == '-' ? -1 : 1;
    if (!take(r, '+') && !take(r, '-'))
        return false;
    if (!digits(r, 2, &hour))
        return false;
    if (r->at < r->end) {
        (void)take(r, ':');
        if (!digits(r, 2, &minute))
            return false;
    }
    if (hour > 23 || minute > 59)
        return false;
    *micros = sign * (hour * 60 + minute) * 60 * CNS_SECOND;
    return true;
}

cns_when cns_when_parse(const char *text, size_t len) {
    reader r = {text, text + len};
    int year, month = 1, day = 1;
    int64_t clock = 0, offset = 0;
    if (len > 64 || !digits(&r, 4, &year) || year < 1)
        return CNS_NEVER;
    if (take(&r, '-')) {
        if (!digits(&r, 2, &month) || month < 1 || month > 12)
            return CNS_NEVER;
        if (take(&r, '-')) {
            if (!digits(&r, 2, &day) || day < 1 || day > month_days(year, month))
                return CNS_NEVER;
            if (take(&r, 'T') || take(&r, 't') || take(&r, ' ')) {
                if (!time_of_day(&r, &clock) || !zone(&r, &offset))
                    return CNS_NEVER;
            }
        }
    }
    if (r.at != r.end)
        return CNS_NEVER;
    cns_when when = days_from_civil(year, month, day) * CNS_DAY + clock - offset;
    return when < CNS_FIRST_WHEN || when > CNS_LAST_WHEN ? CNS_NEVER : when;
}

cns_when cns_when_after(cns_when when, double seconds) {
    double room = (double)(CNS_LAST_WHEN - when);
    double micros = seconds * (double)CNS_SECOND;
    return micros >= room ? CNS_LAST_WHEN : when + (cns_when)micros;
}

static char *write_digits(char *at, int64_t value, unsigned count) {
    for (unsigned i = count; i-- > 0; value /= 10)
        at[i] = (char)('0' + value % 10);
    return at + count;
}

void cns_when_write(char out[CNS_WHEN_TEXT + 1], cns_when when) {
    int64_t since = when - CNS_FIRST_WHEN; /* never negative, so divisions cut downwards */
    int64_t millis = since % CNS_DAY / 1000;
    /* days since 0000-03-01, where a year's leap day is its last: 0001-01-01 is day 306 */
    int64_t days = since / CNS_DAY + 306;
    int64_t era = days / 146097, of_era = days % 146097;
    int64_t years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * years + years / 4 - years / 100);
    int64_t month = (5 * of_year + 2) / 153; /* from March */
    int64_t day = of_year - (153 * month + 2) / 5 + 1;
    int64_t year = era * 400 + years + (month >= 10);
    char *at = write_digits(out, year, 4);
    *at++ = '-';
    at = write_digits(at, month < 10 ? month + 3 : month - 9, 2);
    *at++ = '-';
    at = write_digits(at, day, 2);
    *at++ = 'T';
    at = write_digits(at, millis / 3600000, 2);
    *at++ = ':';
    at = write_digits(at, millis / 60000 % 60, 2);
    *at++ = ':';
    at = write_digits(at, millis / 1000 % 60, 2);
    *at++ = '.';
    at = write_digits(at, millis % 1000, 3);
    *at++ = 'Z';
    *at = '\0';
}
