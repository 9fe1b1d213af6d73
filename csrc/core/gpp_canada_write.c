/* gpp_canada_write.c - section 5 of a GPP string, the Canadian consent of the TCF: writing. */
#include <stdio.h>

#include "gpp_canada.h"

#define MOST_ENTRIES 4095u

typedef struct field {
    const char *name;
    uint32_t bits;
} field;

static bool is(const cns_value *value, cns_kind kind) {
    return value && cns_value_kind(value) == kind;
}

static cns_code put_number(cns_bit_out *bits, cns_gpp_out *out, const cns_value *object,
                           const char *path, field f) {
    uint64_t number;
    cns_code code = cns_gpp_number(&number, out, object, path, f.name, ((uint64_t)1 << f.bits) - 1);
    if (code == CNS_OK)
        cns_bit_put(bits, number, f.bits);
    return code;
}

/* A list of ids 1 to `most` as the set bits of a number, id 1 the lowest. */
static cns_code ids_of(uint64_t *set, cns_gpp_out *out, const cns_value *object, const char *path,
                       const char *name, uint32_t most) {
    const cns_value *list = cns_value_get(object, name, strlen(name));
    bool good = is(list, CNS_ARRAY);
    *set = 0;
    for (size_t i = 0; good && i < cns_value_count(list); i++) {
        const cns_value *id = cns_value_item(list, i);
        good = is(id, CNS_INT) && cns_value_int(id) >= 1 && cns_value_int(id) <= most;
        if (good)
            *set |= (uint64_t)1 << (cns_value_int(id) - 1);
    }
    if (good)
        return CNS_OK;
    char whole[80];
    (void)snprintf(whole, sizeof whole, "%s.%s", path, name);
    return cns_gpp_wrong(out, whole, "give a list of whole numbers from 1 to %u", (unsigned)most);
}

static cns_code put_ids(cns_bit_out *bits, cns_gpp_out *out, const cns_value *object,
                        const char *path, field f, uint32_t count) {
    uint64_t set;
    cns_code code = ids_of(&set, out, object, path, f.name, count);
    for (uint32_t id = 0; code == CNS_OK && id < count; id++)
        cns_bit_put(bits, set >> id & 1, 1);
    return code;
}

/* ----------------------------------------------------------------- sets of vendors */

/* A text like 1-5,8 as settled runs; `room` is what to give back. */
typedef struct set_text {
    cns_id_set set;
    cns_id_run *room;
    size_t size;
} set_text;

static bool take_id(const char **at, const char *end, uint32_t *id) {
    *id = 0;
    const char *from = *at;
    while (*at < end && cns_is_digit(**at) && *id <= CNS_MAX_ID)
        *id = *id * 10 + (uint32_t)(*(*at)++ - '0');
    return *at > from && *id >= 1 && *id <= CNS_MAX_ID;
}

static cns_code read_set(set_text *read, cns_gpp_out *out, const cns_value *value,
                         const char *path) {
    *read = (set_text){.room = NULL};
    if (!is(value, CNS_STRING))
        return cns_gpp_wrong(out, path, "give the ids as a text like 1-5,8");
    const char *at = cns_value_text(value), *end = at + cns_value_count(value);
    uint32_t count = 0;
    size_t most = cns_value_count(value) / 2 + 1;
    read->size = most * sizeof *read->room;
    read->room = cns_get(out->alloc, read->size);
    if (!read->room)
        return cns_gpp_no_memory(out);
    while (at < end) {
        uint32_t first, last;
        bool good = take_id(&at, end, &first);
        last = first;
        if (good && at < end && *at == '-') {
            at++;
            good = take_id(&at, end, &last) && first <= last;
        }
        if (good && at < end)
            good = *at++ == ',' && at < end;
        if (!good)
            return cns_gpp_wrong(out, path, "give ids from 1 to 65535 as a text like 1-5,8");
        read->room[count++] = (cns_id_run){(uint16_t)first, (uint16_t)last};
    }
    count = cns_runs_settle(read->room, count);
    read->set = cns_idset_of_runs(read->room, count);
    return CNS_OK;
}

static void drop_set(set_text *read, cns_gpp_out *out) {
    cns_drop(out->alloc, read->room, read->size);
}

