/* fuzz_visit.c - a Cookie header, whatever is in it, under an opt-in law (with a CMP id of the
 * site's own and without), an opt-out law and none: a verdict within its memory and why, answers that count, and cookies that read back the same.
 * A value that begins as JSON does is given encoded, as the token would be. The length of the header
 * says which law it is and whether there is a signal, so that one run is one visit. */
#include "../../csrc/core/base64.h"

#include "fuzz.h"

#define NOW (INT64_C(1773999687) * 1000000)
#define LAWS 4u
#define LONGEST 24576u /* bytes of an input; a value over 16 384 is not read */

static const char page[] =
    "{\"app\":{\"vendors\":{\"custom\":[{\"id\":\"a\",\"purposeIds\":[\"p\"],"
    "\"namespaces\":{\"num\":79}},"
    "{\"id\":\"b\",\"purposeIds\":[\"p\"],\"legIntPurposeIds\":[\"q\"]},"
    "{\"id\":\"must\",\"purposeIds\":[\"req\"]}],\"didomi\":[\"google\"],"
    "\"iab\":{\"include\":[1,28]}},"
    "\"customPurposes\":[{\"id\":\"p\"},{\"id\":\"q\"},{\"id\":\"req\"}],"
    "\"essentialPurposes\":[\"req\"],\"deniedConsentDuration\":86400},"
    "\"regulations\":{\"cpra\":{\"enabled\":true}},"
    "\"consentpy\":{\"storedRefusalWithoutRegulation\":\"respect\",\"gpc\":\"unless_explicit\","
    "\"cmpIds\":\"any\"},\"configByCountry\":{\"DE\":{\"consentpy\":{\"cmpId\":300}}}}";

static const char vendor_list[] =
    "{\"gvlSpecificationVersion\":3,\"vendorListVersion\":1,\"tcfPolicyVersion\":5,"
    "\"lastUpdated\":\"2026-01-01T00:00:00Z\",\"purposes\":{},\"vendors\":{"
    "\"1\":{\"id\":1,\"name\":\"Company 1\",\"purposes\":[1,2],\"legIntPurposes\":[7],"
    "\"specialFeatures\":[1]},"
    "\"28\":{\"id\":28,\"name\":\"Company 28\",\"purposes\":[1],\"legIntPurposes\":[2],"
    "\"flexiblePurposes\":[2]},"
    "\"755\":{\"id\":755,\"name\":\"Company 755\",\"purposes\":[1,3]}}}";

/* What is open to whoever has just refused, and agreed to, everything. */
typedef struct bounds {
    uint64_t refused, agreed;
    uint64_t listed; /* whose answer a TC string may have */
} bounds;

static cns_config *config;
static const cns_notice *notices[LAWS];
static bounds limits[LAWS];

static bool is_essential(uint32_t purpose) {
    cns_purpose_info info;
    cns_notice_purpose_info(notices[0], purpose, &info);
    return info.essential;
}

/* Only what is essential runs for those who refuse, and everything for those who agree, except
 * where a TC string is asked for. Bits as in fuzz_open. */
static bounds bounds_of(const cns_notice *n) {
    bounds of = {0, 0, 0};
    unsigned bit = 0;
    uint32_t number;
    for (size_t i = 0; (number = cns_notice_vendor_at(n, i)) != CNS_NO_ID; i++, bit++) {
        uint32_t purposes[64];
        cns_vendor_info info;
        size_t count, others = 0;
        cns_notice_vendor_info(n, number, &info);
        for (cns_basis basis = CNS_CONSENT; basis <= CNS_LEGITIMATE_INTEREST; basis++) {
            count = cns_notice_vendor_purposes(n, number, basis, purposes, 64);
            FUZZ_CHECK(count <= 64);
            for (size_t k = 0; k < count; k++)
                others += !is_essential(purposes[k]);
        }
        of.refused |= (uint64_t)!others << bit;
        bool listed = info.space == CNS_IAB && cns_notice_group(n) == CNS_OPT_IN;
        of.agreed |= (uint64_t)!listed << bit;
        of.listed |= (uint64_t)listed << bit;
    }
    for (size_t i = 0; (number = cns_notice_purpose_at(n, i)) != CNS_NO_ID; i++, bit++) {
        of.refused |= (uint64_t)is_essential(number) << bit;
        of.agreed |= (uint64_t)1 << bit;
    }
    FUZZ_CHECK(bit <= 64);
    return of;
}

