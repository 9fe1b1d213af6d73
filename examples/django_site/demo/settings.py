"""Settings of the example site. No database, no outside host, loopback only."""

from __future__ import annotations

from pathlib import Path

from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = get_random_secret_key()  # nothing here outlives the process
DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
USE_TZ = True
ROOT_URLCONF = "demo.urls"
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]

INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "consentpy.django",  # 1. the application, for {% load consentpy %} and the checks
]
MIDDLEWARE = [
    "django.middleware.http.ConditionalGetMiddleware",
    "consentpy.django.ConsentMiddleware",  # 2. the middleware, for request.consent
    "django.middleware.common.CommonMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

# 3. the notice, where the visitor is, and names for the conditions of the tags
CONSENTPY = {
    "CONFIG": "notice.json",
    # A real site names the header that its proxy sets: "COUNTRY_HEADER": "CF-IPCountry".
    # Here a link chooses the place, so that one machine can visit from everywhere.
    "COUNTRY": "demo.visitors.place",
    "REWRITE": True,  # pages in the markup of the browser's SDK are gated too: templates/sdk.html
    "GATES": {
        "basket": {"vendor": "basket"},
        "measurement": {"vendor": "pagemeter", "purposes": ["audience"]},
        "video": {"vendor": "clipplayer", "purposes": ["media"]},
        "advertising": {"vendor": "adrow", "purposes": ["advertising"]},
    },
}
