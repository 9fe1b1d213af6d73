/* test_notice.c - what a notice says about itself, its vendors and its purposes. */
#include "world.h"

TEST(durations_and_dates) {
    static const struct {
        const char *config;
        double consent, denied, days;
        const char *publisher;
    } cases[] = {
        {"{}", 31622400, 0, 0, ""},
        {"{'app':{'consentDuration':100,'deniedConsentDuration':99.5,'country':'fr'}}", 100, 99.5,
         0, "FR"},
        {"{'app':{'consentDuration':100,'deniedConsentDuration':100,'country':'FRA'}}", 100, 0, 0,
         ""},
        {"{'app':{'consentDuration':100,'deniedConsentDuration':101,'country':'F1'}}", 100, 0, 0,
         ""},
        {"{'app':{'consentDuration':0,'deniedConsentDuration':0,'country':7}}", 31622400, 0, 0, ""},
        {"{'app':{'consentDuration':-1,'deniedConsentDuration':-1}}", 31622400, 0, 0, ""},
        {"{'app':{'consentDuration':null,'deniedConsentDuration':'5'}}", 31622400, 0, 0, ""},
        {"{'app':{'consentDuration':true}}", 31622400, 0, 0, ""},
        {"{'website':{'consentDuration':5},'app':{'country':'XX'}}", 5, 0, 0, "XX"},
        {"{'website':{'consentDuration':5},'app':{'consentDuration':6}}", 6, 0, 0, ""},
        {"{'website':7,'app':[]}", 31622400, 0, 0, ""},
        {"{'notice':{'daysBeforeShowingAgain':30}}", 31622400, 0, 30, ""},
        {"{'notice':{'daysBeforeShowingAgain':'30'}}", 31622400, 0, 0, ""},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        int64_t before;
        cns_config *config = WORLD(cases[i].config);
        const cns_notice *notice = notice_at(config, "FR");
        harness.label = cases[i].config;
        CHECK(cns_notice_consent_duration(notice) == cases[i].consent);
        CHECK(cns_notice_denied_duration(notice) == cases[i].denied);
        CHECK(cns_notice_days_before_showing_again(notice) == cases[i].days);
        CHECK(!cns_notice_ignore_before(notice, &before));
        CHECK_TEXT(cns_notice_publisher(notice), cases[i].publisher);
        cns_config_free(config);
    }
    int64_t before = 0;
    cns_config *config =
        WORLD("{'user':{'ignoreConsentBefore':'@5'},'regulations':{'cpra':{'enabled':true}}}");
    CHECK(cns_notice_ignore_before(notice_at(config, "FR"), &before));
    CHECK_INT(before, (NOW - 5) * SECONDS);
    cns_text name = cns_notice_cookie_name(notice_at(config, "FR"), CNS_COOKIE_TOKEN);
    CHECK_TEXT(name.text, "didomi_token");
    name = cns_notice_cookie_name(notice_at(config, "US_CA"), CNS_COOKIE_TOKEN);
    CHECK_TEXT(name.text, "didomi_token_cpra");
    CHECK_INT(name.len, strlen("didomi_token_cpra"));
    cns_config_free(config);
}

TEST(vendors_and_purposes) {
    cns_config *config = WORLD("{'app':{'vendors':{'custom':[{'id':'a','name':'Aye','policyUrl':'"
                               "https://a.test/','purposeIds':"
                               "['q','p','q','gone'],'legIntPurposeIds':['cookies'],'"
                               "specialFeatureIds':[2]},{'id':'b','purposeIds':['p']}],"
                               "'didomi':['google'],'overrideVendors':{'b':{'name':'Bee'},'google':"
                               "{'purposeIds':['p']}}},'customPurposes':"
                               "[{'id':'p','name':{'de':'Zweck','en':'Purpose'}},{'id':'q','name':'"
                               "Queue'},{'id':'r','name':{'fr':'But'}},"
                               "{'id':'s'}]},'languages':{'default':'de'}}");
    const cns_notice *notice = notice_at(config, "FR");
    cns_vendor_info info;
    uint32_t got[8], a = cns_config_vendor(config, "a", 1),
                     google = cns_config_vendor(config, "google", 6);
    cns_notice_vendor_info(notice, a, &info);
    CHECK_TEXT(info.name.text, "Aye");
    CHECK_TEXT(info.policy_url.text, "https://a.test/");
    CHECK(info.space == CNS_CUSTOM && info.on_consent && info.on_li && info.iab == 0);
    CHECK_INT(cns_notice_vendor_purposes(notice, a, CNS_CONSENT, got, 8),
              2); /* as written, once each */
    CHECK(got[0] == cns_config_purpose(config, "q", 1) &&
          got[1] == cns_config_purpose(config, "p", 1));
    CHECK_INT(cns_notice_vendor_purposes(notice, a, CNS_CONSENT, got, 1), 1);
    CHECK_INT(cns_notice_vendor_purposes(notice, a, CNS_LEGITIMATE_INTEREST, got, 8), 1);
    uint32_t scan = cns_config_purpose(config, "device_characteristics", 22);
    CHECK(info.features[scan / 64] == (uint64_t)1 << scan % 64);
    cns_notice_vendor_info(notice, cns_config_vendor(config, "b", 1), &info);
    CHECK_TEXT(info.name.text, "Bee");
    CHECK(info.policy_url.text == NULL && !info.on_li);
    cns_notice_vendor_info(notice, google, &info);
    CHECK(info.space == CNS_DIDOMI && info.iab == 755 && info.name.len > 6);
    CHECK_INT(cns_notice_vendor_purposes(notice, google, CNS_CONSENT, got, 8), 1);
    CHECK_INT(cns_notice_vendor_purposes(notice, google, CNS_LEGITIMATE_INTEREST, got, 8),
              4); /* not overridden */
    static const struct {
        const char *id, *name;
        unsigned iab, feature;
        bool custom, consent, li;
    } cases[] = {
        {"p", "Zweck", 0, 0, true, true, false},
        {"q", "Queue", 0, 0, true, true, false},
        {"r", "But", 0, 0, true, true, false},
        {"s", "s", 0, 0, true, true, false},
        {"cookies", "Store and/or access information on a device", 1, 0, false, false, true},
        {"device_characteristics", "Actively scan device characteristics for identification", 0, 2,
         false, true, false},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        cns_purpose_info purpose;
        harness.label = cases[i].id;
        cns_notice_purpose_info(
            notice, cns_config_purpose(config, cases[i].id, strlen(cases[i].id)), &purpose);
        CHECK_TEXT(purpose.id.text, cases[i].id);
        CHECK_TEXT(purpose.name.text, cases[i].name);
        CHECK(purpose.iab == cases[i].iab && purpose.special_feature == cases[i].feature);
        CHECK((purpose.space == CNS_CUSTOM) == cases[i].custom && !purpose.essential);
        CHECK(purpose.on_consent == cases[i].consent && purpose.on_li == cases[i].li);
    }
    cns_config_free(config);
}

