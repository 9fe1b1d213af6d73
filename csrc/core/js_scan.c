/* js_scan.c - the statements of scripts: which assignments are sure to run.
 *
 * A script is gone through token by token with its brackets on a stack. Only one
 * thing is looked for: a path into the configuration that is assigned to. Whether
 * such an assignment runs is told without running anything: it does at the top
 * level, in plain blocks and in functions that are called where they are written. It
 * may not behind `if`, `&&`, `?` and the like, in loops, behind a `return`, and in
 * other functions: there an assignment is an error, for what it does is not known.
 *
 * A function's end comes after its body: an assignment inside is taken first, and
 * `pending` holds its place until the next token tells whether the function is called.
 */
#include "error.h"
#include "js_read.h"

/* Flags of a level. */
enum {
    LIVE = 1,      /* this code runs when the script does */
    STOPPED = 2,   /* behind a return or throw */
    BODY = 4,      /* of a function or class */
    STATEMENT = 8, /* a } here ends a statement */
    OBJECT = 16,   /* a literal: names before a colon are keys */
    CONTROL = 32,  /* parentheses of if, while, for, ... */
    PARAMETERS = 64,
    CALL = 128 /* parentheses of a call */
};
/* Why the rest of a statement may not run: its kind, or an operator in it. */
enum { BY_STATEMENT = 1, BY_OPERATOR = 2 };
/* What the next bracket of a level will be. */
enum { NOTHING, DUE_CONTROL, DUE_PARAMETERS, DUE_BODY, DUE_ARROW, DUE_BLOCK, DUE_METHOD };

#define MOST_PARAMETERS 8u

/* Short names that a function called at once has for its arguments, as in
 * `!function(w){ w.didomiConfig = {} }(window)`. Of functions in such a function only the
 * outer one has them. */
typedef struct short_names {
    cns_span names[MOST_PARAMETERS];
    uint32_t count;   /* of names, less one */
    size_t body;      /* depth of the function's body, 0 outside of one */
    uint32_t used;    /* the one that stood before .didomiConfig, from 1 */
    uint32_t used_at; /* and where */
} short_names;

typedef struct scan {
    cns_js_reader *r;
    cns_js_token token, last;
    bool after_operand; /* the last token ended an operand */
    bool start;         /* a statement begins here */
    bool label;         /* the last token was a name that began a statement */
    bool declared;      /* `function` stood where a statement begins */
    uint32_t pending;   /* an assignment in the function that has just ended */
    short_names given;
} scan;

/* ------------------------------------------------------------------- levels */

static cns_js_level *top(const scan *s) {
    return &s->r->levels[s->r->depth - 1];
}

static bool is_live(const cns_js_level *level) {
    return (level->flags & (LIVE | STOPPED)) == LIVE && !level->maybe;
}

static cns_code push(scan *s, uint32_t opener, unsigned flags) {
    cns_js_reader *r = s->r;
    if (r->depth == r->cap) {
        cns_alloc alloc = r->tree.arena.alloc;
        size_t cap = r->cap ? r->cap * 2 : 64, size = sizeof *r->levels;
        cns_js_level *levels = alloc.resize(alloc.ctx, r->levels, r->cap * size, cap * size);
        if (!levels)
            return cns_js_no_memory(r);
        r->levels = levels;
        r->cap = cap;
    }
    if (r->depth && !is_live(top(s)))
        flags &= ~(unsigned)LIVE;
    cns_js_level *level = &r->levels[r->depth++];
    memset(level, 0, sizeof *level);
    level->offset = s->token.from;
    level->write = CNS_NO_OFFSET;
    level->opener = (uint8_t)opener;
    level->flags = (uint8_t)flags;
    s->start = opener == '{' && !(flags & OBJECT);
    return CNS_OK;
}

static void end_statement(scan *s) {
    top(s)->maybe = 0;
    top(s)->due = NOTHING;
    s->start = true;
}

/* Behind return and throw nothing of this function is sure any more. Every level is
 * marked once, so all returns together cost no more than all brackets. */
static void stop(scan *s) {
    for (size_t i = s->r->depth; i > 0; i--) {
        cns_js_level *level = &s->r->levels[i - 1];
        if (level->flags & STOPPED)
            break;
        level->flags |= STOPPED;
        if (level->flags & BODY)
            break;
    }
}

