/* query.c - configuration that comes in a page's address (docs/didomi.md, Addresses).
 *
 * Seven properties may be set so, and sixteen names of parameters can reach them: the
 * properties' own paths, and every object above them. So a query comes down to sixteen
 * values at most, whatever else it holds; these are read from the last name to the
 * first, and the first that has a property gives it.
 */
#include "error.h"
#include "value.h"

#define MOST_KEYS 4u

/* Sorted, as the names are. */
static const char *const properties[] = {"app.alwaysDisplayActionButtons",
                                         "app.vendors.iab.version",
                                         "experiment.group",
                                         "notice.enable",
                                         "notice.showDataProcessing",
                                         "sync.enabled",
                                         "user.externalConsent.value"};
#define PROPERTIES (sizeof properties / sizeof *properties)

/* What stands behind `didomiConfig` and a dot. */
static const char *const names[CNS_QUERY_NAMES] = {"",
                                                   "app",
                                                   "app.alwaysDisplayActionButtons",
                                                   "app.vendors",
                                                   "app.vendors.iab",
                                                   "app.vendors.iab.version",
                                                   "experiment",
                                                   "experiment.group",
                                                   "notice",
                                                   "notice.enable",
                                                   "notice.showDataProcessing",
                                                   "sync",
                                                   "sync.enabled",
                                                   "user",
                                                   "user.externalConsent",
                                                   "user.externalConsent.value"};

/* ------------------------------------------------------------------- reading */

/* Number of a parameter's name, or CNS_QUERY_NAMES. */
static size_t name_of(cns_span text) {
    static const cns_span prefix = {"didomiConfig", 12};
    if (text.len < prefix.len || memcmp(text.text, prefix.text, prefix.len) != 0)
        return CNS_QUERY_NAMES;
    text.text += prefix.len;
    text.len -= prefix.len;
    if (text.len == 0)
        return 0;
    for (size_t i = 1; i < CNS_QUERY_NAMES; i++)
        if (text.text[0] == '.' && strlen(names[i]) == text.len - 1 &&
            memcmp(text.text + 1, names[i], text.len - 1) == 0)
            return i;
    return CNS_QUERY_NAMES;
}

/* Undoes `%41` and `+`; a percent sign that begins no escape stands for itself. `out`
 * has room for `cap` bytes; SIZE_MAX when that is not enough. */
static size_t decode(char *out, size_t cap, const char *text, size_t len) {
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '+')
            c = ' ';
        if (c == '%' && len - i > 2 && cns_hex_digit(text[i + 1]) >= 0 &&
            cns_hex_digit(text[i + 2]) >= 0) {
            c = (char)(unsigned char)(cns_hex_digit(text[i + 1]) * 16 + cns_hex_digit(text[i + 2]));
            i += 2;
        }
        if (used == cap)
            return SIZE_MAX;
        out[used++] = c;
    }
    return used;
}

static bool within_size(cns_query *q, size_t more) {
    if (q->size > CNS_MAX_QUERY || more > CNS_MAX_QUERY - q->size) {
        memset(q, 0, sizeof *q);
        q->size = (size_t)CNS_MAX_QUERY + 1; /* nothing that follows counts either */
        return false;
    }
    q->size += more;
    return true;
}

void cns_query_add_parameter(cns_query *q, cns_text name, cns_text value) {
    if (!within_size(q, name.len) || !within_size(q, value.len))
        return;
    size_t number = name_of((cns_span){name.text, name.len});
    if (number < CNS_QUERY_NAMES) {
        q->given[number].value = value;
        q->given[number].encoded = false;
    }
}

void cns_query_add(cns_query *q, const char *text, size_t len) {
    if (!within_size(q, len))
        return;
    size_t at = len && text[0] == '?';
    while (at < len) {
        const char *from = text + at, *end = memchr(from, '&', len - at);
        size_t size = end ? (size_t)(end - from) : len - at;
        const char *equals = memchr(from, '=', size);
        size_t name_len = equals ? (size_t)(equals - from) : size;
        char name[64]; /* the longest known one has 43 characters */
        size_t decoded = decode(name, sizeof name, from, name_len);
        size_t number = decoded == SIZE_MAX ? CNS_QUERY_NAMES : name_of((cns_span){name, decoded});
        if (number < CNS_QUERY_NAMES) {
            q->given[number].value.text = equals ? equals + 1 : from + size;
            q->given[number].value.len = equals ? size - name_len - 1 : 0;
            q->given[number].encoded = true;
        }
        at += size + 1;
    }
}

