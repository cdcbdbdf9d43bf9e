"""Rows are only added: triggers for everyone, grants for the application.

Statement triggers, so that a statement that would touch no row is refused too, and TRUNCATE with it; enabled
ALWAYS, so that they also fire in a session that calls itself a replica. The owner of a table can switch a
trigger off, so the product runs as a role that owns nothing here and may only SELECT and INSERT.
"""

from django.conf import settings
from django.db import migrations

TABLES = ("ledger_entry", "ledger_leaf", "ledger_tile", "ledger_checkpoint")

REFUSE = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is only added to: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$
"""

# What a row says about its own bytes is compared where it is written.
CONSTRAINTS = (
    ("ledger_entry", "an_entry_is_small", "octet_length(body) BETWEEN 2 AND 65535"),
    ("ledger_entry", "a_leaf_hash_is_the_body_s", r"leaf_hash = sha256('\x00'::bytea || body)"),
    ("ledger_tile", "a_tile_is_as_wide_as_it_says", "octet_length(data) = 32 * width"),
    ("ledger_checkpoint", "a_root_is_a_hash", "octet_length(root) = 32"),
)


def defend(apps, schema_editor):
    # Without parameters, so that the driver leaves the percent signs alone.
    schema_editor.execute(REFUSE, params=None)
    for table in TABLES:
        schema_editor.execute(
            f"CREATE TRIGGER rows_are_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()"
        )
        schema_editor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER rows_are_only_added")
    for table, name, condition in CONSTRAINTS:
        schema_editor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition})")


def grant(apps, schema_editor):
    """Where the application's role is missing, or owns the tables, `omnigov ledger check` says so."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.OMNIGOV_APP_ROLE])
        known = cursor.fetchone() is not None
    role = schema_editor.quote_name(settings.OMNIGOV_APP_ROLE)
    for table in TABLES:
        schema_editor.execute(f"REVOKE ALL ON {table} FROM PUBLIC")
        if known:
            schema_editor.execute(f"REVOKE ALL ON {table} FROM {role}")
            schema_editor.execute(f"GRANT SELECT, INSERT ON {table} TO {role}")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        migrations.RunPython(defend),
        migrations.RunPython(grant),
    ]
