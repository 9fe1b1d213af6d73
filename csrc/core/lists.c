/* lists.c - the lists of the SDK's getUserStatus() (docs/didomi.md, Statuses): what is stored,
 * word for word, and what it comes to for the ids of the notice, then for others.
 */
#include "arena.h"
#include "config.h"
#include "error.h"
#include "sorted.h"
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

/* Does the TC string that is in force have the answer (R12)? */
static bool of_string(const cns_status *s, unsigned list, uint32_t number) {
    return s->tc_counting && (of_vendors(list) ? cns_has(s->notice->tables->listed, number)
                                               : number < CNS_TCF_PURPOSES);
}

/* An id both enabled and disabled is disabled (R8), and so it is in the status's sets. */
static bool withdrawn(const cns_status *s, unsigned list, cns_text id) {
    const cns_ids *ids = &s->notice->config->ids;
    uint32_t number = of_vendors(list) ? cns_tables_vendor(s->notice->tables, ids, id.text, id.len)
                                       : cns_ids_purpose(ids, id.text, id.len);
    if (number == CNS_NO_ID)
        return false;
    return of_string(s, list, number) || (!(list & 1) && cns_has(s->stored[list + 1], number));
}

static const cns_list name[CNS_LISTS] = {
    CNS_LIST_VENDORS_CONSENT_ON,   CNS_LIST_VENDORS_CONSENT_OFF, CNS_LIST_PURPOSES_CONSENT_ON,
    CNS_LIST_PURPOSES_CONSENT_OFF, CNS_LIST_VENDORS_LI_ON,       CNS_LIST_VENDORS_LI_OFF,
    CNS_LIST_PURPOSES_LI_ON,       CNS_LIST_PURPOSES_LI_OFF};

/* What the TC string says, of the ids of the notice. */
static void tell_string(const teller *t) {
    const cns_status *s = t->s;
    const cns_ids *ids = &s->notice->config->ids;
    for (unsigned list = 0; s->tc_counting && list < CNS_LISTS; list++) {
        bool vendors = of_vendors(list);
        uint32_t number;
        for (size_t i = 0; (number = vendors ? cns_notice_vendor_at(s->notice, i)
                                             : cns_notice_purpose_at(s->notice, i)) != CNS_NO_ID;
             i++) {
            if (!of_string(s, list, number) || !cns_has(s->stored[list], number))
                continue;
            cns_span sdk =
                vendors ? cns_tables_sdk(s->notice->tables, ids, number) : ids->purposes[number];
            tell(t, name[list], (cns_text){sdk.text, sdk.len},
                 vendors ? ids->vendors[number].iab : 0);
        }
    }
}

static void tell_stored(const teller *t, const cns_token_doc *doc) {
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

/* ---------------------------------------------- what is stored for others */

/* Ids of one list of the token that the notice does not have, sorted. */
typedef struct strangers {
    cns_text *ids;
    size_t count;
} strangers;

static bool is_stranger(const cns_status *s, unsigned list, cns_text id) {
    const cns_tables *t = s->notice->tables;
    const cns_ids *ids = &s->notice->config->ids;
    uint32_t number = of_vendors(list) ? cns_tables_vendor(t, ids, id.text, id.len)
                                       : cns_ids_purpose(ids, id.text, id.len);
    return number == CNS_NO_ID || !cns_has(of_vendors(list) ? t->vendors : t->purposes, number);
}

static bool gather(strangers *out, cns_arena *arena, const cns_status *s, const cns_token_doc *doc,
                   unsigned list) {
    size_t count = cns_token_doc_count(doc, list);
    out->count = 0;
    out->ids = cns_arena_zero(arena, count, sizeof *out->ids);
    for (size_t i = 0; out->ids && i < count; i++) {
        cns_text id = cns_token_doc_id(doc, list, i);
        if (is_stranger(s, list, id))
            out->ids[out->count++] = id;
    }
    if (out->ids)
        cns_sort(out->ids, out->count);
    return out->ids != NULL;
}

/* The ids of some lists together, each once; `enabled_only`: not those that the list beside
 * disables (R8). */
static bool join(strangers *out, cns_arena *arena, const strangers *lists, const unsigned *which,
                 size_t count, bool enabled_only) {
    size_t room = 0;
    for (size_t k = 0; k < count; k++)
        room += lists[which[k]].count;
    out->count = 0;
    out->ids = cns_arena_zero(arena, room, sizeof *out->ids);
    if (!out->ids)
        return false;
    for (size_t k = 0; k < count; k++) {
        const strangers *on = &lists[which[k]], *off = &lists[which[k] | 1];
        for (size_t i = 0; i < on->count; i++)
            if (!enabled_only || !cns_sorted_has(off->ids, off->count, on->ids[i]))
                out->ids[out->count++] = on->ids[i];
    }
    cns_sort(out->ids, out->count);
    out->count = cns_sorted_unique(out->ids, out->count);
    return true;
}

/* A vendor that the notice does not have is not enabled, whatever is stored; a purpose is
 * what is stored. */
static bool tell_strangers(const teller *t, const cns_token_doc *doc, cns_arena *arena) {
    static const unsigned vendor_lists[] = {CNS_VENDORS_ON, CNS_VENDORS_OFF, CNS_VENDORS_LI_ON,
                                            CNS_VENDORS_LI_OFF};
    static const unsigned purpose_lists[] = {CNS_PURPOSES_ON, CNS_PURPOSES_LI_ON};
    strangers lists[CNS_LISTS], vendors, purposes;
    for (unsigned list = 0; list < CNS_LISTS; list++)
        if (!gather(&lists[list], arena, t->s, doc, list))
            return false;
    if (!join(&vendors, arena, lists, vendor_lists, 4, false) ||
        !join(&purposes, arena, lists, purpose_lists, 2, true))
        return false;
    for (size_t i = 0; i < purposes.count; i++)
        tell(t, CNS_LIST_PURPOSES_GLOBAL_ON, purposes.ids[i], 0);
    for (size_t i = 0; i < vendors.count; i++) {
        tell(t, CNS_LIST_GLOBAL_CONSENT_OFF, vendors.ids[i], 0);
        tell(t, CNS_LIST_GLOBAL_LI_OFF, vendors.ids[i], 0);
        tell(t, CNS_LIST_VENDORS_GLOBAL_OFF, vendors.ids[i], 0);
    }
    return true;
}

cns_code cns_status_lists(const cns_status *s, const cns_token_doc *stored, cns_list_fn each,
                          void *ctx, cns_alloc alloc) {
    teller t = {s, each, ctx};
    uint32_t number;
    const cns_token_doc *doc = s->reset ? NULL : stored;
    if (doc)
        tell_stored(&t, doc);
    if (!s->reset)
        tell_string(&t);
    for (size_t i = 0; (number = cns_notice_purpose_at(s->notice, i)) != CNS_NO_ID; i++)
        tell_purpose(&t, number);
    for (size_t i = 0; (number = cns_notice_vendor_at(s->notice, i)) != CNS_NO_ID; i++)
        tell_vendor(&t, number);
    cns_arena arena;
    cns_arena_init(&arena, alloc);
    bool told = !doc || tell_strangers(&t, doc, &arena);
    cns_arena_release(&arena);
    return told ? CNS_OK : CNS_E_NOMEM;
}
