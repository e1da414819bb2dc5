"""The connection properties: parsing, checks, references, the URL, and that no secret shows."""

import dataclasses
import pickle
import traceback

import pytest
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st
from sweep import sweep

import box_dialect
from box_dialect.errors import ProgrammingError
from box_dialect.properties import PROPERTIES, find, from_url, parse
from box_dialect.properties.declared import DECLARED

pytestmark = pytest.mark.usefixtures("no_network")

CANARY = "kanarienvogel7"
SIGN_IN = {"OAuthAccessToken": "token"}
ATTRIBUTES = {declared.name: attribute for attribute, declared in DECLARED.items()}

GOOD = {
    "text": (("plain text", "plain text"), (7, "7"), ("ünï", "ünï")),
    "boolean": (
        ("true", True), ("YES", True), ("1", True), ("on", True), (True, True),
        ("False", False), ("no", False), ("0", False), ("OFF", False), (False, False),
    ),
    "integer": (("1", 1), (1, 1), ("007", 7), ("999999999", 999_999_999)),
    "url": (
        ("https://box.example", "https://box.example"),
        ("https://box.example:8443/2.0/", "https://box.example:8443/2.0"),
        ("http://127.0.0.1:8000/2.0", "http://127.0.0.1:8000/2.0"),
        ("http://localhost/2.0", "http://localhost/2.0"),
        ("http://[::1]:8000/2.0", "http://[::1]:8000/2.0"),
    ),
    "path": (("/srv/x", "/srv/x"), ("~/x", "~/x"), ("x y", "x y"), ("memory://x", "memory://x")),
    "callback": (
        ("http://localhost:33333", "http://localhost:33333"),
        ("http://localhost:33333/", "http://localhost:33333/"),
        ("http://127.0.0.1:8000/a/?b=c", "http://127.0.0.1:8000/a/?b=c"),
        ("https://app.example/Callback/", "https://app.example/Callback/"),
    ),
}  # fmt: skip
BAD = {
    "text": ("line\nbreak", "nul\0", "escape\x1b[31m", b"bytes", 1.5, ["list"]),
    "choice": ("nonsense", 5, ["list"]),
    "boolean": ("maybe", "2", 1.0, ["list"]),
    "integer": ("-1", -1, "1.5", 1.0, True, "many", "1e3", "²", "99999999999999", [1], {"a": 1}),
    "url": (
        "box.example", "ftp://box.example", "https://", "https:///2.0", "http://box.example", "http://10.0.0.1/2.0",
        "http://localhost.example", "https://box.example?a=1", "https://box.example#part", "https://[bad/2.0",
        "https://box.example:port", "https://box.example:99999", "https://user@box.example", "https://:pw@box.example",
        "https://box.example/\n2.0", b"https://box.example", "//box.example", "https://a?b",
    ),
    "path": ("line\nbreak", "nul\0", b"bytes", 1.5, ["list"], "~nobody-of-that-name/x", "~nobody-of-that-name"),
    "callback": (
        "app.example", "http://app.example/", "https://app.example/#part", "https://user@app.example/", "ftp://localhost",
        "https://app.example/\n", "https://", 7,
    ),
}  # fmt: skip


def named(value):
    """Return what names a property, or one of its values."""
    return getattr(value, "name", None) or repr(value)


def parsed(**raw):
    return parse(SIGN_IN | raw)


def cases(table):
    return [
        (declared, case)
        for declared in PROPERTIES
        for case in table.get(declared.kind, ())
        if declared.name != "OAuthAccessToken" or "ü" not in str(case)  # a token goes into a header, which is ASCII
    ]


def texts_of(error):
    """Return all that a log or a traceback would show of an exception and of those behind it."""
    texts, waiting = [], [error]
    while waiting:
        current = waiting.pop()
        if current is not None:
            texts += [str(current), repr(current), repr(current.args), *getattr(current, "__notes__", ())]
            waiting += [current.__cause__, current.__context__]
    texts += traceback.format_exception(error)
    return "\n".join(texts)


