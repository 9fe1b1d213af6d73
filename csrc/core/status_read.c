/* status_read.c - from a visitor's tokens or Didomi Consent Strings to bit sets (R4 to R9);
 * what is read of the latter is in status_dcs.c. */
#include "reading.h"

#include "config.h"
#include "error.h"

void cns_find(cns_findings *to, const char *code, uint32_t offset) {
    if (to->count < CNS_MAX_FINDINGS) {
        to->codes[to->count] = code;
        to->offsets[to->count++] = offset;
    }
}

/* -------------------------------------------------------------------- tokens */

/* An escape takes at most six bytes for one of UTF-8, so a longer text in a token is
 * no id of the configuration. `c:` is not counted in ids->longest. */
static size_t longest_coded(const cns_ids *ids) {
    return 6 * (ids->longest + 2);
}

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
    bool vendors = !cns_list_of_purposes(list);
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

static size_t text_room(const cns_kept *k) {
    const cns_token *t = &k->token;
    if (k->dcs)
        return CNS_DCS_USER_ID_TEXT + 2 * CNS_DCS_DATE_TEXT + 3 + k->text.len;
    return 2 * ((size_t)(t->has_user_id ? t->user_id.len : 0) +
                (t->has_created ? t->created.len : 0) + (t->has_updated ? t->updated.len : 0));
}

static bool open_token(cns_reading *r, cns_kept *k, const cns_text *value, size_t most,
                       cns_token_room *usual) {
    const char *reason;
    uint32_t offset;
    cns_code code =
        cns_token_scan(&k->token, &reason, &offset, value->text, value->len, most, usual, r->alloc);
    if (code == CNS_E_NOMEM) {
        r->no_memory = true;
        return false;
    }
    if (code != CNS_OK) {
        r->unreadable = true;
        cns_find(&r->findings, reason, offset);
        return false;
    }
    if (!k->token.has_updated)
        cns_find(&r->findings, "no_date", CNS_NO_OFFSET);
    else if (k->token.updated_when == CNS_NEVER)
        cns_find(&r->findings, "bad_date", k->token.updated.at);
    r->do_not_sell |= k->token.do_not_sell;
    k->dcs = NULL;
    k->created = k->token.created_when;
    k->updated = k->token.updated_when;
    k->any = false;
    for (unsigned list = 0; list < CNS_LISTS; list++)
        k->any |= k->token.lists[list].count > 0;
    return true;
}

/* ------------------------------------------------------------------- opening */

static void release(cns_kept *kept, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (kept[i].dcs)
            cns_dcs_free(kept[i].dcs);
        else
            cns_token_release(&kept[i].token);
}

/* How many of the cookies of one name are read; tells of the others. */
static size_t readable(cns_reading *r, size_t count, bool not_text) {
    if (count > CNS_MAX_SAME_NAME) {
        cns_find(&r->findings, "too_many_cookies", CNS_NO_OFFSET);
        r->unreadable = true; /* the others may refuse */
        count = CNS_MAX_SAME_NAME;
    } else if (count > 1) {
        cns_find(&r->findings, "several_cookies", CNS_NO_OFFSET);
    }
    if (not_text) {
        cns_find(&r->findings, "not_text", CNS_NO_OFFSET);
        r->unreadable = true;
    }
    return count;
}

static cns_when latest(const cns_kept *kept, size_t count) {
    cns_when found = CNS_NEVER;
    for (size_t i = 0; i < count; i++)
        found = kept[i].updated > found ? kept[i].updated : found;
    return found;
}

