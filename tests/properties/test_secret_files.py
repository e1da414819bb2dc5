"""Files that hold secrets: what others may change is refused, and nothing waits for who writes to a pipe."""

import logging
import os
import socket
import stat
import threading

import pytest
from patience import PATIENCE_SECONDS

import box_dialect
from box_dialect.errors import OperationalError, ProgrammingError
from box_dialect.properties import check_values, secret_files
from box_dialect.properties.secret_files import read_secret
from box_dialect.token_cache import open_cache

KEY = "0" * 64
SOMEBODY = 54_321

posix = pytest.mark.skipif(os.name == "nt", reason="owners and modes are those of POSIX")
as_root = pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
pytestmark = [posix, pytest.mark.usefixtures("no_network")]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "folder" / "secret"
    path.parent.mkdir(mode=0o700)
    path.write_text("a secret\n")
    path.chmod(0o600)
    secret_files._warn.cache_clear()
    return path


def by_reference(path):
    return check_values({"OAuthClientSecret": f"file:{path}"}).client_secret


def by_key(path):
    return box_dialect.connect(
        AuthScheme="OAuthJWT", InitiateOAuth="GETANDREFRESH", OAuthJWTCert=str(path), TokenCache="memory"
    )


def by_settings(path):
    return open_cache(check_values({"OAuthSettingsLocation": str(path)})).load(KEY)


def by_key_file(path):
    """Use a file as the key of the settings file beside it."""
    settings = path.with_name("OAuthSettings.txt")
    path.rename(settings.with_name("OAuthSettings.txt.key"))
    return open_cache(check_values({"OAuthSettingsLocation": str(settings)})).store(KEY, b"tokens")


def by_database(path):
    cache = open_cache(check_values({"TokenCache": f"sqlite:///{path}"}))
    cache.store(KEY, b"tokens")
    return cache.load(KEY)


READERS = [by_reference, by_key, by_settings, by_key_file]
readers = pytest.mark.parametrize("read", READERS)


def fifo(path):
    path.unlink()
    os.mkfifo(path, 0o600)


def unix_socket(path):
    path.unlink()
    with socket.socket(socket.AF_UNIX) as listening:
        os.chdir(path.parent)  # the name of a socket is short
        listening.bind(path.name)


def large(path):
    with path.open("wb") as content:
        content.truncate(1 << 40)  # with no byte on the disk


def writable_folder(path):
    path.parent.chmod(0o777)


SPOILED = {
    "others may change it; run: chmod go-w": lambda path: path.chmod(0o602),
    "others may change it": lambda path: path.chmod(0o666),
    "others may replace it.* run: chmod go-w": writable_folder,
    "a pipe, a device or a socket": fifo,
    "No such device or address": unix_socket,
    "it has more than": large,
}


@readers
@pytest.mark.parametrize(("reason", "spoil"), SPOILED.items(), ids=SPOILED)
def test_what_is_unsafe_is_refused_by_each_reader(file, monkeypatch, read, reason, spoil):
    monkeypatch.chdir(file.parent)
    spoil(file)
    raised = []

    def run():
        with pytest.raises((ProgrammingError, OperationalError), match=reason) as caught:
            read(file)
        raised.append(caught.value)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE_SECONDS)  # a pipe would hold it for ever
    assert raised


@pytest.mark.parametrize(("reason", "spoil"), list(SPOILED.items())[:3], ids=list(SPOILED)[:3])
def test_what_is_unsafe_is_no_database_of_tokens(file, reason, spoil):
    file.write_text("")
    assert by_database(file) == b"tokens"
    spoil(file)
    with pytest.raises(OperationalError, match=reason):
        by_database(file)


def test_what_the_user_alone_may_change_is_read(file):
    for mode in (0o600, 0o400, 0o644, 0o444):
        file.chmod(mode)
        assert read_secret(file) == b"a secret\n"
    assert by_reference(file) == "a secret"


def test_a_group_that_has_others_may_not_write_to_it(file):
    grp = pytest.importorskip("grp")
    pwd = pytest.importorskip("pwd")
    file.chmod(0o660)
    own = pwd.getpwuid(os.geteuid())
    is_own_group = grp.getgrgid(file.stat().st_gid).gr_name == own.pw_name
    if is_own_group:
        assert read_secret(file) == b"a secret\n"
    if os.geteuid() == 0:
        os.chown(file, -1, grp.getgrnam("daemon").gr_gid)
        is_own_group = False
    if not is_own_group:
        with pytest.raises(PermissionError, match="others may change it"):
            read_secret(file)


def test_a_folder_where_all_may_put_files_keeps_those_of_others(file):
    file.parent.chmod(0o1777)
    assert read_secret(file) == b"a secret\n"


@as_root
@readers
def test_a_file_that_somebody_put_where_all_may_is_refused(file, read):
    file.parent.chmod(0o1777)
    os.chown(file, SOMEBODY, SOMEBODY)
    with pytest.raises(
        (ProgrammingError, OperationalError), match="belongs to another user, in a folder where all may"
    ):
        read(file)


@as_root
@pytest.mark.parametrize("read", [by_reference, by_key, by_settings])
def test_a_link_that_somebody_made_is_refused(file, read):
    link = file.with_name("link")
    link.symlink_to(file)
    os.chown(link, SOMEBODY, SOMEBODY, follow_symlinks=False)
    with pytest.raises((ProgrammingError, OperationalError), match="it is a link that belongs to another user"):
        read(link)


def test_links_of_ones_own_are_followed_but_to_the_key_of_a_settings_file(file):
    link = file.with_name("link")
    link.symlink_to(file)
    assert by_reference(link) == "a secret"
    with pytest.raises(OperationalError, match=r"cannot read the key file .*symbolic link"):
        by_key_file(link)


@as_root
@pytest.mark.parametrize("whose", ["file", "folder"])
def test_what_belongs_to_somebody_is_warned_of_once(file, caplog, whose):
    os.chown(file if whose == "file" else file.parent, SOMEBODY, SOMEBODY)
    for _ in range(3):
        assert by_reference(file) == "a secret"
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert [str(file) in warning and "belongs to another user" in warning for warning in warnings] == [True]


@pytest.mark.parametrize("is_there", [True, False])
def test_tokens_are_not_kept_in_a_folder_where_others_may_replace_them(file, is_there):
    cache = open_cache(check_values({"OAuthSettingsLocation": str(file.with_name("OAuthSettings.txt"))}))
    if is_there:
        cache.store(KEY, b"tokens")
    file.parent.chmod(0o777)
    with pytest.raises(OperationalError, match="others may replace it"):
        cache.store(KEY, b"newer tokens")
    assert file.with_name("OAuthSettings.txt").exists() is is_there


@pytest.mark.parametrize("missing", ["geteuid", "O_NONBLOCK", "O_NOFOLLOW", "O_NOCTTY"])
def test_what_a_system_has_not_is_not_looked_at(file, monkeypatch, missing):
    monkeypatch.delattr(os, missing)
    assert read_secret(file, follow=False) == b"a secret\n"
    if missing == "geteuid":
        file.chmod(0o666)
        assert read_secret(file) == b"a secret\n"
        assert stat.S_IMODE(file.stat().st_mode) == 0o666
