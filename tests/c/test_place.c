/* test_place.c - countries, regions, and the law that applies there (rule R2). */
#include "../../csrc/core/place.h"
#include "../../csrc/core/regulation.h"
#include "world.h"

TEST(which_countries_exist) {
    int count = 0;
    for (char a = 'A'; a <= 'Z'; a++)
        for (char b = 'A'; b <= 'Z'; b++)
            count += cns_country_assigned((char[]){a, b, '\0'});
    CHECK_INT(count, 250); /* 249 of ISO 3166-1, and XK */
    static const char *const known[] = {"FR", "fr", "Us", "XK", "GB", "SS", "BQ", "CW"};
    static const char *const unknown[] = {"",   "F",        "FRA", "XX", "T1", "EU",
                                          "UK", "A1",       "AN",  "ZZ", "F ", " F",
                                          "F_", "\xC3\xA9", "aa",  "1F", "EN", "SU"};
    for (size_t i = 0; i < LENGTH(known) + LENGTH(unknown); i++) {
        bool good = i < LENGTH(known);
        char out[3];
        harness.label = good ? known[i] : unknown[i - LENGTH(known)];
        cns_country_read(out, (cns_span){harness.label, strlen(harness.label)});
        CHECK(good ? out[0] == cns_upper(harness.label[0]) && out[1] == cns_upper(harness.label[1])
                   : out[0] == '\0');
        CHECK(out[2] == '\0');
    }
    char out[3];
    cns_country_read(out, (cns_span){"F\0", 2});
    CHECK_TEXT(out, "");
}

TEST(regions) {
    static const char *const cases[][2] = {{"CA", "CA"},   {"ca", "CA"}, {"1", "1"},
                                           {"12b", "12B"}, {"", ""},     {"CALI", ""},
                                           {"C-", ""},     {" CA", ""},  {"\xC3\xA9", ""}};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char out[4];
        harness.label = cases[i][0];
        cns_region_read(out, (cns_span){cases[i][0], strlen(cases[i][0])});
        CHECK_TEXT(out, cases[i][1]);
    }
}

TEST(groups) {
    CHECK_INT(cns_regulation_group(CNS_SPAN("gdpr")), CNS_OPT_IN);
    CHECK_INT(cns_regulation_group(CNS_SPAN("none")), CNS_NO_LAW);
    CHECK_INT(cns_regulation_group(CNS_SPAN("lgpd")), CNS_OPT_IN); /* an unknown law denies */
    CHECK_INT(cns_regulation_group(CNS_SPAN("CPRA")), CNS_OPT_IN);
    static const char *const out[] = {"cpra",    "cpa",   "ctdpa", "vcdpa",  "ucpa",  "ccpa",
                                      "dpdpa",   "fdbr",  "icdpa", "incdpa", "kcdpa", "mcdpa",
                                      "mncdpa",  "modpa", "ndpa",  "nhpa",   "njdpa", "ocpa",
                                      "ridtppa", "tdpsa", "tipa"};
    for (size_t i = 0; i < LENGTH(out); i++) {
        harness.label = out[i];
        CHECK_INT(cns_regulation_group((cns_span){out[i], strlen(out[i])}), CNS_OPT_OUT);
    }
}

/* A visitor of `place` has the cookie `sent` (or none); the law's id, and the
 * number of its entry where `want` ends in one. */
typedef struct row {
    const char *config, *place, *sent, *want;
} row;

static bool has_cookie(void *ctx, const char *name, size_t len) {
    const char *sent = ctx;
    return strlen(sent) == len && memcmp(sent, name, len) == 0;
}

static void check_rows(const row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char got[64], sent[64] = "";
        harness.label = rows[i].config;
        if (rows[i].sent)
            (void)snprintf(sent, sizeof sent, "%s", rows[i].sent);
        cns_probe probe = {has_cookie, sent};
        cns_config *config = WORLD(rows[i].config);
        const cns_notice *notice = notice_with(config, rows[i].place, rows[i].sent ? &probe : NULL);
        size_t len;
        const char *law = cns_notice_regulation(notice, &len);
        const cns_value *mark = cns_notice_get(notice, "mark", 4);
        int at = snprintf(got, sizeof got, "%.*s", (int)len, law);
        if (mark)
            (void)snprintf(got + at, sizeof got - (size_t)at, " %d", (int)cns_value_int(mark));
        if (!CHECK_TEXT(got, rows[i].want))
            printf("    in %s\n", rows[i].place ? rows[i].place : "(no place)");
        cns_config_free(config);
    }
}

