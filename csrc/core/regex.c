/* regex.c - the text of a regular expression becomes a program.
 *
 * One pass and no recursion: open groups are frames on a stack. Code is written in
 * place and every distance is relative, so that a piece of it can be moved (to put
 * a SPLIT before it) and copied (to repeat it) as it is.
 */
#include "regex.h"

#define MANY UINT32_MAX /* no upper bound of a repetition */
#define NOTHING UINT32_MAX
#define MOST_RANGES 1024u
#define MOST_CLASSES 256u /* one takes two units of text at least */

/* An open group; the whole expression is the outermost one. */
typedef struct frame {
    uint16_t begin;   /* its first step */
    uint16_t branch;  /* the first step of the alternative that is being read */
    uint16_t pending; /* last JUMP to the group's end + 1; it names the one before */
} frame;

typedef struct reader {
    uint16_t units[CNS_REGEX_TEXT];
    uint32_t at, end;
    cns_regex_step steps[CNS_REGEX_PROGRAM];
    uint32_t used;
    uint32_t last; /* the piece that a repetition would take, or NOTHING */
    frame frames[CNS_REGEX_TEXT + 1];
    uint32_t depth;
    cns_regex_class classes[MOST_CLASSES];
    uint32_t class_count;
    cns_regex_range ranges[MOST_RANGES];
    uint32_t range_count;
    uint8_t named[6]; /* class + 1 of \d \D \w \W \s \S alone, once there is one */
    cns_regex_why why;
} reader;

static bool fail(reader *r, cns_regex_why why) {
    if (r->why == CNS_REGEX_FINE)
        r->why = why;
    return false;
}

static bool next_is(const reader *r, char c) {
    return r->at < r->end && r->units[r->at] == (unsigned char)c;
}

static bool take(reader *r, char c) {
    bool there = next_is(r, c);
    r->at += there;
    return there;
}

/* -------------------------------------------------------------------- code */

static bool emit(reader *r, cns_regex_op op, uint32_t arg) {
    if (r->used == CNS_REGEX_PROGRAM)
        return fail(r, CNS_REGEX_TOO_LONG);
    r->steps[r->used].op = (uint16_t)op;
    r->steps[r->used++].arg = (uint16_t)arg;
    return true;
}

/* One that consumes a unit, and may be repeated. */
static bool atom(reader *r, cns_regex_op op, uint32_t arg) {
    r->last = r->used;
    return emit(r, op, arg);
}

/* One that looks only; what follows it has nothing to repeat. */
static bool look(reader *r, cns_regex_op op) {
    r->last = NOTHING;
    return emit(r, op, 0);
}

/* Room for `count` copies of the steps from `from` on, and `more` steps. */
static bool room(reader *r, uint32_t length, uint32_t count, uint32_t more) {
    return (uint64_t)length * count + more <= CNS_REGEX_PROGRAM - r->used ||
           fail(r, CNS_REGEX_TOO_LONG);
}

static void copy(reader *r, uint32_t from, uint32_t length, uint32_t count) {
    for (; count; count--, r->used += length)
        memcpy(&r->steps[r->used], &r->steps[from], length * sizeof *r->steps);
}

/* A SPLIT before the steps from `from` on, to the one `distance` away. */
static bool split_before(reader *r, uint32_t from, uint32_t distance) {
    if (!emit(r, CNS_REGEX_SPLIT, distance))
        return false;
    cns_regex_step split = r->steps[r->used - 1];
    memmove(&r->steps[from + 1], &r->steps[from], (r->used - 1 - from) * sizeof split);
    r->steps[from] = split;
    return true;
}

