/* rewrite_balance.c - may this HTML stand in a page as it is?
 *
 * The SDK puts the content of a `didomi/html` tag into a <div> of its own, where an open comment
 * or a missing end tag ends with the <div>. In the text of a page it would go on behind it.
 */
#include "markup.h"
#include "rewrite.h"

#define DEEP 64u

static bool listed(const char *list, cns_span name) {
    for (const char *at = list; *at;) {
        size_t len = strcspn(at, " ");
        bool same = len == name.len;
        for (size_t i = 0; same && i < len; i++)
            same = cns_lower(name.text[i]) == at[i];
        if (same)
            return true;
        at += len + (at[len] == ' ');
    }
    return false;
}

/* What has no content, and no end tag. */
static const char empty[] =
    "area base basefont bgsound br col embed frame hr img input keygen link "
    "meta param source track wbr";
/* What ends with the element that it stands in. */
static const char implied[] = "p li dt dd option optgroup rb rt rtc rp tr td th tbody thead tfoot "
                              "caption colgroup";
/* Of these a page has one, so their tags would mean the page's. */
static const char single[] = "html head body";

static cns_span name_at(const char *text, size_t at) {
    size_t from = at + 1 + (text[at + 1] == '/'), end = from;
    while (!cns_html_blank(text[end]) && text[end] != '/' && text[end] != '>')
        end++;
    return (cns_span){text + from, end - from};
}

static bool same_span(cns_span a, cns_span b) {
    size_t i = 0;
    while (i < a.len && i < b.len && cns_lower(a.text[i]) == cns_lower(b.text[i]))
        i++;
    return i == a.len && i == b.len;
}

bool cns_html_balanced(const char *text, size_t len, bool in_form) {
    cns_markup m;
    cns_span open[DEEP];
    size_t depth = 0, at = 0;
    cns_markup_event event;
    cns_markup_init(&m);
    while (at = cns_markup_run(&m, text, at, len, &event), event == CNS_MARKUP_TAG) {
        if (m.lost)
            return false;
        cns_span name = name_at(text, (size_t)m.tag_at);
        if (listed(single, name) || (in_form && m.element == CNS_EL_FORM))
            return false;
        if (!m.end_tag) {
            bool foreign = m.element == CNS_EL_SVG || m.element == CNS_EL_MATH;
            bool closed = m.self_closing && (foreign || cns_markup_foreign(&m));
            if (closed || listed(empty, name))
                continue;
            if (depth == DEEP)
                return false;
            open[depth++] = name;
            continue;
        }
        while (depth && !same_span(open[depth - 1], name) && listed(implied, open[depth - 1]))
            depth--;
        if (!depth || !same_span(open[depth - 1], name))
            return false;
        depth--;
    }
    while (depth && listed(implied, open[depth - 1]))
        depth--;
    return depth == 0 && cns_markup_at_rest(&m);
}