static void prepare(void) {
    cns_doc *doc;
    cns_gvl *gvl;
    FUZZ_CHECK(cns_json_read(&doc, vendor_list, sizeof vendor_list - 1, cns_alloc_default(),
                             NULL) == CNS_OK);
    FUZZ_CHECK(cns_gvl_new(&gvl, doc, cns_alloc_default(), NULL) == CNS_OK);
    config = fuzz_config(page, gvl);
    notices[0] = fuzz_notice(config, "FR");
    notices[1] = fuzz_notice(config, "US");
    notices[2] = fuzz_notice(config, "JP");
    notices[3] = fuzz_notice(config, "DE");
    for (size_t i = 0; i < LAWS; i++)
        limits[i] = bounds_of(notices[i]);
}

/* ------------------------------------------------------------- what is sent */

/* The cookies of a header by name; those with JSON get room of their own. */
typedef struct sent {
    cns_text values[CNS_MAX_SAME_NAME];
    char *made[CNS_MAX_SAME_NAME];
    size_t count, all;
} sent;

static void take(sent *to, const char *header, size_t size, const char *name) {
    to->all = cns_cookie_find(header, size, name, strlen(name), to->values, CNS_MAX_SAME_NAME);
    to->count = to->all < CNS_MAX_SAME_NAME ? to->all : CNS_MAX_SAME_NAME;
    for (size_t i = 0; i < to->count; i++) {
        cns_text *value = &to->values[i];
        FUZZ_CHECK(value->text >= header && value->text + value->len <= header + size);
        if (!value->len || value->text[0] != '{')
            continue;
        to->made[i] = malloc(value->len / 3 * 4 + 4);
        if (!to->made[i])
            exit(2);
        value->len = cns_base64_write(to->made[i], (const unsigned char *)value->text, value->len);
        value->text = to->made[i];
    }
}

static void drop(sent *of) {
    for (size_t i = 0; i < of->count; i++)
        free(of->made[i]);
}

/* ------------------------------------------------------------------- tokens */

static bool same_text(cns_text a, cns_text b) {
    return a.len == b.len && (a.text != NULL) == (b.text != NULL) &&
           (!a.len || memcmp(a.text, b.text, a.len) == 0);
}

static void check_same(const cns_token_doc *a, const cns_token_doc *b) {
    for (unsigned list = 0; list < 8; list++) {
        FUZZ_CHECK(cns_token_doc_count(a, list) == cns_token_doc_count(b, list));
        for (size_t i = 0; i < cns_token_doc_count(a, list); i++)
            FUZZ_CHECK(same_text(cns_token_doc_id(a, list, i), cns_token_doc_id(b, list, i)));
    }
    for (cns_token_field field = CNS_TOKEN_USER_ID; field <= CNS_TOKEN_UPDATED; field++)
        FUZZ_CHECK(same_text(cns_token_doc_field(a, field), cns_token_doc_field(b, field)));
    FUZZ_CHECK(cns_token_doc_contradicts(a) == cns_token_doc_contradicts(b));
    FUZZ_CHECK(cns_token_doc_value(b));
    FUZZ_CHECK(fuzz_same(cns_token_doc_value(a), cns_token_doc_value(b)));
}

/* What decodes, encodes, and decodes to the same. */
static void check_token(cns_text value, cns_alloc alloc) {
    cns_token_doc *doc, *again;
    cns_error err;
    char *text;
    size_t len;
    cns_code code = cns_token_doc_new(&doc, value.text, value.len, alloc, &err);
    if (code != CNS_OK) {
        FUZZ_CHECK(code == CNS_E_DECODE && err.path[0] && err.message[0]);
        FUZZ_CHECK(err.offset <= value.len);
        return;
    }
    if (cns_token_doc_value(doc)) {
        FUZZ_CHECK(cns_token_write(&text, &len, cns_token_doc_value(doc), alloc, NULL) == CNS_OK);
        if (len <= 65536) { /* escapes take more than what they stand for */
            FUZZ_CHECK(cns_token_doc_new(&again, text, len, alloc, NULL) == CNS_OK);
            check_same(doc, again);
            cns_token_doc_free(again);
        }
        cns_text_free(alloc, text, len);
    }
    cns_token_doc_free(doc);
}

/* ----------------------------------------------------------------- statuses */

static cns_status *status_of(const cns_notice *n, const cns_visit *visit, cns_alloc alloc) {
    cns_status *s;
    FUZZ_CHECK(cns_status_new(&s, n, visit, alloc, NULL) == CNS_OK);
    return s;
}

