/* rewriter.c - HtmlRewriter, and the functions of cp.html. */
#include "glue.h"

typedef struct RewriterObject {
    PyObject_HEAD StatusObject *status;
    cns_rewriter *rewriter;
    bool closed, text, bytes; /* text, bytes: what it was fed with */
} RewriterObject;

/* A str or bytes to read: its UTF-8, or its bytes. To be closed. */
typedef struct input {
    const char *text;
    Py_ssize_t len;
    PyObject *owner; /* of a copy, or NULL */
    bool bytes;
} input;

/* What comes out: a part of what went in, as long as it is one, then a copy. */
typedef struct output {
    const input *in;  /* NULL: none */
    const char *from; /* the part */
    size_t from_len;
    char *text; /* the copy, or NULL */
    size_t len, cap;
    bool no_memory;
} output;

static void copy(output *out, const char *text, size_t len) {
    if (len > out->cap - out->len && !out->no_memory) {
        size_t cap = out->cap ? out->cap * 2 : out->from_len + len + 256;
        while (cap - out->len < len)
            cap *= 2;
        char *fresh = PyMem_Realloc(out->text, cap);
        out->no_memory = fresh == NULL;
        if (fresh) {
            out->text = fresh;
            out->cap = cap;
        }
    }
    if (!out->no_memory) {
        memcpy(out->text + out->len, text, len);
        out->len += len;
    }
}

static void put(void *ctx, const char *text, size_t len) {
    output *out = ctx;
    const input *in = out->in; /* what else is given does not outlive the call */
    bool part = in && (uintptr_t)text >= (uintptr_t)in->text &&
                (uintptr_t)text < (uintptr_t)in->text + (size_t)in->len;
    if (part && !out->text && (out->from_len == 0 || out->from + out->from_len == text)) {
        out->from = out->from_len ? out->from : text;
        out->from_len += len;
        return;
    }
    if (!out->text && out->from_len)
        copy(out, out->from, out->from_len);
    copy(out, text, len);
}

static int open_input(input *in, PyObject *given) {
    memset(in, 0, sizeof *in);
    if (PyUnicode_Check(given)) {
        in->text = PyUnicode_AsUTF8AndSize(given, &in->len);
        if (in->text)
            return 0;
        if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
            return -1;
        PyErr_Clear();
        in->owner = PyUnicode_AsEncodedString(given, "utf-8", "surrogatepass");
        if (!in->owner)
            return -1;
        in->text = PyBytes_AS_STRING(in->owner);
        in->len = PyBytes_GET_SIZE(in->owner);
        return 0;
    }
    if (!PyBytes_Check(given)) {
        PyErr_Format(PyExc_TypeError, "HTML is str or bytes, not %.100s", Py_TYPE(given)->tp_name);
        return -1;
    }
    in->bytes = true;
    in->text = PyBytes_AS_STRING(given);
    in->len = PyBytes_GET_SIZE(given);
    return 0;
}

static void close_input(input *in) {
    Py_CLEAR(in->owner);
}

/* What came out as str or bytes; `given` itself where it is the same. NULL with MemoryError. */
static PyObject *result_of(output *out, PyObject *given, bool bytes) {
    PyObject *result = NULL;
    const char *text = out->text ? out->text : out->from;
    Py_ssize_t len = (Py_ssize_t)(out->text ? out->len : out->from_len);
    if (out->no_memory)
        (void)PyErr_NoMemory();
    else if (given && !out->text && len == out->in->len)
        result = Py_NewRef(given);
    else
        result = bytes ? PyBytes_FromStringAndSize(text, len)
                       : PyUnicode_DecodeUTF8(text, len, "surrogatepass");
    PyMem_Free(out->text);
    return result;
}

/* ------------------------------------------------------------------ rewriting */

/* ConsentError; NULL. */
static PyObject *refuse(PyObject *module, const char *message) {
    PyObject *error = module ? PyObject_GetAttrString(module, "ConsentError") : NULL;
    if (error)
        PyErr_SetString(error, message);
    Py_XDECREF(error);
    return NULL;
}

static cns_rewriter *rewriter_of(PyObject *module, PyObject *status, PyObject *nonce) {
    input in;
    memset(&in, 0, sizeof in);
    if (nonce != Py_None) {
        if (!PyUnicode_Check(nonce)) {
            PyErr_Format(PyExc_TypeError, "a nonce is a str, not %.100s", Py_TYPE(nonce)->tp_name);
            return NULL;
        }
        if (open_input(&in, nonce) < 0)
            return NULL;
    }
    cns_rewriter *rewriter = NULL;
    cns_error err;
    cns_code code = cns_rewriter_new(&rewriter, ((StatusObject *)status)->status, in.text,
                                     (size_t)in.len, cns_alloc_default(), &err);
    close_input(&in);
    if (code == CNS_E_NOMEM)
        (void)PyErr_NoMemory();
    else if (code != CNS_OK)
        (void)refuse(module, err.message);
    return rewriter;
}

static int check_status(glue_state *state, PyObject *status) {
    if (Py_TYPE(status) == state->status_type)
        return 0;
    PyErr_Format(PyExc_TypeError, "a page is rewritten for a Status, not %.100s",
                 Py_TYPE(status)->tp_name);
    return -1;
}

