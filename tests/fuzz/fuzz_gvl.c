/* fuzz_gvl.c - any JSON as a Global Vendor List: refused with a place and a sentence, or a list
 * whose vendors run for nobody who has not agreed, and with consent to everything only for what
 * they declare. */
#include "fuzz.h"

#define NOW (INT64_C(1773999687) * 1000000)
#define MOST 128u

static const char page[] = "{\"app\":{\"vendors\":{\"iab\":{\"all\":true,\"restrictions\":[{"
                           "\"id\":\"r\",\"purposeId\":\"cookies\",\"vendors\":{\"type\":\"all\"},"
                           "\"restrictionType\":\"disallow\"}]}}}}";

/* Does the vendor at `index` declare the purpose? Of lists that are longer than any sound one
 * only the beginning counts. */
static bool declares(const cns_gvl *gvl, size_t index, cns_gvl_list list, uint32_t purpose) {
    uint32_t numbers[MOST];
    size_t count = cns_gvl_numbers(gvl, index, list, numbers, MOST);
    for (size_t i = 0; i < count && i < MOST; i++)
        if (numbers[i] == purpose)
            return true;
    return false;
}

static cns_tc_permission ask(const cns_gvl *gvl, const cns_tc *tc, uint32_t vendor,
                             uint32_t purpose) {
    static const cns_tc_demands nothing;
    return cns_tc_permits(tc, gvl, vendor, CNS_ASK_PURPOSE, purpose, NOW, &nothing);
}

/* With consent to everything, and objected to by nobody, what is declared is permitted and
 * nothing else; without a string nothing is. */
static void check_permission(const cns_gvl *gvl) {
    static const cns_id_run everybody = {1, CNS_MAX_ID};
    cns_tc tc = {.exact = true, .purposes = 0xFFFFFF, .purposes_li = 0xFFFFFF, .policy_version = 5};
    cns_gvl_vendor vendor;
    tc.vendors = tc.vendors_li = cns_idset_of_runs(&everybody, 1);
    for (size_t i = 0; i < 16 && cns_gvl_vendor_at(gvl, i, &vendor); i++)
        for (uint32_t purpose = 0; purpose < 26; purpose++) {
            FUZZ_CHECK(!ask(gvl, NULL, vendor.id, purpose).allowed);
            cns_tc_permission said = ask(gvl, &tc, vendor.id, purpose);
            FUZZ_CHECK(said.basis && said.reason);
            bool declared = declares(gvl, i, CNS_GVL_PURPOSES, purpose);
            if (declared && !vendor.deleted.text)
                FUZZ_CHECK(said.allowed);
            if (said.allowed)
                FUZZ_CHECK(declared ||
                           declares(gvl, i, CNS_GVL_LEGITIMATE_INTEREST_PURPOSES, purpose));
        }
    FUZZ_CHECK(!ask(gvl, &tc, 0, 1).allowed && !ask(gvl, &tc, CNS_MAX_ID + 1, 1).allowed);
}

static void check_list(const cns_gvl *gvl) {
    cns_gvl_about about = cns_gvl_says(gvl);
    cns_gvl_vendor vendor;
    cns_gvl_purpose purpose;
    uint32_t before = 0, few[2];
    FUZZ_CHECK(about.specification == 2 || about.specification == 3);
    FUZZ_CHECK(cns_gvl_root(gvl));
    for (size_t i = 0; cns_gvl_vendor_at(gvl, i, &vendor); i++) {
        FUZZ_CHECK(vendor.id > before && vendor.id <= CNS_MAX_ID);
        before = vendor.id;
        for (cns_gvl_list list = CNS_GVL_PURPOSES; list <= CNS_GVL_SPECIAL_FEATURES; list++)
            FUZZ_CHECK(cns_gvl_numbers(gvl, i, list, few, 2) ==
                       cns_gvl_numbers(gvl, i, list, NULL, 0));
    }
    for (size_t i = 0; cns_gvl_purpose_at(gvl, i, &purpose); i++)
        FUZZ_CHECK(purpose.id);
}

/* A notice that takes all vendors of the list. */
static void check_notice(const cns_gvl *gvl, cns_alloc alloc) {
    cns_config *config = fuzz_config(page, gvl);
    const cns_notice *n = fuzz_notice(config, "FR");
    cns_visit visit = {.now = NOW};
    cns_status *status;
    FUZZ_CHECK(cns_status_new(&status, n, &visit, alloc, NULL) == CNS_OK);
    FUZZ_CHECK(fuzz_open(status, n) == 0);
    cns_status_free(status);
    cns_config_free(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_memory memory = fuzz_bound(size, 512);
    memory.most += 65536;
    cns_alloc alloc = {fuzz_resize, &memory};
    cns_doc *doc;
    cns_gvl *gvl;
    cns_error err;
    if (cns_json_read(&doc, (const char *)data, size, alloc, NULL) == CNS_OK) {
        cns_code code = cns_gvl_new(&gvl, doc, alloc, &err);
        if (code == CNS_OK) {
            check_list(gvl);
            check_permission(gvl);
            check_notice(gvl, alloc);
            cns_gvl_free(gvl);
        } else {
            FUZZ_CHECK(code == CNS_E_SHAPE && err.message[0]);
            FUZZ_CHECK(err.offset == CNS_NO_OFFSET || err.offset <= size);
        }
    }
    FUZZ_CHECK(memory.live == 0);
    return 0;
}
