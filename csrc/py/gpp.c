/* gpp.c - GPP strings, US Privacy strings and Global Privacy Control as plain objects. */
#include "glue.h"

static PyObject *warnings_of(const cns_gpp_section *section) {
    PyObject *list = PyList_New(section->warning_count);
    for (uint32_t i = 0; list && i < section->warning_count; i++) {
        PyObject *code = PyUnicode_FromString(section->warnings[i]);
        if (!code)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, i, code);
    }
    return list;
}

static PyObject *section_dict(const cns_gpp_section *section) {
    PyObject *dict = PyDict_New();
    cns_text name = {section->name, section->name ? strlen(section->name) : 0};
    if (dict && glue_put(dict, "id", PyLong_FromUnsignedLong(section->id)) == 0 &&
        glue_put(dict, "name", glue_text(name)) == 0 &&
        glue_put(dict, "raw", glue_text(section->raw)) == 0 &&
        glue_put(dict, "decoded",
                 section->decoded ? glue_value(section->decoded) : Py_NewRef(Py_None)) == 0 &&
        glue_put(dict, "warnings", warnings_of(section)) == 0 &&
        (!section->error || glue_put(dict, "error", PyUnicode_FromString(section->error)) == 0))
        return dict;
    Py_XDECREF(dict);
    return NULL;
}

PyObject *glue_gpp_decode(PyObject *module, PyObject *text) {
    glue_state *state = PyModule_GetState(module);
    PyObject *owner;
    Py_ssize_t len;
    cns_gpp *gpp;
    cns_error err;
    const char *utf8 = glue_string(state, text, "a GPP string", &len, &owner);
    if (!utf8)
        return NULL;
    cns_code code = cns_gpp_read(&gpp, utf8, (size_t)len, cns_alloc_default(), &err);
    Py_XDECREF(owner);
    if (code != CNS_OK)
        return glue_decode_error(state, &err);
    uint32_t count = cns_gpp_count(gpp);
    PyObject *ids = PyList_New(count), *sections = PyList_New(count), *dict = NULL;
    for (uint32_t i = 0; ids && sections && i < count; i++) {
        const cns_gpp_section *section = cns_gpp_section_at(gpp, i);
        PyObject *id = PyLong_FromUnsignedLong(section->id), *one = section_dict(section);
        if (id)
            PyList_SET_ITEM(ids, i, id);
        if (one)
            PyList_SET_ITEM(sections, i, one);
        if (!id || !one)
            Py_CLEAR(sections);
    }
    cns_gpp_free(gpp);
    if (ids && sections)
        dict = Py_BuildValue("{sOsO}", "section_ids", ids, "sections", sections);
    Py_XDECREF(ids);
    Py_XDECREF(sections);
    return dict;
}

PyObject *glue_gpp_encode(PyObject *module, PyObject *mapping) {
    return glue_written(module, mapping, "GPP string", cns_gpp_write);
}

PyObject *glue_usp_decode(PyObject *module, PyObject *text) {
    glue_state *state = PyModule_GetState(module);
    PyObject *owner;
    Py_ssize_t len;
    cns_usp usp;
    cns_error err;
    const char *utf8 = glue_string(state, text, "a US Privacy string", &len, &owner);
    if (!utf8)
        return NULL;
    cns_code code = cns_usp_read(&usp, utf8, (size_t)len, &err);
    Py_XDECREF(owner);
    if (code != CNS_OK)
        return glue_decode_error(state, &err);
    return Py_BuildValue("(CCCO)", usp.notice, usp.opt_out_sale, usp.lspa_covered,
                         cns_usp_applies(&usp) ? Py_True : Py_False);
}

/* One character of a str; NUL, which no answer is, for everything else. */
static char answer_of(PyObject *text) {
    if (!PyUnicode_Check(text) || PyUnicode_GET_LENGTH(text) != 1)
        return '\0';
    Py_UCS4 c = PyUnicode_READ_CHAR(text, 0);
    return c < 128 ? (char)c : '\0';
}

PyObject *glue_usp_encode(PyObject *module, PyObject *args) {
    PyObject *notice, *opt_out_sale, *lspa_covered;
    char text[CNS_USP_LEN];
    if (!PyArg_ParseTuple(args, "OOO:usp_encode", &notice, &opt_out_sale, &lspa_covered))
        return NULL;
    cns_usp usp = {answer_of(notice), answer_of(opt_out_sale), answer_of(lspa_covered)};
    if (cns_usp_write(text, &usp))
        return PyUnicode_FromStringAndSize(text, sizeof text);
    cns_error err = {.code = CNS_E_SHAPE,
                     .path = "notice, opt_out_sale, lspa_covered",
                     .message = "give each one of the texts Y, N and -"};
    return glue_consent_error(PyModule_GetState(module), &err);
}

PyObject *glue_gpc_line(PyObject *module, PyObject *line) {
    if (PyBytes_Check(line))
        return PyBool_FromLong(
            cns_gpc_line(PyBytes_AS_STRING(line), (size_t)PyBytes_GET_SIZE(line)));
    if (!PyUnicode_Check(line))
        Py_RETURN_FALSE;
    PyObject *owner = NULL;
    Py_ssize_t len;
    const char *utf8 = glue_utf8(line, &len, &owner);
    if (!utf8)
        return NULL;
    bool said = cns_gpc_line(utf8, (size_t)len);
    Py_XDECREF(owner);
    return PyBool_FromLong(said);
}
