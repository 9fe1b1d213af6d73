/* ac.c - Google's Additional Consent string, read and written (docs/strings.md).
 *
 *   2~<ids with dots between them>~dv.<ids>
 *
 * All lists of a string lie behind its struct, in one block whose size follows from the text. */
#include "arena.h"
#include "error.h"
#include "text.h"

enum { BLANKS, PARTS, DISCLOSED_PREFIX, BAD_ID, UNSORTED, REPEATED, OVERLAP, WARNINGS };
static const char *const warning_codes[WARNINGS] = {
    "blanks", "parts", "disclosed_prefix", "bad_id", "unsorted", "repeated_id", "overlap"};

struct cns_ac {
    cns_alloc alloc;
    size_t size;
    unsigned version, warnings; /* warnings: one bit a code */
    struct {
        uint32_t *ids;
        size_t count;
    } lists[3];
};

/* ---------------------------------------------------------------- sets of ids */

/* Ascending order in time linear in `count`: four passes, a byte of the numbers each.
 * `spare` has room for as many. */
static void sort_ids(uint32_t *ids, size_t count, uint32_t *spare) {
    uint32_t *from = ids, *to = spare;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        size_t starts[257] = {0};
        for (size_t i = 0; i < count; i++)
            starts[(from[i] >> shift & 255) + 1]++;
        for (size_t i = 1; i < 257; i++)
            starts[i] += starts[i - 1];
        for (size_t i = 0; i < count; i++)
            to[starts[from[i] >> shift & 255]++] = from[i];
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
}

/* Ascending and without repeats; how many are left. Tells in *found what it had to do. */
static size_t tidy(uint32_t *ids, size_t count, uint32_t *spare, unsigned *found) {
    size_t kept = 0;
    for (size_t i = 1; i < count; i++)
        if (ids[i] < ids[i - 1]) {
            *found |= 1u << UNSORTED;
            sort_ids(ids, count, spare);
            break;
        }
    for (size_t i = 0; i < count; i++) {
        if (kept && ids[kept - 1] == ids[i])
            *found |= 1u << REPEATED;
        else
            ids[kept++] = ids[i];
    }
    return kept;
}

/* Takes from `ids` what `others` has too, both ascending; how many are left. */
static size_t without(uint32_t *ids, size_t count, const uint32_t *others, size_t other_count) {
    size_t kept = 0, at = 0;
    for (size_t i = 0; i < count; i++) {
        while (at < other_count && others[at] < ids[i])
            at++;
        if (at == other_count || others[at] != ids[i])
            ids[kept++] = ids[i];
    }
    return kept;
}

/* -------------------------------------------------------------------- reading */

static cns_code refuse(cns_error *err, const char *code, size_t offset, const char *message) {
    (void)cns_fail(err, CNS_E_DECODE, (uint32_t)offset, message);
    if (err)
        cns_copy_text(err->path, sizeof err->path, code, strlen(code));
    return CNS_E_DECODE;
}

static bool blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

typedef struct reader {
    const char *text; /* as given, for offsets */
    bool strict;
    unsigned warnings;
    cns_error *err;
} reader;

/* A fault that only a strict reader minds. */
static cns_code fault(reader *r, unsigned warning, const char *at, const char *message) {
    r->warnings |= 1u << warning;
    return r->strict ? refuse(r->err, warning_codes[warning], (size_t)(at - r->text), message)
                     : CNS_OK;
}

static size_t most_items(cns_span part) {
    size_t dots = 0;
    for (size_t i = 0; i < part.len; i++)
        dots += part.text[i] == '.';
    return part.len ? dots + 1 : 0;
}

static cns_code read_items(reader *r, cns_span part, uint32_t *ids, size_t *count) {
    const char *at = part.text, *end = at + part.len;
    *count = 0;
    while (part.len && at <= end) {
        const char *dot = memchr(at, '.', (size_t)(end - at));
        size_t len = (size_t)((dot ? dot : end) - at);
        int64_t id = cns_decimal(at, len, CNS_AC_MAX_ID);
        if (id < 1 || *at == '0') {
            cns_code code =
                fault(r, BAD_ID, at,
                      "an item is no id: write whole numbers from 1 on, with dots between them");
            if (code != CNS_OK)
                return code;
        }
        if (id >= 1)
            ids[(*count)++] = (uint32_t)id;
        at += len + 1;
    }
    return CNS_OK;
}

