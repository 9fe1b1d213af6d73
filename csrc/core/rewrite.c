/* rewrite.c - a page goes through, and gated tags come to life.
 *
 * What is given on is told in places of the whole page: `out` is the first byte of the piece at
 * hand that was neither given nor held back. Held back are the start of what may be a script's
 * tag, a macro, or a whole `didomi/html` element: never two of them, and never anything before.
 */
#include "rewrite.h"

#include "arena.h"
#include "error.h"
#include "markup.h"

#define LONGEST_MACRO 33u /* braces included */
#define FILLED_MOST (4u * CNS_REWRITE_MOST)

typedef struct buffer {
    char *text;
    size_t len, cap;
} buffer;

struct cns_rewriter {
    cns_alloc alloc;
    size_t size; /* of this block: the struct and the nonce's attribute */
    const cns_status *status;
    cns_span nonce; /* ` nonce="..."`, or empty */
    cns_markup markup;
    cns_gated live; /* what the script at hand becomes */
    cns_gated_tag tag;
    size_t tag_len;
    uint64_t element_at; /* of a `didomi/html` element */
    uint64_t macro_at;
    bool in_macro, failed;
    uint8_t begun; /* how many of the first two bytes are known */
    unsigned char first[2];
    buffer held; /* up to `out` */
};

/* One call of cns_rewriter_feed. */
typedef struct feeding {
    cns_rewriter *r;
    const char *text;
    size_t len, out;
    cns_piece_fn each;
    void *ctx;
} feeding;

bool cns_html_gated(const char *text, size_t len) {
    static const char word[] = {'d', 'i', 'd', 'o', 'm', 'i'};
    for (size_t at = 0; at < len; at++) {
        const char *slash = memchr(text + at, '/', len - at);
        if (!slash)
            return false;
        at = (size_t)(slash - text);
        if (at >= sizeof word && memcmp(slash - sizeof word, word, sizeof word) == 0)
            return true;
    }
    return false;
}

/* ------------------------------------------------------------ rewriters */

static size_t escaped(char *to, char c) {
    const char *text = c == '&' ? "&amp;" : c == '"' ? "&#34;" : c == '<' ? "&lt;" : "&gt;";
    size_t len = strchr("&\"<>", c) ? strlen(text) : 1;
    if (to)
        memcpy(to, len > 1 ? text : &c, len);
    return len;
}

cns_code cns_rewriter_new(cns_rewriter **out, const cns_status *status, const char *nonce,
                          size_t nonce_len, cns_alloc alloc, cns_error *err) {
    static const char before[] = " nonce=\"";
    size_t len = nonce_len ? sizeof before : 0; /* with the closing quote for the NUL */
    for (size_t i = 0; i < nonce_len; i++) {
        if (nonce[i] <= ' ' || nonce[i] > '~')
            return cns_fail(err, CNS_E_SHAPE, CNS_NO_OFFSET,
                            "a nonce has printable ASCII characters only: give the one of the "
                            "Content-Security-Policy header");
        len += escaped(NULL, nonce[i]);
    }
    size_t size = sizeof(cns_rewriter) + len;
    cns_rewriter *r = cns_get(alloc, size);
    if (!r)
        return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "out of memory");
    memset(r, 0, sizeof *r);
    r->alloc = alloc;
    r->size = size;
    r->status = status;
    cns_markup_init(&r->markup);
    if (len) {
        char *text = (char *)(r + 1), *to = text + sizeof before - 1;
        memcpy(text, before, sizeof before - 1);
        for (size_t i = 0; i < nonce_len; i++)
            to += escaped(to, nonce[i]);
        *to = '"';
        r->nonce = (cns_span){text, len};
    }
    *out = r;
    return CNS_OK;
}

static void drop(cns_alloc alloc, buffer *b) {
    cns_drop(alloc, b->text, b->cap);
    *b = (buffer){NULL, 0, 0};
}

void cns_rewriter_free(cns_rewriter *r) {
    if (!r)
        return;
    drop(r->alloc, &r->held);
    cns_drop(r->alloc, r, r->size);
}

static bool append(cns_alloc alloc, buffer *b, const char *text, size_t len) {
    if (len > b->cap - b->len) {
        size_t cap = b->cap ? b->cap : 256;
        while (cap - b->len < len)
            cap *= 2;
        char *fresh = alloc.resize(alloc.ctx, b->text, b->cap, cap);
        if (!fresh)
            return false;
        b->text = fresh;
        b->cap = cap;
    }
    if (len)
        memcpy(b->text + b->len, text, len);
    b->len += len;
    return true;
}

/* ---------------------------------------------------------------- giving */

static void give(const feeding *f, const char *text, size_t len) {
    if (len)
        f->each(f->ctx, text, len);
}

