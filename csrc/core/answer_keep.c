/* answer_keep.c - the cookies that keep an answer as it is. */
#include "answer.h"
#include "config.h"
#include "error.h"

/* A value as a cookie may hold it, its quotes taken off (RFC 6265). */
static bool plain(cns_text *value) {
    *value = cns_unquoted(*value);
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
    } else if (b.token_count || (b.status->dcs && b.status->readable)) {
        cns_base_leave_to_tc(&b);
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

void cns_kept_release(cns_kept_cookies *kept, cns_alloc alloc) {
    for (unsigned i = 0; i < CNS_COOKIES; i++)
        cns_text_free(alloc, kept->of[i].text, kept->of[i].len);
    memset(kept, 0, sizeof *kept);
}

/* Drops a value that no cookie can hold. */
static bool fits(cns_kept_cookies *kept, cns_cookie which, const cns_notice *n, cns_alloc alloc) {
    size_t len = kept->of[which].len;
    if (!kept->of[which].text || cns_notice_cookie_name(n, which).len + len <= CNS_MAX_COOKIE)
        return true;
    cns_text_free(alloc, kept->of[which].text, len);
    kept->of[which].text = NULL;
    kept->of[which].len = 0;
    return false;
}

static cns_code too_long(cns_error *err) {
    return cns_failf(err, CNS_E_LIMIT, CNS_NO_OFFSET,
                     "the answer needs a cookie of more than %u bytes: offer fewer vendors "
                     "and purposes, shorten their ids, or give them numbers in the catalog",
                     CNS_MAX_COOKIE);
}

/* The answer of a visitor who sent tokens, or of one who answered here. */
static cns_code keep_token(cns_kept_cookies *out, cns_base *b, const cns_visit *visit,
                           const cns_keeping *keeping, cns_error *err) {
    const cns_notice *n = b->notice;
    cns_cookie token = CNS_COOKIE_TOKEN, dcs = CNS_COOKIE_DCS;
    cns_code code = CNS_OK;
    if (visit->own && keeping->dcs)
        code = cns_base_write_dcs(&out->of[dcs].text, &out->of[dcs].len, b, keeping, err);
    if (code != CNS_OK || (out->of[dcs].text && fits(out, dcs, n, b->alloc)))
        return code;
    code = write_kept(&out->of[token].text, &out->of[token].len, b, visit, err);
    if (code != CNS_OK || fits(out, token, n, b->alloc) || !visit->own)
        return code;
    code = cns_base_write_dcs(&out->of[dcs].text, &out->of[dcs].len, b, keeping, err);
    if (code != CNS_OK || (out->of[dcs].text && fits(out, dcs, n, b->alloc)))
        return code;
    return too_long(err);
}

/* Without its other segments, in which anything may stand, where no cookie could hold them
 * (RFC 6265). */
static cns_text in_a_cookie(cns_text dcs) {
    size_t sections = dcs.len;
    for (size_t i = dcs.len; i-- > 0;)
        if (dcs.text[i] == '.' || dcs.text[i] == '~')
            sections = i;
    for (size_t i = sections; i < dcs.len; i++) {
        char c = dcs.text[i];
        if (c <= ' ' || c > '~' || c == '"' || c == ',' || c == ';' || c == '\\')
            return (cns_text){dcs.text, sections};
    }
    return dcs;
}

/* Of a visitor who sent Didomi Consent Strings. */
static cns_code keep_dcs(cns_kept_cookies *out, cns_base *b, const cns_visit *visit,
                         cns_error *err) {
    const cns_status *s = b->status;
    cns_cookie dcs = visit->dcs_plain && s->notice->strings.dcs.len > s->notice->strings.dcs_plain
                         ? CNS_COOKIE_DCS_PLAIN
                         : CNS_COOKIE_DCS;
    unsigned read = 0;
    for (unsigned i = 0; i < CNS_MAX_SAME_NAME; i++)
        read += s->readable >> i & 1;
    cns_code code = CNS_OK;
    if (read == 1 && s->dcs_text.text) {
        code =
            copied(&out->of[dcs].text, &out->of[dcs].len, in_a_cookie(s->dcs_text), b->alloc, err);
    } else if (read > 1) {
        cns_keeping common = {.dcs = true};
        dcs = CNS_COOKIE_DCS;
        code = cns_base_write_dcs(&out->of[dcs].text, &out->of[dcs].len, b, &common, err);
    }
    if (code == CNS_OK)
        (void)fits(out, dcs, b->notice, b->alloc);
    return code;
}

static cns_code keep_tc(cns_kept_cookies *out, cns_base *b, const cns_visit *visit,
                        cns_error *err) {
    cns_cookie tc = CNS_COOKIE_TC;
    cns_text text = b->status->tc;
    if (!text.text)
        return CNS_OK;
    cns_code code = copied(&out->of[tc].text, &out->of[tc].len, text, b->alloc, err);
    if (code == CNS_OK && !fits(out, tc, b->notice, b->alloc) && visit->own)
        return too_long(err);
    return code;
}

cns_code cns_answer_keep(cns_kept_cookies *out, const cns_notice *n, const cns_visit *visit,
                         const cns_keeping *keeping, cns_alloc alloc, cns_error *err) {
    cns_base b;
    memset(out, 0, sizeof *out);
    cns_code code = cns_base_open(&b, n, visit, alloc, err);
    if (code != CNS_OK)
        return code;
    /* a token that stands beside an objection nobody can read says too little */
    if (b.counts && !cns_base_refused(&b) && !n->no_cookies) {
        cns_when from = b.status->updated < b.now ? b.status->updated : b.now;
        out->max_age = (cns_when_after(from, n->consent_duration) - b.now) / CNS_SECOND;
    }
    cns_base_leave_to_tc(&b);
    if (out->max_age > 0) {
        if (b.status->dcs)
            code = keep_dcs(out, &b, visit, err);
        else if (b.status->counting)
            code = keep_token(out, &b, visit, keeping, err);
        if (code == CNS_OK)
            code = keep_tc(out, &b, visit, err);
    }
    cns_base_close(&b);
    if (code != CNS_OK)
        cns_kept_release(out, alloc);
    return code;
}
