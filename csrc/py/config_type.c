/* config_type.c - Config. */
#include "glue.h"

PyObject *glue_identity(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return Py_NewRef(self);
}

/* The labels of the layers: as given, or layer1, layer2, ... */
static PyObject *layer_names(PyObject *names, Py_ssize_t count) {
    if (names && names != Py_None) {
        if (PyUnicode_Check(names)) {
            PyErr_SetString(PyExc_TypeError, "names is a sequence of str, one for each layer");
            return NULL;
        }
        PyObject *tuple = PySequence_Tuple(names);
        if (!tuple)
            return NULL;
        bool texts = PyTuple_GET_SIZE(tuple) == count;
        for (Py_ssize_t i = 0; texts && i < count; i++)
            texts = PyUnicode_Check(PyTuple_GET_ITEM(tuple, i));
        if (!texts) {
            Py_DECREF(tuple);
            PyErr_Format(PyExc_TypeError, "names must hold one str for each of the %zd layers",
                         count);
            return NULL;
        }
        return tuple;
    }
    PyObject *tuple = PyTuple_New(count);
    for (Py_ssize_t i = 0; tuple && i < count; i++) {
        PyObject *name = PyUnicode_FromFormat("layer%zd", i + 1);
        if (!name)
            Py_CLEAR(tuple);
        else
            PyTuple_SET_ITEM(tuple, i, name);
    }
    return tuple;
}

/* The exception for an error that the core found after the texts were read. */
static void refuse(glue_state *state, cns_error *err, PyObject *sources, PyObject *names,
                   PyObject *label) {
    bool layered = err->layer >= 0 && err->layer < PyTuple_GET_SIZE(sources);
    PyObject *source = layered ? PyTuple_GET_ITEM(sources, err->layer) : Py_None;
    Py_ssize_t len = 0;
    const char *text = NULL;
    if (PyBytes_Check(source)) {
        text = PyBytes_AS_STRING(source);
        len = PyBytes_GET_SIZE(source);
    } else if (PyUnicode_Check(source)) {
        text = PyUnicode_AsUTF8AndSize(source, &len);
    }
    if (text && err->offset != CNS_NO_OFFSET)
        cns_line_column(text, (size_t)len, err->offset, &err->line, &err->column);
    glue_config_error(state, err, layered ? PyTuple_GET_ITEM(names, err->layer) : NULL, label, text,
                      len);
}

static cns_doc *read_catalog(glue_state *state, PyObject *catalog) {
    PyObject *mapping = PyObject_CallMethod(catalog, "to_dict", NULL);
    PyObject *name = PyUnicode_FromString("catalog");
    cns_doc *doc = mapping && name ? glue_mapping(state, mapping, name) : NULL;
    Py_XDECREF(name);
    Py_XDECREF(mapping);
    return doc;
}

/* Reads the layers and hands them to the core; the new reference holds everything. Texts are
 * JSON, or what `formats` (a tuple of their names, or NULL) says. */
