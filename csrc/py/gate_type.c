/* gate_type.c - Gate, and the conditions of a call. */
#include "glue.h"

/* How an id is looked up by its text, and by its number in the standard. */
typedef struct lookup {
    const char *what;
    uint32_t (*text)(const cns_config *config, const char *text, size_t len);
    uint32_t (*number)(const cns_config *config, int64_t number);
} lookup;

static int number_of(const cns_config *config, PyObject *id, lookup how, uint32_t *number) {
    if (PyUnicode_Check(id)) {
        PyObject *owner = NULL;
        Py_ssize_t len;
        const char *text = glue_utf8(id, &len, &owner);
        if (!text)
            return -1;
        *number = how.text(config, text, (size_t)len);
        Py_XDECREF(owner);
        return 0;
    }
    if (PyLong_Check(id) && !PyBool_Check(id)) {
        int overflow;
        long long given = PyLong_AsLongLongAndOverflow(id, &overflow);
        *number = overflow ? CNS_NO_ID : how.number(config, given);
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "a %s is a str or an int, not %.100s", how.what,
                 Py_TYPE(id)->tp_name);
    return -1;
}

int glue_vendor_number(const cns_config *config, PyObject *id, uint32_t *number) {
    lookup vendors = {"vendor", cns_config_vendor, cns_config_vendor_number};
    return number_of(config, id, vendors, number);
}

int glue_purpose_number(const cns_config *config, PyObject *id, uint32_t *number) {
    lookup purposes = {"purpose", cns_config_purpose, cns_config_purpose_number};
    return number_of(config, id, purposes, number);
}

/* ------------------------------------------------------------- conditions */

/* `"a, b"` and any iterable as a list of ids of our own, or a tuple; NULL with an exception. */
static PyObject *purposes_list(PyObject *purposes) {
    if (!purposes || purposes == Py_None)
        return PyTuple_New(0);
    if (PyTuple_CheckExact(purposes))
        return Py_NewRef(purposes);
    if (PyBytes_Check(purposes) || PyByteArray_Check(purposes)) {
        PyErr_SetString(PyExc_TypeError,
                        "purposes are ids in an iterable, or one comma-separated str, not bytes");
        return NULL;
    }
    if (!PyUnicode_Check(purposes)) {
        PyObject *list = PySequence_List(purposes);
        if (!list && PyErr_ExceptionMatches(PyExc_TypeError) && !Py_TYPE(purposes)->tp_iter) {
            PyErr_Clear(); /* said in our words */
            PyErr_Format(PyExc_TypeError,
                         "purposes are ids in an iterable, or one comma-separated str, not %.100s",
                         Py_TYPE(purposes)->tp_name);
        }
        return list;
    }
    PyObject *comma = PyUnicode_FromString(",");
    PyObject *parts = comma ? PyUnicode_Split(purposes, comma, -1) : NULL;
    Py_XDECREF(comma);
    PyObject *list = parts ? PyList_New(0) : NULL;
    for (Py_ssize_t i = 0; list && i < PyList_GET_SIZE(parts); i++) {
        PyObject *part = PyObject_CallMethod(PyList_GET_ITEM(parts, i), "strip", NULL);
        if (!part || (PyUnicode_GET_LENGTH(part) && PyList_Append(list, part) < 0))
            Py_CLEAR(list);
        Py_XDECREF(part);
    }
    Py_XDECREF(parts);
    return list;
}

static cns_text name_of(PyObject *id) {
    Py_ssize_t len = 0;
    const char *text = PyUnicode_Check(id) ? PyUnicode_AsUTF8AndSize(id, &len) : NULL;
    if (!text)
        PyErr_Clear(); /* a number, or lone surrogates: shown without a name */
    return (cns_text){text, (size_t)len};
}

int glue_condition_open(glue_condition *c, const cns_config *config, PyObject *vendor,
                        PyObject *purposes) {
    memset(c, 0, sizeof *c);
    c->names = c->few_names;
    if (vendor == Py_None)
        vendor = NULL;
    c->items = purposes_list(purposes);
    if (!c->items)
        return -1;
    size_t count = (size_t)PySequence_Fast_GET_SIZE(c->items);
    if (!vendor && count == 0) {
        PyErr_SetString(PyExc_TypeError,
                        "neither a vendor nor purposes were given: name at least one of them");
        goto failed;
    }
    uint32_t *numbers = c->few;
    if (count > 16) {
        c->many = PyMem_New(uint32_t, count);
        c->names = PyMem_New(cns_text, count + 1);
        if (!c->many || !c->names) {
            PyErr_NoMemory();
            goto failed;
        }
        numbers = c->many;
    }
    size_t name = 0;
    if (vendor) {
        c->gate.has_vendor = true;
        if (glue_vendor_number(config, vendor, &c->gate.vendor) < 0)
            goto failed;
        c->names[name++] = name_of(vendor);
    }
    for (size_t i = 0; i < count; i++) {
        PyObject *item = PySequence_Fast_GET_ITEM(c->items, (Py_ssize_t)i);
        if (glue_purpose_number(config, item, &numbers[i]) < 0)
            goto failed;
        c->names[name++] = name_of(item);
    }
    c->gate.purposes = numbers;
    c->gate.purpose_count = (uint32_t)count;
    return 0;
failed:
    glue_condition_close(c);
    return -1;
}

