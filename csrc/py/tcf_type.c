/* tcf_type.c - TCString: a decoded TC string whose attributes are made when they are asked for. */
#include "glue.h"

static const cns_tc *tc_of(PyObject *self) {
    return ((TcObject *)self)->tc;
}

static void tc_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    cns_tc_free(((TcObject *)self)->tc);
    Py_DECREF(((TcObject *)self)->text);
    type->tp_free(self);
    Py_DECREF(type);
}

PyObject *glue_tc_new(glue_state *state, PyObject *text, bool strict) {
    PyObject *owner = NULL;
    cns_tc *tc;
    cns_error err;
    Py_ssize_t len = PyUnicode_GET_LENGTH(text);
    /* what is not ASCII becomes `?`, which no string has either, at the same place; but not
     * where the length alone refuses it */
    if (!PyUnicode_IS_ASCII(text) && len <= (Py_ssize_t)CNS_MAX_STRING) {
        owner = PyUnicode_AsEncodedString(text, "ascii", "replace");
        if (!owner)
            return NULL;
    }
    const char *chars = owner                      ? PyBytes_AS_STRING(owner)
                        : PyUnicode_IS_ASCII(text) ? (const char *)PyUnicode_DATA(text)
                                                   : "";
    cns_code code = cns_tc_new(&tc, chars, (size_t)len, strict, cns_alloc_default(), &err);
    Py_XDECREF(owner);
    if (code != CNS_OK)
        return glue_decode_error(state, &err);
    TcObject *self = PyObject_New(TcObject, state->tc_type);
    if (!self) {
        cns_tc_free(tc);
        return NULL;
    }
    self->tc = tc;
    self->text = Py_NewRef(text);
    return (PyObject *)self;
}

const cns_tc *glue_tc_of(glue_state *state, PyObject *object) {
    return Py_TYPE(object) == state->tc_type ? tc_of(object) : NULL;
}

/* ---------------------------------------------------------------- parts of it */

/* A list or frozenset of the ids of a mask. */
static PyObject *ids_of(uint64_t mask, bool frozen) {
    PyObject *ids = PyList_New(0);
    for (unsigned id = 1; ids && mask; id++, mask >>= 1) {
        PyObject *number = mask & 1 ? PyLong_FromUnsignedLong(id) : NULL;
        if (mask & 1 && (!number || PyList_Append(ids, number) < 0))
            Py_CLEAR(ids);
        Py_XDECREF(number);
    }
    if (!frozen || !ids)
        return ids;
    PyObject *set = PyFrozenSet_New(ids);
    Py_DECREF(ids);
    return set;
}

static PyObject *letters_of(const uint8_t *codes) {
    char text[] = {(char)('A' + codes[0]), (char)('A' + codes[1])};
    return PyUnicode_DecodeLatin1(text, 2, NULL);
}

static PyObject *date_of(uint64_t tenths) {
    return glue_datetime(true, (int64_t)tenths * 100000);
}

static PyObject *segments_of(const cns_tc *tc) {
    static const char *const names[] = {"core",         "disclosed_vendors", "allowed_vendors",
                                        "publisher_tc", "unknown:4",         "unknown:5",
                                        "unknown:6",    "unknown:7"};
    PyObject *list = PyList_New((Py_ssize_t)tc->segment_count);
    for (uint32_t i = 0; list && i < tc->segment_count; i++) {
        PyObject *name = PyUnicode_FromString(names[tc->segments[i] & 7]);
        if (!name)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, (Py_ssize_t)i, name);
    }
    return list;
}

/* A tuple of what the list holds; the list is stolen. */
static PyObject *tuple_of(PyObject *list) {
    PyObject *tuple = list ? PyList_AsTuple(list) : NULL;
    Py_XDECREF(list);
    return tuple;
}

static PyObject *warnings_of(const cns_tc *tc) {
    PyObject *list = PyList_New(0);
    for (unsigned i = 0; list && i < CNS_TC_WARNINGS; i++) {
        if (!(tc->warnings >> i & 1))
            continue;
        PyObject *name = PyUnicode_FromString(cns_tc_warning_name(i));
        if (!name || PyList_Append(list, name) < 0)
            Py_CLEAR(list);
        Py_XDECREF(name);
    }
    return tuple_of(list);
}

