/* test_starve.c - every function that allocates, with every call of the allocator
 * failing in turn: an error or the right answer, nothing left behind, sizes told right. */
#include "world.h"

static const char *const layers[] = {
    "{'app':{'vendors':{'custom':[{'id':'a','purposeIds':['p']},{'id':'c:b','legIntPurposeIds':['q'"
    "]}],"
    "'didomi':['google']},'customPurposes':[{'id':'p'},{'id':'q'}],'essentialPurposes':['q']},"
    "'regulation_configurations':[{'regulation_id':'gdpr','config':{'app':{'consentDuration':7}}},"
    "{'regulation_id':'cpra','config':{'notice':{'type':'optin'}}}]}",
    "{'app':{'purposes':['cookies']},'configByCountry':{'FR':{'app':{'disabledPurposes':['p']}},'"
    "US':{'x':1},'JP':{'user':{'bots':{'extraUserAgents':['([','^b[a-z]+\\\\d$','','c']}}}}}"};
static const char catalog[] = "{'vendors':{'google':{'purposes':['cookies']},'mine':{'iab':7}}}";

#define TOKEN                                                                                      \
    "{'user_id':'u','created':'@60','updated':'@60','vendors':{'enabled':['c:a']},'purposes':{'"   \
    "enabled':['p']}}"

/* ----------------------------------------------------------------- documents */

static cns_code build(cns_alloc alloc, void *arg) {
    (void)arg;
    cns_builder *b = cns_builder_new(alloc);
    if (!b)
        return CNS_E_NOMEM;
    cns_doc *doc = NULL;
    (void)cns_builder_open(b, CNS_OBJECT, 0);
    for (int i = 0; i < 200; i++) {
        char key[16];
        int len = sprintf(key, "key %d", i);
        (void)cns_builder_key(b, key, (size_t)len, 0);
        (void)cns_builder_open(b, CNS_ARRAY, 0);
        (void)cns_builder_text(b, CNS_STRING, key, (size_t)len, 0);
        (void)cns_builder_int(b, i, 0);
        (void)cns_builder_real(b, i / 2.0, 0);
        (void)cns_builder_plain(b, CNS_NULL, 0);
        (void)cns_builder_close(b);
    }
    cns_error err = {0};
    cns_code first = cns_builder_close(b);
    CHECK_INT(first, cns_builder_code(b));
    cns_code code = cns_builder_finish(&doc, b, &err);
    CHECK(first == CNS_OK || code == first); /* the first failure is remembered */
    CHECK_INT(err.code, code);
    if (code == CNS_OK)
        CHECK(cns_value_count(cns_doc_root(doc)) == 200);
    cns_doc_free(doc);
    cns_builder_free(b);
    return code;
}

static cns_code read_json(cns_alloc alloc, void *arg) {
    cns_doc *doc = NULL;
    cns_code code = read_doc(&doc, arg, alloc, NULL);
    CHECK((doc != NULL) == (code == CNS_OK));
    cns_doc_free(doc);
    return code;
}

static cns_code merge(cns_alloc alloc, void *arg) {
    (void)arg;
    cns_doc *base = NULL, *over = NULL;
    cns_code code = read_doc(&base, layers[0], alloc, NULL);
    if (code == CNS_OK)
        code = read_doc(&over, layers[1], alloc, NULL);
    if (code == CNS_OK) {
        const cns_value *before = cns_doc_root(base);
        code = cns_doc_merge(base, over, NULL);
        CHECK(code == CNS_OK || cns_doc_root(base) == before); /* untouched on failure */
    }
    cns_doc_free(base);
    cns_doc_free(over);
    return code;
}

TEST(documents) {
    harness_starve(build, NULL);
    harness_starve(
        read_json,
        (void *)(uintptr_t)"{'a':[1,2.5,'\\u00e9',{'b':null}],'n':12345678901234567890}");
    harness_starve(merge, NULL);
}

/* ------------------------------------------------------------- configurations */

/* Layers and catalog of this allocator, and the configuration of them. */
static cns_code new_config(cns_config **out, cns_alloc alloc) {
    cns_doc *docs[3] = {NULL, NULL, NULL};
    cns_code code = read_doc(&docs[0], layers[0], alloc, NULL);
    if (code == CNS_OK)
        code = read_doc(&docs[1], layers[1], alloc, NULL);
    if (code == CNS_OK)
        code = read_doc(&docs[2], catalog, alloc, NULL);
    if (code == CNS_OK)
        return cns_config_new(out, docs, 2, docs[2], NULL, alloc, NULL); /* takes them over */
    for (size_t i = 0; i < 3; i++)
        cns_doc_free(docs[i]);
    return code;
}

