/* value_text.h - a value as a short text that tests compare: 'text', ~real, big:integer. */
#ifndef CNS_TESTS_VALUE_TEXT_H
#define CNS_TESTS_VALUE_TEXT_H

#include "harness.h"

typedef struct sink {
    char text[4096];
    size_t len;
} sink;

static inline void put(sink *s, const char *text, size_t len) {
    if (s->len + len < sizeof s->text) {
        memcpy(s->text + s->len, text, len);
        s->len += len;
        s->text[s->len] = '\0';
    }
}

static inline void write_value(sink *s, const cns_value *v) {
    char number[64];
    const char *key;
    size_t key_len;
    switch (cns_value_kind(v)) {
    case CNS_NULL:
        put(s, "null", 4);
        break;
    case CNS_FALSE:
        put(s, "false", 5);
        break;
    case CNS_TRUE:
        put(s, "true", 4);
        break;
    case CNS_INT:
        put(s, number,
            (size_t)snprintf(number, sizeof number, "%lld", (long long)cns_value_int(v)));
        break;
    case CNS_BIGINT:
        put(s, "big:", 4);
        put(s, cns_value_text(v), cns_value_count(v));
        break;
    case CNS_REAL:
        put(s, number, (size_t)snprintf(number, sizeof number, "~%.17g", cns_value_real(v)));
        break;
    case CNS_STRING:
        put(s, "'", 1);
        put(s, cns_value_text(v), cns_value_count(v));
        put(s, "'", 1);
        break;
    case CNS_ARRAY:
        put(s, "[", 1);
        for (size_t i = 0; i < cns_value_count(v); i++) {
            put(s, " ", i > 0);
            write_value(s, cns_value_item(v, i));
        }
        put(s, "]", 1);
        break;
    case CNS_OBJECT:
        put(s, "{", 1);
        for (size_t i = 0; i < cns_value_count(v); i++) {
            const cns_value *member = cns_value_member(v, i, &key, &key_len);
            put(s, " ", i > 0);
            put(s, key, key_len);
            put(s, ":", 1);
            write_value(s, member);
        }
        put(s, "}", 1);
        break;
    }
}

#endif
