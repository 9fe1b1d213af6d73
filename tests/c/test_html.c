/* test_html.c - configurations from HTML pages: which scripts count, and where things are. */
#include "guard.h"

#include "../../csrc/core/value.h"
#include "value_text.h"

static cns_code read_page(cns_doc **doc, const char *text, size_t len, cns_error *err) {
    guard g;
    char *exact = guard_text(&g, text, len);
    *doc = NULL;
    cns_code code = cns_html_read(doc, exact, len, cns_alloc_default(), err);
    guard_end(&g);
    CHECK((code == CNS_OK) == (*doc != NULL));
    return code;
}

#define SET(x) "window.didomiConfig=" x
#define S(x) "<script>" SET(x) "</script>"
#define A S("{a:1}")

/* `want` NULL: no script of the page assigns anything. */
static const struct {
    const char *text, *want;
} pages[] = {
    {A, "{a:1}"},
    {"<!DOCTYPE html><html><head><title>x</title>" A "</head><body></body></html>", "{a:1}"},
    {"<SCRIPT>" SET("{a:1}") "</SCRIPT >", "{a:1}"},
    {A S("{b:2}"), "{b:2}"},
    {A "<p>x</p><script>window.didomiConfig.b=2</script>", "{a:1 b:2}"},
    {"<script>\r\nwindow.gdprAppliesGlobally=true;\r\n</script>" A,
     "{a:1 app:{gdprAppliesGlobally:true}}"},
    {"", NULL},
    {"plain text < 1 <", NULL},
    {"<p>" SET("{a:1}") "</p>", NULL},
    /* types */
    {"<script type=text/javascript>" SET("{a:1}") "</script>", "{a:1}"},
    {"<script type=\"\">" SET("{a:1}") "</script>", "{a:1}"},
    {"<script type>" SET("{a:1}") "</script>", "{a:1}"},
    {"<script type = ' Text/JavaScript '>" SET("{a:1}") "</script>", "{a:1}"},
    {"<script\ntype='application/javascript'\tasync>" SET("{a:1}") "</script>", "{a:1}"},
    {"<script TYPE=application/x-javascript>" SET("{a:1}") "</script>", "{a:1}"},
    {"<script type=text/javascript1.5>" SET("{a:1}") "</script>", "{a:1}"},
    {"<script language=JavaScript>" SET("{a:1}") "</script>", "{a:1}"},
    {"<script language='' data-a=\"</script>\">" SET("{a:1}") "</script>", "{a:1}"},
    {"<script type=module>" SET("{a:1}") "</script>", "{a:1}"},
    {"<script type=module>window.didomiConfig.b=2</script>" A, "{a:1 b:2}"},
    {"<script nomodule>" SET("{b:2}") "</script>" A, "{a:1}"},
    {A "<script type=module nomodule>" SET("{b:2}") "</script>", "{b:2}"},
    {"<script type=text/plain>" SET("{b:2}") "</script>" A, "{a:1}"},
    {"<script type='didomi/javascript'>" SET("{b:2}") "</script>" A, "{a:1}"},
    {"<script type=' '>" SET("{b:2}") "</script>" A, "{a:1}"},
    {"<script type='text/javascript; charset=utf-8'>" SET("{b:2}") "</script>" A, "{a:1}"},
    {"<script type=javascript>" SET("{b:2}") "</script>" A, "{a:1}"},
    {"<script type=application/livescript>" SET("{b:2}") "</script>" A, "{a:1}"},
    {"<script type=application/json>{\"a\":\"didomiConfig\"}</script>" A, "{a:1}"},
    {"<script type=x/javascript type=text/javascript>" SET("{b:2}") "</script>" A, "{a:1}"},
    {"<script language=vbscript>" SET("{b:2}") "</script>" A, "{a:1}"},
    {"<script src=x.js>" SET("{b:2}") "</script>" A, "{a:1}"},
    {"<script src>" SET("{b:2}") "</script>" A, "{a:1}"},
    {"<script data-src=x.js>" SET("{a:1}") "</script>", "{a:1}"},
    {"<script a='>' b=\">\" c=/ d = e/>" SET("{a:1}") "</script>", "{a:1}"},
    {"<script =a ==b>" SET("{a:1}") "</script>", "{a:1}"},
    /* where a script is no script */
    {"<!-- " S("{b:2}") " -->" A, "{a:1}"},
    {"<!-->" A "-->", "{a:1}"},
    {"<!--->" A, "{a:1}"},
    {"<!-- a --!>" A, "{a:1}"},
    {"<!-- a - -- > " S("{b:2}") "--->" A, "{a:1}"},
    {"<!-- " S("{b:2}"), NULL},
    {"<!x <b>" A, "{a:1}"},
    {"<?php echo 1 ?>" A, "{a:1}"},
    {"</ x>" A, "{a:1}"},
    {"<![CDATA[x]]>" A, "{a:1}"},
    {"<![CDATA[" A "]]>", NULL}, /* a comment up to the first > */
    {"<title>" S("{b:2}") "</title>" A, "{a:1}"},
    {"<textarea>" S("{b:2}") "</TEXTAREA\n>" A, "{a:1}"},
    {"<style>/*" S("{b:2}") "*/</style>" A, "{a:1}"},
    {"<noscript>" S("{b:2}") "</noscript>" A, "{a:1}"},
    {"<iframe>" S("{b:2}") "</iframe>" A, "{a:1}"},
    {"<title>" A, NULL},
    {"<title>x</titlex>" S("{b:2}") "</title>" A, "{a:1}"},
    {"<template>" S("{b:2}") "<template></template>" S("{b:3}") "</template>" A, "{a:1}"},
    {"</template>" A, "{a:1}"},
    {"<plaintext>" A, NULL},
    {"<svg><title/><style/><template/></svg>" A, "{a:1}"},
    {"<svg/>"
     "<svg>" S("{b:1}") "</svg>"
                        "<title>" S("{b:2}") "</title>" A,
     "{a:1}"},
    {"<scripts>" SET("{b:2}") "</scripts>" A, "{a:1}"},
    {"<a title=\"<script>\" href='" SET("{b:2}") "'>" A, "{a:1}"},
    {"<a b=\"" A, NULL},
    {"<script", NULL},
    {"<script type=\"", NULL},
    /* where a script ends */
    {"<script>" SET("{a:'</scripts>'}") "</script>", "{a:'</scripts>'}"},
    {"<script>" SET("{a:'<\\/script>'}") "</script>", "{a:'</script>'}"},
    {"<script><!--\n" SET("{a:1}") "\n//--></script>", "{a:1}"},
    {"<script><!--\n" SET("{a:'<script></script>'}") "\n//--></script>", "{a:'<script></script>'}"},
    {"<script><!--\n" SET("{a:1}") "</script>", "{a:1}"},
    {"<script><!-->\n" SET("{a:1}") "//<script>\n</script>", "{a:1}"},
    {"<script>//<!-- <script\n" SET("{a:1}") "//-->\n</script>", "{a:1}"},
    {"<script>//<!-- <script > </script x> \n" SET("{a:1}") "\n</script>", "{a:1}"},
    {"<script>//<!-- <scripty>\n" SET("{a:1}") "\n</script>", "{a:1}"},
    {"<script>//<![CDATA[\n" SET("{a:1}") "//]]>\n</script>", "{a:1}"},
    /* scripts that name nothing are not looked into */
    {"<script>'</script>" A "<script>{[(</script>", "{a:1}"},
};

