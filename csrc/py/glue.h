/* glue.h - what the files of the extension share.
 *
 * The extension turns the core's structs into Python objects and back. It holds no
 * rule of consent. Every object that points into the core keeps alive what owns it:
 * a Status its Notice, a Notice its Config.
 */
#ifndef CONSENTPY_GLUE_H
#define CONSENTPY_GLUE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "consent.h"

typedef struct glue_state {
    PyTypeObject *config_type, *notice_type, *status_type, *gate_type, *gvl_type;
    /* struct sequences */
    PyTypeObject *vendor_type, *purpose_type, *origin_type, *diagnostic_type, *step_type;
    PyTypeObject *listed_vendor_type, *listed_purpose_type, *setting_type;
    PyTypeObject *restriction_type, *publisher_tc_type, *permission_type;
    /* consent strings */
    PyTypeObject *tc_type, *vendor_set_type, *vendor_walk_type;
    PyObject *consent_error, *config_error, *decode_error, *unknown_id_error;
    PyObject *none_text;                /* '' */
    PyObject *usual_names[CNS_COOKIES]; /* str: names of cookies as they nearly always are */
} glue_state;

extern struct PyModuleDef glue_module;

/* For objects of our own types: none of them can be subclassed. */
static inline glue_state *glue_state_of(PyObject *self) {
    return (glue_state *)PyType_GetModuleState(Py_TYPE(self));
}

typedef struct ConfigObject {
    PyObject_HEAD cns_config *config;
    PyObject *sources;       /* by layer: the str or bytes it was read from, None for a mapping */
    PyObject *formats;       /* by layer: str, how that text is read */
    PyObject *names;         /* by layer: str */
    PyObject *catalog;       /* as given, or None */
    PyObject *gvl;           /* GlobalVendorList that the configuration borrows, or None */
    PyTypeObject *gate_type; /* borrowed from the module, which our type keeps alive */
} ConfigObject;

typedef struct GvlObject {
    PyObject_HEAD cns_gvl *gvl;
    PyObject *vendors, *purposes; /* mappings that were asked for, or NULL */
} GvlObject;

typedef struct NoticeObject {
    PyObject_HEAD ConfigObject *owner;
    const cns_notice *notice;
    cns_place place;
    PyObject *names[CNS_COOKIES]; /* str, each made when it is asked for; by cns_cookie */
} NoticeObject;

/* What a Status was made from, for answers and cookies: of each cookie its value, or where that
 * is not given the header to find it in. */
enum { GLUE_TOKEN, GLUE_TC, GLUE_DCS, GLUE_SENT };
typedef struct glue_sent {
    PyObject *header; /* str or bytes, or NULL */
    struct {
        PyObject *value; /* str, or NULL: there is none */
        bool given;      /* not to be looked for in the header */
        bool not_text;   /* a mapping had something else */
    } of[GLUE_SENT];
    bool dcs_plain; /* the value is that of the cookie without the law's name */
    bool own;       /* the token was written here */
} glue_sent;

typedef struct StatusObject {
    PyObject_HEAD NoticeObject *owner;
    cns_status *status;
    glue_sent sent;
    PyObject *external; /* token (str) that choices from an address made of that, or NULL */
    int64_t now;
    bool gpc, settled;
    unsigned came;      /* which cookies the visitor sent, bits of GLUE_CAME_... */
    bool answered;      /* the visitor's answer was given here: */
    bool as_dcs;        /* it is to be kept as a Didomi Consent String, */
    PyObject *replaced; /* in place of this one (str), or NULL; */
    bool refused;       /* all was refused, whatever it means; */
    bool drop_tc;       /* the TC cookie that was sent is to go */
} StatusObject;
enum { GLUE_CAME_TOKEN = 1, GLUE_CAME_DCS = 2, GLUE_CAME_DCS_PLAIN = 4, GLUE_CAME_TC = 8 };

/* A gate by its ids; the numbers are those of `owner`, or none without one. */
typedef struct GateObject {
    PyObject_VAR_HEAD ConfigObject *owner; /* NULL after unpickling */
    PyObject *vendor;                      /* API id, or None */
    PyObject *sdk_vendor;
    PyObject *purposes; /* tuple of str */
    cns_gate gate;
    uint32_t numbers[1]; /* one a purpose */
} GateObject;

extern PyType_Spec glue_config_spec, glue_notice_spec, glue_status_spec, glue_gate_spec;
extern PyType_Spec glue_gvl_spec;

/* ---- errors.c: each sets an exception and returns NULL */
/* `shown` is what the message calls the layer, NULL for its name; `text` is what was
 * read, for the line with a caret, NULL for none */
