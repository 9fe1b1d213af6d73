/* regulation.c - territories, and the choice of the law for a visitor. */
#include "regulation.h"

typedef struct law {
    const char *id;
    cns_group group;
    const char *territory; /* codes between blanks */
} law;

/* docs/didomi.md, Territories. The one place where default territories stand. */
static const law table[] = {
    {"gdpr", CNS_OPT_IN,
     " AD AT BE BG CY CZ DE DK EE ES FI FR GB GF GG GI GP GR HR HU IE IS IT JE LI LT LU LV MC MF"
     " MQ MT NL NO PL PT RE RO SE SI SK SM VA YT "},
    {"cpra", CNS_OPT_OUT, " US_CA "},
    {"cpa", CNS_OPT_OUT, " US_CO "},
    {"ctdpa", CNS_OPT_OUT, " US_CT "},
    {"vcdpa", CNS_OPT_OUT, " US_VA "},
    {"ucpa", CNS_OPT_OUT, " US_UT "},
    {"ccpa", CNS_OPT_OUT, " US_CA "},
    {"dpdpa", CNS_OPT_OUT, " US_DE "},
    {"fdbr", CNS_OPT_OUT, " US_FL "},
    {"icdpa", CNS_OPT_OUT, " US_IA "},
    {"incdpa", CNS_OPT_OUT, " US_IN "},
    {"kcdpa", CNS_OPT_OUT, " US_KY "},
    {"mcdpa", CNS_OPT_OUT, " US_MT "},
    {"mncdpa", CNS_OPT_OUT, " US_MN "},
    {"modpa", CNS_OPT_OUT, " US_MD "},
    {"ndpa", CNS_OPT_OUT, " US_NE "},
    {"nhpa", CNS_OPT_OUT, " US_NH "},
    {"njdpa", CNS_OPT_OUT, " US_NJ "},
    {"ocpa", CNS_OPT_OUT, " US_OR "},
    {"ridtppa", CNS_OPT_OUT, " US_RI "},
    {"tdpsa", CNS_OPT_OUT, " US_TX "},
    {"tipa", CNS_OPT_OUT, " US_TN "},
    {"none", CNS_NO_LAW, " "},
};

static const law *find_law(cns_span id) {
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (cns_span_is(id, table[i].id, strlen(table[i].id)))
            return &table[i];
    return NULL;
}

cns_group cns_regulation_group(cns_span id) {
    const law *known = find_law(id);
    return known ? known->group : CNS_OPT_IN;
}

bool cns_regulation_known(cns_span id) {
    return find_law(id) != NULL;
}

/* A law that the configuration switches on. */
typedef struct enabled_law {
    cns_applied applied;
    const cns_value *places; /* geo_locations, or NULL: the default territory */
    bool additional;         /* the lists of additional countries count */
} enabled_law;

static const cns_span gdpr = {"gdpr", 4};

/* Goes over the laws that are on, in configuration order. */
typedef struct cursor {
    uint32_t at;
    bool started;
} cursor;

/* `FR`, `US_CA`: anything that could be a place. */
static bool plausible(const cns_value *place) {
    if (!cns_is_string(place) || place->len < 2 || place->len > 6)
        return false;
    const char *code = place->u.text;
    return cns_is_alpha(code[0]) && cns_is_alpha(code[1]) &&
           (place->len == 2 || (place->len > 3 && code[2] == '_'));
}

/* An entry that names no law, or no place that could be one, cannot be what the site
 * meant. An empty list of places is meant: nowhere. */
bool cns_regulation_readable(const cns_value *entry) {
    const cns_value *id = CNS_AT(entry, "regulation_id");
    const cns_value *places = CNS_AT(entry, "geo_locations");
    if (!cns_is_string(id) || id->len == 0)
        return false;
    if (!cns_is_array(places))
        return cns_regulation_known(cns_string(id));
    for (uint32_t i = 0; i < places->len; i++)
        if (plausible(&places->u.items[i]))
            return true;
    return places->len == 0;
}

const cns_value *cns_regulation_unreadable(const cns_value *entries) {
    for (uint32_t i = 0; entries && i < entries->len; i++)
        if (!cns_regulation_readable(&entries->u.items[i]))
            return &entries->u.items[i];
    return NULL;
}

