"""Warnings of consent strings, and what is wrong with sections of GPP strings, in words by their
codes."""

from __future__ import annotations

_WORDS = {
    # TC strings
    "bad_country": "the publisher's country is not two letters",
    "bad_language": "the language is not two letters",
    "conflicting_restrictions": "a vendor has two restrictions for one purpose",
    "created_after_last_updated": "it was updated before it was created",
    "created_ne_last_updated": "it was not created on the day of its last update, as it has to be "
    "since December 2021",
    "degenerate_range": "a range holds one id",
    "deprecated_allowed_vendors": "it has a segment of allowed vendors, which went out of use in "
    "2021",
    "duplicate_restriction": "a restriction stands there twice",
    "duplicate_segment": "a segment stands there twice: the last one counts",
    "empty_restriction": "a restriction names no vendor",
    "empty_segment": "there is a dot with nothing behind it",
    "excess_padding": "there are more zeros at the end than are needed",
    "global_scope": "it is meant for many sites, which has been invalid since September 2021",
    "li_purpose_1": "legitimate interest is given for purpose 1, which allows only consent",
    "li_purpose_3_to_6": "legitimate interest is given for one of the purposes 3 to 6, which allow "
    "only consent since policy 4",
    "max_vendor_id_slack": "a set has room for vendors above its last one",
    "missing_disclosed_vendors": "it does not tell which vendors were disclosed, as it has to "
    "since March 2026",
    "not_day_precision": "its dates have a time of day, which they must not have since December "
    "2021",
    "old_policy_version": "it was made under a policy before TCF 2.2, which is not valid any more",
    "purpose_id_out_of_range": "a restriction is about a purpose above 24",
    "purpose_id_zero": "a restriction is about purpose 0, which does not exist: it does not count",
    "range_unsorted": "ranges do not ascend",
    "trailing_data": "there are set bits behind the end",
    "undefined_restriction_type": "a restriction is of a type that does not exist: it does not "
    "count",
    "unknown_segment": "it has a segment of an unknown kind, which was left out",
    "vendor_id_over_max": "a vendor's id is above the highest one that the set says it has",
    # GPP strings
    "section_error": "a section cannot be read",
    "unknown_section": "a section is of an unknown kind: it is kept as it is",
    "spec_encoding": "vendors are written as the text of the specification has it, and no library",
    "ambiguous_encoding": "vendors can be read in two ways, which do not give the same",
    "usnat_v1_long_layout_or_24bit_padding": "version 1 of usnat is of two lengths: the longer one "
    "was read",
    "mspa_covered_transaction_0_or_3": "whether the transaction is covered by the MSPA is neither "
    "1 nor 2",
    # US Privacy strings
    "opt_out_unknown_while_ccpa_applies": "the law applies, and it does not say whether the visitor "
    "opted out: that is no permission",
    # Additional Consent strings
    "blanks": "there were blanks round it",
    "parts": "it has a part too many or one too few",
    "disclosed_prefix": "its second list does not begin with dv.: it was not read",
    "bad_id": "an item is no id: it was stepped over",
    "unsorted": "its ids do not ascend",
    "repeated_id": "an id stands there twice",
    "overlap": "a provider consented to is listed as merely disclosed too",
    # Didomi Consent Strings
    "bad_char": "characters of the other base64 alphabet were taken for those they stand for",
    "contradiction": "an id has two statuses: the more restrictive one counts",
    # Didomi tokens
    "unread_fields": "fields without a meaning here could not be kept",
}

# Why a section of a GPP string cannot be read. Section 2 is a TC string, read strictly: for the
# other codes of that the words of the warnings serve.
_FAULTS = {
    "bad_char": "it has a character that cannot stand there",
    "bad_language": "the language is not two letters",
    "bad_length": "it is not four characters long",
    "bad_segment_type": "a part of it is of a kind that it cannot have",
    "duplicate_segment": "a part of it stands there twice",
    "empty_segment": "there is a dot with nothing before or behind it",
    "fib_overflow": "an id is above 65535",
    "purpose_id_zero": "a restriction is about purpose 0, which does not exist",
    "range_inverted": "a range ends before it starts",
    "range_unsorted": "ranges do not ascend",
    "trailing_data": "there are set bits behind the end",
    "truncated": "it ends too early",
    "undefined_restriction_type": "a restriction is of a type that does not exist",
    "unsupported_header": "it begins with a header, which no library writes",
    "unsupported_section_version": "it is of a version that is not known here",
    "unsupported_version": "it is no TC string of version 2, which begins with C",
    "vendor_id_over_max": "a vendor's id is above the highest one that the set says it has",
    "vendor_id_zero": "a vendor has the id 0, which does not exist",
}


def words(code: str) -> str:
    """A sentence without its full stop; the code itself where it is not known."""
    if code.startswith("value_3:"):
        return f"{code[8:]} has the value 3, which has no meaning"
    return _WORDS.get(code, code)


def fault(code: str) -> str:
    """The same for the `error` of a section of a GPP string."""
    return _FAULTS.get(code) or words(code)
