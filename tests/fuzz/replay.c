/* replay.c - runs a fuzz target on every text of the vectors: no fuzzer needed.
 *
 *     replay_NAME FILE.json...          each text of the files
 *     replay_NAME -w FOLDER FILE.json   writes them as files, for a fuzzer to begin with
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
static void give(const char *folder, const char *text, size_t len) {
    uint8_t *copy = malloc(len ? len : 1);
    if (!copy)
        exit(2);
    memcpy(copy, text, len);
    if (folder)
        put(folder, text, len);
    else
        (void)LLVMFuzzerTestOneInput(copy, len);
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

int main(int argc, char **argv) {
    const char *folder = NULL;
    int first = 1;
    if (argc > 3 && strcmp(argv[1], "-w") == 0) {
        folder = argv[2];
        first = 3;
    }
    for (int i = first; i < argc; i++) {
        size_t len;
        char *text = read_file(argv[i], &len), *at = text;
        text[len] = '\0';
        while ((at = strchr(at, '"'))) {
            char *start = at + 1;
            size_t size = decode(start, &at);
            give(folder, start, size);
        }
        free(text);
    }
    printf("%zu texts\n", done);
    return done == 0;
}
