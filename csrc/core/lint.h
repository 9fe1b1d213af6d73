/* lint.h - what the parts of a review share (internal). */
#ifndef CNS_LINT_H
#define CNS_LINT_H

#include "config.h"
#include "trail.h"

typedef enum cns_lint_code {
    CNS_LINT_WRONG_TYPE,
    CNS_LINT_COUNTRY_KEY,
    CNS_LINT_BAD_COUNTRY,
    CNS_LINT_FIXED_COUNTRY,
    CNS_LINT_UNKNOWN_PURPOSE,
    CNS_LINT_PURPOSE_ID,
    CNS_LINT_DUPLICATE_PURPOSE,
    CNS_LINT_ESSENTIAL,
    CNS_LINT_UNKNOWN_VENDOR,
    CNS_LINT_VENDOR_ID,
    CNS_LINT_DUPLICATE_VENDOR,
    CNS_LINT_DROPPED_VENDOR,
    CNS_LINT_NOT_IN_LIST,
    CNS_LINT_EXCLUDE,
    CNS_LINT_RESTRICTION,
    CNS_LINT_WITHOUT_GVL,
    CNS_LINT_NEEDS_CMP,
    CNS_LINT_LONG_CONSENT,
    CNS_LINT_DURATION,
    CNS_LINT_DENIED_DURATION,
    CNS_LINT_BAD_DATE,
    CNS_LINT_FUTURE_DATE,
    CNS_LINT_UNKNOWN_LAW,
    CNS_LINT_UNREADABLE_LAW,
    CNS_LINT_DELIVERED_LAW,
    CNS_LINT_EXPERIMENT,
    CNS_LINT_UNKNOWN_OPTION,
    CNS_LINT_OPTION,
    CNS_LINT_DEMAND,
    CNS_LINT_PLACE,
    CNS_LINT_COOKIE_NAME
} cns_lint_code;

#define CNS_LINT_NUMBERS 65536u /* of the vendor list */

typedef struct cns_lint {
    const cns_config *config;
    const cns_value *merged; /* all layers, no country's entry and no law's */
    int64_t now;
    const cns_reviewer *to;
    /* room for one list at a time: sets of vendors, of purposes, of numbers in the vendor list */
    cns_word *vendors, *covered, *purposes, *numbers;
} cns_lint;

/* A tree that is merged as a whole, and its path. */
typedef struct cns_lint_part {
    const cns_value *root;
    const cns_trail *at;
    bool over; /* merged over the layers: a country's or a law's */
} cns_lint_part;

void cns_lint_say(cns_lint *l, cns_lint_code code, const cns_value *value, const cns_trail *at);
/* The path of a member or an item below `at`. */
cns_trail cns_lint_member(const cns_trail *at, cns_span key);
cns_trail cns_lint_item(const cns_trail *at, uint32_t index);

/* lint_types.c: values of a type that cannot stand where they do, names of cookies */
void cns_lint_types(cns_lint *l, const cns_lint_part *part);
void cns_lint_cookies(cns_lint *l, const cns_lint_part *part);
bool cns_lint_is_cookie_name(cns_span name);
/* lint_options.c: options of our own */
void cns_lint_options(cns_lint *l, const cns_lint_part *part);
/* lint_laws.c: laws, where they apply, and lists of places. */
void cns_lint_laws(cns_lint *l, const cns_lint_part *part);
/* `entry` of regulation_configurations, but for its `config` */
void cns_lint_entry(cns_lint *l, const cns_value *entry, const cns_trail *at);
/* Items of a list that are no place; `regions`: may they be regions? */
void cns_lint_places(cns_lint *l, const cns_value *list, bool regions, const cns_trail *at);
/* lint_lists.c: vendors and purposes of an `app` */
void cns_lint_lists(cns_lint *l, const cns_lint_part *part, const cns_value *app,
                    const cns_trail *at);

#endif
