/* consent.h - the public face of the consentpy core.
 *
 * The core knows no Python. It reads the configuration of a consent notice,
 * merges its layers, compiles it for one place, decodes what a visitor sent and
 * answers which tags may run. docs/architecture.md draws the way of the data;
 * docs/rules.md holds the rules (R1 to R15) that comments here cite.
 *
 * Conventions, valid everywhere unless a comment says otherwise:
 *   - Every text is a pointer and a length; a closing NUL is there for texts that
 *     the core owns, and nothing relies on it.
 *   - A function that can fail returns a cns_code and fills the caller's
 *     cns_error (which may be NULL). Out-parameters come first and are untouched
 *     on failure.
 *   - A pointer that a function returns plainly is borrowed from its owner.
 *     Functions named _new return an object that the caller frees with _free;
 *     _free accepts NULL.
 *   - A finished object is never written to again, so threads may share it.
 *     The one exception, the cache of notices inside a cns_config, has a lock.
 *   - No function keeps a pointer to the caller's text after it returned.
 */
#ifndef CNS_CONSENT_H
#define CNS_CONSENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------ errors */

typedef enum cns_code {
    CNS_OK = 0,
    CNS_E_NOMEM = -1,      /* the allocator returned NULL */
    CNS_E_SYNTAX = -2,     /* not JSON by RFC 8259; in a script no literal */
    CNS_E_ENCODING = -3,   /* not UTF-8, a NUL, a lone surrogate */
    CNS_E_DUPLICATE = -4,  /* one key twice in an object */
    CNS_E_LIMIT = -5,      /* too deep, too long, too many */
    CNS_E_SHAPE = -6,      /* a value of a kind that cannot stand there */
    CNS_E_UNKNOWN_ID = -7, /* an id that the configuration does not know */
    CNS_E_DECODE = -8      /* a text that a visitor sent cannot be read */
} cns_code;

#define CNS_NO_OFFSET UINT32_MAX

/* Caller-owned, filled without allocating. `message` is one sentence that says
 * what is wrong and what to do; `path` is a configuration path such as
 * `app.vendors.custom[2].id`, empty where there is none. `layer` is -1, or the
 * number of a configuration layer. `line` and `column` count from 1 (columns in
 * characters), 0 where the place has no text. */
typedef struct cns_error {
    cns_code code;
    int32_t layer;
    uint32_t offset;
    uint32_t line;
    uint32_t column;
    char message[240];
    char path[240];
} cns_error;

/* --------------------------------------------------------------- allocator */

/* Where every byte of the core comes from (cJSON's own tree apart, which lives
 * only while a JSON text is read). `resize` behaves like realloc with the old
 * size told: ptr NULL allocates, new_size 0 frees and returns NULL. */
typedef struct cns_alloc {
    void *(*resize)(void *ctx, void *ptr, size_t old_size, size_t new_size);
    void *ctx;
} cns_alloc;

/* The allocator over malloc and free. */
cns_alloc cns_alloc_default(void);

/* ------------------------------------------------------------------ values */

typedef enum cns_kind {
    CNS_NULL,
    CNS_FALSE,
    CNS_TRUE,
    CNS_INT,    /* fits 64 bits */
    CNS_BIGINT, /* an integer beyond 64 bits, as its decimal text */
    CNS_REAL,
    CNS_STRING, /* UTF-8, no NUL inside */
    CNS_ARRAY,
    CNS_OBJECT
} cns_kind;

typedef struct cns_value cns_value; /* one immutable node of a configuration */

cns_kind cns_value_kind(const cns_value *value);
/* Items of an array, members of an object, bytes of a text; 0 otherwise. */
size_t cns_value_count(const cns_value *value);
/* Text of a CNS_STRING or CNS_BIGINT, borrowed; cns_value_count bytes. */
const char *cns_value_text(const cns_value *value);
int64_t cns_value_int(const cns_value *value);
/* The number as a double, for CNS_INT and CNS_REAL. */
double cns_value_real(const cns_value *value);
const cns_value *cns_value_item(const cns_value *array, size_t index);
/* Member `index` in written order; *key and *key_len are borrowed. */
const cns_value *cns_value_member(const cns_value *object, size_t index, const char **key,
                                  size_t *key_len);
/* The member with exactly this key, or NULL. Accepts any value, also NULL. */
const cns_value *cns_value_get(const cns_value *object, const char *key, size_t key_len);

/* A document: a value tree with the memory it lives in. */
typedef struct cns_doc cns_doc;
void cns_doc_free(cns_doc *doc);
const cns_value *cns_doc_root(const cns_doc *doc);

/* A builder takes a tree in written order, one event a call: what JSON reading
 * and the binding's walk over mappings share. The first failing call is
 * remembered: later calls do nothing and return the same code, so that a caller
 * may look only at cns_builder_finish. Limits: CNS_MAX_DEPTH open containers,
 * CNS_MAX_NODES values. Checks: one key twice, UTF-8, NUL. `offset` is the byte
 * offset of the value (or key) in its text, or CNS_NO_OFFSET. */
