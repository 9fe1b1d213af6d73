/* html_scan.c - the inline scripts of an HTML page.
 *
 * The part of the HTML standard's tokenizer that finds scripts: tags with their
 * attributes, comments, elements whose content is text, and a script's own rule for
 * its end, in which <!-- and <script matter (see end_of_script).
 */
#include "html_scan.h"

typedef struct tag {
    cns_span name;
    bool end, self_closing;
    bool has_type, has_src, nomodule;
    cns_span type, language;
} tag;

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool same_word(cns_span text, const char *word) {
    size_t n = strlen(word), i = 0;
    while (i < n && i < text.len && cns_lower(text.text[i]) == word[i])
        i++;
    return i == n && text.len == n;
}

static bool starts(const cns_html *h, size_t at, const char *word) {
    size_t n = strlen(word);
    return h->len - at >= n && same_word((cns_span){h->text + at, n}, word);
}

/* A tag of this name, as in </script, with what must follow a name. */
static bool starts_tag(const cns_html *h, size_t at, const char *start, const char *name) {
    size_t behind = at + strlen(start), n = strlen(name);
    if (!starts(h, at, start) || h->len - behind <= n || !starts(h, behind, name))
        return false;
    char c = h->text[behind + n];
    return is_blank(c) || c == '/' || c == '>';
}

/* The first place from `at` on where this stands, the page's end without one. */
static size_t find(const cns_html *h, size_t at, const char *what) {
    while (at < h->len) {
        const char *hit = memchr(h->text + at, what[0], h->len - at);
        if (!hit)
            break;
        at = (size_t)(hit - h->text);
        if (starts(h, at, what))
            return at;
        at++;
    }
    return h->len;
}

/* --------------------------------------------------------------------- tags */

static cns_span value_of_attribute(cns_html *h) {
    size_t from = h->at;
    char quote = from < h->len ? h->text[from] : '\0';
    if (quote == '"' || quote == '\'') {
        const char *end = memchr(h->text + from + 1, quote, h->len - from - 1);
        h->at = end ? (size_t)(end - h->text) + 1 : h->len;
        return (cns_span){h->text + from + 1, (end ? h->at - 1 : h->at) - from - 1};
    }
    while (h->at < h->len && !is_blank(h->text[h->at]) && h->text[h->at] != '>')
        h->at++;
    return (cns_span){h->text + from, h->at - from};
}

static void skip_blanks(cns_html *h) {
    while (h->at < h->len && is_blank(h->text[h->at]))
        h->at++;
}

/* A tag from its name on; the scanner ends behind its >. Of an attribute that is written
 * twice the first one counts. */
static void read_tag(cns_html *h, tag *t) {
    size_t from = h->at;
    while (h->at < h->len && !is_blank(h->text[h->at]) && h->text[h->at] != '/' &&
           h->text[h->at] != '>')
        h->at++;
    t->name = (cns_span){h->text + from, h->at - from};
    while (h->at < h->len) {
        char c = h->text[h->at];
        if (is_blank(c) || c == '/') {
            h->at++;
            t->self_closing = c == '/' && h->at < h->len && h->text[h->at] == '>';
            continue;
        }
        if (c == '>') {
            h->at++;
            return;
        }
        from = h->at++; /* even a = begins a name */
        while (h->at < h->len && !is_blank(h->text[h->at]) && !strchr("/>=", h->text[h->at]))
            h->at++;
        cns_span name = {h->text + from, h->at - from}, value = {h->text, 0};
        skip_blanks(h);
        if (h->at < h->len && h->text[h->at] == '=') {
            h->at++;
            skip_blanks(h);
            value = value_of_attribute(h);
        }
        if (same_word(name, "type") && !t->has_type) {
            t->type = value;
            t->has_type = true;
        } else if (same_word(name, "language") && !t->language.text) {
            t->language = value;
        }
        t->has_src = t->has_src || same_word(name, "src");
        t->nomodule = t->nomodule || same_word(name, "nomodule");
    }
}

