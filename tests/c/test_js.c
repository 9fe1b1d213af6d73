/* test_js.c - configurations from scripts: what is read. */
#include "js_reading.h"

#include "../../csrc/core/value.h"
#include "value_text.h"

static void check_reads(const char *text, const char *want) {
    cns_doc *doc;
    cns_error err = {0};
    sink s = {.len = 0};
    harness.label = text;
    cns_code code = read_script(&doc, text, strlen(text), &err);
    if (!CHECK_INT(code, CNS_OK))
        printf("%s (at %u)\n", err.message, (unsigned)err.offset);
    if (doc)
        write_value(&s, cns_doc_root(doc));
    CHECK_TEXT(s.text, want);
    cns_doc_free(doc);
}

/* --------------------------------------------------------------------- values */

/* Each stands behind `x:` in an object. */
static const struct {
    const char *text, *want;
} values[] = {
    {"true", "true"},
    {"!0", "true"},
    {"!1", "false"},
    {"!!1", "true"},
    {"! 0", "true"},
    {"!''", "true"},
    {"!'a'", "false"},
    {"!null", "true"},
    {"!0.0", "true"},
    {"null", "null"},
    /* numbers */
    {"0", "0"},
    {"-0", "0"},
    {"+7", "7"},
    {"- 5", "-5"},
    {"1_000_000", "1000000"},
    {"-1_0", "-10"},
    {"0x1F", "31"},
    {"-0xff", "-255"},
    {"0Xab_cd", "43981"},
    {"0o17", "15"},
    {"0b101", "5"},
    {"0x7fffffffffffffff", "9223372036854775807"},
    {"-0x8000000000000000", "-9223372036854775808"},
    {"9223372036854775808", "big:9223372036854775808"},
    {"-9223372036854775809", "big:-9223372036854775809"},
    {".5", "~0.5"},
    {"5.", "~5"},
    {"-.5", "~-0.5"},
    {"1.25e3", "~1250"},
    {"1e3", "~1000"},
    {"0e0", "~0"},
    {"0e+5", "~0"},
    {"5E-1", "~0.5"},
    {"1_0.2_5e1_0", "~102500000000"},
    {"31622400", "31622400"},
    /* texts */
    {"'a'", "'a'"},
    {"\"a\"", "'a'"},
    {"`a`", "'a'"},
    {"''", "''"},
    {"'\"'", "'\"'"},
    {"'\\'\\\"\\`\\\\\\/'", "''\"`\\/'"},
    {"'\\b\\f\\n\\r\\t\\v'", "'\b\f\n\r\t\v'"},
    {"'\\x41\\xe9\\u00e9\\u{e9}\\u{1F36A}\\u{0041}'",
     "'A\xC3\xA9\xC3\xA9\xC3\xA9\xF0\x9F\x8D\xAA\x41'"},
    {"'\\uD83C\\uDF6A'", "'\xF0\x9F\x8D\xAA'"},
    {"'\\u{D83C}\\uDF6A'", "'\xF0\x9F\x8D\xAA'"},
    {"'\\q\\\xC3\xA9'", "'q\xC3\xA9'"},
    {"'a\\\nb\\\r\nc\\\rd\\\xE2\x80\xA8"
     "e'",
     "'abcde'"},
    {"'tab\there'", "'tab\there'"},
    {"'\xE2\x80\xA8'", "'\xE2\x80\xA8'"},
    {"`a\nb\r\nc\rd\\\ne`", "'a\nb\nc\nde'"},
    {"`$ {} $a \\${x} \\`'\"`", "'$ {} $a ${x} `'\"'"},
    {"'</scr'+'ipt>'", "'</script>'"},
    {"'a' + \"b\" + `c`", "'abc'"},
    {"('a' + ('b' + 'c')) + 'd'", "'abcd'"},
    {"'' + ''", "''"},
    {"(((1)))", "1"},
    /* containers */
    {"[]", "[]"},
    {"[1,]", "[1]"},
    {"[undefined, void 0]", "[null null]"},
    {"[[['a'+'b',],],]", "[[['ab']]]"},
    {"{}", "{}"},
    {"{a:1,}", "{a:1}"},
    {"{'a b':1,\"c\":2,`d`:3,e_$1:4,\xC3\xA9:5}", "{a b:1 c:2 d:3 e_$1:4 \xC3\xA9:5}"},
    {"{1:1,0x10:2,1e3:3,1_0:4,.0:5}", "{1:1 16:2 1000:3 10:4 0:5}"},
    {"{if:1,true:2,null:3,undefined:4,get:5,new:6}",
     "{if:1 true:2 null:3 undefined:4 get:5 new:6}"},
    {"{a:1,b:2,a:3}", "{a:3 b:2}"},
    {"{a:1,'a':2,\"\\x61\":3}", "{a:3}"},
    {"{a:undefined,b:void 0,c:void(0),d:1,e:!undefined}", "{d:1 e:true}"},
    {"{a:1,a:undefined}", "{}"},
    {"{a:undefined,a:1}", "{a:1}"},
    {"{a:1,b:2,c:3,d:4,e:5,f:6,g:7,h:8,i:9,j:10,a:11,j:12}",
     "{a:11 b:2 c:3 d:4 e:5 f:6 g:7 h:8 i:9 j:12}"},
    /* blanks and comments */
    {"/* a */ [ // b\n 1 /* c\n */ , <!-- d\n 2\n--> e\n]", "[1 2]"},
    {"\xC2\xA0[\xE3\x80\x80 1\xEF\xBB\xBF,\v\f2 // x\xE2\x80\xA8 ]", "[1 2]"},
    {"[//\r1]", "[1]"},
};

