/* test_query.c - configuration in a page's address: which part of it counts, hostile ones,
 * and memory that runs out. */
#include "guard.h"

#include "world.h"

/* A value as JSON with single quotes, appended to `to`. */
static char *show(char *to, const cns_value *value) {
    size_t count = cns_value_count(value);
    switch (cns_value_kind(value)) {
    case CNS_NULL:
        return to + sprintf(to, "null");
    case CNS_FALSE:
        return to + sprintf(to, "false");
    case CNS_TRUE:
        return to + sprintf(to, "true");
    case CNS_INT:
        return to + sprintf(to, "%lld", (long long)cns_value_int(value));
    case CNS_REAL:
        return to + sprintf(to, "%g", cns_value_real(value));
    case CNS_STRING:
    case CNS_BIGINT:
        return to + sprintf(to, "'%.*s'", (int)count, cns_value_text(value));
    case CNS_ARRAY:
        *to++ = '[';
        for (size_t i = 0; i < count; i++) {
            to = show(to, cns_value_item(value, i));
            *to++ = i + 1 < count ? ',' : ' ';
        }
        return to + sprintf(to, "]");
    default:
        *to++ = '{';
        for (size_t i = 0; i < count; i++) {
            const char *key;
            size_t len;
            const cns_value *member = cns_value_member(value, i, &key, &len);
            to = show(to + sprintf(to, "%s%.*s:", i ? "," : "", (int)len, key), member);
        }
        return to + sprintf(to, "}");
    }
}

/* What comes of a query, which ends at a page that cannot be read. */
static const char *taken(const char *text, size_t len) {
    static char out[4096];
    cns_query query = {.size = 0};
    cns_doc *doc = NULL;
    guard g;
    cns_query_add(&query, guard_text(&g, text, len), len);
    CHECK_INT(cns_query_config(&doc, &query, cns_alloc_default(), NULL), CNS_OK);
    guard_end(&g);
    *show(out, cns_doc_root(doc)) = '\0';
    cns_doc_free(doc);
    return out;
}

#define C "didomiConfig"

