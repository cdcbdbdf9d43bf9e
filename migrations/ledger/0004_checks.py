"""What checks of the log found: added to and never changed, as the rest of the record (0002)."""

from django.db import migrations, models

DEFEND = """
CREATE TRIGGER rows_are_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_check
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
ALTER TABLE ledger_check ENABLE ALWAYS TRIGGER rows_are_only_added;
REVOKE ALL ON ledger_check FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_cosignatures")]

    operations = [
        migrations.CreateModel(
            name="LedgerCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField()),
                ("full", models.BooleanField()),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField()),
                (
                    "problems",
                    models.JSONField(default=list, help_text="the first of them: check, detail, index"),
                ),
                ("problems_count", models.PositiveIntegerField(default=0)),
                ("warnings", models.JSONField(default=list, help_text="roles that are too strong")),
            ],
            options={
                "db_table": "ledger_check",
                "ordering": ["-ended_at"],
                "indexes": [models.Index(fields=["-ended_at"], name="newest_checks")],
            },
        ),
        # The application's rights are given after each migration: `omnigov.database_roles`.
        migrations.RunSQL(DEFEND),
    ]