/* The last piece `least` to `most` times. Greedy or lazy: the same texts match. */
static bool repeat(reader *r, uint32_t least, uint32_t most) {
    uint32_t from = r->last, length = r->used - from;
    r->last = NOTHING;
    if (length == 0)
        return true; /* an empty group, as often as you like */
    if (most == 0) {
        r->used = from;
        return true;
    }
    if (least == 0 && most == MANY)
        return split_before(r, from, length + 2) && emit(r, CNS_REGEX_JUMP, 0u - (length + 1));
    if (most == MANY) {
        if (!room(r, length, least - 1, 1))
            return false;
        copy(r, from, length, least - 1);
        return emit(r, CNS_REGEX_SPLIT, 0u - length);
    }
    if (least == 0) { /* (?:piece)? as often as allowed */
        if (!split_before(r, from, length + 1) || !room(r, length + 1, most - 1, 0))
            return false;
        copy(r, from, length + 1, most - 1);
        return true;
    }
    if (!room(r, length, least - 1, 0))
        return false;
    copy(r, from, length, least - 1);
    if (most > least) {
        uint32_t optional = r->used;
        if (!room(r, length + 1, most - least, 0))
            return false;
        (void)emit(r, CNS_REGEX_SPLIT, length + 1);
        copy(r, from, length, 1);
        copy(r, optional, length + 1, most - least - 1);
    }
    return true;
}

/* ------------------------------------------------------------------ classes */

static bool add_range(reader *r, cns_regex_class *c, uint32_t low, uint32_t high) {
    for (; low <= high && low < 0x80; low++)
        c->ascii[low >> 6] |= (uint64_t)1 << (low & 63);
    if (low > high)
        return true;
    if (r->range_count == MOST_RANGES)
        return fail(r, CNS_REGEX_TOO_LONG);
    r->ranges[r->range_count++] = (cns_regex_range){(uint16_t)low, (uint16_t)high};
    c->count++;
    return true;
}

static const char set_names[] = "dDwWsS";

/* The set of \d, \D, \w, \W, \s or \S. */
static bool add_set(reader *r, cns_regex_class *c, uint16_t name) {
    static const cns_regex_range digits[] = {{'0', '9'}},
                                 words[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}},
                                 blanks[] = {{9, 13},          {' ', ' '},       {0xA0, 0xA0},
                                             {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029},
                                             {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
                                             {0xFEFF, 0xFEFF}};
    static const struct {
        const cns_regex_range *ranges;
        size_t count;
    } sets[] = {{digits, 1}, {words, 4}, {blanks, sizeof blanks / sizeof *blanks}};
    size_t which = (size_t)(strchr(set_names, name) - set_names);
    const cns_regex_range *at = sets[which / 2].ranges, *end = at + sets[which / 2].count;
    bool others = which % 2;
    uint32_t from = 0;
    for (; at < end; at++) {
        if (others ? at->low > from && !add_range(r, c, from, at->low - 1u)
                   : !add_range(r, c, at->low, at->high))
            return false;
        from = at->high + 1u;
    }
    return !others || add_range(r, c, from, 0xFFFF);
}

static cns_regex_class *open_class(reader *r) {
    if (r->class_count == MOST_CLASSES) {
        (void)fail(r, CNS_REGEX_TOO_LONG);
        return NULL;
    }
    cns_regex_class *c = &r->classes[r->class_count++];
    memset(c, 0, sizeof *c);
    c->first = (uint16_t)r->range_count;
    return c;
}

/* Sorts and joins the ranges, so that one look-up is a binary search. */
static void close_class(reader *r, cns_regex_class *c) {
    cns_regex_range *ranges = r->ranges + c->first;
    for (uint32_t i = 1; i < c->count; i++) {
        cns_regex_range moved = ranges[i];
        uint32_t k = i;
        for (; k && ranges[k - 1].low > moved.low; k--)
            ranges[k] = ranges[k - 1];
        ranges[k] = moved;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        if (kept && ranges[i].low <= ranges[kept - 1].high + 1u) {
            if (ranges[i].high > ranges[kept - 1].high)
                ranges[kept - 1].high = ranges[i].high;
        } else {
            ranges[kept++] = ranges[i];
        }
    }
    c->count = (uint16_t)kept;
    r->range_count = c->first + kept;
    if (c->negated) {
        c->ascii[0] = ~c->ascii[0];
        c->ascii[1] = ~c->ascii[1];
    }
}

