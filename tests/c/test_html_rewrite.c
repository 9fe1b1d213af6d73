/* test_html_rewrite.c - gated tags of a page come to life; all the rest stays byte for byte,
 * however the page is cut. */
#include "rewriting.h"

static void check_cut(const char *page, size_t len, const char *want, size_t first, size_t step,
                      const char *nonce) {
    text out = {NULL, 0, 0};
    CHECK_INT(rewrite(&out, page, len, first, step, nonce, cns_alloc_default()), CNS_OK);
    CHECK_TEXT(out.text, want);
    free(out.text);
}

/* Whole, byte by byte, and cut in two at every place. */
static void check(const char *page, const char *want, const char *nonce) {
    size_t len = strlen(page);
    harness.label = page;
    check_cut(page, len, want, len, 1, nonce);
    check_cut(page, len, want, 1, 1, nonce);
    check_cut(page, len, want, 2, 3, nonce);
    for (size_t first = 2; first < len; first += 1 + len / 40)
        check_cut(page, len, want, first, len, nonce);
    bool gated = cns_html_gated(page, len);
    CHECK(gated || strcmp(page, want) == 0);
}

static void changes(const char *page, const char *want) {
    check(page, want, NULL);
    check(want, want, NULL); /* once is enough */
}

static void stays(const char *page) {
    check(page, page, NULL);
}

#define ON(attributes) changes("<script " JS attributes ">", "<script " LIVE attributes ">")
#define OFF(attributes) stays("<script " JS attributes ">")

TEST(conditions) {
    ON("");
    ON(" data-vendor=open");
    ON(" data-vendor='c:open'");
    ON(" data-vendor=\"didomi:google\"");
    ON(" data-vendor=google");
    ON(" data-vendor-raw=half");
    ON(" data-purposes=p1");
    ON(" data-purposes=p1,cookies");
    ON(" data-purposes=,p1,,");
    ON(" data-vendor=open data-vendor-raw=half data-purposes=p1");
    ON(" data-vendor=shut data-loading=immediate");
    ON(" data-vendor=nobody data-vendor-raw data-purposes data-loading='immediate'");
    ON(" DATA-VENDOR=open");
    ON(" data-foo=bar data-name=x async src=//x.example/a.js?b=1&c=2");
    ON(" data-vendor=open data-vendor=shut");
    ON(" data-vendor=c:123");
    OFF(" data-vendor=half");
    OFF(" data-vendor=shut");
    OFF(" data-vendor=nobody");
    OFF(" data-vendor=");
    OFF(" data-vendor");
    OFF(" data-vendor=''");
    OFF(" data-vendor=' open'");
    OFF(" data-vendor=Open");
    OFF(" data-vendor=123");
    OFF(" data-vendor=c:google");
    OFF(" data-vendor=iab:open");
    OFF(" data-vendor='c:open\n'");
    OFF(" data-vendor=op&#101;n");
    OFF(" data-vendor='x&lt;y'"); /* which means another id */
    OFF(" data-vendor=\"open\xC3\xA9\"");
    OFF(" data-vendor=shut data-vendor=open");
    OFF(" data-vendor-raw=shut");
    OFF(" data-vendor-raw=");
    OFF(" data-vendor-raw=open data-vendor=half");
    OFF(" data-purposes=p2");
    OFF(" data-purposes=p1,p2");
    OFF(" data-purposes='p1, cookies'");
    OFF(" data-purposes=P1");
    OFF(" data-purposes=p1,&amp;");
    OFF(" data-purposes");
    OFF(" data-purposes=','");
    OFF(" data-purposes='p1\tcookies'");
    OFF(" data-vendor=shut data-loading=Immediate");
    OFF(" data-vendor=shut data-loading=' immediate'");
    OFF(" data-category=essential");
    OFF(" data-category=essential data-loading=immediate");
    OFF(" data-condition='1'");
    OFF(" data-vendors=open");
    OFF(" data-vendor-li=open data-vendor=open");
    OFF(" data-purpose=p1");
    OFF(" data-processed=true");
    OFF(" title='<script'");
    OFF(" title='a<b'");
}

