/* gpp_canada.c - section 5 of a GPP string, the Canadian consent of the TCF: reading.
 *
 * Three ways to write its sets of vendors are about, and the section does not say which it has:
 * all are tried, and the first that fits counts.
 */
#include "gpp_canada.h"

#include <stdio.h>

#define FIXED_BITS 199u /* in front of the sets of vendors */
#define CODINGS 3u

typedef struct parts {
    cns_span core, disclosed, publisher; /* text NULL: not there */
    cns_bit_in core_bits, disclosed_bits;
} parts;

/* What a part of the section cannot be read for; `at` is NULL as long as nothing is wrong. */
typedef struct fault {
    const char *code, *at;
} fault;

/* --------------------------------------------------------------- sets of vendors */

typedef struct set_reader {
    cns_canada_coding coding;
    cns_bit_in *bits;
    cns_span part;
    cns_id_run *room; /* where the runs of the next set go */
    fault fault;
} set_reader;

static bool fail(set_reader *r, const char *code, uint32_t bit) {
    r->fault = (fault){code, cns_gpp_place(r->part, bit)};
    return false;
}

static bool cut(set_reader *r) {
    r->fault = (fault){"truncated", r->part.text + r->part.len};
    return false;
}

/* The 12-bit number of entries and the entries: ids ascend and stay within 1 to max. */
static bool read_entries(cns_id_set *set, set_reader *r, uint32_t max) {
    cns_bit_in *in = r->bits;
    uint32_t entries = (uint32_t)cns_bit_take(in, 12), before = 0, runs = 0;
    for (uint32_t i = 0; i < entries && !in->failed; i++) {
        uint32_t at = in->at, first, last;
        bool range = cns_bit_take(in, 1) != 0;
        if (r->coding == CNS_CANADA_INTEGERS) {
            last = first = (uint32_t)cns_bit_take(in, 16);
            if (range)
                last = (uint32_t)cns_bit_take(in, 16);
        } else {
            uint32_t more = 0, distance = cns_fibonacci_read(in, CNS_MAX_ID - before);
            first = before + distance;
            if (distance && range)
                more = cns_fibonacci_read(in, CNS_MAX_ID - first);
            if (!in->failed && (!distance || (range && !more)))
                return fail(r, "fib_overflow", at);
            last = first + more;
        }
        if (in->failed)
            break;
        if (!first)
            return fail(r, "vendor_id_zero", at);
        if (last < first)
            return fail(r, "range_inverted", at);
        if (last > max)
            return fail(r, "vendor_id_over_max", at);
        if (first <= before)
            return fail(r, "range_unsorted", at);
        if (runs && first == before + 1)
            r->room[runs - 1].last = (uint16_t)last;
        else
            r->room[runs++] = (cns_id_run){(uint16_t)first, (uint16_t)last};
        before = last;
    }
    if (in->failed)
        return cut(r);
    *set = cns_idset_of_runs(r->room, runs);
    r->room += runs;
    return true;
}

static bool read_field(cns_id_set *set, set_reader *r, uint32_t max) {
    uint32_t at = cns_bit_skip(r->bits, max);
    if (r->bits->failed)
        return cut(r);
    *set = (cns_id_set){.max = max, .bits = r->bits->bytes, .at = at};
    return true;
}

static bool read_set(cns_id_set *set, set_reader *r) {
    cns_bit_in *in = r->bits;
    if (r->coding == CNS_CANADA_TEXT)
        return cns_bit_take(in, 1) ? read_entries(set, r, CNS_MAX_ID)
                                   : read_field(set, r, (uint32_t)cns_bit_take(in, 16));
    uint32_t max = (uint32_t)cns_bit_take(in, 16);
    return cns_bit_take(in, 1) ? read_entries(set, r, max) : read_field(set, r, max);
}

/* Ids of a restriction. */
static bool read_restricted(cns_id_set *set, set_reader *r) {
    return r->coding == CNS_CANADA_INTEGERS ? read_entries(set, r, CNS_MAX_ID) : read_set(set, r);
}

