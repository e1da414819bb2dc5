"""The running Superset: who makes the query, and what `superset_config.py` says.

Source: https://superset.apache.org/docs/configuration/configuring-superset
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG: Final = "BOX_DIALECT"
"""The key of `superset_config.py` that configures Box: an object with the names below."""

TOKEN_CACHE: Final = frozenset({"TokenCache", "TokenCacheKey", "OAuthSettingsLocation"})
"""Names of properties that say where viewers' tokens are kept."""

LOCAL_DATABASES: Final = "LocalDatabases"
"""The name of the folder that has the local databases of viewers."""

PREVIEW_CALLS: Final = "PreviewCalls"
"""The name of the number of API calls that a statement of a preview makes at most, 0 for as many as it takes."""

_NO_CACHE: Final = "nullcache"
_SQL_LAB: Final = ("/api/v1/sqllab/", "/api/v1/database/")
"""Where the paths of what SQL Lab asks begin: its queries, and the tables and columns that it shows."""


class Viewer(NamedTuple):
    """A user of Superset, as its metadata database has them."""

    id: int
    username: str
    email: str | None


def viewer() -> Viewer | None:
    """Return who is logged in, or whom Superset executes for: a report, an alert, an asynchronous query.

    None for anonymous visitors and guests, and where there is no application.
    """
    from flask import g, has_app_context

    user: Any = getattr(g, "user", None) if has_app_context() else None
    if getattr(user, "id", None) is None:
        return None
    return Viewer(user.id, user.username, user.email or None)


def is_sign_in_of_another() -> bool:
    """Tell whether the sign-in that ends in this request was begun by somebody else than the viewer.

    Whoever is sent such an address would grant access to the other one. Nobody may be logged in, as by the API.
    """
    from flask import has_request_context, request

    someone, state = viewer(), request.args.get("state") if has_request_context() else None
    if someone is None or state is None:
        return False
    from superset.utils.oauth2 import decode_oauth2_state

    return bool(decode_oauth2_state(state)["user_id"] != someone.id)


def configuration() -> Mapping[str, Any]:
    """Return what `superset_config.py` says, empty where there is no application."""
    from flask import current_app, has_app_context

    return current_app.config if has_app_context() else {}


def token_properties() -> dict[str, Any]:
    """Return the properties by which viewers' tokens are got and kept.

    Default: in a settings file of Superset's data folder, which the processes of one host share.
    """
    said = {name: value for name, value in _said().items() if name in TOKEN_CACHE}
    if "TokenCache" not in said and "OAuthSettingsLocation" not in said:
        said["OAuthSettingsLocation"] = str(_data_folder() / "OAuthSettings.txt")
    timeout = configuration().get("DATABASE_OAUTH2_TIMEOUT")
    return said if timeout is None else {**said, "RequestTimeout": max(1, round(timeout.total_seconds()))}


def local_databases() -> Path:
    """Return the folder that has the local databases of viewers; default: one in Superset's data folder."""
    folder = _said().get(LOCAL_DATABASES)
    return Path(folder).expanduser() if folder else _data_folder() / "local"


def preview_calls() -> int:
    """Return how many API calls a statement of a preview makes at most; default: 20, and 0 for as many as it takes."""
    calls: int = _said().get(PREVIEW_CALLS, 20)
    return calls


def shows_rows_of_others(database: Any) -> bool:
    """Tell whether Superset keeps the rows of charts, and shows a viewer those that another one's query gave."""
    cache = configuration().get("DATA_CACHE_CONFIG") or {}
    kind = "" if callable(cache) else str(cache.get("CACHE_TYPE") or _NO_CACHE)
    if kind.lower().endswith(_NO_CACHE) or kind == "null":
        return False
    if json.loads(database.extra or "{}").get("per_user_caching"):
        return False
    from superset import is_feature_enabled

    is_by_viewer = database.impersonate_user and is_feature_enabled("CACHE_IMPERSONATION")
    return not (is_by_viewer or is_feature_enabled("CACHE_QUERY_BY_USER"))


def running_queries() -> list[Any]:
    """Return the queries that SQL Lab runs now, which it does within a request of its own making, or in a worker."""
    from superset import db
    from superset.models.sql_lab import Query

    return [each for each in db.session if isinstance(each, Query) and each.status == "running"]


def is_of_sql_lab() -> bool:
    """Tell whether what Superset does now is for SQL Lab, whose rows are for the viewer alone who asks."""
    from flask import has_request_context, request

    return (has_request_context() and request.path.startswith(_SQL_LAB)) or bool(running_queries())


def forget_tokens(database: Any) -> None:
    """Remove the tokens that Superset keeps of the viewer at a database."""
    from superset import db
    from superset.models.core import DatabaseUserOAuth2Tokens

    someone = viewer()
    if someone is not None:
        kept = db.session.query(DatabaseUserOAuth2Tokens)
        kept.filter_by(user_id=someone.id, database_id=database.id).delete()
        db.session.commit()  # the request fails, which would undo it


def _said() -> Mapping[str, Any]:
    said: Mapping[str, Any] = configuration().get(CONFIG) or {}
    known = {*TOKEN_CACHE, LOCAL_DATABASES, PREVIEW_CALLS}
    for name in said:
        if name not in known:
            raise ProgrammingError(
                f"{CONFIG} in superset_config.py has {name!r}, and takes only {', '.join(sorted(known))}"
            )
    return said


def _data_folder() -> Path:
    return Path(configuration().get("DATA_DIR") or "~/.superset").expanduser() / "box_dialect"
