/* bot.c - is a user agent one of the bots that Didomi lists (docs/didomi.md, Bots)? */
#include "config.h"

#define LONGEST_AGENT 1024u

/* Lower case; matched anywhere in the lower-cased user agent. */
static const char *const performance[] = {
    "chrome-lighthouse", "gtmetrix", "speedcurve",
    "dareboost",         "ptst",     "statuscake_pagespeed_indev"};

static const char *const crawlers[] = {"addthis",
                                       "adsbot",
                                       "ahrefsbot",
                                       "alexabot",
                                       "apis-google",
                                       "applebot",
                                       "archive",
                                       "baidu",
                                       "bazaarvoice",
                                       "bingbot",
                                       "bingpreview",
                                       "blp_bbot",
                                       "bublupbot",
                                       "cincraw",
                                       "cocolyzebot",
                                       "crawler",
                                       "crawling",
                                       "cxensebot",
                                       "diffbot",
                                       "doximity-diffbot",
                                       "duckduckbot",
                                       "duplexweb-google",
                                       "echoboxbot",
                                       "exabot",
                                       "facebook",
                                       "facebot",
                                       "feedfetcher",
                                       "google favicon",
                                       "google web preview",
                                       "google-read-aloud",
                                       "google-xrawler",
                                       "googlebot",
                                       "googleweblight",
                                       "headlesschrome",
                                       "iplabel",
                                       "klarnabot",
                                       "linkedin",
                                       "mazbot",
                                       "mediapartners",
                                       "moatbot",
                                       "msnbot",
                                       "nativeaibot",
                                       "naver",
                                       "netvibes",
                                       "netvigie",
                                       "oncrawl",
                                       "pageburst",
                                       "petalbot",
                                       "phantomjs",
                                       "pingbot",
                                       "pingdomtms",
                                       "pinterest",
                                       "quora-bot",
                                       "qwant",
                                       "reddit",
                                       "rely bot",
                                       "rigor",
                                       "robot",
                                       "scooperbot",
                                       "scraper",
                                       "seenaptic",
                                       "semrush",
                                       "simplepie",
                                       "slackbot",
                                       "slurp",
                                       "smtbot",
                                       "spider",
                                       "storebot-google",
                                       "taboolabot",
                                       "taginspector",
                                       "teoma",
                                       "twitter",
                                       "whatsapp",
                                       "yandex"};

static bool any_in(const char *agent, const char *const *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strstr(agent, list[i]))
            return true;
    return false;
}

/* Is a type enabled? Without the array all are. */
static bool type_on(const cns_value *types, cns_span name) {
    if (!cns_is_array(types))
        return true;
    for (uint32_t i = 0; i < types->len; i++)
        if (cns_is_text(&types->u.items[i], name))
            return true;
    return false;
}

bool cns_notice_is_bot(const cns_notice *n, const char *user_agent, size_t len) {
    char agent[LONGEST_AGENT + 1];
    size_t used = 0;
    for (size_t i = 0; i < len && used < LONGEST_AGENT; i++)
        if (user_agent[i])
            agent[used++] = cns_lower(user_agent[i]);
    agent[used] = '\0';
    const cns_value *types = CNS_AT(CNS_AT(CNS_AT(n->effective, "user"), "bots"), "types");
    const cns_span of_performance = {"performance", 11}, of_crawlers = {"crawlers", 8};
    return (type_on(types, of_performance) &&
            any_in(agent, performance, sizeof performance / sizeof performance[0])) ||
           (type_on(types, of_crawlers) &&
            any_in(agent, crawlers, sizeof crawlers / sizeof crawlers[0]));
}
