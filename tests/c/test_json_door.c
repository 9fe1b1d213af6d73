/* test_json_door.c - the JSON door: limits, memory, cJSON beside the scan, threads. */
#ifndef _WIN32
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <cjson/cJSON.h>
#include <math.h>

#include "../../csrc/core/json_scan.h"
#include "json_reading.h"

static char *repeat(char *out, const char *what, size_t times) {
    size_t len = strlen(what);
    for (size_t i = 0; i < times; i++)
        memcpy(out + i * len, what, len);
    return out + times * len;
}

/* --------------------------------------------------------------------- limits */

TEST(depth_is_limited) {
    char text[CNS_MAX_DEPTH * 16];
    for (int object = 0; object < 2; object++)
        for (size_t depth = CNS_MAX_DEPTH - 1; depth <= CNS_MAX_DEPTH + 1; depth++) {
            char *end = repeat(text, object ? "{\"a\":" : "[", depth);
            *end++ = '1';
            end = repeat(end, object ? "}" : "]", depth);
            if (depth <= CNS_MAX_DEPTH) {
                cns_doc_free(read_good(text, (size_t)(end - text)));
                continue;
            }
            cns_error err = read_bad(text, (size_t)(end - text));
            CHECK_INT(err.code, CNS_E_LIMIT);
            CHECK_INT(err.offset, CNS_MAX_DEPTH * (object ? 5 : 1));
        }
    /* open containers count, not containers */
    static char wide[100000];
    char *end = repeat(wide, "[[],", 1);
    end = repeat(end, "[{}],", 10000);
    end = repeat(end, "{}]", 1);
    cns_doc_free(read_good(wide, (size_t)(end - wide)));
    memset(wide, '[', sizeof wide);
    CHECK_INT(read_bad(wide, sizeof wide).offset, CNS_MAX_DEPTH);
    end = repeat(wide, "{\"a\":", sizeof wide / 5);
    CHECK_INT(read_bad(wide, (size_t)(end - wide)).code, CNS_E_LIMIT);
}

TEST(length_of_texts_is_limited) {
    char *text = malloc(CNS_MAX_TEXT + 1);
    if (!text)
        exit(2);
    memset(text, ' ', CNS_MAX_TEXT + 1);
    text[0] = '7';
    for (size_t len = CNS_MAX_TEXT - 1; len <= CNS_MAX_TEXT; len++)
        cns_doc_free(read_good(text, len));
    cns_error err = read_bad(text, CNS_MAX_TEXT + 1);
    CHECK_INT(err.code, CNS_E_LIMIT);
    CHECK_INT(err.offset, CNS_MAX_TEXT);
    /* one text that fills all of it */
    memset(text, 'x', CNS_MAX_TEXT);
    text[0] = text[CNS_MAX_TEXT - 1] = '"';
    cns_doc *doc = read_good(text, CNS_MAX_TEXT);
    CHECK(doc && cns_value_count(cns_doc_root(doc)) == CNS_MAX_TEXT - 2);
    cns_doc_free(doc);
    free(text);
}

TEST(length_of_numbers_is_limited) {
    char text[CNS_MAX_NUMBER + 8];
    for (int kind = 0; kind < 4; kind++)
        for (size_t len = CNS_MAX_NUMBER - 1; len <= CNS_MAX_NUMBER + 1; len++) {
            memset(text, '7', sizeof text);
            text[0] = '[';
            if (kind == 1)
                text[1] = '-';
            else if (kind == 2)
                text[2] = '.';
            else if (kind == 3)
                text[3] = 'e';
            text[len + 1] = ']';
            if (len > CNS_MAX_NUMBER) {
                cns_error err = read_bad(text, len + 2);
                CHECK_INT(err.code, CNS_E_LIMIT);
                CHECK_INT(err.offset, 1);
                continue;
            }
            cns_doc *doc = read_good(text, len + 2);
            const cns_value *value = doc ? cns_value_item(cns_doc_root(doc), 0) : NULL;
            if (CHECK(value) && kind < 2)
                CHECK(cns_value_kind(value) == CNS_BIGINT && cns_value_count(value) == len &&
                      memcmp(cns_value_text(value), text + 1, len) == 0);
            else if (value)
                CHECK(cns_value_kind(value) == CNS_REAL &&
                      (kind == 3 ? isinf(cns_value_real(value))
                                 : cns_value_real(value) == 7.0 + 7.0 / 9));
            cns_doc_free(doc);
        }
}

