/* markup.c - the tokenizer of HTML: from one tag to the next.
 *
 * States and transitions are those of the HTML standard, section 13.2.5. Attributes only
 * matter for where a tag ends. A `goto again` looks at the same byte in another state.
 */
#include "markup.h"

void cns_markup_init(cns_markup *m) {
    memset(m, 0, sizeof *m);
}

bool cns_markup_at_rest(const cns_markup *m) {
    return m->state == CNS_M_DATA;
}

void cns_markup_lose(cns_markup *m) {
    m->lost = true;
    m->state = CNS_M_LOST;
}

static bool ends_name(char c) {
    return (unsigned char)c <= '>' && (cns_html_blank(c) || c == '/' || c == '>');
}

static bool begins_script(const cns_markup *m) {
    return m->name_len <= 6 && memcmp(m->name, "script", m->name_len) == 0;
}

bool cns_markup_in_script_tag(const cns_markup *m) {
    if (m->state == CNS_M_OPEN)
        return true;
    if (m->end_tag || m->state < CNS_M_NAME || m->state > CNS_M_SLASH)
        return false;
    return begins_script(m) && (m->state == CNS_M_NAME || m->name_len == 6);
}

/* The place of a character from `at` on, `len` without one. */
static size_t find(const char *text, size_t at, size_t len, char c) {
    const char *hit = at < len ? memchr(text + at, c, len - at) : NULL;
    return hit ? (size_t)(hit - text) : len;
}

/* Behind </script, <script or the like: the next letter of m->raw? */
static bool matches(cns_markup *m, char c) {
    if (m->matched >= m->raw_len || cns_lower(c) != m->raw[m->matched])
        return false;
    m->matched++;
    return true;
}

static uint8_t state_behind_name(char c) {
    return c == '/' ? CNS_M_SLASH : c == '>' ? CNS_M_DATA : CNS_M_BEFORE_ATTR;
}

