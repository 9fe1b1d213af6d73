/* test_js_refused.c - scripts that are refused, where and why; limits. */
#include "js_reading.h"

/* -------------------------------------------------------------------- refused */

#define SYN CNS_E_SYNTAX
#define ENC CNS_E_ENCODING
#define LIM CNS_E_LIMIT

/* `#` stands where the error is to be found, and is taken out first. */
static const struct {
    cns_code code;
    const char *text, *says;
} refused[] = {
    /* no literals */
    {SYN, "{a:#b}", "a name"},
    {SYN, "{a:#b.c}", "a name"},
    {SYN, "{a:#f(1)}", "called"},
    {SYN, "{a:#new Date()}", "a new object"},
    {SYN, "{a:#function(){}}", "a function"},
    {SYN, "{a:#async()=>1}", "a function"},
    {SYN, "{a:#x=>1}", "a name"},
    {SYN, "{a:#class{}}", "a class"},
    {SYN, "{a:#/x/}", "regular expression"},
    {SYN, "{a:#`b${1}c`}", "substitution"},
    {SYN, "{a:'b'+#`b${1}c`}", "substitution"},
    {SYN, "{a:#...b}", "three dots"},
    {SYN, "{a:[#...b]}", "three dots"},
    {SYN, "{#...b}", "three dots"},
    {SYN, "{#[a]:1}", "computed"},
    {SYN, "{#a}", "no value"},
    {SYN, "{b:1,#a,c:2}", "no value"},
    {SYN, WD "={#a(){}}", "function"},
    {SYN, WD "={#get a(){}}", "function"},
    {SYN, "{#'a'(){}}", "function"},
    {SYN, "{a:1#*2}", "worked out"},
    {SYN, "{a:60#+1}", "worked out"},
    {SYN, "{a:'a'+#1}", "added to a text"},
    {SYN, "{a:1#+'a'}", "worked out"},
    {SYN, "{a:'b'#.length}", "worked out"},
    {SYN, "{a:[1]#[0]}", "comma or }"},
    {SYN, "{a:#typeof b}", "a name"},
    {SYN, "{a:!#[]}", "where a value is due"},
    {SYN, "{a:-#b}", "a name"},
    {SYN, "{a:-#'1'}", "where a value is due"},
    {SYN, "{a:#NaN}", "no NaN"},
    {SYN, "{a:-#Infinity}", "no NaN"},
    {SYN, "{a:+#Infinity}", "no NaN"},
    {SYN, "{a:void #x}", "a name"},
    {SYN, "{a:#~1}", "operator"},
    /* numbers */
    {SYN, "{a:#010}", "needless 0"},
    {SYN, "{a:#08}", "needless 0"},
    {SYN, "{a:#1n}", "BigInt"},
    {SYN, "{a:#0x}", "well formed"},
    {SYN, "{a:#0xg}", "well formed"},
    {SYN, "{a:#0b2}", "well formed"},
    {SYN, "{a:#0o8}", "well formed"},
    {SYN, "{a:#1__0}", "well formed"},
    {SYN, "{a:#1_}", "well formed"},
    {SYN, "{a:#0x_1}", "well formed"},
    {SYN, "{a:#0x1_}", "well formed"},
    {SYN, "{a:#1_.5}", "well formed"},
    {SYN, "{a:#1._5}", "well formed"},
    {SYN, "{a:#1e}", "well formed"},
    {SYN, "{a:#1e+}", "well formed"},
    {SYN, "{a:#1.2.3}", "well formed"},
    {SYN, "{a:#1px}", "well formed"},
    {LIM, "{a:#0x8000000000000000}", "64 bits"},
    {LIM, "{a:-#0x8000000000000001}", "64 bits"},
    {LIM, "{a:#0xffffffffffffffffffffffff}", "64 bits"},
    {SYN, "{#1.5:1}", "not whole"},
    {SYN, "{#1e300:1}", "not whole"},
    {SYN, "{#99999999999999999999:1}", "not whole"},
    /* texts */
    {SYN, "{a:#'b}", "closing quote: write the missing '"},
    {SYN, "{a:#\"b'}", "closing quote: write the missing \""},
    {SYN, "{a:'b#\n'}", "line break"},
    {SYN, "{a:'b#\r'}", "line break"},
    {SYN, "{a:#'b\\'", "closing quote"},
    {SYN, "{a:#`b}", "no end"},
    {SYN, "{a:'#\\x4'}", "hex digits"},
    {SYN, "{a:'#\\xg0'}", "hex digits"},
    {SYN, "{a:'b#\\u12'}", "hex digits"},
    {SYN, "{a:'#\\u{}'}", "hex digits"},
    {SYN, "{a:'#\\u{110000}'}", "hex digits"},
    {SYN, "{a:'#\\u{41'}", "hex digits"},
    {SYN, "{a:'#\\1'}", "octal"},
    {SYN, "{a:'#\\08'}", "octal"},
    {SYN, "{a:'#\\9'}", "octal"},
    {ENC, "{a:'#\\0'}", "NUL"},
    {ENC, "{a:'#\\x00'}", "NUL"},
    {ENC, "{a:'#\\u0000'}", "NUL"},
    {ENC, "{a:'#\\u{0}'}", "NUL"},
    {ENC, "{'#\\0':1}", "NUL"},
    {ENC, "{a:'#\\uD83C'}", "first half"},
    {ENC, "{a:'#\\uD83C\\u0041'}", "first half"},
    {ENC, "{a:'#\\uD83Cx'}", "first half"},
    {ENC, "{a:'#\\uD83C'+'\\uDF6A'}", "first half"},
    {ENC, "{a:'#\\u{DC00}'}", "second half"},
    {ENC, "{a:'#\xFF'}", "not UTF-8"},
    /* brackets and commas */
    {SYN, "{a:1,#,b:2}", "member is missing"},
    {SYN, "{#,a:1}", "member is missing"},
    {SYN, "{a:[1,#,2]}", "value is missing"},
    {SYN, "{a:[#,]}", "value is missing"},
    {SYN, "{a:#}", "value is missing"},
    {SYN, "{a:(#)}", "value is missing"},
    {SYN, "{a:1 #b:2}", "comma or }"},
    {SYN, "{a:1#;}", "comma or }"},
    {SYN, "{a:[1 #2]}", "comma or ]"},
    {SYN, "{a:(1 #2)}", "a ) is missing"},
    {SYN, "{a:1#]", "another bracket"},
    {SYN, "{a:[1#}", "another bracket"},
    {SYN, "{a:(1#}", "another bracket"},
    {SYN, "{a:1,#]", "another bracket"},
    {SYN, "{a:1#", "inside an object"},
    {SYN, "{a:#", "inside an object"},
    {SYN, "{a:1,#", "inside an object"},
    {SYN, "{a:[#", "inside an array"},
    {SYN, "{a:[1#", "inside an array"},
    {SYN, "{a:('b'+#", "inside parentheses"},
    {SYN, "{'a'#", "inside an object"},
    {SYN, "{'a' #1}", "colon"},
    {SYN, "{a:1}#}", "something follows"},
    {SYN, "{a:1};#x", "something follows"},
    {SYN, "({a:1})#.b", "something follows"},
    {SYN, "{#__proto__:1}", "__proto__"},
    {SYN, "{a:{#'__proto__':1}}", "__proto__"},
    {SYN, "{a:1}#/*", "no end"},
    /* assignments that are none of a literal */
    {SYN, WD "=#f()", "called"},
    {SYN, WD "=#x", "a name"},
    {SYN, WD "=#x||{}", "a name"},
    {SYN, WD "={}#||{}", "worked out"},
    {SYN, WD "={a:1}#.a", "worked out"},
    {SYN, WD "={a:1}\n#(function(){})()", "next line"},
    {SYN, WD "={a:1}\n#[0]", "next line"},
    {SYN, WD ".a='x' + #y", "a name"},
    {SYN, WD "=#a?{}:{b:1}", "a name"},
    {SYN, WD "={#...x}", "three dots"},
    {SYN, WD "={a:1};" WD ".b=#" WD ".a", "another"},
    {SYN, WD "=#gdprAppliesGlobally", "another"},
    {SYN, WD "=(" WD "||{}#;", "parentheses"},
    {SYN, WD "[#x]=1", "computed"},
    {SYN, WD "[#`a${1}`]=1", "computed"},
    {SYN, WD ".#__proto__.x=1", "__proto__"},
    {SYN, "#" WD ".a+=1", "operator"},
    {SYN, "#" WD ".a++", "operator"},
    {SYN, "++#" WD ".a", "operator"},
    {SYN, "delete #" WD ".a", "operator"},
    {SYN, WD "={a:[]};#" WD ".a.push(1)", "call"},
    {SYN, WD "={a:1};" WD ".a.#b=1", "no object"},
    {SYN, WD "={a:[1]};" WD ".a[#2]=1", "no place in the array"},
    {SYN, WD "={a:[1]};" WD ".a.#b=1", "no place in the array"},
    {SYN, WD "='x';" WD ".#a=1", "no object"},
    {SYN, "window.gdprAppliesGlobally=#f()", "called"},
    {SYN, "x.#didomiConfig={a:1}", "not known to be"},
    {SYN, "x[#'didomiConfig']={a:1}", "not known to be"},
    {SYN, "x.#didomiConfig.a.b=1", "not known to be"},
    /* assignments that may not run */
    {SYN, "if(a)#" WD "={}", "condition"},
    {SYN, "if(a){#" WD "={}}", "condition"},
    {SYN, "if(a)b();else #" WD "={}", "condition"},
    {SYN, "if(a)\n#" WD "={}", "condition"},
    {SYN, "if(a)b(),#" WD "={}", "condition"},
    {SYN, "if(!" WD "){#" WD "={};x()}", "condition"},
    {SYN, "if(!" WD ")#" WD "={};else x()", "condition"},
    {SYN, "if(" WD ")#" WD "={}", "condition"},
    {SYN, "if(!" WD "&&x)#" WD "={}", "condition"},
    {SYN, "if(!" WD ".a)#" WD "={}", "condition"},
    {SYN, "if(typeof " WD "=='object')#" WD "={}", "condition"},
    {SYN, "a&&(#" WD "={})", "condition"},
    {SYN, "a||(#" WD "={})", "condition"},
    {SYN, "a?\?(#" WD "={})", "condition"},
    {SYN, "a?#" WD "={}:1", "condition"},
    {SYN, "a&&f(1,[b,(#" WD "={})])", "condition"},
    {SYN, "for(;;)#" WD "={}", "condition"},
    {SYN, "while(#" WD "={})x()", "condition"},
    {SYN, "do #" WD "={};while(0)", "condition"},
    {SYN, "switch(a){case 1:#" WD "={}}", "condition"},
    {SYN, "switch(a){case 1:{#" WD "={}}}", "condition"},
    {SYN, "try{}catch(e){#" WD "={}}", "condition"},
    {SYN, "try{}catch\n{#" WD "={}}", "condition"},
    {SYN, "if(a)Object.assign(#" WD ",{})", "condition"},
    {SYN, "`${a&&(#" WD "={})}`", "condition"},
    {SYN, "(function(){if(a)return;#" WD "={}})()", "condition"},
    {SYN, "(function(){if(a){return}(function(){#" WD "={}})()})()", "condition"},
    {SYN, "throw 1;#" WD "={}", "condition"},
    {SYN, "a=>#" WD "={}", "condition"},
    {SYN, "class A{b(){#" WD "={}}}", "condition"},
    {SYN, "x={b(){#" WD "={}}}", "condition"},
    {SYN, "(function*(){#" WD "={}})()", "condition"},
    /* functions that are not called at once */
    {SYN, "function f(){#" WD "={}}", "not called at once"},
    {SYN, "function f(){#" WD "={}} f()", "not called at once"},
    {SYN, "x=function(){#" WD "={}};", "not called at once"},
    {SYN, "x=()=>{#" WD "={}}", "not called at once"},
    {SYN, "f(function(){#" WD "={}})", "handed to another"},
    {SYN, "f(1,()=>{x();#" WD "={}},2)", "not called at once"},
    {SYN, "f(function(){#" WD "={}})()", "handed to another"},
    {SYN, "function f(){(function(){#" WD "={}})()}", "not called at once"},
    {SYN, "!function(w){#w.didomiConfig={}}(document)", "not known to be"},
    {SYN, "!function(d,w){#w.didomiConfig={}}(window)", "not known to be"},
    {SYN, "!function(w){#w.didomiConfig={}}(window.x)", "not known to be"},
    {SYN, "!function(w){#w.didomiConfig={}}()", "not known to be"},
    {SYN, "!function(w){#w.didomiConfig={}}.apply(window)", "not known to be"},
    /* Object.assign */
    {SYN, WD "={};Object.assign(" WD ",#1)", "something else than an object"},
    {SYN, WD "={};Object.assign(" WD ",#x)", "a name"},
    {SYN, WD "={};Object.assign(" WD ",#" WD ".a)", "another"},
    {SYN, WD "={};" WD "=Object.assign(#" WD ".a,{})", "another"},
    {SYN, WD "=Object.assign(#[],{})", "something else than an object"},
    {SYN, WD "={};Object.assign(" WD " #{})", "write a comma"},
    {SYN, WD "=Object.assign({},{b:1})#.b", "worked out"},
    /* scripts that are none */
    {SYN, WD "={}#}", "closes what is not open"},
    {SYN, "f#(;" WD "={}", "not closed"},
    {SYN, "f([1#);" WD "={}", "closes what is not open"},
    {SYN, WD "={};x=#'", "closing quote"},
    {SYN, WD "={};x=#/a", "regular expression has no end"},
    {SYN, WD "={};x=#/[/\n]/", "regular expression has no end"},
    {SYN, WD "={};x=#`a", "template has no end"},
    {SYN, WD "={};x=`${1}#a", "template has no end"},
    {SYN, WD "={};#/*", "comment has no end"},
};

