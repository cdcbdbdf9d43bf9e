"""Who uploaded each file. Of those that came before, whoever made the batch is taken for it, and that is marked."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def uploaders_assume(apps, schema_editor):
    using = schema_editor.connection.alias
    batches = apps.get_model("intake", "Batch").objects.using(using).filter(pk=OuterRef("batch"))
    submissions = apps.get_model("intake", "Submission").objects.using(using)
    submissions.update(uploaded_by=Subquery(batches.values("created_by")[:1]), uploader_assumed=True)


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0003_retention_at"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="submission",
            name="uploaded_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="uploader_assumed",
            field=models.BooleanField(
                default=False, help_text="uploaded before this was kept: taken to be who made the batch"
            ),
        ),
        migrations.RunPython(uploaders_assume, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="submission",
            name="uploaded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
