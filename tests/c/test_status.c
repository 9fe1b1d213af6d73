/* test_status.c - what a visitor's tokens come to: rules R1, R3 to R8, R10, R11, R13, R14. */
#include "world.h"

/* Four vendors: `c` on consent of p, `l` on interest of q, `b` on consent of p and on
 * interest of q, `e` with the purpose `ess` alone, which is essential where EXTRA says
 * so; purpose `u` is used by none. */
#define APP(extra)                                                                                 \
    "'app':{'vendors':{'custom':[{'id':'c','purposeIds':['p']},{'id':'l','legIntPurposeIds':['q']" \
    "},"                                                                                           \
    "{'id':'b','purposeIds':['p'],'legIntPurposeIds':['q']},{'id':'e','purposeIds':['ess']}]},"    \
    "'customPurposes':[{'id':'p'},{'id':'q'},{'id':'ess'},{'id':'u'}]" extra "}"
#define ESS ",'essentialPurposes':['ess','cookies']"
#define GDPR "{" APP(ESS) "}"
#define WITH(app, more) "{" APP(ESS app) more "}"
#define US                                                                                         \
    "{" APP(ESS) ",'regulations':{'cpra':{'enabled':true}}"                                        \
                 "}"
#define US_(more) "{" APP(ESS) ",'regulations':{'cpra':{'enabled':true}}" more "}"

/* Lists of a token, and whole tokens with dates. */
#define AT(age, lists)                                                                             \
    "{'user_id':'u" #age "','created':'@" #age "','updated':'@" #age "'," lists "}"
#define YES                                                                                        \
    "'vendors':{'enabled':['c:c','c:b']},'vendors_li':{'enabled':['c:l','c:b']},"                  \
    "'purposes':{'enabled':['p']},'purposes_li':{'enabled':['q']}"
#define NO                                                                                         \
    "'vendors':{'disabled':['c:c','c:b']},'vendors_li':{'disabled':['c:l','c:b']},"                \
    "'purposes':{'disabled':['p']},'purposes_li':{'disabled':['q']}"
#define DENIED                                                                                     \
    "'vendors':{'disabled':['c:c','c:b']},'purposes':{'disabled':['p']},"                          \
    "'vendors_li':{'enabled':['c:l','c:b']},'purposes_li':{'enabled':['q']}"

/* `want` is words between blanks:
 *   c  -c     may vendor c run?                c+p,q  +p   the same with purposes, purposes alone
 *   vc:c=? vl: pc: pl:   tri-states 1 0 ?      full:c=1    vendor with its purposes (12.4)
 *   pair:p,c=?           12.5                  ask=reason  and whether to ask at all
 *   partial -partial     dates -dates user=u60 days=366 (life in days from the token's update)
 *   found=code -found=code   findings */
typedef struct row {
    const char *name, *config, *place, *tokens[4], *want;
    int flags;
} row;
enum { GPC = 1, BOT = 2, CUT = 4, NOT_TEXT = 8 };

static char tri(cns_tri answer) {
    return answer == CNS_YES ? '1' : answer == CNS_NO ? '0' : '?';
}

static bool has_finding(const cns_status *s, const char *code) {
    bool found = false;
    for (size_t i = 0; i < cns_status_findings(s); i++) {
        cns_finding finding = cns_status_finding(s, i);
        found = found || strcmp(finding.code, code) == 0;
        CHECK(finding.message[0] != '\0');
    }
    return found;
}

