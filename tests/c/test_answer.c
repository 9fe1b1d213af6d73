/* test_answer.c - answers of visitors as tokens, user ids, and choices from an address. */
#include "../../csrc/core/token.h"
#include "../../csrc/core/user_id.h"
#include "world.h"

/* `b` on consent of p and on interest of q, `l` on interest of q, `e` essential only. */
#define APP                                                                                        \
    "'app':{'vendors':{'custom':[{'id':'b','purposeIds':['p'],'legIntPurposeIds':['q']},"          \
    "{'id':'l','legIntPurposeIds':['q']},{'id':'e','purposeIds':['ess']}]},"                       \
    "'customPurposes':[{'id':'p'},{'id':'q'},{'id':'ess'}],'essentialPurposes':['ess']}"
#define LAWS ",'regulations':{'gdpr':{'enabled':true},'cpra':{'enabled':true}}"
#define ON ",'user':{'externalConsent':{'enabled':true}}"

static const unsigned char dice[CNS_ANSWER_RANDOM] = {0x10, 0x32, 0x54, 0x76, 0x98, 0xBA, 0xDC,
                                                      0xFE, 0x10, 0x32, 0x54, 0x76, 0x98};

/* A visit with tokens, ended by NULL; close_visit() frees its values. */
typedef struct guest {
    cns_visit visit;
    cns_text cookies[8];
    char *values[8];
} guest;

static guest *open_visit(guest *g, const char *const *tokens) {
    memset(g, 0, sizeof *g);
    g->visit.now = NOW * SECONDS;
    g->visit.cookies = g->cookies;
    for (size_t i = 0; tokens[i]; i++) {
        g->values[i] = cookie_of(tokens[i], &g->cookies[i].len);
        g->cookies[i].text = g->values[i];
        g->visit.cookie_count++;
    }
    return g;
}

static void close_visit(guest *g) {
    for (size_t i = 0; i < g->visit.cookie_count; i++)
        free(g->values[i]);
}

/* The JSON inside a cookie value, to be freed; quotes become single ones. */
static char *json_of(const char *value, size_t len) {
    char *json = malloc(CNS_BASE64_ROOM(len) + 1);
    if (!json)
        exit(2);
    long size = cns_base64_read((unsigned char *)json, value, len);
    CHECK(size >= 0);
    json[size < 0 ? 0 : size] = '\0';
    for (char *at = json; *at; at++)
        *at = *at == '"' ? '\'' : *at;
    return json;
}

static cns_choice choice_of(const cns_config *config, const char *word) {
    bool agreed = *word != '-', li = strchr(word, '!') != NULL;
    const char *id = word + !agreed;
    size_t len = strlen(id) - li;
    uint32_t vendor = cns_config_vendor(config, id, len);
    cns_choice choice = {.vendor = vendor != CNS_NO_ID, .li_only = li, .agreed = agreed};
    choice.number = choice.vendor ? vendor : cns_config_purpose(config, id, len);
    return choice;
}

/* `set b -p !q` is a set (`x!`: legitimate interest alone), else `agree`, `deny`, `deny-li`
 * (not to it), `deny+li`. `want` is what the token has between its dates and its version, or
 * NULL when nothing is written. */
typedef struct row {
    const char *name, *place, *tokens[4], *answer, *want;
} row;

