/* test_gvl.c - Global Vendor Lists, and notices that take vendors from them. */
#include "../../csrc/core/config.h"
#include "../../csrc/core/restriction.h"
#include "world.h"

#define HEAD "'gvlSpecificationVersion':3,'vendorListVersion':9,'tcfPolicyVersion':5,"
#define LIST                                                                                       \
    "{" HEAD "'lastUpdated':'now','purposes':{'1':{'name':'one','description':'d'},'2':{}},"       \
    "'vendors':{'30':{'id':30,'legIntPurposes':[2,7],'flexiblePurposes':[7]},"                     \
    "'2':{'id':2,'name':'Two','purposes':[1,12],'specialFeatures':[2],"                            \
    "'urls':[{'langId':'fr','privacy':'f'},{'langId':'en','privacy':'e'}]},"                       \
    "'56':{'specialPurposes':[1]},'40':{'purposes':[1],'deletedDate':'2024-06-11'},"               \
    "'755':{'purposes':[1],'legIntPurposes':[2]},'65535':{'purposes':[1]}}}"

static cns_gvl *gvl_of(const char *loose) {
    cns_gvl *gvl = NULL;
    cns_error err = {0};
    if (cns_gvl_new(&gvl, doc_of(loose), cns_alloc_default(), &err) != CNS_OK) {
        printf("%s: %s\n", err.message, loose);
        exit(2);
    }
    return gvl;
}

static cns_config *config_with(const char *layer, const char *catalog, const cns_gvl *gvl) {
    cns_doc *doc = doc_of(layer);
    cns_config *config = NULL;
    CHECK_INT(cns_config_new(&config, &doc, 1, catalog ? doc_of(catalog) : NULL, gvl,
                             cns_alloc_default(), NULL),
              CNS_OK);
    return config;
}

static bool is_text(cns_text text, const char *want) {
    return text.text && text.len == strlen(want) && memcmp(text.text, want, text.len) == 0;
}

TEST(what_a_list_says) {
    cns_gvl *gvl = gvl_of(LIST);
    cns_gvl_about about = cns_gvl_says(gvl);
    CHECK(about.version == 9 && about.specification == 3 && about.policy == 5);
    CHECK(is_text(about.last_updated, "now"));
    static const uint32_t ids[] = {2, 30, 40, 56, 755, 65535};
    cns_gvl_vendor vendor;
    for (size_t i = 0; i < LENGTH(ids); i++) {
        CHECK(cns_gvl_vendor_at(gvl, i, &vendor) && vendor.id == ids[i]);
        CHECK_INT(cns_gvl_row(gvl, ids[i]), i);
        CHECK((vendor.deleted.text != NULL) == (ids[i] == 40));
    }
    CHECK(!cns_gvl_vendor_at(gvl, LENGTH(ids), &vendor));
    CHECK(cns_gvl_vendor_at(gvl, 0, &vendor));
    CHECK(is_text(vendor.name, "Two") && is_text(vendor.policy_url, "e"));
    uint32_t numbers[2] = {0, 0};
    CHECK(cns_gvl_numbers(gvl, 0, CNS_GVL_PURPOSES, numbers, 1) == 2 && numbers[0] == 1 &&
          numbers[1] == 0);
    CHECK_INT(cns_gvl_numbers(gvl, 1, CNS_GVL_PURPOSES, NULL, 0), 0);
    CHECK_INT(cns_gvl_numbers(gvl, 99, CNS_GVL_PURPOSES, NULL, 0), 0);
    static const int64_t strangers[] = {0, -1, 1, 3, 65534, 65536, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < LENGTH(strangers); i++)
        CHECK(cns_gvl_row(gvl, strangers[i]) == CNS_NO_ID);
    cns_gvl_purpose purpose;
    CHECK(cns_gvl_purpose_at(gvl, 0, &purpose) && purpose.id == 1 && is_text(purpose.name, "one"));
    CHECK(cns_gvl_purpose_at(gvl, 1, &purpose) && purpose.id == 2 && !purpose.name.text);
    CHECK(!cns_gvl_purpose_at(gvl, 2, &purpose));
    cns_gvl_free(gvl);
    cns_gvl_free(NULL);
}

