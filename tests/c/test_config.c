/* test_config.c - layers, entries of regulations, origins, countries, the cache. */
#ifndef _WIN32
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#endif

#include "world.h"

static const cns_value *get(const cns_notice *notice, const char *path) {
    return cns_notice_get(notice, path, strlen(path));
}

static long long number(const cns_notice *notice, const char *path) {
    const cns_value *value = get(notice, path);
    return value && cns_value_kind(value) == CNS_INT ? cns_value_int(value) : -1;
}

/* --------------------------------------------------------------------- layers */

TEST(later_layers_win) {
    cns_config *config = WORLD("{'x':1,'y':1,'z':1,'app':{'l':[1,2]}}",
                               "{'y':2,'configByCountry':{'FR':{'x':20,'z':20},'DE':{'z':21}}}",
                               "{'z':3,'app':{'l':[]},'configByCountry':{'FR':{'z':30}}}");
    static const struct {
        const char *place;
        long long x, y, z;
        const char *override;
    } cases[] = {{"ES", 1, 2, 3, ""},         {"FR", 20, 2, 30, "FR"}, {"DE", 1, 2, 21, "DE"},
                 {"fr_IDF", 20, 2, 30, "FR"}, {NULL, 1, 2, 3, ""},     {"XX", 1, 2, 3, ""}};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const cns_notice *notice = notice_at(config, cases[i].place);
        harness.label = cases[i].place ? cases[i].place : "no place";
        CHECK_INT(number(notice, "x"), cases[i].x);
        CHECK_INT(number(notice, "y"), cases[i].y);
        CHECK_INT(number(notice, "z"), cases[i].z);
        CHECK_TEXT(cns_notice_override(notice), cases[i].override);
        CHECK_INT(cns_value_count(get(notice, "app.l")), 0);
    }
    CHECK(cns_config_layer(config, 2) && !cns_config_layer(config, 3));
    cns_config_free(config);
}

TEST(overrides_that_do_not_count) {
    cns_config *config =
        WORLD("{'x':1,'configByCountry':{'fr':{'x':2},'FRA':{'x':3},'ES':null,'IT':'x','DE':[],"
              "'PT':{'configByCountry':{'PT':{'x':4}},'y':5}}}");
    static const char *const places[] = {"FR", "ES", "IT", "DE", "PT"};
    for (size_t i = 0; i < LENGTH(places); i++)
        CHECK_INT(number(notice_at(config, places[i]), "x"), 1);
    CHECK_INT(number(notice_at(config, "PT"), "y"), 5); /* nested ones are not merged */
    cns_config_free(config);
    config = WORLD("{'x':1,'configByCountry':[{'x':2}]}");
    CHECK_INT(number(notice_at(config, "FR"), "x"), 1);
    cns_config_free(config);
}

/* An entry's config lies over its parent, below the later layers and the country. */
TEST(entries_of_regulations) {
    cns_config *config = WORLD(
        "{'a':1,'b':1,'c':1,'d':1}",
        "{'a':2,'b':2,'c':2,'d':2,'regulation_configurations':["
        "{'regulation_id':'gdpr','config':{'b':7,'c':7,'d':7,'configByCountry':{'FR':{'e':7}}}},"
        "{'regulation_id':'cpra','config':{'b':8}}]}",
        "{'c':3,'d':3,'configByCountry':{'FR':{'d':9},'US':{'d':10}}}");
    const cns_notice *fr = notice_at(config, "FR"), *us = notice_at(config, "US_CA"),
                     *jp = notice_at(config, "JP");
    CHECK(number(fr, "a") == 2 && number(fr, "b") == 7 && number(fr, "c") == 3 &&
          number(fr, "d") == 9);
    CHECK_INT(number(fr, "e"), 7);
    CHECK(number(us, "a") == 2 && number(us, "b") == 8 && number(us, "c") == 3 &&
          number(us, "d") == 10);
    CHECK(number(jp, "a") == 2 && number(jp, "b") == 2 && number(jp, "c") == 3 &&
          number(jp, "d") == 3);
    cns_config_free(config);
    /* a later layer's list of entries replaces the whole, and is their new parent */
    config =
        WORLD("{'b':1,'regulation_configurations':[{'regulation_id':'gdpr','config':{'b':7}}]}",
              "{'b':2}",
              "{'b':3,'regulation_configurations':[{'regulation_id':'gdpr','config':{'b':8}}]}");
    CHECK_INT(number(notice_at(config, "FR"), "b"), 8);
    cns_config_free(config);
    /* a config that is no object */
    config = WORLD("{'b':1,'regulation_configurations':[{'regulation_id':'gdpr','config':null}]}");
    CHECK_INT(number(notice_at(config, "FR"), "b"), 1);
    cns_config_free(config);
}

