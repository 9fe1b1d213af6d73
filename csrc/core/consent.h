/* consent.h - the public face of the consentpy core.
 *
 * The core knows no Python. It reads the configuration of a consent notice,
 * merges its layers, compiles it for one place, decodes what a visitor sent and
 * answers which tags may run. docs/architecture.md draws the way of the data;
 * docs/rules.md holds the rules (R1 to R15) that comments here cite.
 *
 * Conventions, valid everywhere unless a comment says otherwise:
 *   - Every text is a pointer and a length; a closing NUL is there for texts that
 *     the core owns, and nothing relies on it.
 *   - A function that can fail returns a cns_code and fills the caller's
 *     cns_error (which may be NULL). Out-parameters come first and are untouched
 *     on failure.
 *   - A pointer that a function returns plainly is borrowed from its owner.
 *     Functions named _new return an object that the caller frees with _free;
 *     _free accepts NULL.
 *   - A finished object is never written to again, so threads may share it.
 *     The one exception, the cache of notices inside a cns_config, has a lock.
 *   - No function keeps a pointer to the caller's text after it returned.
 *
 * It comes in parts, each above the one before; include this file.
 */
#ifndef CNS_CONSENT_H
#define CNS_CONSENT_H

#include "consent_ac.h"
#include "consent_answer.h"
#include "consent_dcs.h"
#include "consent_gpp.h"
#include "consent_html.h"
#include "consent_lint.h"
#include "consent_notice.h"
#include "consent_privacy.h"
#include "consent_status.h"
#include "consent_tcf.h"
#include "consent_value.h"
#include "consent_visit.h"

#endif
