/* gvl_type.c - GlobalVendorList. */
#include "glue.h"

static PyObject *numbers_of(const cns_gvl *gvl, size_t index, cns_gvl_list which) {
    size_t count = cns_gvl_numbers(gvl, index, which, NULL, 0);
    uint32_t *numbers = PyMem_New(uint32_t, count + 1);
    if (!numbers)
        return PyErr_NoMemory();
    (void)cns_gvl_numbers(gvl, index, which, numbers, count);
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);
    for (size_t i = 0; tuple && i < count; i++) {
        PyObject *number = PyLong_FromUnsignedLong(numbers[i]);
        if (!number)
            Py_CLEAR(tuple);
        else
            PyTuple_SET_ITEM(tuple, (Py_ssize_t)i, number);
    }
    PyMem_Free(numbers);
    return tuple;
}

static PyObject *vendor_at(glue_state *state, const cns_gvl *gvl, size_t index, uint32_t *id) {
    cns_gvl_vendor vendor;
    if (!cns_gvl_vendor_at(gvl, index, &vendor))
        return NULL;
    *id = vendor.id;
    PyObject *items[] = {PyLong_FromUnsignedLong(vendor.id),
                         glue_text_or_empty(vendor.name),
                         numbers_of(gvl, index, CNS_GVL_PURPOSES),
                         numbers_of(gvl, index, CNS_GVL_LEGITIMATE_INTEREST_PURPOSES),
                         numbers_of(gvl, index, CNS_GVL_FLEXIBLE_PURPOSES),
                         numbers_of(gvl, index, CNS_GVL_SPECIAL_PURPOSES),
                         numbers_of(gvl, index, CNS_GVL_FEATURES),
                         numbers_of(gvl, index, CNS_GVL_SPECIAL_FEATURES),
                         glue_text(vendor.policy_url),
                         glue_text(vendor.deleted)};
    return glue_sequence(state->listed_vendor_type, items, 10);
}

static PyObject *purpose_at(glue_state *state, const cns_gvl *gvl, size_t index, uint32_t *id) {
    cns_gvl_purpose purpose;
    if (!cns_gvl_purpose_at(gvl, index, &purpose))
        return NULL;
    *id = purpose.id;
    PyObject *items[] = {PyLong_FromUnsignedLong(purpose.id), glue_text_or_empty(purpose.name),
                         glue_text_or_empty(purpose.description)};
    return glue_sequence(state->listed_purpose_type, items, 3);
}

/* A read-only mapping of number to record, made on first use and kept. */
static PyObject *records(PyObject *self, PyObject **kept,
                         PyObject *(*at)(glue_state *, const cns_gvl *, size_t, uint32_t *)) {
    if (*kept)
        return Py_NewRef(*kept);
    PyObject *dict = PyDict_New();
    for (size_t i = 0; dict; i++) {
        uint32_t id = 0;
        PyObject *record = at(glue_state_of(self), ((GvlObject *)self)->gvl, i, &id);
        if (!record && !PyErr_Occurred())
            break; /* after the last */
        PyObject *key = record ? PyLong_FromUnsignedLong(id) : NULL;
        if (!key || PyDict_SetItem(dict, key, record) < 0)
            Py_CLEAR(dict);
        Py_XDECREF(key);
        Py_XDECREF(record);
    }
    PyObject *view = dict ? PyDictProxy_New(dict) : NULL;
    Py_XDECREF(dict);
    if (view && !*kept) /* making them may have let another thread do the same */
        *kept = Py_NewRef(view);
    return view;
}

static PyObject *gvl_vendors(PyObject *self, void *closure) {
    (void)closure;
    return records(self, &((GvlObject *)self)->vendors, vendor_at);
}

static PyObject *gvl_purposes(PyObject *self, void *closure) {
    (void)closure;
    return records(self, &((GvlObject *)self)->purposes, purpose_at);
}

static cns_gvl_about about(PyObject *self) {
    return cns_gvl_says(((GvlObject *)self)->gvl);
}

static PyObject *gvl_version(PyObject *self, void *closure) {
    (void)closure;
    return PyLong_FromLongLong(about(self).version);
}

static PyObject *gvl_specification(PyObject *self, void *closure) {
    (void)closure;
    return PyLong_FromLongLong(about(self).specification);
}

static PyObject *gvl_policy(PyObject *self, void *closure) {
    (void)closure;
    if (about(self).policy < 0)
        Py_RETURN_NONE;
    return PyLong_FromLongLong(about(self).policy);
}