TEST(refused_texts) {
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char text[256];
        const char *mark = strchr(refused[i].text, '#');
        size_t before = (size_t)(mark - refused[i].text), after = strlen(mark + 1);
        unsigned line = 1, column = 1;
        memcpy(text, refused[i].text, before);
        memcpy(text + before, mark + 1, after);
        for (size_t k = 0; k < before; k++) {
            if (text[k] == '\n')
                line++, column = 0;
            column += text[k] >= 0 || (text[k] & 0x40);
        }
        harness.label = refused[i].text;
        cns_doc *doc;
        cns_error err = {0};
        CHECK_INT(read_script(&doc, text, before + after, &err), refused[i].code);
        CHECK_INT(err.code, refused[i].code);
        CHECK_INT(err.offset, before);
        CHECK_INT(err.line, line);
        CHECK_INT(err.column, column);
        if (!CHECK(strstr(err.message, refused[i].says)))
            printf("message: %s\n", err.message);
        CHECK(err.layer == -1 && strlen(err.message) < 200);
        cns_doc_free(doc);
    }
}

TEST(errors_know_their_path) {
    static const struct {
        const char *text, *path;
    } cases[] = {
        {"{app:{vendors:[1,{id:f()}]}}", "app.vendors[1].id"},
        {"{'a b':{c:[(('x'+", "[\"a b\"].c[0]"},
        {"{a:1,b}", "b"},
        {"{a:[1,2],,}", ""},
        {WD "=f()", ""},
        {WD ".app['x y']={a:[f()]}", "app[\"x y\"].a[0]"},
        {"Object.assign(" WD ".user,{id:f()})", "user.id"},
        {WD ".a=" WD ".a||{b:f()}", "a.b"},
        {"window.gdprAppliesGlobally=f()", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cns_doc *doc;
        cns_error err = {0};
        harness.label = cases[i].text;
        CHECK_INT(read_script(&doc, cases[i].text, strlen(cases[i].text), &err), CNS_E_SYNTAX);
        CHECK_TEXT(err.path, cases[i].path);
    }
}

static const char *const nothing[] = {"",
                                      " ",
                                      ";",
                                      "// window.didomiConfig = {}",
                                      "'window.didomiConfig = {}'",
                                      "x = 1",
                                      "window.didomiConfig;",
                                      "window.didomi_config = {}",
                                      "f({didomiConfig: {}})",
                                      "window.didomiConfig = undefined",
                                      "Object.assign(window.didomiConfig || {}, {a: 1})",
                                      "window.gdprAppliesGlobally = false",
                                      "function f(didomiConfig){}",
                                      "window.didomiConfig = window.didomiConfig"};

TEST(nothing_assigned) {
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        cns_doc *doc;
        cns_error err = {0};
        harness.label = nothing[i];
        CHECK_INT(read_script(&doc, nothing[i], strlen(nothing[i]), &err), CNS_E_SYNTAX);
        CHECK(err.line == 0 && err.offset == CNS_NO_OFFSET);
        CHECK(strstr(err.message, "no assignment to window.didomiConfig was found"));
    }
}