static cns_code configure(cns_alloc alloc, void *arg) {
    (void)arg;
    cns_config *config = NULL;
    cns_code code = new_config(&config, alloc);
    CHECK((config != NULL) == (code == CNS_OK));
    cns_config_free(config);
    return code;
}

TEST(configurations) {
    harness_starve(configure, NULL);
}

static const char *const places[] = {"FR", "US_CA", "US_TX", NULL, "JP", "US"};

/* Everything that a notice says about itself, as one number. */
static uint64_t sum_of(const cns_notice *notice, const cns_config *config) {
    uint64_t sum =
        (uint64_t)cns_notice_group(notice) + (uint64_t)cns_notice_consent_duration(notice) * 3;
    for (size_t i = 0; cns_notice_vendor_at(notice, i) != CNS_NO_ID; i++) {
        cns_vendor_info info;
        uint32_t got[8], vendor = cns_notice_vendor_at(notice, i);
        cns_notice_vendor_info(notice, vendor, &info);
        sum = sum * 31 + vendor + info.on_consent * 7u + info.on_li * 11u;
        for (int basis = 0; basis < 2; basis++)
            sum = sum * 31 + cns_notice_vendor_purposes(notice, vendor, (cns_basis)basis, got, 8);
    }
    for (size_t i = 0; cns_notice_purpose_at(notice, i) != CNS_NO_ID; i++) {
        cns_purpose_info info;
        cns_notice_purpose_info(notice, cns_notice_purpose_at(notice, i), &info);
        sum = sum * 31 + info.essential + info.on_consent * 2u + info.on_li * 4u;
    }
    return sum + cns_config_purpose_count(config) + cns_notice_is_bot(notice, "bo7", 3) * 13u;
}

/* The configuration stands; then memory runs out while notices are made. What could
 * not be made is made when there is memory again, and is the same as ever. */
TEST(notices) {
    uint64_t sums[LENGTH(places)];
    for (int for_good = -1; for_good < 2; for_good++)
        for (size_t at = 1;; at++) {
            picky p = {.fail_at = 0};
            cns_config *config = NULL;
            bool failed = false;
            CHECK_INT(new_config(&config, (cns_alloc){picky_resize, &p}), CNS_OK);
            p.calls = 0;
            p.fail_at = for_good < 0 ? 0 : at;
            p.for_good = for_good > 0;
            for (size_t i = 0; i < LENGTH(places); i++) {
                const cns_notice *notice = NULL, *again = NULL;
                const char *place = places[i];
                size_t len = place ? 2 : 0, rest = place ? strlen(place) : 0;
                const char *region = rest > 3 ? place + 3 : NULL;
                cns_code code = cns_config_notice(&notice, NULL, config, place, len, region,
                                                  region ? rest - 3 : 0, NULL, NULL);
                CHECK((code == CNS_OK) == (notice != NULL) &&
                      (code == CNS_OK || code == CNS_E_NOMEM));
                failed = failed || code != CNS_OK;
                if (for_good <= 0 || code == CNS_OK) {
                    CHECK_INT(cns_config_notice(&again, NULL, config, place, len, region,
                                                region ? rest - 3 : 0, NULL, NULL),
                              CNS_OK);
                    CHECK(code != CNS_OK || again == notice);
                    if (for_good < 0)
                        sums[i] = sum_of(again, config);
                    CHECK(sums[i] == sum_of(again, config));
                }
            }
            bool all = p.calls < at || for_good < 0;
            CHECK_INT(failed, !all);
            cns_config_free(config);
            CHECK(p.live == 0 && !p.wrong_size);
            if (all)
                break;
        }
}

/* ------------------------------------------------------------------- visitors */

static cns_code visit(cns_alloc alloc, void *arg) {
    /* a token that needs memory of its own, though it comes first */
    static char longer[6000];
    (void)snprintf(longer, sizeof longer, "{'updated':'@60','x':'%04000d'}", 0);
    const char *const tokens[] = {longer, TOKEN, "!not a token", longer, NULL};
    cns_code code = CNS_OK;
    cns_status *status = status_of(arg, tokens, NULL, alloc, &code);
    CHECK((status != NULL) == (code == CNS_OK));
    cns_status_free(status);
    return code;
}

TEST(visitors) {
    cns_config *config = NULL;
    CHECK_INT(new_config(&config, cns_alloc_default()), CNS_OK);
    harness_starve(visit, (void *)(uintptr_t)notice_at(config, "FR"));
    cns_config_free(config);
    cns_status_free(NULL);
}

