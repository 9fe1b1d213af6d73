/* convert.c - texts, numbers, dates and value trees, in and out. */
#include "glue.h"

#include <math.h>

int glue_put(PyObject *dict, const char *name, PyObject *value) {
    int failed = value ? PyDict_SetItemString(dict, name, value) : -1;
    Py_XDECREF(value);
    return failed;
}

PyObject *glue_text(cns_text text) {
    if (!text.text)
        Py_RETURN_NONE;
    return PyUnicode_DecodeUTF8(text.text, (Py_ssize_t)text.len, "replace");
}

PyObject *glue_text_or_empty(cns_text text) {
    return PyUnicode_DecodeUTF8(text.text ? text.text : "", text.text ? (Py_ssize_t)text.len : 0,
                                "replace");
}

PyObject *glue_regulation(const cns_notice *notice) {
    size_t len;
    const char *id = cns_notice_regulation(notice, &len);
    return PyUnicode_DecodeUTF8(id, (Py_ssize_t)len, NULL);
}

PyObject *glue_tri(cns_tri tri) {
    if (tri == CNS_UNKNOWN)
        Py_RETURN_NONE;
    return PyBool_FromLong(tri == CNS_YES);
}

PyObject *glue_number(double value) {
    if (isfinite(value) && value == floor(value))
        return PyLong_FromDouble(value);
    return PyFloat_FromDouble(value);
}

PyObject *glue_datetime(bool there, int64_t micros) {
    if (!there)
        Py_RETURN_NONE;
    /* no static pointer to the C API of datetime: it would be shared by interpreters */
    PyObject *module = PyImport_ImportModule("datetime");
    PyObject *zone = NULL, *utc = NULL, *epoch = NULL, *delta = NULL, *result = NULL;
    if (module)
        zone = PyObject_GetAttrString(module, "timezone");
    if (zone)
        utc = PyObject_GetAttrString(zone, "utc");
    if (utc)
        epoch = PyObject_CallMethod(module, "datetime", "iiiiiiiO", 1970, 1, 1, 0, 0, 0, 0, utc);
    if (epoch)
        delta = PyObject_CallMethod(module, "timedelta", "iiL", 0, 0, (long long)micros);
    if (delta)
        result = PyNumber_Add(epoch, delta);
    Py_XDECREF(delta);
    Py_XDECREF(epoch);
    Py_XDECREF(utc);
    Py_XDECREF(zone);
    Py_XDECREF(module);
    return result;
}

/* Seconds, some hundred thousand years: far outside of the calendar, and differences
 * still fit 64 bits of microseconds. */
#define FAR_AWAY 4e12

/* A number of Python's, stolen; NULL is an error that is set. */
static int take_seconds(PyObject *value, double *seconds) {
    if (!value)
        return -1;
    *seconds = PyFloat_AsDouble(value);
    Py_DECREF(value);
    return *seconds == -1.0 && PyErr_Occurred() ? -1 : 0;
}

/* time.time(), looked up each time: tests put another function there. */
static PyObject *clock_value(void) {
    PyObject *name = PyUnicode_InternFromString("time"), *module = NULL, *value = NULL;
    if (name)
        module = PyImport_GetModule(name);
    if (name && !module && !PyErr_Occurred())
        module = PyImport_Import(name);
    if (module)
        value = PyObject_CallMethodNoArgs(module, name);
    Py_XDECREF(module);
    Py_XDECREF(name);
    return value;
}

