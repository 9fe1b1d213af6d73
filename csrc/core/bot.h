/* bot.h - `user.bots` compiled (internal; docs/didomi.md, Bots; rule R14). */
#ifndef CNS_BOT_H
#define CNS_BOT_H

#include "regex.h"
#include "value.h"

/* Steps of all expressions together. With the length of a user agent it bounds the
 * time that a visitor can take. */
#define CNS_BOTS_PROGRAM 4096u

typedef struct cns_bots {
    const struct cns_bots *next;
    const cns_value *written;   /* the `user.bots` that it was made from, or NULL */
    bool performance, crawlers; /* the built-in lists that count */
    uint32_t second[26];        /* by first letter of their names: the second ones */
    const cns_regex **extra;
    uint32_t extra_count;
} cns_bots;

/* What the merged tree says about bots, made once for each `user.bots` node; NULL when
 * memory ran out. Call with the configuration's lock held. */
const cns_bots *cns_bots_of(cns_config *config, const cns_value *effective);

#endif
