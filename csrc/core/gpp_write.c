/* gpp_write.c - a GPP string from a tree: header, and sections one by one. */
#include <stdarg.h>
#include <stdio.h>

#include "error.h"
#include "fibonacci.h"
#include "gpp.h"
#include "gpp_fields.h"
#include "token.h"

/* ------------------------------------------------- what the sections' writers use */

static cns_code fail_at(cns_gpp_out *out, const char *path, const char *message) {
    (void)cns_fail(out->err, CNS_E_SHAPE, CNS_NO_OFFSET, message);
    if (out->err)
        (void)snprintf(out->err->path, sizeof out->err->path, "%s", path);
    return CNS_E_SHAPE;
}

cns_code cns_gpp_wrong(cns_gpp_out *out, const char *path, const char *format, ...) {
    char message[200], whole[200];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    (void)snprintf(whole, sizeof whole, "sections[%u].decoded%.160s", (unsigned)out->section, path);
    return fail_at(out, whole, message);
}

cns_code cns_gpp_no_memory(cns_gpp_out *out) {
    return cns_fail(out->err, CNS_E_NOMEM, CNS_NO_OFFSET,
                    "memory ran out while writing a GPP string");
}

/* Room for `len` more characters, or NULL. */
static char *make_room(cns_gpp_out *out, size_t len) {
    if (len > out->room - out->len) {
        size_t need = cns_add(out->len, len), room = need < 64 ? 64 : cns_mul(need, 2);
        char *text = out->alloc.resize(out->alloc.ctx, out->text, out->room, room);
        if (!text) {
            (void)cns_gpp_no_memory(out);
            return NULL;
        }
        out->text = text;
        out->room = room;
    }
    char *to = out->text + out->len;
    out->len += len;
    return to;
}

cns_code cns_gpp_put_text(cns_gpp_out *out, const char *text, size_t len) {
    char *to = make_room(out, len);
    if (!to)
        return CNS_E_NOMEM;
    memcpy(to, text, len);
    return CNS_OK;
}

cns_code cns_gpp_put_bits(cns_gpp_out *out, cns_bit_out *bits) {
    cns_bit_pad(bits, 8);
    cns_bit_pad(bits, 6);
    char *to = bits->failed ? NULL : make_room(out, cns_bit_text_len(bits));
    if (to)
        cns_bit_text(to, bits);
    else if (bits->failed)
        (void)cns_gpp_no_memory(out);
    cns_bit_out_release(bits);
    *bits = cns_bit_out_new(out->alloc);
    return to ? CNS_OK : CNS_E_NOMEM;
}

cns_code cns_gpp_number(uint64_t *number, cns_gpp_out *out, const cns_value *object,
                        const char *path, const char *name, uint64_t most) {
    const cns_value *value = cns_value_get(object, name, strlen(name));
    int64_t given = value && cns_value_kind(value) == CNS_INT ? cns_value_int(value) : -1;
    if (given < 0 || (uint64_t)given > most) {
        char whole[120];
        (void)snprintf(whole, sizeof whole, "%s.%s", path, name);
        return cns_gpp_wrong(out, whole, "give a whole number from 0 to %llu",
                             (unsigned long long)most);
    }
    *number = (uint64_t)given;
    return CNS_OK;
}

/* -------------------------------------------------------------------- header */

static bool is(const cns_value *value, cns_kind kind) {
    return value && cns_value_kind(value) == kind;
}

/* The id of a section, 0 when it has none that can be written. */
static uint32_t id_of(const cns_value *section) {
    const cns_value *id = is(section, CNS_OBJECT) ? cns_value_get(section, "id", 2) : NULL;
    int64_t number = is(id, CNS_INT) ? cns_value_int(id) : 0;
    return number > 0 && number <= CNS_FIBONACCI_MOST ? (uint32_t)number : 0;
}

static cns_code check_ids(cns_gpp_out *out, const cns_value *gpp, const cns_value *sections) {
    size_t count = cns_value_count(sections);
    const cns_value *ids = cns_value_get(gpp, "section_ids", 11);
    uint32_t before = 0;
    if (ids && (!is(ids, CNS_ARRAY) || cns_value_count(ids) != count))
        return fail_at(out, "section_ids", "give one id for each section, or leave it out");
    for (size_t i = 0; i < count; i++) {
        char path[40];
        uint32_t id = id_of(cns_value_item(sections, i));
        (void)snprintf(path, sizeof path, "sections[%zu].id", i);
        if (!id)
            return fail_at(out, path, "give a whole number from 1 to 65535");
        if (id <= before)
            return fail_at(out, path, "give each section once, in the order of their ids");
        before = id;
        const cns_value *named = ids ? cns_value_item(ids, i) : NULL;
        if (ids && (!is(named, CNS_INT) || cns_value_int(named) != id)) {
            (void)snprintf(path, sizeof path, "section_ids[%zu]", i);
            return fail_at(out, path, "this is not the id of that section: leave section_ids out");
        }
    }
    return CNS_OK;
}

