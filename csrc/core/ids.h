/* ids.h - the numbering of vendors and purposes (internal).
 *
 * Once per configuration, over all its layers, regulations and countries, every
 * id gets a small number. Every notice of the configuration uses these numbers, so
 * that a gate is resolved once and a visitor's choices are bit sets. The first
 * CNS_STANDARDS purposes are those of vocabulary.h, in that order.
 */
#ifndef CNS_IDS_H
#define CNS_IDS_H

#include "gvl.h"
#include "numbers.h"

typedef struct cns_vendor_id {
    cns_span sdk; /* the spelling of the token: `c:x`, `google` */
    cns_span api; /* the id of our own interface: without `c:` unless that collides */
    uint8_t space;
    uint32_t iab;    /* number in the Global Vendor List, 0 = none */
    uint32_t num;    /* Didomi's number, as the vendor's own entry has it, 0 = none */
    cns_span number; /* the same as text where notices may take it from the list, else empty */
} cns_vendor_id;

/* Who the vendors are that a configuration only names. */
typedef struct cns_directory {
    const cns_value *catalog; /* the site's over the built-in one */
    const cns_value *site;    /* the site's alone, or NULL */
    const cns_gvl *gvl;       /* or NULL */
} cns_directory;

typedef struct cns_map {
    struct cns_map_slot *slots;
    uint32_t mask, used;
} cns_map;

typedef struct cns_ids {
    cns_arena *arena;
    cns_vendor_id *vendors;
    uint32_t vendor_count, vendor_cap;
    size_t longest; /* bytes of the longest id, prefixes apart */
    cns_span *purposes;
    uint32_t purpose_count, purpose_cap;
    cns_map vendor_map;  /* by SDK spelling */
    cns_map bare_map;    /* custom vendors without their `c:` */
    cns_map slug_map;    /* IAB vendors by their ids in the catalog */
    cns_map purpose_map; /* by text id */
    uint32_t *by_iab;    /* by number in the Global Vendor List: vendor + 1, 0 = none */
    uint32_t highest;    /* number in there */
    cns_numbers numbers; /* of consent strings */
} cns_ids;

/* All of these return false when memory ran out. */
bool cns_ids_init(cns_ids *ids, cns_arena *arena);
/* Numbers what an `app` object names. */
bool cns_ids_add_app(cns_ids *ids, const cns_value *app, const cns_directory *directory);
/* Once every `app` is numbered: the vendors of the Global Vendor List, unless one has a
 * number already as a vendor of Didomi's list, and the API ids. */
bool cns_ids_close(cns_ids *ids, const cns_directory *directory);

/* By the exact SDK spelling: what a token holds. */
uint32_t cns_ids_sdk_vendor(const cns_ids *ids, const char *text, size_t len);
/* A custom vendor by its id as configured, with or without `c:`. */
uint32_t cns_ids_custom(const cns_ids *ids, cns_span configured);
/* By any spelling of docs/didomi.md, Ids. */
uint32_t cns_ids_vendor(const cns_ids *ids, cns_span text);
uint32_t cns_ids_vendor_number(const cns_ids *ids, int64_t iab);
uint32_t cns_ids_purpose(const cns_ids *ids, const char *text, size_t len);
uint32_t cns_ids_purpose_number(const cns_ids *ids, int64_t tcf);

/* IAB vendor 755 is the vendor `google`: is it chosen by `app.vendors.iab`
 * (docs/didomi.md, Configuration)? */
bool cns_google_comes_along(const cns_value *vendors);

#endif
