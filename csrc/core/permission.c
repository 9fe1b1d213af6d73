/* permission.c - may a vendor of the list process for this purpose? (docs/strings.md, Permission) */
#include "gvl.h"
#include "tcf.h"
#include "when.h"

/* More than a vendor can declare: purposes end at 24, features at 64. Of a longer list, which
 * repeats ids, the rest counts as not declared. */
#define MOST_LISTED 128u

enum {
    FREE = 3 /* no restriction; 0 to 2 are those of the string */
};

static bool lists(const cns_gvl *gvl, uint32_t row, cns_gvl_list which, int64_t id) {
    uint32_t numbers[MOST_LISTED];
    size_t count = cns_gvl_numbers(gvl, row, which, numbers, MOST_LISTED);
    for (size_t i = 0; i < count && i < MOST_LISTED; i++)
        if (numbers[i] == id)
            return true;
    return false;
}

static bool in_mask(uint32_t mask, int64_t id) {
    return id >= 1 && id <= 32 && mask >> (id - 1) & 1;
}

static bool in_set(const cns_id_set *set, int64_t id) {
    return id >= 1 && id <= CNS_MAX_ID && cns_idset_has(set, (uint32_t)id);
}

const char *cns_tc_fault(const cns_tc *tc, const cns_tc_demands *demands) {
    if (!tc || !tc->exact)
        return "invalid_string";
    if (demands->service_specific && !tc->service_specific)
        return "not_service_specific";
    if (tc->policy_version < demands->min_policy_version)
        return "policy_version_too_old";
    if (tc->has_disclosed)
        return NULL;
    if ((demands->disclosed_from_given && tc->policy_version >= demands->disclosed_from_policy) ||
        (demands->disclosed_since_given &&
         (int64_t)tc->last_updated * 100000 >= demands->disclosed_since))
        return "missing_disclosed_segment";
    return NULL;
}

static const char *vendor_fault(const cns_tc *tc, const cns_gvl *gvl, uint32_t row, int64_t vendor,
                                int64_t now, const cns_tc_demands *demands) {
    cns_gvl_vendor about;
    if (row == CNS_NO_ID || !cns_gvl_vendor_at(gvl, row, &about))
        return "vendor_unknown";
    if (about.deleted.text) {
        cns_when deleted = cns_when_parse(about.deleted.text, about.deleted.len);
        if (deleted == CNS_NEVER || deleted <= now)
            return "vendor_deleted"; /* a date that cannot be read is no reason to go on */
    }
    if (demands->vendor_disclosed && tc->has_disclosed && !in_set(&tc->disclosed, vendor))
        return "vendor_not_disclosed";
    return NULL;
}

/* The restriction on this purpose and vendor: of several the lowest type. */
static unsigned restriction_on(const cns_tc *tc, int64_t purpose, int64_t vendor) {
    for (uint32_t i = 0; i < tc->restriction_count; i++) {
        const cns_tc_restriction *restriction = &tc->restrictions[i];
        if (restriction->purpose != purpose)
            continue;
        cns_id_set set = cns_idset_of_runs(restriction->runs, restriction->run_count);
        if (in_set(&set, vendor))
            return restriction->type;
    }
    return FREE;
}

static bool li_possible(const cns_tc *tc, int64_t purpose) {
    return purpose != 1 &&
           !(purpose >= 3 && purpose <= 6 && tc->policy_version >= CNS_POLICY_OF_2_2);
}

static void refuse(cns_tc_permission *answer, const char *basis, const char *reason) {
    answer->basis = basis;
    answer->reason = reason;
}

static void on_consent(cns_tc_permission *answer, const cns_tc *tc, int64_t purpose,
                       const cns_tc_demands *demands) {
    refuse(answer, "consent", "no_consent");
    if (answer->consent_ok) {
        answer->allowed = true;
        answer->reason = "ok";
    } else if (purpose == 1 && tc->purpose_one_treatment) {
        answer->reason = "purpose_one_not_disclosed";
        for (size_t i = 0; i < demands->exempt_count; i++)
            if (demands->exempt[i][0] == 'A' + tc->country[0] &&
                demands->exempt[i][1] == 'A' + tc->country[1]) {
                answer->allowed = true;
                refuse(answer, "not_required", "purpose_one_exempt");
            }
    }
}