/* cJSON looks at 63 characters of a number; from there on the scan's are taken. */
TEST(numbers_around_the_reach_of_cjson) {
    char text[256], digits[128];
    for (int len = 60; len <= 68; len++) {
        memset(digits, '0', sizeof digits);
        digits[0] = '3';
        digits[1] = '.';
        digits[len - 1] = '5';
        int n = snprintf(text, sizeof text, "{\"a\":%.*s,\"b\":%.*s ,\"c\":[1]}", len, digits,
                         len - 2, digits + 2);
        /* "b" would begin with a 0: make it an integer */
        char *b = strstr(text, "\"b\":") + 4;
        *b = '4';
        cns_doc *doc = read_good(text, (size_t)n);
        if (!doc)
            continue;
        const cns_value *root = cns_doc_root(doc), *big = cns_value_get(root, "b", 1);
        CHECK(cns_value_real(cns_value_get(root, "a", 1)) == 3.0);
        CHECK(cns_value_kind(big) == CNS_BIGINT && cns_value_count(big) == (size_t)len - 2 &&
              memcmp(cns_value_text(big), b, (size_t)len - 2) == 0);
        CHECK_INT(cns_value_count(cns_value_get(root, "c", 1)), 1);
        cns_doc_free(doc);
    }
}

TEST(a_value_for_every_two_bytes) {
    size_t count = 200000;
    char *text = malloc(2 * count + 1);
    if (!text)
        exit(2);
    text[0] = '[';
    char *end = repeat(text + 1, "7,", count);
    end[-1] = ']';
    cns_doc *doc = read_good(text, 2 * count + 1);
    CHECK(doc && cns_value_count(cns_doc_root(doc)) == count);
    cns_doc_free(doc);
    free(text);
}

/* --------------------------------------------------------------------- memory */

static const char *const starved_text =
    "{\"app\":{\"vendors\":{\"include\":[\"google\",\"c:\\u00e9\"],\"n\":" TEN(
        "1234567") "}},"
                   "\"list\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,1,2,3,4,5,6,7,8,9,"
                   "0,1,2,3,4,5,6,7,8],"
                   "\"more\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,1,2,3,4,5,6,7,8,9,"
                   "0,1,2,3,4,5,6,7,8],"
                   "\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,\"i\":0,\"j\":"
                   "0,\"k\":0}";

static cns_code read_starved(cns_alloc alloc, void *arg) {
    cns_doc *doc = NULL;
    cns_error err = {0};
    cns_code code = cns_json_read(&doc, arg, strlen(arg), alloc, &err);
    CHECK(err.code == code && (doc != NULL) == (code == CNS_OK));
    CHECK(code == CNS_OK || (strstr(err.message, "memory") && err.line == 0));
    cns_doc_free(doc);
    return code;
}

TEST(memory_that_runs_out) {
    char *text = strdup(starved_text);
    harness_starve(read_starved, text);
    free(text);
}

static size_t cjson_calls, cjson_fail_at;

static void *cjson_malloc(size_t size) {
    return ++cjson_calls == cjson_fail_at ? NULL : malloc(size);
}

