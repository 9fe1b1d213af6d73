/* values.c - small records as struct sequences: equal, hashable, picklable. */
#include "glue.h"

static PyStructSequence_Field vendor_fields[] = {
    {"id", "API id: without `c:` unless that collides"},
    {"sdk_id", "the token's spelling"},
    {"name", "name to show"},
    {"namespace", "'custom', 'didomi' or 'iab'"},
    {"purposes", "ids of the purposes on the consent basis"},
    {"legitimate_interest_purposes", "ids of the purposes on legitimate interest"},
    {"special_features", "ids of its special features: consent purposes"},
    {"iab_id", "number in the Global Vendor List, or None"},
    {"policy_url", "address of its privacy policy, or None"},
    {NULL, NULL}};

static PyStructSequence_Field purpose_fields[] = {
    {"id", "text id"},
    {"name", "name to show"},
    {"namespace", "'custom' or 'iab'"},
    {"essential", "True when it cannot be refused (R13)"},
    {"iab_id", "TCF purpose number, or None"},
    {"special_feature_id", "TCF special feature number, or None"},
    {"on_consent", "True when it is used on the consent basis"},
    {"on_legitimate_interest", "True when it is used on legitimate interest"},
    {NULL, NULL}};

static PyStructSequence_Field origin_fields[] = {
    {"layer", "label of the layer, 'defaults', 'regulation:<id>' or 'country:<CC>'"},
    {"value", "what is written there"},
    {"line", "line in that layer's text from 1, or None"},
    {"column", "column in characters from 1, or None"},
    {NULL, NULL}};

static PyStructSequence_Field diagnostic_fields[] = {
    {"code", "stable code"},
    {"severity", "'error' or 'warning'"},
    {"path", "configuration path, or the cookie's name"},
    {"message", "one sentence"},
    {"layer", "label of the layer, or None"},
    {"line", "line from 1, or None"},
    {"column", "column from 1, or None"},
    {NULL, NULL}};

static PyStructSequence_Field step_fields[] = {
    {"step", "'regulation', 'cookie', 'time', 'bot', 'gpc', 'vendor' or 'purpose'"},
    {"subject", "what it is about: a regulation, a cookie, an id; or None"},
    {"basis", "'consent', 'legitimate_interest' or None"},
    {"result", "stable word"},
    {"text", "the same as a sentence"},
    {"passed", "False when the step speaks against the tag"},
    {"settings", "tuple of Setting: the configuration entries it depended on"},
    {NULL, NULL}};

static PyStructSequence_Field setting_fields[] = {
    {"path", "configuration path"},
    {"value", "what counts there"},
    {"layer", "label of the layer, 'defaults', 'regulation:<id>' or 'country:<CC>'"},
    {"line", "line in that layer's text from 1, or None"},
    {"column", "column in characters from 1, or None"},
    {NULL, NULL}};

static PyStructSequence_Field listed_vendor_fields[] = {
    {"id", "number"},
    {"name", "its name"},
    {"purposes", "numbers of the purposes on the consent basis"},
    {"legitimate_interest_purposes", "numbers of the purposes on legitimate interest"},
    {"flexible_purposes", "those of both that a publisher may move to the other basis"},
    {"special_purposes", "numbers of the special purposes"},
    {"features", "numbers of the features"},
    {"special_features", "numbers of the special features"},
    {"policy_url", "address of its privacy policy, the English one where there is one, or None"},
    {"deleted", "date as it is written from which on it must not be used, or None"},
    {NULL, NULL}};

static PyStructSequence_Field listed_purpose_fields[] = {
    {"id", "number"}, {"name", "its name"}, {"description", "what it means"}, {NULL, NULL}};

static PyStructSequence_Field restriction_fields[] = {
    {"purpose_id", "number of the purpose"},
    {"type", "0 not allowed, 1 require consent, 2 require legitimate interest"},
    {"vendors", "VendorSet"},
    {NULL, NULL}};

static PyStructSequence_Field publisher_tc_fields[] = {
    {"consents", "frozenset of purposes"},
    {"legitimate_interests", "frozenset of purposes"},
    {"num_custom_purposes", "custom purposes, numbered from 1"},
    {"custom_consents", "frozenset of custom purposes"},
    {"custom_legitimate_interests", "frozenset of custom purposes"},
    {NULL, NULL}};

static PyStructSequence_Field permission_fields[] = {
    {"consent_ok", "the consent signals of purpose and vendor, whatever else is"},
    {"li_ok", "the same for legitimate interest"},
    {"basis", "'consent', 'legitimate_interest', 'opt_in', 'not_required' or 'none'"},
    {"allowed", "may the vendor process?"},
    {"reason", "'ok', 'purpose_one_exempt', or what stands against it"},
    {NULL, NULL}};

static PyStructSequence_Desc descriptions[] = {
    {"consentpy.Vendor", "A vendor of a notice.", vendor_fields, 9},
    {"consentpy.Purpose", "A purpose of a notice.", purpose_fields, 8},
    {"consentpy.Origin", "One place where a configuration value is written.", origin_fields, 4},
    {"consentpy.Diagnostic", "A remark about a configuration, or about what a visitor sent.",
     diagnostic_fields, 7},
    {"consentpy.Step", "One step of an explanation.", step_fields, 7},
    {"consentpy.Setting", "A configuration entry that a verdict depended on.", setting_fields, 5},
    {"consentpy.ListedVendor", "A vendor of a Global Vendor List.", listed_vendor_fields, 10},
    {"consentpy.ListedPurpose", "A purpose of a Global Vendor List.", listed_purpose_fields, 3},
    {"consentpy.Restriction", "A publisher restriction of a TC string.", restriction_fields, 3},
    {"consentpy.PublisherTC", "What a TC string says for its publisher.", publisher_tc_fields, 5},
    {"consentpy.Permission", "Whether a vendor may process for a purpose.", permission_fields, 5}};

int glue_add_values(PyObject *module, glue_state *state) {
    PyTypeObject **slots[] = {
        &state->vendor_type,        &state->purpose_type,        &state->origin_type,
        &state->diagnostic_type,    &state->step_type,           &state->setting_type,
        &state->listed_vendor_type, &state->listed_purpose_type, &state->restriction_type,
        &state->publisher_tc_type,  &state->permission_type};
    for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++) {
        PyTypeObject *type = PyStructSequence_NewType(&descriptions[i]);
        if (!type)
            return -1;
        *slots[i] = type;
        if (PyModule_AddType(module, type) < 0)
            return -1;
    }
    return 0;
}

PyObject *glue_sequence(PyTypeObject *type, PyObject **items, Py_ssize_t count) {
    bool complete = true;
    for (Py_ssize_t i = 0; i < count; i++)
        complete = complete && items[i];
    PyObject *sequence = complete ? PyStructSequence_New(type) : NULL;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (sequence)
            PyStructSequence_SetItem(sequence, i, items[i]);
        else
            Py_XDECREF(items[i]);
    }
    return sequence;
}
