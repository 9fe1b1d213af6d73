/* regulation.h - which law applies where (internal; rule R2). */
#ifndef CNS_REGULATION_H
#define CNS_REGULATION_H

#include "place.h"
#include "value.h"

/* Opt-in, unless the table knows better: an unknown law denies. */
cns_group cns_regulation_group(cns_span id);
/* True for a law of the table, and `none`. */
bool cns_regulation_known(cns_span id);

/* What the choice is made from. */
typedef struct cns_laws {
    const cns_value *merged;        /* all layers and the country's entry */
    const cns_value *entries;       /* regulation_configurations in force, or NULL */
    const cns_value *const *layers; /* the layers one by one: their lists of
                                       additional countries add up */
    size_t layer_count;
    /* the merged tree with an entry's configuration in it; NULL: not asked */
    const cns_value *(*tree)(void *ctx, uint32_t entry);
    void *tree_ctx;
} cns_laws;

typedef struct cns_applied {
    cns_span id;             /* `none` when no law applies */
    int32_t entry;           /* number in regulation_configurations, or -1 */
    const cns_value *config; /* its `config` object, or NULL */
} cns_applied;

/* What decided about the law: told in explanations. */
typedef enum cns_law_how {
    CNS_LAW_UNTOLD,
    CNS_LAW_COVERS,     /* it covers the place */
    CNS_LAW_DELIVERED,  /* regulation.name */
    CNS_LAW_NO_COUNTRY, /* consentpy.unknownCountry */
    CNS_LAW_EVERYWHERE, /* app.gdprAppliesGlobally or app.ignoreCountry */
    CNS_LAW_UNREADABLE, /* an entry that may have been the one for this place */
    CNS_LAW_NOWHERE     /* no law covers the place */
} cns_law_how;

/* Rule R2. `country_given` is false when the caller named no country at all: only
 * then `regulation.name` may count. */
cns_law_how cns_regulation_choose(cns_applied *out, const cns_laws *laws, const cns_place *place,
                                  bool country_given, const cns_probe *probe);

/* For explanations. The item of a list of places that covers the place, or NULL;
 * whether a law's default territory does; the first entry that cannot be read, or NULL. */
const cns_value *cns_regulation_item(const cns_value *list, const cns_place *place);
bool cns_regulation_at_home(cns_span id, const cns_place *place);
bool cns_regulation_readable(const cns_value *entry);
const cns_value *cns_regulation_unreadable(const cns_value *entries);
/* The path of what names the cookie of cns_token_cookie_name. */
cns_span cns_token_cookie_path(const cns_value *merged, cns_span regulation);

/* The name of the cookie that holds the token of a regulation; 0 bytes when it is too
 * long to be one. */
#define CNS_MAX_COOKIE_NAME 256u
size_t cns_token_cookie_name(char out[CNS_MAX_COOKIE_NAME], const cns_value *merged,
                             cns_span regulation);

#endif
