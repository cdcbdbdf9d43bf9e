"""Decisions that were made before outcomes were kept get theirs: the model's label, or what verdicts made of it."""

from django.db import migrations
from django.db.models import F


def outcomes_fill(apps, schema_editor):
    using = schema_editor.connection.alias
    decisions = apps.get_model("decisions", "Decision").objects.using(using)
    decisions.filter(abstained=False).update(outcome=F("label"))
    reviews = apps.get_model("review", "Review").objects.using(using).exclude(verdict="escalate")
    for review in reviews.select_related("decision").order_by("created_at").iterator():
        outcome = review.label if review.verdict == "overturn" else review.decision.label
        decisions.filter(pk=review.decision_id).update(outcome=outcome)


class Migration(migrations.Migration):
    dependencies = [("review", "0001_initial"), ("decisions", "0005_outcome")]

    operations = [migrations.RunPython(outcomes_fill, migrations.RunPython.noop, elidable=False)]