/* ------------------------------------------------------------------ restrictions */

typedef struct record {
    uint32_t key; /* purpose * 4 + type */
    cns_id_set ids;
} record;

#define KEYS 256u

/* Records of one purpose and type as one set each, in the order of their keys. */
static bool merge(cns_canada *ca, const record *records, uint32_t count, cns_arena *arena) {
    uint32_t of_key[KEYS] = {0}, runs[KEYS] = {0}, keys = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t single;
        of_key[records[i].key]++;
        runs[records[i].key] += cns_idset_runs(&records[i].ids, &single);
    }
    cns_id_run *room[KEYS];
    for (uint32_t key = 0; key < KEYS; key++) {
        room[key] = NULL;
        if (!of_key[key])
            continue;
        keys++;
        room[key] = cns_arena_get(arena, ((size_t)runs[key] + 1) * sizeof *room[key]);
        if (!room[key])
            return false;
    }
    ca->restrictions = cns_arena_get(arena, ((size_t)keys + 1) * sizeof *ca->restrictions);
    if (!ca->restrictions)
        return false;
    cns_id_run *next[KEYS];
    memcpy(next, room, sizeof next);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t cursor = 0;
        while (cns_idset_next(&records[i].ids, &cursor, next[records[i].key]))
            next[records[i].key]++;
    }
    for (uint32_t key = 0; key < KEYS; key++) {
        if (!of_key[key])
            continue;
        uint32_t settled = cns_runs_settle(room[key], runs[key]);
        ca->restrictions[ca->restriction_count++] = (cns_canada_restriction){
            (uint8_t)(key / 4), (uint8_t)(key % 4), cns_idset_of_runs(room[key], settled)};
    }
    return true;
}

/* CNS_OK also when something is wrong: then r->fault says what. */
static cns_code read_restrictions(cns_canada *ca, set_reader *r, cns_arena *arena) {
    cns_bit_in *in = r->bits;
    if (cns_bit_left(in) < 12)
        return CNS_OK; /* as the section was first defined */
    ca->restricted = true;
    uint32_t count = (uint32_t)cns_bit_take(in, 12);
    uint32_t most = cns_bit_left(in) / 20 + 1;
    record *records = cns_arena_get(arena, (count < most ? count : most) * sizeof *records + 1);
    if (!records)
        return CNS_E_NOMEM;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = in->at;
        uint32_t purpose = (uint32_t)cns_bit_take(in, 6), type = (uint32_t)cns_bit_take(in, 2);
        if (in->failed || cns_bit_left(in) < 12)
            (void)cut(r);
        else if (!purpose)
            (void)fail(r, "purpose_id_zero", at);
        else if (type == 3)
            (void)fail(r, "undefined_restriction_type", at);
        else
            (void)read_restricted(&records[i].ids, r);
        if (r->fault.code)
            return CNS_OK;
        records[i].key = purpose * 4 + type;
    }
    return merge(ca, records, count, arena) ? CNS_OK : CNS_E_NOMEM;
}

/* Everything behind the fixed fields, in one coding. */
static cns_code read_sets(cns_canada *ca, const parts *p, cns_canada_coding coding,
                          cns_arena *arena, fault *wrong) {
    cns_bit_in core = p->core_bits, disclosed = p->disclosed_bits;
    uint32_t least = coding == CNS_CANADA_INTEGERS ? 17 : 3; /* bits of an entry */
    size_t most =
        (cns_bit_left(&core) + (p->disclosed.text ? cns_bit_left(&disclosed) : 0)) / least;
    cns_id_run *room = cns_arena_get(arena, (most + 1) * sizeof *room);
    if (!room)
        return CNS_E_NOMEM;
    set_reader r = {.coding = coding, .bits = &core, .part = p->core, .room = room};
    cns_code code = CNS_OK;
    if (read_set(&ca->express, &r) && read_set(&ca->implied, &r))
        code = read_restrictions(ca, &r, arena);
    if (code == CNS_OK && !r.fault.code && !cns_bit_rest_zero(&core))
        (void)fail(&r, "trailing_data", core.at);
    if (code == CNS_OK && !r.fault.code && p->disclosed.text) {
        r.bits = &disclosed;
        r.part = p->disclosed;
        if (read_set(&ca->disclosed, &r) && !cns_bit_rest_zero(&disclosed))
            (void)fail(&r, "trailing_data", disclosed.at);
    }
    *wrong = r.fault;
    return code;
}

