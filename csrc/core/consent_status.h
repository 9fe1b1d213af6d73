/* consent_status.h - part of consent.h: what a visitor's answer comes to, why, and what others are told. */
#ifndef CNS_CONSENT_STATUS_H
#define CNS_CONSENT_STATUS_H

#include "consent_visit.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------ status */

/* What one visitor's answer comes to. Immutable; borrows its notice. */
typedef struct cns_status cns_status;

/* Cookies of one name. */
typedef struct cns_sent {
    const cns_text *values; /* in the order sent */
    size_t count;           /* all that were sent; at most 4 are read */
    bool not_text;          /* there is one, but not as a text: unreadable */
} cns_sent;

typedef struct cns_visit {
    const cns_text *cookies;  /* values of the token cookie, in the order sent */
    size_t cookie_count;      /* all that were sent; at most 4 are read */
    bool cut;                 /* the header was longer than what is looked at */
    int64_t now;              /* microseconds since 1970 */
    bool gpc;                 /* Sec-GPC: 1 */
    bool bot;                 /* cns_notice_is_bot said so */
    bool not_text;            /* there is one, but not as a text: unreadable */
    bool settled;             /* the visitor has just answered: R5's reset does not apply */
    bool own;                 /* the value was written here: of any length, from any storage */
    bool external_unread;     /* an address brought choices that cannot be read */
    const cns_status *before; /* whose findings come first; may be NULL */
    cns_sent tc, dcs;         /* TC strings, Didomi Consent Strings */
    bool dcs_plain;           /* these come from the cookie without the law's name */
} cns_visit;

/* Never fails because of what the visitor sent: CNS_OK or CNS_E_NOMEM. */
cns_code cns_status_new(cns_status **out, const cns_notice *notice, const cns_visit *visit,
                        cns_alloc alloc, cns_error *err);
void cns_status_free(cns_status *status);

/* A tag's condition in numbers of the configuration (rule R1). */
typedef struct cns_gate {
    bool has_vendor;
    uint32_t vendor; /* CNS_NO_ID: an unknown id, so the gate is closed */
    uint32_t purpose_count;
    const uint32_t *purposes; /* CNS_NO_ID likewise */
} cns_gate;

bool cns_status_allows(const cns_status *status, const cns_gate *gate);
/* `so_far` with what the gate asks: of a row of gates, from cns_notice_fingerprint on, it
 * tells verdicts apart that stand at the same places and answer other questions. */
uint64_t cns_gate_fingerprint(uint64_t so_far, const cns_gate *gate);

typedef enum cns_tri { CNS_UNKNOWN = -1, CNS_NO = 0, CNS_YES = 1 } cns_tri;

/* docs/didomi.md, Statuses; with_purposes asks for its purposes too. */
cns_tri cns_status_vendor(const cns_status *status, uint32_t vendor, cns_basis basis,
                          bool with_purposes);
cns_tri cns_status_purpose(const cns_status *status, uint32_t purpose, cns_basis basis);
/* docs/didomi.md, Statuses. */
cns_tri cns_status_pair(const cns_status *status, uint32_t purpose, uint32_t vendor);
/* Enabled on every basis in use: what getCurrentUserStatus says (docs/didomi.md, Statuses). */
bool cns_status_purpose_enabled(const cns_status *status, uint32_t purpose);
bool cns_status_vendor_enabled(const cns_status *status, uint32_t vendor);

/* Why the visitor is, or is not, to be asked; the order is that of the check. */
typedef enum cns_collect {
    CNS_ASK_NOT_REQUIRED,
    CNS_ASK_BOT,
    CNS_ASK_OPT_OUT,
    CNS_ASK_EXPIRED,
    CNS_ASK_DENIED_EXPIRED,
    CNS_ASK_IGNORED_BEFORE,
    CNS_ASK_NO_CHOICE,
    CNS_ASK_COMPLETE,
    CNS_ASK_WITHIN_WINDOW,
    CNS_ASK_NEW_VENDOR
} cns_collect;