TEST(types) {
    changes("<SCRIPT TYPE='didomi/javascript'>", "<SCRIPT TYPE='text/javascript'>");
    changes("<script type = didomi/javascript >", "<script type = text/javascript >");
    changes("<script\ntype\t=\r\"didomi/javascript\"\fid=a>",
            "<script\ntype\t=\r\"text/javascript\"\fid=a>");
    changes("<script/type=didomi/javascript>", "<script/type=text/javascript>");
    changes("<script id=a/type=x type=didomi/javascript>",
            "<script id=a/type=x type=text/javascript>");
    changes("<script id='>'type='didomi/javascript'class=b>",
            "<script id='>'type='text/javascript'class=b>");
    changes("<script = type='didomi/javascript'/>", "<script = type='text/javascript'/>");
    changes("<script \"type='x' type='didomi/javascript'>",
            "<script \"type='x' type='text/javascript'>");
    stays("<script type='didomi/JavaScript'>");
    stays("<script type=' didomi/javascript'>");
    stays("<script type='didomi/javascript '>");
    stays("<script type='&#100;idomi/javascript'>");
    stays("<script type='didomi/css'>");
    stays("<script type='x' type='didomi/javascript'>");
    stays("<script type type='didomi/javascript'>");
    stays("<script type=didomi/javascript/>");
    stays("<script data-type='didomi/javascript'>");
    stays("<script =type='didomi/javascript'>");
    stays("<scripts type='didomi/javascript'>");
    stays("<script: type='didomi/javascript'>");
    stays("<div type='didomi/javascript'></div>");
    stays("</script type='didomi/javascript'>");
    stays("<style type='didomi/javascript'></style>");
    stays("<script type='didomi/javascript'");
    stays("<script type='didomi/javascript");
    stays("<script type=\"didomi/javascript'>");
    stays("< script type='didomi/javascript'>");
}

