/* dcs.c - the Didomi Consent String: the text round the sections, the fixed fields, reading. */
#include "dcs.h"

#include "arena.h"
#include "error.h"
#include "text.h"
#include "when.h"

enum { BLANKS, BAD_CHAR, CONTRADICTION, DEGENERATE, UNSORTED, WARNINGS };
static const char *const warning_codes[WARNINGS] = {"blanks", "bad_char", "contradiction",
                                                    "degenerate_range", "range_unsorted"};

struct cns_dcs {
    cns_alloc alloc;
    cns_dcs_runs runs;
    unsigned warnings; /* one bit a code */
    cns_dcs_content content;
};

static const struct {
    const char *code, *message;
} faults[] = {
    {"too_long", "the text has over 65 536 characters: shorten it"},
    {"empty", "there is no text before the first dot: give the cookie's value"},
    {"bad_char", "a character cannot stand here: give the cookie's value as it was sent"},
    {"unsupported_version", "the version is neither 1 nor 2: give a Didomi Consent String"},
    {"truncated", "the text ends too early: give all of the cookie's value"},
    {"bad_algorithm", "a section is written in a way that does not exist: write it anew"},
    {"bad_status", "an id has a status that does not exist: write the string anew"},
    {"bad_statuses", "two lists have one status: write the string anew"},
    {"id_zero", "an id is 0: ids begin at 1"},
    {"id_over_max", "an id is above 65535: write the string anew"},
    {"range_inverted", "a range ends before it begins: write the string anew"},
    {"range_unsorted", "a list of over 1 024 ranges does not ascend: write the string anew"},
    {"trailing_data", "there are bits behind the last section: give the cookie's value alone"},
    {"excess_padding", "there are 24 bits or more behind the last section: take zeros away"},
    {"contradiction", "an id is under two statuses: read without strict, or write it anew"},
    {"blanks", "there are blanks round the text: take them away"},
};

static cns_code refuse(cns_error *err, const char *code, size_t offset) {
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (strcmp(faults[i].code, code) == 0)
            (void)cns_fail(err, CNS_E_DECODE, (uint32_t)offset, faults[i].message);
    if (err)
        cns_copy_text(err->path, sizeof err->path, code, strlen(code));
    return CNS_E_DECODE;
}

static cns_code no_memory(cns_error *err) {
    return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "there is no memory left");
}

const char *cns_dcs_encoding_name(cns_dcs_encoding encoding) {
    static const char *const names[] = {"bit_field_2_bits", "ranges_u16", "ranges_fibonacci"};
    return names[encoding];
}

const char *cns_dcs_section_name(unsigned section) {
    static const char *const names[] = {"purposes_optin", "purposes_optout", "vendors_optin",
                                        "vendors_optout"};
    return names[section];
}

/* ------------------------------------------------------------------ the text */

static bool blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Sections end at the first dot or tilde. Behind them come a device id and a user id, each
 * after a dot, and a signature after a tilde or a third dot. */
static void split(cns_dcs_content *c, const char *text, size_t from, size_t end) {
    cns_dcs_span *const by_dots[] = {&c->did, &c->ouid, &c->signature};
    size_t at, dots = 0;
    const char *first = memchr(text + from, '.', end - from);
    at = first ? (size_t)(first - text) : end;
    first = memchr(text + from, '~', at - from);
    at = first ? (size_t)(first - text) : at;
    c->binary = (cns_dcs_span){(uint32_t)from, (uint32_t)(at - from)};
    const char *tilde = at < end ? memchr(text + at, '~', end - at) : NULL;
    size_t stop = tilde ? (size_t)(tilde - text) : end;
    if (tilde)
        c->signature = (cns_dcs_span){(uint32_t)stop + 1, (uint32_t)(end - stop - 1)};
    while (at < stop && dots < (tilde ? 2u : 3u)) {
        const char *dot = memchr(text + at + 1, '.', stop - at - 1);
        /* the last one takes what is left, whatever it is */
        size_t next = dot && dots < (tilde ? 1u : 2u) ? (size_t)(dot - text) : stop;
        *by_dots[dots++] = (cns_dcs_span){(uint32_t)at + 1, (uint32_t)(next - at - 1)};
        at = next;
    }
}