/* Is a word true of the status? */
static bool holds(const cns_config *config, const cns_status *s, char *word) {
    uint32_t numbers[16];
    int64_t micros, other;
    char *value = strchr(word, '='), *colon = strchr(word, ':');
    if (value)
        *value++ = '\0';
    if (strcmp(word, "ask") == 0) {
        bool should, quiet;
        const char *got = cns_collect_text(cns_status_collect(s, &should));
        static const char *const silent[] = {"not-required", "bot", "opt-out", "complete",
                                             "within-window"};
        quiet = false;
        for (size_t i = 0; i < LENGTH(silent); i++)
            quiet = quiet || strcmp(silent[i], got) == 0;
        return CHECK_TEXT(got, value) && should != quiet;
    }
    if (strcmp(word, "partial") == 0)
        return cns_status_partial(s);
    if (strcmp(word, "found") == 0)
        return has_finding(s, value);
    if (strcmp(word, "user") == 0) {
        cns_text user = cns_status_user_id(s);
        return user.len == strlen(value) && (!user.len || memcmp(user.text, value, user.len) == 0);
    }
    if (strcmp(word, "dates") == 0)
        return cns_status_created(s, &micros) && cns_status_updated(s, &micros) &&
               cns_status_expires(s, &micros) && cns_status_created_text(s).len &&
               cns_status_updated_text(s).len;
    if (strcmp(word, "days") == 0)
        return cns_status_updated(s, &micros) && cns_status_expires(s, &other) &&
               other - micros == strtoll(value, NULL, 10) * 86400 * SECONDS;
    if (!colon) {
        char *plus = strchr(word, '+');
        if (plus)
            *plus++ = '\0';
        cns_gate gate = gate_of(config, *word ? word : NULL, plus, numbers);
        return cns_status_allows(s, &gate);
    }
    *colon++ = '\0';
    char *comma = strchr(colon, ',');
    uint32_t vendor = cns_config_vendor(config, colon, strlen(colon)), purpose;
    purpose = cns_config_purpose(config, colon, strlen(colon));
    if (strcmp(word, "vc") == 0)
        return tri(cns_status_vendor(s, vendor, CNS_CONSENT, false)) == *value;
    if (strcmp(word, "vl") == 0)
        return tri(cns_status_vendor(s, vendor, CNS_LEGITIMATE_INTEREST, false)) == *value;
    if (strcmp(word, "full") == 0)
        return tri(cns_status_vendor(s, vendor, CNS_CONSENT, true)) == *value;
    if (strcmp(word, "pc") == 0)
        return tri(cns_status_purpose(s, purpose, CNS_CONSENT)) == *value;
    if (strcmp(word, "pl") == 0)
        return tri(cns_status_purpose(s, purpose, CNS_LEGITIMATE_INTEREST)) == *value;
    if (strcmp(word, "pair") == 0 && comma) {
        vendor = cns_config_vendor(config, comma + 1, strlen(comma + 1));
        purpose = cns_config_purpose(config, colon, (size_t)(comma - colon));
        return tri(cns_status_pair(s, purpose, vendor)) == *value;
    }
    printf("%s: a word that means nothing\n", word);
    return CHECK(false);
}

static void check_rows(const row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const row *r = &rows[i];
        char words[512];
        harness.label = r->name;
        cns_config *config = WORLD(r->config);
        cns_visit visit = {.now = NOW * SECONDS,
                           .gpc = r->flags & GPC,
                           .bot = (r->flags & BOT) != 0,
                           .cut = (r->flags & CUT) != 0,
                           .not_text = (r->flags & NOT_TEXT) != 0};
        const char *tokens[5] = {r->tokens[0], r->tokens[1], r->tokens[2], r->tokens[3], NULL};
        cns_status *s =
            status_of(notice_at(config, r->place), tokens, &visit, cns_alloc_default(), NULL);
        CHECK(strlen(r->want) < sizeof words);
        (void)snprintf(words, sizeof words, "%s", r->want);
        for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
            char shown[64];
            (void)snprintf(shown, sizeof shown, "%s", word);
            bool negated = *word == '-';
            if (!CHECK(holds(config, s, word + negated) != negated))
                printf("    %s\n", shown);
        }
        cns_status_free(s);
        cns_config_free(config);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, LENGTH(rows))

/* clang-format off */ /* a row reads best on one line */

/* ------------------------------------------------------------------------- R1 */