TEST(what_is_no_list) {
    static const struct {
        const char *text, *path;
        uint32_t offset;
    } cases[] = {
        {"[]", "", 0},
        {"{}", "", 0},
        {" {'vendors':{}}", "", 1},
        {"{" HEAD "'vendors':[]}", "vendors", 0},
        {"{" HEAD "'vendors':{'7':{'id':8}}}", "vendors.7.id", 0},
        {"{" HEAD "'vendors':{'7':{'purposes':[1,'2']}}}", "vendors.7.purposes", 0},
        {"{" HEAD "'vendors':{'7':{'deletedDate':0}}}", "vendors.7.deletedDate", 0},
        {"{" HEAD "'vendors':{'70000':{}}}", "vendors.70000", 0},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        harness.label = cases[i].text;
        cns_error err = {0};
        cns_gvl *gvl = NULL;
        CHECK_INT(cns_gvl_new(&gvl, doc_of(cases[i].text), cns_alloc_default(), &err), CNS_E_SHAPE);
        CHECK(!gvl && err.message[0]);
        CHECK_TEXT(err.path, cases[i].path);
        if (cases[i].path[0] == 'v')
            CHECK(err.offset > strlen(HEAD) && err.offset < strlen(cases[i].text));
        else
            CHECK_INT(err.offset, cases[i].offset);
        CHECK_INT(cns_gvl_new(&gvl, doc_of(cases[i].text), cns_alloc_default(), NULL), CNS_E_SHAPE);
    }
}

TEST(numbers_of_a_configuration) {
    cns_gvl *gvl = gvl_of(LIST);
    cns_config *config =
        config_with("{'app':{'vendors':{'custom':[{'id':'2','purposeIds':['cookies']}],"
                    "'include':['slug']}}}",
                    "{'vendors':{'slug':{'iab':30},'other':{'iab':31}}}", gvl);
    static const struct {
        const char *given, *api;
    } cases[] = {
        {"2", "2"},
        {"iab:2", "2"},
        {"c:2", "c:2"},
        {"30", "slug"},
        {"slug", "slug"},
        {"c:slug", "slug"},
        {"755", "google"},
        {"iab:755", "google"},
        {"40", "40"},
        {"65535", "65535"},
        {"other", NULL},
        {"31", NULL},
        {"0", NULL},
        {"-2", NULL},
        {"iab:", NULL},
        {"didomi:2", NULL},
        {"65536", NULL},
        {"didomi:slug", NULL},
        {"99999999999999999999", NULL},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        harness.label = cases[i].given;
        uint32_t found = cns_config_vendor(config, cases[i].given, strlen(cases[i].given));
        CHECK((found == CNS_NO_ID) == !cases[i].api);
        if (found != CNS_NO_ID && cases[i].api)
            CHECK(is_text(cns_config_vendor_id(config, found), cases[i].api));
    }
    /* a token's spelling of an IAB vendor is its number, and not its name */
    CHECK(cns_config_sdk_vendor(config, "slug", 4) == CNS_NO_ID);
    CHECK(cns_config_sdk_vendor(config, "30", 2) == cns_config_vendor_number(config, 30));
    CHECK(cns_config_vendor_number(config, 755) == cns_config_sdk_vendor(config, "google", 6));
    CHECK(cns_config_vendor_number(config, 31) == CNS_NO_ID);
    cns_config_free(config);
    cns_gvl_free(gvl);
}

/* Notices that take the same vendors share their tables, others do not. */
TEST(tables_are_shared) {
    cns_gvl *gvl = gvl_of(LIST);
    cns_config *config = config_with(
        "{'app':{'vendors':{'iab':{'all':true,'exclude':[2]}}},'configByCountry':{"
        "'FR':{'notice':{'x':1}},'DE':{'app':{'name':'n','vendors':{'iab':{'all':true}}}},"
        "'ES':{'app':{'vendors':{'iab':{'exclude':[]}}}},"
        "'IT':{'app':{'vendors':{'iab':{'restrictions':[]}}}}}}",
        NULL, gvl);
    const cns_tables *plain = notice_at(config, "AT")->tables;
    CHECK(notice_at(config, "FR")->tables == plain);
    CHECK(notice_at(config, "DE")->tables == plain);
    CHECK(notice_at(config, "ES")->tables != plain);
    CHECK(notice_at(config, "IT")->tables != plain);
    CHECK_INT(plain->vendor_count, 4);
    CHECK_INT(notice_at(config, "ES")->tables->vendor_count, 5);
    cns_config_free(config);
    cns_gvl_free(gvl);
}

static bool allows(const cns_status *s, uint32_t vendor) {
    cns_gate gate = {true, vendor, 0, NULL};
    const char *reason = NULL;
    bool open = cns_status_allows(s, &gate);
    CHECK(cns_status_explain(s, NULL, &gate, NULL, NULL, &reason) == open && reason);
    return open;
}

