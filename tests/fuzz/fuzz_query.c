/* fuzz_query.c - the query of a page's address: a configuration of the properties that an address
 * may set, whatever is in it, and choices that lift no objection. */
#include "../../csrc/core/base64.h"

#include "fuzz.h"

#define NOW (INT64_C(1773999687) * 1000000)

static const char page[] =
    "{\"app\":{\"vendors\":{\"custom\":[{\"id\":\"a\",\"purposeIds\":[\"p\"]},"
    "{\"id\":\"b\",\"purposeIds\":[\"p\"],\"legIntPurposeIds\":[\"q\"]}]},"
    "\"customPurposes\":[{\"id\":\"p\"},{\"id\":\"q\"}]},"
    "\"user\":{\"externalConsent\":{\"enabled\":true}},"
    "\"regulations\":{\"cpra\":{\"enabled\":true}}}";

/* What the visitor has said: the vendor a and the purpose q are objected to. */
static const char token[] =
    "{\"user_id\":\"01234567-89ab-6cde-8f01-23456789abcd\",\"updated\":\"2026-03-20T09:00:00Z\","
    "\"created\":\"2026-03-20T09:00:00Z\",\"vendors_li\":{\"disabled\":[\"c:a\"]},"
    "\"purposes_li\":{\"disabled\":[\"q\"]},\"version\":2}";

static bool runs(const cns_status *s, const cns_config *config, const char *vendor,
                 const char *purpose) {
    uint32_t of = vendor ? cns_config_vendor(config, vendor, strlen(vendor)) : 0;
    uint32_t number = purpose ? cns_config_purpose(config, purpose, strlen(purpose)) : 0;
    return cns_status_allows(s, &(cns_gate){vendor, of, purpose ? 1 : 0, &number});
}

static void check_choices(cns_config *config, const char *country, const cns_query *query,
                          cns_alloc alloc) {
    static const unsigned char random[CNS_ANSWER_RANDOM];
    const cns_notice *n = fuzz_notice(config, country);
    char stored[sizeof token * 2], *text = NULL;
    cns_text room = {stored,
                     cns_base64_write(stored, (const unsigned char *)token, sizeof token - 1)};
    cns_visit visit = {.cookies = &room, .cookie_count = 1, .now = NOW};
    bool unread = false, opt_out = cns_notice_group(n) == CNS_OPT_OUT;
    size_t len = 0;
    cns_status *before, *after;
    FUZZ_CHECK(cns_status_new(&before, n, &visit, alloc, NULL) == CNS_OK);
    FUZZ_CHECK(cns_external_write(&text, &len, &unread, n, &visit, query, random, alloc, NULL) ==
               CNS_OK);
    visit.external_unread = unread;
    if (text) {
        room = (cns_text){text, len};
        visit.own = true;
    }
    FUZZ_CHECK(cns_status_new(&after, n, &visit, alloc, NULL) == CNS_OK);
    if (opt_out)
        FUZZ_CHECK(!runs(after, config, "a", NULL) && !runs(after, config, NULL, "q"));
    if (!text && !unread)
        FUZZ_CHECK(fuzz_open(before, n) == fuzz_open(after, n));
    if (unread && !opt_out)
        FUZZ_CHECK((fuzz_open(after, n) & ~fuzz_open(before, n)) == 0);
    if (text)
        for (size_t i = 0; i < cns_status_findings(after); i++)
            FUZZ_CHECK(cns_status_finding(after, i).warning);
    cns_status_free(before);
    cns_status_free(after);
    cns_text_free(alloc, text, len);
}

/* The only members that an object of the configuration may have. */
static void check_members(const cns_value *object, const char *const *keys) {
    FUZZ_CHECK(cns_value_kind(object) == CNS_OBJECT);
    for (size_t i = 0; i < cns_value_count(object); i++) {
        const char *key;
        size_t len, k = 0;
        (void)cns_value_member(object, i, &key, &len);
        while (keys[k] && (strlen(keys[k]) != len || memcmp(keys[k], key, len) != 0))
            k++;
        FUZZ_CHECK(keys[k]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static cns_config *config;
    static const char *const top[] = {"app", "experiment", "notice", "sync", "user", NULL};
    static const char *const user[] = {"externalConsent", NULL};
    if (!config)
        config = fuzz_config(page, NULL);
    fuzz_memory memory = fuzz_bound(size, 512);
    memory.most += 65536;
    cns_alloc alloc = {fuzz_resize, &memory};
    cns_query query = {.size = 0};
    cns_doc *doc;
    cns_query_add(&query, (const char *)data, size);
    FUZZ_CHECK(cns_query_config(&doc, &query, alloc, NULL) == CNS_OK);
    const cns_value *root = cns_doc_root(doc), *of_user = cns_value_get(root, "user", 4);
    check_members(root, top);
    if (of_user)
        check_members(of_user, user);
    cns_doc_free(doc);
    check_choices(config, "FR", &query, alloc);
    check_choices(config, "US", &query, alloc);
    check_choices(config, "JP", &query, alloc);
    FUZZ_CHECK(memory.live == 0);
    return 0;
}