cns_collect cns_status_collect(const cns_status *status, bool *should);
const char *cns_collect_text(cns_collect collect); /* `not-required`, ... */
bool cns_status_partial(const cns_status *status);
bool cns_status_is_bot(const cns_status *status);

/* Texts of the token in force, absent without one; user_id also of a token whose
 * choices are void. Dates in microseconds; false when there is none. */
cns_text cns_status_user_id(const cns_status *status);
cns_text cns_status_created_text(const cns_status *status);
cns_text cns_status_updated_text(const cns_status *status);
bool cns_status_created(const cns_status *status, int64_t *micros);
bool cns_status_updated(const cns_status *status, int64_t *micros);
bool cns_status_expires(const cns_status *status, int64_t *micros);

/* The TC string in force (R12), and the Didomi Consent String that the answer stands in (R9);
 * absent where there is none. With several different TC strings none is in force as a text. */
cns_text cns_status_tc(const cns_status *status);
cns_text cns_status_dcs(const cns_status *status);
/* Is gdpr the law, the only one that knows TC strings? */
bool cns_status_gdpr(const cns_status *status);
/* Is the visitor's answer in force kept as a Didomi Consent String? */
bool cns_status_is_dcs(const cns_status *status);
/* Was one sent that is not about another law, whether or not it counts? */
bool cns_status_has_dcs(const cns_status *status);

/* Google's additional consent string (docs/status.md, Strings), given back with cns_text_free;
 * NULL where there is none. `stored` as for cns_status_lists. CNS_OK or CNS_E_NOMEM. */
cns_code cns_status_addtl(char **text, size_t *len, const cns_status *status,
                          const cns_token_doc *stored, cns_alloc alloc);
/* The highest number of the Global Vendor List, 0 without one. */
uint32_t cns_notice_listed_last(const cns_notice *notice);

/* ------------------------------------------------ what other systems are told */

/* The US Privacy string (docs/didomi.md, Other systems): four characters and a NUL. `1---`
 * except under `ccpa`; there the visitor has opted out when a token says so, when
 * Global Privacy Control counts (R11), and when a token cannot be read. */
void cns_status_us_privacy(const cns_status *status, char out[5]);

/* `test`, `control`, or NULL where there is no experiment or the visitor takes no part
 * (docs/didomi.md, Other systems). The experiment's configuration is not applied. */
const char *cns_status_experiment_group(const cns_status *status);

/* Google Consent Mode (docs/didomi.md, Other systems): `ad_storage`, ... */
#define CNS_GCM_TYPES 7u
const char *cns_gcm_type(size_t index);
/* Fills granted[] by type. False when there is nothing to say: the configuration does
 * not switch the integration on (`integrations.vendors.gcm.enable`), or both vendors
 * are undecided and it sets no defaults (`setDefaultStatus`). */
bool cns_status_gcm(const cns_status *status, bool granted[CNS_GCM_TYPES]);

/* The variables of tag managers (docs/didomi.md, Other systems), the current ones first. Lists
 * are ids with a comma after each. Texts live while `each` runs. */
typedef struct cns_variable {
    const char *name;
    cns_text text; /* absent: it is a number */
    int number;
} cns_variable;
typedef void (*cns_variable_fn)(void *ctx, const cns_variable *variable);
/* CNS_OK or CNS_E_NOMEM. */
cns_code cns_status_data_layer(const cns_status *status, cns_variable_fn each, void *ctx,
                               cns_alloc alloc);