TEST(places) {
    static const char *const hiding[] = {"<!--",
                                         "<!---",
                                         "<!-->--><!--",
                                         "<!x ",
                                         "<?x ",
                                         "</ ",
                                         "<!doctype x ",
                                         "<!-",
                                         "<!- ",
                                         "<!--!",
                                         "<!---!",
                                         "<!-- --!",
                                         "<!-- -- ",
                                         "<a title='",
                                         "<a title=\"",
                                         "<a b=",
                                         "<a ",
                                         "<a x=y ",
                                         "<![CDATA[",
                                         "<title>",
                                         "<TITLE >",
                                         "<textarea>",
                                         "<style>",
                                         "<xmp>",
                                         "<iframe>",
                                         "<noembed>",
                                         "<noframes>",
                                         "<noscript>",
                                         "<plaintext>",
                                         "<script>",
                                         "<script><!--",
                                         "<script><!--<script>",
                                         "<script><!--<script></script>",
                                         "<svg>",
                                         "<math>",
                                         "<svg><![CDATA[",
                                         "<svg><![CDATA[>]]",
                                         "<template>",
                                         "<template><template></template>",
                                         "<title></titles>",
                                         "<title></title",
                                         "<title></title a='",
                                         "<style><!--</style",
                                         "<svg><desc>",
                                         "<math><mi>",
                                         "<svg><p>",
                                         "<frameset>",
                                         "<svg><font>",
                                         "<svg></div>",
                                         "<select><title>",
                                         "<select><svg></svg>",
                                         "<svg><desc></svg>",
                                         "<svg><title><title>",
                                         "<math><annotation-xml>",
                                         "<script><!--<scriptx></script",
                                         "<style></style x='>' y='",
                                         "<select><title></title></select>",
                                         "<svg><title><title></title></title></svg>",
                                         "<svg><desc></svg></desc></svg>"};
    for (size_t i = 0; i < LENGTH(hiding); i++) {
        char page[160];
        (void)snprintf(page, sizeof page, "%s" G "x", hiding[i]);
        stays(page);
    }
    static const char *const showing[] = {"",
                                          "<",
                                          "<<",
                                          "</",
                                          "</>",
                                          "< ",
                                          "<!>",
                                          "<!-->",
                                          "<!--->",
                                          "<!---->",
                                          "<!-- -->",
                                          "<!-- --!>",
                                          "<!----!>",
                                          "<!--x--->",
                                          "<!-- <!-- -->",
                                          "<!-- <!-->",
                                          "<!-- <!--->",
                                          "<!x>",
                                          "<?x>",
                                          "</ >",
                                          "</1>",
                                          "<!doctype x \"a>",
                                          "<!->",
                                          "<!-x>",
                                          "<a title='<'>",
                                          "<a b='\">'>",
                                          "<a b=>",
                                          "<a b=\"\">",
                                          "<a/>",
                                          "<a b='c'/>",
                                          "<a '>",
                                          "<a b'c>",
                                          "<a b=c'd>",
                                          "<a b= 'x'>",
                                          "<a\xE9 b='\xFF'>",
                                          "<![CDATA[>",
                                          "<title>a</title>",
                                          "<title><a b='</title>",
                                          "<textarea></x></TEXTAREA >",
                                          "<style></style/>",
                                          "<style></style a='>'>",
                                          "<xmp><</xmp>",
                                          "<iframe></</iframe>",
                                          "<noscript><b title='</noscript>",
                                          "<script></script>",
                                          "<script><!--</script>",
                                          "<script><!--<script></script></script>",
                                          "<script><!--<script>--></script>",
                                          "<script><!--<script -></script>--></script>",
                                          "<script><!--<scripts></script>",
                                          "<script><!--></script>",
                                          "<script><!-<script></script>",
                                          "<script><!--<script</script></script>",
                                          "<script></scripts></script>",
                                          "<script><!----><script></script>",
                                          "<script></script",
                                          "<svg></svg>",
                                          "<svg/>",
                                          "<svg><style>a<b</style></svg>",
                                          "<svg><![CDATA[<script>]]></svg>",
                                          "<svg><![CDATA[]]]></svg>",
                                          "<svg><title>x</title></svg>",
                                          "<svg><g><path/></g></svg>",
                                          "<math><mi>x</mi><mo>+</mo></math>",
                                          "<svg><foreignObject><div><style>a</style></div>"
                                          "</foreignObject></svg>",
                                          "<template></template>",
                                          "<template><template></template>"
                                          "</template>",
                                          "</template>",
                                          "<select><option></select>",
                                          "<select><input><title></title>",
                                          "<head><title></title></head>",
                                          "<svg><script></script></svg>",
                                          "<titles>",
                                          "<b>{gdpr}</b>",
                                          "<svg><desc><![CDATA[></desc></svg>",
                                          "<svg><mi><style></mi></svg>",
                                          "<math><desc><style></desc></math>",
                                          "\xEF\xBB\xBF",
                                          "\xFF\xFD",
                                          "<abcdefghijklmnopqrstuvwxyz>",
                                          "<noframes></noframes>"};
    for (size_t i = 0; i < LENGTH(showing); i++) {
        char page[200], want[200];
        bool in_tag = strcmp(showing[i], "</") == 0 || strcmp(showing[i], "<script></script") == 0;
        (void)snprintf(page, sizeof page, "%s%s" G "x", showing[i], in_tag ? ">" : "");
        (void)snprintf(want, sizeof want, "%s%s" L "x", showing[i], in_tag ? ">" : "");
        changes(page, want);
    }
    changes(G "<script>a</script>" G "b</script>" G "c</script >" G,
            L "<script>a</script>" L "b</script>" L "c</script >" L);
}