/* Hooks are for a program, and this test is one; the core never sets them. */
TEST(memory_that_runs_out_in_cjson) {
    cJSON_Hooks hooks = {cjson_malloc, free};
    const char *text = "{\"a\":[1,\"\\u00e9\",{\"b\":null}],\"c\":\"d\"}";
    cns_code code = CNS_E_NOMEM;
    cJSON_InitHooks(&hooks);
    for (cjson_fail_at = 1; code == CNS_E_NOMEM; cjson_fail_at++) {
        picky p = {.calls = 0};
        cns_error err = {0};
        cns_doc *doc = NULL;
        cjson_calls = 0;
        code = cns_json_read(&doc, text, strlen(text), (cns_alloc){picky_resize, &p}, &err);
        CHECK((doc != NULL) == (code == CNS_OK));
        CHECK(code == CNS_OK || strstr(err.message, "cJSON found no memory"));
        cns_doc_free(doc);
        CHECK(p.live == 0 && !p.wrong_size);
    }
    cJSON_InitHooks(NULL);
    CHECK_INT(code, CNS_OK);
    CHECK(cjson_fail_at > 10);
}

/* No memory follows a number claimed by the text: a broken text of many brackets
 * takes no more than a good one of its length. */
TEST(memory_is_bounded_by_the_text) {
    size_t len = 1 << 20;
    char *text = malloc(len);
    if (!text)
        exit(2);
    memset(text, '7', len);
    const char *starts[] = {"[1e9999999999", "\"", "[\"\\u0041", "{\"a\":"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        picky p = {.calls = 0};
        cns_doc *doc = NULL;
        memcpy(text, starts[i], strlen(starts[i]));
        CHECK(cns_json_read(&doc, text, len, (cns_alloc){picky_resize, &p}, NULL) != CNS_OK);
        CHECK(p.live == 0 && p.most <= 8 * len);
    }
    free(text);
}

/* ------------------------------------------------------------------- lockstep */

/* A tree of one text beside the marks of another: an error, never a crash. */
TEST(trees_that_do_not_fit_the_marks) {
    static const char *const texts[] = {
        "1",
        "\"a\"",
        "\"ab\"",
        "null",
        "true",
        "false",

        "[]",
        "[1]",
        "[1,2]",
        "[1,2,3]",
        "[[1]]",
        "[[],1]",
        "[{}]",
        "{}",
        "{\"a\":1}",
        "{\"ab\":1}",
        "{\"a\":1,\"b\":2}",
        "{\"a\":\"1\"}",
        "{\"a\":[]}",
        "{\"a\":{}}",
        "{\"a\":{\"b\":1}}",
        "[[[[1]]]]",
        "[\"a\",\"b\"]",
    };
    size_t count = sizeof texts / sizeof *texts;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++) {
            cns_marks marks;
            cns_doc *doc = NULL;
            cns_error err = {0};
            harness.label = texts[i];
            CHECK_INT(cns_json_scan(&marks, texts[i], strlen(texts[i]), cns_alloc_default(), NULL),
                      CNS_OK);
            cJSON *tree = cJSON_Parse(texts[k]);
            cns_builder *b = cns_builder_new(cns_alloc_default());
            cns_json_feed(b, tree, &marks, texts[i]);
            CHECK_INT(cns_builder_finish(&doc, b, &err), i == k ? CNS_OK : CNS_E_SYNTAX);
            CHECK(i == k || strstr(err.message, "cJSON reads this place in another way"));
            cns_builder_free(b);
            cns_doc_free(doc);
            cJSON_Delete(tree);
            cns_marks_release(&marks);
        }
    cns_marks none = {.count = 0};
    cns_builder *b = cns_builder_new(cns_alloc_default());
    cns_doc *doc = NULL;
    cns_json_feed(b, NULL, &none, "");
    CHECK_INT(cns_builder_finish(&doc, b, NULL), CNS_E_SYNTAX);
    cns_builder_free(b);
}