static void run_row(cns_config *config, const row *r) {
    guest g;
    char words[200];
    cns_written written;
    cns_choice choices[8];
    cns_answer answer = {.choices = choices, .legitimate_interest = CNS_UNKNOWN};
    harness.label = r->name;
    open_visit(&g, r->tokens);
    (void)snprintf(words, sizeof words, "%s", r->answer);
    memcpy(answer.random, dice, sizeof dice);
    answer.kind = strncmp(words, "agree", 5) == 0  ? CNS_AGREE
                  : strncmp(words, "deny", 4) == 0 ? CNS_DISAGREE
                                                   : CNS_SET;
    if (words[4] == '+' || (words[4] == '-' && answer.kind == CNS_DISAGREE))
        answer.legitimate_interest = words[4] == '+' ? CNS_YES : CNS_NO;
    if (answer.kind == CNS_SET) {
        (void)strtok(words, " ");
        for (char *word; (word = strtok(NULL, " ")) != NULL;)
            choices[answer.count++] = choice_of(config, word);
    }
    const cns_notice *notice = notice_at(config, r->place);
    CHECK_INT(cns_answer_write(&written, notice, &g.visit, &answer, cns_alloc_default(), NULL),
              CNS_OK);
    CHECK((written.token != NULL) == (r->want != NULL));
    if (written.token && r->want) {
        char *json = json_of(written.token, written.token_len), *from = strstr(json, "'vendors"),
             *end;
        if (!from)
            from = strstr(json, "'purposes");
        end = strstr(json, ",'version'");
        CHECK(from && end && end > from);
        if (from && end) {
            *end = '\0';
            CHECK_TEXT(from, r->want);
        }
        free(json);
        /* the same again, on what was written, changes nothing */
        cns_text values[2];
        cns_visit second = g.visit;
        cns_written again;
        cns_written_visit(&second, &written, values);
        CHECK_INT(cns_answer_write(&again, notice, &second, &answer, cns_alloc_default(), NULL),
                  CNS_OK);
        CHECK(again.token == NULL && again.keeps_tc);
    }
    cns_written_release(&written, cns_alloc_default());
    close_visit(&g);
}

#define AT(age, lists)                                                                             \
    "{'user_id':'u" #age "','created':'@" #age "','updated':'@" #age "'," lists "}"

TEST(answers) {
    static const row rows[] = {
        {"agree to all",
         "FR",
         {NULL},
         "agree",
         "'vendors':{'enabled':['c:b','c:e']},'purposes':{'enabled':['p','q']},"
         "'vendors_li':{'enabled':['c:b','c:l']},'purposes_li':{'enabled':['q']}"},
        {"disagree",
         "FR",
         {NULL},
         "deny",
         "'vendors':{'disabled':['c:b','c:e']},'purposes':{'disabled':['p','q']},"
         "'vendors_li':{'disabled':['c:b','c:l']},'purposes_li':{'disabled':['q']}"},
        {"disagree, interest apart",
         "FR",
         {AT(60, "'vendors_li':{'disabled':['c:b']}"), NULL},
         "deny-",
         "'vendors_li':{'disabled':['c:b'],'enabled':['c:l']},'vendors':{'disabled':['c:b','c:e']},"
         "'purposes':{'disabled':['p','q']},'purposes_li':{'enabled':['q']}"},
        {"set",
         "FR",
         {NULL},
         "set b -p",
         "'vendors':{'enabled':['c:b']},'purposes':{'disabled':['p']},"
         "'vendors_li':{'enabled':['c:b']}"},
        {"interest alone, later ones count",
         "FR",
         {NULL},
         "set b -b! p -p",
         "'vendors':{'enabled':['c:b']},'purposes':{'disabled':['p']},"
         "'vendors_li':{'disabled':['c:b']}"},
        {"unchanged", "FR", {AT(60, "'vendors_li':{'enabled':['c:l']}"), NULL}, "set l", NULL},
        {"nothing", "FR", {NULL}, "set", NULL},
        {"essential", "FR", {NULL}, "set ess -ess", NULL},
        {"void under opt-in",
         "FR",
         {AT(40000000, "'vendors':{'enabled':['c:b','c:x']}"), NULL},
         "set -l",
         "'vendors_li':{'disabled':['c:l']}"},
        {"foreign ids stay",
         "FR",
         {AT(60, "'vendors':{'enabled':['c:x','c:b','c:y'],'disabled':['c:y','c:z']}"), NULL},
         "set -b",
         "'vendors':{'enabled':['c:x'],'disabled':['c:y','c:z','c:b']},"
         "'vendors_li':{'disabled':['c:b']}"},
        {"several",
         "FR",
         {AT(60, "'vendors':{'enabled':['c:b','c:x','c:y']}"),
          AT(90, "'vendors':{'enabled':['c:y','c:x','c:w'],'disabled':['c:x','c:z']}"),
          AT(40000000, "'vendors':{'disabled':['c:y','c:z']}"), NULL},
         "set q",
         "'vendors':{'disabled':['c:x','c:z','c:y']},'purposes_li':{'enabled':['q']}"},
        {"opt-out",
         "US_CA",
         {NULL},
         "set -b",
         "'vendors_li':{'enabled':['c:l','c:e'],'disabled':['c:b']},"
         "'purposes_li':{'enabled':['p','q']}"},
        {"opt-out, all",
         "US_CA",
         {NULL},
         "deny-",
         "'vendors_li':{'disabled':['c:b','c:l','c:e']},'purposes_li':{'disabled':['p','q']}"},
        {"objections never end",
         "US_CA",
         {AT(40000000, "'vendors_li':{'enabled':['c:l','c:x'],'disabled':['c:b','c:y']}"), NULL},
         "set p",
         "'vendors_li':{'enabled':['c:l','c:e'],'disabled':['c:b','c:y']},"
         "'purposes_li':{'enabled':['p','q']}"},
        {"unreadable",
         "US_CA",
         {"!?", NULL},
         "set b",
         "'vendors_li':{'enabled':['c:b','c:e'],'disabled':['c:l']},"
         "'purposes_li':{'disabled':['p','q']}"},
    };
    cns_config *config = WORLD("{" APP LAWS "}");
    for (size_t i = 0; i < LENGTH(rows); i++)
        run_row(config, &rows[i]);
    cns_config_free(config);
}

