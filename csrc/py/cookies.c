/* cookies.c - the consent cookies, from a mapping or a raw header. */
#include "glue.h"

int glue_cookies_open(glue_cookies *c, PyObject *given) {
    memset(c, 0, sizeof *c);
    if (!given || given == Py_None)
        return 0;
    c->sent = given;
    if (PyUnicode_Check(given)) {
        PyObject *owner = NULL;
        c->header = glue_utf8(given, &c->header_len, &owner);
        if (!c->header)
            return -1;
        if (owner)
            c->owned[c->owned_count++] = owner;
        return 0;
    }
    if (PyBytes_Check(given)) {
        c->header = PyBytes_AS_STRING(given);
        c->header_len = PyBytes_GET_SIZE(given);
        return 0;
    }
    if (PyDict_Check(given) || (PyMapping_Check(given) && PyObject_HasAttrString(given, "keys"))) {
        c->mapping = given;
        c->sent = NULL;
        return 0;
    }
    PyErr_Format(PyExc_TypeError,
                 "cookies is a mapping, or the Cookie header as str or bytes, not %.100s",
                 Py_TYPE(given)->tp_name);
    return -1;
}

void glue_cookies_close(glue_cookies *c) {
    for (Py_ssize_t i = 0; i < c->owned_count; i++)
        Py_DECREF(c->owned[i]);
    c->owned_count = 0;
}

/* A new reference, or NULL with or without an exception. */
static PyObject *look_up(PyObject *mapping, PyObject *name) {
    if (PyDict_CheckExact(mapping)) {
        PyObject *value = PyDict_GetItemWithError(mapping, name);
        return Py_XNewRef(value);
    }
    PyObject *value = PyObject_GetItem(mapping, name);
    if (!value && PyErr_ExceptionMatches(PyExc_KeyError))
        PyErr_Clear(); /* absent */
    return value;
}

bool glue_cookies_has(void *ctx, const char *name, size_t len) {
    glue_cookies *c = ctx;
    if (c->failed)
        return false;
    if (c->header)
        return cns_cookie_find(c->header, (size_t)c->header_len, name, len, NULL, 0) > 0;
    if (!c->mapping)
        return false;
    PyObject *key = PyUnicode_DecodeUTF8(name, (Py_ssize_t)len, NULL);
    PyObject *value = key ? look_up(c->mapping, key) : NULL;
    Py_XDECREF(key);
    if (!value && PyErr_Occurred())
        c->failed = true;
    Py_XDECREF(value);
    return value != NULL;
}

int glue_cookies_one(glue_cookies *c, PyObject *value, cns_text *room, cns_visit *visit) {
    PyObject *owner = NULL;
    Py_ssize_t len;
    room[0].text = glue_utf8(value, &len, &owner);
    if (!room[0].text)
        return -1;
    if (owner)
        c->owned[c->owned_count++] = owner;
    room[0].len = (size_t)len;
    visit->cookies = room;
    visit->cookie_count = 1;
    return 0;
}

int glue_cookies_find(glue_cookies *c, PyObject *name, cns_text *room, cns_visit *visit) {
    visit->cookies = room;
    if (c->header) {
        Py_ssize_t len;
        const char *utf8 = PyUnicode_AsUTF8AndSize(name, &len);
        if (!utf8)
            return -1;
        visit->cookie_count = cns_cookie_find(c->header, (size_t)c->header_len, utf8, (size_t)len,
                                              room, CNS_MAX_SAME_NAME);
        visit->cut = c->header_len > (Py_ssize_t)CNS_MAX_HEADER;
        return 0;
    }
    if (!c->mapping)
        return 0;
    PyObject *value = look_up(c->mapping, name);
    if (!value)
        return PyErr_Occurred() ? -1 : 0;
    if (!PyUnicode_Check(value)) {
        Py_DECREF(value);
        visit->not_text = true;
        return 0;
    }
    c->owned[c->owned_count++] = c->sent = value;
    return glue_cookies_one(c, value, room, visit);
}
