"""What SQLAlchemy's suite may ask of `sqlite://` and of `box://`: all that it can, and why not the rest.

A name is that of a property of `sqlalchemy.testing.requirements.SuiteRequirements`; versions of SQLAlchemy differ in
what they know. What one closes and no table here names fails the run, see requirements.py.
"""

OPEN = [
    "aggregate_order_by",
    "autocommit",
    "boolean_col_expressions",
    "check_constraint_reflection",
    "computed_columns",
    "computed_columns_reflect_persisted",
    "computed_columns_stored",
    "computed_columns_virtual",
    "create_table_as",
    "create_temp_table_as",
    "ctes",
    "ctes_on_dml",
    "ctes_with_update_delete",
    "ctes_with_values",
    "date_historic",
    "datetime_historic",
    "datetime_literals",
    "dbapi_lastrowid",
    "deferrable_fks",
    "emulated_lastrowid",
    "emulated_lastrowid_even_with_sequences",
    "except_",
    "expression_server_defaults",
    "fetch_null_from_numeric",
    "fk_constraint_option_reflection_ondelete_noaction",
    "fk_constraint_option_reflection_ondelete_restrict",
    "fk_constraint_option_reflection_onupdate_restrict",
    "float_or_double_precision_behaves_generically",
    "foreign_key_constraint_name_reflection",
    "foreign_key_constraint_option_reflection_ondelete",
    "foreign_key_constraint_option_reflection_onupdate",
    "has_temp_table",
    "index_ddl_if_exists",
    "indexes_check_column_order",
    "indexes_with_expressions",
    "infinity_floats",
    "inline_check_constraint_reflection",
    "intersect",
    "isolation_level",
    "json_array_indexes",
    "json_type",
    "legacy_unconditional_json_extract",
    "mod_operator_as_percent_sign",
    "non_updating_cascade",
    "nullsordering",
    "nvarchar_types",
    "order_by_label_with_expression",
    "percent_schema_names",
    "precision_numerics_enotation_small",
    "precision_numerics_retains_significant_digits",
    "reflect_table_options",
    "reflects_pk_names",
    "regexp_match",
    "repeated_column_foreign_keys",
    "repeated_remote_col_foreign_keys",
    "savepoints",
    "schemas",
    "server_defaults",
    "skip_autocommit_rollback",
    "supports_bitwise_and",
    "supports_bitwise_not",
    "supports_bitwise_or",
    "supports_bitwise_shift",
    "supports_bitwise_xor",
    "table_ddl_if_exists",
    "temp_table_names",
    "temporary_views",
    "timestamp_microseconds",
    "tuple_in",
    "unicode_ddl",
    "uuid_data_type",
    "views",
    "window_functions",
    "window_range",
    "window_range_numeric",
]
"""Open for both dialects."""

OPEN_SINCE_2_0 = {"update_from": "SQLAlchemy 1.4 does not compile it for SQLite"}

OPEN_FOR_BOX = {
    "datetime_timezone": "SQLite's dialect drops the time zone",
    "datetime_timezone_historic": "SQLite's dialect drops the time zone",
}
"""Open for `box://` alone, and why SQLite's dialect fails it."""

_NO_COMMENTS = "SQLite keeps no comments"
_NO_FETCH = "SQLite has LIMIT, and no FETCH FIRST"
_NO_IDENTITY = "SQLite has no IDENTITY"
_NO_MATERIALIZED_VIEWS = "SQLite has no materialized views"
_NO_PARENTHESES = "SQLite takes no parentheses in a compound SELECT"
_OWN_INDEXES = "the inspector leaves out the indexes that SQLite makes for constraints"
_SIXTEEN_DIGITS = "SQLite keeps numbers of about 16 digits"