TEST(queries) {
    static const char *const cases[][2] = {
        {"", "{}"},
        {"?", "{}"},
        {"a=b&c", "{}"},
        {C, "{}"},
        {C "=", "{}"},
        {C "={}", "{}"},
        {C "={\"notice\":{\"enable\":false,\"x\":1},\"y\":2}", "{notice:{enable:false}}"},
        {C ".notice.enable=false", "{notice:{enable:false}}"},
        {"?" C ".notice.enable=false", "{notice:{enable:false}}"},
        {"x=1&" C ".notice.enable=false&y=2", "{notice:{enable:false}}"},
        {C ".notice.enable", "{notice:{enable:''}}"},
        {C ".notice={\"enable\":null,\"showDataProcessing\":[]}",
         "{notice:{enable:null,showDataProcessing:[]}}"},
        {C ".experiment.group=test", "{experiment:{group:'test'}}"},
        {C ".experiment.group=a=b%3D+%2B%zz%", "{experiment:{group:'a=b= +%zz%'}}"},
        {C "%2Esync%2eenabled=%31", "{sync:{enabled:1}}"},
        {C ".app.name=x", "{}"},
        {C
         ".app={\"name\":1,\"alwaysDisplayActionButtons\":1,\"vendors\":{\"iab\":{\"version\":2}}}",
         "{app:{alwaysDisplayActionButtons:1,vendors:{iab:{version:2}}}}"},
        {C ".app.vendors.iab.version=2&" C ".app.alwaysDisplayActionButtons=1",
         "{app:{alwaysDisplayActionButtons:1,vendors:{iab:{version:2}}}}"},
        {C ".user.externalConsent.value={\"a\":{\"__proto__\":1,\"b\":[1.5,\"x\"]}}",
         "{user:{externalConsent:{value:{a:{b:[1.5,'x' ]}}}}}"},
        {C ".user.externalConsent.value.a=1", "{}"},
        {C ".__proto__.notice.enable=1", "{}"},
        {C ".notice.enable=1&" C ".notice.enable=2", "{notice:{enable:2}}"},
        {C ".notice.enable=1&" C "={\"notice\":{\"enable\":2}}", "{notice:{enable:1}}"},
        {C ".notice.enable=\"a", "{notice:{enable:'\"a'}}"},
        {C ".notice.enable={\"a\":1,\"a\":1}", "{}"},
        {C ".notice.enable=%00", "{}"},
        {C ".notice.enable=\"%5Cu0000\"", "{}"},
        {C ".notice.enable=%FF&" C ".sync.enabled=1", "{sync:{enabled:1}}"},
        {C ".notice.enable=12345678901234567890", "{notice:{enable:'12345678901234567890'}}"},
        {C ".notice.enable.=1&" C "..=1&" C ".=1", "{}"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        harness.label = cases[i][0];
        CHECK_TEXT(taken(cases[i][0], strlen(cases[i][0])), cases[i][1]);
    }
    /* all of it, and every prefix of that */
    static const char whole[] =
        C "={\"notice\":{\"enable\":1}}&" C ".app.vendors.iab={\"version\":2}&" C
          ".sync.enabled=%74rue&" C ".user.externalConsent={\"value\":{\"b\":1}}&" C
          ".experiment.group=t%65st";
    CHECK_TEXT(taken(whole, sizeof whole - 1), "{app:{vendors:{iab:{version:2}}},experiment:{group:"
                                               "'test'},notice:{enable:1},sync:{enabled:true},"
                                               "user:{externalConsent:{value:{b:1}}}}");
    for (size_t len = 0; len < sizeof whole; len++)
        CHECK(taken(whole, len)[0] == '{');
}

/* The same parameters, decoded. */
TEST(parameters) {
    static const struct {
        const char *name, *value;
    } given[] = {{C ".notice.enable", "%31"},
                 {"x", "y"},
                 {C ".sync.enabled", "1"},
                 {C ".sync.enabled", "2"},
                 {C, "{"}};
    cns_query query = {.size = 0};
    cns_doc *doc = NULL;
    char out[256];
    for (size_t i = 0; i < LENGTH(given); i++)
        cns_query_add_parameter(&query, (cns_text){given[i].name, strlen(given[i].name)},
                                (cns_text){given[i].value, strlen(given[i].value)});
    CHECK_INT(cns_query_config(&doc, &query, cns_alloc_default(), NULL), CNS_OK);
    *show(out, cns_doc_root(doc)) = '\0';
    CHECK_TEXT(out, "{notice:{enable:'%31'},sync:{enabled:2}}");
    cns_doc_free(doc);
}

static const char good[] = "&" C ".sync.enabled=1";

TEST(sizes) {
    char *text = malloc(CNS_MAX_QUERY + 2);
    if (!text)
        exit(2);
    for (size_t len = CNS_MAX_QUERY - 1; len <= CNS_MAX_QUERY + 1; len++) {
        memset(text, 'x', len);
        memcpy(text + len - (sizeof good - 1), good, sizeof good - 1);
        CHECK_TEXT(taken(text, len), len <= CNS_MAX_QUERY ? "{sync:{enabled:1}}" : "{}");
    }
    /* in parts: once it is too much, nothing counts that came before or comes after */
    cns_query query = {.size = 0};
    cns_doc *doc = NULL;
    cns_query_add(&query, good, sizeof good - 1);
    memset(text, 'x', CNS_MAX_QUERY);
    cns_query_add(&query, text, CNS_MAX_QUERY);
    cns_query_add(&query, good, sizeof good - 1);
    cns_query_add_parameter(&query, (cns_text){C ".sync.enabled", 25}, (cns_text){"1", 1});
    CHECK_INT(cns_query_config(&doc, &query, cns_alloc_default(), NULL), CNS_OK);
    CHECK_INT(cns_value_count(cns_doc_root(doc)), 0);
    cns_doc_free(doc);
    free(text);
}

TEST(depth) {
    char text[256];
    for (unsigned depth = 59; depth <= 65; depth++) {
        size_t at = (size_t)sprintf(text, C ".user.externalConsent.value=");
        memset(text + at, '[', depth);
        memset(text + at + depth, ']', depth);
        at += 2 * depth;
        const char *got = taken(text, at);
        CHECK_INT(strlen(got) > 2, depth + 3 <= CNS_MAX_DEPTH);
    }
}

static cns_code starved(cns_alloc alloc, void *arg) {
    const char *text = arg;
    cns_query query = {.size = 0};
    cns_doc *doc = NULL;
    cns_query_add(&query, text, strlen(text));
    cns_code code = cns_query_config(&doc, &query, alloc, NULL);
    CHECK((doc != NULL) == (code == CNS_OK));
    if (doc)
        CHECK_INT(cns_value_count(cns_doc_root(doc)), 3);
    cns_doc_free(doc);
    return code;
}

TEST(memory) {
    harness_starve(starved, (void *)(uintptr_t)C
                   "={\"notice\":{\"enable\":[1,{\"a\":\"b\"}]}}&" C ".experiment.group=a%20b&" C
                   ".sync={\"enabled\":12345678901234567890}&" C ".user=5");
}

int main(void) {
    RUN(queries);
    RUN(parameters);
    RUN(sizes);
    RUN(depth);
    RUN(memory);
    return harness_end();
}
