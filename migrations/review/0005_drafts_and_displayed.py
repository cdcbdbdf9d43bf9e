"""What a person began to write, and what a page measured to have been displayed for a verdict."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("decisions", "0013_deep_explanation"),
        ("review", "0004_case_triggers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="review",
            name="displayed",
            field=models.JSONField(
                help_text="what the page measured (`review.displayed`); null: nothing", null=True
            ),
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "page",
                    models.CharField(
                        choices=[
                            ("verdict", "Verdict"),
                            ("correction", "Correction"),
                            ("release", "Release"),
                        ],
                        max_length=10,
                    ),
                ),
                ("fields", models.JSONField(help_text="by the name of a field: its values")),
                ("saved_at", models.DateTimeField(auto_now=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to="decisions.run",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "person", "page"), name="one_draft_a_page_and_person"
                    )
                ],
            },
        ),
    ]
