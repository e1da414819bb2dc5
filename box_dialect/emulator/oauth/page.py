"""Write the pages of the authorization endpoint; whatever is not markup of theirs is escaped."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING

from .scopes import SCOPES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect.emulator.model import User

    from .application import Application

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #f4f6f8; }
main { max-width: 28rem; margin: 4rem auto; padding: 1.5rem 2rem; background: #fff; border-radius: .5rem; }
select, button { font: inherit; padding: .4rem .8rem; }
select { width: 100%; }
small { color: #666; overflow-wrap: anywhere; }
""".strip()
STYLE_HASH = f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"


def consent(application: Application, users: Iterable[User], scopes: Iterable[str], redirect_uri: str) -> bytes:
    """Write the page that asks who signs in, and whether the application gets access; its form goes to its own URL."""
    options = "\n".join(
        f'<option value="{escape(user.login)}">{escape(user.name)} ({escape(user.login)})</option>' for user in users
    )
    wanted = "\n".join(f'<li data-scope="{escape(scope)}">{escape(SCOPES[scope])}</li>' for scope in scopes)
    return _document(
        "Grant access",
        f"""<h1>Grant access to the emulated Box</h1>
<form id="consent" method="post">
<p><label for="login">Sign in as</label>
<select id="login" name="login">
{options}
</select></p>
<p><strong id="application">{escape(application.name)}</strong> asks for leave to:</p>
<ul id="scopes">
{wanted}
</ul>
<p><button id="grant" name="decision" value="grant">Grant access</button>
<button id="deny" name="decision" value="deny">Deny access</button></p>
<p><small>The answer goes to <span id="redirect-uri">{escape(redirect_uri)}</span></small></p>
</form>""",
    )


def refusal(error: str, description: str) -> bytes:
    """Write the page that says why there is nothing to grant."""
    return _document(
        "Access refused",
        f"""<h1>Access refused</h1>
<p id="error">{escape(error)}</p>
<p id="error-description">{escape(description)}</p>""",
    )


def _document(title: str, content: str) -> bytes:
    return f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title} - Box emulator</title><style>{_STYLE}</style></head>
<body><main>
{content}
</main></body>
</html>
""".encode()
