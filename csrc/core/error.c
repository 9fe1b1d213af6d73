/* error.c - filling the caller's error struct. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void cns_copy_text(char *out, size_t cap, const char *text, size_t len) {
    if (len >= cap) {
        len = cap - 1;
        while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
            len--;
    }
    memcpy(out, text, len);
    out[len] = '\0';
}

cns_code cns_fail(cns_error *err, cns_code code, uint32_t offset, const char *message) {
    if (err) {
        memset(err, 0, sizeof *err);
        err->code = code;
        err->layer = -1;
        err->offset = offset;
        cns_copy_text(err->message, sizeof err->message, message, strlen(message));
    }
    return code;
}

cns_code cns_failf(cns_error *err, cns_code code, uint32_t offset, const char *format, ...) {
    if (err) {
        char text[512];
        va_list args;
        va_start(args, format);
        (void)vsnprintf(text, sizeof text, format, args);
        va_end(args);
        return cns_fail(err, code, offset, text);
    }
    return code;
}

void cns_locate(cns_error *err, const char *text, size_t len) {
    if (!err || err->offset == CNS_NO_OFFSET)
        return;
    size_t end = err->offset < len ? err->offset : len;
    uint32_t line = 1, column = 1;
    for (size_t i = 0; i < end; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\n') {
            line++;
            column = 1;
        } else if ((c & 0xC0) != 0x80) {
            column++;
        }
    }
    err->line = line;
    err->column = column;
}

void cns_line_column(const char *text, size_t len, uint32_t offset, uint32_t *line,
                     uint32_t *column) {
    cns_error err;
    memset(&err, 0, sizeof err);
    err.offset = offset;
    cns_locate(&err, text, len);
    *line = err.line;
    *column = err.column;
}
