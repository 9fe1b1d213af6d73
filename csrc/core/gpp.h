/* gpp.h - what the readers and writers of a GPP string's sections share (internal). */
#ifndef CNS_GPP_H
#define CNS_GPP_H

#include "arena.h"
#include "bit_in.h"
#include "bit_out.h"
#include "text.h"

#define CNS_GPP_WARNINGS 24u /* a section has fewer */

/* A section that is being read. Readers return CNS_OK, CNS_E_NOMEM, or CNS_E_DECODE after
 * cns_gpp_refuse; a reader gives the builder one value, and only once nothing can be wrong. */
typedef struct cns_gpp_in {
    const char *text; /* of the whole string, offsets are counted from here */
    cns_arena *arena; /* of the cns_gpp */
    cns_builder *builder;
    cns_gpp_section *section;
    const char *warnings[CNS_GPP_WARNINGS];
} cns_gpp_in;

cns_code cns_gpp_refuse(cns_gpp_in *in, const char *code, const char *at);
void cns_gpp_warn(cns_gpp_in *in, const char *code);

/* Takes the next of a section's parts, which dots divide; false after the last. *rest begins as
 * the section's text, and its text is NULL after the last part. */
bool cns_gpp_next_part(cns_span *part, cns_span *rest);
/* The bits of a part, in memory of the arena. `empty_segment`, `bad_char`. */
cns_code cns_gpp_part_bits(cns_bit_in *bits, cns_gpp_in *in, cns_span part);
/* Where in the text a bit of a part stands. */
static inline const char *cns_gpp_place(cns_span part, uint32_t bit) {
    return part.text + bit / 6;
}

cns_code cns_gpp_read_us(cns_gpp_in *in);
cns_code cns_gpp_read_usp(cns_gpp_in *in);
cns_code cns_gpp_read_canada(cns_gpp_in *in);

/* A text that is being written, and where in the given tree its writer is. */
typedef struct cns_gpp_out {
    cns_alloc alloc;
    char *text;
    size_t len, room;
    uint32_t section; /* its number, for err->path */
    cns_error *err;
} cns_gpp_out;

/* CNS_E_SHAPE: what is wrong with sections[n].decoded<path>. */
cns_code cns_gpp_wrong(cns_gpp_out *out, const char *path, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;
cns_code cns_gpp_no_memory(cns_gpp_out *out);
cns_code cns_gpp_put_text(cns_gpp_out *out, const char *text, size_t len);
/* Pads to whole bytes, as the IAB's libraries do, appends the text and releases `bits`. */
cns_code cns_gpp_put_bits(cns_gpp_out *out, cns_bit_out *bits);
/* A whole number from 0 to `most` in a member of an object; `path` names the object. */
cns_code cns_gpp_number(uint64_t *number, cns_gpp_out *out, const cns_value *object,
                        const char *path, const char *name, uint64_t most);

cns_code cns_gpp_write_us(cns_gpp_out *out, uint32_t id, const cns_value *decoded);
cns_code cns_gpp_write_usp(cns_gpp_out *out, const cns_value *decoded);
cns_code cns_gpp_write_canada(cns_gpp_out *out, const cns_value *decoded);

#endif