#define US "{'regulations':{'cpra':{'enabled':true},'vcdpa':{'enabled':true}}}"
#define ALL_US                                                                                     \
    "{'regulations':{'x':{'enabled':true,'geo_locations':['US']},'cpra':{'enabled':true}}}"

TEST(laws_by_name) {
    static const row rows[] = {
        /* gdpr is on by default, nothing else is */
        {"{}", "FR", NULL, "gdpr"},
        {"{}", "YT", NULL, "gdpr"},
        {"{}", "CH", NULL, "none"},
        {"{}", "US_CA", NULL, "none"},
        {"{}", "FR_IDF", NULL, "gdpr"},
        {"{'regulations':{'cpra':{}}}", "US_CA", NULL, "none"},
        {"{'regulations':{'cpra':{'enabled':1}}}", "US_CA", NULL, "none"},
        {"{'regulations':{'gdpr':{'enabled':false}}}", "FR", NULL, "none"},
        {"{'regulations':{'gdpr':{'enabled':0}}}", "FR", NULL, "gdpr"},
        {"{'regulations':{'gdpr':null}}", "FR", NULL, "gdpr"},
        {"{'regulations':null}", "FR", NULL, "gdpr"},
        {"{'regulations':[]}", "FR", NULL, "gdpr"},
        {US, "US_CA", NULL, "cpra"},
        {US, "US_VA", NULL, "vcdpa"},
        {US, "US_TX", NULL, "none"},
        {US, "us_va", NULL, "vcdpa"},
        {US, "FR", NULL, "gdpr"},
        {US, "DE_CA", NULL, "gdpr"},
        /* more countries; the layers' lists add up */
        {"{'regulations':{'gdpr':{'additionalCountries':['CH','br']}}}", "BR", NULL, "gdpr"},
        {"{'regulations':{'gdpr':{'additionalCountries':['CH']}}}", "BR", NULL, "none"},
        {"{'regulations':{'gdpr':{'additionalCountries':['US_TX']}}}", "US_TX", NULL, "gdpr"},
        {"{'regulations':{'gdpr':{'geo_locations':['CA']}}}", "FR", NULL, "none"},
        {"{'regulations':{'gdpr':{'geo_locations':[]}}}", "FR", NULL, "none"},
        {"{'regulations':{'gdpr':{'geo_locations':'CA'}}}", "FR", NULL,
         "gdpr"}, /* no array: ignored */
        {"{'regulations':{'gdpr':{'geo_locations':['CA',7,null,'FRA','F']}}}", "FR", NULL, "none"},
        /* regions before whole countries, then configuration order */
        {ALL_US, "US_CA", NULL, "cpra"},
        {ALL_US, "US_TX", NULL, "x"},
        {ALL_US, "US", NULL, "cpra"},
        {"{'regulations':{'a':{'enabled':true,'geo_locations':['CH']},"
         "'b':{'enabled':true,'geo_locations':['CH']}}}",
         "CH", NULL, "a"},
        /* everywhere */
        {"{'app':{'gdprAppliesGlobally':true}}", "US_CA", NULL, "gdpr"},
        {"{'app':{'ignoreCountry':true}}", "JP", NULL, "gdpr"},
        {"{'website':{'gdprAppliesGlobally':true}}", "JP", NULL, "gdpr"},
        {"{'app':{'gdprAppliesGlobally':1}}", "JP", NULL, "none"},
        {"{'app':{'gdprAppliesGlobally':true},'regulations':{'cpra':{'enabled':true}}}", "US_CA",
         NULL, "cpra"},
        {"{'app':{'gdprAppliesGlobally':true},'regulations':{'gdpr':{'enabled':false}}}", "JP",
         NULL, "gdpr"},
    };
    check_rows(rows, LENGTH(rows));
    cns_config *config = WORLD("{'regulations':{'gdpr':{'additionalCountries':['CH']}}}",
                               "{'regulations':{'gdpr':{'additionalCountries':['BR']}}}");
    size_t len;
    CHECK_TEXT(cns_notice_regulation(notice_at(config, "CH"), &len), "gdpr");
    CHECK_TEXT(cns_notice_regulation(notice_at(config, "BR"), &len), "gdpr");
    cns_config_free(config);
}

#define ENTRIES                                                                                    \
    "{'mark':9,'regulation_configurations':["                                                      \
    "{'regulation_id':'cpra','config':{'mark':0}},{'regulation_id':'gdpr','config':{'mark':1}},"   \
    "{'regulation_id':'gdpr','geo_locations':['CH','FR'],'config':{'mark':2}},"                    \
    "{'regulation_id':'vcdpa','geo_locations':['US_VA','US'],'config':{'mark':3}},{'geo_"          \
    "locations':['JP']},"                                                                          \
    "{'regulation_id':7,'geo_locations':['JP']},{'regulation_id':'lgpd','geo_locations':['BR']}]}"

