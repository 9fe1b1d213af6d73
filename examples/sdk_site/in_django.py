"""The site in Django, in one file: ``python in_django.py``."""

from __future__ import annotations

from typing import Any

from common import NOTICE, PAGES, TEMPLATES, answer, pieces, serve
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import path


def page(request: HttpRequest) -> HttpResponseBase:
    headers, values = answer(request.path)
    text = render_to_string(PAGES[request.path], values)
    if request.path == "/stream":
        return StreamingHttpResponse(pieces(text), headers=headers)
    return HttpResponse(text, headers=headers)


urlpatterns = [path(where[1:], page) for where in PAGES]


def options(consent: bool) -> dict[str, Any]:
    """The settings of the project."""
    given: dict[str, Any] = {
        "ROOT_URLCONF": __name__,
        "ALLOWED_HOSTS": ["127.0.0.1", "localhost"],
        "TEMPLATES": [
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [TEMPLATES]}
        ],
        "MIDDLEWARE": [],
    }
    if consent:
        # All that changes:
        given["MIDDLEWARE"] = ["consentpy.django.ConsentMiddleware"]
        given["CONSENTPY"] = {
            "CONFIG": NOTICE,
            "COUNTRY_HEADER": "CF-IPCountry",
            "REWRITE": True,
        }
    return given


def make(consent: bool = True) -> WSGIHandler:
    settings.configure(**options(consent))
    import django

    django.setup()
    return WSGIHandler()


if __name__ == "__main__":
    serve(make)