static void wrote(const scan *s, uint32_t offset) {
    if (top(s)->write == CNS_NO_OFFSET)
        top(s)->write = offset;
}

/* What a { opens, by what stands before it. */
static unsigned brace_flags(const scan *s, bool start) {
    cns_js_level *level = top(s);
    uint8_t due = level->due;
    level->due = NOTHING;
    if (due == DUE_BODY)
        return LIVE | BODY | (s->declared ? STATEMENT : 0);
    if (due == DUE_ARROW)
        return LIVE | BODY;
    if (due == DUE_METHOD)
        return BODY;
    if (start || due == DUE_BLOCK)
        return LIVE | STATEMENT;
    if (s->after_operand && s->last.kind == CNS_JS_NAME)
        return BODY | STATEMENT; /* a class */
    return LIVE | OBJECT;
}

static unsigned parenthesis_flags(const scan *s) {
    cns_js_level *level = top(s);
    uint8_t due = level->due;
    level->due = NOTHING;
    return due == DUE_PARAMETERS ? PARAMETERS
           : due == DUE_CONTROL  ? CONTROL
           : s->after_operand    ? LIVE | CALL
                                 : LIVE;
}

static cns_code close_level(scan *s) {
    uint32_t punct = s->token.punct;
    cns_js_level level = *top(s);
    uint32_t wanted = level.opener == '(' ? ')' : level.opener == '[' ? ']' : '}';
    if (s->r->depth == 1 || punct != wanted)
        return cns_js_fail(s->r, s->token.from,
                           "a bracket closes what is not open: remove it or write its counterpart");
    s->r->depth--;
    s->start = false;
    if (level.write != CNS_NO_OFFSET) {
        wrote(s, level.write);
        if (level.flags & BODY)
            s->pending = level.write;
    }
    if (s->given.body == s->r->depth + 1) { /* this function's short names end here */
        s->given.body = 0;
        if (s->pending == CNS_NO_OFFSET)
            s->given.used = 0;
    }
    if (level.flags & CALL && s->pending != CNS_NO_OFFSET)
        return cns_js_fail(s->r, s->pending,
                           "this assignment stands in a function that is handed to another one, "
                           "and code is never run: move it out of there");
    if (level.flags & PARAMETERS)
        top(s)->due = DUE_BODY;
    else if (level.flags & CONTROL)
        top(s)->due = DUE_BLOCK;
    else if (level.flags & CALL)
        top(s)->due = DUE_METHOD; /* if a { follows: name() { ... } */
    if (level.flags & CONTROL)
        s->r->lexer.operand = false;
    if (level.flags & STATEMENT) {
        s->r->lexer.operand = false;
        end_statement(s);
    }
    return CNS_OK;
}

/* -------------------------------------------------------------------- names */

static bool is(const scan *s, const char *word) {
    return cns_js_is(&s->r->lexer, &s->token, (cns_span){word, strlen(word)});
}

static bool changes_arrays(cns_span name) {
    static const char *const methods[] = {"push",    "unshift", "splice", "pop",       "shift",
                                          "reverse", "sort",    "fill",   "copyWithin"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (cns_span_is(name, methods[i], strlen(methods[i])))
            return true;
    return false;
}

static bool assigns(uint32_t punct) {
    static const char *const operators[] = {
        "=",  "+=", "-=",  "*=",  "/=",  "%=",  "&=",  "|=",   "^=",
        "++", "--", "**=", "<<=", ">>=", "&&=", "||=", ">>>=", "?\?="};
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        uint32_t code = 0;
        for (const char *c = operators[i]; *c; c++)
            code = code << 8 | (unsigned char)*c;
        if (code == punct)
            return true;
    }
    return false;
}

/* ------------------------------------------------------------------- paths */

