"""Settings of the test project: no database, everything in memory."""

from __future__ import annotations

from pathlib import Path

BASE_DIR = Path(__file__).parent
SECRET_KEY = "only for tests"
DEBUG = False
ALLOWED_HOSTS = ["testserver", "127.0.0.1"]
USE_TZ = True
ROOT_URLCONF = "django_app.urls"
INSTALLED_APPS = ["consentpy.django"]
MIDDLEWARE = ["consentpy.django.ConsentMiddleware"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CONSENTPY = {
    "CONFIG": "notice.json",
    "COUNTRY_HEADER": "X-Country",
    "REGION_HEADER": "X-Region",
    "GATES": {
        "measurement": {"vendor": "meter", "purposes": ["audience"]},
        "advertising": {"vendor": "adshop"},
    },
}
