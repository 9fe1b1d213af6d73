/* test_explain.c - explanations tell what decides: many small random worlds, the same
 * in every run. */
#include "world.h"

static uint64_t seed;

static unsigned roll(unsigned sides) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % sides;
}

/* ----------------------------------------------------------------- the worlds */

static const char *const purposes[] = {
    "p", "q", "r", "ess", "cookies", "market_research", "geolocation_data", "gone"};
static const char *const vendors[] = {"a", "b", "c", "d", "google", "twitter", "gone"};
static const char *const sdk_ids[] = {"c:a",    "c:b",     "c:c",   "\\u0063:d",
                                      "google", "twitter", "c:gone"};

static char *put(char *to, const char *text) {
    size_t len = strlen(text);
    memcpy(to, text, len + 1);
    return to + len;
}

/* Some of the names, each with one chance in `sides`. */
static char *some(char *to, const char *const *names, size_t count, unsigned sides) {
    bool any = false;
    to = put(to, "[");
    for (size_t i = 0; i < count; i++)
        if (roll(sides) == 0) {
            to += sprintf(to, "%s'%s'", any ? "," : "", names[i]);
            any = true;
        }
    return put(to, "]");
}

static void write_config(char *to) {
    static const char *const options[] = {"{}",
                                          "{'gpc':'off'}",
                                          "{'gpc':'unless_explicit'}",
                                          "{'storedRefusalWithoutRegulation':'respect'}",
                                          "{'recollect':'reset'}",
                                          "{'ignoreBefore':'keep'}"};
    to = put(to, "{'app':{'vendors':{'custom':[");
    for (unsigned i = 0, count = roll(5); i < count; i++) {
        to += sprintf(to, "%s{'id':'%s','purposeIds':", i ? "," : "", vendors[roll(4)]);
        to = some(to, purposes, LENGTH(purposes), 4);
        to = put(to, ",'legIntPurposeIds':");
        to = some(to, purposes, LENGTH(purposes), 6);
        to = put(to, "}");
    }
    to = put(to, "],'didomi':");
    to = some(to, vendors + 4, 2, 3);
    to = put(
        to,
        "},'customPurposes':[{'id':'p'},{'id':'q'},{'id':'r'},{'id':'ess'}],'essentialPurposes':");
    to = some(to, purposes, LENGTH(purposes), 3);
    to = put(to, ",'purposes':");
    to = some(to, purposes, LENGTH(purposes), 6);
    to = put(to, ",'disabledPurposes':");
    to = some(to, purposes, LENGTH(purposes), 9);
    to += sprintf(to, ",'consentDuration':%u,'deniedConsentDuration':%u},", 500 + roll(1000),
                  100 + roll(1000));
    to += sprintf(to, "'notice':{'daysBeforeShowingAgain':%u},'user':{'ignoreConsentBefore':'@%u',",
                  roll(2), roll(2000));
    to += sprintf(to, "'bots':{'consentRequired':%s}},'regulations':{'cpra':{'enabled':true}},",
                  roll(2) ? "true" : "false");
    (void)sprintf(to, "'consentpy':%s,'configByCountry':{'DE':{'app':{'vendors':{'custom':[]}}}}}",
                  options[roll(LENGTH(options))]);
}

static void write_token(char *to) {
    static const char *const lists[] = {"vendors", "purposes", "vendors_li", "purposes_li"};
    if (roll(8) == 0) {
        (void)put(to, roll(2) ? "!" : "!x");
        return;
    }
    to += sprintf(to, "{'created':'@%u'", roll(1500));
    if (roll(8))
        to += sprintf(to, ",'updated':'@%u'", roll(1200));
    for (size_t i = 0; i < 4; i++) {
        const char *const *names = i % 2 ? purposes : sdk_ids;
        size_t count = i % 2 ? LENGTH(purposes) : LENGTH(sdk_ids);
        to += sprintf(to, ",'%s':{'enabled':", lists[i]);
        to = some(to, names, count, roll(3) ? 2 : 9);
        to = put(to, ",'disabled':");
        to = some(to, names, count, roll(3) ? 9 : 3);
        to = put(to, "}");
    }
    (void)put(to, "}");
}

/* ------------------------------------------------------------- the explanation */

typedef struct told {
    size_t steps, gates, failed; /* all; of vendors and purposes; of these that failed */
    bool shapeless;
    const cns_notice *notice;
    size_t settings, wrong; /* entries of the configuration; with another value than it has */
} told;

/* What is told is what counts at that path, and the place where it is written. */
static void hear_setting(void *ctx, const cns_setting *setting) {
    told *t = ctx;
    cns_origin first = {0};
    cns_text path = setting->path;
    t->settings++;
    size_t places = cns_notice_origins(t->notice, path.text, path.len, &first, 1);
    t->wrong += places == 0 || first.value != setting->origin.value ||
                first.kind != setting->origin.kind || first.layer != setting->origin.layer ||
                first.offset != setting->origin.offset;
}