static cns_code write_token(cns_alloc alloc, void *arg) {
    char *text = NULL;
    size_t len = 0;
    cns_code code = cns_token_write(&text, &len, cns_doc_root(arg), alloc, NULL);
    CHECK((text != NULL) == (code == CNS_OK));
    cns_text_free(alloc, text, len);
    return code;
}

static cns_code take_apart(cns_alloc alloc, void *arg) {
    (void)arg;
    size_t len;
    char *value =
        cookie_of("{'vendors':{'enabled':['a','\\u00e9'],'disabled':['b']},'user_id':'u'}", &len);
    cns_token_doc *doc = NULL;
    cns_code code = cns_token_doc_new(&doc, value, len, alloc, NULL);
    CHECK((doc != NULL) == (code == CNS_OK));
    if (doc)
        CHECK_INT(cns_token_doc_count(doc, 0), 2);
    cns_token_doc_free(doc);
    free(value);
    return code;
}

TEST(tokens) {
    cns_doc *doc = doc_of(
        "{'vendors':{'enabled':['a','\\u20ac','0123456789012345678901234567890123456789']},"
        "'more':[[1,2.5,null],[true,false],['0123456789012345678901234567890123456789',"
        "'0123456789012345678901234567890123456789','0123456789012345678901234567890123456789',"
        "'0123456789012345678901234567890123456789','0123456789012345678901234567890123456789']]}");
    harness_starve(write_token, doc);
    cns_doc_free(doc);
    harness_starve(take_apart, NULL);
    CHECK_INT(take_apart(cns_alloc_default(), NULL), CNS_OK);
}

/* -------------------------------------------------------------------- answers */

typedef struct scene {
    const cns_notice *notice;
    cns_visit visit;
    cns_answer answer;
    cns_query query;
    bool string; /* a TC string is written, and a Didomi Consent String kept */
    cns_code (*ask)(const struct scene *scene, char **text, size_t *len, cns_alloc alloc);
} scene;

static cns_code ask_write(const scene *s, char **text, size_t *len, cns_alloc alloc) {
    cns_written written;
    cns_code code = cns_answer_write(&written, s->notice, &s->visit, &s->answer, alloc, NULL);
    *text = written.token;
    *len = written.token_len;
    CHECK((written.tc != NULL) == (code == CNS_OK && s->string));
    cns_text_free(alloc, written.tc, written.tc_len);
    return code;
}

static cns_code ask_keep(const scene *s, char **text, size_t *len, cns_alloc alloc) {
    cns_kept_cookies kept;
    cns_keeping keeping = {.dcs = s->string};
    cns_code code = cns_answer_keep(&kept, s->notice, &s->visit, &keeping, alloc, NULL);
    cns_cookie which = kept.of[CNS_COOKIE_DCS].text ? CNS_COOKIE_DCS : CNS_COOKIE_TOKEN;
    *text = kept.of[which].text;
    *len = kept.of[which].len;
    kept.of[which].text = NULL;
    cns_kept_release(&kept, alloc);
    return code;
}

static cns_code ask_external(const scene *s, char **text, size_t *len, cns_alloc alloc) {
    bool unread;
    cns_code code = cns_external_write(text, len, &unread, s->notice, &s->visit, &s->query,
                                       s->answer.random, alloc, NULL);
    CHECK(!unread);
    return code;
}

static cns_code answer(cns_alloc alloc, void *arg) {
    const scene *s = arg;
    char *text = NULL;
    size_t len = 0;
    cns_code code = s->ask(s, &text, &len, alloc);
    CHECK((text != NULL) == (code == CNS_OK));
    cns_text_free(alloc, text, len);
    return code;
}

static void count(void *ctx, cns_list list, cns_text id, uint32_t iab) {
    (void)id;
    (void)iab;
    ((unsigned *)ctx)[list]++;
}

/* The token in force taken apart, then the lists of it. */
static cns_code list(cns_alloc alloc, void *arg) {
    const scene *s = arg;
    cns_token_doc *stored = NULL;
    cns_status *status = NULL;
    unsigned told[CNS_LIST_VENDORS_GLOBAL_OFF + 1] = {0};
    cns_code code = cns_answer_stored(&stored, s->notice, &s->visit, alloc, NULL);
    if (code == CNS_OK)
        code = cns_status_new(&status, s->notice, &s->visit, alloc, NULL);
    if (code == CNS_OK)
        code = cns_status_lists(status, stored, count, told, alloc);
    if (code == CNS_OK) /* each vendor of the notice in one of the two, and `c:x` in the last */
        CHECK_INT(told[CNS_LIST_VENDORS_GLOBAL_ON] + told[CNS_LIST_VENDORS_GLOBAL_OFF],
                  3 + (stored && told[CNS_LIST_VENDORS_CONSENT_ON] > 1));
    cns_status_free(status);
    cns_token_doc_free(stored);
    return code;
}