static uint64_t read_visit(const cns_notice *n, const cns_visit *visit, cns_alloc alloc) {
    cns_status *s = status_of(n, visit, alloc);
    uint64_t open = fuzz_open(s, n);
    cns_status_free(s);
    return open;
}

static void hear_step(void *ctx, const cns_step *step) {
    FUZZ_CHECK(step->step && step->result && step->text);
    ++*(size_t *)ctx;
}
static void hear_setting(void *ctx, const cns_setting *setting) {
    (void)ctx;
    FUZZ_CHECK(setting->path.len);
}
static void hear_variable(void *ctx, const cns_variable *variable) {
    FUZZ_CHECK(variable->name && (!variable->text.len || variable->text.text));
    ++*(size_t *)ctx;
}
static void hear_id(void *ctx, cns_list list, cns_text id, uint32_t iab) {
    FUZZ_CHECK(list <= CNS_LIST_VENDORS_GLOBAL_OFF && (id.text || iab));
    ++*(size_t *)ctx;
}

/* What others are told about it; nothing of that changes anything. */
static void check_outputs(const cns_status *s, const cns_notice *n, const cns_visit *visit,
                          cns_alloc alloc) {
    size_t told = 0;
    bool should, granted[CNS_GCM_TYPES];
    char us_privacy[5];
    cns_token_doc *stored;
    FUZZ_CHECK(cns_collect_text(cns_status_collect(s, &should)));
    for (size_t i = 0; i < cns_status_findings(s); i++)
        FUZZ_CHECK(cns_status_finding(s, i).code && cns_status_finding(s, i).message[0]);
    FUZZ_CHECK(cns_status_data_layer(s, hear_variable, &told, alloc) == CNS_OK && told);
    FUZZ_CHECK(cns_answer_stored(&stored, n, visit, alloc, NULL) == CNS_OK);
    FUZZ_CHECK(cns_status_lists(s, stored, hear_id, &told, alloc) == CNS_OK);
    cns_token_doc_free(stored);
    cns_status_us_privacy(s, us_privacy);
    FUZZ_CHECK(us_privacy[0] == '1' && !us_privacy[4]);
    (void)cns_status_gcm(s, granted);
}

#define MOST_CHOICES 32u
typedef struct choices {
    cns_choice all[MOST_CHOICES];
    size_t count;
} choices;

static void hear_choice(void *ctx, const cns_choice *choice) {
    choices *to = ctx;
    FUZZ_CHECK(to->count < MOST_CHOICES);
    to->all[to->count++] = *choice;
}

/* The answer to a gate has its reasons, and the choices that would open it open it. */
static void check_gate(const cns_status *s, const cns_notice *n, const cns_visit *visit,
                       uint32_t vendor, cns_alloc alloc) {
    cns_gate gate = {true, vendor, 0, NULL};
    cns_vendor_info info;
    choices change = {.count = 0};
    size_t steps = 0;
    const char *reason = NULL;
    bool possible;
    cns_listener to = {hear_setting, hear_step, &steps};
    cns_notice_vendor_info(n, vendor, &info);
    bool open = cns_status_allows(s, &gate);
    FUZZ_CHECK(cns_status_explain(s, NULL, &gate, &info.id, &to, &reason) == open);
    FUZZ_CHECK(reason && reason[0] && steps);
    FUZZ_CHECK(cns_status_would_allow(&possible, s, visit, false, &gate, hear_choice, &change,
                                      alloc) == CNS_OK);
    FUZZ_CHECK(!possible || !open);
    if (!possible || !change.count)
        return;
    cns_answer answer = {.kind = CNS_SET, .choices = change.all, .count = change.count};
    cns_text values[2];
    cns_written written;
    FUZZ_CHECK(cns_answer_write(&written, n, visit, &answer, alloc, NULL) == CNS_OK);
    cns_visit after = *visit;
    cns_written_visit(&after, &written, values);
    cns_status *made = status_of(n, &after, alloc);
    FUZZ_CHECK(cns_status_allows(made, &gate));
    cns_status_free(made);
    cns_written_release(&written, alloc);
}

/* ------------------------------------------------------------------ answers */

