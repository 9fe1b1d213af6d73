/* answers.c - Status.set() and its like, Status.cookies(), choices from an address. */
#include "glue.h"

const char glue_agree_to_all_doc[] =
    "agree_to_all($self, /, now=None)\n--\n\n"
    "The Status after the visitor agreed to every vendor and purpose of the notice. now: an aware\n"
    "datetime or epoch seconds, otherwise the clock.";
const char glue_disagree_to_all_doc[] =
    "disagree_to_all($self, /, now=None, legitimate_interest=None)\n--\n\n"
    "The Status after the visitor refused them all. legitimate_interest: does that object to\n"
    "legitimate interest too? None: as preferences.denyAppliesToLI says, by default it does.";
const char glue_set_doc[] =
    "set($self, /, purposes=None, vendors=None, purposes_li=None, vendors_li=None, now=None)\n"
    "--\n\n"
    "The Status after these choices, mappings of ids to bool; what they do not name stays. The\n"
    "first two apply to every basis that an id uses, the others to legitimate interest alone and\n"
    "before them. Choices that change nothing keep the dates. UnknownIdError for an id that is not "
    "of\n"
    "the notice; essential purposes cannot be set and are passed over.";
const char glue_answer_cookies_doc[] =
    "cookies($self, /, domain=None, secure=True, samesite='Lax')\n--\n\n"
    "A tuple of the Cookie that keeps this answer for as long as it has left, empty when there is\n"
    "none to keep. domain None: cookies.local.customDomain of the configuration, if any. "
    "ConsentError\n"
    "when an answer made here does not fit into a cookie.";

static int random_bytes(unsigned char out[CNS_ANSWER_RANDOM]) {
    PyObject *os = PyImport_ImportModule("os");
    PyObject *bytes =
        os ? PyObject_CallMethod(os, "urandom", "I", (unsigned)CNS_ANSWER_RANDOM) : NULL;
    bool whole = bytes && PyBytes_Check(bytes) && PyBytes_GET_SIZE(bytes) == CNS_ANSWER_RANDOM;
    if (whole)
        memcpy(out, PyBytes_AS_STRING(bytes), CNS_ANSWER_RANDOM);
    else if (bytes)
        PyErr_SetString(PyExc_RuntimeError, "os.urandom() did not give what it was asked for");
    Py_XDECREF(bytes);
    Py_XDECREF(os);
    return whole ? 0 : -1;
}

/* ---------------------------------------------------------------- the visit */

int glue_visit_of(const StatusObject *self, bool stored, glue_cookies *cookies, glue_room *room,
                  cns_visit *visit) {
    memset(visit, 0, sizeof *visit);
    visit->now = self->now;
    visit->gpc = self->gpc;
    visit->bot = cns_status_is_bot(self->status);
    visit->settled = self->settled;
    if (self->external && !stored) {
        (void)glue_cookies_open(cookies, NULL);
        return glue_visit_one(cookies, self->external, room, visit);
    }
    if (glue_cookies_open(cookies, self->sent.header) < 0)
        return -1;
    int failed = glue_sent_fill(&self->sent, cookies, self->owner->notice, room, visit);
    if (failed)
        glue_cookies_close(cookies);
    return failed;
}

/* ---------------------------------------------------------------- answering */

/* What the new Status keeps of the cookies: what was written, the TC strings as they were sent
 * where they stay. */
static int keep_sent(StatusObject *made, const StatusObject *self, const cns_written *written) {
    glue_sent *sent = &made->sent;
    sent->own = true;
    for (unsigned i = 0; i < GLUE_SENT; i++)
        sent->of[i].given = true;
    sent->of[GLUE_TOKEN].value =
        PyUnicode_DecodeASCII(written->token, (Py_ssize_t)written->token_len, NULL);
    if (!sent->of[GLUE_TOKEN].value)
        return -1;
    if (written->keeps_tc) {
        sent->header = Py_XNewRef(self->sent.header);
        sent->of[GLUE_TC] = self->sent.of[GLUE_TC];
        Py_XINCREF(sent->of[GLUE_TC].value);
    } else if (written->tc) {
        sent->of[GLUE_TC].value =
            PyUnicode_DecodeASCII(written->tc, (Py_ssize_t)written->tc_len, NULL);
        if (!sent->of[GLUE_TC].value)
            return -1;
    }
    return 0;
}

/* The Didomi Consent String that an answer replaces, as str or NULL. */
static PyObject *replaced_dcs(const StatusObject *self) {
    cns_text text = cns_status_dcs(self->status);
    return self->replaced || !text.text
               ? Py_XNewRef(self->replaced)
               : PyUnicode_DecodeASCII(text.text, (Py_ssize_t)text.len, "replace");
}

