/* answer.h - what a visitor has stored, to be changed and written again (internal;
 * docs/status.md, Answering).
 *
 *   cookies --cns_base_open--> sets, and the tokens beside them
 *       sets changed by the answer --cns_base_write--> a cookie value
 *
 * The sets say what is chosen; the tokens are asked for all that has no place in a set:
 * ids and fields that mean nothing here, and the order of everything.
 */
#ifndef CNS_ANSWER_H
#define CNS_ANSWER_H

#include "status.h"
#include "value.h"

/* One readable token. */
typedef struct cns_base_token {
    cns_token_doc *doc;
    bool counts;
    struct {
        cns_text *ids; /* sorted; those of a list that the configuration does not know */
        size_t count;
    } foreign[CNS_LISTS];
} cns_base_token;

typedef struct cns_base {
    cns_alloc alloc;
    cns_arena arena;
    const cns_notice *notice;
    cns_status *status; /* of what was sent, R5's reset left out */
    /* the one that fields and order come from first; none where nothing carries over */
    cns_base_token tokens[CNS_MAX_SAME_NAME];
    size_t token_count;
    bool counts;                 /* there is an answer in force */
    bool tc;                     /* with a TC string */
    cns_word *stored[CNS_LISTS]; /* what carries over, essential purposes left out */
    cns_word *sets[CNS_LISTS];   /* the same, to be changed */
    cns_when now;
} cns_base;

/* How a base becomes a token. */
typedef struct cns_writing {
    cns_text user_id, created, updated;
    bool replace;           /* ids without a meaning here are replaced too (objections excepted) */
    bool refuse, refuse_li; /* everything, on consent and on legitimate interest: ids without a
                               meaning here are enabled no more */
    struct {
        uint32_t *numbers;
        size_t count;
    } first[CNS_LISTS]; /* ids of the notice that stand before all others, in this order */
    bool bare;          /* no field is kept that has no meaning here, and no id but objections */
    bool barest;        /* nor these */
    bool objects;       /* say "do not sell" */
} cns_writing;

cns_code cns_base_open(cns_base *base, const cns_notice *notice, const cns_visit *visit,
                       cns_alloc alloc, cns_error *err);
void cns_base_close(cns_base *base);

/* Enables or disables an id in the pair of lists that begins with `list`. */
static inline void cns_base_choose(cns_base *base, unsigned list, uint32_t number, bool agreed) {
    cns_add_bit(base->sets[agreed ? list : list + 1], number);
    cns_drop_bit(base->sets[agreed ? list + 1 : list], number);
}
static inline bool cns_of_purposes(unsigned list) {
    return (list & 2) != 0;
}
static inline uint32_t cns_list_words(const cns_notice *n, unsigned list) {
    return cns_of_purposes(list) ? n->tables->purpose_words : n->tables->vendor_words;
}
bool cns_base_changed(const cns_base *base);

/* Does the Global Vendor List have the vendor, so that its answer stands in a TC string under
 * gdpr (R12)? */
static inline bool cns_of_tc(const cns_notice *n, uint32_t vendor) {
    return n->group == CNS_OPT_IN && cns_has(n->tables->listed, vendor);
}
/* Can this site write one? */
static inline bool cns_writes_tc(const cns_notice *n) {
    return n->group == CNS_OPT_IN && n->strings.tc.len && n->strings.cmp && n->tables->any_listed;
}
/* What becomes of the TC string; takes what it holds out of the sets, which are then those of
 * the token (answer_tcf.c). The new string is given back with cns_text_free. */
typedef enum cns_tc_fate { CNS_TC_STAYS, CNS_TC_GOES, CNS_TC_IS_WRITTEN } cns_tc_fate;
cns_code cns_base_settle_tc(cns_tc_fate *fate, char **text, size_t *len, cns_base *base,
                            cns_error *err);
/* Leaves in the sets what the token says beside the TC string that is in force. */
void cns_base_leave_to_tc(cns_base *base);
/* The sets as a Didomi Consent String; *text is NULL where something has no number, or the
 * user id is none that it can hold. */
cns_code cns_base_write_dcs(char **text, size_t *len, cns_base *base, const cns_keeping *keeping,
                            cns_error *err);
/* Does something without a meaning here permit what `writing` refuses? */
bool cns_base_permits(const cns_base *base, const cns_writing *writing);
/* Are there refusals of everything in force because something cannot be read (R10; without
 * a law where refusals are respected, R3)? */
static inline bool cns_base_refused(const cns_base *base) {
    const cns_notice *n = base->notice;
    bool heard = n->group == CNS_OPT_OUT || (n->group == CNS_NO_LAW && n->respect_refusal);
    return heard && base->status->unreadable;
}
/* May one of them be that the visitor's data must not be sold (the old `ccpa`)? */
static inline bool cns_base_objects(const cns_base *base) {
    return cns_base_refused(base) && cns_span_is(base->notice->applied.id, "ccpa", 4);
}

/* Fills the dates and the user id of a change at base->now, and writes it. `chosen`: the
 * visitor made the choice here, so it may count before Global Privacy Control (R11). */
cns_code cns_base_finish(char **out, size_t *out_len, cns_base *base, cns_writing *writing,
                         const unsigned char random[CNS_ANSWER_RANDOM], bool chosen,
                         cns_error *err);

/* The token of the base's sets as a cookie value, of any length; given back with
 * cns_text_free. */
cns_code cns_base_write_whole(char **out, size_t *out_len, cns_base *base,
                              const cns_writing *writing, cns_error *err);

/* The cookie value of the base's sets, bare when it would not fit into a cookie otherwise;
 * given back with cns_text_free. */
cns_code cns_base_write(char **out, size_t *out_len, cns_base *base, cns_writing *writing,
                        cns_error *err);

#endif
