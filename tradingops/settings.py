"""Django's settings, read once from the environment; `tradingops/environment_variables.py` lists what is read."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured

from strands.endpoint import configuration
from tradingops import localpg, logs, secret_key
from tradingops.console.navigation import UNFOLD  # noqa: F401  (the admin's look is a setting of unfold's)
from tradingops.environment_variables import VARIABLES

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def read(name: str, parse: Callable[[str], Any] = str) -> Any:
    """Return a variable's value or its default; raises ImproperlyConfigured with name, shape and way out."""
    variable = VARIABLES[name]
    value = os.environ.get(name) or variable.default
    try:
        return parse(value)
    except (ValueError, ImproperlyConfigured, environ.ImproperlyConfigured) as fault:
        shown = "the given value" if variable.secret else repr(value)
        way_out = f"unset it for the default, {variable.default}" if variable.default else "unset it"
        raise ImproperlyConfigured(
            f"{name}: {shown} is not {variable.shape} ({fault}). Mend it, or {way_out}."
        ) from None


def switch(value: str) -> bool:
    if value.lower() not in ("true", "false", "1", "0", "yes", "no", "on", "off"):
        raise ValueError("neither true nor false")
    return value.lower() in environ.Env.BOOLEAN_TRUE_STRINGS


def hours(value: str) -> float:
    if not 0.1 <= (found := float(value)) <= 720:
        raise ValueError("it is not from 0.1 to 720")
    return found


def proxies(value: str) -> int:
    if not 0 <= (found := int(value)) <= 10:
        raise ValueError("it is not from 0 to 10")
    return found


def amount(value: str) -> Decimal | None:
    """Return an amount of money, None for none."""
    if not value:
        return None
    found = Decimal(value) if value.replace(".", "", 1).isdecimal() else Decimal(-1)
    if not 0 <= found < Decimal(10) ** 20:
        raise ValueError("it is no amount from 0 on, in plain digits")
    return found


def minutes(value: str) -> int:
    if not 1 <= (found := int(value)) <= 1440:
        raise ValueError("it is not from 1 to 1440")
    return found


