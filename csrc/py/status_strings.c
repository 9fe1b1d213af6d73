/* status_strings.c - members of Status: the consent strings in force. */
#include "glue.h"

static const cns_status *core(PyObject *self) {
    return ((StatusObject *)self)->status;
}

PyObject *glue_string_or_empty(cns_text text) {
    return PyUnicode_DecodeASCII(text.text ? text.text : "", (Py_ssize_t)text.len, "replace");
}

PyObject *glue_tc_string(PyObject *self, void *closure) {
    (void)closure;
    return glue_string_or_empty(cns_status_tc(core(self)));
}

PyObject *glue_addtl_consent(PyObject *self, void *closure) {
    cns_visit visit;
    glue_room room;
    glue_cookies cookies;
    cns_token_doc *stored = NULL;
    char *text = NULL;
    size_t len = 0;
    (void)closure;
    if (glue_visit_of((StatusObject *)self, false, &cookies, &room, &visit) < 0)
        return NULL;
    cns_code code = cns_answer_stored(&stored, ((StatusObject *)self)->owner->notice, &visit,
                                      cns_alloc_default(), NULL);
    glue_cookies_close(&cookies);
    if (code == CNS_OK)
        code = cns_status_addtl(&text, &len, core(self), stored, cns_alloc_default());
    cns_token_doc_free(stored);
    if (code != CNS_OK)
        return PyErr_NoMemory();
    PyObject *result = PyUnicode_DecodeUTF8(text ? text : "", (Py_ssize_t)len, "replace");
    if (text)
        cns_text_free(cns_alloc_default(), text, len);
    return result;
}

PyObject *glue_tc_data(PyObject *self, PyObject *ignored) {
    (void)ignored;
    unsigned long last = cns_notice_listed_last(((StatusObject *)self)->owner->notice);
    PyObject *text = glue_tc_string(self, NULL), *addtl = glue_addtl_consent(self, NULL);
    PyObject *module = text && addtl ? PyImport_ImportModule("consentpy.tcf") : NULL;
    PyObject *result = module
                           ? PyObject_CallMethod(module, "_tc_data", "OOOk",
                                                 cns_status_gdpr(core(self)) ? Py_True : Py_False,
                                                 text, addtl, last)
                           : NULL;
    Py_XDECREF(module);
    Py_XDECREF(addtl);
    Py_XDECREF(text);
    return result;
}
