/* module.c - the module consentpy._core: state, types, functions. */
#include "glue.h"

/* merge(*mappings): each is read as a layer of its own, so what cannot be a
 * configuration value is refused with its path. */
static PyObject *core_merge(PyObject *module, PyObject *args) {
    glue_state *state = PyModule_GetState(module);
    Py_ssize_t count = PyTuple_GET_SIZE(args), read = 0;
    PyObject *result = NULL;
    cns_doc **docs = PyMem_New(cns_doc *, (size_t)count + 1);
    if (!docs)
        return PyErr_NoMemory();
    for (; read < count; read++) {
        PyObject *mapping = PyTuple_GET_ITEM(args, read);
        if (!PyMapping_Check(mapping) || !PyObject_HasAttrString(mapping, "items")) {
            PyErr_Format(PyExc_TypeError, "merge() takes mappings, not %.100s",
                         Py_TYPE(mapping)->tp_name);
            goto done;
        }
        PyObject *name = PyUnicode_FromFormat("mapping %zd", read + 1);
        docs[read] = name ? glue_mapping(state, mapping, name) : NULL;
        Py_XDECREF(name);
        if (!docs[read])
            goto done;
    }
    for (Py_ssize_t i = 1; i < count; i++)
        if (cns_doc_merge(docs[0], docs[i], NULL) != CNS_OK) {
            PyErr_NoMemory();
            goto done;
        }
    result = count ? glue_value(cns_doc_root(docs[0])) : PyDict_New();
done:
    for (Py_ssize_t i = 0; i < read; i++)
        cns_doc_free(docs[i]);
    PyMem_Free(docs);
    return result;
}

static PyObject *core_read_json(PyObject *module, PyObject *text) {
    glue_source source = {GLUE_JSON, NULL, NULL};
    cns_doc *doc = NULL;
    if (!PyUnicode_Check(text) && !PyBytes_Check(text)) {
        PyErr_Format(PyExc_TypeError, "JSON text is str or bytes, not %.100s",
                     Py_TYPE(text)->tp_name);
        return NULL;
    }
    doc = glue_layer(PyModule_GetState(module), text, NULL, &source);
    PyObject *value = doc ? glue_value(cns_doc_root(doc)) : NULL;
    cns_doc_free(doc);
    Py_XDECREF(source.text); /* a text has no label */
    return value;
}

/* ------------------------------------------------------------------ tokens */

static PyObject *token_list(const cns_token_doc *token, unsigned list) {
    size_t count = cns_token_doc_count(token, list);
    PyObject *ids = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; ids && i < count; i++) {
        PyObject *id = glue_text(cns_token_doc_id(token, list, i));
        if (!id)
            Py_CLEAR(ids);
        else
            PyList_SET_ITEM(ids, (Py_ssize_t)i, id);
    }
    return ids;
}

static int put(PyObject *dict, const char *key, PyObject *value) {
    int failed = value ? PyDict_SetItemString(dict, key, value) : -1;
    Py_XDECREF(value);
    return failed;
}

static int put_pair(PyObject *dict, const char *key, const cns_token_doc *token, unsigned list) {
    PyObject *pair = PyDict_New();
    if (pair && (put(pair, "enabled", token_list(token, list)) < 0 ||
                 put(pair, "disabled", token_list(token, list + 1)) < 0))
        Py_CLEAR(pair);
    return put(dict, key, pair);
}

/* Fields beside the ones that have a meaning here. */
static int put_others(PyObject *dict, const cns_value *root) {
    for (size_t i = 0; root && i < cns_value_count(root); i++) {
        const char *key;
        size_t len;
        const cns_value *value = cns_value_member(root, i, &key, &len);
        PyObject *name = PyUnicode_DecodeUTF8(key, (Py_ssize_t)len, NULL);
        int known = name ? PyDict_Contains(dict, name) : -1;
        PyObject *object = known == 0 ? glue_value(value) : NULL;
        int failed =
            known < 0 || (known == 0 && (!object || PyDict_SetItem(dict, name, object) < 0));
        Py_XDECREF(object);
        Py_XDECREF(name);
        if (failed)
            return -1;
    }
    return 0;
}