/* The status after an answer, of the cookies that it writes. */
static PyObject *answered(StatusObject *self, cns_answer *answer, PyObject *now) {
    cns_visit visit;
    glue_room room;
    glue_cookies cookies;
    cns_error err;
    cns_written written;
    cns_text values[2];
    int64_t when;
    if (glue_now(now, &when) < 0 || random_bytes(answer->random) < 0 ||
        glue_visit_of(self, false, &cookies, &room, &visit) < 0)
        return NULL;
    visit.now = when;
    answer->unstored = self->external != NULL;
    StatusObject *made = NULL;
    if (cns_answer_write(&written, self->owner->notice, &visit, answer, cns_alloc_default(),
                         &err) != CNS_OK) {
        glue_cookies_close(&cookies);
        return glue_consent_error(glue_state_of((PyObject *)self), &err);
    }
    bool dropped = visit.tc.count > 0 && !written.keeps_tc;
    if (self->external && written.token) {
        /* in place of which the choices of the address stand */
        written.keeps_tc = false;
        dropped = (self->came & GLUE_CAME_TC) != 0;
    }
    cns_written_visit(&visit, &written, values);
    made = glue_status_of(glue_state_of((PyObject *)self), self->owner, &visit);
    if (made) {
        made->settled = true;
        made->came = self->came;
        made->answered = self->answered;
        made->as_dcs = self->as_dcs;
        made->drop_tc = self->drop_tc;
        made->refused = self->refused;
    }
    if (made && written.token) {
        made->answered = true;
        made->as_dcs = self->as_dcs || cns_status_is_dcs(self->status);
        made->drop_tc = (self->drop_tc || dropped) && !written.tc;
        made->refused = self->refused || answer->kind == CNS_DISAGREE;
        made->replaced = replaced_dcs(self);
        if (PyErr_Occurred() || keep_sent(made, self, &written) < 0)
            Py_CLEAR(made);
    } else if (made) {
        glue_sent_copy(&made->sent, &self->sent);
        made->external = Py_XNewRef(self->external);
        made->replaced = Py_XNewRef(self->replaced);
    }
    cns_written_release(&written, cns_alloc_default());
    glue_cookies_close(&cookies);
    return (PyObject *)made;
}

