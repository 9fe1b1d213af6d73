/* status.h - the layout of a status (internal). */
#ifndef CNS_STATUS_H
#define CNS_STATUS_H

#include "notice.h"
#include "token.h"

#define CNS_MAX_FINDINGS 16u

/* Rules about time that had a part in what counts (R4 to R7), as bits. */
typedef enum cns_time_rule {
    CNS_BY_SKEW = 1,     /* a date lies ahead of the clock */
    CNS_BY_DURATION = 2, /* the age was compared */
    CNS_BY_DENIED = 4,   /* with the shorter duration */
    CNS_BY_BEFORE = 8,   /* user.ignoreConsentBefore was looked at */
    CNS_BY_OLDER = 16    /* and the answer is older */
} cns_time_rule;

/* Why the stored choices do not count; the order is that of the question. */
typedef enum cns_void { CNS_NOT_VOID, CNS_EXPIRED, CNS_DENIED_EXPIRED, CNS_IGNORED } cns_void;

/* What was found in the cookies, in order. */
typedef struct cns_findings {
    uint32_t count;
    const char *codes[CNS_MAX_FINDINGS];
    uint32_t offsets[CNS_MAX_FINDINGS];
} cns_findings;

/* What became of the TC strings that were sent (R12). */
typedef enum cns_tc_state {
    CNS_TC_ABSENT,
    CNS_TC_UNREADABLE,
    CNS_TC_FOREIGN, /* of a CMP that the configuration does not trust */
    CNS_TC_UNMET,   /* a demand of `consentpy.tcf` is not met */
    CNS_TC_VOID,    /* a token beside it is void, or it is too old itself */
    CNS_TC_READ
} cns_tc_state;

struct cns_status {
    cns_alloc alloc;
    size_t size; /* of the one block: this struct, the sets, the texts */
    const cns_notice *notice;
    cns_group group; /* of the notice, or CNS_NO_LAW for an exempt bot */
    cns_collect collect;
    bool should_collect, partial;
    bool bot, exempt_bot;       /* exempt: the configuration does not ask bots */
    bool any_token, any_choice; /* a readable one; a list with anything in it */
    bool dcs;                   /* the token is a Didomi Consent String (R9) */
    bool any_dcs;               /* there is one of this law that can be read */
    bool unreadable;            /* a token cookie was sent that cannot be read */
    bool gpc;                   /* the signal counts under this law */
    bool gpc_sent;              /* it was sent */
    bool do_not_sell;           /* some token says so, whatever its age */
    cns_void voided;
    unsigned time_rules; /* of all tokens */
    bool ignored_but_kept;
    bool reset; /* the choices count as unknown while the visitor is asked (R5) */
    /* numbers of cookies, one bit each; and the one that dates and user id come from */
    uint8_t readable, counting, source;
    /* what is stored: sets in the order of the token's lists, R8 applied */
    cns_word *stored[CNS_LISTS];
    /* what counts: vendors and purposes that are enabled on each basis */
    cns_word *vendors, *vendors_li, *purposes, *purposes_li;
    /* the same for gates: vendors enabled on every basis that they use, whatever
     * their purposes; purposes enabled on consent and on every basis in use (R1) */
    cns_word *open_vendors, *open_purposes;
    cns_when now, created, updated, expires;
    cns_text user_id, created_text, updated_text;
    cns_text dcs_text; /* the string that the dates come from, where it counts */
    cns_text tc;       /* the TC string in force, absent when there is none, or are several */
    cns_tc_state tc_state;
    uint8_t tc_counting;  /* numbers of the TC cookies that count, one bit each */
    cns_word *restricted; /* vendors that a string keeps from something they do here, or NULL */
    cns_findings findings;
};

static inline const cns_findings *cns_status_found(const cns_status *s) {
    return &s->findings;
}

/* Is what is stored the visitor's own choice (R11)? A token is written on the first page
 * view, with everything enabled; only a later change is one. */
bool cns_status_explicit(const cns_status *s);

#endif
