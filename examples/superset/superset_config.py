"""Configuration of Apache Superset 6.1 for Box, where each viewer signs in and sees their own rows.

Read by Superset where `SUPERSET_CONFIG_PATH` names it. `BOX_URL` is the URL of the application, whose secret stays out
of this file; `SUPERSET_URL` is where viewers reach Superset.
"""

import os

from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy.engine import make_url

_application = make_url(os.environ["BOX_URL"])
_address = os.environ.get("SUPERSET_URL", "http://127.0.0.1:8088")

# Who asks viewers for access. The application needs the redirect URI in Box's developer console.
DATABASE_OAUTH2_CLIENTS = {"Box": {"id": _application.username, "secret": _application.password}}
DATABASE_OAUTH2_REDIRECT_URI = f"{_address}/api/v1/database/oauth2/"
if _application.host:  # an emulator's, which is another place to sign in than Box's own
    _emulator = f"http://{_application.host}:{_application.port}"
    DATABASE_OAUTH2_CLIENTS["Box"]["authorization_request_uri"] = f"{_emulator}/api/oauth2/authorize"
    DATABASE_OAUTH2_CLIENTS["Box"]["token_request_uri"] = f"{_emulator}/oauth2/token"

# Charts that were drawn within the hour cost their viewer no call. Without CACHE_QUERY_BY_USER viewers would see each
# other's, and the values of filters would be read whole.
DATA_CACHE_CONFIG = {
    "CACHE_TYPE": "FileSystemCache",
    "CACHE_DIR": f"{os.environ['SUPERSET_HOME']}/cache",
    "CACHE_DEFAULT_TIMEOUT": 3600,
    "CACHE_KEY_PREFIX": "box-",
}
FEATURE_FLAGS = {"CACHE_QUERY_BY_USER": True, "ESTIMATE_QUERY_COST": True}


def FLASK_APP_MUTATOR(app: Flask) -> None:  # noqa: N802 - Superset's name
    """Let the page that ends a sign-in close itself; the Content-Security-Policy of 6.1.0 keeps it from doing so."""
    page = "superset/oauth2.html"
    source, _, _ = app.jinja_env.loader.get_source(app.jinja_env, page)
    script = source.replace("<script>", '<script nonce="{{ csp_nonce() }}">')
    app.jinja_env.loader = ChoiceLoader([DictLoader({page: script}), app.jinja_env.loader])
