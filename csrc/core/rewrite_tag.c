/* rewrite_tag.c - the attributes of a gated tag, and what they ask for (docs/html.md).
 *
 * A tag is brought to life only where the SDK would do so by its documentation and by what was
 * observed; in every doubt it stays for the browser.
 */
#include "rewrite.h"

#include "config.h"
#include "markup.h"

typedef struct attribute {
    cns_span name, value;
    size_t from, end; /* with its value and the quotes of that */
} attribute;

static bool same_name(cns_span name, const char *lower) {
    size_t len = strlen(lower);
    if (name.len != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (cns_lower(name.text[i]) != lower[i])
            return false;
    return true;
}

static bool begins(cns_span name, const char *lower) {
    size_t len = strlen(lower);
    return name.len >= len && same_name((cns_span){name.text, len}, lower);
}

/* The attribute at or behind `at`; false at the end of the tag. `at` ends behind it. */
static bool next_attribute(attribute *out, cns_span tag, size_t *at) {
    const char *text = tag.text;
    size_t i = *at, end = tag.len - 1; /* of the > */
    while (i < end && (cns_html_blank(text[i]) || text[i] == '/'))
        i++;
    *at = i;
    if (i >= end)
        return false;
    out->from = i++; /* even a = begins a name */
    while (i < end && !cns_html_blank(text[i]) && text[i] != '/' && text[i] != '=')
        i++;
    out->name = (cns_span){text + out->from, i - out->from};
    out->value = (cns_span){text + i, 0};
    out->end = i;
    while (i < end && cns_html_blank(text[i]))
        i++;
    if (i < end && text[i] == '=') {
        i++;
        while (i < end && cns_html_blank(text[i]))
            i++;
        size_t from = i;
        if (i < end && (text[i] == '"' || text[i] == '\'')) {
            const char *quote = memchr(text + i + 1, text[i], end - i - 1);
            if (!quote) /* the tokenizer does not end a tag there */
                return false;
            i = (size_t)(quote - text) + 1;
            out->value = (cns_span){text + from + 1, i - from - 2};
        } else {
            while (i < end && !cns_html_blank(text[i]))
                i++;
            out->value = (cns_span){text + from, i - from};
        }
        out->end = i;
    }
    *at = i;
    return true;
}

/* -------------------------------------------------------------- conditions */

/* An id is compared byte by byte, so it must not be written in another way than it is meant. */
static bool plain(cns_span value) {
    for (size_t i = 0; i < value.len; i++)
        if (value.text[i] == '&' || (unsigned char)value.text[i] < ' ' ||
            (unsigned char)value.text[i] > '~')
            return false;
    return true;
}

static bool prefixed(cns_span text, cns_span prefix, cns_span id) {
    return text.len == prefix.len + id.len && memcmp(text.text, prefix.text, prefix.len) == 0 &&
           cns_span_is(id, text.text + prefix.len, id.len);
}

static bool all_digits(cns_span text) {
    size_t i = 0;
    while (i < text.len && cns_is_digit(text.text[i]))
        i++;
    return i == text.len;
}

/* The vendor of an attribute, by its API id or with the prefix of its list: the spellings
 * that the SDK takes there. */
static uint32_t vendor_of(const cns_status *s, cns_span text) {
    const cns_ids *ids = &s->notice->config->ids;
    uint32_t vendor = plain(text) && !all_digits(text) ? cns_ids_vendor(ids, text) : CNS_NO_ID;
    if (vendor == CNS_NO_ID)
        return CNS_NO_ID;
    const cns_vendor_id *id = &ids->vendors[vendor];
    const cns_tables *tables = s->notice->tables;
    cns_namespace space = cns_tables_space(tables, ids, vendor);
    cns_span sdk = cns_tables_sdk(tables, ids, vendor);
    bool known = cns_span_is(id->api, text.text, text.len) ||
                 (space == CNS_CUSTOM && cns_span_is(sdk, text.text, text.len)) ||
                 (space == CNS_DIDOMI && prefixed(text, CNS_SPAN("didomi:"), sdk)) ||
                 (space == CNS_IAB && prefixed(text, CNS_SPAN("iab:"), sdk));
    return known ? vendor : CNS_NO_ID;
}

/* Every item between commas, empty ones apart, exactly as it is written; at least one. */
static bool purposes_open(const cns_status *s, cns_span list) {
    size_t at = 0, items = 0;
    if (!plain(list))
        return false;
    while (at < list.len) {
        const char *from = list.text + at, *comma = memchr(from, ',', list.len - at);
        size_t len = comma ? (size_t)(comma - from) : list.len - at;
        at += len + 1;
        if (!len)
            continue;
        uint32_t purpose = cns_ids_purpose(&s->notice->config->ids, from, len);
        if (purpose == CNS_NO_ID || !cns_has(s->open_purposes, purpose))
            return false;
        items++;
    }
    return items > 0;
}

/* Names that look like conditions: which ones the SDK knows beside these four is not public. */
static bool looks_like_condition(cns_span name) {
    return begins(name, "data-vendor") || begins(name, "data-purpose") ||
           begins(name, "data-categor") || begins(name, "data-condition") ||
           same_name(name, "data-processed");
}

typedef enum slot { TYPE, VENDOR, RAW_VENDOR, PURPOSES, LOADING, NONCE, SLOTS } slot;

static slot slot_of(cns_span name) {
    static const char *const names[SLOTS] = {"type",          "data-vendor",  "data-vendor-raw",
                                             "data-purposes", "data-loading", "nonce"};
    size_t i = 0;
    while (i < SLOTS && !same_name(name, names[i]))
        i++;
    return (slot)i;
}

bool cns_gated_tag_opens(cns_gated_tag *out, const cns_status *s, cns_span tag) {
    attribute a, found[SLOTS];
    bool has[SLOTS] = {false};
    size_t at = sizeof "<script" - 1;
    if (memchr(tag.text + 1, '<', tag.len - 1)) /* where did the tag begin? */
        return false;
    while (next_attribute(&a, tag, &at)) {
        slot of = slot_of(a.name);
        if (of == SLOTS ? looks_like_condition(a.name) : !has[of]) {
            if (of == SLOTS)
                return false;
            found[of] = a; /* of an attribute that is written twice the first one counts */
            has[of] = true;
        }
    }
    if (at != tag.len - 1 || !has[TYPE])
        return false;
    memset(out, 0, sizeof *out);
    cns_span type = found[TYPE].value;
    out->value = (size_t)(type.text - tag.text);
    out->value_end = out->value + type.len;
    out->from = found[TYPE].from;
    out->end = found[TYPE].end;
    out->has_nonce = has[NONCE];
    if (cns_span_is(type, "didomi/javascript", 17))
        out->kind = CNS_GATED_SCRIPT;
    else if (cns_span_is(type, "didomi/html", 11))
        out->kind = CNS_GATED_HTML;
    else
        return false;
    for (at = out->end; cns_html_blank(tag.text[at]); at++)
        ;
    if (out->kind == CNS_GATED_HTML &&
        tag.text[at] == '=') /* without the type it would be a value */
        return false;
    out->names.has_vendor = has[VENDOR];
    out->names.has_raw_vendor = has[RAW_VENDOR];
    out->names.vendor = has[VENDOR] ? vendor_of(s, found[VENDOR].value) : CNS_NO_ID;
    out->names.raw_vendor = has[RAW_VENDOR] ? vendor_of(s, found[RAW_VENDOR].value) : CNS_NO_ID;
    if (has[LOADING] && cns_span_is(found[LOADING].value, "immediate", 9))
        return true;
    if (has[VENDOR] && !cns_status_vendor_enabled(s, out->names.vendor))
        return false;
    if (has[RAW_VENDOR] &&
        (out->names.raw_vendor == CNS_NO_ID || !cns_has(s->open_vendors, out->names.raw_vendor)))
        return false;
    return !has[PURPOSES] || purposes_open(s, found[PURPOSES].value);
}
