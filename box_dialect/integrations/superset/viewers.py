"""Viewers: whose rows a query of Superset sees, and whose tables it makes.

Source: superset/db_engine_specs/base.py of Superset 5.0, 6.0 and 6.1
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from sqlalchemy.engine import make_url

from box_dialect.errors import ProgrammingError, SignInNeededError
from box_dialect.integrations.superset import application, identity, tokens
from box_dialect.integrations.superset.local_databases import local_database, properties_of
from box_dialect.properties import find, is_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import URL


class ViewerSignIn:
    """The part of the engine spec by which each viewer sees their own rows.

    Where a database says "Impersonate logged in user", its connections act for the viewer: by the token of their own
    sign-in, or by As-User where its URL says `AsUserId={email}`; by its own account never. Whatever a database says,
    each viewer has a local database of their own.
    """

    supports_oauth2 = True
    oauth2_scope = ""
    oauth2_authorization_request_uri = find("AuthorizeURL").default
    oauth2_token_request_uri = find("TokenURL").default
    oauth2_token_request_type = "data"  # noqa: S105 - a form
    oauth2_exception = SignInNeededError

    @classmethod
    def needs_oauth2(cls, ex: Exception) -> bool:
        """Tell whether a viewer has to sign in, by the exception or those that it stands for."""
        is_sign_in = any(isinstance(each, cls.oauth2_exception) for each in _stood_for(ex))
        return is_sign_in and application.viewer() is not None

    @classmethod
    def start_oauth2_dance(cls, database: Any) -> None:
        """Have the viewer sign in, where that is of use: elsewhere the error stands that was raised.

        Tokens of a sign-in that is of no use any more are forgotten, since Superset 5.0 and 6.0 go on to renew them.
        """
        if database.impersonate_user and not identity.stands_for_viewers(_url(database)):
            super().start_oauth2_dance(database)  # type: ignore[misc]
        else:
            application.forget_tokens(database)

    @classmethod
    def get_oauth2_authorization_uri(cls, config: Any, state: Any, code_verifier: str | None = None) -> str:
        """Return the address of Box's authorization page; `code_verifier` is from 6.1.

        An empty scope is left out, which asks for all that the application has.
        """
        pkce = {} if code_verifier is None else {"code_verifier": code_verifier}
        uri: str = super().get_oauth2_authorization_uri(config, state, **pkce)  # type: ignore[misc]
        parts = urlsplit(uri)
        return parts._replace(query=urlencode(parse_qsl(parts.query))).geturl()

    @classmethod
    def get_oauth2_token(cls, config: Any, code: str, code_verifier: str | None = None) -> dict[str, Any]:
        """Exchange the code of a viewer's sign-in; `code_verifier` is from 6.1.

        Raises OperationalError, and ProgrammingError where another viewer has begun the sign-in.
        """
        if application.is_sign_in_of_another():
            raise ProgrammingError(_ANOTHERS_SIGN_IN)
        return tokens.of_code(config, code, code_verifier, application.token_properties())

    @classmethod
    def get_oauth2_fresh_token(cls, config: Any, refresh_token: str) -> dict[str, Any]:
        """Return new tokens of a viewer's sign-in; raises SignInNeededError where it is over, and OperationalError."""
        return tokens.of_refresh_token(config, refresh_token, application.token_properties())

    @classmethod
    def impersonate_user(
        cls, database: Any, username: str | None, user_token: str | None, url: URL, engine_kwargs: dict[str, Any]
    ) -> tuple[URL, dict[str, Any]]:
        """Have an engine act for the viewer (6.0 and later); raises ProgrammingError where it cannot."""
        connect_args = engine_kwargs.setdefault("connect_args", {})
        cls.update_impersonation_config(database, connect_args, url, username, user_token)
        return cls.get_url_for_impersonation(url, True, username, user_token), engine_kwargs

    @classmethod
    def get_url_for_impersonation(
        cls, url: URL, impersonate_user: bool, username: str | None, access_token: str | None
    ) -> URL:
        """Return the URL without what signs in, where viewers sign in by themselves (5.0)."""
        if not impersonate_user or identity.stands_for_viewers(url):
            return url
        return identity.without_sign_in(url)

    @classmethod
    def update_impersonation_config(
        cls,
        database: Any,
        connect_args: dict[str, Any],
        uri: str | URL,
        username: str | None,
        access_token: str | None,
    ) -> None:
        """Put into `connect_args` whom they act for (5.0); raises ProgrammingError where that cannot be said."""
        if application.shows_rows_of_others(database):
            raise ProgrammingError(_SHARED_ROWS)
        url, given = make_url(uri), _named(database, connect_args)
        if identity.stands_for_viewers(url):
            viewer = application.viewer()
            acting = identity.of_account(viewer and viewer.email, given)
        else:
            client = database.get_oauth2_config()
            if client is None:
                raise ProgrammingError(_NO_VIEWERS)
            acting = identity.of_viewer(url, client, access_token, given)
        _replace(connect_args, acting)

    @classmethod
    def update_params_from_encrypted_extra(cls, database: Any, params: dict[str, Any]) -> None:
        """Complete the parameters of an engine (each version calls it for each engine, and last).

        Raises ProgrammingError and OperationalError.
        """
        connect_args = params.setdefault("connect_args", {})
        if database.impersonate_user:
            given = dict(connect_args)  # which say already whom they act for
        elif identity.stands_for_viewers(_url(database)):
            raise ProgrammingError(_NOT_IMPERSONATING)
        else:
            given = _named(database, connect_args)
        _replace(connect_args, {**_own_tables(database, given), **given})
        params.update({name: value for name, value in _secure_extra(database).items() if name not in _NO_PARAMETERS})


