/* test_path.c - configuration paths. */
#include "guard.h"

#include "../../csrc/core/path.h"
#include "world.h"

/* Parses a path that ends at an unreadable page and spells its steps: keys between
 * slashes, items as #2; NULL when it is no path. */
static const char *steps(const char *text, size_t len) {
    static char out[CNS_MAX_PATH * 2];
    static cns_path path;
    guard g;
    const char *copy = guard_text(&g, text, len);
    char *to = out;
    bool good = cns_path_parse(&path, copy, len);
    for (uint32_t i = 0; good && i < path.count; i++) {
        const cns_path_step *step = &path.steps[i];
        if (step->key.text)
            to += snprintf(to, CNS_MAX_PATH, "/%.*s", (int)step->key.len, step->key.text);
        else
            to += snprintf(to, 16, "#%u", (unsigned)step->index);
    }
    *to = '\0';
    guard_end(&g);
    return good ? out : NULL;
}

TEST(paths_that_are_read) {
    static const char *const cases[][2] = {
        {"app", "/app"},
        {"app.vendors.iab.all", "/app/vendors/iab/all"},
        {"a[0]", "/a#0"},
        {"a.b[2][3].c", "/a/b#2#3/c"},
        {"a[\"x.y\"]", "/a/x.y"},
        {"a['x.y']", "/a/x.y"},
        {"a[\"it's\"].b", "/a/it's/b"},
        {"a['say \"no\"']", "/a/say \"no\""},
        {"a[\"a\\\"b\"]", "/a/a\"b"},
        {"a[\"a\\\\b\"]", "/a/a\\b"},
        {"a[\"\\x\"][\"\\y\"]", "/a/x/y"},
        {"a[\"]\"]", "/a/]"},
        {"[\"a b\"].c", "/a b/c"},
        {"[7]", "#7"},
        {"a[007]", "/a#7"},
        {"a[4294967294]", "/a#4294967294"},
        {"a[\"\"]", "/a/"},
        {"a b.c-d", "/a b/c-d"},
        {"caf\xC3\xA9", "/caf\xC3\xA9"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        harness.label = cases[i][0];
        CHECK_TEXT(steps(cases[i][0], strlen(cases[i][0])), cases[i][1]);
    }
}

TEST(paths_that_are_refused) {
    static const char *const cases[] = {"",
                                        ".",
                                        "a.",
                                        ".a",
                                        "a..b",
                                        "a[",
                                        "a[]",
                                        "a[1",
                                        "a]",
                                        "a[b]",
                                        "a[-1]",
                                        "a[+1]",
                                        "a[1.0]",
                                        "a[ 1]",
                                        "a[1]b",
                                        "a.[1]",
                                        "a[\"",
                                        "a[\"x",
                                        "a[\"x\"",
                                        "a[\"x\"b]",
                                        "a['x\"]",
                                        "a[\"x\\",
                                        "a[\"x\\\"",
                                        "a[\"x\\\"]",
                                        "\"a\"",
                                        "'a'",
                                        "a\"b",
                                        "a[4294967295]",
                                        "a[99999999999999999999]"};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        harness.label = cases[i];
        CHECK(steps(cases[i], strlen(cases[i])) == NULL);
    }
}

/* One below, at, and one above each limit. */
TEST(limits) {
    char text[CNS_MAX_PATH + 2];
    for (size_t count = CNS_MAX_STEPS - 1; count <= CNS_MAX_STEPS + 1; count++) {
        for (size_t i = 0; i < count; i++)
            memcpy(text + 3 * i, "[1]", 3);
        CHECK((steps(text, 3 * count) != NULL) == (count <= CNS_MAX_STEPS));
    }
    memset(text, 'a', sizeof text);
    for (size_t len = CNS_MAX_PATH - 1; len <= CNS_MAX_PATH + 1; len++)
        CHECK((steps(text, len) != NULL) == (len <= CNS_MAX_PATH));
    /* the longest key with escapes fills the room for them and no more */
    memset(text, '\\', CNS_MAX_PATH);
    memcpy(text, "[\"", 2);
    memcpy(text + CNS_MAX_PATH - 2, "\"]", 2);
    const char *got = steps(text, CNS_MAX_PATH);
    CHECK(got && strlen(got) == 1 + (CNS_MAX_PATH - 4) / 2);
}

TEST(values_are_found) {
    cns_doc *doc = doc_of("{'a':{'b':[1,{'x.y':[true,'end']}],'':0},'n':null,'s':'text'}");
    static const struct {
        const char *path;
        int kind; /* -1: nothing there */
    } cases[] = {
        {"a", CNS_OBJECT},   {"a.b", CNS_ARRAY},
        {"a.b[0]", CNS_INT}, {"a.b[1]['x.y'][1]", CNS_STRING},
        {"a['']", CNS_INT},  {"n", CNS_NULL},
        {"a.b[2]", -1},      {"a[0]", -1},
        {"a.b.c", -1},       {"n.a", -1},
        {"s[0]", -1},        {"s.length", -1},
        {"A", -1},           {"[0]", -1},
        {"a.b[0].c", -1},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        static cns_path path;
        harness.label = cases[i].path;
        CHECK(cns_path_parse(&path, cases[i].path, strlen(cases[i].path)));
        const cns_value *value = cns_path_find(cns_doc_root(doc), &path);
        CHECK_INT(value ? (int)cns_value_kind(value) : -1, cases[i].kind);
    }
    static cns_path path;
    CHECK(cns_path_parse(&path, "a", 1) && !cns_path_find(NULL, &path));
    cns_doc_free(doc);
}

int main(void) {
    RUN(paths_that_are_read);
    RUN(paths_that_are_refused);
    RUN(limits);
    RUN(values_are_found);
    return harness_end();
}
