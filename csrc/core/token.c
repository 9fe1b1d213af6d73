/* token.c - the fields of a `didomi_token`. */
#include "token.h"

#include "arena.h"
#include "base64.h"
#include "token_scan.h"

/* A text that counts. */
static bool meaningful(cns_scanner *s, cns_token_span *out) {
    if (*s->at != '"')
        return cns_scan_fail(s, "wrong_type");
    return cns_scan_text(s, out) && (!s->odd_text || cns_scan_fail(s, "bad_text"));
}

/* Goes on behind the bracket that opens an array or object: false when it is empty, and over. */
static inline bool begin(cns_scanner *s, char closing) {
    s->at++;
    cns_scan_blanks(s);
    bool any = *s->at != closing;
    s->at += !any;
    return any;
}

typedef enum after { AFTER_MORE, AFTER_LAST, AFTER_ERROR } after;

/* Goes on behind an item or member: is there another one? */
static inline after go_on(cns_scanner *s, char closing) {
    cns_scan_blanks(s);
    if (*s->at == ',') {
        s->at++;
        cns_scan_blanks(s);
        return AFTER_MORE;
    }
    if (*s->at != closing) {
        (void)cns_scan_fail(s, "bad_json");
        return AFTER_ERROR;
    }
    s->at++;
    return AFTER_LAST;
}

static bool list(cns_scanner *s, unsigned which) {
    cns_token *t = s->token;
    t->lists[which].first = s->used;
    if (*s->at != '[')
        return cns_scan_fail(s, "wrong_type");
    if (!begin(s, ']'))
        return true;
    after next;
    do {
        cns_token_span *id = &t->ids[s->used];
        if (s->plain && *s->at == '"' ? !cns_scan_plain_text(s, id) : !meaningful(s, id))
            return false;
        s->used++;
        next = go_on(s, ']');
    } while (next == AFTER_MORE);
    t->lists[which].count = s->used - t->lists[which].first;
    return next == AFTER_LAST;
}

/* A key with its colon; false at an error. */
static bool key(cns_scanner *s, cns_token_span *out, cns_span *name, char buffer[132]) {
    if (*s->at != '"')
        return cns_scan_fail(s, "bad_json");
    if (!cns_scan_text(s, out))
        return false;
    *name = (cns_span){s->start + out->at, out->len};
    if (s->odd_text)
        return cns_scan_fail(s, "bad_text");
    /* the longest known key has 11 characters, so at most 66 with escapes */
    if (out->coded && out->len <= 66)
        *name = cns_token_text(s->token, *out, buffer);
    cns_scan_blanks(s);
    if (*s->at != ':')
        return cns_scan_fail(s, "bad_json");
    s->at++;
    cns_scan_blanks(s);
    return true;
}

/* `{"enabled": [...], "disabled": [...]}`; `first` is the list of the former. */
static bool pair(cns_scanner *s, unsigned first) {
    unsigned seen = 0;
    if (*s->at != '{')
        return cns_scan_fail(s, "wrong_type");
    if (!begin(s, '}'))
        return true;
    after next;
    do {
        cns_token_span span;
        cns_span name;
        char buffer[132];
        if (!key(s, &span, &name, buffer))
            return false;
        unsigned which = cns_span_is(name, "enabled", 7)    ? 1
                         : cns_span_is(name, "disabled", 8) ? 2
                                                            : 0;
        if (seen & which)
            return cns_scan_fail(s, "duplicate_key");
        seen |= which;
        if (which ? !list(s, first + which - 1) : !cns_scan_skip(s))
            return false;
        next = go_on(s, '}');
    } while (next == AFTER_MORE);
    return next == AFTER_LAST;
}

typedef enum field {
    F_OTHER,
    F_VENDORS,
    F_PURPOSES,
    F_VENDORS_LI,
    F_PURPOSES_LI,
    F_USER_ID,
    F_CREATED,
    F_UPDATED,
    F_VERSION,
    F_DNS
} field;

static field field_of(cns_span name) {
    switch (name.len) {
    case 3:
        return memcmp(name.text, "dns", 3) == 0 ? F_DNS : F_OTHER;
    case 7:
        return memcmp(name.text, "vendors", 7) == 0   ? F_VENDORS
               : memcmp(name.text, "user_id", 7) == 0 ? F_USER_ID
               : memcmp(name.text, "created", 7) == 0 ? F_CREATED
               : memcmp(name.text, "updated", 7) == 0 ? F_UPDATED
               : memcmp(name.text, "version", 7) == 0 ? F_VERSION
                                                      : F_OTHER;
    case 8:
        return memcmp(name.text, "purposes", 8) == 0 ? F_PURPOSES : F_OTHER;
    case 10:
        return memcmp(name.text, "vendors_li", 10) == 0 ? F_VENDORS_LI : F_OTHER;
    case 11:
        return memcmp(name.text, "purposes_li", 11) == 0 ? F_PURPOSES_LI : F_OTHER;
    default:
        return F_OTHER;
    }
}

