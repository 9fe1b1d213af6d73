/* tcf_check.c - warnings about what a TC string says, and the names of all of them. */
#include "tcf.h"

#define DAY 864000u /* tenths of a second */
#define BIT(id) ((uint32_t)1 << ((id) - 1))

static const char *const names[CNS_TC_WARNINGS] = {
    "bad_country",
    "bad_language",
    "conflicting_restrictions",
    "created_after_last_updated",
    "created_ne_last_updated",
    "degenerate_range",
    "deprecated_allowed_vendors",
    "duplicate_restriction",
    "duplicate_segment",
    "empty_restriction",
    "empty_segment",
    "excess_padding",
    "global_scope",
    "li_purpose_1",
    "li_purpose_3_to_6",
    "max_vendor_id_slack",
    "missing_disclosed_vendors",
    "not_day_precision",
    "old_policy_version",
    "purpose_id_out_of_range",
    "purpose_id_zero",
    "range_unsorted",
    "trailing_data",
    "undefined_restriction_type",
    "unknown_segment",
    "vendor_id_over_max",
};

const char *cns_tc_warning_name(unsigned index) {
    return index < CNS_TC_WARNINGS ? names[index] : "";
}

uint32_t cns_tc_check(const cns_tc *tc) {
    uint32_t found = 0;
    if (tc->created != tc->last_updated)
        found |= CNS_TC_CREATED_NE_LAST_UPDATED;
    if (tc->created > tc->last_updated)
        found |= CNS_TC_CREATED_AFTER_LAST_UPDATED;
    if (tc->created % DAY || tc->last_updated % DAY)
        found |= CNS_TC_NOT_DAY_PRECISION;
    if (!tc->service_specific)
        found |= CNS_TC_GLOBAL_SCOPE;
    if (tc->policy_version < 4)
        found |= CNS_TC_OLD_POLICY_VERSION;
    if (!tc->has_disclosed)
        found |= CNS_TC_MISSING_DISCLOSED_VENDORS;
    if (tc->has_allowed)
        found |= CNS_TC_DEPRECATED_ALLOWED_VENDORS;
    if (tc->purposes_li & BIT(1))
        found |= CNS_TC_LI_PURPOSE_1;
    if (tc->policy_version >= 4 && tc->purposes_li & (BIT(3) | BIT(4) | BIT(5) | BIT(6)))
        found |= CNS_TC_LI_PURPOSE_3_TO_6;
    return found;
}
