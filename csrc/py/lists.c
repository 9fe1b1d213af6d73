/* lists.c - members of Status: everything at once, as the SDK's functions give it. */
#include "glue.h"

static const cns_status *core(PyObject *self) {
    return ((StatusObject *)self)->status;
}

/* The Didomi Consent String that was sent, or that an answer becomes; "" without one. */
static PyObject *dcs_text(PyObject *self) {
    StatusObject *status = (StatusObject *)self;
    cns_kept_cookies kept;
    if (!status->as_dcs)
        return glue_string_or_empty(cns_status_dcs(status->status));
    if (glue_keep(status, &kept) < 0)
        return NULL;
    PyObject *text =
        glue_string_or_empty((cns_text){kept.of[CNS_COOKIE_DCS].text, kept.of[CNS_COOKIE_DCS].len});
    cns_kept_release(&kept, cns_alloc_default());
    return text;
}

/* The members that both functions have. */
static int put_common(PyObject *dict, PyObject *self) {
    const cns_notice *notice = ((StatusObject *)self)->owner->notice;
    if (glue_put(dict, "regulation", glue_regulation(notice)) < 0 ||
        glue_put(dict, "user_id", glue_text(cns_status_user_id(core(self)))) < 0 ||
        glue_put(dict, "created", glue_text(cns_status_created_text(core(self)))) < 0 ||
        glue_put(dict, "updated", glue_text(cns_status_updated_text(core(self)))) < 0)
        return -1;
    if (glue_put(dict, "consent_string", glue_string_or_empty(cns_status_tc(core(self)))) < 0 ||
        glue_put(dict, "addtl_consent", glue_addtl_consent(self, NULL)) < 0)
        return -1;
    return glue_put(dict, "didomi_dcs", dcs_text(self));
}

/* ---------------------------------------------------------------- current() */

/* {id: {"id": id, "enabled": bool}} */
static PyObject *enabled_by_id(PyObject *self, bool vendors) {
    const cns_notice *notice = ((StatusObject *)self)->owner->notice;
    const cns_config *config = ((StatusObject *)self)->owner->owner->config;
    PyObject *dict = PyDict_New();
    uint32_t number;
    for (size_t i = 0; dict && (number = vendors ? cns_notice_vendor_at(notice, i)
                                                 : cns_notice_purpose_at(notice, i)) != CNS_NO_ID;
         i++) {
        bool enabled = vendors ? cns_status_vendor_enabled(core(self), number)
                               : cns_status_purpose_enabled(core(self), number);
        PyObject *id = glue_text(vendors ? cns_config_vendor_id(config, number)
                                         : cns_config_purpose_id(config, number));
        PyObject *entry =
            id ? Py_BuildValue("{sOsO}", "id", id, "enabled", enabled ? Py_True : Py_False) : NULL;
        if (!entry || PyDict_SetItem(dict, id, entry) < 0)
            Py_CLEAR(dict);
        Py_XDECREF(entry);
        Py_XDECREF(id);
    }
    return dict;
}

PyObject *glue_current(PyObject *self, PyObject *ignored) {
    (void)ignored;
    PyObject *dict = PyDict_New();
    if (!dict || glue_put(dict, "purposes", enabled_by_id(self, false)) < 0 ||
        glue_put(dict, "vendors", enabled_by_id(self, true)) < 0 || put_common(dict, self) < 0 ||
        glue_put(dict, "gpp_string", PyUnicode_FromString("")) < 0)
        Py_CLEAR(dict);
    return dict;
}

/* ------------------------------------------------------------------ lists() */

/* Where each list of the core stands: under purposes or vendors, in which member of it,
 * in `enabled` or `disabled` (NULL: it is the member itself). */
