"""Verdicts and corrections are of the app `review` from here on. Their tables stay as they are."""

import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('decisions', '0003_corrections'),
    ]

    # The names of triggers are made from the model's app, so they are made anew under the new one.
    operations = [
        pgtrigger.migrations.RemoveTrigger(model_name='correction', name='insert_insert'),
        pgtrigger.migrations.RemoveTrigger(model_name='correction', name='update_update'),
        pgtrigger.migrations.RemoveTrigger(model_name='correction', name='delete_delete'),
        pgtrigger.migrations.RemoveTrigger(model_name='review', name='insert_insert'),
        pgtrigger.migrations.RemoveTrigger(model_name='review', name='update_update'),
        pgtrigger.migrations.RemoveTrigger(model_name='review', name='delete_delete'),
        pgtrigger.migrations.RemoveTrigger(model_name='correctionevent', name='append_only'),
        pgtrigger.migrations.RemoveTrigger(model_name='reviewevent', name='append_only'),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(
                    model_name='correctionevent',
                    name='pgh_obj',
                ),
                migrations.RemoveField(
                    model_name='correctionevent',
                    name='by',
                ),
                migrations.RemoveField(
                    model_name='correctionevent',
                    name='pgh_context',
                ),
                migrations.RemoveField(
                    model_name='correctionevent',
                    name='run',
                ),
                migrations.RemoveField(
                    model_name='review',
                    name='decision',
                ),
                migrations.RemoveField(
                    model_name='review',
                    name='officer',
                ),
                migrations.RemoveField(
                    model_name='reviewevent',
                    name='pgh_obj',
                ),
                migrations.RemoveField(
                    model_name='reviewevent',
                    name='decision',
                ),
                migrations.RemoveField(
                    model_name='reviewevent',
                    name='officer',
                ),
                migrations.RemoveField(
                    model_name='reviewevent',
                    name='pgh_context',
                ),
                migrations.DeleteModel(
                    name='Correction',
                ),
                migrations.DeleteModel(
                    name='CorrectionEvent',
                ),
                migrations.DeleteModel(
                    name='Review',
                ),
                migrations.DeleteModel(
                    name='ReviewEvent',
                ),
            ],
        ),
    ]