/* Everything before this place of the page. */
static void give_upto(feeding *f, uint64_t place) {
    cns_rewriter *r = f->r;
    if (place < r->markup.base) /* there what is held back begins */
        return;
    give(f, r->held.text, r->held.len);
    r->held.len = 0;
    size_t at = (size_t)(place - r->markup.base);
    if (at > f->out) {
        give(f, f->text + f->out, at - f->out);
        f->out = at;
    }
}

/* The page from `place`, which may be held back, to `at` in this piece, in one span; NULL
 * when memory ran out. */
static const char *pending(feeding *f, uint64_t place, size_t at) {
    cns_rewriter *r = f->r;
    if (place >= r->markup.base)
        return f->text + (place - r->markup.base);
    if (!append(r->alloc, &r->held, f->text + f->out, at - f->out))
        return NULL;
    f->out = at;
    return r->held.text;
}

/* What is pending was given in another form. */
static void settled(feeding *f, size_t at) {
    f->r->held.len = 0;
    f->out = at;
}

/* ---------------------------------------------------------------- macros */

typedef struct filling {
    const feeding *f;
    const char *macro;
} filling;

/* A value, or the macro itself where the tag has no such. What a browser reads behind a value
 * depends on it, so the tokenizer goes over it too. */
static void put_macro(void *ctx, const char *text, size_t len) {
    const filling *to = ctx;
    cns_markup *m = &to->f->r->markup;
    cns_markup_event event;
    if (text != to->macro) {
        for (size_t i = 0; i < len; i++)
            if (!cns_is_alpha(text[i]) && !cns_is_digit(text[i]) && !strchr("-_.", text[i]))
                return;
        m->braces = false;
        (void)cns_markup_run(m, text, 0, len, &event);
        m->braces = true;
    }
    give(to->f, text, len);
}

/* Goes on in what may be a macro, from `at` on; false when memory ran out. */
static bool read_macro(feeding *f, size_t *at) {
    cns_rewriter *r = f->r;
    while (*at < f->len) {
        char c = f->text[*at];
        if (c == '}') {
            ++*at;
            const char *macro = pending(f, r->macro_at, *at);
            if (!macro)
                return false;
            give_upto(f, r->macro_at);
            filling to = {f, macro};
            cns_status_fill(r->status, macro, (size_t)(r->markup.base + *at - r->macro_at),
                            &r->tag.names, put_macro, &to);
            settled(f, *at);
            r->in_macro = false;
            return true;
        }
        if ((!cns_is_alpha(c) && c != '_') || r->markup.base + *at - r->macro_at >= LONGEST_MACRO) {
            r->in_macro = false;
            return true;
        }
        ++*at;
    }
    return true;
}

/* ---------------------------------------------------------------- scripts */

static void give_script(feeding *f, const char *tag, size_t len) {
    const cns_gated_tag *t = &f->r->tag;
    give(f, tag, t->value);
    give(f, "text/javascript", 15);
    give(f, tag + t->value_end, t->end - t->value_end);
    if (!t->has_nonce)
        give(f, f->r->nonce.text, f->r->nonce.len);
    give(f, tag + t->end, len - t->end);
}

/* A start tag of a script, which ends at `at`. */
static cns_code script_begins(feeding *f, size_t at) {
    cns_rewriter *r = f->r;
    cns_markup *m = &r->markup;
    uint64_t len = m->base + at - m->tag_at;
    if (m->templates || cns_markup_foreign(m) || len > CNS_REWRITE_MOST)
        return CNS_OK;
    const char *tag = pending(f, m->tag_at, at);
    if (!tag)
        return CNS_E_NOMEM;
    r->tag_len = (size_t)len;
    if (!cns_gated_tag_opens(&r->tag, r->status, (cns_span){tag, r->tag_len}))
        return CNS_OK;
    if (r->tag.kind == CNS_GATED_SCRIPT) {
        r->live = CNS_GATED_SCRIPT;
        m->braces = true;
        give_upto(f, m->tag_at);
        give_script(f, tag, r->tag_len);
        settled(f, at);
    } else if (!m->head) { /* a <div> would end the <head> */
        r->live = CNS_GATED_HTML;
        r->element_at = m->tag_at;
    }
    return CNS_OK;
}

/* ------------------------------------------------------------ didomi/html */

typedef struct filled {
    cns_alloc alloc;
    buffer to;
    bool too_much, no_memory;
} filled;

static void put_filled(void *ctx, const char *text, size_t len) {
    filled *to = ctx;
    to->too_much = to->too_much || len > FILLED_MOST - to->to.len;
    if (!to->too_much && !to->no_memory)
        to->no_memory = !append(to->alloc, &to->to, text, len);
}

