/* regex.h - regular expressions as JavaScript has them, matched in linear time
 * (internal; docs/rules.md, R14).
 *
 *   text --compile--> program --search--> is there a match anywhere?
 *
 *   a(b|c)*d     0 UNIT a            The program is Thompson's: a set of places in
 *                1 SPLIT +6          it is carried over the subject, one step a
 *                2 SPLIT +3          unit, so time is (units of the subject) x
 *                3 UNIT b            (instructions) whatever both are, and memory
 *                4 JUMP +2           is a few bytes an instruction, all of it on
 *                5 UNIT c            the stack.
 *                6 JUMP -5
 *                7 UNIT d
 *                8 MATCH
 *
 * What is read is `new RegExp(text)` without flags, as browsers do: pattern and
 * subject are UTF-16 units, case counts, `$` holds at the very end only, `\d`, `\w`
 * and `\b` are ASCII, `\s` is JavaScript's own list, `{`, `]` and `}` that open or
 * close nothing stand for themselves. Left out, because no automaton does them or
 * no name is needed: back references and octal escapes, lookaround, named groups.
 */
#ifndef CNS_REGEX_H
#define CNS_REGEX_H

#include "arena.h"
#include "text.h"

#define CNS_REGEX_TEXT 512u     /* bytes of an expression */
#define CNS_REGEX_PROGRAM 1024u /* instructions of an expression */
#define CNS_REGEX_SUBJECT 1024u /* units of a subject */

typedef enum cns_regex_op {
    CNS_REGEX_UNIT,  /* arg: the unit */
    CNS_REGEX_ANY,   /* everything but a line terminator */
    CNS_REGEX_CLASS, /* arg: number of the class */
    CNS_REGEX_SPLIT, /* goes on at the next one and at the one `arg` away */
    CNS_REGEX_JUMP,  /* goes on at the one `arg` away */
    CNS_REGEX_START,
    CNS_REGEX_END,
    CNS_REGEX_EDGE, /* \b */
    CNS_REGEX_INNER,
    CNS_REGEX_MATCH
} cns_regex_op;

typedef struct cns_regex_step {
    uint16_t op;
    uint16_t arg; /* distances are an int16_t in here */
} cns_regex_step;

/* Where a SPLIT or JUMP that stands at `at` leads. */
static inline uint32_t cns_regex_goal(uint32_t at, cns_regex_step step) {
    return (uint32_t)((int32_t)at + (int16_t)step.arg);
}

typedef struct cns_regex_range {
    uint16_t low, high;
} cns_regex_range;

/* A set of units: bits below 0x80, sorted ranges above. */
typedef struct cns_regex_class {
    uint64_t ascii[2]; /* negation done */
    uint16_t first, count;
    bool negated;
} cns_regex_class;

typedef struct cns_regex {
    const cns_regex_step *steps;
    const cns_regex_class *classes;
    const cns_regex_range *ranges;
    uint32_t size; /* steps */
    /* what a match that does not begin at 0 can begin with */
    uint64_t begins[2];
    bool begins_above; /* with some unit from 0x80 on */
    bool may_be_empty; /* a match may consume nothing */
} cns_regex;

typedef enum cns_regex_why {
    CNS_REGEX_FINE,
    CNS_REGEX_INVALID,     /* JavaScript refuses it as well */
    CNS_REGEX_UNSUPPORTED, /* back reference, octal escape, lookaround, named group */
    CNS_REGEX_TOO_LONG,    /* over one of the limits, when written or when expanded */
    CNS_REGEX_NO_MEMORY
} cns_regex_why;

/* Compiles UTF-8 text; *out lives in the arena and is set only when it is fine. Takes
 * time in proportion to len x CNS_REGEX_PROGRAM at most. */
cns_regex_why cns_regex_compile(const cns_regex **out, cns_arena *arena, const char *text,
                                size_t len);

/* UTF-16 units of a text, at most `cap`: returns how many. Bytes that are not UTF-8
 * are U+FFFD each. `cut`: the text goes on behind len, so a character that lacks
 * bytes there is left out. */
size_t cns_regex_units(uint16_t *out, size_t cap, const char *text, size_t len, bool cut);

/* Is there a match anywhere in the units (at most CNS_REGEX_SUBJECT)? Without
 * `whole` the subject goes on behind them: nothing that looks at its end matches. */
bool cns_regex_search(const cns_regex *regex, const uint16_t *units, size_t count, bool whole);

static inline bool cns_regex_in_class(const cns_regex_class *c, const cns_regex_range *ranges,
                                      uint16_t unit) {
    if (unit < 0x80)
        return (c->ascii[unit >> 6] >> (unit & 63)) & 1;
    uint32_t low = c->first, high = low + c->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (ranges[middle].high < unit)
            low = middle + 1;
        else
            high = middle;
    }
    bool in = low < (uint32_t)c->first + c->count && ranges[low].low <= unit;
    return in != c->negated;
}

#endif
