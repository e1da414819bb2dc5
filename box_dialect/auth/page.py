"""The page that the browser shows when the sign-in is over."""

from __future__ import annotations

import html
from string import Template
from typing import Final

_PAGE: Final = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>$title</title>
<style>
:root { color-scheme: light dark }
body { margin: 0; min-height: 100vh; display: grid; place-items: center;
       font: 1rem/1.5 system-ui, sans-serif; background: light-dark(#f4f6f8, #15191d) }
main { max-width: 32rem; margin: 1rem; padding: 2rem 2.5rem; border-radius: .75rem; border-top: .4rem solid $colour;
       background: light-dark(#fff, #20262c); box-shadow: 0 .25rem 1.5rem rgb(0 0 0 / 12%); overflow-wrap: anywhere }
h1 { margin: 0 0 .5rem; font-size: 1.4rem }
p { margin: 0 }
</style>
</head>
<body><main><h1>$title</h1><p>$text</p></main></body>
</html>
""")
_GOOD, _BAD = "#1a8754", "#c0392b"


def page(title: str, text: str, *, good: bool) -> bytes:
    """Return a page of HTML that needs nothing else, with a title and a text, which may come from anywhere."""
    colour = _GOOD if good else _BAD
    return _PAGE.substitute(title=html.escape(title), text=html.escape(text), colour=colour).encode()