/* Of which type is a script: NULL when a browser would not run it. */
static bool runs(const tag *t, bool *module) {
    static const char *const types[] = {"javascript",    "ecmascript",    "x-javascript",
                                        "x-ecmascript",  "jscript",       "livescript",
                                        "javascript1.0", "javascript1.1", "javascript1.2",
                                        "javascript1.3", "javascript1.4", "javascript1.5"};
    cns_span type = t->has_type ? t->type : t->language;
    while (type.len && is_blank(type.text[0])) {
        type.text++;
        type.len--;
    }
    while (type.len && is_blank(type.text[type.len - 1]))
        type.len--;
    *module = t->has_type && same_word(type, "module");
    if (t->has_src || (t->nomodule && !*module))
        return false;
    if (*module || (type.len == 0 && (t->has_type ? t->type.len : t->language.len) == 0))
        return true;
    bool application = false;
    if (t->has_type) {
        const char *slash = type.len ? memchr(type.text, '/', type.len) : NULL;
        cns_span kind = {type.text, slash ? (size_t)(slash - type.text) : 0};
        application = same_word(kind, "application");
        if (!slash || (!application && !same_word(kind, "text")))
            return false;
        type.len -= kind.len + 1;
        type.text = slash + 1;
    }
    for (size_t i = 0; i < (application ? 4 : sizeof types / sizeof *types); i++)
        if (same_word(type, types[i]))
            return true;
    return false;
}

/* ------------------------------------------------------------------ content */

/* The < of the end tag of an element whose content is text. */
static size_t end_of_text(const cns_html *h, size_t at, cns_span name) {
    char word[16];
    for (size_t i = 0; i < name.len; i++)
        word[i] = cns_lower(name.text[i]);
    word[name.len] = '\0';
    while (at < h->len && !starts_tag(h, at, "</", word))
        at = find(h, at + 1, "</");
    return at;
}

/* The < of a script's end tag. Behind <!-- a <script hides the next </script, until -->:
 * that is how pages once hid scripts from browsers, and the standard keeps it. */
static size_t end_of_script(const cns_html *h, size_t at) {
    bool comment = false, hidden = false;
    for (; at < h->len; at++) {
        char c = h->text[at];
        if (c == '-' && comment && starts(h, at, "-->"))
            comment = hidden = false;
        if (c != '<')
            continue;
        if (!comment && starts(h, at, "<!--")) {
            comment = true;
            at++; /* its own dashes may end it: <!--> */
        } else if (comment && !hidden && starts_tag(h, at, "<", "script")) {
            hidden = true;
        } else if (starts_tag(h, at, "</", "script")) {
            if (!hidden)
                return at;
            hidden = false;
        }
    }
    return h->len;
}

/* Behind a comment, a doctype or what counts as one; at <! or <?. */
static size_t end_of_comment(const cns_html *h, size_t at) {
    if (!starts(h, at, "<!--")) {
        size_t end = find(h, at, ">");
        return end < h->len ? end + 1 : end;
    }
    at += 4;
    if (starts(h, at, ">"))
        return at + 1;
    if (starts(h, at, "->"))
        return at + 2;
    for (; at < h->len; at++) {
        at = find(h, at, "--");
        if (starts(h, at, "-->"))
            return at + 3;
        if (starts(h, at, "--!>"))
            return at + 4;
    }
    return h->len;
}

/* Elements whose content is text for a browser that runs scripts. */
static bool holds_text(cns_span name) {
    static const char *const names[] = {"style",  "textarea", "title",    "xmp",
                                        "iframe", "noembed",  "noframes", "noscript"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (same_word(name, names[i]))
            return true;
    return false;
}

static void count(uint32_t *open, const tag *t) {
    if (!t->end)
        *open += !t->self_closing;
    else if (*open)
        --*open;
}

bool cns_html_next(cns_html *h, cns_html_script *script) {
    for (;;) {
        size_t at = find(h, h->at, "<");
        h->at = at;
        if (at == h->len)
            return false;
        char c = h->len - at > 1 ? h->text[at + 1] : '\0';
        tag t;
        memset(&t, 0, sizeof t);
        t.end = c == '/';
        h->at = at + 1 + t.end;
        if (c == '!' || c == '?') {
            h->at = end_of_comment(h, at);
            continue;
        }
        if (h->at == h->len || !cns_is_alpha(h->text[h->at])) {
            if (t.end && h->at < h->len) /* </ and no name: a comment */
                h->at = end_of_comment(h, at);
            continue;
        }
        read_tag(h, &t);
        if (same_word(t.name, "svg") || same_word(t.name, "math"))
            count(&h->foreign, &t);
        t.self_closing = t.self_closing && h->foreign;
        if (same_word(t.name, "template"))
            count(&h->templates, &t);
        if (t.end || t.self_closing)
            continue;
        if (same_word(t.name, "plaintext") && !h->foreign) {
            h->at = h->len;
            return false;
        }
        if (same_word(t.name, "script")) {
            script->tag = at;
            script->from = h->at;
            script->end = h->at = end_of_script(h, h->at);
            script->closed = script->end < h->len;
            if (runs(&t, &script->module) && !h->templates)
                return true;
        } else if (holds_text(t.name) && !h->foreign) {
            h->at = end_of_text(h, h->at, t.name);
        }
    }
}