static void open_cookies(cns_reading *r, const cns_visit *visit) {
    size_t most = visit->own ? CNS_MAX_OWN : CNS_MAX_VALUE, others = 0;
    size_t tokens = readable(r, visit->cookie_count, visit->not_text);
    size_t strings = readable(r, visit->dcs.count, visit->dcs.not_text);
    for (size_t i = 0; i < tokens && !r->no_memory; i++) {
        cns_kept *k = &r->kept[r->count];
        k->cookie = (uint8_t)i;
        r->count += open_token(r, k, &visit->cookies[i], most, i ? NULL : &r->usual);
    }
    if (!strings || r->no_memory)
        return;
    cns_kept dcs[CNS_MAX_SAME_NAME];
    for (size_t i = 0; i < strings && !r->no_memory; i++) {
        dcs[others].cookie = (uint8_t)i;
        others += cns_reading_open_dcs(r, &dcs[others], visit->dcs.values[i], visit->dcs_plain);
    }
    r->any_dcs |= others > 0;
    if (r->count && others)
        cns_find(&r->findings, "two_formats", CNS_NO_OFFSET);
    if (others && (!r->count || latest(dcs, others) >= latest(r->kept, r->count))) {
        release(r->kept, r->count);
        memcpy(r->kept, dcs, others * sizeof *dcs);
        r->count = others;
        r->dcs = true;
    } else {
        release(dcs, others);
    }
}

void cns_reading_open(cns_reading *r, const cns_notice *n, const cns_visit *visit, cns_when now,
                      cns_alloc alloc) {
    memset(r, 0, offsetof(cns_reading, usual));
    r->notice = n;
    r->alloc = alloc;
    r->now = now;
    if (visit->before)
        r->findings = *cns_status_found(visit->before);
    if (visit->external_unread)
        cns_find(&r->findings, "external_unreadable", CNS_NO_OFFSET);
    if (visit->cut) {
        cns_find(&r->findings, "header_too_long", CNS_MAX_HEADER);
        r->unreadable = true; /* a refusal may stand behind the cut */
    }
    bool sent =
        visit->cookie_count + visit->dcs.count + (n->group == CNS_OPT_IN ? visit->tc.count : 0) > 0;
    if (n->no_cookies && !visit->own) {
        /* what lies there is not the visitor's answer of today, and where an objection is
         * all that counts it may lie where only the browser looks */
        if (sent)
            cns_find(&r->findings, "storage_off", CNS_NO_OFFSET);
        r->unreadable |= sent || visit->not_text || n->group == CNS_OPT_OUT;
        return;
    }
    open_cookies(r, visit);
    /* a bot that is not asked has nothing to do with strings */
    bool asked = n->group == CNS_OPT_IN && !(visit->bot && n->bots_exempt);
    if (n->strings.tc.len && asked && !r->no_memory)
        cns_reading_open_tc(r, visit);
    for (size_t i = 0; i < r->count; i++) {
        size_t coded = r->dcs ? 0 : coded_room(&r->kept[i].token, &n->config->ids);
        r->room = coded > r->room ? coded : r->room;
        r->texts += text_room(&r->kept[i]);
    }
    if (r->tc.counts)
        r->texts += 2 * (CNS_WHEN_TEXT + 1) + r->tc.text.len;
}

void cns_reading_close(cns_reading *r) {
    release(r->kept, r->count);
    for (size_t i = 0; i < r->tc.count; i++)
        cns_tc_free(r->tc.tc[i]);
}

/* ------------------------------------------------------------------- judging */

static double age_of(cns_when now, cns_when updated) {
    double age = (double)(now - updated) / (double)CNS_SECOND;
    return age > 0 ? age : 0; /* ahead within the allowed skew: just now */
}

/* Rules R4, R6 and R7 for an answer of this date. */
static cns_void voided_by(const cns_notice *n, cns_when now, cns_when updated, bool denied,
                          unsigned *rules, cns_when *ends) {
    *ends = CNS_NEVER;
    *rules = 0;
    if (updated == CNS_NEVER)
        return CNS_EXPIRED;
    *rules = updated > now ? CNS_BY_SKEW : 0;
    if (updated > now + n->skew)
        return CNS_EXPIRED;
    *rules |= CNS_BY_DURATION;
    double age = age_of(now, updated), life = n->consent_duration;
    if (age >= life)
        return CNS_EXPIRED;
    bool shorter = denied && n->denied_duration > 0;
    *rules |= shorter ? CNS_BY_DENIED : 0;
    if (shorter && age >= n->denied_duration)
        return CNS_DENIED_EXPIRED;
    *ends = cns_when_after(updated, shorter ? n->denied_duration : life);
    if (n->ignore_before == CNS_NEVER)
        return CNS_NOT_VOID;
    *rules |= CNS_BY_BEFORE;
    if (n->ignore_before < now && updated < n->ignore_before) {
        *rules |= CNS_BY_OLDER;
        return CNS_IGNORED;
    }
    return CNS_NOT_VOID;
}

