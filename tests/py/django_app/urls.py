"""One path per view, named like it."""

from __future__ import annotations

from django.urls import path

from . import views

NAMES = (
    "page plain copied templated fragment asynchronous early cached cached_template cached_plain public "
    "tagged tagged_plain dated dated_plain both surrogate broad stream stream_early"
).split()

urlpatterns = [path(f"{name}/", getattr(views, name)) for name in NAMES]