/* -------------------------------------------------------------------- origins */

/* `layer1+ layer0 regulation1 country2 defaults`: kinds, layers; + has an offset. */
static const char *origins(const cns_notice *notice, const char *path) {
    static const char *const kinds[] = {"defaults", "layer", "regulation", "country"};
    static char out[256];
    cns_origin found[8];
    size_t count = cns_notice_origins(notice, path, strlen(path), found, 8);
    char *to = out;
    *to = '\0';
    for (size_t i = 0; i < count && i < 8; i++) {
        to += sprintf(to, "%s%s", i ? " " : "", kinds[found[i].kind]);
        if (found[i].kind != CNS_FROM_DEFAULTS)
            to += sprintf(to, "%u", (unsigned)found[i].layer);
        CHECK(found[i].value != NULL && found[i].offset != CNS_NO_OFFSET);
    }
    if (count && found[0].kind !=
                     CNS_FROM_DEFAULTS) { /* the winner is what counts, but for merged objects */
        const cns_value *winner = get(notice, path);
        CHECK(winner == found[0].value || cns_value_kind(winner) == CNS_OBJECT);
    }
    CHECK_INT(cns_notice_origins(notice, path, strlen(path), NULL, 0), count);
    return out;
}

TEST(where_values_come_from) {
    cns_config *config = WORLD("{'app':{'consentDuration':1,'o':{'p':1}},'b':1,'configByCountry':{'"
                               "FR':{'b':5,'f':1}},'r':0}",
                               "{'app':{'consentDuration':2},'regulation_configurations':[{'"
                               "regulation_id':'gdpr','config':"
                               "{'b':3,'r':1,'configByCountry':{'FR':{'b':4}}}}],'r':2}",
                               "{'app':{'o':{'q':1}},'b':6,'s':null,'consentpy':{'gpc':'off'},'"
                               "configByCountry':{'FR':{'b':8}}}");
    const cns_notice *fr = notice_at(config, "FR"), *jp = notice_at(config, "JP");
    static const struct {
        const char *path, *in_fr, *in_jp;
    } cases[] = {
        {"app.consentDuration", "layer1 layer0 defaults", "layer1 layer0 defaults"},
        {"app.o", "layer2 layer0", "layer2 layer0"},
        {"app.o.p", "layer0", "layer0"},
        {"b", "country2 country1 country0 layer2 regulation1 layer0", "layer2 layer0"},
        {"r", "regulation1 layer1 layer0", "layer1 layer0"},
        {"f", "country0", ""},
        {"s", "layer2", "layer2"},
        {"notice.type", "defaults", "defaults"},
        {"consentpy.gpc", "layer2 defaults", "layer2 defaults"},
        {"consentpy.cmpIds[0]", "defaults", "defaults"},
        {"consentpy", "", ""},
        {"configByCountry.FR.b", "", ""},
        {"regulation_configurations[0]", "", ""},
        {"nothing.there", "", ""},
        {"not a path[", "", ""},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        harness.label = cases[i].path;
        CHECK_TEXT(origins(fr, cases[i].path), cases[i].in_fr);
        CHECK_TEXT(origins(jp, cases[i].path), cases[i].in_jp);
        CHECK((get(fr, cases[i].path) != NULL) == (cases[i].in_fr[0] != '\0'));
    }
    CHECK(cns_effective_hides("consentpy", 9) && cns_effective_hides("configByCountry", 15) &&
          cns_effective_hides("regulation_configurations", 25) && !cns_effective_hides("app", 3));
    cns_config_free(config);
}

/* ------------------------------------------------------------------ countries */

