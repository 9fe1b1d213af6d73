"""The page, the same in the markup of the browser's SDK, and the links that act as a visitor."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("", views.page, name="page"),
    path("sdk/", views.sdk, name="sdk"),
    path("visit/<slug:place>/<slug:answer>/", views.visit, name="visit"),
]
