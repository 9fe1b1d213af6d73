/* rows.h - how the tables of a notice get their vendors (internal). */
#ifndef CNS_ROWS_H
#define CNS_ROWS_H

#include "notice.h"

/* A vendor on its way into the tables. The masks stand where the next row will be; what is
 * never ended leaves no trace but bits in them. */
typedef struct cns_row {
    uint32_t vendor;
    const cns_value *definition, *over; /* its entry of overrideVendors, or NULL */
    cns_word *consent, *li, *features;
    bool special; /* has special purposes: stays without others, never allowed (R15) */
    bool masked;  /* its purposes are those of the masks */
} cns_row;

/* The next row, for a vendor that is not there yet. */
cns_row cns_row_begin(const cns_tables *t, uint32_t vendor, const cns_value *definition);
/* Puts the lists of overrideVendors in place of what the masks hold; special features stay. */
void cns_row_override(const cns_tables *t, const cns_ids *ids, const cns_row *row);
/* Is there a purpose on either basis? A special feature alone is none. */
bool cns_row_has_basis(const cns_tables *t, const cns_row *row);
/* Keeps the row, unless it has no purpose. */
void cns_row_end(cns_tables *t, const cns_row *row);
/* Adds the purposes of an array of text ids to a mask. */
void cns_rows_purposes(const cns_tables *t, const cns_ids *ids, cns_word *mask,
                       const cns_value *list);

/* Google's own lists (docs/didomi.md, Vendors of the list): as the site's catalog has them, else
 * the Global Vendor List, else the built-in catalog; with the restrictions. Sets
 * row->definition as well. Without any of them the masks stay empty. */
void cns_row_google(const cns_tables *t, const cns_ids *ids, const cns_directory *directory,
                    cns_row *row);
/* The vendors that the notice takes from the Global Vendor List. False when memory ran out. */
bool cns_rows_listed(cns_tables *t, cns_arena *arena, const cns_ids *ids, const cns_gvl *gvl);
/* Does the Global Vendor List have vendor 755 as deleted, and the site no entry of its own? */
bool cns_google_deleted(const cns_directory *directory);

#endif
