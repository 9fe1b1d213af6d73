/* status_type.c - Status. */
#include "glue.h"

PyObject *glue_status_new(glue_state *state, NoticeObject *notice, glue_cookies *cookies,
                          PyObject *now, PyObject *user_agent, PyObject *gpc, PyObject *query) {
    cns_visit visit;
    glue_room room;
    glue_sent sent;
    PyObject *external = NULL;
    StatusObject *self = NULL;
    memset(&visit, 0, sizeof visit);
    if (glue_now(now, &visit.now) < 0 || glue_sent_take(&sent, cookies, notice) < 0)
        return NULL;
    if (glue_sent_fill(&sent, cookies, notice->notice, &room, &visit) < 0)
        goto done;
    if (gpc && gpc != Py_False) {
        int on = PyObject_IsTrue(gpc);
        if (on < 0)
            goto done;
        visit.gpc = on;
    }
    if (user_agent && user_agent != Py_None) {
        if (!PyUnicode_Check(user_agent)) {
            PyErr_Format(PyExc_TypeError, "user_agent is a str or None, not %.100s",
                         Py_TYPE(user_agent)->tp_name);
            goto done;
        }
        PyObject *owner = NULL;
        Py_ssize_t len;
        const char *text = glue_utf8(user_agent, &len, &owner);
        if (!text)
            goto done;
        visit.bot = cns_notice_is_bot(notice->notice, text, (size_t)len);
        Py_XDECREF(owner);
    }
    unsigned came = (visit.tc.count || visit.tc.not_text ? GLUE_CAME_TC : 0u) |
                    (visit.cookie_count || visit.not_text ? GLUE_CAME_TOKEN : 0u);
    if (query && query != Py_None &&
        glue_external(&external, &visit, &room, notice->notice, query) < 0)
        goto done;
    self = glue_status_of(state, notice, &visit);
    if (self && cns_status_has_dcs(visit.before ? visit.before : self->status)) {
        bool named = cns_notice_cookie_name(notice->notice, CNS_COOKIE_DCS_PLAIN).len > 0;
        came |= named && visit.dcs_plain ? GLUE_CAME_DCS_PLAIN : GLUE_CAME_DCS;
    }
    if (visit.before)
        cns_status_free((cns_status *)visit.before);
done:
    if (!self) {
        Py_XDECREF(external);
        glue_sent_drop(&sent);
        return NULL;
    }
    self->sent = sent;
    self->external = external;
    self->came = came;
    return (PyObject *)self;
}

StatusObject *glue_status_of(glue_state *state, NoticeObject *notice, const cns_visit *visit) {
    cns_status *status;
    if (cns_status_new(&status, notice->notice, visit, cns_alloc_default(), NULL) != CNS_OK) {
        PyErr_NoMemory();
        return NULL;
    }
    StatusObject *self = (StatusObject *)state->status_type->tp_alloc(state->status_type, 0);
    if (!self) {
        cns_status_free(status);
        return NULL;
    }
    self->owner = (NoticeObject *)Py_NewRef((PyObject *)notice);
    self->status = status;
    self->now = visit->now;
    self->gpc = visit->gpc;
    return self;
}

static int status_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((StatusObject *)self)->owner);
    Py_VISIT(((StatusObject *)self)->sent.header);
    return 0;
}