TEST(countries) {
    char codes[4][3];
    cns_config *config =
        WORLD("{'configByCountry':{'FR':{},'DE':null,'fr':{},'FRA':{},'F1':{},'':{}}}",
              "{'configByCountry':{'AD':{},'FR':{'x':1},'ZZ':{}}}");
    CHECK_INT(cns_config_countries(config, codes, 4), 4);
    static const char *const want[] = {"AD", "DE", "FR", "ZZ"};
    for (size_t i = 0; i < 4; i++)
        CHECK_TEXT(codes[i], want[i]);
    CHECK_INT(cns_config_countries(config, codes, 1), 4);
    cns_config_free(config);
    config = WORLD("{}");
    CHECK_INT(cns_config_countries(config, codes, 4), 0);
    cns_config_free(config);
}

/* ------------------------------------------------------------------ the cache */

#define CACHED                                                                                     \
    "{'regulations':{'cpra':{'enabled':true}},'app':{'vendors':{'custom':[{'id':'v','purposeIds':" \
    "['p']}]},"                                                                                    \
    "'customPurposes':[{'id':'p'}]},'configByCountry':{'FR':{'x':1},'DE':{'x':2},'CA':{'y':1}}}"

TEST(one_notice_for_one_set_of_rules) {
    cns_config *config = WORLD(CACHED);
    const cns_notice *fr = notice_at(config, "FR");
    CHECK(fr == notice_at(config, "FR") && fr == notice_at(config, "fr") &&
          fr == notice_at(config, "FR_75"));
    CHECK(fr != notice_at(config, "DE"));
    CHECK(notice_at(config, "ES") == notice_at(config, "IT")); /* the same rules */
    CHECK(notice_at(config, "ES") == notice_at(config, NULL) &&
          notice_at(config, NULL) == notice_at(config, "XX"));
    CHECK(notice_at(config, "JP") == notice_at(config, "US_TX"));
    CHECK(notice_at(config, "US_CA") != notice_at(config, "US_TX"));
    CHECK(notice_at(config, "US_CA") == notice_at(config, "US"));
    CHECK_INT(cns_notice_group(notice_at(config, "US_CA")), CNS_OPT_OUT);
    CHECK_INT(cns_notice_group(notice_at(config, "JP")), CNS_NO_LAW);
    cns_config_free(config);
}

/* Whatever is asked for, the memory for it ends: a second round needs no more. */
TEST(the_cache_is_bounded) {
    picky p = {.fail_at = 0};
    cns_alloc alloc = {picky_resize, &p};
    cns_doc *layer = NULL;
    cns_config *config = NULL;
    CHECK_INT(read_doc(&layer, CACHED, alloc, NULL), CNS_OK);
    CHECK_INT(cns_config_new(&config, &layer, 1, NULL, NULL, alloc, NULL), CNS_OK);
    size_t after = 0;
    for (int round = 0; round < 3; round++) {
        for (int a = 0; a < 64; a++)
            for (int b = 0; b < 64; b++) {
                char place[8] = {(char)(' ' + a), (char)('@' + b), '_', (char)('A' + b % 26), '\0'};
                (void)notice_at(config, place);
            }
        if (round == 0)
            after = p.live;
        CHECK_INT(p.live, after);
    }
    cns_config_free(config);
    CHECK(p.live == 0 && !p.wrong_size);
}

TEST(where_a_visitor_is) {
    cns_config *config = WORLD("{}"), *fixed = WORLD("{'user':{'country':'de','region':'by'}}");
    static const struct {
        const char *country, *region, *want, *want_region;
    } cases[] = {{"fr", "idf", "FR", "IDF"}, {"FR", NULL, "FR", ""},      {NULL, "CA", "", ""},
                 {"XX", "CA", "", ""},       {"FR", "toolong", "FR", ""}, {"", "", "", ""},
                 {NULL, NULL, "", ""}};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const cns_notice *notice;
        cns_place place;
        const char *c = cases[i].country, *r = cases[i].region;
        CHECK_INT(cns_config_notice(&notice, &place, config, c, c ? strlen(c) : 0, r,
                                    r ? strlen(r) : 0, NULL, NULL),
                  CNS_OK);
        CHECK_TEXT(place.country, cases[i].want);
        CHECK_TEXT(place.region, cases[i].want_region);
        CHECK_INT(cns_config_notice(&notice, &place, fixed, c, c ? strlen(c) : 0, r,
                                    r ? strlen(r) : 0, NULL, NULL),
                  CNS_OK);
        CHECK_TEXT(place.country, "DE");
        CHECK_TEXT(place.region, "BY");
    }
    cns_config_free(config);
    cns_config_free(fixed);
}