TEST(r1_allows) {
    static const row rows[] = {
        {"a new visitor", GDPR, "FR", {NULL}, "-c -l -b e -+p -+q +ess -+u -c+p e+ess ask=no-choice partial -dates", 0},
        {"everything", GDPR, "FR", {AT(60, YES)}, "c l b e +p +ess c+p b+p -+q -l+q -+u", 0},
        {"nothing", GDPR, "FR", {AT(60, NO)}, "-c -l -b e -+p -+q +ess ask=complete", 0},
        {"on consent only", GDPR, "FR", {AT(60, "'vendors':{'enabled':['c:c','c:b']},'purposes':{'enabled':['p']}")},
         "c -l -b +p c+p -b+p", 0},
        {"a vendor without its purpose", GDPR, "FR", {AT(60, "'vendors':{'enabled':['c:c']}")}, "-c -+p", 0},
        {"a purpose without its vendor", GDPR, "FR", {AT(60, "'purposes':{'enabled':['p']}")}, "-c +p -c+p", 0},
        {"interest needs its own purpose list", GDPR, "FR",
         {AT(60, "'vendors_li':{'enabled':['c:l']},'purposes':{'enabled':['q']}")}, "-l -+q", 0},
        {"a purpose on interest, asked for alone, on both", GDPR, "FR",
         {AT(60, "'purposes':{'enabled':['q','u']},'purposes_li':{'enabled':['q']}")}, "+q +u +q,u -+q,u,p", 0},
        {"unknown ids", GDPR, "FR", {AT(60, YES)}, "-nobody -c+nothing -+nothing -nobody+p -nobody+ess", 0},
        {"ids of another country", "{" APP("") ",'configByCountry':{'FR':{'app':{'vendors':{'custom':[{'id':'f',"
         "'purposeIds':['p']}]}}}}}", "FR", {AT(60, "'vendors':{'enabled':['c:c','c:f']},'purposes':{'enabled':['p','ess']}")},
         "f -c -e +p +ess", 0},
        {"a disabled purpose", WITH(",'disabledPurposes':['p']", ""), "FR", {AT(60, YES)}, "-c -b l -+p pc:p=?", 0},
        {"the prefix counts in a token", GDPR, "FR", {AT(60, "'vendors':{'enabled':['c']},'purposes':{'enabled':['p']}")},
         "-c vc:c=?", 0},
    };
    CHECK_ROWS(rows);
}

TEST(tri_states) {
    static const row rows[] = {
        {"nothing stored", GDPR, "FR", {NULL}, "vc:c=? vl:l=? pc:p=? pl:q=? pc:ess=1 pl:ess=1 full:c=? full:e=1 pair:p,c=?", 0},
        {"enabled", GDPR, "FR", {AT(60, YES)}, "vc:c=1 vl:c=? vl:b=1 pc:p=1 pl:p=? pl:q=1 full:c=1 full:b=1 full:l=1 pair:p,c=1", 0},
        {"disabled", GDPR, "FR", {AT(60, NO)}, "vc:c=0 vl:l=0 pc:p=0 pl:q=0 full:c=0 pair:p,c=0", 0},
        {"an unknown side hides a refusal", GDPR, "FR", {AT(60, "'vendors':{'disabled':['c:c']}")},
         "pair:p,c=? pair:ess,c=0 full:c=0", 0},
        {"a basis that is not used gives what is stored", GDPR, "FR",
         {AT(60, "'vendors_li':{'disabled':['c:c']},'purposes_li':{'enabled':['p']}")}, "vl:c=0 pl:p=1", 0},
        {"12.4 takes either basis, and purposes on consent", GDPR, "FR",
         {AT(60, "'vendors_li':{'enabled':['c:b']},'purposes':{'enabled':['p']}")}, "full:b=1 vc:b=?", 0},
        {"known, but not its purpose", GDPR, "FR", {AT(60, "'vendors':{'enabled':['c:c']}")}, "full:c=0 vc:c=1", 0},
        {"unknown ids", GDPR, "FR", {AT(60, YES)}, "vc:x=? pc:x=? full:x=? pair:x,c=? pair:p,x=?", 0},
    };
    CHECK_ROWS(rows);
}

/* ------------------------------------------------------------------------- R3 */

#define RESPECT ",'consentpy':{'storedRefusalWithoutRegulation':'respect'}"

