/* outputs.c - what other systems are told about a status: tag managers, Google Consent
 * Mode, the US Privacy string, an experiment (docs/didomi.md, Other systems). */
#include "outputs.h"

#include <stdio.h>

#include "config.h"
#include "status.h"

static bool under(const cns_status *s, const char *law, size_t len) {
    return cns_span_is(s->notice->applied.id, law, len);
}

bool cns_status_gdpr(const cns_status *s) {
    return under(s, "gdpr", 4);
}

/* ------------------------------------------------------------ US Privacy */

void cns_status_us_privacy(const cns_status *s, char out[5]) {
    memcpy(out, "1---", 5);
    if (!under(s, "ccpa", 4))
        return;
    const cns_value *root = s->notice->effective;
    const cns_value *lspa = CNS_AT(CNS_AT(CNS_AT(root, "regulations"), "ccpa"), "lspa");
    if (!cns_is(lspa, CNS_TRUE) && !cns_is(lspa, CNS_FALSE))
        lspa = CNS_AT(CNS_AT(CNS_AT(root, "regulation"), "ccpa"), "lspa");
    out[1] = 'Y';
    out[2] = s->do_not_sell || s->gpc || s->unreadable || s->notice->underage ? 'Y' : 'N';
    out[3] = cns_is(lspa, CNS_TRUE) ? 'Y' : 'N';
}

/* ------------------------------------------------------------ experiments */

/* The experiment if it has all that it needs, else NULL. */
static const cns_value *experiment_of(const cns_notice *n) {
    const cns_value *e = CNS_AT(n->effective, "experiment");
    const cns_value *id = CNS_AT(e, "id"), *size = CNS_AT(e, "size");
    bool whole = cns_is_string(id) && id->len > 0 && cns_is_number(size) &&
                 cns_value_real(size) >= 0 && cns_value_real(size) <= 1 &&
                 cns_is_object(CNS_AT(e, "config"));
    return whole ? e : NULL;
}

/* Nobody starts to take part who was there before it began. A visitor whose token does
 * not count, or who has none, is there since now. */
static bool takes_part(const cns_status *s, const cns_value *e) {
    const cns_value *date = CNS_AT(e, "startDate");
    cns_when start = cns_is_string(date) ? cns_when_parse(date->u.text, date->len) : CNS_NEVER;
    cns_when since = s->updated == CNS_NEVER ? s->now : s->created;
    return start == CNS_NEVER || (since != CNS_NEVER && since >= start);
}