/* The lists of the SDK's getUserStatus() (docs/didomi.md, Statuses). */
typedef enum cns_list {
    CNS_LIST_PURPOSES_CONSENT_ON,
    CNS_LIST_PURPOSES_CONSENT_OFF,
    CNS_LIST_PURPOSES_LI_ON,
    CNS_LIST_PURPOSES_LI_OFF,
    CNS_LIST_PURPOSES_ESSENTIAL,
    CNS_LIST_PURPOSES_GLOBAL_ON, /* on one basis at least */
    CNS_LIST_PURPOSES_GLOBAL_OFF,
    CNS_LIST_VENDORS_CONSENT_ON,
    CNS_LIST_VENDORS_CONSENT_OFF,
    CNS_LIST_VENDORS_LI_ON,
    CNS_LIST_VENDORS_LI_OFF,
    CNS_LIST_GLOBAL_CONSENT_ON, /* a vendor with its purposes on the basis */
    CNS_LIST_GLOBAL_CONSENT_OFF,
    CNS_LIST_GLOBAL_LI_ON,
    CNS_LIST_GLOBAL_LI_OFF,
    CNS_LIST_VENDORS_GLOBAL_ON, /* on every basis in use */
    CNS_LIST_VENDORS_GLOBAL_OFF
} cns_list;
/* An id of a list, a vendor by its SDK id; `iab` is its number where that is the SDK id. */
typedef void (*cns_list_fn)(void *ctx, cns_list list, cns_text id, uint32_t iab);
/* `stored` is the token in force, or NULL: its lists come as they are, ids without a
 * meaning here too; the others hold the ids of the notice, in its order, then those that are
 * stored for others. CNS_OK or CNS_E_NOMEM. */
cns_code cns_status_lists(const cns_status *status, const cns_token_doc *stored, cns_list_fn each,
                          void *ctx, cns_alloc alloc);

/* What a gated tag says about itself, for the macros in its text. */
typedef struct cns_tag {
    bool has_vendor, has_raw_vendor; /* data-vendor, data-vendor-raw */
    uint32_t vendor, raw_vendor;     /* CNS_NO_ID: an unknown id */
} cns_tag;
typedef void (*cns_piece_fn)(void *ctx, const char *text, size_t len);
/* Gives a text to `each` piece by piece with the SDK's macros replaced (docs/didomi.md,
 * Tags), in any case of their letters: {gdpr}, {gdpr_consent}, and where the tag has the attribute
 * {gdpr_consent_vendor}, {gdpr_consent_vendor_boolean}, and both with _raw at their end.
 * Time in proportion to the text; no allocation. */
void cns_status_fill(const cns_status *status, const char *text, size_t len, const cns_tag *tag,
                     cns_piece_fn each, void *ctx);

/* What there is to say about what the visitor sent. `code` is stable, `message` one
 * sentence; offset is CNS_NO_OFFSET, or a place in the decoded token. */
typedef struct cns_finding {
    const char *code, *message;
    bool warning;      /* otherwise it is an error: something was not used */
    cns_cookie cookie; /* that it was found in */
    uint32_t offset;
} cns_finding;
size_t cns_status_findings(const cns_status *status);
cns_finding cns_status_finding(const cns_status *status, size_t index);

/* Why a gate is open or closed, step by step: the law, the cookie, the time rules,
 * the vendor and each purpose on each basis. Texts are borrowed from the status,
 * its notice or static memory and need not be kept longer than `step` runs. */
typedef struct cns_step {
    const char *step;   /* `regulation`, `cookie`, `time`, `vendor`, `purpose` */
    cns_text subject;   /* a regulation, a cookie's name, an id; may be absent */
    const char *basis;  /* `consent`, `legitimate_interest`, or NULL */
    const char *result; /* `enabled`, `disabled`, `unknown`, `essential`, ... */
    const char *text;   /* the same in words */
    bool passed;
} cns_step;
/* An entry of the configuration that a step depended on: the value that counts there
 * and where it is written, or the built-in default. */
typedef struct cns_setting {
    cns_text path; /* `app.vendors.custom[2]` */
    cns_origin origin;
} cns_setting;
/* The entries behind a step are told before it; one may be told for several steps, or
 * twice for one. */
typedef struct cns_listener {
    void (*setting)(void *ctx, const cns_setting *setting);
    void (*step)(void *ctx, const cns_step *step);
    void *ctx;
} cns_listener;
/* Returns what cns_status_allows returns; *reason is a stable code. `names` are
 * the ids as asked, for those that are unknown: vendor first, then purposes. `place` is
 * what cns_config_notice made of it, or NULL: then no entry of the law is told. `to` may
 * be NULL. */
bool cns_status_explain(const cns_status *status, const cns_place *place, const cns_gate *gate,
                        const cns_text *names, const cns_listener *to, const char **reason);

#ifdef __cplusplus
}
#endif
#endif