static bool next_entry(const cns_laws *laws, cursor *c, enabled_law *out) {
    while (c->at < laws->entries->len) {
        uint32_t i = c->at++;
        const cns_value *entry = &laws->entries->u.items[i];
        const cns_value *id = CNS_AT(entry, "regulation_id");
        if (!cns_is_string(id) || id->len == 0)
            continue;
        const cns_value *config = CNS_AT(entry, "config");
        const cns_value *places = CNS_AT(entry, "geo_locations");
        out->applied.id = cns_string(id);
        out->applied.entry = (int32_t)i;
        out->applied.config = cns_is_object(config) ? config : NULL;
        out->places = cns_is_array(places) ? places : NULL;
        return true;
    }
    return false;
}

static bool next_law(const cns_laws *laws, cursor *c, enabled_law *out) {
    memset(out, 0, sizeof *out);
    out->applied.entry = -1;
    if (laws->entries)
        return next_entry(laws, c, out);
    const cns_value *regulations = CNS_AT(laws->merged, "regulations");
    out->additional = true;
    if (!c->started) {
        c->started = true;
        if (!CNS_AT(regulations, "gdpr")) { /* on by default, before those that are named */
            out->applied.id = gdpr;
            return true;
        }
    }
    while (cns_is_object(regulations) && c->at < regulations->len) {
        cns_span id;
        const cns_value *entry = cns_value_member(regulations, c->at++, &id.text, &id.len);
        const cns_value *enabled = CNS_AT(entry, "enabled");
        bool on =
            cns_span_is(id, "gdpr", 4) ? !cns_is(enabled, CNS_FALSE) : cns_is(enabled, CNS_TRUE);
        if (!on || id.len == 0)
            continue;
        const cns_value *places = CNS_AT(entry, "geo_locations");
        out->applied.id = id;
        out->places = cns_is_array(places) ? places : NULL;
        return true;
    }
    return false;
}

/* How a list is asked: for one exact code, or for any region of a country. */
typedef struct question {
    char code[8];
    size_t len;
    bool any_region; /* code is `US_` and a longer one matches */
} question;

static bool answers(const question *q, const char *code, size_t len) {
    if (q->any_region ? len <= q->len : len != q->len)
        return false;
    for (size_t i = 0; i < q->len; i++)
        if (cns_upper(code[i]) != q->code[i])
            return false;
    return true;
}

static const cns_value *item_of(const cns_value *list, const question *q) {
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++) {
        const cns_value *item = &list->u.items[i];
        if (cns_is_string(item) && answers(q, item->u.text, item->len))
            return item;
    }
    return NULL;
}

static bool list_has(const cns_value *list, const question *q) {
    return item_of(list, q) != NULL;
}

/* Is the place in the law's default territory? */
static bool at_home(cns_span id, const question *q) {
    const law *known = find_law(id);
    /* a territory is of regions or of countries, as its first code shows */
    bool region = q->len > 2;
    if (!known || strlen(known->territory) < 4 || (known->territory[3] == '_') != region)
        return false;
    char code[12] = " "; /* ` FR ` is one of them, ` US_` begins one */
    memcpy(code + 1, q->code, q->len);
    code[q->len + 1] = q->any_region ? '\0' : ' ';
    return strstr(known->territory, code) != NULL;
}

static const cns_value *additional_of(const cns_value *config, cns_span id) {
    return CNS_AT(cns_at(CNS_AT(config, "regulations"), id), "additionalCountries");
}

static bool law_covers(const cns_laws *laws, const enabled_law *on, const question *q) {
    if (on->places) {
        if (list_has(on->places, q))
            return true;
    } else if (at_home(on->applied.id, q)) {
        return true;
    }
    if (!on->additional)
        return false;
    if (list_has(additional_of(laws->merged, on->applied.id), q))
        return true;
    for (size_t i = 0; i < laws->layer_count; i++)
        if (list_has(additional_of(laws->layers[i], on->applied.id), q))
            return true;
    return false;
}

static cns_span usable_name(const cns_value *name, cns_span otherwise) {
    return cns_is_string(name) && name->len > 0 ? cns_string(name) : otherwise;
}

