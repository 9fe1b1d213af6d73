/* gpp_us_write.c - sections of US states in a GPP string: written by the table of gpp_fields.c. */
#include <stdio.h>

#include "gpp.h"
#include "gpp_fields.h"

#define PATH_ROOM 80u

static bool is(const cns_value *value, cns_kind kind) {
    return value && cns_value_kind(value) == kind;
}

static cns_code put_number(cns_bit_out *bits, cns_gpp_out *out, const cns_value *value,
                           const char *path, uint32_t width) {
    int64_t most = ((int64_t)1 << width) - 1;
    if (!is(value, CNS_INT) || cns_value_int(value) < 0 || cns_value_int(value) > most)
        return cns_gpp_wrong(out, path, "give a whole number from 0 to %d", (int)most);
    cns_bit_put(bits, (uint64_t)cns_value_int(value), width);
    return CNS_OK;
}

static cns_code put_list(cns_bit_out *bits, cns_gpp_out *out, const cns_value *list,
                         const char *path, uint32_t count) {
    char item[PATH_ROOM];
    cns_code code = CNS_OK;
    if (!is(list, CNS_ARRAY) || cns_value_count(list) != count)
        return cns_gpp_wrong(out, path, "give a list of %u numbers", (unsigned)count);
    for (uint32_t i = 0; i < count && code == CNS_OK; i++) {
        (void)snprintf(item, sizeof item, "%s[%u]", path, (unsigned)i);
        code = put_number(bits, out, cns_value_item(list, i), item, 2);
    }
    return code;
}

/* An unknown member is most often one that was misspelt, and its answer must not get lost. */
static cns_code only(cns_gpp_out *out, const cns_value *object, const char *path,
                     const cns_us_field *fields, uint32_t count) {
    for (size_t i = 0; i < cns_value_count(object); i++) {
        const char *key;
        size_t len;
        bool known = false;
        (void)cns_value_member(object, i, &key, &len);
        for (uint32_t f = 0; f < count && !known; f++)
            known = strlen(fields[f].name) == len && memcmp(fields[f].name, key, len) == 0;
        if (!known)
            return cns_gpp_wrong(out, path, "there is no field %.*s in this section: remove it",
                                 (int)cns_utf8_prefix(key, len < 60 ? len : 60), key);
    }
    return CNS_OK;
}

static cns_code put_core(cns_bit_out *bits, cns_gpp_out *out, const cns_value *core,
                         const cns_us_layout *layout) {
    char path[PATH_ROOM];
    cns_code code = only(out, core, ".core", layout->fields, layout->field_count);
    for (uint32_t f = 0; f < layout->field_count && code == CNS_OK; f++) {
        const cns_us_field *field = &layout->fields[f];
        const cns_value *value = cns_value_get(core, field->name, strlen(field->name));
        (void)snprintf(path, sizeof path, ".core.%s", field->name);
        if (f == 0 && !value)
            cns_bit_put(bits, layout->version, field->bits);
        else if (field->count == 1)
            code = put_number(bits, out, value, path, field->bits);
        else
            code = put_list(bits, out, value, path, field->count);
    }
    return code;
}

/* The layout that a core is to be written in. Of the national section, version 1 was written with
 * the lists of version 2 too. */
static cns_code choose(const cns_us_layout **layout, cns_gpp_out *out, uint32_t id,
                       const cns_value *core) {
    const cns_us_layout *newest = cns_us_layout_of(id, 0);
    const char *name = newest->fields[0].name;
    uint64_t version = newest->version;
    if (cns_value_get(core, name, strlen(name))) {
        cns_code code = cns_gpp_number(&version, out, core, ".core", name, 63);
        if (code != CNS_OK)
            return code;
    }
    *layout = version ? cns_us_layout_of(id, (uint32_t)version) : NULL;
    if (!*layout) {
        char path[PATH_ROOM];
        (void)snprintf(path, sizeof path, ".core.%s", name);
        return cns_gpp_wrong(out, path, "there is no such version of this section: leave it out");
    }
    static const char name_of_list[] = "SensitiveDataProcessing";
    const cns_value *list = cns_value_get(core, name_of_list, sizeof name_of_list - 1);
    if (*layout != newest && is(list, CNS_ARRAY) && cns_value_count(list) == 16)
        *layout = newest;
    return CNS_OK;
}

static cns_code put_more(cns_bit_out *bits, cns_gpp_out *out, const cns_us_layout *layout,
                         const cns_value *more) {
    static const cns_us_field sensitive = {"SensitiveDataProcessing", 2, CNS_US_SENSITIVE_COUNT};
    if (layout->more == CNS_US_GPC) {
        cns_kind kind = cns_value_kind(more);
        if (kind != CNS_TRUE && kind != CNS_FALSE)
            return cns_gpp_wrong(out, ".gpc", "give True, False or None");
        cns_bit_put(bits, 1, 2);
        cns_bit_put(bits, kind == CNS_TRUE, 1);
        return CNS_OK;
    }
    if (!is(more, CNS_OBJECT))
        return cns_gpp_wrong(out, ".sensitive_data_consents", "give a mapping or None");
    cns_code code = only(out, more, ".sensitive_data_consents", &sensitive, 1);
    if (code != CNS_OK)
        return code;
    return put_list(bits, out, cns_value_get(more, sensitive.name, strlen(sensitive.name)),
                    ".sensitive_data_consents.SensitiveDataProcessing", sensitive.count);
}

cns_code cns_gpp_write_us(cns_gpp_out *out, uint32_t id, const cns_value *decoded) {
    const cns_us_layout *layout;
    const cns_value *core = cns_value_get(decoded, "core", 4), *more = NULL;
    if (!is(core, CNS_OBJECT))
        return cns_gpp_wrong(out, ".core", "give a mapping of the fields of the section");
    cns_code code = choose(&layout, out, id, core);
    if (code != CNS_OK)
        return code;
    for (size_t i = 0; i < cns_value_count(decoded); i++) {
        static const char *const names[] = {"", "gpc", "sensitive_data_consents"};
        const char *key, *name = names[layout->more];
        size_t len;
        const cns_value *value = cns_value_member(decoded, i, &key, &len);
        if (value == core || cns_value_kind(value) == CNS_NULL)
            continue;
        if (len != strlen(name) || memcmp(key, name, len) != 0)
            return cns_gpp_wrong(out, "", "this section has no part %.*s: remove it",
                                 (int)cns_utf8_prefix(key, len < 60 ? len : 60), key);
        more = value;
    }
    cns_bit_out bits = cns_bit_out_new(out->alloc);
    code = put_core(&bits, out, core, layout);
    if (code == CNS_OK)
        code = cns_gpp_put_bits(out, &bits);
    if (code == CNS_OK && more) {
        code = cns_gpp_put_text(out, ".", 1);
        if (code == CNS_OK)
            code = put_more(&bits, out, layout, more);
        if (code == CNS_OK)
            code = cns_gpp_put_bits(out, &bits);
    }
    cns_bit_out_release(&bits);
    return code;
}
