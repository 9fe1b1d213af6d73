/* consent_answer.h - part of consent.h: a visitor's new answer, and the cookies that keep it. */
#ifndef CNS_CONSENT_ANSWER_H
#define CNS_CONSENT_ANSWER_H

#include "consent_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------- answering, cookies */

/* One choice of a visitor; the vendor or purpose is one of the notice. */
typedef struct cns_choice {
    uint32_t number;
    bool vendor;  /* otherwise a purpose */
    bool li_only; /* otherwise every basis that the id uses in this notice */
    bool agreed;
} cns_choice;

/* Is the vendor or purpose (which may be CNS_NO_ID) one of the notice? */
bool cns_notice_offers(const cns_notice *notice, bool vendor, uint32_t number);

typedef enum cns_answer_kind {
    CNS_SET,     /* what `choices` say; everything else stays */
    CNS_AGREE,   /* to everything of the notice */
    CNS_DISAGREE /* with everything of the notice */
} cns_answer_kind;

#define CNS_ANSWER_RANDOM 16u
typedef struct cns_answer {
    cns_answer_kind kind;
    const cns_choice *choices; /* of CNS_SET; of two for one id and basis the later counts */
    size_t count;
    cns_tri legitimate_interest; /* of CNS_DISAGREE: object there too? Unknown: as configured */
    bool unstored;               /* the visit's token was never stored: write in any case */
    unsigned char random[CNS_ANSWER_RANDOM]; /* from the system, for a new user id */
} cns_answer;

/* The fewest choices that open a gate which is closed: each is told, in the order of
 * Status.set(): purposes, vendors, purposes and vendors on legitimate interest alone.
 * *possible is false where the gate is open, and where no such choices open it: ids that
 * the notice lacks, what only a TC string may hold, a signal that no choice overrules. It
 * can be true without a choice, where answering at all is enough (R5 with "reset"). The
 * answer is tried as cns_answer_write gives it, at visit->now; `visit` is what the status
 * was made from, `unstored` as in cns_answer. CNS_OK or CNS_E_NOMEM. */
typedef void (*cns_choice_fn)(void *ctx, const cns_choice *choice);
cns_code cns_status_would_allow(bool *possible, const cns_status *status, const cns_visit *visit,
                                bool unstored, const cns_gate *gate, cns_choice_fn each, void *ctx,
                                cns_alloc alloc);

#define CNS_MAX_COOKIE 4096u /* bytes of a cookie's name and value */

/* What an answer makes of the visitor's cookies. Texts are given back with
 * cns_written_release. */
typedef struct cns_written {
    char *token; /* the token, NULL when the answer changes nothing */
    size_t token_len;
    char *tc; /* a new TC string, or NULL */
    size_t tc_len;
    bool keeps_tc; /* otherwise the TC strings that were sent count no more */
} cns_written;

/* The cookies after an answer at visit->now (docs/status.md, Answering). Make the new status of
 * cns_written_visit. Fields and ids without a meaning here are kept as long as the
 * cookie stays within CNS_MAX_COOKIE. A TC string is written only with the site's own CMP id
 * (R12). An id that is not of the notice is CNS_E_UNKNOWN_ID, one that only a TC string may
 * hold CNS_E_SHAPE. */
cns_code cns_answer_write(cns_written *out, const cns_notice *notice, const cns_visit *visit,
                          const cns_answer *answer, cns_alloc alloc, cns_error *err);
void cns_written_release(cns_written *written, cns_alloc alloc);
/* Makes `visit` that of somebody who sends this; `values` has to live as long. */
void cns_written_visit(cns_visit *visit, const cns_written *written, cns_text values[2]);

/* How an answer is kept. */
typedef struct cns_keeping {
    bool dcs;        /* as a Didomi Consent String, where all that it holds has a number */
    cns_text before; /* the one that the answer replaces: what it says under numbers that have */
    bool refused;    /* no meaning here stays, with `refused` only what it disables */
} cns_keeping;

/* The values of cookies, by cns_cookie; without a text there is no such cookie. Given back with
 * cns_kept_release. */
typedef struct cns_kept_cookies {
    struct {
        char *text;
        size_t len;
    } of[CNS_COOKIES];
    int64_t max_age; /* seconds that they are good for from visit->now */
} cns_kept_cookies;

/* What keeps a visitor's stored answer as it is: nothing where there is none to keep. What was
 * sent stays word for word; of several cookies it is one with what they have in common (R8). An
 * answer of ours (`own`) is written as `keeping` says, and over CNS_MAX_COOKIE as a Didomi
 * Consent String if it can be, otherwise it is CNS_E_LIMIT. */
cns_code cns_answer_keep(cns_kept_cookies *out, const cns_notice *notice, const cns_visit *visit,
                         const cns_keeping *keeping, cns_alloc alloc, cns_error *err);
void cns_kept_release(cns_kept_cookies *kept, cns_alloc alloc);

/* The token in force, for cns_status_lists: that of the cookie, of several one with what
 * they have in common; NULL when there is none. Freed with cns_token_doc_free. */
cns_code cns_answer_stored(cns_token_doc **out, const cns_notice *notice, const cns_visit *visit,
                           cns_alloc alloc, cns_error *err);

/* Does the configuration take a visitor's choices from an address
 * (docs/didomi.md, Addresses)? */
bool cns_notice_takes_external(const cns_notice *notice);
/* The token that these choices make of what the visitor has stored, NULL when the query
 * has none; *unread tells that it has some that cannot be read. They replace the stored
 * ones, except that under an opt-out law no objection is lifted. Make the status with
 * this value and `own`; it is for one request and no cookie. */
cns_code cns_external_write(char **out, size_t *out_len, bool *unread, const cns_notice *notice,
                            const cns_visit *visit, const cns_query *query,
                            const unsigned char random[CNS_ANSWER_RANDOM], cns_alloc alloc,
                            cns_error *err);

#ifdef __cplusplus
}
#endif
#endif