/* Was an answer of this law sent? The cookies' names may stand in the law's own configuration. */
static bool was_sent(const cns_probe *probe, const cns_value *tree, cns_span id) {
    char name[CNS_MAX_COOKIE_NAME];
    size_t len = cns_token_cookie_name(name, tree, id);
    if (probe->has(probe->ctx, name, len))
        return true;
    cns_span dcs = usable_name(CNS_AT(CNS_AT(tree, "cookies"), "didomiConsentStringCookieName"),
                               CNS_SPAN("didomi_dcs"));
    if (cns_span_is(id, "gdpr", 4))
        return dcs.len < sizeof name && probe->has(probe->ctx, dcs.text, dcs.len);
    if (dcs.len + 1 + id.len >= sizeof name)
        return false;
    memcpy(name, dcs.text, dcs.len);
    name[dcs.len] = '_';
    memcpy(name + dcs.len + 1, id.text, id.len);
    return probe->has(probe->ctx, name, dcs.len + 1 + id.len);
}

/* The first law in configuration order that covers the place; with a probe, the
 * first of those whose token or Didomi Consent String was sent, if there is one. */
static bool first_law(const cns_laws *laws, const question *q, const cns_probe *probe,
                      cns_applied *out) {
    bool found = false;
    enabled_law on;
    cursor c = {0, false};
    while (next_law(laws, &c, &on)) {
        if (!law_covers(laws, &on, q))
            continue;
        if (!found)
            *out = on.applied;
        found = true;
        if (!probe || !probe->has)
            return true;
        const cns_value *tree = laws->merged;
        if (on.applied.entry >= 0 && laws->tree)
            tree = laws->tree(laws->tree_ctx, (uint32_t)on.applied.entry);
        if (was_sent(probe, tree, on.applied.id)) {
            *out = on.applied;
            return true;
        }
    }
    return found;
}

/* The opt-in law, with its own entry's configuration where there is one. */
static void opt_in(const cns_laws *laws, cns_applied *out) {
    enabled_law on;
    cursor c = {0, false};
    while (next_law(laws, &c, &on)) {
        if (cns_span_is(on.applied.id, "gdpr", 4)) {
            *out = on.applied;
            return;
        }
    }
    out->id = gdpr;
    out->entry = -1;
    out->config = NULL;
}

/* `app` goes over its old alias `website`, member by member. */
static bool app_flag(const cns_value *merged, cns_span key) {
    const cns_value *flag = cns_at(CNS_AT(merged, "app"), key);
    return cns_is(flag ? flag : cns_at(CNS_AT(merged, "website"), key), CNS_TRUE);
}

static bool everywhere(const cns_value *merged) {
    static const cns_span globally = {"gdprAppliesGlobally", 19}, ignore = {"ignoreCountry", 13};
    return app_flag(merged, globally) || app_flag(merged, ignore);
}

/* The law that a Didomi server chose for one visitor: counts only where nothing
 * else switches laws on. */
static bool delivered_law(const cns_laws *laws, cns_applied *out) {
    const cns_value *name = CNS_AT(CNS_AT(laws->merged, "regulation"), "name");
    if (!cns_is_string(name) || !cns_regulation_known(cns_string(name)) || laws->entries)
        return false;
    const cns_value *regulations = CNS_AT(laws->merged, "regulations");
    for (uint32_t i = 0; cns_is_object(regulations) && i < regulations->len; i++)
        if (cns_is(CNS_AT(cns_value_member(regulations, i, NULL, NULL), "enabled"), CNS_TRUE))
            return false;
    out->id = cns_string(name);
    return true;
}

/* Laws are asked for the region, or any region where it is not known, and then for
 * the country as a whole. */
static question of_region(const cns_place *place) {
    question q;
    memset(&q, 0, sizeof q);
    memcpy(q.code, place->country, 2);
    q.code[2] = '_';
    q.len = 3 + strlen(place->region);
    memcpy(q.code + 3, place->region, q.len - 3);
    q.any_region = !place->region[0];
    return q;
}

static question of_country(const cns_place *place) {
    question q;
    memset(&q, 0, sizeof q);
    q.len = strlen(place->country);
    memcpy(q.code, place->country, q.len);
    return q;
}