/* token_decode(text) -> (dict, tuple of warning codes) */
static PyObject *core_token_decode(PyObject *module, PyObject *text) {
    glue_state *state = PyModule_GetState(module);
    cns_token_doc *token;
    cns_error err;
    PyObject *owner;
    Py_ssize_t len;
    const char *utf8 = glue_string(state, text, "a token", &len, &owner);
    if (!utf8)
        return NULL;
    cns_code code = cns_token_doc_new(&token, utf8, (size_t)len, cns_alloc_default(), &err);
    Py_XDECREF(owner);
    if (code != CNS_OK)
        return glue_decode_error(state, &err);
    const cns_value *root = cns_token_doc_value(token);
    const cns_value *version = root ? cns_value_get(root, "version", 7) : NULL;
    PyObject *dict = PyDict_New(), *warnings = NULL, *result = NULL;
    if (dict &&
        put(dict, "user_id", glue_text(cns_token_doc_field(token, CNS_TOKEN_USER_ID))) == 0 &&
        put(dict, "created", glue_text(cns_token_doc_field(token, CNS_TOKEN_CREATED))) == 0 &&
        put(dict, "updated", glue_text(cns_token_doc_field(token, CNS_TOKEN_UPDATED))) == 0 &&
        put_pair(dict, "vendors", token, 0) == 0 && put_pair(dict, "purposes", token, 2) == 0 &&
        put_pair(dict, "vendors_li", token, 4) == 0 &&
        put_pair(dict, "purposes_li", token, 6) == 0 &&
        put(dict, "version", version ? glue_value(version) : Py_NewRef(Py_None)) == 0 &&
        put_others(dict, root) == 0)
        warnings = PyList_New(0);
    const char *const codes[] = {cns_token_doc_contradicts(token) ? "contradiction" : NULL,
                                 root ? NULL : "unread_fields"};
    for (size_t i = 0; warnings && i < 2; i++) {
        PyObject *text_of = codes[i] ? PyUnicode_FromString(codes[i]) : NULL;
        if (codes[i] && (!text_of || PyList_Append(warnings, text_of) < 0))
            Py_CLEAR(warnings);
        Py_XDECREF(text_of);
    }
    PyObject *tuple = warnings ? PyList_AsTuple(warnings) : NULL;
    if (tuple)
        result = Py_BuildValue("(ON)", dict, tuple);
    Py_XDECREF(warnings);
    Py_XDECREF(dict);
    cns_token_doc_free(token);
    return result;
}

static PyObject *core_token_encode(PyObject *module, PyObject *mapping) {
    return glue_written(module, mapping, "token", cns_token_write);
}

/* ------------------------------------------------------------------ module */

static PyTypeObject *add_type(PyObject *module, PyType_Spec *spec) {
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    if (type && PyModule_AddType(module, type) < 0)
        Py_CLEAR(type);
    return type;
}

static PyObject *add_exception(PyObject *module, PyObject *errors, const char *name) {
    PyObject *exception = PyObject_GetAttrString(errors, name);
    if (exception && PyModule_AddObjectRef(module, name, exception) < 0)
        Py_CLEAR(exception);
    return exception;
}

