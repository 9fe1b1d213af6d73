/* json_in.c - the door through which JSON comes in.
 *
 *     text ── json_scan ──> marks (what and where, in written order) ──┐
 *       └──── cJSON ──────> tree ───────────────────────── lockstep ───┴─> builder
 *
 * The scan has refused everything that is not JSON before cJSON sees a byte. The
 * tree is read once, beside the marks, and freed; a tree that does not fit the
 * marks is an error, so no text can mean one thing to the scan and another to the
 * library. What cJSON rounds or cuts (integers, numbers of more than 63
 * characters) is taken from the text.
 */
#include <cjson/cJSON.h>
#include <string.h>

#include "arena.h"
#include "error.h"
#include "json_scan.h"
#include "lock.h"
#include "number.h"
#include "value.h"

/* cJSON 1.7 up to 1.7.18 looks at no more characters of a number than these. */
#define CJSON_NUMBER 63u

/* --------------------------------------------------------------- the lock */

/* Every parse writes the library's one record of the last error, also where
 * nobody reads it. The lock is held over a fork, so that no child inherits it
 * taken by a thread that the child does not have. */
static cns_lock cjson_lock = CNS_LOCK_INIT;
static void take_lock(void) {
    cns_lock_take(&cjson_lock);
}
static void unlock_cjson(void) {
    cns_lock_give(&cjson_lock);
}
#ifdef _WIN32
static void lock_cjson(void) {
    take_lock();
}
#else
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;
static void guard_fork(void) {
    (void)pthread_atfork(take_lock, unlock_cjson, unlock_cjson);
}
static void lock_cjson(void) {
    (void)pthread_once(&fork_once, guard_fork);
    take_lock();
}
#endif

/* ---------------------------------------------------------------- parsing */

static bool only_blanks(const char *from, const char *end) {
    while (from < end && (*from == ' ' || *from == '\n' || *from == '\r' || *from == '\t'))
        from++;
    return from == end;
}

/* A copy of the text in which each number too long for cJSON is a 0 and blanks:
 * the tree keeps its shape, and feed() reads the number from the text itself. */
static char *without_long_numbers(const cns_marks *marks, const char *text, size_t len) {
    char *copy = cns_get(marks->alloc, len);
    if (!copy)
        return NULL;
    memcpy(copy, text, len);
    for (size_t i = 0; i < marks->count; i++) {
        uint32_t kind = cns_mark_kind(marks->list[i]), size = cns_mark_size(marks->list[i]);
        if ((kind == CNS_INT || kind == CNS_REAL) && size > CJSON_NUMBER) {
            memset(copy + marks->list[i].offset, ' ', size);
            copy[marks->list[i].offset] = '0';
        }
    }
    return copy;
}

/* *out gets the tree, to be freed with cJSON_Delete. */
static cns_code parse(cJSON **out, const cns_marks *marks, const char *text, size_t len,
                      cns_error *err) {
    const char *source = text, *end = NULL;
    char *copy = NULL;
    if (marks->longest_number > CJSON_NUMBER) {
        source = copy = without_long_numbers(marks, text, len);
        if (!copy)
            return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET,
                            "memory ran out while reading a JSON text");
    }
    lock_cjson();
    cJSON *tree = cJSON_ParseWithLengthOpts(source, len, &end, false);
    unlock_cjson();
    cns_code code = CNS_OK;
    if (!tree)
        code =
            cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET,
                     "cJSON found no memory for a JSON text, or is built for less nesting than 64");
    else if (!end || !only_blanks(end, source + len))
        code = cns_fail(
            err, CNS_E_SYNTAX, 0,
            "cJSON did not read the JSON text to its end: use another version of the library");
    if (code == CNS_OK)
        *out = tree;
    else
        cJSON_Delete(tree);
    cns_drop(marks->alloc, copy, len);
    return code;
}

/* ---------------------------------------------------------------- lockstep */

static const uint8_t types[] = {
    [CNS_NULL] = cJSON_NULL,   [CNS_FALSE] = cJSON_False,   [CNS_TRUE] = cJSON_True,
    [CNS_INT] = cJSON_Number,  [CNS_REAL] = cJSON_Number,   [CNS_STRING] = cJSON_String,
    [CNS_ARRAY] = cJSON_Array, [CNS_OBJECT] = cJSON_Object,
};

