/* path.c - parsing and following configuration paths. */
#include "path.h"

#include <stdio.h>

static bool name_char(char c) {
    return c != '.' && c != '[' && c != ']' && c != '"' && c != '\'';
}

/* A quoted key after `[`; *at stands on the quote and moves behind `]`. */
static bool quoted(cns_path *path, size_t *spare, const char *text, size_t len, size_t *at,
                   cns_span *key) {
    char quote = text[*at];
    size_t first = *at + 1, i = first;
    bool escaped = false;
    while (i < len && text[i] != quote) {
        if (text[i] == '\\') {
            escaped = true;
            i++;
        }
        i++;
    }
    if (i + 1 >= len || text[i + 1] != ']')
        return false;
    *at = i + 2;
    if (!escaped) {
        key->text = text + first;
        key->len = i - first;
        return true;
    }
    char *out = path->unescaped + *spare;
    key->text = out;
    for (size_t k = first; k < i; k++) {
        if (text[k] == '\\')
            k++;
        *out++ = text[k];
    }
    key->len = (size_t)(out - key->text);
    *spare += key->len;
    return true;
}

bool cns_path_parse(cns_path *path, const char *text, size_t len) {
    size_t at = 0, spare = 0;
    path->count = 0;
    if (len == 0 || len > CNS_MAX_PATH)
        return false;
    while (at < len) {
        if (path->count == CNS_MAX_STEPS)
            return false;
        cns_path_step *step = &path->steps[path->count++];
        step->key.text = NULL;
        step->key.len = 0;
        step->index = 0;
        if (text[at] == '[') {
            at++;
            if (at < len && (text[at] == '"' || text[at] == '\'')) {
                if (!quoted(path, &spare, text, len, &at, &step->key))
                    return false;
            } else {
                size_t first = at;
                while (at < len && text[at] != ']')
                    at++;
                int64_t index = cns_decimal(text + first, at - first, UINT32_MAX - 1);
                if (at == len || index < 0)
                    return false;
                step->index = (uint32_t)index;
                at++;
            }
        } else {
            if (path->count > 1) {
                if (text[at] != '.')
                    return false;
                at++;
            }
            size_t first = at;
            while (at < len && name_char(text[at]))
                at++;
            if (at == first)
                return false;
            step->key.text = text + first;
            step->key.len = at - first;
        }
    }
    return true;
}

const cns_value *cns_path_find(const cns_value *root, const cns_path *path) {
    for (uint32_t i = 0; root && i < path->count; i++) {
        const cns_path_step *step = &path->steps[i];
        root = step->key.text ? cns_at(root, step->key) : cns_value_item(root, step->index);
    }
    return root;
}

static bool plain_key(cns_span key) {
    for (size_t i = 0; i < key.len; i++)
        if (!cns_is_alpha(key.text[i]) && !cns_is_digit(key.text[i]) && key.text[i] != '_' &&
            key.text[i] != '-')
            return false;
    return key.len > 0;
}

size_t cns_path_write(char *out, size_t cap, size_t at, cns_path_step step) {
    char part[160];
    int shown = step.key.len > 60 ? 60 : (int)step.key.len, size;
    if (!step.key.text)
        size = snprintf(part, sizeof part, "[%u]", (unsigned)step.index);
    else if (plain_key(step.key))
        size = snprintf(part, sizeof part, "%s%.*s", at ? "." : "", shown, step.key.text);
    else
        size = snprintf(part, sizeof part, "[\"%.*s\"]", shown, step.key.text);
    if (size < 0 || (size_t)size >= cap - at)
        return at; /* the outer part of a long path is still true */
    memcpy(out + at, part, (size_t)size + 1);
    return at + (size_t)size;
}
