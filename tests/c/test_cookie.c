/* test_cookie.c - the Cookie header, base64, and looks one byte behind the input. */
#include "guard.h"

#include "../../csrc/core/token.h"
#include "world.h"

/* ----------------------------------------------------------------- the header */

/* The values of `name`, each in brackets, and how many there are. */
static const char *found(const char *header, size_t len, const char *name, size_t cap) {
    static char out[512];
    cns_text values[8];
    guard g;
    const char *copy = guard_text(&g, header, len);
    size_t count = cns_cookie_find(copy, len, name, strlen(name), values, cap);
    char *to = out + snprintf(out, 16, "%zu", count);
    for (size_t i = 0; i < count && i < cap; i++)
        to += snprintf(to, 100, "[%.*s]", (int)values[i].len, values[i].text);
    guard_end(&g);
    return out;
}

TEST(headers) {
    static const char *const cases[][2] = {
        {"", "0"},
        {"t", "0"},
        {"t=", "1[]"},
        {"t=1", "1[1]"},
        {"t=1;", "1[1]"},
        {"t=1; ", "1[1]"},
        {";;; ;t=1", "1[1]"},
        {"a=0; t=1; b=2", "1[1]"},
        {"a=0;t=1;b=2", "1[1]"},
        {"t=1; t=2;t=3", "3[1][2][3]"},
        {"t=1; t=2; t=3; t=4; t=5; t=6", "6[1][2][3][4]"},
        {"\t t \t=\t 1 \t", "1[1]"},
        {"t=a b", "1[a b]"},
        {"t=a=b==", "1[a=b==]"},
        {"t=\"a\"", "1[\"a\"]"},
        {"T=1", "0"},        /* names are exact */
        {"tt=1; xt=2", "0"}, /* and whole */
        {"t1=1; t.=2", "0"},
        {"t; t=1", "1[1]"},
        {"a=t=1", "0"},
        {"a=\"; t=1; b=\"", "1[1]"}, /* a quote keeps nothing together */
        {"t=1, t=2", "1[1, t=2]"},
        {"t\n=1", "0"},
        {"=1; =t", "0"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        harness.label = cases[i][0];
        CHECK_TEXT(found(cases[i][0], strlen(cases[i][0]), "t", 4), cases[i][1]);
    }
    CHECK_TEXT(found("a=0\0; t=1\0", 10, "t", 4), "1[1]"); /* a NUL is a character like another */
    CHECK_TEXT(found("t=1; t=2", 8, "t", 0), "2");
    CHECK_INT(cns_cookie_find(NULL, 0, "t", 1, NULL, 0), 0);
    /* every prefix of a header, cut at an unreadable page */
    const char *whole = "a=0; didomi_token=abc; didomi_token = \t; didomi_tokens=x; didomi_token=z";
    for (size_t len = 0; len <= strlen(whole); len++)
        CHECK(found(whole, len, "didomi_token", 4)[0] <= '3');
    CHECK_TEXT(found(whole, strlen(whole), "didomi_token", 4), "3[abc][][z]");
}

/* One walk for all names finds what a walk for each would. */
TEST(several_names) {
    static const char *const names[] = {"t", "token", "token_law", "e", "t"};
    static const char pieces[] = "tttoken_lawe==;; \t1";
    char header[60];
    uint32_t state = 7;
    for (int round = 0; round < 3000; round++) {
        size_t len = 0;
        while (len < (size_t)(round % 50)) {
            state = state * 1664525u + 1013904223u;
            unsigned what = state >> 24;
            if (what < 100) {
                const char *name = names[what % 5];
                len += (size_t)snprintf(header + len, sizeof header - len, "%s=", name);
            } else {
                header[len++] = pieces[what % (sizeof pieces - 1)];
            }
        }
        guard g;
        const char *copy = guard_text(&g, header, len);
        cns_text all[5][2], one[2];
        cns_cookie_wanted wanted[5];
        for (size_t i = 0; i < 5; i++)
            wanted[i] = (cns_cookie_wanted){{names[i], strlen(names[i])}, all[i], 2, 0};
        cns_cookies_find(copy, len, wanted, 5);
        for (size_t i = 0; i < 5; i++) {
            CHECK_INT(wanted[i].count,
                      cns_cookie_find(copy, len, names[i], strlen(names[i]), one, 2));
            for (size_t k = 0; k < wanted[i].count && k < 2; k++)
                CHECK(all[i][k].text == one[k].text && all[i][k].len == one[k].len);
        }
        guard_end(&g);
    }
}

TEST(length_of_headers_is_limited) {
    char *header = malloc(CNS_MAX_HEADER + 64);
    if (!header)
        exit(2);
    memset(header, 'x', CNS_MAX_HEADER + 64);
    for (size_t at = CNS_MAX_HEADER - 8; at <= CNS_MAX_HEADER + 1; at++) {
        memset(header, 'x', CNS_MAX_HEADER + 64);
        memcpy(header + at, "; t=123", 7);
        const char *got = found(header, CNS_MAX_HEADER + 64, "t", 4);
        size_t seen = CNS_MAX_HEADER > at + 4 ? CNS_MAX_HEADER - at - 4 : 0; /* of "123xxxx" */
        if (at + 4 <= CNS_MAX_HEADER) {
            char want[32];
            (void)snprintf(want, sizeof want, "1[%.*s]", (int)seen, "123xxxx");
            CHECK_TEXT(got, want);
        } else {
            CHECK_TEXT(got, "0");
        }
    }
    /* nothing but separators, and nothing but cookies of the name */
    memset(header, ';', CNS_MAX_HEADER);
    CHECK_TEXT(found(header, CNS_MAX_HEADER, "t", 4), "0");
    for (size_t i = 0; i < CNS_MAX_HEADER; i += 4)
        memcpy(header + i, "t=1;", 4);
    CHECK_TEXT(found(header, CNS_MAX_HEADER, "t", 4), "16384[1][1][1][1]");
    free(header);
}

/* --------------------------------------------------------------------- base64 */

/* Decodes from a guarded copy into a block of exactly the promised room. */
static const char *decoded(const char *text, size_t len) {
    static char out[256];
    guard g;
    const char *copy = guard_text(&g, text, len);
    unsigned char *room = malloc(CNS_BASE64_ROOM(len));
    if (!room)
        exit(2);
    long size = cns_base64_read(room, copy, len);
    guard_end(&g);
    if (size >= 0) {
        memcpy(out, room, (size_t)size);
        out[size] = '\0';
    }
    free(room);
    return size < 0 ? "refused" : out;
}

TEST(base64) {
    static const char *const cases[][2] = {
        {"", ""},
        {"YQ==", "a"},
        {"YQ", "a"},
        {"YWI=", "ab"},
        {"YWI", "ab"},
        {"YWJj", "abc"},
        {"YWJjZA==", "abcd"},
        {"YR==", "a"}, /* stray bits at the end are dropped, as in a browser */
        {" Y\tW\nJ\rj\f", "abc"},
        {"YQ= =", "a"},
        {"YQ== ", "a"},
        {"%59Q%3D%3d", "a"},
        {"YWJj%20ZA", "abcd"},
        {"Pz8%2F", "???"},
        {"Pz8%2f", "???"},
        {"Pj4+", ">>>"},
        {"Pj4%2B", ">>>"},
        {"Y", "refused"},
        {"YWJjZ", "refused"},
        {"YQ=", "refused"},
        {"YQ===", "refused"},
        {"YWJj=", "refused"},
        {"YWJj====", "refused"},
        {"====", "refused"},
        {"=", "refused"},
        {"Y=Q=", "refused"},
        {"YQ==YQ==", "refused"},
        {"Pz8_", "refused"},
        {"Pj4-", "refused"},
        {"YWJj.", "refused"},
        {"YWJj%", "refused"},
        {"YWJj%2", "refused"},
        {"YWJj%2G", "refused"},
        {"YWJj%G2", "refused"},
        {"YWJj%2541", "refused"}, /* undone once only */
        {"\xC3\xA9YWJj", "refused"},
        {"YWJj\xFF", "refused"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        harness.label = cases[i][0];
        CHECK_TEXT(decoded(cases[i][0], strlen(cases[i][0])), cases[i][1]);
    }
    CHECK_TEXT(decoded("YWJj\0", 5), "refused");
}

/* What is written is read again, for every length and every byte; every letter that
 * is not of the alphabet is refused wherever it stands. */
TEST(base64_round_trip) {
    unsigned char bytes[300], back[CNS_BASE64_ROOM(400)];
    char text[400];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7 + i / 256);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        size_t size = cns_base64_write(text, bytes, len);
        CHECK_INT(size, 4 * ((len + 2) / 3));
        CHECK_INT(cns_base64_read(back, text, size), len);
        CHECK(memcmp(back, bytes, len) == 0);
    }
    for (int c = 0; c < 256; c++)
        for (size_t at = 0; at < 12; at++) {
            memcpy(text, "YWJjYWJjYWJj", 12);
            text[at] = (char)c;
            bool letter = cns_is_alpha((char)c) || cns_is_digit((char)c) || c == '+' || c == '/';
            bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
            bool end = c == '=' && at == 11;
            CHECK((cns_base64_read(back, text, 12) >= 0) == (letter || blank || end));
        }
}