def _secure_extra(database: Any) -> dict[str, Any]:
    extra: dict[str, Any] = json.loads(database.encrypted_extra or "{}")
    return extra


def _named(database: Any, connect_args: dict[str, Any]) -> dict[str, Any]:
    """Return the properties that a database passes by name; its engine parameters go before its secure extra."""
    secret = _secure_extra(database).get("connect_args", {})
    return {**identity.without((), secret), **identity.without((), connect_args)}


def _replace(connect_args: dict[str, Any], properties: dict[str, Any]) -> None:
    """Put properties in the place of those in a dictionary, which Superset goes on with."""
    connect_args.clear()
    connect_args.update(properties)


def _own_tables(database: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of the viewer's local database; none where there is another, or no viewer.

    None either where Superset would keep its rows and show them to other viewers.
    """
    viewer = application.viewer()
    if viewer is None or database.uuid is None or is_named("LocalDatabase", given):
        return {}
    if application.shows_rows_of_others(database) and not application.is_of_sql_lab():
        return {}
    return properties_of(local_database(application.local_databases(), str(database.uuid), viewer))


def _url(database: Any) -> URL:
    return make_url(database.sqlalchemy_uri_decrypted)


def _stood_for(ex: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those that it was raised for, by SQLAlchemy (`orig`) or by `raise … from`."""
    seen: set[int] = set()
    while ex is not None and id(ex) not in seen:
        seen.add(id(ex))
        yield ex
        ex = getattr(ex, "orig", None) or ex.__cause__


_NO_PARAMETERS: Final = ("connect_args", "oauth2_client_info")
"""Keys of the secure extra that are no parameters of `create_engine` on their own."""

_ANOTHERS_SIGN_IN: Final = (
    "this sign-in was begun by another user of Superset, who would see your rows; if the address was sent to you, tell "
    "whoever administers Superset, else log in as yourself and run the query again"
)
_NO_VIEWERS: Final = (
    'this database acts for each viewer ("Impersonate logged in user"), and nothing says how: enter an OAuth2 client '
    "in DATABASE_OAUTH2_CLIENTS of superset_config.py or as oauth2_client_info in the database's secure extra, or let "
    f"its account stand for the viewers by {identity.AS_USER}={identity.VIEWERS_EMAIL} in its URL"
)
_NOT_IMPERSONATING: Final = (
    f'this database\'s URL says {identity.AS_USER}={identity.VIEWERS_EMAIL}, which needs "Impersonate logged in user" '
    "among its security settings"
)
_SHARED_ROWS: Final = (
    "this database shows each viewer their own rows, and Superset keeps the rows of charts for all of them "
    "(DATA_CACHE_CONFIG): set the feature flag CACHE_IMPERSONATION in superset_config.py, or "
    '"per_user_caching": true in the database\'s extra'
)