static bool same(const cns_canada *a, const cns_canada *b) {
    bool yes = cns_idset_same(&a->express, &b->express) &&
               cns_idset_same(&a->implied, &b->implied) &&
               cns_idset_same(&a->disclosed, &b->disclosed) && a->restricted == b->restricted &&
               a->restriction_count == b->restriction_count;
    for (uint32_t i = 0; yes && i < a->restriction_count; i++)
        yes = a->restrictions[i].purpose == b->restrictions[i].purpose &&
              a->restrictions[i].type == b->restrictions[i].type &&
              cns_idset_same(&a->restrictions[i].ids, &b->restrictions[i].ids);
    return yes;
}

/* The first coding that fits; the error is that of the coding that everybody reads. */
static cns_code choose(cns_canada *ca, const parts *p, cns_gpp_in *in) {
    fault first = {NULL, NULL};
    const cns_canada without = *ca;
    bool found = false, differs = false;
    for (uint32_t c = 0; c < CODINGS; c++) {
        cns_canada one = without;
        fault wrong;
        cns_code code = read_sets(&one, p, (cns_canada_coding)c, in->arena, &wrong);
        if (code != CNS_OK)
            return code;
        if (c == 0)
            first = wrong;
        if (wrong.code)
            continue;
        if (found) {
            differs = differs || !same(ca, &one);
            continue;
        }
        one.disclosed_there = p->disclosed.text != NULL;
        *ca = one;
        found = true;
        if (c == CNS_CANADA_TEXT)
            cns_gpp_warn(in, "spec_encoding");
    }
    if (!found)
        return cns_gpp_refuse(in, first.code, first.at);
    if (differs)
        cns_gpp_warn(in, "ambiguous_encoding");
    return CNS_OK;
}

/* ------------------------------------------------------------------ other fields */

static cns_code read_fixed(cns_canada *ca, cns_gpp_in *in, cns_span part, cns_bit_in *bits) {
    if (cns_bit_take(bits, 6) != 1)
        return cns_gpp_refuse(in, "unsupported_section_version", part.text);
    if (bits->end < FIXED_BITS)
        return cns_gpp_refuse(in, "truncated", part.text + part.len);
    ca->created = cns_bit_take(bits, 36);
    ca->last_updated = cns_bit_take(bits, 36);
    ca->cmp_id = (uint32_t)cns_bit_take(bits, 12);
    ca->cmp_version = (uint32_t)cns_bit_take(bits, 12);
    ca->consent_screen = (uint32_t)cns_bit_take(bits, 6);
    for (int i = 0; i < 2; i++) {
        uint64_t letter = cns_bit_take(bits, 6);
        if (letter > 25)
            return cns_gpp_refuse(in, "bad_language", cns_gpp_place(part, bits->at - 6));
        ca->language[i] = (char)('A' + letter);
    }
    ca->vendor_list_version = (uint32_t)cns_bit_take(bits, 12);
    ca->policy_version = (uint32_t)cns_bit_take(bits, 6);
    ca->non_standard_stacks = cns_bit_take(bits, 1) != 0;
    ca->special_features = (uint32_t)cns_bit_take(bits, 12);
    ca->purposes_express = (uint32_t)cns_bit_take(bits, 24);
    ca->purposes_implied = (uint32_t)cns_bit_take(bits, 24);
    return CNS_OK;
}

