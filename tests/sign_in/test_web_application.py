"""The web flow: the application that the page shows, served over HTTP, and visited as a browser does."""

from __future__ import annotations

import threading
import wsgiref.simple_server
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from docs.pages import ROOT, adapted, blocks

import box_dialect
from sign_in.acting import ANY_PORT, PATIENCE_SECONDS, authorization_code, authorize, me

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sign_in.acting import Box, Browser


class Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def site(box: Box) -> Iterator[str]:
    """The address of the application of docs/sign-in-web.md."""
    (source,) = (b.text for b in blocks(ROOT / "docs" / "sign-in-web.md") if "def application(" in b.text)
    namespace: dict[str, Any] = {"box_dialect": box_dialect}
    exec(adapted(source, box.ready), namespace)
    with wsgiref.simple_server.make_server(
        "127.0.0.1", 0, lambda *request: namespace["application"](*request), handler_class=Quiet
    ) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        namespace["CALLBACK_URL"] = f"{address}/callback"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield address
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def visitor() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=PATIENCE_SECONDS) as client:
        yield client


def test_each_visitor_signs_in_and_sees_an_own_name(box: Box, site: str, visitor: httpx.Client) -> None:
    users = box.emulator.store.users
    names = {users[box.ready[key]].login: users[box.ready[key]].name for key in ("admin_user_id", "user_id")}
    for login, name in names.items():
        visitor.cookies.clear()
        asked = visitor.get(f"{site}/")
        assert asked.status_code == 302
        shown = visitor.get(authorize(asked.headers["location"], login=login), follow_redirects=True)
        assert (shown.status_code, shown.text) == (200, f"Hello {name}")
        assert visitor.get(f"{site}/").text == f"Hello {name}"
    assert box.grants == {"authorization_code": 2}


def test_a_visitor_may_refuse(box: Box, site: str, visitor: httpx.Client) -> None:
    refused = authorize(visitor.get(f"{site}/").headers["location"], "deny")
    answer = visitor.get(refused)
    assert (answer.status_code, answer.text) == (403, "You refused access to Box")
    assert box.token_calls == 0


def test_the_answer_to_another_sign_in_is_not_taken(box: Box, site: str, visitor: httpx.Client) -> None:
    of_another = authorize(httpx.get(f"{site}/", timeout=PATIENCE_SECONDS).headers["location"])
    visitor.get(f"{site}/")
    assert visitor.get(of_another).status_code == 400
    assert httpx.get(of_another, timeout=PATIENCE_SECONDS).status_code == 400
    assert box.token_calls == 0


FORMS: dict[str, Callable[[Any, str], Any]] = {
    "positions": lambda cursor, code: cursor.execute("SELECT * FROM GetOAuthAccessToken('WEB', :code)", {"code": code}),
    "WHERE": lambda cursor, code: cursor.execute(
        "SELECT * FROM GetOAuthAccessToken WHERE AuthMode = 'WEB' AND Verifier = :code", {"code": code}
    ),
    "EXEC": lambda cursor, code: cursor.execute(f"EXEC GetOAuthAccessToken @AuthMode = 'WEB', @Verifier = '{code}'"),
    "CALL": lambda cursor, code: cursor.execute(f"CALL GetOAuthAccessToken(AuthMode => 'WEB', Verifier => '{code}')"),
    "callproc": lambda cursor, code: cursor.callproc("GetOAuthAccessToken", {"AuthMode": "WEB", "Verifier": code}),
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_exchanges_a_code_once(form: str, box: Box) -> None:
    with box.connect() as connection:
        cursor = connection.cursor()
        FORMS[form](cursor, authorization_code(box.ready))
        names = [column[0] for column in cursor.description or ()]
        row = dict(zip(names, cursor.fetchone() or (), strict=True))
        assert cursor.fetchall() == []
    assert row["ExpiresIn"] == 3600
    assert me(box.connect(OAuthAccessToken=row["OAuthAccessToken"])) == box.ready["admin_user_id"]
    assert box.grants == {"authorization_code": 1}


def test_on_this_machine_the_procedure_opens_the_browser(box: Box, person: Browser) -> None:
    with box.connect(CallbackURL=ANY_PORT, LocalBrowser=True) as connection:
        tokens = connection.cursor().execute("SELECT * FROM GetOAuthAccessToken('APP')").fetchone()
    assert me(box.connect(OAuthAccessToken=(tokens or ("",))[0])) == box.ready["admin_user_id"]
    assert len(person.opened) == 1
    assert not box.settings.exists()


def test_revoked_tokens_are_of_no_use(box: Box) -> None:
    with box.connect() as connection:
        connection.cursor().callproc("RevokeOAuthAccessToken", {"Token": box.ready["user_access_token"]})
        with pytest.raises(box_dialect.OperationalError, match="invalid_grant"):
            connection.cursor().callproc(
                "RefreshOAuthAccessToken", {"OAuthRefreshToken": box.ready["user_refresh_token"]}
            )
    with pytest.raises(box_dialect.OperationalError, match="refused the access token"):
        me(box.connect(OAuthAccessToken=box.ready["user_access_token"]))
