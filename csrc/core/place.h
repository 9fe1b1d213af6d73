/* place.h - countries and regions (internal; rule R2). */
#ifndef CNS_PLACE_H
#define CNS_PLACE_H

#include "text.h"

/* True for an assigned ISO 3166-1 alpha-2 code and XK, in upper case. */
bool cns_country_assigned(const char *code);
/* The code in upper case, or an empty text when it is not a known country. */
void cns_country_read(char out[3], cns_span text);
/* 1 to 3 letters or digits in upper case, or an empty text. */
void cns_region_read(char out[4], cns_span text);

#endif