/* The parts between the tildes. */
static cns_code split(reader *r, cns_span text, unsigned *version, cns_span *consented,
                      cns_span *disclosed) {
    const char *end = text.text + text.len, *tilde = memchr(text.text, '~', text.len);
    cns_code code = CNS_OK;
    if (!tilde)
        return refuse(r->err, "no_separator", 0,
                      "this is no Additional Consent string: one begins with 1~ or 2~");
    if (tilde - text.text != 1 || (*text.text != '1' && *text.text != '2'))
        return refuse(r->err, "version", 0,
                      "the version is neither 1 nor 2: give an Additional Consent string");
    *version = (unsigned)(*text.text - '0');
    *disclosed = CNS_SPAN("");
    const char *from = tilde + 1;
    tilde = memchr(from, '~', (size_t)(end - from));
    *consented = (cns_span){from, (size_t)((tilde ? tilde : end) - from)};
    if ((*version == 1) != !tilde)
        code = fault(r, PARTS, tilde ? tilde : end,
                     *version == 1 ? "version 1 has one list: take the rest away"
                                   : "version 2 has a second list: write ~dv. behind the first");
    if (code != CNS_OK || *version == 1 || !tilde)
        return code;
    from = tilde + 1;
    tilde = memchr(from, '~', (size_t)(end - from));
    size_t len = (size_t)((tilde ? tilde : end) - from);
    if (tilde)
        code = fault(r, PARTS, tilde, "version 2 has two lists: take the rest away");
    if (len < 2 || memcmp(from, "dv", 2) != 0 || (len > 2 && from[2] != '.')) {
        if (code == CNS_OK)
            code = fault(r, DISCLOSED_PREFIX, from, "the second list does not begin with dv.");
    } else if (len > 3) {
        *disclosed = (cns_span){from + 3, len - 3};
    }
    return code;
}

cns_code cns_ac_read(cns_ac **out, const char *text, size_t len, bool strict, cns_alloc alloc,
                     cns_error *err) {
    reader r = {text, strict, 0, err};
    cns_span all = {text, len}, parts[2];
    unsigned version;
    if (len > CNS_MAX_STRING)
        return refuse(err, "too_long", 0, "the text has over 65 536 characters: shorten it");
    if (!strict) {
        while (all.len && blank(*all.text)) {
            all.text++;
            all.len--;
        }
        while (all.len && blank(all.text[all.len - 1]))
            all.len--;
        r.warnings = (unsigned)(all.len != len) << BLANKS;
    }
    cns_code code = split(&r, all, &version, &parts[0], &parts[1]);
    if (code != CNS_OK)
        return code;
    size_t most[2] = {most_items(parts[0]), most_items(parts[1])};
    size_t both = most[0] + most[1], ids = 2 * both;
    size_t size = sizeof(cns_ac) + (ids ? ids : 1) * sizeof(uint32_t);
    cns_ac *ac = cns_get(alloc, size);
    if (!ac)
        return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "there is no memory left");
    *ac = (cns_ac){.alloc = alloc, .size = size, .version = version};
    uint32_t *room = (uint32_t *)(void *)(ac + 1), *all_ids = room + both;
    for (unsigned i = 0; i < 2 && code == CNS_OK; i++) {
        ac->lists[i].ids = room;
        code = read_items(&r, parts[i], room, &ac->lists[i].count);
        /* the union, made last, lends its room to the sorting */
        ac->lists[i].count = tidy(room, ac->lists[i].count, all_ids, &r.warnings);
        room += most[i];
    }
    if (code != CNS_OK) {
        cns_ac_free(ac);
        return code;
    }
    const uint32_t *on = ac->lists[0].ids, *off = ac->lists[1].ids;
    size_t on_count = ac->lists[0].count,
           off_count = without(ac->lists[1].ids, ac->lists[1].count, on, on_count), i = 0, j = 0;
    if (off_count != ac->lists[1].count)
        r.warnings |= 1u << OVERLAP;
    ac->lists[1].count = off_count;
    ac->lists[2].ids = all_ids;
    ac->lists[2].count = on_count + off_count;
    while (i + j < on_count + off_count) {
        bool first = j == off_count || (i < on_count && on[i] < off[j]);
        *all_ids++ = first ? on[i++] : off[j++];
    }
    ac->warnings = r.warnings;
    *out = ac;
    return CNS_OK;
}

