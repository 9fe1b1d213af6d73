/* status.c - from cookie values to bit sets, by the rules of docs/rules.md. */
#include "config.h"
#include "error.h"
#include "reading.h"

/* ------------------------------------------------------------ what counts */

static void fill(cns_word *set, uint32_t words) {
    memset(set, 0xFF, words * sizeof *set);
}

static void copy(cns_word *to, const cns_word *from, uint32_t words) {
    memcpy(to, from, words * sizeof *to);
}

/* The sets that gates are tested against, from what is stored and the law. */
/* One bit a vendor and a purpose, for gates: every basis in use is enabled. */
static void fold(cns_status *s) {
    const cns_tables *t = s->notice->tables;
    const cns_asked *a = s->notice->asked;
    for (uint32_t w = 0; w < t->vendor_words; w++)
        s->open_vendors[w] =
            t->vendors[w] & ~t->closed[w] & ~(s->restricted ? s->restricted[w] : 0) &
            (((s->vendors[w] | ~t->vendors_consent[w]) & (s->vendors_li[w] | ~t->vendors_li[w])) |
             a->essential_only[w]);
    for (uint32_t w = 0; w < t->purpose_words; w++)
        s->open_purposes[w] = t->purposes[w] & s->purposes[w] & (s->purposes_li[w] | ~t->on_li[w]);
}

static void apply_law(cns_status *s) {
    const cns_notice *n = s->notice;
    const cns_tables *t = n->tables;
    uint32_t vw = t->vendor_words, pw = t->purpose_words;
    cns_word *const *stored = s->stored;
    if (n->underage) {
        copy(s->purposes, n->asked->essential, pw);
        copy(s->purposes_li, n->asked->essential, pw);
        return;
    }
    if (s->group == CNS_OPT_IN) {
        copy(s->vendors, stored[CNS_VENDORS_ON], vw);
        copy(s->vendors_li, stored[CNS_VENDORS_LI_ON], vw);
        for (uint32_t w = 0; w < pw; w++) {
            s->purposes[w] = (stored[CNS_PURPOSES_ON][w] | n->asked->essential[w]) & t->purposes[w];
            s->purposes_li[w] =
                (stored[CNS_PURPOSES_LI_ON][w] | n->asked->essential[w]) & t->purposes[w];
        }
        return;
    }
    /* enabled unless refused: opt-out laws look at the LI lists (R10), no law at
     * all at both, and only where that is asked for (R3) */
    bool opt_out = s->group == CNS_OPT_OUT;
    bool respect = opt_out || (n->respect_refusal && !s->exempt_bot);
    bool all = respect && s->unreadable;
    bool no_purpose = all || s->gpc;
    fill(s->vendors_li, vw);
    for (uint32_t w = 0; respect && w < vw; w++) {
        cns_word refused =
            stored[CNS_VENDORS_LI_OFF][w] | (opt_out ? 0 : stored[CNS_VENDORS_OFF][w]);
        s->vendors_li[w] = all ? 0 : ~refused;
    }
    for (uint32_t w = 0; w < pw; w++) {
        cns_word refused = 0;
        if (respect)
            refused = stored[CNS_PURPOSES_LI_OFF][w] | (opt_out ? 0 : stored[CNS_PURPOSES_OFF][w]);
        if (no_purpose)
            refused = ~(cns_word)0;
        s->purposes_li[w] = ~refused | n->asked->essential[w];
    }
    copy(s->vendors, s->vendors_li, vw);
    copy(s->purposes, s->purposes_li, pw);
}

/* ------------------------------------------------------------- the question */

static bool unanswered(const cns_word *ask, const cns_word *on, const cns_word *off,
                       uint32_t words) {
    for (uint32_t w = 0; w < words; w++)
        if (ask[w] & ~(on[w] | off[w]))
            return true;
    return false;
}

/* docs/didomi.md, Statuses; essential purposes are known (R13). */
static bool incomplete(const cns_status *s) {
    const cns_notice *n = s->notice;
    uint32_t vw = n->tables->vendor_words, pw = n->tables->purpose_words;
    cns_word *const *stored = s->stored;
    return unanswered(n->asked->purposes, stored[CNS_PURPOSES_ON], stored[CNS_PURPOSES_OFF], pw) ||
           unanswered(n->asked->purposes_li, stored[CNS_PURPOSES_LI_ON],
                      stored[CNS_PURPOSES_LI_OFF], pw) ||
           unanswered(n->asked->vendors, stored[CNS_VENDORS_ON], stored[CNS_VENDORS_OFF], vw) ||
           unanswered(n->asked->vendors_li, stored[CNS_VENDORS_LI_ON], stored[CNS_VENDORS_LI_OFF],
                      vw);
}

static double age_of(cns_when now, cns_when updated) {
    double age = (double)(now - updated) / (double)CNS_SECOND;
    return age > 0 ? age : 0;
}

