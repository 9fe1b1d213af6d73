/* external.c - choices that a page's address brings (docs/didomi.md, Addresses). */
#include "answer.h"
#include "config.h"
#include "error.h"

static bool absent(const cns_value *value) {
    return !value || value->kind == CNS_NULL;
}

/* Where the choices go: into the sets, and their order for the writer. */
typedef struct taking {
    cns_base *base;
    cns_writing *writing;
    bool starved; /* memory ran out */
} taking;

/* Adds the ids of an array to a set; false when it is none of texts (or, for vendors,
 * of numbers too). Ids that the notice does not have are passed over. */
static bool take_list(taking *to, unsigned list, const cns_value *array) {
    cns_base *b = to->base;
    const cns_notice *n = b->notice;
    const cns_ids *ids = &n->config->ids;
    bool purposes = cns_of_purposes(list);
    if (absent(array))
        return true;
    if (!cns_is_array(array))
        return false;
    uint32_t *order = cns_arena_zero(&b->arena, array->len, sizeof *order);
    size_t taken = 0;
    if (!order) {
        to->starved = true;
        return false;
    }
    for (uint32_t i = 0; i < array->len; i++) {
        const cns_value *item = &array->u.items[i];
        uint32_t number = CNS_NO_ID;
        if (cns_is_string(item))
            number = purposes ? cns_ids_purpose(ids, item->u.text, item->len)
                              : cns_tables_vendor(n->tables, ids, item->u.text, item->len);
        else if (!purposes && cns_is(item, CNS_INT))
            number = cns_ids_vendor_number(ids, item->u.i);
        else if (purposes || !(cns_is_number(item) || cns_is(item, CNS_BIGINT)))
            return false;
        if (number == CNS_NO_ID ||
            !cns_has(purposes ? n->tables->purposes : n->tables->vendors, number))
            continue;
        bool of_string = !purposes && cns_has(n->tables->listed, number);
        if (of_string ? n->group == CNS_OPT_IN : !cns_is_string(item))
            continue; /* the TC string tells; a number is an IAB vendor's alone */
        cns_add_bit(b->sets[list], number);
        order[taken++] = number;
    }
    to->writing->first[list].numbers = order;
    to->writing->first[list].count = taken;
    return true;
}

/* `{"enabled": [...], "disabled": [...]}` into the pair that begins with `list`. */
static bool take_pair(taking *to, unsigned list, const cns_value *pair) {
    return absent(pair) || (cns_is_object(pair) && take_list(to, list, CNS_AT(pair, "enabled")) &&
                            take_list(to, list + 1, CNS_AT(pair, "disabled")));
}

static bool take_bases(taking *to, unsigned consent, unsigned li, const cns_value *bases) {
    return absent(bases) ||
           (cns_is_object(bases) && take_pair(to, consent, CNS_AT(bases, "consent")) &&
            take_pair(to, li, CNS_AT(bases, "legitimate_interest")));
}

/* Both forms; false when the value is neither. */
static bool take_value(taking *to, const cns_value *value) {
    static const char *const flat[CNS_LISTS] = {"enabledVendors",
                                                "disabledVendors",
                                                "enabledPurposes",
                                                "disabledPurposes",
                                                "enabledVendorsLegitimateInterests",
                                                "disabledVendorsLegitimateInterests",
                                                "enabledPurposesLegitimateInterests",
                                                "disabledPurposesLegitimateInterests"};
    if (!cns_is_object(value))
        return false;
    const cns_value *purposes = CNS_AT(value, "purposes"), *vendors = CNS_AT(value, "vendors");
    if (!absent(purposes) || !absent(vendors))
        return take_bases(to, CNS_PURPOSES_ON, CNS_PURPOSES_LI_ON, purposes) &&
               take_bases(to, CNS_VENDORS_ON, CNS_VENDORS_LI_ON, vendors);
    bool any = false;
    for (unsigned list = 0; list < CNS_LISTS; list++) {
        const cns_value *array = cns_value_get(value, flat[list], strlen(flat[list]));
        any = any || !absent(array);
        if (!take_list(to, list, array))
            return false;
    }
    return any;
}

/* Disabled beats enabled (R8), essential purposes are no choice (R13), under an opt-out
 * law what was objected to stays so (R10), and a minor's consent is none. */
static void settle(cns_base *b) {
    const cns_notice *n = b->notice;
    for (unsigned list = 0; list < CNS_LISTS; list += 2)
        for (uint32_t w = 0; w < cns_list_words(n, list); w++) {
            cns_word *on = &b->sets[list][w], *off = &b->sets[list + 1][w];
            cns_word essential = cns_of_purposes(list) ? n->asked->essential[w] : 0;
            if (n->underage)
                *off |= *on;
            *off &= ~essential;
            if (n->group == CNS_OPT_OUT)
                *off |= b->stored[list + 1][w];
            *on &= ~(*off | essential);
        }
}

bool cns_notice_takes_external(const cns_notice *n) {
    const cns_value *external = CNS_AT(CNS_AT(n->effective, "user"), "externalConsent");
    return cns_is(CNS_AT(external, "enabled"), CNS_TRUE);
}

static cns_code write_value(char **out, size_t *out_len, bool *unread, const cns_notice *n,
                            const cns_visit *visit, const cns_value *value,
                            const unsigned char *random, cns_alloc alloc, cns_error *err) {
    cns_base base;
    cns_code code = cns_base_open(&base, n, visit, alloc, err);
    if (code != CNS_OK)
        return code;
    for (unsigned list = 0; list < CNS_LISTS; list++)
        memset(base.sets[list], 0, cns_list_words(n, list) * sizeof(cns_word));
    cns_writing writing = {.replace = true, .objects = cns_base_objects(&base)};
    taking to = {&base, &writing, false};
    bool taken = take_value(&to, value);
    *unread = !taken && !to.starved;
    if (to.starved) {
        code = cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "memory ran out while reading choices");
    } else if (taken) {
        settle(&base);
        code = cns_base_finish(out, out_len, &base, &writing, random, false, err);
    }
    cns_base_close(&base);
    return code;
}

cns_code cns_external_write(char **out, size_t *out_len, bool *unread, const cns_notice *n,
                            const cns_visit *visit, const cns_query *query,
                            const unsigned char random[CNS_ANSWER_RANDOM], cns_alloc alloc,
                            cns_error *err) {
    cns_doc *doc = NULL;
    *out = NULL;
    *out_len = 0;
    *unread = false;
    if (!cns_notice_takes_external(n))
        return CNS_OK;
    cns_code code = cns_query_config(&doc, query, alloc, err);
    if (code != CNS_OK)
        return code;
    const cns_value *user = CNS_AT(cns_doc_root(doc), "user");
    const cns_value *value = CNS_AT(CNS_AT(user, "externalConsent"), "value");
    if (!absent(value))
        code = write_value(out, out_len, unread, n, visit, value, random, alloc, err);
    else /* a value over the limits of JSON does not even arrive */
        *unread = !value && query->given[CNS_QUERY_NAMES - 1].value.text;
    cns_doc_free(doc);
    return code;
}
