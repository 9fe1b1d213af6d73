/* token_scan.h - the JSON grammar inside a token (internal).
 *
 * Functions that read return false at an error, with the reason in the cns_scanner. The
 * text that is scanned is followed by CNS_SCAN_STEP bytes: zeros, and a quote last.
 */
#ifndef CNS_TOKEN_SCAN_H
#define CNS_TOKEN_SCAN_H

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "token.h"

typedef struct cns_scanner {
    cns_token *token;
    const char *start, *at, *end;
    uint32_t used; /* spans in token->ids */
    bool plain;    /* no escape, control character or byte above 0x7F anywhere */
    bool odd_text; /* a NUL or a lone surrogate in the text that was scanned last */
    const char *reason;
} cns_scanner;

static inline bool cns_scan_fail(cns_scanner *s, const char *reason) {
    if (!s->reason)
        s->reason = reason;
    return false;
}

#define CNS_ONES 0x0101010101010101u
#define CNS_HIGHS 0x8080808080808080u

/* What most tokens are: nothing in them that a text must be searched for but its
 * closing quote. A line end between values makes it false, which costs time only.
 * The text is followed by cns_scan_blanks up to a whole step. */
#ifdef __SSE2__
#define CNS_SCAN_STEP 16

static inline bool cns_scan_all_plain(const char *at, const char *end) {
    const __m128i slash = _mm_set1_epi8('\\'), low = _mm_set1_epi8(0x20);
    __m128i odd = _mm_setzero_si128();
    for (; at < end; at += CNS_SCAN_STEP) {
        __m128i w = _mm_loadu_si128((const __m128i *)(const void *)at);
        /* signed: a byte above 0x7F is below 0x20 too */
        odd = _mm_or_si128(odd, _mm_or_si128(_mm_cmpeq_epi8(w, slash), _mm_cmplt_epi8(w, low)));
    }
    return _mm_movemask_epi8(odd) == 0;
}

/* The first quote at or after `at`; there is one. */
static inline const char *cns_scan_next_quote(const char *at) {
    const __m128i quote = _mm_set1_epi8('"');
    for (;; at += CNS_SCAN_STEP) {
        __m128i w = _mm_loadu_si128((const __m128i *)(const void *)at);
        int found = _mm_movemask_epi8(_mm_cmpeq_epi8(w, quote));
        if (found)
            return at + __builtin_ctz((unsigned)found);
    }
}
#else
#define CNS_SCAN_STEP 8

static inline bool cns_scan_all_plain(const char *at, const char *end) {
    uint64_t odd = 0;
    for (; at < end; at += CNS_SCAN_STEP) {
        uint64_t w = cns_load8(at), slash = w ^ (CNS_ONES * '\\');
        odd |= w | ((slash - CNS_ONES) & ~slash) | ((w - CNS_ONES * 0x20) & ~w);
    }
    return !(odd & CNS_HIGHS);
}

static inline const char *cns_scan_next_quote(const char *at) {
    while (*at != '"')
        at++;
    return at;
}
#endif

static inline void cns_scan_blanks(cns_scanner *s) {
    while (*s->at == ' ' || *s->at == '\n' || *s->at == '\t' || *s->at == '\r')
        s->at++; /* the text is followed by zeros */
}

static inline bool cns_scan_plain_text(cns_scanner *s, cns_token_span *out) {
    const char *from = s->at + 1, *quote = cns_scan_next_quote(from);
    if (quote >= s->end)
        return cns_scan_fail(s, "bad_json"); /* the one behind the end */
    out->at = (uint32_t)(from - s->start);
    out->len = (uint32_t)(quote - from) & 0x7FFFFFFFu;
    out->coded = false;
    s->at = quote + 1;
    return true;
}

/* The same where anything may stand in the text. Grammar, and s->odd_text. */
bool cns_scan_coded_text(cns_scanner *s, cns_token_span *out);

/* A text; s->at stands on its quote. What its escapes mean is no matter of grammar: it is for
 * texts that count to look at s->odd_text. */
static inline bool cns_scan_text(cns_scanner *s, cns_token_span *out) {
    return s->plain ? cns_scan_plain_text(s, out) : cns_scan_coded_text(s, out);
}
/* Any value, whose content does not matter. */
bool cns_scan_skip(cns_scanner *s);

#endif
