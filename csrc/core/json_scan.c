/* json_scan.c - the grammar of RFC 8259, checked byte by byte.
 *
 * Encoding comes first (encoding.c). After it every byte is a part of good UTF-8, and
 * the grammar needs to know ASCII alone.
 */
#include "json_scan.h"

#include <string.h>

#include "arena.h"
#include "encoding.h"
#include "error.h"
#include "text.h"

_Static_assert(CNS_MAX_TEXT < (1u << 28), "a mark keeps sizes in 28 bits");

typedef struct scan {
    const char *text;
    size_t len;
    size_t at;    /* next byte to look at */
    size_t comma; /* the last comma passed */
    cns_marks *marks;
    cns_error *err;
    size_t open[CNS_MAX_DEPTH]; /* numbers of the marks of the open containers */
    size_t depth;
} scan;

#define AT_END (-1)

static cns_code fail(const scan *s, cns_code code, size_t at, const char *message) {
    return cns_fail(s->err, code, (uint32_t)at, message);
}

static cns_code syntax(const scan *s, size_t at, const char *message) {
    return fail(s, CNS_E_SYNTAX, at, message);
}

static cns_code more_marks(const scan *s) {
    /* A mark for eight bytes of text fits most configurations at once; no text
     * has more than one mark for two bytes. */
    cns_marks *m = s->marks;
    size_t cap = m->cap ? m->cap * 2 : s->len / 8 + 16, mark = sizeof *m->list;
    cns_mark *list = m->alloc.resize(m->alloc.ctx, m->list, m->cap * mark, cap * mark);
    if (!list)
        return cns_fail(s->err, CNS_E_NOMEM, CNS_NO_OFFSET,
                        "memory ran out while reading a JSON text");
    m->list = list;
    m->cap = cap;
    return CNS_OK;
}

static inline cns_code add_mark(const scan *s, uint32_t kind, size_t offset, size_t size) {
    cns_marks *m = s->marks;
    if (m->count == m->cap) {
        cns_code code = more_marks(s);
        if (code != CNS_OK)
            return code;
    }
    m->list[m->count].offset = (uint32_t)offset;
    m->list[m->count].packed = (uint32_t)(size << 4) | kind;
    m->count++;
    return CNS_OK;
}

static bool in_object(const scan *s) {
    return cns_mark_kind(s->marks->list[s->open[s->depth - 1]]) == CNS_OBJECT;
}

static int skip_blanks(scan *s) {
    const char *text = s->text;
    size_t at = s->at, len = s->len;
    for (; at < len; at++) {
        while (len - at >= 8 && memcmp(text + at, "        ", 8) == 0) /* indentation */
            at += 8;
        if (at < len && text[at] != ' ' && text[at] != '\n' && text[at] != '\r' && text[at] != '\t')
            break;
    }
    s->at = at < len ? at : len;
    return at < len ? (unsigned char)text[at] : AT_END;
}

/* The next byte that is not blank, not taken; AT_END behind the last. */
static inline int peek(scan *s) {
    if (s->at < s->len && (unsigned char)s->text[s->at] > ' ')
        return (unsigned char)s->text[s->at];
    return skip_blanks(s);
}

static bool begins(const scan *s, const char *word) {
    size_t n = strlen(word);
    return s->len - s->at >= n && memcmp(s->text + s->at, word, n) == 0;
}

/* ------------------------------------------------------ what is wrong here? */

/* A message for what may stand nowhere outside a text, else NULL. */
static const char *stray(const scan *s, int c) {
    if (c == '/' || c == '#')
        return "JSON has no comments: remove this one";
    if (c == '\'' || c == '`')
        return "JSON has one kind of quote: write \" here";
    if (c < 0x20 || c == 0x7F)
        return "a control character stands outside a text: remove it";
    if (begins(s, "\xE2\x80\x9C") || begins(s, "\xE2\x80\x9D") || begins(s, "\xE2\x80\x98") ||
        begins(s, "\xE2\x80\x99"))
        return "a typographic quote stands here: write a straight \" in its place";
    if (begins(s, "\xC2\xA0"))
        return "a no-break space stands here: write a plain space in its place";
    if (begins(s, CNS_BOM))
        return "a byte-order mark stands inside the text: remove it";
    if (c >= 0x80)
        return "a letter beyond ASCII stands outside a text: put it in double quotes or remove it";
    return NULL;
}

static cns_code ends_early(const scan *s) {
    return syntax(s, s->len,
                  in_object(s) ? "the text ends inside an object: write the missing }"
                               : "the text ends inside an array: write the missing ]");
}

