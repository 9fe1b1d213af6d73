/* fuzz_bot.c - a user agent and an expression of the site's own, a line break between them: read
 * and matched within their memory, and what must not matter does not: parentheses around the
 * expression, the same one twice, a subject that goes on behind a match. */
#include "../../csrc/core/regex.h"

#include "fuzz.h"

static cns_regex_why compile(const cns_regex **out, cns_arena *arena, const char *format,
                             const char *expression, size_t len) {
    char text[4 * CNS_REGEX_TEXT], *to = text;
    for (; *format; format++)
        if (*format != '@') {
            *to++ = *format;
        } else {
            memcpy(to, expression, len);
            to += len;
        }
    *out = NULL;
    return cns_regex_compile(out, arena, text, (size_t)(to - text));
}

static void check_forms(cns_arena *arena, const cns_regex *regex, const char *expression,
                        size_t len, const uint16_t *units, size_t count) {
    static const char *const same[] = {"(?:@)", "(@)|(?:@)", "(@){1,2}", "(?:@)+?"};
    const cns_regex *other;
    bool found = cns_regex_search(regex, units, count, true);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        cns_regex_why why = compile(&other, arena, same[i], expression, len);
        FUZZ_CHECK(why == (other ? CNS_REGEX_FINE : CNS_REGEX_TOO_LONG));
        if (other)
            FUZZ_CHECK(cns_regex_search(other, units, count, true) == found);
    }
    cns_regex_why why = compile(&other, arena, "(?:@)?", expression, len);
    if (why == CNS_REGEX_FINE)
        FUZZ_CHECK(cns_regex_search(other, units, count, true));
    for (size_t part = 0; part <= count; part += count / 8 + 1)
        if (cns_regex_search(regex, units, part, false))
            FUZZ_CHECK(found && cns_regex_search(regex, units, count, false));
}

static void check_expression(const char *expression, size_t len, const char *agent, size_t size) {
    fuzz_memory memory = {0, 262144};
    cns_arena arena;
    const cns_regex *regex = NULL;
    uint16_t units[CNS_REGEX_SUBJECT];
    bool cut = size > CNS_REGEX_SUBJECT;
    cns_arena_init(&arena, (cns_alloc){fuzz_resize, &memory});
    cns_regex_why why = cns_regex_compile(&regex, &arena, expression, len);
    FUZZ_CHECK((why == CNS_REGEX_FINE) == (regex != NULL) && why != CNS_REGEX_NO_MEMORY);
    size_t count =
        cns_regex_units(units, CNS_REGEX_SUBJECT, agent, cut ? CNS_REGEX_SUBJECT : size, cut);
    FUZZ_CHECK(count <= size);
    if (regex)
        check_forms(&arena, regex, expression, len, units, count);
    cns_arena_release(&arena);
    FUZZ_CHECK(memory.live == 0);
}

static bool has_word(const char *agent, size_t size, const char *word) {
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= size && i + len <= CNS_REGEX_SUBJECT; i++)
        if (memcmp(agent + i, word, len) == 0)
            return true;
    return false;
}

static void check_agent(const char *agent, size_t size) {
    static const cns_notice *listed, *own, *none;
    if (!none) {
        listed = fuzz_notice(fuzz_config("{}", NULL), "FR");
        own = fuzz_notice(fuzz_config("{\"user\":{\"bots\":{\"types\":[],"
                                      "\"extraUserAgents\":[\"Exabot\"]}}}",
                                      NULL),
                          "FR");
        none = fuzz_notice(fuzz_config("{\"user\":{\"bots\":{\"types\":[]}}}", NULL), "FR");
    }
    bool word = has_word(agent, size, "Exabot");
    FUZZ_CHECK(!word || cns_notice_is_bot(listed, agent, size));
    FUZZ_CHECK(word == cns_notice_is_bot(own, agent, size));
    FUZZ_CHECK(!cns_notice_is_bot(none, agent, size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data, *end = size ? memchr(text, '\n', size) : NULL;
    size_t len = end ? (size_t)(end - text) : size;
    const char *agent = end ? end + 1 : text;
    size_t agent_size = end ? size - len - 1 : size;
    check_agent(agent, agent_size);
    if (len <= CNS_REGEX_TEXT)
        check_expression(text, len, agent, agent_size);
    return 0;
}
