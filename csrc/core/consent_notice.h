/* consent_notice.h - part of consent.h: the Global Vendor List, configurations and notices. */
#ifndef CNS_CONSENT_NOTICE_H
#define CNS_CONSENT_NOTICE_H

#include "consent_value.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------ Global Vendor List */

/* A Global Vendor List of specification version 3 or 2 (docs/didomi.md, Vendors of the
 * list). Configurations share it; it has to live as long as the last of them. */
typedef struct cns_gvl cns_gvl;
/* Takes the document over, also on failure. CNS_E_SHAPE, with path and offset, when it is no
 * list, or what decides about consent is not as the format has it. Arrays may be absent. */
cns_code cns_gvl_new(cns_gvl **out, cns_doc *doc, cns_alloc alloc, cns_error *err);
void cns_gvl_free(cns_gvl *gvl);
const cns_value *cns_gvl_root(const cns_gvl *gvl);

typedef struct cns_gvl_about {
    int64_t version, specification;
    int64_t policy;        /* -1 = not said */
    cns_text last_updated; /* may be absent, like all texts here */
} cns_gvl_about;
typedef struct cns_gvl_vendor {
    uint32_t id;
    cns_text name, policy_url; /* the policy in English, else the first */
    cns_text deleted;          /* the date */
} cns_gvl_vendor;
typedef struct cns_gvl_purpose {
    uint32_t id;
    cns_text name, description;
} cns_gvl_purpose;
typedef enum cns_gvl_list {
    CNS_GVL_PURPOSES,
    CNS_GVL_LEGITIMATE_INTEREST_PURPOSES,
    CNS_GVL_FLEXIBLE_PURPOSES,
    CNS_GVL_SPECIAL_PURPOSES,
    CNS_GVL_FEATURES,
    CNS_GVL_SPECIAL_FEATURES
} cns_gvl_list;

cns_gvl_about cns_gvl_says(const cns_gvl *gvl);
/* Vendors by number, deleted ones included: false after the last. */
bool cns_gvl_vendor_at(const cns_gvl *gvl, size_t index, cns_gvl_vendor *out);
/* A vendor's list as it is written: `out` gets at most `cap`; returns how many. */
size_t cns_gvl_numbers(const cns_gvl *gvl, size_t index, cns_gvl_list which, uint32_t *out,
                       size_t cap);
/* Purposes in written order: false after the last. */
bool cns_gvl_purpose_at(const cns_gvl *gvl, size_t index, cns_gvl_purpose *out);

/* ----------------------------------------------------------- configuration */

/* Configuration layers with everything that is derived from them: the numbering of
 * ids, merged trees, compiled notices (cached, bounded by the configuration). */
typedef struct cns_config cns_config;
/* A notice: the configuration compiled for one country's override and one law.
 * Owned by its configuration, the same object for all whom the same rules concern. */
typedef struct cns_notice cns_notice;

/* Makes a configuration of layers, the later ones on top, a catalog (or NULL;
 * docs/configuration.md) over the built-in one, and a vendor list (or NULL), which it
 * borrows. Takes the documents over, also on failure. A layer that is not an object is CNS_E_SHAPE with its number and offset;
 * a property of the wrong type is ignored, as in the browser (docs/didomi.md, Configuration). */
cns_code cns_config_new(cns_config **out, cns_doc *const *layers, size_t count, cns_doc *catalog,
                        const cns_gvl *gvl, cns_alloc alloc, cns_error *err);
void cns_config_free(cns_config *config);

/* The root of a layer, as it was given. */
const cns_value *cns_config_layer(const cns_config *config, size_t layer);

/* Where a visitor is: upper-cased codes, empty = unknown (rule R2). */
typedef struct cns_place {
    char country[3];
    char region[4];
    unsigned char law; /* how the law was found, for cns_status_explain; 0 = untold */
} cns_place;

/* Is there a cookie of this name among what the visitor sent? */
typedef struct cns_probe {
    bool (*has)(void *ctx, const char *name, size_t len);
    void *ctx;
} cns_probe;

/* The notice for a place, after the `user.country` override. `country` NULL: none
 * was given. `probe` may be NULL. *place gets what came of the place. */
cns_code cns_config_notice(const cns_notice **out, cns_place *place, cns_config *config,
                           const char *country, size_t country_len, const char *region,
                           size_t region_len, const cns_probe *probe, cns_error *err);

/* Sorted keys of the merged configByCountry that are two capital letters: `out`
 * gets at most `cap` codes (of 676); returns how many there are. */
size_t cns_config_countries(const cns_config *config, char (*out)[3], size_t cap);

/* A number that depends on the configuration alone, the same in every process. */
uint64_t cns_config_fingerprint(cns_config *config);
/* The same for the country's override that the notice was made with. */
uint64_t cns_notice_fingerprint(const cns_notice *notice);

/* What was written for this notice, merged. Members for which
 * cns_effective_hides is true are not part of it. */
const cns_value *cns_notice_effective(const cns_notice *notice);
bool cns_effective_hides(const char *key, size_t len);

/* The value at a path such as `app.vendors.iab.all` or `a.b[2]["x.y"]`, written or
 * built-in default; NULL when there is none. */
const cns_value *cns_notice_get(const cns_notice *notice, const char *path, size_t len);