/* Decodes the sections; a lenient reader takes the other alphabet and its padding. */
static const char *decode(uint8_t *bytes, const char *text, size_t *len, bool strict, char *copy,
                          unsigned *warnings, size_t *place) {
    *place = cns_bits_decode(bytes, text, *len);
    if (*place == *len)
        return NULL;
    if (strict)
        return "bad_char";
    size_t kept = *len;
    while (kept && text[kept - 1] == '=')
        kept--;
    for (size_t i = 0; i < kept; i++)
        copy[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
    *place = cns_bits_decode(bytes, copy, kept);
    if (*place != kept)
        return "bad_char";
    *warnings |= 1u << BAD_CHAR;
    *len = kept;
    return kept ? NULL : "empty";
}

/* ------------------------------------------------------------------ the bits */

/* Everything behind the first two dates. Version 1 is documented without a place for `sync`, and
 * known to be written with one; `presence` says which is tried. */
static const char *read_rest(cns_dcs *dcs, cns_bit_in *in, bool presence, cns_id_run *scratch,
                             unsigned *found) {
    cns_dcs_content *c = &dcs->content;
    cns_dcs_place places[CNS_DCS_SECTIONS];
    dcs->runs.count = 0;
    *found = 0;
    c->has_sync = presence && cns_bit_take(in, 1);
    c->sync = c->has_sync ? (int64_t)cns_bit_take(in, 36) : 0;
    if (in->failed)
        return "truncated";
    for (unsigned i = 0; i < CNS_DCS_SECTIONS; i++) {
        const char *wrong = cns_dcs_section_read(&places[i], &dcs->runs, in, scratch, found);
        if (wrong || dcs->runs.failed)
            return wrong ? wrong : "truncated";
    }
    if (!cns_bit_rest_zero(in))
        return "trailing_data";
    if (cns_bit_left(in) >= 24)
        return "excess_padding";
    for (unsigned i = 0; i < CNS_DCS_SECTIONS; i++)
        c->sections[i] = cns_dcs_section_of(&places[i], &dcs->runs);
    return NULL;
}

static const char *read_bits(cns_dcs *dcs, cns_bit_in *in, cns_id_run *scratch, unsigned *found) {
    cns_dcs_content *c = &dcs->content;
    c->version = (unsigned)cns_bit_take(in, 6);
    if (c->version != 1 && c->version != 2) {
        in->at = 0;
        return "unsupported_version";
    }
    for (size_t i = 0; i < sizeof c->user_id; i++)
        c->user_id[i] = (unsigned char)cns_bit_take(in, 8);
    c->created = (int64_t)cns_bit_take(in, 36);
    c->updated = (int64_t)cns_bit_take(in, 36);
    if (c->version == 2)
        c->regulation_id = (uint16_t)cns_bit_take(in, 16);
    cns_bit_in again = *in;
    const char *wrong = read_rest(dcs, in, c->version == 2, scratch, found);
    if (wrong && !dcs->runs.failed && c->version == 1 && !again.failed &&
        !read_rest(dcs, &again, true, scratch, found))
        return NULL;
    return wrong;
}

cns_code cns_dcs_read(cns_dcs **out, const char *text, size_t len, bool strict, cns_alloc alloc,
                      cns_error *err) {
    size_t from = 0, end = len, place = 0;
    unsigned found = 0;
    if (len > CNS_MAX_STRING)
        return refuse(err, "too_long", 0);
    while (from < end && blank(text[from]))
        from++;
    while (end > from && blank(text[end - 1]))
        end--;
    if (strict && end - from != len)
        return refuse(err, "blanks", from ? 0 : end);
    cns_dcs_content content = {0};
    split(&content, text, from, end);
    size_t used = content.binary.len;
    if (!used)
        return refuse(err, "empty", from);
    size_t runs_size = CNS_DCS_SCRATCH(6 * used) * sizeof(cns_id_run);
    size_t room = runs_size + CNS_BIT_ROOM(used) + used;
    cns_dcs *dcs = cns_get(alloc, sizeof *dcs);
    cns_id_run *scratch = dcs ? cns_get(alloc, room) : NULL;
    if (!scratch) {
        cns_drop(alloc, dcs, sizeof *dcs);
        return no_memory(err);
    }
    *dcs = (cns_dcs){.alloc = alloc, .runs = {.alloc = alloc}, .content = content};
    dcs->warnings = (unsigned)(end - from != len) << BLANKS;
    uint8_t *bytes = (uint8_t *)scratch + runs_size;
    const char *wrong =
        decode(bytes, text + from, &used, strict, (char *)bytes + CNS_BIT_ROOM(content.binary.len),
               &dcs->warnings, &place);
    if (!wrong) {
        cns_bit_in in = cns_bit_in_of(bytes, 6 * used);
        wrong = read_bits(dcs, &in, scratch, &found);
        place = in.at / 6;
    }
    cns_drop(alloc, scratch, room);
    if (!wrong && strict && found & CNS_DCS_CONTRADICTION) {
        wrong = "contradiction";
        place = 0;
    }
    if (dcs->runs.failed || wrong) {
        bool starved = dcs->runs.failed;
        cns_dcs_free(dcs);
        return starved ? no_memory(err) : refuse(err, wrong, from + place);
    }
    dcs->warnings |= found << CONTRADICTION;
    *out = dcs;
    return CNS_OK;
}

void cns_dcs_free(cns_dcs *dcs) {
    if (dcs) {
        cns_dcs_runs_release(&dcs->runs);
        cns_drop(dcs->alloc, dcs, sizeof *dcs);
    }
}

const cns_dcs_content *cns_dcs_content_of(const cns_dcs *dcs) {
    return &dcs->content;
}

const char *cns_dcs_warning(const cns_dcs *dcs, size_t index) {
    for (unsigned i = 0; i < WARNINGS; i++)
        if (dcs->warnings >> i & 1 && index-- == 0)
            return warning_codes[i];
    return NULL;
}

void cns_dcs_user_id_text(char out[CNS_DCS_USER_ID_TEXT + 1], const unsigned char id[16]) {
    static const char hex[] = "0123456789abcdef";
    char *at = out;
    for (unsigned i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = hex[id[i] >> 4];
        *at++ = hex[id[i] & 15];
    }
    *at = '\0';
}

void cns_dcs_date_text(char out[CNS_DCS_DATE_TEXT + 1], int64_t tenths) {
    cns_when_write(out, tenths * (CNS_SECOND / 10));
}