static bool member(cns_scanner *s, field f) {
    cns_token *t = s->token;
    switch (f) {
    case F_VENDORS:
        return pair(s, CNS_VENDORS_ON);
    case F_PURPOSES:
        return pair(s, CNS_PURPOSES_ON);
    case F_VENDORS_LI:
        return pair(s, CNS_VENDORS_LI_ON);
    case F_PURPOSES_LI:
        return pair(s, CNS_PURPOSES_LI_ON);
    case F_USER_ID:
        return t->has_user_id = meaningful(s, &t->user_id);
    case F_CREATED:
        return t->has_created = meaningful(s, &t->created);
    case F_UPDATED:
        return t->has_updated = meaningful(s, &t->updated);
    case F_VERSION: {
        const char *from = s->at;
        if (!cns_scan_skip(s))
            return false;
        t->version.at = (uint32_t)(from - s->start);
        t->version.len = (uint32_t)(s->at - from) & 0x7FFFFFFFu;
        return t->has_version = true;
    }
    case F_DNS:
        /* of another type it cannot be read, and what cannot be read lifts no objection */
        t->do_not_sell = *s->at != 'f' && *s->at != 'n';
        break;
    case F_OTHER:
        break;
    }
    return cns_scan_skip(s);
}

static bool members(cns_scanner *s) {
    unsigned seen = 0;
    if (!begin(s, '}'))
        return true;
    after next;
    do {
        cns_token_span span;
        cns_span name;
        char buffer[132];
        if (!key(s, &span, &name, buffer))
            return false;
        field f = field_of(name);
        if (f != F_OTHER && seen & 1u << f)
            return cns_scan_fail(s, "duplicate_key");
        seen |= 1u << f;
        if (!member(s, f))
            return false;
        next = go_on(s, '}');
    } while (next == AFTER_MORE);
    return next == AFTER_LAST;
}

static bool whole(cns_scanner *s) {
    cns_scan_blanks(s);
    if (s->at == s->end)
        return cns_scan_fail(s, "bad_json");
    if (*s->at != '{') {
        /* valid JSON of another kind, or no JSON at all */
        bool json = cns_scan_skip(s);
        cns_scan_blanks(s);
        return json && s->at == s->end ? cns_scan_fail(s, "not_object")
                                       : cns_scan_fail(s, "bad_json");
    }
    if (!members(s))
        return false;
    cns_scan_blanks(s);
    return s->at == s->end || cns_scan_fail(s, "bad_json");
}

static cns_when date_of(const cns_token *t, bool has, cns_token_span span) {
    char buffer[128];
    if (!has || span.len > 64)
        return CNS_NEVER;
    cns_span date = cns_token_text(t, span, buffer);
    if (!memchr(date.text, 'T', date.len))
        return CNS_NEVER; /* a token's date has a time of day */
    return cns_when_parse(date.text, date.len);
}

static cns_code refuse(const char **reason, uint32_t *offset, const char *why, size_t at) {
    *reason = why;
    *offset = (uint32_t)at;
    return CNS_E_DECODE;
}

cns_code cns_token_scan(cns_token *t, const char **reason, uint32_t *offset, const char *value,
                        size_t len, size_t most, cns_token_room *usual, cns_alloc alloc) {
    if (len > most)
        return refuse(reason, offset, "too_long", most);
    /* RFC 6265 lets a value stand in quotes, and Python's own cookie writer puts a
     * padded token into them */
    if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
        value++;
        len -= 2;
    }
    if (len == 0)
        return refuse(reason, offset, "empty", 0);
    /* one block: the spans (an id takes three bytes at least), then the text */
    size_t room = CNS_BASE64_ROOM(len) + 2 * CNS_SCAN_STEP;
    size_t spans = room / 3 + 1;
    memset(t, 0, sizeof *t);
    t->alloc = alloc;
    if (usual && len <= CNS_USUAL_VALUE) {
        t->ids = usual->ids;
        t->json = usual->json;
    } else {
        t->block_size = spans * sizeof *t->ids + room;
        t->ids = cns_get(alloc, t->block_size);
        if (!t->ids)
            return CNS_E_NOMEM;
        t->json = (char *)(t->ids + spans);
    }
    long size = cns_base64_read((unsigned char *)t->json, value, len);
    if (size < 0) {
        cns_token_release(t);
        return refuse(reason, offset, "bad_base64", 0);
    }
    t->json_len = (size_t)size;
    char *behind = t->json + size;
    memset(behind, ' ', CNS_SCAN_STEP);
    bool plain = cns_scan_all_plain(t->json, behind);
    memset(behind, 0, CNS_SCAN_STEP);
    behind[CNS_SCAN_STEP - 1] = '"'; /* stops a search that finds none before */
    t->plain = plain;
    cns_scanner s = {t, t->json, t->json, behind, 0, plain, false, NULL};
    if (!whole(&s)) {
        size_t at = (size_t)(s.at - s.start);
        cns_token_release(t);
        return refuse(reason, offset, s.reason, at);
    }
    t->created_when = date_of(t, t->has_created, t->created);
    t->updated_when = date_of(t, t->has_updated, t->updated);
    return CNS_OK;
}

void cns_token_release(cns_token *t) {
    if (t->block_size)
        cns_drop(t->alloc, t->ids, t->block_size);
    t->ids = NULL;
    t->json = NULL;
}