/* ------------------------------------------------------------------ escapes */

static bool is_set(uint16_t unit) {
    return unit && unit < 0x80 && strchr(set_names, unit) != NULL;
}

/* `digits` hexadecimal digits, taken if they are there. */
static bool hexadecimal(reader *r, uint32_t digits, uint16_t *unit) {
    int value = 0;
    if (r->end - r->at < digits)
        return false;
    for (uint32_t i = 0; i < digits; i++) {
        uint16_t u = r->units[r->at + i];
        int digit = u < 0x80 ? cns_hex_digit((char)u) : -1;
        if (digit < 0)
            return false;
        value = value << 4 | digit;
    }
    r->at += digits;
    *unit = (uint16_t)value;
    return true;
}

/* What an escape stands for where it stands for one unit; r->at is behind the
 * backslash, and something follows. */
static bool escaped(reader *r, bool in_class, uint16_t *unit) {
    static const char controls[] = "tnvfr";
    static const char meant[] = {9, 10, 11, 12, 13};
    uint16_t u = r->units[r->at++];
    *unit = u; /* most stand for themselves */
    if (u == 0 || u >= 0x80)
        return true;
    const char *control = strchr(controls, u);
    if (control) {
        *unit = (uint16_t)meant[control - controls];
    } else if (u == 'x') {
        (void)hexadecimal(r, 2, unit);
    } else if (u == 'u') {
        (void)hexadecimal(r, 4, unit);
    } else if (u == 'b' && in_class) {
        *unit = 8;
    } else if (u == 'c') {
        uint16_t letter = r->at < r->end ? r->units[r->at] : 0;
        if (letter < 0x80 && cns_is_alpha((char)letter)) {
            *unit = letter & 31;
            r->at++;
        } else if (in_class) {
            return fail(r, CNS_REGEX_UNSUPPORTED);
        } else {
            *unit = '\\'; /* and the c comes next */
            r->at--;
        }
    } else if (u == 'k' || cns_is_digit((char)u)) {
        bool more = r->at < r->end && r->units[r->at] < 0x80 && cns_is_digit((char)r->units[r->at]);
        if (u != '0' || more)
            return fail(r, CNS_REGEX_UNSUPPORTED);
        *unit = 0;
    }
    return true;
}

/* One member of a class: a unit, or a set by its name in *set (else 0). */
static bool class_member(reader *r, uint16_t *unit, uint16_t *set) {
    *set = 0;
    if (r->at == r->end)
        return fail(r, CNS_REGEX_INVALID);
    *unit = r->units[r->at++];
    if (*unit != '\\')
        return true;
    if (r->at == r->end)
        return fail(r, CNS_REGEX_INVALID);
    if (!is_set(r->units[r->at]))
        return escaped(r, true, unit);
    *set = r->units[r->at++];
    return true;
}

/* Behind the opening bracket. */
static bool read_class(reader *r) {
    cns_regex_class *c = open_class(r);
    if (!c)
        return false;
    c->negated = take(r, '^');
    while (!take(r, ']')) {
        uint16_t low, high, set, other;
        if (!class_member(r, &low, &set))
            return false;
        bool range = next_is(r, '-') && r->at + 1 < r->end && r->units[r->at + 1] != ']';
        if (!range) {
            if (set ? !add_set(r, c, set) : !add_range(r, c, low, low))
                return false;
            continue;
        }
        r->at++;
        if (!class_member(r, &high, &other))
            return false;
        if (!set && !other) {
            if (low > high)
                return fail(r, CNS_REGEX_INVALID);
            if (!add_range(r, c, low, high))
                return false;
            continue;
        }
        /* [\w-z]: a set ends no range, so the hyphen stands for itself */
        if ((set ? !add_set(r, c, set) : !add_range(r, c, low, low)) ||
            (other ? !add_set(r, c, other) : !add_range(r, c, high, high)) ||
            !add_range(r, c, '-', '-'))
            return false;
    }
    close_class(r, c);
    return atom(r, CNS_REGEX_CLASS, r->class_count - 1);
}

