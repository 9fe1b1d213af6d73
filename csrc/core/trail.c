/* trail.c - paths of configuration entries in the making. */
#include "trail.h"

#include <stdio.h>

static void add(cns_trail *w, const char *text, size_t len) {
    w->full = w->full || len >= sizeof w->text - w->len;
    if (w->full)
        return;
    memcpy(w->text + w->len, text, len);
    w->len += len;
}

void cns_trail_index(cns_trail *w, uint32_t index) {
    char part[16];
    int len = snprintf(part, sizeof part, "[%u]", (unsigned)index);
    add(w, part, (size_t)len);
}

void cns_trail_key(cns_trail *w, cns_span key) {
    bool plain = key.len > 0;
    size_t before = w->len, size = key.len + 5;
    for (size_t i = 0; i < key.len; i++) {
        char c = key.text[i];
        plain = plain && (cns_is_alpha(c) || cns_is_digit(c) || c == '_' || c == '-');
        size += c == '"' || c == '\\';
    }
    w->full = w->full || size >= sizeof w->text - before;
    if (plain) {
        add(w, ".", w->len ? 1 : 0);
        add(w, key.text, key.len);
        return;
    }
    add(w, "[\"", 2);
    for (size_t i = 0; i < key.len && !w->full; i++) {
        if (key.text[i] == '"' || key.text[i] == '\\')
            add(w, "\\", 1);
        add(w, key.text + i, 1);
    }
    add(w, "\"]", 2);
}

cns_trail cns_trail_begin(cns_span path) {
    cns_trail w;
    w.len = 0;
    w.full = false;
    add(&w, path.text, path.len);
    return w;
}