static PyObject *publisher_of(PyObject *self, bool frozen) {
    const cns_tc *tc = tc_of(self);
    PyObject *items[] = {
        ids_of(tc->publisher_purposes, frozen), ids_of(tc->publisher_purposes_li, frozen),
        PyLong_FromUnsignedLong(tc->custom_count), ids_of(tc->custom_purposes, frozen),
        ids_of(tc->custom_purposes_li, frozen)};
    if (frozen)
        return glue_sequence(glue_state_of(self)->publisher_tc_type, items, 5);
    return Py_BuildValue("{sNsNsNsNsN}", "consents", items[0], "legitimate_interests", items[1],
                         "num_custom_purposes", items[2], "custom_consents", items[3],
                         "custom_legitimate_interests", items[4]);
}

static PyObject *restrictions_of(PyObject *self) {
    glue_state *state = glue_state_of(self);
    const cns_tc *tc = tc_of(self);
    PyObject *tuple = PyTuple_New((Py_ssize_t)tc->restriction_count);
    for (uint32_t i = 0; tuple && i < tc->restriction_count; i++) {
        const cns_tc_restriction *restriction = &tc->restrictions[i];
        cns_id_set set = cns_idset_of_runs(restriction->runs, restriction->run_count);
        PyObject *items[] = {PyLong_FromUnsignedLong(restriction->purpose),
                             PyLong_FromUnsignedLong(restriction->type),
                             glue_vendor_set(state, self, &set)};
        PyObject *record = glue_sequence(state->restriction_type, items, 3);
        if (!record)
            Py_CLEAR(tuple);
        else
            PyTuple_SET_ITEM(tuple, (Py_ssize_t)i, record);
    }
    return tuple;
}

/* ----------------------------------------------------------------- attributes */

typedef enum attribute {
    VERSION,
    CREATED,
    LAST_UPDATED,
    CMP_ID,
    CMP_VERSION,
    CONSENT_SCREEN,
    LANGUAGE,
    LIST_VERSION,
    POLICY_VERSION,
    SERVICE_SPECIFIC,
    NON_STANDARD_TEXTS,
    SPECIAL_FEATURES,
    PURPOSES,
    PURPOSES_LI,
    PURPOSE_ONE,
    COUNTRY,
    VENDORS,
    VENDORS_LI,
    NUM_RESTRICTIONS,
    RESTRICTIONS,
    DISCLOSED,
    ALLOWED,
    PUBLISHER,
    SEGMENTS,
    WARNINGS,
    TEXT
} attribute;

static PyObject *set_or_none(PyObject *self, bool there, const cns_id_set *set) {
    if (!there)
        Py_RETURN_NONE;
    return glue_vendor_set(glue_state_of(self), self, set);
}

static PyObject *tc_get(PyObject *self, void *closure) {
    const cns_tc *tc = tc_of(self);
    switch ((attribute)(uintptr_t)closure) {
    case VERSION:
        return PyLong_FromLong(2);
    case CREATED:
        return date_of(tc->created);
    case LAST_UPDATED:
        return date_of(tc->last_updated);
    case CMP_ID:
        return PyLong_FromUnsignedLong(tc->cmp_id);
    case CMP_VERSION:
        return PyLong_FromUnsignedLong(tc->cmp_version);
    case CONSENT_SCREEN:
        return PyLong_FromUnsignedLong(tc->consent_screen);
    case LANGUAGE:
        return letters_of(tc->language);
    case LIST_VERSION:
        return PyLong_FromUnsignedLong(tc->vendor_list_version);
    case POLICY_VERSION:
        return PyLong_FromUnsignedLong(tc->policy_version);
    case SERVICE_SPECIFIC:
        return PyBool_FromLong(tc->service_specific);
    case NON_STANDARD_TEXTS:
        return PyBool_FromLong(tc->non_standard_texts);
    case SPECIAL_FEATURES:
        return ids_of(tc->special_features, true);
    case PURPOSES:
        return ids_of(tc->purposes, true);
    case PURPOSES_LI:
        return ids_of(tc->purposes_li, true);
    case PURPOSE_ONE:
        return PyBool_FromLong(tc->purpose_one_treatment);
    case COUNTRY:
        return letters_of(tc->country);
    case VENDORS:
        return set_or_none(self, true, &tc->vendors);
    case VENDORS_LI:
        return set_or_none(self, true, &tc->vendors_li);
    case NUM_RESTRICTIONS:
        return PyLong_FromUnsignedLong(tc->record_count);
    case RESTRICTIONS:
        return restrictions_of(self);
    case DISCLOSED:
        return set_or_none(self, tc->has_disclosed, &tc->disclosed);
    case ALLOWED:
        return set_or_none(self, tc->has_allowed, &tc->allowed);
    case PUBLISHER:
        return tc->has_publisher ? publisher_of(self, true) : Py_NewRef(Py_None);
    case SEGMENTS:
        return tuple_of(segments_of(tc));
    case WARNINGS:
        return warnings_of(tc);
    case TEXT:
        break;
    }
    return Py_NewRef(((TcObject *)self)->text);
}

