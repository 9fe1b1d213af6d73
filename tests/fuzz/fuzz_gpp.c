/* fuzz_gpp.c - any bytes as a GPP string: what can be read is written, and read again to the same.
 *
 * Also linked into test_gpp.c, which replays the vectors and what becomes of them. */
#include <stdlib.h>
#include <string.h>

#include "../../csrc/core/consent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

/* Trees of sections are at most this deep, whatever was read. */
#define DEEPEST 6

static bool same_value(const cns_value *a, const cns_value *b, int depth) {
    const char *keys[2];
    size_t lens[2];
    must(depth < DEEPEST);
    if (!a || !b)
        return a == b;
    cns_kind kind = cns_value_kind(a);
    if (kind != cns_value_kind(b) || cns_value_count(a) != cns_value_count(b) ||
        (kind == CNS_INT && cns_value_int(a) != cns_value_int(b)) ||
        (kind == CNS_STRING && memcmp(cns_value_text(a), cns_value_text(b), cns_value_count(a))))
        return false;
    if (kind != CNS_ARRAY && kind != CNS_OBJECT)
        return true;
    for (size_t i = 0; i < cns_value_count(a); i++) {
        if (kind == CNS_ARRAY) {
            if (!same_value(cns_value_item(a, i), cns_value_item(b, i), depth + 1))
                return false;
            continue;
        }
        const cns_value *x = cns_value_member(a, i, &keys[0], &lens[0]);
        const cns_value *y = cns_value_member(b, i, &keys[1], &lens[1]);
        if (lens[0] != lens[1] || memcmp(keys[0], keys[1], lens[0]) || !same_value(x, y, depth + 1))
            return false;
    }
    return true;
}

static void copy_value(cns_builder *b, const cns_value *value, int depth) {
    cns_kind kind = cns_value_kind(value);
    must(depth < DEEPEST);
    if (kind == CNS_INT) {
        (void)cns_builder_int(b, cns_value_int(value), CNS_NO_OFFSET);
    } else if (kind == CNS_STRING) {
        (void)cns_builder_text(b, kind, cns_value_text(value), cns_value_count(value),
                               CNS_NO_OFFSET);
    } else if (kind != CNS_ARRAY && kind != CNS_OBJECT) {
        (void)cns_builder_plain(b, kind, CNS_NO_OFFSET);
    } else {
        (void)cns_builder_open(b, kind, CNS_NO_OFFSET);
        for (size_t i = 0; i < cns_value_count(value); i++) {
            const char *key;
            size_t len;
            const cns_value *inner = kind == CNS_ARRAY ? cns_value_item(value, i)
                                                       : cns_value_member(value, i, &key, &len);
            if (kind == CNS_OBJECT)
                (void)cns_builder_key(b, key, len, CNS_NO_OFFSET);
            copy_value(b, inner, depth + 1);
        }
        (void)cns_builder_close(b);
    }
}

/* The tree that cns_gpp_write takes: fields where a section has them, otherwise its text. */
static cns_doc *tree_of(const cns_gpp *gpp, cns_alloc alloc) {
    cns_doc *doc = NULL;
    cns_builder *b = cns_builder_new(alloc);
    if (!b)
        return NULL;
    (void)cns_builder_open(b, CNS_OBJECT, CNS_NO_OFFSET);
    (void)cns_builder_key(b, "sections", 8, CNS_NO_OFFSET);
    (void)cns_builder_open(b, CNS_ARRAY, CNS_NO_OFFSET);
    for (uint32_t i = 0; i < cns_gpp_count(gpp); i++) {
        const cns_gpp_section *section = cns_gpp_section_at(gpp, i);
        (void)cns_builder_open(b, CNS_OBJECT, CNS_NO_OFFSET);
        (void)cns_builder_key(b, "id", 2, CNS_NO_OFFSET);
        (void)cns_builder_int(b, section->id, CNS_NO_OFFSET);
        (void)cns_builder_key(b, section->decoded ? "decoded" : "raw", section->decoded ? 7 : 3,
                              CNS_NO_OFFSET);
        if (section->decoded)
            copy_value(b, section->decoded, 0);
        else
            (void)cns_builder_text(b, CNS_STRING, section->raw.text, section->raw.len,
                                   CNS_NO_OFFSET);
        (void)cns_builder_close(b);
    }
    (void)cns_builder_close(b);
    (void)cns_builder_close(b);
    if (cns_builder_finish(&doc, b, NULL) != CNS_OK)
        doc = NULL;
    cns_builder_free(b);
    return doc;
}

static void check_sections(const cns_gpp *gpp, size_t size) {
    uint32_t before = 0;
    for (uint32_t i = 0; i < cns_gpp_count(gpp); i++) {
        const cns_gpp_section *section = cns_gpp_section_at(gpp, i);
        must(section->id > before && section->id <= 65535 && section->raw.len);
        must(!section->error || (!section->decoded && section->error_offset <= size));
        must(!section->error || !section->warning_count);
        must(section->name || !section->decoded);
        for (uint32_t w = 0; w < section->warning_count; w++)
            must(section->warnings[w] && section->warnings[w][0]);
        before = section->id;
    }
    must(!cns_gpp_section_at(gpp, cns_gpp_count(gpp)));
}

/* Reads, writes and reads again. */
static void check_again(const cns_gpp *gpp, cns_alloc alloc) {
    cns_doc *doc = tree_of(gpp, alloc);
    cns_gpp *again;
    char *text;
    size_t len;
    cns_error err;
    if (!doc)
        return; /* a text that is no UTF-8, in a section that could not be read */
    cns_code code = cns_gpp_write(&text, &len, cns_doc_root(doc), alloc, &err);
    if (code == CNS_OK) {
        must(cns_gpp_read(&again, text, len, alloc, &err) == CNS_OK);
        must(cns_gpp_count(again) == cns_gpp_count(gpp));
        for (uint32_t i = 0; i < cns_gpp_count(gpp); i++)
            must(same_value(cns_gpp_section_at(gpp, i)->decoded,
                            cns_gpp_section_at(again, i)->decoded, 0));
        cns_gpp_free(again);
        cns_text_free(alloc, text, len);
    } else {
        /* only because of an unreadable section's text, or of the length */
        must(code == CNS_E_SHAPE && (strstr(err.path, "].raw") || strstr(err.message, "65 536") ||
                                     strstr(err.message, "4095")));
    }
    cns_doc_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const codes[] = {"empty",           "too_long",
                                        "bad_char",        "truncated",
                                        "bad_header_type", "unsupported_gpp_version",
                                        "fib_overflow",    "trailing_data",
                                        "empty_section",   "section_count_mismatch"};
    cns_alloc alloc = cns_alloc_default();
    cns_gpp *gpp = NULL;
    cns_error err;
    cns_usp usp;
    cns_code code = cns_gpp_read(&gpp, (const char *)data, size, alloc, &err);
    if (code == CNS_OK) {
        check_sections(gpp, size);
        check_again(gpp, alloc);
    } else {
        size_t known = 0;
        while (known < sizeof codes / sizeof codes[0] && strcmp(codes[known], err.path))
            known++;
        must(code == CNS_E_DECODE && known < sizeof codes / sizeof codes[0] && err.offset <= size);
    }
    cns_gpp_free(gpp);
    if (cns_usp_read(&usp, (const char *)data, size, NULL) == CNS_OK) {
        char text[CNS_USP_LEN];
        must(size == CNS_USP_LEN && cns_usp_write(text, &usp) && !memcmp(text, data, size));
    }
    (void)cns_gpc_line((const char *)data, size);
    return 0;
}