static PyObject *gvl_updated(PyObject *self, void *closure) {
    (void)closure;
    return glue_text(about(self).last_updated);
}

/* ------------------------------------------------------------- making one */

/* The list of a document, which is taken over. `text` is what was read, for the place of
 * an error, or NULL; `label` what messages call it, or NULL. */
static PyObject *make(glue_state *state, cns_doc *doc, PyObject *label, const char *text,
                      Py_ssize_t len) {
    cns_gvl *gvl;
    cns_error err;
    PyObject *name = PyUnicode_FromString("gvl");
    if (!name) {
        cns_doc_free(doc);
        return NULL;
    }
    GvlObject *self = NULL;
    if (cns_gvl_new(&gvl, doc, cns_alloc_default(), &err) != CNS_OK) {
        if (text && err.offset != CNS_NO_OFFSET)
            cns_line_column(text, (size_t)len, err.offset, &err.line, &err.column);
        glue_config_error(state, &err, name, label, text, len);
    } else {
        self = (GvlObject *)state->gvl_type->tp_alloc(state->gvl_type, 0);
        if (self)
            self->gvl = gvl;
        else
            cns_gvl_free(gvl);
    }
    Py_DECREF(name);
    return (PyObject *)self;
}

static PyObject *of_mapping(glue_state *state, PyObject *mapping) {
    PyObject *name = PyUnicode_FromString("gvl");
    cns_doc *doc = name ? glue_mapping(state, mapping, name) : NULL;
    Py_XDECREF(name);
    return doc ? make(state, doc, NULL, NULL, 0) : NULL;
}

/* Of JSON text in bytes. */
static PyObject *of_bytes(glue_state *state, PyObject *bytes, PyObject *label) {
    const char *text = PyBytes_AS_STRING(bytes);
    Py_ssize_t len = PyBytes_GET_SIZE(bytes);
    cns_doc *doc;
    cns_error err;
    if (cns_json_read(&doc, text, (size_t)len, cns_alloc_default(), &err) == CNS_OK)
        return make(state, doc, label, text, len);
    PyObject *name = PyUnicode_FromString("gvl");
    if (name)
        glue_config_error(state, &err, name, label, text, len);
    Py_XDECREF(name);
    return NULL;
}

static PyObject *of_file(glue_state *state, PyObject *path) {
    PyObject *bytes = glue_read_file(path);
    PyObject *label = bytes ? PyObject_Str(path) : NULL;
    PyObject *self = label ? of_bytes(state, bytes, label) : NULL;
    Py_XDECREF(label);
    Py_XDECREF(bytes);
    return self;
}

static bool is_path(PyObject *object) {
    return PyUnicode_Check(object) || PyObject_HasAttrString(object, "__fspath__");
}

static bool is_mapping(PyObject *object) {
    return PyDict_Check(object) ||
           (PyMapping_Check(object) && PyObject_HasAttrString(object, "items"));
}

PyObject *glue_gvl_of(glue_state *state, PyObject *given) {
    if (!given || given == Py_None)
        return Py_NewRef(Py_None);
    if (Py_TYPE(given) == state->gvl_type)
        return Py_NewRef(given);
    if (is_mapping(given))
        return of_mapping(state, given);
    if (is_path(given))
        return of_file(state, given);
    PyErr_Format(PyExc_TypeError,
                 "gvl is a GlobalVendorList, a mapping or the path of a JSON file, not %.100s",
                 Py_TYPE(given)->tp_name);
    return NULL;
}

static PyObject *gvl_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *keywords[] = {"", NULL};
    PyObject *mapping;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:GlobalVendorList", keywords, &mapping))
        return NULL;
    if (!is_mapping(mapping)) {
        PyErr_Format(PyExc_TypeError,
                     "a vendor list is a mapping, not %.100s: for a file use load(), for JSON "
                     "text from_json()",
                     Py_TYPE(mapping)->tp_name);
        return NULL;
    }
    return of_mapping(PyType_GetModuleState(type), mapping);
}

static PyObject *gvl_load(PyObject *cls, PyObject *path) {
    if (!is_path(path)) {
        PyErr_Format(PyExc_TypeError, "load() takes the path of a file, not %.100s",
                     Py_TYPE(path)->tp_name);
        return NULL;
    }
    return of_file(PyType_GetModuleState((PyTypeObject *)cls), path);
}

