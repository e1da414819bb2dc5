"""Threads, processes and interruption."""

import threading

import pytest
from forks import by_fork, in_child

from box_dialect.errors import InterfaceError, OperationalError

LISTING = "get_folders_id_items"
FILES = "SELECT id FROM files"
HELD_MS = 600_000


def in_thread(function):
    """Run a function in another thread; return the thread, and a list that will hold what it returned or raised."""
    outcome = []

    def run():
        try:
            outcome.append(function())
        except Exception as error:  # noqa: BLE001 - it is handed to the test
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


def rows(connection):
    return len(connection.cursor().execute(FILES).fetchall())


def rows_of(connection, folder):
    """Return how many files a folder has; equal calls of several threads would be one."""
    return len(connection.cursor().execute(f"{FILES} WHERE parent_id = ?", (folder,)).fetchall())


def test_threads_with_connections_of_their_own_work_side_by_side(box):
    folders = [folder for (folder,) in box.connect().cursor().execute("SELECT id FROM folders WHERE parent_id = '0'")]
    refusals = 4
    connections = [box.connect(MaxRetries=refusals) for _ in range(4)]  # one of them may get all
    box.fault(LISTING, status=503, times=refusals)
    running = [
        in_thread(lambda connection=connection, folder=folder: rows_of(connection, folder))
        for connection, folder in zip(connections, folders[:4], strict=True)
    ]
    for thread, _ in running:
        thread.join()
    assert [outcome for _, outcome in running] == [[20]] * 4
    assert box.stats["token_calls"] == 1


def test_calls_of_threads_are_in_flight_at_once(box):
    connections = [box.connect() for _ in range(4)]
    box.fault(LISTING, delay_ms=HELD_MS, times=4)
    running = [
        in_thread(lambda connection=connection, folder=folder: rows_of(connection, folder))
        for folder, connection in enumerate(connections)
    ]
    box.wait_for_calls(LISTING, 4)
    for connection in connections:
        connection.interrupt()
    for thread, _ in running:
        thread.join()
    assert [type(outcome) for _, (outcome,) in running] == [OperationalError] * 4


def test_a_connection_may_go_from_one_thread_to_another(connection):
    assert rows(connection) == 200
    thread, outcome = in_thread(lambda: rows(connection))
    thread.join()
    assert outcome == [200]


@pytest.mark.parametrize(
    "use",
    [lambda connection: connection.cursor().execute("SELECT 1"), lambda connection: connection.commit()],
    ids=["execute", "commit"],
)
def test_a_second_thread_on_a_busy_connection_gets_an_interface_error(box, connection, use):
    rows(connection)
    box.reset()
    box.fault(LISTING, delay_ms=HELD_MS)
    first, outcome = in_thread(lambda: rows(connection))
    box.wait_for_calls(LISTING, 1)
    second, other = in_thread(lambda: use(connection))
    second.join()
    assert (isinstance(other[0], InterfaceError), outcome) == (True, [])
    connection.interrupt()
    first.join()
    assert isinstance(outcome[0], OperationalError)
    assert rows(connection) == 200


@by_fork[0]
@by_fork[1]
def test_a_forked_process_can_query(box, connection):
    assert rows(connection) == 200
    assert in_child(lambda: rows(box.connect())) == "200"
    assert rows(connection) == 200


def test_a_closed_connection_is_an_interface_error(box):
    connection = box.connect()
    cursor = connection.cursor().execute(FILES)
    cursor.fetchone()
    connection.close()
    for use in (cursor.fetchone, cursor.fetchall, connection.cursor, lambda: cursor.execute(FILES)):
        with pytest.raises(InterfaceError):
            use()


def test_a_client_that_was_closed_still_calls_and_keeps_no_connection(connection):
    client = connection.session.client
    connection.session.portal.run(client.aclose)
    assert connection.cursor().execute("SELECT id FROM files LIMIT 1").fetchall()
    assert client._connections.idle == 0
