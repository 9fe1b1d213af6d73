/* consent_visit.h - part of consent.h: what a visitor sends: cookies, a user agent, an address. */
#ifndef CNS_CONSENT_VISIT_H
#define CNS_CONSENT_VISIT_H

#include "consent_notice.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ----------------------------------------------------- what a visitor sends */

#define CNS_MAX_HEADER 65536u /* bytes of a Cookie header that are looked at */
#define CNS_MAX_SAME_NAME 4u  /* cookies of one name that are read (rule R8) */

/* A name to look for; `values` gets the first `cap` values, borrowed from the header, and
 * `count`, which begins as 0, how many there are. */
typedef struct cns_cookie_wanted {
    cns_text name;
    cns_text *values;
    size_t cap, count;
} cns_cookie_wanted;

/* Finds the cookies of several names in a raw Cookie header, in one walk. */
void cns_cookies_find(const char *header, size_t len, cns_cookie_wanted *wanted, size_t count);

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
 * padding: what `didomi_token` holds. Characters beyond ASCII are escaped. The
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

#ifdef __cplusplus
}
#endif
#endif
