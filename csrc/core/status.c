/* status.c - from cookie values to bit sets, by the rules of docs/rules.md. */
#include "status.h"

#include "config.h"
#include "error.h"

/* One token of the visitor, decoded into sets of its own. */
typedef struct answer {
    cns_token token;
    cns_void voided;
    bool any;       /* a list with anything in it */
    uint8_t cookie; /* number of the cookie */
    unsigned rules; /* cns_time_rule */
    cns_when ends;
} answer;

static void find(cns_status *s, const char *code, uint32_t offset) {
    if (s->finding_count < CNS_MAX_FINDINGS) {
        s->findings[s->finding_count].code = code;
        s->findings[s->finding_count++].offset = offset;
    }
}

static bool of_purposes(unsigned list) {
    return list == CNS_PURPOSES_ON || list == CNS_PURPOSES_OFF || list == CNS_PURPOSES_LI_ON ||
           list == CNS_PURPOSES_LI_OFF;
}

static uint32_t words_of(const cns_tables *t, unsigned list) {
    return of_purposes(list) ? t->purpose_words : t->vendor_words;
}

/* An escape takes at most six bytes for one of UTF-8, so a longer text in a token is
 * no id of the configuration. `c:` is not counted in ids->longest. */
static size_t longest_coded(const cns_ids *ids) {
    return 6 * (ids->longest + 2);
}

/* ------------------------------------------------------------- decoding */

/* Bytes that the longest coded id of a token can need. */
static size_t coded_room(const cns_token *token, const cns_ids *ids) {
    size_t longest = longest_coded(ids) < token->json_len ? longest_coded(ids) : token->json_len;
    return token->plain ? 0 : 2 * longest;
}

/* The ids of one list as a set; ids that the configuration does not know have no
 * number. `room` takes a coded id of the longest kind that can be known. Returns
 * whether there was an unknown one. */
static bool read_list(cns_word *set, const cns_token *token, unsigned list, const cns_notice *n,
                      char *room) {
    const cns_ids *ids = &n->config->ids;
    bool foreign = false;
    bool vendors = !of_purposes(list);
    const cns_token_span *at = token->ids + token->lists[list].first;
    const cns_token_span *end = at + token->lists[list].count;
    for (; at < end; at++) {
        cns_span id = {token->json + at->at, at->len};
        if (at->coded) {
            if (at->len > longest_coded(ids)) {
                foreign = true;
                continue;
            }
            id = cns_token_text(token, *at, room);
        }
        uint32_t number = vendors ? cns_tables_vendor(n->tables, ids, id.text, id.len)
                                  : cns_ids_purpose(ids, id.text, id.len);
        if (number == CNS_NO_ID)
            foreign = true;
        else
            cns_add_bit(set, number);
    }
    return foreign;
}

/* All lists into `sets` (zeroed); disabled wins over enabled (R8). Returns, as bits
 * by list, where there were ids that the configuration does not know. */
static unsigned read_lists(cns_status *s, cns_word *const sets[CNS_LISTS], const cns_token *token,
                           const cns_notice *n, char *room) {
    unsigned foreign = 0;
    for (unsigned list = 0; list < CNS_LISTS; list++)
        if (token->lists[list].count && read_list(sets[list], token, list, n, room))
            foreign |= 1u << list;
    bool contradiction = false;
    for (unsigned list = 0; list < CNS_LISTS; list += 2)
        for (uint32_t w = 0; w < words_of(n->tables, list); w++) {
            contradiction |= (sets[list][w] & sets[list + 1][w]) != 0;
            sets[list][w] &= ~sets[list + 1][w];
        }
    if (contradiction)
        find(s, "contradiction", CNS_NO_OFFSET);
    return foreign;
}

static bool empty(const cns_word *set, uint32_t words) {
    cns_word any = 0;
    for (uint32_t w = 0; w < words; w++)
        any |= set[w];
    return any == 0;
}

/* Everything refused on the consent basis, something at least (R4; docs/didomi.md, Time) */
static bool denied_to_all(const cns_notice *n, cns_word *const sets[CNS_LISTS],
                          const cns_token *token, unsigned foreign) {
    bool on = !empty(sets[CNS_VENDORS_ON], n->tables->vendor_words) ||
              !empty(sets[CNS_PURPOSES_ON], n->tables->purpose_words) ||
              (foreign & (1u << CNS_VENDORS_ON | 1u << CNS_PURPOSES_ON)) != 0;
    return !on && token->lists[CNS_VENDORS_OFF].count + token->lists[CNS_PURPOSES_OFF].count > 0;
}