static bool empty(const cns_word *set, uint32_t words) {
    cns_word any = 0;
    for (uint32_t w = 0; w < words; w++)
        any |= set[w];
    return any == 0;
}

/* Everything refused on the consent basis, something at least (R4; docs/didomi.md, Time); the
 * lists of a TC string take part. */
static bool denied_to_all(const cns_reading *r, cns_word *const sets[CNS_LISTS], const cns_kept *k,
                          unsigned foreign) {
    const cns_tables *t = r->notice->tables;
    bool on = r->tc.on || !empty(sets[CNS_VENDORS_ON], t->vendor_words) ||
              !empty(sets[CNS_PURPOSES_ON], t->purpose_words) ||
              (foreign & (1u << CNS_VENDORS_ON | 1u << CNS_PURPOSES_ON)) != 0;
    if (on)
        return false;
    for (unsigned list = CNS_VENDORS_OFF; list <= CNS_PURPOSES_OFF; list += 2)
        if (k->dcs ? cns_idset_last(cns_dcs_list(cns_dcs_content_of(k->dcs), list)) > 0
                   : k->token.lists[list].count)
            return true;
    return r->tc.off;
}

/* All lists into `sets` (zeroed); disabled wins over enabled (R8). Returns, as bits
 * by list, where there were ids that the configuration does not know. */
static unsigned read_lists(cns_reading *r, cns_word *const sets[CNS_LISTS], const cns_kept *k,
                           char *room) {
    const cns_notice *n = r->notice;
    const cns_tables *t = n->tables;
    unsigned foreign = 0;
    for (unsigned list = 0; list < CNS_LISTS; list++)
        if (k->dcs ? cns_reading_numbers(sets[list], cns_dcs_content_of(k->dcs), list, n)
                   : k->token.lists[list].count && read_list(sets[list], &k->token, list, n, room))
            foreign |= 1u << list;
    /* Under an opt-in law the answers of vendors of the list stand in the TC string, and where
     * there is one those about its purposes too (R12). A string that does not count may still be
     * read by the browser, whatever it says there. */
    bool opt_in = n->group == CNS_OPT_IN, strings = r->tc.counts != 0;
    bool doubtful = r->tc_state == CNS_TC_UNREADABLE || r->tc_state == CNS_TC_UNMET;
    const cns_word *listed = opt_in && t->any_listed ? t->listed : NULL;
    cns_word contradiction = 0;
    for (unsigned list = 0; list < CNS_LISTS; list += 2) {
        cns_word *on = sets[list], *off = sets[list + 1];
        bool purposes = cns_list_of_purposes(list);
        for (uint32_t w = 0; w < cns_words_of(t, list); w++) {
            cns_word of_string = purposes ? (w == 0 ? CNS_TCF_MASK : 0) : listed ? listed[w] : 0;
            contradiction |= on[w] & off[w];
            on[w] &= ~off[w];
            if (opt_in && (strings || doubtful || !purposes))
                on[w] &= ~of_string;
            if (opt_in && strings)
                off[w] &= ~of_string;
        }
    }
    if (contradiction)
        cns_find(&r->findings, "contradiction", CNS_NO_OFFSET);
    return foreign;
}

/* ----------------------------------------------------------------- combining */

/* Several answers of one kind (R8): enabled only where all that count enable,
 * disabled where any disables. `sets` holds this one's lists. */
static void combine(cns_status *s, cns_word *const sets[CNS_LISTS], bool counts, bool first) {
    const cns_tables *t = s->notice->tables;
    for (unsigned list = 0; list < CNS_LISTS; list++) {
        uint32_t words = cns_words_of(t, list);
        bool off = list & 1;
        for (uint32_t w = 0; w < words; w++) {
            if (off)
                s->stored[list][w] |= sets[list][w];
            else if (counts)
                s->stored[list][w] = first ? sets[list][w] : s->stored[list][w] & sets[list][w];
        }
    }
}