/* What getCurrentUserStatus says (docs/didomi.md, Statuses) of purposes on one basis, on both and on none. */
TEST(enabled_on_every_basis) {
    cns_config *config = WORLD("{'app':{'vendors':{'custom':[{'id':'a','purposeIds':['p','q'],'"
                               "legIntPurposeIds':['q','l']}]},"
                               "'customPurposes':[{'id':'p'},{'id':'q'},{'id':'l'},{'id':'u'}]}}");
    static const struct {
        const char *lists, *enabled;
    } cases[] = {
        {"'version':2", ""},
        {"'purposes':{'enabled':['p','q','l','u']}", "pu"},
        {"'purposes_li':{'enabled':['p','q','l','u']}", "l"},
        {"'purposes':{'enabled':['q','u']},'purposes_li':{'enabled':['q']}", "qu"},
        {"'purposes':{'disabled':['u','l']},'purposes_li':{'enabled':['l']}", "l"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char token[256];
        harness.label = cases[i].lists;
        (void)snprintf(token, sizeof token, "{'updated':'@60',%s}", cases[i].lists);
        cns_status *s = status_of(notice_at(config, "FR"), (const char *const[]){token, NULL}, NULL,
                                  cns_alloc_default(), NULL);
        for (const char *id = "pqlu"; *id; id++)
            CHECK_INT(cns_status_purpose_enabled(s, cns_config_purpose(config, id, 1)),
                      strchr(cases[i].enabled, *id) != NULL);
        CHECK(!cns_status_purpose_enabled(s, CNS_NO_ID) &&
              !cns_status_vendor_enabled(s, CNS_NO_ID));
        CHECK(!cns_status_purpose_enabled(s, cns_config_purpose(config, "cookies", 7)));
        cns_status_free(s);
    }
    cns_config_free(config);
}

/* More entries than the cache has buckets: each keeps its own tree. */
TEST(many_entries) {
    char *text = malloc(600 * 100), *to = text;
    if (!text)
        exit(2);
    to += sprintf(
        to, "{'x':-1,'regulation_configurations':[{'regulation_id':'','geo_locations':['JP']}");
    for (int i = 1; i < 600; i++)
        to += sprintf(to, ",{'regulation_id':'l%d','geo_locations':['%s_%d'],'config':{'x':%d}}", i,
                      i % 2 ? "FR" : "US", i, i);
    (void)sprintf(to, "]}");
    cns_config *config = WORLD(text);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 601; i++) {
            char place[16];
            (void)snprintf(place, sizeof place, "%s_%d", i == 0 ? "JP" : i % 2 ? "FR" : "US", i);
            const cns_notice *notice = notice_at(config, place);
            size_t len;
            CHECK_INT(cns_value_int(cns_notice_get(notice, "x", 1)), i == 0 || i == 600 ? -1 : i);
            /* the entry without an id could have been theirs, so they get the opt-in law */
            CHECK((strcmp(cns_notice_regulation(notice, &len), "gdpr") == 0) ==
                  (i == 0 || i == 600));
        }
    cns_config_free(config);
    free(text);
}

int main(void) {
    RUN(durations_and_dates);
    RUN(vendors_and_purposes);
    RUN(enabled_on_every_basis);
    RUN(many_entries);
    return harness_end();
}