static double age_of(cns_when now, cns_when updated) {
    double age = (double)(now - updated) / (double)CNS_SECOND;
    return age > 0 ? age : 0; /* ahead within the allowed skew: just now */
}

/* Rules R4, R6 and R7 for one token. */
static void judge(answer *a, const cns_notice *n, cns_when now, bool denied) {
    cns_when updated = a->token.updated_when;
    a->voided = CNS_EXPIRED;
    a->ends = CNS_NEVER;
    a->rules = 0;
    if (updated == CNS_NEVER)
        return;
    a->rules = updated > now ? CNS_BY_SKEW : 0;
    if (updated > now + n->skew)
        return;
    a->rules |= CNS_BY_DURATION;
    double age = age_of(now, updated), life = n->consent_duration;
    if (age >= life)
        return;
    bool shorter = denied && n->denied_duration > 0;
    a->rules |= shorter ? CNS_BY_DENIED : 0;
    if (shorter && age >= n->denied_duration) {
        a->voided = CNS_DENIED_EXPIRED;
        return;
    }
    a->ends = cns_when_after(updated, shorter ? n->denied_duration : life);
    a->voided = CNS_NOT_VOID;
    if (n->ignore_before == CNS_NEVER)
        return;
    a->rules |= CNS_BY_BEFORE;
    if (n->ignore_before < now && updated < n->ignore_before) {
        a->rules |= CNS_BY_OLDER;
        a->voided = CNS_IGNORED;
    }
}

/* ------------------------------------------------------------ combining */

/* Several tokens of one name (R8): enabled only where all that count enable,
 * disabled where any disables. `sets` holds this token's lists. */
static void combine(cns_status *s, cns_word *const sets[CNS_LISTS], bool counts, bool first) {
    const cns_tables *t = s->notice->tables;
    for (unsigned list = 0; list < CNS_LISTS; list++) {
        uint32_t words = words_of(t, list);
        bool off = list & 1;
        for (uint32_t w = 0; w < words; w++) {
            if (off)
                s->stored[list][w] |= sets[list][w];
            else if (counts)
                s->stored[list][w] = first ? sets[list][w] : s->stored[list][w] & sets[list][w];
        }
    }
}

static void clear_stored(cns_status *s) {
    for (unsigned list = 0; list < CNS_LISTS; list++)
        memset(s->stored[list], 0, words_of(s->notice->tables, list) * sizeof(cns_word));
}

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
            t->vendors[w] & ~t->closed[w] &
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

static char *keep_text(char *at, cns_text *out, const cns_token *token, bool has,
                       cns_token_span span) {
    if (!has)
        return at;
    cns_span text = cns_token_text(token, span, at);
    if (text.text != at)
        memcpy(at, text.text, text.len);
    out->text = at;
    out->len = text.len;
    return at + text.len;
}

static size_t text_room(const answer *a) {
    const cns_token *t = &a->token;
    return 2 * ((size_t)(t->has_user_id ? t->user_id.len : 0) +
                (t->has_created ? t->created.len : 0) + (t->has_updated ? t->updated.len : 0));
}

/* Which token gives the dates and the user id: the oldest of those that count. */
static const answer *oldest(const answer *answers, size_t count, bool any_counts) {
    const answer *found = NULL;
    for (size_t i = 0; i < count; i++) {
        const answer *a = &answers[i];
        if (any_counts && a->voided != CNS_NOT_VOID)
            continue;
        if (!found || a->token.updated_when < found->token.updated_when)
            found = a;
    }
    return found;
}

/* Dates, user id, and why nothing counts if nothing does. */
static void settle(cns_status *s, const answer *answers, size_t count, char *texts) {
    bool any_counts = false;
    for (size_t i = 0; i < count; i++)
        any_counts |= answers[i].voided == CNS_NOT_VOID;
    const answer *from = oldest(answers, count, any_counts);
    if (!from)
        return;
    s->any_token = true;
    s->source = from->cookie;
    texts =
        keep_text(texts, &s->user_id, &from->token, from->token.has_user_id, from->token.user_id);
    if (!any_counts) {
        s->voided = CNS_IGNORED;
        for (size_t i = 0; i < count; i++)
            if (answers[i].voided < s->voided)
                s->voided = answers[i].voided;
        return;
    }
    s->created = from->token.created_when;
    s->updated = from->token.updated_when;
    texts = keep_text(texts, &s->created_text, &from->token, from->token.has_created,
                      from->token.created);
    (void)keep_text(texts, &s->updated_text, &from->token, from->token.has_updated,
                    from->token.updated);
    for (size_t i = 0; i < count; i++) {
        if (answers[i].voided != CNS_NOT_VOID)
            continue;
        s->any_choice |= answers[i].any;
        if (s->expires == CNS_NEVER || answers[i].ends < s->expires)
            s->expires = answers[i].ends;
    }
}

