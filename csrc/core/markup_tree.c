/* markup_tree.c - what a tag means for the text behind it.
 *
 * A browser chooses how to read text by the tree that it builds. This knows of that tree
 * what well-formed pages need, and is lost where a page is not well-formed in a way that
 * counts: then no more tags are found, and whatever would have been rewritten stays.
 */
#include "markup.h"

static const struct known {
    cns_span name;
    cns_element element;
} elements[] = {{{"svg", 3}, CNS_EL_SVG},
                {{"xmp", 3}, CNS_EL_TEXT},
                {{"math", 4}, CNS_EL_MATH},
                {{"head", 4}, CNS_EL_HEAD},
                {{"body", 4}, CNS_EL_BODY},
                {{"form", 4}, CNS_EL_FORM},
                {{"title", 5}, CNS_EL_TITLE},
                {{"style", 5}, CNS_EL_TEXT},
                {{"input", 5}, CNS_EL_INPUT},
                {{"script", 6}, CNS_EL_SCRIPT},
                {{"select", 6}, CNS_EL_SELECT},
                {{"iframe", 6}, CNS_EL_TEXT},
                {{"noembed", 7}, CNS_EL_TEXT},
                {{"textarea", 8}, CNS_EL_TEXTAREA},
                {{"noframes", 8}, CNS_EL_TEXT},
                {{"noscript", 8}, CNS_EL_TEXT},
                {{"template", 8}, CNS_EL_TEMPLATE},
                {{"frameset", 8}, CNS_EL_FRAMESET},
                {{"plaintext", 9}, CNS_EL_PLAINTEXT}};
/* by the length of a name: where its candidates begin */
static const uint8_t first_of_length[] = {0, 0, 0, 0, 2, 6, 9, 12, 13, 18, 19};

/* Inside of <svg> and <math>. What leaves these (the list of the standard's section 13.2.6.5)
 * is taken for an element that does; <font> does so for some attributes. */
static const struct known foreign_elements[] = {{{"foreignobject", 13}, CNS_EL_SVG_ISLAND},
                                                {{"desc", 4}, CNS_EL_SVG_ISLAND},
                                                {{"title", 5}, CNS_EL_SVG_ISLAND},
                                                {{"mi", 2}, CNS_EL_MATH_ISLAND},
                                                {{"mo", 2}, CNS_EL_MATH_ISLAND},
                                                {{"mn", 2}, CNS_EL_MATH_ISLAND},
                                                {{"ms", 2}, CNS_EL_MATH_ISLAND},
                                                {{"mtext", 5}, CNS_EL_MATH_ISLAND},
                                                {{"svg", 3}, CNS_EL_SVG},
                                                {{"math", 4}, CNS_EL_MATH},
                                                {{"annotation-xml", 14}, CNS_EL_UNSURE}};
static const char leaving[] =
    " b big blockquote body br center code dd div dl dt em embed font h1 h2 h3 h4 h5 h6 head hr i "
    "img li listing menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul "
    "var ";

static bool named(const cns_markup *m, cns_span name) {
    return cns_span_is(name, m->name, m->name_len);
}

static cns_element html_element(const cns_markup *m) {
    if (m->name_len < 3 || m->name_len > 9)
        return CNS_EL_OTHER;
    for (size_t i = first_of_length[m->name_len]; i < first_of_length[m->name_len + 1]; i++)
        if (elements[i].name.text[0] == m->name[0] && named(m, elements[i].name))
            return elements[i].element;
    return CNS_EL_OTHER;
}

static cns_element foreign_element(const cns_markup *m) {
    bool svg = m->open[m->depth - 1].name[0] == 's';
    for (size_t i = 0; i < sizeof foreign_elements / sizeof *foreign_elements; i++)
        if (named(m, foreign_elements[i].name) &&
            foreign_elements[i].element != (svg ? CNS_EL_MATH_ISLAND : CNS_EL_SVG_ISLAND))
            return foreign_elements[i].element;
    char word[20];
    if (m->name_len >= sizeof m->name)
        return CNS_EL_OTHER;
    word[0] = ' ';
    memcpy(word + 1, m->name, m->name_len);
    word[m->name_len + 1] = ' ';
    word[m->name_len + 2] = '\0';
    return strchr(word, '\0') == word + m->name_len + 2 && strstr(leaving, word) ? CNS_EL_UNSURE
                                                                                 : CNS_EL_OTHER;
}