/* Behind a path: is it assigned to? */
static cns_code after_path(scan *s, const cns_js_path *path) {
    cns_js_reader *r = s->r;
    cns_js_lexer before = r->lexer;
    cns_js_token t;
    bool done = false;
    cns_code code = cns_js_default(&done, r, path);
    if (done)
        wrote(s, path->offset);
    if (code != CNS_OK || done)
        return code;
    code = cns_js_read_token(r, &t);
    if (code != CNS_OK)
        return code;
    bool step = s->last.punct == CNS_P2('+', '+') || s->last.punct == CNS_P2('-', '-');
    if (t.punct == '=' || t.punct == CNS_P3('|', '|', '=') || t.punct == CNS_P3('?', '?', '=')) {
        wrote(s, path->offset);
        return cns_js_assign(r, path, t.punct);
    }
    if ((assigns(t.punct) && !t.newline) || (step && !s->last.newline) ||
        cns_js_is(&r->lexer, &s->last, CNS_SPAN("delete")))
        return cns_js_fail(r, path->offset,
                           "the configuration is changed by an operator: only assignments of "
                           "literals are read and code is never run, so assign the value itself");
    if (t.punct == '(' && path->count && changes_arrays(path->keys[path->count - 1]))
        return cns_js_fail(r, path->offset,
                           "the configuration is changed by a call: only assignments of literals "
                           "are read and code is never run, so assign the whole array");
    r->lexer = before;
    return CNS_OK;
}

static cns_code no_window(const scan *s, uint32_t offset) {
    return cns_js_fail(s->r, offset,
                       "didomiConfig is assigned to an object that is not known to be the page's "
                       "window, and code is never run: write window.didomiConfig");
}

/* At x.didomiConfig or x["didomiConfig"]: of what object is not known. */
static cns_code foreign_path(scan *s) {
    cns_js_reader *r = s->r;
    cns_js_lexer before = r->lexer;
    cns_js_token t = s->token;
    cns_js_path path = {.offset = s->token.from};
    cns_code code = CNS_OK;
    if (t.kind == CNS_JS_STRING)
        code = cns_js_read_token(r, &t);
    if (code == CNS_OK && (t.kind == CNS_JS_NAME || t.punct == ']'))
        code = cns_js_path_keys(&path, r);
    if (code == CNS_OK)
        code = cns_js_read_token(r, &t);
    if (code == CNS_OK && assigns(t.punct))
        return no_window(s, path.offset);
    r->lexer = before;
    return code;
}

/* w.didomiConfig where w is an argument of the function round it. *found is false when it
 * is something else; then the lexer stands where it stood. */
static cns_code short_path(cns_js_path *path, bool *found, scan *s) {
    short_names *given = &s->given;
    cns_js_lexer before = s->r->lexer;
    cns_js_token t;
    uint32_t i = 0;
    cns_span word = cns_js_text(&s->r->lexer, &s->token);
    *found = false;
    if (!given->body)
        return CNS_OK;
    while (i <= given->count && !cns_span_is(word, given->names[i].text, given->names[i].len))
        i++;
    if (i > given->count)
        return CNS_OK;
    cns_code code = cns_js_read_token(s->r, &t);
    if (code == CNS_OK && t.punct == '.') {
        code = cns_js_read_token(s->r, &t);
        *found = code == CNS_OK && (cns_js_is(&before, &t, CNS_SPAN("didomiConfig")) ||
                                    cns_js_is(&before, &t, CNS_SPAN("gdprAppliesGlobally")));
    }
    if (!*found || (given->used && given->used != i + 1)) {
        *found = false;
        s->r->lexer = before;
        return code;
    }
    if (!given->used)
        given->used_at = s->token.from;
    given->used = i + 1;
    code = cns_js_path_read(path, found, s->r, &t);
    path->offset = s->token.from;
    return code;
}

/* Is the function's short name one for the window? The lexer stands behind the ( of the
 * call, and stays there. */
static cns_code check_argument(const scan *s, bool by_call) {
    cns_js_lexer l = s->r->lexer;
    cns_js_token t, end;
    uint32_t wanted = s->given.used + by_call;
    for (uint32_t i = 1; i <= wanted; i++) {
        cns_code code = cns_js_next(&l, &t);
        if (code == CNS_OK)
            code = cns_js_next(&l, &end);
        if (code != CNS_OK)
            return code;
        if (end.punct != ',' && (end.punct != ')' || i < wanted))
            return no_window(s, s->given.used_at);
    }
    return cns_js_is_window(cns_js_text(&l, &t)) ? CNS_OK : no_window(s, s->given.used_at);
}

