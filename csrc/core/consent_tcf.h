/* consent_tcf.h - part of consent.h: sets of ids, TC strings (docs/strings.md, TC strings) and what
 * they permit a vendor of the list. */
#ifndef CNS_CONSENT_TCF_H
#define CNS_CONSENT_TCF_H

#include "consent_notice.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CNS_MAX_STRING 65536u /* characters of a consent string that are read */

/* ------------------------------------------------------------- sets of ids */

#define CNS_MAX_ID 65535u
#define CNS_BIT_SLACK 16u

/* Ids from first to last, both included. */
typedef struct cns_id_run {
    uint16_t first, last;
} cns_id_run;

/* A set of ids 1 to 65535 as a consent string writes it, never expanded: either a bit field,
 * looked at where the decoded text has it, or runs that are ascending, disjoint and not
 * adjacent. It borrows both from whoever decoded it, and costs what its text costs, whatever
 * that claims. */
typedef struct cns_id_set {
    uint32_t max;           /* the highest id that the text has room for (MaxVendorId) */
    uint32_t entries;       /* range entries as written; 0 for a bit field */
    const uint8_t *bits;    /* bit field: place `at` is id 1, `max` bits; NULL: runs. Behind it
                             * are CNS_BIT_SLACK more bytes that may be read */
    uint32_t at;            /* in bits */
    uint32_t run_count;     /* runs of `runs` */
    const cns_id_run *runs; /* may be NULL when there is none */
} cns_id_set;

/* Any id may be asked about: 0 and ids above 65535 are in no set. */
bool cns_idset_has(const cns_id_set *set, uint32_t id);
uint32_t cns_idset_count(const cns_id_set *set);
/* The highest id in the set, 0 when it is empty. */
uint32_t cns_idset_last(const cns_id_set *set);
/* The next maximal run; *cursor begins as 0 and belongs to the set. false after the last. */
bool cns_idset_next(const cns_id_set *set, uint32_t *cursor, cns_id_run *run);
/* The same ids, however they are written and whatever `max` is? */
bool cns_idset_same(const cns_id_set *a, const cns_id_set *b);
/* A set of settled runs, borrowed. max = the last id. */
cns_id_set cns_idset_of_runs(const cns_id_run *runs, uint32_t count);
/* Puts runs (first <= last, any order, overlapping) into order and merges what overlaps or
 * touches, in place; returns how many are left. Linear time. */
uint32_t cns_runs_settle(cns_id_run *runs, uint32_t count);

/* -------------------------------------------------------------- TC strings */

/* Segment types as the string writes them; 4 to 7 have no meaning. */
enum { CNS_TC_CORE, CNS_TC_DISCLOSED, CNS_TC_ALLOWED, CNS_TC_PUBLISHER };

/* What a string that can be read may have that is odd; some are errors in strict reading.
 * One bit each, in the order of their names (cns_tc_warning_name). */
enum {
    CNS_TC_BAD_COUNTRY = 1 << 0,
    CNS_TC_BAD_LANGUAGE = 1 << 1,
    CNS_TC_CONFLICTING_RESTRICTIONS = 1 << 2,
    CNS_TC_CREATED_AFTER_LAST_UPDATED = 1 << 3,
    CNS_TC_CREATED_NE_LAST_UPDATED = 1 << 4,
    CNS_TC_DEGENERATE_RANGE = 1 << 5,
    CNS_TC_DEPRECATED_ALLOWED_VENDORS = 1 << 6,
    CNS_TC_DUPLICATE_RESTRICTION = 1 << 7,
    CNS_TC_DUPLICATE_SEGMENT = 1 << 8,
    CNS_TC_EMPTY_RESTRICTION = 1 << 9,
    CNS_TC_EMPTY_SEGMENT = 1 << 10,
    CNS_TC_EXCESS_PADDING = 1 << 11,
    CNS_TC_GLOBAL_SCOPE = 1 << 12,
    CNS_TC_LI_PURPOSE_1 = 1 << 13,
    CNS_TC_LI_PURPOSE_3_TO_6 = 1 << 14,
    CNS_TC_MAX_VENDOR_ID_SLACK = 1 << 15,
    CNS_TC_MISSING_DISCLOSED_VENDORS = 1 << 16,
    CNS_TC_NOT_DAY_PRECISION = 1 << 17,
    CNS_TC_OLD_POLICY_VERSION = 1 << 18,
    CNS_TC_PURPOSE_ID_OUT_OF_RANGE = 1 << 19,
    CNS_TC_PURPOSE_ID_ZERO = 1 << 20,
    CNS_TC_RANGE_UNSORTED = 1 << 21,
    CNS_TC_TRAILING_DATA = 1 << 22,
    CNS_TC_UNDEFINED_RESTRICTION_TYPE = 1 << 23,
    CNS_TC_UNKNOWN_SEGMENT = 1 << 24,
    CNS_TC_VENDOR_ID_OVER_MAX = 1 << 25
};
#define CNS_TC_WARNINGS 26u
/* The name of bit `index`, such as "bad_country". */
const char *cns_tc_warning_name(unsigned index);

