/* tcf_codec.c - tcf_decode and tcf_encode of the module. */
#include "glue.h"

PyObject *glue_tcf_decode(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                          PyObject *kwnames) {
    static const char *const names[] = {"text", "strict", NULL};
    static const glue_signature signature = {"decode", names, 2};
    PyObject *given[2] = {NULL, NULL};
    if (glue_arguments(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    if (!given[0] || !PyUnicode_Check(given[0])) {
        PyErr_Format(PyExc_TypeError, "a TC string is a str, not %.100s",
                     given[0] ? Py_TYPE(given[0])->tp_name : "missing");
        return NULL;
    }
    int strict = given[1] ? PyObject_IsTrue(given[1]) : 0;
    return strict < 0 ? NULL : glue_tc_new(PyModule_GetState(module), given[0], strict);
}

static PyObject *write_text(const cns_tc *tc) {
    char *text;
    size_t len;
    if (cns_tc_write(&text, &len, tc, cns_alloc_default(), NULL) != CNS_OK)
        return PyErr_NoMemory();
    return glue_made(text, len);
}

/* ----------------------------------------------------- from checked plain objects */

/* Memory of the runs of one string, freed together. */
typedef struct keep {
    void *blocks[520];
    size_t count;
} keep;

/* A set from a VendorSet, or from bytes: pairs of 16-bit numbers, first and last, any order. */
static int take_set(glue_state *state, PyObject *given, cns_id_set *set, keep *kept) {
    const cns_id_set *ready = glue_vendor_set_of(state, given);
    if (ready) {
        *set = *ready;
        return 0;
    }
    if (!PyBytes_Check(given)) {
        PyErr_SetString(PyExc_TypeError, "a set of vendors is a VendorSet or bytes");
        return -1;
    }
    size_t count = (size_t)PyBytes_GET_SIZE(given) / sizeof(cns_id_run);
    cns_id_run *runs = kept->count < sizeof kept->blocks / sizeof *kept->blocks
                           ? PyMem_New(cns_id_run, count + 1)
                           : NULL;
    if (!runs) {
        PyErr_NoMemory();
        return -1;
    }
    kept->blocks[kept->count++] = runs;
    memcpy(runs, PyBytes_AS_STRING(given), count * sizeof *runs);
    *set = cns_idset_of_runs(runs, cns_runs_settle(runs, (uint32_t)count));
    return 0;
}

/* Runs of a set for a restriction, which has no bit fields. */
static int take_restrictions(glue_state *state, PyObject *given, cns_tc *tc,
                             cns_tc_restriction *room, keep *kept) {
    Py_ssize_t count = PyTuple_GET_SIZE(given);
    for (Py_ssize_t i = 0; i < count && i < 256; i++) {
        unsigned purpose, type;
        PyObject *ids;
        cns_id_set set;
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(given, i), "IIO", &purpose, &type, &ids) ||
            take_set(state, ids, &set, kept) < 0)
            return -1;
        if (set.bits) {
            PyErr_SetString(PyExc_TypeError, "a restriction takes no bit field");
            return -1;
        }
        room[tc->restriction_count++] =
            (cns_tc_restriction){(uint8_t)purpose, (uint8_t)type, set.run_count, set.runs};
    }
    tc->restrictions = room;
    return 0;
}

static int take_other(glue_state *state, PyObject *given, bool *there, cns_id_set *set,
                      keep *kept) {
    *there = given != Py_None;
    return *there ? take_set(state, given, set, kept) : 0;
}

static PyObject *write_parts(glue_state *state, PyObject *parts) {
    cns_tc tc = {0};
    cns_tc_restriction restrictions[256];
    keep kept = {.count = 0};
    unsigned long long created, updated, custom = 0, custom_li = 0;
    unsigned numbers[5], flags[3], masks[3], publisher[3] = {0};
    PyObject *consents, *li, *restricted, *disclosed, *allowed, *publisher_tc, *result = NULL;
    const char *language, *country;
    Py_ssize_t language_len, country_len, order_len;
    const char *order;
    if (!PyArg_ParseTuple(parts, "KKIIIs#IIIIIIIIs#OOO!OOOy#", &created, &updated, &numbers[0],
                          &numbers[1], &numbers[2], &language, &language_len, &numbers[3],
                          &numbers[4], &flags[0], &flags[1], &masks[0], &masks[1], &masks[2],
                          &flags[2], &country, &country_len, &consents, &li, &PyTuple_Type,
                          &restricted, &disclosed, &allowed, &publisher_tc, &order, &order_len))
        return NULL;
    if (language_len != 2 || country_len != 2) {
        PyErr_SetString(PyExc_TypeError, "language and country are two letters");
        return NULL;
    }
    if (publisher_tc != Py_None &&
        !PyArg_ParseTuple(publisher_tc, "IIIKK", &publisher[0], &publisher[1], &publisher[2],
                          &custom, &custom_li))
        return NULL;
    tc.created = created;
    tc.last_updated = updated;
    tc.cmp_id = (uint16_t)numbers[0];
    tc.cmp_version = (uint16_t)numbers[1];
    tc.consent_screen = (uint8_t)numbers[2];
    tc.vendor_list_version = (uint16_t)numbers[3];
    tc.policy_version = (uint8_t)numbers[4];
    tc.service_specific = flags[0];
    tc.non_standard_texts = flags[1];
    tc.purpose_one_treatment = flags[2];
    tc.special_features = masks[0];
    tc.purposes = masks[1];
    tc.purposes_li = masks[2];
    for (int i = 0; i < 2; i++) {
        tc.language[i] = (uint8_t)(language[i] - 'A');
        tc.country[i] = (uint8_t)(country[i] - 'A');
    }
    tc.has_publisher = publisher_tc != Py_None;
    tc.publisher_purposes = publisher[0];
    tc.publisher_purposes_li = publisher[1];
    tc.custom_count = (uint8_t)publisher[2];
    tc.custom_purposes = custom;
    tc.custom_purposes_li = custom_li;
    tc.segments = (const uint8_t *)order;
    tc.segment_count = (uint32_t)order_len;
    if (take_set(state, consents, &tc.vendors, &kept) == 0 &&
        take_set(state, li, &tc.vendors_li, &kept) == 0 &&
        take_other(state, disclosed, &tc.has_disclosed, &tc.disclosed, &kept) == 0 &&
        take_other(state, allowed, &tc.has_allowed, &tc.allowed, &kept) == 0 &&
        take_restrictions(state, restricted, &tc, restrictions, &kept) == 0)
        result = write_text(&tc);
    for (size_t i = 0; i < kept.count; i++)
        PyMem_Free(kept.blocks[i]);
    return result;
}

PyObject *glue_tcf_encode(PyObject *module, PyObject *given) {
    glue_state *state = PyModule_GetState(module);
    const cns_tc *tc = glue_tc_of(state, given);
    if (tc)
        return write_text(tc);
    if (PyTuple_CheckExact(given))
        return write_parts(state, given);
    PyErr_Format(PyExc_TypeError, "a TC string is written from a TCString, not %.100s",
                 Py_TYPE(given)->tp_name);
    return NULL;
}