size_t cns_markup_run(cns_markup *m, const char *text, size_t at, size_t len,
                      cns_markup_event *event) {
    uint8_t state = m->state;
    *event = CNS_MARKUP_END;
    while (at < len) {
        char c;
        switch (state) { /* runs of bytes that change nothing */
        case CNS_M_DATA:
        case CNS_M_RAW:
            at = find(text, at, len, '<');
            break;
        case CNS_M_LOST:
            at = len;
            break;
        case CNS_M_DOUBLE:
            at = find(text, at, len, '"');
            break;
        case CNS_M_SINGLE:
            at = find(text, at, len, '\'');
            break;
        case CNS_M_BOGUS:
            at = find(text, at, len, '>');
            break;
        case CNS_M_COMMENT:
            at = find(text, at, len, '-');
            break;
        case CNS_M_CDATA:
            at = find(text, at, len, ']');
            break;
        case CNS_M_SCRIPT:
            if (!m->braces)
                at = find(text, at, len, '<');
            else
                while (at < len && text[at] != '<' && text[at] != '{')
                    at++;
            break;
        case CNS_M_ATTR:
        case CNS_M_UNQUOTED:
            while (at < len && (unsigned char)text[at] > '>')
                at++;
            break;
        default:
            break;
        }
        if (at == len)
            break;
        c = text[at];
    again:
        switch (state) {
        case CNS_M_DATA:
            m->tag_at = m->base + at;
            state = CNS_M_OPEN;
            break;
        case CNS_M_OPEN:
            if (cns_is_alpha(c)) {
                m->name_len = 0;
                m->end_tag = m->self_closing = false;
                state = CNS_M_NAME;
                goto again;
            }
            state = c == '/'   ? CNS_M_END_OPEN
                    : c == '!' ? CNS_M_BANG
                    : c == '?' ? CNS_M_BOGUS
                               : CNS_M_DATA;
            if (c == '<')
                goto again;
            break;
        case CNS_M_END_OPEN:
            if (cns_is_alpha(c)) {
                m->name_len = 0;
                m->end_tag = true;
                m->self_closing = false;
                state = CNS_M_NAME;
                goto again;
            }
            state = c == '>' ? CNS_M_DATA : CNS_M_BOGUS;
            break;

        /* ---- tags */
        case CNS_M_NAME:
            while (!ends_name(c)) {
                if (m->name_len < sizeof m->name)
                    m->name[m->name_len++] = cns_lower(c);
                if (++at == len)
                    goto done;
                c = text[at];
            }
            state = state_behind_name(c);
            if (c == '>')
                goto tag;
            break;
        case CNS_M_BEFORE_ATTR:
            if (cns_html_blank(c))
                break;
            if (c == '>')
                goto tag;
            state = c == '/' ? CNS_M_SLASH : CNS_M_ATTR; /* even a = begins a name */
            break;
        case CNS_M_ATTR:
            if (c == '=') {
                bool quoted = at + 1 < len && text[at + 1] == '"'; /* the usual way, in one step */
                at += quoted;
                state = quoted ? CNS_M_DOUBLE : CNS_M_BEFORE_VALUE;
            } else if (cns_html_blank(c))
                state = CNS_M_AFTER_ATTR;
            else if (c == '/')
                state = CNS_M_SLASH;
            else if (c == '>')
                goto tag;
            break;
        case CNS_M_AFTER_ATTR:
            if (cns_html_blank(c))
                break;
            if (c == '>')
                goto tag;
            state = c == '/' ? CNS_M_SLASH : c == '=' ? CNS_M_BEFORE_VALUE : CNS_M_ATTR;
            break;
        case CNS_M_BEFORE_VALUE:
            if (cns_html_blank(c))
                break;
            if (c == '>')
                goto tag;
            state = c == '"' ? CNS_M_DOUBLE : c == '\'' ? CNS_M_SINGLE : CNS_M_UNQUOTED;
            break;
        case CNS_M_DOUBLE:
        case CNS_M_SINGLE:
            state = CNS_M_QUOTED;
            if (at + 1 < len && text[at + 1] == ' ') {
                at++;
                state = CNS_M_BEFORE_ATTR;
            }
            break;
        case CNS_M_UNQUOTED:
            if (c == '>')
                goto tag;
            if (cns_html_blank(c))
                state = CNS_M_BEFORE_ATTR;
            break;
        case CNS_M_QUOTED:
            state = CNS_M_BEFORE_ATTR;
            goto again;
        case CNS_M_SLASH:
            if (c == '>') {
                m->self_closing = true;
                goto tag;
            }
            state = CNS_M_BEFORE_ATTR;
            goto again;

        /* ---- comments and the like */
        case CNS_M_BANG:
            state = CNS_M_BOGUS;
            if (c == '-') {
                state = CNS_M_BANG_DASH;
            } else if (c == '[' && m->depth && !m->open[m->depth - 1].island) {
                m->matched = 1;
                state = CNS_M_CDATA_OPEN;
            } else {
                goto again;
            }
            break;
        case CNS_M_BANG_DASH:
            state = c == '-' ? CNS_M_COMMENT_START : CNS_M_BOGUS;
            if (c != '-')
                goto again;
            break;
        case CNS_M_CDATA_OPEN:
            if (c != "[CDATA["[m->matched]) {
                state = CNS_M_BOGUS;
                goto again;
            }
            if (++m->matched == 7)
                state = CNS_M_CDATA;
            break;
        case CNS_M_BOGUS:
            if (c == '>')
                state = CNS_M_DATA;
            break;
        case CNS_M_COMMENT_START:
        case CNS_M_COMMENT_START_DASH:
            if (c == '-')
                state = state == CNS_M_COMMENT_START ? CNS_M_COMMENT_START_DASH : CNS_M_COMMENT_END;
            else
                state = c == '>' ? CNS_M_DATA : CNS_M_COMMENT;
            break;
        case CNS_M_COMMENT:
            state = CNS_M_COMMENT_DASH;
            break;
        case CNS_M_COMMENT_DASH:
            state = c == '-' ? CNS_M_COMMENT_END : CNS_M_COMMENT;
            break;
        case CNS_M_COMMENT_END:
            if (c != '-')
                state = c == '>' ? CNS_M_DATA : c == '!' ? CNS_M_COMMENT_END_BANG : CNS_M_COMMENT;
            break;
        case CNS_M_COMMENT_END_BANG:
            state = c == '>' ? CNS_M_DATA : c == '-' ? CNS_M_COMMENT_DASH : CNS_M_COMMENT;
            break;
        case CNS_M_CDATA:
            state = CNS_M_CDATA_BRACKET;
            break;
        case CNS_M_CDATA_BRACKET:
            state = c == ']' ? CNS_M_CDATA_END : CNS_M_CDATA;
            break;
        case CNS_M_CDATA_END:
            if (c != ']')
                state = c == '>' ? CNS_M_DATA : CNS_M_CDATA;
            break;

        /* ---- text up to an end tag */
        case CNS_M_RAW:
            m->tag_at = m->base + at;
            state = CNS_M_RAW_OPEN;
            break;
        case CNS_M_RAW_OPEN:
            state = CNS_M_RAW;
            if (c != '/')
                goto again_at_text;
            m->back = CNS_M_RAW;
            m->matched = 0;
            state = CNS_M_RAW_END;
            break;
        case CNS_M_RAW_END:
            if (matches(m, c))
                break;
            if (m->matched < m->raw_len || !ends_name(c)) {
                state = m->back;
                goto again_at_text;
            }
            memcpy(m->name, m->raw, sizeof m->name);
            m->name_len = m->raw_len;
            m->end_tag = true;
            m->self_closing = false;
            state = state_behind_name(c);
            if (c == '>')
                goto tag;
            break;

        /* ---- scripts */
        case CNS_M_SCRIPT:
            if (c == '{') {
                *event = CNS_MARKUP_BRACE;
                goto done;
            }
            m->tag_at = m->base + at;
            state = CNS_M_SCRIPT_OPEN;
            break;
        case CNS_M_SCRIPT_OPEN:
            state = c == '!' ? CNS_M_SCRIPT_BANG : CNS_M_SCRIPT;
            if (c == '/') {
                m->back = CNS_M_SCRIPT;
                m->matched = 0;
                state = CNS_M_RAW_END;
            } else if (c != '!') {
                goto again_at_text;
            }
            break;
        case CNS_M_SCRIPT_BANG:
        case CNS_M_SCRIPT_BANG_DASH:
            if (c != '-') {
                state = CNS_M_SCRIPT;
                goto again_at_text;
            }
            state = state == CNS_M_SCRIPT_BANG ? CNS_M_SCRIPT_BANG_DASH : CNS_M_ESCAPED_DASHES;
            break;
        case CNS_M_ESCAPED:
        case CNS_M_ESCAPED_DASH:
        case CNS_M_ESCAPED_DASHES:
            if (c == '<') {
                m->tag_at = m->base + at;
                state = CNS_M_ESCAPED_OPEN;
            } else if (c == '-') {
                state = state == CNS_M_ESCAPED ? CNS_M_ESCAPED_DASH : CNS_M_ESCAPED_DASHES;
            } else if (c == '>' && state == CNS_M_ESCAPED_DASHES) {
                state = CNS_M_SCRIPT;
            } else if (c == '{' && m->braces && state == CNS_M_ESCAPED) {
                *event = CNS_MARKUP_BRACE;
                goto done;
            } else {
                state = CNS_M_ESCAPED;
            }
            break;
        case CNS_M_ESCAPED_OPEN:
            state = CNS_M_ESCAPED;
            m->matched = 0;
            if (c == '/') {
                m->back = CNS_M_ESCAPED;
                state = CNS_M_RAW_END;
            } else if (cns_is_alpha(c)) {
                state = CNS_M_HIDE;
                goto again;
            } else {
                goto again_at_text;
            }
            break;
        case CNS_M_HIDE:
        case CNS_M_SHOW: {
            if (matches(m, c))
                break;
            bool whole = m->matched == m->raw_len && ends_name(c);
            state = (state == CNS_M_HIDE) == whole ? CNS_M_HIDDEN : CNS_M_ESCAPED;
            if (!whole)
                goto again_at_text;
            break;
        }
        case CNS_M_HIDDEN:
        case CNS_M_HIDDEN_DASH:
        case CNS_M_HIDDEN_DASHES:
            if (c == '<') {
                state = CNS_M_HIDDEN_OPEN;
            } else if (c == '-') {
                state = state == CNS_M_HIDDEN ? CNS_M_HIDDEN_DASH : CNS_M_HIDDEN_DASHES;
            } else if (c == '>' && state == CNS_M_HIDDEN_DASHES) {
                state = CNS_M_SCRIPT;
            } else if (c == '{' && m->braces && state == CNS_M_HIDDEN) {
                *event = CNS_MARKUP_BRACE;
                goto done;
            } else {
                state = CNS_M_HIDDEN;
            }
            break;
        case CNS_M_HIDDEN_OPEN:
            state = CNS_M_HIDDEN;
            if (c != '/')
                goto again_at_text;
            m->matched = 0;
            state = CNS_M_SHOW;
            break;
        default:
            break;
        }
        at++;
        continue;
    again_at_text: /* in a state of text, whose runs are taken in one step; a { that breaks off
                    * what may have been a tag is no place to stop at */
        at += c == '{';
        continue;
    tag:
        at++;
        cns_markup_tag(m);
        *event = CNS_MARKUP_TAG;
        return at;
    }
done:
    m->state = state;
    return at;
}
