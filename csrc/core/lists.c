/* lists.c - the lists of the SDK's getUserStatus() (docs/didomi.md, Statuses): what is stored,
 * word for word, and what it comes to for the ids of the notice.
 */
#include "config.h"
#include "status.h"

typedef struct teller {
    const cns_status *s;
    cns_list_fn each;
    void *ctx;
} teller;

static void tell(const teller *t, cns_list list, cns_text id, uint32_t iab) {
    t->each(t->ctx, list, id, iab);
}

/* ------------------------------------------------------------- what is stored */

static bool of_vendors(unsigned list) {
    return (list & 2) == 0;
}

/* An id both enabled and disabled is disabled (R8), and so it is in the status's sets. */
static bool withdrawn(const cns_status *s, unsigned list, cns_text id) {
    const cns_ids *ids = &s->notice->config->ids;
    if (list & 1)
        return false;
    uint32_t number = of_vendors(list) ? cns_tables_vendor(s->notice->tables, ids, id.text, id.len)
                                       : cns_ids_purpose(ids, id.text, id.len);
    return number != CNS_NO_ID && cns_has(s->stored[list + 1], number);
}

static void tell_stored(const teller *t, const cns_token_doc *doc) {
    static const cns_list name[CNS_LISTS] = {
        CNS_LIST_VENDORS_CONSENT_ON,   CNS_LIST_VENDORS_CONSENT_OFF, CNS_LIST_PURPOSES_CONSENT_ON,
        CNS_LIST_PURPOSES_CONSENT_OFF, CNS_LIST_VENDORS_LI_ON,       CNS_LIST_VENDORS_LI_OFF,
        CNS_LIST_PURPOSES_LI_ON,       CNS_LIST_PURPOSES_LI_OFF};
    for (unsigned list = 0; list < CNS_LISTS; list++)
        for (size_t i = 0; i < cns_token_doc_count(doc, list); i++) {
            cns_text id = cns_token_doc_id(doc, list, i);
            if (!withdrawn(t->s, list, id))
                tell(t, name[list], id, 0);
        }
}

/* ------------------------------------------------------- what it comes to */

static bool inside(const cns_word *mask, const cns_word *on, uint32_t words) {
    for (uint32_t w = 0; w < words; w++)
        if (mask[w] & ~on[w])
            return false;
    return true;
}

/* Enabled on one basis with its purposes there; what is essential always is (R13). */
static bool on_basis(const cns_status *s, uint32_t vendor, cns_basis basis) {
    const cns_tables *t = s->notice->tables;
    bool li = basis == CNS_LEGITIMATE_INTEREST;
    if (cns_has(s->notice->asked->essential_only, vendor))
        return true;
    return cns_has(li ? s->vendors_li : s->vendors, vendor) && !cns_has(t->closed, vendor) &&
           inside(cns_vendor_mask(t, li ? t->li : t->consent, vendor),
                  li ? s->purposes_li : s->purposes, t->purpose_words);
}

static void tell_vendor(const teller *t, uint32_t vendor) {
    const cns_tables *tables = t->s->notice->tables;
    const cns_ids *ids = &t->s->notice->config->ids;
    cns_span id = cns_tables_sdk(tables, ids, vendor);
    cns_text sdk = {id.text, id.len};
    uint32_t iab = cns_tables_space(tables, ids, vendor) == CNS_IAB ? ids->vendors[vendor].iab : 0;
    tell(t,
         on_basis(t->s, vendor, CNS_CONSENT) ? CNS_LIST_GLOBAL_CONSENT_ON
                                             : CNS_LIST_GLOBAL_CONSENT_OFF,
         sdk, iab);
    tell(t,
         on_basis(t->s, vendor, CNS_LEGITIMATE_INTEREST) ? CNS_LIST_GLOBAL_LI_ON
                                                         : CNS_LIST_GLOBAL_LI_OFF,
         sdk, iab);
    tell(t,
         cns_status_vendor_enabled(t->s, vendor) ? CNS_LIST_VENDORS_GLOBAL_ON
                                                 : CNS_LIST_VENDORS_GLOBAL_OFF,
         sdk, iab);
}

/* One basis is enough here, unlike in getCurrentUserStatus(). */
static void tell_purpose(const teller *t, uint32_t purpose) {
    const cns_status *s = t->s;
    cns_text id = cns_config_purpose_id(s->notice->config, purpose);
    bool on = cns_has(s->purposes, purpose) || cns_has(s->purposes_li, purpose);
    if (cns_has(s->notice->asked->essential, purpose))
        tell(t, CNS_LIST_PURPOSES_ESSENTIAL, id, 0);
    tell(t, on ? CNS_LIST_PURPOSES_GLOBAL_ON : CNS_LIST_PURPOSES_GLOBAL_OFF, id, 0);
}

void cns_status_lists(const cns_status *s, const cns_token_doc *stored, cns_list_fn each,
                      void *ctx) {
    teller t = {s, each, ctx};
    uint32_t number;
    if (stored && !s->reset)
        tell_stored(&t, stored);
    for (size_t i = 0; (number = cns_notice_purpose_at(s->notice, i)) != CNS_NO_ID; i++)
        tell_purpose(&t, number);
    for (size_t i = 0; (number = cns_notice_vendor_at(s->notice, i)) != CNS_NO_ID; i++)
        tell_vendor(&t, number);
}
