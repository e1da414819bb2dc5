"""What SQLAlchemy's suite may ask of the dialect: all that it can, and why it cannot the rest.

A name is that of a property of `sqlalchemy.testing.requirements.SuiteRequirements`. The suite runs with the same
requirements on SQLAlchemy's own `sqlite://`, so what they exclude is excluded on both sides.
"""

import sqlalchemy
from sqlalchemy.testing import exclusions
from sqlalchemy.testing.requirements import SuiteRequirements

SUPPORTED = [
    "inline_check_constraint_reflection",
    "foreign_key_constraint_name_reflection",
    "autocommit",
    "boolean_col_expressions",
    "check_constraint_reflection",
    "create_table_as",
    "create_temp_table_as",
    "ctes",
    "ctes_on_dml",
    "ctes_with_update_delete",
    "ctes_with_values",
    "computed_columns",
    "computed_columns_reflect_persisted",
    "computed_columns_stored",
    "computed_columns_virtual",
    "date_historic",
    "datetime_historic",
    "datetime_literals",
    "dbapi_lastrowid",
    "deferrable_fks",
    "emulated_lastrowid",
    "except_",
    "expression_server_defaults",
    "fetch_null_from_numeric",
    "foreign_key_constraint_option_reflection_ondelete",
    "foreign_key_constraint_option_reflection_onupdate",
    "fk_constraint_option_reflection_ondelete_noaction",
    "fk_constraint_option_reflection_ondelete_restrict",
    "fk_constraint_option_reflection_onupdate_restrict",
    "has_temp_table",
    "index_ddl_if_exists",
    "indexes_check_column_order",
    "indexes_with_expressions",
    "infinity_floats",
    "intersect",
    "isolation_level",
    "json_array_indexes",
    "json_type",
    "legacy_unconditional_json_extract",
    "mod_operator_as_percent_sign",
    "non_updating_cascade",
    "nullsordering",
    "order_by_label_with_expression",
    "percent_schema_names",
    "precision_numerics_enotation_small",
    "reflects_pk_names",
    "regexp_match",
    "reflect_table_options",
    "repeated_column_foreign_keys",
    "repeated_remote_col_foreign_keys",
    "savepoints",
    "server_defaults",
    "skip_autocommit_rollback",
    "supports_bitwise_and",
    "supports_bitwise_not",
    "supports_bitwise_or",
    "supports_bitwise_shift",
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

UNSUPPORTED = {
    "schemas": "ATTACH is refused, so there is one schema",
    "parens_in_union_contained_select_w_limit_offset": "SQLite takes no parentheses in a compound SELECT",
    "parens_in_union_contained_select_wo_limit_offset": "SQLite takes no parentheses in a compound SELECT",
    "implicitly_named_constraints": "SQLite gives no names to constraints",
}


FROM_2_0 = ["update_from"]  # SQLAlchemy 1.4 does not compile it for SQLite


def _property(rule):
    return property(lambda self: rule)  # noqa: ARG005 - the suite asks an instance


class Requirements(SuiteRequirements):
    """The requirements of `sqlite://` and of `box://`; the properties are set below."""

    def get_isolation_levels(self, config):  # noqa: ARG002 - SQLAlchemy's signature
        return {"default": "SERIALIZABLE", "supported": ["SERIALIZABLE", "READ UNCOMMITTED", "AUTOCOMMIT"]}


def _returns(config):
    """Tell whether RETURNING is to be tested; SQLAlchemy 1.4 does so with a second engine, whose memory is another."""
    dialect = config.db.dialect
    return dialect.implicit_returning and (dialect.name != "box" or "LocalDatabase" in config.db.url.query)


if sqlalchemy.__version__ < "2":
    Requirements.returning = _property(exclusions.only_if(_returns, "no RETURNING, or each engine has its own memory"))
for name in SUPPORTED + (FROM_2_0 if sqlalchemy.__version__ >= "2" else []):
    setattr(Requirements, name, _property(exclusions.open()))
for name, reason in UNSUPPORTED.items():
    setattr(Requirements, name, _property(exclusions.skip_if(exclusions.BooleanPredicate(True, reason))))
