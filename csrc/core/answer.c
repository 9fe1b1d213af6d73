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
        if (c->vendor && cns_of_tc(n, c->number) && !cns_writes_tc(n))
            return cns_fail(err, CNS_E_SHAPE, CNS_NO_OFFSET,
                            "the answer for an IAB vendor stands in the TC string: configure the "
                            "site's own consentpy.cmpId, or have a CMP write it");
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

/* A vendor of the Global Vendor List is never written into a token by the SDK. Under an opt-in
 * law its answer is in the TC string, elsewhere its purposes say enough, and a list of a thousand
 * would fit into no cookie. What is stored and says otherwise goes; a string that cannot be
 * written anew stays while it allows no more than the visitor does. */
static void forget_vendor(cns_base *b, uint32_t vendor, bool agreed) {
    if (agreed && b->tc)
        return;
    cns_drop_bit(b->sets[agreed ? CNS_VENDORS_OFF : CNS_VENDORS_ON], vendor);
    cns_drop_bit(b->sets[agreed ? CNS_VENDORS_LI_OFF : CNS_VENDORS_LI_ON], vendor);
}

static void apply_to_all(cns_base *b, bool agreed, bool li, bool *any) {
    const cns_notice *n = b->notice;
    const cns_tables *t = n->tables;
    bool opt_out = n->group == CNS_OPT_OUT;
    for (uint32_t i = 0; i < t->vendor_count; i++) {
        uint32_t vendor = t->vendor_order[i];
        if (cns_has(t->listed, vendor) && !cns_writes_tc(n)) {
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

void cns_written_release(cns_written *w, cns_alloc alloc) {
    cns_text_free(alloc, w->token, w->token_len);
    cns_text_free(alloc, w->tc, w->tc_len);
    *w = (cns_written){NULL, 0, NULL, 0, false};
}

void cns_written_visit(cns_visit *visit, const cns_written *w, cns_text values[2]) {
    visit->settled = true;
    visit->before = NULL;
    if (!w->token)
        return;
    values[0] = (cns_text){w->token, w->token_len};
    values[1] = (cns_text){w->tc, w->tc_len};
    visit->cookies = &values[0];
    visit->cookie_count = 1;
    visit->own = true;
    visit->cut = visit->not_text = false;
    visit->dcs = (cns_sent){NULL, 0, false};
    if (!w->keeps_tc)
        visit->tc = (cns_sent){&values[1], w->tc != NULL, false};
}

/* Writes the TC string and the token of what the sets have become. */
static cns_code write_all(cns_written *out, cns_base *b, const cns_answer *answer,
                          cns_writing *writing, cns_error *err) {
    const cns_notice *n = b->notice;
    cns_tc_fate fate;
    if (n->group == CNS_OPT_OUT && !n->underage)
        name_the_rest(b);
    cns_code code = cns_base_settle_tc(&fate, &out->tc, &out->tc_len, b, err);
    if (code != CNS_OK)
        return code;
    out->keeps_tc = fate == CNS_TC_STAYS;
    writing->objects = answer->kind != CNS_AGREE && cns_base_objects(b);
    return cns_base_finish(&out->token, &out->token_len, b, writing, answer->random, true, err);
}

cns_code cns_answer_write(cns_written *out, const cns_notice *n, const cns_visit *visit,
                          const cns_answer *answer, cns_alloc alloc, cns_error *err) {
    cns_base base;
    cns_writing writing = {.replace = false};
    bool any = false;
    *out = (cns_written){NULL, 0, NULL, 0, true};
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
    if (code == CNS_OK && !same)
        code = write_all(out, &base, answer, &writing, err);
    cns_base_close(&base);
    if (code != CNS_OK)
        cns_written_release(out, alloc);
    return code;
}
