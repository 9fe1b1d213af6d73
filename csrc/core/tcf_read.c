/* tcf_read.c - a TC string, one segment after the other, into one block. */
#include "arena.h"
#include "error.h"
#include "tcf.h"

#define LETTERS 26u
#define EXCESS 24u /* bits of padding that no writer needs */

/* ------------------------------------------------------------------ verdicts */

/* Codes of errors with what they say; beside them stand the warnings that strict reading
 * refuses. */
static const struct verdict {
    const char *code, *message;
} verdicts[] = {
    {"empty", "there is no TC string: pass the text that the CMP wrote"},
    {"too_long", "the text is longer than 65536 characters: no TC string is"},
    {"bad_char", "a character is not of the base64url alphabet: pass the TC string as the CMP "
                 "wrote it, percent-decoded"},
    {"empty_segment", "a segment is empty: remove the needless dot"},
    {"unsupported_version", "this is not a TC string of version 2, which begins with C"},
    {"truncated", "the string ends too early: pass the whole of it"},
    {"range_inverted", "a range ends before it starts: the writer of this string is broken"},
    {"vendor_id_zero", "a vendor has the id 0: the writer of this string is broken"},
    {"vendor_id_over_max", "a vendor id is above the MaxVendorId of its list"},
    {"bad_segment_type", "a segment has a type that may not stand there"},
    {"duplicate_segment", "a segment stands there twice"},
    {"trailing_data", "set bits follow the last field of a segment"},
    {"bad_language", "the language is not two letters"},
    {"bad_country", "the country is not two letters"},
    {"undefined_restriction_type", "a restriction has the type 3, which has no meaning"},
    {"purpose_id_zero", "a restriction is on purpose 0, which does not exist"},
};

static const char *message_of(const char *code) {
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
        if (strcmp(verdicts[i].code, code) == 0)
            return verdicts[i].message;
    return "the TC string cannot be read";
}

cns_code cns_tc_refuse(cns_tc_reading *r, const char *reason) {
    if (!r->reason)
        r->reason = reason;
    return CNS_E_DECODE;
}

cns_code cns_tc_odd(cns_tc_reading *r, uint32_t warning) {
    r->warnings |= warning;
    r->block->tc.exact = false;
    if (!r->strict)
        return CNS_OK;
    unsigned index = 0;
    while (!(warning >> index & 1))
        index++;
    return cns_tc_refuse(r, warning == CNS_TC_UNKNOWN_SEGMENT ? "bad_segment_type"
                                                              : cns_tc_warning_name(index));
}

cns_code cns_tc_entries_found(cns_tc_reading *r, unsigned found, bool complete) {
    if (found & CNS_IDS_OVER_MAX) {
        cns_code code = cns_tc_odd(r, CNS_TC_VENDOR_ID_OVER_MAX);
        if (code != CNS_OK)
            return code;
    }
    if (r->in.failed)
        return cns_tc_refuse(r, "truncated");
    if (!complete)
        return cns_tc_refuse(r, found & CNS_IDS_ZERO ? "vendor_id_zero" : "range_inverted");
    if (found & CNS_IDS_DEGENERATE)
        r->warnings |= CNS_TC_DEGENERATE_RANGE;
    if (found & CNS_IDS_UNSORTED)
        r->warnings |= CNS_TC_RANGE_UNSORTED;
    if (found & CNS_IDS_SLACK)
        r->warnings |= CNS_TC_MAX_VENDOR_ID_SLACK;
    return CNS_OK;
}

cns_code cns_tc_want_runs(cns_tc_reading *r) {
    if (r->room)
        return CNS_OK;
    size_t bits = (size_t)cns_bit_left(&r->in) + r->text_left * 6;
    r->block->runs_size = (CNS_RUN_ROOM(bits) + 1) * sizeof(cns_id_run);
    r->block->runs = r->room = cns_get(r->block->alloc, r->block->runs_size);
    return r->room ? CNS_OK : CNS_E_NOMEM;
}

/* -------------------------------------------------------------------- fields */

