/* cookies.c - the consent cookies, from a mapping or a raw header. */
#include "glue.h"

int glue_cookies_open(glue_cookies *c, PyObject *given) {
    memset(c, 0, sizeof *c);
    if (!given || given == Py_None)
        return 0;
    c->given = given;
    if (PyUnicode_Check(given)) {
        PyObject *owner = NULL;
        c->header = glue_utf8(given, &c->header_len, &owner);
        if (!c->header)
            return -1;
        if (owner)
            c->owned[c->owned_count++] = owner;
        return 0;
    }
    if (PyBytes_Check(given)) {
        c->header = PyBytes_AS_STRING(given);
        c->header_len = PyBytes_GET_SIZE(given);
        return 0;
    }
    if (PyDict_Check(given) || (PyMapping_Check(given) && PyObject_HasAttrString(given, "keys"))) {
        c->mapping = given;
        return 0;
    }
    PyErr_Format(PyExc_TypeError,
                 "cookies is a mapping, or the Cookie header as str or bytes, not %.100s",
                 Py_TYPE(given)->tp_name);
    return -1;
}

void glue_cookies_close(glue_cookies *c) {
    for (Py_ssize_t i = 0; i < c->owned_count; i++)
        Py_DECREF(c->owned[i]);
    c->owned_count = 0;
}

/* A new reference, or NULL with or without an exception. */
static PyObject *look_up(PyObject *mapping, PyObject *name) {
    if (PyDict_CheckExact(mapping)) {
        PyObject *value = PyDict_GetItemWithError(mapping, name);
        return Py_XNewRef(value);
    }
    PyObject *value = PyObject_GetItem(mapping, name);
    if (!value && PyErr_ExceptionMatches(PyExc_KeyError))
        PyErr_Clear(); /* absent */
    return value;
}

bool glue_cookies_has(void *ctx, const char *name, size_t len) {
    glue_cookies *c = ctx;
    if (c->failed)
        return false;
    if (c->header)
        return cns_cookie_find(c->header, (size_t)c->header_len, name, len, NULL, 0) > 0;
    if (!c->mapping)
        return false;
    PyObject *key = PyUnicode_DecodeUTF8(name, (Py_ssize_t)len, NULL);
    PyObject *value = key ? look_up(c->mapping, key) : NULL;
    Py_XDECREF(key);
    if (!value && PyErr_Occurred())
        c->failed = true;
    Py_XDECREF(value);
    return value != NULL;
}

PyObject *glue_name_of(const glue_state *state, const cns_notice *notice, cns_cookie cookie) {
    cns_text name = cns_notice_cookie_name(notice, cookie);
    PyObject *usual = state->usual_names[cookie];
    if ((size_t)PyUnicode_GET_LENGTH(usual) == name.len &&
        memcmp(PyUnicode_1BYTE_DATA(usual), name.text, name.len) == 0)
        return Py_NewRef(usual);
    return PyUnicode_DecodeUTF8(name.text ? name.text : "", (Py_ssize_t)name.len, NULL);
}

PyObject *glue_cookie_name(NoticeObject *notice, cns_cookie cookie) {
    if (!notice->names[cookie] && cns_notice_cookie_name(notice->notice, cookie).len)
        notice->names[cookie] =
            glue_name_of(glue_state_of((PyObject *)notice), notice->notice, cookie);
    return notice->names[cookie];
}

/* ------------------------------------------------------------- what was sent */

/* -1 with an exception, 1 when the mapping has it. */
static int take(glue_sent *sent, unsigned which, glue_cookies *c, NoticeObject *notice,
                cns_cookie cookie) {
    PyObject *name = glue_cookie_name(notice, cookie);
    PyObject *value = name ? look_up(c->mapping, name) : NULL;
    if (!value)
        return PyErr_Occurred() ? -1 : 0;
    sent->of[which].not_text = !PyUnicode_Check(value);
    if (sent->of[which].not_text)
        Py_DECREF(value);
    else
        sent->of[which].value = value;
    return 1;
}

int glue_sent_take(glue_sent *sent, glue_cookies *c, NoticeObject *notice) {
    memset(sent, 0, sizeof *sent);
    if (!c->mapping) {
        sent->header = Py_XNewRef(c->given);
        return 0;
    }
    for (unsigned i = 0; i < GLUE_SENT; i++)
        sent->of[i].given = true;
    int found = take(sent, GLUE_TOKEN, c, notice, CNS_COOKIE_TOKEN) < 0 ||
                        take(sent, GLUE_TC, c, notice, CNS_COOKIE_TC) < 0
                    ? -1
                    : take(sent, GLUE_DCS, c, notice, CNS_COOKIE_DCS);
    cns_text plain = cns_notice_cookie_name(notice->notice, CNS_COOKIE_DCS_PLAIN);
    sent->dcs_plain = plain.len == 0;
    if (found == 0 && plain.len) {
        found = take(sent, GLUE_DCS, c, notice, CNS_COOKIE_DCS_PLAIN);
        sent->dcs_plain = found > 0;
    }
    if (found < 0)
        glue_sent_drop(sent);
    return found < 0 ? -1 : 0;
}