static int core_exec(PyObject *module) {
    glue_state *state = PyModule_GetState(module);
    PyObject *errors = PyImport_ImportModule("consentpy.errors");
    if (!errors)
        return -1;
    bool all = (state->consent_error = add_exception(module, errors, "ConsentError")) &&
               (state->config_error = add_exception(module, errors, "ConfigError")) &&
               (state->decode_error = add_exception(module, errors, "DecodeError")) &&
               (state->unknown_id_error = add_exception(module, errors, "UnknownIdError"));
    Py_DECREF(errors);
    if (!all)
        return -1;
    static const char *const names[CNS_COOKIES] = {"didomi_token", "euconsent-v2", "didomi_dcs",
                                                   "didomi_dcs"};
    for (size_t i = 0; i < CNS_COOKIES; i++)
        if (!(state->usual_names[i] = PyUnicode_FromString(names[i])))
            return -1;
    state->none_text = PyUnicode_FromString("");
    if (!state->none_text || !(state->config_type = add_type(module, &glue_config_spec)) ||
        !(state->notice_type = add_type(module, &glue_notice_spec)) ||
        !(state->status_type = add_type(module, &glue_status_spec)) ||
        !(state->gate_type = add_type(module, &glue_gate_spec)) ||
        !(state->gvl_type = add_type(module, &glue_gvl_spec)) ||
        !(state->tc_type = add_type(module, &glue_tc_spec)) ||
        !(state->vendor_set_type = add_type(module, &glue_vendor_set_spec)) ||
        !(state->vendor_walk_type =
              (PyTypeObject *)PyType_FromModuleAndSpec(module, &glue_vendor_walk_spec, NULL)))
        return -1;
    PyTypeObject *rewriter = add_type(module, &glue_rewriter_spec); /* the module keeps it */
    if (!rewriter)
        return -1;
    Py_DECREF(rewriter);
    return glue_add_values(module, state);
}

#define EACH_REFERENCE(apply)                                                                      \
    apply(state->config_type);                                                                     \
    apply(state->notice_type);                                                                     \
    apply(state->status_type);                                                                     \
    apply(state->gate_type);                                                                       \
    apply(state->gvl_type);                                                                        \
    apply(state->vendor_type);                                                                     \
    apply(state->purpose_type);                                                                    \
    apply(state->origin_type);                                                                     \
    apply(state->diagnostic_type);                                                                 \
    apply(state->step_type);                                                                       \
    apply(state->listed_vendor_type);                                                              \
    apply(state->listed_purpose_type);                                                             \
    apply(state->setting_type);                                                                    \
    apply(state->restriction_type);                                                                \
    apply(state->publisher_tc_type);                                                               \
    apply(state->permission_type);                                                                 \
    apply(state->tc_type);                                                                         \
    apply(state->vendor_set_type);                                                                 \
    apply(state->vendor_walk_type);                                                                \
    apply(state->consent_error);                                                                   \
    apply(state->config_error);                                                                    \
    apply(state->decode_error);                                                                    \
    apply(state->unknown_id_error);                                                                \
    apply(state->none_text);                                                                       \
    apply(state->usual_names[CNS_COOKIE_TOKEN]);                                                   \
    apply(state->usual_names[CNS_COOKIE_TC]);                                                      \
    apply(state->usual_names[CNS_COOKIE_DCS]);                                                     \
    apply(state->usual_names[CNS_COOKIE_DCS_PLAIN])

static int core_traverse(PyObject *module, visitproc visit, void *arg) {
    glue_state *state = PyModule_GetState(module);
    EACH_REFERENCE(Py_VISIT);
    return 0;
}

static int core_clear(PyObject *module) {
    glue_state *state = PyModule_GetState(module);
    EACH_REFERENCE(Py_CLEAR);
    return 0;
}

static void core_free(void *module) {
    (void)core_clear(module);
}

