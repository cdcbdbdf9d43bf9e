"""An index of the ids that an entry names: who did something, and to whom, is found without reading all."""

from django.db import migrations

MADE = """
CREATE FUNCTION ledger_named(body bytea) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ARRAY(
        SELECT DISTINCT found[1] FROM regexp_matches(
            encode(body, 'escape'),
            '([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})', 'g'
        ) AS found
    )
$$;
CREATE INDEX entries_by_named ON ledger_entry USING gin (ledger_named(body))
    WHERE kind NOT IN ('decision', 'attribution', 'run_step', 'run_failed', 'quarantine');
"""
GONE = "DROP INDEX entries_by_named; DROP FUNCTION ledger_named(bytea);"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_checks")]
    operations = [migrations.RunSQL(MADE, GONE)]
