/* permission.c - GlobalVendorList.permission(). */
#include "glue.h"

#define MOST_COUNTRIES 256

enum {
    TC,
    VENDOR,
    PURPOSE,
    SPECIAL_PURPOSE,
    SPECIAL_FEATURE,
    NOW,
    SERVICE_SPECIFIC,
    MIN_POLICY,
    FROM_POLICY,
    SINCE,
    DISCLOSED,
    EXEMPT,
    GIVEN
};

static const char *const names[] = {"tc",
                                    "vendor_id",
                                    "purpose",
                                    "special_purpose",
                                    "special_feature",
                                    "now",
                                    "require_service_specific",
                                    "min_policy_version",
                                    "require_disclosed_segment_from_policy",
                                    "require_disclosed_segment_since",
                                    "require_vendor_disclosed",
                                    "purpose_one_exempt_countries",
                                    NULL};
static const glue_signature signature = {"permission", names, 2};

/* An id of any size; those that no list has become -1. */
static int take_id(PyObject *given, const char *name, int64_t *id) {
    if (!PyLong_Check(given) || PyBool_Check(given)) {
        PyErr_Format(PyExc_TypeError, "permission() takes a number as %s, not %.100s", name,
                     Py_TYPE(given)->tp_name);
        return -1;
    }
    int overflow;
    *id = PyLong_AsLongLongAndOverflow(given, &overflow);
    if (overflow)
        *id = -1;
    return 0;
}

static int take_bool(PyObject *given, bool *flag) {
    int truth = given ? PyObject_IsTrue(given) : *flag;
    *flag = truth > 0;
    return truth < 0 ? -1 : 0;
}

static int take_policy(PyObject *given, const char *name, uint32_t *policy) {
    int64_t number;
    if (!given || given == Py_None)
        return 0;
    if (take_id(given, name, &number) < 0)
        return -1;
    /* versions are six bits: any other number is a demand that no string meets */
    *policy = number < 0 || number > 63 ? 64 : (uint32_t)number;
    return 0;
}

/* A date as text, or an object with isoformat(). */
static int take_since(PyObject *given, cns_tc_demands *demands) {
    if (!given || given == Py_None)
        return 0;
    PyObject *text = PyUnicode_Check(given) ? Py_NewRef(given)
                     : PyObject_HasAttrString(given, "isoformat")
                         ? PyObject_CallMethod(given, "isoformat", NULL)
                         : NULL;
    if (!text && !PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError,
                        "require_disclosed_segment_since is a date, a datetime or a text such as "
                        "2026-03-01");
    Py_ssize_t len;
    PyObject *owner = NULL;
    const char *utf8 = text && PyUnicode_Check(text) ? glue_utf8(text, &len, &owner) : NULL;
    bool read = utf8 && cns_date_read(&demands->disclosed_since, utf8, (size_t)len);
    if (utf8 && !read)
        PyErr_SetString(PyExc_ValueError, "require_disclosed_segment_since is no date: write one "
                                          "such as 2026-03-01");
    demands->disclosed_since_given = read;
    Py_XDECREF(owner);
    Py_XDECREF(text);
    return read ? 0 : -1;
}

static int take_countries(PyObject *given, char (*room)[2], cns_tc_demands *demands) {
    if (!given || given == Py_None)
        return 0;
    if (PyUnicode_Check(given)) {
        PyErr_SetString(PyExc_TypeError,
                        "purpose_one_exempt_countries is a list of codes such as ['DE']");
        return -1;
    }
    PyObject *items = PySequence_List(given);
    Py_ssize_t count = items ? PyList_GET_SIZE(items) : -1;
    for (Py_ssize_t i = 0; i < count && i < MOST_COUNTRIES; i++) {
        PyObject *item = PyList_GET_ITEM(items, i);
        bool code =
            PyUnicode_Check(item) && PyUnicode_IS_ASCII(item) && PyUnicode_GET_LENGTH(item) == 2;
        if (!code) {
            PyErr_SetString(PyExc_TypeError,
                            "purpose_one_exempt_countries holds codes of two letters");
            count = -1;
            break;
        }
        for (int k = 0; k < 2; k++) {
            char c = ((const char *)PyUnicode_DATA(item))[k];
            room[i][k] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
        }
    }
    Py_XDECREF(items);
    demands->exempt = room;
    demands->exempt_count =
        count < 0 ? 0 : (size_t)(count < MOST_COUNTRIES ? count : MOST_COUNTRIES);
    return count < 0 ? -1 : 0;
}

