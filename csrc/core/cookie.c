/* cookie.c - finding cookies in a raw header. */
#include "text.h"

static bool blank(char c) {
    return c == ' ' || c == '\t';
}

/* Most cookies end soon, or far away. */
static const char *end_of(const char *at, const char *end) {
    const char *near = end - at > 8 ? at + 8 : end;
    while (at < near && *at != ';')
        at++;
    if (at < near || at == end)
        return at;
    const char *stop = memchr(at, ';', (size_t)(end - at));
    return stop ? stop : end;
}

/* Notes the value if the cookie from `at` to `stop` has this name. */
static void take(cns_cookie_wanted *wanted, const char *at, const char *stop) {
    size_t len = wanted->name.len;
    if ((size_t)(stop - at) <= len || memcmp(at, wanted->name.text, len) != 0)
        return;
    const char *value = at + len;
    while (value < stop && blank(*value))
        value++;
    if (value == stop || *value != '=')
        return;
    value++;
    while (value < stop && blank(*value))
        value++;
    while (stop > value && blank(stop[-1]))
        stop--;
    if (wanted->count < wanted->cap)
        wanted->values[wanted->count] = (cns_text){value, (size_t)(stop - value)};
    wanted->count++;
}

void cns_cookies_find(const char *header, size_t len, cns_cookie_wanted *wanted, size_t count) {
    /* what the names begin with: most cookies are none of them by their first byte */
    uint32_t firsts[8] = {0};
    for (size_t i = 0; i < count; i++) {
        unsigned char first = wanted[i].name.len ? (unsigned char)wanted[i].name.text[0] : '=';
        firsts[first >> 5] |= (uint32_t)1 << (first & 31);
    }
    if (len == 0)
        return; /* also without a header at all: NULL + 0 is undefined */
    const char *at = header, *end = header + (len > CNS_MAX_HEADER ? CNS_MAX_HEADER : len);
    while (at < end) {
        unsigned char first = (unsigned char)*at;
        if (first == ';' || first == ' ' || first == '\t') {
            at++;
            continue;
        }
        const char *stop = end_of(at, end);
        if (firsts[first >> 5] >> (first & 31) & 1)
            for (size_t i = 0; i < count; i++)
                take(&wanted[i], at, stop);
        at = stop;
    }
}

size_t cns_cookie_find(const char *header, size_t len, const char *name, size_t name_len,
                       cns_text *out, size_t cap) {
    cns_cookie_wanted wanted = {{name, name_len}, out, cap, 0};
    cns_cookies_find(header, len, &wanted, 1);
    return wanted.count;
}