int glue_condition_of_gate(glue_condition *c, const ConfigObject *config, GateObject *gate) {
    if (glue_condition_open(c, config->config, gate->sdk_vendor, gate->purposes) < 0)
        return -1;
    if (!c->gate.has_vendor)
        return 0;
    /* by the token's spelling alone: another spelling could be another vendor here */
    Py_ssize_t len;
    const char *text = PyUnicode_AsUTF8AndSize(gate->sdk_vendor, &len);
    if (!text) {
        glue_condition_close(c);
        return -1;
    }
    c->gate.vendor = cns_config_sdk_vendor(config->config, text, (size_t)len);
    return 0;
}

void glue_condition_close(glue_condition *c) {
    if (c->names != c->few_names)
        PyMem_Free(c->names);
    PyMem_Free(c->many);
    c->many = NULL;
    c->names = c->few_names;
    Py_CLEAR(c->items);
}

/* ------------------------------------------------------------------ Gate */

static PyObject *known_vendors(const ConfigObject *config) {
    return PyObject_CallMethod((PyObject *)config, "_known_ids", "s", "vendor");
}

static PyObject *known_purposes(const ConfigObject *config) {
    return PyObject_CallMethod((PyObject *)config, "_known_ids", "s", "purpose");
}

static GateObject *allocate(glue_state *state, size_t purposes) {
    GateObject *gate = (GateObject *)state->gate_type->tp_alloc(
        state->gate_type, (Py_ssize_t)(purposes ? purposes : 1));
    if (!gate)
        return NULL;
    gate->gate.purposes = gate->numbers;
    gate->gate.purpose_count = (uint32_t)purposes;
    return gate;
}

PyObject *glue_gate_new(glue_state *state, ConfigObject *config, PyObject *vendor,
                        PyObject *purposes) {
    glue_condition c;
    if (glue_condition_open(&c, config->config, vendor, purposes) < 0)
        return NULL;
    GateObject *gate = NULL;
    if (c.gate.has_vendor && c.gate.vendor == CNS_NO_ID) {
        glue_unknown_id(state, "vendor", vendor, known_vendors(config));
        goto done;
    }
    for (uint32_t i = 0; i < c.gate.purpose_count; i++)
        if (c.gate.purposes[i] == CNS_NO_ID) {
            glue_unknown_id(state, "purpose", PySequence_Fast_GET_ITEM(c.items, i),
                            known_purposes(config));
            goto done;
        }
    gate = allocate(state, c.gate.purpose_count);
    if (!gate)
        goto done;
    gate->owner = (ConfigObject *)Py_NewRef((PyObject *)config);
    gate->gate.has_vendor = c.gate.has_vendor;
    gate->gate.vendor = c.gate.vendor;
    if (c.gate.has_vendor) {
        gate->vendor = glue_text(cns_config_vendor_id(config->config, c.gate.vendor));
        gate->sdk_vendor = glue_text(cns_config_vendor_sdk_id(config->config, c.gate.vendor));
    } else {
        gate->vendor = Py_NewRef(Py_None);
        gate->sdk_vendor = Py_NewRef(Py_None);
    }
    gate->purposes = PyTuple_New((Py_ssize_t)c.gate.purpose_count);
    for (uint32_t i = 0; gate->purposes && i < c.gate.purpose_count; i++) {
        gate->numbers[i] = c.gate.purposes[i];
        PyObject *id = glue_text(cns_config_purpose_id(config->config, c.gate.purposes[i]));
        if (!id)
            Py_CLEAR(gate->purposes);
        else
            PyTuple_SET_ITEM(gate->purposes, (Py_ssize_t)i, id);
    }
    if (!gate->vendor || !gate->sdk_vendor || !gate->purposes)
        Py_CLEAR(gate);
done:
    glue_condition_close(&c);
    return (PyObject *)gate;
}

static bool id_or_none(PyObject *id) {
    return id == Py_None || (PyUnicode_CheckExact(id) && PyUnicode_AsUTF8(id) != NULL);
}

/* _core._restore_gate(vendor, sdk_vendor, purposes): without a configuration, so that
 * whoever uses it resolves the ids again. */