static cns_code read_publisher(cns_canada *ca, cns_gpp_in *in, cns_span part, cns_bit_in *bits) {
    ca->publisher_there = true;
    ca->publisher_express = (uint32_t)cns_bit_take(bits, 24);
    ca->publisher_implied = (uint32_t)cns_bit_take(bits, 24);
    ca->custom_count = (uint32_t)cns_bit_take(bits, 6);
    for (uint32_t i = 0; i < 2; i++) {
        uint64_t *custom = i ? &ca->custom_implied : &ca->custom_express;
        for (uint32_t id = 0; id < ca->custom_count; id++)
            *custom |= cns_bit_take(bits, 1) << id;
    }
    if (bits->failed)
        return cns_gpp_refuse(in, "truncated", part.text + part.len);
    if (!cns_bit_rest_zero(bits))
        return cns_gpp_refuse(in, "trailing_data", cns_gpp_place(part, bits->at));
    return CNS_OK;
}

static cns_code read_parts(cns_canada *ca, parts *p, cns_gpp_in *in) {
    cns_span part, rest = {in->section->raw.text, in->section->raw.len};
    (void)cns_gpp_next_part(&p->core, &rest);
    cns_code code = cns_gpp_part_bits(&p->core_bits, in, p->core);
    if (code == CNS_OK)
        code = read_fixed(ca, in, p->core, &p->core_bits);
    while (code == CNS_OK && cns_gpp_next_part(&part, &rest)) {
        cns_bit_in bits;
        code = cns_gpp_part_bits(&bits, in, part);
        uint64_t type = code == CNS_OK ? cns_bit_take(&bits, 3) : 0;
        if (code != CNS_OK)
            return code;
        if (type != 1 && type != 3)
            return cns_gpp_refuse(in, "bad_segment_type", part.text);
        if (type == 1 ? p->disclosed.text != NULL : ca->publisher_there)
            return cns_gpp_refuse(in, "duplicate_segment", part.text);
        if (type == 3) {
            code = read_publisher(ca, in, part, &bits);
        } else {
            p->disclosed = part;
            p->disclosed_bits = bits;
        }
    }
    return code;
}

/* --------------------------------------------------------------------- the tree */

static void key(cns_builder *b, const char *name) {
    (void)cns_builder_key(b, name, strlen(name), CNS_NO_OFFSET);
}

static void put_number(cns_builder *b, const char *name, uint64_t value) {
    key(b, name);
    (void)cns_builder_int(b, (int64_t)value, CNS_NO_OFFSET);
}

/* The ids of a field of `width` bits, the first bit id 1. */
static void put_field(cns_builder *b, const char *name, uint32_t field, uint32_t width) {
    key(b, name);
    (void)cns_builder_open(b, CNS_ARRAY, CNS_NO_OFFSET);
    for (uint32_t id = 1; id <= width; id++)
        if (field >> (width - id) & 1)
            (void)cns_builder_int(b, id, CNS_NO_OFFSET);
    (void)cns_builder_close(b);
}

static void put_custom(cns_builder *b, const char *name, uint64_t custom) {
    key(b, name);
    (void)cns_builder_open(b, CNS_ARRAY, CNS_NO_OFFSET);
    for (uint32_t id = 1; custom; id++, custom >>= 1)
        if (custom & 1)
            (void)cns_builder_int(b, id, CNS_NO_OFFSET);
    (void)cns_builder_close(b);
}

/* A set as a text like 1-5,8. */
static cns_code put_set(cns_builder *b, const char *name, const cns_id_set *set, cns_alloc alloc) {
    uint32_t single, cursor = 0;
    size_t room = (size_t)cns_idset_runs(set, &single) * sizeof "65535-65535," + 1, len = 0;
    cns_id_run run;
    char *text = cns_get(alloc, room);
    if (!text)
        return CNS_E_NOMEM;
    while (cns_idset_next(set, &cursor, &run)) {
        const char *comma = len ? "," : "";
        len +=
            (size_t)(run.first == run.last
                         ? snprintf(text + len, room - len, "%s%u", comma, run.first)
                         : snprintf(text + len, room - len, "%s%u-%u", comma, run.first, run.last));
    }
    key(b, name);
    cns_code code = cns_builder_text(b, CNS_STRING, text, len, CNS_NO_OFFSET);
    cns_drop(alloc, text, room);
    return code;
}