TEST(marks_say_what_and_where) {
    static const struct {
        uint32_t kind, offset, size;
    } want[] = {{CNS_OBJECT, 0, 1},
                {CNS_MARK_KEY, 2, 1},
                {CNS_ARRAY, 8, 2},
                {CNS_INT, 10, 1},
                {CNS_STRING, 14, 2}};
    const char *text = "{ \"a\" : [ 1 , \"x\\n\" ] }";
    cns_marks marks;
    CHECK_INT(cns_json_scan(&marks, text, strlen(text), cns_alloc_default(), NULL), CNS_OK);
    CHECK_INT(marks.count, 5);
    for (size_t i = 0; i < 5 && i < marks.count; i++) {
        CHECK_INT(cns_mark_kind(marks.list[i]), want[i].kind);
        CHECK_INT(marks.list[i].offset, want[i].offset);
        CHECK_INT(cns_mark_size(marks.list[i]), want[i].size);
    }
    cns_marks_release(&marks);
}

/* -------------------------------------------------------------------- threads */

#ifndef _WIN32
static void *read_often(void *arg) {
    size_t *good = arg;
    for (int i = 0; i < 200; i++) {
        cns_doc *doc = NULL;
        cns_error err;
        *good += cns_json_read(&doc, starved_text, strlen(starved_text), cns_alloc_default(),
                               &err) == CNS_OK;
        *good += cns_json_read(&doc, "[1,]", 4, cns_alloc_default(), &err) == CNS_E_SYNTAX;
        cns_doc_free(doc);
    }
    return NULL;
}

TEST(threads_read_at_once) {
    pthread_t threads[4];
    size_t good[4] = {0};
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, read_often, &good[i]) == 0);
    for (int i = 0; i < 4; i++) {
        (void)pthread_join(threads[i], NULL);
        CHECK_INT(good[i], 400);
    }
}

static atomic_bool forked_enough;

/* Reads a long text again and again, so that most forks meet a held lock. */
static void *read_on(void *arg) {
    const size_t count = 20000;
    char *text = malloc(2 * count + 1);
    if (!text)
        exit(2);
    text[0] = '[';
    *(repeat(text + 1, "7,", count) - 1) = ']';
    do {
        cns_doc *doc = NULL;
        if (cns_json_read(&doc, text, 2 * count + 1, cns_alloc_default(), NULL) != CNS_OK)
            *(bool *)arg = false;
        cns_doc_free(doc);
    } while (!forked_enough);
    free(text);
    return NULL;
}

/* A child must be able to read, whatever other threads did as it was forked. It
 * answers through a pipe: sanitizers have their own say in exit codes. */
TEST(a_forked_child_can_read) {
    pthread_t thread;
    bool good = true;
    size_t answers = 0;
    int ends[2];
    if (!CHECK(pipe(ends) == 0) || !CHECK(pthread_create(&thread, NULL, read_on, &good) == 0))
        return;
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        if (child == 0) {
            cns_doc *doc = NULL;
            alarm(10);
            if (cns_json_read(&doc, "{}", 2, cns_alloc_default(), NULL) == CNS_OK)
                answers += write(ends[1], "y", 1) == 1;
            _exit(0);
        }
        int status = 0;
        if (!CHECK(child > 0 && waitpid(child, &status, 0) == child && !WIFSIGNALED(status)))
            break;
    }
    forked_enough = true;
    (void)pthread_join(thread, NULL);
    (void)close(ends[1]);
    for (char answer; read(ends[0], &answer, 1) == 1;)
        answers++;
    (void)close(ends[0]);
    CHECK_INT(answers, 20);
    CHECK(good);
}
#endif

int main(void) {
    RUN(depth_is_limited);
    RUN(length_of_texts_is_limited);
    RUN(length_of_numbers_is_limited);
    RUN(numbers_around_the_reach_of_cjson);
    RUN(a_value_for_every_two_bytes);
    RUN(memory_that_runs_out);
    RUN(memory_that_runs_out_in_cjson);
    RUN(memory_is_bounded_by_the_text);
    RUN(trees_that_do_not_fit_the_marks);
    RUN(marks_say_what_and_where);
#ifndef _WIN32
    RUN(threads_read_at_once);
    RUN(a_forked_child_can_read);
#endif
    return harness_end();
}