static void give_div(feeding *f, const char *element, size_t end_tag, size_t len,
                     const buffer *content) {
    const cns_gated_tag *t = &f->r->tag;
    size_t from = t->from, behind_name = sizeof "<script" - 1;
    char next = element[t->end];
    if (cns_html_blank(element[from - 1]) && (cns_html_blank(next) || next == '>'))
        from--;
    give(f, "<div", 4);
    give(f, element + behind_name, from - behind_name);
    give(f, element + t->end, f->r->tag_len - t->end);
    give(f, content->text, content->len);
    give(f, "</div", 5);
    give(f, element + end_tag + behind_name + 1, len - end_tag - behind_name - 1);
}

/* The end tag of an element that is held back ends at `at`. */
static cns_code html_ends(feeding *f, size_t at) {
    cns_rewriter *r = f->r;
    const cns_markup *m = &r->markup;
    uint64_t len = m->base + at - r->element_at;
    if (len > CNS_REWRITE_MOST)
        return CNS_OK;
    const char *element = pending(f, r->element_at, at);
    if (!element)
        return CNS_E_NOMEM;
    size_t end_tag = (size_t)(m->tag_at - r->element_at);
    filled content = {r->alloc, {NULL, 0, 0}, false, false};
    cns_status_fill(r->status, element + r->tag_len, end_tag - r->tag_len, &r->tag.names,
                    put_filled, &content);
    if (!content.too_much && !content.no_memory &&
        cns_html_balanced(content.to.text, content.to.len, m->form)) {
        give_upto(f, r->element_at);
        give_div(f, element, end_tag, (size_t)len, &content.to);
        settled(f, at);
    }
    drop(r->alloc, &content.to);
    return content.no_memory ? CNS_E_NOMEM : CNS_OK;
}

/* --------------------------------------------------------------- feeding */

static cns_code tag_ends(feeding *f, size_t at) {
    cns_rewriter *r = f->r;
    cns_code code = CNS_OK;
    if (r->live != CNS_NOT_GATED) {
        if (r->live == CNS_GATED_HTML)
            code = html_ends(f, at);
        r->live = CNS_NOT_GATED;
        r->markup.braces = false;
    } else if (r->markup.element == CNS_EL_SCRIPT && !r->markup.end_tag) {
        code = script_begins(f, at);
    }
    return code;
}

/* From where the end of this piece is to be held back; its end when nothing is. */
static uint64_t kept_from(cns_rewriter *r, uint64_t end) {
    uint64_t from = r->live == CNS_GATED_HTML              ? r->element_at
                    : r->in_macro                          ? r->macro_at
                    : cns_markup_in_script_tag(&r->markup) ? r->markup.tag_at
                                                           : end;
    if (end - from <= CNS_REWRITE_MOST)
        return from;
    if (r->live == CNS_GATED_HTML)
        r->live = CNS_NOT_GATED;
    return end;
}

static cns_code feed(feeding *f) {
    cns_rewriter *r = f->r;
    cns_code code = CNS_OK;
    size_t at = 0;
    for (;;) {
        if (r->in_macro && !read_macro(f, &at))
            return CNS_E_NOMEM;
        cns_markup_event event;
        at = cns_markup_run(&r->markup, f->text, at, f->len, &event);
        if (event == CNS_MARKUP_END)
            break;
        if (event == CNS_MARKUP_BRACE) {
            r->in_macro = true;
            r->macro_at = r->markup.base + at++;
        } else if ((code = tag_ends(f, at)) != CNS_OK) {
            return code;
        }
    }
    uint64_t end = r->markup.base + f->len, from = kept_from(r, end);
    give_upto(f, from);
    if (from < end && !append(r->alloc, &r->held, f->text + f->out, f->len - f->out))
        return CNS_E_NOMEM;
    r->markup.base = end;
    return CNS_OK;
}

/* UTF-16 has zeros between letters, and letters that look like tags. */
static void look_at_beginning(cns_rewriter *r, const char *text, size_t len) {
    for (size_t i = 0; r->begun < 2 && i < len; i++)
        r->first[r->begun++] = (unsigned char)text[i];
    if (r->begun == 2 && r->first[0] + r->first[1] == 0xFE + 0xFF && r->first[0] >= 0xFE)
        cns_markup_lose(&r->markup);
}

cns_code cns_rewriter_feed(cns_rewriter *r, const char *text, size_t len, cns_piece_fn each,
                           void *ctx) {
    feeding f = {r, text, len, 0, each, ctx};
    if (r->failed)
        return CNS_E_NOMEM;
    if (len == 0)
        return CNS_OK;
    if (r->markup.base < 2)
        look_at_beginning(r, text, len);
    cns_code code = feed(&f);
    r->failed = code != CNS_OK;
    return code;
}

cns_code cns_rewriter_close(cns_rewriter *r, cns_piece_fn each, void *ctx) {
    if (r->failed)
        return CNS_E_NOMEM;
    if (r->held.len)
        each(ctx, r->held.text, r->held.len);
    drop(r->alloc, &r->held);
    cns_markup_lose(&r->markup);
    r->live = CNS_NOT_GATED;
    r->in_macro = false;
    return CNS_OK;
}
