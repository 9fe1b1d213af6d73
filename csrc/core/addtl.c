/* addtl.c - Google's additional consent string (docs/didomi.md, Other systems). */
#include "config.h"
#include "consent_ac.h"
#include "error.h"
#include "id_set.h"
#include "status.h"

/* The part before the dot of the token's `ac` as a set of providers with consent; `bytes` has
 * room for the decoded text, `runs` for its runs. */
static bool read_providers(cns_id_set *set, const cns_value *ac, uint8_t *bytes, cns_id_run *runs) {
    const char *dot = memchr(ac->u.text, '.', ac->len);
    size_t len = dot ? (size_t)(dot - ac->u.text) : ac->len;
    if (cns_bits_decode(bytes, ac->u.text, len) != len)
        return false;
    cns_bit_in in = cns_bit_in_of(bytes, 6 * len);
    unsigned found;
    return cns_idset_read(set, &in, &runs, &found) && !(found & CNS_IDS_OVER_MAX) &&
           cns_bit_rest_zero(&in);
}

static cns_code write_providers(char **text, size_t *len, const cns_id_set *set, cns_alloc alloc) {
    uint32_t count = cns_idset_count(set), used = 0, cursor = 0;
    uint32_t *ids = cns_get(alloc, (count + 1) * sizeof *ids);
    cns_id_run run;
    if (!ids)
        return CNS_E_NOMEM;
    while (cns_idset_next(set, &cursor, &run))
        for (uint32_t id = run.first; id <= run.last; id++)
            ids[used++] = id;
    cns_ac_lists lists = {.version = 1, .consented = ids, .consented_count = count};
    cns_code code = cns_ac_write(text, len, &lists, alloc, NULL);
    cns_drop(alloc, ids, (count + 1) * sizeof *ids);
    return code == CNS_E_NOMEM ? code : CNS_OK; /* otherwise it is too long to hand out */
}

static cns_code from_token(char **text, size_t *len, const cns_token_doc *stored, cns_alloc alloc) {
    const cns_value *ac = stored ? CNS_AT(cns_token_doc_value(stored), "ac") : NULL;
    if (!cns_is_string(ac) || ac->len > CNS_MAX_STRING)
        return CNS_OK;
    size_t runs = (CNS_RUN_ROOM(6 * (size_t)ac->len) + 1) * sizeof(cns_id_run);
    size_t room = runs + CNS_BIT_ROOM(ac->len);
    cns_id_run *block = cns_get(alloc, room);
    if (!block)
        return CNS_E_NOMEM;
    cns_id_set set;
    cns_code code = CNS_OK;
    if (read_providers(&set, ac, (uint8_t *)block + runs, block))
        code = write_providers(text, len, &set, alloc);
    cns_drop(alloc, block, room);
    return code;
}

/* A fixed string of the configuration. */
static cns_code fixed(char **text, size_t *len, const cns_value *string, cns_alloc alloc) {
    if (!cns_is_string(string) || !string->len)
        return CNS_OK;
    *text = cns_get(alloc, string->len);
    if (!*text)
        return CNS_E_NOMEM;
    memcpy(*text, string->u.text, string->len);
    *len = string->len;
    return CNS_OK;
}

cns_code cns_status_addtl(char **text, size_t *len, const cns_status *s,
                          const cns_token_doc *stored, cns_alloc alloc) {
    static const cns_span google = {"google", 6};
    const cns_notice *n = s->notice;
    uint32_t vendor = cns_ids_sdk_vendor(&n->config->ids, google.text, google.len);
    *text = NULL;
    *len = 0;
    if (s->group != CNS_OPT_IN || !n->strings.tc.len || vendor == CNS_NO_ID ||
        !cns_has(n->tables->vendors, vendor))
        return CNS_OK;
    static const char path[] = "app.vendors.google";
    const cns_value *app = cns_notice_get(n, path, sizeof path - 1);
    bool enabled = cns_status_vendor_enabled(s, vendor);
    if (cns_is(CNS_AT(app, "fullATP"), CNS_TRUE))
        return enabled && !s->reset && s->voided == CNS_NOT_VOID
                   ? from_token(text, len, stored, alloc)
                   : CNS_OK;
    const cns_value *strings = CNS_AT(app, "additionalConsent");
    return fixed(text, len, enabled ? CNS_AT(strings, "positive") : CNS_AT(strings, "negative"),
                 alloc);
}

cns_text cns_status_tc(const cns_status *s) {
    return s->tc;
}

cns_text cns_status_dcs(const cns_status *s) {
    return s->dcs_text;
}

bool cns_status_is_dcs(const cns_status *s) {
    return s->dcs && s->counting;
}

bool cns_status_has_dcs(const cns_status *s) {
    return s->any_dcs;
}

uint32_t cns_notice_listed_last(const cns_notice *n) {
    return n->config->directory.gvl ? n->config->directory.gvl->highest : 0;
}
