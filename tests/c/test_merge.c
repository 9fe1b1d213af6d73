/* test_merge.c - the one merge rule: objects merge, everything else is replaced. */
#include "../../csrc/core/merge.h"
#include "world.h"

/* Compact JSON of a value of small numbers and plain texts. */
static char *write_value(char *to, const cns_value *value) {
    size_t count = cns_value_count(value);
    switch (cns_value_kind(value)) {
    case CNS_NULL:
        return to + sprintf(to, "null");
    case CNS_FALSE:
        return to + sprintf(to, "false");
    case CNS_TRUE:
        return to + sprintf(to, "true");
    case CNS_INT:
        return to + sprintf(to, "%d", (int)cns_value_int(value));
    case CNS_REAL:
        return to + sprintf(to, "%.3g", cns_value_real(value));
    case CNS_STRING:
    case CNS_BIGINT:
        return to + sprintf(to, "'%.*s'", (int)count, cns_value_text(value));
    case CNS_ARRAY:
        *to++ = '[';
        for (size_t i = 0; i < count; i++) {
            if (i)
                *to++ = ',';
            to = write_value(to, cns_value_item(value, i));
        }
        *to++ = ']';
        break;
    case CNS_OBJECT:
        *to++ = '{';
        for (size_t i = 0; i < count; i++) {
            const char *key;
            size_t len;
            const cns_value *member = cns_value_member(value, i, &key, &len);
            to += sprintf(to, "%s'%.*s':", i ? "," : "", (int)len, key);
            to = write_value(to, member);
        }
        *to++ = '}';
    }
    *to = '\0';
    return to;
}

static const char *written(const cns_value *value) {
    static char text[1 << 16];
    *write_value(text, value) = '\0';
    return text;
}