TEST(r3_no_law) {
    static const row rows[] = {
        {"everything configured", GDPR, "JP", {NULL}, "c l b e +p +q +u +ess c+p,q ask=not-required -partial", 0},
        {"but nothing else", GDPR, "JP", {NULL}, "-nobody -+nothing -+market_research", 0},
        {"a refusal does not count", GDPR, "JP", {AT(60, NO)}, "c l b +p vc:c=0 pl:q=0", 0},
        {"an unreadable token neither", GDPR, "JP", {"!x"}, "c +p", 0},
        {"a refusal counts where asked for", WITH("", RESPECT), "JP", {AT(60, NO)}, "-c -l -b e -+p -+q +ess +u", 0},
        {"on either basis", WITH("", RESPECT), "JP", {AT(60, "'purposes_li':{'disabled':['p']}")}, "-c l -b -+p +q", 0},
        {"silence is none", WITH("", RESPECT), "JP", {AT(60, "'vendors':{'disabled':['c:c']}")}, "-c l b +p", 0},
        {"an old one too", WITH("", RESPECT), "JP", {AT(40000000, NO)}, "-c -l e", 0},
        {"unreadable is a refusal", WITH("", RESPECT), "JP", {"!x"}, "-c -l e -+p +ess", 0},
        {"the signal means nothing here", WITH("", RESPECT), "JP", {NULL}, "c l +p", GPC},
    };
    CHECK_ROWS(rows);
}

/* -------------------------------------------------------------- R4 to R7: time */

#define DAYS30 "'notice':{'daysBeforeShowingAgain':30}"
#define SHORT ",'consentDuration':1000,'deniedConsentDuration':100"

TEST(r4_expiry) {
    static const row rows[] = {
        {"by default 366 days", GDPR, "FR", {AT(31622399, YES)}, "c ask=complete dates days=366 user=u31622399", 0},
        {"and not a second more", GDPR, "FR", {AT(31622400, YES)},
         "-c -l -b e pc:p=? vc:c=? ask=expired partial -dates user=u31622400", 0},
        {"from updated, not created", GDPR, "FR", {"{'created':'@40000000','updated':'@60'," YES "}"}, "c dates", 0},
        {"configured", WITH(SHORT, ""), "FR", {AT(999, YES)}, "c", 0},
        {"over", WITH(SHORT, ""), "FR", {AT(1000, YES)}, "-c ask=expired", 0},
        {"a duration of the wrong kind", WITH(",'consentDuration':'1'", ""), "FR", {AT(999, YES)}, "c days=366", 0},
        {"a duration that is not above 0", WITH(",'consentDuration':0", ""), "FR", {AT(999, YES)}, "c", 0},
        {"denied, in time", WITH(SHORT, ""), "FR", {AT(99, DENIED)}, "-c l ask=complete", 0},
        {"denied, over: interest goes with it", WITH(SHORT, ""), "FR", {AT(100, DENIED)},
         "-c -l vc:c=? ask=denied-expired -dates", 0},
        {"one thing allowed", WITH(SHORT, ""), "FR",
         {AT(100, "'vendors':{'disabled':['c:c']},'purposes':{'enabled':['p']}")}, "+p ask=new-vendor", 0},
        {"nothing refused", WITH(SHORT, ""), "FR", {AT(100, "'vendors_li':{'enabled':['c:l']}")}, "vl:l=1", 0},
        {"foreign ids allowed are allowed", WITH(SHORT, ""), "FR",
         {AT(100, "'vendors':{'disabled':['c:c'],'enabled':['c:gone']}")}, "vc:c=0", 0},
        {"foreign ids refused are refused", WITH(SHORT, ""), "FR", {AT(100, "'vendors':{'disabled':['c:gone']}")},
         "ask=denied-expired", 0},
        {"enabled and disabled is disabled", WITH(SHORT, ""), "FR",
         {AT(100, "'purposes':{'enabled':['p'],'disabled':['p']}")}, "ask=denied-expired found=contradiction", 0},
        {"not smaller: ignored", WITH(",'consentDuration':1000,'deniedConsentDuration':1000", ""), "FR", {AT(999, DENIED)},
         "l ask=complete", 0},
        {"over both: expired", WITH(SHORT, ""), "FR", {AT(1000, DENIED)}, "ask=expired", 0},
    };
    CHECK_ROWS(rows);
}