static PyObject *make(PyTypeObject *type, PyObject *layers, PyObject *formats, PyObject *gvl,
                      PyObject *catalog, PyObject *given_names) {
    glue_state *state = (glue_state *)PyType_GetModuleState(type);
    Py_ssize_t count = PyTuple_GET_SIZE(layers), read = 0;
    if (count == 0) {
        PyErr_SetString(PyExc_TypeError,
                        "Config() needs at least one layer: a mapping, JSON text or a path object");
        return NULL;
    }
    PyObject *names = layer_names(given_names, count);
    PyObject *sources = names ? PyTuple_New(count) : NULL;
    PyObject *read_as = sources ? PyTuple_New(count) : NULL;
    cns_doc **docs = read_as ? PyMem_New(cns_doc *, (size_t)count) : NULL;
    ConfigObject *self = NULL;
    PyObject *label = NULL; /* of the layer that was read last, if it was a file */
    if (!docs) {
        if (read_as)
            PyErr_NoMemory();
        goto done;
    }
    for (; read < count; read++) {
        glue_source source = {GLUE_JSON, NULL, NULL};
        if (formats && glue_format_of(&source.format, PyTuple_GET_ITEM(formats, read)) < 0)
            goto done;
        docs[read] = glue_layer(state, PyTuple_GET_ITEM(layers, read),
                                PyTuple_GET_ITEM(names, read), &source);
        Py_XSETREF(label, source.label);
        if (!docs[read])
            goto done;
        PyTuple_SET_ITEM(sources, read, source.text);
        PyObject *format = PyUnicode_FromString(glue_format_name(source.format));
        if (!format) {
            read++;
            goto done;
        }
        PyTuple_SET_ITEM(read_as, read, format);
    }
    cns_doc *catalog_doc = NULL;
    if (catalog != Py_None) {
        catalog_doc = read_catalog(state, catalog);
        if (!catalog_doc)
            goto done;
    }
    cns_config *config;
    cns_error err;
    read = 0; /* the core takes the documents over */
    if (cns_config_new(&config, docs, (size_t)count, catalog_doc,
                       gvl == Py_None ? NULL : ((GvlObject *)gvl)->gvl, cns_alloc_default(),
                       &err) != CNS_OK) {
        refuse(state, &err, sources, names, count == 1 ? label : NULL);
        goto done;
    }
    self = (ConfigObject *)type->tp_alloc(type, 0);
    if (!self) {
        cns_config_free(config);
        goto done;
    }
    self->config = config;
    self->gate_type = state->gate_type;
    self->sources = Py_NewRef(sources);
    self->formats = Py_NewRef(read_as);
    self->names = Py_NewRef(names);
    self->catalog = Py_NewRef(catalog);
    self->gvl = Py_NewRef(gvl);
done:
    for (Py_ssize_t i = 0; i < read; i++)
        cns_doc_free(docs[i]);
    PyMem_Free(docs);
    Py_XDECREF(label);
    Py_XDECREF(read_as);
    Py_XDECREF(sources);
    Py_XDECREF(names);
    return (PyObject *)self;
}

/* A Catalog from whatever is given as one. New reference. */
static PyObject *as_catalog(PyObject *catalog) {
    if (!catalog || catalog == Py_None)
        return Py_NewRef(Py_None);
    PyObject *module = PyImport_ImportModule("consentpy.catalog");
    PyObject *result = module ? PyObject_CallMethod(module, "as_catalog", "O", catalog) : NULL;
    Py_XDECREF(module);
    return result;
}

/* make() with the catalog and the vendor list as they were given. */
static PyObject *make_with(PyTypeObject *type, PyObject *layers, PyObject *formats, PyObject *gvl,
                           PyObject *catalog, PyObject *names) {
    PyObject *self = NULL;
    catalog = as_catalog(catalog);
    gvl = catalog ? glue_gvl_of(PyType_GetModuleState(type), gvl) : NULL;
    if (gvl)
        self = make(type, layers, formats, gvl, catalog, names);
    Py_XDECREF(gvl);
    Py_XDECREF(catalog);
    return self;
}

/* Config(*layers, gvl=None, catalog=None, names=None), and the same for texts in another
 * format. */
static PyObject *construct(PyTypeObject *type, PyObject *layers, PyObject *formats,
                           PyObject *kwargs, const char *arguments) {
    static char *keywords[] = {"gvl", "catalog", "names", NULL};
    PyObject *gvl = NULL, *catalog = NULL, *names = NULL;
    PyObject *none = PyTuple_New(0);
    int parsed = none && PyArg_ParseTupleAndKeywords(none, kwargs, arguments, keywords, &gvl,
                                                     &catalog, &names);
    Py_XDECREF(none);
    return parsed ? make_with(type, layers, formats, gvl, catalog, names) : NULL;
}

static PyObject *config_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    return construct(type, args, NULL, kwargs, "|$OOO:Config");
}

static PyObject *config_load(PyObject *cls, PyObject *args, PyObject *kwargs) {
    PyObject *path;
    if (!PyArg_ParseTuple(args, "O:load", &path))
        return NULL;
    PyObject *module = PyImport_ImportModule("pathlib");
    PyObject *object = module ? PyObject_CallMethod(module, "Path", "O", path) : NULL;
    PyObject *layers = object ? PyTuple_Pack(1, object) : NULL;
    PyObject *self =
        layers ? construct((PyTypeObject *)cls, layers, NULL, kwargs, "|$OOO:load") : NULL;
    Py_XDECREF(layers);
    Py_XDECREF(object);
    Py_XDECREF(module);
    return self;
}

