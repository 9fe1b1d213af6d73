/* html_scan.h - the inline scripts of an HTML page (internal). */
#ifndef CNS_HTML_SCAN_H
#define CNS_HTML_SCAN_H

#include "text.h"

typedef struct cns_html {
    const char *text;
    size_t at, len;
    uint32_t templates; /* open <template> elements: their scripts do not run */
    uint32_t foreign;   /* open <svg> and <math> elements */
} cns_html;

typedef struct cns_html_script {
    size_t from, end; /* its text */
    size_t tag;       /* the < of the element */
    bool module;
    bool closed; /* a browser does not run a script without an end tag */
} cns_html_script;

/* The next script that a browser would run from the page itself: of a JavaScript type,
 * without `src`, outside of comments, of text-only elements and of <template>. False
 * behind the last. Linear over the page; no state but the struct, zeroed but for text and
 * length. */
bool cns_html_next(cns_html *html, cns_html_script *script);

#endif
