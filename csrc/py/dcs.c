/* dcs.c - Didomi Consent Strings as plain objects. */
#include "glue.h"

static void capsule_free(PyObject *capsule) {
    cns_dcs_free(PyCapsule_GetPointer(capsule, NULL));
}

static PyObject *date(int64_t tenths) {
    char text[CNS_DCS_DATE_TEXT + 1];
    cns_dcs_date_text(text, tenths);
    return PyUnicode_FromString(text);
}

/* (encoding, enabled, disabled) for each section */
static PyObject *sections_of(glue_state *state, PyObject *owner, const cns_dcs_content *content) {
    PyObject *all = PyTuple_New(CNS_DCS_SECTIONS);
    for (unsigned i = 0; all && i < CNS_DCS_SECTIONS; i++) {
        const cns_dcs_section *section = &content->sections[i];
        PyObject *on = glue_vendor_set(state, owner, &section->enabled);
        PyObject *off = on ? glue_vendor_set(state, owner, &section->disabled) : NULL;
        PyObject *one =
            off ? Py_BuildValue("(sOO)", cns_dcs_encoding_name(section->encoding), on, off) : NULL;
        Py_XDECREF(on);
        Py_XDECREF(off);
        if (one)
            PyTuple_SET_ITEM(all, i, one);
        else
            Py_CLEAR(all);
    }
    return all;
}

static PyObject *part(const char *text, cns_dcs_span span) {
    if (!span.len)
        Py_RETURN_NONE;
    return PyUnicode_DecodeUTF8(text + span.at, span.len, "replace");
}

static const char *warning_of(const void *dcs, size_t index) {
    return cns_dcs_warning(dcs, index);
}

PyObject *glue_dcs_decode(PyObject *module, PyObject *args) {
    glue_state *state = PyModule_GetState(module);
    PyObject *given, *owner = NULL;
    int strict;
    Py_ssize_t len;
    cns_dcs *dcs;
    cns_error err;
    if (!PyArg_ParseTuple(args, "Op:dcs_decode", &given, &strict))
        return NULL;
    const char *text = glue_string(state, given, "a Didomi Consent String", &len, &owner);
    if (!text)
        return NULL;
    if (cns_dcs_read(&dcs, text, (size_t)len, strict, cns_alloc_default(), &err) != CNS_OK) {
        Py_XDECREF(owner);
        return glue_decode_error(state, &err);
    }
    PyObject *capsule = PyCapsule_New(dcs, NULL, capsule_free), *result = NULL;
    if (!capsule) {
        cns_dcs_free(dcs);
        Py_XDECREF(owner);
        return NULL;
    }
    const cns_dcs_content *c = cns_dcs_content_of(dcs);
    char user_id[CNS_DCS_USER_ID_TEXT + 1];
    cns_dcs_user_id_text(user_id, c->user_id);
    PyObject *regulation =
        c->version == 1 ? Py_NewRef(Py_None) : PyLong_FromUnsignedLong(c->regulation_id);
    /* N gives the reference away, and a NULL there keeps the error that made it */
    result =
        Py_BuildValue("(IsNNNNNNNNNN)", c->version, user_id, date(c->created), date(c->updated),
                      regulation, c->has_sync ? date(c->sync) : Py_NewRef(Py_None),
                      sections_of(state, capsule, c), part(text, c->binary), part(text, c->did),
                      part(text, c->ouid), part(text, c->signature), glue_codes(warning_of, dcs));
    Py_DECREF(capsule);
    Py_XDECREF(owner);
    return result;
}

PyObject *glue_dcs_encode(PyObject *module, PyObject *mapping) {
    return glue_written(module, mapping, "DCS", cns_dcs_write);
}
