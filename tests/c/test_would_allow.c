/* test_would_allow.c - the fewest choices that open a gate: told in order, tried in
 * earnest, and nothing left behind when memory runs out on the way. */
#include "world.h"

static const char config_text[] =
    "{'app':{'vendors':{'custom':[{'id':'a','purposeIds':['p']},{'id':'b','purposeIds':['p','ess'],"
    "'legIntPurposeIds':['q']},{'id':'e','purposeIds':['ess']}]},"
    "'customPurposes':[{'id':'p'},{'id':'q'},{'id':'ess'}],'essentialPurposes':['ess']},"
    "'regulations':{'cpra':{'enabled':true}},"
    "'consentpy':{'storedRefusalWithoutRegulation':'respect','gpc':'unless_explicit'}}";

/* What was told, as `purposes p, vendors_li a`. */
typedef struct heard {
    const cns_config *config;
    char text[256];
} heard;

static void hear(void *ctx, const cns_choice *choice) {
    heard *h = ctx;
    size_t len = strlen(h->text);
    cns_text id = choice->vendor ? cns_config_vendor_id(h->config, choice->number)
                                 : cns_config_purpose_id(h->config, choice->number);
    CHECK(choice->agreed);
    (void)snprintf(h->text + len, sizeof h->text - len, "%s%s%s %.*s", len ? ", " : "",
                   choice->vendor ? "vendors" : "purposes", choice->li_only ? "_li" : "",
                   (int)id.len, id.text);
}

/* A visitor and a gate; `change` NULL: no answer opens it. */
typedef struct scene {
    const char *place, *tokens[3], *vendor, *purposes, *change;
    bool gpc, cut, not_text;
} scene;

static cns_code play(cns_config *config, const scene *at, cns_alloc alloc, heard *h,
                     bool *possible) {
    uint32_t numbers[16];
    char *values[3];
    cns_text cookies[3];
    cns_visit visit = {.now = NOW * SECONDS,
                       .cookies = cookies,
                       .gpc = at->gpc,
                       .cut = at->cut,
                       .not_text = at->not_text};
    for (; at->tokens[visit.cookie_count]; visit.cookie_count++) {
        cns_text *cookie = &cookies[visit.cookie_count];
        cookie->text = values[visit.cookie_count] =
            cookie_of(at->tokens[visit.cookie_count], &cookie->len);
    }
    const cns_notice *notice = notice_at(config, at->place);
    cns_gate gate = gate_of(config, at->vendor, at->purposes, numbers);
    cns_status *status = NULL;
    CHECK_INT(cns_status_new(&status, notice, &visit, cns_alloc_default(), NULL), CNS_OK);
    cns_code code = cns_status_would_allow(possible, status, &visit, false, &gate, hear, h, alloc);
    cns_status_free(status);
    for (size_t i = 0; i < visit.cookie_count; i++)
        free(values[i]);
    return code;
}

#define BOTH "{'updated':'@60','vendors':{'enabled':['c:b']},'purposes':{'enabled':['p']}}"

static const scene scenes[] = {
    {"FR", {NULL}, "a", NULL, "purposes p, vendors a", false, false, false},
    {"FR", {NULL}, "b", NULL, "purposes p, vendors b, purposes_li q", false, false, false},
    {"FR", {BOTH}, "b", NULL, "purposes_li q, vendors_li b", false, false, false},
    {"FR", {BOTH}, "b", "p,ess", "purposes_li q, vendors_li b", false, false, false},
    {"FR", {BOTH}, NULL, "p", NULL, false, false, false}, /* open */
    {"FR", {NULL}, "e", NULL, NULL, false, false, false}, /* open */
    {"FR", {NULL}, "x", NULL, NULL, false, false, false}, /* nobody knows it */
    {"FR", {NULL}, NULL, "p,x", NULL, false, false, false},
    {"FR", {NULL}, NULL, "cookies", NULL, false, false, false}, /* not in this notice */
    {"FR", {NULL}, NULL, NULL, NULL, false, false, false},      /* asks about nobody */
    /* of two cookies both have to enable */
    {"FR",
     {BOTH, "{'updated':'@70','vendors':{'enabled':['c:b']}}"},
     "b",
     "p",
     "purposes p, purposes_li q, vendors_li b",
     false,
     false,
     false},
    {"US_CA", {"!%"}, "a", NULL, "purposes p, vendors a", false, false, false},
    {"US_CA", {NULL}, "a", NULL, "purposes p, vendors a", false, true, false},
    {"US_CA", {NULL}, "a", NULL, "purposes p, vendors a", false, false, true},
    {"US_CA", {"{'vendors_li':{'disabled':['c:a']}}"}, "a", NULL, "vendors a", false, false, false},
    {"US_CA", {NULL}, "a", NULL, "purposes p", true, false, false},
    {"JP", {"{'vendors':{'disabled':['c:a']}}"}, "a", NULL, "vendors a", false, false, false},
    {"JP", {"{'vendors_li':{'disabled':['c:a']}}"}, "a", NULL, "vendors_li a", false, false, false},
    {"JP", {"!%"}, "a", NULL, "purposes p, vendors a", false, false, false},
};

TEST(changes) {
    cns_config *config = WORLD(config_text);
    char label[32];
    for (size_t i = 0; i < LENGTH(scenes); i++) {
        heard h = {config, ""};
        bool possible = false;
        (void)snprintf(label, sizeof label, "scene %zu", i);
        harness.label = label;
        CHECK_INT(play(config, &scenes[i], cns_alloc_default(), &h, &possible), CNS_OK);
        CHECK_INT(possible, scenes[i].change != NULL);
        CHECK_TEXT(h.text, scenes[i].change ? scenes[i].change : "");
    }
    cns_config_free(config);
}

/* Where answering at all is enough, there is nothing to choose. */
TEST(an_answer_of_any_kind) {
    cns_config *config = WORLD(
        "{'app':{'vendors':{'custom':[{'id':'a','purposeIds':['p']},{'id':'new','purposeIds':["
        "'p']}]},'customPurposes':[{'id':'p'}]},'consentpy':{'recollect':'reset'}}");
    const scene at = {"FR",
                      {"{'updated':'@60','vendors':{'enabled':['c:a']},'purposes':{'enabled':['p']"
                       "}}"},
                      "a",
                      NULL,
                      "",
                      false,
                      false,
                      false};
    heard h = {config, ""};
    bool possible = false;
    CHECK_INT(play(config, &at, cns_alloc_default(), &h, &possible), CNS_OK);
    CHECK(possible && !h.text[0]);
    cns_config_free(config);
}

typedef struct starving {
    cns_config *config;
    const scene *at;
} starving;

static cns_code starve(cns_alloc alloc, void *arg) {
    const starving *s = arg;
    heard h = {s->config, ""};
    bool possible = false;
    cns_code code = play(s->config, s->at, alloc, &h, &possible);
    /* all of it or nothing */
    CHECK_TEXT(h.text, code == CNS_OK && s->at->change ? s->at->change : "");
    return code;
}

TEST(without_memory) {
    starving s = {WORLD(config_text), NULL};
    static const size_t which[] = {1, 10, 11, 15};
    for (size_t i = 0; i < LENGTH(which); i++) {
        s.at = &scenes[which[i]];
        harness_starve(starve, &s);
    }
    cns_config_free(s.config);
}

int main(void) {
    RUN(changes);
    RUN(an_answer_of_any_kind);
    RUN(without_memory);
    return harness_end();
}