static cns_code name(scan *s) {
    cns_js_level *level = top(s);
    bool key = level->flags & OBJECT && (s->last.punct == '{' || s->last.punct == ',');
    bool start = s->start, found = false;
    s->start = false;
    s->label = start;
    if (s->last.punct == '.' || s->last.punct == CNS_P2('?', '.')) {
        s->r->lexer.operand = true; /* a.return is no keyword */
        return is(s, "didomiConfig") ? foreign_path(s) : CNS_OK;
    }
    if (level->flags & PARAMETERS && !s->given.body &&
        (s->last.punct == '(' || s->last.punct == ','))
        s->given.names[s->given.count] = cns_js_text(&s->r->lexer, &s->token);
    if (key || level->flags & PARAMETERS)
        return CNS_OK;
    s->r->sure = is_live(level);
    if (is(s, "if")) {
        cns_code code = cns_js_default_if(&found, s->r);
        if (found) {
            wrote(s, s->token.from);
            s->r->lexer.operand = false;
            end_statement(s);
        }
        if (code != CNS_OK || found)
            return code;
    }
    if (is(s, "while") && level->doing) { /* the end of a do */
        level->doing--;
        return CNS_OK;
    }
    if (is(s, "if") || is(s, "while") || is(s, "for") || is(s, "with") || is(s, "switch") ||
        is(s, "catch")) {
        level->maybe |= BY_STATEMENT;
        level->due = DUE_CONTROL;
        return CNS_OK;
    }
    if (is(s, "else") || is(s, "do") || is(s, "case") || is(s, "default")) {
        level->maybe |= BY_STATEMENT;
        level->due = DUE_BLOCK;
        if (is(s, "do") && level->doing < UINT8_MAX)
            level->doing++;
        return CNS_OK;
    }
    if (is(s, "try") || is(s, "finally")) {
        level->due = DUE_BLOCK;
        return CNS_OK;
    }
    if (is(s, "function")) {
        level->due = DUE_PARAMETERS;
        s->declared = start;
        return CNS_OK;
    }
    if (is(s, "return") || is(s, "throw")) {
        stop(s);
        return CNS_OK;
    }
    s->start = start && is(s, "async");
    if (is(s, "Object")) {
        cns_code code = cns_js_object_assign(&found, s->r, NULL);
        if (found)
            wrote(s, s->token.from);
        return code;
    }
    cns_js_path path;
    cns_code code = short_path(&path, &found, s);
    if (code == CNS_OK && !found)
        code = cns_js_path_read(&path, &found, s->r, &s->token);
    return code == CNS_OK && found ? after_path(s, &path) : code;
}

/* -------------------------------------------------------------- punctuators */

static cns_code punctuator(scan *s) {
    cns_js_level *level = top(s);
    bool start = s->start, label = s->label;
    s->start = s->label = false;
    switch (s->token.punct) {
    case '(':
        if (level->due == DUE_PARAMETERS && !s->given.body)
            memset(&s->given, 0, sizeof s->given);
        return push(s, '(', parenthesis_flags(s));
    case '[':
        return push(s, '[', LIVE);
    case '{': {
        bool function = level->due == DUE_BODY && !s->given.body && s->given.names[0].len;
        cns_code code = push(s, '{', brace_flags(s, start));
        if (function)
            s->given.body = s->r->depth;
        return code;
    }
    case ')':
    case ']':
        return close_level(s);
    case '}':
        if (level->opener == '$') { /* the template goes on */
            s->r->depth--;
            cns_code code = cns_js_template(&s->r->lexer, &s->token);
            return code == CNS_OK && s->token.open ? push(s, '$', LIVE) : code;
        }
        if (level->flags & OBJECT)
            s->r->lexer.operand = true;
        return close_level(s);
    case ';':
        level->flags &= (uint8_t)~OBJECT; /* so it is a block */
        end_statement(s);
        return CNS_OK;
    case ',':
        level->maybe &= (uint8_t)~BY_OPERATOR;
        level->due = NOTHING;
        s->given.count +=
            level->flags & PARAMETERS && !s->given.body && s->given.count + 1 < MOST_PARAMETERS;
        return CNS_OK;
    case CNS_P2('=', '>'):
        level->due = DUE_ARROW;
        return CNS_OK;
    case '*':
        if (level->due == DUE_PARAMETERS) /* a generator's body does not run when it is called */
            level->maybe |= BY_OPERATOR;
        return CNS_OK;
    case CNS_P2('&', '&'):
    case CNS_P2('|', '|'):
    case CNS_P2('?', '?'):
    case CNS_P3('&', '&', '='):
    case CNS_P3('|', '|', '='):
    case CNS_P3('?', '?', '='):
    case '?':
        level->maybe |= BY_OPERATOR;
        return CNS_OK;
    case ':': /* of a label or a case a statement follows, else a value */
        s->start = (label || level->maybe & BY_STATEMENT) && !(level->flags & OBJECT);
        return CNS_OK;
    default:
        return CNS_OK;
    }
}