TEST(wide_characters) {
    static const char gated[] = G;
    for (int big = 0; big < 2; big++) {
        char page[2 + sizeof gated + 40];
        memcpy(page, big ? "\xFE\xFF" : "\xFF\xFE", 2);
        memcpy(page + 2, gated, sizeof gated);
        stays(page);
    }
    char wide[2 * sizeof gated];
    for (size_t i = 0; i < sizeof gated; i++) {
        wide[2 * i] = gated[i];
        wide[2 * i + 1] = '\0';
    }
    text out = {NULL, 0, 0};
    CHECK_INT(rewrite(&out, wide, sizeof wide, 7, 1, NULL, cns_alloc_default()), CNS_OK);
    CHECK(out.len == sizeof wide && memcmp(out.text, wide, sizeof wide) == 0);
    free(out.text);
}

TEST(nonces) {
    check(G, "<script " LIVE " nonce=\"abc\">", "abc");
    check("<script type=didomi/javascript>", "<script type=text/javascript nonce=\"a+/=\">",
          "a+/=");
    check("<script " JS "id=a>", "<script " LIVE " nonce=\"n\"id=a>", "n");
    check("<script nonce " JS ">", "<script nonce " LIVE ">", "abc");
    check("<script " JS " NONCE=x>", "<script " LIVE " NONCE=x>", "abc");
    check("<script>a</script><script " JS " data-vendor=shut>",
          "<script>a</script><script " JS " data-vendor=shut>", "abc");
    check("<script type='didomi/html'>x</script>", "<div>x</div>", "abc");
    check(G, "<script " LIVE " nonce=\"&#34;&gt;&lt;&amp;'\">", "\"><&'");
    static const char *const wrong[] = {"a b", "a\n", "\x7F", "\xC3\xA9", " "};
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        cns_rewriter *r = NULL;
        cns_error err = {0};
        CHECK_INT(
            cns_rewriter_new(&r, visitor, wrong[i], strlen(wrong[i]), cns_alloc_default(), &err),
            CNS_E_SHAPE);
        CHECK(r == NULL && strstr(err.message, "nonce"));
    }
}

TEST(macros) {
    changes(G "{gdpr}|{GDPR_consent}|{gdpr_consent_vendor}</script>{gdpr}",
            L "1||{gdpr_consent_vendor}</script>{gdpr}");
    changes("<script " JS " data-vendor=open data-vendor-raw=half>{gdpr_consent_vendor}"
            "{gdpr_consent_vendor_boolean}{gdpr_consent_vendor_raw}"
            "{gdpr_consent_vendor_boolean_raw}",
            "<script " LIVE " data-vendor=open data-vendor-raw=half>1true1true");
    changes("<script " JS " data-vendor=shut data-loading=immediate>{gdpr_consent_vendor}",
            "<script " LIVE " data-vendor=shut data-loading=immediate>0");
    changes(G "{{gdpr}} {gdpr {gdpr} {gdp}{gdpr", L "{1} {gdpr 1 {gdp}{gdpr");
    changes(G "{gdpr_consent_vendor_boolean_raw_}{gdpr}", L "{gdpr_consent_vendor_boolean_raw_}1");
    changes(G "{</script>{gdpr}", L "{</script>{gdpr}");
    changes(G "{gdpr</script>}" G "{gdpr}", L "{gdpr</script>}" L "1");
    stays("<script " JS " data-vendor=shut>{gdpr}</script>");
    stays("<script src='{gdpr}'>{gdpr}</script>");
    changes("<script " JS " src='?{gdpr}'>", "<script " LIVE " src='?{gdpr}'>");
    /* what an empty value would join stays apart */
    changes(G "<{gdpr_consent}/script>{gdpr}</script>", L "<{gdpr_consent}/script>1</script>");
    changes(G "</scr{gdpr_consent}ipt>{gdpr}", L "</scr{gdpr_consent}ipt>1");
    changes(G "<!{gdpr_consent}--<script>{gdpr}</script>",
            L "<!{gdpr_consent}--<script>1</script>");
    changes(G "<!-- {gdpr} -{gdpr_consent}->{gdpr}<script>{gdpr}</script>{gdpr}</script>{gdpr}",
            L "<!-- 1 -{gdpr_consent}->1<script>1</script>1</script>{gdpr}");
}

