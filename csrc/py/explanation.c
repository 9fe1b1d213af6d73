/* explanation.c - Status.explain: what the core tells, as records for Explanation. */
#include "glue.h"

typedef struct hearing {
    glue_state *state;
    NoticeObject *notice;
    PyObject *known;    /* dict: path -> Setting, one for each entry */
    PyObject *settings; /* list, of the next step */
    PyObject *steps;    /* list */
    bool failed;        /* with an exception */
} hearing;

static PyObject *word(const char *text) {
    if (!text)
        Py_RETURN_NONE;
    return PyUnicode_FromString(text);
}

/* A new record; finding the line goes over the layer's text, so it is made once. */
static PyObject *record_of(const hearing *to, PyObject *path, const cns_origin *origin) {
    PyObject *place = glue_origin(to->state, to->notice, origin);
    if (!place)
        return NULL;
    PyObject *items[] = {Py_NewRef(path), Py_NewRef(PyStructSequence_GetItem(place, 1)),
                         Py_NewRef(PyStructSequence_GetItem(place, 0)),
                         Py_NewRef(PyStructSequence_GetItem(place, 2)),
                         Py_NewRef(PyStructSequence_GetItem(place, 3))};
    Py_DECREF(place);
    return glue_sequence(to->state->setting_type, items, 5);
}

/* The record of a path, borrowed from `known`; NULL with an exception. */
static PyObject *known_record(const hearing *to, PyObject *path, const cns_origin *origin) {
    PyObject *found = PyDict_GetItemWithError(to->known, path);
    if (found || PyErr_Occurred())
        return found;
    PyObject *fresh = record_of(to, path, origin);
    if (!fresh)
        return NULL;
    int failed = PyDict_SetItem(to->known, path, fresh);
    Py_DECREF(fresh);
    return failed < 0 ? NULL : fresh;
}

static bool holds(PyObject *list, PyObject *item) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++)
        if (PyList_GET_ITEM(list, i) == item)
            return true;
    return false;
}

static void hear_setting(void *ctx, const cns_setting *setting) {
    hearing *to = ctx;
    if (to->failed)
        return;
    PyObject *path = glue_text(setting->path);
    PyObject *record = path ? known_record(to, path, &setting->origin) : NULL;
    to->failed =
        !record || (!holds(to->settings, record) && PyList_Append(to->settings, record) < 0);
    Py_XDECREF(path);
}

static void hear_step(void *ctx, const cns_step *step) {
    hearing *to = ctx;
    if (to->failed)
        return;
    PyObject *items[] = {word(step->step),
                         glue_text(step->subject),
                         word(step->basis),
                         word(step->result),
                         word(step->text),
                         PyBool_FromLong(step->passed),
                         PyList_AsTuple(to->settings)};
    PyObject *record = glue_sequence(to->state->step_type, items, 7);
    to->failed = !record || PyList_Append(to->steps, record) < 0 ||
                 PyList_SetSlice(to->settings, 0, PY_SSIZE_T_MAX, NULL) < 0;
    Py_XDECREF(record);
}

/* ------------------------------------------------------------- would_allow */

typedef struct changes {
    const cns_config *config;
    PyObject *arguments; /* dict of dicts; NULL after a failure */
} changes;

static void hear_choice(void *ctx, const cns_choice *choice) {
    static const char *const names[] = {"purposes", "vendors", "purposes_li", "vendors_li"};
    changes *to = ctx;
    if (!to->arguments)
        return;
    const char *name = names[2 * choice->li_only + choice->vendor];
    PyObject *key = PyUnicode_FromString(name), *made = key ? PyDict_New() : NULL;
    PyObject *ids = made ? PyDict_SetDefault(to->arguments, key, made) : NULL; /* borrowed */
    PyObject *id =
        ids ? glue_text(choice->vendor ? cns_config_vendor_id(to->config, choice->number)
                                       : cns_config_purpose_id(to->config, choice->number))
            : NULL;
    bool failed = !id || PyDict_SetItem(ids, id, choice->agreed ? Py_True : Py_False) < 0;
    Py_XDECREF(id);
    Py_XDECREF(made);
    Py_XDECREF(key);
    if (failed)
        Py_CLEAR(to->arguments);
}

/* Keyword arguments for set(), or None; a new reference. */
static PyObject *would_allow(const StatusObject *self, const cns_gate *gate) {
    cns_visit visit;
    glue_room room;
    glue_cookies cookies;
    bool possible;
    if (glue_visit_of(self, false, &cookies, &room, &visit) < 0)
        return NULL;
    changes to = {self->owner->owner->config, PyDict_New()};
    cns_code code = cns_status_would_allow(&possible, self->status, &visit, self->external != NULL,
                                           gate, hear_choice, &to, cns_alloc_default());
    glue_cookies_close(&cookies);
    if (code != CNS_OK) {
        Py_CLEAR(to.arguments);
        return PyErr_NoMemory();
    }
    if (to.arguments && !possible) {
        Py_DECREF(to.arguments);
        Py_RETURN_NONE;
    }
    return to.arguments;
}

PyObject *glue_explain(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    const StatusObject *status = (StatusObject *)self;
    glue_condition condition;
    if (glue_question(self, "explain", args, nargs, kwnames, &condition) < 0)
        return NULL;
    hearing to = {glue_state_of(self), status->owner, PyDict_New(),
                  PyList_New(0),       PyList_New(0), false};
    cns_listener listener = {hear_setting, hear_step, &to};
    const char *reason = NULL;
    to.failed = !to.known || !to.settings || !to.steps;
    bool allowed = cns_status_explain(status->status, &status->owner->place, &condition.gate,
                                      condition.names, &listener, &reason);
    PyObject *change = to.failed ? NULL : would_allow(status, &condition.gate);
    glue_condition_close(&condition);
    PyObject *module = change ? PyImport_ImportModule("consentpy.explanation") : NULL;
    PyObject *result =
        module ? PyObject_CallMethod(module, "Explanation", "OsOO", allowed ? Py_True : Py_False,
                                     reason, to.steps, change)
               : NULL;
    Py_XDECREF(module);
    Py_XDECREF(change);
    Py_XDECREF(to.known);
    Py_XDECREF(to.settings);
    Py_XDECREF(to.steps);
    return result;
}
