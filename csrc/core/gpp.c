/* gpp.c - a GPP string: its header, and its sections one by one. */
#include "error.h"
#include "fibonacci.h"
#include "gpp.h"
#include "gpp_fields.h"
#include "token.h"

#define HEADER_TYPE 3u
#define HEADER_VERSION 1u

struct cns_gpp {
    cns_arena arena;
    cns_doc *doc; /* array of what the sections hold */
    uint32_t count;
    cns_gpp_section *sections;
};

/* ------------------------------------------------------------------ sections */

cns_code cns_gpp_refuse(cns_gpp_in *in, const char *code, const char *at) {
    in->section->error = code;
    in->section->error_offset = (uint32_t)(at - in->text);
    return CNS_E_DECODE;
}

void cns_gpp_warn(cns_gpp_in *in, const char *code) {
    if (in->section->warning_count < CNS_GPP_WARNINGS)
        in->warnings[in->section->warning_count++] = code;
}

bool cns_gpp_next_part(cns_span *part, cns_span *rest) {
    if (!rest->text)
        return false;
    const char *dot = memchr(rest->text, '.', rest->len);
    *part = *rest;
    if (dot) {
        part->len = (size_t)(dot - rest->text);
        *rest = (cns_span){dot + 1, rest->len - part->len - 1};
    } else {
        *rest = (cns_span){NULL, 0};
    }
    return true;
}

cns_code cns_gpp_part_bits(cns_bit_in *bits, cns_gpp_in *in, cns_span part) {
    if (!part.len)
        return cns_gpp_refuse(in, "empty_segment", part.text);
    uint8_t *bytes = cns_arena_get(in->arena, CNS_BIT_ROOM(part.len));
    if (!bytes)
        return CNS_E_NOMEM;
    size_t read = cns_bits_decode(bytes, part.text, part.len);
    if (read < part.len)
        return cns_gpp_refuse(in, "bad_char", part.text + read);
    *bits = cns_bit_in_of(bytes, part.len * 6);
    return CNS_OK;
}

/* A section of an unknown kind is kept; only what no section can hold is refused. */
static cns_code keep(cns_gpp_in *in) {
    cns_text raw = in->section->raw;
    for (size_t i = 0; i < raw.len; i++)
        if (raw.text[i] <= ' ' || raw.text[i] > '~')
            return cns_gpp_refuse(in, "bad_char", raw.text + i);
    cns_gpp_warn(in, "unknown_section");
    return CNS_OK;
}

static cns_code read_section(cns_gpp_in *in) {
    switch (in->section->id) {
    case CNS_GPP_TCF:
        return CNS_OK;
    case 5:
        return cns_gpp_read_canada(in);
    case 6:
        return cns_gpp_read_usp(in);
    default:
        return in->section->name ? cns_gpp_read_us(in) : keep(in);
    }
}

/* -------------------------------------------------------------------- header */

typedef struct header {
    cns_bit_in bits;
    uint32_t items, count; /* range items, ids */
    uint32_t start;        /* where the items start, in bits */
} header;

static cns_code refuse(cns_error *err, const char *code, size_t offset, const char *message) {
    (void)cns_fail(err, CNS_E_DECODE, (uint32_t)offset, message);
    if (err)
        cns_copy_text(err->path, sizeof err->path, code, strlen(code));
    return CNS_E_DECODE;
}

/* The next item: ids *first to *last, above the one before. False with bits->failed when the
 * header ends, otherwise when an id would be above 65535. */
static bool next_item(cns_bit_in *bits, uint32_t before, uint32_t *first, uint32_t *last) {
    bool group = cns_bit_take(bits, 1) != 0;
    uint32_t distance = cns_fibonacci_read(bits, CNS_FIBONACCI_MOST - before);
    uint32_t more = 0;
    *first = before + distance;
    if (!distance || (group && !(more = cns_fibonacci_read(bits, CNS_FIBONACCI_MOST - *first))))
        return false;
    *last = *first + more;
    return true;
}

/* Checks the header and counts its ids, without expanding anything. */
static cns_code read_header(header *h, cns_error *err) {
    cns_bit_in *bits = &h->bits;
    uint64_t type = cns_bit_take(bits, 6), version = cns_bit_take(bits, 6);
    if (bits->failed)
        return refuse(err, "truncated", bits->end / 6, "the GPP header is cut short");
    if (type != HEADER_TYPE)
        return refuse(err, "bad_header_type", 0,
                      "this is not a GPP string: its header has another type than 3");
    if (version != HEADER_VERSION)
        return refuse(err, "unsupported_gpp_version", 1,
                      "the GPP header has another version than 1");
    h->items = (uint32_t)cns_bit_take(bits, 12);
    h->start = bits->at;
    h->count = 0;
    uint32_t last = 0;
    for (uint32_t i = 0; i < h->items && !bits->failed; i++) {
        uint32_t first;
        if (next_item(bits, last, &first, &last))
            h->count += last - first + 1;
        else if (!bits->failed)
            return refuse(err, "fib_overflow", bits->at / 6,
                          "the GPP header names a section id above 65535");
    }
    if (bits->failed)
        return refuse(err, "truncated", bits->end / 6, "the GPP header is cut short");
    if (!cns_bit_rest_zero(bits))
        return refuse(err, "trailing_data", bits->at / 6,
                      "the GPP header has set bits behind its end");
    return CNS_OK;
}

