/* token_doc.c - a token taken apart for readers, and written again. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "base64.h"
#include "error.h"
#include "token.h"
#include "value.h"

struct cns_token_doc {
    cns_alloc alloc;
    cns_arena arena;
    cns_text *ids;
    size_t first[CNS_LISTS], count[CNS_LISTS];
    cns_text fields[3];
    cns_doc *doc; /* may be NULL */
    bool contradicts;
};

static bool keep(cns_arena *arena, cns_text *out, const cns_token *token, cns_token_span span) {
    char *room = cns_arena_get(arena, 2 * (size_t)span.len + 1);
    if (!room)
        return false;
    cns_span text = cns_token_text(token, span, room);
    if (text.text != room)
        memcpy(room, text.text, text.len);
    room[text.len] = '\0';
    *out = (cns_text){room, text.len};
    return true;
}

/* The JSON as UTF-8, read as a value; NULL when configuration JSON may not be so.
 * False when memory ran out. */
static bool as_value(cns_doc **out, const cns_token *token, cns_alloc alloc) {
    size_t room = 2 * token->json_len + 1, len = 0;
    char *utf8 = cns_get(alloc, room);
    if (!utf8)
        return false;
    for (size_t i = 0; i < token->json_len; i++) {
        unsigned char c = (unsigned char)token->json[i];
        if (c < 0x80) {
            utf8[len++] = (char)c;
        } else {
            utf8[len++] = (char)(0xC0 | c >> 6);
            utf8[len++] = (char)(0x80 | (c & 63));
        }
    }
    cns_code code = cns_json_read(out, utf8, len, alloc, NULL);
    cns_drop(alloc, utf8, room);
    return code != CNS_E_NOMEM;
}

static bool same(cns_text a, cns_text b) {
    return a.len == b.len && memcmp(a.text, b.text, a.len) == 0;
}

/* Does an id stand in both lists? A table over one, look-ups of the other. */
static bool contradicts(bool *found, cns_arena *arena, const cns_token_doc *d, unsigned list) {
    size_t size = 16;
    while (size < 2 * d->count[list])
        size *= 2;
    uint32_t *slots = cns_arena_zero(arena, size, sizeof *slots);
    if (!slots)
        return false;
    const cns_text *on = d->ids + d->first[list], *off = d->ids + d->first[list + 1];
    for (size_t i = 0; i < d->count[list]; i++) {
        size_t at = cns_hash(on[i].text, on[i].len) & (size - 1);
        while (slots[at] && !same(on[slots[at] - 1], on[i]))
            at = (at + 1) & (size - 1);
        slots[at] = (uint32_t)i + 1;
    }
    for (size_t i = 0; i < d->count[list + 1]; i++)
        for (size_t at = cns_hash(off[i].text, off[i].len) & (size - 1); slots[at];
             at = (at + 1) & (size - 1))
            if (same(on[slots[at] - 1], off[i]))
                *found = true;
    return true;
}

static bool take(cns_token_doc *d, const cns_token *t) {
    size_t total = 0;
    for (unsigned list = 0; list < CNS_LISTS; list++)
        total += t->lists[list].count;
    d->ids = cns_arena_zero(&d->arena, total, sizeof *d->ids);
    if (!d->ids)
        return false;
    size_t at = 0;
    for (unsigned list = 0; list < CNS_LISTS; list++) {
        d->first[list] = at;
        d->count[list] = t->lists[list].count;
        for (uint32_t i = 0; i < t->lists[list].count; i++)
            if (!keep(&d->arena, &d->ids[at++], t, t->ids[t->lists[list].first + i]))
                return false;
    }
    for (unsigned list = 0; list < CNS_LISTS; list += 2)
        if (!contradicts(&d->contradicts, &d->arena, d, list))
            return false;
    return (!t->has_user_id || keep(&d->arena, &d->fields[CNS_TOKEN_USER_ID], t, t->user_id)) &&
           (!t->has_created || keep(&d->arena, &d->fields[CNS_TOKEN_CREATED], t, t->created)) &&
           (!t->has_updated || keep(&d->arena, &d->fields[CNS_TOKEN_UPDATED], t, t->updated));
}

static cns_code decode_error(cns_error *err, const char *reason, uint32_t offset) {
    cns_failf(err, CNS_E_DECODE, offset,
              "this is not a Didomi token (%s): paste the whole value of the cookie", reason);
    if (err)
        cns_copy_text(err->path, sizeof err->path, reason, strlen(reason));
    return CNS_E_DECODE;
}

cns_code cns_token_doc_new(cns_token_doc **out, const char *value, size_t len, cns_alloc alloc,
                           cns_error *err) {
    return cns_token_doc_read(out, value, len, CNS_MAX_PASTED, alloc, err);
}

cns_code cns_token_doc_read(cns_token_doc **out, const char *value, size_t len, size_t most,
                            cns_alloc alloc, cns_error *err) {
    cns_token token;
    const char *reason;
    uint32_t offset;
    cns_code code = cns_token_scan(&token, &reason, &offset, value, len, most, NULL, alloc);
    if (code == CNS_E_DECODE)
        return decode_error(err, reason, offset);
    cns_token_doc *d = code == CNS_OK ? cns_get(alloc, sizeof *d) : NULL;
    if (d) {
        memset(d, 0, sizeof *d);
        d->alloc = alloc;
        cns_arena_init(&d->arena, alloc);
        if (take(d, &token) && as_value(&d->doc, &token, alloc)) {
            cns_token_release(&token);
            *out = d;
            return CNS_OK;
        }
        cns_token_doc_free(d);
    }
    if (code == CNS_OK)
        cns_token_release(&token);
    return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "memory ran out while reading the token");
}