@sweep(("declared", "case"), cases(GOOD), ids=named)
def test_accepted_values(declared, case):
    raw, expected = case
    value = getattr(parse({**SIGN_IN, declared.name: raw}), ATTRIBUTES[declared.name])
    assert value == expected
    assert type(value) is type(expected)


@sweep(("declared", "allowed"), [(p, value) for p in PROPERTIES for value in p.values], ids=named)
def test_choices_are_accepted_in_any_case(declared, allowed):
    raw = SIGN_IN | {"OAuthClientId": "id", "OAuthClientSecret": "secret", "SubjectId": "1"}
    for spelling in (allowed, allowed.lower(), allowed.upper()):
        assert getattr(parse({**raw, declared.name: spelling}), ATTRIBUTES[declared.name]) == allowed


@sweep(("declared", "value"), cases(BAD), ids=named)
def test_refused_values_name_the_property_and_what_it_allows(declared, value):
    with pytest.raises(ProgrammingError) as caught:
        parse({**SIGN_IN, declared.name: value})
    message = str(caught.value)
    assert f"property {declared.name} " in message
    for allowed in declared.values:
        assert allowed in message
    if declared.kind == "integer":
        assert f"from {declared.minimum} to {declared.maximum}" in message
    if declared.kind == "boolean":
        assert "true or false" in message
    if declared.kind in {"url", "callback"}:
        assert "https" in message or "text" in message or "control characters" in message
    if declared.secret and len(str(value)) > 3:
        assert str(value)[1:-1] not in message


@sweep("declared", [p for p in PROPERTIES if p.kind == "integer" and p.minimum], ids=named)
def test_integers_below_their_minimum_are_refused(declared):
    with pytest.raises(ProgrammingError, match=f"property {declared.name} .*from {declared.minimum} "):
        parse({**SIGN_IN, declared.name: declared.minimum - 1})
    assert getattr(parse({**SIGN_IN, declared.name: declared.minimum}), ATTRIBUTES[declared.name]) == declared.minimum


@sweep("declared", [p for p in PROPERTIES if not p.secret], ids=named)
def test_none_means_the_default(declared):
    given = getattr(parse({**SIGN_IN, declared.name: None}), ATTRIBUTES[declared.name])
    assert given == getattr(parse(SIGN_IN), ATTRIBUTES[declared.name])


@sweep("empty", ["", " ", " \t\n\u00a0", "env:BOX_TEST_EMPTY", "file:{}"], ids=ascii)
@sweep("declared", PROPERTIES, ids=named)
def test_an_empty_value_is_an_error(declared, empty, monkeypatch, tmp_path):
    monkeypatch.setenv("BOX_TEST_EMPTY", "  ")
    (tmp_path / "empty").write_text("\n")
    raw = {**SIGN_IN, declared.name: empty.format(tmp_path / "empty")}
    if declared.name == "OAuthJWTCertPassword":
        assert parse(raw).jwt_cert_password is None
        return
    with pytest.raises(ProgrammingError, match=f"property {declared.name} is empty"):
        parse(raw)


@pytest.mark.parametrize("name", ["AsUserId", "as_user_id", "Readonly", "SubjectId"])
def test_an_empty_value_in_a_url_is_an_error(name, monkeypatch):
    monkeypatch.setenv("BOX_TEST_EMPTY", "")
    url = f"box://id:secret@/?AuthScheme=OAuthClient&SubjectType=user&{name}="
    with pytest.raises(ProgrammingError, match=f"property {find(name).name} is empty"):
        box_dialect.connect(url)
    # SQLAlchemy itself drops an empty value out of a text, though not one of white space.
    assert not sa.engine.make_url(url).query.get(name)
    for other in (sa.engine.URL.create("box", query={name: ""}), f"{url}%20", f"{url}env:BOX_TEST_EMPTY"):
        with pytest.raises(ProgrammingError, match=f"property {find(name).name} is empty"):
            sa.create_engine(other)


def test_every_property_says_what_it_is_and_has_a_default_that_it_accepts():
    for declared in PROPERTIES:
        assert declared.doc.endswith(".")
        if declared.default is not None:
            assert getattr(parse({**SIGN_IN, declared.name: declared.default}), ATTRIBUTES[declared.name]) is not None