/* ----------------------------------------------------- one byte behind the end */

/* Reads every prefix of the text from memory that ends with it, and the text with
 * each byte changed; the answers do not matter here, only that none is a crash. */
static void read_guarded(const char *text, size_t len, void (*read)(const char *text, size_t len)) {
    static const char changes[] = {'\0', '"', '\\', '{', '[', ',',    'u',
                                   '9',  '-', '.',  '%', '=', '\xC3', '\xF0'};
    for (size_t end = 0; end <= len; end++) {
        guard g;
        const char *copy = guard_text(&g, text, end);
        read(copy, end);
        guard_end(&g);
    }
    guard g;
    char *copy = guard_text(&g, text, len);
    for (size_t at = 0; at < len; at++)
        for (size_t i = 0; i < sizeof changes; i++) {
            char kept = copy[at];
            copy[at] = changes[i];
            read(copy, len);
            copy[at] = kept;
        }
    guard_end(&g);
}

static void read_json(const char *text, size_t len) {
    cns_doc *doc = NULL;
    cns_error err;
    if (cns_json_read(&doc, text, len, cns_alloc_default(), &err) == CNS_OK)
        cns_doc_free(doc);
    else
        CHECK(err.message[0] && (err.offset == CNS_NO_OFFSET || err.offset <= len));
}