static void on_li(cns_tc_permission *answer, const cns_tc *tc, int64_t purpose) {
    answer->allowed = answer->li_ok;
    refuse(answer, "legitimate_interest",
           !li_possible(tc, purpose) ? "li_not_permitted"
           : answer->li_ok           ? "ok"
                                     : "no_legitimate_interest");
}

static void ask_purpose(cns_tc_permission *answer, const cns_tc *tc, const cns_gvl *gvl,
                        uint32_t row, int64_t vendor, int64_t purpose,
                        const cns_tc_demands *demands) {
    bool consent = lists(gvl, row, CNS_GVL_PURPOSES, purpose);
    /* purpose 1 is on consent alone, whatever a list says */
    bool flexible = purpose != 1 && lists(gvl, row, CNS_GVL_FLEXIBLE_PURPOSES, purpose);
    if (!consent && !lists(gvl, row, CNS_GVL_LEGITIMATE_INTEREST_PURPOSES, purpose)) {
        refuse(answer, "none", "not_declared");
        return;
    }
    switch (restriction_on(tc, purpose, vendor)) {
    case 0:
        refuse(answer, "none", "restricted_not_allowed");
        return;
    case 1:
        if (!consent && !flexible) {
            refuse(answer, "none", "restricted_requires_consent");
            return;
        }
        consent = true;
        break;
    case 2:
        if (consent && !flexible) {
            refuse(answer, "none", "restricted_requires_li");
            return;
        }
        consent = false;
        break;
    default:
        break;
    }
    if (consent)
        on_consent(answer, tc, purpose, demands);
    else
        on_li(answer, tc, purpose);
}

/* The bare signals, whatever the list and restrictions say. */
static void read_signals(cns_tc_permission *answer, const cns_tc *tc, int64_t vendor,
                         cns_tc_question question, int64_t id) {
    switch (question) {
    case CNS_ASK_PURPOSE:
        answer->consent_ok = in_mask(tc->purposes, id) && in_set(&tc->vendors, vendor);
        answer->li_ok =
            in_mask(tc->purposes_li, id) && in_set(&tc->vendors_li, vendor) && li_possible(tc, id);
        break;
    case CNS_ASK_SPECIAL_FEATURE:
        answer->consent_ok = in_mask(tc->special_features, id);
        break;
    case CNS_ASK_SPECIAL_PURPOSE:
        /* without the segment, any signal for the vendor shows that it was disclosed */
        answer->li_ok = tc->has_disclosed
                            ? in_set(&tc->disclosed, vendor)
                            : in_set(&tc->vendors_li, vendor) || in_set(&tc->vendors, vendor);
        break;
    }
}

cns_tc_permission cns_tc_permits(const cns_tc *tc, const cns_gvl *gvl, int64_t vendor,
                                 cns_tc_question question, int64_t id, int64_t now,
                                 const cns_tc_demands *demands) {
    cns_tc_permission answer = {false, false, false, "none", "invalid_string"};
    const char *fault = cns_tc_fault(tc, demands);
    if (fault) {
        answer.reason = fault;
        return answer;
    }
    uint32_t row = cns_gvl_row(gvl, vendor);
    read_signals(&answer, tc, vendor, question, id);
    fault = vendor_fault(tc, gvl, row, vendor, now, demands);
    if (fault) {
        answer.reason = fault;
    } else if (question == CNS_ASK_PURPOSE) {
        ask_purpose(&answer, tc, gvl, row, vendor, id, demands);
    } else {
        bool feature = question == CNS_ASK_SPECIAL_FEATURE;
        bool signal = feature ? answer.consent_ok : answer.li_ok;
        if (!lists(gvl, row, feature ? CNS_GVL_SPECIAL_FEATURES : CNS_GVL_SPECIAL_PURPOSES, id)) {
            answer.reason = "not_declared";
        } else {
            answer.allowed = signal;
            refuse(&answer, feature ? "opt_in" : "legitimate_interest",
                   signal    ? "ok"
                   : feature ? "no_opt_in"
                             : "not_disclosed");
        }
    }
    return answer;
}

bool cns_date_read(int64_t *micros, const char *text, size_t len) {
    cns_when when = cns_when_parse(text, len);
    if (when == CNS_NEVER)
        return false;
    *micros = when;
    return true;
}
