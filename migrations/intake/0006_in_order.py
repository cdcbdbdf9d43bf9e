"""A batch's files in the order they came, a page at a time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0005_checking")]

    operations = [
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(fields=["batch", "created_at", "id"], name="files_in_order"),
        ),
    ]