static void read_value(const char *text, size_t len) {
    cns_token token;
    const char *reason = NULL;
    uint32_t offset = 0;
    cns_code code = cns_token_scan(&token, &reason, &offset, text, len, CNS_MAX_VALUE, NULL,
                                   cns_alloc_default());
    CHECK(code == CNS_OK || (code == CNS_E_DECODE && reason));
    if (code == CNS_OK)
        cns_token_release(&token);
}

/* The bytes of the decoded token itself: written into base64 anew each time. */
static void read_token(const char *text, size_t len) {
    char value[1024];
    read_value(value, cns_base64_write(value, (const unsigned char *)text, len));
}

TEST(looks_behind_the_end) {
    size_t len;
    char *json = spelt(
        "{'a':[1,-2.5e3,true,null],'b\\u00e9\\ud83d\\ude00':'\xC3\xA9\xF0\x9F\x98\x80','c':{}} ",
        &len);
    read_guarded(json, len, read_json);
    free(json);
    char *token =
        spelt("{'user_id':'u\\u0041','updated':'@60','vendors':{'enabled':['c:a','\\/','\xE9'],"
              "'disabled':[]},'version':-2.5E+1,'more':[{},{'x':[null,true]},'y']}",
              &len);
    read_guarded(token, len, read_token);
    char value[512];
    size_t size = cns_base64_write(value, (const unsigned char *)token, len);
    read_guarded(value, size, read_value);
    read_guarded("\"e30=\"", 6, read_value);
    read_guarded("\"eyJ%32IjoxfQ%3D%3D\" ", 21, read_value);
    free(token);
    /* user agents and paths, of which the callers promise no more either */
    cns_config *config = WORLD("{'user':{'bots':{'consentRequired':false}}}");
    const cns_notice *notice = notice_at(config, "FR");
    guard g;
    const char *agent = guard_text(&g, "Mozilla/5.0 (compatible; Googlebo", 33);
    CHECK(!cns_notice_is_bot(notice, agent, 33));
    CHECK(!cns_notice_is_bot(notice, agent, 0));
    guard_end(&g);
    agent = guard_text(&g, "GOOGLEBOT", 9);
    CHECK(cns_notice_is_bot(notice, agent, 9));
    guard_end(&g);
    cns_config_free(config);
}