PyObject *glue_agree_to_all(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *kwnames) {
    static const char *const names[] = {"now", NULL};
    static const glue_signature signature = {"agree_to_all", names, 1};
    PyObject *given[1] = {NULL};
    if (glue_arguments(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    cns_answer answer = {.kind = CNS_AGREE};
    return answered((StatusObject *)self, &answer, given[0]);
}

PyObject *glue_disagree_to_all(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames) {
    static const char *const names[] = {"now", "legitimate_interest", NULL};
    static const glue_signature signature = {"disagree_to_all", names, 2};
    PyObject *given[2] = {NULL, NULL};
    if (glue_arguments(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    cns_answer answer = {.kind = CNS_DISAGREE, .legitimate_interest = CNS_UNKNOWN};
    if (given[1] && given[1] != Py_None) {
        if (!PyBool_Check(given[1]))
            return PyErr_Format(PyExc_TypeError,
                                "legitimate_interest is a bool or None, not %.100s",
                                Py_TYPE(given[1])->tp_name);
        answer.legitimate_interest = given[1] == Py_True ? CNS_YES : CNS_NO;
    }
    return answered((StatusObject *)self, &answer, given[0]);
}

/* List of the ids that the notice has, for an error. */
static PyObject *ids_of(StatusObject *self, bool vendor) {
    const cns_notice *notice = self->owner->notice;
    const cns_config *config = self->owner->owner->config;
    PyObject *list = PyList_New(0);
    uint32_t number;
    for (size_t i = 0; list && (number = vendor ? cns_notice_vendor_at(notice, i)
                                                : cns_notice_purpose_at(notice, i)) != CNS_NO_ID;
         i++) {
        PyObject *id = glue_text(vendor ? cns_config_vendor_id(config, number)
                                        : cns_config_purpose_id(config, number));
        if (!id || PyList_Append(list, id) < 0)
            Py_CLEAR(list);
        Py_XDECREF(id);
    }
    return list;
}

/* UnknownIdError: a choice is about what this visitor is asked for. */
static void not_offered(StatusObject *self, bool vendor, PyObject *id) {
    PyObject *known = ids_of(self, vendor);
    PyObject *module = known ? PyImport_ImportModule("consentpy.errors") : NULL;
    PyObject *error = module
                          ? PyObject_CallMethod(module, "unknown_id", "sOOs",
                                                vendor ? "vendor" : "purpose", id, known, "notice")
                          : NULL;
    if (error)
        PyErr_SetObject((PyObject *)Py_TYPE(error), error);
    Py_XDECREF(error);
    Py_XDECREF(module);
    Py_XDECREF(known);
}

static int add_choice(StatusObject *self, cns_choice *choice, const char *name, PyObject *id,
                      PyObject *agreed) {
    const cns_config *config = self->owner->owner->config;
    if (!PyBool_Check(agreed)) {
        PyErr_Format(PyExc_TypeError, "%s maps ids to bool, not to %.100s", name,
                     Py_TYPE(agreed)->tp_name);
        return -1;
    }
    choice->agreed = agreed == Py_True;
    if ((choice->vendor ? glue_vendor_number(config, id, &choice->number)
                        : glue_purpose_number(config, id, &choice->number)) < 0)
        return -1;
    if (!cns_notice_offers(self->owner->notice, choice->vendor, choice->number)) {
        not_offered(self, choice->vendor, id);
        return -1;
    }
    return 0;
}

static int add_choices(StatusObject *self, cns_answer *answer, cns_choice **choices,
                       const char *name, PyObject *mapping, bool vendor, bool li_only) {
    if (!mapping || mapping == Py_None)
        return 0;
    if (!PyDict_Check(mapping) &&
        (!PyMapping_Check(mapping) || !PyObject_HasAttrString(mapping, "items"))) {
        PyErr_Format(PyExc_TypeError, "%s is a mapping of ids to bool or None, not %.100s", name,
                     Py_TYPE(mapping)->tp_name);
        return -1;
    }
    PyObject *items = PyMapping_Items(mapping);
    if (!items)
        return -1;
    size_t count = (size_t)PyList_GET_SIZE(items);
    cns_choice *grown = PyMem_Realloc(*choices, (answer->count + count + 1) * sizeof **choices);
    int failed = grown ? 0 : -1;
    if (grown)
        *choices = grown;
    else
        PyErr_NoMemory();
    for (size_t i = 0; !failed && i < count; i++) {
        PyObject *pair = PyList_GET_ITEM(items, (Py_ssize_t)i);
        if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
            PyErr_Format(PyExc_TypeError, "%s.items() gives pairs", name);
            failed = -1;
            break;
        }
        cns_choice *choice = &grown[answer->count];
        *choice = (cns_choice){.vendor = vendor, .li_only = li_only};
        failed =
            add_choice(self, choice, name, PyTuple_GET_ITEM(pair, 0), PyTuple_GET_ITEM(pair, 1));
        if (!failed)
            answer->count++;
    }
    Py_DECREF(items);
    return failed;
}

PyObject *glue_set(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    static const char *const names[] = {"purposes",   "vendors", "purposes_li",
                                        "vendors_li", "now",     NULL};
    static const glue_signature signature = {"set", names, 5};
    PyObject *given[5] = {NULL, NULL, NULL, NULL, NULL}, *made = NULL;
    if (glue_arguments(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    cns_answer answer = {.kind = CNS_SET};
    cns_choice *choices = NULL;
    StatusObject *status = (StatusObject *)self;
    bool whole = true;
    /* legitimate interest last, where it counts before what is said for every basis */
    for (int i = 0; whole && i < 4; i++)
        whole = add_choices(status, &answer, &choices, names[i], given[i], i % 2, i >= 2) == 0;
    answer.choices = choices;
    if (whole)
        made = answered(status, &answer, given[4]);
    PyMem_Free(choices);
    return made;
}

/* ------------------------------------------------------------------ cookies */

/* The configured domain of the cookies as str, or None. */
static PyObject *custom_domain(const cns_notice *notice) {
    static const char path[] = "cookies.local.customDomain";
    const cns_value *value = cns_notice_get(notice, path, sizeof path - 1);
    if (!value || cns_value_kind(value) != CNS_STRING)
        Py_RETURN_NONE;
    return glue_text((cns_text){cns_value_text(value), cns_value_count(value)});
}

/* A pair of a cookie's name and its value, None for one that is to go; stolen. */
static int add_pair(PyObject *pairs, StatusObject *status, cns_cookie which, PyObject *value) {
    PyObject *name = value ? glue_cookie_name(status->owner, which) : NULL;
    PyObject *pair = name ? PyTuple_Pack(2, name, value) : NULL;
    int failed = pair ? PyList_Append(pairs, pair) : PyErr_Occurred() ? -1 : 0;
    Py_XDECREF(pair);
    Py_XDECREF(value);
    return failed;
}

/* What was sent and no longer says what counts: the other format, a TC string that is out of
 * force. */
static int add_expired(PyObject *pairs, StatusObject *status, const cns_kept_cookies *kept) {
    static const struct {
        cns_cookie cookie;
        unsigned came;
    } formats[] = {{CNS_COOKIE_TOKEN, GLUE_CAME_TOKEN},
                   {CNS_COOKIE_DCS, GLUE_CAME_DCS},
                   {CNS_COOKIE_DCS_PLAIN, GLUE_CAME_DCS_PLAIN}};
    bool any = kept->of[CNS_COOKIE_TOKEN].text || kept->of[CNS_COOKIE_DCS].text;
    if (!status->answered || !any)
        return 0;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (status->came & formats[i].came && !kept->of[formats[i].cookie].text &&
            add_pair(pairs, status, formats[i].cookie, Py_NewRef(Py_None)) < 0)
            return -1;
    return status->drop_tc ? add_pair(pairs, status, CNS_COOKIE_TC, Py_NewRef(Py_None)) : 0;
}

static PyObject *pairs_of(StatusObject *status, const cns_kept_cookies *kept) {
    PyObject *pairs = PyList_New(0);
    for (unsigned i = 0; pairs && i < CNS_COOKIES; i++)
        if (kept->of[i].text &&
            add_pair(pairs, status, (cns_cookie)i,
                     PyUnicode_DecodeASCII(kept->of[i].text, (Py_ssize_t)kept->of[i].len, NULL)) <
                0)
            Py_CLEAR(pairs);
    if (pairs && add_expired(pairs, status, kept) < 0)
        Py_CLEAR(pairs);
    return pairs;
}

int glue_keep(StatusObject *status, cns_kept_cookies *kept) {
    cns_visit visit;
    glue_room room;
    glue_cookies cookies;
    cns_error err;
    cns_keeping keeping = {.dcs = status->as_dcs, .refused = status->refused};
    Py_ssize_t len;
    if (status->replaced) {
        keeping.before.text = PyUnicode_AsUTF8AndSize(status->replaced, &len);
        if (!keeping.before.text)
            return -1;
        keeping.before.len = (size_t)len;
    }
    if (glue_visit_of(status, true, &cookies, &room, &visit) < 0)
        return -1;
    cns_code code =
        cns_answer_keep(kept, status->owner->notice, &visit, &keeping, cns_alloc_default(), &err);
    glue_cookies_close(&cookies);
    if (code != CNS_OK)
        (void)glue_consent_error(glue_state_of((PyObject *)status), &err);
    return code == CNS_OK ? 0 : -1;
}

PyObject *glue_answer_cookies(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *kwnames) {
    static const char *const names[] = {"domain", "secure", "samesite", NULL};
    static const glue_signature signature = {"cookies", names, 3};
    PyObject *given[3] = {NULL, NULL, NULL};
    StatusObject *status = (StatusObject *)self;
    cns_kept_cookies kept;
    if (glue_arguments(&signature, args, nargs, kwnames, given) < 0 || glue_keep(status, &kept) < 0)
        return NULL;
    PyObject *pairs = pairs_of(status, &kept);
    PyObject *module = pairs ? PyImport_ImportModule("consentpy.cookie") : NULL;
    PyObject *configured = module ? custom_domain(status->owner->notice) : NULL;
    PyObject *result =
        configured
            ? PyObject_CallMethod(module, "_cookies", "OLOOOO", pairs, (long long)kept.max_age,
                                  configured, given[0] ? given[0] : Py_None,
                                  given[1] ? given[1] : Py_True, given[2] ? given[2] : Py_Ellipsis)
            : NULL;
    cns_kept_release(&kept, cns_alloc_default());
    Py_XDECREF(configured);
    Py_XDECREF(module);
    Py_XDECREF(pairs);
    return result;
}

/* ------------------------------------------------------- choices from an address */

int glue_external(PyObject **value, cns_visit *visit, glue_room *room, const cns_notice *notice,
                  PyObject *given) {
    cns_query query;
    PyObject *keep;
    unsigned char random[CNS_ANSWER_RANDOM];
    char *text = NULL;
    size_t len = 0;
    cns_status *before = NULL;
    if (glue_query_open(&query, given, &keep) < 0)
        return -1;
    int failed = 0;
    if (cns_notice_takes_external(notice)) {
        failed = random_bytes(random);
        if (!failed && (cns_external_write(&text, &len, &visit->external_unread, notice, visit,
                                           &query, random, cns_alloc_default(), NULL) != CNS_OK ||
                        (text && cns_status_new(&before, notice, visit, cns_alloc_default(),
                                                NULL) != CNS_OK))) {
            PyErr_NoMemory();
            failed = -1;
        }
    }
    Py_XDECREF(keep);
    if (text && !failed) {
        glue_cookies none;
        (void)glue_cookies_open(&none, NULL);
        *value = glue_made(text, len);
        if (!*value) {
            cns_status_free(before);
            return -1;
        }
        failed = glue_visit_one(&none, *value, room, visit); /* ASCII: borrows from the str */
        visit->before = before;
    } else if (text) {
        cns_text_free(cns_alloc_default(), text, len);
    }
    return failed;
}