static void hear(void *ctx, const cns_step *step) {
    told *t = ctx;
    bool gate = strcmp(step->step, "vendor") == 0 || strcmp(step->step, "purpose") == 0;
    t->steps++;
    t->gates += gate;
    t->failed += gate && !step->passed;
    t->shapeless = t->shapeless || !step->result || !step->result[0] || !step->text ||
                   !step->text[0] || (gate && !step->subject.text);
}

static const char *const closed_reasons[] = {
    "recollecting",    "vendor-not-in-notice", "purpose-not-in-notice",
    "unknown-vendor",  "unknown-purpose",      "vendor-refused",
    "purpose-refused", "vendor-unknown",       "purpose-unknown",
    "expired",         "denied-expired",       "ignored-before",
    "no-choice",       "unreadable",           "gpc"};
static const char *const open_reasons[] = {"allowed", "essential", "not-refused", "not-required",
                                           "bot"};
static unsigned reasons_seen[LENGTH(closed_reasons) + LENGTH(open_reasons)];

static bool known_reason(const char *reason, bool open) {
    for (size_t i = 0; i < LENGTH(closed_reasons) + LENGTH(open_reasons); i++) {
        bool opens = i >= LENGTH(closed_reasons);
        if (strcmp(reason, opens ? open_reasons[i - LENGTH(closed_reasons)] : closed_reasons[i]) ==
            0) {
            reasons_seen[i]++;
            return opens == open;
        }
    }
    return false;
}

static bool allows(const cns_status *s, bool has_vendor, uint32_t vendor, const uint32_t *numbers,
                   uint32_t count) {
    cns_gate gate = {has_vendor, vendor, count, numbers};
    return cns_status_allows(s, &gate);
}

static void check_gate(const cns_config *config, const cns_notice *notice, const cns_place *place,
                       const cns_status *s) {
    uint32_t numbers[4];
    cns_text names[5];
    size_t named = 0;
    cns_gate gate = {roll(3) != 0, CNS_NO_ID, 0, numbers};
    if (gate.has_vendor) {
        const char *vendor = vendors[roll(LENGTH(vendors))];
        gate.vendor = cns_config_vendor(config, vendor, strlen(vendor));
        names[named++] = (cns_text){vendor, strlen(vendor)};
    }
    for (unsigned i = gate.has_vendor ? roll(3) : 1 + roll(3); i > 0; i--) {
        const char *purpose = purposes[roll(LENGTH(purposes))];
        names[named++] = (cns_text){purpose, strlen(purpose)};
        numbers[gate.purpose_count++] = cns_config_purpose(config, purpose, strlen(purpose));
    }
    told t = {.notice = notice};
    const char *reason = NULL, *again = NULL;
    bool open = cns_status_allows(s, &gate);
    cns_listener listener = {hear_setting, hear, &t};
    CHECK_INT(cns_status_explain(s, place, &gate, names, &listener, &reason), open);
    CHECK(reason && known_reason(reason, open));
    /* a gate is open exactly when no step about its ids failed */
    CHECK_INT(t.failed == 0, open);
    CHECK(t.gates > 0 && t.steps > t.gates && !t.shapeless);
    CHECK(t.settings > 1); /* at least the law's and the cookie's name */
    CHECK_INT(t.wrong, 0);
    /* nobody has to listen */
    CHECK_INT(cns_status_explain(s, place, &gate, names, NULL, &again), open);
    CHECK(again && reason && strcmp(again, reason) == 0);
    /* a gate is the sum of its parts */
    bool parts = !gate.has_vendor || allows(s, true, gate.vendor, NULL, 0);
    for (uint32_t i = 0; i < gate.purpose_count; i++)
        parts = allows(s, false, 0, &numbers[i], 1) && parts;
    CHECK_INT(parts, open);
    if (gate.has_vendor)
        CHECK_INT(cns_status_vendor_enabled(s, gate.vendor), allows(s, true, gate.vendor, NULL, 0));
}

TEST(verdicts_are_explained) {
    static const char *const places[] = {"FR", "FR", "FR", "DE", "US_CA", "US_CA", "JP", NULL};
    char label[32];
    for (unsigned world = 0; world < 6000; world++) {
        char config_text[4096], token_text[3][4096];
        const char *tokens[4] = {NULL};
        seed = world;
        (void)snprintf(label, sizeof label, "world %u", world);
        harness.label = label;
        write_config(config_text);
        for (unsigned i = 0, count = roll(3) ? 1 : roll(4); i < count; i++) {
            write_token(token_text[i]);
            tokens[i] = token_text[i];
        }
        cns_config *config = WORLD(config_text);
        cns_visit visit = {
            .now = NOW * SECONDS, .gpc = roll(4) == 0, .bot = roll(6) == 0, .cut = roll(30) == 0};
        cns_place place;
        const cns_notice *notice = notice_to(config, places[roll(LENGTH(places))], NULL, &place);
        cns_status *s = status_of(notice, tokens, &visit, cns_alloc_default(), NULL);
        for (unsigned i = 0; i < 12; i++)
            check_gate(config, notice, &place, s);
        cns_status_free(s);
        cns_config_free(config);
    }
    /* the worlds are worth the name: every reason came up */
    for (size_t i = 0; i < LENGTH(reasons_seen); i++) {
        harness.label = i < LENGTH(closed_reasons) ? closed_reasons[i]
                                                   : open_reasons[i - LENGTH(closed_reasons)];
        CHECK(reasons_seen[i] > 0);
    }
}