static const struct {
    cns_list list;
    const char *of, *member, *side;
} places[] = {
    {CNS_LIST_PURPOSES_CONSENT_ON, "purposes", "consent", "enabled"},
    {CNS_LIST_PURPOSES_CONSENT_OFF, "purposes", "consent", "disabled"},
    {CNS_LIST_PURPOSES_LI_ON, "purposes", "legitimate_interest", "enabled"},
    {CNS_LIST_PURPOSES_LI_OFF, "purposes", "legitimate_interest", "disabled"},
    {CNS_LIST_PURPOSES_ESSENTIAL, "purposes", "essential", NULL},
    {CNS_LIST_PURPOSES_GLOBAL_ON, "purposes", "global", "enabled"},
    {CNS_LIST_PURPOSES_GLOBAL_OFF, "purposes", "global", "disabled"},
    {CNS_LIST_VENDORS_CONSENT_ON, "vendors", "consent", "enabled"},
    {CNS_LIST_VENDORS_CONSENT_OFF, "vendors", "consent", "disabled"},
    {CNS_LIST_VENDORS_LI_ON, "vendors", "legitimate_interest", "enabled"},
    {CNS_LIST_VENDORS_LI_OFF, "vendors", "legitimate_interest", "disabled"},
    {CNS_LIST_GLOBAL_CONSENT_ON, "vendors", "global_consent", "enabled"},
    {CNS_LIST_GLOBAL_CONSENT_OFF, "vendors", "global_consent", "disabled"},
    {CNS_LIST_GLOBAL_LI_ON, "vendors", "global_li", "enabled"},
    {CNS_LIST_GLOBAL_LI_OFF, "vendors", "global_li", "disabled"},
    {CNS_LIST_VENDORS_GLOBAL_ON, "vendors", "global", "enabled"},
    {CNS_LIST_VENDORS_GLOBAL_OFF, "vendors", "global", "disabled"},
};
#define PLACES (sizeof places / sizeof places[0])

typedef struct hearer {
    PyObject *lists[PLACES]; /* by cns_list, borrowed from the dict */
    bool failed;
} hearer;

static void hear(void *ctx, cns_list list, cns_text id, uint32_t iab) {
    hearer *to = ctx;
    PyObject *item = to->failed ? NULL : iab ? PyLong_FromUnsignedLong(iab) : glue_text(id);
    to->failed = !item || PyList_Append(to->lists[list], item) < 0;
    Py_XDECREF(item);
}

/* A member of `dict` that is an object, made when it is not there; borrowed. */
static PyObject *object_at(PyObject *dict, const char *name) {
    PyObject *key = PyUnicode_FromString(name), *made = key ? PyDict_New() : NULL;
    PyObject *found = made ? PyDict_SetDefault(dict, key, made) : NULL;
    Py_XDECREF(made);
    Py_XDECREF(key);
    return found;
}

static int prepare(PyObject *dict, hearer *to) {
    for (size_t i = 0; i < PLACES; i++) {
        PyObject *at = object_at(dict, places[i].of);
        if (at && places[i].side)
            at = object_at(at, places[i].member);
        PyObject *list = at ? PyList_New(0) : NULL;
        to->lists[places[i].list] = list; /* the dict keeps it */
        if (!at || glue_put(at, places[i].side ? places[i].side : places[i].member, list) < 0)
            return -1;
    }
    return 0;
}

PyObject *glue_lists(PyObject *self, PyObject *ignored) {
    (void)ignored;
    cns_visit visit;
    glue_room room;
    glue_cookies cookies;
    cns_token_doc *stored;
    hearer to = {.failed = false};
    if (glue_visit_of((StatusObject *)self, false, &cookies, &room, &visit) < 0)
        return NULL;
    cns_code code = cns_answer_stored(&stored, ((StatusObject *)self)->owner->notice, &visit,
                                      cns_alloc_default(), NULL);
    glue_cookies_close(&cookies);
    if (code != CNS_OK)
        return PyErr_NoMemory();
    PyObject *dict = PyDict_New();
    if (!dict || prepare(dict, &to) < 0 || put_common(dict, self) < 0) {
        Py_CLEAR(dict);
    } else {
        code = cns_status_lists(core(self), stored, hear, &to, cns_alloc_default());
        if (code != CNS_OK && !PyErr_Occurred())
            PyErr_NoMemory();
        if (code != CNS_OK || to.failed)
            Py_CLEAR(dict);
    }
    cns_token_doc_free(stored);
    return dict;
}