TEST(r5_window) {
    static const char some[] = AT(2592000, "'vendors':{'enabled':['c:c']},'purposes':{'enabled':['p']}");
    static const char newer[] = AT(2591999, "'vendors':{'enabled':['c:c']},'purposes':{'enabled':['p']}");
    static const row rows[] = {
        {"inside", WITH("", "," DAYS30), "FR", {newer}, "c -l -b vl:l=? partial ask=within-window", 0},
        {"at its end", WITH("", "," DAYS30), "FR", {some}, "c -l -b vc:c=1 partial ask=new-vendor dates", 0},
        {"no window", GDPR, "FR", {newer}, "c -l partial ask=new-vendor", 0},
        {"with reset", WITH("", "," DAYS30 ",'consentpy':{'recollect':'reset'}"), "FR", {some},
         "-c vc:c=? -+p e ask=new-vendor", 0},
        {"reset only while asking", WITH("", "," DAYS30 ",'consentpy':{'recollect':'reset'}"), "FR", {newer}, "c", 0},
        {"complete: the window does not matter", GDPR, "FR", {AT(31000000, YES)}, "ask=complete -partial", 0},
        {"part of a day", WITH("", ",'notice':{'daysBeforeShowingAgain':0.5}"), "FR", {AT(43199, "'purposes':{'enabled':['p']}")},
         "ask=within-window", 0},
        {"part of a day, over", WITH("", ",'notice':{'daysBeforeShowingAgain':0.5}"), "FR",
         {AT(43200, "'purposes':{'enabled':['p']}")}, "ask=new-vendor", 0},
        {"a token without choices", WITH("", "," DAYS30), "FR", {AT(60, "'version':null")},
         "ask=no-choice partial dates user=u60", 0},
        {"no vendor, nothing to ask", "{}", "FR", {NULL}, "ask=complete -partial", 0},
        {"essential ones only", "{'app':{'vendors':{'custom':[{'id':'e','purposeIds':['x']}]},"
         "'customPurposes':[{'id':'x'}],'essentialPurposes':['x']}}", "FR", {NULL}, "e ask=complete -partial", 0},
    };
    CHECK_ROWS(rows);
}

#define BEFORE(date) ",'user':{'ignoreConsentBefore':'" date "'}"
#define KEEP ",'consentpy':{'ignoreBefore':'keep'}"

TEST(r6_ignore_before) {
    static const row rows[] = {
        {"older", WITH("", BEFORE("@100")), "FR", {AT(101, YES)}, "-c e vc:c=? ask=ignored-before -dates user=u101", 0},
        {"as old", WITH("", BEFORE("@100")), "FR", {AT(100, YES)}, "c ask=complete", 0},
        {"not yet in force", WITH("", BEFORE("@0")), "FR", {AT(101, YES)}, "c ask=complete", 0},
        {"in force since a second", WITH("", BEFORE("@1")), "FR", {AT(101, YES)}, "-c ask=ignored-before", 0},
        {"not yet", WITH("", BEFORE("@-100")), "FR", {AT(101, YES)}, "c", 0},
        {"unreadable", WITH("", BEFORE("soon")), "FR", {AT(101, YES)}, "c", 0},
        {"kept", WITH("", BEFORE("@100") KEEP), "FR", {AT(101, YES)}, "c vc:c=1 ask=ignored-before dates", 0},
        {"but expired is expired", WITH("", BEFORE("@100") KEEP), "FR", {AT(40000000, YES)}, "-c ask=expired", 0},
        {"a day is enough of a date", WITH("", BEFORE("2026")), "FR", {AT(31000000, YES)}, "-c ask=ignored-before", 0},
    };
    CHECK_ROWS(rows);
}

