/* macro.c - the words in braces that the SDK replaces inside a gated tag (docs/didomi.md,
 * Tags): `{gdpr}` and its relatives.
 *
 * What is put in holds letters, digits, `.`, `-` and `_` only, so that it is safe in a
 * text of a script, in an address and in HTML.
 */
#include "status.h"

typedef enum value_of { OF_LAW, OF_STRING, OF_VENDOR, OF_RAW_VENDOR } value_of;

static const struct {
    cns_span name;
    value_of what;
    bool words; /* true and false instead of 1 and 0 */
} macros[] = {{{"gdpr", 4}, OF_LAW, false},
              {{"gdpr_consent", 12}, OF_STRING, false},
              {{"gdpr_consent_vendor", 19}, OF_VENDOR, false},
              {{"gdpr_consent_vendor_raw", 23}, OF_RAW_VENDOR, false},
              {{"gdpr_consent_vendor_boolean", 27}, OF_VENDOR, true},
              {{"gdpr_consent_vendor_boolean_raw", 31}, OF_RAW_VENDOR, true}};

#define MACROS (sizeof macros / sizeof macros[0])

static bool same_letters(const char *a, const char *lower, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (cns_lower(a[i]) != lower[i])
            return false;
    return true;
}

/* The macro that begins behind a brace, with its closing brace; MACROS when there is none. */
static size_t macro_at(const char *text, size_t len) {
    for (size_t i = 0; i < MACROS; i++)
        if (len > macros[i].name.len && text[macros[i].name.len] == '}' &&
            same_letters(text, macros[i].name.text, macros[i].name.len))
            return i;
    return MACROS;
}

/* The vendor alone, its purposes apart: enabled on every basis that it uses. */
static bool open_alone(const cns_status *s, uint32_t vendor) {
    return vendor != CNS_NO_ID && cns_has(s->open_vendors, vendor);
}

/* False when this tag does not have the macro. */
static bool value(cns_span *out, const cns_status *s, size_t macro, const cns_tag *tag) {
    bool yes = s->group == CNS_OPT_IN;
    switch (macros[macro].what) {
    case OF_LAW:
        break;
    case OF_STRING:
        *out = (cns_span){s->tc.text, s->tc.len};
        return true;
    case OF_VENDOR:
        if (!tag->has_vendor)
            return false;
        yes = cns_status_vendor_enabled(s, tag->vendor);
        break;
    case OF_RAW_VENDOR:
        if (!tag->has_raw_vendor)
            return false;
        yes = open_alone(s, tag->raw_vendor);
        break;
    }
    *out = macros[macro].words ? yes ? CNS_SPAN("true") : CNS_SPAN("false")
           : yes               ? CNS_SPAN("1")
                               : CNS_SPAN("0");
    return true;
}

void cns_status_fill(const cns_status *s, const char *text, size_t len, const cns_tag *tag,
                     cns_piece_fn each, void *ctx) {
    size_t told = 0;
    for (size_t at = 0; at < len;) {
        const char *brace = memchr(text + at, '{', len - at);
        if (!brace)
            break;
        at = (size_t)(brace - text) + 1;
        size_t macro = macro_at(text + at, len - at);
        cns_span put;
        if (macro == MACROS || !value(&put, s, macro, tag))
            continue;
        if (at - 1 > told)
            each(ctx, text + told, at - 1 - told);
        if (put.len)
            each(ctx, put.text, put.len);
        told = at += macros[macro].name.len + 1;
    }
    if (len > told)
        each(ctx, text + told, len - told);
}