/* Judges an answer whose lists are in `sets`. */
static void judge(cns_status *s, cns_reading *r, cns_kept *k, cns_word *const sets[CNS_LISTS],
                  unsigned foreign) {
    const cns_notice *n = s->notice;
    bool denied = denied_to_all(r, sets, k, foreign);
    k->voided = voided_by(n, r->now, k->updated, denied, &k->rules, &k->ends);
    if (k->updated > r->now + n->skew)
        cns_find(&r->findings, "future_date", k->dcs ? CNS_NO_OFFSET : k->token.updated.at);
    if (k->voided == CNS_IGNORED && n->keep_ignored) {
        k->voided = CNS_NOT_VOID;
        s->ignored_but_kept = true;
    }
    s->time_rules |= k->rules;
    s->readable = (uint8_t)(s->readable | 1u << k->cookie);
    s->counting = (uint8_t)(s->counting | (unsigned)(k->voided == CNS_NOT_VOID) << k->cookie);
}

/* Nearly always there is one, whose lists are what is stored. */
static void take_one(cns_status *s, cns_reading *r, char *room) {
    cns_kept *k = &r->kept[0];
    judge(s, r, k, s->stored, read_lists(r, s->stored, k, room));
    if (k->voided != CNS_NOT_VOID)
        for (unsigned list = 0; list < CNS_LISTS; list += 2)
            memset(s->stored[list], 0, cns_words_of(s->notice->tables, list) * sizeof(cns_word));
}

/* Judges every answer and combines their lists into what is stored. */
static void take_several(cns_status *s, cns_reading *r, cns_word *scratch, char *room) {
    const cns_notice *n = s->notice;
    cns_word *sets[CNS_LISTS], *at = scratch;
    for (unsigned list = 0; list < CNS_LISTS; list++) {
        sets[list] = at;
        at += cns_words_of(n->tables, list);
    }
    bool first = true;
    for (size_t i = 0; i < r->count; i++) {
        cns_kept *k = &r->kept[i];
        memset(scratch, 0, (size_t)(at - scratch) * sizeof *at);
        judge(s, r, k, sets, read_lists(r, sets, k, room));
        bool counts = k->voided == CNS_NOT_VOID;
        combine(s, sets, counts, first);
        if (counts)
            first = false;
    }
    /* a refusal in one token beats the others' permission */
    for (unsigned list = 0; list < CNS_LISTS; list += 2)
        for (uint32_t w = 0; w < cns_words_of(n->tables, list); w++)
            s->stored[list][w] &= ~s->stored[list + 1][w];
}

/* ------------------------------------------------------------ dates and texts */

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

static char *keep_user_id(char *at, cns_text *out, const cns_kept *k) {
    if (!k->dcs)
        return keep_text(at, out, &k->token, k->token.has_user_id, k->token.user_id);
    cns_dcs_user_id_text(at, cns_dcs_content_of(k->dcs)->user_id);
    *out = (cns_text){at, CNS_DCS_USER_ID_TEXT};
    return at + CNS_DCS_USER_ID_TEXT + 1;
}

static char *keep_date(char *at, cns_text *out, cns_when when) {
    cns_when_write(at, when);
    *out = (cns_text){at, CNS_WHEN_TEXT};
    return at + CNS_WHEN_TEXT + 1;
}

/* Which one gives the dates and the user id: the oldest of those that count. */
static const cns_kept *oldest(const cns_reading *r, bool any_counts) {
    const cns_kept *found = NULL;
    for (size_t i = 0; i < r->count; i++) {
        const cns_kept *k = &r->kept[i];
        if (any_counts && k->voided != CNS_NOT_VOID)
            continue;
        if (!found || k->updated < found->updated)
            found = k;
    }
    return found;
}

static char *keep_dates(char *texts, cns_status *s, const cns_kept *from) {
    const cns_token *t = &from->token;
    s->created = from->created;
    s->updated = from->updated;
    if (from->dcs) {
        memcpy(texts, from->text.text, from->text.len);
        s->dcs_text = (cns_text){texts, from->text.len};
        texts += from->text.len;
        texts = keep_date(texts, &s->created_text, from->created);
        return keep_date(texts, &s->updated_text, from->updated);
    }
    texts = keep_text(texts, &s->created_text, t, t->has_created, t->created);
    return keep_text(texts, &s->updated_text, t, t->has_updated, t->updated);
}