static void status_dealloc(PyObject *self) {
    StatusObject *status = (StatusObject *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    cns_status_free(status->status);
    Py_XDECREF(status->owner);
    glue_sent_drop(&status->sent);
    Py_XDECREF(status->external);
    Py_XDECREF(status->replaced);
    type->tp_free(self);
    Py_DECREF(type);
}

static cns_status *core(PyObject *self) {
    return ((StatusObject *)self)->status;
}

static ConfigObject *config_of(PyObject *self) {
    return ((StatusObject *)self)->owner->owner;
}

/* ------------------------------------------------------------------- gates */

/* 1, 0, or -1 with an exception; what is asked goes into the fingerprint, if there is one. */
static inline int gate_allowed(PyObject *self, GateObject *gate, uint64_t *fingerprint) {
    if (gate->owner == config_of(self)) {
        if (fingerprint)
            *fingerprint = cns_gate_fingerprint(*fingerprint, &gate->gate);
        return cns_status_allows(core(self), &gate->gate);
    }
    glue_condition condition;
    if (glue_condition_of_gate(&condition, config_of(self), gate) < 0)
        return -1;
    if (fingerprint)
        *fingerprint = cns_gate_fingerprint(*fingerprint, &condition.gate);
    bool allowed = cns_status_allows(core(self), &condition.gate);
    glue_condition_close(&condition);
    return allowed;
}

int glue_question(PyObject *self, const char *function, PyObject *const *args, Py_ssize_t nargs,
                  PyObject *kwnames, glue_condition *condition) {
    static const char *const names[] = {"vendor", "purposes", NULL};
    glue_signature signature = {function, names, 2};
    PyObject *given[2] = {NULL, NULL};
    if (glue_arguments(&signature, args, nargs, kwnames, given) < 0)
        return -1;
    if (given[0] && Py_TYPE(given[0]) == config_of(self)->gate_type) {
        if (given[1]) {
            PyErr_Format(PyExc_TypeError, "%s() takes a gate alone, or a vendor and purposes",
                         function);
            return -1;
        }
        return glue_condition_of_gate(condition, config_of(self), (GateObject *)given[0]);
    }
    return glue_condition_open(condition, config_of(self)->config, given[0], given[1]);
}

static PyObject *status_allows(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames) {
    if (nargs == 1 && !kwnames && Py_TYPE(args[0]) == config_of(self)->gate_type) {
        int allowed = gate_allowed(self, (GateObject *)args[0], NULL);
        return allowed < 0 ? NULL : Py_NewRef(allowed ? Py_True : Py_False);
    }
    glue_condition condition;
    if (glue_question(self, "allows", args, nargs, kwnames, &condition) < 0)
        return NULL;
    bool allowed = cns_status_allows(core(self), &condition.gate);
    glue_condition_close(&condition);
    return PyBool_FromLong(allowed);
}

/* The gates as a list of our own, which nobody changes meanwhile, each checked; a new
 * reference. No tuple: making one of a list collects garbage between looking at the
 * list and copying it, before Python 3.12. */
static PyObject *gates_of(PyObject *self, PyObject *gates) {
    PyObject *fast = PySequence_List(gates);
    PyTypeObject *type = config_of(self)->gate_type;
    for (Py_ssize_t i = 0; fast && i < PyList_GET_SIZE(fast); i++) {
        PyObject *gate = PyList_GET_ITEM(fast, i);
        if (Py_TYPE(gate) != type) {
            PyErr_Format(PyExc_TypeError,
                         "gates is an iterable of Gate, made by config.gate(); item %zd is %.100s",
                         i, Py_TYPE(gate)->tp_name);
            Py_CLEAR(fast);
        }
    }
    return fast;
}

static PyObject *status_verdicts(PyObject *self, PyObject *gates) {
    PyObject *fast = gates_of(self, gates);
    if (!fast)
        return NULL;
    Py_ssize_t count = PyList_GET_SIZE(fast);
    PyObject *list = PyList_New(count);
    for (Py_ssize_t i = 0; list && i < count; i++) {
        int allowed = gate_allowed(self, (GateObject *)PyList_GET_ITEM(fast, i), NULL);
        if (allowed < 0)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, i, PyBool_FromLong(allowed));
    }
    Py_DECREF(fast);
    return list;
}

static PyObject *status_key(PyObject *self, PyObject *gates) {
    PyObject *fast = gates_of(self, gates);
    if (!fast)
        return NULL;
    Py_ssize_t count = PyList_GET_SIZE(fast), digits = (count + 3) / 4;
    char *bits = PyMem_Calloc((size_t)digits + 1, 1);
    PyObject *key = NULL;
    const cns_notice *notice = ((StatusObject *)self)->owner->notice;
    uint64_t fingerprint = cns_notice_fingerprint(notice);
    if (!bits) {
        PyErr_NoMemory();
        goto done;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        int allowed = gate_allowed(self, (GateObject *)PyList_GET_ITEM(fast, i), &fingerprint);
        if (allowed < 0)
            goto done;
        bits[i / 4] = (char)(bits[i / 4] | allowed << (i % 4));
    }
    for (Py_ssize_t i = 0; i < digits; i++)
        bits[i] = "0123456789abcdef"[(unsigned char)bits[i]];
    PyObject *regulation = glue_regulation(notice);
    char print[17];
    PyOS_snprintf(print, sizeof print, "%016llx", (unsigned long long)fingerprint);
    if (regulation)
        key =
            PyUnicode_FromFormat("%zd%s%s-%U-%s", count, count ? "." : "", bits, regulation, print);
    Py_XDECREF(regulation);
done:
    PyMem_Free(bits);
    Py_DECREF(fast);
    return key;
}

