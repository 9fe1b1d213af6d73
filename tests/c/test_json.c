/* test_json.c - the JSON door: what is accepted, what is refused and how. */
#include "json_reading.h"
#include "value_text.h"

/* ------------------------------------------------------------------- accepted */

static const struct {
    const char *text, *want;
} accepted[] = {
    /* any value may be the whole text */
    {"null", "null"},
    {"true", "true"},
    {"false", "false"},
    {"0", "0"},
    {"\"\"", "''"},
    {"[]", "[]"},
    {"{}", "{}"},
    /* the four blanks, everywhere */
    {" \t\r\n{ \t\r\n\"a\" \t\r\n: \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n] \t\r\n} \t\r\n",
     "{a:[1 2]}"},
    {"[                  1,                2                ]", "[1 2]"},
    {"[[],{},[[]],{\"a\":{}}]", "[[] {} [[]] {a:{}}]"},
    {"{\"b\":1,\"a\":2,\"B\":3,\"\":4}", "{b:1 a:2 B:3 :4}"},
    /* integers stay exact */
    {"-0", "0"},
    {"[-1,10,9007199254740993]", "[-1 10 9007199254740993]"},
    {"9223372036854775806", "9223372036854775806"},
    {"9223372036854775807", "9223372036854775807"},
    {"9223372036854775808", "big:9223372036854775808"},
    {"9999999999999999999", "big:9999999999999999999"},
    {"10000000000000000000", "big:10000000000000000000"},
    {"18446744073709551616", "big:18446744073709551616"},
    {"-9223372036854775807", "-9223372036854775807"},
    {"-9223372036854775808", "-9223372036854775808"},
    {"-9223372036854775809", "big:-9223372036854775809"},
    {"[" TEN("1234567") ",7]", "[big:" TEN("1234567") " 7]"},
    /* real numbers */
    {"[0.5,-0.0,1e2,1E+2,1e-2,0e0,-1.5e3]", "[~0.5 ~-0 ~100 ~100 ~0.01 ~0 ~-1500]"},
    {"[1e999,-1e999,1e-999,5e-324]", "[~inf ~-inf ~0 ~4.9406564584124654e-324]"},
    {"[0." TEN("000000") "25,1]", "[~2.4999999999999999e-61 1]"},
    {"[0." TEN("0000000") "25,1]", "[~2.5e-71 1]"},
    {"[" TEN("1000000") ".5e-69]", "[~1.0000001000000101]"},
    {"[-" TEN("9999999") "E5,1." TEN("1234567") "e999999999999999999999999]",
     "[~-9.9999999999999993e+74 ~inf]"},
    {"[0." TEN("0000000") "e99999999999999999999,1." TEN("0000000") "e-99999999999999999999]",
     "[~0 ~0]"},
    /* texts */
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "'\"\\/\b\f\n\r\t'"},
    {"\"plain / ' text \x7F \"", "'plain / ' text \x7F '"},
    {"\"\\u0041\\u00e9\\u20AC\\uD83D\\uDE00\\uFFFE\\uffff\"",
     "'A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xEF\xBF\xBE\xEF\xBF\xBF'"},
    {"\"\\ud800\\udc00\\udbff\\udfff\"", "'\xF0\x90\x80\x80\xF4\x8F\xBF\xBF'"},
    {"\"\\u0001\\u001f\\u007f\\u0080\\u07ff\\u0800\"",
     "'\x01\x1F\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80'"},
    {"\"\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBB\xBF\xF0\x90\x80\x80\xF4\x8F"
     "\xBF\xBF\"",
     "'\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBB\xBF\xF0\x90\x80\x80\xF4\x8F\xBF"
     "\xBF'"},
    {"{\"k\\u00e9\\n\":\"\\\\u0000\"}", "{k\xC3\xA9\n:'\\u0000'}"},
    {"\"NaN // [,] \\\\\"", "'NaN // [,] \\'"},
};

TEST(accepted_texts) {
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        harness.label = accepted[i].text;
        cns_doc *doc = read_good(accepted[i].text, strlen(accepted[i].text));
        sink s = {.len = 0};
        if (doc)
            write_value(&s, cns_doc_root(doc));
        CHECK_TEXT(s.text, accepted[i].want);
        cns_doc_free(doc);
    }
}

/* -------------------------------------------------------------------- refused */

#define SYN CNS_E_SYNTAX
#define ENC CNS_E_ENCODING

/* `#` in a text stands where the error is to be found: it is taken out first,
 * and line and column are counted from it here in a second way. */
