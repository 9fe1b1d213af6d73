/* vocabulary.c - the data behind vocabulary.h. */
#include "vocabulary.h"

#undef CNS_SPAN
#define CNS_SPAN(literal) {(literal), sizeof(literal) - 1}

/* Numbers 1 to 11, then the special features, then ids of the past. */
const cns_standard cns_standards[CNS_STANDARDS] = {
    {CNS_SPAN("cookies"), CNS_SPAN("Store and/or access information on a device"), 1, 0, true},
    {CNS_SPAN("select_basic_ads"), CNS_SPAN("Use limited data to select advertising"), 2, 0, true},
    {CNS_SPAN("create_ads_profile"), CNS_SPAN("Create profiles for personalised advertising"), 3, 0,
     true},
    {CNS_SPAN("select_personalized_ads"),
     CNS_SPAN("Use profiles to select personalised advertising"), 4, 0, true},
    {CNS_SPAN("create_content_profile"), CNS_SPAN("Create profiles to personalise content"), 5, 0,
     true},
    {CNS_SPAN("select_personalized_content"),
     CNS_SPAN("Use profiles to select personalised content"), 6, 0, true},
    {CNS_SPAN("measure_ad_performance"), CNS_SPAN("Measure advertising performance"), 7, 0, true},
    {CNS_SPAN("measure_content_performance"), CNS_SPAN("Measure content performance"), 8, 0, true},
    {CNS_SPAN("market_research"),
     CNS_SPAN(
         "Understand audiences through statistics or combinations of data from different sources"),
     9, 0, true},
    {CNS_SPAN("improve_products"), CNS_SPAN("Develop and improve services"), 10, 0, true},
    {CNS_SPAN("use_limited_data_to_select_content"), CNS_SPAN("Use limited data to select content"),
     11, 0, true},
    {CNS_SPAN("geolocation_data"), CNS_SPAN("Use precise geolocation data"), 0, 1, true},
    {CNS_SPAN("device_characteristics"),
     CNS_SPAN("Actively scan device characteristics for identification"), 0, 2, true},
    {CNS_SPAN("advertising_personalization"), CNS_SPAN("advertising_personalization"), 0, 0, false},
    {CNS_SPAN("ad_delivery"), CNS_SPAN("ad_delivery"), 0, 0, false},
    {CNS_SPAN("content_personalization"), CNS_SPAN("content_personalization"), 0, 0, false},
    {CNS_SPAN("analytics"), CNS_SPAN("analytics"), 0, 0, false},
    {CNS_SPAN("offline_match"), CNS_SPAN("offline_match"), 0, 0, false},
    {CNS_SPAN("link_devices"), CNS_SPAN("link_devices"), 0, 0, false},
    {CNS_SPAN("precise_geo"), CNS_SPAN("precise_geo"), 0, 0, false},
};

static const cns_span aliases[] = {CNS_SPAN("cookies_analytics"), CNS_SPAN("cookies_marketing"),
                                   CNS_SPAN("cookies_social"), CNS_SPAN("device_access")};