/* -------------------------------------------------------------------- to_dict */

static PyObject *set_dict(bool there, const cns_id_set *set) {
    if (!there)
        Py_RETURN_NONE;
    PyObject *entries =
        set->bits ? Py_NewRef(Py_None) : PyLong_FromUnsignedLong((unsigned long)set->entries);
    return Py_BuildValue("{sIsssNsIsN}", "max_vendor_id", (unsigned)set->max, "encoding",
                         glue_encoding_name(set), "num_entries", entries, "count",
                         (unsigned)cns_idset_count(set), "ids", glue_ranges_text(set));
}

static PyObject *restriction_dicts(const cns_tc *tc) {
    PyObject *list = PyList_New((Py_ssize_t)tc->restriction_count);
    for (uint32_t i = 0; list && i < tc->restriction_count; i++) {
        const cns_tc_restriction *restriction = &tc->restrictions[i];
        cns_id_set set = cns_idset_of_runs(restriction->runs, restriction->run_count);
        PyObject *record =
            Py_BuildValue("{sIsIsIsN}", "purpose_id", (unsigned)restriction->purpose, "type",
                          (unsigned)restriction->type, "count", (unsigned)cns_idset_count(&set),
                          "ids", glue_ranges_text(&set));
        if (!record)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, (Py_ssize_t)i, record);
    }
    return list;
}