TEST(fingerprints) {
    cns_config *a = WORLD(CACHED), *b = WORLD(CACHED), *c = WORLD("{'x':1}"),
               *d = WORLD("{'x':1.5}"), *e = WORLD("{'x':'1'}"), *f = WORLD("{'x':1}", "{}");
    cns_config *all[] = {a, c, d, e, f};
    CHECK(cns_config_fingerprint(a) == cns_config_fingerprint(b) && cns_config_fingerprint(a) != 0);
    for (size_t i = 0; i < LENGTH(all); i++)
        for (size_t k = 0; k < i; k++)
            CHECK(cns_config_fingerprint(all[i]) != cns_config_fingerprint(all[k]));
    CHECK(cns_notice_fingerprint(notice_at(a, "FR")) == cns_notice_fingerprint(notice_at(b, "FR")));
    CHECK(cns_notice_fingerprint(notice_at(a, "FR")) != cns_notice_fingerprint(notice_at(a, "DE")));
    for (size_t i = 0; i < LENGTH(all); i++)
        cns_config_free(all[i]);
    cns_config_free(b);
}

/* -------------------------------------------------------------- ids and lists */

TEST(spellings_of_ids) {
    cns_config *config =
        WORLD("{'app':{'vendors':{'custom':[{'id':'a','purposeIds':['p']},{'id':'c:b','purposeIds':"
              "['p']},"
              "{'id':'google','purposeIds':['p']}],'didomi':['google','facebook','nobody'],"
              "'iab':{'include':[755]}},'customPurposes':[{'id':'p'},{'id':'not good'}]}}");
    static const char *const cases[][2] = {
        {"a", "c:a"},
        {"c:a", "c:a"},
        {"b", "c:b"},
        {"c:b", "c:b"},
        {"google", "google"},
        {"didomi:google", "google"},
        {"c:google", "c:google"},
        {"755", "google"},
        {"iab:755", "google"},
        {"0755", "google"},
        {"facebook", "facebook"},
        {"c:facebook", "facebook"},
        {"didomi:a", NULL},
        {"nobody", NULL},
        {"", NULL},
        {"iab:", NULL},
        {"iab:7", NULL},
        {"iab:99999999999", NULL},
        {"c:", NULL},
        {"A", NULL},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        harness.label = cases[i][0];
        uint32_t vendor = cns_config_vendor(config, cases[i][0], strlen(cases[i][0]));
        CHECK((vendor == CNS_NO_ID) == !cases[i][1]);
        if (vendor != CNS_NO_ID)
            CHECK(strncmp(cns_config_vendor_sdk_id(config, vendor).text, cases[i][1],
                          strlen(cases[i][1])) == 0);
    }
    uint32_t google = cns_config_vendor_number(config, 755),
             own = cns_config_vendor(config, "c:google", 8);
    CHECK_TEXT(cns_config_vendor_id(config, google).text, "google");
    CHECK_TEXT(cns_config_vendor_id(config, own).text,
               "c:google"); /* the prefix stays where it tells apart */
    CHECK_TEXT(cns_config_vendor_id(config, cns_config_vendor(config, "c:b", 3)).text, "b");
    CHECK_INT(cns_config_vendor_number(config, -1), CNS_NO_ID);
    CHECK_INT(cns_config_vendor_number(config, 0), CNS_NO_ID);
    /* every id that the configuration gives out leads back to itself */
    for (uint32_t i = 0; i < cns_config_vendor_count(config); i++) {
        cns_text id = cns_config_vendor_id(config, i), sdk = cns_config_vendor_sdk_id(config, i);
        CHECK_INT(cns_config_vendor(config, id.text, id.len), i);
        CHECK_INT(cns_config_vendor(config, sdk.text, sdk.len), i);
    }
    CHECK_INT(cns_config_purpose(config, "device_access", 13),
              cns_config_purpose_number(config, 1));
    CHECK_TEXT(cns_config_purpose_id(config, cns_config_purpose_number(config, 11)).text,
               "use_limited_data_to_select_content");
    CHECK_INT(cns_config_purpose_number(config, 12), CNS_NO_ID);
    CHECK_INT(cns_config_purpose_number(config, 0), CNS_NO_ID);
    CHECK_INT(cns_config_purpose(config, "not good", 8), CNS_NO_ID);
    cns_config_free(config);
}

