"""Find the token cache that a connection asks for."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Final

from box_dialect.errors import Error, ProgrammingError
from box_dialect.token_cache.envelope import Passphrase, SealedCache

if TYPE_CHECKING:
    from box_dialect.properties import Properties
    from box_dialect.token_cache.base import CacheFactory, TokenCache

GROUP: Final = "box_dialect.token_cache"
"""The entry-point group; an entry's name is that of the cache, or the scheme of its URLs."""

BUILT_IN: Final = {
    "file": "box_dialect.token_cache.file:open_file",
    "keyring": "box_dialect.token_cache.keyring:open_keyring",
    "memory": "box_dialect.token_cache.memory:open_memory",
    "redis": "box_dialect.token_cache.redis:open_redis",
    "rediss": "box_dialect.token_cache.redis:open_redis",
}
"""The group's own entries, known without a search through all that is installed."""

_DATABASE: Final = "box_dialect.token_cache.database:open_database"


def open_cache(properties: Properties) -> TokenCache:
    """Return the token cache of a connection, which encrypts its entries where there is a key.

    Raises ProgrammingError where no such cache exists, the library that it needs is missing, or it cannot be opened.
    """
    location = properties.token_cache
    if location.lower() == "file" and (properties.settings_location or "").lower().startswith("memory://"):
        location = properties.settings_location or ""
    entry = _entry_point(location)
    cache = _opened(entry, location, properties)
    if isinstance(cache, SealedCache):  # by a key of its own
        return cache
    return SealedCache(cache, Passphrase(properties.token_cache_key) if properties.token_cache_key else None)


def _opened(entry: EntryPoint, location: str, properties: Properties) -> TokenCache:
    try:
        factory: CacheFactory = entry.load()
        return factory(location, properties)
    except Error:
        raise
    except ImportError as error:
        raise _missing(entry, error) from None
    except Exception as error:  # noqa: BLE001 - other packages add caches
        failure = type(error).__name__
    # Raised here, since the error of another package may quote the location and its password.
    raise ProgrammingError(f"TokenCache={entry.name} failed ({failure})")


def _entry_point(location: str) -> EntryPoint:
    """Return where the factory is, by name or by the scheme of the URL."""
    name = location.partition("://")[0].lower()
    if name in BUILT_IN:
        return EntryPoint(name, BUILT_IN[name], GROUP)
    added = {entry.name.lower(): entry for entry in entry_points(group=GROUP)}
    if name in added:
        return added[name]
    if "://" in location and _is_database(name):
        return EntryPoint(name, _DATABASE, GROUP)
    known = ", ".join(sorted({*BUILT_IN, *added}))
    raise ProgrammingError(f"TokenCache names none that there is: {known}, or the URL of a database for SQLAlchemy")


def _is_database(scheme: str) -> bool:
    from box_dialect.token_cache.database import is_database

    return is_database(scheme)


def _missing(entry: EntryPoint, error: ImportError) -> ProgrammingError:
    module = error.name or str(error).partition("\n")[0]
    is_extra = entry.value == BUILT_IN.get(entry.name)
    advice = f"run: pip install 'box-dialect[{module}]'" if is_extra else "install the package that has it"
    return ProgrammingError(f"TokenCache={entry.name} needs {module}, which cannot be imported; {advice}")