TEST(r7_dates) {
    static const row rows[] = {
        {"missing", GDPR, "FR", {"{'user_id':'x'," YES "}"}, "-c ask=expired -dates user=x found=no_date", 0},
        {"unreadable", GDPR, "FR", {"{'updated':'today'," YES "}"}, "-c ask=expired found=bad_date", 0},
        {"a day without a time", GDPR, "FR", {"{'updated':'2026-03-20'," YES "}"}, "-c ask=expired found=bad_date", 0},
        {"a day ahead", GDPR, "FR", {AT(-86400, YES)}, "c ask=complete dates days=366 -found=future_date", 0},
        {"a day and a second", GDPR, "FR", {AT(-86401, YES)}, "-c ask=expired found=future_date", 0},
        {"less allowed", WITH("", ",'consentpy':{'clockSkewSeconds':10}"), "FR", {AT(-11, YES)}, "-c ask=expired", 0},
        {"none allowed", WITH("", ",'consentpy':{'clockSkewSeconds':0}"), "FR", {AT(-1, YES)}, "-c ask=expired", 0},
        {"none needed", WITH("", ",'consentpy':{'clockSkewSeconds':0}"), "FR", {AT(0, YES)}, "c", 0},
        {"a negative one is ignored", WITH("", ",'consentpy':{'clockSkewSeconds':-5}"), "FR", {AT(-86400, YES)}, "c", 0},
        {"more than all time", WITH("", ",'consentpy':{'clockSkewSeconds':1e300}"), "FR", {AT(-900000000, YES)}, "c", 0},
        {"the window of a token ahead", WITH("", "," DAYS30), "FR", {AT(-60, "'purposes':{'enabled':['p']}")},
         "ask=within-window", 0},
    };
    CHECK_ROWS(rows);
}

/* ------------------------------------------------------------------------- R8 */

TEST(r8_contradictions) {
    static const row rows[] = {
        {"within a token", GDPR, "FR",
         {AT(60, "'vendors':{'enabled':['c:c','c:b'],'disabled':['c:c']},'purposes':{'enabled':['p']}")},
         "-c vc:c=0 vc:b=1 found=contradiction", 0},
        {"between bases there is none", GDPR, "FR",
         {AT(60, "'purposes':{'enabled':['p']},'purposes_li':{'disabled':['p']}")}, "pc:p=1 pl:p=0 -found=contradiction", 0},
        {"two tokens: what both allow", GDPR, "FR", {AT(60, YES), AT(90, "'vendors':{'enabled':['c:c']},'purposes':{'enabled':['p']}")},
         "c -l -b vl:l=? user=u90 found=several_cookies", 0},
        {"two tokens: what one refuses", GDPR, "FR", {AT(60, YES), AT(90, YES ",'x':0"), AT(30, NO)}, "-c -l vc:c=0 pl:q=0", 0},
        {"the order does not matter", GDPR, "FR", {AT(30, NO), AT(60, YES)}, "-c vc:c=0 user=u60", 0},
        {"an expired one does not count", GDPR, "FR", {AT(40000000, "'version':2"), AT(60, YES)}, "c l b user=u60 ask=complete", 0},
        {"but its refusal does", GDPR, "FR", {AT(40000000, "'purposes':{'disabled':['p']}"), AT(60, YES)},
         "-c l -+p pc:p=0 user=u60", 0},
        {"all expired", GDPR, "FR", {AT(40000000, NO), AT(50000000, YES)}, "-c vc:c=? ask=expired user=u50000000 -dates", 0},
        {"an unreadable one beside", GDPR, "FR", {"!x", AT(60, YES)}, "c found=bad_base64", 0},
        {"the shortest life of them", WITH(SHORT, ""), "FR", {AT(60, YES), AT(61, DENIED)}, "-c l dates", 0},
        {"empty", GDPR, "FR", {"!"}, "-c ask=no-choice found=empty user=", 0},
        {"a list that is none spoils the whole", GDPR, "FR", {AT(60, YES ",'purposes':[]")}, "-c found=duplicate_key", 0},
        {"a field that is no text", GDPR, "FR", {"{'updated':'@60','user_id':7," YES "}"}, "-c found=wrong_type", 0},
        {"escapes mean what they say", GDPR, "FR",
         {AT(60, "'vendors':{'enabled':['\\u0063:c','c:\\u0063']},'purposes':{'enabled':['\\u0070']}")}, "c +p", 0},
        {"escapes hide no refusal", GDPR, "FR",
         {AT(60, "'vendors':{'enabled':['c:c'],'disabled':['\\u0063\\u003a\\u0063']},'purposes':{'enabled':['p']}")}, "-c", 0},
    };
    CHECK_ROWS(rows);
    /* at most four are read */
    const char *tokens[] = {AT(1, YES), AT(2, YES), AT(3, YES), AT(4, YES), AT(5, NO), NULL};
    cns_config *config = WORLD(GDPR);
    cns_status *s = status_of(notice_at(config, "FR"), tokens, NULL, cns_alloc_default(), NULL);
    uint32_t numbers[16];
    cns_gate gate = gate_of(config, "c", NULL, numbers);
    CHECK(cns_status_allows(s, &gate) && has_finding(s, "too_many_cookies"));
    cns_status_free(s);
    tokens[3] = AT(5, NO);
    s = status_of(notice_at(config, "FR"), tokens, NULL, cns_alloc_default(), NULL);
    CHECK(!cns_status_allows(s, &gate));
    cns_status_free(s);
    cns_config_free(config);
}

