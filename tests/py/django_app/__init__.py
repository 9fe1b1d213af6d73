"""The Django project that the Django tests run. Importing it sets Django up, once."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_app.settings")
django.setup()