/* ------------------------------------------------------------------ choosing */

/* A parameter's value: JSON, or else a text. */
typedef struct reading {
    cns_doc *doc;
    cns_text text; /* without a doc; absent when nothing can be taken */
    char *block;   /* what `text` stands in, if it had to be decoded */
} reading;

/* A property's value, borrowed from a reading. */
typedef struct choice {
    const cns_value *value;
    cns_text text;
} choice;

static void drop(reading *r, size_t block_size, cns_alloc alloc) {
    cns_doc_free(r->doc);
    cns_drop(alloc, r->block, block_size);
    memset(r, 0, sizeof *r);
}

static cns_code read_value(reading *r, cns_text value, bool encoded, cns_alloc alloc) {
    if (encoded && value.len) {
        r->block = cns_get(alloc, value.len);
        if (!r->block)
            return CNS_E_NOMEM;
        value.len = decode(r->block, value.len, value.text, value.len);
        value.text = r->block;
    }
    if (memchr(value.text, '\0', value.len) || cns_utf8_prefix(value.text, value.len) != value.len)
        return CNS_OK;
    cns_code code = cns_json_read(&r->doc, value.text, value.len, alloc, NULL);
    if (code == CNS_E_SYNTAX)
        r->text = value;
    return code == CNS_E_NOMEM ? code : CNS_OK;
}