static bool read_answer(cns_status *s, answer *a, const cns_text *value, size_t most,
                        cns_token_room *usual, cns_alloc alloc, bool *no_memory) {
    const char *reason;
    uint32_t offset;
    cns_code code =
        cns_token_scan(&a->token, &reason, &offset, value->text, value->len, most, usual, alloc);
    if (code == CNS_E_NOMEM) {
        *no_memory = true;
        return false;
    }
    if (code != CNS_OK) {
        s->unreadable = true;
        find(s, reason, offset);
        return false;
    }
    if (!a->token.has_updated)
        find(s, "no_date", CNS_NO_OFFSET);
    else if (a->token.updated_when == CNS_NEVER)
        find(s, "bad_date", a->token.updated.at);
    s->do_not_sell |= a->token.do_not_sell;
    a->any = false;
    for (unsigned list = 0; list < CNS_LISTS; list++)
        a->any |= a->token.lists[list].count > 0;
    return true;
}

static cns_status *allocate(const cns_notice *n, size_t texts, cns_alloc alloc, cns_word **scratch,
                            char **text_at) {
    size_t vw = n->tables->vendor_words, pw = n->tables->purpose_words;
    /* stored, what counts, and one token's own lists */
    size_t words = (4 + 2 + 1 + 4) * (vw + pw);
    size_t head = (sizeof(cns_status) + 7) & ~(size_t)7;
    size_t size = head + words * sizeof(cns_word) + texts;
    cns_status *s = cns_get(alloc, size);
    if (!s)
        return NULL;
    memset(s, 0, head + words * sizeof(cns_word));
    s->alloc = alloc;
    s->size = size;
    s->notice = n;
    s->created = s->updated = s->expires = CNS_NEVER;
    cns_word *at = (cns_word *)((char *)s + head);
    for (unsigned list = 0; list < CNS_LISTS; list++) {
        s->stored[list] = at;
        at += words_of(n->tables, list);
    }
    s->vendors = at;
    s->vendors_li = at + vw;
    s->purposes = at + 2 * vw;
    s->purposes_li = at + 2 * vw + pw;
    s->open_vendors = at + 2 * (vw + pw);
    s->open_purposes = s->open_vendors + vw;
    *scratch = s->open_purposes + pw;
    *text_at = (char *)((cns_word *)(void *)((char *)s + head) + words);
    return s;
}

/* Judges every token and combines their lists into what is stored. */
static void take_answers(cns_status *s, answer *answers, size_t count, cns_word *scratch,
                         char *room, cns_when now) {
    const cns_notice *n = s->notice;
    cns_word *sets[CNS_LISTS], *at = scratch;
    for (unsigned list = 0; list < CNS_LISTS; list++) {
        sets[list] = at;
        at += words_of(n->tables, list);
    }
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        answer *a = &answers[i];
        if (i)
            memset(scratch, 0, (size_t)(at - scratch) * sizeof *at);
        unsigned foreign = read_lists(s, sets, &a->token, n, room);
        judge(a, n, now, denied_to_all(n, sets, &a->token, foreign));
        if (a->token.updated_when > now + n->skew)
            find(s, "future_date", a->token.updated.at);
        if (a->voided == CNS_IGNORED && n->keep_ignored) {
            a->voided = CNS_NOT_VOID;
            s->ignored_but_kept = true;
        }
        s->time_rules |= a->rules;
        bool counts = a->voided == CNS_NOT_VOID;
        s->readable = (uint8_t)(s->readable | 1u << a->cookie);
        s->counting = (uint8_t)(s->counting | (unsigned)counts << a->cookie);
        combine(s, sets, counts, first);
        if (counts)
            first = false;
    }
    /* a refusal in one token beats the others' permission */
    for (unsigned list = 0; list < CNS_LISTS; list += 2)
        for (uint32_t w = 0; w < words_of(n->tables, list); w++)
            s->stored[list][w] &= ~s->stored[list + 1][w];
    if (n->tables->any_listed && s->group == CNS_OPT_IN)
        for (uint32_t w = 0; w < n->tables->vendor_words; w++) { /* the TC string's (R12) */
            s->stored[CNS_VENDORS_ON][w] &= ~n->tables->listed[w];
            s->stored[CNS_VENDORS_LI_ON][w] &= ~n->tables->listed[w];
        }
}

