/* consent_privacy.h - part of consent.h: the US Privacy string and Global Privacy Control
 * (docs/strings.md). */
#ifndef CNS_CONSENT_PRIVACY_H
#define CNS_CONSENT_PRIVACY_H

#include "consent_value.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CNS_USP_LEN 4u

/* A US Privacy string: `1` and three characters, each `Y`, `N` or `-`. */
typedef struct cns_usp {
    char notice;       /* was there notice and an opportunity to opt out */
    char opt_out_sale; /* did the visitor opt out of the sale of personal data */
    char lspa_covered; /* is the transaction covered by the Limited Service Provider Agreement */
} cns_usp;

/* CNS_E_DECODE with a stable code text in err->path and the place in err->offset: `empty`,
 * `too_long`, `bad_length`, `unsupported_version`, `bad_char`. Upper case only. */
cns_code cns_usp_read(cns_usp *out, const char *text, size_t len, cns_error *err);
/* Writes CNS_USP_LEN characters, no NUL; false when one of the three is none of Y, N and -. */
bool cns_usp_write(char *out, const cns_usp *usp);
/* False for `1---` alone: the law does not apply. */
bool cns_usp_applies(const cns_usp *usp);

/* Does the value of a Sec-GPC header line say `1`? Lines that a gateway has joined with commas
 * count one by one; anything else than the one character 1 is as if it were not there. */
bool cns_gpc_line(const char *text, size_t len);

#ifdef __cplusplus
}
#endif
#endif
