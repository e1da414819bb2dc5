"""What each way to sign in needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from box_dialect.properties.declared import Properties

_CONSOLE: Final = (
    "Box has no client that all may use: create an application of your own in Box's developer console "
    "(https://app.box.com/developers/console, Create Platform App, Custom App), and take OAuthClientId and "
    "OAuthClientSecret from its Configuration tab"
)


def check_sign_in(properties: Properties) -> None:
    """Raise ProgrammingError where the properties lack what their `AuthScheme` signs in with."""
    if properties.access_token and not properties.access_token.isascii():
        raise ProgrammingError("property OAuthAccessToken holds characters that no access token of Box has")
    missing = [name for name, value in _needed(properties).items() if not value]
    if missing:
        advice = f". {_CONSOLE}" if "OAuthClientId" in missing or "OAuthClientSecret" in missing else ""
        raise ProgrammingError(f"AuthScheme={properties.auth_scheme} needs {' and '.join(missing)}{advice}")


def require_client(properties: Properties, *, secret: bool = True) -> None:
    """Raise ProgrammingError where the client id, or the client secret, is missing."""
    needed = {"OAuthClientId": properties.client_id} | (
        {"OAuthClientSecret": properties.client_secret} if secret else {}
    )
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise ProgrammingError(f"signing in needs {' and '.join(missing)}. {_CONSOLE}")


def _needed(properties: Properties) -> dict[str, str | None]:
    """Return the properties that must have a value, by their names."""
    client = {"OAuthClientId": properties.client_id, "OAuthClientSecret": properties.client_secret}
    if properties.access_token and properties.initiate_oauth == "OFF":
        return {}
    if properties.auth_scheme == "OAuthClient":
        return {**client, "SubjectId": properties.subject_id}
    if properties.auth_scheme == "OAuthJWT":
        needed = {"OAuthJWTCert": properties.jwt_cert}
        if not properties.jwt_cert_type.startswith("BOXJSON"):
            needed |= {
                **client,
                "OAuthJWTPublicKeyId": properties.jwt_public_key_id,
                "OAuthJWTSubject": properties.jwt_subject,
            }
        return needed
    return client