int glue_now(PyObject *now, int64_t *micros) {
    double seconds;
    if (!now || now == Py_None) {
        if (take_seconds(clock_value(), &seconds) < 0)
            return -1;
    } else if (PyFloat_Check(now) || (PyLong_Check(now) && !PyBool_Check(now))) {
        seconds = PyFloat_AsDouble(now);
        if (seconds == -1.0 && PyErr_Occurred()) {
            if (!PyErr_ExceptionMatches(PyExc_OverflowError))
                return -1;
            PyErr_Clear(); /* said below in our words */
            seconds = Py_HUGE_VAL;
        }
    } else if (PyObject_HasAttrString(now, "utcoffset") &&
               PyObject_HasAttrString(now, "timestamp")) {
        PyObject *offset = PyObject_CallMethod(now, "utcoffset", NULL);
        if (!offset)
            return -1;
        Py_DECREF(offset);
        if (offset == Py_None) {
            PyErr_SetString(PyExc_TypeError,
                            "now has no time zone: give an aware datetime, such as "
                            "datetime.now(timezone.utc), or epoch seconds");
            return -1;
        }
        PyObject *value = PyObject_CallMethod(now, "timestamp", NULL);
        if (take_seconds(value, &seconds) < 0)
            return -1;
    } else {
        PyErr_Format(PyExc_TypeError, "now must be an aware datetime or epoch seconds, not %.100s",
                     Py_TYPE(now)->tp_name);
        return -1;
    }
    if (!isfinite(seconds)) {
        PyErr_SetString(PyExc_TypeError,
                        "now is not finite, so it is no point in time: give epoch seconds");
        return -1;
    }
    seconds = seconds < -FAR_AWAY ? -FAR_AWAY : seconds > FAR_AWAY ? FAR_AWAY : seconds;
    *micros = (int64_t)floor(seconds * 1e6 + 0.5);
    return 0;
}

const char *glue_utf8(PyObject *text, Py_ssize_t *len, PyObject **owner) {
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, len);
    if (utf8 || !PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
        return utf8;
    PyErr_Clear(); /* lone surrogates: what a visitor sent is never an exception */
    *owner = PyUnicode_AsEncodedString(text, "utf-8", "replace");
    if (!*owner)
        return NULL;
    *len = PyBytes_GET_SIZE(*owner);
    return PyBytes_AS_STRING(*owner);
}

/* ------------------------------------------------------------- values, out */

static PyObject *members_of(const cns_value *object, bool visible_only) {
    PyObject *dict = PyDict_New();
    size_t count = cns_value_count(object);
    for (size_t i = 0; dict && i < count; i++) {
        const char *key;
        size_t len;
        const cns_value *member = cns_value_member(object, i, &key, &len);
        if (visible_only && cns_effective_hides(key, len))
            continue;
        PyObject *name = PyUnicode_DecodeUTF8(key, (Py_ssize_t)len, NULL);
        PyObject *value = name ? glue_value(member) : NULL;
        if (!value || PyDict_SetItem(dict, name, value) < 0)
            Py_CLEAR(dict);
        Py_XDECREF(value);
        Py_XDECREF(name);
    }
    return dict;
}

PyObject *glue_effective(const cns_value *object) {
    return members_of(object, true);
}

PyObject *glue_value(const cns_value *value) {
    switch (cns_value_kind(value)) {
    case CNS_NULL:
        Py_RETURN_NONE;
    case CNS_FALSE:
        Py_RETURN_FALSE;
    case CNS_TRUE:
        Py_RETURN_TRUE;
    case CNS_INT:
        return PyLong_FromLongLong(cns_value_int(value));
    case CNS_REAL:
        return PyFloat_FromDouble(cns_value_real(value));
    case CNS_BIGINT:
        return PyLong_FromString(cns_value_text(value), NULL, 10);
    case CNS_STRING:
        return PyUnicode_DecodeUTF8(cns_value_text(value), (Py_ssize_t)cns_value_count(value),
                                    NULL);
    case CNS_ARRAY: {
        size_t count = cns_value_count(value);
        PyObject *list = PyList_New((Py_ssize_t)count);
        for (size_t i = 0; list && i < count; i++) {
            PyObject *item = glue_value(cns_value_item(value, i));
            if (!item)
                Py_CLEAR(list);
            else
                PyList_SET_ITEM(list, (Py_ssize_t)i, item);
        }
        return list;
    }
    case CNS_OBJECT:
        return members_of(value, false);
    }
    Py_RETURN_NONE;
}