PyObject *glue_gate_restore(PyObject *module, PyObject *args) {
    PyObject *vendor, *sdk_vendor, *purposes;
    if (!PyArg_ParseTuple(args, "OOO", &vendor, &sdk_vendor, &purposes))
        return NULL;
    bool sound = PyTuple_CheckExact(purposes) && id_or_none(vendor) && id_or_none(sdk_vendor) &&
                 (vendor == Py_None) == (sdk_vendor == Py_None) &&
                 (vendor != Py_None || PyTuple_GET_SIZE(purposes) > 0);
    for (Py_ssize_t i = 0; sound && i < PyTuple_GET_SIZE(purposes); i++)
        sound = PyUnicode_CheckExact(PyTuple_GET_ITEM(purposes, i));
    if (!sound) {
        PyErr_SetString(PyExc_TypeError, "this is no Gate: make one with config.gate()");
        return NULL;
    }
    GateObject *gate = allocate(PyModule_GetState(module), (size_t)PyTuple_GET_SIZE(purposes));
    if (!gate)
        return NULL;
    gate->gate.has_vendor = vendor != Py_None;
    gate->vendor = Py_NewRef(vendor);
    gate->sdk_vendor = Py_NewRef(sdk_vendor);
    gate->purposes = Py_NewRef(purposes);
    return (PyObject *)gate;
}

static int gate_traverse(PyObject *self, visitproc visit, void *arg) {
    GateObject *gate = (GateObject *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(gate->owner);
    Py_VISIT(gate->vendor);
    Py_VISIT(gate->sdk_vendor);
    Py_VISIT(gate->purposes);
    return 0;
}

static void gate_dealloc(PyObject *self) {
    GateObject *gate = (GateObject *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(gate->owner);
    Py_XDECREF(gate->vendor);
    Py_XDECREF(gate->sdk_vendor);
    Py_XDECREF(gate->purposes);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *gate_repr(PyObject *self) {
    GateObject *gate = (GateObject *)self;
    return PyUnicode_FromFormat("Gate(vendor=%R, purposes=%R)", gate->vendor, gate->purposes);
}

static PyObject *gate_compare(PyObject *a, PyObject *b, int op) {
    if (Py_TYPE(a) != Py_TYPE(b) || (op != Py_EQ && op != Py_NE))
        Py_RETURN_NOTIMPLEMENTED;
    GateObject *x = (GateObject *)a, *y = (GateObject *)b;
    int same = PyObject_RichCompareBool(x->sdk_vendor, y->sdk_vendor, Py_EQ);
    if (same > 0)
        same = PyObject_RichCompareBool(x->purposes, y->purposes, Py_EQ);
    if (same < 0)
        return NULL;
    return PyBool_FromLong(op == Py_EQ ? same : !same);
}

static Py_hash_t gate_hash(PyObject *self) {
    GateObject *gate = (GateObject *)self;
    PyObject *pair = PyTuple_Pack(2, gate->sdk_vendor, gate->purposes);
    Py_hash_t hash = pair ? PyObject_Hash(pair) : -1;
    Py_XDECREF(pair);
    return hash;
}

static PyObject *gate_reduce(PyObject *self, PyObject *ignored) {
    (void)ignored;
    GateObject *gate = (GateObject *)self;
    PyObject *module = PyImport_ImportModule("consentpy._core");
    PyObject *restore = module ? PyObject_GetAttrString(module, "_restore_gate") : NULL;
    Py_XDECREF(module);
    return restore
               ? Py_BuildValue("N(OOO)", restore, gate->vendor, gate->sdk_vendor, gate->purposes)
               : NULL;
}

static PyObject *gate_vendor(PyObject *self, void *closure) {
    (void)closure;
    return Py_NewRef(((GateObject *)self)->vendor);
}

static PyObject *gate_purposes(PyObject *self, void *closure) {
    (void)closure;
    return Py_NewRef(((GateObject *)self)->purposes);
}

static PyGetSetDef gate_members[] = {
    {"vendor", gate_vendor, NULL, "id of the vendor, or None", NULL},
    {"purposes", gate_purposes, NULL, "ids of the purposes", NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyMethodDef gate_methods[] = {{"__reduce__", gate_reduce, METH_NOARGS, NULL},
                                     {"__copy__", glue_identity, METH_NOARGS, NULL},
                                     {"__deepcopy__", glue_identity, METH_O, NULL},
                                     {NULL, NULL, 0, NULL}};

static PyType_Slot gate_slots[] = {
    {Py_tp_doc,
     "A tag's condition: a vendor, purposes, or both. Made by Config.gate(), which resolves the "
     "ids\n"
     "once; with the status of another Config it is resolved again. A value: equal, hashable,\n"
     "picklable."},
    {Py_tp_dealloc, gate_dealloc},
    {Py_tp_traverse, gate_traverse},
    {Py_tp_repr, gate_repr},
    {Py_tp_richcompare, gate_compare},
    {Py_tp_hash, gate_hash},
    {Py_tp_getset, gate_members},
    {Py_tp_methods, gate_methods},
    {0, NULL}};

PyType_Spec glue_gate_spec = {"consentpy.Gate", sizeof(GateObject), sizeof(uint32_t),
                              Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE |
                                  Py_TPFLAGS_DISALLOW_INSTANTIATION,
                              gate_slots};