/* ------------------------------------------------------------- R10, R11: opt-out */

#define OBJECT "'purposes_li':{'disabled':['p']}"

TEST(r10_opt_out) {
    static const row rows[] = {
        {"a new visitor", US, "US_CA", {NULL}, "c l b e +p +q +u -nobody -+nothing ask=opt-out -partial vl:c=1 pl:p=1 vc:c=? pc:p=? pair:p,c=?", 0},
        {"an objection to a purpose", US, "US_CA", {AT(60, OBJECT)}, "-c l -b -+p +q pl:p=0 full:c=? vl:c=1", 0},
        {"an objection to a vendor", US, "US_CA", {AT(60, "'vendors_li':{'disabled':['c:c']}")}, "-c b +p vl:c=0", 0},
        {"an essential one stands", US, "US_CA", {AT(60, "'purposes_li':{'disabled':['ess']},'vendors_li':{'disabled':['c:e']}")},
         "e +ess vl:e=1", 0},
        {"lists on consent say nothing", US, "US_CA", {AT(60, "'purposes':{'disabled':['p']}")}, "c +p", 0},
        {"a vendor added later", US, "US_CA", {AT(60, "'vendors_li':{'enabled':['c:l']},'purposes_li':{'enabled':['q']}")}, "c l b", 0},
        {"no age lifts an objection", US, "US_CA", {AT(40000000, OBJECT)}, "-c -+p ask=opt-out", 0},
        {"nor a missing date", US, "US_CA", {"{" OBJECT "}"}, "-c -+p", 0},
        {"nor one ahead", US, "US_CA", {AT(-900000, OBJECT)}, "-c -+p", 0},
        {"nor ignoreConsentBefore", US_(BEFORE("@10")), "US_CA", {AT(60, OBJECT)}, "-c -+p", 0},
        {"nor another cookie", US, "US_CA", {AT(60, YES), AT(40000000, OBJECT)}, "-c -+p l", 0},
        {"unreadable is a refusal", US, "US_CA", {"!x"}, "-c -l -b e -+p +ess pl:p=0 vl:c=0 ask=opt-out", 0},
        {"empty too", US, "US_CA", {"!"}, "-c e", 0},
        {"even beside a readable one", US, "US_CA", {AT(60, YES), "!x"}, "-c -l e", 0},
        {"and a value that is no text", US, "US_CA", {NULL}, "-c e found=not_text", NOT_TEXT},
        {"and a header that was cut", US, "US_CA", {NULL}, "-c e found=header_too_long", CUT},
        {"even where a token came before the cut", US, "US_CA", {AT(60, YES)}, "-c e found=header_too_long", CUT},
        {"a bot has no advantage", US_(",'user':{'bots':{'consentRequired':false}}"), "US_CA", {AT(60, OBJECT)},
         "-c l ask=bot", BOT},
    };
    CHECK_ROWS(rows);
}

#define CHOSEN "{'created':'@90','updated':'@60','purposes_li':{'enabled':['p','q']}}"

