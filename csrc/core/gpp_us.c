/* gpp_us.c - sections of US states in a GPP string: read by the table of gpp_fields.c. */
#include "gpp.h"
#include "gpp_fields.h"

#define NATIONAL 7u
#define NATIONAL_LONG 70u /* bits from which on a core of version 1 has the lists of version 2 */
#define FIRST_WITH_HEADER 24u
#define UNDEFINED 3u /* of a number of two bits */

typedef struct us_section {
    const cns_us_layout *layout;
    uint8_t version;
    bool has_gpc, gpc, has_sensitive;
    uint8_t values[CNS_US_VALUES];
    uint8_t sensitive[CNS_US_SENSITIVE_COUNT];
} us_section;

static cns_code read_core(us_section *us, cns_gpp_in *in, cns_span part) {
    cns_bit_in bits;
    uint32_t id = in->section->id;
    cns_code code = cns_gpp_part_bits(&bits, in, part);
    if (code != CNS_OK)
        return code;
    us->version = (uint8_t)cns_bit_take(&bits, 6);
    if (id >= FIRST_WITH_HEADER && us->version == id)
        return cns_gpp_refuse(in, "unsupported_header", part.text);
    us->layout = us->version ? cns_us_layout_of(id, us->version) : NULL;
    if (!us->layout)
        return cns_gpp_refuse(in, "unsupported_section_version", part.text);
    if (id == NATIONAL && us->version == 1 && bits.end >= NATIONAL_LONG) {
        us->layout = cns_us_layout_of(id, 2);
        cns_gpp_warn(in, "usnat_v1_long_layout_or_24bit_padding");
    }
    if (bits.end < us->layout->bits)
        return cns_gpp_refuse(in, "truncated", part.text + part.len);
    uint8_t *value = us->values;
    *value++ = us->version;
    for (uint32_t f = 1; f < us->layout->field_count; f++)
        for (uint32_t i = 0; i < us->layout->fields[f].count; i++)
            *value++ = (uint8_t)cns_bit_take(&bits, us->layout->fields[f].bits);
    if (!cns_bit_rest_zero(&bits))
        return cns_gpp_refuse(in, "trailing_data", cns_gpp_place(part, bits.at));
    return CNS_OK;
}

/* A part behind the core. */
static cns_code read_more(us_section *us, cns_gpp_in *in, cns_span part) {
    cns_bit_in bits;
    cns_code code = cns_gpp_part_bits(&bits, in, part);
    if (code != CNS_OK)
        return code;
    if (us->layout->more == CNS_US_GPC) {
        if (cns_bit_take(&bits, 2) != 1)
            return cns_gpp_refuse(in, "bad_segment_type", part.text);
        if (us->has_gpc)
            return cns_gpp_refuse(in, "duplicate_segment", part.text);
        us->has_gpc = true;
        us->gpc = cns_bit_take(&bits, 1) != 0;
    } else if (us->layout->more == CNS_US_SENSITIVE && !us->has_sensitive) {
        us->has_sensitive = true;
        for (uint32_t i = 0; i < CNS_US_SENSITIVE_COUNT; i++)
            us->sensitive[i] = (uint8_t)cns_bit_take(&bits, 2);
        if (bits.failed)
            return cns_gpp_refuse(in, "truncated", part.text + part.len);
    } else {
        return cns_gpp_refuse(in, "bad_segment_type", part.text);
    }
    if (!cns_bit_rest_zero(&bits))
        return cns_gpp_refuse(in, "trailing_data", cns_gpp_place(part, bits.at));
    return CNS_OK;
}

/* `value_3:<field>` for a number that means nothing. */
static cns_code warn_undefined(cns_gpp_in *in, const char *field) {
    static const char code[] = "value_3:";
    size_t len = strlen(field);
    char *text = cns_arena_get(in->arena, sizeof code + len);
    if (!text)
        return CNS_E_NOMEM;
    memcpy(text, code, sizeof code - 1);
    memcpy(text + sizeof code - 1, field, len + 1);
    cns_gpp_warn(in, text);
    return CNS_OK;
}

static cns_code warn(const us_section *us, cns_gpp_in *in) {
    const uint8_t *value = us->values + 1;
    cns_code code = CNS_OK;
    for (uint32_t f = 1; f < us->layout->field_count && code == CNS_OK; f++) {
        const cns_us_field *field = &us->layout->fields[f];
        bool undefined = false;
        for (uint32_t i = 0; i < field->count; i++)
            undefined = undefined || value[i] == UNDEFINED;
        if (strcmp(field->name, "MspaCoveredTransaction") == 0) {
            if (undefined || *value == 0)
                cns_gpp_warn(in, "mspa_covered_transaction_0_or_3");
        } else if (undefined) {
            code = warn_undefined(in, field->name);
        }
        value += field->count;
    }
    bool undefined = false;
    for (uint32_t i = 0; i < CNS_US_SENSITIVE_COUNT; i++)
        undefined = undefined || us->sensitive[i] == UNDEFINED;
    return undefined && code == CNS_OK ? warn_undefined(in, "SensitiveDataProcessing") : code;
}

static void build_key(cns_builder *b, const char *name) {
    (void)cns_builder_key(b, name, strlen(name), CNS_NO_OFFSET);
}

static void build_numbers(cns_builder *b, const uint8_t *values, uint32_t count, bool list) {
    if (list)
        (void)cns_builder_open(b, CNS_ARRAY, CNS_NO_OFFSET);
    for (uint32_t i = 0; i < count; i++)
        (void)cns_builder_int(b, values[i], CNS_NO_OFFSET);
    if (list)
        (void)cns_builder_close(b);
}

static cns_code build(const us_section *us, cns_builder *b) {
    const uint8_t *value = us->values;
    (void)cns_builder_open(b, CNS_OBJECT, CNS_NO_OFFSET);
    build_key(b, "core");
    (void)cns_builder_open(b, CNS_OBJECT, CNS_NO_OFFSET);
    for (uint32_t f = 0; f < us->layout->field_count; f++) {
        const cns_us_field *field = &us->layout->fields[f];
        build_key(b, field->name);
        build_numbers(b, value, field->count, field->count > 1);
        value += field->count;
    }
    (void)cns_builder_close(b);
    if (us->has_gpc) {
        build_key(b, "gpc");
        (void)cns_builder_plain(b, us->gpc ? CNS_TRUE : CNS_FALSE, CNS_NO_OFFSET);
    }
    if (us->has_sensitive) {
        build_key(b, "sensitive_data_consents");
        (void)cns_builder_open(b, CNS_OBJECT, CNS_NO_OFFSET);
        build_key(b, "SensitiveDataProcessing");
        build_numbers(b, us->sensitive, CNS_US_SENSITIVE_COUNT, true);
        (void)cns_builder_close(b);
    }
    return cns_builder_close(b);
}

cns_code cns_gpp_read_us(cns_gpp_in *in) {
    us_section us = {0};
    cns_span part, rest = {in->section->raw.text, in->section->raw.len};
    (void)cns_gpp_next_part(&part, &rest);
    cns_code code = read_core(&us, in, part);
    while (code == CNS_OK && cns_gpp_next_part(&part, &rest))
        code = read_more(&us, in, part);
    if (code == CNS_OK)
        code = warn(&us, in);
    return code == CNS_OK ? build(&us, in->builder) : code;
}
