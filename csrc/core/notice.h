/* notice.h - a configuration compiled for one override and one law (internal).
 *
 * cns_tables is what the lists of vendors and purposes come to; notices whose
 * configuration shares those lists share the tables. Masks over purposes are
 * `purpose_words` words, sets of vendors `vendor_words`; bits are the numbers of
 * cns_ids.
 */
#ifndef CNS_NOTICE_H
#define CNS_NOTICE_H

#include "bits.h"
#include "ids.h"
#include "regulation.h"
#include "string_options.h"
#include "when.h"

/* What tables are made from: the same nodes give the same tables. */
typedef struct cns_table_key {
    const cns_value *custom, *didomi, *include, *overrides;
    const cns_value *custom_purposes, *purposes, *disabled;
    /* of app.vendors.iab, where a Global Vendor List was given; restrictions always */
    const cns_value *iab, *exclude, *restrictions;
    bool google, all;
} cns_table_key;

/* Vendors have rows, in the notice's order: what a table weighs depends on its own
 * vendors, not on those of the whole configuration. */
typedef struct cns_tables {
    cns_table_key key;
    uint32_t vendor_words, purpose_words;
    uint16_t *row;                        /* by vendor, where it is one of `vendors` */
    uint32_t *vendor_order, vendor_count; /* in the notice's order */
    uint32_t *purpose_order, purpose_count;
    const cns_value **definition;         /* by row: where it was written */
    const cns_value **override;           /* by row: its entry of overrideVendors */
    const cns_value **overrides;          /* the same by vendor, NULL when there are none */
    const cns_value **purpose_definition; /* by purpose: its customPurposes entry */
    cns_word *vendors;                    /* sets of vendors */
    cns_word *vendors_consent, *vendors_li;
    cns_word *listed; /* whose choices are in the TC string, not in a token (R12) */
    cns_word *closed; /* without a purpose that could be allowed (R15) */
    cns_word *masked; /* whose purposes are those of the masks, not as written */
    bool any_listed;
    /* by purpose of the TCF and basis (consent first): vendors of the list that use it there, as
     * sets by number in the list; NULL without any_listed */
    cns_word *uses;
    cns_word *consent, *li; /* by row: masks of purposes */
    cns_word *features;     /* by row: special features, part of `consent` */
    cns_word *purposes;     /* masks of purposes */
    cns_word *custom, *on_consent, *on_li;
    cns_word *unused;        /* by any vendor */
    struct cns_asked *asked; /* what was made of them, a list */
} cns_tables;

typedef enum cns_gpc { CNS_GPC_ALWAYS, CNS_GPC_UNLESS_EXPLICIT, CNS_GPC_OFF } cns_gpc;

/* What follows from the tables and a set of essential purposes: shared by the
 * notices that have both in common. */
typedef struct cns_asked {
    struct cns_asked *next;
    cns_word *essential;      /* mask of purposes */
    cns_word *essential_only; /* set of vendors */
    /* who must have an answer before the status is complete */
    cns_word *purposes, *purposes_li, *vendors, *vendors_li;
    bool nothing; /* nobody must */
} cns_asked;

struct cns_notice {
    cns_config *config;
    cns_tables *tables;
    const cns_value *effective; /* merged, the hidden keys still inside */
    cns_applied applied;
    cns_group group;
    char override[3];  /* the country whose entry was merged, or empty */
    char publisher[3]; /* app.country, empty when it is not two letters */
    const cns_asked *asked;
    const struct cns_bots *bots;
    double consent_duration, denied_duration; /* seconds; denied 0 = none */
    double days;
    cns_when ignore_before; /* CNS_NEVER = none */
    int64_t skew;           /* microseconds */
    bool no_cookies;        /* the configuration keeps answers elsewhere, or under no usable name */
    bool respect_refusal, keep_ignored, reset_on_recollect, bots_exempt;
    bool underage; /* whatever is not essential is off, under any law */
    cns_gpc gpc;
    char cookie[CNS_MAX_COOKIE_NAME];
    size_t cookie_len;
    cns_strings strings;
};

/* The lists of `app` (which may be NULL). */
void cns_table_key_of(cns_table_key *key, const cns_value *app, const cns_directory *directory);
uint32_t cns_table_key_hash(const cns_table_key *key);
/* These lists compiled; NULL when memory ran out. */
cns_tables *cns_tables_new(cns_arena *arena, const cns_ids *ids, const cns_directory *directory,
                           const cns_table_key *key);
/* A vendor's purposes on a basis, in written order, without repetition. */
size_t cns_tables_vendor_purposes(const cns_tables *tables, const cns_ids *ids, uint32_t vendor,
                                  bool li, uint32_t *out, size_t cap);

/* What a vendor is in this notice. One that comes with the Global Vendor List is of that, by
 * its number, though elsewhere the configuration has it from Didomi's list. */
cns_namespace cns_tables_space(const cns_tables *tables, const cns_ids *ids, uint32_t vendor);
/* Its spelling in a token. */
cns_span cns_tables_sdk(const cns_tables *tables, const cns_ids *ids, uint32_t vendor);
/* A vendor of the list by the text of its number, CNS_NO_ID when there is none. */
uint32_t cns_tables_listed(const cns_tables *tables, const cns_ids *ids, const char *text,
                           size_t len);
/* The vendor that a token of this notice means, CNS_NO_ID when the configuration has none.
 * Called for every id that a visitor sends. */
static inline uint32_t cns_tables_vendor(const cns_tables *t, const cns_ids *ids, const char *text,
                                         size_t len) {
    uint32_t vendor = cns_ids_sdk_vendor(ids, text, len);
    if (vendor != CNS_NO_ID || !t->any_listed)
        return vendor;
    /* its number has one digit to five, the first of them no zero */
    return len - 1 < 5 && text[0] >= '1' && text[0] <= '9' ? cns_tables_listed(t, ids, text, len)
                                                           : CNS_NO_ID;
}

/* Fills everything that follows from `effective`, its `app`, `tables` and the applied
 * law. False when memory ran out. */
bool cns_notice_compile(struct cns_notice *notice, const cns_value *app, cns_arena *arena,
                        const cns_ids *ids);

/* Purposes of the TCF are the first of the standards, in its order: purpose n is number n - 1. */
#define CNS_TCF_PURPOSES 11u
#define CNS_TCF_MASK (((cns_word)1 << CNS_TCF_PURPOSES) - 1)
/* The set of tables->uses for a purpose, from 0 on, on a basis. */
static inline cns_word *cns_uses(const cns_tables *t, const cns_ids *ids, uint32_t purpose,
                                 bool li) {
    return t->uses + (size_t)(2 * purpose + li) * ids->numbers.words;
}

/* `app` with its old alias `website` below it, NULL when neither is an object. False
 * when memory ran out. */
bool cns_app_of(const cns_value **out, cns_arena *arena, const cns_value *effective);

/* A vendor's mask in one of the tables' arrays; the vendor is one of the notice. */
static inline const cns_word *cns_vendor_mask(const cns_tables *t, const cns_word *masks,
                                              uint32_t vendor) {
    return masks + (size_t)t->row[vendor] * t->purpose_words;
}

#endif
