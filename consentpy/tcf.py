"""TC strings of the Transparency and Consent Framework, version 2 (TCF 2.0 to 2.3).

A Status reads them without this module; use it to look at a string, or to write one.
"""

from __future__ import annotations

from ._core import TCString, VendorSet, tcf_decode as decode, tcf_encode

__all__ = ["TCString", "VendorSet", "decode", "encode"]


def encode(tc):
    return tcf_encode(tc)