/* Dates, user id, and why nothing counts if nothing does. Returns where texts go on. */
static char *settle(cns_status *s, const cns_reading *r, char *texts) {
    bool any_counts = false;
    for (size_t i = 0; i < r->count; i++)
        any_counts |= r->kept[i].voided == CNS_NOT_VOID;
    const cns_kept *from = oldest(r, any_counts);
    if (!from)
        return texts;
    s->any_token = true;
    s->source = from->cookie;
    texts = keep_user_id(texts, &s->user_id, from);
    if (!any_counts) {
        s->voided = CNS_IGNORED;
        for (size_t i = 0; i < r->count; i++)
            if (r->kept[i].voided < s->voided)
                s->voided = r->kept[i].voided;
        return texts;
    }
    texts = keep_dates(texts, s, from);
    for (size_t i = 0; i < r->count; i++) {
        if (r->kept[i].voided != CNS_NOT_VOID)
            continue;
        s->any_choice |= r->kept[i].any;
        if (s->expires == CNS_NEVER || r->kept[i].ends < s->expires)
            s->expires = r->kept[i].ends;
    }
    return texts;
}

/* ------------------------------------------------------- beside a TC string */

/* Strings that no token stands beside are judged by their own dates, and the oldest that counts
 * gives those of the status (R12). */
static char *settle_tc(cns_status *s, cns_reading *r, char *texts) {
    const cns_notice *n = s->notice;
    const cns_tc *from = NULL;
    s->voided = CNS_IGNORED;
    for (size_t i = 0; i < r->tc.count; i++) {
        const cns_tc *tc = r->tc.tc[i];
        if (!(r->tc.counts >> i & 1))
            continue;
        unsigned rules;
        cns_when updated = (cns_when)tc->last_updated * (CNS_SECOND / 10), ends;
        bool denied = (r->tc.off >> i & 1) && !(r->tc.on >> i & 1);
        cns_void voided = voided_by(n, r->now, updated, denied, &rules, &ends);
        s->time_rules |= rules;
        if (voided == CNS_IGNORED && n->keep_ignored) {
            voided = CNS_NOT_VOID;
            s->ignored_but_kept = true;
        }
        s->voided = voided < s->voided ? voided : s->voided;
        if (voided != CNS_NOT_VOID) {
            r->tc.counts &= ~(1u << i);
            continue;
        }
        if (!from || tc->last_updated < from->last_updated)
            from = tc;
        if (s->expires == CNS_NEVER || ends < s->expires)
            s->expires = ends;
    }
    if (!from)
        return texts;
    s->created = (cns_when)from->created * (CNS_SECOND / 10);
    s->updated = (cns_when)from->last_updated * (CNS_SECOND / 10);
    texts = keep_date(texts, &s->created_text, s->created);
    return keep_date(texts, &s->updated_text, s->updated);
}

size_t cns_reading_words(const cns_reading *r) {
    const cns_tables *t = r->notice->tables;
    size_t lists = r->count > 1 ? 4 * ((size_t)t->vendor_words + t->purpose_words) : 0;
    size_t strings = cns_reading_tc_words(r);
    return lists > strings ? lists : strings;
}

void cns_reading_take(cns_status *s, cns_reading *r, cns_word *scratch, char *texts) {
    if (r->count == 1)
        take_one(s, r, texts + r->texts);
    else if (r->count)
        take_several(s, r, scratch, texts + r->texts);
    char *at = settle(s, r, texts);
    bool strings = r->tc.counts != 0;
    if (strings && !r->count)
        at = settle_tc(s, r, at);
    if (strings && s->voided == CNS_NOT_VOID) {
        cns_reading_take_tc(s, r, scratch);
        s->any_choice = true;
        if (r->tc.same) { /* otherwise there is no text that says what counts */
            memcpy(at, r->tc.text.text, r->tc.text.len);
            s->tc = (cns_text){at, r->tc.text.len};
        }
    }
    s->tc_state = r->tc_state;
    if (strings && s->voided != CNS_NOT_VOID)
        s->tc_state = CNS_TC_VOID;
    s->dcs = r->dcs;
    s->any_dcs = r->any_dcs;
    s->unreadable = r->unreadable;
    s->do_not_sell = r->do_not_sell;
    s->findings = r->findings;
}