/* The decoded string: *made gets a new reference when it was decoded here. */
static int take_tc(glue_state *state, PyObject *given, const cns_tc **tc, PyObject **made) {
    *tc = NULL;
    if (given == Py_None)
        return 0;
    if (PyUnicode_Check(given)) {
        *made = glue_tc_new(state, given, true);
        if (!*made && !PyErr_ExceptionMatches(state->decode_error))
            return -1;
        if (!*made)
            PyErr_Clear(); /* what cannot be read permits nothing */
        *tc = *made ? glue_tc_of(state, *made) : NULL;
        return 0;
    }
    *tc = glue_tc_of(state, given);
    if (*tc)
        return 0;
    PyErr_Format(PyExc_TypeError, "permission() takes a TCString, its text or None, not %.100s",
                 Py_TYPE(given)->tp_name);
    return -1;
}

const char glue_permission_doc[] =
    "permission($self, /, tc, vendor_id, *, purpose=None, special_purpose=None, "
    "special_feature=None, now=None, require_service_specific=True, min_policy_version=0, "
    "require_disclosed_segment_from_policy=None, require_disclosed_segment_since=None, "
    "require_vendor_disclosed=False, purpose_one_exempt_countries=())\n--\n\n"
    "The Permission of a vendor for one purpose, special purpose or special feature. tc: a "
    "TCString, its text\n"
    "or None; what strict reading refuses permits nothing (docs/strings.md, Permission).";

PyObject *glue_permission(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                          PyObject *kwnames) {
    glue_state *state = glue_state_of(self);
    PyObject *given[GIVEN] = {NULL}, *made = NULL, *subject = NULL;
    cns_tc_demands demands = {.service_specific = true};
    cns_tc_question question = CNS_ASK_PURPOSE;
    char countries[MOST_COUNTRIES][2];
    const cns_tc *tc;
    int64_t vendor, id, now;
    if (glue_arguments(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    for (int i = PURPOSE; i <= SPECIAL_FEATURE; i++) {
        if (!given[i] || given[i] == Py_None)
            continue;
        if (subject) {
            subject = NULL;
            break;
        }
        subject = given[i];
        question = i == PURPOSE           ? CNS_ASK_PURPOSE
                   : i == SPECIAL_PURPOSE ? CNS_ASK_SPECIAL_PURPOSE
                                          : CNS_ASK_SPECIAL_FEATURE;
    }
    if (!given[TC] || !given[VENDOR] || !subject) {
        PyErr_SetString(PyExc_TypeError,
                        "permission() takes a TC string, a vendor_id, and one of purpose, "
                        "special_purpose and special_feature");
        return NULL;
    }
    if (take_id(given[VENDOR], "vendor_id", &vendor) < 0 || take_id(subject, "purpose", &id) < 0 ||
        glue_now(given[NOW], &now) < 0 ||
        take_bool(given[SERVICE_SPECIFIC], &demands.service_specific) < 0 ||
        take_bool(given[DISCLOSED], &demands.vendor_disclosed) < 0 ||
        take_policy(given[MIN_POLICY], names[MIN_POLICY], &demands.min_policy_version) < 0 ||
        take_policy(given[FROM_POLICY], names[FROM_POLICY], &demands.disclosed_from_policy) < 0 ||
        take_since(given[SINCE], &demands) < 0 ||
        take_countries(given[EXEMPT], countries, &demands) < 0 ||
        take_tc(state, given[TC], &tc, &made) < 0)
        return NULL;
    demands.disclosed_from_given = given[FROM_POLICY] && given[FROM_POLICY] != Py_None;
    cns_tc_permission answer =
        cns_tc_permits(tc, ((GvlObject *)self)->gvl, vendor, question, id, now, &demands);
    Py_XDECREF(made);
    PyObject *items[] = {PyBool_FromLong(answer.consent_ok), PyBool_FromLong(answer.li_ok),
                         PyUnicode_FromString(answer.basis), PyBool_FromLong(answer.allowed),
                         PyUnicode_FromString(answer.reason)};
    return glue_sequence(state->permission_type, items, 5);
}
