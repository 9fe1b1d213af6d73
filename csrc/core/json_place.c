/* json_place.c - the configuration path of a place in a JSON text that failed.
 *
 * Runs only after an error. The text before the place was read without complaint, or
 * is at least looked at as if: what is no bracket, comma or text is passed over.
 */
#include "json_scan.h"
#include "path.h"

typedef struct level {
    bool object, named; /* named: the key is known and its value has begun */
    uint32_t index;
    cns_span key;
} level;

static void write_levels(const level *levels, uint32_t depth, char *out, size_t cap) {
    size_t at = 0;
    out[0] = '\0';
    for (uint32_t d = 0; d < depth; d++) {
        cns_path_step step = {levels[d].key, levels[d].index};
        if (!levels[d].object)
            step.key.text = NULL;
        else if (!levels[d].named)
            return;
        size_t longer = cns_path_write(out, cap, at, step);
        if (longer == at)
            return;
        at = longer;
    }
}

void cns_json_place(char *out, size_t cap, const char *text, size_t offset) {
    level levels[CNS_MAX_DEPTH];
    uint32_t depth = 0;
    size_t i = 0;
    while (i < offset) {
        level *l = depth ? &levels[depth - 1] : NULL;
        char c = text[i++];
        if (c == '"') {
            size_t first = i;
            while (i < offset && text[i] != '"')
                i += text[i] == '\\' ? 2 : 1;
            if (l && l->object && !l->named && i < offset)
                l->key = (cns_span){text + first, i - first};
            i++;
        } else if ((c == '{' || c == '[') && depth < CNS_MAX_DEPTH) {
            memset(&levels[depth], 0, sizeof levels[depth]);
            levels[depth++].object = c == '{';
        } else if (c == '}' || c == ']') {
            depth -= depth > 0;
        } else if (c == ':' && l) {
            l->named = true;
        } else if (c == ',' && l) {
            l->named = false;
            l->index++;
        }
    }
    write_levels(levels, depth, out, cap);
}