const cns_value *cns_regulation_item(const cns_value *list, const cns_place *place) {
    question region = of_region(place), country = of_country(place);
    const cns_value *item = item_of(list, &region);
    return item ? item : item_of(list, &country);
}

bool cns_regulation_at_home(cns_span id, const cns_place *place) {
    question region = of_region(place), country = of_country(place);
    return at_home(id, &region) || at_home(id, &country);
}

cns_law_how cns_regulation_choose(cns_applied *out, const cns_laws *laws, const cns_place *place,
                                  bool country_given, const cns_probe *probe) {
    static const cns_span none = {"none", 4};
    out->id = none;
    out->entry = -1;
    out->config = NULL;
    if (!place->country[0]) {
        if (!country_given && delivered_law(laws, out))
            return CNS_LAW_DELIVERED;
        const cns_value *unknown = CNS_AT(CNS_AT(laws->merged, "consentpy"), "unknownCountry");
        bool relaxed = cns_is_text(unknown, none);
        if (relaxed && !everywhere(laws->merged))
            return CNS_LAW_NO_COUNTRY;
        opt_in(laws, out);
        return relaxed ? CNS_LAW_EVERYWHERE : CNS_LAW_NO_COUNTRY;
    }
    question region = of_region(place), country = of_country(place);
    if (first_law(laws, &region, region.any_region ? probe : NULL, out) ||
        first_law(laws, &country, NULL, out))
        return CNS_LAW_COVERS;
    if (everywhere(laws->merged)) {
        opt_in(laws, out);
        return CNS_LAW_EVERYWHERE;
    }
    /* an entry that cannot be read may have been the one for this place */
    if (!cns_regulation_unreadable(laws->entries))
        return CNS_LAW_NOWHERE;
    opt_in(laws, out);
    return CNS_LAW_UNREADABLE;
}

/* A name for this law alone: the one that came with it, then the old name of ccpa. */
static cns_span law_cookie(const cns_value *merged, cns_span regulation, cns_span *path) {
    const cns_value *cookies = CNS_AT(merged, "cookies"), *own = CNS_AT(merged, "regulation");
    cns_span none = {NULL, 0}, named = none;
    if (cns_is_text(CNS_AT(own, "name"), regulation)) {
        *path = CNS_SPAN("regulation.cookies.didomiTokenCookieName");
        named = usable_name(CNS_AT(CNS_AT(own, "cookies"), "didomiTokenCookieName"), none);
    }
    if (!named.text && cns_span_is(regulation, "ccpa", 4)) {
        *path = CNS_SPAN("cookies.ccpaDidomiTokenCookieName");
        named = usable_name(CNS_AT(cookies, "ccpaDidomiTokenCookieName"), none);
    }
    if (!named.text)
        *path = CNS_SPAN("cookies.didomiTokenCookieName");
    return named;
}

cns_span cns_token_cookie_path(const cns_value *merged, cns_span regulation) {
    cns_span path;
    (void)law_cookie(merged, regulation, &path);
    return path;
}

size_t cns_token_cookie_name(char out[CNS_MAX_COOKIE_NAME], const cns_value *merged,
                             cns_span regulation) {
    const cns_value *cookies = CNS_AT(merged, "cookies");
    cns_span base = usable_name(CNS_AT(cookies, "didomiTokenCookieName"), CNS_SPAN("didomi_token"));
    bool whole = cns_span_is(regulation, "gdpr", 4) || cns_span_is(regulation, "none", 4);
    cns_span path, named = law_cookie(merged, regulation, &path);
    size_t tail = regulation.len + 1;
    if (named.text) {
        base = named;
        whole = true;
    } else if (!whole && base.len > tail && base.text[base.len - tail] == '_' &&
               cns_span_is((cns_span){base.text + base.len - regulation.len, regulation.len},
                           regulation.text, regulation.len)) {
        whole = true; /* the law's own configuration already names it */
    }
    size_t len = base.len + (whole ? 0 : tail);
    if (len >= CNS_MAX_COOKIE_NAME) {
        out[0] = '\0';
        return 0;
    }
    memcpy(out, base.text, base.len);
    if (!whole) {
        out[base.len] = '_';
        memcpy(out + base.len + 1, regulation.text, regulation.len);
    }
    out[len] = '\0';
    return len;
}
