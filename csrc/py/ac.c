/* ac.c - Additional Consent strings as plain objects. */
#include "glue.h"

/* An iterable of int, 0 for those outside of 1 to `most`; to be given to PyMem_Free. */
static uint32_t *numbers_of(PyObject *given, const char *field, uint32_t most, Py_ssize_t *count) {
    PyObject *items = PySequence_Fast(given, "");
    uint32_t *numbers = NULL;
    if (!items || PyUnicode_Check(given) || PyBytes_Check(given)) {
        if (items || PyErr_ExceptionMatches(PyExc_TypeError))
            PyErr_Format(PyExc_TypeError, "%s: give an iterable of int, not %.100s", field,
                         Py_TYPE(given)->tp_name);
        Py_XDECREF(items);
        return NULL;
    }
    *count = PySequence_Fast_GET_SIZE(items);
    numbers = PyMem_New(uint32_t, (size_t)*count + 1);
    if (!numbers)
        PyErr_NoMemory();
    for (Py_ssize_t i = 0; numbers && i < *count; i++) {
        PyObject *item = PySequence_Fast_GET_ITEM(items, i);
        int overflow = 0;
        long long number = -1;
        if (!PyLong_Check(item) || PyBool_Check(item))
            PyErr_Format(PyExc_TypeError, "%s: an id is an int, not %.100s", field,
                         Py_TYPE(item)->tp_name);
        else
            number = PyLong_AsLongLongAndOverflow(item, &overflow);
        if (PyErr_Occurred()) {
            PyMem_Free(numbers);
            numbers = NULL;
        } else {
            /* 0 is an id nowhere: the core says what may stand there */
            numbers[i] = overflow || number < 1 || number > most ? 0 : (uint32_t)number;
        }
    }
    Py_DECREF(items);
    return numbers;
}

static PyObject *ids_of(const cns_ac *ac, cns_ac_list list) {
    size_t count;
    const uint32_t *ids = cns_ac_ids(ac, list, &count);
    if (!ids)
        Py_RETURN_NONE;
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);
    for (size_t i = 0; tuple && i < count; i++) {
        PyObject *id = PyLong_FromUnsignedLong(ids[i]);
        if (!id)
            Py_CLEAR(tuple);
        else
            PyTuple_SET_ITEM(tuple, (Py_ssize_t)i, id);
    }
    return tuple;
}

static const char *warning_of(const void *ac, size_t index) {
    return cns_ac_warning(ac, index);
}

PyObject *glue_ac_decode(PyObject *module, PyObject *args) {
    glue_state *state = PyModule_GetState(module);
    PyObject *given, *owner = NULL;
    int strict;
    Py_ssize_t len;
    cns_ac *ac;
    cns_error err;
    if (!PyArg_ParseTuple(args, "Op:ac_decode", &given, &strict))
        return NULL;
    const char *text = glue_string(state, given, "an Additional Consent string", &len, &owner);
    if (!text)
        return NULL;
    cns_code code = cns_ac_read(&ac, text, (size_t)len, strict, cns_alloc_default(), &err);
    Py_XDECREF(owner);
    if (code != CNS_OK)
        return glue_decode_error(state, &err);
    PyObject *items[] = {ids_of(ac, CNS_AC_CONSENTED), ids_of(ac, CNS_AC_DISCLOSED_ONLY),
                         ids_of(ac, CNS_AC_DISCLOSED_ALL), glue_codes(warning_of, ac)};
    PyObject *result = NULL;
    if (items[0] && items[1] && items[2] && items[3])
        result =
            Py_BuildValue("(IOOOO)", cns_ac_version(ac), items[0], items[1], items[2], items[3]);
    for (int i = 0; i < 4; i++)
        Py_XDECREF(items[i]);
    cns_ac_free(ac);
    return result;
}

PyObject *glue_ac_encode(PyObject *module, PyObject *args) {
    unsigned version;
    PyObject *consented, *disclosed, *result = NULL;
    Py_ssize_t on_count = 0, off_count = 0;
    if (!PyArg_ParseTuple(args, "IOO:ac_encode", &version, &consented, &disclosed))
        return NULL;
    uint32_t *on = numbers_of(consented, "consented", CNS_AC_MAX_ID, &on_count);
    uint32_t *off = on ? numbers_of(disclosed, "disclosed_only", CNS_AC_MAX_ID, &off_count) : NULL;
    if (off) {
        cns_ac_lists lists = {version, on, off, (size_t)on_count, (size_t)off_count};
        cns_error err;
        char *text;
        size_t len;
        if (cns_ac_write(&text, &len, &lists, cns_alloc_default(), &err) != CNS_OK) {
            (void)glue_consent_error(PyModule_GetState(module), &err);
        } else {
            result = glue_made(text, len);
        }
    }
    PyMem_Free(on);
    PyMem_Free(off);
    return result;
}
