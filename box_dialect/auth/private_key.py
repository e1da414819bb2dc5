"""The private key that signs assertions, out of a PEM, a PKCS#12 store or the JSON of Box's developer console."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)

from box_dialect.errors import ProgrammingError
from box_dialect.properties.secret_files import read_secret

if TYPE_CHECKING:
    from cryptography.x509 import Name

    from box_dialect.properties import Properties

MINIMUM_BITS: Final = 2048
"""The shortest RSA key that Box takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signs assertions, for whom, and with what."""

    private_key: RSAPrivateKey = field(repr=False)
    key_id: str
    client_id: str
    client_secret: str = field(repr=False)
    issuer: str
    subject: str

    @property
    def secret(self) -> bytes:
        """What Box knows the application by: the private key and the client secret."""
        key = self.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return key + self.client_secret.encode()


class _Auth(msgspec.Struct, rename={"key_id": "publicKeyID", "private_key": "privateKey"}):
    key_id: str
    private_key: str
    passphrase: str | None = None


class _Settings(msgspec.Struct, rename={"client_id": "clientID", "client_secret": "clientSecret", "auth": "appAuth"}):
    client_id: str
    client_secret: str
    auth: _Auth


class _BoxJSON(
    msgspec.Struct, rename={"settings": "boxAppSettings", "enterprise_id": "enterpriseID", "user_id": "userID"}
):
    """The file that Box's developer console hands out: https://developer.box.com/guides/authentication/jwt/jwt-setup/."""

    settings: _Settings
    enterprise_id: str | None = None
    user_id: str | None = None


def signer(properties: Properties) -> Signer:
    """Read the private key that the properties name, with what belongs to it.

    Raises ProgrammingError where it cannot be read or opened, or something is missing; no message shows a secret.
    """
    form, is_file = _FORMS[properties.jwt_cert_type]
    data, password = _data(properties, is_file=is_file), properties.jwt_cert_password
    if not is_file:
        data = _plainly(form, data)
    config = None
    if form == "Box JSON":
        config = _box_json(data)
        data = config.settings.auth.private_key.encode()
        password = password or config.settings.auth.passphrase
    key = _pkcs12(data, password, properties.jwt_cert_subject) if form == "PKCS#12" else _pem(data, password)
    if not isinstance(key, RSAPrivateKey) or key.key_size < MINIMUM_BITS:
        raise _unusable(f"is none that Box takes: it takes RSA keys of {MINIMUM_BITS} bits or more")
    return _completed(properties, config, key)


_FORMS: Final = {
    "PEMKEY_FILE": ("PEM", True),
    "PEMKEY_BLOB": ("PEM", False),
    "PFXFILE": ("PKCS#12", True),
    "PFXBLOB": ("PKCS#12", False),
    "JKSFILE": ("PKCS#12", True),
    "JKSBLOB": ("PKCS#12", False),
    "BOXJSON": ("Box JSON", True),
    "BOXJSONBLOB": ("Box JSON", False),
}
"""By `OAuthJWTCertType`, the form of the key, and whether `OAuthJWTCert` names a file of it."""

_OLD_JAVA_STORE: Final = b"\xfe\xed\xfe\xed"


def _unusable(why: str) -> ProgrammingError:
    return ProgrammingError(f"the private key of property OAuthJWTCert {why}")


def _completed(properties: Properties, config: _BoxJSON | None, key: RSAPrivateKey) -> Signer:
    """Add what the properties say, or else the Box JSON."""
    client_id, client_secret = properties.client_id, properties.client_secret
    key_id, subject = properties.jwt_public_key_id, properties.jwt_subject
    if config is not None:
        client_id, client_secret = (
            client_id or config.settings.client_id,
            client_secret or config.settings.client_secret,
        )
        key_id = key_id or config.settings.auth.key_id
        subject = subject or (config.enterprise_id if properties.jwt_subject_type == "enterprise" else config.user_id)
    if not client_id or not client_secret or not key_id:
        raise ProgrammingError("the Box JSON of property OAuthJWTCert lacks clientID, clientSecret or publicKeyID")
    if not subject:
        raise ProgrammingError(
            f"OAuthJWTSubject is missing: the id of the {properties.jwt_subject_type} that the sign-in is for"
        )
    return Signer(
        private_key=key,
        key_id=key_id,
        client_id=client_id,
        client_secret=client_secret,
        issuer=properties.jwt_issuer or client_id,
        subject=subject,
    )