static PyObject *gvl_from_json(PyObject *cls, PyObject *text) {
    if (!PyUnicode_Check(text) && !PyBytes_Check(text)) {
        PyErr_Format(PyExc_TypeError, "from_json() takes JSON text as str or bytes, not %.100s",
                     Py_TYPE(text)->tp_name);
        return NULL;
    }
    /* a lone surrogate becomes bytes that are refused with their place */
    PyObject *bytes = PyUnicode_Check(text)
                          ? PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass")
                          : Py_NewRef(text);
    PyObject *self =
        bytes ? of_bytes(PyType_GetModuleState((PyTypeObject *)cls), bytes, NULL) : NULL;
    Py_XDECREF(bytes);
    return self;
}

/* --------------------------------------------------------------- the rest */

static int gvl_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((GvlObject *)self)->vendors);
    Py_VISIT(((GvlObject *)self)->purposes);
    return 0;
}

static void gvl_dealloc(PyObject *self) {
    GvlObject *gvl = (GvlObject *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(gvl->vendors);
    Py_XDECREF(gvl->purposes);
    cns_gvl_free(gvl->gvl);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *gvl_repr(PyObject *self) {
    size_t count = 0;
    cns_gvl_vendor ignored;
    while (cns_gvl_vendor_at(((GvlObject *)self)->gvl, count, &ignored))
        count++;
    return PyUnicode_FromFormat("<consentpy.GlobalVendorList version %lld of %zd vendors>",
                                (long long)about(self).version, (Py_ssize_t)count);
}

static PyObject *gvl_to_dict(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return glue_value(cns_gvl_root(((GvlObject *)self)->gvl));
}

static PyObject *gvl_reduce(PyObject *self, PyObject *ignored) {
    (void)ignored;
    PyObject *source = gvl_to_dict(self, NULL);
    return source ? Py_BuildValue("O(N)", Py_TYPE(self), source) : NULL;
}

static PyGetSetDef gvl_members[] = {
    {"version", gvl_version, NULL, "vendorListVersion", NULL},
    {"specification_version", gvl_specification, NULL, "gvlSpecificationVersion: 2 or 3", NULL},
    {"policy_version", gvl_policy, NULL, "tcfPolicyVersion, or None", NULL},
    {"last_updated", gvl_updated, NULL, "lastUpdated as it is written, or None", NULL},
    {"vendors", gvl_vendors, NULL,
     "read-only mapping of number to ListedVendor, by number, deleted ones included", NULL},
    {"purposes", gvl_purposes, NULL, "read-only mapping of number to ListedPurpose", NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyMethodDef gvl_methods[] = {
    {"load", gvl_load, METH_O | METH_CLASS,
     "load(path, /)\n--\n\n"
     "The list of a JSON file. OSError when it cannot be opened, ConfigError when it is no list."},
    {"from_json", gvl_from_json, METH_O | METH_CLASS,
     "from_json(text, /)\n--\n\nThe list of JSON text, str or UTF-8 bytes."},
    {"to_dict", gvl_to_dict, METH_NOARGS,
     "to_dict($self, /)\n--\n\nThe whole document as a new dict, what is not looked at here "
     "included."},
    {"permission", (PyCFunction)(void (*)(void))glue_permission, METH_FASTCALL | METH_KEYWORDS,
     glue_permission_doc},
    {"__reduce__", gvl_reduce, METH_NOARGS, NULL},
    {"__copy__", glue_identity, METH_NOARGS, NULL},
    {"__deepcopy__", glue_identity, METH_O, NULL},
    {NULL, NULL, 0, NULL}};

static PyType_Slot gvl_slots[] = {
    {Py_tp_doc,
     "GlobalVendorList(mapping, /)\n--\n\n"
     "A Global Vendor List of the IAB, specification version 3 or 2: the vendors that "
     "app.vendors.iab takes its\n"
     "own from. Immutable, compared by identity; configurations share it. ConfigError, with path, "
     "line and column,\n"
     "when it is no list."},
    {Py_tp_new, gvl_new},
    {Py_tp_dealloc, gvl_dealloc},
    {Py_tp_traverse, gvl_traverse},
    {Py_tp_repr, gvl_repr},
    {Py_tp_getset, gvl_members},
    {Py_tp_methods, gvl_methods},
    {0, NULL}};

PyType_Spec glue_gvl_spec = {"consentpy.GlobalVendorList", sizeof(GvlObject), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
                             gvl_slots};