/* -------------------------------------------------------------- values, in */

/* 0 taken or refused (the builder knows), -1 with a Python exception. Depth is
 * bounded by the builder, which refuses the 65th open container. */
static int feed(cns_builder *b, PyObject *object);

static int feed_integer(cns_builder *b, PyObject *object) {
    int overflow;
    long long number = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (number == -1 && PyErr_Occurred())
        return -1;
    if (!overflow) {
        cns_builder_int(b, number, CNS_NO_OFFSET);
        return 0;
    }
    PyObject *exact = PyNumber_Long(object); /* int subclasses may print anything */
    PyObject *text = exact ? PyLong_Type.tp_repr(exact) : NULL;
    Py_XDECREF(exact);
    if (!text && PyErr_ExceptionMatches(PyExc_ValueError)) {
        PyErr_Clear(); /* more digits than Python prints */
        cns_builder_fail(b, CNS_E_LIMIT, CNS_NO_OFFSET,
                         "a number has over 4 300 digits: shorten it");
        return 0;
    }
    if (!text)
        return -1;
    Py_ssize_t len;
    const char *digits = PyUnicode_AsUTF8AndSize(text, &len);
    if (digits)
        cns_builder_text(b, CNS_BIGINT, digits, (size_t)len, CNS_NO_OFFSET);
    Py_DECREF(text);
    return digits ? 0 : -1;
}

/* UTF-8 of a str; NULL without an exception when it has lone surrogates. */
static const char *plain_text(cns_builder *b, PyObject *text, Py_ssize_t *len) {
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, len);
    if (!utf8 && PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
        PyErr_Clear(); /* reported as a configuration error, with its path */
        cns_builder_fail(b, CNS_E_ENCODING, CNS_NO_OFFSET,
                         "a text contains a lone surrogate: remove it");
    }
    return utf8;
}

static int feed_mapping(cns_builder *b, PyObject *mapping) {
    PyObject *items = PyMapping_Items(mapping);
    if (!items)
        return -1;
    int failed = 0;
    cns_code code = cns_builder_open(b, CNS_OBJECT, CNS_NO_OFFSET);
    for (Py_ssize_t i = 0; !failed && code == CNS_OK && i < PyList_GET_SIZE(items); i++) {
        PyObject *pair = PyList_GET_ITEM(items, i);
        if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2 ||
            !PyUnicode_Check(PyTuple_GET_ITEM(pair, 0))) {
            code = cns_builder_fail(b, CNS_E_SHAPE, CNS_NO_OFFSET,
                                    "a key is not a text: use str keys only");
            break;
        }
        Py_ssize_t len;
        const char *key = plain_text(b, PyTuple_GET_ITEM(pair, 0), &len);
        if (!key) {
            failed = PyErr_Occurred() ? -1 : 0;
            break;
        }
        code = cns_builder_key(b, key, (size_t)len, CNS_NO_OFFSET);
        if (code == CNS_OK) {
            failed = feed(b, PyTuple_GET_ITEM(pair, 1));
            code = cns_builder_code(b);
        }
    }
    Py_DECREF(items);
    cns_builder_close(b);
    return failed;
}

static int feed_sequence(cns_builder *b, PyObject *sequence) {
    cns_code code = cns_builder_open(b, CNS_ARRAY, CNS_NO_OFFSET);
    /* the length is asked each time: feeding may run Python code */
    for (Py_ssize_t i = 0; code == CNS_OK && i < PySequence_Fast_GET_SIZE(sequence); i++) {
        PyObject *item = Py_NewRef(PySequence_Fast_GET_ITEM(sequence, i));
        int failed = feed(b, item);
        Py_DECREF(item);
        if (failed)
            return -1;
        code = cns_builder_code(b);
    }
    cns_builder_close(b);
    return 0;
}

