/* replay.c - runs a fuzz target on every text of the vectors: no fuzzer needed.
 *
 *     replay_NAME FILE.json...           each text of the files
 *     replay_NAME -p PREFIX FILE.json... the same behind PREFIX, in the files from there on
 *     replay_NAME -b BEGIN FILE.json...  of these files only texts that begin so
 *     replay_NAME -f FILE                the file as it is, as one text
 *     replay_NAME -w FOLDER ...          writes them as files, for a fuzzer to begin with
 */
#include <errno.h>

#include "fuzz.h"

static char *read_file(const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long size = -1;
    if (file && fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    if (size >= 0 && fseek(file, 0, SEEK_SET) == 0)
        text = malloc((size_t)size + 1);
    if (!text || fread(text, 1, (size_t)size, file) != (size_t)size) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(2);
    }
    (void)fclose(file);
    *len = (size_t)size;
    return text;
}

static size_t done;

static void put(const char *folder, const char *text, size_t len) {
    char path[512];
    (void)snprintf(path, sizeof path, "%s/vector-%05zu", folder, done);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(text, 1, len, file) != len || fclose(file) != 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(2);
    }
}

/* One text goes to the target, in a copy of its own, so that a sanitizer sees what is read
 * behind the end. */
static void give(const char *folder, const char *prefix, const char *text, size_t len) {
    size_t before = strlen(prefix), all = before + len;
    uint8_t *copy = malloc(all ? all : 1);
    if (!copy)
        exit(2);
    memcpy(copy, prefix, before);
    memcpy(copy + before, text, len);
    if (folder)
        put(folder, (const char *)copy, all);
    else
        (void)LLVMFuzzerTestOneInput(copy, all);
    free(copy);
    done++;
}

/* A character of the basic plane as UTF-8, half a pair too: a target takes any bytes. */
static char *put_character(char *to, unsigned c) {
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xC0 | c >> 6);
        *to++ = (char)(0x80 | (c & 63));
    } else {
        *to++ = (char)(0xE0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 63));
        *to++ = (char)(0x80 | (c & 63));
    }
    return to;
}

/* The text that begins behind a quote is decoded where it stands; *end gets the place behind
 * the closing quote. The core's own reader of JSON would not do: it refuses NUL. */
static size_t decode(char *text, char **end) {
    char *to = text, *from = text;
    while (*from && *from != '"') {
        if (*from != '\\') {
            *to++ = *from++;
            continue;
        }
        char c = from[1];
        const char *plain = strchr("b\bf\fn\nr\rt\t", c);
        from += 2;
        if (c == 'u') {
            char digits[5] = {0};
            strncpy(digits, from, 4);
            to = put_character(to, (unsigned)strtoul(digits, NULL, 16));
            from += strlen(digits);
        } else {
            *to++ = plain && c ? plain[1] : c;
        }
    }
    *end = *from ? from + 1 : from;
    return (size_t)(to - text);
}

static void give_texts(const char *folder, const char *prefix, const char *begin, char *text) {
    size_t least = strlen(begin);
    for (char *at = text; (at = strchr(at, '"'));) {
        char *start = at + 1;
        size_t size = decode(start, &at);
        if (size >= least && memcmp(start, begin, least) == 0)
            give(folder, prefix, start, size);
    }
}

int main(int argc, char **argv) {
    const char *options[128] = {['p'] = "", ['b'] = ""};
    for (int i = 1; i < argc; i++) {
        const char *given = argv[i];
        bool option = given[0] == '-' && given[1] && strchr("wpbf", given[1]);
        if (option && ++i == argc) {
            fprintf(stderr, "%s: say what for\n", given);
            return 2;
        }
        if (option && given[1] != 'f') {
            options[(unsigned char)given[1]] = argv[i];
            continue;
        }
        size_t len;
        char *text = read_file(argv[i], &len);
        text[len] = '\0';
        if (option)
            give(options['w'], "", text, len);
        else
            give_texts(options['w'], options['p'], options['b'], text);
        free(text);
    }
    printf("%zu texts\n", done);
    return done == 0;
}
