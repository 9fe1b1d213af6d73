/* consent_lint.h - part of consent.h: what in a configuration is a mistake, or may be one. */
#ifndef CNS_CONSENT_LINT_H
#define CNS_CONSENT_LINT_H

#include "consent_notice.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cns_severity {
    CNS_IS_ERROR,   /* has another effect than it says, or none */
    CNS_IS_WARNING, /* has an effect that few would want */
    CNS_IS_INFO     /* is not what a server goes by */
} cns_severity;

/* `code` is stable, and has a section in docs/lint.md. `path` is that of the written value in
 * the layer; it lasts as long as the call. */
typedef struct cns_remark {
    const char *code;
    const char *message; /* one sentence that says what to do */
    cns_severity severity;
    cns_text path;
    uint32_t layer;
    uint32_t offset; /* of the value, CNS_NO_OFFSET without a text */
} cns_remark;

typedef struct cns_reviewer {
    void (*remark)(void *ctx, const cns_remark *remark);
    void *ctx;
} cns_reviewer;

/* Tells everything that is to be said about a configuration, layer by layer in written order,
 * then about what they are together. `now`: microseconds since 1970, for dates in the future.
 * CNS_E_NOMEM is the only failure. */
cns_code cns_config_lint(const cns_config *config, int64_t now, const cns_reviewer *to,
                         cns_alloc alloc, cns_error *err);

#ifdef __cplusplus
}
#endif
#endif
