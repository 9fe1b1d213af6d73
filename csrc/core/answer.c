/* answer.c - a visitor answers: choices in, the value of a cookie out. */
#include "answer.h"

#include "config.h"
#include "error.h"
#include "user_id.h"

#define LONGEST_KEPT_ID 128u /* bytes; the SDK's have 36, and an id is not to fill a cookie */

bool cns_notice_offers(const cns_notice *n, bool vendor, uint32_t number) {
    return number != CNS_NO_ID &&
           cns_has(vendor ? n->tables->vendors : n->tables->purposes, number);
}

/* Only a TC string holds the vendor's answer (docs/didomi.md, Tokens). */
static bool beyond_token(const cns_base *b, uint32_t vendor) {
    return b->notice->group == CNS_OPT_IN && cns_has(b->notice->tables->listed, vendor);
}

/* ----------------------------------------------------------------- choosing */

/* Without a law a refusal on either basis counts where refusals are respected (R3), so who
 * agrees on every basis takes it back on both. */
static void take_back(cns_base *b, unsigned list, uint32_t number) {
    if (b->notice->group != CNS_NO_LAW)
        return;
    cns_drop_bit(b->sets[list + 1], number);
    cns_drop_bit(b->sets[list + CNS_VENDORS_LI_OFF], number);
}

static void choose_vendor(cns_base *b, uint32_t vendor, bool agreed, bool consent, bool li) {
    const cns_notice *n = b->notice;
    if (n->group == CNS_OPT_OUT) { /* all is one set on legitimate interest (R10) */
        cns_base_choose(b, CNS_VENDORS_LI_ON, vendor, agreed);
        return;
    }
    if (consent && agreed)
        take_back(b, CNS_VENDORS_ON, vendor);
    if (consent && cns_has(n->tables->vendors_consent, vendor))
        cns_base_choose(b, CNS_VENDORS_ON, vendor, agreed);
    if (li)
        cns_base_choose(b, CNS_VENDORS_LI_ON, vendor, agreed);
}

static void choose_purpose(cns_base *b, uint32_t purpose, bool agreed, bool consent, bool li) {
    if (b->notice->group == CNS_OPT_OUT) {
        cns_base_choose(b, CNS_PURPOSES_LI_ON, purpose, agreed);
        return;
    }
    if (consent)
        cns_base_choose(b, CNS_PURPOSES_ON, purpose, agreed);
    if (li)
        cns_base_choose(b, CNS_PURPOSES_LI_ON, purpose, agreed);
}

static cns_code apply_choices(cns_base *b, const cns_answer *answer, bool *any, cns_error *err) {
    const cns_notice *n = b->notice;
    const cns_tables *t = n->tables;
    for (size_t i = 0; i < answer->count; i++) {
        const cns_choice *c = &answer->choices[i];
        if (!cns_notice_offers(n, c->vendor, c->number))
            return cns_fail(err, CNS_E_UNKNOWN_ID, CNS_NO_OFFSET,
                            "an id is not part of this notice: choose among its vendors and "
                            "purposes");
        if (c->vendor && beyond_token(b, c->number))
            return cns_fail(err, CNS_E_SHAPE, CNS_NO_OFFSET,
                            "the answer for an IAB vendor stands in the TC string: have a CMP "
                            "write that one");
        if (!c->vendor && cns_has(n->asked->essential, c->number))
            continue; /* cannot be set (R13) */
        *any = true;
        bool agreed = c->agreed && !n->underage; /* a minor's consent is none */
        if (c->vendor)
            choose_vendor(b, c->number, agreed, !c->li_only,
                          c->li_only || cns_has(t->vendors_li, c->number));
        else
            choose_purpose(b, c->number, agreed, !c->li_only && cns_has(t->on_consent, c->number),
                           c->li_only || cns_has(t->on_li, c->number));
        if (!c->vendor && agreed && !c->li_only)
            take_back(b, CNS_PURPOSES_ON, c->number);
    }
    return CNS_OK;
}

/* Has the id an answer in one of the two lists? */
static bool answered(const cns_base *b, unsigned list, uint32_t number) {
    return cns_has(b->sets[list], number) || cns_has(b->sets[list + 1], number);
}