#define CNS_MAX_DEPTH 64u
#define CNS_MAX_NODES 8388608u
#define CNS_MAX_TEXT 16777216u /* bytes of one configuration text */

#define CNS_MAX_LAYERS 256u
#define CNS_MAX_VENDORS 65535u /* ids of one configuration */
#define CNS_MAX_PURPOSES 4096u

typedef struct cns_builder cns_builder;
cns_builder *cns_builder_new(cns_alloc alloc);
void cns_builder_free(cns_builder *builder);
cns_code cns_builder_open(cns_builder *b, cns_kind kind, uint32_t offset);
cns_code cns_builder_close(cns_builder *b);
cns_code cns_builder_key(cns_builder *b, const char *key, size_t len, uint32_t offset);
/* CNS_NULL, CNS_FALSE or CNS_TRUE */
cns_code cns_builder_plain(cns_builder *b, cns_kind kind, uint32_t offset);
cns_code cns_builder_int(cns_builder *b, int64_t value, uint32_t offset);
cns_code cns_builder_real(cns_builder *b, double value, uint32_t offset);
/* CNS_STRING or CNS_BIGINT */
cns_code cns_builder_text(cns_builder *b, cns_kind kind, const char *text, size_t len,
                          uint32_t offset);
/* Put an error of the caller's own in, with the builder's present path. */
cns_code cns_builder_fail(cns_builder *b, cns_code code, uint32_t offset, const char *message);
/* CNS_OK, or the code of the first failure. */
cns_code cns_builder_code(const cns_builder *b);
/* Ends the tree and hands the document over; the builder stays to be freed. */
cns_code cns_builder_finish(cns_doc **out, cns_builder *b, cns_error *err);

/* Reads JSON exactly as RFC 8259 has it, and refuses besides: NUL (also as
 * \u0000), lone surrogates, duplicate keys, depth over CNS_MAX_DEPTH, texts over
 * CNS_MAX_TEXT bytes, a byte-order mark, numbers over 4 300 characters. Integers
 * stay exact. Errors carry offset, line and column, and the path where one is
 * known. */
cns_code cns_json_read(cns_doc **out, const char *text, size_t len, cns_alloc alloc,
                       cns_error *err);

/* Reads what a script assigns to window.didomiConfig, or an object literal alone. Code is
 * never run: literals are read as they stand (any quotes, comments, last commas, !0, void 0,
 * every form of number, texts joined by +), assignments to parts and Object.assign are
 * followed in order, and everything else of the script is stepped over. What is assigned
 * and is no literal, or not sure to run, is CNS_E_SYNTAX with its place; so is a script
 * that assigns nothing (without a place). Of a key twice the last one counts, as in the
 * browser; members that are undefined are left out; window.gdprAppliesGlobally = true
 * becomes app.gdprAppliesGlobally. A byte-order mark at the beginning is a blank; other
 * limits are those of cns_json_read. */
cns_code cns_js_read(cns_doc **out, const char *text, size_t len, cns_alloc alloc, cns_error *err);

/* The same for the scripts of an HTML page that a browser would run: those without `src`,
 * of a JavaScript type, not in comments, <noscript> or <template>; classic scripts first,
 * then modules. Scripts that name neither of the two globals are not looked into. Offsets
 * are those of the page. */
cns_code cns_html_read(cns_doc **out, const char *text, size_t len, cns_alloc alloc,
                       cns_error *err);

/* Appends the line and column (from 1, columns in characters) of a byte offset. */
void cns_line_column(const char *text, size_t len, uint32_t offset, uint32_t *line,
                     uint32_t *column);

/* The bare merge rule (docs/didomi.md, Merging): objects merge recursively, all else
 * is replaced. The result shares nodes with both, lives in the memory of `base`, and
 * must not outlive `over`. */
cns_code cns_doc_merge(cns_doc *base, const cns_doc *over, cns_error *err);

typedef struct cns_text {
    const char *text; /* NULL = absent */
    size_t len;
} cns_text;

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
/* Name of the cookie with the visitor's token. */
const char *cns_notice_cookie(const cns_notice *notice, size_t *len);

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

/* ----------------------------------------------------- what a visitor sends */

#define CNS_MAX_HEADER 65536u /* bytes of a Cookie header that are looked at */
#define CNS_MAX_SAME_NAME 4u  /* cookies of one name that are read (rule R8) */

/* Finds the cookies of one name in a raw Cookie header; `out` gets the first `cap`
 * values, borrowed from the header. Returns how many there are. */
size_t cns_cookie_find(const char *header, size_t len, const char *name, size_t name_len,
                       cns_text *out, size_t cap);

/* True when the user agent is a bot: it contains a name of a built-in list whose type
 * the notice enables (case does not matter), or an expression of
 * `user.bots.extraUserAgents` matches somewhere in it (docs/didomi.md, Bots). Only
 * the first 1 024 bytes are looked at; what is cut off there is not an end to `$`.
 * Takes time in proportion to the length. */
