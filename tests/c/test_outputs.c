/* test_outputs.c - what other systems are told: spellings, order, and memory that runs out. */
#include "../../csrc/core/outputs.h"

#include "../../csrc/core/text.h"
#include "world.h"

/* The list writer held to the vector `datalayer/prefixed`. */
TEST(prefixed_ids) {
    static const cns_vendor_id vendors[] = {
        {.sdk = {"628", 3}, .api = {"tappx-jjy49eFA", 14}, .space = CNS_IAB, .iab = 628},
        {.sdk = {"google", 6}, .api = {"google", 6}, .space = CNS_DIDOMI, .iab = 755},
        {.sdk = {"c:custom", 8}, .api = {"custom", 6}, .space = CNS_CUSTOM},
    };
    char text[128], *to = text;
    for (size_t i = 0; i < LENGTH(vendors); i++) {
        to += cns_prefixed_id(to, vendors[i].space, &vendors[i]);
        *to++ = ',';
    }
    *to = '\0';
    CHECK_TEXT(text, "iab:628,didomi:google,c:custom,");
    cns_vendor_id longest = {.sdk = {"", 0}, .space = CNS_IAB, .iab = UINT32_MAX};
    CHECK(cns_prefixed_id(text, CNS_IAB, &longest) < CNS_LONGEST_PREFIX);
}

#define VENDORS                                                                                    \
    "'app':{'vendors':{'custom':[{'id':'a','purposeIds':['p']},{'id':'b','legIntPurposeIds':['q']" \
    "}],'didomi':['google']},"                                                                     \
    "'customPurposes':[{'id':'p'},{'id':'q'}]},'experiment':{'id':'x','size':1,'config':{}}"
#define TOKEN                                                                                      \
    "{'user_id':'01234567-89ab-6cde-8f01-23456789abcd','created':'@60','updated':'@60','vendors':" \
    "{'enabled':['c:a']},"                                                                         \
    "'purposes':{'enabled':['p']},'vendors_li':{'disabled':['c:b']}}"

typedef struct heard {
    char text[2048];
    size_t len;
} heard;

static void hear(void *ctx, const cns_variable *variable) {
    heard *to = ctx;
    size_t left = sizeof to->text - to->len;
    int wrote =
        variable->text.text
            ? snprintf(to->text + to->len, left, "%s=%.*s ", variable->name + 6,
                       (int)variable->text.len, variable->text.text)
            : snprintf(to->text + to->len, left, "%s=%d ", variable->name + 6, variable->number);
    to->len += (size_t)wrote;
}

static cns_code tell(cns_alloc alloc, void *arg) {
    heard to = {.len = 0};
    cns_code code = cns_status_data_layer(arg, hear, &to, alloc);
    if (code == CNS_OK)
        CHECK_TEXT(
            to.text,
            "VendorsEnabled=a, VendorsDisabled=b, VendorsUnknown=google, "
            "PurposesEnabled=p, PurposesDisabled= PurposesUnknown=q,cookies, RegulationName=gdpr "
            "VendorsConsent=c:a, VendorsConsentDenied=c:b, VendorsConsentUnknown=didomi:google, "
            "VendorsRawConsent=c:a, VendorsRawConsentDenied= "
            "VendorsRawConsentUnknown=c:b,didomi:google, "
            "PurposesConsent=p, PurposesConsentDenied= PurposesConsentUnknown=q,cookies, "
            "IABConsent= GDPRApplies=1 ExperimentId=x ExperimentUserGroup=test ");
    else
        CHECK(to.len == 0); /* nothing is told by halves */
    return code;
}

TEST(data_layer) {
    cns_doc *docs[1] = {doc_of("{" VENDORS "}")};
    cns_config *config = NULL;
    CHECK_INT(cns_config_new(&config, docs, 1,
                             doc_of("{'vendors':{'google':{'purposes':['cookies']}}}"), NULL,
                             cns_alloc_default(), NULL),
              CNS_OK);
    cns_status *s = status_of(notice_at(config, "FR"), (const char *const[]){TOKEN, NULL}, NULL,
                              cns_alloc_default(), NULL);
    harness_starve(tell, s);
    CHECK_TEXT(cns_status_experiment_group(s), "test");
    bool granted[CNS_GCM_TYPES];
    CHECK(!cns_status_gcm(s, granted));
    cns_status_free(s);
    cns_config_free(config);
}