@sweep("declared", PROPERTIES, ids=named)
def test_names_are_found_in_any_case_and_in_snake_case(declared):
    words = []
    for letter in declared.name:
        if letter.isupper() and words and not words[-1][-1].isupper():
            words.append("")
        words = words or [""]
        words[-1] += letter
    spellings = [declared.name, declared.name.lower(), declared.name.upper(), "_".join(words).lower()]
    for spelling in spellings:
        assert find(spelling) is declared


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("AuthSchema", "AuthScheme"), ("client_secret", "OAuthClientSecret"), ("OAuthToken", "OAuthAccessToken"),
        ("max_retry", "MaxRetries"), ("RequestTimeOuts", "RequestTimeout"),
    ],
)  # fmt: skip
def test_unknown_names_are_refused_with_the_nearest(name, nearest):
    with pytest.raises(ProgrammingError, match=f"unknown connection property '{name}'; did you mean {nearest}\\?"):
        find(name)


def test_unknown_names_without_a_near_one_lead_to_the_reference():
    with pytest.raises(ProgrammingError, match=r"unknown connection property 'xyzzy'; see docs/properties\.md"):
        parse({"xyzzy": 1})


@pytest.mark.parametrize(
    "give",
    [
        lambda: parse({"OAuthAccessToken": "a", "oauth_access_token": "b"}),
        lambda: from_url("box:///?OAuthAccessToken=a&oauthaccesstoken=b"),
        lambda: box_dialect.connect("box:///", OAuthAccessToken="a", oauth_access_token="b"),
    ],
    ids=["mapping", "URL", "connect"],
)
def test_a_property_given_twice_is_refused(give):
    with pytest.raises(ProgrammingError, match="property OAuthAccessToken is given twice"):
        give()


def test_keywords_go_before_the_url():
    with box_dialect.connect("box:///?OAuthAccessToken=a&MaxRetries=1", max_retries=2) as connection:
        assert (connection.properties.max_retries, connection.properties.access_token) == (2, "a")


# References


def test_references_are_replaced_by_what_they_refer_to(monkeypatch, tmp_path):
    monkeypatch.setenv("BOX_TEST_SECRET", CANARY)
    monkeypatch.setenv("BOX_TEST_RETRIES", "3")
    secret = tmp_path / "secret"
    secret.write_text("tökén in a file\n", encoding="utf-8")
    given = parsed(OAuthClientSecret="env:BOX_TEST_SECRET", Scope=f"file:{secret}", MaxRetries="env:BOX_TEST_RETRIES")
    assert (given.client_secret, given.scope, given.max_retries) == (CANARY, "tökén in a file", 3)


def test_a_referred_base_url_decides_on_the_rate_limit_as_a_literal_one_does(monkeypatch):
    monkeypatch.setenv("BOX_TEST_BASE", "https://api.box.com/2.0")
    assert parsed(APIBaseURL="env:BOX_TEST_BASE").max_calls_per_minute == 1000


def test_references_in_the_url_are_replaced(monkeypatch):
    monkeypatch.setenv("BOX_TEST_SECRET", CANARY)
    raw = from_url("box://id:env%3ABOX_TEST_SECRET@/?AuthScheme=OAuthClient&SubjectId=1")
    assert parse(raw).client_secret == CANARY


@pytest.mark.parametrize("name", ["BOX_TEST_NOT_SET", "no such name", "\ud800", "a=b"])
def test_a_reference_to_a_missing_variable_is_refused(name):
    with pytest.raises(ProgrammingError, match=r"property OAuthAccessToken refers to environment variable .*not set"):
        parse({"OAuthAccessToken": f"env:{name}"})


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "No such file or directory"), (b"\xff\xfe" + CANARY.encode(), "text in UTF-8")]
)
def test_a_reference_to_an_unreadable_file_is_refused(tmp_path, content, reason):
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ProgrammingError, match=f"refers to file .*secret, which cannot be read: .*{reason}") as caught:
        parse({"OAuthAccessToken": f"file:{path}"})
    assert CANARY not in texts_of(caught.value)


