/* config.h - the layout of a configuration (internal). */
#ifndef CNS_CONFIG_H
#define CNS_CONFIG_H

#include "lock.h"
#include "notice.h"

/* The cache: one entry a merged tree, with its notices by law. */
typedef struct cns_cached {
    struct cns_cached *next;
    uint32_t entry;  /* number in regulation_configurations + 1, 0 = none */
    char country[3]; /* whose override was merged, or empty */
    const cns_value *tree;
    struct cns_cached_notice {
        struct cns_cached_notice *next;
        cns_notice *notice;
    } *notices;
} cns_cached;

#define CNS_BUCKETS 256u

struct cns_config {
    cns_alloc alloc;
    cns_arena arena; /* after construction used under `lock` only */
    cns_doc **docs;  /* layers, then defaults and catalogs: what to free */
    size_t doc_count;
    const cns_value **layers;
    size_t layer_count;
    const cns_value **upto; /* upto[k]: layers 0 to k merged */
    const cns_value *defaults;
    cns_directory directory;
    const cns_value *entries; /* regulation_configurations in force, or NULL */
    cns_ids ids;
    cns_lock lock;                /* guards everything below, and the arena */
    const cns_value **with_entry; /* by entry + 1: all layers with its config */
    cns_cached *buckets[CNS_BUCKETS];
    struct cns_shared_tables {
        struct cns_shared_tables *next;
        cns_tables *tables;
    } *tables[CNS_BUCKETS];
    const struct cns_bots *bots; /* by `user.bots` node, a list */
    uint64_t fingerprint;        /* 0 = not computed */
};

/* Which parts of a configuration are looked at. */
typedef enum cns_scope {
    CNS_WHOLE,        /* what the notice was made of */
    CNS_WITHOUT_LAWS, /* without the config of the law's entry: what the law was chosen by */
    CNS_LAYERS_ALONE  /* nor configByCountry: what the place was read from */
} cns_scope;

/* Where the value at a path comes from, `app.x` also under its old name: the place
 * that wins, or the built-in default. Unlike cns_notice_origins it knows what the
 * effective configuration hides. False when nothing stands there, or the winner holds
 * something else than an object where the path goes on. */
bool cns_notice_winner(const cns_notice *notice, cns_scope scope, const char *path, size_t len,
                       cns_origin *out);
/* The built-in default at a path. */
bool cns_notice_default(const cns_notice *notice, const char *path, size_t len, cns_origin *out);

#endif