TEST(values_are_read) {
    char text[512], want[512];
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        (void)snprintf(want, sizeof want, "{x:%s}", values[i].want);
        (void)snprintf(text, sizeof text, "{x:%s}", values[i].text);
        check_reads(text, want);
        (void)snprintf(text, sizeof text, "({x:%s});", values[i].text);
        check_reads(text, want);
        (void)snprintf(text, sizeof text, WD "={x:%s}", values[i].text);
        check_reads(text, want);
        (void)snprintf(text, sizeof text, WD ".x = %s;", values[i].text);
        check_reads(text, want);
    }
}

/* ----------------------------------------------------------------- statements */

static const struct {
    const char *text, *want;
} scripts[] = {
    /* the ways to name it */
    {WD "={a:1}", "{a:1}"},
    {"didomiConfig = {a:1}", "{a:1}"},
    {"var didomiConfig={a:1};", "{a:1}"},
    {"let x = 1, didomiConfig={a:1};", "{a:1}"},
    {"const didomiConfig = {a:1}\nconsole.log(didomiConfig)", "{a:1}"},
    {"window['didomiConfig'] = {a:1}", "{a:1}"},
    {"window[`didomiConfig`] = {a:1}", "{a:1}"},
    {"self.didomiConfig = {a:1}", "{a:1}"},
    {"globalThis . didomiConfig = {a:1}", "{a:1}"},
    {"this.didomiConfig = {a:1}", "{a:1}"},
    {"window.self.window.didomiConfig = {a:1}", "{a:1}"},
    {"(window.didomiConfig = {a:1})", "{a:1}"},
    {WD "=({a:1})", "{a:1}"},
    {"x = " WD " = {a:1}", "{a:1}"},
    {WD " = didomiConfig = self.didomiConfig = {a:1}", "{a:1}"},
    /* defaults */
    {WD "=" WD "||{}", "{}"},
    {WD "=" WD "||{};" WD ".a=1", "{a:1}"},
    {WD "={a:1};" WD "=" WD "||{b:1}", "{a:1}"},
    {WD "={a:1};" WD "=(" WD "??{b:1})", "{a:1}"},
    {WD "=null;" WD "=" WD "||{b:1}", "{b:1}"},
    {WD ".a=0;" WD ".a=" WD ".a||1;" WD ".b=0;" WD ".b=" WD ".b??1", "{a:1 b:0}"},
    {WD "||={a:1};" WD "||={a:2};" WD ".b?\?=2", "{a:1 b:2}"},
    {WD "||(" WD "={a:1});" WD "||(" WD "={a:2})", "{a:1}"},
    {"if(!" WD "){" WD "={a:1}}" WD ".b=2", "{a:1 b:2}"},
    {WD "={a:1};if(!" WD ")" WD "={};", "{a:1}"},
    {"if (typeof " WD " === 'undefined') { " WD " = {}; }\n" WD ".b=2", "{b:2}"},
    {"if(\"undefined\"==typeof didomiConfig)var x;" WD "={a:1}", "{a:1}"},
    {"if (" WD " == null) { didomiConfig = {a:1} }", "{a:1}"},
    {"if (undefined === " WD ")\n  " WD " = {a:1}\n" WD ".b = 2", "{a:1 b:2}"},
    {WD " = {a:1}; " WD " = " WD "; (" WD ")", "{a:1}"},
    /* parts */
    {WD "={a:1};" WD ".user={id:'x'}", "{a:1 user:{id:'x'}}"},
    {WD ".app.vendors[\"x\"]=1;" WD "['app']['y']=2", "{app:{vendors:{x:1} y:2}}"},
    {WD "={user:{a:1,b:2}};" WD ".user={c:3}", "{user:{c:3}}"},
    {WD "={a:[1,2]};" WD ".a[1]=3;" WD ".a[2]=4;" WD ".a[3]={};" WD ".a[3].b=5",
     "{a:[1 3 4 {b:5}]}"},
    {WD "={a:[]};" WD ".a[0]=1;" WD ".a[0]=2", "{a:[2]}"},
    {WD "={a:1};" WD ".a=undefined", "{}"},
    {WD "={a:undefined};" WD ".a.b=1", "{a:{b:1}}"},
    {WD "={a:1},didomiConfig.b=2,self.didomiConfig.c=3", "{a:1 b:2 c:3}"},
    {WD "={a:1}\n" WD ".b=2\n\n" WD "\n.c=3", "{a:1 b:2 c:3}"},
    {WD "={a:1};" WD "={b:1}", "{b:1}"},
    {WD ".if.class.return=1;" WD ".a=2", "{if:{class:{return:1}} a:2}"},
    {WD "?.app?.['x'] === 1;" WD "={a:1}", "{a:1}"},
    /* Object.assign */
    {WD "={a:1,b:1};Object.assign(" WD ",{b:2},null,{c:3},)", "{a:1 b:2 c:3}"},
    {WD "={};Object.assign(" WD "||{},{a:1})", "{a:1}"},
    {"Object.assign(" WD "||{},{a:1});" WD "={b:1}", "{b:1}"}, /* to an object nobody keeps */
    {"Object.assign(" WD "=" WD "||{},{a:1})", "{a:1}"},
    {WD "=Object.assign(" WD "||{},{a:1})", "{a:1}"},
    {WD "={a:1,b:1};" WD "=Object.assign({},didomiConfig,{b:2})", "{a:1 b:2}"},
    {WD "={a:1};" WD "=Object.assign({a:2,z:3}," WD "||{},{c:4})", "{a:1 z:3 c:4}"},
    {WD "=(Object.assign({a:2},{b:3}))", "{a:2 b:3}"},
    {WD "={a:{b:1}};Object.assign(" WD ".a,{c:2})", "{a:{b:1 c:2}}"},
    {"Object.assign(settings, {b:1}); Object.keys({});" WD "={a:1}", "{a:1}"},
    /* the global beside it */
    {"window.gdprAppliesGlobally=true", "{app:{gdprAppliesGlobally:true}}"},
    {"window.gdprAppliesGlobally=!0;" WD "={app:{name:'x'}}",
     "{app:{name:'x' gdprAppliesGlobally:true}}"},
    {WD "={app:{gdprAppliesGlobally:false}};gdprAppliesGlobally=true",
     "{app:{gdprAppliesGlobally:true}}"},
    {WD "={app:{gdprAppliesGlobally:true}};window.gdprAppliesGlobally=false",
     "{app:{gdprAppliesGlobally:true}}"},
    {"window.gdprAppliesGlobally=1;" WD "={}", "{}"},
    {"window.gdprAppliesGlobally=true;window.gdprAppliesGlobally=false;" WD "={}", "{}"},
    {WD "={app:7};window.gdprAppliesGlobally=true", "{app:{gdprAppliesGlobally:true}}"},
    /* called at once */
    {"(function(){" WD "={a:1}})()", "{a:1}"},
    {"(function(){" WD "={a:1}}())", "{a:1}"},
    {"!function(){" WD "={a:1}}();" WD ".b=2", "{a:1 b:2}"},
    {"(()=>{" WD "={a:1}})()", "{a:1}"},
    {"(async () => {" WD "={a:1}})()", "{a:1}"},
    {"(function(){'use strict';" WD "={a:1}}).call(this)", "{a:1}"},
    {"void function(){(function(){" WD "={a:1}})()}()", "{a:1}"},
    {"!function(w,d){w.didomiConfig={a:1};w.didomiConfig.b=2}(window,document)", "{a:1 b:2}"},
    {"(function(d,w){w.didomiConfig={a:1}})(document,window)", "{a:1}"},
    {"(function(w){w.didomiConfig={a:1}}).call(this,self)", "{a:1}"},
    {"(function(){!function(w){w.gdprAppliesGlobally=!0}(window)})()",
     "{app:{gdprAppliesGlobally:true}}"},
    {"{" WD "={a:1}}", "{a:1}"},
    {"try{" WD "={a:1}}catch(e){x()}finally{" WD ".b=2}", "{a:1 b:2}"},
    {"label:{" WD "={a:1}}", "{a:1}"},
    {"f(x)," WD "={a:1}", "{a:1}"},
    {"a&&b()," WD "={a:1}", "{a:1}"},
    {"a?b:c;" WD "={a:1}", "{a:1}"},
    {"a && b()\n" WD "={a:1}", "{a:1}"},
    {"if(a)b();else c();" WD "={a:1}", "{a:1}"},
    {"if(a){b()}else{c()}" WD "={a:1}", "{a:1}"},
    {"for(var i=0;i<9;i++){f(i)}" WD "={a:1}", "{a:1}"},
    {"do{x()}while(y)\n" WD "={a:1}", "{a:1}"},
    {"switch(a){case 1:{b();break}default:c()}" WD "={a:1}", "{a:1}"},
    {"function f(){if(a)return 1;throw b}" WD "={a:1}", "{a:1}"},
    {"class A extends B{constructor(){super();this.x=1}get y(){return 2}}" WD "={a:1}", "{a:1}"},
    {"function f(didomiConfig){return didomiConfig.a}" WD "={a:1}", "{a:1}"},
    {"function f(w){w.push(1)}" WD "={a:1}", "{a:1}"},
    {"o={if:1,get x(){return 1},return:2,a(){return 3}};" WD "={a:1}", "{a:1}"},
    {"p.catch(f).finally(g);" WD "={a:1}", "{a:1}"},
    {"p.then(x=>x+1,y=>({}));" WD "={a:1}", "{a:1}"},
    /* what is stepped over */
    {"a=/[/'\"]/.test(b)?1:2;" WD "={a:1}", "{a:1}"},
    {"a=b/c/d;x=f()/2;y=z[0]/'/'.length;" WD "={a:1}", "{a:1}"},
    {"if(a)/'/.test(b);" WD "={a:1}", "{a:1}"},
    {"x();{}/'/.test(b);" WD "={a:1}", "{a:1}"},
    {"return_=/\\//;i++/2;a.return/2;" WD "={a:1}", "{a:1}"},
    {"x=`${a+`${b}'`}\"${{c:1}.c}`;" WD "={a:1}", "{a:1}"},
    {"f`'${1}'`;" WD "={a:1}", "{a:1}"},
    {"'window.didomiConfig={b:1}';/*" WD "={b:1}*/" WD "={a:1}//" WD "={b:1}", "{a:1}"},
    {"<!-- hidden\n" WD "={a:1}\n//--> x", "{a:1}"},
    {"s='\\'\\\\';t=\"\\\"\";" WD "={a:1}", "{a:1}"},
    {"a={didomiConfig:{b:1}};" WD "={a:1}", "{a:1}"},
    {"x.didomiConfig.y();" WD "={a:1}", "{a:1}"},
    {"x['didomiConfig']==1;" WD "={a:1}", "{a:1}"},
    {WD "={a:1};f(" WD ");if(" WD ".a===1){g(" WD "['a'])}", "{a:1}"},
    {WD "={a:[1]};" WD ".a.indexOf(1);" WD ".a.push", "{a:[1]}"},
    {"\xEF\xBB\xBF" WD "={a:1}", "{a:1}"},
    {WD "={a:1}\r\n\xE2\x80\xA8;;", "{a:1}"},
    {"export default 1;import('x');" WD "={a:1}", "{a:1}"},
    {"class A{#p=1;static{}}@d;" WD "={a:1}", "{a:1}"},
    {"a?.5:1;a?.b;a??b;a**=2;a>>>=1;" WD "={a:1}", "{a:1}"},
    /* the object alone */
    {"{}", "{}"},
    {"({})", "{}"},
    {" // c\n ((({a:1}))) ; // d", "{a:1}"},
    {"{'a':1}", "{a:1}"},
    {"{1:1}", "{1:1}"},
    {"{`a`:1}", "{a:1}"},
    {"{window:1}", "{window:1}"},
    {"{x:1,didomiConfig:2}", "{x:1 didomiConfig:2}"},
};

