/* restriction.c - publisher restrictions. */
#include "restriction.h"

typedef enum restriction_type { ALLOW, DISALLOW, REQUIRE_CONSENT, REQUIRE_LI } restriction_type;

typedef struct restriction {
    restriction_type type;
    uint32_t purpose; /* a mask of one bit */
    bool all;
    const cns_value *ids, *ranges; /* of a list: one of them, whole numbers throughout */
} restriction;

static bool read_type(restriction_type *out, const cns_value *value) {
    static const cns_span names[] = {
        {"allow", 5}, {"disallow", 8}, {"req-consent", 11}, {"req-li", 6}};
    for (int i = ALLOW; i <= REQUIRE_LI; i++)
        if (cns_is_text(value, names[i])) {
            *out = (restriction_type)i;
            return true;
        }
    return false;
}

static bool all_integers(const cns_value *list) {
    for (uint32_t i = 0; i < list->len; i++)
        if (list->u.items[i].kind != CNS_INT)
            return false;
    return true;
}

static bool all_ranges(const cns_value *list) {
    for (uint32_t i = 0; i < list->len; i++) {
        const cns_value *start = CNS_AT(&list->u.items[i], "start");
        const cns_value *end = CNS_AT(&list->u.items[i], "end");
        if (!cns_is(start, CNS_INT) || !cns_is(end, CNS_INT) || start->u.i >= end->u.i)
            return false;
    }
    return true;
}

/* Whom it is about: all, else the ids, else the ranges. A list of nobody is none. */
static bool read_vendors(restriction *r, const cns_value *vendors) {
    const cns_value *type = CNS_AT(vendors, "type");
    const cns_value *ids = CNS_AT(vendors, "ids"), *ranges = CNS_AT(vendors, "ranges");
    r->all = cns_is_text(type, CNS_SPAN("all"));
    if (r->all)
        return true;
    if (!cns_is_text(type, CNS_SPAN("list")))
        return false;
    if (cns_is_array(ids) && ids->len) {
        r->ids = ids;
        return all_integers(ids);
    }
    r->ranges = ranges;
    return cns_is_array(ranges) && ranges->len && all_ranges(ranges);
}

static bool read_one(restriction *r, const cns_value *entry) {
    memset(r, 0, sizeof *r);
    const cns_value *id = CNS_AT(entry, "id"), *purpose = CNS_AT(entry, "purposeId");
    if (!cns_is_string(id) || !id->len || !read_type(&r->type, CNS_AT(entry, "restrictionType")) ||
        !read_vendors(r, CNS_AT(entry, "vendors")))
        return false;
    for (uint32_t k = 0; k < CNS_STANDARDS; k++) {
        const cns_standard *standard = &cns_standards[k];
        if (!standard->current || !cns_is_text(purpose, standard->id))
            continue;
        r->purpose = (uint32_t)1 << k;
        if (standard->feature)
            return r->all && r->type == DISALLOW;
        return standard->tcf != 1 || r->type == ALLOW || r->type == DISALLOW;
    }
    return false;
}

bool cns_restriction_usable(const cns_value *entry) {
    restriction r;
    return read_one(&r, entry);
}

/* The first of the ids that is not below `id`. */
static uint32_t lower_bound(const uint32_t *ids, uint32_t count, int64_t id) {
    uint32_t from = 0, to = count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (ids[middle] < id)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static void name_vendors(cns_word *named, const restriction *r, const uint32_t *ids,
                         uint32_t count) {
    memset(named, 0, cns_words(count) * sizeof *named);
    for (uint32_t i = 0; r->ids && i < r->ids->len; i++) {
        int64_t id = r->ids->u.items[i].u.i;
        uint32_t at = lower_bound(ids, count, id);
        if (at < count && ids[at] == id)
            cns_add_bit(named, at);
    }
    for (uint32_t i = 0; r->ranges && i < r->ranges->len; i++) {
        int64_t end = CNS_AT(&r->ranges->u.items[i], "end")->u.i;
        uint32_t at = lower_bound(ids, count, CNS_AT(&r->ranges->u.items[i], "start")->u.i);
        for (; at < count && ids[at] <= end; at++)
            cns_add_bit(named, at);
    }
}

static void add(cns_limits *limits, const restriction *r) {
    switch (r->type) {
    case ALLOW: /* for all: restricts nobody */
        limits->disallow |= r->all ? 0 : r->purpose;
        break;
    case DISALLOW:
        limits->disallow |= r->purpose;
        break;
    case REQUIRE_CONSENT:
        limits->consent |= r->purpose;
        break;
    case REQUIRE_LI:
        limits->li |= r->purpose;
        break;
    }
}

void cns_restrictions_read(cns_limits *limits, const uint32_t *ids, uint32_t count,
                           const cns_value *list, cns_word *named) {
    cns_limits everyone = {0, 0, 0};
    memset(limits, 0, count * sizeof *limits);
    for (uint32_t i = 0; cns_is_array(list) && i < list->len; i++) {
        restriction r;
        if (!read_one(&r, &list->u.items[i]))
            continue;
        if (r.all) {
            add(&everyone, &r);
            continue;
        }
        name_vendors(named, &r, ids, count);
        for (uint32_t at = 0; at < count; at++)
            if (cns_has(named, at) != (r.type == ALLOW)) /* allowed for a list: not for others */
                add(&limits[at], &r);
    }
    for (uint32_t at = 0; at < count; at++) {
        limits[at].disallow |= everyone.disallow;
        limits[at].consent = (limits[at].consent | everyone.consent) & ~limits[at].disallow;
        limits[at].li = (limits[at].li | everyone.li) & ~limits[at].disallow & ~limits[at].consent;
    }
}

void cns_restrict(cns_limits limits, uint32_t flexible, uint32_t *consent, uint32_t *li,
                  uint32_t *features) {
    *consent &= ~limits.disallow;
    *li &= ~limits.disallow;
    *features &= ~limits.disallow;
    uint32_t to_consent = *li & limits.consent & flexible;
    uint32_t to_li = *consent & limits.li & flexible;
    *li = (*li & ~limits.consent) | to_li;
    *consent = (*consent & ~limits.li) | to_consent;
}
