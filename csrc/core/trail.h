/* trail.h - paths of configuration entries in the making (internal). */
#ifndef CNS_TRAIL_H
#define CNS_TRAIL_H

#include "text.h"

/* What does not fit is left out, with all that follows: the outer part is still true. */
typedef struct cns_trail {
    char text[1024];
    size_t len;
    bool full;
} cns_trail;

cns_trail cns_trail_begin(cns_span path);
/* `[3]`; `.key`, or `["key"]` where that is no plain name */
void cns_trail_index(cns_trail *w, uint32_t index);
void cns_trail_key(cns_trail *w, cns_span key);
/* Borrowed from `w`. */
static inline cns_span cns_trail_text(const cns_trail *w) {
    return (cns_span){w->text, w->len};
}

#endif