TEST(pages_are_read) {
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        cns_doc *doc;
        cns_error err = {0};
        sink s = {.len = 0};
        harness.label = pages[i].text;
        cns_code code = read_page(&doc, pages[i].text, strlen(pages[i].text), &err);
        CHECK_INT(code, pages[i].want ? CNS_OK : CNS_E_SYNTAX);
        if (doc)
            write_value(&s, cns_doc_root(doc));
        if (pages[i].want)
            CHECK_TEXT(s.text, pages[i].want);
        else
            CHECK(strstr(err.message, "no script of the page") && err.line == 0);
        if (code != CNS_OK && pages[i].want)
            printf("%s\n", err.message);
        cns_doc_free(doc);
    }
}

static const struct {
    const char *text, *at, *says;
} refused[] = {
    {"<p>\r\n\xC3\xA9<script>" SET("f()") "</script>", "f()", "called"},
    {A "\n<script>" SET("{b:'"), "<script>window.didomiConfig={b:'", "no end"},
    {"<script>" SET("{a:'</script>'}") "</script>", "'</script>", "closing quote"},
    {"<script>" SET("{a:`") "</script>", "`</script>", "no end"},
    {"<script>" SET("{a:[") "</script>", "</script>", "inside an array"},
    {"<script>" SET("{}") "\n}</script>", "}</script>", "not open"},
    {A "<script>if(x)" SET("{b:1}") "</script>", "window.didomiConfig={b", "condition"},
};

