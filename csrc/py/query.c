/* query.c - config_from_query(): strings, bytes and mappings in, a dict out. */
#include "glue.h"

/* UTF-8 of a str, absent for anything else and for lone surrogates: what a visitor
 * sent is never an exception. -1 when memory ran out. */
static int text_of(PyObject *object, cns_text *out) {
    Py_ssize_t len;
    *out = (cns_text){NULL, 0};
    if (!PyUnicode_Check(object))
        return 0;
    out->text = PyUnicode_AsUTF8AndSize(object, &len);
    if (out->text) {
        out->len = (size_t)len;
        return 0;
    }
    if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
        return -1;
    PyErr_Clear(); /* the value counts as unreadable */
    return 0;
}

static int add_pair(cns_query *query, PyObject *name, PyObject *value) {
    cns_text key, text;
    if (text_of(name, &key) < 0 || text_of(value, &text) < 0)
        return -1;
    if (key.text && text.text)
        cns_query_add_parameter(query, key, text);
    return 0;
}

/* `*items` keeps what the texts are borrowed from alive. */
static int add_mapping(cns_query *query, PyObject *mapping, PyObject **items) {
    *items = PyMapping_Items(mapping);
    if (!*items)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(*items); i++) {
        PyObject *pair = PyList_GET_ITEM(*items, i);
        if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2)
            continue;
        PyObject *name = PyTuple_GET_ITEM(pair, 0), *value = PyTuple_GET_ITEM(pair, 1);
        bool several = PyList_Check(value) || PyTuple_Check(value);
        Py_ssize_t count = several ? PySequence_Fast_GET_SIZE(value) : 1;
        for (Py_ssize_t k = 0; k < count; k++)
            if (add_pair(query, name, several ? PySequence_Fast_GET_ITEM(value, k) : value) < 0)
                return -1;
    }
    return 0;
}

int glue_query_open(cns_query *query, PyObject *given, PyObject **keep) {
    memset(query, 0, sizeof *query);
    *keep = NULL;
    if (PyUnicode_Check(given)) {
        Py_ssize_t len;
        const char *text = glue_utf8(given, &len, keep);
        if (!text)
            return -1;
        cns_query_add(query, text, (size_t)len);
    } else if (PyBytes_Check(given)) {
        cns_query_add(query, PyBytes_AS_STRING(given), (size_t)PyBytes_GET_SIZE(given));
    } else if (PyMapping_Check(given) && PyObject_HasAttrString(given, "items")) {
        if (add_mapping(query, given, keep) < 0) {
            Py_CLEAR(*keep);
            return -1;
        }
    } else {
        PyErr_Format(PyExc_TypeError, "a query is a str, bytes or a mapping, not %.100s",
                     Py_TYPE(given)->tp_name);
        return -1;
    }
    return 0;
}

PyObject *glue_config_from_query(PyObject *module, PyObject *given) {
    (void)module;
    cns_query query;
    cns_doc *doc = NULL;
    PyObject *keep, *result = NULL;
    if (glue_query_open(&query, given, &keep) < 0)
        return NULL;
    if (cns_query_config(&doc, &query, cns_alloc_default(), NULL) != CNS_OK) {
        PyErr_NoMemory();
        goto done;
    }
    result = glue_value(cns_doc_root(doc));
done:
    cns_doc_free(doc);
    Py_XDECREF(keep);
    return result;
}
