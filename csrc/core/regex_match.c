/* regex_match.c - a program over a subject: a set of places, one step a unit. */
#include "regex.h"

size_t cns_regex_units(uint16_t *out, size_t cap, const char *text, size_t len, bool cut) {
    size_t at = 0, count = 0;
    while (at < len && count < cap) {
        unsigned char c = (unsigned char)text[at];
        size_t size = c < 0xC2 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 1;
        if (cut && size > len - at)
            break;
        if (c < 0x80) {
            out[count++] = c;
            at++;
            continue;
        }
        if (size == 1 || size > len - at || cns_utf8_prefix(text + at, size) != size) {
            out[count++] = 0xFFFD;
            at++;
            continue;
        }
        uint32_t code = c & (0x7Fu >> size);
        for (size_t i = 1; i < size; i++)
            code = code << 6 | ((unsigned char)text[at + i] & 63u);
        at += size;
        if (code < 0x10000) {
            out[count++] = (uint16_t)code;
        } else {
            out[count++] = (uint16_t)(0xD7C0 + (code >> 10));
            if (count < cap)
                out[count++] = (uint16_t)(0xDC00 + (code & 0x3FF));
        }
    }
    return count;
}

typedef struct search {
    const cns_regex *regex;
    const uint16_t *units;
    size_t count;
    bool whole;
    uint16_t seen[CNS_REGEX_PROGRAM]; /* the position + 1 at which a place was entered last */
    uint16_t stack[CNS_REGEX_PROGRAM];
} search;

static bool is_word(uint16_t unit) {
    return unit < 0x80 && (cns_is_alpha((char)unit) || cns_is_digit((char)unit) || unit == '_');
}

/* Does an assertion hold before unit `at`? */
static bool holds(const search *s, cns_regex_op op, size_t at) {
    if (op == CNS_REGEX_START)
        return at == 0;
    if (at == s->count && !s->whole)
        return false; /* nobody knows what comes next */
    if (op == CNS_REGEX_END)
        return at == s->count;
    bool edge = (at > 0 && is_word(s->units[at - 1])) != (at < s->count && is_word(s->units[at]));
    return edge == (op == CNS_REGEX_EDGE);
}

/* Adds what can be reached from `place` without a unit to the list; true when that
 * is the end of the program. Each place is entered once a position. */
static bool enter(search *s, uint32_t place, size_t at, uint16_t *list, uint32_t *used) {
    uint16_t mark = (uint16_t)(at + 1);
    uint32_t waiting = 0;
    s->stack[waiting++] = (uint16_t)place;
    while (waiting) {
        place = s->stack[--waiting];
        for (bool on = true; on && s->seen[place] != mark;) {
            cns_regex_step step = s->regex->steps[place];
            s->seen[place] = mark;
            switch ((cns_regex_op)step.op) {
            case CNS_REGEX_MATCH:
                return true;
            case CNS_REGEX_SPLIT:
                s->stack[waiting++] = (uint16_t)cns_regex_goal(place, step);
                place++;
                break;
            case CNS_REGEX_JUMP:
                place = cns_regex_goal(place, step);
                break;
            case CNS_REGEX_START:
            case CNS_REGEX_END:
            case CNS_REGEX_EDGE:
            case CNS_REGEX_INNER:
                on = holds(s, (cns_regex_op)step.op, at);
                place++;
                break;
            case CNS_REGEX_UNIT:
            case CNS_REGEX_ANY:
            case CNS_REGEX_CLASS:
                list[(*used)++] = (uint16_t)place;
                on = false;
                break;
            }
        }
    }
    return false;
}

static bool takes(const cns_regex *regex, cns_regex_step step, uint16_t unit) {
    switch ((cns_regex_op)step.op) {
    case CNS_REGEX_UNIT:
        return unit == step.arg;
    case CNS_REGEX_ANY:
        return unit != '\n' && unit != '\r' && unit != 0x2028 && unit != 0x2029;
    default:
        return cns_regex_in_class(&regex->classes[step.arg], regex->ranges, unit);
    }
}

/* Can a match begin before unit `at`, which is not the first? */
static bool may_begin(const search *s, size_t at) {
    const cns_regex *regex = s->regex;
    if (regex->may_be_empty)
        return true;
    if (at == s->count)
        return false;
    uint16_t unit = s->units[at];
    return unit < 0x80 ? (regex->begins[unit >> 6] >> (unit & 63)) & 1 : regex->begins_above;
}

bool cns_regex_search(const cns_regex *regex, const uint16_t *units, size_t count, bool whole) {
    search s;
    s.regex = regex;
    s.units = units;
    s.count = count;
    s.whole = whole;
    memset(s.seen, 0, regex->size * sizeof *s.seen);
    uint16_t lists[2][CNS_REGEX_PROGRAM];
    uint32_t used = 0;
    for (size_t at = 0;; at++) {
        uint16_t *now = lists[at & 1], *next = lists[~at & 1];
        if ((at == 0 || may_begin(&s, at)) && enter(&s, 0, at, now, &used))
            return true;
        if (at == count)
            return false;
        uint32_t places = used;
        used = 0;
        for (uint32_t i = 0; i < places; i++)
            if (takes(regex, regex->steps[now[i]], units[at]) &&
                enter(&s, now[i] + 1u, at + 1, next, &used))
                return true;
    }
}