TEST(laws_by_entries) {
    static const row rows[] = {
        {ENTRIES, "US_CA", NULL, "cpra 0"},
        {ENTRIES, "FR", NULL, "gdpr 1"}, /* by default territory, before the one that names it */
        {ENTRIES, "CH", NULL, "gdpr 2"},
        {ENTRIES, "US_VA", NULL, "vcdpa 3"},
        {ENTRIES, "US_TX", NULL, "vcdpa 3"},
        {ENTRIES, "US", NULL, "cpra 0"},
        {ENTRIES, "BR", NULL, "lgpd 9"},
        {ENTRIES, "JP", NULL, "gdpr 1"}, /* an entry without a law may have been meant */
        {"{'mark':9,'regulation_configurations':[{'regulation_id':'cpra'}]}", "JP", NULL, "none 9"},
        {ENTRIES, NULL, NULL, "gdpr 1"}, /* the opt-in law with its entry */
        {ENTRIES, "XX", NULL, "gdpr 1"},
        /* entries switch off what `regulations` says */
        {"{'regulation_configurations':[{'regulation_id':'cpra'}]}", "FR", NULL, "none"},
        {"{'regulation_configurations':[{'regulation_id':'cpra'}]}", NULL, NULL, "gdpr"},
        {"{'regulation_configurations':[{'regulation_id':'cpra'}],'app':{'ignoreCountry':true}}",
         "FR", NULL, "gdpr"},
        {"{'regulation_configurations':[{'regulation_id':'cpra'}],"
         "'regulations':{'gdpr':{'additionalCountries':['CH']}}}",
         "CH", NULL, "none"},
        {"{'regulation_configurations':[]}", "FR", NULL, "gdpr"}, /* none at all: as if absent */
        {"{'regulation_configurations':{}}", "FR", NULL, "gdpr"},
    };
    check_rows(rows, LENGTH(rows));
}

TEST(unknown_places) {
    static const row rows[] = {
        {"{}", NULL, NULL, "gdpr"},
        {"{}", "", NULL, "gdpr"},
        {"{}", "XX", NULL, "gdpr"},
        {"{}", "T1", NULL, "gdpr"},
        {"{}", "EU", NULL, "gdpr"},
        {"{}", "FRA", NULL, "gdpr"},
        {"{'app':{'gdprAppliesWhenUnknown':false}}", NULL, NULL, "gdpr"}, /* not read */
        {"{'regulations':{'gdpr':{'enabled':false}}}", NULL, NULL, "gdpr"},
        {"{'consentpy':{'unknownCountry':'none'}}", NULL, NULL, "none"},
        {"{'consentpy':{'unknownCountry':'none'}}", "XX", NULL, "none"},
        {"{'consentpy':{'unknownCountry':'NONE'}}", NULL, NULL, "gdpr"},
        {"{'consentpy':{'unknownCountry':'none'},'app':{'ignoreCountry':true}}", NULL, NULL,
         "gdpr"},
        /* the override of the configuration */
        {"{'user':{'country':'fr'}}", "US_CA", NULL, "gdpr"},
        {"{'user':{'country':'JP'}}", "FR", NULL, "none"},
        {"{'user':{'country':null}}", "JP", NULL, "none"},
        {"{'user':{'country':'XX'}}", "JP", NULL, "gdpr"},
        {"{'user':{'country':''}}", "JP", NULL, "gdpr"},
        {"{'user':{'country':7}}", "JP", NULL, "gdpr"},
        {"{'user':{'region':'CA'},'regulations':{'cpra':{'enabled':true}}}", "US_TX", NULL, "none"},
        {"{'user':{'country':'US','region':'ca'},'regulations':{'cpra':{'enabled':true}}}", "FR",
         NULL, "cpra"},
        {"{'user':{'country':'US'},'regulations':{'cpra':{'enabled':true}}}", "US_TX", NULL,
         "cpra"},
        /* what a Didomi server chose counts only where no country is given */
        {"{'regulation':{'name':'cpra'}}", NULL, NULL, "cpra"},
        {"{'regulation':{'name':'none'}}", NULL, NULL, "none"},
        {"{'regulation':{'name':'cpra'}}", "FR", NULL, "gdpr"},
        {"{'regulation':{'name':'cpra'}}", "XX", NULL, "gdpr"},
        {"{'regulation':{'name':'nonsense'}}", NULL, NULL, "gdpr"},
        {"{'regulation':{'name':'none'},'regulations':{'cpra':{'enabled':true}}}", NULL, NULL,
         "gdpr"},
        {"{'regulation':{'name':'none'},'regulation_configurations':[{'regulation_id':'cpra'}]}",
         NULL, NULL, "gdpr"},
        {"{'regulation':{'name':'cpra'},'user':{'country':'XX'}}", NULL, NULL, "gdpr"},
    };
    check_rows(rows, LENGTH(rows));
}

