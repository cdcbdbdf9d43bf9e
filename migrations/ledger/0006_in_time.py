"""A workspace's entries by time: a day years ago is as near as today."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_named")]
    operations = [
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(fields=["workspace", "created_at", "seq"], name="entries_in_time"),
        )
    ]