TEST(answers) {
    static const char query[] =
        "didomiConfig.user.externalConsent.value={\"enabledVendors\":[\"c:b\"]}";
    static char longer[5000];
    (void)snprintf(longer, sizeof longer,
                   "{'updated':'@70','x':'%04000d','vendors':{'enabled':['c:a','c:x'],'more':1}}",
                   0);
    const char *const tokens[] = {longer, TOKEN};
    cns_text cookies[2];
    char *values[2];
    for (size_t i = 0; i < 2; i++)
        cookies[i].text = values[i] = cookie_of(tokens[i], &cookies[i].len);
    cns_config *config = WORLD(layers[0], "{'user':{'externalConsent':{'enabled':true}}}");
    scene s = {.answer = {.kind = CNS_DISAGREE}, .visit = {.now = NOW * SECONDS}};
    s.visit.cookies = cookies;
    cns_query_add(&s.query, query, sizeof query - 1);
    static const char *const where[] = {"FR", "US_CA"};
    /* the configuration's life of an answer is seven seconds in one place */
    for (size_t place = 0; place < 2; place++)
        for (s.visit.cookie_count = 0; s.visit.cookie_count < 3; s.visit.cookie_count++) {
            s.notice = notice_at(config, where[place]);
            s.ask = ask_write;
            harness_starve(answer, &s);
            s.ask = ask_external;
            harness_starve(answer, &s);
            harness_starve(list, &s);
            s.ask = ask_keep;
            if (place == 1 && s.visit.cookie_count == 2)
                harness_starve(answer, &s);
        }
    for (size_t i = 0; i < 2; i++)
        free(values[i]);
    cns_config_free(config);
}

/* Strings are read, and one is written with the site's own CMP id. */
TEST(strings) {
    cns_doc *list =
        doc_of("{'gvlSpecificationVersion':3,'vendorListVersion':9,'tcfPolicyVersion':5,"
               "'purposes':{},'vendors':{'2':{'id':2,'name':'B','purposes':[1],"
               "'legIntPurposes':[7],'flexiblePurposes':[7]}}}");
    cns_gvl *gvl = NULL;
    CHECK_INT(cns_gvl_new(&gvl, list, cns_alloc_default(), NULL), CNS_OK);
    cns_doc *numbers = doc_of("{'vendors':{'a':{'num':3}},'purposes':{'p':{'num':4}}}");
    cns_doc *layer = doc_of(
        "{'app':{'customPurposes':[{'id':'p'}],'vendors':{'custom':[{'id':'a','purposeIds':['p']}],"
        "'iab':{'include':[2],'restrictions':[{'id':'r','purposeId':'measure_ad_performance',"
        "'restrictionType':'req-consent','vendors':{'type':'all'}}]}}},"
        "'consentpy':{'cmpId':300,'cmpIds':'any','tcf':{'purpose_one_exempt_countries':['DE']}}}");
    cns_config *config = NULL;
    CHECK_INT(cns_config_new(&config, &layer, 1, numbers, gvl, cns_alloc_default(), NULL), CNS_OK);
    static const char tc[] = "CQhUF0AQhUF0AAHABAENBqFgAP_gAEPgAAAACWQAYAAgJYAlkAGAAICWAAAA";
    cns_text string = {tc, sizeof tc - 1}, cookie;
    char *token = cookie_of("{'user_id':'01234567-89ab-6cde-8f01-23456789abcd','created':'@70',"
                            "'updated':'@70','vendors':{'enabled':['c:a']}}",
                            &cookie.len);
    cookie.text = token;
    scene s = {.answer = {.kind = CNS_DISAGREE}, .string = true, .ask = ask_write};
    s.notice = notice_at(config, "FR");
    s.visit = (cns_visit){.now = NOW * SECONDS, .cookies = &cookie, .cookie_count = 1, .own = true};
    s.visit.tc = (cns_sent){&string, 1, false};
    harness_starve(answer, &s);
    s.ask = ask_keep;
    harness_starve(answer, &s);
    free(token);
    cns_config_free(config);
    cns_gvl_free(gvl);
}

int main(void) {
    RUN(documents);
    RUN(configurations);
    RUN(notices);
    RUN(visitors);
    RUN(tokens);
    RUN(answers);
    RUN(strings);
    return harness_end();
}
