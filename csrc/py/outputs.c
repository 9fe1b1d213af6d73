/* outputs.c - members of Status: what other systems are told. */
#include "glue.h"

static cns_status *core(PyObject *self) {
    return ((StatusObject *)self)->status;
}

PyObject *glue_us_privacy(PyObject *self, void *closure) {
    (void)closure;
    char text[5];
    cns_status_us_privacy(core(self), text);
    return PyUnicode_FromString(text);
}

PyObject *glue_experiment_group(PyObject *self, void *closure) {
    (void)closure;
    const char *group = cns_status_experiment_group(core(self));
    if (!group)
        Py_RETURN_NONE;
    return PyUnicode_FromString(group);
}

/* dict[name] = value, which is stolen and may be NULL. */
static int put(PyObject *dict, const char *name, PyObject *value) {
    int failed = value ? PyDict_SetItemString(dict, name, value) : -1;
    Py_XDECREF(value);
    return failed;
}

PyObject *glue_google_consent_mode(PyObject *self, PyObject *ignored) {
    (void)ignored;
    bool granted[CNS_GCM_TYPES];
    if (!cns_status_gcm(core(self), granted))
        Py_RETURN_NONE;
    PyObject *dict = PyDict_New();
    for (size_t i = 0; dict && i < CNS_GCM_TYPES; i++)
        if (put(dict, cns_gcm_type(i), PyUnicode_FromString(granted[i] ? "granted" : "denied")) < 0)
            Py_CLEAR(dict);
    return dict;
}

/* ctx points to a dict, or to NULL once something has failed. */
static void hear(void *ctx, const cns_variable *variable) {
    PyObject **dict = ctx;
    if (!*dict)
        return;
    PyObject *value =
        variable->text.text ? glue_text(variable->text) : PyLong_FromLong(variable->number);
    if (put(*dict, variable->name, value) < 0)
        Py_CLEAR(*dict);
}

PyObject *glue_data_layer(PyObject *self, PyObject *ignored) {
    (void)ignored;
    PyObject *dict = PyDict_New();
    if (dict && cns_status_data_layer(core(self), hear, &dict, cns_alloc_default()) != CNS_OK) {
        Py_XDECREF(dict);
        return PyErr_NoMemory();
    }
    return dict;
}
