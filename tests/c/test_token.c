/* test_token.c - `didomi_token`: scanned, taken apart, written. */
#include "../../csrc/core/token.h"
#include "world.h"

#define U "'updated':'2026-03-20T09:41:27.000Z'"

/* Scans; `ok`, or the reason with the offset. */
static const char *scanned(const char *loose) {
    static char out[64];
    size_t len;
    char *value = cookie_of(loose, &len);
    cns_token token;
    static cns_token_room room;
    const char *reason = "?", *again = "?";
    uint32_t offset = 0, where = 0;
    cns_code code = cns_token_scan(&token, &reason, &offset, value, len, CNS_MAX_VALUE, NULL,
                                   cns_alloc_default());
    if (code == CNS_OK)
        cns_token_release(&token);
    /* the same in the caller's own room, without the allocator */
    CHECK_INT(cns_token_scan(&token, &again, &where, value, len, CNS_MAX_VALUE, &room,
                             (cns_alloc){NULL, NULL}),
              code);
    CHECK(strcmp(reason, again) == 0 && offset == where);
    free(value);
    if (code == CNS_OK) {
        cns_token_release(&token);
        return "ok";
    }
    CHECK_INT(code, CNS_E_DECODE);
    (void)snprintf(out, sizeof out, "%s %u", reason, (unsigned)offset);
    return out;
}