void cns_ac_free(cns_ac *ac) {
    if (ac)
        cns_drop(ac->alloc, ac, ac->size);
}

unsigned cns_ac_version(const cns_ac *ac) {
    return ac->version;
}

const uint32_t *cns_ac_ids(const cns_ac *ac, cns_ac_list list, size_t *count) {
    *count = 0;
    if (ac->version == 1 && list != CNS_AC_CONSENTED)
        return NULL;
    *count = ac->lists[list].count;
    return ac->lists[list].ids;
}

const char *cns_ac_warning(const cns_ac *ac, size_t index) {
    for (unsigned i = 0; i < WARNINGS; i++)
        if (ac->warnings >> i & 1 && index-- == 0)
            return warning_codes[i];
    return NULL;
}

/* -------------------------------------------------------------------- writing */

#define ID_TEXT 11u /* ten digits and the dot before them */

static cns_code unfit(cns_error *err, cns_code code, const char *field, const char *message) {
    (void)cns_fail(err, code, CNS_NO_OFFSET, message);
    if (err)
        cns_copy_text(err->path, sizeof err->path, field, strlen(field));
    return code;
}

/* The ids with dots between them, the first one behind `at`. */
static char *put_ids(char *at, const uint32_t *ids, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char digits[ID_TEXT];
        size_t used = 0;
        for (uint32_t left = ids[i]; left; left /= 10)
            digits[used++] = (char)('0' + left % 10);
        if (i)
            *at++ = '.';
        while (used)
            *at++ = digits[--used];
    }
    return at;
}

static bool in_range(const uint32_t *ids, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (ids[i] < 1 || ids[i] > CNS_AC_MAX_ID)
            return false;
    return true;
}

cns_code cns_ac_write(char **text, size_t *len, const cns_ac_lists *lists, cns_alloc alloc,
                      cns_error *err) {
    static const char range[] = "an id is out of range: give whole numbers from 1 to 2147483647";
    size_t on = lists->consented_count, off = lists->disclosed_count;
    unsigned ignored = 0;
    if (lists->version != 1 && lists->version != 2)
        return unfit(err, CNS_E_SHAPE, "version", "there is no such version: give 1 or 2");
    if (!in_range(lists->consented, on))
        return unfit(err, CNS_E_SHAPE, "consented", range);
    if (!in_range(lists->disclosed, off))
        return unfit(err, CNS_E_SHAPE, "disclosed_only", range);
    if (lists->version == 1 && off)
        return unfit(err, CNS_E_SHAPE, "disclosed_only",
                     "version 1 has no place for disclosed ids: give version 2, or none of them");
    size_t most = on > off ? on : off, total = cns_add(on, off);
    size_t ids_size = cns_mul(cns_add(cns_add(total, most), 1), sizeof(uint32_t));
    uint32_t *ids = cns_get(alloc, ids_size), *spare = ids ? ids + total : NULL, *others;
    if (!ids)
        return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "there is no memory left");
    others = ids + on;
    if (on)
        memcpy(ids, lists->consented, on * sizeof *ids);
    if (off)
        memcpy(others, lists->disclosed, off * sizeof *ids);
    on = tidy(ids, on, spare, &ignored);
    off = without(others, tidy(others, off, spare, &ignored), ids, on);
    size_t used = 0, room = cns_add(cns_mul(cns_add(on, off), ID_TEXT), sizeof "2~~dv.");
    char *written = cns_get(alloc, room), *at = written, *result = NULL;
    if (written) {
        *at++ = (char)('0' + lists->version);
        *at++ = '~';
        at = put_ids(at, ids, on);
        if (lists->version == 2) {
            memcpy(at, "~dv.", 4);
            at = put_ids(at + 4, others, off);
        }
        used = (size_t)(at - written);
        if (used <= CNS_MAX_STRING)
            result = alloc.resize(alloc.ctx, written, room, used);
    }
    if (!result)
        cns_drop(alloc, written, room);
    cns_drop(alloc, ids, ids_size);
    if (used > CNS_MAX_STRING)
        return unfit(err, CNS_E_LIMIT, "consented",
                     "the text would have over 65 536 characters: give fewer ids");
    if (!result)
        return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "there is no memory left");
    *text = result;
    *len = used;
    return CNS_OK;
}
