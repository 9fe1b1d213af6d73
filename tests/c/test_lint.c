/* test_lint.c - the review of a configuration: order, places, and memory that runs out. */
#include "../../csrc/core/lint.h"

#include "world.h"

typedef struct heard {
    char text[1024];
    size_t len, count;
} heard;

static void hear(void *ctx, const cns_remark *remark) {
    heard *to = ctx;
    int wrote = snprintf(to->text + to->len, sizeof to->text - to->len, "%s=%.*s ", remark->code,
                         (int)remark->path.len, remark->path.text);
    to->len += (size_t)wrote;
    to->count++;
    CHECK(remark->message && strlen(remark->message) < 160);
}

static const char *const layers[] = {
    "{'app':{'vendors':{'custom':[{'id':'a','purposeIds':['p']},{'id':'a'}],'iab':{'all':true}},"
    "'customPurposes':[{'id':'p'},{'id':'p'}],'essentialPurposes':['cookies']},"
    "'configByCountry':{'fr':{'app':{'consentDuration':0}}}}",
    "{'user':{'ignoreConsentBefore':'@-60'},'experiment':{},'consentpy':{'gpc':1}}", NULL};

static cns_code review(cns_alloc alloc, void *arg) {
    heard to = {.len = 0};
    cns_reviewer reviewer = {hear, &to};
    cns_code code = cns_config_lint(arg, NOW * SECONDS, &reviewer, alloc, NULL);
    if (code == CNS_OK)
        CHECK_TEXT(to.text, "duplicate-purpose=app.customPurposes[1] "
                            "essential-not-custom=app.essentialPurposes[0] "
                            "duplicate-vendor=app.vendors.custom[1] "
                            "iab-without-gvl=app.vendors.iab "
                            "country-key=configByCountry.fr "
                            "bad-duration=configByCountry.fr.app.consentDuration "
                            "future-date=user.ignoreConsentBefore option-value=consentpy.gpc "
                            "experiment=experiment ");
    else
        CHECK(to.count == 0);
    return code;
}

TEST(in_written_order) {
    cns_config *config = config_of(layers, NULL);
    CHECK(review(cns_alloc_default(), config) == CNS_OK);
    cns_config_free(config);
}

TEST(memory_that_runs_out) {
    cns_config *config = config_of(layers, NULL);
    harness_starve(review, config);
    cns_config_free(config);
}

TEST(a_path_that_does_not_fit_is_cut_at_a_step) {
    char key[900];
    memset(key, 'k', sizeof key);
    cns_trail trail = cns_trail_begin(CNS_SPAN("app"));
    cns_trail_key(&trail, (cns_span){key, sizeof key});
    CHECK(trail.len == 3 + 1 + sizeof key && !trail.full);
    cns_trail longer = trail;
    cns_trail_key(&longer, (cns_span){key, sizeof key});
    cns_trail_index(&longer, 7);
    CHECK(longer.full && longer.len == trail.len);
    cns_trail odd = cns_trail_begin(CNS_SPAN(""));
    cns_trail_key(&odd, CNS_SPAN("a\"\\."));
    cns_trail_index(&odd, 4294967295u);
    CHECK(cns_span_is(cns_trail_text(&odd), "[\"a\\\"\\\\.\"][4294967295]", 22));
}

int main(void) {
    RUN(in_written_order);
    RUN(memory_that_runs_out);
    RUN(a_path_that_does_not_fit_is_cut_at_a_step);
    return harness_end();
}
