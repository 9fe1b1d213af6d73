/* encoding.c - size, UTF-8 and NUL of a configuration text. */
#include "encoding.h"

#include "error.h"
#include "text.h"

static cns_code bad_utf8(const char *text, size_t len, size_t at, cns_error *err) {
    unsigned c = (unsigned char)text[at];
    unsigned next = len - at > 1 ? (unsigned char)text[at + 1] : 0;
    bool more = (next & 0xC0) == 0x80;
    const char *message = "a byte is not UTF-8: save the text as UTF-8";
    if (c == 0xC0 || c == 0xC1 || (c == 0xE0 && more && next < 0xA0) ||
        (c == 0xF0 && more && next < 0x90))
        message =
            "a character is written in more bytes than UTF-8 allows: save the text as UTF-8 again";
    else if (c == 0xED && more && next >= 0xA0)
        message = "half a surrogate pair is written as a character of its own: save the text as "
                  "UTF-8, not as CESU-8";
    else if ((c == 0xF4 && more && next >= 0x90) || (c > 0xF4 && c < 0xF8))
        message = "a character lies beyond U+10FFFF: remove it";
    return cns_fail(err, CNS_E_ENCODING, (uint32_t)at, message);
}

cns_code cns_check_encoding(const char *text, size_t len, cns_error *err) {
    if (len > CNS_MAX_TEXT)
        return cns_fail(err, CNS_E_LIMIT, CNS_MAX_TEXT,
                        "the text is longer than 16 MiB: make the configuration smaller");
    if (len >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0))
        return cns_fail(err, CNS_E_ENCODING, 0, "the text is UTF-16: save it as UTF-8 without BOM");
    size_t good = cns_utf8_prefix(text, len);
    const char *nul = good ? memchr(text, '\0', good) : NULL;
    if (nul)
        return cns_fail(err, CNS_E_ENCODING, (uint32_t)(nul - text),
                        "a NUL byte stands in the text: remove it, or save the text as UTF-8");
    return good < len ? bad_utf8(text, len, good, err) : CNS_OK;
}
