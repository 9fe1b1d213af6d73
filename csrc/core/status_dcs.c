/* status_dcs.c - what a Didomi Consent String says in a token's place (R9). */
#include "config.h"
#include "reading.h"

const cns_id_set *cns_dcs_list(const cns_dcs_content *c, unsigned list) {
    const cns_dcs_section *section =
        &c->sections[cns_list_of_purposes(list)
                         ? (list < CNS_VENDORS_LI_ON ? CNS_DCS_PURPOSES_OPTIN
                                                     : CNS_DCS_PURPOSES_OPTOUT)
                         : (list < CNS_VENDORS_LI_ON ? CNS_DCS_VENDORS_OPTIN
                                                     : CNS_DCS_VENDORS_OPTOUT)];
    return list & 1 ? &section->disabled : &section->enabled;
}

/* What is refused under a number that nobody here has may be whatever has no number. */
static void refuse_unnumbered(cns_word *set, const cns_notice *n, unsigned list) {
    const cns_numbers *numbers = &n->config->ids.numbers;
    bool purposes = cns_list_of_purposes(list);
    const cns_word *all = purposes ? n->tables->purposes : n->tables->vendors;
    const cns_word *numbered = purposes ? numbers->numbered_purposes : numbers->numbered_vendors;
    for (uint32_t w = 0; w < cns_words_of(n->tables, list); w++)
        set[w] |= all[w] & ~numbered[w];
}

bool cns_reading_numbers(cns_word *set, const cns_dcs_content *c, unsigned list,
                         const cns_notice *n) {
    const cns_numbers *numbers = &n->config->ids.numbers;
    bool purposes = cns_list_of_purposes(list);
    bool foreign = cns_numbered_take(set, purposes ? numbers->purposes : numbers->vendors,
                                     purposes ? numbers->purpose_count : numbers->vendor_count,
                                     cns_dcs_list(c, list), list & 1);
    if (foreign && (list & 1) && n->group != CNS_OPT_IN)
        refuse_unnumbered(set, n, list);
    return foreign;
}

bool cns_reading_open_dcs(cns_reading *r, cns_kept *k, cns_text value, bool plain) {
    const cns_strings *strings = &r->notice->strings;
    value = cns_unquoted(value);
    cns_code code = value.len > CNS_MAX_VALUE
                        ? CNS_E_DECODE
                        : cns_dcs_read(&k->dcs, value.text, value.len, false, r->alloc, NULL);
    if (code == CNS_E_NOMEM) {
        r->no_memory = true;
        return false;
    }
    if (code != CNS_OK) {
        r->unreadable = r->any_dcs = true;
        cns_find(&r->findings, "dcs_unreadable", CNS_NO_OFFSET);
        return false;
    }
    const cns_dcs_content *c = cns_dcs_content_of(k->dcs);
    /* the first version knew one law, and the name of a law's cookie says which it is */
    bool named = c->version == 1 && !plain;
    uint32_t law = c->version == 1 ? strings->gdpr : c->regulation_id;
    if (!named && (law != strings->law || !strings->law)) {
        bool other = cns_strings_other_law(strings, law);
        r->unreadable |= !other;
        r->any_dcs |= !other;
        cns_find(&r->findings, other ? "dcs_other_regulation" : "dcs_unknown_regulation",
                 CNS_NO_OFFSET);
        cns_dcs_free(k->dcs);
        return false;
    }
    k->text = value;
    k->created = c->created * (CNS_SECOND / 10);
    k->updated = c->updated * (CNS_SECOND / 10);
    k->any = false;
    for (unsigned list = 0; list < CNS_LISTS; list++)
        k->any |= cns_idset_last(cns_dcs_list(c, list)) > 0;
    return true;
}
