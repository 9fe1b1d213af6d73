/* cookie.c - finding cookies in a raw header. */
#include "text.h"

static bool blank(char c) {
    return c == ' ' || c == '\t';
}

size_t cns_cookie_find(const char *header, size_t len, const char *name, size_t name_len,
                       cns_text *out, size_t cap) {
    if (len == 0)
        return 0; /* also without a header at all: NULL + 0 is undefined */
    const char *at = header, *end = header + (len > CNS_MAX_HEADER ? CNS_MAX_HEADER : len);
    size_t count = 0;
    while (at < end) {
        const char *stop = memchr(at, ';', (size_t)(end - at));
        if (!stop)
            stop = end;
        while (at < stop && blank(*at))
            at++;
        size_t left = (size_t)(stop - at);
        if (left > name_len && memcmp(at, name, name_len) == 0) {
            const char *value = at + name_len;
            while (value < stop && blank(*value))
                value++;
            if (value < stop && *value == '=') {
                value++;
                const char *last = stop;
                while (value < last && blank(*value))
                    value++;
                while (last > value && blank(last[-1]))
                    last--;
                if (count < cap)
                    out[count] = (cns_text){value, (size_t)(last - value)};
                count++;
            }
        }
        at = stop + 1;
    }
    return count;
}
