/* bot.c - is a user agent a bot: by the lists that Didomi builds in, or by an
 * expression of the site's own (docs/didomi.md, Bots; rule R14)? */
#include "bot.h"

#include "config.h"

#define LONGEST_AGENT CNS_REGEX_SUBJECT

/* Names in lower case by their first letter, so that a pass over the agent compares
 * at each place only the few that can stand there. */
#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char *const *const performance[26] = {
    ['c' - 'a'] = LIST("chrome-lighthouse"),
    ['d' - 'a'] = LIST("dareboost"),
    ['g' - 'a'] = LIST("gtmetrix"),
    ['p' - 'a'] = LIST("ptst"),
    ['s' - 'a'] = LIST("speedcurve", "statuscake_pagespeed_indev"),
};

static const char *const *const crawlers[26] = {
    ['a' - 'a'] =
        LIST("addthis", "adsbot", "ahrefsbot", "alexabot", "apis-google", "applebot", "archive"),
    ['b' - 'a'] = LIST("baidu", "bazaarvoice", "bingbot", "bingpreview", "blp_bbot", "bublupbot"),
    ['c' - 'a'] = LIST("cincraw", "cocolyzebot", "crawler", "crawling", "cxensebot"),
    ['d' - 'a'] = LIST("diffbot", "doximity-diffbot", "duckduckbot", "duplexweb-google"),
    ['e' - 'a'] = LIST("echoboxbot", "exabot"),
    ['f' - 'a'] = LIST("facebook", "facebot", "feedfetcher"),
    ['g' - 'a'] = LIST("google favicon", "google web preview", "google-read-aloud",
                       "google-xrawler", "googlebot", "googleweblight"),
    ['h' - 'a'] = LIST("headlesschrome"),
    ['i' - 'a'] = LIST("iplabel"),
    ['k' - 'a'] = LIST("klarnabot"),
    ['l' - 'a'] = LIST("linkedin"),
    ['m' - 'a'] = LIST("mazbot", "mediapartners", "moatbot", "msnbot"),
    ['n' - 'a'] = LIST("nativeaibot", "naver", "netvibes", "netvigie"),
    ['o' - 'a'] = LIST("oncrawl"),
    ['p' - 'a'] = LIST("pageburst", "petalbot", "phantomjs", "pingbot", "pingdomtms", "pinterest"),
    ['q' - 'a'] = LIST("quora-bot", "qwant"),
    ['r' - 'a'] = LIST("reddit", "rely bot", "rigor", "robot"),
    ['s' - 'a'] = LIST("scooperbot", "scraper", "seenaptic", "semrush", "simplepie", "slackbot",
                       "slurp", "smtbot", "spider", "storebot-google"),
    ['t' - 'a'] = LIST("taboolabot", "taginspector", "teoma", "twitter"),
    ['w' - 'a'] = LIST("whatsapp"),
    ['y' - 'a'] = LIST("yandex"),
};

static bool any_at(const char *agent, const char *const *names) {
    for (; names && *names; names++) {
        size_t i = 1; /* the first letter is the list's */
        while ((*names)[i] && (*names)[i] == agent[i])
            i++;
        if (!(*names)[i])
            return true;
    }
    return false;
}

static bool is_small(char c) {
    return c >= 'a' && c <= 'z';
}

/* The agent in lower case, NULs left out; it ends with a NUL. */
static bool listed(const cns_bots *bots, const char *agent) {
    for (; *agent; agent++) {
        if (!is_small(agent[0]) || !is_small(agent[1]))
            continue;
        size_t letter = (size_t)(agent[0] - 'a');
        if (!((bots->second[letter] >> (agent[1] - 'a')) & 1))
            continue;
        if ((bots->crawlers && any_at(agent, crawlers[letter])) ||
            (bots->performance && any_at(agent, performance[letter])))
            return true;
    }
    return false;
}

bool cns_notice_is_bot(const cns_notice *n, const char *user_agent, size_t len) {
    const cns_bots *bots = n->bots;
    bool cut = len > LONGEST_AGENT;
    size_t size = cut ? LONGEST_AGENT : len;
    if (bots->crawlers || bots->performance) {
        char agent[LONGEST_AGENT + 1];
        size_t used = 0;
        for (size_t i = 0; i < size; i++)
            if (user_agent[i])
                agent[used++] = cns_lower(user_agent[i]);
        agent[used] = '\0';
        if (listed(bots, agent))
            return true;
    }
    if (bots->extra_count) {
        uint16_t units[LONGEST_AGENT];
        size_t count = cns_regex_units(units, LONGEST_AGENT, user_agent, size, cut);
        for (uint32_t i = 0; i < bots->extra_count; i++)
            if (cns_regex_search(bots->extra[i], units, count, !cut))
                return true;
    }
    return false;
}

/* -------------------------------------------------------------- the notice's */

/* Is a type enabled? Without the array all are; names that nobody knows are skipped. */
static bool type_on(const cns_value *types, cns_span name) {
    if (!cns_is_array(types))
        return true;
    for (uint32_t i = 0; i < types->len; i++)
        if (cns_is_text(&types->u.items[i], name))
            return true;
    return false;
}

/* Every name begins with two letters. */
static void note_seconds(uint32_t second[26], const char *const *const lists[26]) {
    for (size_t letter = 0; letter < 26; letter++)
        for (const char *const *name = lists[letter]; name && *name; name++)
            second[letter] |= (uint32_t)1 << ((*name)[1] - 'a');
}

/* The expressions that can be used, one by one. An entry that is no text, empty,
 * invalid, unsupported or too long is skipped, as the browser skips an invalid one. */
static bool compile(cns_bots *bots, cns_arena *arena, const cns_value *list) {
    uint32_t count = cns_is_array(list) ? list->len : 0, steps = 0;
    if (count > CNS_BOTS_PROGRAM)
        count = CNS_BOTS_PROGRAM; /* each takes a step at least */
    bots->extra = cns_arena_zero(arena, count, sizeof *bots->extra);
    if (!bots->extra)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const cns_value *text = &list->u.items[i];
        const cns_regex *regex = NULL;
        if (!cns_is_string(text) || text->len == 0)
            continue;
        cns_regex_why why = cns_regex_compile(&regex, arena, text->u.text, text->len);
        if (why == CNS_REGEX_NO_MEMORY)
            return false;
        if (why != CNS_REGEX_FINE || regex->size > CNS_BOTS_PROGRAM - steps)
            continue;
        steps += regex->size;
        bots->extra[bots->extra_count++] = regex;
    }
    return true;
}

const cns_bots *cns_bots_of(cns_config *c, const cns_value *effective) {
    const cns_value *written = CNS_AT(CNS_AT(effective, "user"), "bots");
    for (const cns_bots *known = c->bots; known; known = known->next)
        if (known->written == written)
            return known;
    cns_bots *fresh = cns_arena_zero(&c->arena, 1, sizeof *fresh);
    if (!fresh || !compile(fresh, &c->arena, CNS_AT(written, "extraUserAgents")))
        return NULL;
    const cns_value *types = CNS_AT(written, "types");
    fresh->written = written;
    fresh->crawlers = type_on(types, CNS_SPAN("crawlers"));
    fresh->performance = type_on(types, CNS_SPAN("performance"));
    if (fresh->crawlers)
        note_seconds(fresh->second, crawlers);
    if (fresh->performance)
        note_seconds(fresh->second, performance);
    fresh->next = c->bots;
    return c->bots = fresh;
}