bool cns_notice_is_bot(const cns_notice *notice, const char *user_agent, size_t len);

/* A token taken apart, for those who want to look at it. */
typedef struct cns_token_doc cns_token_doc;
typedef enum cns_token_field {
    CNS_TOKEN_USER_ID,
    CNS_TOKEN_CREATED,
    CNS_TOKEN_UPDATED
} cns_token_field;
/* Reads a cookie value. CNS_E_DECODE has a stable code text in err->path and the
 * place in err->offset. The caller frees it with cns_token_doc_free. */
cns_code cns_token_doc_new(cns_token_doc **out, const char *value, size_t len, cns_alloc alloc,
                           cns_error *err);
void cns_token_doc_free(cns_token_doc *doc);
/* The eight lists by number: 0 vendors enabled, 1 vendors disabled, 2 and 3
 * purposes, 4 and 5 vendors_li, 6 and 7 purposes_li. */
size_t cns_token_doc_count(const cns_token_doc *doc, unsigned list);
cns_text cns_token_doc_id(const cns_token_doc *doc, unsigned list, size_t index);
cns_text cns_token_doc_field(const cns_token_doc *doc, cns_token_field field);
/* The whole token as a value, NULL when a field that does not matter here holds
 * what configuration JSON may not (a NUL, a lone surrogate, a key twice). */
const cns_value *cns_token_doc_value(const cns_token_doc *doc);
/* True when an id stands both among the enabled and the disabled of a list. */
bool cns_token_doc_contradicts(const cns_token_doc *doc);

/* JSON text of a value in the SDK's compact form, then standard base64 with
 * padding: what `didomi_token` holds. Characters beyond Latin-1 are escaped. The
 * caller gives the text back with cns_text_free. */
cns_code cns_token_write(char **out, size_t *out_len, const cns_value *token, cns_alloc alloc,
                         cns_error *err);
void cns_text_free(cns_alloc alloc, char *text, size_t len);

/* The part of a page's address that may configure a notice (docs/didomi.md, Addresses):
 * `didomiConfig=JSON` and `didomiConfig.dotted.path=JSON or text`, of which only the
 * properties of an allow-list are taken. Of several parameters of one name the last
 * counts; they are applied in alphabetical order, and a property that two of them
 * give is the later one's whole. What cannot be read is left out: a value that is not
 * UTF-8 or holds a NUL, JSON over the limits of cns_json_read, members whose key has
 * `__proto__` in it. Text that is no JSON is taken as text.
 *
 * Zero the struct, add a query or parameters, ask. The texts are borrowed until then.
 * Over CNS_MAX_QUERY bytes in all nothing is taken. */
#define CNS_MAX_QUERY 65536u
#define CNS_QUERY_NAMES 16u
typedef struct cns_query {
    struct {
        cns_text value;
        bool encoded;
    } given[CNS_QUERY_NAMES];
    size_t size;
} cns_query;
/* A query string, percent-encoded, with or without its question mark. */
void cns_query_add(cns_query *query, const char *text, size_t len);
/* One parameter, decoded. */
void cns_query_add_parameter(cns_query *query, cns_text name, cns_text value);
/* The configuration, an object that may be empty. CNS_OK or CNS_E_NOMEM. */
cns_code cns_query_config(cns_doc **out, const cns_query *query, cns_alloc alloc, cns_error *err);

/* ------------------------------------------------------------------ status */

/* What one visitor's answer comes to. Immutable; borrows its notice. */
typedef struct cns_status cns_status;

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
 * meaning here too; the others hold the ids of the notice, in its order. */
void cns_status_lists(const cns_status *status, const cns_token_doc *stored, cns_list_fn each,
                      void *ctx);

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
    bool warning; /* otherwise it is an error: something was not used */
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

/* The value of the token cookie after an answer at visit->now, or NULL in *out when it
 * changes nothing (docs/status.md, Answering). Make the new status with this value,
 * `settled` and `own`. Fields and ids without a meaning here are kept as long as the
 * cookie stays within CNS_MAX_COOKIE. An id that is not of the notice is
 * CNS_E_UNKNOWN_ID, one that only a TC string may hold CNS_E_SHAPE. The caller gives
 * the text back with cns_text_free. */
cns_code cns_answer_write(char **out, size_t *out_len, const cns_notice *notice,
                          const cns_visit *visit, const cns_answer *answer, cns_alloc alloc,
                          cns_error *err);

/* The value that keeps a visitor's stored answer as it is, and how many seconds it is
 * good for from visit->now; NULL in *out when there is none to keep. Of several cookies
 * it is one with what they have in common (R8). A cookie over CNS_MAX_COOKIE is
 * CNS_E_LIMIT if it is `own`; otherwise there is none. Given back with cns_text_free. */
cns_code cns_answer_keep(char **out, size_t *out_len, int64_t *max_age, const cns_notice *notice,
                         const cns_visit *visit, cns_alloc alloc, cns_error *err);

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