/* R12 and R15: what a token and the law make of each vendor. */
TEST(who_may_run) {
    cns_gvl *gvl = gvl_of(LIST);
    cns_config *config = config_with("{'app':{'vendors':{'iab':{'all':true}}},'regulations':{"
                                     "'cpra':{'enabled':true}}}",
                                     NULL, gvl);
    static const char token[] =
        "{'updated':'@60','vendors':{'enabled':['2','30','56','40','google','65535']},"
        "'vendors_li':{'enabled':['2','30','56','google'],'disabled':['65535']},"
        "'purposes':{'enabled':['cookies','device_characteristics']},"
        "'purposes_li':{'enabled':['select_basic_ads','measure_ad_performance']}}";
    static const struct {
        const char *place;
        bool open[6]; /* 2, 30, 40, 56, google, 65535 */
    } cases[] = {{"FR", {false, false, false, false, true, false}},
                 {"US_CA", {true, true, false, false, true, false}},
                 {"JP", {true, true, false, false, true, true}}};
    static const int64_t ids[] = {2, 30, 40, 56, 755, 65535};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        harness.label = cases[i].place;
        cns_status *s =
            status_of(notice_at(config, cases[i].place), (const char *const[]){token, NULL}, NULL,
                      cns_alloc_default(), NULL);
        for (size_t k = 0; k < LENGTH(ids); k++)
            CHECK_INT(allows(s, cns_config_vendor_number(config, ids[k])), cases[i].open[k]);
        if (i == 0) /* a refusal in the token stands, a permission does not */
            CHECK(cns_status_vendor(s, cns_config_vendor_number(config, 65535),
                                    CNS_LEGITIMATE_INTEREST, false) == CNS_NO &&
                  cns_status_vendor(s, cns_config_vendor_number(config, 2), CNS_CONSENT, false) ==
                      CNS_UNKNOWN);
        cns_status_free(s);
    }
    cns_config_free(config);
    cns_gvl_free(gvl);
}

/* ------------------------------------------------------------ restrictions */

/* Every combination of limits, flexibility and declared basis for one purpose. */
TEST(limits) {
    for (unsigned bits = 0; bits < 64; bits++) {
        cns_limits limits = {0, 0, 0};
        unsigned type = bits & 3;
        bool flexible = bits & 4, was_consent = bits & 8, was_li = bits & 16;
        uint32_t consent = was_consent ? 2 : 0, li = was_li ? 2 : 0, features = bits & 32 ? 2 : 0;
        uint32_t had = features;
        *(type == 1 ? &limits.disallow : type == 2 ? &limits.consent : &limits.li) = type ? 2 : 0;
        cns_restrict(limits, flexible ? 2 : 0, &consent, &li, &features);
        bool to_consent = type == 0   ? was_consent
                          : type == 1 ? false
                          : type == 2 ? was_consent || (was_li && flexible)
                                      : false;
        bool to_li = type == 0   ? was_li
                     : type == 1 ? false
                     : type == 3 ? was_li || (was_consent && flexible)
                                 : false;
        CHECK_INT(consent, to_consent ? 2 : 0);
        CHECK_INT(li, to_li ? 2 : 0);
        CHECK_INT(features, type == 1 ? 0 : had);
    }
}

/* ---------------------------------------------------------------- starving */

static cns_code read_list(cns_alloc alloc, void *arg) {
    cns_doc *doc = NULL;
    cns_gvl *gvl = NULL;
    cns_code code = read_doc(&doc, arg, alloc, NULL);
    if (code == CNS_OK)
        code = cns_gvl_new(&gvl, doc, alloc, NULL); /* takes it over */
    CHECK((gvl != NULL) == (code == CNS_OK));
    cns_gvl_free(gvl);
    return code;
}

static cns_code configure(cns_alloc alloc, void *arg) {
    cns_doc *layer = NULL, *catalog = NULL;
    cns_config *config = NULL;
    cns_code code =
        read_doc(&layer,
                 "{'app':{'vendors':{'iab':{'all':true,'restrictions':[{'id':'r','purposeId':"
                 "'cookies','vendors':{'type':'list','ranges':[{'start':1,'end':40}]},"
                 "'restrictionType':'disallow'}]},'include':['slug'],'custom':[{'id':'g',"
                 "'namespaces':{'google':{'current':true}}}],"
                 "'overrideVendors':{'30':{'name':'n'}}}}}",
                 alloc, NULL);
    if (code == CNS_OK &&
        (code = read_doc(&catalog, "{'vendors':{'slug':{'iab':30}}}", alloc, NULL)) != CNS_OK)
        cns_doc_free(layer);
    if (code == CNS_OK)
        code = cns_config_new(&config, &layer, 1, catalog, arg, alloc, NULL);
    const cns_notice *notice = NULL;
    if (code == CNS_OK)
        code = cns_config_notice(&notice, NULL, config, "FR", 2, NULL, 0, NULL, NULL);
    if (code == CNS_OK) {
        CHECK_INT(notice->tables->vendor_count, 5); /* g, google, 30, 56, 65535 */
        CHECK(cns_config_fingerprint(config) != 0);
    }
    cns_config_free(config);
    return code;
}

TEST(starving) {
    harness_starve(read_list, (void *)(uintptr_t)LIST);
    cns_gvl *gvl = gvl_of(LIST);
    harness_starve(configure, gvl);
    cns_gvl_free(gvl);
}

int main(void) {
    RUN(what_a_list_says);
    RUN(what_is_no_list);
    RUN(numbers_of_a_configuration);
    RUN(tables_are_shared);
    RUN(who_may_run);
    RUN(limits);
    RUN(starving);
    return harness_end();
}
