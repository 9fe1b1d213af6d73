/* consent_value.h - part of consent.h: errors, memory, trees of values and the texts they are read from. */
#ifndef CNS_CONSENT_VALUE_H
#define CNS_CONSENT_VALUE_H

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

#ifdef __cplusplus
}
#endif
#endif