static uint32_t take_mask(cns_bit_in *in, uint32_t bits) {
    return (uint32_t)cns_reversed(cns_bit_take(in, bits), bits);
}

/* Up to 63 bits. */
static uint64_t take_long_mask(cns_bit_in *in, uint32_t bits) {
    uint32_t high = bits > 32 ? bits - 32 : 0;
    uint64_t field = high ? cns_bit_take(in, high) << 32 : 0;
    if (bits)
        field |= cns_bit_take(in, bits - high);
    return cns_reversed(field, bits);
}

static cns_code take_letters(cns_tc_reading *r, uint8_t *letters, uint32_t warning) {
    uint32_t field = (uint32_t)cns_bit_take(&r->in, 12);
    letters[0] = (uint8_t)(field >> 6);
    letters[1] = field & 63;
    return letters[0] >= LETTERS || letters[1] >= LETTERS ? cns_tc_odd(r, warning) : CNS_OK;
}

static cns_code take_vendors(cns_tc_reading *r, cns_id_set *set) {
    unsigned found;
    cns_code code = CNS_OK;
    if (cns_bit_left(&r->in) >= 17 && cns_bits_at(r->in.bytes, r->in.at) >> 47 & 1)
        code = cns_tc_want_runs(r);
    if (code != CNS_OK)
        return code;
    bool complete = cns_idset_read(set, &r->in, &r->room, &found);
    return found || !complete ? cns_tc_entries_found(r, found, complete) : CNS_OK;
}

/* ------------------------------------------------------------------ segments */

static cns_code read_core(cns_tc_reading *r) {
    cns_tc *tc = &r->block->tc;
    cns_bit_in *in = &r->in;
    if (cns_bit_take(in, 6) != 2) {
        in->at = 0;
        return cns_tc_refuse(r, "unsupported_version");
    }
    tc->created = cns_bit_take(in, 36);
    tc->last_updated = cns_bit_take(in, 36);
    uint64_t head = cns_bit_take(in, 30); /* CMP: id 12, version 12, screen 6 */
    tc->cmp_id = (uint16_t)(head >> 18);
    tc->cmp_version = head >> 6 & 0xFFF;
    tc->consent_screen = head & 63;
    cns_code code = take_letters(r, tc->language, CNS_TC_BAD_LANGUAGE);
    if (code != CNS_OK)
        return code;
    head = cns_bit_take(in, 20); /* list version 12, policy 6, two flags */
    tc->vendor_list_version = (uint16_t)(head >> 8);
    tc->policy_version = head >> 2 & 63;
    tc->service_specific = head >> 1 & 1;
    tc->non_standard_texts = head & 1;
    tc->special_features = take_mask(in, 12);
    tc->purposes = take_mask(in, 24);
    tc->purposes_li = take_mask(in, 24);
    tc->purpose_one_treatment = cns_bit_take(in, 1);
    code = take_letters(r, tc->country, CNS_TC_BAD_COUNTRY);
    if (code == CNS_OK)
        code = take_vendors(r, &tc->vendors);
    if (code == CNS_OK)
        code = take_vendors(r, &tc->vendors_li);
    return code == CNS_OK ? cns_tc_read_restrictions(r) : code;
}

static cns_code read_publisher(cns_tc_reading *r) {
    cns_tc *tc = &r->block->tc;
    tc->publisher_purposes = take_mask(&r->in, 24);
    tc->publisher_purposes_li = take_mask(&r->in, 24);
    tc->custom_count = (uint8_t)cns_bit_take(&r->in, 6);
    tc->custom_purposes = take_long_mask(&r->in, tc->custom_count);
    tc->custom_purposes_li = take_long_mask(&r->in, tc->custom_count);
    return r->in.failed ? cns_tc_refuse(r, "truncated") : CNS_OK;
}

