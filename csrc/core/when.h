/* when.h - points in time as microseconds since 1970-01-01 UTC (internal). */
#ifndef CNS_WHEN_H
#define CNS_WHEN_H

#include "consent.h"

typedef int64_t cns_when;
#define CNS_NEVER INT64_MIN /* no date, or one that cannot be read */
#define CNS_SECOND INT64_C(1000000)
#define CNS_DAY (86400 * CNS_SECOND)
/* 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999Z: what a calendar holds */
#define CNS_FIRST_WHEN (INT64_C(-62135596800) * CNS_SECOND)
#define CNS_LAST_WHEN (INT64_C(253402300800) * CNS_SECOND - 1)

/* Reads YYYY, YYYY-MM or YYYY-MM-DD, the last with an optional time (after T or a
 * blank: HH:MM, seconds, fraction) and Z or an offset; no zone means UTC
 * (docs/didomi.md, Time). CNS_NEVER when it is not that, or outside of the
 * calendar. */
cns_when cns_when_parse(const char *text, size_t len);

/* when + seconds, kept inside the calendar; seconds is finite and >= 0. */
cns_when cns_when_after(cns_when when, double seconds);

/* Writes `when`, a moment of the calendar, as a token spells it: UTC, milliseconds
 * (cut, not rounded), `Z`; CNS_WHEN_TEXT characters and a NUL. */
#define CNS_WHEN_TEXT 24u
void cns_when_write(char out[CNS_WHEN_TEXT + 1], cns_when when);

#endif