static PyObject *tc_to_dict(PyObject *self, PyObject *ignored) {
    const cns_tc *tc = tc_of(self);
    (void)ignored;
    PyObject *dict = PyDict_New();
    if (!dict)
        return NULL;
    const struct {
        const char *name;
        long long value;
    } numbers[] = {{"version", 2},
                   {"created_ds", (long long)tc->created},
                   {"last_updated_ds", (long long)tc->last_updated},
                   {"cmp_id", tc->cmp_id},
                   {"cmp_version", tc->cmp_version},
                   {"consent_screen", tc->consent_screen},
                   {"vendor_list_version", tc->vendor_list_version},
                   {"policy_version", tc->policy_version},
                   {"num_pub_restrictions", tc->record_count}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (glue_put(dict, numbers[i].name, PyLong_FromLongLong(numbers[i].value)) < 0)
            goto failed;
    if (glue_put(dict, "consent_language", letters_of(tc->language)) == 0 &&
        glue_put(dict, "is_service_specific", PyBool_FromLong(tc->service_specific)) == 0 &&
        glue_put(dict, "use_non_standard_texts", PyBool_FromLong(tc->non_standard_texts)) == 0 &&
        glue_put(dict, "special_feature_optins", ids_of(tc->special_features, false)) == 0 &&
        glue_put(dict, "purpose_consents", ids_of(tc->purposes, false)) == 0 &&
        glue_put(dict, "purpose_legitimate_interests", ids_of(tc->purposes_li, false)) == 0 &&
        glue_put(dict, "purpose_one_treatment", PyBool_FromLong(tc->purpose_one_treatment)) == 0 &&
        glue_put(dict, "publisher_cc", letters_of(tc->country)) == 0 &&
        glue_put(dict, "vendor_consents", set_dict(true, &tc->vendors)) == 0 &&
        glue_put(dict, "vendor_legitimate_interests", set_dict(true, &tc->vendors_li)) == 0 &&
        glue_put(dict, "publisher_restrictions", restriction_dicts(tc)) == 0 &&
        glue_put(dict, "disclosed_vendors", set_dict(tc->has_disclosed, &tc->disclosed)) == 0 &&
        glue_put(dict, "allowed_vendors", set_dict(tc->has_allowed, &tc->allowed)) == 0 &&
        glue_put(dict, "publisher_tc",
                 tc->has_publisher ? publisher_of(self, false) : Py_NewRef(Py_None)) == 0 &&
        glue_put(dict, "segments", segments_of(tc)) == 0)
        return dict;
failed:
    Py_DECREF(dict);
    return NULL;
}

/* ------------------------------------------------------------------- the rest */

static PyObject *tc_repr(PyObject *self) {
    const cns_tc *tc = tc_of(self);
    return PyUnicode_FromFormat("<consentpy.TCString of CMP %u: %u+%u vendors>",
                                (unsigned)tc->cmp_id, (unsigned)cns_idset_count(&tc->vendors),
                                (unsigned)cns_idset_count(&tc->vendors_li));
}

static PyObject *tc_compare(PyObject *self, PyObject *other, int op) {
    if (Py_TYPE(other) != Py_TYPE(self) || (op != Py_EQ && op != Py_NE))
        Py_RETURN_NOTIMPLEMENTED;
    return PyUnicode_RichCompare(((TcObject *)self)->text, ((TcObject *)other)->text, op);
}

static Py_hash_t tc_hash(PyObject *self) {
    return PyObject_Hash(((TcObject *)self)->text);
}

static PyObject *tc_reduce(PyObject *self, PyObject *ignored) {
    (void)ignored;
    PyObject *module = PyType_GetModule(Py_TYPE(self));
    PyObject *decode = module ? PyObject_GetAttrString(module, "tcf_decode") : NULL;
    return decode ? Py_BuildValue("N(O)", decode, ((TcObject *)self)->text) : NULL;
}

#define ATTRIBUTE(name, which, doc) {name, tc_get, NULL, doc, (void *)(uintptr_t)which}
static PyGetSetDef tc_members[] = {
    ATTRIBUTE("version", VERSION, "encoding version: 2"),
    ATTRIBUTE("created", CREATED, "aware datetime"),
    ATTRIBUTE("last_updated", LAST_UPDATED, "aware datetime"),
    ATTRIBUTE("cmp_id", CMP_ID, "id of the CMP that wrote it"),
    ATTRIBUTE("cmp_version", CMP_VERSION, "version of that CMP"),
    ATTRIBUTE("consent_screen", CONSENT_SCREEN, "the CMP's own number of the screen"),
    ATTRIBUTE("consent_language", LANGUAGE, "two letters"),
    ATTRIBUTE("vendor_list_version", LIST_VERSION, "version of the Global Vendor List"),
    ATTRIBUTE("policy_version", POLICY_VERSION, "version of the policy"),
    ATTRIBUTE("is_service_specific", SERVICE_SPECIFIC, "False: a signal without force"),
    ATTRIBUTE("use_non_standard_texts", NON_STANDARD_TEXTS, "bool"),
    ATTRIBUTE("special_feature_optins", SPECIAL_FEATURES, "frozenset of ids"),
    ATTRIBUTE("purpose_consents", PURPOSES, "frozenset of ids"),
    ATTRIBUTE("purpose_legitimate_interests", PURPOSES_LI, "frozenset of ids"),
    ATTRIBUTE("purpose_one_treatment", PURPOSE_ONE, "True: purpose 1 was not shown"),
    ATTRIBUTE("publisher_cc", COUNTRY, "two letters, AA = unknown"),
    ATTRIBUTE("vendor_consents", VENDORS, "VendorSet"),
    ATTRIBUTE("vendor_legitimate_interests", VENDORS_LI, "VendorSet"),
    ATTRIBUTE("num_pub_restrictions", NUM_RESTRICTIONS, "records as written"),
    ATTRIBUTE("publisher_restrictions", RESTRICTIONS,
              "tuple of Restriction, one for each purpose and type"),
    ATTRIBUTE("disclosed_vendors", DISCLOSED, "VendorSet, or None without that segment"),
    ATTRIBUTE("allowed_vendors", ALLOWED, "VendorSet, or None without that segment"),
    ATTRIBUTE("publisher_tc", PUBLISHER, "PublisherTC, or None without that segment"),
    ATTRIBUTE("segments", SEGMENTS, "names in the order of the string"),
    ATTRIBUTE("warnings", WARNINGS, "tuple of codes, in alphabetical order"),
    ATTRIBUTE("text", TEXT, "the string itself"),
    {NULL, NULL, NULL, NULL, NULL}};

static PyMethodDef tc_methods[] = {
    {"to_dict", tc_to_dict, METH_NOARGS,
     "to_dict($self, /)\n--\n\n"
     "A new dict of everything it says: dates as tenths of a second, sets as texts such as "
     "'1-5,8'."},
    {"__reduce__", tc_reduce, METH_NOARGS, NULL},
    {"__copy__", glue_identity, METH_NOARGS, NULL},
    {"__deepcopy__", glue_identity, METH_O, NULL},
    {NULL, NULL, 0, NULL}};

static PyType_Slot tc_slots[] = {
    {Py_tp_doc, "A decoded TC string (consentpy.tcf.decode). Immutable; equal when the texts are."},
    {Py_tp_dealloc, tc_dealloc},
    {Py_tp_repr, tc_repr},
    {Py_tp_hash, tc_hash},
    {Py_tp_richcompare, tc_compare},
    {Py_tp_getset, tc_members},
    {Py_tp_methods, tc_methods},
    {0, NULL}};

PyType_Spec glue_tc_spec = {
    "consentpy.TCString", sizeof(TcObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION, tc_slots};
