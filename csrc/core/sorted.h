/* sorted.h - arrays of a visitor's texts, sorted (internal). */
#ifndef CNS_SORTED_H
#define CNS_SORTED_H

#include "consent.h"

/* By bytes. In time n log n whatever the order: the texts are a visitor's. */
void cns_sort(cns_text *texts, size_t count);
/* Leaves one of each; returns how many there are. */
size_t cns_sorted_unique(cns_text *texts, size_t count);
bool cns_sorted_has(const cns_text *texts, size_t count, cns_text text);

#endif