void glue_sent_drop(glue_sent *sent) {
    Py_CLEAR(sent->header);
    for (unsigned i = 0; i < GLUE_SENT; i++)
        Py_CLEAR(sent->of[i].value);
}

void glue_sent_copy(glue_sent *to, const glue_sent *from) {
    *to = *from;
    Py_XINCREF(to->header);
    for (unsigned i = 0; i < GLUE_SENT; i++)
        Py_XINCREF(to->of[i].value);
}

/* ------------------------------------------------------------------ a visit */

static int put_value(glue_cookies *c, PyObject *value, cns_text *room) {
    PyObject *owner = NULL;
    Py_ssize_t len;
    room[0].text = glue_utf8(value, &len, &owner);
    if (!room[0].text)
        return -1;
    if (owner)
        c->owned[c->owned_count++] = owner;
    room[0].len = (size_t)len;
    return 0;
}

/* Counts of what the header has for each kind that was not given; of the two names of a DCS the
 * law's own goes first. */
static void find(const glue_sent *sent, const glue_cookies *c, const cns_notice *notice,
                 glue_room *room, size_t counts[GLUE_SENT], bool *dcs_plain) {
    static const cns_cookie cookies[GLUE_SENT] = {CNS_COOKIE_TOKEN, CNS_COOKIE_TC, CNS_COOKIE_DCS};
    cns_text plain[CNS_MAX_SAME_NAME];
    cns_cookie_wanted wanted[GLUE_SENT + 1];
    unsigned kinds[GLUE_SENT + 1];
    size_t names = 0;
    if (!sent->of[GLUE_DCS].given)
        *dcs_plain = true;
    if (!c->header)
        return;
    for (unsigned i = 0; i <= GLUE_SENT; i++) {
        cns_cookie cookie = i < GLUE_SENT ? cookies[i] : CNS_COOKIE_DCS_PLAIN;
        if (sent->of[i < GLUE_SENT ? i : GLUE_DCS].given)
            continue;
        cns_text name = cns_notice_cookie_name(notice, cookie);
        if (!name.len)
            continue;
        kinds[names] = i;
        wanted[names++] =
            (cns_cookie_wanted){name, i < GLUE_SENT ? room->of[i] : plain, CNS_MAX_SAME_NAME, 0};
    }
    cns_cookies_find(c->header, (size_t)c->header_len, wanted, names);
    for (size_t i = 0; i < names; i++) {
        size_t count = wanted[i].count;
        if (kinds[i] < GLUE_SENT)
            counts[kinds[i]] = count;
        else if (counts[GLUE_DCS]) /* the law's own came first, and is there */
            *dcs_plain = false;
        else if ((counts[GLUE_DCS] = count))
            memcpy(room->of[GLUE_DCS], plain,
                   (count < CNS_MAX_SAME_NAME ? count : CNS_MAX_SAME_NAME) * sizeof *plain);
    }
}

int glue_sent_fill(const glue_sent *sent, glue_cookies *c, const cns_notice *notice,
                   glue_room *room, cns_visit *visit) {
    size_t counts[GLUE_SENT] = {0, 0, 0};
    bool dcs_plain = sent->dcs_plain;
    find(sent, c, notice, room, counts, &dcs_plain);
    for (unsigned i = 0; i < GLUE_SENT; i++) {
        if (sent->of[i].value && put_value(c, sent->of[i].value, room->of[i]) < 0)
            return -1;
        if (sent->of[i].given)
            counts[i] = sent->of[i].value != NULL;
    }
    visit->dcs_plain = dcs_plain;
    visit->cookies = room->of[GLUE_TOKEN];
    visit->cookie_count = counts[GLUE_TOKEN];
    visit->not_text = sent->of[GLUE_TOKEN].not_text;
    visit->tc = (cns_sent){room->of[GLUE_TC], counts[GLUE_TC], sent->of[GLUE_TC].not_text};
    visit->dcs = (cns_sent){room->of[GLUE_DCS], counts[GLUE_DCS], sent->of[GLUE_DCS].not_text};
    visit->cut = !sent->of[GLUE_TOKEN].given && c->header_len > (Py_ssize_t)CNS_MAX_HEADER;
    visit->own = sent->own;
    return 0;
}

int glue_visit_one(glue_cookies *c, PyObject *value, glue_room *room, cns_visit *visit) {
    visit->cookies = room->of[GLUE_TOKEN];
    visit->cookie_count = 1;
    visit->cut = visit->not_text = false;
    visit->own = true;
    visit->tc = visit->dcs = (cns_sent){NULL, 0, false};
    return put_value(c, value, room->of[GLUE_TOKEN]);
}
