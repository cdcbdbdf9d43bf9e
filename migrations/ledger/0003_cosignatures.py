"""Witnesses' cosignatures: added to and never changed, as the rest of the record (0002)."""

from django.db import migrations, models

DEFEND = """
CREATE TRIGGER rows_are_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_cosignature
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
ALTER TABLE ledger_cosignature ENABLE ALWAYS TRIGGER rows_are_only_added;
REVOKE ALL ON ledger_cosignature FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_only_added")]
    operations = [
        migrations.CreateModel(
            name="LedgerCosignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("size", models.BigIntegerField()),
                ("witness", models.CharField(max_length=300)),
                ("line", models.TextField()),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_cosignature",
                "ordering": ["size", "witness"],
                "constraints": [
                    models.UniqueConstraint(fields=("witness", "size"), name="a_witness_cosigns_once")
                ],
            },
        ),
        # The application's rights are given after each migration: `omnigov.database_roles`.
        migrations.RunSQL(DEFEND),
    ]