static cns_code no_value(const scan *s, int c) {
    const char *message = c == AT_END ? NULL : stray(s, c);
    size_t at = s->at;
    if (message)
        return syntax(s, at, message);
    if (c == AT_END)
        return s->depth ? ends_early(s)
                        : syntax(s, 0, "the text is empty: write a JSON value such as {}");
    if (c == '+')
        message = "a number begins with a plus sign: remove the sign";
    else if (c == '.')
        message = "a number begins with its decimal point: write a digit before it, as in 0.5";
    else if (begins(s, "NaN") || begins(s, "Infinity"))
        message = "JSON has no NaN and no Infinity: write null or a number";
    else if (s->depth && in_object(s))
        message = c == '}' || c == ',' || c == ']' ? "a key has no value: write one after the colon"
                                                   : NULL;
    else if (c == ']' && s->depth) {
        /* directly behind its bracket the ] would have been taken */
        message = "a comma stands before the closing ]: remove the comma";
        at = s->comma;
    } else if (c == '}' && s->depth)
        message = "an array is closed by }: write ] in its place";
    else if (c == ',')
        message = s->depth ? "a value is missing before this comma: write one or remove the comma"
                           : "the text begins with a comma: remove it";
    else if (c == ']' || c == '}')
        message = "a bracket closes what is not open: remove it or write the missing value";
    if (!message && cns_is_alpha((char)c))
        message = "a bare word stands here: write true, false or null in small letters, or a text "
                  "in double quotes";
    if (!message)
        message = "a value is missing here: write a text in double quotes, a number, true, false, "
                  "null, [ or {";
    return syntax(s, at, message);
}

static cns_code no_key(const scan *s, int c) {
    const char *message = c == AT_END ? NULL : stray(s, c);
    if (message)
        return syntax(s, s->at, message);
    if (c == AT_END)
        return ends_early(s);
    if (c == '}')
        return syntax(s, s->comma, "a comma stands before the closing }: remove the comma");
    if (c == ',')
        return syntax(s, s->at,
                      "a member is missing before this comma: write one or remove the comma");
    if (c == ']')
        return syntax(s, s->at, "an object is closed by ]: write } in its place");
    return syntax(s, s->at, "a key is not in double quotes: write it as \"key\"");
}

static cns_code no_comma(const scan *s, int c) {
    const char *message = stray(s, c);
    if (message)
        return syntax(s, s->at, message);
    if (in_object(s)) {
        if (c == ']')
            message = "an object is closed by ]: write } in its place";
        else
            message = c == ':' ? "a second colon stands here: write a comma or } in its place"
                               : "a comma or } is missing here: write it";
    } else if (c == '}') {
        message = "an array is closed by }: write ] in its place";
    } else {
        message = c == ':' ? "a colon stands in an array: write a comma or ], or { before the key"
                           : "a comma or ] is missing here: write it";
    }
    return syntax(s, s->at, message);
}

static cns_code no_end(const scan *s, int c) {
    const char *message = stray(s, c);
    if (!message)
        message = c == ']' || c == '}' ? "a bracket closes what is not open: remove it"
                                       : "something follows the end of the JSON value: remove it";
    return syntax(s, s->at, message);
}

/* ------------------------------------------------------------------- values */