/* A vendor of the Global Vendor List is never written by the SDK. Under an opt-in law its
 * answer is in the TC string, elsewhere its purposes say enough, and a list of a thousand
 * would fit into no cookie. What is stored and says otherwise goes. */
static void forget_vendor(cns_base *b, uint32_t vendor, bool agreed) {
    cns_drop_bit(b->sets[agreed ? CNS_VENDORS_OFF : CNS_VENDORS_ON], vendor);
    cns_drop_bit(b->sets[agreed ? CNS_VENDORS_LI_OFF : CNS_VENDORS_LI_ON], vendor);
}

static void apply_to_all(cns_base *b, bool agreed, bool li, bool *any) {
    const cns_notice *n = b->notice;
    const cns_tables *t = n->tables;
    bool opt_out = n->group == CNS_OPT_OUT;
    for (uint32_t i = 0; i < t->vendor_count; i++) {
        uint32_t vendor = t->vendor_order[i];
        if (cns_has(t->listed, vendor)) {
            forget_vendor(b, vendor, agreed);
            continue;
        }
        *any = true;
        bool uses_li = cns_has(t->vendors_li, vendor);
        choose_vendor(b, vendor, agreed, true, li && uses_li);
        if (!li && !opt_out && uses_li && !answered(b, CNS_VENDORS_LI_ON, vendor))
            cns_base_choose(b, CNS_VENDORS_LI_ON, vendor, true); /* not objected to */
    }
    for (uint32_t i = 0; i < t->purpose_count; i++) {
        uint32_t purpose = t->purpose_order[i];
        if (cns_has(n->asked->essential, purpose))
            continue;
        *any = true;
        bool uses_li = cns_has(t->on_li, purpose);
        choose_purpose(b, purpose, agreed, true, li && uses_li);
        if (agreed)
            take_back(b, CNS_PURPOSES_ON, purpose);
        if (!li && !opt_out && uses_li && !answered(b, CNS_PURPOSES_LI_ON, purpose))
            cns_base_choose(b, CNS_PURPOSES_LI_ON, purpose, true);
    }
}

/* What this notice does not ask about is permitted no more either, as when the SDK
 * replaces all lists. */
static void refuse_the_rest(cns_base *b, bool li) {
    const cns_tables *t = b->notice->tables;
    for (unsigned list = 0; list < (li ? CNS_LISTS : CNS_VENDORS_LI_ON); list += 2)
        for (uint32_t w = 0; w < cns_list_words(b->notice, list); w++)
            b->sets[list][w] &= cns_of_purposes(list) ? t->purposes[w] : t->vendors[w];
}

static bool objects_to_li(const cns_notice *n, cns_tri said) {
    const cns_value *preferences = CNS_AT(n->effective, "preferences");
    return said == CNS_YES ||
           (said == CNS_UNKNOWN && !cns_is(CNS_AT(preferences, "denyAppliesToLI"), CNS_FALSE));
}

/* Where the signal holds until the visitor chooses (R11), a choice ends it for what it names
 * and for nothing else: the rest is refused from now on. */
static bool heed_signal(cns_base *b) {
    const cns_notice *n = b->notice;
    if (!b->status->gpc || n->gpc != CNS_GPC_UNLESS_EXPLICIT)
        return false;
    for (uint32_t w = 0; w < n->tables->purpose_words; w++) {
        cns_word refused = n->tables->purposes[w] & ~n->asked->essential[w];
        b->sets[CNS_PURPOSES_LI_OFF][w] |= refused;
        b->sets[CNS_PURPOSES_LI_ON][w] &= ~refused;
    }
    return true;
}

/* Under an opt-out law the SDK takes an id that its token does not name for refused, so
 * what the visitor has not refused is named. */
static void name_the_rest(cns_base *b) {
    const cns_notice *n = b->notice;
    const cns_tables *t = n->tables;
    for (uint32_t w = 0; w < t->vendor_words; w++)
        b->sets[CNS_VENDORS_LI_ON][w] |=
            t->vendors[w] & ~t->listed[w] & ~b->sets[CNS_VENDORS_LI_OFF][w];
    for (uint32_t w = 0; w < t->purpose_words; w++)
        b->sets[CNS_PURPOSES_LI_ON][w] |=
            t->purposes[w] & ~n->asked->essential[w] & ~b->sets[CNS_PURPOSES_LI_OFF][w];
}

