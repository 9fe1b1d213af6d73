/* gpp_fields.c - the table of the sections of US states. */
#include "gpp_fields.h"

#include <string.h>

#define TWO(name) {name, 2, 1}
#define VERSION {"Version", 6, 1}
#define SENSITIVE(count) {"SensitiveDataProcessing", 2, count}
#define CHILD(count) {"KnownChildSensitiveDataConsents", 2, count}
#define PERSONAL TWO("PersonalDataConsents")
#define ADDITIONAL TWO("AdditionalDataProcessingConsent")
#define MSPA                                                                                       \
    TWO("MspaCoveredTransaction"), TWO("MspaOptOutOptionMode"), TWO("MspaServiceProviderMode")

/* The three notices and two objections that most states have. */
#define NOTICES(first) TWO(first), TWO("SaleOptOutNotice"), TWO("TargetedAdvertisingOptOutNotice")
#define OPT_OUTS TWO("SaleOptOut"), TWO("TargetedAdvertisingOptOut")

#define NATIONAL(sensitive, child)                                                                 \
    {VERSION,                                                                                      \
     TWO("SharingNotice"),                                                                         \
     TWO("SaleOptOutNotice"),                                                                      \
     TWO("SharingOptOutNotice"),                                                                   \
     TWO("TargetedAdvertisingOptOutNotice"),                                                       \
     TWO("SensitiveDataProcessingOptOutNotice"),                                                   \
     TWO("SensitiveDataLimitUseNotice"),                                                           \
     TWO("SaleOptOut"),                                                                            \
     TWO("SharingOptOut"),                                                                         \
     TWO("TargetedAdvertisingOptOut"),                                                             \
     SENSITIVE(sensitive),                                                                         \
     CHILD(child),                                                                                 \
     PERSONAL,                                                                                     \
     MSPA}
static const cns_us_field national_1[] = NATIONAL(12, 2);
static const cns_us_field national_2[] = NATIONAL(16, 3);

static const cns_us_field california[] = {VERSION,
                                          TWO("SaleOptOutNotice"),
                                          TWO("SharingOptOutNotice"),
                                          TWO("SensitiveDataLimitUseNotice"),
                                          TWO("SaleOptOut"),
                                          TWO("SharingOptOut"),
                                          SENSITIVE(9),
                                          CHILD(2),
                                          PERSONAL,
                                          MSPA};

#define EARLY(sensitive, child)                                                                    \
    {VERSION, NOTICES("SharingNotice"), OPT_OUTS, SENSITIVE(sensitive), CHILD(child), MSPA}
static const cns_us_field virginia[] = EARLY(8, 1);
static const cns_us_field colorado[] = EARLY(7, 1);
static const cns_us_field connecticut[] = EARLY(8, 3);
static const cns_us_field utah[] = {VERSION,
                                    NOTICES("SharingNotice"),
                                    TWO("SensitiveDataProcessingOptOutNotice"),
                                    OPT_OUTS,
                                    SENSITIVE(8),
                                    CHILD(1),
                                    MSPA};
static const cns_us_field iowa[] = {VERSION,
                                    NOTICES("ProcessingNotice"),
                                    TWO("SensitiveDataOptOutNotice"),
                                    OPT_OUTS,
                                    SENSITIVE(8),
                                    CHILD(1),
                                    MSPA};

#define LATER(first, sensitive, child)                                                             \
    {VERSION, NOTICES(first), OPT_OUTS, SENSITIVE(sensitive), CHILD(child), ADDITIONAL, MSPA}
static const cns_us_field montana[] = LATER("SharingNotice", 8, 3);
static const cns_us_field florida[] = LATER("ProcessingNotice", 8, 3); /* New Hampshire too */
static const cns_us_field oregon[] = LATER("ProcessingNotice", 11, 3);
static const cns_us_field delaware[] = LATER("ProcessingNotice", 9, 5);
static const cns_us_field new_jersey[] = LATER("ProcessingNotice", 10, 5);
/* Nebraska, Tennessee and Minnesota too */
static const cns_us_field texas[] = LATER("ProcessingNotice", 8, 1);

#define NEWEST                                                                                     \
    {"MspaVersion", 6, 1}, TWO("MspaCoveredTransaction"), TWO("MspaMode"),                         \
        NOTICES("ProcessingNotice"), OPT_OUTS
static const cns_us_field maryland[] = {NEWEST, ADDITIONAL};
static const cns_us_field indiana[] = {NEWEST, CHILD(1), ADDITIONAL}; /* Kentucky, Rhode Island */

#define LAYOUT(id, name, version, more, fields, bits)                                              \
    {id, version, more, sizeof(fields) / sizeof(fields)[0], bits, name, fields}

/* Of several versions of a section the newest comes first. */
static const cns_us_layout layouts[] = {LAYOUT(7, "usnat", 2, CNS_US_GPC, national_2, 70),
                                        LAYOUT(7, "usnat", 1, CNS_US_GPC, national_1, 60),
                                        LAYOUT(8, "usca", 1, CNS_US_GPC, california, 46),
                                        LAYOUT(9, "usva", 1, CNS_US_ALONE, virginia, 40),
                                        LAYOUT(10, "usco", 1, CNS_US_GPC, colorado, 38),
                                        LAYOUT(11, "usut", 1, CNS_US_ALONE, utah, 42),
                                        LAYOUT(12, "usct", 1, CNS_US_GPC, connecticut, 44),
                                        LAYOUT(13, "usfl", 1, CNS_US_ALONE, florida, 46),
                                        LAYOUT(14, "usmt", 1, CNS_US_GPC, montana, 46),
                                        LAYOUT(15, "usor", 1, CNS_US_GPC, oregon, 52),
                                        LAYOUT(16, "ustx", 1, CNS_US_GPC, texas, 42),
                                        LAYOUT(17, "usde", 1, CNS_US_GPC, delaware, 52),
                                        LAYOUT(18, "usia", 1, CNS_US_GPC, iowa, 42),
                                        LAYOUT(19, "usne", 1, CNS_US_GPC, texas, 42),
                                        LAYOUT(20, "usnh", 1, CNS_US_GPC, florida, 46),
                                        LAYOUT(21, "usnj", 1, CNS_US_GPC, new_jersey, 54),
                                        LAYOUT(22, "ustn", 1, CNS_US_GPC, texas, 42),
                                        LAYOUT(23, "usmn", 1, CNS_US_GPC, texas, 42),
                                        LAYOUT(24, "usmd", 1, CNS_US_GPC, maryland, 22),
                                        LAYOUT(25, "usin", 1, CNS_US_SENSITIVE, indiana, 24),
                                        LAYOUT(26, "usky", 1, CNS_US_SENSITIVE, indiana, 24),
                                        LAYOUT(27, "usri", 1, CNS_US_SENSITIVE, indiana, 24)};

const cns_us_layout *cns_us_layout_of(uint32_t id, uint32_t version) {
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
        if (layouts[i].id == id && (!version || layouts[i].version == version))
            return &layouts[i];
    return NULL;
}

const char *cns_gpp_name(uint32_t id) {
    if (id == 2)
        return "tcfeuv2";
    if (id == 5)
        return "tcfcav1";
    if (id == 6)
        return "uspv1";
    const cns_us_layout *layout = cns_us_layout_of(id, 0);
    return layout ? layout->name : NULL;
}