TEST(scripts_are_read) {
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        check_reads(scripts[i].text, scripts[i].want);
}

/* --------------------------------------------------------------------- places */

TEST(values_keep_their_places) {
    const char *text = "/* \xC3\xA9 */ " WD " = {a: ( 'x' + 'y'), b: - 7, c: [!0]};\n" WD ".d = {}";
    cns_doc *doc;
    CHECK_INT(read_script(&doc, text, strlen(text), NULL), CNS_OK);
    if (!doc)
        return;
    static const struct {
        const char *key, *at;
    } places[] = {{"a", "'x'"}, {"b", "- 7"}, {"c", "[!0]"}, {"d", "{}"}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const cns_value *value = cns_value_get(cns_doc_root(doc), places[i].key, 1);
        CHECK(value && value->offset == (size_t)(strstr(text, places[i].at) - text));
    }
    CHECK(cns_doc_root(doc)->offset == (size_t)(strchr(text, '{') - text));
    cns_doc_free(doc);
}

/* ------------------------------------------------------------ many assignments */

/* To large containers: each must cost the same. */
TEST(many_assignments) {
    char *text = malloc((size_t)8 << 20), *at = text;
    if (!text)
        exit(2);
    at += sprintf(at, WD "={a:[");
    for (int i = 0; i < 60000; i++)
        at += sprintf(at, "%d,", i);
    at += sprintf(at, "],b:{}};");
    for (int i = 0; i < 30000; i++)
        at += sprintf(at, WD ".a[%d]=0;" WD ".b.k%d=%d;" WD "=Object.assign({}," WD ",{c%d:1});",
                      59999 - i, i, i, i);
    cns_doc *doc = NULL;
    CHECK_INT(cns_js_read(&doc, text, (size_t)(at - text), cns_alloc_default(), NULL), CNS_OK);
    if (doc) {
        const cns_value *root = cns_doc_root(doc), *a = cns_value_get(root, "a", 1),
                        *b = cns_value_get(root, "b", 1);
        CHECK_INT(cns_value_count(root), 30002);
        CHECK_INT(cns_value_int(cns_value_item(a, 29999)), 29999);
        CHECK_INT(cns_value_int(cns_value_item(a, 30000)), 0);
        CHECK_INT(cns_value_int(cns_value_get(b, "k29999", 6)), 29999);
    }
    cns_doc_free(doc);
    free(text);
}

