"""Columns of a metadata template in DDL: their types, and what else may stand there, or may not and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from box_dialect.catalog.metadata.definition import FieldDefinition, FieldType
from box_dialect.catalog.metadata.names import FIXED
from box_dialect.catalog.model import Taxonomy
from box_dialect.dbapi.sqltext.reader import Reader
from box_dialect.errors import NotSupportedError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.dbapi.sqltext.lexer import Token

_TYPES: Final = {
    **dict.fromkeys(
        ("text", "char", "varchar", "nchar", "nvarchar", "character", "character varying", "string", "clob"), "string"
    ),
    **dict.fromkeys(("real", "float", "double", "double precision", "numeric", "decimal"), "float"),
    **dict.fromkeys(
        ("timestamp", "datetime", "date", "timestamp with time zone", "timestamp without time zone", "timestamp text"),
        "date",
    ),
    "enum": "enum",
    "multiselect": "multiSelect",
    "taxonomy": "taxonomy",
}
"""The types of fields, by those of SQL in lower case."""

_NO_TYPES: Final = {
    **dict.fromkeys(("int", "integer", "bigint", "smallint", "tinyint"), "Box keeps numbers as float: write REAL"),
    **dict.fromkeys(("boolean", "bool"), "Box knows no booleans: write ENUM('true', 'false'), or REAL for 0 and 1"),
    **dict.fromkeys(("blob", "bytea", "binary", "varbinary"), "bytes are what a file holds"),
    **dict.fromkeys(
        ("json", "jsonb", "json text", "array"), "write MULTISELECT('a', 'b') for a list of options, or TEXT"
    ),
    **dict.fromkeys(("time", "interval", "uuid"), "write TEXT"),
}
"""Types that no field has, and what to do instead."""

_SPELLED: Final = _TYPES.keys() | _NO_TYPES.keys()
_TAKEN: Final = "TEXT, REAL, TIMESTAMP, ENUM('a', …), MULTISELECT('a', …) or TAXONOMY('namespace.key')"

_NO_CONSTRAINTS: Final = {
    "not": "NOT NULL: a field may always be NULL, since an item need not have a value for it",
    "unique": "UNIQUE: Box compares no value with those of other items",
    "default": "DEFAULT: an item has no value that nobody gives it; give it in the INSERT",
    "collate": "COLLATE: Box compares texts as it does",
    "generated": "computed column: make a view",
    "as": "computed column: make a view",
    "references": "foreign key: a field refers to nothing",
    "check": "CHECK of anything but options: write CHECK (column IN ('a', 'b')), or ENUM('a', 'b')",
    "primary": "PRIMARY KEY of fields: the key is item_id and item_type, which every template has",
    "foreign": "foreign key: a field refers to nothing",
    "autoincrement": "AUTOINCREMENT: Box counts no field",
    "exclude": "EXCLUDE: Box compares no value with those of other items",
}
"""What no field can have, by the first word, and why."""

_OF_TABLE: Final = frozenset({"constraint", "primary", "foreign", "unique", "check", "exclude"})
"""The first words of what stands beside columns."""

OF_FIELD: Final = ("hidden", "comment")
OF_TEMPLATE: Final = ("hidden", "copy_instance_on_item_copy", "comment")
"""The settings that SET and WITH take; each is true or false, the comment is a text or NULL."""

_NAMES: Final = ("word", "quoted")
_TRUTH: Final = {"true": True, "false": False}
_MOST_WORDS: Final = 4
_MOST_DIGITS: Final = 9


class ColumnReader(Reader):
    """Read columns, and what statements on the tables of templates are made of besides.

    Raises ProgrammingError for what is wrong, NotSupportedError for what no template can have.
    """

    def __init__(self, found: Sequence[Token], table: str = "") -> None:
        super().__init__(found)
        self.table = table

    def wrong(self, expected: str) -> ProgrammingError:
        """Return the error of a statement that lacks something where the next token stands."""
        return ProgrammingError(f"the statement on {self.table} is wrong {self.position}: expected {expected}")

    def name(self, what: str) -> str:
        """Read a name."""
        token = self.take(*_NAMES)
        if token is None:
            raise self.wrong(f"the name of {what}")
        return token.content

    def text(self) -> str:
        """Read a text in single quotes."""
        token = self.take("string")
        if token is None or token.text.count("'") % 2:
            raise self.wrong("a text in single quotes")
        return token.content

    def text_or_null(self) -> str | None:
        """Read a text in single quotes, or NULL."""
        return None if self.takes("null") else self.text()

    def texts(self) -> tuple[str, ...]:
        """Read texts in parentheses."""
        self.expect("(")
        found = [self.text()]
        while self.takes(","):
            found.append(self.text())
        self.expect(")")
        return tuple(found)

    def settings(self, names: Sequence[str]) -> dict[str, Any]:
        """Read `(name = value, …)`, OF_FIELD or OF_TEMPLATE."""
        given: dict[str, Any] = {}
        self.expect("(")
        while True:
            name = self.name("a setting").lower()
            if name not in names:
                raise ProgrammingError(f"{name} is no setting of {self.table}; there are {', '.join(names)}")
            self.expect("=")
            given[name] = self.text_or_null() if name == "comment" else self._truth()
            if not self.takes(","):
                self.expect(")")
                return given

    def _truth(self) -> bool:
        value = _TRUTH.get(self.next)
        if value is None:
            raise self.wrong("true or false")
        self.skip()
        return value

    def columns(self) -> tuple[FieldDefinition, ...]:
        """Read the columns of a table and its constraints, in parentheses; the fixed columns make no field."""
        found: dict[str, FieldDefinition] = {}
        self.expect("(")
        while True:
            if self.next in _OF_TABLE:
                self._table_constraint(found)
            elif self._names_fixed():
                self._skip()
            else:
                field = self.field()
                if field.column.lower() in found:
                    raise ProgrammingError(f"duplicate column name: {field.column}")
                found[field.column.lower()] = field
            if not self.takes(","):
                self.expect(")")
                return tuple(found.values())

    def field(self) -> FieldDefinition:
        """Read a column."""
        if self.next in _OF_TABLE:  # ALTER TABLE … ADD CONSTRAINT …
            if self.takes("constraint"):
                self.name("a constraint")
            raise self._refused(self.next if self.next in _NO_CONSTRAINTS else "check", "")
        column = self.name("a column")
        if column.lower() in FIXED:
            raise ProgrammingError(f"{column} is a column that every template has; a field is called field_{column}")
        field = FieldDefinition(column, self.type(column))
        while not self.is_at_end and self.next not in {",", ")", ";"}:
            field = self._with_constraint(field)
        return field

    def _with_constraint(self, field: FieldDefinition) -> FieldDefinition:
        if self.takes("comment"):
            return replace(field, comment=self.text())
        if self.takes("hidden"):
            return replace(field, hidden=True)
        if self.takes("null") or self.takes("default", "null"):
            return field
        if self.takes("constraint"):
            self.name("a constraint")
        if self.takes("check"):
            return self._with_check({field.column.lower(): field})
        if self.next in _NO_CONSTRAINTS:
            raise self._refused(self.next, field.column)
        raise self.wrong("COMMENT, HIDDEN, a comma or the closing parenthesis")

    def _with_check(self, fields: dict[str, FieldDefinition]) -> FieldDefinition:
        """Read `(column IN ('a', 'b'))`, which gives a field of one of these columns its options."""
        self.expect("(")
        name = self.take(*_NAMES)
        field = None if name is None else fields.get(name.content.lower())
        if field is None or not self.takes("in") or self.next != "(":
            raise self._refused("check", "" if name is None else name.content)
        options = self.texts()
        self.expect(")")
        kind = FieldType("enum", options)
        if field.type not in {FieldType("string"), kind}:
            raise NotSupportedError(f"CHECK gives a column of type TEXT its options, not {field.column}")
        return replace(field, type=kind)

    def _table_constraint(self, fields: dict[str, FieldDefinition]) -> None:
        """Read a constraint: one of the fixed columns means nothing, CHECK gives a column its options."""
        if self.takes("constraint"):
            self.name("a constraint")
        kind = self.next
        if self.takes("check"):
            field = self._with_check(fields)
            fields[field.column.lower()] = field
            return
        self.takes("primary") or self.takes("foreign")
        if not (self.takes("key") or self.takes("unique")):
            raise self.wrong("PRIMARY KEY, FOREIGN KEY or CHECK")
        self.expect("(")
        while True:
            column = self.name("a column")
            if column.lower() not in FIXED:
                raise self._refused(kind, column)
            if not self.takes(","):
                break
        self.expect(")")
        self._skip()

    def _names_fixed(self) -> bool:
        symbol = self.found[self.place]
        return symbol.kind in _NAMES and symbol.token.content.lower() in FIXED

    def _skip(self) -> None:
        """Read up to the comma, or the parenthesis, behind what stands in a list."""
        while not self.is_at_end and self.next not in {",", ")"}:
            if self.next == "(":
                self.skip_parentheses()
            else:
                self.skip()

    def type(self, column: str) -> FieldType:
        """Read the type of a column."""
        words = [self.ahead(place) for place in range(_MOST_WORDS)]
        spellings = (words[:number] for number in range(_MOST_WORDS, 0, -1) if all(words[:number]))
        spelled = next((each for each in spellings if " ".join(each) in _SPELLED), words[: words[0].isidentifier()])
        kind = _TYPES.get(name := " ".join(spelled))
        if kind is None:
            reason = _NO_TYPES.get(name, f"write {_TAKEN}")
            raise NotSupportedError(f"{self.table}.{column} cannot be {name.upper() or 'without a type'}: {reason}")
        self.place += len(spelled)
        if kind in {"enum", "multiSelect"}:
            return FieldType(kind, self.texts())
        if kind == "taxonomy":
            return FieldType(kind, taxonomy=self._taxonomy())
        if self.takes("("):  # a length or a precision, which SQLite does not keep either
            while self.take("number") or self.takes(","):
                pass
            self.expect(")")
            if self.next in {"with", "without"}:
                self.skip()
                self.expect("time")
                self.expect("zone")
        return FieldType(kind)

    def _taxonomy(self) -> Taxonomy:
        """Read `('namespace.key' [, MULTIPLE] [, LEVELS (1, 2)])`."""
        self.expect("(")
        namespace, _, key = self.text().rpartition(".")
        if not namespace or not key:
            raise self.wrong("'namespace.key' of a taxonomy before that")
        found = Taxonomy(namespace, key)
        while self.takes(","):
            if self.takes("multiple"):
                found = replace(found, multiple=True)
            elif self.takes("levels"):
                found = replace(found, levels=self._numbers())
            else:
                raise self.wrong("MULTIPLE or LEVELS (1, …)")
        self.expect(")")
        return found

    def _numbers(self) -> tuple[int, ...]:
        self.expect("(")
        found: list[int] = []
        while True:
            token = self.take("number")
            if token is None or not token.text.isdecimal() or len(token.text) > _MOST_DIGITS:
                raise self.wrong("the number of a level")
            found.append(int(token.text))
            if not self.takes(","):
                self.expect(")")
                return tuple(found)

    def _refused(self, kind: str, column: str) -> NotSupportedError:
        place = f"{self.table}.{column}" if column else self.table
        return NotSupportedError(f"{place}: a template takes no {_NO_CONSTRAINTS[kind]}")