static cns_code put_set(cns_bit_out *bits, cns_gpp_out *out, const cns_value *decoded,
                        const char *name) {
    char path[40];
    set_text read;
    (void)snprintf(path, sizeof path, ".%s", name);
    cns_code code = read_set(&read, out, cns_value_get(decoded, name, strlen(name)), path);
    if (code == CNS_OK)
        cns_idset_write(bits, &read.set);
    drop_set(&read, out);
    return code;
}

/* A record; of more runs than one has room for, several. */
static void put_record(cns_bit_out *bits, uint64_t purpose, uint64_t type, const cns_id_set *set,
                       uint32_t *records) {
    for (uint32_t from = 0; from < set->run_count || from == 0; from += MOST_ENTRIES) {
        uint32_t left = set->run_count - from, count = left < MOST_ENTRIES ? left : MOST_ENTRIES;
        cns_id_set some = cns_idset_of_runs(set->runs + from, count);
        cns_bit_put(bits, purpose, 6);
        cns_bit_put(bits, type, 2);
        cns_bit_put(bits, count, 12);
        cns_idset_write_entries(bits, &some);
        ++*records;
    }
}

static cns_code put_restrictions(cns_bit_out *bits, cns_gpp_out *out, const cns_value *decoded) {
    static const char name[] = ".pub_restrictions";
    const cns_value *list = cns_value_get(decoded, name + 1, sizeof name - 2);
    cns_bit_out records = cns_bit_out_new(out->alloc);
    uint32_t count = 0;
    cns_code code = CNS_OK;
    if (is(list, CNS_NULL))
        return CNS_OK; /* as the section was first defined */
    if (!is(list, CNS_ARRAY))
        return cns_gpp_wrong(out, name, "give a list of restrictions");
    for (size_t i = 0; i < cns_value_count(list) && code == CNS_OK; i++) {
        const cns_value *one = cns_value_item(list, i);
        char path[64], ids[80];
        uint64_t purpose, type;
        set_text read = {.room = NULL};
        (void)snprintf(path, sizeof path, "%s[%zu]", name, i);
        (void)snprintf(ids, sizeof ids, "%s.ids", path);
        code = cns_gpp_number(&purpose, out, one, path, "purpose_id", 63);
        if (code == CNS_OK)
            code = cns_gpp_number(&type, out, one, path, "type", 2);
        if (code == CNS_OK && !purpose)
            code = cns_gpp_wrong(out, path, "purposes are numbered from 1 on");
        if (code == CNS_OK)
            code = read_set(&read, out, cns_value_get(one, "ids", 3), ids);
        if (code == CNS_OK)
            put_record(&records, purpose, type, &read.set, &count);
        drop_set(&read, out);
    }
    if (code == CNS_OK && count > MOST_ENTRIES)
        code = cns_gpp_wrong(out, name, "there is room for 4095 records: give fewer restrictions");
    if (code == CNS_OK && records.failed)
        code = cns_gpp_no_memory(out);
    if (code == CNS_OK) {
        cns_bit_put(bits, count, 12);
        if (records.at)
            cns_bit_copy(bits, records.bytes, 0, records.at);
    }
    cns_bit_out_release(&records);
    return code;
}

/* ------------------------------------------------------------------------- parts */

static cns_code put_language(cns_bit_out *bits, cns_gpp_out *out, const cns_value *decoded) {
    static const char name[] = ".consent_language";
    const cns_value *value = cns_value_get(decoded, name + 1, sizeof name - 2);
    bool good = is(value, CNS_STRING) && cns_value_count(value) == 2;
    for (size_t i = 0; good && i < 2; i++) {
        char letter = cns_value_text(value)[i];
        good = letter >= 'A' && letter <= 'Z';
        if (good)
            cns_bit_put(bits, (uint64_t)(letter - 'A'), 6);
    }
    return good ? CNS_OK : cns_gpp_wrong(out, name, "give two letters from A to Z");
}

static cns_code put_flag(cns_bit_out *bits, cns_gpp_out *out, const cns_value *decoded) {
    static const char name[] = ".use_non_standard_stacks";
    const cns_value *value = cns_value_get(decoded, name + 1, sizeof name - 2);
    if (!is(value, CNS_TRUE) && !is(value, CNS_FALSE))
        return cns_gpp_wrong(out, name, "give True or False");
    cns_bit_put(bits, is(value, CNS_TRUE), 1);
    return CNS_OK;
}