/* The last five hexadecimal digits of a user id of 36 characters, or -1. */
static int ticket(cns_text id) {
    int value = 0;
    if (!id.text || id.len != 36)
        return -1;
    for (size_t i = 31; i < 36; i++) {
        int digit = cns_hex_digit(id.text[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

const char *cns_status_experiment_group(const cns_status *s) {
    const cns_value *e = experiment_of(s->notice);
    if (!e || !takes_part(s, e))
        return NULL;
    const cns_value *forced = CNS_AT(e, "group");
    if (cns_is_text(forced, CNS_SPAN("test")))
        return "test";
    double size = cns_value_real(CNS_AT(e, "size"));
    if (cns_is_text(forced, CNS_SPAN("control")) || size <= 0)
        return "control";
    int drawn = ticket(s->user_id);
    if (drawn < 0)
        return NULL;
    return drawn % 1000 < 1000 * size ? "test" : "control";
}

/* -------------------------------------------------------------- partitions */

/* Each configured id is enabled, refused or undecided, by one of five questions. Under
 * an opt-in law the answer comes from what is stored. Otherwise nobody is undecided:
 * what counts is enabled, also for the variables of old that know consent only. */
typedef cns_tri (*question)(const cns_status *s, uint32_t id);

static cns_tri counts(bool enabled) {
    return enabled ? CNS_YES : CNS_NO;
}

static bool both(const cns_word *a, const cns_word *b, const cns_word *but, uint32_t words) {
    for (uint32_t w = 0; w < words; w++)
        if (a[w] & b[w] & ~but[w])
            return true;
    return false;
}

/* Enabled with all purposes on all bases (R1). Refused: the visitor has chosen about the
 * vendor, and refused it or a purpose of it on a basis in use. */
static cns_tri vendor_state(const cns_status *s, uint32_t vendor) {
    const cns_tables *t = s->notice->tables;
    const cns_word *essential = s->notice->asked->essential;
    cns_word *const *stored = s->stored;
    if (cns_status_vendor_enabled(s, vendor))
        return CNS_YES;
    if (s->group != CNS_OPT_IN || s->notice->underage)
        return CNS_NO;
    bool chosen = false, refused = false;
    if (cns_has(t->vendors_consent, vendor)) {
        refused |= cns_has(stored[CNS_VENDORS_OFF], vendor);
        chosen |= cns_has(stored[CNS_VENDORS_ON], vendor);
    }
    if (cns_has(t->vendors_li, vendor)) {
        refused |= cns_has(stored[CNS_VENDORS_LI_OFF], vendor);
        chosen |= cns_has(stored[CNS_VENDORS_LI_ON], vendor);
    }
    if (refused)
        return CNS_NO;
    uint32_t pw = t->purpose_words;
    if (chosen &&
        (both(cns_vendor_mask(t, t->consent, vendor), stored[CNS_PURPOSES_OFF], essential, pw) ||
         both(cns_vendor_mask(t, t->li, vendor), stored[CNS_PURPOSES_LI_OFF], essential, pw)))
        return CNS_NO;
    return CNS_UNKNOWN;
}

static cns_tri purpose_state(const cns_status *s, uint32_t purpose) {
    const cns_tables *t = s->notice->tables;
    if (cns_status_purpose_enabled(s, purpose))
        return CNS_YES;
    if (s->group != CNS_OPT_IN || s->notice->underage)
        return CNS_NO;
    bool refused =
        (cns_has(t->on_consent, purpose) && cns_has(s->stored[CNS_PURPOSES_OFF], purpose)) ||
        (cns_has(t->on_li, purpose) && cns_has(s->stored[CNS_PURPOSES_LI_OFF], purpose));
    return refused ? CNS_NO : CNS_UNKNOWN;
}

/* With its purposes, as in docs/didomi.md, Statuses. */
static cns_tri vendor_consent(const cns_status *s, uint32_t vendor) {
    if (s->group != CNS_OPT_IN)
        return counts(cns_status_vendor_enabled(s, vendor));
    return cns_status_vendor(s, vendor, CNS_CONSENT, true);
}

/* The vendor alone, whatever its purposes. */
static cns_tri vendor_raw(const cns_status *s, uint32_t vendor) {
    if (s->group != CNS_OPT_IN)
        return counts(cns_has(s->vendors, vendor) ||
                      cns_has(s->notice->asked->essential_only, vendor));
    return cns_status_vendor(s, vendor, CNS_CONSENT, false);
}

static cns_tri purpose_consent(const cns_status *s, uint32_t purpose) {
    if (s->group != CNS_OPT_IN)
        return counts(cns_has(s->purposes, purpose));
    return cns_status_purpose(s, purpose, CNS_CONSENT);
}

/* ---------------------------------------------------------- Google Consent Mode */

const char *cns_gcm_type(size_t index) {
    static const char *const types[CNS_GCM_TYPES] = {
        "ad_storage",        "ad_user_data",          "ad_personalization",
        "analytics_storage", "functionality_storage", "personalization_storage",
        "security_storage"};
    return types[index];
}

/* By type: the member of defaultStatus, and whether the advertising vendor decides. */
static const struct {
    cns_span key;
    bool advertising;
} gcm[CNS_GCM_TYPES - 1] = {{{"ad", 2}, true},
                            {{"ad", 2}, true},
                            {{"ad", 2}, true},
                            {{"analytics", 9}, false},
                            {{"functionality", 13}, true},
                            {{"personalization", 15}, true}};

/* Undecided also when the notice does not have it. */
static cns_tri gcm_vendor(const cns_status *s, cns_span sdk_id) {
    const cns_notice *n = s->notice;
    uint32_t vendor = cns_ids_sdk_vendor(&n->config->ids, sdk_id.text, sdk_id.len);
    if (vendor == CNS_NO_ID || !cns_has(n->tables->vendors, vendor))
        return CNS_UNKNOWN;
    if (cns_status_vendor_enabled(s, vendor))
        return CNS_YES;
    return vendor_consent(s, vendor) == CNS_UNKNOWN ? CNS_UNKNOWN : CNS_NO;
}

bool cns_status_gcm(const cns_status *s, bool granted[CNS_GCM_TYPES]) {
    const cns_value *options =
        CNS_AT(CNS_AT(CNS_AT(s->notice->effective, "integrations"), "vendors"), "gcm");
    if (!cns_is(CNS_AT(options, "enable"), CNS_TRUE))
        return false;
    cns_tri advertising = gcm_vendor(s, CNS_SPAN("google"));
    cns_tri analytics = gcm_vendor(s, CNS_SPAN("c:googleana-4TXnJigR"));
    bool undecided = advertising == CNS_UNKNOWN && analytics == CNS_UNKNOWN;
    if (undecided && !cns_is(CNS_AT(options, "setDefaultStatus"), CNS_TRUE))
        return false;
    const cns_value *defaults = CNS_AT(options, "defaultStatus");
    for (size_t i = 0; i < CNS_GCM_TYPES - 1; i++)
        granted[i] = undecided ? cns_is(cns_at(defaults, gcm[i].key), CNS_TRUE)
                               : (gcm[i].advertising ? advertising : analytics) == CNS_YES;
    granted[CNS_GCM_TYPES - 1] = true; /* security_storage, always */
    return true;
}

/* -------------------------------------------------------------- the data layer */

typedef struct list {
    const char *names[3]; /* of what is enabled, refused, undecided */
    question state;
    bool vendors, prefixed;
} list;

static const list current[] = {
    {{"didomiVendorsEnabled", "didomiVendorsDisabled", "didomiVendorsUnknown"},
     vendor_state,
     true,
     false},
    {{"didomiPurposesEnabled", "didomiPurposesDisabled", "didomiPurposesUnknown"},
     purpose_state,
     false,
     false}};

static const list deprecated[] = {
    {{"didomiVendorsConsent", "didomiVendorsConsentDenied", "didomiVendorsConsentUnknown"},
     vendor_consent,
     true,
     true},
    {{"didomiVendorsRawConsent", "didomiVendorsRawConsentDenied", "didomiVendorsRawConsentUnknown"},
     vendor_raw,
     true,
     true},
    {{"didomiPurposesConsent", "didomiPurposesConsentDenied", "didomiPurposesConsentUnknown"},
     purpose_consent,
     false,
     false}};

typedef struct writer {
    const cns_status *status;
    cns_variable_fn each;
    void *ctx;
    char *text; /* room for the longest list */
} writer;

static void tell(const writer *to, const char *name, const char *text, size_t len) {
    to->each(to->ctx, &(cns_variable){name, {text, len}, 0});
}

size_t cns_prefixed_id(char *to, cns_namespace space, const cns_vendor_id *vendor) {
    size_t len = 0;
    if (space == CNS_IAB)
        return (size_t)snprintf(to, CNS_LONGEST_PREFIX, "iab:%u", (unsigned)vendor->iab);
    if (space == CNS_DIDOMI)
        memcpy(to, "didomi:", len = 7);
    memcpy(to + len, vendor->sdk.text, vendor->sdk.len); /* a custom one begins with `c:` */
    return len + vendor->sdk.len;
}

/* The id as a list spells it, and its comma; returns the length. */
static size_t put_id(char *to, const cns_status *s, const list *kind, uint32_t id) {
    const cns_ids *ids = &s->notice->config->ids;
    size_t len;
    if (kind->prefixed) {
        len = cns_prefixed_id(to, cns_tables_space(s->notice->tables, ids, id), &ids->vendors[id]);
    } else {
        cns_span text = kind->vendors ? ids->vendors[id].api : ids->purposes[id];
        memcpy(to, text.text, len = text.len);
    }
    to[len++] = ',';
    return len;
}

static void tell_lists(const writer *to, const list *lists, size_t count) {
    static const cns_tri states[] = {CNS_YES, CNS_NO, CNS_UNKNOWN};
    const cns_notice *n = to->status->notice;
    for (const list *kind = lists; kind < lists + count; kind++)
        for (size_t state = 0; state < 3; state++) {
            size_t len = 0;
            uint32_t id;
            for (size_t i = 0; (id = kind->vendors ? cns_notice_vendor_at(n, i)
                                                   : cns_notice_purpose_at(n, i)) != CNS_NO_ID;
                 i++)
                if (kind->state(to->status, id) == states[state])
                    len += put_id(to->text + len, to->status, kind, id);
            tell(to, kind->names[state], to->text, len);
        }
}

/* Bytes that the longest list can take. */
static size_t longest_list(const cns_notice *n) {
    const cns_ids *ids = &n->config->ids;
    size_t vendors = 1, purposes = 1;
    uint32_t id;
    for (size_t i = 0; (id = cns_notice_vendor_at(n, i)) != CNS_NO_ID; i++)
        vendors += CNS_LONGEST_PREFIX + 1 + ids->vendors[id].sdk.len + ids->vendors[id].api.len;
    for (size_t i = 0; (id = cns_notice_purpose_at(n, i)) != CNS_NO_ID; i++)
        purposes += ids->purposes[id].len + 1;
    return vendors > purposes ? vendors : purposes;
}

cns_code cns_status_data_layer(const cns_status *s, cns_variable_fn each, void *ctx,
                               cns_alloc alloc) {
    size_t size = longest_list(s->notice);
    writer to = {s, each, ctx, cns_get(alloc, size)};
    if (!to.text)
        return CNS_E_NOMEM;
    const cns_value *experiment = experiment_of(s->notice);
    const cns_value *id = CNS_AT(experiment, "id");
    const char *group = cns_status_experiment_group(s);
    cns_span law = s->notice->applied.id;
    tell_lists(&to, current, sizeof current / sizeof *current);
    tell(&to, "didomiRegulationName", law.text, law.len);
    tell_lists(&to, deprecated, sizeof deprecated / sizeof *deprecated);
    tell(&to, "didomiIABConsent", s->tc.text ? s->tc.text : "", s->tc.len);
    each(ctx, &(cns_variable){"didomiGDPRApplies", {NULL, 0}, cns_status_gdpr(s)});
    tell(&to, "didomiExperimentId", id ? id->u.text : "", id ? id->len : 0);
    tell(&to, "didomiExperimentUserGroup", group ? group : "", group ? strlen(group) : 0);
    cns_drop(alloc, to.text, size);
    return CNS_OK;
}
