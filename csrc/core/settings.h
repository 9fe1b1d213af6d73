/* settings.h - which entries of the configuration a step of an explanation depended on
 * (internal). Each function tells the listener every entry with its path and origin; an
 * entry that nobody wrote has the built-in default, and one without a default is left out.
 */
#ifndef CNS_SETTINGS_H
#define CNS_SETTINGS_H

#include "config.h"
#include "status.h"

typedef struct cns_teller {
    const cns_notice *notice;
    const cns_listener *to;
} cns_teller;

/* What chose the law for a place; nothing where `place` does not say how. */
void cns_tell_law_settings(const cns_teller *t, const cns_place *place);
/* The cookie's name, and whether cookies are looked at. */
void cns_tell_cookie_settings(const cns_teller *t, const cns_status *status);
/* The rules about time that had a part (cns_time_rule), and the window of R5. */
void cns_tell_string_settings(const cns_teller *t, const cns_status *s);
void cns_tell_time_settings(const cns_teller *t, const cns_status *status);
/* Where a vendor is defined, and what replaces its purposes on the basis; on both
 * where the law is not opt-in. For one that the notice lacks: where it could stand. */
void cns_tell_vendor_settings(const cns_teller *t, uint32_t vendor, cns_basis basis);
/* Where a purpose is defined, made essential, or switched off. */
void cns_tell_purpose_settings(const cns_teller *t, uint32_t purpose);

/* One option with a fixed path; what is written there and cannot be used is passed
 * over for the default, as everywhere. */
typedef enum cns_option {
    CNS_OPTION_BOTS,
    CNS_OPTION_GPC,
    CNS_OPTION_UNDERAGE,
    CNS_OPTION_REFUSAL
} cns_option;
void cns_tell_option(const cns_teller *t, cns_option option);

#endif
