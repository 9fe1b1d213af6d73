/* world.h - configurations, places and visitors for the tests of the core. In the
 * texts that these take, a single quote stands for a double one, and `@60` for the
 * date sixty seconds before NOW (`@-60`: after it). */
#ifndef CNS_TESTS_WORLD_H
#define CNS_TESTS_WORLD_H

#include <time.h>

#include "../../csrc/core/base64.h"
#include "harness.h"

#define NOW INT64_C(1774000887) /* 2026-03-20T10:01:27Z */
#define SECONDS INT64_C(1000000)
#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* The text that is meant, to be freed; *len gets its length. */
static inline char *spelt(const char *loose, size_t *len) {
    char *out = malloc(20 * strlen(loose) + 1), *to = out;
    if (!out)
        exit(2);
    for (const char *at = loose; *at;) {
        if (*at == '@') {
            char *end;
            time_t when = (time_t)(NOW - strtoll(at + 1, &end, 10));
            to += strftime(to, 24, "%Y-%m-%dT%H:%M:%SZ", gmtime(&when));
            at = end;
            continue;
        }
        *to++ = *at == '\'' ? '"' : *at;
        at++;
    }
    *to = '\0';
    *len = (size_t)(to - out);
    return out;
}

static inline cns_code read_doc(cns_doc **out, const char *loose, cns_alloc alloc, cns_error *err) {
    size_t len;
    char *text = spelt(loose, &len);
    cns_code code = cns_json_read(out, text, len, alloc, err);
    free(text);
    return code;
}

static inline cns_doc *doc_of(const char *loose) {
    cns_doc *doc = NULL;
    cns_error err = {0};
    if (read_doc(&doc, loose, cns_alloc_default(), &err) != CNS_OK) {
        printf("%s: %s\n", err.message, loose);
        exit(2);
    }
    return doc;
}

/* A configuration of `layers`, ended by NULL; catalog may be NULL. */
static inline cns_config *config_of(const char *const *layers, const char *catalog) {
    cns_doc *docs[8];
    cns_config *config = NULL;
    cns_error err = {0};
    size_t count = 0;
    while (layers[count])
        docs[count] = doc_of(layers[count]), count++;
    if (cns_config_new(&config, docs, count, catalog ? doc_of(catalog) : NULL, NULL,
                       cns_alloc_default(), &err) != CNS_OK) {
        printf("%s\n", err.message);
        exit(2);
    }
    return config;
}
#define WORLD(...) config_of((const char *const[]){__VA_ARGS__, NULL}, NULL)

/* The notice for `FR`, `US_CA`, or no place at all (NULL); *where may be NULL. */
static inline const cns_notice *notice_to(cns_config *config, const char *place,
                                          const cns_probe *probe, cns_place *where) {
    const char *line = place ? strchr(place, '_') : NULL;
    size_t len = line ? (size_t)(line - place) : place ? strlen(place) : 0;
    const cns_notice *notice = NULL;
    CHECK_INT(cns_config_notice(&notice, where, config, place, len, line ? line + 1 : NULL,
                                line ? strlen(line + 1) : 0, probe, NULL),
              CNS_OK);
    return notice;
}
static inline const cns_notice *notice_with(cns_config *config, const char *place,
                                            const cns_probe *probe) {
    return notice_to(config, place, probe, NULL);
}
static inline const cns_notice *notice_at(cns_config *config, const char *place) {
    return notice_with(config, place, NULL);
}

/* The cookie value of a token, to be freed. What begins with `!` is a value already. */
static inline char *cookie_of(const char *token, size_t *len) {
    char *text = spelt(token + (*token == '!'), len);
    if (*token == '!')
        return text;
    char *value = malloc(4 * *len + 8);
    if (!value)
        exit(2);
    *len = cns_base64_write(value, (const unsigned char *)text, *len);
    free(text);
    return value;
}

/* The status of a visitor with these tokens, ended by NULL, at NOW. `visit` brings
 * the rest, and may be NULL. */
static inline cns_status *status_of(const cns_notice *notice, const char *const *tokens,
                                    const cns_visit *rest, cns_alloc alloc, cns_code *code) {
    char *values[8];
    cns_text cookies[8];
    cns_visit visit = rest ? *rest : (cns_visit){.now = NOW * SECONDS};
    for (visit.cookie_count = 0; tokens[visit.cookie_count]; visit.cookie_count++) {
        cns_text *cookie = &cookies[visit.cookie_count];
        cookie->text = values[visit.cookie_count] =
            cookie_of(tokens[visit.cookie_count], &cookie->len);
    }
    visit.cookies = cookies;
    cns_status *status = NULL;
    cns_code result = cns_status_new(&status, notice, &visit, alloc, NULL);
    if (code)
        *code = result;
    else
        CHECK_INT(result, CNS_OK);
    for (size_t i = 0; i < visit.cookie_count; i++)
        free(values[i]); /* a status keeps nothing of them */
    return status;
}

/* May a tag run? Ids between commas; either may be NULL. */
static inline cns_gate gate_of(const cns_config *config, const char *vendor, const char *purposes,
                               uint32_t numbers[16]) {
    cns_gate gate = {vendor != NULL, CNS_NO_ID, 0, numbers};
    if (vendor)
        gate.vendor = cns_config_vendor(config, vendor, strlen(vendor));
    while (purposes && *purposes && gate.purpose_count < 16) {
        size_t len = strcspn(purposes, ",");
        numbers[gate.purpose_count++] = cns_config_purpose(config, purposes, len);
        purposes += len + (purposes[len] == ',');
    }
    return gate;
}

#endif