bool cns_standard_alias(const char *text, size_t len) {
    for (unsigned i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (cns_span_is(aliases[i], text, len))
            return true;
    return false;
}

/* `google` as vendor 755 of the Global Vendor List, version 106; the others as in
 * docs/didomi.md, Configuration. */
const char cns_builtin_catalog[] =
    "{\"vendors\":{\"google\":{\"iab\":755,\"name\":\"Google Advertising Products\","
    "\"purposes\":[\"cookies\",\"create_ads_profile\",\"select_personalized_ads\"],"
    "\"legIntPurposes\":[\"select_basic_ads\",\"measure_ad_performance\","
    "\"market_research\",\"improve_products\"],"
    "\"flexiblePurposes\":[\"select_basic_ads\",\"measure_ad_performance\","
    "\"market_research\",\"improve_products\"],"
    "\"policyUrl\":\"https://business.safety.google/privacy/\"},\"amazon\":{"
    "\"name\":\"Amazon\",\"purposes\":[\"cookies\",\"select_basic_ads\","
    "\"create_ads_profile\",\"select_personalized_ads\","
    "\"create_content_profile\",\"select_personalized_content\","
    "\"measure_ad_performance\",\"measure_content_performance\","
    "\"market_research\",\"improve_products\","
    "\"use_limited_data_to_select_content\"]},\"salesforce\":{"
    "\"name\":\"Salesforce\",\"purposes\":[\"cookies\",\"select_basic_ads\","
    "\"create_ads_profile\",\"select_personalized_ads\","
    "\"create_content_profile\",\"select_personalized_content\","
    "\"measure_ad_performance\",\"measure_content_performance\","
    "\"market_research\",\"improve_products\","
    "\"use_limited_data_to_select_content\"],\"iab\":506},\"facebook\":{"
    "\"name\":\"Facebook\",\"purposes\":[\"cookies\"]},\"twitter\":{\"name\":\"Twitter\","
    "\"purposes\":[\"cookies\"]}}}";

/* docs/didomi.md, Configuration, and the options of our own. */
const char cns_builtin_defaults[] =
    "{\"app\":{\"name\":null,\"apiKey\":null,\"privacyPolicyURL\":null,"
    "\"customSDK\":null,\"customPurposes\":[],\"essentialPurposes\":[],"
    "\"purposes\":[],\"disabledPurposes\":[],\"consentDuration\":31622400,"
    "\"gdprAppliesGlobally\":false,\"ignoreCountry\":false,\"vendors\":{\"iab\":{"
    "\"all\":false,\"include\":[],\"exclude\":[],\"enabled\":true,\"version\":2,"
    "\"stacks\":{\"auto\":true},\"restrictions\":[]},\"didomi\":[],\"custom\":[],"
    "\"google\":{\"fullATP\":false}}},\"notice\":{\"enable\":true,"
    "\"daysBeforeShowingAgain\":0,\"type\":\"info\","
    "\"position\":\"panel-bottom-right\",\"closeOnClick\":false,"
    "\"closeOnClickNavigationDelay\":0,\"closeOnClickBackdrop\":false,"
    "\"closeOnScroll\":false,\"closeOnScrollThreshold\":30,"
    "\"closeOnScrollThresholdType\":\"percent\",\"denyAsPrimary\":true,"
    "\"denyAsLink\":false,\"denyOptions\":null,\"denyAppliesToLI\":false,"
    "\"canCloseAndIgnore\":false},\"preferences\":{\"enable\":true,"
    "\"enableAllButtons\":true,\"showWhenConsentIsMissing\":false,"
    "\"canCloseWhenConsentIsMissing\":true,\"denyAppliesToLI\":true,"
    "\"categories\":[]},\"languages\":{\"enabled\":[],\"default\":\"en\"},\"user\":{"
    "\"country\":null,\"region\":null,\"ignoreConsentBefore\":null,\"bots\":{"
    "\"consentRequired\":true,\"types\":[\"crawlers\",\"performance\"],"
    "\"extraUserAgents\":[]},\"externalConsent\":{\"enabled\":false,\"value\":null}"
    ",\"authToken\":null,\"shouldReadTokenFromURL\":false,"
    "\"shouldReadTokenFromLocalStorage\":false,\"organizationUserId\":null,"
    "\"isUnderage\":false},\"cookies\":{\"didomiTokenCookieName\":\"didomi_token\","
    "\"iabCookieName\":\"euconsent-v2\","
    "\"didomiConsentStringCookieName\":\"didomi_dcs\","
    "\"ccpaDidomiTokenCookieName\":\"didomi_token_ccpa\",\"storageSources\":{"
    "\"cookies\":true,\"localStorage\":true},\"group\":{\"enabled\":false,"
    "\"customDomain\":null}},\"regulations\":{\"gdpr\":{\"enabled\":true,"
    "\"additionalCountries\":[]},\"ccpa\":{\"enabled\":false}},\"sync\":{"
    "\"enabled\":false,\"delayNotice\":true,\"timeout\":3000,\"frequency\":86400},"
    "\"tagManager\":{\"provider\":\"\",\"dataLayerName\":\"dataLayer\"},"
    "\"integrations\":{\"refreshOnConsent\":true,\"vendors\":{\"google\":{"
    "\"enable\":false,\"refresh\":true,\"eprivacy\":true,"
    "\"passTargetingVariables\":false},\"salesforce-dmp\":{\"enable\":false,"
    "\"namespace\":null}}},\"consentpy\":{\"gpc\":\"always\",\"cmpIds\":[7],"
    "\"unknownCountry\":\"gdpr\",\"storedRefusalWithoutRegulation\":\"ignore\","
    "\"ignoreBefore\":\"unknown\",\"recollect\":\"keep\",\"clockSkewSeconds\":86400}}";