TEST(the_rule) {
    static const char *const cases[][3] = {
        {"{}", "{}", "{}"},
        {"{'a':1}", "{}", "{'a':1}"},
        {"{}", "{'a':1}", "{'a':1}"},
        {"{'a':1}", "{'a':2}", "{'a':2}"},
        {"{'a':1,'b':2}", "{'b':3,'c':4}", "{'a':1,'b':3,'c':4}"},
        {"{'b':1,'a':1}", "{'a':2,'c':0,'b':2}", "{'b':2,'a':2,'c':0}"}, /* order of the base */
        {"{'a':{'x':1,'y':2}}", "{'a':{'y':3}}", "{'a':{'x':1,'y':3}}"},
        {"{'a':{'x':{'y':{'z':1}}}}", "{'a':{'x':{'y':{'w':2}}}}",
         "{'a':{'x':{'y':{'z':1,'w':2}}}}"},
        {"{'a':{'x':1}}", "{'a':{}}", "{'a':{'x':1}}"}, /* an empty object changes nothing */
        {"{'a':{}}", "{'a':{'x':1}}", "{'a':{'x':1}}"},
        {"{'a':[1,2,3]}", "{'a':[4]}", "{'a':[4]}"}, /* arrays are never joined */
        {"{'a':[1,2]}", "{'a':[]}", "{'a':[]}"},
        {"{'a':[{'x':1}]}", "{'a':[{'y':2}]}", "{'a':[{'y':2}]}"},
        {"{'a':{'x':1}}", "{'a':null}", "{'a':null}"}, /* null replaces, and does not delete */
        {"{'a':null}", "{'a':{'x':1}}", "{'a':{'x':1}}"},
        {"{'a':{'x':1}}", "{'a':5}", "{'a':5}"},
        {"{'a':5}", "{'a':{'x':1}}", "{'a':{'x':1}}"},
        {"{'a':{'x':1}}", "{'a':['x']}", "{'a':['x']}"},
        {"{'a':true}", "{'a':false}", "{'a':false}"},
        {"{'a':'x'}", "{'A':'y'}", "{'a':'x','A':'y'}"}, /* case counts */
        {"{'':1}", "{'':2}", "{'':2}"},
        {"1", "{'a':1}", "{'a':1}"},
        {"{'a':1}", "[1]", "[1]"},
        {"{'a':1}", "null", "null"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        harness.label = cases[i][0];
        cns_doc *base = doc_of(cases[i][0]), *over = doc_of(cases[i][1]);
        CHECK_INT(cns_doc_merge(base, over, NULL), CNS_OK);
        CHECK_TEXT(written(cns_doc_root(base)), cases[i][2]);
        CHECK_TEXT(written(cns_doc_root(over)), cases[i][1]); /* untouched */
        cns_doc_free(base);
        cns_doc_free(over);
    }
}

/* {"k<first>":{"n":first}, ...} */
static cns_doc *numbered(int first, int count) {
    char *text = malloc((size_t)count * 40 + 8), *to = text;
    if (!text)
        exit(2);
    *to++ = '{';
    for (int i = first; i < first + count; i++)
        to += sprintf(to, "%s'k%d':{'n':%d}", i > first ? "," : "", i, first);
    (void)sprintf(to, "}");
    cns_doc *doc = doc_of(text);
    free(text);
    return doc;
}

/* Around the size from which an object is indexed, every overlap of two objects. */
TEST(sizes_around_the_index) {
    for (int a = 0; a <= 12; a++)
        for (int b = 0; b <= 12; b++)
            for (int shift = 0; shift <= 12; shift++) {
                cns_doc *base = numbered(0, a), *over = numbered(shift, b);
                CHECK_INT(cns_doc_merge(base, over, NULL), CNS_OK);
                const cns_value *root = cns_doc_root(base);
                size_t want = 0;
                for (int i = 0; i < 30; i++) {
                    char key[16];
                    int len = sprintf(key, "k%d", i);
                    const cns_value *got = cns_value_get(root, key, (size_t)len);
                    bool in_base = i < a, in_over = i >= shift && i < shift + b;
                    want += in_base || in_over;
                    CHECK((got != NULL) == (in_base || in_over));
                    if (got)
                        CHECK_INT(cns_value_int(cns_value_get(got, "n", 1)), in_over ? shift : 0);
                }
                CHECK_INT(cns_value_count(root), want);
                cns_doc_free(base);
                cns_doc_free(over);
            }
}

/* merge(merge(a, b), c) and merge(a, merge(b, c)) hold the same, where no value
 * that is no object stands between two objects. */
TEST(grouping_does_not_matter) {
    static const char *const parts[] = {"{'a':{'x':1},'l':[1]}", "{'a':{'y':{'z':2}},'b':0}",
                                        "{'a':{'y':{'w':3},'x':7},'l':[2,3],'c':null}"};
    cns_doc *left[3], *right[3];
    for (int i = 0; i < 3; i++)
        left[i] = doc_of(parts[i]), right[i] = doc_of(parts[i]);
    CHECK_INT(cns_doc_merge(left[0], left[1], NULL), CNS_OK);
    CHECK_INT(cns_doc_merge(left[0], left[2], NULL), CNS_OK);
    CHECK_INT(cns_doc_merge(right[1], right[2], NULL), CNS_OK);
    CHECK_INT(cns_doc_merge(right[0], right[1], NULL), CNS_OK);
    const char *want = "{'a':{'x':7,'y':{'z':2,'w':3}},'l':[2,3],'b':0,'c':null}";
    CHECK_TEXT(written(cns_doc_root(left[0])), want);
    CHECK_TEXT(written(cns_doc_root(right[0])), want);
    for (int i = 3; i-- > 0;)
        cns_doc_free(left[i]), cns_doc_free(right[2 - i]);
}

TEST(deep_objects_merge) {
    char base[CNS_MAX_DEPTH * 8], over[CNS_MAX_DEPTH * 8], *b = base, *o = over;
    for (unsigned i = 0; i < CNS_MAX_DEPTH; i++)
        b += sprintf(b, "{'a':"), o += sprintf(o, "{'a':");
    b += sprintf(b, "1"), o += sprintf(o, "2");
    for (unsigned i = 0; i < CNS_MAX_DEPTH; i++)
        *b++ = *o++ = '}';
    *b = *o = '\0';
    cns_doc *left = doc_of(base), *right = doc_of(over);
    CHECK_INT(cns_doc_merge(left, right, NULL), CNS_OK);
    CHECK_TEXT(written(cns_doc_root(left)), over);
    cns_doc_free(left);
    cns_doc_free(right);
}

/* The cost of an override is that of the objects it touches: what it leaves alone
 * is the same node as before, and a large document costs no more than its root. */
TEST(untouched_nodes_are_shared) {
    cns_arena arena;
    cns_arena_init(&arena, cns_alloc_default());
    cns_doc *base = doc_of("{'a':{'deep':{'x':1}},'b':{'y':[1,2]}}"),
            *over = doc_of("{'b':{'z':1}}");
    const cns_value *merged = cns_merge(&arena, cns_doc_root(base), cns_doc_root(over));
    CHECK(CNS_AT(merged, "a") == CNS_AT(cns_doc_root(base), "a"));
    CHECK(CNS_AT(CNS_AT(merged, "b"), "y") == CNS_AT(CNS_AT(cns_doc_root(base), "b"), "y"));
    CHECK(CNS_AT(CNS_AT(merged, "b"), "z") == CNS_AT(CNS_AT(cns_doc_root(over), "b"), "z"));
    CHECK(cns_merge(&arena, cns_doc_root(base), cns_doc_root(base)) == cns_doc_root(base));
    cns_arena_release(&arena);
    cns_doc_free(base);
    cns_doc_free(over);
}

/* One wide level below a root: overriding beside it costs the same for every width. */
static size_t bytes_of_override(int width) {
    picky p = {.fail_at = 0};
    cns_arena arena;
    cns_doc *wide = numbered(0, width), *base = doc_of("{'z':0}"), *over = doc_of("{'z':1}");
    cns_member members[2] = {{"wide", 4, cns_hash("wide", 4), cns_doc_root(wide)},
                             {"z", 1, cns_hash("z", 1), CNS_AT(cns_doc_root(base), "z")}};
    cns_arena_init(&arena, (cns_alloc){picky_resize, &p});
    const cns_value *root = cns_object_new(&arena, members, 2);
    const cns_value *merged = root ? cns_merge(&arena, root, cns_doc_root(over)) : NULL;
    CHECK(merged && CNS_AT(merged, "wide") == cns_doc_root(wide));
    cns_arena_release(&arena);
    CHECK(p.live == 0 && !p.wrong_size);
    cns_doc_free(wide);
    cns_doc_free(base);
    cns_doc_free(over);
    return p.most;
}

TEST(cost_is_that_of_the_override) {
    CHECK_INT(bytes_of_override(10), bytes_of_override(10000));
}

TEST(large_objects_merge_in_linear_time) {
    /* 2 x 100 000 members, half in common: a quadratic merge takes minutes */
    cns_doc *base = numbered(0, 100000), *over = numbered(50000, 100000);
    clock_t start = clock();
    CHECK_INT(cns_doc_merge(base, over, NULL), CNS_OK);
    CHECK((double)(clock() - start) / CLOCKS_PER_SEC < 2);
    CHECK_INT(cns_value_count(cns_doc_root(base)), 150000);
    const cns_value *last = CNS_AT(cns_doc_root(base), "k149999");
    CHECK(last && cns_value_int(CNS_AT(last, "n")) == 50000);
    cns_doc_free(base);
    cns_doc_free(over);
}

int main(void) {
    RUN(the_rule);
    RUN(sizes_around_the_index);
    RUN(grouping_does_not_matter);
    RUN(deep_objects_merge);
    RUN(untouched_nodes_are_shared);
    RUN(cost_is_that_of_the_override);
    RUN(large_objects_merge_in_linear_time);
    return harness_end();
}