PyObject *glue_config_error(glue_state *state, const cns_error *err, PyObject *layer,
                            PyObject *shown, const char *text, Py_ssize_t len);
PyObject *glue_decode_error(glue_state *state, const cns_error *err);
/* ConsentError: the field in err->path, if there is one, and what to do */
PyObject *glue_consent_error(glue_state *state, const cns_error *err);
/* kind is "vendor" or "purpose"; known an iterable of ids, stolen, may be NULL */
PyObject *glue_unknown_id(glue_state *state, const char *kind, PyObject *id, PyObject *known);

/* ---- values.c */
int glue_add_values(PyObject *module, glue_state *state);
/* A struct sequence of `count` new references, all stolen; NULL items are errors. */
PyObject *glue_sequence(PyTypeObject *type, PyObject **items, Py_ssize_t count);

/* ---- convert.c */
/* dict[name] = value, which is stolen and may be NULL (an error is set). */
int glue_put(PyObject *dict, const char *name, PyObject *value);
PyObject *glue_text(cns_text text); /* str, None when absent */
PyObject *glue_text_or_empty(cns_text text);
PyObject *glue_tri(cns_tri tri);
PyObject *glue_regulation(const cns_notice *notice); /* its id */
PyObject *glue_number(double value);                 /* int where it is whole */
PyObject *glue_datetime(bool there, int64_t micros); /* aware datetime or None */
PyObject *glue_value(const cns_value *value);        /* plain Python objects */
/* dict of the members that are not hidden */
PyObject *glue_effective(const cns_value *object);
/* How the text of a layer is read. */
typedef enum glue_format { GLUE_JSON, GLUE_JS, GLUE_HTML } glue_format;
const char *glue_format_name(glue_format format); /* "json", "js", "html" */
/* 0, or -1 with ValueError for another name. */
int glue_format_of(glue_format *format, PyObject *name);
typedef struct glue_source {
    glue_format format;
    PyObject *text;  /* str or bytes that positions are looked up in, None for a mapping */
    PyObject *label; /* the path of a file, otherwise NULL */
} glue_source;
/* A configuration layer: str or bytes (a text of source->format), PathLike (then the name
 * of the file says the format), or mapping. On success source->text is a new reference;
 * source->label is one on failure too. */
cns_doc *glue_layer(glue_state *state, PyObject *layer, PyObject *name, glue_source *source);
cns_doc *glue_mapping(glue_state *state, PyObject *mapping, PyObject *name);
/* The bytes of a file, at most one more than a text may have. */
PyObject *glue_read_file(PyObject *path);
/* Microseconds of an aware datetime, epoch seconds, or None (now). */
int glue_now(PyObject *now, int64_t *micros);
/* UTF-8 of a str, borrowed; *owner gets a new reference when a copy was needed. */
const char *glue_utf8(PyObject *text, Py_ssize_t *len, PyObject **owner);

/* ---- arguments.c */
typedef struct glue_signature {
    const char *function;
    const char *const *names; /* NULL-terminated */
    Py_ssize_t positional;    /* how many may be given by position */
} glue_signature;
/* Fills out[] (borrowed; NULL = not given). -1 with TypeError. */
int glue_arguments(const glue_signature *signature, PyObject *const *args, Py_ssize_t nargs,
                   PyObject *kwnames, PyObject **out);

/* ---- cookies.c */
typedef struct glue_cookies {
    PyObject *mapping; /* borrowed, or NULL */
    PyObject *given;   /* borrowed: the header as it was given */
    const char *header;
    Py_ssize_t header_len;
    PyObject *owned[GLUE_SENT + 2];
    Py_ssize_t owned_count;
    bool failed; /* the mapping raised */
} glue_cookies;
/* Room for what a visit borrows. */
typedef struct glue_room {
    cns_text of[GLUE_SENT][CNS_MAX_SAME_NAME];
} glue_room;
int glue_cookies_open(glue_cookies *cookies, PyObject *given);
void glue_cookies_close(glue_cookies *cookies);
bool glue_cookies_has(void *ctx, const char *name, size_t len); /* a cns_probe */
/* Keeps what was sent, with new references; -1 with an exception when the mapping raised. */
int glue_sent_take(glue_sent *sent, glue_cookies *cookies, NoticeObject *notice);
void glue_sent_drop(glue_sent *sent);
void glue_sent_copy(glue_sent *to, const glue_sent *from); /* new references */
/* Fills the cookies of `visit` and what belongs to them, from values and from cookies->header. */
int glue_sent_fill(const glue_sent *sent, glue_cookies *cookies, const cns_notice *notice,
                   glue_room *room, cns_visit *visit);