/* ------------------------------------------------------------------ writing */

cns_code cns_base_finish(char **out, size_t *out_len, cns_base *b, cns_writing *w,
                         const unsigned char random[CNS_ANSWER_RANDOM], bool chosen,
                         cns_error *err) {
    char id[CNS_USER_ID_TEXT + 1], now[CNS_WHEN_TEXT + 1], before[CNS_WHEN_TEXT + 1];
    const cns_status *s = b->status;
    const cns_notice *n = b->notice;
    w->user_id = s->user_id;
    if (!s->user_id.len || s->user_id.len > LONGEST_KEPT_ID) {
        cns_user_id_write(id, b->now, random);
        w->user_id = (cns_text){id, CNS_USER_ID_TEXT};
    }
    bool ahead = s->updated != CNS_NEVER && s->updated > b->now;
    cns_when written = b->now - (b->now - CNS_FIRST_WHEN) % 1000; /* to the millisecond */
    cns_when updated = ahead ? s->updated : written, created = s->created;
    cns_when_write(now, b->now);
    w->updated = ahead ? s->updated_text : (cns_text){now, CNS_WHEN_TEXT};
    w->created = s->created_text;
    /* R11: what the visitor chose counts before the signal only when it is later than
     * the first page view; what others chose must not look so */
    bool opt_out = n->group == CNS_OPT_OUT;
    if (created == CNS_NEVER || (!chosen && opt_out && !cns_status_explicit(s))) {
        w->created = w->updated;
        created = updated;
    }
    if (chosen && opt_out && n->gpc == CNS_GPC_UNLESS_EXPLICIT && created >= updated &&
        updated >= CNS_FIRST_WHEN + 1000) {
        cns_when_write(before, updated - 1000);
        w->created = (cns_text){before, CNS_WHEN_TEXT};
    }
    return cns_base_write(out, out_len, b, w, err);
}

cns_code cns_answer_write(char **out, size_t *out_len, const cns_notice *n, const cns_visit *visit,
                          const cns_answer *answer, cns_alloc alloc, cns_error *err) {
    cns_base base;
    cns_writing writing = {.replace = false};
    bool any = false;
    cns_code code = cns_base_open(&base, n, visit, alloc, err);
    if (code != CNS_OK)
        return code;
    bool signalled = heed_signal(&base);
    if (answer->kind == CNS_SET) {
        code = apply_choices(&base, answer, &any, err);
    } else {
        bool agreed = answer->kind == CNS_AGREE && !n->underage;
        bool li = agreed || n->underage || objects_to_li(n, answer->legitimate_interest);
        apply_to_all(&base, agreed, li, &any);
        writing.refuse = !agreed;
        writing.refuse_li = !agreed && (li || n->group == CNS_OPT_OUT);
        if (writing.refuse)
            refuse_the_rest(&base, writing.refuse_li);
    }
    /* a visitor who is asked again because of R6 has to be able to say the same again, and
     * one whose browser objects to choose what is stored already */
    bool same = !any || (base.counts && !answer->unstored && !base.status->ignored_but_kept &&
                         !cns_base_refused(&base) && !signalled && !cns_base_changed(&base) &&
                         !cns_base_permits(&base, &writing));
    if (code == CNS_OK && same) {
        *out = NULL;
        *out_len = 0;
    } else if (code == CNS_OK) {
        if (n->group == CNS_OPT_OUT && !n->underage)
            name_the_rest(&base);
        writing.objects = answer->kind != CNS_AGREE && cns_base_objects(&base);
        code = cns_base_finish(out, out_len, &base, &writing, answer->random, true, err);
    }
    cns_base_close(&base);
    return code;
}

/* ------------------------------------------------------------------ keeping */

/* A value as a cookie may hold it, its quotes taken off (RFC 6265). */
static bool plain(cns_text *value) {
    if (value->len >= 2 && value->text[0] == '"' && value->text[value->len - 1] == '"') {
        value->text++;
        value->len -= 2;
    }
    for (size_t i = 0; i < value->len; i++) {
        char c = value->text[i];
        if (!cns_is_alpha(c) && !cns_is_digit(c) && c != '+' && c != '/' && c != '=' && c != '%')
            return false;
    }
    return true;
}

