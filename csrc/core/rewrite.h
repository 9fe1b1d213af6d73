/* rewrite.h - what the files of the rewriter share (internal). */
#ifndef CNS_REWRITE_H
#define CNS_REWRITE_H

#include "status.h"
#include "text.h"

typedef enum cns_gated { CNS_NOT_GATED, CNS_GATED_SCRIPT, CNS_GATED_HTML } cns_gated;

/* The start tag of a gated script. */
typedef struct cns_gated_tag {
    cns_gated kind;
    size_t value, value_end; /* places in the tag: the type's value, without quotes */
    size_t from, end;        /* the whole attribute */
    bool has_nonce;
    cns_tag names; /* the vendors that it names, for macros */
} cns_gated_tag;

/* rewrite_tag.c: does this visitor's browser bring the tag to life? `tag` is the whole start
 * tag of a script. False, too, where that is not sure. */
bool cns_gated_tag_opens(cns_gated_tag *out, const cns_status *status, cns_span tag);

/* rewrite_balance.c: HTML that changes nothing behind it when it stands in a <div>: every
 * element that it opens it closes, and nothing else. In a <form> it has none of its own, whose
 * end would be that of the one outside. */
bool cns_html_balanced(const char *text, size_t len, bool in_form);

#endif