CLOSED = {
    "array_type": "SQLite has no arrays",
    "column_collation_reflection": "SQLite tells no column's collation",
    "comment_reflection": _NO_COMMENTS,
    "comment_reflection_full_unicode": _NO_COMMENTS,
    "computed_columns_default_persisted": "SQLite's generated columns are virtual by default",
    "constraint_comment_reflection": _NO_COMMENTS,
    "create_or_replace_view": "SQLite has no CREATE OR REPLACE VIEW",
    "cross_schema_fk_reflection": "SQLite's foreign keys stay in one schema",
    "datetime_interval": "SQLAlchemy writes no interval into SQL where the database has none",
    "default_schema_name_switch": "SQLite's default schema is always main",
    "delete_from": "SQLite has no DELETE … USING",
    "fetch_expression": _NO_FETCH,
    "fetch_first": _NO_FETCH,
    "fetch_no_order_by": _NO_FETCH,
    "fetch_offset_with_options": _NO_FETCH,
    "fetch_percent": _NO_FETCH,
    "fetch_ties": _NO_FETCH,
    "foreign_keys_reflect_as_index": "SQLite makes no indexes for foreign keys",
    "identity_columns": _NO_IDENTITY,
    "identity_columns_standard": _NO_IDENTITY,
    "implicit_default_schema": "PostgreSQL's search path is meant",
    "implicitly_named_constraints": "SQLite gives no names to constraints",
    "index_reflects_included_columns": "SQLite's indexes have no INCLUDE",
    "json_deserializer_binary": "SQLite gives JSON as text",
    "materialized_views": _NO_MATERIALIZED_VIEWS,
    "materialized_views_reflect_pk": _NO_MATERIALIZED_VIEWS,
    "parens_in_union_contained_select_w_limit_offset": _NO_PARENTHESES,
    "parens_in_union_contained_select_wo_limit_offset": _NO_PARENTHESES,
    "precision_numerics_enotation_large": _SIXTEEN_DIGITS,
    "precision_numerics_many_significant_digits": _SIXTEEN_DIGITS,
    "reflect_indexes_with_ascdesc_as_expression": "Oracle's indexes of descending columns are meant",
    "reflect_indexes_with_expressions": "SQLAlchemy's inspector leaves out SQLite's indexes on expressions",
    "reflect_tables_no_columns": "SQLite has no tables without columns",
    "regexp_replace": "SQLite has no such function",
    "schema_create_delete": "SQLite has no CREATE SCHEMA",
    "standalone_binds": "SQLAlchemy 1.4 gives SQLite no types of parameters",
    "supports_distinct_on": "SQLite has no DISTINCT ON",
    "table_value_constructor": "SQLite's VALUES takes no names of columns",
    "temp_table_comment_reflection": _NO_COMMENTS,
    "time_timezone": "SQLite's dialect keeps times of day without a time zone",
    "two_phase_transactions": "SQLite has no two-phase commit",
    "unique_constraints_reflect_as_index": _OWN_INDEXES,
    "unique_index_reflect_as_unique_constraints": "the inspector tells unique indexes from constraints",
    "window_range_non_numeric": "SQLite's RANGE takes numbers",
}
"""Closed for both dialects, and why: such tests count as skipped."""

CLOSED_IN_MEMORY = {"independent_readonly_connections": "in memory each engine has a database of its own"}
"""Closed for both dialects where the database is in memory."""

_ANY_CONNECTION = "SQLAlchemy 1.4 looks for temporary tables on any connection of the engine"

CLOSED_IN_MEMORY_OF_1_4 = {
    "has_temp_table": _ANY_CONNECTION,
    "temp_table_names": _ANY_CONNECTION,
    "temp_table_reflection": _ANY_CONNECTION,
    "temp_table_reflect_indexes": _ANY_CONNECTION,
    "temporary_views": _ANY_CONNECTION,
}
"""Closed for both dialects where the database is in memory, and SQLAlchemy is 1.4."""

ONE_ENGINE = "a second engine has neither the memory of the first nor the schema attached to it"
"""Why `independent_connections` is closed, by which the suite would make an engine for a class of tests."""

CLOSED_TESTS = {
    "test_ss_cursor_status[for_update_string]": "SQLite has no FOR UPDATE; the suite leaves the test out by name",
}
"""Tests that no requirement guards, closed for both dialects, and why."""