/* Levels of containers, the value's own included. */
static unsigned depth_of(const cns_value *value) {
    unsigned deepest = 0;
    if (value->kind != CNS_ARRAY && value->kind != CNS_OBJECT)
        return 0;
    for (uint32_t i = 0; i < value->len; i++) {
        unsigned depth = depth_of(value->kind == CNS_ARRAY ? &value->u.items[i]
                                                           : value->u.table->members[i].value);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}

/* The next key of a path that is left in *rest. */
static cns_span next_key(const char **rest) {
    const char *dot = strchr(*rest, '.');
    cns_span key = {*rest, dot ? (size_t)(dot - *rest) : strlen(*rest)};
    *rest += key.len + (dot != NULL);
    return key;
}

static unsigned keys_in(const char *path) {
    unsigned count = 1;
    for (; *path; path++)
        count += *path == '.';
    return count;
}

/* What is left of `path` below the object `above`: `` for itself, NULL if not below. */
static const char *below(const char *path, const char *above) {
    size_t len = strlen(above);
    if (len == 0)
        return path;
    if (strncmp(path, above, len) != 0 || (path[len] != '.' && path[len] != '\0'))
        return NULL;
    return path + len + (path[len] == '.');
}

/* Gives the properties that have no value yet those that the parameter has. */
static bool choose(choice choices[PROPERTIES], size_t name, const reading *r) {
    bool any = false;
    for (size_t i = 0; i < PROPERTIES; i++) {
        const char *rest = below(properties[i], names[name]);
        if (!rest || choices[i].value || choices[i].text.text)
            continue;
        if (!r->doc) {
            if (*rest == '\0' && r->text.text) {
                choices[i].text = r->text;
                any = true;
            }
            continue;
        }
        const cns_value *value = cns_doc_root(r->doc);
        while (value && *rest)
            value = cns_at(value, next_key(&rest));
        if (value && depth_of(value) + keys_in(properties[i]) <= CNS_MAX_DEPTH) {
            choices[i].value = value;
            any = true;
        }
    }
    return any;
}

/* ------------------------------------------------------------------- writing */

static bool is_proto(const char *key, size_t len) {
    static const char word[] = "__proto__";
    for (size_t i = 0; i + sizeof word - 1 <= len; i++)
        if (memcmp(key + i, word, sizeof word - 1) == 0)
            return true;
    return false;
}

/* A copy of the value without members that a browser would take for a prototype. The
 * depth is that of a JSON text, so at most CNS_MAX_DEPTH. */
static void put(cns_builder *b, const cns_value *value) {
    switch ((cns_kind)value->kind) {
    case CNS_NULL:
    case CNS_FALSE:
    case CNS_TRUE:
        (void)cns_builder_plain(b, (cns_kind)value->kind, CNS_NO_OFFSET);
        break;
    case CNS_INT:
        (void)cns_builder_int(b, value->u.i, CNS_NO_OFFSET);
        break;
    case CNS_REAL:
        (void)cns_builder_real(b, value->u.d, CNS_NO_OFFSET);
        break;
    case CNS_BIGINT:
    case CNS_STRING:
        (void)cns_builder_text(b, (cns_kind)value->kind, value->u.text, value->len, CNS_NO_OFFSET);
        break;
    case CNS_ARRAY:
        (void)cns_builder_open(b, CNS_ARRAY, CNS_NO_OFFSET);
        for (uint32_t i = 0; i < value->len; i++)
            put(b, &value->u.items[i]);
        (void)cns_builder_close(b);
        break;
    case CNS_OBJECT:
        (void)cns_builder_open(b, CNS_OBJECT, CNS_NO_OFFSET);
        for (uint32_t i = 0; i < value->len; i++) {
            const cns_member *member = &value->u.table->members[i];
            if (is_proto(member->key, member->key_len))
                continue;
            (void)cns_builder_key(b, member->key, member->key_len, CNS_NO_OFFSET);
            put(b, member->value);
        }
        (void)cns_builder_close(b);
        break;
    }
}

/* The object of all properties that have a value. Paths are sorted, so those that share
 * an object stand together. */
static void put_all(cns_builder *b, const choice choices[PROPERTIES]) {
    cns_span open[MOST_KEYS];
    unsigned depth = 0;
    (void)cns_builder_open(b, CNS_OBJECT, CNS_NO_OFFSET);
    for (size_t i = 0; i < PROPERTIES; i++) {
        if (!choices[i].value && !choices[i].text.text)
            continue;
        const char *rest = properties[i];
        unsigned shared = 0;
        cns_span key = next_key(&rest);
        for (; shared < depth && *rest && cns_span_is(open[shared], key.text, key.len); shared++)
            key = next_key(&rest);
        for (; depth > shared; depth--)
            (void)cns_builder_close(b);
        for (; *rest; key = next_key(&rest)) {
            (void)cns_builder_key(b, key.text, key.len, CNS_NO_OFFSET);
            (void)cns_builder_open(b, CNS_OBJECT, CNS_NO_OFFSET);
            open[depth++] = key;
        }
        (void)cns_builder_key(b, key.text, key.len, CNS_NO_OFFSET);
        if (choices[i].value)
            put(b, choices[i].value);
        else
            (void)cns_builder_text(b, CNS_STRING, choices[i].text.text, choices[i].text.len,
                                   CNS_NO_OFFSET);
    }
    for (; depth; depth--)
        (void)cns_builder_close(b);
    (void)cns_builder_close(b);
}

cns_code cns_query_config(cns_doc **out, const cns_query *q, cns_alloc alloc, cns_error *err) {
    reading readings[CNS_QUERY_NAMES];
    choice choices[PROPERTIES];
    cns_code code = CNS_OK;
    memset(readings, 0, sizeof readings);
    memset(choices, 0, sizeof choices);
    for (size_t name = CNS_QUERY_NAMES; name-- && code == CNS_OK;) {
        if (!q->given[name].value.text)
            continue;
        code = read_value(&readings[name], q->given[name].value, q->given[name].encoded, alloc);
        if (code != CNS_OK || !choose(choices, name, &readings[name]))
            drop(&readings[name], q->given[name].value.len, alloc);
    }
    cns_builder *b = code == CNS_OK ? cns_builder_new(alloc) : NULL;
    code = CNS_E_NOMEM;
    if (b) {
        put_all(b, choices);
        code = cns_builder_finish(out, b, err);
    }
    cns_builder_free(b);
    for (size_t name = 0; name < CNS_QUERY_NAMES; name++)
        drop(&readings[name], q->given[name].value.len, alloc);
    return code == CNS_OK
               ? code
               : cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "memory ran out while reading a query");
}