def one_of(*words: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in words:
            raise ValueError(f"it is none of {', '.join(words)}")
        return value

    return parse


def desk_mode(value: str) -> str:
    """Return paper: under a badge that says live, a desk would still trade on paper."""
    if value == "live":
        raise ValueError("no live venue exists yet, and every order would go to the paper venue")
    return one_of("paper")(value)


def several(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def web_address(value: str) -> str:
    """Return an address of the web without a slash at its end."""
    if not value.startswith(("http://", "https://")) or any(each in value for each in "?# "):
        raise ValueError("it is no plain address that begins with http:// or https://")
    return value.rstrip("/")


def mail_server(value: str) -> dict[str, Any] | None:
    """Return Django's settings of a mail server, None for none."""
    if not value:
        return None
    found = environ.Env.email_url_config(value)
    if not found.get("EMAIL_BACKEND"):
        raise ValueError("it is no address of a mail server")
    return {name: each for name, each in found.items() if name.startswith("EMAIL_")}


def postgresql(value: str) -> dict[str, Any] | None:
    """Return Django's description of a database, None for no URL."""
    if not value:
        return None
    if not value.startswith(("postgres://", "postgresql://")):
        raise ValueError("it begins with neither postgresql:// nor postgres://")
    found = environ.Env.db_url_config(value)
    if not found.get("NAME"):
        raise ValueError("it names no database")
    options = found.setdefault("OPTIONS", {})
    found["HOST"] = options.pop("host", found.get("HOST", ""))
    found["USER"] = options.pop("user", found.get("USER", ""))
    return reached(found)


def private(cluster: str, *, user: str = localpg.OWNER) -> dict[str, Any]:
    """Return Django's description of a private cluster, started by `manage.py` and `asgi.py` and never from here."""
    return reached({"NAME": "postgres", "USER": user, "HOST": str(localpg.socket_of(cluster))})


def owner_of_database() -> dict[str, Any] | None:
    """Return as whom, and where, the database's owner is reached; None where the application owns it."""
    given = read("DATABASE_OWNER_URL", postgresql) or (None if os.environ.get("DATABASE_URL") else private("pg"))
    names = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    return None if given is None else {name: given.get(name) or ({} if name == "OPTIONS" else "") for name in names}


def long_enough(value: str) -> str:
    if value and (len(value) < 50 or len(set(value)) < 5):
        raise ValueError("it is too short or too plain")
    return value


def kept_secret(folder: Path) -> str:
    try:
        return secret_key.kept_in(folder)
    except OSError as fault:
        raise ImproperlyConfigured(
            f"TRADINGOPS_DATA: {folder} cannot hold the secret key ({fault}). Name a folder that you may write to, "
            "or give DJANGO_SECRET_KEY."
        ) from None


def reached(database: dict[str, Any]) -> dict[str, Any]:
    options = {"application_name": "tradingops", "connect_timeout": 10, **database.get("OPTIONS", {})}
    return {**database, "ENGINE": "django.db.backends.postgresql", "OPTIONS": options, "CONN_HEALTH_CHECKS": True}


# --- which desk

MODE = read("TRADINGOPS_MODE", desk_mode)
DATA_FOLDER = localpg.data_folder()
SECRET_KEY = read("DJANGO_SECRET_KEY", long_enough) or kept_secret(DATA_FOLDER)
DEBUG = read("DJANGO_DEBUG", switch)

# --- the database

DATABASES = {"default": read("DATABASE_URL", postgresql) or private("pg", user=localpg.APPLICATION)}
#: As whom migrations run; everything else is said and read as the application.
DATABASE_OWNER = owner_of_database()
if replica := read("DATABASE_REPLICA_URL", postgresql):
    DATABASES["replica"] = {**replica, "TEST": {"MIRROR": "default"}}
#: The database that long lists are read from.
READ_DATABASE = "replica" if replica else "default"
#: How listeners reach the database; empty where the ordinary way will do.
DATABASE_LISTEN_URL = read("DATABASE_LISTEN_URL", lambda value: value if postgresql(value) else "")
for each in DATABASES.values():
    # Behind a pooler a cursor of the server would outlive the transaction that its session is lent for.
    each["DISABLE_SERVER_SIDE_CURSORS"] = bool(DATABASE_LISTEN_URL)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- who writes lessons

try:
    #: Where a model writes the words of lessons; None where the template does.
    LESSON_ENDPOINT = configuration.of(read)
except configuration.Unsound as fault:
    raise ImproperlyConfigured(str(fault)) from None

#: Whether the wire also speaks on document 002's channels, one a tag.
OBSERVER_CHANNELS = read("TRADINGOPS_OBSERVERS", switch)

# --- what takes two people

#: The notional, in the desk's currency, above which a second person confirms a closing; None for no such size.
SECOND_PERSON_ABOVE = read("TRADINGOPS_SECOND_PERSON_ABOVE", amount)
#: How long a closing waits for its second person [minutes].
SECOND_PERSON_MINUTES = read("TRADINGOPS_SECOND_PERSON_MINUTES", minutes)

# --- the applications

#: Only `runserver` needs daphne among the applications, and Twisted would cost every other command its imports.
RUNSERVER = ["daphne"] if "runserver" in sys.argv[1:2] else []
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    *RUNSERVER,
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "pgtrigger",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "channels",
    "strands",
    "strands.market",
    "strands.lessons",
    "curators",
    "curators.dsi",
    "portfolio",
    "portfolio.plans",
    "portfolio.execution",
    "portfolio.trades",
    "portfolio.reviews",
    "tradingops",
    "tradingops.lineage",
    "tradingops.countersigns",
    "tradingops.mandates",
    "tradingops.replay",
    "tradingops.whatif",
    "tradingops.sign_in",
    "tradingops.audit",
    "tradingops.policies",
    "tradingops.company",
    "tradingops.quant",
    "tradingops.notices",
    "tradingops.console",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "tradingops.middleware.no_null_characters",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tradingops.middleware.acting_person",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tradingops.middleware.OutsideIsForbidden",
    "tradingops.middleware.SecondFactorFirst",
]
ROOT_URLCONF = "tradingops.urls"
ASGI_APPLICATION = "tradingops.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
# --- the web

ALLOWED_HOSTS = read("TRADINGOPS_ALLOWED_HOSTS", several)
CSRF_TRUSTED_ORIGINS = read("TRADINGOPS_TRUSTED_ORIGINS", several)
HTTPS = read("TRADINGOPS_HTTPS", switch)
SESSION_COOKIE_NAME = "tradingops_session"
SESSION_COOKIE_AGE = round(read("TRADINGOPS_SESSION_HOURS", hours) * 60 * 60)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "tradingops_csrf"
CSRF_FAILURE_VIEW = "tradingops.console.errors.page.forged"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# Preloading is asked for at browsers' makers, for a whole domain, and is not taken back in months: not ours to say.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
#: Nothing comes from another host, and no script stands in a page. Alpine, which the theme is made of, evaluates the
#: expressions in its attributes, hence eval; htmx, SimpleBar and the theme's colours are styles in the page.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, UNSAFE_EVAL],
        "script-src-attr": [NONE],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF, "data:"],
        "connect-src": [SELF],
        "frame-src": [NONE],
        "worker-src": [NONE],
        "manifest-src": [NONE],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "object-src": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
LOGIN_URL = "admin:login"
OTP_TOTP_ISSUER = "tradingops"
#: Whether whoever may change something has to switch a second factor on: optional or required.
SECOND_FACTOR = read("TRADINGOPS_SECOND_FACTOR", one_of("optional", "required"))
AUTHENTICATION_BACKENDS = ["tradingops.sign_in.backends.ThrottledBackend"]
#: How many proxies of the desk's own stand between a browser and the console.
PROXIES = read("TRADINGOPS_PROXIES", proxies)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
STATIC_URL = "static/"
# Static files are served from the packages they came in: there is no collecting step that a person could forget.
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- notices

#: Where links in messages lead.
CONSOLE_URL = read("TRADINGOPS_URL", web_address)
#: Whether webhooks may lead into private networks, and go unencrypted.
NOTICES_PRIVATE = read("TRADINGOPS_NOTICES_PRIVATE", switch)
mail = read("TRADINGOPS_MAIL_URL", mail_server)
HAS_MAIL = bool(mail)
vars().update(mail or {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"})
#: A mail server that hangs is waited for no longer [s].
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = read("TRADINGOPS_MAIL_FROM")

# --- language and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
TIME_ZONE = "UTC"
USE_TZ = True

# --- logs

LOGGING = logs.configuration(
    level=read("TRADINGOPS_LOG_LEVEL", one_of("debug", "info", "warning", "error", "critical")),
    form=read("TRADINGOPS_LOG_FORMAT", one_of("text", "json")),
)
logs.structure()
