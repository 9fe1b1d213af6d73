/* token.h - a `didomi_token` scanned into spans (internal; docs/didomi.md, Tokens).
 *
 *   cookie value --base64--> JSON text (Latin-1) --one pass--> eight lists of spans
 *
 * Nothing is allocated but one block in proportion to the value's length, and no
 * object is made for an id: whoever wants ids looks the spans up in a table.
 */
#ifndef CNS_TOKEN_H
#define CNS_TOKEN_H

#include "text.h"
#include "when.h"

#define CNS_MAX_VALUE 16384u    /* bytes of one consent cookie value */
#define CNS_MAX_OWN 0x10000000u /* bytes of a value that was written here */
#define CNS_MAX_PASTED 65536u   /* bytes of a value that is decoded to be looked at */
#define CNS_MAX_TOKEN_DEPTH 64u

/* A JSON text inside the token, without its quotes. `coded`: it has escapes or
 * bytes above 0x7F, so cns_token_text must decode it. */
typedef struct cns_token_span {
    uint32_t at;
    uint32_t len : 31;
    uint32_t coded : 1;
} cns_token_span;

/* The lists in the order of this enum, which is also that of the status sets. */
enum {
    CNS_VENDORS_ON,
    CNS_VENDORS_OFF,
    CNS_PURPOSES_ON,
    CNS_PURPOSES_OFF,
    CNS_VENDORS_LI_ON,
    CNS_VENDORS_LI_OFF,
    CNS_PURPOSES_LI_ON,
    CNS_PURPOSES_LI_OFF,
    CNS_LISTS
};

/* Room for a usual token, so that reading one allocates nothing: for values of up
 * to CNS_USUAL_VALUE bytes. */
#define CNS_USUAL_VALUE 4096u
typedef struct cns_token_room {
    cns_token_span ids[(CNS_USUAL_VALUE / 4 * 3 + 64) / 3 + 1];
    char json[CNS_USUAL_VALUE / 4 * 3 + 64];
} cns_token_room;

typedef struct cns_token {
    cns_alloc alloc;
    size_t block_size; /* 0 when the block is the caller's */
    char *json;        /* in the block of `ids`; 16 readable bytes after the end */
    size_t json_len;
    cns_token_span *ids; /* all lists, each a run */
    struct {
        uint32_t first, count;
    } lists[CNS_LISTS];
    cns_token_span user_id, created, updated, version; /* version: raw JSON */
    bool plain;                                        /* no text is coded */
    bool has_user_id, has_created, has_updated, has_version;
    bool do_not_sell; /* `dns` is there, and neither false nor null */
    cns_when created_when, updated_when;
} cns_token;

/* Reads a value of at most `most` bytes; CNS_OK, CNS_E_NOMEM, or CNS_E_DECODE with a stable code in
 * *reason (`empty`, `too_long`, `bad_base64`, `bad_json`, `too_deep`, `not_object`,
 * `wrong_type`, `duplicate_key`, `bad_text`) and the place in *offset (in the
 * decoded JSON, or in the value for the first three). On success the caller frees
 * it with cns_token_release. `usual`, if given, must live as long as the token. */
cns_code cns_token_scan(cns_token *token, const char **reason, uint32_t *offset, const char *value,
                        size_t len, size_t most, cns_token_room *usual, cns_alloc alloc);
void cns_token_release(cns_token *token);

/* cns_token_doc_new for a value of at most `most` bytes. */
cns_code cns_token_doc_read(cns_token_doc **out, const char *value, size_t len, size_t most,
                            cns_alloc alloc, cns_error *err);

/* The text of a span as UTF-8: borrowed from the token, or decoded into `buffer`
 * (room for 2 * span.len bytes). */
cns_span cns_token_text(const cns_token *token, cns_token_span span, char *buffer);

#endif