/* The name of a cookie as str, a new reference; "" where there is none. */
PyObject *glue_name_of(const glue_state *state, const cns_notice *notice, cns_cookie cookie);
/* The same of a Notice, borrowed; NULL with an exception, or where there is none. */
PyObject *glue_cookie_name(NoticeObject *notice, cns_cookie cookie);
/* Makes a str the visit's one token and its only cookie; the caller keeps it alive. */
int glue_visit_one(glue_cookies *cookies, PyObject *value, glue_room *room, cns_visit *visit);

/* ---- lint.c: a member of Config */
PyObject *glue_lint(PyObject *self, PyObject *ignored);

/* ---- outputs.c: members of Status */
PyObject *glue_google_consent_mode(PyObject *self, PyObject *ignored);
PyObject *glue_data_layer(PyObject *self, PyObject *ignored);
PyObject *glue_fill_macros(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                           PyObject *kwnames);
PyObject *glue_us_privacy(PyObject *self, void *closure);
PyObject *glue_experiment_group(PyObject *self, void *closure);

/* ---- status_strings.c: members of Status */
PyObject *glue_tc_string(PyObject *self, void *closure);
PyObject *glue_addtl_consent(PyObject *self, void *closure);
PyObject *glue_tc_data(PyObject *self, PyObject *ignored);
/* str of a text that the core may have, "" without one. */
PyObject *glue_string_or_empty(cns_text text);

/* ---- lists.c: members of Status */
PyObject *glue_current(PyObject *self, PyObject *ignored);
PyObject *glue_lists(PyObject *self, PyObject *ignored);

