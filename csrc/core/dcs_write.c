/* dcs_write.c - a Didomi Consent String from the values of its fields. */
#include "dcs.h"

#include "arena.h"
#include "error.h"
#include "value.h"
#include "when.h"

#define TENTHS_END (INT64_C(1) << 36)

static cns_code unfit(cns_error *err, const char *field, const char *message) {
    (void)cns_fail(err, CNS_E_SHAPE, CNS_NO_OFFSET, message);
    if (err)
        cns_copy_text(err->path, sizeof err->path, field, strlen(field));
    return CNS_E_SHAPE;
}

static cns_code no_memory(cns_error *err) {
    return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "there is no memory left");
}

static cns_span text_of(const cns_value *value) {
    return cns_is_string(value) ? (cns_span){cns_value_text(value), cns_value_count(value)}
                                : (cns_span){NULL, 0};
}

static bool absent(const cns_value *value) {
    return !value || cns_value_kind(value) == CNS_NULL;
}

static cns_code put_user_id(cns_bit_out *out, const cns_value *value, cns_error *err) {
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    cns_span text = text_of(value);
    bool good = text.len == sizeof form - 1;
    for (size_t i = 0; good && i < text.len; i++)
        good = form[i] == '-' ? text.text[i] == '-' : cns_hex_digit(text.text[i]) >= 0;
    if (!good)
        return unfit(err, "user_id",
                     "give a UUID such as 01234567-89ab-6cde-8f01-23456789abcd as text");
    for (size_t i = 0; i < text.len; i++)
        if (form[i] != '-')
            cns_bit_put(out, (uint64_t)cns_hex_digit(text.text[i]), 4);
    return CNS_OK;
}

static cns_code put_date(cns_bit_out *out, const cns_value *value, const char *field,
                         cns_error *err) {
    cns_span text = text_of(value);
    cns_when when = text.text ? cns_when_parse(text.text, text.len) : CNS_NEVER;
    if (when < 0 || when / (CNS_SECOND / 10) >= TENTHS_END)
        return unfit(err, field,
                     "give a date from 1970 to 2187 as text, such as 2026-03-20T09:41:27.000Z");
    cns_bit_put(out, (uint64_t)(when / (CNS_SECOND / 10)), 36);
    return CNS_OK;
}

/* The runs of an array of ids, settled, to `runs`. */
static cns_code runs_of(cns_id_run *runs, uint32_t *count, const cns_value *ids, const char *field,
                        cns_error *err) {
    for (size_t i = 0; i < *count; i++) {
        const cns_value *id = cns_value_item(ids, i);
        int64_t number = cns_value_kind(id) == CNS_INT ? cns_value_int(id) : 0;
        if (number < 1 || number > (int64_t)CNS_MAX_ID)
            return unfit(err, field, "an id is out of range: give whole numbers from 1 to 65535");
        runs[i] = (cns_id_run){(uint16_t)number, (uint16_t)number};
    }
    *count = cns_runs_settle(runs, *count);
    return CNS_OK;
}

static cns_code encoding_of(const cns_value *value, const char *field, cns_dcs_encoding *encoding,
                            cns_error *err) {
    *encoding = CNS_DCS_ENCODINGS;
    for (unsigned i = 0; i < CNS_DCS_ENCODINGS && *encoding == CNS_DCS_ENCODINGS; i++) {
        const char *name = cns_dcs_encoding_name((cns_dcs_encoding)i);
        if (cns_is_text(value, (cns_span){name, strlen(name)}))
            *encoding = (cns_dcs_encoding)i;
    }
    if (*encoding == CNS_DCS_ENCODINGS && !absent(value))
        return unfit(err, field,
                     "the encoding is unknown: give bit_field_2_bits, ranges_u16, or none");
    return CNS_OK;
}

