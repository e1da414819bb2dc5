"""SQLAlchemy's URL as connection properties, and a form of it that never shows a secret."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import URL

from box_dialect.errors import ProgrammingError
from box_dialect.properties import find, hosted, is_database, merged

_MASK = "hidden"


def raw_properties(url: URL) -> dict[str, Any]:
    """Return the properties that a URL carries, unchecked but for their names.

    Raises ProgrammingError for a name that is unknown or given twice, and for a database part other than `main`.
    """
    if not is_database(url.database or ""):
        raise ProgrammingError(
            "the connection URL has no database part but main, which may be left out: "
            "box://CLIENT_ID:CLIENT_SECRET@/?Name=value"
        )
    raw: dict[str, Any] = hosted(url.host, url.port)
    if url.username:
        raw["OAuthClientId"] = url.username
    if url.password:
        raw["OAuthClientSecret"] = str(url.password)
    pairs = [
        (name, value)
        for name, values in url.query.items()
        for value in ((values,) if isinstance(values, str) else values)
    ]
    return merged(raw, pairs)


class MaskedURL(URL):
    """A URL whose text forms hide the password and every query value that is a secret.

    `render_as_string(hide_password=False)` still gives all of it.
    """

    __slots__ = ()

    def render_as_string(self, hide_password: bool = True) -> str:
        """Return the URL as text, its secrets masked unless `hide_password` is False."""
        if not hide_password:
            return super().render_as_string(hide_password=False)
        shown = {name: _MASK if _is_secret(name) else value for name, value in self.query.items()}
        return URL.create(
            self.drivername, self.username, self.password, self.host, self.port, self.database, shown
        ).render_as_string()

    def __str__(self) -> str:
        return self.render_as_string()

    def __repr__(self) -> str:
        return self.render_as_string()


def masked(url: URL) -> MaskedURL:
    """Return the same URL in the form that hides its secrets."""
    return tuple.__new__(MaskedURL, url)  # SQLAlchemy 1.4 warns where a URL is made by its class


def _is_secret(name: str) -> bool:
    try:
        return find(name).secret
    except ProgrammingError:
        return False