@pytest.mark.parametrize("path", ["/", "nul\0byte"])
def test_a_reference_to_what_is_no_file_is_refused(path):
    with pytest.raises(ProgrammingError, match=r"property OAuthAccessToken refers to file .* cannot be read"):
        parse({"OAuthAccessToken": f"file:{path}"})


@pytest.mark.parametrize("text", ["env:", "file:", "environment:X", "Env:HOME"])
def test_text_that_only_resembles_a_reference_stays_as_it_is(text):
    assert parsed(Scope=text).scope == text


def test_a_referred_secret_of_a_wrong_form_does_not_show(monkeypatch):
    monkeypatch.setenv("BOX_TEST_SECRET", f"{CANARY}\x07")
    with pytest.raises(ProgrammingError, match="property OAuthClientSecret must not hold") as caught:
        parsed(OAuthClientSecret="env:BOX_TEST_SECRET")
    assert CANARY not in texts_of(caught.value)


# What signing in needs


@pytest.mark.parametrize(
    ("raw", "missing"),
    [
        ({}, "AuthScheme=OAuth needs OAuthClientId and OAuthClientSecret"),
        ({"AuthScheme": "OAuthClient"}, "needs OAuthClientId and OAuthClientSecret and SubjectId"),
        ({"AuthScheme": "OAuthClient", "OAuthClientSecret": CANARY, "SubjectId": "1"}, "needs OAuthClientId"),
        ({"OAuthAccessToken": CANARY, "InitiateOAuth": "REFRESH"}, "needs OAuthClientId and OAuthClientSecret"),
        ({"AuthScheme": "OAuthJWT", "OAuthJWTCert": CANARY, "OAuthJWTCertType": "PFXFILE"}, "needs OAuthClientId"),
    ],
)
def test_a_missing_client_is_named_with_how_to_make_one(raw, missing):
    with pytest.raises(ProgrammingError, match=missing) as caught:
        parse(raw)
    assert "https://app.box.com/developers/console" in str(caught.value)
    assert CANARY not in texts_of(caught.value)


@pytest.mark.parametrize(
    ("raw", "missing"),
    [
        ({"AuthScheme": "OAuthClient", "OAuthClientId": "i", "OAuthClientSecret": CANARY}, "needs SubjectId"),
        ({"AuthScheme": "OAuthJWT"}, "needs OAuthJWTCert$"),
        (
            {"AuthScheme": "OAuthJWT", "OAuthJWTCertType": "PEMKEY_BLOB", "OAuthJWTCert": CANARY}
            | {"OAuthClientId": "i", "OAuthClientSecret": CANARY},
            "needs OAuthJWTPublicKeyId and OAuthJWTSubject",
        ),
    ],
)
def test_what_is_missing_to_sign_in_is_named(raw, missing):
    with pytest.raises(ProgrammingError, match=missing) as caught:
        parse(raw)
    assert CANARY not in texts_of(caught.value)


def test_a_token_that_fits_in_no_header_is_refused():
    with pytest.raises(ProgrammingError, match="property OAuthAccessToken") as caught:
        parse({"OAuthAccessToken": f"ü{CANARY}"})
    assert CANARY not in texts_of(caught.value)


@sweep(
    ("raw", "limit"),
    [
        ({}, 1000),
        ({"APIBaseURL": "https://API.box.com/2.0"}, 1000),
        ({"APIBaseURL": "https://box.example/2.0"}, 0),
        ({"APIBaseURL": "https://box.example/2.0", "MaxCallsPerMinute": None}, 0),
        ({"MaxCallsPerMinute": 0}, 0),
        ({"MaxCallsPerMinute": "50"}, 50),
    ],
)
def test_the_rate_limit_is_boxs_toward_box_only(raw, limit):
    assert parsed(**raw).max_calls_per_minute == limit


# Equality and text forms


