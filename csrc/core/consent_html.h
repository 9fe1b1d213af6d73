/* consent_html.h - part of consent.h: gated tags of a page brought to life (docs/html.md). */
#ifndef CNS_CONSENT_HTML_H
#define CNS_CONSENT_HTML_H

#include "consent_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* At most so many bytes of a page are held back: a gated start tag, or a whole
 * `didomi/html` element, that is longer stays as it is. */
#define CNS_REWRITE_MOST 65536u

/* Could a page hold a gated tag? False only where none of it would be rewritten. */
bool cns_html_gated(const char *text, size_t len);

/* Reads a page in pieces and hands it on: gated tags whose conditions hold come to life
 * (docs/didomi.md, Tags), and every other byte comes out as it went in, however the page is
 * cut. Time is linear in the page. Borrows the status. For one thread at a time. */
typedef struct cns_rewriter cns_rewriter;

/* `nonce` is put into the script tags that come to life, unless they have one; of length 0:
 * none. CNS_OK, CNS_E_NOMEM, or CNS_E_SHAPE for a nonce with other characters than printable
 * ASCII. */
cns_code cns_rewriter_new(cns_rewriter **out, const cns_status *status, const char *nonce,
                          size_t nonce_len, cns_alloc alloc, cns_error *err);
void cns_rewriter_free(cns_rewriter *rewriter);

/* Gives what can be told by now to `each`, piece by piece; what passes unchanged is given where
 * it stands in `text`. CNS_OK or CNS_E_NOMEM, after which the rewriter only fails. */
cns_code cns_rewriter_feed(cns_rewriter *rewriter, const char *text, size_t len, cns_piece_fn each,
                           void *ctx);
/* The page has ended: gives what was held back. */
cns_code cns_rewriter_close(cns_rewriter *rewriter, cns_piece_fn each, void *ctx);

#ifdef __cplusplus
}
#endif
#endif