TEST(answers_that_are_refused) {
    cns_config *config = WORLD("{" APP ",'configByCountry':{'JP':{'app':{'vendors':{'custom':["
                               "{'id':'j','purposeIds':['p']}]}}}}}");
    const cns_notice *notice = notice_at(config, "FR");
    cns_choice choice = {.vendor = true, .number = CNS_NO_ID};
    cns_answer answer = {.kind = CNS_SET, .choices = &choice, .count = 1};
    cns_visit visit = {.now = NOW * SECONDS};
    for (int i = 0; i < 2; i++) {
        cns_written written;
        cns_error err = {0};
        CHECK_INT(cns_answer_write(&written, notice, &visit, &answer, cns_alloc_default(), &err),
                  CNS_E_UNKNOWN_ID);
        CHECK(written.token == NULL && written.tc == NULL && err.message[0]);
        choice.number = cns_config_vendor(config, "j", 1); /* of another country */
        CHECK(choice.number != CNS_NO_ID);
    }
    cns_config_free(config);
}

/* What keeps an answer: the value itself, and for how long. */
TEST(kept) {
    static const struct {
        const char *name, *config, *place, *tokens[4];
        long long life; /* 0: nothing is kept */
        bool verbatim;
    } rows[] = {
        {"valid", "{" APP "}", "FR", {AT(60, "'x':1"), NULL}, 31622340, true},
        {"none", "{" APP "}", "FR", {NULL}, 0, false},
        {"last second", "{" APP "}", "FR", {AT(31622399, "'x':1"), NULL}, 1, true},
        {"expired", "{" APP "}", "FR", {AT(31622400, "'x':1"), NULL}, 0, false},
        {"ahead", "{" APP "}", "FR", {AT(-60, "'x':1"), NULL}, 31622400, true},
        {"several", "{" APP "}", "FR", {AT(60, "'x':1"), AT(90, "'x':1"), NULL}, 31622310, false},
        {"beside rubbish", "{" APP "}", "FR", {AT(60, "'x':1"), "!?", NULL}, 31622340, true},
        {"refused", "{" APP LAWS "}", "US_CA", {AT(60, "'x':1"), "!?", NULL}, 0, false},
        {"elsewhere",
         "{" APP ",'cookies':{'storageSources':{'cookies':false}}}",
         "FR",
         {AT(60, "'x':1"), NULL},
         0,
         false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        guest g;
        cns_kept_cookies kept;
        harness.label = rows[i].name;
        cns_config *config = WORLD(rows[i].config);
        open_visit(&g, rows[i].tokens);
        CHECK_INT(cns_answer_keep(&kept, notice_at(config, rows[i].place), &g.visit,
                                  &(cns_keeping){.dcs = false}, cns_alloc_default(), NULL),
                  CNS_OK);
        const char *value = kept.of[CNS_COOKIE_TOKEN].text;
        size_t len = kept.of[CNS_COOKIE_TOKEN].len;
        CHECK((value != NULL) == (rows[i].life > 0));
        CHECK(!value || kept.max_age == rows[i].life);
        if (value)
            CHECK((len == g.cookies[0].len && memcmp(value, g.values[0], len) == 0) ==
                  rows[i].verbatim);
        CHECK(!kept.of[CNS_COOKIE_TC].text && !kept.of[CNS_COOKIE_DCS].text);
        cns_kept_release(&kept, cns_alloc_default());
        close_visit(&g);
        cns_config_free(config);
    }
}

TEST(own_answers_of_any_size) {
    enum { MANY = 2000 };
    char *text = malloc(64 * MANY + 400), *to = text;
    if (!text)
        exit(2);
    to += sprintf(to, "{'app':{'customPurposes':[{'id':'p'}],'vendors':{'custom':[");
    for (int i = 0; i < MANY; i++)
        to += sprintf(to, "%s{'id':'vendor-%d','purposeIds':['p']}", i ? "," : "", i);
    (void)sprintf(to, "]}}}");
    cns_config *config = WORLD(text);
    const cns_notice *notice = notice_at(config, "FR");
    cns_answer answer = {.kind = CNS_AGREE};
    cns_text values[2];
    cns_visit visit = {.now = NOW * SECONDS};
    cns_written written;
    cns_kept_cookies kept;
    cns_error err = {0};
    CHECK_INT(cns_answer_write(&written, notice, &visit, &answer, cns_alloc_default(), NULL),
              CNS_OK);
    CHECK(written.token_len > CNS_MAX_VALUE);
    cns_written_visit(&visit, &written, values);
    for (int own = 0; own < 2; own++) {
        cns_status *status = NULL;
        visit.own = own;
        CHECK_INT(cns_status_new(&status, notice, &visit, cns_alloc_default(), NULL), CNS_OK);
        CHECK_INT(cns_status_collect(status, NULL), own ? CNS_ASK_COMPLETE : CNS_ASK_NO_CHOICE);
        cns_status_free(status);
        CHECK_INT(cns_answer_keep(&kept, notice, &visit, &(cns_keeping){.dcs = false},
                                  cns_alloc_default(), &err),
                  own ? CNS_E_LIMIT : CNS_OK);
        CHECK(kept.of[CNS_COOKIE_TOKEN].text == NULL);
    }
    CHECK(strstr(err.message, "4096") != NULL);
    cns_written_release(&written, cns_alloc_default());
    cns_config_free(config);
    free(text);
}

TEST(user_ids) {
    char id[CNS_USER_ID_TEXT + 1];
    cns_user_id_write(id, NOW * SECONDS + 5000, dice);
    /* 1774000887005 is 0x19D0AB154DD */
    CHECK_TEXT(id, "19d0ab15-4dd0-6123-8567-89abcdef0123");
    cns_user_id_write(id, CNS_FIRST_WHEN, dice);
    CHECK_TEXT(id, "00000000-0000-6123-8567-89abcdef0123");
    cns_user_id_write(id, CNS_LAST_WHEN, dice);
    CHECK_INT(strlen(id), CNS_USER_ID_TEXT);
}

/* `want` as in `answers`; NULL: nothing is taken, and then `unread` tells why. */
TEST(choices_from_an_address) {
#define VALUE(json) "didomiConfig.user.externalConsent.value=" json
    static const struct {
        const char *name, *config, *place, *tokens[3], *query, *want;
        bool unread;
    } rows[] = {
        {"new form",
         "{" APP ON "}",
         "FR",
         {NULL},
         VALUE("{'purposes':{'consent':{'enabled':['p','ess','x']}},'vendors':{'consent':{'enabled'"
               ":['c:b','c:e'],'disabled':['c:e',7]},'legitimate_interest':{'disabled':['c:l']}}}"),
         "'vendors':{'enabled':['c:b'],'disabled':['c:e']},'purposes':{'enabled':['p']},"
         "'vendors_li':{'disabled':['c:l']}",
         false},
        {"old form",
         "{" APP ON "}",
         "FR",
         {AT(60, "'vendors':{'enabled':['c:l']}"), NULL},
         VALUE("{'disabledPurposesLegitimateInterests':['q'],'enabledVendors':['c:b']}"),
         "'vendors':{'enabled':['c:b']},'purposes_li':{'disabled':['q']}",
         false},
        {"off", "{" APP "}", "FR", {NULL}, VALUE("{'enabledVendors':['c:b']}"), NULL, false},
        {"wrong", "{" APP ON "}", "FR", {NULL}, VALUE("{'enabledVendors':'c:b'}"), NULL, true},
        {"text", "{" APP ON "}", "FR", {NULL}, VALUE("yes"), NULL, true},
        {"nothing", "{" APP ON "}", "FR", {NULL}, "a=b", NULL, false},
        {"null", "{" APP ON "}", "FR", {NULL}, VALUE("null"), NULL, false},
        {"objections stay",
         "{" APP LAWS ON "}",
         "US_CA",
         {AT(40000000, "'vendors_li':{'disabled':['c:b','c:x'],'enabled':['c:y']}"), NULL},
         VALUE("{'enabledVendorsLegitimateInterests':['c:b','c:l']}"),
         "'vendors_li':{'disabled':['c:b','c:x'],'enabled':['c:l']}",
         false},
        {"refusal stays",
         "{" APP LAWS ON "}",
         "US_CA",
         {"!?", NULL},
         VALUE("{'enabledVendorsLegitimateInterests':['c:b','c:l']}"),
         "'vendors_li':{'disabled':['c:b','c:l']},'purposes_li':{'disabled':['p','q']}",
         false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        guest g;
        cns_query query = {0};
        char *value = NULL;
        size_t len = 0, size;
        bool unread = false;
        harness.label = rows[i].name;
        cns_config *config = WORLD(rows[i].config);
        char *text = spelt(rows[i].query, &size);
        cns_query_add(&query, text, size);
        open_visit(&g, rows[i].tokens);
        CHECK_INT(cns_external_write(&value, &len, &unread, notice_at(config, rows[i].place),
                                     &g.visit, &query, dice, cns_alloc_default(), NULL),
                  CNS_OK);
        CHECK(unread == rows[i].unread && (value != NULL) == (rows[i].want != NULL));
        if (value && rows[i].want) {
            char *json = json_of(value, len), *from = strstr(json, "'vendors"),
                 *end = strstr(json, ",'version'");
            if (from && end)
                *end = '\0';
            CHECK_TEXT(from, rows[i].want);
            free(json);
        }
        cns_text_free(cns_alloc_default(), value, len);
        close_visit(&g);
        free(text);
        cns_config_free(config);
    }
}

/* Ids of a visitor in any number and order cost no more than sorting them. */
TEST(many_foreign_ids) {
    enum { IDS = 1500, COOKIES = 4 };
    cns_config *config = WORLD("{" APP "}");
    static char token[COOKIES][20 * IDS];
    const char *tokens[COOKIES + 1] = {NULL};
    for (int k = 0; k < COOKIES; k++) {
        char *to = token[k] + sprintf(token[k], "{'updated':'@%d','vendors':{'enabled':[", 60 + k);
        for (int i = 0; i < IDS; i++)
            to += sprintf(to, "%s'%d'", i ? "," : "", (i * 7919 + k) % IDS);
        (void)sprintf(to, "],'disabled':['%d']}}", k);
        tokens[k] = token[k];
    }
    guest g;
    cns_choice choice = choice_of(config, "b");
    cns_answer answer = {.kind = CNS_SET, .choices = &choice, .count = 1};
    cns_token_doc *doc = NULL;
    cns_written written;
    open_visit(&g, tokens);
    g.visit.own = true; /* no cookie of this size is read otherwise */
    CHECK_INT(cns_answer_write(&written, notice_at(config, "FR"), &g.visit, &answer,
                               cns_alloc_default(), NULL),
              CNS_OK);
    CHECK_INT(cns_token_doc_new(&doc, written.token, written.token_len, cns_alloc_default(), NULL),
              CNS_OK);
    /* over 4 096 bytes the foreign ones go */
    CHECK_INT(cns_token_doc_count(doc, CNS_VENDORS_ON), 1);
    cns_token_doc_free(doc);
    cns_written_release(&written, cns_alloc_default());
    close_visit(&g);
    cns_config_free(config);
}

int main(void) {
    RUN(answers);
    RUN(answers_that_are_refused);
    RUN(kept);
    RUN(own_answers_of_any_size);
    RUN(user_ids);
    RUN(choices_from_an_address);
    RUN(many_foreign_ids);
    return harness_end();
}
