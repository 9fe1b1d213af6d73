/* shape.c - sections of a configuration that are of the wrong kind.
 *
 * The browser ignores a property of the wrong type, and so do we for single
 * properties. A whole section of the wrong kind, or one of our own options with an
 * unknown value, is a mistake to hear about before the site goes on line. A null
 * section is an absent one.
 */
#include <stdio.h>

#include "config.h"
#include "error.h"

typedef struct section {
    const char *path[3];
    cns_kind kind;
} section;

static const section sections[] = {
    {{"app", NULL, NULL}, CNS_OBJECT},
    {{"website", NULL, NULL}, CNS_OBJECT},
    {{"app", "vendors", NULL}, CNS_OBJECT},
    {{"app", "vendors", "custom"}, CNS_ARRAY},
    {{"app", "vendors", "didomi"}, CNS_ARRAY},
    {{"app", "customPurposes", NULL}, CNS_ARRAY},
    {{"app", "essentialPurposes", NULL}, CNS_ARRAY},
    {{"app", "purposes", NULL}, CNS_ARRAY},
    {{"app", "disabledPurposes", NULL}, CNS_ARRAY},
    {{"notice", NULL, NULL}, CNS_OBJECT},
    {{"preferences", NULL, NULL}, CNS_OBJECT},
    {{"user", NULL, NULL}, CNS_OBJECT},
    {{"cookies", NULL, NULL}, CNS_OBJECT},
    {{"regulations", NULL, NULL}, CNS_OBJECT},
    {{"configByCountry", NULL, NULL}, CNS_OBJECT},
    {{"regulation_configurations", NULL, NULL}, CNS_ARRAY},
    {{"consentpy", NULL, NULL}, CNS_OBJECT},
};

typedef struct choice {
    const char *name, *allowed; /* blank before and after each value */
} choice;

static const choice choices[] = {
    {"gpc", " always unless_explicit off "},
    {"unknownCountry", " gdpr none "},
    {"storedRefusalWithoutRegulation", " ignore respect "},
    {"ignoreBefore", " unknown keep "},
    {"recollect", " keep reset "},
};

static cns_code report(cns_error *err, const cns_value *value, const char *prefix, const char *path,
                       const char *message) {
    cns_fail(err, CNS_E_SHAPE, value->offset, message);
    if (err)
        (void)snprintf(err->path, sizeof err->path, "%s%s%s", prefix, prefix[0] && path[0] ? "." : "", path);
    return CNS_E_SHAPE;
}

static cns_code check_options(const cns_value *root, const char *prefix, cns_error *err) {
    const cns_value *own = CNS_AT(root, "consentpy");
    char path[96], message[160];
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        const cns_value *value = cns_value_get(own, choices[i].name, strlen(choices[i].name));
        if (!value || value->kind == CNS_NULL)
            continue;
        char word[24] = " ";
        bool known = false;
        if (cns_is_string(value) && value->len < sizeof word - 3) {
            (void)snprintf(word, sizeof word, " %s ", value->u.text);
            known = strstr(choices[i].allowed, word) != NULL && !strchr(value->u.text, ' ');
        }
        if (!known) {
            (void)snprintf(path, sizeof path, "consentpy.%s", choices[i].name);
            (void)snprintf(message, sizeof message, "this option takes one of the texts:%s- write one of them",
                           choices[i].allowed);
            return report(err, value, prefix, path, message);
        }
    }
    const cns_value *skew = CNS_AT(own, "clockSkewSeconds");
    if (skew && skew->kind != CNS_NULL && (!cns_is_number(skew) || cns_value_real(skew) < 0))
        return report(err, skew, prefix, "consentpy.clockSkewSeconds",
                      "this option takes a number of seconds, 0 or more: write one");
    return CNS_OK;
}

static cns_code check_sections(const cns_value *root, const char *prefix, cns_error *err) {
    char path[96];
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        const cns_value *value = root;
        size_t at = 0;
        for (size_t k = 0; k < 3 && sections[i].path[k] && value; k++) {
            at += (size_t)snprintf(path + at, sizeof path - at, "%s%s", at ? "." : "", sections[i].path[k]);
            value = cns_value_get(value, sections[i].path[k], strlen(sections[i].path[k]));
        }
        if (value && value->kind != CNS_NULL && value->kind != (uint8_t)sections[i].kind)
            return report(err, value, prefix, path,
                          sections[i].kind == CNS_OBJECT ? "an object must stand here: write { ... }"
                                                         : "an array must stand here: write [ ... ]");
    }
    return check_options(root, prefix, err);
}

cns_code cns_check_shape(const cns_value *layer, cns_error *err) {
    char prefix[96];
    if (!cns_is_object(layer))
        return report(err, layer, "", "", "a configuration is an object: write { ... } round it");
    cns_code code = check_sections(layer, "", err);
    const cns_value *list = CNS_AT(layer, "configByCountry");
    for (uint32_t i = 0; code == CNS_OK && cns_is_object(list) && i < list->len; i++) {
        const char *key;
        size_t len;
        const cns_value *entry = cns_value_member(list, i, &key, &len);
        if (len == 2)
            (void)snprintf(prefix, sizeof prefix, "configByCountry.%.2s", key);
        else
            (void)snprintf(prefix, sizeof prefix, "configByCountry[\"%.60s\"]", key);
        if (cns_is_object(entry)) /* what is none is ignored, as in the browser */
            code = check_sections(entry, prefix, err);
    }
    list = CNS_AT(layer, "regulation_configurations");
    for (uint32_t i = 0; code == CNS_OK && cns_is_array(list) && i < list->len; i++) {
        const cns_value *config = CNS_AT(&list->u.items[i], "config");
        (void)snprintf(prefix, sizeof prefix, "regulation_configurations[%u].config", (unsigned)i);
        if (cns_is_object(config))
            code = check_sections(config, prefix, err);
        else if (config && config->kind != CNS_NULL)
            code = report(err, config, prefix, "", "an object must stand here: write { ... }");
    }
    return code;
}
