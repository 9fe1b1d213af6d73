"""The two pages, and the links that act as a visitor."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from consentpy.django import gate

from .visitors import ANSWERS, PLACE_COOKIE, PLACES, token

ANSWER_COOKIE = "demo_answer"  # only tells the page which link to mark

#: gate of CONSENTPY["GATES"] -> what the page says about the tag
TAGS = {
    "basket": ("Shopping basket", "essential script"),
    "measurement": ("PageMeter", "audience-measurement script"),
    "video": ("ClipPlayer", "embedded video"),
    "advertising": ("AdRow", "advertising script"),
}


def page(request: Any) -> HttpResponse:
    """The shop's front page. The template gates the tags; this only explains them."""
    place = request.COOKIES.get(PLACE_COOKIE, "france")
    answer = request.COOKIES.get(ANSWER_COOKIE, "none")
    place = place if place in PLACES else "france"
    consent = request.consent
    rows = []
    for name, (title, kind) in TAGS.items():
        explanation = consent.explain(gate(name))
        rows.append(
            {
                "name": name,
                "title": title,
                "kind": kind,
                "allowed": explanation.allowed,
                "reason": explanation.reason,
                "words": in_words(name, explanation.allowed, consent, PLACES[place].name),
                "details": str(explanation),
            }
        )
    context = {
        "rows": rows,
        "place": PLACES[place],
        "answer": ANSWERS.get(answer, ANSWERS["none"])[0],
        "links": [
            {
                "place": details,
                "answers": [
                    {
                        "url": f"/visit/{key}/{choice}/",
                        "label": label,
                        "current": (key, choice) == (place, answer),
                    }
                    for choice, (label, _) in ANSWERS.items()
                ],
            }
            for key, details in PLACES.items()
        ],
        "here": place,
    }
    return render(request, "page.html", context)


def sdk(request: HttpRequest) -> HttpResponse:
    """The same tags in the markup of the browser's SDK; nothing here or there asks for the consent."""
    return render(request, "sdk.html")


def in_words(name: str, allowed: bool, consent: Any, place: str) -> str:
    """The verdict for a reader who knows no rule yet."""
    if name == "basket":
        return "Needed to run the shop: an essential purpose is never asked about."
    group = consent.notice.group
    if group == "none":
        return f"No law of this notice applies in {place}, so nothing has to be asked."
    if group == "optout":
        if allowed:
            return f"In {place} a tag may run until the visitor objects, which has not happened."
        return "The visitor objected to it."
    if allowed:
        return "The visitor agreed to the vendor and to what it does."
    if consent.should_collect:
        return f"In {place} a tag has to wait for a yes, and the visitor has not answered."
    return "The visitor refused it."


def visit(request: HttpRequest, place: str, answer: str) -> HttpResponse:
    """Become a visitor: keep the place and the answer's cookie, and go to the page."""
    if place not in PLACES or answer not in ANSWERS:
        raise Http404("There is no such visitor.")
    response = redirect("page")
    response["Cache-Control"] = "no-store"
    for cookie in ("didomi_token", "didomi_token_cpra"):
        response.delete_cookie(cookie)
    where, allowed = PLACES[place], ANSWERS[answer][1]
    options: dict[str, Any] = {"max_age": 3600, "samesite": "Lax"}
    if allowed is not None:
        response.set_cookie(where.cookie, token(allowed, where.basis), **options)
    response.set_cookie(PLACE_COOKIE, place, **options)
    response.set_cookie(ANSWER_COOKIE, answer, **options)
    return response
