/* info.c - what a notice says about itself, its vendors and its purposes. */
#include "config.h"

const char *cns_notice_regulation(const cns_notice *n, size_t *len) {
    *len = n->applied.id.len;
    return n->applied.id.text;
}

cns_group cns_notice_group(const cns_notice *n) {
    return n->group;
}

const char *cns_notice_override(const cns_notice *n) {
    return n->override;
}

const char *cns_notice_publisher(const cns_notice *n) {
    return n->publisher;
}

double cns_notice_consent_duration(const cns_notice *n) {
    return n->consent_duration;
}

double cns_notice_denied_duration(const cns_notice *n) {
    return n->denied_duration;
}

double cns_notice_days_before_showing_again(const cns_notice *n) {
    return n->days;
}

bool cns_notice_ignore_before(const cns_notice *n, int64_t *micros) {
    *micros = n->ignore_before;
    return n->ignore_before != CNS_NEVER;
}

cns_text cns_notice_cookie_name(const cns_notice *n, cns_cookie cookie) {
    const cns_strings *strings = &n->strings;
    switch (cookie) {
    case CNS_COOKIE_TC:
        return (cns_text){strings->tc.text, strings->tc.len};
    case CNS_COOKIE_DCS:
        return (cns_text){strings->dcs.text, strings->dcs.len};
    case CNS_COOKIE_DCS_PLAIN:
        return (cns_text){strings->dcs.text,
                          strings->dcs.len > strings->dcs_plain ? strings->dcs_plain : 0};
    default:
        return (cns_text){n->cookie, n->cookie_len};
    }
}

uint32_t cns_notice_vendor_at(const cns_notice *n, size_t index) {
    return index < n->tables->vendor_count ? n->tables->vendor_order[index] : CNS_NO_ID;
}

uint32_t cns_notice_purpose_at(const cns_notice *n, size_t index) {
    return index < n->tables->purpose_count ? n->tables->purpose_order[index] : CNS_NO_ID;
}

static cns_text text_of(cns_span span) {
    return (cns_text){span.text, span.len};
}

static cns_text string_at(const cns_value *over, const cns_value *base, cns_span key) {
    const cns_value *value = cns_at(over, key);
    if (!cns_is_string(value))
        value = cns_at(base, key);
    return cns_is_string(value) ? text_of(cns_string(value)) : (cns_text){NULL, 0};
}

void cns_notice_vendor_info(const cns_notice *n, uint32_t vendor, cns_vendor_info *out) {
    static const cns_span name = {"name", 4}, policy = {"policyUrl", 9};
    const cns_tables *t = n->tables;
    const cns_vendor_id *id = &n->config->ids.vendors[vendor];
    out->id = text_of(id->api);
    out->sdk_id = text_of(cns_tables_sdk(t, &n->config->ids, vendor));
    out->space = cns_tables_space(t, &n->config->ids, vendor);
    out->iab = id->iab;
    out->name = string_at(t->override[t->row[vendor]], t->definition[t->row[vendor]], name);
    if (!out->name.text)
        out->name = out->id;
    const cns_value *language = CNS_AT(CNS_AT(n->effective, "languages"), "default");
    out->policy_url = string_at(t->override[t->row[vendor]], NULL, policy);
    const cns_value *address =
        out->policy_url.text ? NULL : cns_gvl_policy(t->definition[t->row[vendor]], language);
    if (address)
        out->policy_url = text_of(cns_string(address));
    out->on_consent = cns_has(t->vendors_consent, vendor);
    out->on_li = cns_has(t->vendors_li, vendor);
    out->features = cns_vendor_mask(t, t->features, vendor);
}

size_t cns_notice_vendor_purposes(const cns_notice *n, uint32_t vendor, cns_basis basis,
                                  uint32_t *out, size_t cap) {
    return cns_tables_vendor_purposes(n->tables, &n->config->ids, vendor,
                                      basis == CNS_LEGITIMATE_INTEREST, out, cap);
}

/* A custom purpose's name: in the notice's own language, else the first one. */
static cns_text custom_name(const cns_notice *n, const cns_value *definition) {
    const cns_value *names = CNS_AT(definition, "name");
    if (cns_is_string(names))
        return text_of(cns_string(names));
    const cns_value *language = CNS_AT(CNS_AT(n->effective, "languages"), "default");
    const cns_value *found = cns_is_string(language) ? cns_at(names, cns_string(language)) : NULL;
    if (!cns_is_string(found))
        found = CNS_AT(names, "en");
    if (!cns_is_string(found))
        found = cns_value_member(names, 0, NULL, NULL);
    return cns_is_string(found) ? text_of(cns_string(found)) : (cns_text){NULL, 0};
}

void cns_notice_purpose_info(const cns_notice *n, uint32_t purpose, cns_purpose_info *out) {
    const cns_tables *t = n->tables;
    out->id = text_of(n->config->ids.purposes[purpose]);
    out->essential = cns_has(n->asked->essential, purpose);
    out->on_consent = cns_has(t->on_consent, purpose);
    out->on_li = cns_has(t->on_li, purpose);
    out->iab = out->special_feature = 0;
    if (purpose < CNS_STANDARDS && !cns_has(t->custom, purpose)) {
        out->space = CNS_IAB;
        out->name = text_of(cns_standards[purpose].name);
        out->iab = cns_standards[purpose].tcf;
        out->special_feature = cns_standards[purpose].feature;
        return;
    }
    out->space = CNS_CUSTOM;
    out->name = custom_name(n, t->purpose_definition[purpose]);
    if (!out->name.text)
        out->name = out->id;
}

const cns_value *cns_config_layer(const cns_config *c, size_t layer) {
    return layer < c->layer_count ? c->layers[layer] : NULL;
}

uint32_t cns_config_purpose_count(const cns_config *c) {
    return c->ids.purpose_count;
}

cns_text cns_config_purpose_id(const cns_config *c, uint32_t purpose) {
    return text_of(c->ids.purposes[purpose]);
}

uint32_t cns_config_vendor_count(const cns_config *c) {
    return c->ids.vendor_count;
}

cns_text cns_config_vendor_sdk_id(const cns_config *c, uint32_t vendor) {
    return text_of(c->ids.vendors[vendor].sdk);
}

cns_text cns_config_vendor_id(const cns_config *c, uint32_t vendor) {
    return text_of(c->ids.vendors[vendor].api);
}

uint32_t cns_config_vendor(const cns_config *c, const char *text, size_t len) {
    return cns_ids_vendor(&c->ids, (cns_span){text, len});
}

uint32_t cns_config_sdk_vendor(const cns_config *c, const char *text, size_t len) {
    return cns_ids_sdk_vendor(&c->ids, text, len);
}

uint32_t cns_config_vendor_number(const cns_config *c, int64_t iab) {
    return cns_ids_vendor_number(&c->ids, iab);
}

uint32_t cns_config_purpose(const cns_config *c, const char *text, size_t len) {
    return cns_ids_purpose(&c->ids, text, len);
}

uint32_t cns_config_purpose_number(const cns_config *c, int64_t tcf) {
    return cns_ids_purpose_number(&c->ids, tcf);
}