static PyObject *one_text(PyObject *cls, PyObject *args, PyObject *kwargs, glue_format format,
                          const char *kind, const char *arguments) {
    if (PyTuple_GET_SIZE(args) != 1) {
        PyErr_Format(PyExc_TypeError, "from_%s() takes exactly one text (%zd given)",
                     glue_format_name(format), PyTuple_GET_SIZE(args));
        return NULL;
    }
    PyObject *text = PyTuple_GET_ITEM(args, 0);
    if (!PyUnicode_Check(text) && !PyBytes_Check(text)) {
        PyErr_Format(PyExc_TypeError, "from_%s() takes %s text as str or bytes, not %.100s",
                     glue_format_name(format), kind, Py_TYPE(text)->tp_name);
        return NULL;
    }
    PyObject *formats = Py_BuildValue("(s)", glue_format_name(format));
    PyObject *self =
        formats ? construct((PyTypeObject *)cls, args, formats, kwargs, arguments) : NULL;
    Py_XDECREF(formats);
    return self;
}

static PyObject *config_from_json(PyObject *cls, PyObject *args, PyObject *kwargs) {
    return one_text(cls, args, kwargs, GLUE_JSON, "JSON", "|$OOO:from_json");
}

static PyObject *config_from_js(PyObject *cls, PyObject *args, PyObject *kwargs) {
    return one_text(cls, args, kwargs, GLUE_JS, "JavaScript", "|$OOO:from_js");
}

static PyObject *config_from_html(PyObject *cls, PyObject *args, PyObject *kwargs) {
    return one_text(cls, args, kwargs, GLUE_HTML, "HTML", "|$OOO:from_html");
}

/* _of(layers, formats, catalog, names, gvl=None): every text with its own format. Pickles
 * call it. */
static PyObject *config_of(PyObject *cls, PyObject *args) {
    PyObject *layers, *formats, *catalog, *names, *gvl = NULL;
    if (!PyArg_ParseTuple(args, "O!O!OO|O:_of", &PyTuple_Type, &layers, &PyTuple_Type, &formats,
                          &catalog, &names, &gvl))
        return NULL;
    if (PyTuple_GET_SIZE(layers) != PyTuple_GET_SIZE(formats)) {
        PyErr_SetString(PyExc_ValueError, "formats must hold one name for each layer");
        return NULL;
    }
    return make_with((PyTypeObject *)cls, layers, formats, gvl, catalog, names);
}