/* The notice's vendors (or purposes), each with a comma. */
static const char *listed(const cns_config *config, const cns_notice *notice, bool vendors) {
    static char out[512];
    char *to = out;
    *to = '\0';
    for (size_t i = 0;; i++) {
        uint32_t at = vendors ? cns_notice_vendor_at(notice, i) : cns_notice_purpose_at(notice, i);
        if (at == CNS_NO_ID)
            return out;
        cns_text id =
            vendors ? cns_config_vendor_id(config, at) : cns_config_purpose_id(config, at);
        to += sprintf(to, "%.*s,", (int)id.len, id.text);
    }
}

#define TWO "'customPurposes':[{'id':'p'},{'id':'q'}]"
#define V(id, p) "{'id':'" id "','purposeIds':['" p "']}"

TEST(lists_of_a_notice) {
    static const struct {
        const char *app, *vendors, *purposes;
    } cases[] = {
        {"{}", "", ""},
        {"{'vendors':7,'customPurposes':{},'purposes':'x','disabledPurposes':null}", "", ""},
        {"{'vendors':{'custom':[" V("b", "q") "," V("a", "p") "]}," TWO "}", "b,a,", "p,q,"},
        /* no known purpose: dropped; a wrong shape: ignored */
        {"{'vendors':{'custom':[" V("a", "x") "," V(
             "b", "p") ",{'id':7},{'id':''},7,null,{'id':'c'}]}," TWO "}",
         "b,", "p,q,"},
        /* of two definitions the first wins */
        {"{'vendors':{'custom':[" V("a", "p") "," V(
             "a", "q") "]},'customPurposes':[{'id':'p'},{'id':'p'}]}",
         "a,", "p,"},
        /* IAB purposes in order of number, behind custom ones; none can be taken over */
        {"{'vendors':{'custom':[{'id':'a','purposeIds':['p','market_research'],'legIntPurposeIds':["
         "'cookies']}]},"
         "'customPurposes':[{'id':'cookies'},{'id':'p'}]}",
         "a,", "p,cookies,market_research,"},
        {"{'vendors':{'custom':[" V("a", "device_access") "]}}", "a,", "cookies,"},
        {"{'vendors':{'custom':[{'id':'a','purposeIds':['p'],'specialFeatureIds':[1,'device_"
         "characteristics']}]}," TWO "}",
         "a,", "p,q,geolocation_data,device_characteristics,"},
        /* Didomi's own behind custom ones, Google with number 755 */
        {"{'vendors':{'didomi':['twitter'],'custom':[" V("a", "p") "],'iab':[755]}," TWO "}",
         "a,twitter,google,",
         "p,q,cookies,select_basic_ads,create_ads_profile,select_personalized_ads,measure_ad_"
         "performance,"
         "market_research,improve_products,"},
        {"{'vendors':{'iab':{'all':true,'exclude':[755]},'include':['facebook','a']}}", "facebook,",
         "cookies,"},
        {"{'vendors':{'overrideVendors':{'facebook':{'purposeIds':['p']}},'didomi':['facebook']}"
         "," TWO "}",
         "facebook,", "p,q,"},
        /* more purposes, and fewer */
        {"{'purposes':['market_research','x']," TWO "}", "", "p,q,market_research,"},
        {"{'vendors':{'custom':[" V("a", "p") "]},'disabledPurposes':['q']," TWO "}", "a,", "p,"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char text[1024];
        harness.label = cases[i].app;
        (void)snprintf(text, sizeof text, "{'app':%s}", cases[i].app);
        cns_config *config = WORLD(text);
        CHECK_TEXT(listed(config, notice_at(config, "FR"), true), cases[i].vendors);
        CHECK_TEXT(listed(config, notice_at(config, "FR"), false), cases[i].purposes);
        cns_config_free(config);
        (void)snprintf(text, sizeof text, "{'website':%s}", cases[i].app); /* the old name */
        config = WORLD(text);
        CHECK_TEXT(listed(config, notice_at(config, "FR"), true), cases[i].vendors);
        cns_config_free(config);
    }
}

TEST(a_catalog_of_the_site_wins) {
    static const char *const layers[] = {
        "{'app':{'vendors':{'didomi':['google','mine','facebook']}}}", NULL};
    cns_config *config =
        config_of(layers, "{'vendors':{'google':{'name':'G','purposes':['cookies']},"
                          "'mine':{'iab':42,'legIntPurposes':['market_research']}}}");
    const cns_notice *notice = notice_at(config, "FR");
    CHECK_TEXT(listed(config, notice, true), "google,mine,facebook,");
    CHECK_TEXT(listed(config, notice, false), "cookies,market_research,");
    cns_vendor_info info;
    cns_notice_vendor_info(notice, cns_config_vendor_number(config, 42), &info);
    CHECK(info.space == CNS_DIDOMI && info.iab == 42 && info.on_li && !info.on_consent);
    CHECK_TEXT(info.name.text, "mine");
    cns_notice_vendor_info(notice, cns_config_vendor(config, "google", 6), &info);
    CHECK_TEXT(info.name.text, "G");
    CHECK_INT(info.iab, 755);
    cns_config_free(config);
}

TEST(layers_that_are_refused) {
    static const char *const bad[] = {"[]", "null", "7", "'text'"};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        cns_doc *docs[] = {doc_of("{}"), doc_of(bad[i])};
        cns_config *config = NULL;
        cns_error err = {0};
        CHECK_INT(cns_config_new(&config, docs, 2, NULL, NULL, cns_alloc_default(), &err),
                  CNS_E_SHAPE);
        CHECK(!config && err.layer == 1 && err.message[0]);
    }
    cns_config *config = NULL;
    CHECK_INT(cns_config_new(&config, NULL, 0, NULL, NULL, cns_alloc_default(), NULL), CNS_E_SHAPE);
    cns_config_free(NULL);
}