typedef enum cns_origin_kind {
    CNS_FROM_DEFAULTS,
    CNS_FROM_LAYER,
    CNS_FROM_REGULATION, /* the config of the law's entry */
    CNS_FROM_COUNTRY     /* an entry of configByCountry */
} cns_origin_kind;

/* One place where a value is written. `layer` is the number of the layer whose text
 * holds it; offset is CNS_NO_OFFSET without a text. */
typedef struct cns_origin {
    cns_origin_kind kind;
    uint32_t layer;
    uint32_t offset;
    const cns_value *value;
} cns_origin;

/* All places where the value at a path is written, the winner first, the built-in
 * default last; empty when nothing stands at the path. Returns how many there are,
 * of which `out` gets at most `cap`. */
size_t cns_notice_origins(const cns_notice *notice, const char *path, size_t len, cns_origin *out,
                          size_t cap);

/* ------------------------------------------------------------------ notice */

typedef enum cns_group { CNS_OPT_IN, CNS_OPT_OUT, CNS_NO_LAW } cns_group;

const char *cns_notice_regulation(const cns_notice *notice, size_t *len);
cns_group cns_notice_group(const cns_notice *notice);
/* The country whose entry of configByCountry was merged, or an empty text. */
const char *cns_notice_override(const cns_notice *notice);
const char *cns_notice_publisher(const cns_notice *notice);
/* Seconds; denied is 0 where it is unset or not smaller (rule R4). */
double cns_notice_consent_duration(const cns_notice *notice);
double cns_notice_denied_duration(const cns_notice *notice);
double cns_notice_days_before_showing_again(const cns_notice *notice);
/* False when unset or unreadable; microseconds since 1970 otherwise. */
bool cns_notice_ignore_before(const cns_notice *notice, int64_t *micros);
/* Names of the cookies that are read under the notice's law; absent where there is none. */
typedef enum cns_cookie {
    CNS_COOKIE_TOKEN,
    CNS_COOKIE_TC,        /* TC strings, under gdpr (R12) */
    CNS_COOKIE_DCS,       /* the law's Didomi Consent String (R9) */
    CNS_COOKIE_DCS_PLAIN, /* the one without the law's name, for where that is not sent */
    CNS_COOKIES
} cns_cookie;
cns_text cns_notice_cookie_name(const cns_notice *notice, cns_cookie cookie);

typedef enum cns_basis { CNS_CONSENT, CNS_LEGITIMATE_INTEREST } cns_basis;
typedef enum cns_namespace { CNS_CUSTOM, CNS_DIDOMI, CNS_IAB } cns_namespace;

/* Ids are numbers of the configuration; a text is borrowed from it. */
#define CNS_NO_ID UINT32_MAX

typedef struct cns_vendor_info {
    cns_text id, sdk_id, name, policy_url;
    cns_namespace space;
    uint32_t iab; /* number in the Global Vendor List, 0 = none */
    bool on_consent, on_li;
    const uint64_t *features; /* mask of purposes: special features */
} cns_vendor_info;

typedef struct cns_purpose_info {
    cns_text id, name;
    cns_namespace space; /* CNS_CUSTOM or CNS_IAB */
    bool essential, on_consent, on_li;
    uint32_t iab; /* TCF purpose number, 0 = none */
    uint32_t special_feature;
} cns_purpose_info;

/* Numbers in the notice's order: `index` from 0, CNS_NO_ID after the last. */
uint32_t cns_notice_vendor_at(const cns_notice *notice, size_t index);
uint32_t cns_notice_purpose_at(const cns_notice *notice, size_t index);
void cns_notice_vendor_info(const cns_notice *notice, uint32_t vendor, cns_vendor_info *out);
/* A vendor's purposes on one basis in written order, special features apart: `out`
 * gets at most `cap`; returns how many. No vendor has more than the configuration. */
size_t cns_notice_vendor_purposes(const cns_notice *notice, uint32_t vendor, cns_basis basis,
                                  uint32_t *out, size_t cap);
void cns_notice_purpose_info(const cns_notice *notice, uint32_t purpose, cns_purpose_info *out);
/* Purposes of the configuration; a mask has one bit for each, 64 a word. */
uint32_t cns_config_purpose_count(const cns_config *config);
cns_text cns_config_purpose_id(const cns_config *config, uint32_t purpose);
uint32_t cns_config_vendor_count(const cns_config *config);
cns_text cns_config_vendor_id(const cns_config *config, uint32_t vendor);
cns_text cns_config_vendor_sdk_id(const cns_config *config, uint32_t vendor);

/* Look-up by any spelling of docs/didomi.md, Ids; CNS_NO_ID when the
 * configuration does not know it. */
uint32_t cns_config_vendor(const cns_config *config, const char *text, size_t len);
/* By the exact spelling of the token, as cns_config_vendor_sdk_id gives it. */
uint32_t cns_config_sdk_vendor(const cns_config *config, const char *text, size_t len);
uint32_t cns_config_vendor_number(const cns_config *config, int64_t iab);
uint32_t cns_config_purpose(const cns_config *config, const char *text, size_t len);
uint32_t cns_config_purpose_number(const cns_config *config, int64_t tcf);

#ifdef __cplusplus
}
#endif
#endif
