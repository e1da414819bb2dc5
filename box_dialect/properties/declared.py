"""The connection properties: one table that drives parsing, checks, redaction and the reference page."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Final

from box_dialect.properties.documents import DocumentProperties
from box_dialect.properties.model import Property, declare


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Properties(DocumentProperties):
    """The checked properties of a connection; equal ones share client, token and rate limit in a process.

    Each attribute is declared together with its property. Text forms never hold a secret.
    """

    auth_scheme: str = declare(
        "AuthScheme",
        "choice",
        reach="nothing",
        values=("OAuth", "OAuthJWT", "OAuthClient"),
        default="OAuth",
        doc="How to sign in: `OAuth` as a user, `OAuthJWT` as a service account by a signed assertion, `OAuthClient` "
        "by the client credentials grant.",
    )
    initiate_oauth: str = declare(
        "InitiateOAuth",
        "choice",
        reach="browser",
        values=("OFF", "REFRESH", "GETANDREFRESH"),
        default="OFF",
        doc="Who gets tokens: `OFF` sends nothing before a query needs a token, and uses what is given; `REFRESH` "
        "keeps given or stored tokens fresh, from the moment of connecting on; `GETANDREFRESH` also signs in, by the "
        "browser where `AuthScheme=OAuth`.",
    )
    client_id: str | None = declare(
        "OAuthClientId", reach="nothing", doc="Client id of the Box application; also the URL's username."
    )
    client_secret: str | None = declare(
        "OAuthClientSecret",
        reach="sent",
        secret=True,
        doc="Client secret of the Box application; also the URL's password.",
    )
    access_token: str | None = declare(
        "OAuthAccessToken",
        reach="sent",
        secret=True,
        doc="An access token to begin with, or to use as it is, as a developer token.",
    )
    refresh_token: str | None = declare(
        "OAuthRefreshToken",
        reach="sent",
        secret=True,
        doc="The refresh token that was issued with `OAuthAccessToken`; good for one use.",
    )
    expires_in: int | None = declare(
        "OAuthExpiresIn",
        "integer",
        reach="nothing",
        doc="Seconds that `OAuthAccessToken` lives, from `OAuthTokenTimestamp` on.",
    )
    token_timestamp: int | None = declare(
        "OAuthTokenTimestamp",
        "integer",
        reach="nothing",
        maximum=9_999_999_999_999,
        doc="When `OAuthAccessToken` was issued, in seconds (or milliseconds) since 1970-01-01 UTC.",
    )
    verifier: str | None = declare(
        "OAuthVerifier",
        reach="sent",
        secret=True,
        doc="The authorization code that Box sent to the `CallbackURL`; good for one use.",
    )
    callback_url: str = declare(
        "CallbackURL",
        "callback",
        reach="nothing",
        default="http://localhost:33333",
        doc="Where Box sends the authorization code; one of the redirect URIs of the application, letter by letter.",
    )
    settings_location: str | None = declare(
        "OAuthSettingsLocation",
        "path",
        reach="path",
        doc="The file that keeps tokens, or `memory://NAME` for the memory of the process. Default: "
        "`OAuthSettings.txt` in the user's configuration folder for `box-dialect`.",
    )
    token_cache: str = declare(
        "TokenCache",
        reach="cache",
        default="file",
        secret=True,
        doc="Where tokens are kept: `file`, `memory`, `memory://NAME`, `keyring`, `redis://…`, the URL of a database "
        "for SQLAlchemy, or the name of a cache that another package adds.",
    )
    token_cache_key: str | None = declare(
        "TokenCacheKey",
        reach="nothing",
        secret=True,
        doc="The passphrase that encrypts the kept tokens; with it a settings file can travel.",
    )
    subject_type: str = declare(
        "SubjectType",
        "choice",
        reach="nothing",
        values=("enterprise", "user"),
        default="enterprise",
        doc="Whom client credentials act for: the application's service account, or a user.",
    )
    subject_id: str | None = declare(
        "SubjectId",
        reach="nothing",
        doc="Enterprise id or user id, as `SubjectType` says. With `AuthScheme=OAuth` it names the account among those "
        "in one token cache.",
    )
    as_user: str | None = declare(
        "AsUserId", reach="nothing", doc="The user, by id or login, that calls are made as: Box's As-User header."
    )
    scope: str | None = declare(
        "Scope", reach="nothing", doc="Scopes to ask for, separated by spaces. Default: all scopes of the application."
    )
    jwt_cert_type: str = declare(
        "OAuthJWTCertType",
        "choice",
        reach="nothing",
        values=("PEMKEY_FILE", "PEMKEY_BLOB", "PFXFILE", "PFXBLOB", "JKSFILE", "JKSBLOB", "BOXJSON", "BOXJSONBLOB"),
        default="BOXJSON",
        doc="What `OAuthJWTCert` is: a file or the text of a PEM key, a PKCS#12 store (as a Java key "
        "store is since Java 9) or its Base64, or the JSON file of Box's developer console or its text.",
    )
    jwt_cert: str | None = declare(
        "OAuthJWTCert",
        "blob",
        reach="key",
        secret=True,
        doc="The private key that signs assertions, as `OAuthJWTCertType` says.",
    )
    jwt_cert_password: str | None = declare(
        "OAuthJWTCertPassword",
        reach="nothing",
        secret=True,
        may_be_empty=True,
        doc="The passphrase of the private key; it may be empty, as for a key that has none.",
    )
    jwt_cert_subject: str = declare(
        "OAuthJWTCertSubject",
        reach="nothing",
        default="*",
        doc="The subject of the certificate to take out of a store; `*` takes the first.",
    )
    jwt_subject_type: str = declare(
        "OAuthJWTSubjectType",
        "choice",
        reach="nothing",
        values=("enterprise", "user"),
        default="enterprise",
        doc="Whom the assertion is for: the application's service account, or a user.",
    )
    jwt_subject: str | None = declare(
        "OAuthJWTSubject",
        reach="nothing",
        doc="Enterprise id or user id, as `OAuthJWTSubjectType` says; a Box JSON has the former.",
    )
    jwt_public_key_id: str | None = declare(
        "OAuthJWTPublicKeyId",
        reach="nothing",
        doc="The id that Box's developer console gave the public key; a Box JSON has it.",
    )
    jwt_issuer: str | None = declare(
        "OAuthJWTIssuer", reach="nothing", doc="The `iss` of the assertion. Default: `OAuthClientId`."
    )
    jwt_algorithm: str = declare(
        "OAuthJWTAlgorithm",
        "choice",
        reach="nothing",
        values=("RS256", "RS384", "RS512"),
        default="RS256",
        doc="What assertions are signed with.",
    )
    api_base_url: str = declare(
        "APIBaseURL", "url", reach="host", default="https://api.box.com/2.0", doc="Base of Box's API."
    )
    upload_base_url: str = declare(
        "UploadBaseURL", "url", reach="host", default="https://upload.box.com/api/2.0", doc="Base of uploads."
    )
    authorize_url: str = declare(
        "AuthorizeURL",
        "url",
        reach="host",
        default="https://account.box.com/api/oauth2/authorize",
        doc="Box's authorization page.",
    )
    token_url: str = declare(
        "TokenURL", "url", reach="host", default="https://api.box.com/oauth2/token", doc="Box's token endpoint."
    )
    revoke_url: str = declare(
        "RevokeURL", "url", reach="host", default="https://api.box.com/oauth2/revoke", doc="Box's revocation endpoint."
    )
    readonly: bool = declare(
        "Readonly",
        "boolean",
        reach="nothing",
        default=False,
        doc="Refuse every statement that writes, before any call is made. In a process that restricts URLs nothing is "
        "written to Box's tables either, unless the program itself says `false`.",
    )
    allow_drop_templates: bool = declare(
        "AllowDropTemplates",
        "boolean",
        reach="deletion",
        default=False,
        compare=False,
        doc="Whether `DROP TABLE` deletes a metadata template, and with it all that files and folders have of it.",
    )
    create_folders: bool = declare(
        "CreateFolders",
        "boolean",
        reach="nothing",
        default=False,
        compare=False,
        doc="Whether `INSERT` makes the folders that its `path` names and that are missing.",
    )
    max_concurrency: int = declare(
        "MaxConcurrency",
        "integer",
        reach="bound",
        default=16,
        minimum=1,
        doc="API calls in flight at once, for all connections with equal properties in the process. They begin with "
        "fewer, and are more as long as Box answers as fast as usual.",
    )
    max_calls_per_minute: int = declare(
        "MaxCallsPerMinute",
        "integer",
        reach="nothing",
        doc="API calls a minute, evenly; 0 is no limit. Default: Box's published 1000 toward api.box.com, no limit "
        "toward another host. Unless it is 0, searches keep to 60 a minute and uploads to 240, as Box limits them "
        "apart. HTTP 429 is honoured in either case.",
    )
    max_retries: int = declare(
        "MaxRetries",
        "integer",
        reach="nothing",
        default=4,
        doc="Times a call is sent again after HTTP 5xx or a broken connection. After HTTP 429, and while "
        "Box makes a file of its parts, only `RetrySeconds` counts, but 0 sends nothing again.",
    )
    retry_seconds: int = declare(
        "RetrySeconds",
        "integer",
        reach="nothing",
        default=120,
        doc="Seconds from its first attempt in which a call is sent again.",
    )
    request_timeout: int = declare(
        "RequestTimeout",
        "integer",
        reach="nothing",
        default=60,
        minimum=1,
        doc="Seconds that a whole answer of Box may take; each MiB of a download, and each 256 KiB of an upload.",
    )
    max_api_calls: int = declare(
        "MaxApiCalls",
        "integer",
        reach="nothing",
        default=0,
        doc="Calls to Box that one statement may make; 0 is no limit.",
    )
    max_ai_calls: int = declare(
        "MaxAICalls",
        "integer",
        reach="charge",
        default=0,
        compare=False,
        doc="Calls of Box AI that one statement may make; Box charges for them, so 0 is none.",
    )
    preview_calls: int = declare(
        "PreviewCalls",
        "integer",
        reach="nothing",
        default=0,
        compare=False,
        doc="Calls to Box after which a SELECT gives what it has, as if Box had no more rows, instead of all; 0 is no "
        "preview.",
    )
    freshness: str = declare(
        "Freshness",
        "choice",
        reach="nothing",
        values=("live", "indexed"),
        default="live",
        compare=False,
        doc="How `files`, `folders` and metadata templates are read: `live` reads what is; `indexed` lets Box's Query "
        "API answer out of its index, by fewer calls, which lags about a minute behind.",
    )
    timeout: int = declare(
        "Timeout", "integer", reach="nothing", default=0, doc="Seconds that one statement may take; 0 is no limit."
    )
    max_statement_memory: int = declare(
        "MaxStatementMemory",
        "integer",
        reach="bound",
        default=512,
        compare=False,
        doc="Megabytes of memory that one statement may take for what it computes, and for the rows that one fetch "
        "of it gives; 0 is no limit.",
    )
    max_temporary_disk: int = declare(
        "MaxTemporaryDisk",
        "integer",
        reach="bound",
        default=1024,
        compare=False,
        doc="Megabytes that the temporary files of one statement may take at a time, as for sorting, on Linux; 0 is no "
        "limit.",
    )
    local_database: str = declare(
        "LocalDatabase",
        "path",
        reach="path",
        default=":memory:",
        compare=False,
        doc="The SQLite file that holds the connection's own tables; `memory://NAME` is memory that the process "
        "shares. Default: memory, of one connection or of one engine.",
    )
    max_local_database: int = declare(
        "MaxLocalDatabase",
        "integer",
        reach="bound",
        default=1024,
        compare=False,
        doc="Megabytes that the connection's own tables may take together, in memory or in the file of "
        "`LocalDatabase`; 0 is no limit.",
    )
    trust_local_database: bool = declare(
        "TrustLocalDatabase",
        "boolean",
        reach="schema",
        default=False,
        compare=False,
        doc="Whether views and triggers that are stored in the file of `LocalDatabase` may reach Box's tables, as "
        "those in memory may: the program vouches for who writes the file.",
    )
    include_custom_fields: bool = declare(
        "IncludeCustomFields",
        "boolean",
        reach="nothing",
        default=False,
        compare=False,
        doc="Whether `files` and `folders` have the fields of metadata templates as columns, "
        "`enterprise_contract_amount`; they cost no call of their own.",
    )
    local_files: str | None = declare(
        "LocalFiles",
        "path",
        reach="files",
        compare=False,
        doc="The folder of this machine below which procedures may read and write files, as `UploadFile` and "
        "`DownloadFile` do with `LocalPath`. Default: none.",
    )
    local_browser: bool = declare(
        "LocalBrowser",
        "boolean",
        reach="browser",
        default=False,
        doc="Whether procedures may open the browser of this machine and listen at a port of it, as "
        "`GetOAuthAccessToken` with `AuthMode` `APP` does.",
    )

    is_restricted: bool = field(default=False, compare=False)
    """Whether the process takes URLs from strangers; see `restriction`. No property says so."""
    is_box_readonly: bool = field(default=False, compare=False)
    """Whether tables of Box may not be written, for the process restricts URLs and the program says nothing else."""

    tells_paths: bool = field(default=True, compare=False)
    """Whether SQL is told paths of this machine, which are nothing for who is neither its user nor the program."""

    def __repr__(self) -> str:
        shown = (
            f"{declared.name}={'***' if declared.secret else repr(getattr(self, name))}"
            for name, declared in DECLARED.items()
            if getattr(self, name) is not None
        )
        return f"Properties({', '.join(shown)})"


_OF_DOCUMENTS: Final = frozenset(f.name for f in fields(DocumentProperties))

DECLARED: Final[dict[str, Property]] = {
    f.name: f.metadata["property"]
    for f in sorted(fields(Properties), key=lambda f: f.name in _OF_DOCUMENTS)
    if f.metadata
}
"""The declaration of each attribute that is a property, those of documents last."""

PROPERTIES: Final[tuple[Property, ...]] = tuple(DECLARED.values())
