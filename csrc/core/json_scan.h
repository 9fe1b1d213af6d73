/* json_scan.h - a strict look at a JSON text before cJSON gets it (internal).
 *
 * The scan decides what is JSON: RFC 8259, UTF-8, the limits of consent.h and
 * nothing else. It builds no values. It leaves one mark for every value and key,
 * in written order, from which json_in.c takes what cJSON does not keep: byte
 * offsets, the exact text of numbers, the length of texts.
 *
 *     { "a" : [ 1 , "x\n" ] }        marks: kind    offset  size
 *     0 2     8 10  14                      OBJECT     0     1  member
 *                                           KEY        2     1  byte
 *                                           ARRAY      8     2  items
 *                                           INT       10     1  byte as written
 *                                           STRING    14     2  bytes decoded
 */
#ifndef CNS_JSON_SCAN_H
#define CNS_JSON_SCAN_H

#include "number.h"

/* What a mark can be beside a cns_kind. CNS_BIGINT is never a mark: every number
 * without fraction and exponent is CNS_INT here. */
#define CNS_MARK_KEY 15u

typedef struct cns_mark {
    uint32_t offset; /* first byte: of a text its opening quote */
    uint32_t packed; /* size << 4 | kind */
} cns_mark;

static inline uint32_t cns_mark_kind(cns_mark mark) {
    return mark.packed & 15u;
}
/* Members, items, bytes of a decoded text, or characters of a number. */
static inline uint32_t cns_mark_size(cns_mark mark) {
    return mark.packed >> 4;
}

typedef struct cns_marks {
    cns_alloc alloc;
    cns_mark *list;
    size_t count, cap;
    size_t longest_number; /* characters */
} cns_marks;

/* Scans text[0..len) in linear time, without recursion. On success *marks is
 * filled and the caller releases it; on failure nothing is left to release, and
 * err carries the offset but neither line nor path. */
cns_code cns_json_scan(cns_marks *marks, const char *text, size_t len, cns_alloc alloc,
                       cns_error *err);
void cns_marks_release(cns_marks *marks);

/* Feeds a cJSON tree of `text` to the builder, each event with its offset. Where
 * the tree is not what the marks say, the builder fails with CNS_E_SYNTAX. Part
 * of json_in.c; named here so that a test can hand it a tree that does not fit. */
struct cJSON;
void cns_json_feed(cns_builder *b, const struct cJSON *tree, const cns_marks *marks,
                   const char *text);

/* Writes the configuration path of an offset in a text that failed, as far as it can be
 * told: `app.vendors.custom[2].id`, or an empty text. */
void cns_json_place(char *out, size_t cap, const char *text, size_t offset);

#endif
