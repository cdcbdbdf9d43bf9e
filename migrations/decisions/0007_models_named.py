"""Policy versions that named no model get the one that answered for them: their runs', or the newest of then."""

from django.db import migrations


def models_name(apps, schema_editor):
    using = schema_editor.connection.alias
    runs = apps.get_model("decisions", "Run").objects.using(using)
    models = apps.get_model("registry", "ModelVersion").objects.using(using)
    versions = apps.get_model("policies", "PolicyVersion").objects.using(using)
    for version in versions.filter(model_version__isnull=True):
        run = runs.filter(policy_version=version).order_by("-created_at").first()
        stage = models.filter(stage=version.body["stage"])
        then = stage.filter(registered_at__lte=version.created_at).order_by("-registered_at").first()
        model = run.model_version if run else then or stage.order_by("registered_at").first()
        if model:
            versions.filter(pk=version.pk).update(model_version=model)


class Migration(migrations.Migration):
    dependencies = [("decisions", "0006_held_runs"), ("policies", "0004_model_and_builtins")]

    operations = [migrations.RunPython(models_name, migrations.RunPython.noop)]
