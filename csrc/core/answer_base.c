/* answer_base.c - what a visitor's cookies come to when they are to be changed. */
#include "answer.h"
#include "config.h"
#include "error.h"
#include "sorted.h"

static bool among(const cns_base_token *token, unsigned list, cns_text id) {
    return cns_sorted_has(token->foreign[list].ids, token->foreign[list].count, id);
}

/* ------------------------------------------------------------------ opening */

static uint32_t number_of(const cns_notice *n, unsigned list, cns_text id) {
    const cns_ids *ids = &n->config->ids;
    return cns_of_purposes(list) ? cns_ids_purpose(ids, id.text, id.len)
                                 : cns_tables_vendor(n->tables, ids, id.text, id.len);
}

static bool collect_foreign(cns_base *b, cns_base_token *token) {
    for (unsigned list = 0; list < CNS_LISTS; list++) {
        size_t count = cns_token_doc_count(token->doc, list), found = 0;
        cns_text *foreign = cns_arena_zero(&b->arena, count, sizeof *foreign);
        if (!foreign)
            return false;
        for (size_t i = 0; i < count; i++) {
            cns_text id = cns_token_doc_id(token->doc, list, i);
            if (number_of(b->notice, list, id) == CNS_NO_ID)
                foreign[found++] = id;
        }
        cns_sort(foreign, found);
        token->foreign[list].ids = foreign;
        token->foreign[list].count = found;
    }
    return true;
}

/* The readable tokens, the one that gives the fields first. */
static bool take_tokens(cns_base *b, const cns_visit *visit) {
    const cns_status *s = b->status;
    for (unsigned k = 0; !s->dcs && k <= CNS_MAX_SAME_NAME; k++) {
        unsigned cookie = k ? k - 1 : s->source;
        if (!(s->readable >> cookie & 1) || (k && cookie == s->source))
            continue;
        cns_base_token *token = &b->tokens[b->token_count];
        const cns_text *value = &visit->cookies[cookie];
        if (cns_token_doc_read(&token->doc, value->text, value->len, CNS_MAX_OWN, b->alloc, NULL) !=
            CNS_OK)
            return false;
        b->token_count++;
        token->counts = s->counting >> cookie & 1;
        if (!collect_foreign(b, token))
            return false;
    }
    return true;
}

/* What cannot be read refuses everything on the bases in use, whatever stands beside it
 * (R10, where all is on legitimate interest; R3). */
static void refuse_all(cns_base *b) {
    const cns_notice *n = b->notice;
    const cns_tables *t = n->tables;
    bool opt_out = n->group == CNS_OPT_OUT;
    const cns_word *uses[] = {t->vendors_consent, t->on_consent, t->vendors_li, t->on_li};
    const cns_word *all[] = {t->vendors, t->purposes, t->vendors, t->purposes};
    for (unsigned list = opt_out ? CNS_VENDORS_LI_ON : 0; list < CNS_LISTS; list += 2)
        for (uint32_t w = 0; w < cns_list_words(n, list); w++) {
            const cns_word *essential =
                cns_of_purposes(list) ? n->asked->essential : n->asked->essential_only;
            b->stored[list][w] = 0;
            b->stored[list + 1][w] |= (opt_out ? all : uses)[list / 2][w] & ~essential[w];
        }
}

static bool take_sets(cns_base *b, bool nothing) {
    const cns_notice *n = b->notice;
    const cns_tables *t = n->tables;
    size_t words = 4 * ((size_t)t->vendor_words + t->purpose_words);
    cns_word *at = cns_arena_zero(&b->arena, 2 * words, sizeof *at);
    if (!at)
        return false;
    for (unsigned list = 0; list < CNS_LISTS; list++) {
        b->stored[list] = at;
        b->sets[list] = at + words;
        at += cns_list_words(n, list);
        /* an objection to what is essential here may count where the law is the same and
         * the configuration another */
        bool drop = cns_of_purposes(list) && !(list & 1 && n->group == CNS_OPT_OUT);
        for (uint32_t w = 0; !nothing && w < cns_list_words(n, list); w++)
            b->stored[list][w] = b->status->stored[list][w] & ~(drop ? n->asked->essential[w] : 0);
    }
    if (cns_base_refused(b))
        refuse_all(b);
    memcpy(b->sets[0], b->stored[0], words * sizeof *at);
    return true;
}

