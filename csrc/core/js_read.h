/* js_read.h - what the parts of the script reader share (internal).
 *
 *     js_lex, js_text   tokens, and the characters of texts
 *     js_literal        one literal -> nodes of js_tree
 *     js_path           window.didomiConfig.app.vendors["x"], and writing there
 *     js_assign         what an assignment puts there
 *     js_scan           statements: which assignments are sure to run
 *     js_in             whole scripts, and what they made
 *
 * Nothing is evaluated. What is not a literal, or does not surely run, is an error.
 */
#ifndef CNS_JS_READ_H
#define CNS_JS_READ_H

#include "js_lex.h"
#include "js_tree.h"

/* An open bracket of the script. */
typedef struct cns_js_level {
    uint32_t offset;
    uint32_t write; /* offset of the first assignment inside, or CNS_NO_OFFSET */
    uint8_t opener;
    uint8_t flags;
    uint8_t maybe; /* why the rest of the present statement may not run */
    uint8_t due;   /* what the next bracket will be */
    uint8_t doing; /* do-loops whose while is still to come */
} cns_js_level;

typedef struct cns_js_reader {
    cns_js_lexer lexer;
    cns_js_tree tree;
    cns_error *err;
    bool sure;              /* what stands here runs, and once */
    uint32_t everywhere_at; /* of gdprAppliesGlobally = true, or CNS_NO_OFFSET */
    cns_js_level *levels;
    size_t depth, cap;
} cns_js_reader;

void cns_js_reader_init(cns_js_reader *r, const char *text, cns_alloc alloc, cns_error *err);
void cns_js_reader_release(cns_js_reader *r);
/* js_scan.c: reads text[from..end) of a checked text as one script, after those before it. */
cns_code cns_js_run(cns_js_reader *r, size_t from, size_t end);
/* Hands over what the scripts made; `missing` is the message when that is nothing. */
cns_code cns_js_finish(cns_doc **out, cns_js_reader *r, const char *missing);

cns_code cns_js_fail(const cns_js_reader *r, size_t at, const char *message);
cns_code cns_js_no_memory(const cns_js_reader *r);
static inline cns_code cns_js_read_token(cns_js_reader *r, cns_js_token *token) {
    return cns_js_next(&r->lexer, token);
}

/* ------------------------------------------------------- literals and places */

typedef struct cns_js_path {
    uint32_t offset;
    bool global; /* gdprAppliesGlobally, not the configuration */
    uint32_t count;
    uint32_t offsets[CNS_MAX_DEPTH];
    cns_span keys[CNS_MAX_DEPTH];
} cns_js_path;

/* js_literal.c: one literal from where the lexer stands; the lexer stands behind it
 * afterwards. `place` (or NULL) is where the value goes, for the path of an error. */
cns_code cns_js_literal(cns_js_node **out, cns_js_reader *r, const cns_js_path *place);

/* Does the name in `token` begin a path into the configuration? Then *is is true and the
 * lexer stands behind the last key; else it stands where it stood. */
cns_code cns_js_path_read(cns_js_path *path, bool *is, cns_js_reader *r, const cns_js_token *token);
/* Is this a name of the page's global object? */
bool cns_js_is_window(cns_span name);
/* The keys behind the configuration's name. */
cns_code cns_js_path_keys(cns_js_path *path, cns_js_reader *r);
bool cns_js_path_same(const cns_js_path *a, const cns_js_path *b);
/* The value at the path, NULL when nothing is there. */
cns_code cns_js_path_get(cns_js_node **out, cns_js_reader *r, const cns_js_path *path);
/* Puts a value there; what is missing on the way is made an object. */
cns_code cns_js_path_set(cns_js_reader *r, const cns_js_path *path, cns_js_node *value);

/* -------------------------------------------------------------- js_assign.c */

/* Where nothing is sure (r->sure), each fails at what would be assigned. */

/* The right side of an assignment whose operator (=, ||= or ?\?=) was read. */
cns_code cns_js_assign(cns_js_reader *r, const cns_js_path *path, uint32_t punct);
/* Object.assign(path, ...), the lexer behind `Object`. *is is false when it is something
 * else; then the lexer stands where it stood. With a target it is the right side of an
 * assignment to that, and the first argument may be a literal. */
cns_code cns_js_object_assign(bool *is, cns_js_reader *r, const cns_js_path *target);
/* `path || (path = literal)`, the lexer behind the first path; *is as before. */
cns_code cns_js_default(bool *is, cns_js_reader *r, const cns_js_path *path);
/* `if (!path) path = literal`, the lexer behind `if`; *is as before. */
cns_code cns_js_default_if(bool *is, cns_js_reader *r);
/* May a new statement begin with this token, which a line break precedes? */
bool cns_js_new_statement(const cns_js_lexer *lexer, const cns_js_token *token);

#endif
