/* notice_type.c - Notice. */
#include "glue.h"

/* Text of a place: str, or None for unknown. Anything else is a mistake. */
static int place_text(PyObject *given, const char *what, cns_text *out, PyObject **owner) {
    *out = (cns_text){NULL, 0};
    if (!given || given == Py_None)
        return 0;
    if (!PyUnicode_Check(given)) {
        PyErr_Format(PyExc_TypeError, "%s is a str or None, not %.100s", what,
                     Py_TYPE(given)->tp_name);
        return -1;
    }
    Py_ssize_t len;
    out->text = glue_utf8(given, &len, owner);
    out->len = (size_t)len;
    return out->text ? 0 : -1;
}

PyObject *glue_notice_new(glue_state *state, ConfigObject *config, PyObject *country,
                          PyObject *region, glue_cookies *cookies) {
    cns_text of_country, of_region;
    PyObject *owner[2] = {NULL, NULL};
    NoticeObject *self = NULL;
    const cns_notice *notice;
    cns_place place;
    cns_probe probe = {glue_cookies_has, cookies};
    if (place_text(country, "country", &of_country, &owner[0]) < 0 ||
        place_text(region, "region", &of_region, &owner[1]) < 0)
        goto done;
    cns_code code = cns_config_notice(&notice, &place, config->config, of_country.text,
                                      of_country.len, of_region.text, of_region.len, &probe, NULL);
    if (cookies->failed)
        goto done;
    if (code != CNS_OK) {
        PyErr_NoMemory();
        goto done;
    }
    PyObject *token = glue_name_of(state, notice, CNS_COOKIE_TOKEN);
    if (!token)
        goto done;
    self = (NoticeObject *)state->notice_type->tp_alloc(state->notice_type, 0);
    if (!self) {
        Py_DECREF(token);
        goto done;
    }
    self->owner = (ConfigObject *)Py_NewRef((PyObject *)config);
    self->notice = notice;
    self->place = place;
    self->names[CNS_COOKIE_TOKEN] = token;
done:
    Py_XDECREF(owner[0]);
    Py_XDECREF(owner[1]);
    return (PyObject *)self;
}

static int notice_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((NoticeObject *)self)->owner);
    return 0;
}