cns_code cns_base_open(cns_base *b, const cns_notice *n, const cns_visit *visit, cns_alloc alloc,
                       cns_error *err) {
    cns_visit settled = *visit;
    settled.settled = true;
    settled.before = NULL;
    memset(b, 0, sizeof *b);
    b->alloc = alloc;
    b->notice = n;
    cns_arena_init(&b->arena, alloc);
    cns_code code = cns_status_new(&b->status, n, &settled, alloc, err);
    if (code != CNS_OK)
        return code;
    b->now = visit->now < CNS_FIRST_WHEN  ? CNS_FIRST_WHEN
             : visit->now > CNS_LAST_WHEN ? CNS_LAST_WHEN
                                          : visit->now;
    b->tc = b->status->tc_counting != 0;
    b->counts = b->status->counting != 0 || b->tc;
    /* without an answer in force an opt-in visitor begins anew; objections never end */
    bool nothing = n->group == CNS_OPT_IN && !b->counts;
    if ((nothing || take_tokens(b, visit)) && take_sets(b, nothing))
        return CNS_OK;
    cns_base_close(b);
    return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "memory ran out while reading the cookies");
}

void cns_base_close(cns_base *b) {
    for (size_t i = 0; i < b->token_count; i++)
        cns_token_doc_free(b->tokens[i].doc);
    cns_status_free(b->status);
    cns_arena_release(&b->arena);
    memset(b, 0, sizeof *b);
}

bool cns_base_changed(const cns_base *b) {
    for (unsigned list = 0; list < CNS_LISTS; list++)
        for (uint32_t w = 0; w < cns_list_words(b->notice, list); w++)
            if (b->sets[list][w] != b->stored[list][w])
                return true;
    return false;
}

/* Google's vendors with permission, which have no other place in a token (docs/didomi.md,
 * Tokens); absent where there are none. */
static const cns_value *other_vendors(const cns_base_token *token) {
    const cns_value *ac = CNS_AT(cns_token_doc_value(token->doc), "ac");
    return ac && ac->kind != CNS_NULL ? ac : NULL;
}

bool cns_base_permits(const cns_base *b, const cns_writing *w) {
    for (size_t i = 0; i < b->token_count; i++) {
        if (w->refuse && other_vendors(&b->tokens[i]))
            return true;
        for (unsigned list = 0; list < CNS_LISTS; list += 2)
            if ((list < CNS_VENDORS_LI_ON ? w->refuse : w->refuse_li) && b->tokens[i].counts &&
                b->tokens[i].foreign[list].count)
                return true;
    }
    return false;
}

/* ------------------------------------------------------------------ writing */

/* The first token's permission for Google's vendors, where it still holds: all that count
 * give the same (R8), and nothing takes it back. */
static const cns_value *kept_vendors(const cns_base *b, const cns_writing *w) {
    if (!b->token_count || w->bare)
        return NULL;
    const cns_value *first = other_vendors(&b->tokens[0]);
    if (!first) /* a null stays */
        return CNS_AT(cns_token_doc_value(b->tokens[0].doc), "ac");
    if (!b->tokens[0].counts || w->replace || w->refuse)
        return NULL;
    for (size_t i = 1; i < b->token_count; i++) {
        const cns_value *other = other_vendors(&b->tokens[i]);
        if (b->tokens[i].counts &&
            !(cns_is_string(first) && other && cns_is_string(other) && first->len == other->len &&
              memcmp(first->u.text, other->u.text, first->len) == 0))
            return NULL;
    }
    return first;
}

/* Is an id that means nothing here still enabled or disabled (R8)? `k` is the number
 * of the token that it was found in. */
static bool carries_over(const cns_base *b, const cns_writing *w, unsigned list, size_t k,
                         cns_text id) {
    bool off = list & 1, objection = off && b->notice->group == CNS_OPT_OUT;
    if (w->barest || ((w->bare || w->replace) && !objection))
        return false;
    if (!off && (list < CNS_VENDORS_LI_ON ? w->refuse : w->refuse_li))
        return false;
    for (size_t i = 0; i < b->token_count; i++) {
        const cns_base_token *token = &b->tokens[i];
        if (off ? i < k && among(token, list, id)
                : among(token, list + 1, id) || (token->counts && !among(token, list, id)))
            return false; /* off: written already */
    }
    return off || b->tokens[k].counts;
}