static cns_code read_other(cns_tc_reading *r, unsigned type) {
    cns_tc *tc = &r->block->tc;
    bool *has = type == CNS_TC_DISCLOSED ? &tc->has_disclosed
                : type == CNS_TC_ALLOWED ? &tc->has_allowed
                                         : &tc->has_publisher;
    cns_code code = *has ? cns_tc_odd(r, CNS_TC_DUPLICATE_SEGMENT) : CNS_OK;
    *has = true;
    r->in.at = 3;
    if (code != CNS_OK)
        return code;
    if (type == CNS_TC_PUBLISHER)
        return read_publisher(r);
    return take_vendors(r, type == CNS_TC_DISCLOSED ? &tc->disclosed : &tc->allowed);
}

static cns_code read_segment(cns_tc_reading *r, unsigned type) {
    cns_code code;
    if (type > CNS_TC_PUBLISHER)
        return cns_tc_odd(r, CNS_TC_UNKNOWN_SEGMENT);
    if (type != CNS_TC_CORE)
        code = read_other(r, type);
    else if (r->block->tc.segment_count)
        code = cns_tc_refuse(r, "bad_segment_type");
    else
        code = read_core(r);
    if (code != CNS_OK)
        return code;
    if (!cns_bit_rest_zero(&r->in))
        return cns_tc_odd(r, CNS_TC_TRAILING_DATA);
    if (cns_bit_left(&r->in) >= EXCESS)
        r->warnings |= CNS_TC_EXCESS_PADDING;
    return CNS_OK;
}

/* ---------------------------------------------------------------- the string */

/* No more than STRICT_PARTS segments are looked at in strict reading: the core and three others,
 * each once, and what follows them is refused. */
#define STRICT_PARTS 5u

static size_t parts_of(const char *text, size_t len, bool strict) {
    size_t count = 1, most = strict ? STRICT_PARTS : len + 1;
    const char *at = text, *end = text + len, *dot;
    while (count < most && (dot = memchr(at, '.', (size_t)(end - at)))) {
        count++;
        for (at = dot + 1; at < end && *at == '.' && count < most; at++)
            count++;
    }
    return count;
}

/* Fills the block; *offset gets the place of an error. */
static cns_code read_all(cns_tc_reading *r, uint8_t *bytes, uint8_t *types, const char *text,
                         size_t len, uint32_t *offset) {
    cns_tc *tc = &r->block->tc;
    tc->segments = types;
    for (size_t at = 0;; at++) {
        const char *dot =
            at < len && text[at] == '.' ? text + at : memchr(text + at, '.', len - at);
        size_t end = dot ? (size_t)(dot - text) : len, size = end - at;
        cns_code code;
        r->in = cns_bit_in_of(bytes, size * 6);
        r->text_left = len - end;
        if (size) {
            size_t good = cns_bits_decode(bytes, text + at, size);
            *offset = (uint32_t)(at + good);
            if (good < size)
                return cns_tc_refuse(r, "bad_char");
            unsigned type = bytes[0] >> 5;
            if (at == 0) /* whatever it is, the first one has to be the core */
                type = CNS_TC_CORE;
            code = read_segment(r, type);
            types[tc->segment_count++] = (uint8_t)type;
            /* the next segment takes the place of this one's slack */
            bytes += (size + 3) / 4 * 3;
        } else {
            code = at ? cns_tc_odd(r, CNS_TC_EMPTY_SEGMENT) : cns_tc_refuse(r, "empty_segment");
        }
        *offset = (uint32_t)(at + r->in.at / 6);
        if (code != CNS_OK)
            return code;
        if (!dot)
            break;
        at = end;
    }
    tc->warnings = r->warnings | cns_tc_check(tc);
    return CNS_OK;
}

static cns_code refuse_text(cns_error *err, const char *reason, uint32_t offset) {
    cns_fail(err, CNS_E_DECODE, offset, message_of(reason));
    if (err)
        cns_copy_text(err->path, sizeof err->path, reason, strlen(reason));
    return CNS_E_DECODE;
}

static cns_code no_memory(cns_error *err) {
    return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "memory ran out while reading a TC string");
}