static void notice_dealloc(PyObject *self) {
    NoticeObject *notice = (NoticeObject *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(notice->owner);
    for (int i = 0; i < CNS_COOKIES; i++)
        Py_XDECREF(notice->names[i]);
    type->tp_free(self);
    Py_DECREF(type);
}

static const cns_notice *core(PyObject *self) {
    return ((NoticeObject *)self)->notice;
}

static PyObject *code_or_none(const char *code) {
    if (!code[0])
        Py_RETURN_NONE;
    return PyUnicode_FromString(code);
}

static PyObject *notice_config(PyObject *self, void *closure) {
    (void)closure;
    return Py_NewRef((PyObject *)((NoticeObject *)self)->owner);
}

static PyObject *notice_country(PyObject *self, void *closure) {
    (void)closure;
    return code_or_none(((NoticeObject *)self)->place.country);
}

static PyObject *notice_region(PyObject *self, void *closure) {
    (void)closure;
    return code_or_none(((NoticeObject *)self)->place.region);
}

static PyObject *notice_regulation(PyObject *self, void *closure) {
    (void)closure;
    return glue_regulation(core(self));
}

static PyObject *notice_group(PyObject *self, void *closure) {
    (void)closure;
    switch (cns_notice_group(core(self))) {
    case CNS_OPT_IN:
        return PyUnicode_FromString("optin");
    case CNS_OPT_OUT:
        return PyUnicode_FromString("optout");
    case CNS_NO_LAW:
        break;
    }
    return PyUnicode_FromString("none");
}

static PyObject *space_text(cns_namespace space) {
    return PyUnicode_FromString(space == CNS_CUSTOM   ? "custom"
                                : space == CNS_DIDOMI ? "didomi"
                                                      : "iab");
}

static PyObject *number_or_none(uint32_t number) {
    if (!number)
        Py_RETURN_NONE;
    return PyLong_FromUnsignedLong(number);
}

static PyObject *basis_ids(const cns_config *config, const cns_notice *notice, uint32_t vendor,
                           cns_basis basis) {
    size_t count = cns_config_purpose_count(config);
    uint32_t *numbers = PyMem_New(uint32_t, count);
    if (!numbers)
        return PyErr_NoMemory();
    Py_ssize_t used = (Py_ssize_t)cns_notice_vendor_purposes(notice, vendor, basis, numbers, count);
    PyObject *tuple = PyTuple_New(used);
    for (Py_ssize_t i = 0; tuple && i < used; i++) {
        PyObject *id = glue_text(cns_config_purpose_id(config, numbers[i]));
        if (!id)
            Py_CLEAR(tuple);
        else
            PyTuple_SET_ITEM(tuple, i, id);
    }
    PyMem_Free(numbers);
    return tuple;
}

static PyObject *mask_ids(const cns_config *config, const uint64_t *mask) {
    PyObject *list = PyList_New(0);
    uint32_t count = cns_config_purpose_count(config);
    for (uint32_t i = 0; list && i < count; i++) {
        uint64_t bit = (uint64_t)1 << (i & 63);
        if (!(mask[i >> 6] & bit))
            continue;
        PyObject *id = glue_text(cns_config_purpose_id(config, i));
        if (!id || PyList_Append(list, id) < 0)
            Py_CLEAR(list);
        Py_XDECREF(id);
    }
    PyObject *tuple = list ? PyList_AsTuple(list) : NULL;
    Py_XDECREF(list);
    return tuple;
}

static PyObject *vendor_at(glue_state *state, const cns_config *config, const cns_notice *notice,
                           uint32_t number) {
    cns_vendor_info info;
    cns_notice_vendor_info(notice, number, &info);
    PyObject *items[] = {glue_text(info.id),
                         glue_text(info.sdk_id),
                         glue_text(info.name),
                         space_text(info.space),
                         basis_ids(config, notice, number, CNS_CONSENT),
                         basis_ids(config, notice, number, CNS_LEGITIMATE_INTEREST),
                         mask_ids(config, info.features),
                         number_or_none(info.iab),
                         glue_text(info.policy_url)};
    return glue_sequence(state->vendor_type, items, 9);
}

static PyObject *purpose_at(glue_state *state, const cns_notice *notice, uint32_t number) {
    cns_purpose_info info;
    cns_notice_purpose_info(notice, number, &info);
    PyObject *items[] = {glue_text(info.id),
                         glue_text(info.name),
                         space_text(info.space),
                         PyBool_FromLong(info.essential),
                         number_or_none(info.iab),
                         number_or_none(info.special_feature),
                         PyBool_FromLong(info.on_consent),
                         PyBool_FromLong(info.on_li)};
    return glue_sequence(state->purpose_type, items, 8);
}

static PyObject *records(PyObject *self, bool vendors) {
    glue_state *state = glue_state_of(self);
    const cns_notice *notice = core(self);
    const cns_config *config = ((NoticeObject *)self)->owner->config;
    Py_ssize_t count = 0;
    while ((vendors ? cns_notice_vendor_at(notice, (size_t)count)
                    : cns_notice_purpose_at(notice, (size_t)count)) != CNS_NO_ID)
        count++;
    PyObject *tuple = PyTuple_New(count);
    for (Py_ssize_t i = 0; tuple && i < count; i++) {
        PyObject *item =
            vendors ? vendor_at(state, config, notice, cns_notice_vendor_at(notice, (size_t)i))
                    : purpose_at(state, notice, cns_notice_purpose_at(notice, (size_t)i));
        if (!item)
            Py_CLEAR(tuple);
        else
            PyTuple_SET_ITEM(tuple, i, item);
    }
    return tuple;
}

static PyObject *notice_vendors(PyObject *self, void *closure) {
    (void)closure;
    return records(self, true);
}

static PyObject *notice_purposes(PyObject *self, void *closure) {
    (void)closure;
    return records(self, false);
}

static PyObject *notice_essential(PyObject *self, void *closure) {
    (void)closure;
    const cns_notice *notice = core(self);
    PyObject *list = PyList_New(0);
    uint32_t number;
    for (size_t i = 0; list && (number = cns_notice_purpose_at(notice, i)) != CNS_NO_ID; i++) {
        cns_purpose_info info;
        cns_notice_purpose_info(notice, number, &info);
        if (!info.essential)
            continue;
        PyObject *id = glue_text(info.id);
        if (!id || PyList_Append(list, id) < 0)
            Py_CLEAR(list);
        Py_XDECREF(id);
    }
    PyObject *set = list ? PyFrozenSet_New(list) : NULL;
    Py_XDECREF(list);
    return set;
}

static PyObject *notice_duration(PyObject *self, void *closure) {
    (void)closure;
    return glue_number(cns_notice_consent_duration(core(self)));
}

static PyObject *notice_denied_duration(PyObject *self, void *closure) {
    (void)closure;
    double seconds = cns_notice_denied_duration(core(self));
    if (seconds == 0)
        Py_RETURN_NONE;
    return glue_number(seconds);
}

static PyObject *notice_days(PyObject *self, void *closure) {
    (void)closure;
    return glue_number(cns_notice_days_before_showing_again(core(self)));
}

static PyObject *notice_ignore_before(PyObject *self, void *closure) {
    (void)closure;
    int64_t micros;
    bool there = cns_notice_ignore_before(core(self), &micros);
    return glue_datetime(there, micros);
}

static PyObject *notice_publisher(PyObject *self, void *closure) {
    (void)closure;
    return code_or_none(cns_notice_publisher(core(self)));
}

static PyObject *notice_cookie_name(PyObject *self, void *closure) {
    (void)closure;
    return Py_NewRef(((NoticeObject *)self)->names[CNS_COOKIE_TOKEN]);
}

static PyObject *notice_status(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames) {
    static const char *const names[] = {"cookies", "now", "user_agent", "gpc", "query", NULL};
    static const glue_signature signature = {"status", names, 1};
    PyObject *given[5] = {NULL, NULL, NULL, NULL, NULL};
    glue_cookies cookies;
    if (glue_arguments(&signature, args, nargs, kwnames, given) < 0 ||
        glue_cookies_open(&cookies, given[0]) < 0)
        return NULL;
    PyObject *status = glue_status_new(glue_state_of(self), (NoticeObject *)self, &cookies,
                                       given[1], given[2], given[3], given[4]);
    glue_cookies_close(&cookies);
    return status;
}

static PyObject *notice_gate(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *kwnames) {
    static const char *const names[] = {"vendor", "purposes", NULL};
    static const glue_signature signature = {"gate", names, 2};
    PyObject *given[2] = {NULL, NULL};
    if (glue_arguments(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    return glue_gate_new(glue_state_of(self), ((NoticeObject *)self)->owner, given[0], given[1]);
}

/* ------------------------------------------------ what EffectiveConfig asks */

static PyObject *notice_effective(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return glue_effective(cns_notice_effective(core(self)));
}

static const char *path_text(PyObject *path, Py_ssize_t *len, PyObject **owner) {
    if (!PyUnicode_Check(path)) {
        PyErr_Format(PyExc_TypeError, "a configuration path is a str, not %.100s",
                     Py_TYPE(path)->tp_name);
        return NULL;
    }
    return glue_utf8(path, len, owner);
}

static PyObject *notice_get(PyObject *self, PyObject *const *args, Py_ssize_t nargs) {
    PyObject *owner = NULL;
    Py_ssize_t len;
    if (nargs != 2) {
        PyErr_SetString(PyExc_TypeError, "_get(path, default) takes two arguments");
        return NULL;
    }
    const char *path = path_text(args[0], &len, &owner);
    if (!path)
        return NULL;
    const cns_value *value = cns_notice_get(core(self), path, (size_t)len);
    Py_XDECREF(owner);
    return value ? glue_value(value) : Py_NewRef(args[1]);
}

static PyObject *origin_label(NoticeObject *notice, const cns_origin *origin) {
    PyObject *law, *label;
    switch (origin->kind) {
    case CNS_FROM_LAYER:
        return Py_NewRef(PyTuple_GET_ITEM(notice->owner->names, (Py_ssize_t)origin->layer));
    case CNS_FROM_REGULATION:
        law = glue_regulation(notice->notice);
        label = law ? PyUnicode_FromFormat("regulation:%U", law) : NULL;
        Py_XDECREF(law);
        return label;
    case CNS_FROM_COUNTRY:
        return PyUnicode_FromFormat("country:%s", cns_notice_override(notice->notice));
    case CNS_FROM_DEFAULTS:
        break;
    }
    return PyUnicode_FromString("defaults");
}

PyObject *glue_origin(glue_state *state, NoticeObject *notice, const cns_origin *origin) {
    uint32_t line = 0, column = 0;
    PyObject *source = origin->kind == CNS_FROM_DEFAULTS
                           ? Py_None
                           : PyTuple_GET_ITEM(notice->owner->sources, (Py_ssize_t)origin->layer);
    if (origin->offset != CNS_NO_OFFSET && source != Py_None) {
        Py_ssize_t len = 0;
        const char *text;
        if (PyBytes_Check(source)) {
            text = PyBytes_AS_STRING(source);
            len = PyBytes_GET_SIZE(source);
        } else {
            text = PyUnicode_AsUTF8AndSize(source, &len);
        }
        if (!text)
            return NULL;
        cns_line_column(text, (size_t)len, origin->offset, &line, &column);
    }
    PyObject *items[] = {origin_label(notice, origin), glue_value(origin->value),
                         number_or_none(line), number_or_none(column)};
    return glue_sequence(state->origin_type, items, 4);
}

static PyObject *notice_origins(PyObject *self, PyObject *given) {
    PyObject *owner = NULL, *list = NULL;
    Py_ssize_t len;
    const char *path = path_text(given, &len, &owner);
    if (!path)
        return NULL;
    size_t count = cns_notice_origins(core(self), path, (size_t)len, NULL, 0);
    cns_origin *origins = PyMem_New(cns_origin, count + 1);
    if (!origins) {
        PyErr_NoMemory();
        goto done;
    }
    (void)cns_notice_origins(core(self), path, (size_t)len, origins, count);
    list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list && i < count; i++) {
        PyObject *origin = glue_origin(glue_state_of(self), (NoticeObject *)self, &origins[i]);
        if (!origin)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, (Py_ssize_t)i, origin);
    }
done:
    PyMem_Free(origins);
    Py_XDECREF(owner);
    return list;
}

/* By its source: the configuration and the place. Where a cookie chose the law, a
 * cookie of that name chooses it again. */
static PyObject *notice_reduce(PyObject *self, PyObject *ignored) {
    (void)ignored;
    NoticeObject *notice = (NoticeObject *)self;
    PyObject *method = PyObject_GetAttrString((PyObject *)notice->owner, "notice");
    PyObject *country = notice_country(self, NULL), *region = notice_region(self, NULL);
    PyObject *result = NULL;
    if (method && country && region)
        result = Py_BuildValue("O(OO{Os})", method, country, region,
                               notice->names[CNS_COOKIE_TOKEN], "");
    Py_XDECREF(method);
    Py_XDECREF(country);
    Py_XDECREF(region);
    return result;
}

static PyObject *notice_repr(PyObject *self) {
    NoticeObject *notice = (NoticeObject *)self;
    PyObject *law = glue_regulation(notice->notice);
    if (!law)
        return NULL;
    PyObject *text =
        PyUnicode_FromFormat("<consentpy.Notice country=%s region=%s regulation=%U>",
                             notice->place.country[0] ? notice->place.country : "unknown",
                             notice->place.region[0] ? notice->place.region : "unknown", law);
    Py_DECREF(law);
    return text;
}

static PyGetSetDef notice_members[] = {
    {"config", notice_config, NULL, "the Config it came from", NULL},
    {"country", notice_country, NULL, "ISO 3166-1 code after the overrides, or None (R2)", NULL},
    {"region", notice_region, NULL, "region code, or None", NULL},
    {"regulation", notice_regulation, NULL, "'gdpr', 'cpra', ..., 'none'", NULL},
    {"group", notice_group, NULL, "'optin', 'optout' or 'none'", NULL},
    {"vendors", notice_vendors, NULL,
     "tuple of Vendor, in configuration order; made anew at each call", NULL},
    {"purposes", notice_purposes, NULL,
     "tuple of Purpose, in configuration order; made anew at each call", NULL},
    {"essential_purposes", notice_essential, NULL, "frozenset of ids (R13)", NULL},
    {"consent_duration", notice_duration, NULL, "seconds (R4)", NULL},
    {"denied_consent_duration", notice_denied_duration, NULL,
     "seconds, or None when unset or not smaller (R4)", NULL},
    {"days_before_showing_again", notice_days, NULL, "days (R5)", NULL},
    {"ignore_consent_before", notice_ignore_before, NULL, "aware datetime or None (R6)", NULL},
    {"publisher_country", notice_publisher, NULL, "app.country in upper case, or None", NULL},
    {"cookie_name", notice_cookie_name, NULL, "name of the cookie with the visitor's token", NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyMethodDef notice_methods[] = {
    {"status", (PyCFunction)(void (*)(void))notice_status, METH_FASTCALL | METH_KEYWORDS,
     "status($self, /, cookies=None, *, now=None, user_agent=None, gpc=False, query=None)\n--\n\n"
     "The Status of a visitor. cookies: a mapping, or the raw Cookie header as str or bytes. now: "
     "an aware\n"
     "datetime or epoch seconds, otherwise the clock. query: the page's query string (str or "
     "bytes) "
     "or its\n"
     "parameters (a mapping), for choices from another site where the configuration takes them. "
     "Never\n"
     "raises because of what the visitor sent."},
    {"gate", (PyCFunction)(void (*)(void))notice_gate, METH_FASTCALL | METH_KEYWORDS,
     "gate($self, /, vendor=None, purposes=())\n--\n\nThe same as Config.gate."},
    {"_effective", notice_effective, METH_NOARGS, NULL},
    {"_get", (PyCFunction)(void (*)(void))notice_get, METH_FASTCALL, NULL},
    {"_origins", notice_origins, METH_O, NULL},
    {"__reduce__", notice_reduce, METH_NOARGS, NULL},
    {"__copy__", glue_identity, METH_NOARGS, NULL},
    {"__deepcopy__", glue_identity, METH_O, NULL},
    {NULL, NULL, 0, NULL}};

static PyType_Slot notice_slots[] = {
    {Py_tp_doc,
     "The configuration as it applies in one place: vendors, purposes, law, durations. Made by\n"
     "Config.notice(); light, immutable, safe to share between threads."},
    {Py_tp_dealloc, notice_dealloc},
    {Py_tp_traverse, notice_traverse},
    {Py_tp_repr, notice_repr},
    {Py_tp_getset, notice_members},
    {Py_tp_methods, notice_methods},
    {0, NULL}};

PyType_Spec glue_notice_spec = {"consentpy.Notice", sizeof(NoticeObject), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE |
                                    Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                notice_slots};
