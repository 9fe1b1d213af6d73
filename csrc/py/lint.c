/* lint.c - Config.lint(). */
#include "glue.h"

typedef struct review {
    ConfigObject *config;
    PyObject *list;
    bool failed;
} review;

static PyObject *position(uint32_t number) {
    return number ? PyLong_FromUnsignedLong(number) : Py_NewRef(Py_None);
}

static PyObject *diagnostic(ConfigObject *config, const cns_remark *remark) {
    static const char *const severities[] = {"error", "warning", "info"};
    uint32_t line = 0, column = 0;
    PyObject *source = PyTuple_GET_ITEM(config->sources, (Py_ssize_t)remark->layer);
    if (remark->offset != CNS_NO_OFFSET && source != Py_None) {
        Py_ssize_t len = PyBytes_Check(source) ? PyBytes_GET_SIZE(source) : 0;
        const char *text = PyBytes_Check(source) ? PyBytes_AS_STRING(source)
                                                 : PyUnicode_AsUTF8AndSize(source, &len);
        if (!text)
            return NULL;
        cns_line_column(text, (size_t)len, remark->offset, &line, &column);
    }
    PyObject *items[] = {PyUnicode_FromString(remark->code),
                         PyUnicode_FromString(severities[remark->severity]),
                         glue_text_or_empty(remark->path),
                         PyUnicode_FromString(remark->message),
                         Py_NewRef(PyTuple_GET_ITEM(config->names, (Py_ssize_t)remark->layer)),
                         position(line),
                         position(column)};
    return glue_sequence(glue_state_of((PyObject *)config)->diagnostic_type, items, 7);
}

static void take(void *ctx, const cns_remark *remark) {
    review *r = ctx;
    PyObject *made = r->failed ? NULL : diagnostic(r->config, remark);
    r->failed = !made || PyList_Append(r->list, made) < 0;
    Py_XDECREF(made);
}

PyObject *glue_lint(PyObject *self, PyObject *ignored) {
    (void)ignored;
    int64_t now;
    review r = {(ConfigObject *)self, NULL, false};
    if (glue_now(NULL, &now) < 0 || !(r.list = PyList_New(0)))
        return NULL;
    cns_reviewer to = {take, &r};
    if (cns_config_lint(r.config->config, now, &to, cns_alloc_default(), NULL) != CNS_OK &&
        !r.failed) {
        PyErr_NoMemory();
        r.failed = true;
    }
    if (r.failed)
        Py_CLEAR(r.list);
    return r.list;
}
