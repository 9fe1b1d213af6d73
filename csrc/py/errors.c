/* errors.c - the core's errors as exceptions (consentpy/errors.py has the classes). */
#include "glue.h"

static int set_attribute(PyObject *exception, const char *name, PyObject *value) {
    if (!value)
        return -1;
    int failed = PyObject_SetAttrString(exception, name, value);
    Py_DECREF(value);
    return failed;
}

static PyObject *number_or_none(uint32_t number) {
    if (number == 0)
        Py_RETURN_NONE;
    return PyLong_FromUnsignedLong(number);
}

#define AROUND 256u /* bytes before and behind a place that its line is cut from */

/* The line with a caret under the place; an empty text where there is no text. */
static PyObject *excerpt(const cns_error *err, const char *text, size_t len, PyObject *none) {
    if (!text || !err->line)
        return Py_NewRef(none);
    size_t at = err->offset < len ? err->offset : len;
    size_t from = at > AROUND ? at - AROUND : 0, end = len - at > AROUND ? at + AROUND : len;
    PyObject *module = PyImport_ImportModule("consentpy._excerpt");
    PyObject *shown =
        module ? PyObject_CallMethod(module, "excerpt", "y#nIOO", text + from,
                                     (Py_ssize_t)(end - from), (Py_ssize_t)(at - from), err->line,
                                     from ? Py_True : Py_False, end < len ? Py_True : Py_False)
               : NULL;
    Py_XDECREF(module);
    return shown;
}

PyObject *glue_config_error(glue_state *state, const cns_error *err, PyObject *layer,
                            PyObject *shown, const char *text, Py_ssize_t len) {
    if (err->code == CNS_E_NOMEM)
        return PyErr_NoMemory();
    PyObject *path = PyUnicode_DecodeUTF8(err->path, (Py_ssize_t)strlen(err->path), "replace");
    PyObject *message = NULL, *exception = NULL;
    if (!path)
        return NULL;
    if (!shown)
        shown = layer && layer != Py_None ? layer : state->none_text;
    const char *colon = PyUnicode_GET_LENGTH(shown) ? ": " : "";
    const char *at = err->path[0] ? ": " : "";
    if (err->line)
        message = PyUnicode_FromFormat("%U%sline %u, column %u: %U%s%s", shown, colon, err->line,
                                       err->column, path, at, err->message);
    else
        message = PyUnicode_FromFormat("%U%s%U%s%s", shown, colon, path, at, err->message);
    if (message)
        exception = PyObject_CallOneArg(state->config_error, message);
    if (exception && set_attribute(exception, "layer", Py_NewRef(layer ? layer : Py_None)) == 0 &&
        set_attribute(exception, "path", Py_NewRef(path)) == 0 &&
        set_attribute(exception, "line", number_or_none(err->line)) == 0 &&
        set_attribute(exception, "column", number_or_none(err->column)) == 0 &&
        set_attribute(exception, "excerpt", excerpt(err, text, (size_t)len, state->none_text)) == 0)
        PyErr_SetObject(state->config_error, exception);
    Py_XDECREF(exception);
    Py_XDECREF(message);
    Py_DECREF(path);
    return NULL;
}

PyObject *glue_decode_error(glue_state *state, const cns_error *err) {
    if (err->code == CNS_E_NOMEM)
        return PyErr_NoMemory();
    PyObject *exception = PyObject_CallFunction(state->decode_error, "s", err->message);
    if (exception && set_attribute(exception, "code", PyUnicode_FromString(err->path)) == 0 &&
        set_attribute(exception, "offset", PyLong_FromUnsignedLong(err->offset)) == 0)
        PyErr_SetObject(state->decode_error, exception);
    Py_XDECREF(exception);
    return NULL;
}

PyObject *glue_consent_error(glue_state *state, const cns_error *err) {
    if (err->code == CNS_E_NOMEM)
        return PyErr_NoMemory();
    return PyErr_Format(state->consent_error, "%s%s%s", err->path, err->path[0] ? ": " : "",
                        err->message);
}

PyObject *glue_unknown_id(glue_state *state, const char *kind, PyObject *id, PyObject *known) {
    PyObject *module = PyImport_ImportModule("consentpy.errors");
    PyObject *exception =
        module ? PyObject_CallMethod(module, "unknown_id", "sOO", kind, id, known ? known : Py_None)
               : NULL;
    if (exception)
        PyErr_SetObject(state->unknown_id_error, exception);
    Py_XDECREF(exception);
    Py_XDECREF(module);
    Py_XDECREF(known);
    return NULL;
}
