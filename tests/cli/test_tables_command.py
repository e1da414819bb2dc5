import pytest

import box_dialect


@pytest.fixture(scope="module")
def names(small):
    with box_dialect.connect(small.url) as connection:
        connection.find_tables()
        return {name for (name,) in connection.cursor().execute("SELECT name FROM sys_tables").fetchall()}


def test_all_tables_are_listed_with_those_of_templates(small, records, names):
    assert {each["name"] for each in records(small.url, "tables")} == names
    assert any(name.startswith("enterprise_") for name in names)


def test_a_pattern_is_a_part_of_a_name_or_says_where_it_begins_and_ends(small, records, names):
    assert {each["name"] for each in records(small.url, "tables", "Comm")} == {n for n in names if "comm" in n}
    assert {each["name"] for each in records(small.url, "tables", "file?")} == {"files"}


def test_a_table_is_shown_with_its_writes_its_ways_and_what_a_row_is(small, command):
    lines = command(small.url, "tables", "comments", COLUMNS="200").stdout.splitlines()
    assert lines[0].split() == ["table", "type", "takes", "is", "read", "a", "row", "is"]
    assert "by id, by file, of every file  What users say on files, replies included." in lines[2]


@pytest.mark.parametrize("columns", [80, 120, 200])
def test_lines_fit_the_terminal(small, command, columns):
    for arguments in (("tables",), ("describe", "comments"), ("whoami",)):
        lines = command(small.url, *arguments, COLUMNS=str(columns)).stdout.splitlines()
        assert max(map(len, lines)) <= columns
        assert not [line for line in lines if line != line.rstrip() or "\x1b" in line]


def test_a_pipe_gets_each_table_on_a_line(small, command, names):
    lines = command(small.url, "tables").stdout.splitlines()
    assert len(lines) == 2 + len(names)
    assert sum("Every file that the signed-in user sees, in every folder." in line for line in lines) == 1


def test_no_table_of_a_pattern_is_told(small, command):
    result = command(small.url, "tables", "nonsense")
    assert (result.exit_code, result.stderr) == (1, "Error: No table has a name like nonsense.\n")


def test_a_table_is_described(small, command):
    text = command(small.url, "describe", "comments", COLUMNS="200").stdout
    assert "takes     all\n" in text
    assert "item_id           text       insert, -> files.id" in text
    assert "id                text       key" in text
    assert "Inputs, which SELECT * leaves out\ncolumn   type  notes  it is\n-------  ----  -----  -" in text
    assert "by file        item_id  1" in text


def test_filters_that_box_takes_are_told(small, command):
    text = command(small.url, "describe", "USERS", COLUMNS="200").stdout
    assert "login                              text       filter, insert, update  " in text


def test_the_table_of_a_template_is_described_however_its_name_is_spelled(small, records):
    (described,) = records(small.url, "describe", "enterprise_documentreview")
    assert described["name"] == "enterprise_documentReview"
    assert {"item_id", "ancestor_id"} <= {each["name"] for each in described["columns"]}
    assert described["access_paths"]


def test_a_table_that_is_not_there_has_near_names(small, command):
    result = command(small.url, "describe", "coments")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: There is no table coments; did you mean comments")


def test_a_name_reaches_the_terminal_without_what_steers_it(small, command):
    assert "\x1b" not in command(small.url, "describe", "\x1b[31mred").stderr