static int feed(cns_builder *b, PyObject *object) {
    if (object == Py_None)
        cns_builder_plain(b, CNS_NULL, CNS_NO_OFFSET);
    else if (PyBool_Check(object))
        cns_builder_plain(b, object == Py_True ? CNS_TRUE : CNS_FALSE, CNS_NO_OFFSET);
    else if (PyLong_Check(object))
        return feed_integer(b, object);
    else if (PyFloat_Check(object)) {
        double value = PyFloat_AS_DOUBLE(object);
        if (!isfinite(value))
            cns_builder_fail(b, CNS_E_SHAPE, CNS_NO_OFFSET,
                             "NaN and infinity are no JSON numbers: write null or a number");
        else
            cns_builder_real(b, value, CNS_NO_OFFSET);
    } else if (PyUnicode_Check(object)) {
        Py_ssize_t len;
        const char *text = plain_text(b, object, &len);
        if (!text)
            return PyErr_Occurred() ? -1 : 0;
        cns_builder_text(b, CNS_STRING, text, (size_t)len, CNS_NO_OFFSET);
    } else if (PyList_Check(object) || PyTuple_Check(object)) {
        return feed_sequence(b, object);
    } else if (PyDict_Check(object) ||
               (PyMapping_Check(object) && PyObject_HasAttrString(object, "items") &&
                !PyBytes_Check(object))) {
        return feed_mapping(b, object);
    } else {
        char message[160];
        PyOS_snprintf(message, sizeof message,
                      "a value is a %.80s, which JSON does not have: use plain values",
                      Py_TYPE(object)->tp_name);
        cns_builder_fail(b, CNS_E_SHAPE, CNS_NO_OFFSET, message);
    }
    return 0;
}

cns_doc *glue_mapping(glue_state *state, PyObject *mapping, PyObject *name) {
    cns_doc *doc = NULL;
    cns_error err;
    cns_builder *b = cns_builder_new(cns_alloc_default());
    if (!b) {
        PyErr_NoMemory();
        return NULL;
    }
    if (feed(b, mapping) == 0 && cns_builder_finish(&doc, b, &err) != CNS_OK)
        glue_config_error(state, &err, name, NULL, NULL, 0);
    cns_builder_free(b);
    return doc;
}

PyObject *glue_read_file(PyObject *path) {
    PyObject *io = PyImport_ImportModule("io");
    PyObject *file = io ? PyObject_CallMethod(io, "open", "Os", path, "rb") : NULL;
    Py_XDECREF(io);
    if (!file)
        return NULL;
    /* one byte more than is allowed tells that it is too long */
    PyObject *text = PyObject_CallMethod(file, "read", "n", (Py_ssize_t)CNS_MAX_TEXT + 1);
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *closed = PyObject_CallMethod(file, "close", NULL);
    Py_DECREF(file);
    if (type) {
        Py_XDECREF(closed);
        PyErr_Restore(type, value, traceback);
        return NULL;
    }
    if (!closed)
        Py_CLEAR(text);
    Py_XDECREF(closed);
    if (text && !PyBytes_Check(text)) {
        Py_CLEAR(text);
        PyErr_SetString(PyExc_TypeError, "the file did not read as bytes");
    }
    return text;
}

static const char *const format_names[] = {"json", "js", "html"};

const char *glue_format_name(glue_format format) {
    return format_names[format];
}

int glue_format_of(glue_format *format, PyObject *name) {
    for (int i = GLUE_JSON; PyUnicode_Check(name) && i <= GLUE_HTML; i++)
        if (PyUnicode_CompareWithASCIIString(name, format_names[i]) == 0) {
            *format = (glue_format)i;
            return 0;
        }
    PyErr_Format(PyExc_ValueError, "%R is no format: use 'json', 'js' or 'html'", name);
    return -1;
}