/* Items of maximal runs: their number, and with `bits` they are written. */
static uint32_t put_items(cns_bit_out *bits, const cns_value *sections) {
    uint32_t items = 0, before = 0;
    size_t count = cns_value_count(sections);
    for (size_t i = 0; i < count; items++) {
        uint32_t first = id_of(cns_value_item(sections, i++)), last = first;
        while (i < count && id_of(cns_value_item(sections, i)) == last + 1) {
            last++;
            i++;
        }
        if (bits) {
            cns_bit_put(bits, last > first, 1);
            cns_fibonacci_write(bits, first - before);
            if (last > first)
                cns_fibonacci_write(bits, last - first);
        }
        before = last;
    }
    return items;
}

static cns_code put_header(cns_gpp_out *out, const cns_value *sections) {
    uint32_t items = put_items(NULL, sections);
    if (items > 4095)
        return fail_at(out, "sections", "a header has room for 4095 ranges of ids: leave some out");
    cns_bit_out bits = cns_bit_out_new(out->alloc);
    cns_bit_put(&bits, 3, 6);
    cns_bit_put(&bits, 1, 6);
    cns_bit_put(&bits, items, 12);
    (void)put_items(&bits, sections);
    cns_code code = cns_gpp_put_bits(out, &bits);
    cns_bit_out_release(&bits);
    return code;
}

/* ------------------------------------------------------------------ sections */

static cns_code put_raw(cns_gpp_out *out, const cns_value *raw) {
    char path[40];
    (void)snprintf(path, sizeof path, "sections[%u].raw", (unsigned)out->section);
    if (!is(raw, CNS_STRING) || !cns_value_count(raw))
        return fail_at(out, path, "give the section as decoded fields or as its text");
    const char *text = cns_value_text(raw);
    size_t len = cns_value_count(raw);
    for (size_t i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] >= '~')
            return fail_at(out, path, "give ASCII characters, without blanks and tildes");
    return cns_gpp_put_text(out, text, len);
}

static cns_code put_section(cns_gpp_out *out, const cns_value *section) {
    uint32_t id = id_of(section);
    const cns_value *decoded = cns_value_get(section, "decoded", 7);
    if (!decoded || cns_value_kind(decoded) == CNS_NULL)
        return put_raw(out, cns_value_get(section, "raw", 3));
    if (id == CNS_GPP_TCF || !cns_gpp_name(id))
        return cns_gpp_wrong(out, "", "give the text of this section as raw instead");
    if (cns_value_kind(decoded) != CNS_OBJECT)
        return cns_gpp_wrong(out, "", "give a mapping of the fields of the section");
    return id == 5   ? cns_gpp_write_canada(out, decoded)
           : id == 6 ? cns_gpp_write_usp(out, decoded)
                     : cns_gpp_write_us(out, id, decoded);
}

static cns_code put_all(cns_gpp_out *out, const cns_value *gpp) {
    const cns_value *sections = is(gpp, CNS_OBJECT) ? cns_value_get(gpp, "sections", 8) : NULL;
    if (!is(sections, CNS_ARRAY))
        return fail_at(out, "sections", "give a list of sections");
    cns_code code = check_ids(out, gpp, sections);
    if (code == CNS_OK)
        code = put_header(out, sections);
    size_t count = cns_value_count(sections);
    for (size_t i = 0; i < count && code == CNS_OK; i++) {
        out->section = (uint32_t)i;
        code = cns_gpp_put_text(out, "~", 1);
        if (code == CNS_OK)
            code = put_section(out, cns_value_item(sections, i));
    }
    if (code == CNS_OK && out->len > CNS_MAX_PASTED)
        return fail_at(out, "sections", "nobody reads more than 65 536 characters: leave some out");
    return code;
}

cns_code cns_gpp_write(char **out, size_t *out_len, const cns_value *gpp, cns_alloc alloc,
                       cns_error *err) {
    cns_gpp_out writing = {.alloc = alloc, .err = err};
    cns_code code = put_all(&writing, gpp);
    /* the caller tells the size when giving it back, so the room has to be just that */
    char *text =
        code == CNS_OK ? alloc.resize(alloc.ctx, writing.text, writing.room, writing.len) : NULL;
    if (text) {
        *out = text;
        *out_len = writing.len;
        return CNS_OK;
    }
    cns_drop(alloc, writing.text, writing.room);
    return code == CNS_OK ? cns_gpp_no_memory(&writing) : code;
}