/* ------------------------------------------------------------- reasons by hand */

TEST(reasons) {
    static const char config_text[] =
        "{'app':{'vendors':{'custom':[{'id':'a','purposeIds':['p']},{'id':'e','purposeIds':['ess']}"
        "]},'customPurposes':"
        "[{'id':'p'},{'id':'ess'}],'essentialPurposes':['ess'],'consentDuration':1000,'"
        "deniedConsentDuration':100},"
        "'user':{'ignoreConsentBefore':'@500','bots':{'consentRequired':false}},'regulations':{'"
        "cpra':{'enabled':true}}}";
#define YES(age)                                                                                   \
    "{'updated':'@" #age "','vendors':{'enabled':['c:a']},'purposes':{'enabled':['p']}}"
    static const struct {
        const char *place, *token, *vendor, *purposes, *reason;
        bool open, gpc, bot;
    } cases[] = {
        {"FR", YES(60), "a", NULL, "allowed", true, false, false},
        {"FR", YES(60), "e", "ess", "essential", true, false, false},
        {"FR", YES(60), "a", "ess", "allowed", true, false, false},
        {"FR", NULL, "e", NULL, "essential", true, false, false},
        {"FR", NULL, "a", NULL, "no-choice", false, false, false},
        {"FR", "!x", "a", NULL, "unreadable", false, false, false},
        {"FR", "{'updated':'@60'}", "a", NULL, "no-choice", false, false, false},
        {"FR", YES(1000), "a", NULL, "expired", false, false, false},
        {"FR", "{'updated':'@100','purposes':{'disabled':['p']}}", "a", NULL, "denied-expired",
         false, false, false},
        {"FR", YES(501), "a", NULL, "ignored-before", false, false, false},
        {"FR", "{'updated':'@60','vendors':{'disabled':['c:a']}}", "a", NULL, "vendor-refused",
         false, false, false},
        {"FR", "{'updated':'@60','vendors':{'enabled':['c:a']},'purposes':{'disabled':['p']}}", "a",
         NULL, "purpose-refused", false, false, false},
        {"FR", "{'updated':'@60','vendors':{'enabled':['c:a']}}", "a", NULL, "purpose-unknown",
         false, false, false},
        {"FR", "{'updated':'@60','purposes':{'enabled':['p']}}", "a", NULL, "vendor-unknown", false,
         false, false},
        {"FR", YES(60), "x", NULL, "unknown-vendor", false, false, false},
        {"FR", YES(60), "a", "x", "unknown-purpose", false, false, false},
        {"FR", YES(60), "a", "market_research", "purpose-not-in-notice", false, false, false},
        {"FR", NULL, "a", NULL, "bot", true, false, true},
        {"JP", NULL, "a", NULL, "not-required", true, false, false},
        {"US_CA", NULL, "a", NULL, "not-refused", true, false, false},
        {"US_CA", NULL, "a", NULL, "gpc", false, true, false},
        {"US_CA", "!x", "a", NULL, "unreadable", false, false, false},
        {"US_CA", "{'purposes_li':{'disabled':['p']}}", "a", NULL, "purpose-refused", false, false,
         false},
        {"US_CA", "{'vendors_li':{'disabled':['c:a']}}", "a", NULL, "vendor-refused", false, false,
         false},
    };
    cns_config *config = WORLD(config_text);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        uint32_t numbers[16];
        cns_text names[2] = {{"one", 3}, {"two", 3}};
        const char *tokens[] = {cases[i].token, NULL}, *reason = NULL;
        cns_visit visit = {.now = NOW * SECONDS, .gpc = cases[i].gpc, .bot = cases[i].bot};
        harness.label = cases[i].reason;
        cns_status *s =
            status_of(notice_at(config, cases[i].place), tokens, &visit, cns_alloc_default(), NULL);
        cns_gate gate = gate_of(config, cases[i].vendor, cases[i].purposes, numbers);
        CHECK_INT(cns_status_explain(s, NULL, &gate, names, NULL, &reason), cases[i].open);
        CHECK_TEXT(reason, cases[i].reason);
        CHECK_INT(cns_status_allows(s, &gate), cases[i].open);
        cns_status_free(s);
    }
    cns_config_free(config);
}

int main(void) {
    RUN(verdicts_are_explained);
    RUN(reasons);
    return harness_end();
}