/* Four hex digits at `at`, or -1. */
static int hex4(const scan *s, size_t at) {
    int unit = 0;
    if (s->len - at < 4)
        return -1;
    for (size_t i = at; i < at + 4; i++) {
        char c = s->text[i];
        int digit = cns_is_digit(c) ? c - '0' : cns_lower(c) - 'a' + 10;
        if (!cns_is_digit(c) && (cns_lower(c) < 'a' || cns_lower(c) > 'f'))
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* An escape at *at: steps over it and adds to *saved how many bytes shorter the
 * character is than its escape. */
static cns_code read_escape(const scan *s, size_t *at, size_t *saved) {
    size_t from = *at;
    if (s->len - from < 2)
        return syntax(
            s, from,
            "the text ends behind a backslash: write the rest of the escape and the closing quote");
    char c = s->text[from + 1];
    if (c != 'u' && strchr("\"\\/bfnrt", c)) {
        *at += 2;
        *saved += 1;
        return CNS_OK;
    }
    if (c != 'u')
        return syntax(s, from,
                      "a backslash stands before a character it cannot escape: write \\\\ for a "
                      "backslash itself");
    int unit = hex4(s, from + 2);
    if (unit < 0)
        return syntax(s, from, "\\u stands without four hex digits: write all four, as in \\u00e9");
    if (unit == 0)
        return fail(s, CNS_E_ENCODING, from, "\\u0000 stands in a text: remove it");
    if (unit >= 0xDC00 && unit <= 0xDFFF)
        return fail(s, CNS_E_ENCODING, from,
                    "the second half of a surrogate pair stands alone: write the first before it");
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        int low = -1;
        if (s->len - from >= 12 && s->text[from + 6] == '\\' && s->text[from + 7] == 'u')
            low = hex4(s, from + 8);
        if (low < 0xDC00 || low > 0xDFFF)
            return fail(
                s, CNS_E_ENCODING, from,
                "the first half of a surrogate pair stands alone: write the second after it");
        *at += 12;
        *saved += 12 - 4;
        return CNS_OK;
    }
    *at += 6;
    *saved += unit < 0x80 ? 6 - 1 : unit < 0x800 ? 6 - 2 : 6 - 3;
    return CNS_OK;
}

#define ONES 0x0101010101010101u

/* How many of eight bytes stand before the first that ends a run of plain
 * characters (below 0x20, " or \); 8 when none does. */
static inline size_t plain_run(const char *eight) {
    uint64_t w;
    memcpy(&w, eight, sizeof w);
    uint64_t quote = w ^ (ONES * '"'), slash = w ^ (ONES * '\\');
    uint64_t hit = ((w - ONES * 0x20) & ~w) | ((quote - ONES) & ~quote) | ((slash - ONES) & ~slash);
    hit &= ONES * 0x80;
    if (!hit)
        return 8;
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (size_t)__builtin_ctzll(hit) / 8; /* borrows spoil only bytes after the first hit */
#else
    size_t run = 0;
    while ((unsigned char)eight[run] >= 0x20 && eight[run] != '"' && eight[run] != '\\')
        run++;
    return run;
#endif
}

static cns_code read_text(scan *s, uint32_t kind) {
    const char *text = s->text;
    size_t from = s->at, at = from + 1, len = s->len, saved = 0;
    for (;;) {
        size_t run = 8;
        while (run == 8 && len - at >= 8) {
            run = plain_run(text + at);
            at += run;
        }
        while (run == 8 && at < len && (unsigned char)text[at] >= 0x20 && text[at] != '"' &&
               text[at] != '\\')
            at++;
        if (at == len)
            return syntax(s, from, "a text has no closing quote: write the missing \"");
        if (text[at] == '"')
            break;
        if (text[at] != '\\') {
            const char *message = "a control character stands in a text: remove it or write it as "
                                  "\\u and four hex digits";
            if (text[at] == '\n' || text[at] == '\r')
                message = "a line break stands in a text: write \\n, or close the text before it";
            else if (text[at] == '\t')
                message = "a tab stands in a text: write \\t in its place";
            return syntax(s, at, message);
        }
        cns_code code = read_escape(s, &at, &saved);
        if (code != CNS_OK)
            return code;
    }
    s->at = at + 1;
    return add_mark(s, kind, from, at - from - 1 - saved);
}

static size_t skip_digits(const scan *s, size_t at) {
    while (at < s->len && cns_is_digit(s->text[at]))
        at++;
    return at;
}

static cns_code read_number(scan *s) {
    size_t from = s->at, at = from + (s->text[from] == '-'), end = skip_digits(s, at);
    uint32_t kind = CNS_INT;
    if (end == at) {
        s->at = at;
        return syntax(s, from,
                      begins(s, "Infinity")
                          ? "JSON has no NaN and no Infinity: write null or a number"
                          : "a minus sign stands without a number: write a digit after it");
    }
    if (s->text[at] == '0') {
        if (end - at > 1)
            return syntax(s, from, "a number begins with a needless 0: remove the 0");
        if (end < s->len && cns_lower(s->text[end]) == 'x')
            return syntax(s, from, "JSON has no hexadecimal numbers: write this one in decimal");
    }
    if (end < s->len && s->text[end] == '.') {
        kind = CNS_REAL;
        at = end + 1;
        end = skip_digits(s, at);
        if (end == at)
            return syntax(
                s, from, "a number ends with its decimal point: write a digit after it, as in 1.0");
    }
    if (end < s->len && cns_lower(s->text[end]) == 'e') {
        kind = CNS_REAL;
        at = end + 1;
        if (at < s->len && (s->text[at] == '+' || s->text[at] == '-'))
            at++;
        end = skip_digits(s, at);
        if (end == at)
            return syntax(s, from,
                          "a number has an exponent without digits: write them after the e");
    }
    if (end - from > CNS_MAX_NUMBER)
        return fail(s, CNS_E_LIMIT, from,
                    "a number has more than 4 300 characters: shorten it or write it as a text");
    if (end - from > s->marks->longest_number)
        s->marks->longest_number = end - from;
    s->at = end;
    return add_mark(s, kind, from, end - from);
}

static cns_code read_word(scan *s, const char *word, uint32_t kind) {
    if (!begins(s, word))
        return no_value(s, s->text[s->at]);
    size_t from = s->at;
    s->at += strlen(word);
    return add_mark(s, kind, from, 0);
}

/* A key with its colon, at the next byte that is not blank. */
static cns_code read_key(scan *s) {
    int c = peek(s);
    if (c != '"')
        return no_key(s, c);
    cns_code code = read_text(s, CNS_MARK_KEY);
    if (code != CNS_OK)
        return code;
    c = peek(s);
    if (c != ':') {
        const char *message = c == AT_END ? NULL : stray(s, c);
        if (c == AT_END)
            return ends_early(s);
        return syntax(s, s->at,
                      message ? message
                              : "a key stands without a colon: write : and a value after it");
    }
    s->at++;
    return CNS_OK;
}

/* Steps into a container; *empty when it ends at once. */
static cns_code open_container(scan *s, uint32_t kind, bool *empty) {
    if (s->depth == CNS_MAX_DEPTH)
        return fail(s, CNS_E_LIMIT, s->at,
                    "brackets are nested more than 64 deep: flatten the configuration");
    size_t number = s->marks->count;
    cns_code code = add_mark(s, kind, s->at, 0);
    if (code != CNS_OK)
        return code;
    s->open[s->depth++] = number;
    s->comma = s->at;
    s->at++;
    *empty = peek(s) == (kind == CNS_OBJECT ? '}' : ']');
    if (*empty) {
        s->at++;
        s->depth--;
    } else if (kind == CNS_OBJECT) {
        return read_key(s);
    }
    return CNS_OK;
}

/* From behind a value to the next place where a value is due; *end when the
 * value was the whole text. Counts the value for its container. */
static cns_code next_value(scan *s, bool *end) {
    for (;;) {
        int c = peek(s);
        if (s->depth == 0) {
            *end = true;
            return c == AT_END ? CNS_OK : no_end(s, c);
        }
        cns_mark *open = &s->marks->list[s->open[s->depth - 1]];
        bool object = cns_mark_kind(*open) == CNS_OBJECT;
        open->packed += 1u << 4;
        if (c == ',') {
            s->comma = s->at++;
            return object ? read_key(s) : CNS_OK;
        }
        if (c == AT_END)
            return ends_early(s);
        if (c != (object ? '}' : ']'))
            return no_comma(s, c);
        s->at++;
        s->depth--;
    }
}

static cns_code read_all(scan *s) {
    for (bool end = false; !end;) {
        cns_code code;
        bool inside = false; /* a container is open and its first value is due */
        int c = peek(s);
        switch (c) {
        case '{':
        case '[':
            code = open_container(s, c == '{' ? CNS_OBJECT : CNS_ARRAY, &inside);
            inside = !inside;
            break;
        case '"':
            code = read_text(s, CNS_STRING);
            break;
        case 't':
            code = read_word(s, "true", CNS_TRUE);
            break;
        case 'f':
            code = read_word(s, "false", CNS_FALSE);
            break;
        case 'n':
            code = read_word(s, "null", CNS_NULL);
            break;
        default:
            code = c == '-' || (c >= '0' && c <= '9') ? read_number(s) : no_value(s, c);
        }
        if (code == CNS_OK && !inside)
            code = next_value(s, &end);
        if (code != CNS_OK)
            return code;
    }
    return CNS_OK;
}

/* ----------------------------------------------------------------- encoding */

static cns_code check_bytes(const scan *s) {
    if (s->len == 0)
        return syntax(s, 0, "the text is empty: write a JSON value such as {}");
    if (s->len <= CNS_MAX_TEXT && begins(s, CNS_BOM))
        return fail(s, CNS_E_ENCODING, 0,
                    "the text begins with a byte-order mark: save it as UTF-8 without BOM");
    return cns_check_encoding(s->text, s->len, s->err);
}

cns_code cns_json_scan(cns_marks *marks, const char *text, size_t len, cns_alloc alloc,
                       cns_error *err) {
    scan s;
    memset(marks, 0, sizeof *marks);
    marks->alloc = alloc;
    memset(&s, 0, sizeof s);
    s.text = text;
    s.len = len;
    s.marks = marks;
    s.err = err;
    cns_code code = check_bytes(&s);
    if (code == CNS_OK)
        code = read_all(&s);
    if (code != CNS_OK)
        cns_marks_release(marks);
    return code;
}

void cns_marks_release(cns_marks *marks) {
    cns_drop(marks->alloc, marks->list, marks->cap * sizeof *marks->list);
    marks->list = NULL;
    marks->count = marks->cap = 0;
}