TEST(unknown_regions) {
    static const row rows[] = {
        {US, "US", NULL, "cpra"},
        {US, "US", "didomi_token_vcdpa", "vcdpa"},
        {US, "US", "didomi_token_cpra", "cpra"},
        {US, "US", "didomi_token", "cpra"},
        {US, "US_CALIFORNIA", "didomi_token_vcdpa", "vcdpa"}, /* a region that cannot be read */
        {US, "US_CA", "didomi_token_vcdpa", "cpra"},          /* a known region decides alone */
        {US, "US_TX", "didomi_token_vcdpa", "none"},
        {US, "FR", "didomi_token_vcdpa", "gdpr"},
        {ALL_US, "US", "didomi_token_x", "cpra"},
        {"{'cookies':{'didomiTokenCookieName':'mine'},'regulations':{'cpra':{'enabled':true},"
         "'vcdpa':{'enabled':true}}}",
         "US", "mine_vcdpa", "vcdpa"},
        {"{'regulations':{'vcdpa':{'enabled':true},'ccpa':{'enabled':true}},"
         "'cookies':{'ccpaDidomiTokenCookieName':'old'}}",
         "US", "old", "ccpa"},
        {"{'app':{'gdprAppliesGlobally':true}}", "US", "didomi_token", "gdpr"},
        {"{}", "US", "didomi_token", "none"},
    };
    check_rows(rows, LENGTH(rows));
}

TEST(names_of_cookies) {
    static const char *const cases[][3] = {
        {"{}", "gdpr", "didomi_token"},
        {"{}", "none", "didomi_token"},
        {"{}", "cpra", "didomi_token_cpra"},
        {"{'cookies':{'didomiTokenCookieName':'t'}}", "gdpr", "t"},
        {"{'cookies':{'didomiTokenCookieName':'t'}}", "cpa", "t_cpa"},
        {"{'cookies':{'didomiTokenCookieName':'t_cpa'}}", "cpa",
         "t_cpa"}, /* named by the law's own part */
        {"{'cookies':{'didomiTokenCookieName':''}}", "gdpr", "didomi_token"},
        {"{'cookies':{'didomiTokenCookieName':7}}", "gdpr", "didomi_token"},
        {"{'cookies':{'ccpaDidomiTokenCookieName':'old'}}", "ccpa", "old"},
        {"{'cookies':{'ccpaDidomiTokenCookieName':'old'}}", "cpra", "didomi_token_cpra"},
        {"{'regulation':{'name':'cpra','cookies':{'didomiTokenCookieName':'sent'}}}", "cpra",
         "sent"},
        {"{'regulation':{'name':'cpra','cookies':{'didomiTokenCookieName':'sent'}}}", "cpa",
         "didomi_token_cpa"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char name[CNS_MAX_COOKIE_NAME];
        cns_doc *doc = doc_of(cases[i][0]);
        harness.label = cases[i][0];
        size_t len = cns_token_cookie_name(name, cns_doc_root(doc),
                                           (cns_span){cases[i][1], strlen(cases[i][1])});
        CHECK_TEXT(name, cases[i][2]);
        CHECK_INT(len, strlen(name));
        cns_doc_free(doc);
    }
    /* names around the limits keep inside the buffer */
    for (size_t base = 158; base <= 161; base++)
        for (size_t tail = 90; tail <= 300; tail++) {
            char text[256], law[300], name[CNS_MAX_COOKIE_NAME];
            memset(law, 'l', sizeof law);
            (void)snprintf(text, sizeof text, "{'cookies':{'didomiTokenCookieName':'%0*d'}}",
                           (int)base, 0);
            cns_doc *doc = doc_of(text);
            size_t len = cns_token_cookie_name(name, cns_doc_root(doc), (cns_span){law, tail});
            /* what is too long for a name is none, not another one */
            CHECK_INT(len, base + 1 + tail < CNS_MAX_COOKIE_NAME ? base + 1 + tail : 0);
            CHECK_INT(strlen(name), len);
            cns_doc_free(doc);
        }
}

int main(void) {
    RUN(which_countries_exist);
    RUN(regions);
    RUN(groups);
    RUN(laws_by_name);
    RUN(laws_by_entries);
    RUN(unknown_places);
    RUN(unknown_regions);
    RUN(names_of_cookies);
    return harness_end();
}