static const struct {
    cns_code code;
    const char *text, *says;
} refused[] = {
    {SYN, "#", "the text is empty"},
    {SYN, "# \n\t ", "the text is empty"},
    /* brackets and commas */
    {SYN, "[1,2#", "ends inside an array"},
    {SYN, "[[1]\n#", "ends inside an array"},
    {SYN, "[#", "ends inside an array"},
    {SYN, "[1,#", "ends inside an array"},
    {SYN, "{#", "ends inside an object"},
    {SYN, "{\"a\"#", "ends inside an object"},
    {SYN, "{\"a\":#", "ends inside an object"},
    {SYN, "{\"a\":1#", "ends inside an object"},
    {SYN, "{\"a\":1, #", "ends inside an object"},
    {SYN, "[1#}", "an array is closed by }"},
    {SYN, "[#}", "an array is closed by }"},
    {SYN, "{\"a\":1#]", "an object is closed by ]"},
    {SYN, "{#]", "an object is closed by ]"},
    {SYN, "#]", "closes what is not open"},
    {SYN, "{}#}", "closes what is not open"},
    {SYN, "[]#]", "closes what is not open"},
    {SYN, "[1#,]", "a comma stands before the closing ]"},
    {SYN, "[[1,2]#,\n ]", "a comma stands before the closing ]"},
    {SYN, "{\"a\":1#,}", "a comma stands before the closing }"},
    {SYN, "{\"a\":[1,2]#, \n}", "a comma stands before the closing }"},
    {SYN, "[#,1]", "a value is missing before this comma"},
    {SYN, "[1,#,2]", "a value is missing before this comma"},
    {SYN, "#,1", "the text begins with a comma"},
    {SYN, "{#,\"a\":1}", "a member is missing before this comma"},
    {SYN, "{\"a\":1,#,\"b\":2}", "a member is missing before this comma"},
    {SYN, "[1 #2]", "a comma or ] is missing"},
    {SYN, "[\"a\"#\"b\"]", "a comma or ] is missing"},
    {SYN, "[1#_000]", "a comma or ] is missing"},
    {SYN, "[null#x]", "a comma or ] is missing"},
    {SYN, "{\"a\":1 #\"b\":2}", "a comma or } is missing"},
    {SYN, "{\"a\":true#s}", "a comma or } is missing"},
    /* colons and keys */
    {SYN, "{\"a\" #1}", "without a colon"},
    {SYN, "{\"a\"#}", "without a colon"},
    {SYN, "{\"a\"#,\"b\":1}", "without a colon"},
    {SYN, "{\"a\":#}", "a key has no value"},
    {SYN, "{\"a\":#,\"b\":1}", "a key has no value"},
    {SYN, "{\"a\":#]", "a key has no value"},
    {SYN, "{\"a\":1#:2}", "a second colon"},
    {SYN, "{\"a\":#:2}", "a value is missing here"},
    {SYN, "[\"a\"#:1]", "a colon stands in an array"},
    {SYN, "{#a:1}", "not in double quotes"},
    {SYN, "{#1:1}", "not in double quotes"},
    {SYN, "{#null:1}", "not in double quotes"},
    {SYN, "{#{}:1}", "not in double quotes"},
    {SYN, "{\"a\":1,#b:1}", "not in double quotes"},
    {SYN, "{#'a':1}", "one kind of quote"},
    {SYN, "{\"a\":#'b'}", "one kind of quote"},
    {SYN, "[#`a`]", "one kind of quote"},
    {SYN,
     "[#\xE2\x80\x9C"
     "a\xE2\x80\x9D]",
     "typographic quote"},
    {SYN,
     "{#\xE2\x80\x98"
     "a\xE2\x80\x99:1}",
     "typographic quote"},
    {SYN,
     "[1,#\xC2\xA0"
     "2]",
     "no-break space"},
    {SYN, "{}\n#\xEF\xBB\xBF{}", "byte-order mark stands inside"},
    {SYN, "[#\xC3\xA9]", "beyond ASCII"},
    {SYN, "[1 #\xE2\x80\xA8]", "beyond ASCII"},
    /* comments, trailing bytes, control characters */
    {SYN, "#// x\n{}", "no comments"},
    {SYN, "{#/* x */}", "no comments"},
    {SYN, "{\"a\"#/**/:1}", "no comments"},
    {SYN, "[1#//\n]", "no comments"},
    {SYN, "{}\n#// end", "no comments"},
    {SYN, "{} #{}", "something follows"},
    {SYN, "1 #2", "something follows"},
    {SYN, "null#,", "something follows"},
    {SYN, "true#x", "something follows"},
    {SYN,
     "[1,#\x0B"
     "2]",
     "control character stands outside"},
    {SYN, "[1#\x0C]", "control character stands outside"},
    {SYN, "#\x7F", "control character stands outside"},
    {SYN, "{\"a\":1}\n#\x1A", "control character stands outside"},
    /* words */
    {SYN, "#nul", "bare word"},
    {SYN, "[#True]", "bare word"},
    {SYN, "[#FALSE]", "bare word"},
    {SYN, "{\"a\":#undefined}", "bare word"},
    {SYN, "[#tru]", "bare word"},
    {SYN, "[#fals", "bare word"},
    {SYN, "[#x]", "bare word"},
    {SYN, "[#$]", "a value is missing here"},
    {SYN, "#NaN", "no NaN"},
    {SYN, "[#Infinity]", "no NaN"},
    {SYN, "[#-Infinity]", "no NaN"},
    /* numbers */
    {SYN, "#01", "needless 0"},
    {SYN, "[#-01]", "needless 0"},
    {SYN, "#00", "needless 0"},
    {SYN, "#00.5", "needless 0"},
    {SYN, "#1.", "ends with its decimal point"},
    {SYN, "[#-1.]", "ends with its decimal point"},
    {SYN, "[#1.e5]", "ends with its decimal point"},
    {SYN, "#.5", "begins with its decimal point"},
    {SYN, "[#+1]", "plus sign"},
    {SYN, "#-", "a minus sign stands without"},
    {SYN, "[#-,1]", "a minus sign stands without"},
    {SYN, "#-.5", "a minus sign stands without"},
    {SYN, "#--1", "a minus sign stands without"},
    {SYN, "#1e", "exponent without digits"},
    {SYN, "#1e+", "exponent without digits"},
    {SYN, "[#1.5E-]", "exponent without digits"},
    {SYN, "[#1e.5]", "exponent without digits"},
    {SYN, "#0x1F", "hexadecimal"},
    {SYN, "1#-2", "something follows"},
    {SYN, "[1.5#.5]", "a comma or ] is missing"},
    /* texts */
    {SYN, "#\"abc", "no closing quote"},
    {SYN, "#\"", "no closing quote"},
    {SYN, "[#\"abc\\\"]", "no closing quote"},
    {SYN, "\"abc#\\", "ends behind a backslash"},
    {SYN, "{#\"a:1}", "no closing quote"},
    {SYN, "\"a#\nb\"", "a line break stands in a text"},
    {SYN, "\"a#\r\nb\"", "a line break stands in a text"},
    {SYN, "{\"a#\nb\":1}", "a line break stands in a text"},
    {SYN, "\"#\t\"", "a tab stands in a text"},
    {SYN, "\"12345678#\x01\"", "control character stands in a text"},
    {SYN,
     "\"1234567#\x1F"
     "12345678\"",
     "control character stands in a text"},
    {SYN, "\"#\\x41\"", "cannot escape"},
    {SYN, "\"#\\'\"", "cannot escape"},
    {SYN, "\"#\\\n\"", "cannot escape"},
    {SYN, "\"#\\U0041\"", "cannot escape"},
    {SYN, "\"#\\u004\"", "four hex digits"},
    {SYN, "\"#\\u00g1\"", "four hex digits"},
    {SYN, "\"#\\u+041\"", "four hex digits"},
    {SYN, "\"#\\u00", "four hex digits"},
    {SYN, "\"#\\u 041\"", "four hex digits"},
    {ENC, "\"a#\\u0000\"", "\\u0000"},
    {ENC, "{\"a#\\u0000b\":1}", "\\u0000"},
    {ENC, "\"#\\ud800\"", "the first half"},
    {ENC, "\"#\\uDBFF x\"", "the first half"},
    {ENC, "\"#\\ud800\\ud800\"", "the first half"},
    {ENC, "\"#\\ud800\\u0041\"", "the first half"},
    {ENC, "\"#\\ud800\\n12345\"", "the first half"},
    {ENC, "\"#\\ud83d\\u", "the first half"},
    {ENC, "\"#\\udc00\"", "the second half"},
    {ENC, "\"\\ud83d\\ude00#\\uDFFF\"", "the second half"},
    /* bytes */
    {ENC, "#\xEF\xBB\xBF{}", "without BOM"},
    {ENC, "#\xFF\xFE{", "UTF-16"},
    {ENC, "#\xFE\xFF{", "UTF-16"},
    {ENC, "\"#\xE9t\xE9\"", "not UTF-8"},
    {ENC, "\"#\x80\"", "not UTF-8"},
    {ENC, "\"\xC3\xA9#\xBF\"", "not UTF-8"},
    {ENC, "\"#\xC3\"", "not UTF-8"},
    {ENC, "\"#\xE2\x82\"", "not UTF-8"},
    {ENC, "\"#\xF0\x9F\x98\"", "not UTF-8"},
    {ENC, "[1,#\xF0\x9F", "not UTF-8"},
    {ENC, "\"#\xFF\"", "not UTF-8"},
    {ENC, "\"#\xF8\x88\x80\x80\x80\"", "not UTF-8"},
    {ENC, "\"#\xC0\x80\"", "more bytes than UTF-8 allows"},
    {ENC, "\"#\xC1\xBF\"", "more bytes than UTF-8 allows"},
    {ENC, "\"#\xE0\x9F\xBF\"", "more bytes than UTF-8 allows"},
    {ENC, "\"#\xF0\x8F\xBF\xBF\"", "more bytes than UTF-8 allows"},
    {ENC, "\"#\xED\xA0\x80\"", "CESU-8"},
    {ENC, "\"#\xED\xBF\xBF\"", "CESU-8"},
    {ENC, "\"#\xF4\x90\x80\x80\"", "beyond U+10FFFF"},
    {ENC, "\"#\xF5\x80\x80\x80\"", "beyond U+10FFFF"},
    {ENC, "{x:\"#\xE9\"}", "not UTF-8"}, /* encoding is looked at first */
    /* places: lines, and columns in characters */
    {SYN, "{\n  \"a\": 1,\n  \"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\": #x\n}", "bare word"},
    {SYN, "[\r\n1,\r\n  #+2]", "plus sign"},
    {CNS_E_DUPLICATE, "{\"a\":1,#\"a\":2}", "twice"},
    {CNS_E_DUPLICATE,
     "{\n\"\xC3\xA9\":{\"x\":1},\n\"b\":[{\"k\":1,\n \"\xC3\xA9\":1, #\"\\u006B\" : 1}]}", "twice"},
};

