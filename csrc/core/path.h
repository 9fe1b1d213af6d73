/* path.h - configuration paths: `app.vendors.iab.all`, `a.b[2]["x.y"]` (internal). */
#ifndef CNS_PATH_H
#define CNS_PATH_H

#include "value.h"

#define CNS_MAX_STEPS (CNS_MAX_DEPTH + 1u)
#define CNS_MAX_PATH 4096u

/* A step is a member's key, or an item's number where `key.text` is NULL. */
typedef struct cns_path_step {
    cns_span key;
    uint32_t index;
} cns_path_step;

typedef struct cns_path {
    cns_path_step steps[CNS_MAX_STEPS];
    uint32_t count;
    char unescaped[CNS_MAX_PATH]; /* keys that had a backslash */
} cns_path;

/* False when the text is no path (also when it is over CNS_MAX_PATH bytes). The
 * steps borrow `text`. */
bool cns_path_parse(cns_path *path, const char *text, size_t len);
/* Writes a step behind out[0..at) with a closing NUL, keys cut to 60 bytes; returns the
 * new length, `at` when it does not fit. out[0] is NUL at first. */
size_t cns_path_write(char *out, size_t cap, size_t at, cns_path_step step);
/* The value at the path, or NULL. */
const cns_value *cns_path_find(const cns_value *root, const cns_path *path);

#endif