/* --------------------------------------------------------------------- limits */

/* `before`, then `many` of a text, then `behind`; the code of reading that. */
static cns_code read_many(const char *before, const char *one, size_t many, const char *behind,
                          cns_error *err) {
    size_t n = strlen(before), size = strlen(one), len = n + many * size + strlen(behind);
    char *text = malloc(len + 1);
    if (!text)
        exit(2);
    memcpy(text, before, n);
    for (size_t i = 0; i < many; i++)
        memcpy(text + n + i * size, one, size);
    memcpy(text + n + many * size, behind, strlen(behind) + 1);
    cns_doc *doc = NULL;
    cns_code code = cns_js_read(&doc, text, len, cns_alloc_default(), err);
    cns_doc_free(doc);
    free(text);
    return code;
}

#define SIXTY(s) TEN(s) TEN(s) TEN(s) TEN(s) TEN(s) TEN(s)

TEST(depth) {
    cns_error err;
    const char *ends = SIXTY("]") "]]]]]";
    for (size_t depth = 62; depth <= 64; depth++) { /* and the object round them */
        CHECK_INT(read_many("{a:", "[", depth, ends + 65 - depth, &err), depth < 64 ? SYN : LIM);
        char behind[80];
        (void)snprintf(behind, sizeof behind, "%.*s}", (int)depth, ends);
        CHECK_INT(read_many("{a:", "[", depth, behind, &err), depth < 64 ? CNS_OK : LIM);
    }
    const char *closing = SIXTY(")") ")))))";
    for (size_t depth = 63; depth <= 65; depth++) {
        char behind[80];
        (void)snprintf(behind, sizeof behind, "1%.*s}", (int)depth, closing);
        CHECK_INT(read_many("{a:", "(", depth, behind, &err), depth <= 64 ? CNS_OK : LIM);
        (void)snprintf(behind, sizeof behind, "''%.*s}", (int)depth, closing);
        CHECK_INT(read_many("{a:", "''+(", depth, behind, &err), depth <= 64 ? CNS_OK : LIM);
    }
    for (size_t keys = 63; keys <= 65; keys++)
        CHECK_INT(read_many(WD, ".a", keys, "=1", &err), keys <= 64 ? CNS_OK : LIM);
    CHECK_INT(read_many(WD, ".a", 64, "={}", &err), LIM);
}