static cns_code differs(cns_builder *b, uint32_t offset) {
    return cns_builder_fail(
        b, CNS_E_SYNTAX, offset,
        "cJSON reads this place in another way than RFC 8259: use another version of the library");
}

static bool same_text(const char *text, cns_mark mark) {
    return text && strlen(text) == cns_mark_size(mark);
}

static cns_code feed_value(cns_builder *b, const cJSON *node, cns_mark mark, const char *text) {
    uint32_t kind = cns_mark_kind(mark), size = cns_mark_size(mark);
    if (kind == CNS_MARK_KEY || (node->type & 0xFF) != types[kind])
        return differs(b, mark.offset);
    switch (kind) {
    case CNS_INT:
        return cns_feed_integer(b, text + mark.offset, size, mark.offset);
    case CNS_REAL:
        return cns_builder_real(
            b, size > CJSON_NUMBER ? cns_decimal_real(text + mark.offset, size) : node->valuedouble,
            mark.offset);
    case CNS_STRING:
        if (!same_text(node->valuestring, mark))
            return differs(b, mark.offset);
        return cns_builder_text(b, CNS_STRING, node->valuestring, size, mark.offset);
    case CNS_ARRAY:
    case CNS_OBJECT:
        return cns_builder_open(b, (cns_kind)kind, mark.offset);
    default:
        return cns_builder_plain(b, (cns_kind)kind, mark.offset);
    }
}

void cns_json_feed(cns_builder *b, const cJSON *tree, const cns_marks *marks, const char *text) {
    struct {
        const cJSON *next;
        uint32_t left; /* values that the marks still promise */
        bool object;
    } open[CNS_MAX_DEPTH + 1];
    const cns_mark *mark = NULL;
    size_t at = 0, end = marks->count;
    uint32_t depth = 0, offset = 0;
    open[0].next = tree;
    open[0].left = 1;
    open[0].object = false;
    for (;;) {
        const cJSON *node = open[depth].next;
        if (!node != !open[depth].left)
            break;
        if (!node) {
            if (depth == 0) {
                if (at != end)
                    break;
                return;
            }
            if (cns_builder_close(b) != CNS_OK)
                return;
            depth--;
            continue;
        }
        open[depth].next = depth ? node->next : NULL;
        open[depth].left--;
        if (open[depth].object) {
            mark = at < end ? &marks->list[at++] : NULL;
            if (!mark || cns_mark_kind(*mark) != CNS_MARK_KEY || !same_text(node->string, *mark))
                break;
            offset = mark->offset;
            if (cns_builder_key(b, node->string, cns_mark_size(*mark), offset) != CNS_OK)
                return;
        }
        mark = at < end ? &marks->list[at++] : NULL;
        if (!mark)
            break;
        offset = mark->offset;
        if (feed_value(b, node, *mark, text) != CNS_OK)
            return;
        uint32_t kind = cns_mark_kind(*mark);
        if (kind == CNS_ARRAY || kind == CNS_OBJECT) {
            depth++; /* the builder has refused more than CNS_MAX_DEPTH */
            open[depth].next = node->child;
            open[depth].left = cns_mark_size(*mark);
            open[depth].object = kind == CNS_OBJECT;
        }
    }
    (void)differs(b, offset);
}

cns_code cns_json_read(cns_doc **out, const char *text, size_t len, cns_alloc alloc,
                       cns_error *err) {
    cns_marks marks;
    cJSON *tree = NULL;
    cns_builder *builder = NULL;
    cns_code code = cns_json_scan(&marks, text, len, alloc, err);
    if (code != CNS_OK)
        goto done;
    code = parse(&tree, &marks, text, len, err);
    if (code != CNS_OK)
        goto done;
    builder = cns_builder_new(alloc);
    if (!builder) {
        code =
            cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "memory ran out while reading a JSON text");
        goto done;
    }
    cns_builder_trust(builder); /* the scan has looked at every byte */
    cns_json_feed(builder, tree, &marks, text);
    code = cns_builder_finish(out, builder, err);
done:
    /* the large blocks first: glibc tidies its free lists when one goes back,
     * which is cheap before the small blocks of the tree are on them */
    cns_builder_free(builder);
    cns_marks_release(&marks);
    cJSON_Delete(tree);
    if (code != CNS_OK && err) {
        cns_locate(err, text, len);
        if (!err->path[0] && err->offset <= len)
            cns_json_place(err->path, sizeof err->path, text, err->offset);
    }
    return code;
}