/* Does a name end in one of the suffixes of files that are read? Case does not matter. */
static bool has_suffix(const char *name, size_t len, glue_format *format) {
    static const struct {
        const char *text;
        glue_format format;
    } suffixes[] = {
        {".json", GLUE_JSON}, {".js", GLUE_JS}, {".html", GLUE_HTML}, {".htm", GLUE_HTML}};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t tail = strlen(suffixes[i].text);
        if (len > tail &&
            PyOS_mystrnicmp(name + len - tail, suffixes[i].text, (Py_ssize_t)tail) == 0) {
            *format = suffixes[i].format;
            return true;
        }
    }
    return false;
}

/* The bytes of a file, its label, and the format that its name tells. */
static int read_source(PyObject *path, glue_source *source) {
    PyObject *name = PyOS_FSPath(path), *encoded = NULL;
    if (!name || !PyUnicode_FSConverter(name, &encoded)) {
        Py_XDECREF(name);
        return -1;
    }
    source->format = GLUE_JSON;
    (void)has_suffix(PyBytes_AS_STRING(encoded), (size_t)PyBytes_GET_SIZE(encoded),
                     &source->format);
    Py_DECREF(encoded);
    Py_DECREF(name);
    source->text = glue_read_file(path);
    if (source->text)
        source->label = PyObject_Str(path);
    return source->label ? 0 : -1;
}

cns_doc *glue_layer(glue_state *state, PyObject *layer, PyObject *name, glue_source *source) {
    typedef cns_code reader(cns_doc **, const char *, size_t, cns_alloc, cns_error *);
    static reader *const readers[] = {cns_json_read, cns_js_read, cns_html_read};
    cns_doc *doc = NULL;
    cns_error err;
    const char *text = NULL;
    Py_ssize_t len = 0;
    source->text = source->label = NULL;
    if (PyUnicode_Check(layer)) {
        text = PyUnicode_AsUTF8AndSize(layer, &len);
        if (!text) {
            if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
                return NULL;
            PyErr_Clear(); /* said as a configuration error */
            memset(&err, 0, sizeof err);
            err.code = CNS_E_ENCODING;
            PyOS_snprintf(err.message, sizeof err.message,
                          "the text contains a lone surrogate: remove it");
            glue_config_error(state, &err, name, NULL, NULL, 0);
            return NULL;
        }
        source->text = Py_NewRef(layer);
    } else if (PyBytes_Check(layer)) {
        source->text = Py_NewRef(layer);
    } else if (PyObject_HasAttrString(layer, "__fspath__")) {
        if (read_source(layer, source) < 0)
            goto failed;
    } else if (PyDict_Check(layer) ||
               (PyMapping_Check(layer) && PyObject_HasAttrString(layer, "items"))) {
        doc = glue_mapping(state, layer, name);
        if (doc) {
            source->format = GLUE_JSON;
            source->text = Py_NewRef(Py_None);
        }
        return doc;
    } else {
        PyErr_Format(PyExc_TypeError,
                     "a configuration layer is a mapping, JSON text (str or bytes) or a path "
                     "object, not %.100s",
                     Py_TYPE(layer)->tp_name);
        return NULL;
    }
    if (!text) {
        text = PyBytes_AS_STRING(source->text);
        len = PyBytes_GET_SIZE(source->text);
    }
    if (readers[source->format](&doc, text, (size_t)len, cns_alloc_default(), &err) == CNS_OK)
        return doc;
    /* `notice.json` is no text, but what somebody gives who means a file */
    glue_format ignored;
    if (PyUnicode_Check(layer) && len <= 1024 && !memchr(text, '\n', (size_t)len) &&
        has_suffix(text, (size_t)len, &ignored))
        PyOS_snprintf(err.message, sizeof err.message,
                      "a str is %s text: for a file use Config.load()",
                      source->format == GLUE_JSON ? "JSON"
                      : source->format == GLUE_JS ? "JavaScript"
                                                  : "HTML");
    glue_config_error(state, &err, name, source->label, text, len);
failed:
    Py_CLEAR(source->text);
    return NULL;
}