static cns_code copied(char **out, size_t *out_len, cns_text value, cns_alloc alloc,
                       cns_error *err) {
    char *copy = cns_get(alloc, value.len);
    if (!copy)
        return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "memory ran out while writing a cookie");
    memcpy(copy, value.text, value.len);
    *out = copy;
    *out_len = value.len;
    return CNS_OK;
}

/* Of several tokens that have nothing in common no choice would be left: the visitor would
 * look like one who was never asked (and R11 would begin anew). They stay as they are. */
static cns_code drop_empty(char **text, size_t *len, const cns_base *b, cns_error *err) {
    cns_token_doc *doc;
    size_t ids = 0;
    cns_code code = cns_token_doc_read(&doc, *text, *len, CNS_MAX_OWN, b->alloc, err);
    for (unsigned list = 0; code == CNS_OK && list < CNS_LISTS; list++)
        ids += cns_token_doc_count(doc, list);
    if (code == CNS_OK)
        cns_token_doc_free(doc);
    if (code != CNS_OK || (ids == 0 && b->status->any_choice)) {
        cns_text_free(b->alloc, *text, *len);
        *text = NULL;
        *len = 0;
    }
    return code;
}

static cns_code write_kept(char **out, size_t *out_len, cns_base *b, const cns_visit *visit,
                           cns_error *err) {
    const cns_status *s = b->status;
    cns_text value = visit->cookies[s->source];
    if (b->token_count == 1 && plain(&value))
        return copied(out, out_len, value, b->alloc, err);
    cns_writing writing = {
        .user_id = s->user_id, .created = s->created_text, .updated = s->updated_text};
    cns_code code = cns_base_write(out, out_len, b, &writing, err);
    return code == CNS_OK && b->token_count > 1 ? drop_empty(out, out_len, b, err) : code;
}

cns_code cns_answer_stored(cns_token_doc **out, const cns_notice *n, const cns_visit *visit,
                           cns_alloc alloc, cns_error *err) {
    cns_base b;
    cns_code code = cns_base_open(&b, n, visit, alloc, err);
    if (code != CNS_OK)
        return code;
    cns_token_doc *doc = NULL;
    if (b.token_count == 1 && b.counts && !cns_base_refused(&b)) {
        doc = b.tokens[0].doc;
        b.tokens[0].doc = NULL;
    } else if (b.token_count) {
        char *text;
        size_t len;
        cns_writing writing = {.replace = false};
        code = cns_base_write_whole(&text, &len, &b, &writing, err);
        if (code == CNS_OK) {
            code = cns_token_doc_read(&doc, text, len, CNS_MAX_OWN, alloc, err);
            cns_text_free(alloc, text, len);
        }
    }
    cns_base_close(&b);
    if (code == CNS_OK)
        *out = doc;
    return code;
}

cns_code cns_answer_keep(char **out, size_t *out_len, int64_t *max_age, const cns_notice *n,
                         const cns_visit *visit, cns_alloc alloc, cns_error *err) {
    cns_base b;
    cns_code code = cns_base_open(&b, n, visit, alloc, err);
    if (code != CNS_OK)
        return code;
    int64_t left = 0;
    /* a token that stands beside an objection nobody can read says too little */
    if (b.counts && !cns_base_refused(&b) && !n->no_cookies) {
        cns_when from = b.status->updated < b.now ? b.status->updated : b.now;
        left = (cns_when_after(from, n->consent_duration) - b.now) / CNS_SECOND;
    }
    char *text = NULL;
    size_t len = 0;
    if (left > 0)
        code = write_kept(&text, &len, &b, visit, err);
    if (text && n->cookie_len + len > CNS_MAX_COOKIE) {
        cns_text_free(alloc, text, len);
        text = NULL;
        len = 0;
        if (visit->own)
            code = cns_failf(err, CNS_E_LIMIT, CNS_NO_OFFSET,
                             "the answer needs a cookie of more than %u bytes: offer fewer vendors "
                             "and purposes, or shorten their ids",
                             CNS_MAX_COOKIE);
    }
    if (code == CNS_OK) {
        *out = text;
        *out_len = len;
        *max_age = left;
    }
    cns_base_close(&b);
    return code;
}
