"""A panel for django-debug-toolbar: what the page asked of the consent, and why it got its answers.

    DEBUG_TOOLBAR_PANELS = [..., "consentpy.django.toolbar.ConsentPanel"]

It shows no cookie and no user id.
"""

from __future__ import annotations

from typing import Any

from debug_toolbar.panels import Panel
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

import consentpy as cp

from .lazy import Consent

_WORDS = {True: "allowed", False: "denied"}


class ConsentPanel(Panel):  # type: ignore[misc]
    """The law, whether to ask, and each gate with its verdict and the explanation."""

    title = nav_title = "Consent"
    is_async = True

    @property
    def nav_subtitle(self) -> str:
        """The law and how many gates were allowed."""
        stats = self.get_stats()
        if "regulation" not in stats:
            return "not asked"
        allowed = sum(one["allowed"] for one in stats["gates"])
        return f"{stats['regulation']}, {allowed} of {len(stats['gates'])} allowed"

    def generate_stats(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """Keep what there is to show; asks nothing that the page did not ask."""
        consent = getattr(request, "consent", None)
        if isinstance(consent, Consent) and consent._was_read():
            self.record_stats(_seen(consent))

    @property
    def content(self) -> SafeString:
        """The panel's HTML."""
        stats = self.get_stats()
        if "regulation" not in stats:
            return format_html("<p>{}</p>", "This page did not ask for the consent.")
        facts = [(name, stats[key]) for name, key in _FACTS]
        return format_html(
            "<table><tbody>{}</tbody></table><h4>Gates</h4>{}",
            format_html_join("", "<tr><th>{}</th><td>{}</td></tr>", facts),
            format_html_join(
                "",
                "<h5>{}: {}</h5><pre>{}</pre>",
                (
                    (one["gate"], _WORDS[one["allowed"]], one["explanation"])
                    for one in stats["gates"]
                ),
            ),
        )


_FACTS = (
    ("Regulation", "regulation"),
    ("Country", "country"),
    ("Region", "region"),
    ("Ask", "should_collect"),
    ("Reason", "collect_reason"),
    ("More than gates was asked", "broad"),
)


def _seen(consent: Consent) -> dict[str, Any]:
    """Texts and flags only: the toolbar keeps them as JSON."""
    status = consent._resolve()
    notice = status.notice
    names = {gate: name for name, gate in consent._settled().gates.items()}
    gates = []
    for gate in consent._gates:
        explanation = status.explain(gate)
        gates.append(
            {
                "gate": _label(gate, names.get(gate)),
                "allowed": explanation.allowed,
                "explanation": str(explanation),
            }
        )
    return {
        "regulation": notice.regulation,
        "country": notice.country or "unknown",
        "region": notice.region or "unknown",
        "should_collect": "yes" if status.should_collect else "no",
        "collect_reason": status.collect_reason,
        "broad": "yes" if consent._broad else "no",
        "gates": gates,
    }


def _label(gate: cp.Gate, name: str | None) -> str:
    parts = [] if gate.vendor is None else [f"vendor {gate.vendor}"]
    if gate.purposes:
        parts.append(f"purposes {', '.join(gate.purposes)}")
    text = ", ".join(parts)
    return f"{name} ({text})" if name else text