TEST(html) {
    changes(H "<b>x</b></script>y", "<div><b>x</b></div>y");
    changes(H "</script>", "<div></div>");
    changes("<SCRIPT id=a type='didomi/html' data-vendor=open class=c>{gdpr}"
            "{gdpr_consent_vendor}</SCRIPT x>",
            "<div id=a data-vendor=open class=c>11</div x>");
    changes("<script/type='didomi/html'/>a</script/>", "<div//>a</div/>");
    changes("<script a='x'type='didomi/html'b>a</script>", "<div a='x'b>a</div>");
    changes("<script a=x type=didomi/html\tb>a</script>", "<div a=x\tb>a</div>");
    changes("<script type=didomi/html>a</script>", "<div>a</div>");
    changes(H "<iframe src='//x.example/?g={gdpr}'></iframe></script>",
            "<div><iframe src='//x.example/?g=1'></iframe></div>");
    changes(H "<ul><li>a<li>b<p>c</ul><img src=x><br/><p>d</script>",
            "<div><ul><li>a<li>b<p>c</ul><img src=x><br/><p>d</div>");
    changes(H "<svg><path/><g></g></svg><svg/><!--<b>--></script>",
            "<div><svg><path/><g></g></svg><svg/><!--<b>--></div>");
    changes(H "<table><tr><td>a<td>b</table></script>", "<div><table><tr><td>a<td>b</table></div>");
    changes(H "a</script>" H "b</script>" G, "<div>a</div><div>b</div>" L);
    changes("<head></head><body>" H "a</script>", "<head></head><body><div>a</div>");
    changes("<head><body>" H "a</script>", "<head><body><div>a</div>");
    static const char *const wild[] = {"<b>",
                                       "</b>",
                                       "<div>",
                                       "</div>",
                                       "<b></i>",
                                       "<b><i></b></i>",
                                       "<!--",
                                       "<!-- x",
                                       "<a b='",
                                       "<a",
                                       "<",
                                       "<a ",
                                       "<script>",
                                       "<style>",
                                       "<textarea>",
                                       "<title>x",
                                       "<plaintext>",
                                       "<!--<script></script>",
                                       "<body></body>",
                                       "<html>",
                                       "<head></head>",
                                       "</body>",
                                       "<frameset>",
                                       "</p>",
                                       "<p><b></p>",
                                       "<svg><p></p></svg>",
                                       "<svg><![CDATA[</svg>",
                                       "<template>",
                                       "<select>",
                                       "<div/>",
                                       "<br></br>",
                                       "<script src=x>",
                                       "<![CDATA["};
    for (size_t i = 0; i < LENGTH(wild); i++) {
        char page[120];
        (void)snprintf(page, sizeof page, H "%s</script>x{gdpr}", wild[i]);
        stays(page);
    }
    stays(H "<b>{gdpr}</b>");
    stays(H "<b></b></script");
    stays(H "<b></b></script x='");
    stays("<script type=\"didomi/html\" =x>a</script>");
    stays("<script a type='didomi/html'=x>a</script>");
    stays("<script type='didomi/html' data-vendor=shut><b>{gdpr}</b></script>");
    stays("<head>" H "a</script>");
    stays("<template>" H "a</script></template>");
}

int main(void) {
    begin();
    RUN(conditions);
    RUN(types);
    RUN(places);
    RUN(wide_characters);
    RUN(nonces);
    RUN(macros);
    RUN(html);
    return finish();
}
