/* string_options.c - the options about consent strings (docs/configuration.md, Options). */
#include "string_options.h"

#include "value.h"

#define DIDOMI_CMP 7
#define GDPR_NUMBER 1u
#define MOST_CMP 4095 /* twelve bits */
#define MOST_POLICY 63

/* A cookie's name; a name that is too long is none, and the cookie is not read. */
static cns_span name_of(const cns_value *name, cns_span otherwise) {
    if (!cns_is_string(name) || name->len == 0)
        return otherwise;
    return name->len < CNS_MAX_COOKIE_NAME ? cns_string(name) : CNS_SPAN("");
}

static bool read_names(cns_strings *s, cns_arena *arena, const cns_value *cookies, cns_span law) {
    bool gdpr = cns_span_is(law, "gdpr", 4);
    /* without a law the token is gdpr's: an answer may have to end the string beside it */
    if (gdpr || cns_span_is(law, "none", 4))
        s->tc = name_of(CNS_AT(cookies, "iabCookieName"), CNS_SPAN("euconsent-v2"));
    s->dcs = name_of(CNS_AT(cookies, "didomiConsentStringCookieName"), CNS_SPAN("didomi_dcs"));
    s->dcs_plain = s->dcs.len;
    size_t len = s->dcs.len + 1 + law.len;
    if (!s->dcs.len || gdpr || cns_span_is(law, "none", 4) || len >= CNS_MAX_COOKIE_NAME)
        return true;
    char *name = cns_arena_get(arena, len + 1);
    if (!name)
        return false;
    memcpy(name, s->dcs.text, s->dcs.len);
    name[s->dcs.len] = '_';
    memcpy(name + s->dcs.len + 1, law.text, law.len);
    name[len] = '\0';
    s->dcs = (cns_span){name, len};
    return true;
}

static uint32_t law_number(const cns_value *laws, cns_span law) {
    const cns_value *number = cns_at(laws, law);
    if (cns_is(number, CNS_INT) && number->u.i >= 1 && number->u.i <= UINT16_MAX)
        return (uint32_t)number->u.i;
    return cns_span_is(law, "gdpr", 4) ? GDPR_NUMBER : 0;
}

static bool number_at(int64_t *out, const cns_value *number) {
    if (!cns_is(number, CNS_INT))
        return false;
    *out = number->u.i;
    return true;
}

static bool read_exempt(cns_tc_demands *d, cns_arena *arena, const cns_value *list) {
    if (!cns_is_array(list))
        return true;
    char (*codes)[2] = cns_arena_zero(arena, list->len, sizeof *codes);
    for (uint32_t i = 0; codes && i < list->len; i++) {
        const cns_value *code = &list->u.items[i];
        if (!cns_is_string(code) || code->len != 2)
            continue;
        codes[d->exempt_count][0] = cns_upper(code->u.text[0]);
        codes[d->exempt_count++][1] = cns_upper(code->u.text[1]);
    }
    d->exempt = (const char (*)[2])codes;
    return codes != NULL;
}

static bool read_demands(cns_tc_demands *d, cns_arena *arena, const cns_value *options) {
    int64_t policy;
    const cns_value *since = CNS_AT(options, "require_disclosed_segment_since");
    d->service_specific = !cns_is(CNS_AT(options, "require_service_specific"), CNS_FALSE);
    d->vendor_disclosed = cns_is(CNS_AT(options, "require_vendor_disclosed"), CNS_TRUE);
    /* a policy that no string can have is a demand that none meets */
    if (number_at(&policy, CNS_AT(options, "min_policy_version")))
        d->min_policy_version = policy < 0             ? 0
                                : policy > MOST_POLICY ? MOST_POLICY + 1
                                                       : (uint32_t)policy;
    if (number_at(&policy, CNS_AT(options, "require_disclosed_segment_from_policy"))) {
        d->disclosed_from_given = policy <= MOST_POLICY;
        d->disclosed_from_policy = policy < 0 ? 0 : (uint32_t)policy & 0xFF;
    }
    if (cns_is_string(since)) {
        d->disclosed_since_given = true;
        if (!cns_date_read(&d->disclosed_since, since->u.text, since->len))
            d->disclosed_since = INT64_MIN; /* cannot be read: the segment is always needed */
    }
    return read_exempt(d, arena, CNS_AT(options, "purpose_one_exempt_countries"));
}

bool cns_strings_read(cns_strings *out, cns_arena *arena, const cns_value *effective,
                      const cns_directory *directory, cns_span law) {
    const cns_value *own = CNS_AT(effective, "consentpy"), *cmps = CNS_AT(own, "cmpIds");
    const cns_value *cmp = CNS_AT(own, "cmpId");
    memset(out, 0, sizeof *out);
    if (!read_names(out, arena, CNS_AT(effective, "cookies"), law))
        return false;
    out->laws = CNS_AT(directory->site, "regulations");
    out->gdpr = law_number(out->laws, CNS_SPAN("gdpr"));
    /* without a law the cookies are those of gdpr */
    out->law = cns_span_is(law, "none", 4) ? out->gdpr : law_number(out->laws, law);
    out->any_cmp = cns_is_text(cmps, CNS_SPAN("any"));
    out->cmps = cns_is_array(cmps) ? cmps : NULL;
    /* 0 and 1 are no CMPs, and only Didomi's own may write as Didomi's */
    if (cns_is(cmp, CNS_INT) && cmp->u.i >= 2 && cmp->u.i <= MOST_CMP && cmp->u.i != DIDOMI_CMP)
        out->cmp = (uint32_t)cmp->u.i;
    return read_demands(&out->demands, arena, CNS_AT(own, "tcf"));
}

bool cns_strings_take_cmp(const cns_strings *s, uint32_t cmp) {
    if (s->any_cmp || (s->cmp && cmp == s->cmp))
        return true;
    if (!s->cmps)
        return cmp == DIDOMI_CMP;
    for (uint32_t i = 0; i < s->cmps->len; i++)
        if (cns_is(&s->cmps->u.items[i], CNS_INT) && s->cmps->u.items[i].u.i == cmp)
            return true;
    return false;
}

bool cns_strings_other_law(const cns_strings *s, uint32_t number) {
    if (number == s->law)
        return false;
    if (number == law_number(s->laws, CNS_SPAN("gdpr")))
        return true;
    for (uint32_t i = 0; cns_is_object(s->laws) && i < s->laws->len; i++) {
        const cns_value *of = s->laws->u.table->members[i].value;
        if (cns_is(of, CNS_INT) && of->u.i == number)
            return true;
    }
    return false;
}