static PyMethodDef core_methods[] = {
    {"merge", core_merge, METH_VARARGS,
     "merge(*mappings)\n--\n\n"
     "The bare merge rule: objects merge recursively, everything else is replaced, arrays and None "
     "included.\n"
     "A new dict; ConfigError for what cannot stand in a configuration."},
    {"read_json", core_read_json, METH_O,
     "read_json(text, /)\n--\n\nJSON text as plain objects, read as strictly as configurations "
     "are."},
    {"config_from_query", glue_config_from_query, METH_O,
     "config_from_query(query, /)\n--\n\n"
     "The configuration that a page's address may carry, as a new dict. Query: str, bytes or a "
     "mapping of\n"
     "decoded parameters; what it may not set or cannot be read is left out."},
    {"token_decode", core_token_decode, METH_O,
     "token_decode(text, /)\n--\n\nA didomi_token as a dict and a tuple of warning codes; "
     "DecodeError."},
    {"token_encode", core_token_encode, METH_O,
     "token_encode(mapping, /)\n--\n\nThe value of didomi_token for a mapping."},
    {"dcs_decode", glue_dcs_decode, METH_VARARGS,
     "dcs_decode(text, strict, /)\n--\n\nThe parts of a Didomi Consent String as a tuple; "
     "DecodeError."},
    {"dcs_encode", glue_dcs_encode, METH_O,
     "dcs_encode(mapping, /)\n--\n\nThe sections of a Didomi Consent String; ConsentError."},
    {"ac_decode", glue_ac_decode, METH_VARARGS,
     "ac_decode(text, strict, /)\n--\n\nAn Additional Consent string as (version, consented, "
     "disclosed_only, disclosed_all, warnings); DecodeError."},
    {"ac_encode", glue_ac_encode, METH_VARARGS,
     "ac_encode(version, consented, disclosed, /)\n--\n\nAn Additional Consent string in its one "
     "form; ConsentError."},
    {"tcf_decode", (PyCFunction)(void (*)(void))glue_tcf_decode, METH_FASTCALL | METH_KEYWORDS,
     "tcf_decode($module, /, text, strict=False)\n--\n\n"
     "The TCString of a TC string, version 2; DecodeError with `.code` and `.offset`.\n\n"
     "Lenient reading repairs what senders do to a string (blanks around it, + / =) and reads past "
     "oddities that\nmake no difference to what is in it, with a warning each; with `strict` they "
     "are errors too\n(docs/strings.md, TC strings)."},
    {"tcf_ids", (PyCFunction)(void (*)(void))glue_tcf_ids, METH_FASTCALL,
     "tcf_ids(name, ids, /)\n--\n\nIds 1 to 65535 of an iterable as a VendorSet. `name` is the "
     "field that errors tell of."},
    {"tcf_mask", (PyCFunction)(void (*)(void))glue_tcf_mask, METH_FASTCALL,
     "tcf_mask(name, ids, most, /)\n--\n\nIds 1 to `most` of an iterable as a mask; bit 0 is id "
     "1."},
    {"tcf_encode", glue_tcf_encode, METH_O,
     "tcf_encode(tc, /)\n--\n\nThe minimal TC string of a TCString, or of checked parts."},
    {"gpp_decode", glue_gpp_decode, METH_O,
     "gpp_decode(text, /)\n--\n\nA GPP string as a dict; DecodeError. A TC string in it is left as "
     "its text."},
    {"gpp_encode", glue_gpp_encode, METH_O,
     "gpp_encode(mapping, /)\n--\n\nThe GPP string for a mapping of that shape; ConsentError."},
    {"usp_decode", glue_usp_decode, METH_O,
     "usp_decode(text, /)\n--\n\nA US Privacy string as (notice, opt_out_sale, lspa_covered, "
     "applies); DecodeError."},
    {"usp_encode", glue_usp_encode, METH_VARARGS,
     "usp_encode(notice, opt_out_sale, lspa_covered, /)\n--\n\nThe US Privacy string; "
     "ConsentError."},
    {"gpc_line", glue_gpc_line, METH_O,
     "gpc_line(line, /)\n--\n\nDoes the value of one Sec-GPC line (str, bytes) say 1?"},
    {"html_gated", glue_html_gated, METH_O,
     "html_gated(html, /)\n--\n\nMay there be gated tags in a page? str or bytes."},
    {"html_rewrite", glue_html_rewrite, METH_VARARGS,
     "html_rewrite(html, status, nonce, /)\n--\n\nA page with the gated tags live that the "
     "status allows."},
    {"_restore_gate", glue_gate_restore, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL}};

static PyModuleDef_Slot core_slots[] = {
    {Py_mod_exec, core_exec},
#ifdef Py_MOD_PER_INTERPRETER_GIL_SUPPORTED
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {0, NULL}};

struct PyModuleDef glue_module = {PyModuleDef_HEAD_INIT,
                                  "_core",
                                  "The compiled half of consentpy; import consentpy instead.",
                                  sizeof(glue_state),
                                  core_methods,
                                  core_slots,
                                  core_traverse,
                                  core_clear,
                                  core_free};

PyMODINIT_FUNC PyInit__core(void) {
    return PyModuleDef_Init(&glue_module);
}