def test_equal_properties_are_equal_and_hashable():
    one, other = parsed(MaxRetries="3", Readonly="YES"), parsed(max_retries=3, readonly=True)
    assert one == other
    assert len({one, other}) == 1
    assert one != parsed(MaxRetries=4, Readonly=True)
    assert one != parse({"OAuthAccessToken": "another", "MaxRetries": 3, "Readonly": True})
    assert pickle.loads(pickle.dumps(one)) == one


@sweep("declared", [p for p in PROPERTIES if p.secret], ids=named)
def test_who_gives_another_secret_shares_nothing_with_who_gave_the_right_one(declared):
    assert parse({**SIGN_IN, declared.name: "right"}) != parse({**SIGN_IN, declared.name: "guessed"})


def test_properties_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        parsed().readonly = True


@sweep("declared", [p for p in PROPERTIES if p.secret], ids=named)
def test_no_text_form_holds_a_secret(declared):
    given = parse({**SIGN_IN, declared.name: CANARY})
    for text in (repr(given), str(given), f"{given}", f"{given!r:>50}", f"{[given]}", f"{given!s}"):
        assert CANARY not in text
        assert f"{declared.name}='***'" in text or f"{declared.name}=***" in text


def test_the_names_that_say_secret_or_token_are_declared_secret():
    for declared in PROPERTIES:
        if declared.kind == "text" and any(
            word in declared.name for word in ("Secret", "Token", "Password", "CacheKey")
        ):
            assert declared.secret, declared.name


@sweep(
    ("raw"),
    [
        {"OAuthClientSecret": f"{CANARY}\n"},
        {"OAuthAccessToken": [CANARY]},
        {"OAuthAccessToken": CANARY.encode()},
        {"OAuthAccessToken": CANARY, "APIBaseURL": "nonsense"},
        {"OAuthAccessToken": CANARY, "Nonsense": "1"},
        {"APIBaseURL": f"https://user:{CANARY}@box.example"},
        {"APIBaseURL": f"https://user:{CANARY}@box.example:port"},
        {"TokenURL": f"https://user:{CANARY}@box.example/\n"},
        {"CallbackURL": f"https://user:{CANARY}@box.example/"},
    ],
    ids=str,
)
def test_no_failure_shows_a_secret(raw):
    with pytest.raises(ProgrammingError) as caught:
        parse(SIGN_IN | raw)
    assert CANARY not in texts_of(caught.value)


# The URL


@sweep(
    ("url", "expected"),
    [
        ("box://", {}),
        ("box:///", {}),
        ("box+apsw://id:secret@/", {"OAuthClientId": "id", "OAuthClientSecret": "secret"}),
        ("BOX://id@/", {"OAuthClientId": "id"}),
        ("box://i%40d:s%2Fe%3Ac%23r%3Fe%25t%2B@/", {"OAuthClientId": "i@d", "OAuthClientSecret": "s/e:c#r?e%t+"}),
        ("box://:%C3%BC%20@/", {"OAuthClientSecret": "ü "}),
        ("box:///?scope=a%20b+c&Readonly=", {"Scope": "a b c", "Readonly": ""}),
        ("box:///?subject_id=1&SubjectType=user", {"SubjectId": "1", "SubjectType": "user"}),
        ("box:///?APIBaseURL=https%3A%2F%2Fbox.example%2F2.0", {"APIBaseURL": "https://box.example/2.0"}),
        ("box://id:a@/?OAuthClientSecret=b", {"OAuthClientId": "id", "OAuthClientSecret": "b"}),
    ],
)
def test_urls_are_read(url, expected):
    assert from_url(url) == expected