static cns_text own_id(const cns_base *b, unsigned list, uint32_t number) {
    const cns_ids *ids = &b->notice->config->ids;
    cns_span id = cns_of_purposes(list) ? ids->purposes[number]
                                        : cns_tables_sdk(b->notice->tables, ids, number);
    return (cns_text){id.text, id.len};
}

/* The ids of a list: those that go first, then as they stood, then those that are new. */
static bool collect(cns_text **out, size_t *out_count, cns_base *b, const cns_writing *w,
                    unsigned list) {
    const cns_ids *ids = &b->notice->config->ids;
    uint32_t words = cns_list_words(b->notice, list);
    bool purposes = cns_of_purposes(list);
    size_t room = 0, used = 0;
    for (uint32_t i = 0; i < words; i++)
        for (cns_word left = b->sets[list][i]; left; left &= left - 1)
            room++;
    for (size_t k = 0; k < b->token_count; k++)
        room += cns_token_doc_count(b->tokens[k].doc, list);
    cns_text *texts = cns_arena_zero(&b->arena, room, sizeof *texts);
    cns_word *left = cns_arena_zero(&b->arena, words, sizeof *left);
    if (!texts || !left)
        return false;
    memcpy(left, b->sets[list], words * sizeof *left);
    for (size_t i = 0; i < w->first[list].count; i++) {
        uint32_t number = w->first[list].numbers[i];
        if (!cns_has(left, number))
            continue; /* refused after all, or given twice */
        texts[used++] = own_id(b, list, number);
        cns_drop_bit(left, number);
    }
    for (size_t k = 0; k < (list & 1 ? b->token_count : b->token_count > 0); k++)
        for (size_t i = 0; i < cns_token_doc_count(b->tokens[k].doc, list); i++) {
            cns_text id = cns_token_doc_id(b->tokens[k].doc, list, i);
            uint32_t number = number_of(b->notice, list, id);
            if (number == CNS_NO_ID) {
                if (carries_over(b, w, list, k, id))
                    texts[used++] = id;
            } else if (cns_has(left, number)) {
                texts[used++] = id;
                cns_drop_bit(left, number);
            }
        }
    for (uint32_t number = 0, count = purposes ? ids->purpose_count : ids->vendor_count;
         number < count; number++)
        if (cns_has(left, number))
            texts[used++] = own_id(b, list, number);
    *out = texts;
    *out_count = used;
    return true;
}

static cns_value *text_value(cns_arena *arena, cns_text text) {
    cns_value *value = cns_arena_zero(arena, 1, sizeof *value);
    if (value) {
        value->kind = CNS_STRING;
        value->len = (uint32_t)text.len;
        value->u.text = text.text;
    }
    return value;
}

static cns_value *array_value(cns_arena *arena, const cns_text *texts, size_t count) {
    cns_value *array = cns_arena_zero(arena, 1, sizeof *array);
    cns_value *items = cns_arena_zero(arena, count, sizeof *items);
    if (!array || !items)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        items[i].kind = CNS_STRING;
        items[i].len = (uint32_t)texts[i].len;
        items[i].u.text = texts[i].text;
    }
    array->kind = CNS_ARRAY;
    array->len = (uint32_t)count;
    array->u.items = items;
    return array;
}

/* A member to write; without a value it is left out. */
typedef struct entry {
    cns_span key;
    const cns_value *value;
} entry;

/* `old` (which may be NULL) with these members in the place of its own, new ones last. */
static const cns_value *overlay(cns_arena *arena, const cns_value *old, const entry *entries,
                                size_t count) {
    uint32_t olds = cns_is_object(old) ? old->len : 0, used = 0;
    cns_member *members = cns_arena_zero(arena, olds + count, sizeof *members);
    unsigned seen = 0;
    if (!members)
        return NULL;
    for (uint32_t i = 0; i < olds; i++) {
        cns_member member = old->u.table->members[i];
        for (size_t k = 0; k < count; k++)
            if (cns_span_is(entries[k].key, member.key, member.key_len)) {
                member.value = entries[k].value;
                seen |= 1u << k;
            }
        if (member.value)
            members[used++] = member;
    }
    for (size_t k = 0; k < count; k++)
        if (!(seen >> k & 1) && entries[k].value)
            members[used++] =
                (cns_member){entries[k].key.text, (uint32_t)entries[k].key.len,
                             cns_hash(entries[k].key.text, entries[k].key.len), entries[k].value};
    return cns_object_new(arena, members, used);
}