TEST(errors_have_their_place_on_the_page) {
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        cns_doc *doc;
        cns_error err = {0};
        const char *text = refused[i].text, *at = strstr(text, refused[i].at);
        harness.label = text;
        CHECK_INT(read_page(&doc, text, strlen(text), &err), CNS_E_SYNTAX);
        CHECK_INT(err.offset, at - text);
        const char *line = text;
        unsigned number = 1;
        for (const char *c = text; c < at; c++)
            if (*c == '\n')
                number++, line = c + 1;
        CHECK_INT(err.line, number);
        CHECK(err.column >= 1 && err.column <= (unsigned)(at - line) + 1);
        if (!CHECK(strstr(err.message, refused[i].says)))
            printf("%s\n", err.message);
    }
}

TEST(values_keep_their_places_on_the_page) {
    const char *text = "<title>{}</title>\n" A "<script>window.didomiConfig.b = 'x'</script>";
    cns_doc *doc;
    CHECK_INT(read_page(&doc, text, strlen(text), NULL), CNS_OK);
    const cns_value *root = doc ? cns_doc_root(doc) : NULL, *b = CNS_AT(root, "b");
    CHECK(root && root->offset == (size_t)(strstr(text, "{a:1}") - text));
    CHECK(b && b->offset == (size_t)(strstr(text, "'x'") - text));
    cns_doc_free(doc);
}

#define MIB ((size_t)1 << 20)

TEST(hostile_pages) {
    static const char *const parts[] = {"<",
                                        "</",
                                        "<!--",
                                        "<!",
                                        "<?",
                                        "<script>",
                                        "<script ",
                                        "</script>",
                                        "<script><!--<script>",
                                        "<title>",
                                        "<title></titl",
                                        "<template>",
                                        "</template>",
                                        "<svg>",
                                        "--",
                                        "-->",
                                        "<a b='",
                                        "<a b=\"\"",
                                        "<a =",
                                        "<script>didomiConfig</script>",
                                        "<script>didomiConfig",
                                        "didomiConfi",
                                        "<script>//<!-- <script ></script>",
                                        "<script>window.didomiConfig={}</script>"};
    char *text = malloc(MIB);
    if (!text)
        exit(2);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t n = strlen(parts[i]), len = MIB / n * n;
        for (size_t at = 0; at < len; at += n)
            memcpy(text + at, parts[i], n);
        cns_doc *doc = NULL;
        harness.label = parts[i];
        cns_code code = cns_html_read(&doc, text, len, cns_alloc_default(), NULL);
        CHECK_INT(code, strstr(parts[i], "={}") ? CNS_OK : CNS_E_SYNTAX);
        cns_doc_free(doc);
    }
    free(text);
}

TEST(encoding) {
    cns_doc *doc;
    cns_error err = {0};
    CHECK_INT(read_page(&doc, "<p>\xE9" A, 4, &err), CNS_E_ENCODING);
    CHECK(err.offset == 3 && err.column == 4);
    CHECK_INT(read_page(&doc, "a\0" A, 9, &err), CNS_E_ENCODING);
    CHECK_INT(err.offset, 1);
}

static cns_code starved(cns_alloc alloc, void *arg) {
    const char *text = arg;
    cns_doc *doc = NULL;
    cns_code code = cns_html_read(&doc, text, strlen(text), alloc, NULL);
    CHECK((doc != NULL) == (code == CNS_OK));
    cns_doc_free(doc);
    return code;
}

TEST(memory_runs_out) {
    harness_starve(starved, (void *)(uintptr_t)A
                   "<script type=module>window.didomiConfig.b='\\x41'</script>");
}

int main(void) {
    RUN(pages_are_read);
    RUN(errors_have_their_place_on_the_page);
    RUN(values_keep_their_places_on_the_page);
    RUN(hostile_pages);
    RUN(encoding);
    RUN(memory_runs_out);
    return harness_end();
}
