/* vocabulary.h - what Didomi documents by name: IAB purposes, its own vendors,
 * configuration defaults (internal; docs/didomi.md, Configuration). Data only. */
#ifndef CNS_VOCABULARY_H
#define CNS_VOCABULARY_H

#include "text.h"

/* An IAB purpose or special feature by its text id. `tcf` is the purpose's number
 * in TCF 2.x, `feature` the special feature's; 0 = none. */
typedef struct cns_standard {
    cns_span id;
    cns_span name;
    uint8_t tcf;
    uint8_t feature;
    bool current; /* part of TCF 2.x: a custom purpose cannot take the id over */
} cns_standard;

#define CNS_STANDARDS 20u
extern const cns_standard cns_standards[CNS_STANDARDS];

/* True for an old name of purpose 1, which is number 0 here. */
bool cns_standard_alias(const char *text, size_t len);

/* JSON: vendors of Didomi's own list, in the shape of a catalog. */
extern const char cns_builtin_catalog[];
/* JSON: built-in defaults of the configuration. */
extern const char cns_builtin_defaults[];

#endif
