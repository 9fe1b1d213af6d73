/* markup.h - a tokenizer of HTML that is fed in pieces (internal).
 *
 * The states of the HTML standard that tell tags from everything else, and as much of its
 * tree as changes how the text behind a tag is read: elements that hold text, <svg> and
 * <math>, <template>, <select>, <head>; and <form>. Where browsers differ, or more of the tree would have
 * to be known, it is `lost` and finds no more tags.
 */
#ifndef CNS_MARKUP_H
#define CNS_MARKUP_H

#include "text.h"

/* Elements that change how the text behind their tags is read. */
typedef enum cns_element {
    CNS_EL_OTHER,
    CNS_EL_SCRIPT,
    CNS_EL_TEXT, /* holds text up to its end tag */
    CNS_EL_PLAINTEXT,
    CNS_EL_TEXTAREA,
    CNS_EL_TITLE,
    CNS_EL_TEMPLATE,
    CNS_EL_SELECT,
    CNS_EL_INPUT,
    CNS_EL_FRAMESET,
    CNS_EL_HEAD,
    CNS_EL_BODY,
    CNS_EL_FORM,
    CNS_EL_SVG,
    CNS_EL_MATH,
    CNS_EL_SVG_ISLAND, /* holds HTML inside of <svg> */
    CNS_EL_MATH_ISLAND,
    CNS_EL_UNSURE /* may do so, or may leave <svg> and <math> */
} cns_element;

#define CNS_MARKUP_DEEP 32u /* open <svg>, <math> and islands of HTML in them */

typedef struct cns_markup {
    uint64_t base;   /* how many bytes came before the piece at hand */
    uint64_t tag_at; /* place of the last < that may begin a tag */
    uint8_t state, back, matched;
    uint8_t element;            /* of the tag at hand: cns_element */
    bool end_tag, self_closing; /* of the tag at hand */
    bool braces;                /* stop at every { in the text of a script */
    bool lost;                  /* nothing more is looked at */
    bool head, select, form;    /* inside of these elements */
    uint8_t name_len, raw_len, depth;
    char name[16], raw[16]; /* lower case: of the tag at hand; of the element that holds text */
    uint32_t templates;     /* open ones */
    struct {
        char name[14];
        uint8_t len;
        bool island;
    } open[CNS_MARKUP_DEEP];
} cns_markup;

typedef enum cns_markup_event {
    CNS_MARKUP_END,  /* of the piece */
    CNS_MARKUP_TAG,  /* behind the > of a tag that begins at tag_at */
    CNS_MARKUP_BRACE /* at a { in the text of a script, where nothing of a tag came before it */
} cns_markup_event;

/* At the beginning of a document. */
void cns_markup_init(cns_markup *markup);
/* From `at` on to the next event; returns its place. A caller that goes on to the next piece
 * adds the length of this one to `base`. */
size_t cns_markup_run(cns_markup *markup, const char *text, size_t at, size_t len,
                      cns_markup_event *event);
/* Does the piece end inside of what may be the start tag of a script? It begins at tag_at. */
bool cns_markup_in_script_tag(const cns_markup *markup);
/* Between tags, in ordinary content. */
bool cns_markup_at_rest(const cns_markup *markup);
/* Inside of <svg> or <math>, whatever they hold. */
static inline bool cns_markup_foreign(const cns_markup *markup) {
    return markup->depth > 0;
}
/* Nothing more is looked at from here on. */
void cns_markup_lose(cns_markup *markup);

static inline bool cns_html_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* markup_tree.c: what the tag at hand means for the text behind it; sets the state. */
void cns_markup_tag(cns_markup *markup);

/* States, for the two files that make up the tokenizer. */
enum {
    CNS_M_DATA,
    CNS_M_LOST, /* all the rest is text */
    CNS_M_OPEN, /* behind < */
    CNS_M_END_OPEN,
    CNS_M_NAME,
    CNS_M_BEFORE_ATTR,
    CNS_M_ATTR,
    CNS_M_AFTER_ATTR,
    CNS_M_BEFORE_VALUE,
    CNS_M_DOUBLE,
    CNS_M_SINGLE,
    CNS_M_UNQUOTED,
    CNS_M_QUOTED, /* behind a closing quote */
    CNS_M_SLASH,  /* behind a / in a tag */
    CNS_M_BANG,   /* behind <! */
    CNS_M_BANG_DASH,
    CNS_M_CDATA_OPEN, /* in [CDATA[ */
    CNS_M_BOGUS,      /* a comment up to the next > */
    CNS_M_COMMENT,
    CNS_M_COMMENT_START,
    CNS_M_COMMENT_START_DASH,
    CNS_M_COMMENT_DASH,
    CNS_M_COMMENT_END,
    CNS_M_COMMENT_END_BANG,
    CNS_M_CDATA,
    CNS_M_CDATA_BRACKET,
    CNS_M_CDATA_END,
    CNS_M_RAW,
    CNS_M_RAW_OPEN,
    CNS_M_RAW_END, /* in the name of what may be the end tag of raw or script */
    CNS_M_SCRIPT,
    CNS_M_SCRIPT_OPEN,
    CNS_M_SCRIPT_BANG,
    CNS_M_SCRIPT_BANG_DASH,
    CNS_M_ESCAPED, /* behind <!-- in a script */
    CNS_M_ESCAPED_DASH,
    CNS_M_ESCAPED_DASHES,
    CNS_M_ESCAPED_OPEN,
    CNS_M_HIDE,   /* in the name of what may be <script behind <!-- */
    CNS_M_HIDDEN, /* behind that */
    CNS_M_HIDDEN_DASH,
    CNS_M_HIDDEN_DASHES,
    CNS_M_HIDDEN_OPEN,
    CNS_M_SHOW /* in the name of what may be the </script that ends it */
};

#endif
