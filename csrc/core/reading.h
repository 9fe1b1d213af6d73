/* reading.h - what a visitor's cookies come to before the law is applied (internal).
 *
 *   token cookies, DCS cookies --status_read.c--> the one format that counts (R9), its lists as
 *   TC strings ----------------status_tcf.c-----> sets: status->stored
 */
#ifndef CNS_READING_H
#define CNS_READING_H

#include <stddef.h>

#include "consent_dcs.h"
#include "status.h"
#include "tcf.h"

/* One token or Didomi Consent String that can be read. */
typedef struct cns_kept {
    cns_dcs *dcs;  /* NULL: a token */
    cns_text text; /* of a DCS, as it was sent */
    cns_token token;
    cns_when created, updated;
    bool any;       /* a list with anything in it */
    uint8_t cookie; /* number of the cookie */
    unsigned rules; /* cns_time_rule */
    cns_void voided;
    cns_when ends;
} cns_kept;

/* TC strings, which count unless what stands beside them is void (R12). Those that are not valid
 * or not accepted only refuse: a browser may read them. */
typedef struct cns_kept_tc {
    cns_tc *tc[CNS_MAX_SAME_NAME];
    uint8_t cookie[CNS_MAX_SAME_NAME];
    size_t count;
    /* one bit a string: a vendor or purpose is on, is off, on the consent basis; it counts */
    unsigned on, off, counts;
    bool restrictions;
    bool same;     /* all are one text */
    cns_text text; /* of the first, without quotes */
} cns_kept_tc;

/* Room for what a usual string needs, so that reading one allocates nothing: one block, given to
 * whoever asks first. */
typedef struct cns_reading_room {
    cns_alloc behind; /* for all else */
    bool taken;
    _Alignas(max_align_t) char bytes[2048];
} cns_reading_room;

typedef struct cns_reading {
    const cns_notice *notice;
    cns_alloc alloc;
    cns_when now;
    cns_kept kept[CNS_MAX_SAME_NAME]; /* of the format that counts */
    size_t count;
    cns_kept_tc tc;
    cns_tc_state tc_state;
    bool dcs, any_dcs; /* they are DCS; there is one of this law */
    bool unreadable, do_not_sell, no_memory;
    size_t texts, room; /* bytes for texts of the status, for ids while lists are read */
    cns_findings findings;
    cns_token_room usual; /* for the first token */
    cns_reading_room room_of_tc;
} cns_reading;

void cns_reading_open(cns_reading *r, const cns_notice *notice, const cns_visit *visit,
                      cns_when now, cns_alloc alloc);
void cns_reading_close(cns_reading *r);
static inline bool cns_list_of_purposes(unsigned list) {
    return (list & 2) != 0;
}
static inline uint32_t cns_words_of(const cns_tables *t, unsigned list) {
    return cns_list_of_purposes(list) ? t->purpose_words : t->vendor_words;
}
void cns_find(cns_findings *findings, const char *code, uint32_t offset);

/* Words of scratch that the next two need. */
size_t cns_reading_words(const cns_reading *r);
/* Fills what is stored, why it does not count, dates and texts; `texts` has r->texts + r->room
 * bytes that live with the status. */
void cns_reading_take(cns_status *s, cns_reading *r, cns_word *scratch, char *texts);

/* status_dcs.c: reads a string; false when it is none that is about this law. `plain`: the
 * cookie's name does not say which law it is about. */
bool cns_reading_open_dcs(cns_reading *r, cns_kept *kept, cns_text value, bool plain);
/* The numbers of a token's list. */
const cns_id_set *cns_dcs_list(const cns_dcs_content *content, unsigned list);
/* Adds the ids of a list to a set; returns whether it has numbers that mean nothing here. */
bool cns_reading_numbers(cns_word *set, const cns_dcs_content *content, unsigned list,
                         const cns_notice *notice);

/* status_tcf.c: reads the strings, and says which count. */
void cns_reading_open_tc(cns_reading *r, const cns_visit *visit);
/* Puts what they say in place of what is stored about IAB purposes and vendors of the list. */
void cns_reading_take_tc(cns_status *s, const cns_reading *r, cns_word *scratch);
size_t cns_reading_tc_words(const cns_reading *r);

#endif