/* -------------------------------------------------------------- tri-states */

static int truth(PyObject *flag, bool *out) {
    int value = flag ? PyObject_IsTrue(flag) : 0;
    *out = value > 0;
    return value < 0 ? -1 : 0;
}

static PyObject *status_vendor(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames) {
    static const char *const names[] = {"id", "legitimate_interest", "with_purposes", NULL};
    static const glue_signature signature = {"vendor", names, 3};
    PyObject *given[3] = {NULL, NULL, NULL};
    uint32_t number;
    bool li, with_purposes;
    if (glue_arguments(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    if (!given[0]) {
        PyErr_SetString(PyExc_TypeError, "vendor() needs an id");
        return NULL;
    }
    if (glue_vendor_number(config_of(self)->config, given[0], &number) < 0 ||
        truth(given[1], &li) < 0 || truth(given[2], &with_purposes) < 0)
        return NULL;
    return glue_tri(cns_status_vendor(core(self), number,
                                      li ? CNS_LEGITIMATE_INTEREST : CNS_CONSENT, with_purposes));
}

static PyObject *status_purpose(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                PyObject *kwnames) {
    static const char *const names[] = {"id", "legitimate_interest", NULL};
    static const glue_signature signature = {"purpose", names, 2};
    PyObject *given[2] = {NULL, NULL};
    uint32_t number;
    bool li;
    if (glue_arguments(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    if (!given[0]) {
        PyErr_SetString(PyExc_TypeError, "purpose() needs an id");
        return NULL;
    }
    if (glue_purpose_number(config_of(self)->config, given[0], &number) < 0 ||
        truth(given[1], &li) < 0)
        return NULL;
    return glue_tri(
        cns_status_purpose(core(self), number, li ? CNS_LEGITIMATE_INTEREST : CNS_CONSENT));
}

static PyObject *status_get(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *kwnames) {
    static const char *const names[] = {"purpose", "vendor", NULL};
    static const glue_signature signature = {"get", names, 2};
    PyObject *given[2] = {NULL, NULL};
    uint32_t purpose, vendor;
    if (glue_arguments(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    if (!given[0] || !given[1]) {
        PyErr_SetString(PyExc_TypeError, "get() needs a purpose and a vendor");
        return NULL;
    }
    if (glue_purpose_number(config_of(self)->config, given[0], &purpose) < 0 ||
        glue_vendor_number(config_of(self)->config, given[1], &vendor) < 0)
        return NULL;
    return glue_tri(cns_status_pair(core(self), purpose, vendor));
}

/* --------------------------------------------------------------- attributes */

static PyObject *status_notice(PyObject *self, void *closure) {
    (void)closure;
    return Py_NewRef((PyObject *)((StatusObject *)self)->owner);
}

static PyObject *status_should(PyObject *self, void *closure) {
    (void)closure;
    bool should;
    (void)cns_status_collect(core(self), &should);
    return PyBool_FromLong(should);
}

static PyObject *status_reason(PyObject *self, void *closure) {
    (void)closure;
    return PyUnicode_FromString(cns_collect_text(cns_status_collect(core(self), NULL)));
}

static PyObject *status_partial(PyObject *self, void *closure) {
    (void)closure;
    return PyBool_FromLong(cns_status_partial(core(self)));
}

static PyObject *status_bot(PyObject *self, void *closure) {
    (void)closure;
    return PyBool_FromLong(cns_status_is_bot(core(self)));
}

static PyObject *status_user_id(PyObject *self, void *closure) {
    (void)closure;
    return glue_text(cns_status_user_id(core(self)));
}

static PyObject *status_created(PyObject *self, void *closure) {
    (void)closure;
    int64_t micros;
    bool there = cns_status_created(core(self), &micros);
    return glue_datetime(there, micros);
}

static PyObject *status_updated(PyObject *self, void *closure) {
    (void)closure;
    int64_t micros;
    bool there = cns_status_updated(core(self), &micros);
    return glue_datetime(there, micros);
}

static PyObject *status_expires(PyObject *self, void *closure) {
    (void)closure;
    int64_t micros;
    bool there = cns_status_expires(core(self), &micros);
    return glue_datetime(there, micros);
}

static PyObject *status_diagnostics(PyObject *self, void *closure) {
    (void)closure;
    size_t count = cns_status_findings(core(self));
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);
    for (size_t i = 0; tuple && i < count; i++) {
        cns_finding finding = cns_status_finding(core(self), i);
        PyObject *items[] = {
            PyUnicode_FromString(finding.code),
            PyUnicode_FromString(finding.warning ? "warning" : "error"),
            Py_XNewRef(glue_cookie_name(((StatusObject *)self)->owner, finding.cookie)),
            PyUnicode_FromString(finding.message),
            Py_NewRef(Py_None),
            Py_NewRef(Py_None),
            Py_NewRef(Py_None)};
        PyObject *record = glue_sequence(glue_state_of(self)->diagnostic_type, items, 7);
        if (!record)
            Py_CLEAR(tuple);
        else
            PyTuple_SET_ITEM(tuple, (Py_ssize_t)i, record);
    }
    return tuple;
}

static PyObject *status_reduce(PyObject *self, PyObject *ignored) {
    (void)self;
    (void)ignored;
    PyErr_SetString(PyExc_TypeError,
                    "a Status belongs to one request and does not pickle: keep its key() or "
                    "current() instead");
    return NULL;
}

static PyObject *status_repr(PyObject *self) {
    PyObject *law = glue_regulation(((StatusObject *)self)->owner->notice);
    if (!law)
        return NULL;
    PyObject *text = PyUnicode_FromFormat("<consentpy.Status regulation=%U collect_reason=%s>", law,
                                          cns_collect_text(cns_status_collect(core(self), NULL)));
    Py_DECREF(law);
    return text;
}

static PyGetSetDef status_members[] = {
    {"notice", status_notice, NULL, "the Notice used", NULL},
    {"should_collect", status_should, NULL, "True when the visitor is to be asked", NULL},
    {"collect_reason", status_reason, NULL,
     "'not-required', 'bot', 'opt-out', 'complete', 'within-window', 'no-choice', 'expired', "
     "'denied-expired',\n"
     "'ignored-before' or 'new-vendor'",
     NULL},
    {"partial", status_partial, NULL, "True when a vendor or purpose of the notice has no answer",
     NULL},
    {"bot", status_bot, NULL, "True when the user agent is a known bot (R14)", NULL},
    {"user_id", status_user_id, NULL, "the token's user id, or None", NULL},
    {"created", status_created, NULL, "aware datetime or None", NULL},
    {"updated", status_updated, NULL, "aware datetime or None", NULL},
    {"expires", status_expires, NULL, "when the present answer ends: aware datetime or None", NULL},
    {"experiment_group", glue_experiment_group, NULL,
     "'test', 'control' or None: the visitor's group in the configured A/B test, which is not "
     "applied",
     NULL},
    {"tc_string", glue_tc_string, NULL,
     "the TC string in force (R12); '' where there is none, or several that differ", NULL},
    {"addtl_consent", glue_addtl_consent, NULL,
     "Google's additional consent string; '' where there is none", NULL},
    {"us_privacy", glue_us_privacy, NULL, "the US Privacy string: '1---' except under ccpa", NULL},
    {"diagnostics", status_diagnostics, NULL, "tuple of Diagnostic about what the visitor sent",
     NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyMethodDef status_methods[] = {
    {"allows", (PyCFunction)(void (*)(void))status_allows, METH_FASTCALL | METH_KEYWORDS,
     "allows($self, /, vendor=None, purposes=())\n--\n\n"
     "May this tag run now (R1)? The first argument is a Gate, alone, or a vendor id. Unknown ids: "
     "False.\n"
     "TypeError when neither is given."},
    {"verdicts", status_verdicts, METH_O,
     "verdicts($self, gates, /)\n--\n\nallows() of every Gate of an iterable, as a list: all tags "
     "of a page at once."},
    {"key", status_key, METH_O,
     "key($self, gates, /)\n--\n\n"
     "A short stable text of the verdicts, the regulation and the configuration: equal keys, equal "
     "pages."},
    {"explain", (PyCFunction)(void (*)(void))glue_explain, METH_FASTCALL | METH_KEYWORDS,
     "explain($self, /, vendor=None, purposes=())\n--\n\n"
     "Why allows() says what it says: an Explanation. The first argument as in allows()."},
    {"vendor", (PyCFunction)(void (*)(void))status_vendor, METH_FASTCALL | METH_KEYWORDS,
     "vendor($self, /, id, legitimate_interest=False, with_purposes=False)\n--\n\n"
     "True, False or None: what is stored for a vendor on one basis; with its purposes on "
     "request."},
    {"purpose", (PyCFunction)(void (*)(void))status_purpose, METH_FASTCALL | METH_KEYWORDS,
     "purpose($self, /, id, legitimate_interest=False)\n--\n\n"
     "True, False or None: what is stored for a purpose on one basis. Essential purposes are "
     "True."},
    {"get", (PyCFunction)(void (*)(void))status_get, METH_FASTCALL | METH_KEYWORDS,
     "get($self, /, purpose, vendor)\n--\n\n"
     "True, False or None for a pair on the consent basis: the SDK's getUserConsentStatus."},
    {"current", glue_current, METH_NOARGS,
     "current($self, /)\n--\n\nThe SDK's getCurrentUserStatus(), as a new dict."},
    {"lists", glue_lists, METH_NOARGS,
     "lists($self, /)\n--\n\nThe SDK's getUserStatus(), as a new dict."},
    {"tc_data", glue_tc_data, METH_NOARGS,
     "tc_data($self, /)\n--\n\n"
     "The members of __tcfapi's TCData that a server can know, as a new dict; ids are texts. "
     "Without a\n"
     "TC string in force only gdprApplies and an empty tcString."},
    {"google_consent_mode", glue_google_consent_mode, METH_NOARGS,
     "google_consent_mode($self, /)\n--\n\n"
     "'granted' or 'denied' for each of Google's consent types, as a new dict; None when there is "
     "nothing to\n"
     "send: the integration is off, or nothing is decided and no defaults are configured."},
    {"data_layer", glue_data_layer, METH_NOARGS,
     "data_layer($self, /)\n--\n\n"
     "The SDK's variables for tag managers, as a new dict. Lists are ids with a comma after each."},
    {"fill_macros", (PyCFunction)(void (*)(void))glue_fill_macros, METH_FASTCALL | METH_KEYWORDS,
     "fill_macros($self, /, text, *, vendor=None, vendor_raw=None)\n--\n\n"
     "The text of a tag with the SDK's macros replaced: {gdpr}, {gdpr_consent}, and with the ids "
     "of "
     "its\n"
     "attributes {gdpr_consent_vendor}, {gdpr_consent_vendor_raw} and their _boolean forms."},
    {"agree_to_all", (PyCFunction)(void (*)(void))glue_agree_to_all, METH_FASTCALL | METH_KEYWORDS,
     glue_agree_to_all_doc},
    {"disagree_to_all", (PyCFunction)(void (*)(void))glue_disagree_to_all,
     METH_FASTCALL | METH_KEYWORDS, glue_disagree_to_all_doc},
    {"set", (PyCFunction)(void (*)(void))glue_set, METH_FASTCALL | METH_KEYWORDS, glue_set_doc},
    {"cookies", (PyCFunction)(void (*)(void))glue_answer_cookies, METH_FASTCALL | METH_KEYWORDS,
     glue_answer_cookies_doc},
    {"__reduce__", status_reduce, METH_NOARGS, NULL},
    {"__copy__", glue_identity, METH_NOARGS, NULL},
    {"__deepcopy__", glue_identity, METH_O, NULL},
    {NULL, NULL, 0, NULL}};

static PyType_Slot status_slots[] = {{Py_tp_doc,
                                      "What one visitor's answer allows under one Notice. Made by "
                                      "Notice.status() or Config.status();\n"
                                      "immutable."},
                                     {Py_tp_dealloc, status_dealloc},
                                     {Py_tp_traverse, status_traverse},
                                     {Py_tp_repr, status_repr},
                                     {Py_tp_getset, status_members},
                                     {Py_tp_methods, status_methods},
                                     {0, NULL}};

PyType_Spec glue_status_spec = {"consentpy.Status", sizeof(StatusObject), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE |
                                    Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                status_slots};
