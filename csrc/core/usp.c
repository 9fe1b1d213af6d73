/* usp.c - the US Privacy string, alone and in a GPP string, and Global Privacy Control. */
#include "error.h"
#include "gpp.h"
#include "token.h"

#include <stdio.h>

static bool is_answer(char c) {
    return c == 'Y' || c == 'N' || c == '-';
}

/* NULL, or the code of what is wrong and its place. */
static const char *read(cns_usp *usp, const char *text, size_t len, const char *version,
                        size_t *at) {
    *at = len < CNS_USP_LEN ? len : CNS_USP_LEN;
    if (len != CNS_USP_LEN)
        return "bad_length";
    *at = 0;
    if (text[0] != '1')
        return version;
    for (*at = 1; *at < CNS_USP_LEN; ++*at)
        if (!is_answer(text[*at]))
            return "bad_char";
    *usp = (cns_usp){text[1], text[2], text[3]};
    return NULL;
}

cns_code cns_usp_read(cns_usp *out, const char *text, size_t len, cns_error *err) {
    size_t at = len;
    const char *code = len == 0               ? "empty"
                       : len > CNS_MAX_PASTED ? "too_long"
                                              : read(out, text, len, "unsupported_version", &at);
    if (!code)
        return CNS_OK;
    (void)cns_fail(err, CNS_E_DECODE, (uint32_t)(at > CNS_MAX_PASTED ? CNS_MAX_PASTED : at),
                   "this is not a US Privacy string: 1 and three characters, each Y, N or -");
    if (err)
        cns_copy_text(err->path, sizeof err->path, code, strlen(code));
    return CNS_E_DECODE;
}

bool cns_usp_write(char *out, const cns_usp *usp) {
    const char text[CNS_USP_LEN] = {'1', usp->notice, usp->opt_out_sale, usp->lspa_covered};
    for (size_t i = 1; i < CNS_USP_LEN; i++)
        if (!is_answer(text[i]))
            return false;
    memcpy(out, text, CNS_USP_LEN);
    return true;
}

bool cns_usp_applies(const cns_usp *usp) {
    return usp->notice != '-' || usp->opt_out_sale != '-' || usp->lspa_covered != '-';
}

bool cns_gpc_line(const char *text, size_t len) {
    const char *end = text + len;
    while (text < end) {
        const char *comma = memchr(text, ',', (size_t)(end - text)), *from = text;
        const char *to = comma ? comma : end;
        text = comma ? comma + 1 : end;
        while (from < to && (*from == ' ' || *from == '\t'))
            from++;
        while (from < to && (to[-1] == ' ' || to[-1] == '\t'))
            to--;
        if (to - from == 1 && *from == '1')
            return true;
    }
    return false;
}

/* ------------------------------------------------------------ section 6 of GPP */

static const char *const names[] = {"Notice", "OptOutSale", "LspaCovered"};

cns_code cns_gpp_read_usp(cns_gpp_in *in) {
    cns_usp usp;
    size_t at;
    cns_text raw = in->section->raw;
    const char *wrong = read(&usp, raw.text, raw.len, "unsupported_section_version", &at);
    if (wrong)
        return cns_gpp_refuse(in, wrong, raw.text + at);
    const char answers[] = {usp.notice, usp.opt_out_sale, usp.lspa_covered};
    cns_builder *b = in->builder;
    (void)cns_builder_open(b, CNS_OBJECT, CNS_NO_OFFSET);
    (void)cns_builder_key(b, "Version", 7, CNS_NO_OFFSET);
    (void)cns_builder_int(b, 1, CNS_NO_OFFSET);
    for (size_t i = 0; i < 3; i++) {
        (void)cns_builder_key(b, names[i], strlen(names[i]), CNS_NO_OFFSET);
        (void)cns_builder_text(b, CNS_STRING, &answers[i], 1, CNS_NO_OFFSET);
    }
    return cns_builder_close(b);
}

cns_code cns_gpp_write_usp(cns_gpp_out *out, const cns_value *decoded) {
    uint64_t version;
    char text[CNS_USP_LEN], answers[3];
    cns_code code = cns_gpp_number(&version, out, decoded, "", "Version", 1);
    if (code != CNS_OK)
        return code;
    if (version != 1)
        return cns_gpp_wrong(out, ".Version", "there is only version 1 of this section");
    for (size_t i = 0; i < 3; i++) {
        const cns_value *value = cns_value_get(decoded, names[i], strlen(names[i]));
        bool is_text = value && cns_value_kind(value) == CNS_STRING && cns_value_count(value) == 1;
        answers[i] = is_text ? cns_value_text(value)[0] : '\0';
        if (!is_answer(answers[i])) {
            char path[16];
            (void)snprintf(path, sizeof path, ".%s", names[i]);
            return cns_gpp_wrong(out, path, "give one of the texts Y, N and -");
        }
    }
    (void)cns_usp_write(text, &(cns_usp){answers[0], answers[1], answers[2]});
    return cns_gpp_put_text(out, text, sizeof text);
}