/* -------------------------------------------------------------------- threads */

#ifndef _WIN32
typedef struct asker {
    cns_config *config;
    const cns_notice *got[26 * 26];
    uint64_t fingerprint;
    unsigned step;
} asker;

static void *ask_for_all(void *arg) {
    asker *a = arg;
    for (unsigned i = 0, at = a->step; i < 26 * 26; i++, at = (at + a->step) % (26 * 26)) {
        char code[2] = {(char)('A' + at / 26), (char)('A' + at % 26)};
        if (cns_config_notice(&a->got[at], NULL, a->config, code, 2, NULL, 0, NULL, NULL) != CNS_OK)
            a->got[at] = NULL;
    }
    a->fingerprint = cns_config_fingerprint(a->config);
    return NULL;
}

TEST(threads_ask_one_configuration) {
    static asker askers[6];
    static const unsigned steps[] = {1, 3, 5, 7, 9, 11}; /* each is prime to 676 */
    for (int round = 0; round < 10; round++) {
        pthread_t threads[6];
        cns_config *config = WORLD(CACHED);
        for (size_t i = 0; i < 6; i++) {
            askers[i] = (asker){.config = config, .step = steps[i]};
            CHECK_INT(pthread_create(&threads[i], NULL, ask_for_all, &askers[i]), 0);
        }
        for (size_t i = 0; i < 6; i++)
            (void)pthread_join(threads[i], NULL);
        for (size_t i = 0; i < 6; i++) {
            CHECK(memcmp(askers[i].got, askers[0].got, sizeof askers[0].got) == 0);
            CHECK(askers[i].got[0] && askers[i].fingerprint == cns_config_fingerprint(config));
        }
        cns_config_free(config);
    }
}
#endif

int main(void) {
    RUN(later_layers_win);
    RUN(overrides_that_do_not_count);
    RUN(entries_of_regulations);
    RUN(where_values_come_from);
    RUN(countries);
    RUN(one_notice_for_one_set_of_rules);
    RUN(the_cache_is_bounded);
    RUN(where_a_visitor_is);
    RUN(fingerprints);
    RUN(spellings_of_ids);
    RUN(lists_of_a_notice);
    RUN(a_catalog_of_the_site_wins);
    RUN(layers_that_are_refused);
#ifndef _WIN32
    RUN(threads_ask_one_configuration);
#endif
    return harness_end();
}