PyObject *glue_html_gated(PyObject *module, PyObject *given) {
    (void)module;
    input in;
    /* only a str of ASCII is looked at where it stands: to encode the others costs more */
    if (PyUnicode_Check(given) && !PyUnicode_IS_ASCII(given)) {
        PyObject *word = PyUnicode_FromString("didomi/");
        Py_ssize_t at = word ? PyUnicode_Find(given, word, 0, PyUnicode_GET_LENGTH(given), 1) : -2;
        Py_XDECREF(word);
        return at < -1 ? NULL : PyBool_FromLong(at >= 0);
    }
    if (open_input(&in, given) < 0)
        return NULL;
    bool gated = cns_html_gated(in.text, (size_t)in.len);
    close_input(&in);
    return PyBool_FromLong(gated);
}

PyObject *glue_html_rewrite(PyObject *module, PyObject *args) {
    PyObject *given, *status, *nonce;
    input in;
    if (!PyArg_ParseTuple(args, "OOO", &given, &status, &nonce) ||
        check_status(PyModule_GetState(module), status) < 0 || open_input(&in, given) < 0)
        return NULL;
    PyObject *result = NULL;
    cns_rewriter *rewriter = rewriter_of(module, status, nonce);
    if (rewriter) {
        output out = {&in, NULL, 0, NULL, 0, 0, false};
        if (cns_rewriter_feed(rewriter, in.text, (size_t)in.len, put, &out) != CNS_OK ||
            cns_rewriter_close(rewriter, put, &out) != CNS_OK)
            out.no_memory = true;
        result = result_of(&out, given, in.bytes);
        cns_rewriter_free(rewriter);
    }
    close_input(&in);
    return result;
}

/* --------------------------------------------------------------- HtmlRewriter */

static PyObject *rewriter_new(PyTypeObject *type, PyObject *args, PyObject *kwds) {
    PyObject *status, *nonce;
    if (kwds && PyDict_GET_SIZE(kwds)) {
        PyErr_SetString(PyExc_TypeError, "HtmlRewriter() takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "OO", &status, &nonce) ||
        check_status((glue_state *)PyType_GetModuleState(type), status) < 0)
        return NULL;
    RewriterObject *self = (RewriterObject *)type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    self->status = (StatusObject *)Py_NewRef(status);
    self->rewriter = rewriter_of(PyType_GetModule(type), status, nonce);
    if (!self->rewriter)
        Py_CLEAR(self);
    return (PyObject *)self;
}

static int rewriter_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((RewriterObject *)self)->status);
    return 0;
}

static void rewriter_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    cns_rewriter_free(((RewriterObject *)self)->rewriter);
    Py_XDECREF(((RewriterObject *)self)->status);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *rewriter_feed(PyObject *self, PyObject *chunk) {
    RewriterObject *r = (RewriterObject *)self;
    input in;
    if (r->closed)
        return refuse(PyType_GetModule(Py_TYPE(self)),
                      "the page has ended: make a new Rewriter for the next one");
    if (open_input(&in, chunk) < 0)
        return NULL;
    if (in.bytes ? r->text : r->bytes) {
        close_input(&in);
        PyErr_SetString(PyExc_TypeError, "the pieces of one page are all str, or all bytes");
        return NULL;
    }
    r->text = !in.bytes;
    r->bytes = in.bytes;
    output out = {&in, NULL, 0, NULL, 0, 0, false};
    if (cns_rewriter_feed(r->rewriter, in.text, (size_t)in.len, put, &out) != CNS_OK)
        out.no_memory = true;
    PyObject *result = result_of(&out, chunk, in.bytes);
    close_input(&in);
    return result;
}

static PyObject *rewriter_close(PyObject *self, PyObject *ignored) {
    (void)ignored;
    RewriterObject *r = (RewriterObject *)self;
    output out = {NULL, NULL, 0, NULL, 0, 0, false};
    r->closed = true;
    if (cns_rewriter_close(r->rewriter, put, &out) != CNS_OK)
        out.no_memory = true;
    return result_of(&out, NULL, !r->text);
}

static PyMethodDef rewriter_methods[] = {
    {"feed", rewriter_feed, METH_O,
     "feed($self, chunk, /)\n--\n\nWhat can be told of the page by now; str or bytes as the "
     "chunk."},
    {"close", rewriter_close, METH_NOARGS,
     "close($self, /)\n--\n\nThe page has ended: what was held back. Empty when called again."},
    {NULL, NULL, 0, NULL}};

static PyType_Slot rewriter_slots[] = {
    {Py_tp_doc, "HtmlRewriter(status, nonce, /)\n--\n\nBehind consentpy.html.Rewriter."},
    {Py_tp_new, rewriter_new},
    {Py_tp_dealloc, rewriter_dealloc},
    {Py_tp_traverse, rewriter_traverse},
    {Py_tp_methods, rewriter_methods},
    {0, NULL}};

PyType_Spec glue_rewriter_spec = {
    "consentpy._core.HtmlRewriter", sizeof(RewriterObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE, rewriter_slots};