void cns_token_doc_free(cns_token_doc *d) {
    if (!d)
        return;
    cns_alloc alloc = d->alloc;
    cns_doc_free(d->doc);
    cns_arena_release(&d->arena);
    cns_drop(alloc, d, sizeof *d);
}

size_t cns_token_doc_count(const cns_token_doc *d, unsigned list) {
    return d->count[list];
}

cns_text cns_token_doc_id(const cns_token_doc *d, unsigned list, size_t index) {
    return d->ids[d->first[list] + index];
}

cns_text cns_token_doc_field(const cns_token_doc *d, cns_token_field field) {
    return d->fields[field];
}

const cns_value *cns_token_doc_value(const cns_token_doc *d) {
    return d->doc ? d->doc->root : NULL;
}

bool cns_token_doc_contradicts(const cns_token_doc *d) {
    return d->contradicts;
}

/* ------------------------------------------------------------------ writing */

typedef struct sink {
    cns_alloc alloc;
    char *text;
    size_t len, cap;
    bool failed;
} sink;

static void put(sink *to, const char *text, size_t len) {
    if (to->failed)
        return;
    if (to->cap - to->len < len) {
        size_t cap = cns_add(to->cap * 2, len + 256);
        char *grown = to->alloc.resize(to->alloc.ctx, to->text, to->cap, cap);
        if (!grown) {
            to->failed = true;
            return;
        }
        to->text = grown;
        to->cap = cap;
    }
    memcpy(to->text + to->len, text, len);
    to->len += len;
}

/* Escapes beyond ASCII: readers that take the bytes for Latin-1, as the SDK does, and
 * readers that take them for UTF-8 get the same text. */
static void put_string(sink *to, const char *text, size_t len) {
    put(to, "\"", 1);
    for (size_t i = 0; i < len;) {
        unsigned char c = (unsigned char)text[i];
        char small[16];
        if (c < 0x80) {
            i++;
            if (c == '"' || c == '\\') {
                small[0] = '\\';
                small[1] = (char)c;
                put(to, small, 2);
            } else if (c < 0x20) {
                put(to, small, (size_t)snprintf(small, sizeof small, "\\u%04x", c));
            } else {
                put(to, text + i - 1, 1);
            }
            continue;
        }
        unsigned more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : 1;
        uint32_t code = c & (0x3Fu >> more);
        for (unsigned k = 1; k <= more; k++)
            code = code << 6 | ((unsigned char)text[i + k] & 63);
        i += more + 1;
        if (code < 0x10000) {
            put(to, small, (size_t)snprintf(small, sizeof small, "\\u%04x", (unsigned)code));
        } else {
            code -= 0x10000;
            put(to, small,
                (size_t)snprintf(small, sizeof small, "\\u%04x\\u%04x",
                                 (unsigned)(0xD800 + (code >> 10)),
                                 (unsigned)(0xDC00 + (code & 0x3FF))));
        }
    }
    put(to, "\"", 1);
}

/* With as few digits as read back as the same number. */
static void put_real(sink *to, double value) {
    char small[40];
    if (isinf(value)) {
        put(to, value < 0 ? "-1e999" : "1e999", value < 0 ? 6 : 5);
        return;
    }
    int len = 0;
    for (int digits = 15; digits <= 17; digits++) {
        len = snprintf(small, sizeof small, "%.*g", digits, value);
        if (strtod(small, NULL) == value)
            break;
    }
    for (int i = 0; i < len; i++)
        if (small[i] == ',') /* the decimal point of some locales */
            small[i] = '.';
    put(to, small, (size_t)len);
}

static void put_value(sink *to, const cns_value *value) {
    char small[40];
    switch ((cns_kind)value->kind) {
    case CNS_NULL:
        put(to, "null", 4);
        break;
    case CNS_FALSE:
        put(to, "false", 5);
        break;
    case CNS_TRUE:
        put(to, "true", 4);
        break;
    case CNS_INT:
        put(to, small, (size_t)snprintf(small, sizeof small, "%lld", (long long)value->u.i));
        break;
    case CNS_BIGINT:
        put(to, value->u.text, value->len);
        break;
    case CNS_REAL:
        put_real(to, value->u.d);
        break;
    case CNS_STRING:
        put_string(to, value->u.text, value->len);
        break;
    case CNS_ARRAY:
        put(to, "[", 1);
        for (uint32_t i = 0; i < value->len; i++) {
            if (i)
                put(to, ",", 1);
            put_value(to, &value->u.items[i]);
        }
        put(to, "]", 1);
        break;
    case CNS_OBJECT:
        put(to, "{", 1);
        for (uint32_t i = 0; i < value->len; i++) {
            const cns_member *member = &value->u.table->members[i];
            if (i)
                put(to, ",", 1);
            put_string(to, member->key, member->key_len);
            put(to, ":", 1);
            put_value(to, member->value);
        }
        put(to, "}", 1);
        break;
    }
}

void cns_text_free(cns_alloc alloc, char *text, size_t len) {
    cns_drop(alloc, text, len);
}

cns_code cns_token_write(char **out, size_t *out_len, const cns_value *token, cns_alloc alloc,
                         cns_error *err) {
    sink to = {alloc, NULL, 0, 0, false};
    if (!cns_is_object(token))
        return cns_fail(err, CNS_E_SHAPE, CNS_NO_OFFSET, "a token is an object: give a mapping");
    put_value(&to, token);
    size_t len = 4 * ((to.len + 2) / 3);
    char *text = to.failed ? NULL : cns_get(alloc, len);
    if (text)
        (void)cns_base64_write(text, (const unsigned char *)to.text, to.len);
    cns_drop(alloc, to.text, to.cap);
    if (!text)
        return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "memory ran out while writing the token");
    *out = text;
    *out_len = len;
    return CNS_OK;
}
