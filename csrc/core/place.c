/* place.c - which country codes exist. */
#include "place.h"

/* ISO 3166-1 alpha-2, officially assigned codes, and XK (user-assigned, in common
 * use for Kosovo). Row by first letter. */
static const char *const second_letters[26] = {
    "DEFGILMOQRSTUWXZ",        /* A */
    "ABDEFGHIJLMNOQRSTVWYZ",   /* B */
    "ACDFGHIKLMNORUVWXYZ",     /* C */
    "EJKMOZ",                  /* D */
    "CEGHRST",                 /* E */
    "IJKMOR",                  /* F */
    "ABDEFGHILMNPQRSTUWY",     /* G */
    "KMNRTU",                  /* H */
    "DELMNOQRST",              /* I */
    "EMOP",                    /* J */
    "EGHIMNPRWYZ",             /* K */
    "ABCIKRSTUVY",             /* L */
    "ACDEFGHKLMNOPQRSTUVWXYZ", /* M */
    "ACEFGILOPRUZ",            /* N */
    "M",                       /* O */
    "AEFGHKLMNRSTWY",          /* P */
    "A",                       /* Q */
    "EOSUW",                   /* R */
    "ABCDEGHIJKLMNORSTVXYZ",   /* S */
    "CDFGHJKLMNORTVWZ",        /* T */
    "AGMSYZ",                  /* U */
    "ACEGINU",                 /* V */
    "FS",                      /* W */
    "K",                       /* X */
    "ET",                      /* Y */
    "AMW",                     /* Z */
};

bool cns_country_assigned(const char *code) {
    return code[0] >= 'A' && code[0] <= 'Z' && code[1] != '\0' &&
           strchr(second_letters[code[0] - 'A'], code[1]) != NULL;
}

void cns_country_read(char out[3], cns_span text) {
    out[0] = out[1] = out[2] = '\0';
    if (text.len != 2)
        return;
    char code[3] = {cns_upper(text.text[0]), cns_upper(text.text[1]), '\0'};
    if (cns_country_assigned(code))
        memcpy(out, code, 3);
}

void cns_region_read(char out[4], cns_span text) {
    memset(out, 0, 4);
    if (text.len < 1 || text.len > 3)
        return;
    for (size_t i = 0; i < text.len; i++)
        if (!cns_is_alpha(text.text[i]) && !cns_is_digit(text.text[i]))
            return;
    for (size_t i = 0; i < text.len; i++)
        out[i] = cns_upper(text.text[i]);
}
