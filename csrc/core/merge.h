/* merge.h - the one merge rule of all configuration layers (internal). */
#ifndef CNS_MERGE_H
#define CNS_MERGE_H

#include "value.h"

/* Plain objects merge recursively; everything else, arrays and null included, is
 * replaced by the value of `over` (docs/didomi.md, Merging). The result lies in
 * `arena` and shares every untouched node with its parents, so those must live
 * as long. Members keep the order of `base`; new ones follow. NULL when memory
 * ran out. Recursion is bounded by CNS_MAX_DEPTH, which reading enforces. */
const cns_value *cns_merge(cns_arena *arena, const cns_value *base, const cns_value *over);

#endif
