/* vendor_set.c - VendorSet: the ids of a decoded string, looked at where they are. */
#include "glue.h"

typedef struct VendorSetObject {
    PyObject_HEAD PyObject *owner; /* keeps what the set borrows */
    cns_id_set set;
} VendorSetObject;

typedef struct WalkObject {
    PyObject_HEAD VendorSetObject *of;
    uint32_t cursor, next, last; /* ids next to last are still to come; next > last: none */
} WalkObject;

static const cns_id_set *set_of(PyObject *self) {
    return &((VendorSetObject *)self)->set;
}

PyObject *glue_vendor_set(glue_state *state, PyObject *owner, const cns_id_set *set) {
    VendorSetObject *self = PyObject_GC_New(VendorSetObject, state->vendor_set_type);
    if (!self)
        return NULL;
    self->owner = Py_NewRef(owner);
    self->set = *set;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

const cns_id_set *glue_vendor_set_of(glue_state *state, PyObject *object) {
    return Py_TYPE(object) == state->vendor_set_type ? set_of(object) : NULL;
}

static int set_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((VendorSetObject *)self)->owner);
    return 0;
}

static void set_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_DECREF(((VendorSetObject *)self)->owner);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static Py_ssize_t set_len(PyObject *self) {
    return (Py_ssize_t)cns_idset_count(set_of(self));
}

static int set_contains(PyObject *self, PyObject *id) {
    if (!PyLong_Check(id))
        return 0;
    int overflow;
    long number = PyLong_AsLongAndOverflow(id, &overflow);
    return !overflow && number > 0 && number <= (long)CNS_MAX_ID &&
           cns_idset_has(set_of(self), (uint32_t)number);
}

/* Calls with every run until one fails. */
static int each_run(const cns_id_set *set, int (*with)(void *arg, cns_id_run run), void *arg) {
    uint32_t cursor = 0;
    cns_id_run run;
    while (cns_idset_next(set, &cursor, &run))
        if (with(arg, run) < 0)
            return -1;
    return 0;
}

static int add_range(void *list, cns_id_run run) {
    PyObject *pair = Py_BuildValue("(II)", (unsigned)run.first, (unsigned)run.last);
    int failed = pair ? PyList_Append(list, pair) : -1;
    Py_XDECREF(pair);
    return failed;
}

static PyObject *set_ranges(PyObject *self, PyObject *ignored) {
    (void)ignored;
    PyObject *list = PyList_New(0);
    if (list && each_run(set_of(self), add_range, list) < 0)
        Py_CLEAR(list);
    return list;
}

static char *put_number(char *to, unsigned number) {
    char digits[8];
    unsigned count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    while (count)
        *to++ = digits[--count];
    return to;
}

PyObject *glue_ranges_text(const cns_id_set *set) {
    uint32_t cursor = 0, runs = 0;
    cns_id_run run;
    while (cns_idset_next(set, &cursor, &run))
        runs++;
    char *text = PyMem_Malloc((size_t)runs * 12 + 1), *to = text;
    if (!text)
        return PyErr_NoMemory();
    cursor = 0;
    while (cns_idset_next(set, &cursor, &run)) {
        if (to != text)
            *to++ = ',';
        to = put_number(to, run.first);
        if (run.first != run.last) {
            *to++ = '-';
            to = put_number(to, run.last);
        }
    }
    PyObject *result = PyUnicode_FromStringAndSize(text, to - text);
    PyMem_Free(text);
    return result;
}

static PyObject *set_repr(PyObject *self) {
    return glue_ranges_text(set_of(self));
}

static PyObject *set_compare(PyObject *self, PyObject *other, int op) {
    if (Py_TYPE(other) != Py_TYPE(self) || (op != Py_EQ && op != Py_NE))
        Py_RETURN_NOTIMPLEMENTED;
    return PyBool_FromLong(cns_idset_same(set_of(self), set_of(other)) == (op == Py_EQ));
}

static int mix(void *hash, cns_id_run run) {
    Py_uhash_t *h = hash;
    *h = (*h ^ ((Py_uhash_t)run.first << 16 | run.last)) * (Py_uhash_t)1000003u;
    return 0;
}

