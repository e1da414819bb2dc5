"""Superset as its engine spec sees it: an application with a viewer, databases, and how each version connects."""

from __future__ import annotations

import dataclasses
import json
import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import flask
import sqlalchemy as sa
from sign_in.acting import authorize

from box_dialect.integrations.superset.viewers import ViewerSignIn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Box

REDIRECT_URI = "http://localhost:8088/api/v1/database/oauth2/"


class SignInAskedError(Exception):
    """Superset asks a viewer to sign in, at the address that its page is given."""


class BaseEngineSpec:
    """What the spec of Box takes over from Superset's."""

    @classmethod
    def start_oauth2_dance(cls, database: Any) -> None:
        raise SignInAskedError(
            cls.get_oauth2_authorization_uri(database.get_oauth2_config(), {"database_id": database.id})
        )

    @classmethod
    def get_oauth2_authorization_uri(cls, config: Any, state: Any, code_verifier: str | None = None) -> str:
        asked = {
            "scope": config["scope"],
            "response_type": "code",
            "state": json.dumps(state),
            "redirect_uri": config["redirect_uri"],
            "client_id": config["id"],
        }
        if code_verifier:
            from authlib.oauth2.rfc7636 import create_s256_code_challenge

            challenge = create_s256_code_challenge(code_verifier)
            asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        return urljoin(config["authorization_request_uri"], "?" + urlencode(asked))


class Spec(ViewerSignIn, BaseEngineSpec):
    """The spec of Box without Superset."""


@dataclass
class Database:
    """A database of Superset's, with the attributes that its model has."""

    sqlalchemy_uri_decrypted: str
    client: dict[str, Any] | None = None
    impersonate_user: bool = True
    encrypted_extra: str | None = None
    extra: str | None = "{}"
    connect_args: dict[str, Any] = field(default_factory=dict)
    uuid: Any = field(default_factory=uuid.uuid4)
    id: int = 7

    def get_oauth2_config(self) -> dict[str, Any] | None:
        return self.client


class Superset:
    """An application with databases of one Box; `version` says how it makes its engines."""

    def __init__(self, box: Box, folder: Path, version: str) -> None:
        self.box, self.ready, self.version = box, box.emulator.ready, version
        self.app = flask.Flask("superset")
        self.app.config.update(DATA_DIR=str(folder), DATABASE_OAUTH2_TIMEOUT=timedelta(seconds=30))

    def database(self, **said: Any) -> Database:
        """Return a database that shows each viewer their own rows, at the service account of the Box."""
        return dataclasses.replace(Database(self.box.url, self.client()), **said)

    def client(self, **said: Any) -> dict[str, Any]:
        return {
            "id": self.ready["client_id"],
            "secret": self.ready["client_secret"],
            "scope": "",
            "redirect_uri": REDIRECT_URI,
            "authorization_request_uri": self.ready["authorize_url"],
            "token_request_uri": self.ready["token_url"],
            "request_content_type": "data",
            **said,
        }

    @contextmanager
    def viewed_by(self, number: int | None, email: str | None = None, username: str | None = None) -> Iterator[None]:
        """Have a viewer logged in within a block; None is an anonymous visitor."""
        with self.app.app_context():
            user = SimpleNamespace(id=number, username=username or f"viewer{number}", email=email)
            flask.g.user = SimpleNamespace(is_anonymous=True) if number is None else user
            yield

    def engine(self, database: Database, token: str | None = None) -> sa.Engine:
        """Make an engine as `Database._get_sqla_engine` does."""
        url = sa.engine.make_url(database.sqlalchemy_uri_decrypted)
        kwargs: dict[str, Any] = {"poolclass": sa.pool.NullPool, "connect_args": dict(database.connect_args)}
        if self.version == "5.0":
            arguments = kwargs.pop("connect_args")
            url = Spec.get_url_for_impersonation(url, database.impersonate_user, "viewer", token)
            if database.impersonate_user:
                uri = url.render_as_string(hide_password=False)
                Spec.update_impersonation_config(database, arguments, uri, "viewer", token)
            if arguments:
                kwargs["connect_args"] = arguments
        elif database.impersonate_user:
            url, kwargs = Spec.impersonate_user(database, "viewer", token, url, kwargs)
        Spec.update_params_from_encrypted_extra(database, kwargs)
        return sa.create_engine(url, **kwargs)

    def rows(self, database: Database, sql: str, token: str | None = None) -> list[tuple[Any, ...]]:
        """Run one statement as SQL Lab does: by a cursor of the driver, on an engine of its own, and committed."""
        with closing(self.engine(database, token).raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            rows = [tuple(row) for row in cursor.fetchall()] if cursor.description else []
            connection.commit()
            return rows

    def login(self, key: str) -> str:
        """Return the login of a user that the emulator tells the id of."""
        return self.box.store.users[self.ready[key]].login

    def code(self, login: str, verifier: str | None = None) -> str:
        """Sign in at Box's page, and return the code that it gives."""
        uri = Spec.get_oauth2_authorization_uri(self.client(), {"tab_id": "a.b"}, **pkce(verifier))
        return parse_qs(urlsplit(authorize(uri, login=login)).query)["code"][0]

    def sign_in(self, login: str) -> dict[str, Any]:
        """Return what Superset keeps of a new sign-in."""
        with self.app.app_context():
            return Spec.get_oauth2_token(self.client(), self.code(login))

    def refresh(self, kept: str, **client: Any) -> dict[str, Any]:
        with self.app.app_context():
            return Spec.get_oauth2_fresh_token(self.client(**client), kept)


def pkce(verifier: str | None) -> dict[str, str]:
    return {"code_verifier": verifier} if verifier else {}
