"""An export says of which size the log is that it is of, so that no clock has to tell what it may quote."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exports", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="exportjob",
            name="log_size",
            field=models.PositiveBigIntegerField(
                help_text="of the log that it is of; known before anything is read", null=True
            ),
        ),
    ]
