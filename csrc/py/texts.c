/* texts.c - consent strings and tokens between str and the core, for all of their formats. */
#include "glue.h"

PyObject *glue_made(char *text, size_t len) {
    PyObject *made = PyUnicode_DecodeASCII(text, (Py_ssize_t)len, NULL);
    cns_text_free(cns_alloc_default(), text, len);
    return made;
}

PyObject *glue_written(PyObject *module, PyObject *mapping, const char *what, glue_writer write) {
    glue_state *state = PyModule_GetState(module);
    PyObject *name = PyUnicode_FromString(what);
    cns_doc *doc = name ? glue_mapping(state, mapping, name) : NULL;
    Py_XDECREF(name);
    if (!doc)
        return NULL;
    char *text;
    size_t len;
    cns_error err;
    cns_code code = write(&text, &len, cns_doc_root(doc), cns_alloc_default(), &err);
    cns_doc_free(doc);
    return code == CNS_OK ? glue_made(text, len) : glue_consent_error(state, &err);
}

const char *glue_string(glue_state *state, PyObject *text, const char *what, Py_ssize_t *len,
                        PyObject **owner) {
    *owner = NULL;
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "%s is a str, not %.100s", what, Py_TYPE(text)->tp_name);
        return NULL;
    }
    if (PyUnicode_GET_LENGTH(text) <= (Py_ssize_t)CNS_MAX_STRING)
        return glue_utf8(text, len, owner);
    cns_error err = {.code = CNS_E_DECODE,
                     .offset = CNS_MAX_STRING,
                     .message = "the text has over 65 536 characters: shorten it",
                     .path = "too_long"};
    (void)glue_decode_error(state, &err);
    return NULL;
}

PyObject *glue_codes(const char *(*each)(const void *of, size_t index), const void *of) {
    PyObject *list = PyList_New(0), *tuple;
    for (size_t i = 0; list; i++) {
        const char *code = each(of, i);
        if (!code)
            break;
        PyObject *text = PyUnicode_FromString(code);
        if (!text || PyList_Append(list, text) < 0)
            Py_CLEAR(list);
        Py_XDECREF(text);
    }
    tuple = list ? PyList_AsTuple(list) : NULL;
    Py_XDECREF(list);
    return tuple;
}
