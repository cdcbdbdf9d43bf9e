from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0009_measured")]

    operations = [
        migrations.AddField(
            model_name="submission",
            name="encoding",
            field=models.CharField(
                blank=True,
                default="",
                help_text="what its uploader said that a text is in; empty: its bytes say",
                max_length=20,
            ),
            preserve_default=False,
        ),
    ]