/* \d and its like outside of brackets: one class however often they stand there. */
static bool read_set(reader *r, uint16_t name) {
    uint8_t *known = &r->named[strchr(set_names, name) - set_names];
    if (!*known) {
        cns_regex_class *c = open_class(r);
        if (!c || !add_set(r, c, name))
            return false;
        close_class(r, c);
        *known = (uint8_t)r->class_count;
    }
    return atom(r, CNS_REGEX_CLASS, *known - 1u);
}

/* Behind the backslash. */
static bool read_escape(reader *r) {
    if (r->at == r->end)
        return fail(r, CNS_REGEX_INVALID);
    uint16_t unit = r->units[r->at];
    if (unit == 'b' || unit == 'B') {
        r->at++;
        return look(r, unit == 'b' ? CNS_REGEX_EDGE : CNS_REGEX_INNER);
    }
    if (is_set(unit)) {
        r->at++;
        return read_set(r, unit);
    }
    return escaped(r, false, &unit) && atom(r, CNS_REGEX_UNIT, unit);
}

/* ----------------------------------------------------------------- the text */

/* A number of a repetition, clipped where no program could hold it. */
static bool count_of(reader *r, uint32_t *at, uint32_t *out) {
    uint32_t from = *at;
    *out = 0;
    for (; *at < r->end && r->units[*at] >= '0' && r->units[*at] <= '9'; ++*at)
        if (*out < 100000)
            *out = *out * 10 + (r->units[*at] - '0');
    return *at > from;
}

/* `{2}`, `{2,}` or `{2,3}` at r->at: taken only if it is one. */
static bool braces(reader *r, uint32_t *least, uint32_t *most) {
    uint32_t at = r->at;
    if (!next_is(r, '{'))
        return false;
    at++;
    if (!count_of(r, &at, least))
        return false;
    *most = *least;
    if (at < r->end && r->units[at] == ',') {
        at++;
        if (!count_of(r, &at, most))
            *most = MANY;
    }
    if (at == r->end || r->units[at] != '}')
        return false;
    r->at = at + 1;
    return true;
}

static bool read_repetition(reader *r, uint32_t least, uint32_t most) {
    (void)take(r, '?'); /* lazy */
    if (r->last == NOTHING || least > most)
        return fail(r, CNS_REGEX_INVALID);
    return repeat(r, least, most);
}

static void open_group(reader *r) {
    r->frames[r->depth++] = (frame){(uint16_t)r->used, (uint16_t)r->used, 0};
    r->last = NOTHING;
}

static bool next_branch(reader *r) {
    frame *f = &r->frames[r->depth - 1];
    r->last = NOTHING;
    if (!split_before(r, f->branch, r->used - f->branch + 2) ||
        !emit(r, CNS_REGEX_JUMP, f->pending))
        return false;
    f->pending = f->branch = (uint16_t)r->used;
    return true;
}

static void close_group(reader *r) {
    frame *f = &r->frames[--r->depth];
    for (uint32_t at = f->pending; at;) {
        cns_regex_step *jump = &r->steps[at - 1];
        uint32_t before = jump->arg;
        jump->arg = (uint16_t)(r->used - (at - 1));
        at = before;
    }
    r->last = f->begin;
}

static bool read_one(reader *r) {
    uint32_t least, most;
    if (braces(r, &least, &most))
        return read_repetition(r, least, most);
    uint16_t unit = r->units[r->at++];
    switch (unit) {
    case '*':
        return read_repetition(r, 0, MANY);
    case '+':
        return read_repetition(r, 1, MANY);
    case '?':
        return read_repetition(r, 0, 1);
    case '|':
        return next_branch(r);
    case '(':
        if (take(r, '?') && !take(r, ':'))
            return fail(r, CNS_REGEX_UNSUPPORTED);
        open_group(r);
        return true;
    case ')':
        if (r->depth == 1)
            return fail(r, CNS_REGEX_INVALID);
        close_group(r);
        return true;
    case '[':
        return read_class(r);
    case '.':
        return atom(r, CNS_REGEX_ANY, 0);
    case '^':
        return look(r, CNS_REGEX_START);
    case '$':
        return look(r, CNS_REGEX_END);
    case '\\':
        return read_escape(r);
    default:
        return atom(r, CNS_REGEX_UNIT, unit);
    }
}

