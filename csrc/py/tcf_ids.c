/* tcf_ids.c - ids in any iterable, as the fields of a TC string that is to be written. */
#include "glue.h"

/* Ids that are about to be looked at. */
typedef struct ids_walk {
    PyObject *name; /* str: the field, for errors */
    PyObject *list; /* a list, or NULL */
    PyObject *iter; /* otherwise, owned */
    Py_ssize_t at;
    glue_state *state;
    unsigned most;
} ids_walk;

/* False with an exception; ids_end has to follow in any case. */
static bool ids_begin(ids_walk *w, PyObject *module, PyObject *name, PyObject *ids, unsigned most,
                      const char *what) {
    *w = (ids_walk){.name = name, .state = PyModule_GetState(module), .most = most};
    if (PyList_CheckExact(ids)) {
        w->list = ids;
        return true;
    }
    if (!PyUnicode_Check(ids) && !PyBytes_Check(ids) && Py_TYPE(ids)->tp_iter) {
        w->iter = PyObject_GetIter(ids);
        return w->iter != NULL;
    }
    PyErr_Format(PyExc_TypeError, "%U is %s, not %.100s", name, what, Py_TYPE(ids)->tp_name);
    return false;
}

static void ids_end(ids_walk *w) {
    Py_CLEAR(w->iter);
}

static void refuse(const ids_walk *w, PyObject *item) {
    if (!PyLong_Check(item) || PyBool_Check(item))
        PyErr_Format(PyExc_TypeError, "%U is an int, not %.100s", w->name, Py_TYPE(item)->tp_name);
    else
        PyErr_Format(w->state->consent_error, "%U: %S has no room: give 1 to %u", w->name, item,
                     w->most);
}

/* The next one, or 0 at the end, and with an exception. */
static inline unsigned ids_next(ids_walk *w) {
    PyObject *item;
    if (!w->list)
        item = PyIter_Next(w->iter);
    else
        item =
            w->at < PyList_GET_SIZE(w->list) ? Py_NewRef(PyList_GET_ITEM(w->list, w->at++)) : NULL;
    if (!item)
        return 0;
    int overflow;
    long id =
        PyLong_Check(item) && !PyBool_Check(item) ? PyLong_AsLongAndOverflow(item, &overflow) : 0;
    bool fits = id >= 1 && id <= (long)w->most;
    if (!fits)
        refuse(w, item);
    Py_DECREF(item);
    return fits ? (unsigned)id : 0;
}

/* ------------------------------------------------------------------- vendors */

#define FIELD_BYTES ((CNS_MAX_ID + 7) / 8)
#define IDS_MOST (2 * CNS_MAX_ID) /* ids that are looked at, the same again among them */

/* A bit field of the ids, in `bytes` (FIELD_BYTES + CNS_BIT_SLACK, zeroed). -1 with an exception. */
static int take_ids(ids_walk *w, uint8_t *bytes, cns_id_set *set) {
    unsigned id, count = 0, max = 0;
    while ((id = ids_next(w))) {
        bytes[(id - 1) >> 3] |= (uint8_t)(0x80u >> ((id - 1) & 7));
        max = id > max ? id : max;
        if (++count > IDS_MOST) {
            PyErr_Format(w->state->consent_error, "%U: ids are given again and again: give a set",
                         w->name);
            break;
        }
    }
    *set = (cns_id_set){max, 0, bytes, 0, 0, NULL};
    return PyErr_Occurred() ? -1 : 0;
}

PyObject *glue_tcf_ids(PyObject *module, PyObject *const *args, Py_ssize_t nargs) {
    if (nargs != 2 || !PyUnicode_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "tcf_ids takes a name and ids");
        return NULL;
    }
    ids_walk walk;
    cns_id_set set;
    PyObject *result = NULL, *bytes = NULL;
    if (ids_begin(&walk, module, args[0], args[1], CNS_MAX_ID, "a set of ids"))
        bytes = PyBytes_FromStringAndSize(NULL, FIELD_BYTES + CNS_BIT_SLACK);
    if (bytes) {
        memset(PyBytes_AS_STRING(bytes), 0, FIELD_BYTES + CNS_BIT_SLACK);
        if (take_ids(&walk, (uint8_t *)PyBytes_AS_STRING(bytes), &set) == 0)
            result = glue_vendor_set(walk.state, bytes, &set);
        Py_DECREF(bytes);
    }
    ids_end(&walk);
    return result;
}

/* -------------------------------------------------------------------- masks */

PyObject *glue_tcf_mask(PyObject *module, PyObject *const *args, Py_ssize_t nargs) {
    long most = nargs == 3 ? PyLong_AsLong(args[2]) : -1;
    if (most < 0 || most > 64 || !PyUnicode_Check(args[0])) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_TypeError, "tcf_mask takes a name, ids, and 0 to 64");
        return NULL;
    }
    ids_walk walk;
    unsigned long long mask = 0;
    if (ids_begin(&walk, module, args[0], args[1], (unsigned)most, "an iterable of ids"))
        for (unsigned id; (id = ids_next(&walk));)
            mask |= 1ull << (id - 1);
    ids_end(&walk);
    return PyErr_Occurred() ? NULL : PyLong_FromUnsignedLongLong(mask);
}