TEST(tokens_that_are_read_or_not) {
    static const char *const cases[][2] = {
        {"{}", "ok"},
        {" \t\r\n{ \t} \n", "ok"},
        {"{'user_id':'u','created':'@9','updated':'@9','version':2}", "ok"},
        {"{'version':null}", "ok"},
        {"{'version':{'a':[]}}", "ok"},
        {"{'vendors':{'enabled':[],'disabled':['a']}}", "ok"},
        {"{'vendors':{},'purposes':{},'vendors_li':{},'purposes_li':{}}", "ok"},
        {"{'vendors':{'other':7}}", "ok"},
        {"{'other':7,'other':8}", "ok"}, /* twice, but it does not matter */
        {"{'vendors':{'other':7,'other':8}}", "ok"},
        {"{'Vendors':7}", "ok"},
        {"{'x':[[],{},[{'a':[1,-0,0.5,1e9,-1.5E-3,true,false,null,'\\n']}]]}", "ok"},
        {"{'x':'\\u0000 \\ud800'}", "ok"}, /* in a text that does not count */
        {"{'\\u0078':1}", "ok"},
        {"!", "empty 0"},
        {"!''", "empty 0"}, /* "" */
        {"!'e30='", "ok"},
        {"!e30", "ok"},
        {"!e30%3D", "ok"},
        {"!'e30=", "bad_base64 0"},
        {"!'", "bad_base64 0"},
        {"!e30_", "bad_base64 0"},
        {"!%7B%7D", "bad_base64 0"},
        {"!====", "bad_base64 0"},
        {"! ", "bad_json 0"}, /* base64 of nothing */
        {"[]", "not_object 2"},
        {"'text'", "not_object 6"},
        {"null", "not_object 4"},
        {"17", "not_object 2"},
        {"[[[]", "bad_json 4"},
        {"nul", "bad_json 0"},
        {"{", "bad_json 1"},
        {"{}x", "bad_json 2"},
        {"{}{}", "bad_json 2"},
        {"{,}", "bad_json 1"},
        {"{'a':1,}", "bad_json 7"},
        {"{'a' 1}", "bad_json 5"},
        {"{'a':}", "bad_json 5"},
        {"{a:1}", "bad_json 1"},
        {"{'a':01}", "bad_json 6"},
        {"{'a':1.}", "bad_json 5"},
        {"{'a':.5}", "bad_json 5"},
        {"{'a':+1}", "bad_json 5"},
        {"{'a':1e}", "bad_json 5"},
        {"{'a':-}", "bad_json 5"},
        {"{'a':tru}", "bad_json 5"},
        {"{'a':[1,]}", "bad_json 8"},
        {"{'a':[1 2]}", "bad_json 8"},
        {"{'a':[1}", "bad_json 7"},
        {"{'a':{'b':1]}", "bad_json 11"},
        {"{'a':'\\x'}", "bad_json 7"},
        {"{'a':'\\u12g4'}", "bad_json 7"},
        {"{'a':'\t'}", "bad_json 6"},
        {"{'a':'b", "bad_json 5"},
        {"{'\\/':'b", "bad_json 7"},
        {"{'vendors':null}", "wrong_type 11"},
        {"{'vendors':[]}", "wrong_type 11"},
        {"{'purposes':'x'}", "wrong_type 12"},
        {"{'vendors':{'enabled':null}}", "wrong_type 22"},
        {"{'vendors':{'enabled':{}}}", "wrong_type 22"},
        {"{'vendors':{'enabled':'a'}}", "wrong_type 22"},
        {"{'vendors':{'enabled':[1]}}", "wrong_type 23"},
        {"{'vendors_li':{'disabled':['a',null]}}", "wrong_type 31"},
        {"{'purposes_li':{'disabled':[[]]}}", "wrong_type 28"},
        {"{'user_id':null}", "wrong_type 11"},
        {"{'created':7}", "wrong_type 11"},
        {"{'updated':{}}", "wrong_type 11"},
        {"{'vendors':{},'vendors':{}}", "duplicate_key 24"},
        {"{'vendors':{},'v\\u0065ndors':{}}", "duplicate_key 29"},
        {"{'vendors':{'enabled':[],'enabled':[]}}", "duplicate_key 35"},
        {"{" U "," U "}", "duplicate_key 48"},
        {"{'version':1,'version':2}", "duplicate_key 23"},
        {"{'user_id':'\\u0000'}", "bad_text 19"},
        {"{'vendors':{'enabled':['\\ud800']}}", "bad_text 31"},
        {"{'vendors':{'enabled':['\\udc00\\ud800']}}", "bad_text 37"},
        {"{'\\u0000':1}", "bad_text 9"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        harness.label = cases[i][0];
        CHECK_TEXT(scanned(cases[i][0]), cases[i][1]);
    }
}

/* One below, at, and one above each limit. */
TEST(limits) {
    for (unsigned depth = CNS_MAX_TOKEN_DEPTH - 1; depth <= CNS_MAX_TOKEN_DEPTH + 1; depth++)
        for (int object = 0; object < 2; object++) {
            char text[CNS_MAX_TOKEN_DEPTH * 10] = "{'x':", *to = text + 5; /* one level */
            for (unsigned i = 1; i < depth; i++)
                to += sprintf(to, object ? "{'a':" : "[");
            *to++ = '1';
            for (unsigned i = 1; i < depth; i++)
                *to++ = object ? '}' : ']';
            to[0] = '}', to[1] = '\0';
            bool good = depth <= CNS_MAX_TOKEN_DEPTH;
            CHECK(strncmp(scanned(text), good ? "ok" : "too_deep", good ? 2 : 8) == 0);
        }
    char *text = malloc(CNS_MAX_PASTED + 8);
    if (!text)
        exit(2);
    for (int pasted = 0; pasted < 2; pasted++) {
        size_t most = pasted ? CNS_MAX_PASTED : CNS_MAX_VALUE;
        memset(text, 'A', most + 1);
        for (size_t len = most - 1; len <= most + 1; len++) {
            cns_token token;
            const char *reason = "?";
            uint32_t offset = 0;
            CHECK_INT(cns_token_scan(&token, &reason, &offset, text, len, most, NULL,
                                     cns_alloc_default()),
                      CNS_E_DECODE);
            CHECK((strcmp(reason, "too_long") == 0) == (len > most));
        }
    }
    /* as many ids as a value can hold, each the shortest there is */
    char *json = text, *to = json + sprintf(json, "{\"vendors\":{\"enabled\":[");
    size_t ids = 0;
    for (; to - json < (long)(CNS_MAX_VALUE / 4 * 3 - 8); ids++)
        to += sprintf(to, ids ? ",\"\"" : "\"\"");
    to += sprintf(to, "]}}");
    char *value = malloc(2 * CNS_MAX_VALUE);
    if (!value)
        exit(2);
    size_t size = cns_base64_write(value, (const unsigned char *)json, (size_t)(to - json));
    cns_token token;
    const char *reason;
    uint32_t offset;
    CHECK(size <= CNS_MAX_VALUE);
    CHECK_INT(cns_token_scan(&token, &reason, &offset, value, size, CNS_MAX_VALUE, NULL,
                             cns_alloc_default()),
              CNS_OK);
    CHECK_INT(token.lists[CNS_VENDORS_ON].count, ids);
    cns_token_release(&token);
    free(value);
    free(text);
}

/* The caller's room is for values of up to its size: full of ids, one letter below,
 * at, and one above. */
TEST(room_of_the_caller) {
    cns_token_room *room = malloc(sizeof *room);
    char json[CNS_USUAL_VALUE], value[2 * CNS_USUAL_VALUE];
    if (!room)
        exit(2);
    for (size_t len = CNS_USUAL_VALUE - 4; len <= CNS_USUAL_VALUE + 4; len += 4) {
        size_t bytes = len / 4 * 3, at = (size_t)sprintf(json, "{\"vendors\":{\"enabled\":[");
        for (; at < bytes - 8; at += 3)
            memcpy(json + at, "\"\",", 3);
        memcpy(json + at, "\"\"]}}        ", 12);
        (void)cns_base64_write(value, (const unsigned char *)json, bytes);
        for (size_t cut = 0; cut < 3; cut++) { /* without the padding too */
            picky p = {.fail_at = 0};
            cns_token token;
            const char *reason = "?";
            uint32_t offset;
            CHECK_INT(cns_token_scan(&token, &reason, &offset, value, len - cut, CNS_MAX_VALUE,
                                     room, (cns_alloc){picky_resize, &p}),
                      CNS_OK);
            CHECK_INT(p.calls, len - cut > CNS_USUAL_VALUE);
            CHECK_INT(token.lists[CNS_VENDORS_ON].count, (bytes - 8 - 24 + 2) / 3 + 1);
            cns_token_release(&token);
            CHECK(p.live == 0 && !p.wrong_size);
        }
    }
    free(room);
}

/* The memory of one scan is in proportion to the value, whatever it claims. */
TEST(memory_is_bounded_by_the_value) {
    for (size_t len = 4; len <= CNS_MAX_VALUE; len *= 2) {
        picky p = {.fail_at = 0};
        char *value = malloc(len);
        if (!value)
            exit(2);
        memset(value, 'A', len);
        cns_token token;
        const char *reason;
        uint32_t offset;
        (void)cns_token_scan(&token, &reason, &offset, value, len, CNS_MAX_VALUE, NULL,
                             (cns_alloc){picky_resize, &p});
        CHECK(p.live == 0 && p.calls == 1 && p.most <= 4 * len + 256);
        free(value);
    }
}

static cns_token_doc *take_apart(const char *loose) {
    size_t len;
    char *value = cookie_of(loose, &len);
    cns_token_doc *doc = NULL;
    cns_error err = {0};
    if (!CHECK_INT(cns_token_doc_new(&doc, value, len, cns_alloc_default(), &err), CNS_OK))
        printf("%s\n", err.message);
    free(value);
    return doc;
}

TEST(texts_are_decoded) {
    static const char *const cases[][2] = {
        {"plain", "plain"},
        {"\xE9", "\xC3\xA9"}, /* a byte above 0x7F is that Latin-1 character */
        {"\xFF\x80", "\xC3\xBF\xC2\x80"},
        {"\xC3\xA9", "\xC3\x83\xC2\xA9"},
        {"\\u00e9", "\xC3\xA9"},
        {"\\u20AC", "\xE2\x82\xAC"},
        {"\\ud83d\\ude00", "\xF0\x9F\x98\x80"},
        {"\\uDBFF\\uDFFF", "\xF4\x8F\xBF\xBF"},
        {"\\u0041\\/\\\\\\b\\f\\n\\r\\t", "A/\\\b\f\n\r\t"},
        {"\\u0001", "\x01"},
        {"", ""},
        {"12345678", "12345678"}, /* around the eight bytes of a step */
        {"1234567\xE9", "1234567\xC3\xA9"},
        {"12345678\\u00e9", "12345678\xC3\xA9"},
        {"\x7F", "\x7F"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char text[128];
        harness.label = cases[i][0];
        (void)snprintf(text, sizeof text, "{'user_id':'%s','vendors':{'enabled':['x','%s']}}",
                       cases[i][0], cases[i][0]);
        cns_token_doc *doc = take_apart(text);
        CHECK_TEXT(cns_token_doc_field(doc, CNS_TOKEN_USER_ID).text, cases[i][1]);
        CHECK_TEXT(cns_token_doc_id(doc, 0, 1).text, cases[i][1]);
        CHECK_INT(cns_token_doc_id(doc, 0, 1).len, strlen(cases[i][1]));
        cns_token_doc_free(doc);
    }
}

TEST(lists_and_fields) {
    cns_token_doc *doc = take_apart(
        "{'vendors':{'disabled':['b'],'enabled':['a','a2']},'purposes':{'enabled':['c']},"
        "'vendors_li':{'disabled':['d']},'purposes_li':{'enabled':['e'],'disabled':['f','e']},"
        "'created':'x','dns':true}");
    static const size_t counts[CNS_LISTS] = {2, 1, 1, 0, 0, 1, 1, 2};
    for (unsigned list = 0; list < CNS_LISTS; list++)
        CHECK_INT(cns_token_doc_count(doc, list), counts[list]);
    CHECK_TEXT(cns_token_doc_id(doc, 0, 1).text, "a2");
    CHECK_TEXT(cns_token_doc_id(doc, 7, 0).text, "f");
    CHECK_TEXT(cns_token_doc_field(doc, CNS_TOKEN_CREATED).text, "x");
    CHECK(cns_token_doc_field(doc, CNS_TOKEN_UPDATED).text == NULL);
    CHECK(cns_token_doc_contradicts(doc)); /* e */
    CHECK(cns_value_kind(cns_value_get(cns_token_doc_value(doc), "dns", 3)) == CNS_TRUE);
    cns_token_doc_free(doc);
    doc = take_apart(
        "{'vendors':{'enabled':['a'],'disabled':['b']},'vendors_li':{'disabled':['a']}}");
    CHECK(!cns_token_doc_contradicts(doc));
    cns_token_doc_free(doc);
    doc = take_apart("{'x':1,'x':2}"); /* readable, but no configuration JSON */
    CHECK(cns_token_doc_value(doc) == NULL);
    cns_token_doc_free(doc);
    cns_error err = {0};
    CHECK_INT(cns_token_doc_new(&doc, "e30_", 4, cns_alloc_default(), &err), CNS_E_DECODE);
    CHECK_TEXT(err.path, "bad_base64");
    CHECK_INT(cns_token_doc_new(&doc, "", 0, cns_alloc_default(), NULL), CNS_E_DECODE);
    cns_token_doc_free(NULL);
}

/* What is written is the same token again. */
TEST(tokens_are_written) {
    static const char *const cases[][2] = {
        {"{}", "{}"},
        {"{ 'a' : [ 1 , -2 , 0.5, true , false , null , {} ] }",
         "{'a':[1,-2,0.5,true,false,null,{}]}"},
        {"{'n':123456789012345678901234567890}", "{'n':123456789012345678901234567890}"},
        {"{'n':[0.1,-1.10,1e-7,1e300,5.0,0.30000000000000004,1e999,-1e999]}",
         "{'n':[0.1,-1.1,1e-07,1e+300,5,0.30000000000000004,1e999,-1e999]}"},
        {"{'n':-9223372036854775808}", "{'n':-9223372036854775808}"},
        {"{'t':'\\u00e9\\u00ff'}", "{'t':'\\u00e9\\u00ff'}"},
        {"{'t':'\\u0100\\u20ac'}", "{'t':'\\u0100\\u20ac'}"},
        {"{'t':'\\ud83d\\ude00\\udbff\\udfff'}", "{'t':'\\ud83d\\ude00\\udbff\\udfff'}"},
        {"{'t':'\\u0001\\n\\\\\\/'}", "{'t':'\\u0001\\u000a\\\\/'}"},
        {"{'\\u20ac':'\\u007f'}", "{'\\u20ac':'\x7F'}"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        harness.label = cases[i][0];
        cns_doc *doc = doc_of(cases[i][0]);
        char *text = NULL;
        size_t len = 0, want_len;
        CHECK_INT(cns_token_write(&text, &len, cns_doc_root(doc), cns_alloc_default(), NULL),
                  CNS_OK);
        char *want = spelt(cases[i][1], &want_len);
        unsigned char back[256];
        long size = cns_base64_read(back, text, len);
        CHECK(size == (long)want_len && memcmp(back, want, want_len) == 0);
        free(want);
        cns_text_free(cns_alloc_default(), text, len);
        cns_doc_free(doc);
    }
    cns_doc *doc = doc_of("[1]");
    cns_error err = {0};
    char *text = NULL;
    size_t len = 0;
    CHECK_INT(cns_token_write(&text, &len, cns_doc_root(doc), cns_alloc_default(), &err),
              CNS_E_SHAPE);
    CHECK(err.message[0] && !text);
    CHECK_INT(cns_token_write(&text, &len, NULL, cns_alloc_default(), NULL), CNS_E_SHAPE);
    cns_doc_free(doc);
}

int main(void) {
    RUN(tokens_that_are_read_or_not);
    RUN(limits);
    RUN(room_of_the_caller);
    RUN(memory_is_bounded_by_the_value);
    RUN(texts_are_decoded);
    RUN(lists_and_fields);
    RUN(tokens_are_written);
    return harness_end();
}