TEST(refused_texts) {
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char text[256];
        const char *with_mark = refused[i].text, *mark = strchr(with_mark, '#');
        size_t before = (size_t)(mark - with_mark), after = strlen(mark + 1);
        memcpy(text, with_mark, before);
        memcpy(text + before, mark + 1, after);
        unsigned line = 1, column = 1;
        for (size_t k = 0; k < before; k++) {
            if (text[k] == '\n')
                line++, column = 0;
            column += text[k] >= 0 || (text[k] & 0x40); /* not a byte 10xxxxxx */
        }
        harness.label = with_mark;
        cns_error err = read_bad(text, before + after);
        CHECK_INT(err.code, refused[i].code);
        CHECK_INT(err.offset, before);
        CHECK_INT(err.line, line);
        CHECK_INT(err.column, column);
        if (!CHECK(strstr(err.message, refused[i].says)))
            printf("message: %s\n", err.message);
        CHECK(err.layer == -1 && strlen(err.message) < 200);
    }
}

TEST(hash_comment_is_refused) {
    cns_error err = read_bad("{} # x", 6);
    CHECK(err.code == CNS_E_SYNTAX && err.offset == 3 && strstr(err.message, "no comments"));
}

TEST(nul_bytes_are_refused) {
    static const struct {
        const char *text;
        size_t len, offset;
    } cases[] = {{"\0", 1, 0},           {"{}\0", 3, 2},   {"\"a\0b\"", 5, 2},  {"[1,\0]", 5, 3},
                 {"{\"a\0b\":1}", 9, 3}, {"{\0}\0", 4, 1}, {"\"\xE9\0\"", 4, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cns_error err = read_bad(cases[i].text, cases[i].len);
        CHECK_INT(err.code, CNS_E_ENCODING);
        CHECK_INT(err.offset, cases[i].offset);
        CHECK((strstr(err.message, "NUL") != NULL) == (i != 6));
    }
}

TEST(nothing_is_read_without_length) {
    cns_error err = read_bad("{}", 0);
    CHECK_INT(err.code, CNS_E_SYNTAX);
    cns_doc *doc = NULL;
    CHECK_INT(cns_json_read(&doc, NULL, 0, cns_alloc_default(), NULL), CNS_E_SYNTAX);
    CHECK_INT(cns_json_read(&doc, "[1,]", 4, cns_alloc_default(), NULL), CNS_E_SYNTAX);
    CHECK(doc == NULL);
}

/* Every text that is cut somewhere is refused, and no byte behind it is read. */
TEST(cut_texts_are_refused) {
    const char *text = "{\"k\\u00e9y\": [1.5e+3, true, false, null, \"\xC3\xA9\\ud83d\\ude00\"], "
                       "\"b\": {\"c\": {}}}";
    for (size_t len = 0; len < strlen(text); len++)
        read_bad(text, len);
    cns_doc_free(read_good(text, strlen(text)));
}

TEST(special_characters_at_every_place_of_a_text) {
    char text[64];
    for (size_t len = 0; len < 40; len++)
        for (size_t at = 0; at < len; at++) {
            memset(text, 'x', sizeof text);
            text[0] = text[len + 1] = '"';
            text[at + 1] = '\x1F';
            CHECK_INT(read_bad(text, len + 2).offset, at + 1);
            text[at + 1] = '\x7F';
            cns_doc *doc = read_good(text, len + 2);
            CHECK(doc && cns_value_count(cns_doc_root(doc)) == len);
            cns_doc_free(doc);
            text[at + 1] = '"';
            if (at + 1 < len)
                CHECK_INT(read_bad(text, len + 2).offset, at + 2);
        }
}

/* ---------------------------------------------------------------------- paths */

TEST(errors_know_their_path) {
    static const struct {
        const char *text, *path;
    } cases[] = {
        {"{\"app\":{\"vendors\":{\"custom\":[{\"id\":1},{\"id\":2},{\"id\":3,\"name\":1,\"id\":4}]}"
         "}}",
         "app.vendors.custom[2].id"},
        {"{\"a\":1,\"a\":1}", "a"},
        {"[{\"a.b\":{\"c\":[],\"c\":0}}]", "[0][\"a.b\"].c"},
        {"{\"a\":{\"\\u0062\":1,\"b\":1}}", "a.b"},
        {"[1,2,[3,{\"\":1,\"x\":2,\"\":3}]]", "[2][1][\"\"]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        harness.label = cases[i].text;
        cns_error err = read_bad(cases[i].text, strlen(cases[i].text));
        CHECK_INT(err.code, CNS_E_DUPLICATE);
        CHECK_TEXT(err.path, cases[i].path);
    }
}

TEST(the_path_of_what_is_no_json) {
    static const struct {
        const char *text, *path;
    } cases[] = {
        {"", ""},
        {"x", ""},
        {"{\"a\":[1,]}", "a[0]"},
        {"{\"a\":[1,,2]}", "a[1]"},
        {"{\"a\":{\"b c\":[{},{\"d\":01}]}}", "a[\"b c\"][1].d"},
        {"{\"a\":1,\"b\" 2}", ""},
        {"{\"a\":{\"b\":tru}}", "a.b"},
        {"{\"a\":\"\x01\"}", "a"},
        {"{\"a\":\"x]}\\\"\",\"b\":[\"\xff\"]}", "b[0]"},
        {"{\"a\":1}x", ""},
        {"[[[", "[0][0][0]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        harness.label = cases[i].text;
        CHECK_TEXT(read_bad(cases[i].text, strlen(cases[i].text)).path, cases[i].path);
    }
}

TEST(a_duplicate_among_many_keys) {
    char text[4096];
    for (int members = 2; members < 200; members += members < 20 ? 1 : 37) {
        size_t at = 0, want = 0;
        text[at++] = '{';
        for (int i = 0; i < members; i++) {
            want = at;
            at += (size_t)snprintf(text + at, sizeof text - at, "\"key%d\":%d,",
                                   i == members - 1 ? members / 2 - 1 : i, i);
        }
        text[at - 1] = '}';
        cns_error err = read_bad(text, at);
        CHECK_INT(err.code, CNS_E_DUPLICATE);
        CHECK_INT(err.offset, want);
    }
}

int main(void) {
    RUN(accepted_texts);
    RUN(refused_texts);
    RUN(hash_comment_is_refused);
    RUN(nul_bytes_are_refused);
    RUN(nothing_is_read_without_length);
    RUN(cut_texts_are_refused);
    RUN(special_characters_at_every_place_of_a_text);
    RUN(errors_know_their_path);
    RUN(the_path_of_what_is_no_json);
    RUN(a_duplicate_among_many_keys);
    return harness_end();
}