TEST(bots) {
    char agent[1100];
    static const struct {
        const char *config, *agent;
        bool bot;
    } cases[] = {
        {"{}", "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/130.0", false},
        {"{}", "Googlebot/2.1", true},
        {"{}", "xx gOOGLE wEB pREVIEW xx", true},
        {"{}", "Chrome-Lighthouse", true},
        {"{'user':{'bots':{'types':['crawlers']}}}", "Chrome-Lighthouse", false},
        {"{'user':{'bots':{'types':['crawlers']}}}", "bingbot", true},
        {"{'user':{'bots':{'types':['performance','x']}}}", "bingbot", false},
        {"{'user':{'bots':{'types':[]}}}", "bingbot", false},
        {"{'user':{'bots':{'types':'performance'}}}", "bingbot", true}, /* no array: ignored */
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cns_config *config = WORLD(cases[i].config);
        harness.label = cases[i].agent;
        CHECK_INT(
            cns_notice_is_bot(notice_at(config, "FR"), cases[i].agent, strlen(cases[i].agent)),
            cases[i].bot);
        cns_config_free(config);
    }
    /* only the first 1 024 bytes are looked at */
    cns_config *config = WORLD("{}");
    for (size_t at = 1014; at <= 1016; at++) {
        memset(agent, 'x', sizeof agent);
        memcpy(agent + at, "googlebot", 9);
        CHECK_INT(cns_notice_is_bot(notice_at(config, "FR"), agent, sizeof agent), at + 9 <= 1024);
    }
    cns_config_free(config);
}

/* Wherever a character stands, in a step of sixteen or behind it, it is a letter or none. */
TEST(every_character_in_every_place) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    enum { LENGTH_OF_TEXT = 44 };
    for (int at = 0; at < LENGTH_OF_TEXT; at++)
        for (int c = 1; c < 256; c++) {
            char text[LENGTH_OF_TEXT];
            unsigned char got[CNS_BASE64_ROOM(LENGTH_OF_TEXT)];
            for (int i = 0; i < LENGTH_OF_TEXT; i++)
                text[i] = letters[(i * 7 + at) % 64];
            if (strchr(" \t\n\r\f%=", c))
                continue; /* these mean something else */
            text[at] = (char)c;
            long len = cns_base64_read(got, text, LENGTH_OF_TEXT);
            const char *letter = strchr(letters, c);
            CHECK_INT(len, letter ? LENGTH_OF_TEXT / 4 * 3 : -1);
            for (int i = 0; letter && i < LENGTH_OF_TEXT; i++) {
                unsigned bits = 0; /* the six bits of letter i, taken out of the bytes */
                for (int b = 6 * i; b < 6 * i + 6; b++)
                    bits = bits << 1 | ((unsigned)got[b / 8] >> (7 - b % 8) & 1u);
                CHECK_INT(bits, strchr(letters, text[i]) - letters);
            }
        }
}

int main(void) {
    RUN(headers);
    RUN(several_names);
    RUN(length_of_headers_is_limited);
    RUN(base64);
    RUN(base64_round_trip);
    RUN(looks_behind_the_end);
    RUN(bots);
    RUN(every_character_in_every_place);
    return harness_end();
}
