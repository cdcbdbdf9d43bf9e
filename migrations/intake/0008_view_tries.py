from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0007_original_view")]

    operations = [
        migrations.AddField(
            model_name="originalview",
            name="tries",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="that were begun, and ended in no view"
            ),
        ),
    ]
