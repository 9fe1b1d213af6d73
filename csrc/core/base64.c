/* base64.c - four look-ups a group; whatever is odd goes the slow way. */
#include "base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* 0 to 63 for a letter of the alphabet, 0x80 for anything else */
#define X 0x80
static const unsigned char letter[256] = {
     X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
     X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
     X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X, 62,  X,  X,  X, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61,  X,  X,  X,  X,  X,  X,
     X,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,  X,  X,  X,  X,  X,
     X, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,  X,  X,  X,  X,  X,
     X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
     X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
     X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
     X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
     X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
     X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
     X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
     X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
};
#undef X

static int hex(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

long cns_base64_read(unsigned char *out, const char *text, size_t len) {
    const unsigned char *at = (const unsigned char *)text, *end = at + len;
    unsigned char *to = out;
    while (end - at >= 4) {
        unsigned a = letter[at[0]], b = letter[at[1]], c = letter[at[2]], d = letter[at[3]];
        if ((a | b | c | d) & 0x80)
            break;
        uint32_t group = a << 18 | b << 12 | c << 6 | d;
        to[0] = (unsigned char)(group >> 16);
        to[1] = (unsigned char)(group >> 8);
        to[2] = (unsigned char)group;
        to += 3;
        at += 4;
    }
    /* one character at a time from here: white space, escapes, padding, the end */
    uint32_t bits = 0;
    unsigned held = 0, padding = 0;
    while (at < end) {
        unsigned char c = *at++;
        if (c == '%') {
            int high = end - at >= 2 ? hex((char)at[0]) : -1, low = high < 0 ? -1 : hex((char)at[1]);
            if (low < 0)
                return -1;
            c = (unsigned char)(high << 4 | low);
            at += 2;
        }
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f')
            continue;
        if (c == '=') {
            if (++padding > 2)
                return -1;
            continue;
        }
        if (padding || letter[c] & 0x80)
            return -1;
        bits = bits << 6 | letter[c];
        if (++held == 4) {
            to[0] = (unsigned char)(bits >> 16);
            to[1] = (unsigned char)(bits >> 8);
            to[2] = (unsigned char)bits;
            to += 3;
            held = 0;
            bits = 0;
        }
    }
    if (held == 1 || (padding && (held + padding) != 4))
        return -1;
    if (held >= 2) {
        bits <<= 6 * (4 - held);
        *to++ = (unsigned char)(bits >> 16);
        if (held == 3)
            *to++ = (unsigned char)(bits >> 8);
    }
    return (long)(to - out);
}

size_t cns_base64_write(char *out, const unsigned char *bytes, size_t len) {
    char *to = out;
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? (uint32_t)bytes[i + 2] : 0);
        *to++ = alphabet[group >> 18];
        *to++ = alphabet[group >> 12 & 63];
        *to++ = left > 1 ? alphabet[group >> 6 & 63] : '=';
        *to++ = left > 2 ? alphabet[group & 63] : '=';
    }
    return (size_t)(to - out);
}