static cns_code put_restrictions(const cns_canada *ca, cns_builder *b, cns_alloc alloc) {
    cns_code code = CNS_OK;
    key(b, "pub_restrictions");
    if (!ca->restricted)
        return cns_builder_plain(b, CNS_NULL, CNS_NO_OFFSET);
    (void)cns_builder_open(b, CNS_ARRAY, CNS_NO_OFFSET);
    for (uint32_t i = 0; i < ca->restriction_count && code == CNS_OK; i++) {
        const cns_canada_restriction *restriction = &ca->restrictions[i];
        (void)cns_builder_open(b, CNS_OBJECT, CNS_NO_OFFSET);
        put_number(b, "purpose_id", restriction->purpose);
        put_number(b, "type", restriction->type);
        code = put_set(b, "ids", &restriction->ids, alloc);
        (void)cns_builder_close(b);
    }
    (void)cns_builder_close(b);
    return code;
}

static void put_publisher(const cns_canada *ca, cns_builder *b) {
    key(b, "publisher_purposes");
    if (!ca->publisher_there) {
        (void)cns_builder_plain(b, CNS_NULL, CNS_NO_OFFSET);
        return;
    }
    (void)cns_builder_open(b, CNS_OBJECT, CNS_NO_OFFSET);
    put_field(b, "express", ca->publisher_express, 24);
    put_field(b, "implied", ca->publisher_implied, 24);
    put_number(b, "num_custom_purposes", ca->custom_count);
    put_custom(b, "custom_express", ca->custom_express);
    put_custom(b, "custom_implied", ca->custom_implied);
    (void)cns_builder_close(b);
}

static cns_code build(const cns_canada *ca, cns_builder *b, cns_alloc alloc) {
    (void)cns_builder_open(b, CNS_OBJECT, CNS_NO_OFFSET);
    put_number(b, "version", 1);
    put_number(b, "created_ds", ca->created);
    put_number(b, "last_updated_ds", ca->last_updated);
    put_number(b, "cmp_id", ca->cmp_id);
    put_number(b, "cmp_version", ca->cmp_version);
    put_number(b, "consent_screen", ca->consent_screen);
    key(b, "consent_language");
    (void)cns_builder_text(b, CNS_STRING, ca->language, 2, CNS_NO_OFFSET);
    put_number(b, "vendor_list_version", ca->vendor_list_version);
    put_number(b, "policy_version", ca->policy_version);
    key(b, "use_non_standard_stacks");
    (void)cns_builder_plain(b, ca->non_standard_stacks ? CNS_TRUE : CNS_FALSE, CNS_NO_OFFSET);
    put_field(b, "special_feature_express_consent", ca->special_features, 12);
    put_field(b, "purposes_express_consent", ca->purposes_express, 24);
    put_field(b, "purposes_implied_consent", ca->purposes_implied, 24);
    cns_code code = put_set(b, "vendor_express_consent", &ca->express, alloc);
    if (code == CNS_OK)
        code = put_set(b, "vendor_implied_consent", &ca->implied, alloc);
    if (code == CNS_OK)
        code = put_restrictions(ca, b, alloc);
    if (code == CNS_OK && ca->disclosed_there) {
        code = put_set(b, "disclosed_vendors", &ca->disclosed, alloc);
    } else {
        key(b, "disclosed_vendors");
        (void)cns_builder_plain(b, CNS_NULL, CNS_NO_OFFSET);
    }
    put_publisher(ca, b);
    cns_code end = cns_builder_close(b);
    return code == CNS_OK ? end : code;
}

cns_code cns_gpp_read_canada(cns_gpp_in *in) {
    cns_canada ca = {0};
    parts p = {0};
    cns_code code = read_parts(&ca, &p, in);
    if (code == CNS_OK)
        code = choose(&ca, &p, in);
    return code == CNS_OK ? build(&ca, in->builder, in->arena->alloc) : code;
}