#define MIB ((size_t)1 << 20)

/* Texts of a mebibyte that would take minutes if anything were done twice. */
TEST(hostile_texts) {
    static const struct {
        const char *before, *one, *behind;
        cns_code code;
    } texts[] = {
        {"", "[", "", SYN},
        {"", "(", "", SYN},
        {"", "{", "", SYN},
        {"x=", "{", "", SYN},
        {"", "`${", "", SYN},
        {WD "=", "[", "", LIM},
        {WD "=", "(", "", LIM},
        {WD "={a:", "!", "0}", CNS_OK},
        {WD "={a:", "-", "0}", SYN},
        {WD "={a:", "''+", "''}", CNS_OK},
        {WD "={a:[", "0,", "]}", CNS_OK},
        {WD "={", "a:0,", "}", CNS_OK},
        {WD "={a:'", "\\x41", "'}", CNS_OK},
        {WD "={a:'", "\\", "", SYN},
        {WD "={a:", "1", "}", LIM},
        {"", "window.", "didomiConfig={}", CNS_OK},
        {"", "window.x;", WD "={}", CNS_OK},
        {"", WD "[", "", SYN},
        {"", WD "||", "0", SYN},
        {"", WD "||(", "", SYN},
        {WD "=", "didomiConfig=", "{}", CNS_OK},
        {"", "Object.assign(" WD "=", "{}", SYN},
        {"", "Object.assign(", "", SYN},
        {WD "={};", "Object.assign(" WD ",{a:1});", "", CNS_OK},
        {WD "={};", WD "=Object.assign({b:1}," WD ",{a:1});", "", CNS_OK},
        {WD "={a:[1,2,3]};", WD ".a[2]=1;", "", CNS_OK},
        {WD "={};", "if(!" WD ")" WD "={};", "", CNS_OK},
        {"", "if(!" WD ")", "", SYN},
        {"", "(function(){", "", SYN},
        {"", "function f(a,b){return a}", WD "={}", CNS_OK},
        {"", "if(a)return;", WD "={}", SYN},
        {"", "{return;", "", SYN},
        {"", "a=>", WD "={}", SYN},
        {"", "/*", "*/" WD "={}", CNS_OK},
        {"", "<!--", "\n" WD "={}", CNS_OK},
        {"", "/*\n*/-->\n", WD "={}", CNS_OK},
        {"", "/", "", SYN},
        {"x=", "/[", "", SYN},
        {"", "'", "", SYN},
        {"", "\\", WD "={}", CNS_OK},
        {"", "\xE2\x80\xA8", WD "={}", CNS_OK},
        {"", "\xC3\xA9", WD "={}", SYN},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cns_error err = {0};
        harness.label = texts[i].one;
        cns_code code = read_many(texts[i].before, texts[i].one, MIB / strlen(texts[i].one),
                                  texts[i].behind, &err);
        if (texts[i].code == CNS_OK && code != CNS_OK)
            printf("%s\n", err.message);
        CHECK_INT(code, texts[i].code);
    }
}

TEST(size) {
    cns_error err = {0};
    CHECK_INT(read_many("{a:1}", " ", CNS_MAX_TEXT - 5, "", &err), CNS_OK);
    CHECK_INT(read_many("{a:1}", " ", CNS_MAX_TEXT - 4, "", &err), LIM);
}

int main(void) {
    RUN(refused_texts);
    RUN(errors_know_their_path);
    RUN(nothing_assigned);
    RUN(depth);
    RUN(hostile_texts);
    RUN(size);
    return harness_end();
}