typedef struct cns_tc_restriction {
    uint8_t purpose; /* 1 to 63 */
    uint8_t type;    /* 0 not allowed, 1 require consent, 2 require legitimate interest */
    uint32_t run_count;
    const cns_id_run *runs; /* settled */
} cns_tc_restriction;

/* A decoded TC string, version 2. Purposes, features and custom purposes are masks: bit n - 1
 * is id n. Letters are codes 0 (A) to 63, of which those above 25 are none. */
typedef struct cns_tc {
    uint64_t created, last_updated; /* tenths of a second since 1970 */
    uint16_t cmp_id, cmp_version, vendor_list_version;
    uint8_t consent_screen, policy_version;
    uint8_t language[2], country[2];
    bool service_specific, non_standard_texts, purpose_one_treatment;
    bool has_disclosed, has_allowed, has_publisher;
    bool exact; /* strict reading takes it too */
    uint32_t special_features, purposes, purposes_li;
    cns_id_set vendors, vendors_li;
    cns_id_set disclosed, allowed; /* where has_ says so */
    uint32_t record_count;         /* restriction records as written */
    uint32_t restriction_count;    /* merged, by purpose and then type */
    const cns_tc_restriction *restrictions;
    uint32_t publisher_purposes, publisher_purposes_li;
    uint64_t custom_purposes, custom_purposes_li;
    uint8_t custom_count; /* 0 to 63 */
    uint32_t segment_count;
    const uint8_t *segments; /* types in the order of the string, the core first */
    uint32_t warnings;
} cns_tc;

/* Reads a TC string. One block for what every string has, a second one for ranges and a third for
 * restrictions, each in proportion to the text; linear time. CNS_E_DECODE with the code
 * of docs/strings.md in err->path (`truncated`, ...) and the character in err->offset. Lenient
 * reading drops, ignores or repairs what docs/strings.md says, with a warning. */
cns_code cns_tc_new(cns_tc **out, const char *text, size_t len, bool strict, cns_alloc alloc,
                    cns_error *err);
void cns_tc_free(cns_tc *tc);

/* Writes the minimal string of what `tc` holds: each vendor set in its smaller form, restrictions
 * merged and in order, segments in the order of `segments` and padded to 24 bits. `tc` may
 * be the caller's own; max, entries, record_count, exact and warnings are not looked at, and
 * segments that it has and `segments` does not name come last. Values that have no room
 * are cut to their bits. The caller frees the text with cns_text_free. */
cns_code cns_tc_write(char **text, size_t *len, const cns_tc *tc, cns_alloc alloc, cns_error *err);

/* -------------------------------------------------------------- permission */

typedef enum cns_tc_question {
    CNS_ASK_PURPOSE,
    CNS_ASK_SPECIAL_PURPOSE,
    CNS_ASK_SPECIAL_FEATURE
} cns_tc_question;

/* What the host demands beyond the text of the framework; all zero demands nothing. */
typedef struct cns_tc_demands {
    bool service_specific; /* the string must be */
    bool vendor_disclosed; /* where there is a disclosed segment the vendor must be in it */
    uint32_t min_policy_version;
    bool disclosed_from_given;
    uint32_t disclosed_from_policy; /* strings from this policy on need the segment */
    bool disclosed_since_given;
    int64_t disclosed_since; /* microseconds since 1970: strings updated from then on need it */
    const char (*exempt)[2]; /* countries (capitals) where purpose 1 needs no consent */
    size_t exempt_count;
} cns_tc_demands;

typedef struct cns_tc_permission {
    bool consent_ok, li_ok; /* the bare signals */
    bool allowed;
    const char *basis;  /* consent, legitimate_interest, opt_in, not_required, none */
    const char *reason; /* ok, purpose_one_exempt, or what stands against it */
} cns_tc_permission;

/* Microseconds since 1970 of a date such as 2026-03-01, or with a time; false when it is none. */
bool cns_date_read(int64_t *micros, const char *text, size_t len);

/* May this vendor of the list process for this purpose? `tc` NULL: a string that cannot be
 * read. `now` in microseconds since 1970 decides about deleted vendors. */
cns_tc_permission cns_tc_permits(const cns_tc *tc, const cns_gvl *gvl, int64_t vendor,
                                 cns_tc_question question, int64_t id, int64_t now,
                                 const cns_tc_demands *demands);

#ifdef __cplusplus
}
#endif
#endif
