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

static PyObject *consent_error(const cns_error *err) {
    if (err->code == CNS_E_NOMEM)
        return PyErr_NoMemory();
    PyObject *module = PyImport_ImportModule("consentpy.errors");
    PyObject *type = module ? PyObject_GetAttrString(module, "ConsentError") : NULL;
    if (type)
        PyErr_SetString(type, err->message);
    Py_XDECREF(type);
    Py_XDECREF(module);
    return NULL;
}

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

/* A value from the core as a str; the text is freed. */
static PyObject *value_text(char *text, size_t len) {
    PyObject *value = PyUnicode_DecodeASCII(text, (Py_ssize_t)len, NULL);
    cns_text_free(cns_alloc_default(), text, len);
    return value;
}

/* ---------------------------------------------------------------- the visit */

int glue_visit_of(const StatusObject *self, bool stored, glue_cookies *cookies, cns_text *room,
                  cns_visit *visit) {
    memset(visit, 0, sizeof *visit);
    memset(cookies, 0, sizeof *cookies);
    PyObject *value = self->external && !stored ? self->external : self->sent;
    bool own = self->own || value != self->sent;
    if (self->header && value == self->sent) {
        if (glue_cookies_open(cookies, value) < 0)
            return -1;
        if (glue_cookies_find(cookies, self->owner->cookie_name, room, visit) < 0) {
            glue_cookies_close(cookies);
            return -1;
        }
    } else if (value) {
        if (glue_cookies_one(cookies, value, room, visit) < 0)
            return -1;
    } else {
        visit->not_text = self->not_text;
    }
    visit->now = self->now;
    visit->gpc = self->gpc;
    visit->bot = cns_status_is_bot(self->status);
    visit->settled = self->settled;
    visit->own = own;
    return 0;
}

/* ---------------------------------------------------------------- answering */

/* The status after an answer. The visit's cookies are replaced by the value written. */
static PyObject *answered(StatusObject *self, cns_answer *answer, PyObject *now) {
    cns_visit visit;
    cns_text room[CNS_MAX_SAME_NAME];
    glue_cookies cookies;
    cns_error err;
    char *text;
    size_t len;
    int64_t when;
    if (glue_now(now, &when) < 0 || random_bytes(answer->random) < 0 ||
        glue_visit_of(self, false, &cookies, room, &visit) < 0)
        return NULL;
    visit.now = when;
    answer->unstored = self->external != NULL;
    StatusObject *made = NULL;
    PyObject *value = NULL;
    if (cns_answer_write(&text, &len, self->owner->notice, &visit, answer, cns_alloc_default(),
                         &err) != CNS_OK) {
        consent_error(&err);
        goto done;
    }
    visit.settled = true;
    if (text) {
        value = value_text(text, len);
        if (!value)
            goto done;
        room[0] = (cns_text){PyUnicode_AsUTF8(value), len};
        visit.cookies = room;
        visit.cookie_count = 1;
        visit.own = true;
        visit.cut = visit.not_text = false;
    }
    made = glue_status_of(glue_state_of((PyObject *)self), self->owner, &visit);
    if (made) {
        made->settled = true;
        made->sent = Py_XNewRef(value ? value : self->sent);
        made->external = value ? NULL : Py_XNewRef(self->external);
        made->header = !value && self->header;
        made->not_text = !value && self->not_text;
        made->own = value || self->own;
    }
done:
    Py_XDECREF(value);
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

PyObject *glue_answer_cookies(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *kwnames) {
    static const char *const names[] = {"domain", "secure", "samesite", NULL};
    static const glue_signature signature = {"cookies", names, 3};
    PyObject *given[3] = {NULL, NULL, NULL};
    StatusObject *status = (StatusObject *)self;
    cns_visit visit;
    cns_text room[CNS_MAX_SAME_NAME];
    glue_cookies cookies;
    cns_error err;
    char *text = NULL;
    size_t len = 0;
    int64_t max_age = 0;
    if (glue_arguments(&signature, args, nargs, kwnames, given) < 0 ||
        glue_visit_of(status, true, &cookies, room, &visit) < 0)
        return NULL;
    cns_code code = cns_answer_keep(&text, &len, &max_age, status->owner->notice, &visit,
                                    cns_alloc_default(), &err);
    glue_cookies_close(&cookies);
    if (code != CNS_OK)
        return consent_error(&err);
    PyObject *value = text ? value_text(text, len) : Py_NewRef(Py_None);
    PyObject *module = value ? PyImport_ImportModule("consentpy.cookie") : NULL;
    PyObject *configured = module ? custom_domain(status->owner->notice) : NULL;
    PyObject *result =
        configured
            ? PyObject_CallMethod(module, "_cookies", "OOLOOOO", status->owner->cookie_name, value,
                                  (long long)max_age, configured, given[0] ? given[0] : Py_None,
                                  given[1] ? given[1] : Py_True, given[2] ? given[2] : Py_Ellipsis)
            : NULL;
    Py_XDECREF(configured);
    Py_XDECREF(module);
    Py_XDECREF(value);
    return result;
}

/* ------------------------------------------------------- choices from an address */

int glue_external(PyObject **value, cns_visit *visit, cns_text *room, const cns_notice *notice,
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
        *value = value_text(text, len);
        if (!*value) {
            cns_status_free(before);
            return -1;
        }
        room[0] = (cns_text){PyUnicode_AsUTF8(*value), len};
        visit->cookies = room;
        visit->cookie_count = 1;
        visit->cut = visit->not_text = false;
        visit->own = true;
        visit->before = before;
    } else if (text) {
        cns_text_free(cns_alloc_default(), text, len);
    }
    return failed;
}
