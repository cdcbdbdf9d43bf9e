"""A workspace's entries by time: a day years ago is as near as today.

Made beside the house's work: an index over a log of many years takes minutes, and nothing could be added to the
log meanwhile.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("ledger", "0005_named")]
    operations = [
        AddIndexConcurrently(
            model_name="ledgerentry",
            index=models.Index(fields=["workspace", "created_at", "seq"], name="entries_in_time"),
        )
    ]