/* Is the function whose end was seen called by this token? */
static cns_code check_called(scan *s) {
    if (s->pending == CNS_NO_OFFSET || s->token.punct == ')' || s->token.punct == '.' ||
        (s->last.punct == '.' && (is(s, "call") || is(s, "apply"))))
        return CNS_OK;
    if (s->token.punct != '(')
        return cns_js_fail(s->r, s->pending,
                           "this assignment stands in a function that is not called at once, and "
                           "code is never run: move it out of there");
    s->pending = CNS_NO_OFFSET;
    if (!s->given.used || s->given.body)
        return CNS_OK;
    cns_code code = check_argument(s, s->last.kind == CNS_JS_NAME);
    s->given.used = 0;
    return code;
}

static cns_code one_token(scan *s) {
    cns_js_reader *r = s->r;
    s->after_operand = r->lexer.operand;
    s->last = s->token;
    cns_code code = cns_js_read_token(r, &s->token);
    if (code == CNS_OK)
        code = check_called(s);
    if (code != CNS_OK)
        return code;
    cns_js_level *level = top(s);
    if (level->due == DUE_ARROW && s->token.punct != '{') {
        level->maybe |= BY_OPERATOR; /* the function's body is an expression */
        level->due = NOTHING;
    } else if (level->due == DUE_METHOD && s->token.punct != '{') {
        level->due = NOTHING;
    } else if (level->due == DUE_BLOCK && s->token.punct != '{' && s->token.punct != '(') {
        level->due = NOTHING;
        s->start = true; /* the statement of an if or else */
    }
    if (s->token.newline && s->after_operand && level->due == NOTHING && level->opener != '(' &&
        level->opener != '[' && cns_js_new_statement(&r->lexer, &s->token))
        end_statement(s); /* where JavaScript puts a semicolon itself */
    if (s->token.kind == CNS_JS_NAME)
        return name(s);
    if (s->token.kind == CNS_JS_PUNCT)
        return punctuator(s);
    s->start = s->label = false;
    if (s->token.kind == CNS_JS_STRING && s->last.punct == '[' &&
        cns_span_is(CNS_SPAN("didomiConfig"), r->lexer.text + s->token.from + 1,
                    s->token.to - s->token.from - 2))
        return foreign_path(s);
    return s->token.kind == CNS_JS_TEMPLATE && s->token.open ? push(s, '$', LIVE) : CNS_OK;
}

cns_code cns_js_run(cns_js_reader *r, size_t from, size_t end) {
    scan s;
    memset(&s, 0, sizeof s);
    s.r = r;
    s.pending = CNS_NO_OFFSET;
    r->lexer.begin = r->lexer.at = from;
    r->lexer.end = end;
    r->lexer.operand = false;
    r->depth = 0;
    cns_code code = push(&s, 0, LIVE);
    s.start = true;
    do {
        if (code == CNS_OK)
            code = one_token(&s);
    } while (code == CNS_OK && s.token.kind != CNS_JS_END);
    if (code == CNS_OK && r->depth > 1)
        return cns_js_fail(r, top(&s)->offset,
                           "a bracket is not closed: write its counterpart, or give the whole "
                           "script");
    return code;
}