/* `{"enabled": [...], "disabled": [...]}`, *out NULL when nothing would be in it. */
static bool pair(const cns_value **out, cns_base *b, const cns_writing *w, const cns_value *old,
                 unsigned list) {
    entry entries[2] = {{CNS_SPAN("enabled"), NULL}, {CNS_SPAN("disabled"), NULL}};
    for (unsigned side = 0; side < 2; side++) {
        cns_text *texts;
        size_t count;
        if (!collect(&texts, &count, b, w, list + side))
            return false;
        if (count && !(entries[side].value = array_value(&b->arena, texts, count)))
            return false;
    }
    const cns_value *object = overlay(&b->arena, old, entries, 2);
    *out = object && object->len ? object : NULL;
    return object != NULL;
}

static cns_code no_memory(cns_error *err) {
    return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "memory ran out while writing the token");
}

cns_code cns_base_write_whole(char **out, size_t *out_len, cns_base *b, const cns_writing *w,
                              cns_error *err) {
    static const char *const pairs[] = {"vendors", "purposes", "vendors_li", "purposes_li"};
    static const cns_value two = {.kind = CNS_INT, .offset = CNS_NO_OFFSET, .u.i = 2};
    static const cns_value yes = {.kind = CNS_TRUE, .offset = CNS_NO_OFFSET};
    const cns_value *old =
        b->token_count && !w->bare ? cns_token_doc_value(b->tokens[0].doc) : NULL;
    entry entries[10] = {{CNS_SPAN("user_id"), text_value(&b->arena, w->user_id)},
                         {CNS_SPAN("created"), text_value(&b->arena, w->created)},
                         {CNS_SPAN("updated"), text_value(&b->arena, w->updated)}};
    if (!entries[0].value || !entries[1].value || !entries[2].value)
        return no_memory(err);
    for (size_t i = 0; i < 3; i++)
        if (!entries[i].value->u.text)
            entries[i].value = NULL; /* there is none */
    for (unsigned i = 0; i < 4; i++) {
        entry *e = &entries[3 + i];
        e->key = (cns_span){pairs[i], strlen(pairs[i])};
        if (!pair(&e->value, b, w, cns_at(old, e->key), 2 * i))
            return no_memory(err);
    }
    const cns_value *version = CNS_AT(old, "version"), *dns = CNS_AT(old, "dns");
    entries[7] =
        (entry){CNS_SPAN("version"), version && version->kind != CNS_NULL ? version : &two};
    /* "do not sell" is an objection, whichever token says so */
    bool said = dns && dns->kind != CNS_FALSE && dns->kind != CNS_NULL;
    bool objects = w->objects || (b->notice->group == CNS_OPT_OUT && b->status->do_not_sell);
    entries[8] = (entry){CNS_SPAN("dns"), said || !objects ? dns : &yes};
    entries[9] = (entry){CNS_SPAN("ac"), kept_vendors(b, w)};
    const cns_value *token = overlay(&b->arena, old, entries, 10);
    return token ? cns_token_write(out, out_len, token, b->alloc, err) : no_memory(err);
}

cns_code cns_base_write(char **out, size_t *out_len, cns_base *b, cns_writing *w, cns_error *err) {
    char *text, *shorter;
    size_t len, shorter_len, most = CNS_MAX_COOKIE - b->notice->cookie_len;
    cns_code code = cns_base_write_whole(&text, &len, b, w, err);
    if (code != CNS_OK)
        return code;
    /* what a visitor sends must not keep the answer from being stored; objections go last */
    while (len > most && b->token_count && !w->barest) {
        w->barest = w->bare;
        w->bare = true;
        code = cns_base_write_whole(&shorter, &shorter_len, b, w, err);
        bool fits = code == CNS_OK && shorter_len <= most;
        if (code != CNS_OK || fits)
            cns_text_free(b->alloc, text, len);
        else
            cns_text_free(b->alloc, shorter, shorter_len);
        if (code != CNS_OK)
            return code;
        if (fits) {
            text = shorter;
            len = shorter_len;
        }
    }
    *out = text;
    *out_len = len;
    return CNS_OK;
}
