/* test_html_long.c - long and hostile pages, limits, and memory that runs out while a page is
 * rewritten. */
#include "rewriting.h"

static char *many(const char *before, const char *unit, size_t size, const char *behind,
                  size_t *len) {
    size_t count = size / strlen(unit);
    char *page = malloc(strlen(before) + count * strlen(unit) + strlen(behind) + 1), *to = page;
    if (!page)
        exit(2);
    to += sprintf(to, "%s", before);
    for (size_t i = 0; i < count; i++) {
        memcpy(to, unit, strlen(unit));
        to += strlen(unit);
    }
    to += sprintf(to, "%s", behind);
    *len = (size_t)(to - page);
    return page;
}

/* Memory is bounded, and no byte is lost, whole and in pieces. */
static size_t check_long(const char *page, size_t len, const char *want, size_t want_len) {
    static const size_t steps[] = {1, 61, 4096, SIZE_MAX};
    size_t most = 0;
    for (size_t i = 0; i < LENGTH(steps); i++) {
        picky p = {.fail_at = 0};
        text out = {NULL, 0, 0};
        CHECK_INT(rewrite(&out, page, len, steps[i] < len ? steps[i] : len, steps[i], NULL,
                          (cns_alloc){picky_resize, &p}),
                  CNS_OK);
        CHECK(out.len == want_len && memcmp(out.text, want, want_len) == 0);
        CHECK(p.live == 0 && !p.wrong_size);
        most = p.most > most ? p.most : most;
        free(out.text);
    }
    CHECK(most < 6 * CNS_REWRITE_MOST);
    return most;
}

TEST(hostile) {
    static const char *const units[] = {
        "<",          "<a ",          "</",          "<!--",    "-",       "<!",
        "<script",    "<script ",     "<script x='", "a ",      "=",       "'",
        "<svg>",      "<template>",   "<b title=\"", "{",       "{gdpr",   "/",
        "didomi/",    "<script><!--", "\xFF",        "<title>", "</title", "<select>",
        "<math><mi>", "]]",           "<![CDATA["};
    static const char *const starts[] = {"", "<script " JS " ", "<script type='didomi/html'>",
                                         "<script " JS " x='", "<!--"};
    for (size_t s = 0; s < LENGTH(starts); s++)
        for (size_t u = 0; u < LENGTH(units); u++) {
            size_t len;
            char *page = many(starts[s], units[u], 150000, "", &len);
            harness.label = units[u];
            (void)check_long(page, len, page, len);
            free(page);
        }
}

TEST(limits) {
    for (int over = 0; over < 2; over++) {
        size_t len, want_len;
        size_t room = CNS_REWRITE_MOST - strlen("<script " JS " x=''>");
        char *page =
            many("<script " JS " x='", "y", room + (size_t)over, "'>{gdpr}</script>", &len);
        char *want = many("<script " LIVE " x='", "y", room, "'>1</script>", &want_len);
        harness.label = over ? "tag too long" : "tag just not too long";
        (void)check_long(page, len, over ? page : want, over ? len : want_len);
        free(page);
        free(want);
        room = CNS_REWRITE_MOST - strlen(H "</script >");
        page = many(H, "y", room + (size_t)over, "</script >x", &len);
        want = many("<div>", "y", room, "</div >x", &want_len);
        harness.label = over ? "element too long" : "element just not too long";
        (void)check_long(page, len, over ? page : want, over ? len : want_len);
        free(page);
        free(want);
    }
    size_t len, want_len;
    char *page = many("<script " JS " ", "x ", 40000, ">", &len); /* many attributes */
    char *want = many("<script " LIVE " ", "x ", 40000, ">", &want_len);
    (void)check_long(page, len, want, want_len);
    free(page);
    free(want);
    for (size_t deep = 64; deep < 66; deep++) {
        char *close = many("", "</b>", 4 * deep, "</script>", &len);
        page = many(H, "<b>", 3 * deep, close, &len);
        memcpy(close + 4 * deep, "</div>", 7);
        want = many("<div>", "<b>", 3 * deep, close, &want_len);
        (void)check_long(page, len, deep == 64 ? want : page, deep == 64 ? want_len : len);
        free(close);
        free(page);
        free(want);
    }
}

static cns_code starving(cns_alloc alloc, void *arg) {
    text out = {NULL, 0, 0};
    const char *page = arg;
    cns_code code = rewrite(&out, page, strlen(page), 1, 1, "abc", alloc);
    if (code == CNS_OK)
        CHECK(strstr(out.text, "text/javascript") && strstr(out.text, "<div"));
    free(out.text);
    return code;
}

TEST(starved) {
    size_t len;
    char *page = many(G "{gdpr}</script>" H, "{gdpr}", 2000, "</script>", &len);
    harness_starve(starving, page);
    free(page);
    cns_rewriter_free(NULL);
}

/* After memory ran out a rewriter only fails, and a closed one gives nothing more. */
TEST(afterwards) {
    picky p = {.fail_at = 2, .for_good = true};
    text out = {NULL, 0, 0};
    cns_rewriter *r = NULL;
    CHECK_INT(cns_rewriter_new(&r, visitor, NULL, 0, (cns_alloc){picky_resize, &p}, NULL), CNS_OK);
    CHECK_INT(cns_rewriter_feed(r, "a<", 2, collect, &out), CNS_E_NOMEM);
    p.fail_at = 0;
    CHECK_INT(cns_rewriter_feed(r, "b", 1, collect, &out), CNS_E_NOMEM);
    CHECK_INT(cns_rewriter_close(r, collect, &out), CNS_E_NOMEM);
    cns_rewriter_free(r);
    CHECK(p.live == 0);
    free(out.text);
    out = (text){NULL, 0, 0};
    CHECK_INT(cns_rewriter_new(&r, visitor, NULL, 0, cns_alloc_default(), NULL), CNS_OK);
    CHECK_INT(cns_rewriter_feed(r, "a<", 2, collect, &out), CNS_OK);
    CHECK_INT(cns_rewriter_feed(r, "", 0, collect, &out), CNS_OK);
    CHECK_TEXT(out.text, "a");
    CHECK_INT(cns_rewriter_close(r, collect, &out), CNS_OK);
    CHECK_INT(cns_rewriter_close(r, collect, &out), CNS_OK);
    CHECK_TEXT(out.text, "a<");
    cns_rewriter_free(r);
    free(out.text);
}

int main(void) {
    begin();
    RUN(hostile);
    RUN(limits);
    RUN(starved);
    RUN(afterwards);
    return finish();
}