static void decide_question(cns_status *s, cns_when now) {
    const cns_notice *n = s->notice;
    if (cns_notice_group(n) == CNS_NO_LAW)
        s->collect = CNS_ASK_NOT_REQUIRED;
    else if (s->exempt_bot)
        s->collect = CNS_ASK_BOT;
    else if (s->group == CNS_OPT_OUT)
        s->collect = CNS_ASK_OPT_OUT;
    else if (n->asked->nothing || n->underage)
        s->collect = CNS_ASK_COMPLETE;
    else {
        s->partial = incomplete(s);
        if (s->voided == CNS_EXPIRED)
            s->collect = CNS_ASK_EXPIRED;
        else if (s->voided == CNS_DENIED_EXPIRED)
            s->collect = CNS_ASK_DENIED_EXPIRED;
        else if (s->voided == CNS_IGNORED || s->ignored_but_kept)
            s->collect = CNS_ASK_IGNORED_BEFORE;
        else if (!s->any_choice)
            s->collect = CNS_ASK_NO_CHOICE;
        else if (!s->partial)
            s->collect = CNS_ASK_COMPLETE;
        else
            s->collect = age_of(now, s->updated) < n->days * 86400 ? CNS_ASK_WITHIN_WINDOW
                                                                   : CNS_ASK_NEW_VENDOR;
        s->should_collect = s->collect != CNS_ASK_COMPLETE && s->collect != CNS_ASK_WITHIN_WINDOW;
    }
}

/* --------------------------------------------------------------- making one */

static cns_status *allocate(const cns_reading *r, cns_word **scratch, char **texts) {
    const cns_notice *n = r->notice;
    size_t vw = n->tables->vendor_words, pw = n->tables->purpose_words;
    bool restricts = r->tc.restrictions && n->tables->any_listed;
    /* stored, what counts, what is restricted; then scratch, which is not zeroed */
    size_t kept = (4 + 2 + 1) * (vw + pw) + (restricts ? vw : 0);
    size_t words = kept + cns_reading_words(r);
    size_t head = (sizeof(cns_status) + 7) & ~(size_t)7;
    size_t size = head + words * sizeof(cns_word) + r->texts + r->room;
    cns_status *s = cns_get(r->alloc, size);
    if (!s)
        return NULL;
    memset(s, 0, head + kept * sizeof(cns_word));
    s->alloc = r->alloc;
    s->size = size;
    s->notice = n;
    s->created = s->updated = s->expires = CNS_NEVER;
    cns_word *at = (cns_word *)((char *)s + head);
    for (unsigned list = 0; list < CNS_LISTS; list++) {
        s->stored[list] = at;
        at += cns_words_of(n->tables, list);
    }
    s->vendors = at;
    s->vendors_li = at + vw;
    s->purposes = at + 2 * vw;
    s->purposes_li = at + 2 * vw + pw;
    s->open_vendors = at + 2 * (vw + pw);
    s->open_purposes = s->open_vendors + vw;
    at = s->open_purposes + pw;
    if (restricts) {
        s->restricted = at;
        at += vw;
    }
    *scratch = at;
    *texts = (char *)((cns_word *)(void *)((char *)s + head) + words);
    return s;
}

static void clear_stored(cns_status *s) {
    for (unsigned list = 0; list < CNS_LISTS; list++)
        memset(s->stored[list], 0, cns_words_of(s->notice->tables, list) * sizeof(cns_word));
    s->tc = (cns_text){NULL, 0};
}

bool cns_status_explicit(const cns_status *s) {
    return s->any_choice && s->created != CNS_NEVER && s->updated > s->created;
}

/* Differences of moments up to here, and a century of skew, fit 64 bits. */
#define FARTHEST (4 * (INT64_MAX / 10))

static void evaluate(cns_status *s, const cns_visit *visit) {
    const cns_notice *n = s->notice;
    if (n->underage)
        s->tc = (cns_text){NULL, 0};
    s->group = n->group;
    s->bot = visit->bot;
    s->exempt_bot = visit->bot && n->bots_exempt && n->group != CNS_NO_LAW;
    if (s->exempt_bot && s->group == CNS_OPT_IN)
        s->group = CNS_NO_LAW; /* an objection stands, whoever sends it */
    s->gpc_sent = visit->gpc;
    s->gpc = visit->gpc && s->group == CNS_OPT_OUT &&
             (n->gpc == CNS_GPC_ALWAYS ||
              (n->gpc == CNS_GPC_UNLESS_EXPLICIT && !cns_status_explicit(s)));
    if (s->group == CNS_OPT_IN && s->voided != CNS_NOT_VOID)
        clear_stored(s);
    decide_question(s, s->now);
    if (s->collect == CNS_ASK_NEW_VENDOR && n->reset_on_recollect && !visit->settled) {
        s->reset = true;
        clear_stored(s); /* R5 with "reset" */
    }
    apply_law(s);
    fold(s);
}

cns_code cns_status_new(cns_status **out, const cns_notice *n, const cns_visit *visit,
                        cns_alloc alloc, cns_error *err) {
    cns_reading r;
    cns_word *scratch;
    char *texts;
    cns_when now = visit->now < -FARTHEST  ? -FARTHEST
                   : visit->now > FARTHEST ? FARTHEST
                                           : visit->now;
    cns_reading_open(&r, n, visit, now, alloc);
    cns_status *s = r.no_memory ? NULL : allocate(&r, &scratch, &texts);
    if (s) {
        s->now = now;
        cns_reading_take(s, &r, scratch, texts);
        evaluate(s, visit);
        *out = s;
    }
    cns_reading_close(&r);
    return s ? CNS_OK
             : cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET,
                        "memory ran out while reading the cookies");
}

void cns_status_free(cns_status *s) {
    if (s)
        cns_drop(s->alloc, s, s->size);
}