def _data(properties: Properties, *, is_file: bool) -> bytes:
    given = properties.jwt_cert or ""
    if not is_file:
        return given.encode()
    try:
        return read_secret(Path(given).expanduser())
    except (OSError, ValueError, RuntimeError) as error:
        problem = getattr(error, "strerror", None) or "that is no path"
    blob = next(name for name, form in _FORMS.items() if form == (_FORMS[properties.jwt_cert_type][0], False))
    raise ProgrammingError(
        f"the file that property OAuthJWTCert names cannot be read: {problem}. OAuthJWTCertType="
        f"{properties.jwt_cert_type} takes the path of a file; for what such a file holds, set it to {blob}"
    )


def _plainly(form: str, text: bytes) -> bytes:
    """Return what a file would hold out of a text, which may be in Base64 and a store must be."""
    beginning = {"PEM": b"-----BEGIN", "Box JSON": b"{"}.get(form)
    if beginning is not None and beginning in text:
        return text
    lines = text.split(b" ")
    if len({len(line) for line in lines[:-1]}) > 1 or len(lines[0]) % 4:  # so no blank is the break of a line
        text = _with_plus(text)
    for spelled in (text, _with_plus(text)):
        try:
            return base64.b64decode(b"".join(spelled.split()), validate=True)
        except binascii.Error:
            pass
    if beginning is not None:
        return text
    raise _unusable("is not in Base64, as a store must be where it is given as text")


def _with_plus(base64_text: bytes) -> bytes:
    """Return a text in Base64 with each + that a URL has turned into a blank."""
    return base64_text.replace(b" ", b"+")


def _mended(pem: bytes) -> bytes:
    """Return a PEM likewise; its first and last line, and those that tell of the encryption, hold blanks."""
    lines = pem.split(b"\n")
    return b"\n".join(line if b"-----" in line or b":" in line else _with_plus(line) for line in lines)


def _box_json(data: bytes) -> _BoxJSON:
    try:
        return msgspec.json.decode(data, type=_BoxJSON)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    # Raised here, since the decoder's own error may quote what it could not read.
    raise ProgrammingError(
        "property OAuthJWTCert is not the JSON that Box's developer console hands out (Configuration, Generate a "
        "Public/Private Keypair), with boxAppSettings and enterpriseID"
    )


def _pem(data: bytes, password: str | None) -> object:
    if b"\n" not in data:
        data = data.replace(rb"\n", b"\n")  # as line breaks are often written in an environment variable
    try:
        return load_pem_private_key(data, password.encode() if password else None)
    except TypeError:
        if password:  # though the key has none
            return _pem(data, None)
        problem = "is encrypted: set OAuthJWTCertPassword to its passphrase"
    except (ValueError, UnsupportedAlgorithm):
        mended = _mended(data)
        if mended != data:
            return _pem(mended, password)
        problem = "cannot be opened: it is damaged, or no PEM" + (
            ", or OAuthJWTCertPassword is wrong" if b"ENCRYPTED" in data else ""
        )
    raise _unusable(problem)


def _pkcs12(data: bytes, password: str | None, subject: str) -> object:
    if data.startswith(_OLD_JAVA_STORE):
        raise _unusable(
            "is in a Java key store of the form before Java 9, which no maintained library reads; make a PKCS#12 store "
            "of it: keytool -importkeystore -srckeystore old.jks -destkeystore new.p12 -deststoretype PKCS12"
        )
    try:
        store = pkcs12.load_pkcs12(data, password.encode() if password else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        store = None
    if store is None:
        raise _unusable("cannot be opened: OAuthJWTCertPassword is wrong, or the PKCS#12 store is damaged")
    if store.key is None:
        raise _unusable("is missing in the PKCS#12 store, which holds certificates only")
    if subject != "*":
        name = store.cert.certificate.subject if store.cert else None
        if name is None or not _consists_of(_plain(subject), _parts(name)):
            found = name.rfc4514_string() if name else "no certificate"
            raise _unusable(
                f"is the one of {found}, the first in the store, and OAuthJWTCertSubject asks for another; make a "
                "store of that one alone: keytool -importkeystore -srcalias NAME -deststoretype PKCS12 …"
            )
    return store.key


def _parts(name: Name) -> set[str]:
    """Return the parts of a certificate's name, each with its type and as its value alone."""
    return {_plain(text) for part in name for text in (part.rfc4514_string(), str(part.value))}


def _consists_of(text: str, parts: set[str]) -> bool:
    """Tell whether a text is a list of such parts, in any order; a part may hold commas itself."""
    return text in parts or any(
        _consists_of(text.removeprefix(f"{part},"), parts) for part in parts if part and text.startswith(f"{part},")
    )


def _plain(name: str) -> str:
    return "".join(name.replace("\\", "").split()).lower()