static Py_hash_t set_hash(PyObject *self) {
    Py_uhash_t hash = 0x345678u;
    (void)each_run(set_of(self), mix, &hash);
    return hash == (Py_uhash_t)-1 ? -2 : (Py_hash_t)hash;
}

static PyObject *set_max(PyObject *self, void *closure) {
    (void)closure;
    return PyLong_FromUnsignedLong(set_of(self)->max);
}

static PyObject *set_encoding(PyObject *self, void *closure) {
    (void)closure;
    return PyUnicode_FromString(glue_encoding_name(set_of(self)));
}

const char *glue_encoding_name(const cns_id_set *set) {
    return set->bits ? "bitfield" : "range";
}

static PyObject *set_entries(PyObject *self, void *closure) {
    (void)closure;
    if (set_of(self)->bits)
        Py_RETURN_NONE;
    return PyLong_FromUnsignedLong(set_of(self)->entries);
}

/* ---------------------------------------------------------------- iteration */

static PyObject *set_iter(PyObject *self) {
    glue_state *state = glue_state_of(self);
    WalkObject *walk = PyObject_GC_New(WalkObject, state->vendor_walk_type);
    if (!walk)
        return NULL;
    walk->of = (VendorSetObject *)Py_NewRef(self);
    walk->cursor = 0;
    walk->next = 1;
    walk->last = 0;
    PyObject_GC_Track(walk);
    return (PyObject *)walk;
}

static PyObject *walk_next(PyObject *self) {
    WalkObject *walk = (WalkObject *)self;
    if (walk->next > walk->last) {
        cns_id_run run;
        if (!cns_idset_next(&walk->of->set, &walk->cursor, &run))
            return NULL;
        walk->next = run.first;
        walk->last = run.last;
    }
    return PyLong_FromUnsignedLong(walk->next++);
}

static int walk_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((WalkObject *)self)->of);
    return 0;
}

static void walk_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_DECREF(((WalkObject *)self)->of);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyType_Slot walk_slots[] = {{Py_tp_dealloc, walk_dealloc},
                                   {Py_tp_traverse, walk_traverse},
                                   {Py_tp_iter, PyObject_SelfIter},
                                   {Py_tp_iternext, walk_next},
                                   {0, NULL}};

PyType_Spec glue_vendor_walk_spec = {"consentpy._core.VendorSetIterator", sizeof(WalkObject), 0,
                                     Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC |
                                         Py_TPFLAGS_IMMUTABLETYPE |
                                         Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                     walk_slots};

static PyGetSetDef set_members[] = {
    {"max_vendor_id", set_max, NULL, "the highest id that the string has room for", NULL},
    {"encoding", set_encoding, NULL, "'bitfield' or 'range': how the string writes it", NULL},
    {"num_entries", set_entries, NULL, "range entries as written, None for a bit field", NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyMethodDef set_methods[] = {
    {"ranges", set_ranges, METH_NOARGS,
     "ranges($self, /)\n--\n\nThe ids as a list of (first, last), ascending, both ends included."},
    {"__copy__", glue_identity, METH_NOARGS, NULL},
    {"__deepcopy__", glue_identity, METH_O, NULL},
    {NULL, NULL, 0, NULL}};

static PyType_Slot set_slots[] = {
    {Py_tp_doc, "Vendor ids of a consent string, 1 to 65535, never expanded: `in`, len(), "
                "ascending iteration,\nequality by the ids. Its repr is such as `1-5,8`."},
    {Py_tp_dealloc, set_dealloc},
    {Py_tp_traverse, set_traverse},
    {Py_tp_repr, set_repr},
    {Py_tp_hash, set_hash},
    {Py_tp_richcompare, set_compare},
    {Py_tp_iter, set_iter},
    {Py_sq_length, set_len},
    {Py_sq_contains, set_contains},
    {Py_tp_getset, set_members},
    {Py_tp_methods, set_methods},
    {0, NULL}};

PyType_Spec glue_vendor_set_spec = {"consentpy.VendorSet", sizeof(VendorSetObject), 0,
                                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC |
                                        Py_TPFLAGS_IMMUTABLETYPE |
                                        Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                    set_slots};