/* ------------------------------------------------------------------ no memory */

static cns_code starved(cns_alloc alloc, void *arg) {
    const char *text = arg;
    cns_doc *doc = NULL;
    cns_error err = {0};
    cns_code code = cns_js_read(&doc, text, strlen(text), alloc, &err);
    CHECK((doc != NULL) == (code == CNS_OK));
    CHECK_INT(err.code, code);
    cns_doc_free(doc);
    return code;
}

TEST(memory_runs_out) {
    static const char *const texts[] = {
        "{a:[1,2.5,'x\\x41'+'y'+('z'+'\\n'),-1_0],'\\x62':{c:1,d:2,e:3,f:4,g:5,h:6,i:7,j:8,k:9,l:"
        "10}}",
        TEN("(function(){") TEN("[[[[[[") WD "={a:[1,2]}" TEN("]]]]]]")
            TEN("})()") ";" WD ".a[1]=3;" WD ".b.c=4;Object.assign(" WD ",{d:5},{e:`6\\n`});" WD
                        "=Object.assign({f:7}," WD ",{g:8});"
                        "window.gdprAppliesGlobally=true;if(!" WD ".h)" WD ".h=0x9;" WD
                        "['\\x69']||(" WD ".i=[])",
        "Object.assign(" WD ",{a:1});window.gdprAppliesGlobally=!0;" WD ".app=7"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        harness_starve(starved, (void *)(uintptr_t)texts[i]);
}

int main(void) {
    RUN(values_are_read);
    RUN(scripts_are_read);
    RUN(values_keep_their_places);
    RUN(many_assignments);
    RUN(memory_runs_out);
    return harness_end();
}