TEST(consent_mode) {
    static const char *const names =
        "ad_storage ad_user_data ad_personalization analytics_storage "
        "functionality_storage personalization_storage security_storage ";
    char text[256];
    size_t len = 0;
    for (size_t i = 0; i < CNS_GCM_TYPES; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s ", cns_gcm_type(i));
    CHECK_TEXT(text, names);
    cns_config *config = WORLD(
        "{" VENDORS ",'integrations':{'vendors':{'gcm':{'enable':true,'setDefaultStatus':true,"
        "'defaultStatus':{'analytics':true,'personalization':true}}}}}");
    bool granted[CNS_GCM_TYPES];
    static const bool expected[CNS_GCM_TYPES] = {false, false, false, true, false, true, true};
    cns_status *s = status_of(notice_at(config, "FR"), (const char *const[]){NULL}, NULL,
                              cns_alloc_default(), NULL);
    CHECK(cns_status_gcm(s, granted));
    CHECK(memcmp(granted, expected, sizeof expected) == 0);
    cns_status_free(s);
    cns_config_free(config);
}

TEST(us_privacy) {
    static const struct {
        const char *name, *token, *expected;
    } cases[] = {
        {"none", NULL, "1YNY"},
        {"says no", "{'updated':'@60','dns':false}", "1YNY"},
        {"says yes", "{'dns':true,'updated':'@60'}", "1YYY"},
        {"long ago", "{'dns':true,'updated':'@99999999'}", "1YYY"},
        {"null", "{'dns':null,'updated':'@60'}", "1YNY"},
        {"cannot be read", "{'dns':1,'updated':'@60'}", "1YYY"},
        {"twice", "{'dns':false,'dns':false}", "1YYY"},
        {"another field", "{'dnsd':true,'dn':true,'dnt':true,'updated':'@60'}", "1YNY"},
        {"escaped", "{'d\\u006es':true,'updated':'@60'}", "1YYY"},
        {"no token", "!x", "1YYY"},
    };
    cns_config *config =
        WORLD("{'regulations':{'gdpr':{'enabled':false},'ccpa':{'enabled':true,'lspa':true}}}");
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char text[5];
        harness.label = cases[i].name;
        cns_status *s =
            status_of(notice_at(config, "US_CA"), (const char *const[]){cases[i].token, NULL}, NULL,
                      cns_alloc_default(), NULL);
        cns_status_us_privacy(s, text);
        CHECK_TEXT(text, cases[i].expected);
        cns_status_free(s);
        s = status_of(notice_at(config, "FR"), (const char *const[]){cases[i].token, NULL}, NULL,
                      cns_alloc_default(), NULL);
        cns_status_us_privacy(s, text);
        CHECK_TEXT(text, "1---");
        cns_status_free(s);
    }
    cns_config_free(config);
}

typedef struct pieces {
    char text[256];
    size_t len, count;
} pieces;

static void collect(void *ctx, const char *text, size_t len) {
    pieces *to = ctx;
    memcpy(to->text + to->len, text, len);
    to->len += len;
    to->text[to->len] = '\0';
    to->count++;
}

/* A text has no NUL behind it: nothing beyond its length is looked at. */
TEST(macros) {
    static const struct {
        const char *text, *expected;
        size_t count;
    } cases[] = {{"", "", 0},
                 {"plain", "plain", 1},
                 {"{gdpr}", "1", 1},
                 {"a{GDPR}b{gdpr_consent}c", "a1bc", 4},
                 {"{{gdpr}}", "{1}", 3},
                 {"{gdpr", "{gdpr", 1},
                 {"{", "{", 1},
                 {"{gdpr_consent_vendor}{gdpr_consent_vendor_boolean}", "0false", 2},
                 {"{gdpr_consent_vendor_raw}", "{gdpr_consent_vendor_raw}", 1}};
    cns_config *config = WORLD("{" VENDORS "}");
    cns_status *s = status_of(notice_at(config, "FR"), (const char *const[]){TOKEN, NULL}, NULL,
                              cns_alloc_default(), NULL);
    cns_tag tag = {true, false, CNS_NO_ID, CNS_NO_ID};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        pieces to = {.len = 0};
        size_t len = strlen(cases[i].text);
        char *exact = malloc(len ? len : 1);
        memcpy(exact, cases[i].text, len);
        harness.label = cases[i].text;
        cns_status_fill(s, exact, len, &tag, collect, &to);
        CHECK_TEXT(to.text, cases[i].expected);
        CHECK(to.count == cases[i].count);
        free(exact);
    }
    cns_status_free(s);
    cns_config_free(config);
}

int main(void) {
    RUN(prefixed_ids);
    RUN(data_layer);
    RUN(consent_mode);
    RUN(us_privacy);
    RUN(macros);
    return harness_end();
}