/* ---- answers.c: members of Status */
PyObject *glue_agree_to_all(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *kwnames);
PyObject *glue_disagree_to_all(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames);
PyObject *glue_set(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *glue_answer_cookies(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *kwnames);
extern const char glue_agree_to_all_doc[], glue_disagree_to_all_doc[], glue_set_doc[],
    glue_answer_cookies_doc[];
/* What Status.cookies() keeps, given back with cns_kept_release; -1 with an exception. */
int glue_keep(StatusObject *status, cns_kept_cookies *kept);
/* What a status was made from, to be read again; `cookies`, to be closed, and `room` keep
 * it alive. With `stored` what an address brought is left out. -1 with an exception. */
int glue_visit_of(const StatusObject *status, bool stored, glue_cookies *cookies, glue_room *room,
                  cns_visit *visit);
/* Takes the choices in an address into `visit`, if the notice does; *value gets a new
 * reference to the token that they make, which visit->cookies then is (in room[0]). */
int glue_external(PyObject **value, cns_visit *visit, glue_room *room, const cns_notice *notice,
                  PyObject *query);

/* ---- query.c */
/* -1 with TypeError. *keep gets what the texts are borrowed from, or NULL. */
int glue_query_open(cns_query *query, PyObject *given, PyObject **keep);
PyObject *glue_config_from_query(PyObject *module, PyObject *query);

/* ---- gpp.c: functions of the module */
PyObject *glue_gpp_decode(PyObject *module, PyObject *text);
PyObject *glue_gpp_encode(PyObject *module, PyObject *mapping);
PyObject *glue_usp_decode(PyObject *module, PyObject *text);
PyObject *glue_usp_encode(PyObject *module, PyObject *args);
PyObject *glue_gpc_line(PyObject *module, PyObject *line);

/* ---- gvl_type.c */
/* A GlobalVendorList from whatever is given as one, None for NULL and None. New reference. */
PyObject *glue_gvl_of(glue_state *state, PyObject *given);

/* ---- notice_type.c, status_type.c, gate_type.c */
PyObject *glue_notice_new(glue_state *state, ConfigObject *config, PyObject *country,
                          PyObject *region, glue_cookies *cookies);
/* Origin: label, value, line, column. */
PyObject *glue_origin(glue_state *state, NoticeObject *notice, const cns_origin *origin);
PyObject *glue_status_new(glue_state *state, NoticeObject *notice, glue_cookies *cookies,
                          PyObject *now, PyObject *user_agent, PyObject *gpc, PyObject *query);
/* The Status of a visit; what it was made from is the caller's to fill in. */
StatusObject *glue_status_of(glue_state *state, NoticeObject *notice, const cns_visit *visit);
PyObject *glue_gate_new(glue_state *state, ConfigObject *config, PyObject *vendor,
                        PyObject *purposes);
PyObject *glue_gate_restore(PyObject *module, PyObject *args);

/* A gate from a call's arguments, on the stack for as long as the call lasts. */
typedef struct glue_condition {
    cns_gate gate;
    uint32_t few[16], *many;
    cns_text few_names[17], *names; /* with `named`: vendor, then purposes */
    PyObject *items;                /* list or tuple of purposes given as texts or numbers */
} glue_condition;
/* vendor: str, int or None; purposes: str, iterable or None. */
int glue_condition_open(glue_condition *condition, const cns_config *config, PyObject *vendor,
                        PyObject *purposes);
/* The same from a Gate, its numbers taken over where the configuration is the same. */
int glue_condition_of_gate(glue_condition *condition, const ConfigObject *config, GateObject *gate);
void glue_condition_close(glue_condition *condition);
/* 0 with the number (CNS_NO_ID when unknown), -1 with TypeError. */
int glue_vendor_number(const cns_config *config, PyObject *id, uint32_t *number);
int glue_purpose_number(const cns_config *config, PyObject *id, uint32_t *number);

/* The condition that allows() and explain() of a Status are asked about; a Gate comes
 * first by position. -1 with an exception; otherwise to be closed. */
int glue_question(PyObject *self, const char *function, PyObject *const *args, Py_ssize_t nargs,
                  PyObject *kwnames, glue_condition *condition);

/* ---- vendor_set.c */
extern PyType_Spec glue_vendor_set_spec, glue_vendor_walk_spec;
/* A VendorSet; `owner` keeps what the set borrows, and is kept by it. */
PyObject *glue_vendor_set(glue_state *state, PyObject *owner, const cns_id_set *set);
const cns_id_set *glue_vendor_set_of(glue_state *state, PyObject *object); /* NULL: none */
PyObject *glue_ranges_text(const cns_id_set *set);                         /* `1-5,8` */
const char *glue_encoding_name(const cns_id_set *set);

/* ---- tcf_type.c, tcf_codec.c */
typedef struct TcObject {
    PyObject_HEAD cns_tc *tc;
    PyObject *text; /* str */
} TcObject;
extern PyType_Spec glue_tc_spec;
/* `text` is a str; DecodeError. */
PyObject *glue_tc_new(glue_state *state, PyObject *text, bool strict);
const cns_tc *glue_tc_of(glue_state *state, PyObject *object); /* NULL: none */
PyObject *glue_tcf_decode(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                          PyObject *kwnames);
PyObject *glue_tcf_encode(PyObject *module, PyObject *given);
/* Ids of an iterable, as a VendorSet and as a mask (tcf_ids.c). */
PyObject *glue_tcf_ids(PyObject *module, PyObject *const *args, Py_ssize_t nargs);
PyObject *glue_tcf_mask(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

/* ---- permission.c: a method of GlobalVendorList */
PyObject *glue_permission(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                          PyObject *kwnames);
extern const char glue_permission_doc[];

/* ---- explanation.c: a method of Status */
PyObject *glue_explain(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* ---- rewriter.c */
extern PyType_Spec glue_rewriter_spec;
PyObject *glue_html_gated(PyObject *module, PyObject *given);
PyObject *glue_html_rewrite(PyObject *module, PyObject *args);

/* ---- ac.c, dcs.c: functions of the module */
PyObject *glue_ac_decode(PyObject *module, PyObject *args);
PyObject *glue_ac_encode(PyObject *module, PyObject *args);
PyObject *glue_dcs_decode(PyObject *module, PyObject *args);
PyObject *glue_dcs_encode(PyObject *module, PyObject *mapping);

/* ---- texts.c */
/* The str of a text that the core has written; that one is freed. */
PyObject *glue_made(char *text, size_t len);
typedef cns_code (*glue_writer)(char **out, size_t *out_len, const cns_value *value,
                                cns_alloc alloc, cns_error *err);
/* The str that `write` makes of a mapping; ConsentError. `what` names it in errors. */
PyObject *glue_written(PyObject *module, PyObject *mapping, const char *what, glue_writer write);
/* The UTF-8 of a consent string, borrowed, *owner as in glue_utf8; NULL with TypeError, or
 * with DecodeError for one that is too long. `what` begins with an article. */
const char *glue_string(glue_state *state, PyObject *text, const char *what, Py_ssize_t *len,
                        PyObject **owner);
/* A tuple of the texts that `each` gives before its first NULL. */
PyObject *glue_codes(const char *(*each)(const void *of, size_t index), const void *of);

PyObject *glue_identity(PyObject *self, PyObject *ignored); /* __copy__, __deepcopy__ */

#endif