@sweep(
    ("url", "origin"),
    [
        ("box://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("box://localhost/", "http://localhost"),
        ("box://LOCALHOST:1/", "http://localhost:1"),
        ("box://[::1]:8000/", "http://[::1]:8000"),
        ("box://[::1]/", "http://[::1]"),
        ("box://127.8.9.10/", "http://127.8.9.10"),
        ("box://box.example/", "https://box.example"),
        ("box://box.example:8443/", "https://box.example:8443"),
        ("box://localhost.example:8000/", "https://localhost.example:8000"),
        ("box://10.0.0.1:8000/", "https://10.0.0.1:8000"),
        ("box://[fe80::1]:8000/", "https://[fe80::1]:8000"),
        ("box://0.0.0.0/", "https://0.0.0.0"),
    ],
)
def test_a_host_stands_for_all_base_urls_and_plain_http_only_toward_loopback(url, origin):
    raw = from_url(url)
    assert raw == {
        "APIBaseURL": f"{origin}/2.0",
        "UploadBaseURL": f"{origin}/api/2.0",
        "AuthorizeURL": f"{origin}/api/oauth2/authorize",
        "TokenURL": f"{origin}/oauth2/token",
        "RevokeURL": f"{origin}/oauth2/revoke",
    }
    assert parse(raw | SIGN_IN).api_base_url == f"{origin}/2.0"


def test_a_base_url_in_the_query_goes_before_the_host():
    raw = from_url("box://127.0.0.1:8000/?TokenURL=https%3A%2F%2Fbox.example%2Ftoken")
    assert (raw["TokenURL"], raw["APIBaseURL"]) == ("https://box.example/token", "http://127.0.0.1:8000/2.0")


@sweep(
    "url",
    [
        "", "box", "http://id:{}@host/", "box://id:{}@/database", "box://id:{}@/#part", "box://id:{}", "box://id:{}@[::1",
        "box://id:{}@host:port/", "box://id:{}@host:99999/", "box:///?{}", "box:///?a=1&{}", "box://id:a#{}@/",
        "box://id:1?{}=1@/", "box://id:1?x=2&{}=1@host/?Readonly=1", "box://id:a/{}@/", "box://id:\u2100{}@host/",
        "box://id:1@x?{}=1@host/",
    ],
)  # fmt: skip
def test_other_urls_are_refused_with_the_right_form_and_without_what_they_hold(url):
    with pytest.raises(ProgrammingError, match="box://CLIENT_ID:CLIENT_SECRET@") as caught:
        from_url(url.format(CANARY))
    assert "percent-encoded" in str(caught.value)
    assert CANARY not in texts_of(caught.value)


PIECES = st.sampled_from([
    "box://", "box:", "//", "/", ":", "@", "?", "#", "&", "=", ";", "[", "]", "%", "%40", "%zz", "id", "host", "::1",
    "80", "OAuthClientSecret", "AuthScheme", "Readonly", "OAuthClient", "\n", "\0", "ü", "\u2100", "\ud800", " ", "+",
    "\\",
])  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join)


def refusal(read, raw):
    """Return the ProgrammingError that reading raises, None where it does not; anything else passes through."""
    try:
        read(raw)
    except ProgrammingError as error:
        return error
    return None


@given(TEXTS | st.text())
def test_any_text_is_read_or_refused(text):
    if refusal(from_url, text) is None:
        assert from_url(text).keys() <= {p.name for p in PROPERTIES}


@given(TEXTS, TEXTS, st.sampled_from(["@host/", "@/", "@/?AuthScheme=OAuthClient", "@127.0.0.1:80/?Readonly=1&x=2"]))
@example("1?", "=1", "@/")
@example("", "[", "@/")
@example("0", "", "@host:port/")
def test_no_secret_shows_whatever_stands_around_it(before, after, rest):
    error = refusal(from_url, f"box://id:{before}{CANARY}{after}{rest}")
    assert error is None or CANARY not in texts_of(error)


@given(st.dictionaries(st.sampled_from([p.name for p in PROPERTIES]), TEXTS | st.text(), max_size=4))
def test_any_values_are_parsed_or_refused(raw):
    error = refusal(parse, raw)
    assert error is None or "AuthScheme" in str(error) or "property" in str(error)


@sweep("name", [p.name for p in PROPERTIES if p.kind not in {"text", "blob", "path", "url", "callback"}])
def test_a_wrong_value_out_of_a_file_is_not_shown(tmp_path, name):
    (tmp_path / "passwd").write_text("root:x:0:0")
    with pytest.raises(ProgrammingError) as failure:
        parse({name: f"file:{tmp_path / 'passwd'}", "OAuthAccessToken": "token"})
    assert name in str(failure.value)
    assert "root" not in str(failure.value)