/* Reads a text of usual length; on CNS_E_DECODE *reason and *offset are set. */
static cns_code read_text(cns_tc **out, const char *text, size_t len, bool strict, cns_alloc alloc,
                          const char **reason, uint32_t *offset) {
    size_t parts = parts_of(text, len, strict);
    /* every segment may end inside a group of three bytes */
    size_t size = sizeof(cns_tc_block) + CNS_BIT_ROOM(len) + 3 * parts + parts;
    cns_tc_block *block = cns_get(alloc, size);
    if (!block)
        return CNS_E_NOMEM;
    memset(block, 0, sizeof *block);
    block->alloc = alloc;
    block->size = size;
    block->tc.exact = true;
    uint8_t *bytes = (uint8_t *)(block + 1);
    cns_tc_reading r = {.block = block, .strict = strict};
    cns_code code = read_all(&r, bytes, bytes + (size - sizeof *block - parts), text, len, offset);
    if (code == CNS_OK) {
        *out = &block->tc;
        return CNS_OK;
    }
    *reason = r.reason;
    cns_tc_free(&block->tc);
    return code;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The text with what senders do to it undone: blanks around it, the alphabet of plain base64,
 * padding at the end of a segment. Where each character was goes to `was`. Returns its length. */
static size_t repair(char *to, uint32_t *was, const char *text, size_t len) {
    size_t from = 0, out = 0;
    while (from < len && is_blank(text[from]))
        from++;
    while (len > from && is_blank(text[len - 1]))
        len--;
    size_t ends = len; /* where the run of = that reaches the end of a segment begins */
    for (; from < len; from++) {
        if (text[from] == '=') {
            for (ends = from; ends < len && text[ends] == '=';)
                ends++;
            if (ends == len || text[ends] == '.') {
                from = ends - 1;
                continue;
            }
        }
        was[out] = (uint32_t)from;
        to[out++] = text[from] == '+' ? '-' : text[from] == '/' ? '_' : text[from];
    }
    was[out] = (uint32_t)from;
    return out;
}

static cns_code read_repaired(cns_tc **out, const char *text, size_t len, cns_alloc alloc,
                              const char **reason, uint32_t *offset) {
    size_t size = (len + 1) * (sizeof(uint32_t) + 1);
    uint32_t *was = cns_get(alloc, size);
    if (!was)
        return CNS_E_NOMEM;
    char *fixed = (char *)(was + len + 1);
    size_t fixed_len = repair(fixed, was, text, len);
    cns_tc *tc = NULL;
    uint32_t at = 0;
    cns_code code = CNS_E_DECODE;
    *reason = "empty";
    if (fixed_len)
        code = read_text(&tc, fixed, fixed_len, false, alloc, reason, &at);
    *offset = was[at < fixed_len ? at : fixed_len];
    if (code == CNS_OK) {
        tc->exact = false;
        *out = tc;
    }
    cns_drop(alloc, was, size);
    return code;
}

cns_code cns_tc_new(cns_tc **out, const char *text, size_t len, bool strict, cns_alloc alloc,
                    cns_error *err) {
    if (len == 0)
        return refuse_text(err, "empty", 0);
    if (len > CNS_MAX_STRING)
        return refuse_text(err, "too_long", CNS_MAX_STRING);
    const char *reason = NULL;
    uint32_t offset = 0;
    cns_code code = read_text(out, text, len, strict, alloc, &reason, &offset);
    if (code == CNS_E_DECODE && !strict && strcmp(reason, "bad_char") == 0)
        code = read_repaired(out, text, len, alloc, &reason, &offset);
    if (code == CNS_E_NOMEM)
        return no_memory(err);
    return code == CNS_OK ? CNS_OK : refuse_text(err, reason, offset);
}

void cns_tc_free(cns_tc *tc) {
    if (!tc)
        return;
    cns_tc_block *block = (cns_tc_block *)(void *)tc;
    cns_alloc alloc = block->alloc;
    if (block->runs)
        cns_drop(alloc, block->runs, block->runs_size);
    if (block->restrictions)
        cns_drop(alloc, block->restrictions, block->restrictions_size);
    if (block->merged)
        cns_drop(alloc, block->merged, block->merged_size);
    cns_drop(alloc, block, block->size);
}