static cns_code put_section(cns_bit_out *out, const cns_value *section, const char *field,
                            cns_alloc alloc, cns_error *err) {
    const cns_value *on = CNS_AT(section, "enabled"), *off = CNS_AT(section, "disabled");
    cns_dcs_encoding encoding;
    if (!cns_is_object(section) || !cns_is_array(on) || !cns_is_array(off))
        return unfit(err, field, "give an object with the lists enabled and disabled");
    cns_code code = encoding_of(CNS_AT(section, "encoding"), field, &encoding, err);
    if (code != CNS_OK)
        return code;
    size_t on_most = cns_value_count(on), off_most = cns_value_count(off);
    if (on_most > CNS_MAX_ID || off_most > CNS_MAX_ID)
        return unfit(err, field, "a list has over 65535 ids: give each of them once");
    size_t most = on_most + off_most + 1, size = 3 * most * sizeof(cns_id_run);
    /* enabled and disabled | both | undefined */
    cns_id_run *on_runs = cns_get(alloc, size);
    if (!on_runs)
        return no_memory(err);
    cns_id_run *off_runs = on_runs + on_most, *both = on_runs + most, *none = both + most;
    uint32_t on_count = (uint32_t)on_most, off_count = (uint32_t)off_most, none_count = 0;
    code = runs_of(on_runs, &on_count, on, field, err);
    if (code == CNS_OK)
        code = runs_of(off_runs, &off_count, off, field, err);
    if (code == CNS_OK) {
        cns_dcs_lists lists = {
            cns_idset_of_runs(on_runs, on_count), cns_idset_of_runs(off_runs, off_count), {0}};
        uint32_t ids = cns_idset_count(&lists.enabled) + cns_idset_count(&lists.disabled);
        memcpy(both, on_runs, on_count * sizeof *both);
        memcpy(both + on_count, off_runs, off_count * sizeof *both);
        uint32_t both_count = cns_runs_settle(both, on_count + off_count);
        cns_id_set all = cns_idset_of_runs(both, both_count);
        cns_id_run whole = {1, (uint16_t)all.max};
        if (cns_idset_count(&all) != ids)
            code = unfit(err, field, "an id is both enabled and disabled: leave one out");
        if (all.max)
            none_count = cns_dcs_subtract(none, &whole, 1, both, both_count);
        lists.undefined = cns_idset_of_runs(none, none_count);
        if (encoding >= CNS_DCS_RANGES_FIBONACCI)
            encoding = cns_dcs_shortest(&lists);
        if (code == CNS_OK)
            cns_dcs_section_write(out, &lists, encoding, cns_dcs_pair_best(&lists));
    }
    cns_drop(alloc, on_runs, size);
    return code;
}

static cns_code put_head(cns_bit_out *out, const cns_value *object, uint64_t *version,
                         cns_error *err) {
    const cns_value *number = CNS_AT(object, "version"),
                    *regulation = CNS_AT(object, "regulation_id"), *sync = CNS_AT(object, "sync");
    *version = 2;
    if (!absent(number))
        *version = cns_value_kind(number) == CNS_INT ? (uint64_t)cns_value_int(number) : 0;
    if (*version != 1 && *version != 2)
        return unfit(err, "version", "there is no such version: give 1 or 2");
    cns_bit_put(out, *version, 6);
    cns_code code = put_user_id(out, CNS_AT(object, "user_id"), err);
    if (code == CNS_OK)
        code = put_date(out, CNS_AT(object, "created"), "created", err);
    if (code == CNS_OK)
        code = put_date(out, CNS_AT(object, "updated"), "updated", err);
    if (code != CNS_OK)
        return code;
    if (*version == 2) {
        int64_t id =
            regulation && cns_value_kind(regulation) == CNS_INT ? cns_value_int(regulation) : -1;
        if (id < 0 || id > 65535)
            return unfit(err, "regulation_id", "give a whole number from 0 to 65535, 1 for gdpr");
        cns_bit_put(out, (uint64_t)id, 16);
    } else if (!absent(regulation)) {
        return unfit(err, "regulation_id", "version 1 has no place for it: leave it out");
    }
    if (!absent(sync)) {
        cns_bit_put(out, 1, 1);
        return put_date(out, sync, "sync", err);
    }
    if (*version == 2)
        cns_bit_put(out, 0, 1);
    return CNS_OK;
}

/* Version 1 does not say whether it has a date of synchronisation, so a text with one may also
 * be read as one without. */
static cns_code check_sync(const char *text, size_t len, cns_alloc alloc, cns_error *err) {
    cns_dcs *dcs;
    cns_code code = cns_dcs_read(&dcs, text, len, true, alloc, err);
    if (code != CNS_OK)
        return code;
    if (!cns_dcs_content_of(dcs)->has_sync)
        code = unfit(err, "sync", "version 1 would not be read with this date: use version 2");
    cns_dcs_free(dcs);
    return code;
}

cns_code cns_dcs_write(char **text, size_t *len, const cns_value *object, cns_alloc alloc,
                       cns_error *err) {
    cns_bit_out out = cns_bit_out_new(alloc);
    uint64_t version = 0;
    if (!cns_is_object(object))
        return unfit(err, "", "give an object with the fields of a Didomi Consent String");
    cns_code code = put_head(&out, object, &version, err);
    for (unsigned i = 0; i < CNS_DCS_SECTIONS && code == CNS_OK; i++) {
        const char *field = cns_dcs_section_name(i);
        code = put_section(&out, cns_value_get(object, field, strlen(field)), field, alloc, err);
    }
    cns_bit_pad(&out, 24);
    size_t size = cns_bit_text_len(&out);
    if (code == CNS_OK && !out.failed && size > CNS_MAX_STRING) {
        (void)unfit(err, "vendors_optin",
                    "the text would have over 65 536 characters: give fewer ids");
        code = CNS_E_LIMIT;
    }
    char *written = code == CNS_OK && !out.failed ? cns_get(alloc, size) : NULL;
    if (written)
        cns_bit_text(written, &out);
    cns_bit_out_release(&out);
    if (code == CNS_OK && !written)
        code = no_memory(err);
    if (code == CNS_OK && version == 1 && !absent(CNS_AT(object, "sync")))
        code = check_sync(written, size, alloc, err);
    if (code != CNS_OK) {
        cns_drop(alloc, written, size);
        return code;
    }
    *text = written;
    *len = size;
    return CNS_OK;
}