static int config_traverse(PyObject *self, visitproc visit, void *arg) {
    ConfigObject *config = (ConfigObject *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(config->sources);
    Py_VISIT(config->formats);
    Py_VISIT(config->names);
    Py_VISIT(config->catalog);
    Py_VISIT(config->gvl);
    return 0;
}

static void config_dealloc(PyObject *self) {
    ConfigObject *config = (ConfigObject *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    cns_config_free(config->config);
    Py_XDECREF(config->sources);
    Py_XDECREF(config->formats);
    Py_XDECREF(config->names);
    Py_XDECREF(config->catalog);
    Py_XDECREF(config->gvl);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *config_repr(PyObject *self) {
    return PyUnicode_FromFormat("<consentpy.Config of %R>", ((ConfigObject *)self)->names);
}

static PyObject *config_notice(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames) {
    static const char *const names[] = {"country", "region", "cookies", NULL};
    static const glue_signature signature = {"notice", names, 3};
    PyObject *given[3] = {NULL, NULL, NULL};
    glue_cookies cookies;
    if (glue_arguments(&signature, args, nargs, kwnames, given) < 0 ||
        glue_cookies_open(&cookies, given[2]) < 0)
        return NULL;
    PyObject *notice =
        glue_notice_new(glue_state_of(self), (ConfigObject *)self, given[0], given[1], &cookies);
    glue_cookies_close(&cookies);
    return notice;
}

static PyObject *config_status(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames) {
    static const char *const names[] = {"cookies",    "country", "region", "now",
                                        "user_agent", "gpc",     "query",  NULL};
    static const glue_signature signature = {"status", names, 1};
    PyObject *given[7] = {NULL, NULL, NULL, NULL, NULL, NULL, NULL};
    glue_cookies cookies;
    if (glue_arguments(&signature, args, nargs, kwnames, given) < 0 ||
        glue_cookies_open(&cookies, given[0]) < 0)
        return NULL;
    glue_state *state = glue_state_of(self);
    PyObject *notice = glue_notice_new(state, (ConfigObject *)self, given[1], given[2], &cookies),
             *status = NULL;
    if (notice)
        status = glue_status_new(state, (NoticeObject *)notice, &cookies, given[3], given[4],
                                 given[5], given[6]);
    Py_XDECREF(notice);
    glue_cookies_close(&cookies);
    return status;
}

static PyObject *config_gate(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *kwnames) {
    static const char *const names[] = {"vendor", "purposes", NULL};
    static const glue_signature signature = {"gate", names, 2};
    PyObject *given[2] = {NULL, NULL};
    if (glue_arguments(&signature, args, nargs, kwnames, given) < 0)
        return NULL;
    return glue_gate_new(glue_state_of(self), (ConfigObject *)self, given[0], given[1]);
}

static PyObject *config_effective(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                  PyObject *kwnames) {
    static const char *const names[] = {"country", "region", NULL};
    static const glue_signature signature = {"effective", names, 2};
    PyObject *given[2] = {NULL, NULL};
    glue_cookies cookies;
    if (glue_arguments(&signature, args, nargs, kwnames, given) < 0 ||
        glue_cookies_open(&cookies, NULL) < 0)
        return NULL;
    PyObject *notice =
        glue_notice_new(glue_state_of(self), (ConfigObject *)self, given[0], given[1], &cookies);
    PyObject *module = notice ? PyImport_ImportModule("consentpy.effective") : NULL;
    PyObject *effective =
        module ? PyObject_CallMethod(module, "EffectiveConfig", "O", notice) : NULL;
    Py_XDECREF(module);
    Py_XDECREF(notice);
    return effective;
}

static PyObject *config_countries(PyObject *self, PyObject *ignored) {
    (void)ignored;
    char codes[676][3];
    size_t count = cns_config_countries(((ConfigObject *)self)->config, codes, 676);
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list && i < count; i++) {
        PyObject *code = PyUnicode_FromStringAndSize(codes[i], 2);
        if (!code)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, (Py_ssize_t)i, code);
    }
    return list;
}

/* _known_ids("vendor" | "purpose"): what an error message may suggest. */
static PyObject *config_known_ids(PyObject *self, PyObject *kind) {
    const cns_config *config = ((ConfigObject *)self)->config;
    bool vendors = PyUnicode_Check(kind) && PyUnicode_CompareWithASCIIString(kind, "vendor") == 0;
    uint32_t count = vendors ? cns_config_vendor_count(config) : cns_config_purpose_count(config);
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (uint32_t i = 0; list && i < count; i++) {
        PyObject *id =
            glue_text(vendors ? cns_config_vendor_id(config, i) : cns_config_purpose_id(config, i));
        if (!id)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, (Py_ssize_t)i, id);
    }
    return list;
}

static PyObject *config_reduce(PyObject *self, PyObject *ignored) {
    (void)ignored;
    ConfigObject *config = (ConfigObject *)self;
    Py_ssize_t count = PyTuple_GET_SIZE(config->sources);
    PyObject *layers = PyTuple_New(count);
    for (Py_ssize_t i = 0; layers && i < count; i++) {
        PyObject *source = PyTuple_GET_ITEM(config->sources, i);
        PyObject *layer = source == Py_None
                              ? glue_value(cns_config_layer(config->config, (size_t)i))
                              : Py_NewRef(source);
        if (!layer)
            Py_CLEAR(layers);
        else
            PyTuple_SET_ITEM(layers, i, layer);
    }
    PyObject *of = layers ? PyObject_GetAttrString((PyObject *)Py_TYPE(self), "_of") : NULL;
    if (!of) {
        Py_XDECREF(layers);
        return NULL;
    }
    return Py_BuildValue("(N(NOOOO))", of, layers, config->formats, config->catalog, config->names,
                         config->gvl);
}

