/* tcf_write.c - the minimal TC string. */
#include "arena.h"
#include "error.h"
#include "tcf.h"

/* A field of `bits` bits, first bit = id 1, from a mask. */
static void put_mask(cns_bit_out *out, uint64_t mask, uint32_t bits) {
    uint64_t field = cns_reversed(mask, bits);
    if (bits > 32) {
        cns_bit_put(out, field >> 32, bits - 32);
        cns_bit_put(out, field & 0xFFFFFFFF, 32);
    } else if (bits) {
        cns_bit_put(out, field, bits);
    }
}

static void put_letters(cns_bit_out *out, const uint8_t *letters) {
    cns_bit_put(out, (letters[0] & 63u) << 6 | (letters[1] & 63u), 12);
}

/* Entries of one record are at most CNS_MAX_ENTRIES, so a restriction may need several. */
static uint32_t records_of(const cns_tc_restriction *restriction) {
    return (restriction->run_count + CNS_MAX_ENTRIES - 1) / CNS_MAX_ENTRIES;
}

static void put_restrictions(cns_bit_out *out, const cns_tc *tc) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < tc->restriction_count; i++)
        count += records_of(&tc->restrictions[i]);
    cns_bit_put(out, count & 0xFFF, 12);
    for (uint32_t i = 0; i < tc->restriction_count; i++) {
        const cns_tc_restriction *restriction = &tc->restrictions[i];
        for (uint32_t from = 0; from < restriction->run_count; from += CNS_MAX_ENTRIES) {
            uint32_t left = restriction->run_count - from;
            uint32_t entries = left < CNS_MAX_ENTRIES ? left : CNS_MAX_ENTRIES;
            cns_id_set set = cns_idset_of_runs(restriction->runs + from, entries);
            cns_bit_put(
                out, (restriction->purpose & 63u) << 14 | (restriction->type & 3u) << 12 | entries,
                20);
            cns_idset_write_entries(out, &set);
        }
    }
}

static void put_core(cns_bit_out *out, const cns_tc *tc) {
    const uint64_t date = ((uint64_t)1 << 36) - 1;
    cns_bit_put(out, 2, 6);
    cns_bit_put(out, tc->created & date, 36);
    cns_bit_put(out, tc->last_updated & date, 36);
    cns_bit_put(out,
                (tc->cmp_id & 0xFFFu) << 18 | (tc->cmp_version & 0xFFFu) << 6 |
                    (tc->consent_screen & 63u),
                30);
    put_letters(out, tc->language);
    cns_bit_put(out,
                (tc->vendor_list_version & 0xFFFu) << 8 | (tc->policy_version & 63u) << 2 |
                    (unsigned)tc->service_specific << 1 | tc->non_standard_texts,
                20);
    put_mask(out, tc->special_features, 12);
    put_mask(out, tc->purposes, 24);
    put_mask(out, tc->purposes_li, 24);
    cns_bit_put(out, tc->purpose_one_treatment, 1);
    put_letters(out, tc->country);
    cns_idset_write(out, &tc->vendors);
    cns_idset_write(out, &tc->vendors_li);
    put_restrictions(out, tc);
}

static void put_publisher(cns_bit_out *out, const cns_tc *tc) {
    uint32_t custom = tc->custom_count & 63u;
    put_mask(out, tc->publisher_purposes, 24);
    put_mask(out, tc->publisher_purposes_li, 24);
    cns_bit_put(out, custom, 6);
    put_mask(out, tc->custom_purposes, custom);
    put_mask(out, tc->custom_purposes_li, custom);
}

static void put_segment(cns_bit_out *out, const cns_tc *tc, unsigned type) {
    if (type == CNS_TC_CORE)
        put_core(out, tc);
    else
        cns_bit_put(out, type, 3);
    if (type == CNS_TC_PUBLISHER)
        put_publisher(out, tc);
    else if (type != CNS_TC_CORE)
        cns_idset_write(out, type == CNS_TC_DISCLOSED ? &tc->disclosed : &tc->allowed);
    cns_bit_pad(out, 24);
}

/* The types of the segments in the order in which they are written; returns how many. */
static uint32_t order_of(uint8_t *types, const cns_tc *tc) {
    bool wanted[] = {true, tc->has_disclosed, tc->has_allowed, tc->has_publisher};
    uint32_t count = 0;
    types[count++] = CNS_TC_CORE;
    wanted[CNS_TC_CORE] = false;
    for (uint32_t i = 0; i < tc->segment_count; i++) {
        unsigned type = tc->segments[i];
        if (type <= CNS_TC_PUBLISHER && wanted[type]) {
            types[count++] = (uint8_t)type;
            wanted[type] = false;
        }
    }
    for (unsigned type = CNS_TC_DISCLOSED; type <= CNS_TC_PUBLISHER; type++)
        if (wanted[type])
            types[count++] = (uint8_t)type;
    return count;
}

cns_code cns_tc_write(char **text, size_t *len, const cns_tc *tc, cns_alloc alloc, cns_error *err) {
    uint8_t types[4];
    uint32_t count = order_of(types, tc), ends[4];
    cns_bit_out out = cns_bit_out_new(alloc);
    (void)cns_bit_out_reserve(&out, 2048); /* most strings need no second block */
    for (uint32_t i = 0; i < count; i++) {
        put_segment(&out, tc, types[i]);
        ends[i] = out.at;
    }
    size_t size = cns_bit_text_len(&out) + count - 1;
    char *written = out.failed ? NULL : cns_get(alloc, size);
    if (!written) {
        cns_bit_out_release(&out);
        return cns_fail(err, CNS_E_NOMEM, CNS_NO_OFFSET,
                        "memory ran out while writing a TC string");
    }
    char *to = written;
    for (uint32_t i = 0, start = 0; i < count; start = ends[i++]) {
        /* a segment is whole bytes: a part of the bits is a string of bits too */
        cns_bit_out part = {alloc, out.bytes + start / 8, 0, ends[i] - start, false};
        if (i)
            *to++ = '.';
        cns_bit_text(to, &part);
        to += cns_bit_text_len(&part);
    }
    cns_bit_out_release(&out);
    *text = written;
    *len = size;
    return CNS_OK;
}