/* What is kept reads the same, and is kept the same once more. */
static void keep_again(const cns_notice *n, const cns_visit *visit, uint64_t open,
                       cns_alloc alloc) {
    static const cns_keeping keeping = {.dcs = false};
    cns_kept_cookies kept, twice;
    if (cns_answer_keep(&kept, n, visit, &keeping, alloc, NULL) != CNS_OK)
        return;
    cns_text values[CNS_COOKIES];
    for (size_t i = 0; i < CNS_COOKIES; i++)
        values[i] = (cns_text){kept.of[i].text, kept.of[i].len};
    bool plain = values[CNS_COOKIE_DCS_PLAIN].text != NULL;
    cns_cookie dcs = plain ? CNS_COOKIE_DCS_PLAIN : CNS_COOKIE_DCS;
    cns_visit again = {.now = visit->now,
                       .gpc = visit->gpc,
                       .settled = visit->settled,
                       .own = true,
                       .cookies = &values[CNS_COOKIE_TOKEN],
                       .cookie_count = values[CNS_COOKIE_TOKEN].text != NULL,
                       .tc = {&values[CNS_COOKIE_TC], values[CNS_COOKIE_TC].text != NULL, false},
                       .dcs = {&values[dcs], values[dcs].text != NULL, false},
                       .dcs_plain = plain};
    bool any = again.cookie_count || again.tc.count || again.dcs.count;
    if (!again.tc.count)
        again.tc = visit->tc; /* what does not count stays where it is */
    FUZZ_CHECK(!any || (kept.max_age > 0 && read_visit(n, &again, alloc) == open));
    if (any && cns_answer_keep(&twice, n, &again, &keeping, alloc, NULL) == CNS_OK) {
        /* what several have in common may be a refusal of everything as old as the oldest, which
         * counts no longer (R4) */
        for (size_t i = 0; i < CNS_COOKIES; i++)
            FUZZ_CHECK(!twice.of[i].text ||
                       same_text(values[i], (cns_text){twice.of[i].text, twice.of[i].len}));
        cns_kept_release(&twice, alloc);
    }
    cns_kept_release(&kept, alloc);
}

/* What is open after the answer; all choices are the visitor's own. */
static uint64_t answer_all(const cns_notice *n, const cns_visit *visit, cns_answer_kind kind,
                           uint64_t unchanged, cns_alloc alloc) {
    cns_answer answer = {.kind = kind, .legitimate_interest = CNS_YES};
    cns_text values[2];
    cns_written written;
    FUZZ_CHECK(cns_answer_write(&written, n, visit, &answer, alloc, NULL) == CNS_OK);
    uint64_t open = unchanged;
    if (written.token) {
        cns_visit after = *visit;
        cns_written_visit(&after, &written, values);
        open = read_visit(n, &after, alloc);
        keep_again(n, &after, open, alloc);
        check_token(values[0], alloc);
    }
    cns_written_release(&written, alloc);
    return open;
}

static void try_visit(const cns_notice *n, const cns_visit *visit, bounds of, cns_alloc alloc) {
    cns_status *s = status_of(n, visit, alloc);
    uint64_t open = fuzz_open(s, n);
    check_outputs(s, n, visit, alloc);
    for (size_t i = 0; cns_notice_vendor_at(n, i) != CNS_NO_ID; i++)
        check_gate(s, n, visit, cns_notice_vendor_at(n, i), alloc);
    cns_status_free(s);
    keep_again(n, visit, open, alloc);
    FUZZ_CHECK(answer_all(n, visit, CNS_DISAGREE, open, alloc) == of.refused);
    FUZZ_CHECK((answer_all(n, visit, CNS_AGREE, open, alloc) & ~of.listed) == of.agreed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!config)
        prepare();
    if (size > LONGEST)
        return 0;
    fuzz_memory memory = fuzz_bound(size, 1024);
    memory.most += 65536; /* sets and the writers' room */
    cns_alloc alloc = {fuzz_resize, &memory};
    const char *header = (const char *)data;
    sent tokens = {.count = 0}, strings = {.count = 0}, dcs = {.count = 0};
    take(&tokens, header, size, "didomi_token");
    take(&strings, header, size, "euconsent-v2");
    take(&dcs, header, size, "didomi_dcs");
    for (size_t i = 0; i < tokens.count; i++)
        check_token(tokens.values[i], alloc);
    size_t law = size / 2 % LAWS, gpc = size % 2;
    cns_visit visit;
    memset(&visit, 0, sizeof visit);
    visit.now = NOW;
    visit.gpc = gpc;
    visit.cookies = tokens.values;
    visit.cookie_count = tokens.all;
    visit.tc = (cns_sent){strings.values, strings.all, false};
    visit.dcs = (cns_sent){dcs.values, dcs.all, false};
    visit.dcs_plain = true;
    try_visit(notices[law], &visit, limits[law], alloc);
    drop(&tokens);
    drop(&strings);
    drop(&dcs);
    FUZZ_CHECK(memory.live == 0);
    return 0;
}