static PyMethodDef config_methods[] = {
    {"load", (PyCFunction)(void (*)(void))config_load, METH_VARARGS | METH_KEYWORDS | METH_CLASS,
     "load(path, /, *, gvl=None, catalog=None, names=None)\n--\n\n"
     "A configuration of one file: a script (.js), an HTML page (.html, .htm), or JSON whatever "
     "else its\n"
     "name. OSError when it cannot be opened, ConfigError when it cannot be used."},
    {"from_json", (PyCFunction)(void (*)(void))config_from_json,
     METH_VARARGS | METH_KEYWORDS | METH_CLASS,
     "from_json(text, /, *, gvl=None, catalog=None, names=None)\n--\n\n"
     "A configuration of one JSON text, str or UTF-8 bytes."},
    {"from_js", (PyCFunction)(void (*)(void))config_from_js,
     METH_VARARGS | METH_KEYWORDS | METH_CLASS,
     "from_js(text, /, *, gvl=None, catalog=None, names=None)\n--\n\n"
     "A configuration of what a script, str or UTF-8 bytes, assigns to window.didomiConfig; an "
     "object\n"
     "literal alone will do. Code is never run: what is not a literal is a ConfigError with its "
     "place."},
    {"from_html", (PyCFunction)(void (*)(void))config_from_html,
     METH_VARARGS | METH_KEYWORDS | METH_CLASS,
     "from_html(text, /, *, gvl=None, catalog=None, names=None)\n--\n\n"
     "The same of the inline scripts of an HTML page that a browser would run, in their order. "
     "Lines and\n"
     "columns are those of the page."},
    {"notice", (PyCFunction)(void (*)(void))config_notice, METH_FASTCALL | METH_KEYWORDS,
     "notice($self, /, country=None, region=None, cookies=None)\n--\n\n"
     "The Notice for a place (R2). What it is made from is cached by country override and "
     "regulation, so\n"
     "that the cache is bounded whatever visitors send. cookies matters only where the region is "
     "unknown\n"
     "and several regional laws could apply."},
    {"status", (PyCFunction)(void (*)(void))config_status, METH_FASTCALL | METH_KEYWORDS,
     "status($self, /, cookies=None, *, country=None, region=None, now=None, user_agent=None, "
     "gpc=False, query=None)\n--\n\n"
     "config.notice(country, region, cookies).status(cookies, ...) in one call."},
    {"gate", (PyCFunction)(void (*)(void))config_gate, METH_FASTCALL | METH_KEYWORDS,
     "gate($self, /, vendor=None, purposes=())\n--\n\n"
     "A tag's condition, resolved once. UnknownIdError for an id that the configuration does not "
     "know,\n"
     "TypeError when neither is given."},
    {"effective", (PyCFunction)(void (*)(void))config_effective, METH_FASTCALL | METH_KEYWORDS,
     "effective($self, /, country=None, region=None)\n--\n\n"
     "What was written for this place, merged: a read-only mapping."},
    {"countries", config_countries, METH_NOARGS,
     "countries($self, /)\n--\n\nSorted keys of configByCountry that are two capital letters."},
    {"lint", glue_lint, METH_NOARGS,
     "lint($self, /)\n--\n\n"
     "What in the configuration is a mistake, or may be one: a list of Diagnostic, in written "
     "order. docs/lint.md\nexplains each code."},
    {"_known_ids", config_known_ids, METH_O, NULL},
    {"_of", config_of, METH_VARARGS | METH_CLASS, NULL},
    {"__reduce__", config_reduce, METH_NOARGS, NULL},
    {"__copy__", glue_identity, METH_NOARGS, NULL},
    {"__deepcopy__", glue_identity, METH_O, NULL},
    {NULL, NULL, 0, NULL}};

static PyType_Slot config_slots[] = {
    {Py_tp_doc, "Config(*layers, gvl=None, catalog=None, names=None)\n--\n\n"
                "The configuration of a notice: layers of which a later one wins. A layer is a "
                "mapping, JSON text (str\n"
                "or bytes) or a path object. Immutable, and safe to share between threads: make "
                "one and keep it.\n"
                "ConfigError, with layer, path, line and column, when a layer cannot be used."},
    {Py_tp_new, config_new},
    {Py_tp_dealloc, config_dealloc},
    {Py_tp_traverse, config_traverse},
    {Py_tp_repr, config_repr},
    {Py_tp_methods, config_methods},
    {0, NULL}};

PyType_Spec glue_config_spec = {"consentpy.Config", sizeof(ConfigObject), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
                                config_slots};
