"""What a database holds beside the tables of this release: triggers, rules, views, tables, keys, and what is missing.

A trigger or a rule changes rows without any event. Nothing of the kind is made by any release.
"""

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from workflow.text import NOTHING, Text

VERSIONS = "alembic_version"
"""The table in which migrations keep the schema's version."""
MISSING = Text("die Tabelle fehlt", "the table is missing")
KINDS = {
    "trigger": "ein Trigger", "rule": "eine Regel", "row policy": "eine Zeilenregel", "view": "eine Sicht",
    "foreign table": "eine fremde Tabelle",
}  # fmt: skip
"""In German, as `_SQLITE` and `_POSTGRESQL` name them."""
_SQLITE = "SELECT type, name, tbl_name FROM sqlite_master WHERE type IN ('trigger', 'view')"
_POSTGRESQL = """
SELECT 'trigger', t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
UNION ALL SELECT 'rule', rulename, tablename FROM pg_rules WHERE schemaname = current_schema()
UNION ALL SELECT 'row policy', policyname, tablename FROM pg_policies WHERE schemaname = current_schema()
UNION ALL SELECT 'view', relname, relname FROM pg_class
    WHERE relkind IN ('v', 'm') AND relnamespace = current_schema()::regnamespace
UNION ALL SELECT 'foreign table', relname, relname FROM pg_class
    WHERE relkind IN ('f', 'p') AND relnamespace = current_schema()::regnamespace
ORDER BY 1, 2
"""


def find_schema_differences(connection: sa.Connection, tables: Iterable[sa.Table]) -> Iterator[tuple[str, Text]]:
    """(object, what is wrong with it) for everything that is not as the tables given say."""
    known = {table.name: table for table in tables}
    for kind, name, on in connection.exec_driver_sql(_SQLITE if _is_sqlite(connection) else _POSTGRESQL).all():
        at = Text(f" auf {on}", f" on {on}") if on != name else NOTHING
        yield name, Text(f"{KINDS[kind]}{at.de}, von keiner Version angelegt", f"a {kind}{at.en} that no release makes")
    inspector = sa.inspect(connection)
    found = set(inspector.get_table_names())
    for name in sorted(found - set(known) - {VERSIONS}):
        yield name, Text("eine Tabelle, von keiner Version angelegt", "a table that no release makes")
    for name, table in sorted(known.items()):
        if name not in found:
            yield name, MISSING
        else:
            yield from ((name, wrong) for wrong in _compare(inspector, table))


def _compare(inspector: sa.Inspector, table: sa.Table) -> Iterator[Text]:
    name = table.name
    columns = {(column["name"], column["nullable"]) for column in inspector.get_columns(name)}
    expected = {(column.name, bool(column.nullable)) for column in table.columns}
    for column in sorted({column for column, _ in columns ^ expected}):
        yield Text(f"die Spalte {column} ist nicht, wie sie sein soll", f"column {column} is not as it should be")
    if set(inspector.get_pk_constraint(name)["constrained_columns"]) != {c.name for c in table.primary_key}:
        yield Text("der Primärschlüssel ist nicht, wie er sein soll", "its primary key is not as it should be")
    if inspector.get_foreign_keys(name):
        yield Text("ein Fremdschlüssel, von keiner Version angelegt", "a foreign key that no release makes")
    if inspector.get_check_constraints(name):
        yield Text("eine Prüfung, von keiner Version angelegt", "a check that no release makes")
    yield from _compare_unique(inspector, table)
    yield from _compare_indexes(inspector, table)


def _compare_unique(inspector: sa.Inspector, table: sa.Table) -> Iterator[Text]:
    found = {tuple(one["column_names"]) for one in inspector.get_unique_constraints(table.name)}
    wanted = {tuple(c.name for c in one.columns) for one in table.constraints if isinstance(one, sa.UniqueConstraint)}
    for columns in sorted(wanted - found):
        names = ", ".join(columns)
        yield Text(f"die Eindeutigkeit von {names} fehlt", f"uniqueness of {names} is missing")
    for columns in sorted(found - wanted):
        names = ", ".join(columns)
        yield Text(
            f"eine Eindeutigkeit von {names}, von keiner Version verlangt",
            f"uniqueness of {names} that no release asks for",
        )


def _compare_indexes(inspector: sa.Inspector, table: sa.Table) -> Iterator[Text]:
    found = {
        (str(one["name"]), tuple(map(str, one["column_names"])), bool(one["unique"]))
        for one in inspector.get_indexes(table.name)
        if not one.get("duplicates_constraint")
    }
    made = {(str(one.name), tuple(c.name for c in one.columns), bool(one.unique)) for one in table.indexes}
    for name in sorted({name for name, _, _ in found ^ made}):
        yield Text(f"der Index {name} ist nicht, wie er sein soll", f"index {name} is not as it should be")


def _is_sqlite(connection: sa.Connection) -> bool:
    return connection.dialect.name == "sqlite"