bool cns_status_explicit(const cns_status *s) {
    return s->any_choice && s->created != CNS_NEVER && s->updated > s->created;
}

/* Differences of moments up to here, and a century of skew, fit 64 bits. */
#define FARTHEST (4 * (INT64_MAX / 10))

cns_code cns_status_new(cns_status **out, const cns_notice *n, const cns_visit *visit,
                        cns_alloc alloc, cns_error *err) {
    answer answers[CNS_MAX_SAME_NAME];
    cns_token_room usual; /* for the first one */
    size_t count = 0, texts = 0, room = 0;
    cns_when now = visit->now < -FARTHEST  ? -FARTHEST
                   : visit->now > FARTHEST ? FARTHEST
                                           : visit->now;
    bool no_memory = false;
    cns_status early; /* takes findings until the sizes are known */
    early.finding_count = 0;
    early.unreadable = early.do_not_sell = false;
    if (visit->before) {
        early.finding_count = visit->before->finding_count;
        memcpy(early.findings, visit->before->findings, sizeof early.findings);
    }
    if (visit->external_unread)
        find(&early, "external_unreadable", CNS_NO_OFFSET);
    size_t sent = visit->cookie_count < CNS_MAX_SAME_NAME ? visit->cookie_count : CNS_MAX_SAME_NAME;
    if (n->no_cookies && !visit->own) {
        /* what lies there is not the visitor's answer of today, and where an objection is
         * all that counts it may lie where only the browser looks */
        if (sent)
            find(&early, "storage_off", CNS_NO_OFFSET);
        early.unreadable = sent > 0 || n->group == CNS_OPT_OUT;
        sent = 0;
    }
    if (visit->cookie_count > CNS_MAX_SAME_NAME) {
        find(&early, "too_many_cookies", CNS_NO_OFFSET);
        early.unreadable = true; /* the others may refuse */
    } else if (visit->cookie_count > 1) {
        find(&early, "several_cookies", CNS_NO_OFFSET);
    }
    if (visit->cut) {
        find(&early, "header_too_long", CNS_MAX_HEADER);
        early.unreadable = true; /* a refusal may stand behind the cut */
    }
    if (visit->not_text) {
        find(&early, "not_text", CNS_NO_OFFSET);
        early.unreadable = true;
    }
    size_t most = visit->own ? CNS_MAX_OWN : CNS_MAX_VALUE;
    for (size_t i = 0; i < sent && !no_memory; i++)
        if (read_answer(&early, &answers[count], &visit->cookies[i], most, i ? NULL : &usual, alloc,
                        &no_memory)) {
            answers[count].cookie = (uint8_t)i;
            size_t coded = coded_room(&answers[count].token, &n->config->ids);
            room = coded > room ? coded : room;
            texts += text_room(&answers[count++]);
        }
    cns_word *scratch;
    char *text_at;
    cns_status *s = no_memory ? NULL : allocate(n, texts + room, alloc, &scratch, &text_at);
    if (s) {
        s->finding_count = early.finding_count;
        memcpy(s->findings, early.findings, early.finding_count * sizeof early.findings[0]);
        s->unreadable = early.unreadable;
        s->do_not_sell = early.do_not_sell;
        s->now = now;
        s->group = n->group;
        s->bot = visit->bot;
        s->exempt_bot = visit->bot && n->bots_exempt && n->group != CNS_NO_LAW;
        if (s->exempt_bot && s->group == CNS_OPT_IN)
            s->group = CNS_NO_LAW; /* an objection stands, whoever sends it */
        take_answers(s, answers, count, scratch, text_at + texts, now);
        settle(s, answers, count, text_at);
        s->gpc_sent = visit->gpc;
        s->gpc = visit->gpc && s->group == CNS_OPT_OUT &&
                 (n->gpc == CNS_GPC_ALWAYS ||
                  (n->gpc == CNS_GPC_UNLESS_EXPLICIT && !cns_status_explicit(s)));
        if (s->group == CNS_OPT_IN && s->voided != CNS_NOT_VOID)
            clear_stored(s);
        decide_question(s, now);
        if (s->collect == CNS_ASK_NEW_VENDOR && n->reset_on_recollect && !visit->settled) {
            s->reset = true;
            clear_stored(s); /* R5 with "reset" */
        }
        apply_law(s);
        fold(s);
        *out = s;
    }
    for (size_t i = 0; i < count; i++)
        cns_token_release(&answers[i].token);
    return s ? CNS_OK
             : cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET,
                        "memory ran out while reading the cookies");
}

void cns_status_free(cns_status *s) {
    if (s)
        cns_drop(s->alloc, s, s->size);
}