/* Gives the sections their ids and texts: as many of both, as was checked. */
static cns_code share_out(cns_gpp *gpp, const header *h, cns_span text, cns_error *err) {
    cns_bit_in bits = h->bits;
    bits.at = h->start;
    const char *at = memchr(text.text, '~', text.len), *end = text.text + text.len;
    cns_gpp_section *section = gpp->sections;
    for (uint32_t i = 0, first, last = 0; i < h->items; i++) {
        (void)next_item(&bits, last, &first, &last);
        for (uint32_t id = first; id <= last; id++, section++) {
            const char *next = memchr(at + 1, '~', (size_t)(end - at) - 1);
            next = next ? next : end;
            section->id = id;
            section->name = cns_gpp_name(id);
            section->raw = (cns_text){at + 1, (size_t)(next - at) - 1};
            if (!section->raw.len)
                return refuse(err, "empty_section", (size_t)(at + 1 - text.text),
                              "a section of the GPP string is empty");
            at = next;
        }
    }
    return CNS_OK;
}

static cns_code read_sections(cns_gpp *gpp, const char *text, cns_alloc alloc) {
    cns_gpp_in in = {.text = text, .arena = &gpp->arena, .builder = cns_builder_new(alloc)};
    if (!in.builder)
        return CNS_E_NOMEM;
    cns_code code = cns_builder_open(in.builder, CNS_ARRAY, CNS_NO_OFFSET);
    for (uint32_t i = 0; i < gpp->count && code == CNS_OK; i++) {
        in.section = &gpp->sections[i];
        code = read_section(&in);
        if (code == CNS_E_DECODE) {
            in.section->warning_count = 0;
            code = CNS_OK;
        }
        uint32_t count = in.section->warning_count;
        const char **warnings =
            count ? cns_arena_get(in.arena, count * sizeof *warnings) : in.warnings;
        if (!warnings)
            code = CNS_E_NOMEM;
        else if (count)
            in.section->warnings = memcpy(warnings, in.warnings, count * sizeof *warnings);
    }
    if (code == CNS_OK)
        code = cns_builder_close(in.builder);
    if (code == CNS_OK)
        code = cns_builder_finish(&gpp->doc, in.builder, NULL);
    cns_builder_free(in.builder);
    if (code != CNS_OK)
        return CNS_E_NOMEM;
    size_t item = 0;
    for (uint32_t i = 0; i < gpp->count; i++) {
        cns_gpp_section *s = &gpp->sections[i];
        if (s->name && !s->error && s->id != CNS_GPP_TCF)
            s->decoded = cns_value_item(cns_doc_root(gpp->doc), item++);
    }
    return CNS_OK;
}

static cns_code read_all(cns_gpp *gpp, const char *given, size_t len, cns_alloc alloc,
                         cns_error *err) {
    const char *tilde = memchr(given, '~', len);
    size_t header_len = tilde ? (size_t)(tilde - given) : len, sections = 0;
    const char *text = cns_arena_text(&gpp->arena, given, len);
    uint8_t *bytes = cns_arena_get(&gpp->arena, CNS_BIT_ROOM(header_len));
    if (!text || !bytes)
        return CNS_E_NOMEM;
    size_t read = cns_bits_decode(bytes, text, header_len);
    if (read < header_len)
        return refuse(err, "bad_char", read,
                      "the GPP header has a character outside of A-Z a-z 0-9 - _");
    header h = {.bits = cns_bit_in_of(bytes, header_len * 6)};
    cns_code code = read_header(&h, err);
    if (code != CNS_OK)
        return code;
    for (size_t i = header_len; i < len; i++)
        sections += text[i] == '~';
    if (sections != h.count)
        return refuse(err, "section_count_mismatch", header_len,
                      "the GPP string has more or fewer sections than its header names");
    gpp->count = h.count;
    gpp->sections = cns_arena_zero(&gpp->arena, sections + 1, sizeof *gpp->sections);
    if (!gpp->sections)
        return CNS_E_NOMEM;
    code = share_out(gpp, &h, (cns_span){text, len}, err);
    return code == CNS_OK ? read_sections(gpp, text, alloc) : code;
}

cns_code cns_gpp_read(cns_gpp **out, const char *text, size_t len, cns_alloc alloc,
                      cns_error *err) {
    if (!len)
        return refuse(err, "empty", 0, "an empty text is no GPP string");
    if (len > CNS_MAX_PASTED)
        return refuse(err, "too_long", CNS_MAX_PASTED,
                      "a GPP string of more than 65 536 characters is not read");
    cns_gpp *gpp = cns_get(alloc, sizeof *gpp);
    cns_code code = CNS_E_NOMEM;
    if (gpp) {
        memset(gpp, 0, sizeof *gpp);
        cns_arena_init(&gpp->arena, alloc);
        code = read_all(gpp, text, len, alloc, err);
    }
    if (code == CNS_E_NOMEM)
        (void)cns_fail(err, code, CNS_NO_OFFSET, "memory ran out while reading a GPP string");
    if (code == CNS_OK)
        *out = gpp;
    else
        cns_gpp_free(gpp);
    return code;
}

void cns_gpp_free(cns_gpp *gpp) {
    if (!gpp)
        return;
    cns_alloc alloc = gpp->arena.alloc;
    cns_doc_free(gpp->doc);
    cns_arena_release(&gpp->arena);
    cns_drop(alloc, gpp, sizeof *gpp);
}

uint32_t cns_gpp_count(const cns_gpp *gpp) {
    return gpp->count;
}

const cns_gpp_section *cns_gpp_section_at(const cns_gpp *gpp, uint32_t index) {
    return index < gpp->count ? &gpp->sections[index] : NULL;
}