static cns_code put_core(cns_bit_out *bits, cns_gpp_out *out, const cns_value *decoded) {
    static const field first[] = {
        {"version", 6}, {"created_ds", 36},  {"last_updated_ds", 36},
        {"cmp_id", 12}, {"cmp_version", 12}, {"consent_screen", 6},
    };
    static const field second[] = {{"vendor_list_version", 12}, {"policy_version", 6}};
    static const field ids[] = {{"special_feature_express_consent", 12},
                                {"purposes_express_consent", 24},
                                {"purposes_implied_consent", 24}};
    uint64_t version;
    cns_code code = cns_gpp_number(&version, out, decoded, "", "version", 1);
    if (code == CNS_OK && version != 1)
        code = cns_gpp_wrong(out, ".version", "there is only version 1 of this section");
    for (size_t i = 0; i < sizeof first / sizeof first[0] && code == CNS_OK; i++)
        code = put_number(bits, out, decoded, "", first[i]);
    if (code == CNS_OK)
        code = put_language(bits, out, decoded);
    for (size_t i = 0; i < sizeof second / sizeof second[0] && code == CNS_OK; i++)
        code = put_number(bits, out, decoded, "", second[i]);
    if (code == CNS_OK)
        code = put_flag(bits, out, decoded);
    for (size_t i = 0; i < sizeof ids / sizeof ids[0] && code == CNS_OK; i++)
        code = put_ids(bits, out, decoded, "", ids[i], ids[i].bits);
    if (code == CNS_OK)
        code = put_set(bits, out, decoded, "vendor_express_consent");
    if (code == CNS_OK)
        code = put_set(bits, out, decoded, "vendor_implied_consent");
    return code == CNS_OK ? put_restrictions(bits, out, decoded) : code;
}

static cns_code put_publisher(cns_bit_out *bits, cns_gpp_out *out, const cns_value *publisher) {
    static const char path[] = ".publisher_purposes";
    uint64_t count;
    cns_bit_put(bits, 3, 3);
    cns_code code = put_ids(bits, out, publisher, path, (field){"express", 24}, 24);
    if (code == CNS_OK)
        code = put_ids(bits, out, publisher, path, (field){"implied", 24}, 24);
    if (code == CNS_OK)
        code = cns_gpp_number(&count, out, publisher, path, "num_custom_purposes", 63);
    if (code != CNS_OK)
        return code;
    cns_bit_put(bits, count, 6);
    code = put_ids(bits, out, publisher, path, (field){"custom_express", 0}, (uint32_t)count);
    if (code != CNS_OK)
        return code;
    return put_ids(bits, out, publisher, path, (field){"custom_implied", 0}, (uint32_t)count);
}

cns_code cns_gpp_write_canada(cns_gpp_out *out, const cns_value *decoded) {
    const cns_value *publisher = cns_value_get(decoded, "publisher_purposes", 18);
    const cns_value *disclosed = cns_value_get(decoded, "disclosed_vendors", 17);
    cns_bit_out bits = cns_bit_out_new(out->alloc);
    cns_code code = put_core(&bits, out, decoded);
    if (code == CNS_OK)
        code = cns_gpp_put_bits(out, &bits);
    if (code == CNS_OK && publisher && !is(publisher, CNS_NULL)) {
        code = cns_gpp_put_text(out, ".", 1);
        if (code == CNS_OK)
            code = put_publisher(&bits, out, publisher);
        if (code == CNS_OK)
            code = cns_gpp_put_bits(out, &bits);
    }
    if (code == CNS_OK && disclosed && !is(disclosed, CNS_NULL)) {
        code = cns_gpp_put_text(out, ".", 1);
        cns_bit_put(&bits, 1, 3);
        if (code == CNS_OK)
            code = put_set(&bits, out, decoded, "disclosed_vendors");
        if (code == CNS_OK)
            code = cns_gpp_put_bits(out, &bits);
    }
    cns_bit_out_release(&bits);
    return code;
}
