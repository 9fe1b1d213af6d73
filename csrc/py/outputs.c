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

PyObject *glue_google_consent_mode(PyObject *self, PyObject *ignored) {
    (void)ignored;
    bool granted[CNS_GCM_TYPES];
    if (!cns_status_gcm(core(self), granted))
        Py_RETURN_NONE;
    PyObject *dict = PyDict_New();
    for (size_t i = 0; dict && i < CNS_GCM_TYPES; i++)
        if (glue_put(dict, cns_gcm_type(i),
                     PyUnicode_FromString(granted[i] ? "granted" : "denied")) < 0)
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
    if (glue_put(*dict, variable->name, value) < 0)
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

/* ctx points to a list, or to NULL once something has failed. */
static void collect(void *ctx, const char *text, size_t len) {
    PyObject **list = ctx;
    PyObject *piece = *list ? PyUnicode_DecodeUTF8(text, (Py_ssize_t)len, "surrogatepass") : NULL;
    if (*list && (!piece || PyList_Append(*list, piece) < 0))
        Py_CLEAR(*list);
    Py_XDECREF(piece);
}

/* Whether the argument names a vendor, and which. */
static int tag_vendor(PyObject *self, PyObject *id, bool *has, uint32_t *number) {
    *has = id && id != Py_None;
    return *has ? glue_vendor_number(((StatusObject *)self)->owner->owner->config, id, number) : 0;
}

PyObject *glue_fill_macros(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                           PyObject *kwnames) {
    static const char *const names[] = {"text", "vendor", "vendor_raw", NULL};
    static const glue_signature signature = {"fill_macros", names, 1};
    PyObject *given[3] = {NULL, NULL, NULL};
    if (glue_arguments(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    if (!given[0] || !PyUnicode_Check(given[0])) {
        PyErr_Format(PyExc_TypeError, "fill_macros() needs the text of a tag, a str, not %.100s",
                     given[0] ? Py_TYPE(given[0])->tp_name : "nothing");
        return NULL;
    }
    cns_tag tag = {false, false, CNS_NO_ID, CNS_NO_ID};
    if (tag_vendor(self, given[1], &tag.has_vendor, &tag.vendor) < 0 ||
        tag_vendor(self, given[2], &tag.has_raw_vendor, &tag.raw_vendor) < 0)
        return NULL;
    PyObject *utf8 = PyUnicode_AsEncodedString(given[0], "utf-8", "surrogatepass");
    PyObject *list = utf8 ? PyList_New(0) : NULL, *filled = NULL;
    if (list) {
        cns_status_fill(core(self), PyBytes_AS_STRING(utf8), (size_t)PyBytes_GET_SIZE(utf8), &tag,
                        collect, &list);
        PyObject *nothing = list ? PyUnicode_FromString("") : NULL;
        filled = nothing ? PyUnicode_Join(nothing, list) : NULL;
        Py_XDECREF(nothing);
    }
    Py_XDECREF(list);
    Py_XDECREF(utf8);
    return filled;
}
