/* fuzz_dcs.c - Didomi Consent Strings: any text is read within its memory, and what can be read is
 * written and reads as the same again. Bytes that begin as no letter does are taken as the bits
 * behind the version. */
#include "fuzz.h"

#include "../../csrc/core/dcs.h"

static void put_text(cns_builder *b, const char *key, const char *text) {
    (void)cns_builder_key(b, key, strlen(key), CNS_NO_OFFSET);
    (void)cns_builder_text(b, CNS_STRING, text, strlen(text), CNS_NO_OFFSET);
}

static void put_int(cns_builder *b, const char *key, int64_t value) {
    (void)cns_builder_key(b, key, strlen(key), CNS_NO_OFFSET);
    (void)cns_builder_int(b, value, CNS_NO_OFFSET);
}

static void put_date(cns_builder *b, const char *key, int64_t tenths) {
    char text[CNS_DCS_DATE_TEXT + 1];
    cns_dcs_date_text(text, tenths);
    put_text(b, key, text);
}

static void put_ids(cns_builder *b, const char *key, const cns_id_set *set) {
    uint32_t cursor = 0, before = 0;
    cns_id_run run;
    (void)cns_builder_key(b, key, strlen(key), CNS_NO_OFFSET);
    (void)cns_builder_open(b, CNS_ARRAY, CNS_NO_OFFSET);
    while (cns_idset_next(set, &cursor, &run)) {
        FUZZ_CHECK(run.first && run.first <= run.last && run.first > before + (before != 0));
        before = run.last;
        for (uint32_t id = run.first; id <= run.last; id++)
            (void)cns_builder_int(b, id, CNS_NO_OFFSET);
    }
    (void)cns_builder_close(b);
}

/* The object that cns_dcs_write takes. */
static cns_doc *object_of(const cns_dcs_content *c) {
    char user_id[CNS_DCS_USER_ID_TEXT + 1];
    cns_builder *b = cns_builder_new(cns_alloc_default());
    cns_doc *doc = NULL;
    cns_dcs_user_id_text(user_id, c->user_id);
    (void)cns_builder_open(b, CNS_OBJECT, CNS_NO_OFFSET);
    put_int(b, "version", c->version);
    put_text(b, "user_id", user_id);
    put_date(b, "created", c->created);
    put_date(b, "updated", c->updated);
    if (c->version == 2)
        put_int(b, "regulation_id", c->regulation_id);
    if (c->has_sync)
        put_date(b, "sync", c->sync);
    for (unsigned i = 0; i < CNS_DCS_SECTIONS; i++) {
        const char *name = cns_dcs_section_name(i);
        (void)cns_builder_key(b, name, strlen(name), CNS_NO_OFFSET);
        (void)cns_builder_open(b, CNS_OBJECT, CNS_NO_OFFSET);
        put_ids(b, "enabled", &c->sections[i].enabled);
        put_ids(b, "disabled", &c->sections[i].disabled);
        put_text(b, "encoding", cns_dcs_encoding_name(c->sections[i].encoding));
        (void)cns_builder_close(b);
    }
    (void)cns_builder_close(b);
    FUZZ_CHECK(cns_builder_finish(&doc, b, NULL) == CNS_OK);
    cns_builder_free(b);
    return doc;
}

static void check(const cns_dcs *dcs) {
    const cns_dcs_content *c = cns_dcs_content_of(dcs), *d;
    cns_alloc alloc = cns_alloc_default();
    cns_doc *doc = object_of(c);
    cns_error err;
    char *text;
    size_t len;
    cns_dcs *read;
    cns_code code = cns_dcs_write(&text, &len, cns_doc_root(doc), alloc, &err);
    cns_doc_free(doc);
    if (code != CNS_OK) {
        /* longer than strings are, or a date in version 1 that would be taken for something else */
        FUZZ_CHECK(code == CNS_E_LIMIT || strcmp(err.path, "sync") == 0);
        return;
    }
    FUZZ_CHECK(cns_dcs_read(&read, text, len, true, alloc, &err) == CNS_OK);
    FUZZ_CHECK(!cns_dcs_warning(read, 0));
    d = cns_dcs_content_of(read);
    FUZZ_CHECK(c->version == d->version && memcmp(c->user_id, d->user_id, 16) == 0);
    FUZZ_CHECK(c->created == d->created && c->updated == d->updated);
    FUZZ_CHECK(c->has_sync == d->has_sync && c->sync == d->sync);
    FUZZ_CHECK(c->regulation_id == d->regulation_id);
    for (unsigned i = 0; i < CNS_DCS_SECTIONS; i++) {
        const cns_dcs_section *x = &c->sections[i], *y = &d->sections[i];
        FUZZ_CHECK(cns_idset_same(&x->enabled, &y->enabled));
        FUZZ_CHECK(cns_idset_same(&x->disabled, &y->disabled));
        FUZZ_CHECK(x->encoding == y->encoding || x->encoding == CNS_DCS_RANGES_FIBONACCI);
    }
    cns_text_free(alloc, text, len);
    cns_dcs_free(read);
}

static void take(const char *text, size_t size) {
    fuzz_memory memory = fuzz_bound(size, 64);
    cns_alloc alloc = {fuzz_resize, &memory};
    cns_error err;
    bool read[2];
    for (int strict = 0; strict < 2; strict++) {
        cns_dcs *dcs;
        cns_code code = cns_dcs_read(&dcs, text, size, strict, alloc, &err);
        read[strict] = code == CNS_OK;
        if (code == CNS_OK) {
            const cns_dcs_content *c = cns_dcs_content_of(dcs);
            const cns_dcs_span spans[] = {c->binary, c->did, c->ouid, c->signature};
            for (unsigned i = 0; i < 4; i++)
                FUZZ_CHECK(spans[i].at <= size + 1 &&
                           (!spans[i].len || spans[i].len <= size - spans[i].at));
            check(dcs);
            cns_dcs_free(dcs);
        } else {
            FUZZ_CHECK(code == CNS_E_DECODE && err.path[0] && err.offset <= size);
        }
        FUZZ_CHECK(memory.live == 0);
    }
    FUZZ_CHECK(!read[1] || read[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size || data[0] >= 32 || size > 40000) {
        take((const char *)data, size);
        return 0;
    }
    cns_bit_out out = cns_bit_out_new(cns_alloc_default());
    cns_bit_put(&out, data[0] & 1 ? 1 : 2, 6);
    for (size_t i = 1; i < size; i++)
        cns_bit_put(&out, data[i], 8);
    size_t len = cns_bit_text_len(&out);
    char *text = malloc(len);
    FUZZ_CHECK(text && !out.failed);
    cns_bit_text(text, &out);
    cns_bit_out_release(&out);
    take(text, len);
    free(text);
    return 0;
}