static bool read_all(reader *r) {
    open_group(r);
    while (r->at < r->end)
        if (!read_one(r))
            return false;
    if (r->depth > 1)
        return fail(r, CNS_REGEX_INVALID);
    close_group(r);
    return emit(r, CNS_REGEX_MATCH, 0);
}

/* ------------------------------------------------------------- the beginnings */

/* With what can a match begin, other than at the start of the subject? */
static void find_beginnings(const reader *r, cns_regex *out) {
    uint16_t stack[CNS_REGEX_PROGRAM];
    bool seen[CNS_REGEX_PROGRAM] = {false};
    uint32_t count = 0;
    stack[count++] = 0;
    while (count) {
        uint32_t at = stack[--count];
        for (bool on = true; on && !seen[at];) {
            cns_regex_step step = r->steps[at];
            seen[at] = true;
            on = false;
            switch ((cns_regex_op)step.op) {
            case CNS_REGEX_UNIT:
                if (step.arg < 0x80)
                    out->begins[step.arg >> 6] |= (uint64_t)1 << (step.arg & 63);
                else
                    out->begins_above = true;
                break;
            case CNS_REGEX_CLASS:
                out->begins[0] |= r->classes[step.arg].ascii[0];
                out->begins[1] |= r->classes[step.arg].ascii[1];
                out->begins_above = true;
                break;
            case CNS_REGEX_ANY:
                out->begins[0] = out->begins[1] = UINT64_MAX;
                out->begins_above = true;
                break;
            case CNS_REGEX_START:
                break; /* not here */
            case CNS_REGEX_MATCH:
                out->may_be_empty = true;
                break;
            case CNS_REGEX_SPLIT:
                /* at most one of these for each SPLIT, so it fits */
                stack[count++] = (uint16_t)cns_regex_goal(at, step);
                at++;
                on = true;
                break;
            case CNS_REGEX_JUMP:
                at = cns_regex_goal(at, step);
                on = true;
                break;
            case CNS_REGEX_END:
            case CNS_REGEX_EDGE:
            case CNS_REGEX_INNER:
                at++;
                on = true;
                break;
            }
        }
    }
}

/* One block of the arena: the struct, classes, ranges, steps. */
static cns_regex_why keep(const cns_regex **out, cns_arena *arena, const reader *r) {
    size_t classes = r->class_count * sizeof *r->classes,
           ranges = r->range_count * sizeof *r->ranges, steps = r->used * sizeof *r->steps;
    cns_regex *regex = cns_arena_zero(arena, 1, sizeof *regex + classes + ranges + steps);
    if (!regex)
        return CNS_REGEX_NO_MEMORY;
    char *at = (char *)(regex + 1);
    regex->classes = memcpy(at, r->classes, classes);
    regex->ranges = memcpy(at + classes, r->ranges, ranges);
    regex->steps = memcpy(at + classes + ranges, r->steps, steps);
    regex->size = r->used;
    find_beginnings(r, regex);
    *out = regex;
    return CNS_REGEX_FINE;
}

cns_regex_why cns_regex_compile(const cns_regex **out, cns_arena *arena, const char *text,
                                size_t len) {
    reader r;
    if (len > CNS_REGEX_TEXT)
        return CNS_REGEX_TOO_LONG;
    r.at = r.used = r.depth = r.class_count = r.range_count = 0;
    r.why = CNS_REGEX_FINE;
    memset(r.named, 0, sizeof r.named);
    r.end = (uint32_t)cns_regex_units(r.units, CNS_REGEX_TEXT, text, len, false);
    return read_all(&r) ? keep(out, arena, &r) : r.why;
}