TEST(r11_gpc) {
    static const row rows[] = {
        {"always", US, "US_CA", {NULL}, "-c -l -b e -+p +ess pl:p=0", GPC},
        {"whatever was chosen", US, "US_CA", {CHOSEN}, "-c -+p", GPC},
        {"not where chosen", US_(",'consentpy':{'gpc':'unless_explicit'}"), "US_CA", {CHOSEN}, "c +p", GPC},
        {"a first token is no choice", US_(",'consentpy':{'gpc':'unless_explicit'}"), "US_CA",
         {AT(60, "'purposes_li':{'enabled':['p','q']}")}, "-c -+p", GPC},
        {"a choice too old", US_(",'consentpy':{'gpc':'unless_explicit'}"), "US_CA",
         {"{'created':'@50000000','updated':'@40000000','purposes_li':{'enabled':['p']}}"}, "-c", GPC},
        {"off", US_(",'consentpy':{'gpc':'off'}"), "US_CA", {NULL}, "c +p", GPC},
        {"anything else is always", US_(",'consentpy':{'gpc':'OFF'}"), "US_CA", {NULL}, "-c", GPC},
        {"no effect under gdpr", US, "FR", {AT(60, YES)}, "c +p", GPC},
        {"without the signal", US, "US_CA", {CHOSEN}, "c", 0},
    };
    CHECK_ROWS(rows);
}

/* ------------------------------------------------------------- R13, R14: the rest */

TEST(r13_essential) {
    static const row rows[] = {
        {"always, whatever is stored", GDPR, "FR", {AT(60, "'vendors':{'disabled':['c:e']},'purposes':{'disabled':['ess']}")},
         "e +ess e+ess pc:ess=1 full:e=1", 0},
        {"an IAB purpose cannot be", GDPR, "FR", {NULL}, "-+cookies", 0},
        {"unless listed", "{" APP("") "}", "FR", {NULL}, "-e -+ess", 0},
        {"a vendor with another purpose beside", WITH(",'purposes':[]", ",'configByCountry':{'FR':{'app':{'vendors':{'custom':["
         "{'id':'e','purposeIds':['ess','p']}]}}}}"), "FR", {NULL}, "-e +ess", 0},
        {"known, so complete", GDPR, "FR", {AT(60, YES)}, "e ask=complete", 0},
    };
    CHECK_ROWS(rows);
    /* what is no custom purpose is not essential, whatever the list says */
    cns_config *config = WORLD(GDPR, "{'app':{'customPurposes':[{'id':'p'}]}}");
    uint32_t numbers[16];
    cns_status *s = status_of(notice_at(config, "FR"), (const char *const[]){NULL}, NULL, cns_alloc_default(), NULL);
    cns_gate gate = gate_of(config, "e", NULL, numbers);
    CHECK(!cns_status_allows(s, &gate));
    cns_status_free(s);
    cns_config_free(config);
}

#define EXEMPT WITH("", ",'user':{'bots':{'consentRequired':false}}")

TEST(r14_bots) {
    static const row rows[] = {
        {"exempt", EXEMPT, "FR", {NULL}, "c l b e +p +u -nobody ask=bot -partial", BOT},
        {"not by default", GDPR, "FR", {NULL}, "-c -l ask=no-choice", BOT},
        {"not without being one", EXEMPT, "FR", {NULL}, "-c ask=no-choice", 0},
        {"before everywhere", "{" APP(ESS ",'gdprAppliesGlobally':true") ",'user':{'bots':{'consentRequired':false}}}", "JP",
         {NULL}, "c ask=bot", BOT},
        {"where no law applies there is no bot", EXEMPT, "JP", {NULL}, "c ask=not-required", BOT},
        {"0 is not false", WITH("", ",'user':{'bots':{'consentRequired':0}}"), "FR", {NULL}, "-c", BOT},
    };
    CHECK_ROWS(rows);
}

/* clang-format on */

int main(void) {
    RUN(r1_allows);
    RUN(tri_states);
    RUN(r3_no_law);
    RUN(r4_expiry);
    RUN(r5_window);
    RUN(r6_ignore_before);
    RUN(r7_dates);
    RUN(r8_contradictions);
    RUN(r10_opt_out);
    RUN(r11_gpc);
    RUN(r13_essential);
    RUN(r14_bots);
    return harness_end();
}
