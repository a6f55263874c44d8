"""Every setting of the product, from the environment, with a default that runs on one machine.

The README lists each environment variable read here; a test holds it to that.
"""

import os
import tomllib
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from .memory import bytes_of
from .release import checksum
from .safety import own_folder, refuse_unsafe
from .secret import kept_secret
from .services import client_url, redis_url

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
# One file for every program: units, cron, commands. What the environment says goes before it.
ENV_FILE = env.str("DCCFLAGS_ENV", str(BASE_DIR / "settings.env"))
if ENV_FILE and Path(ENV_FILE).is_file():
    environ.Env.read_env(ENV_FILE)
elif ENV_FILE and "DCCFLAGS_ENV" in env.ENVIRON:
    raise ImproperlyConfigured(f"DCCFLAGS_ENV names {ENV_FILE}, and there is no such file.")
VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var"))).resolve()
own_folder(VAR_DIR)

# What the product itself is told.
LAKE_URL = env.str("LAKE_URL", str(VAR_DIR / "lake"))
# The lake itself, or this machine's copies of one in a bucket, and the work on it.
LAKE_DIR = VAR_DIR / "lake-copies" if LAKE_URL.startswith("s3://") else Path(LAKE_URL.removeprefix("file://"))
if (
    "://" in LAKE_URL.removeprefix("file://").removeprefix("s3://")
    or LAKE_URL.startswith("s3:///")
    or LAKE_URL == "s3://"
):
    raise ImproperlyConfigured("LAKE_URL must be a folder (a path, or file:// and a path) or s3://bucket/prefix.")
LAKE_CACHE_BYTES = env.int("LAKE_CACHE_BYTES", 50 * 1024**3)
ENGINE_URL = env.str("ENGINE_URL", "")
if ENGINE_URL and not ENGINE_URL.startswith("sc://"):
    raise ImproperlyConfigured("ENGINE_URL is empty, for DuckDB, or a Spark Connect server as sc://host:15002.")
ENGINE_LAKE_URL = env.str("ENGINE_LAKE_URL", "")
GRACE_DAYS = env.int("GRACE_DAYS", 5)
SILENT_AFTER_DAYS = env.int("SILENT_AFTER_DAYS", 35)
CORRECTION_LINES = env.int("CORRECTION_LINES", 20_000)
CORRECTION_DAYS = env.int("CORRECTION_DAYS", 10)
DCC_ORGANISATION = env.int("DCC_ORGANISATION", 1234)
if not 0 < DCC_ORGANISATION < 10**10:
    raise ImproperlyConfigured("DCC_ORGANISATION must be a number of 1 to 10 digits, as ORGANISATION_ID of A00 is.")
ALERTS_UPDATE_DEVICES = env.bool("ALERTS_UPDATE_DEVICES", False)
MAX_EXTRACT_AGE_DAYS = env.int("MAX_EXTRACT_AGE_DAYS", 35)
FEED_DAYS = env.int("FEED_DAYS", 0)
KEEP_DAYS = env.int("KEEP_DAYS", 35)
KEEP_MONTHS = env.int("KEEP_MONTHS", 13)
VERIFY_BYTES = env.int("VERIFY_BYTES", 10 * 1024**3)
KEEP_EXPORT_DAYS = env.int("KEEP_EXPORT_DAYS", 35)
MAX_JOBS_OF_A_PERSON = env.int("MAX_JOBS_OF_A_PERSON", 5)
ENGINE_MEMORY = env.str("ENGINE_MEMORY", "3GB")
WORKER_MEMORY = bytes_of(env.str("WORKER_MEMORY", "6GB"))
# The kernel counts address space against WORKER_MEMORY: where the allocators of DuckDB and Arrow kept that of what they
# had freed, a process failed at its second large file. Both read this when they are imported.
os.environ.setdefault("DUCKDB_JE_MALLOC_CONF", "retain:false")
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
ENGINE_THREADS = env.int("ENGINE_THREADS", 0)
LOST_AFTER_SECONDS = env.int("LOST_AFTER_SECONDS", 90)
HEARTBEAT_SECONDS = min(5, LOST_AFTER_SECONDS / 6)
JOB_SECONDS = env.int("JOB_SECONDS", 1800)
JOB_SECONDS_PER_GB = env.int("JOB_SECONDS_PER_GB", 900)
MIN_FREE_PERCENT = env.int("MIN_FREE_PERCENT", 5)
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
MAX_UNZIPPED_BYTES = env.int("MAX_UNZIPPED_BYTES", 20 * 1024**3)
MAX_COLUMNS = env.int("MAX_COLUMNS", 1_000)
MAX_PARTIES = env.int("MAX_PARTIES", 1_000)
MAX_ZIP_FILES = env.int("MAX_ZIP_FILES", 100)
MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", 20 * 1024**3)
MAX_FORM_BYTES = 256 * 1024
"""Far more than any form of ours. The web server takes so much in before a thread waits for it."""
MAX_BODY_BYTES = MAX_UPLOAD_BYTES + MAX_FORM_BYTES