static void enter(cns_markup *m, bool island) {
    if (m->depth == CNS_MARKUP_DEEP) {
        cns_markup_lose(m);
        return;
    }
    memcpy(m->open[m->depth].name, m->name, m->name_len); /* at most 13 */
    m->open[m->depth].len = m->name_len;
    m->open[m->depth].island = island;
    m->depth++;
}

/* The end tag of something that is open: only the innermost may be closed. */
static void leave(cns_markup *m) {
    for (unsigned i = m->depth; i-- > 0;) {
        if (!cns_span_is((cns_span){m->open[i].name, m->open[i].len}, m->name, m->name_len))
            continue;
        if (i + 1u == m->depth)
            m->depth--;
        else
            cns_markup_lose(m);
        return;
    }
}

/* A tag between <svg> or <math> and their end, where no island of HTML is open. */
static void foreign_tag(cns_markup *m) {
    m->element = (uint8_t)foreign_element(m);
    if (m->element == CNS_EL_UNSURE)
        cns_markup_lose(m);
    else if (m->end_tag)
        leave(m);
    else if (m->element != CNS_EL_OTHER && !m->self_closing)
        enter(m, m->element == CNS_EL_SVG_ISLAND || m->element == CNS_EL_MATH_ISLAND);
}

static void hold_text(cns_markup *m, uint8_t state) {
    memcpy(m->raw, m->name, sizeof m->raw);
    m->raw_len = m->name_len;
    m->state = state;
}

static void start_tag(cns_markup *m) {
    switch ((cns_element)m->element) {
    case CNS_EL_SCRIPT:
        hold_text(m, CNS_M_SCRIPT);
        break;
    case CNS_EL_TEXTAREA:
        m->select = false;
        hold_text(m, CNS_M_RAW);
        break;
    case CNS_EL_TITLE:
    case CNS_EL_TEXT:
        /* some browsers drop the tag in a <select> and read on; a <title> of HTML in one of
         * <svg> has the same end tag */
        if (m->select || (m->depth && m->element == CNS_EL_TITLE))
            cns_markup_lose(m);
        else
            hold_text(m, CNS_M_RAW);
        break;
    case CNS_EL_PLAINTEXT:
    case CNS_EL_FRAMESET:
        cns_markup_lose(m);
        break;
    case CNS_EL_TEMPLATE:
        if (++m->templates == UINT32_MAX)
            cns_markup_lose(m);
        break;
    case CNS_EL_SELECT:
        m->select = !m->select;
        break;
    case CNS_EL_INPUT:
        m->select = false;
        break;
    case CNS_EL_HEAD:
    case CNS_EL_BODY:
        m->head = m->element == CNS_EL_HEAD;
        break;
    case CNS_EL_FORM:
        m->form = m->form || !m->templates;
        break;
    case CNS_EL_SVG:
    case CNS_EL_MATH:
        if (m->select)
            cns_markup_lose(m);
        else if (!m->self_closing)
            enter(m, false);
        break;
    default:
        break;
    }
}

static void end_tag(cns_markup *m) {
    if (m->element == CNS_EL_TEMPLATE && m->templates)
        m->templates--;
    else if (m->element == CNS_EL_SELECT)
        m->select = false;
    else if (m->element == CNS_EL_HEAD)
        m->head = false;
    else if (m->element == CNS_EL_FORM && !m->templates)
        m->form = false;
    if (m->depth)
        leave(m);
}

void cns_markup_tag(cns_markup *m) {
    m->state = CNS_M_DATA;
    if (m->depth && !m->open[m->depth - 1].island) {
        foreign_tag(m);
        return;
    }
    m->element = (uint8_t)html_element(m);
    if (m->end_tag)
        end_tag(m);
    else
        start_tag(m);
}
