/* answer_dcs.c - an answer as a Didomi Consent String (R9, docs/strings.md). */
#include "answer.h"
#include "config.h"
#include "consent_dcs.h"
#include "error.h"

static cns_code no_memory(cns_error *err) {
    return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET, "memory ran out while writing the string");
}

/* ---------------------------------------------------------------- the values */

static cns_value *number_value(cns_arena *arena, int64_t number) {
    cns_value *value = cns_arena_zero(arena, 1, sizeof *value);
    if (value) {
        value->kind = CNS_INT;
        value->offset = CNS_NO_OFFSET;
        value->u.i = number;
    }
    return value;
}

static cns_value *text_value(cns_arena *arena, cns_text text) {
    cns_value *value = cns_arena_zero(arena, 1, sizeof *value);
    if (value) {
        value->kind = CNS_STRING;
        value->offset = CNS_NO_OFFSET;
        value->len = (uint32_t)text.len;
        value->u.text = text.text;
    }
    return value;
}

static cns_member member(const char *name, const cns_value *value) {
    return (cns_member){name, (uint32_t)strlen(name), cns_hash(name, strlen(name)), value};
}

/* Numbers in the making, as items of an array. */
typedef struct numbers {
    cns_value *items;
    uint32_t count, room;
} numbers;

static void add_number(numbers *to, uint32_t number) {
    if (to->count < to->room)
        to->items[to->count++] =
            (cns_value){.kind = CNS_INT, .offset = CNS_NO_OFFSET, .u.i = (int64_t)number};
}

/* ------------------------------------------------------------------ the lists */

static const cns_id_set *old_set(const cns_dcs_content *old, unsigned section, bool off) {
    const cns_dcs_section *of = &old->sections[section];
    return off ? &of->disabled : &of->enabled;
}

/* What the replaced string says under numbers that mean nothing here. */
static void carry_over(numbers *to, const cns_id_set *set, const cns_numbered *known,
                       uint32_t count) {
    uint32_t cursor = 0, at = 0;
    cns_id_run run;
    while (cns_idset_next(set, &cursor, &run))
        for (uint32_t id = run.first; id <= run.last; id++) {
            while (at < count && known[at].number < id)
                at++;
            if (at == count || known[at].number != id)
                add_number(to, id);
        }
}

/* One list; *whole is cleared when an id has no number. */
static const cns_value *list_value(cns_base *b, unsigned list, unsigned section,
                                   const cns_dcs_content *old, const cns_keeping *keeping,
                                   bool *whole) {
    const cns_numbers *n = &b->notice->config->ids.numbers;
    bool purposes = cns_of_purposes(list), off = list & 1;
    const cns_numbered *known = purposes ? n->purposes : n->vendors;
    uint32_t count = purposes ? n->purpose_count : n->vendor_count, ids = 0, numbered = 0;
    const cns_id_set *before =
        old && (off || !keeping->refused) ? old_set(old, section, off) : NULL;
    for (uint32_t w = 0; w < cns_list_words(b->notice, list); w++)
        for (cns_word left = b->sets[list][w]; left; left &= left - 1)
            ids++;
    numbers to = {NULL, 0, count + (before ? cns_idset_count(before) : 0)};
    cns_value *array = cns_arena_zero(&b->arena, 1, sizeof *array);
    to.items = cns_arena_zero(&b->arena, to.room, sizeof *to.items);
    cns_word *seen = cns_arena_zero(&b->arena, cns_list_words(b->notice, list), sizeof *seen);
    if (!array || !to.items || !seen)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (!cns_has(b->sets[list], known[i].id) || cns_numbered_shared(known, count, i))
            continue; /* the number of several says nothing about one */
        add_number(&to, known[i].number);
        numbered += !cns_has(seen, known[i].id);
        cns_add_bit(seen, known[i].id);
    }
    *whole = *whole && numbered == ids;
    if (before)
        carry_over(&to, before, known, count);
    array->kind = CNS_ARRAY;
    array->offset = CNS_NO_OFFSET;
    array->len = to.count;
    array->u.items = to.items;
    return array;
}

/* `{"enabled": [...], "disabled": [...]}` */
static const cns_value *section_value(cns_base *b, unsigned section, const cns_dcs_content *old,
                                      const cns_keeping *keeping, bool *whole) {
    static const unsigned lists[CNS_DCS_SECTIONS] = {CNS_PURPOSES_ON, CNS_PURPOSES_LI_ON,
                                                     CNS_VENDORS_ON, CNS_VENDORS_LI_ON};
    const cns_value *on = list_value(b, lists[section], section, old, keeping, whole);
    const cns_value *off = list_value(b, lists[section] + 1, section, old, keeping, whole);
    cns_member *members = cns_arena_zero(&b->arena, 2, sizeof *members);
    if (!on || !off || !members)
        return NULL;
    members[0] = member("enabled", on);
    members[1] = member("disabled", off);
    return cns_object_new(&b->arena, members, 2);
}

static const cns_value *object_of(cns_base *b, const cns_dcs_content *old,
                                  const cns_keeping *keeping, bool *whole) {
    const cns_status *s = b->status;
    cns_member *members = cns_arena_zero(&b->arena, 4 + CNS_DCS_SECTIONS, sizeof *members);
    if (!members)
        return NULL;
    members[0] = member("user_id", text_value(&b->arena, s->user_id));
    members[1] = member("created", text_value(&b->arena, s->created_text));
    members[2] = member("updated", text_value(&b->arena, s->updated_text));
    members[3] = member("regulation_id", number_value(&b->arena, b->notice->strings.law));
    for (unsigned i = 0; i < CNS_DCS_SECTIONS; i++)
        members[4 + i] = member(cns_dcs_section_name(i), section_value(b, i, old, keeping, whole));
    for (unsigned i = 0; i < 4 + CNS_DCS_SECTIONS; i++)
        if (!members[i].value)
            return NULL;
    return cns_object_new(&b->arena, members, 4 + CNS_DCS_SECTIONS);
}

cns_code cns_base_write_dcs(char **text, size_t *len, cns_base *b, const cns_keeping *keeping,
                            cns_error *err) {
    cns_dcs *old = NULL;
    bool whole = b->notice->strings.law != 0 && b->notice->strings.dcs.len;
    *text = NULL;
    *len = 0;
    if (!whole)
        return CNS_OK;
    if (keeping->before.text && cns_dcs_read(&old, keeping->before.text, keeping->before.len, false,
                                             b->alloc, err) == CNS_E_NOMEM)
        return CNS_E_NOMEM;
    const cns_value *object = object_of(b, old ? cns_dcs_content_of(old) : NULL, keeping, &whole);
    cns_code code = object ? CNS_OK : no_memory(err);
    if (object && whole) {
        code = cns_dcs_write(text, len, object, b->alloc, err);
        if (code == CNS_E_SHAPE || code == CNS_E_LIMIT)
            code = CNS_OK; /* a user id or a date that it has no room for */
    }
    cns_dcs_free(old);
    return code;
}