# Web.
SECRET_KEY_OF_THIS_DISK = not env.str("SECRET_KEY", "")
SECRET_KEY = env.str("SECRET_KEY", "") or kept_secret(VAR_DIR / "secret-key")
DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", False)
if HTTPS:
    refuse_unsafe(debug=DEBUG, secret_key=SECRET_KEY, hosts=ALLOWED_HOSTS)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
if HTTPS:
    # A browser takes cookies of such names from this host alone, and from no neighbour of its domain.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
X_FRAME_OPTIONS = "DENY"
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = VAR_DIR / "incoming"
own_folder(FILE_UPLOAD_TEMP_DIR)
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
# Log-ins: so many failures of one name from one address within so many minutes; proxies of ours before the web.
LOG_IN_TRIES = env.int("LOG_IN_TRIES", 10)
LOG_IN_MINUTES = env.int("LOG_IN_MINUTES", 15)
PROXIES = env.int("PROXIES", 1 if HTTPS else 0)
# Sessions: minutes of nothing done, and hours in all, after which they end.
IDLE_MINUTES = env.int("IDLE_MINUTES", 60)
SESSION_HOURS = env.int("SESSION_HOURS", 12)
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SESSION_ENGINE = "reconcile.models.sessions"
AUTHENTICATION_BACKENDS = ["reconcile.web.middleware.log_ins.Passwords"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "login"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "reconcile",
]
MIDDLEWARE = [
    "reconcile.web.middleware.probes.Probes",
    "dccflags.logs.AccessLog",
    "django.middleware.security.SecurityMiddleware",
    "reconcile.web.middleware.security.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "reconcile.web.middleware.compressed.Compressed",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "reconcile.web.middleware.sessions.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "reconcile.web.middleware.log_ins.BasicAuthentication",
    "reconcile.web.middleware.bodies.Bodies",
    "reconcile.web.middleware.troubles.Troubles",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "dccflags.urls"
WSGI_APPLICATION = "dccflags.wsgi.application"
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
                "reconcile.web.parameters.passed_over",
                "reconcile.web.parameters.version",
                "reconcile.web.navigation.navigation",
            ]
        },
    }
]

# Database: SQLite under VAR_DIR, or what DATABASE_URL says.
DATABASES = {"default": env.db_url("DATABASE_URL", f"sqlite:///{VAR_DIR / 'dccflags.sqlite3'}")}
# Within which PostgreSQL takes a connection, and answers on one that was kept.
DATABASE_SECONDS = 3
# How long a thread of the web keeps its connection, unless DATABASE_URL says otherwise; nothing else keeps one.
WEB_CONNECTION_SECONDS = DATABASES["default"].pop("CONN_MAX_AGE", 600)
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 60,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-64000; PRAGMA mmap_size=0"
        ),
    }
else:
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", DATABASE_SECONDS)
# What pages may wait for: a statement of PostgreSQL's, and the one writer that SQLite lets in at a time.
WEB_STATEMENT_SECONDS = 30
WEB_LOCK_SECONDS = 10
WEB_CACHE_KB = 16_000
"""What each thread of the web keeps of SQLite's file in memory."""
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "reconcile.web.passwords.KeyboardRows"},
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Jobs. A job's row says whether it is done, so Redis only has to carry its number.
REDIS_URL = env.str("REDIS_URL", redis_url(VAR_DIR))
REDIS_CLIENT_URL = client_url(REDIS_URL)
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Seconds within which Redis has to answer; a worker asks it to wait for one second at a time.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 3, "socket_connect_timeout": 1}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BEAT_SCHEDULER = "reconcile.tasks:Timer"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# Parts of pages, kept for a while and shared by every web process; without Redis they are made anew each time.
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_CLIENT_URL,
        "KEY_PREFIX": f"pages-{checksum(BASE_DIR / 'templates', BASE_DIR / 'reconcile/web')}",
        "OPTIONS": {
            "IGNORE_EXCEPTIONS": True,
            "SOCKET_CONNECT_TIMEOUT": 0.3,
            "SOCKET_TIMEOUT": 0.3,
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            "COMPRESSOR": "django_redis.compressors.zlib.ZlibCompressor",
        },
    }
}

# Words, dates, files.
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # Basic first: it says how a program may log in, where nobody has.
        "rest_framework.authentication.BasicAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "DCC Service Flag reconciliation",
    "DESCRIPTION": "Discrepancies between registration and the Smart Metering Inventory, and work on them.",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

LOG_FORMAT = env.str("LOG_FORMAT", "text")
if LOG_FORMAT not in {"text", "json"}:
    raise ImproperlyConfigured("LOG_FORMAT is text or json.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "dccflags.logs.AsText", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "dccflags.logs.AsJson"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "loggers": {"dccflags.access": {"level": "INFO"}, "reconcile.tasks": {"level": "INFO"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "WARNING")},
}
