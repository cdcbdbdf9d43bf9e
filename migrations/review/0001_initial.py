"""Takes over the tables of verdicts and corrections from `decisions`, rows, history and triggers as they stand."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('decisions', '0004_reviews_leave'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='Correction',
                    fields=[
                        ('run', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='correction', serialize=False, to='decisions.run')),
                        ('act', models.CharField(choices=[('corrected', 'regions corrected'), ('by_hand', 'redacted by hand'), ('nothing_visible', 'released as it is')], max_length=15)),
                        ('added', models.PositiveIntegerField(help_text='regions, by this act alone')),
                        ('removed', models.PositiveIntegerField(help_text='regions, by this act alone')),
                        ('reason', models.TextField()),
                        ('entry', models.UUIDField(help_text='the ledger entry', unique=True)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'db_table': 'decisions_correction',
                        'ordering': ['created_at'],
                    },
                ),
                migrations.CreateModel(
                    name='CorrectionEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('act', models.CharField(choices=[('corrected', 'regions corrected'), ('by_hand', 'redacted by hand'), ('nothing_visible', 'released as it is')], max_length=15)),
                        ('added', models.PositiveIntegerField(help_text='regions, by this act alone')),
                        ('removed', models.PositiveIntegerField(help_text='regions, by this act alone')),
                        ('entry', models.UUIDField(help_text='the ledger entry')),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='review.correction')),
                        ('run', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', serialize=False, to='decisions.run')),
                    ],
                    options={
                        'db_table': 'decisions_correctionevent',
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Review',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('verdict', models.CharField(choices=[('uphold', 'uphold'), ('overturn', 'overturn'), ('escalate', 'escalate')], max_length=10)),
                        ('label', models.CharField(blank=True, help_text='the right label, where overturned', max_length=40)),
                        ('reason', models.TextField()),
                        ('entry', models.UUIDField(help_text='the ledger entry', unique=True)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='decisions.decision')),
                        ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'db_table': 'decisions_review',
                        'ordering': ['created_at'],
                    },
                ),
                migrations.CreateModel(
                    name='ReviewEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                        ('verdict', models.CharField(choices=[('uphold', 'uphold'), ('overturn', 'overturn'), ('escalate', 'escalate')], max_length=10)),
                        ('label', models.CharField(blank=True, help_text='the right label, where overturned', max_length=40)),
                        ('entry', models.UUIDField(help_text='the ledger entry')),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('decision', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='decisions.decision')),
                        ('officer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='review.review')),
                    ],
                    options={
                        'db_table': 'decisions_reviewevent',
                        'abstract': False,
                    },
                ),
                migrations.AddConstraint(
                    model_name='review',
                    constraint=models.CheckConstraint(condition=models.Q(models.Q(('verdict', 'overturn'), models.Q(('label', ''), _negated=True)), models.Q(models.Q(('verdict', 'overturn'), _negated=True), ('label', '')), _connector='OR'), name='an_overturned_label_has_a_right_one'),
                ),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='correction',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "decisions_correctionevent" ("act", "added", "by_id", "created_at", "entry", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "removed", "run_id") VALUES (NEW."act", NEW."added", NEW."by_id", NEW."created_at", NEW."entry", _pgh_attach_context(), NOW(), \'insert\', NEW."run_id", NEW."removed", NEW."run_id"); RETURN NULL;', hash='8005f8a05df1d1fb332a698395a1a28cb17a4844', operation='INSERT', pgid='pgtrigger_insert_insert_23ad1', table='decisions_correction', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='correction',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."act" IS DISTINCT FROM (NEW."act") OR OLD."added" IS DISTINCT FROM (NEW."added") OR OLD."by_id" IS DISTINCT FROM (NEW."by_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."entry" IS DISTINCT FROM (NEW."entry") OR OLD."removed" IS DISTINCT FROM (NEW."removed") OR OLD."run_id" IS DISTINCT FROM (NEW."run_id"))', func='INSERT INTO "decisions_correctionevent" ("act", "added", "by_id", "created_at", "entry", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "removed", "run_id") VALUES (NEW."act", NEW."added", NEW."by_id", NEW."created_at", NEW."entry", _pgh_attach_context(), NOW(), \'update\', NEW."run_id", NEW."removed", NEW."run_id"); RETURN NULL;', hash='e797a42aa7938a8e1682dd39ac28abebfe16537b', operation='UPDATE', pgid='pgtrigger_update_update_fff00', table='decisions_correction', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='correction',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "decisions_correctionevent" ("act", "added", "by_id", "created_at", "entry", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "removed", "run_id") VALUES (OLD."act", OLD."added", OLD."by_id", OLD."created_at", OLD."entry", _pgh_attach_context(), NOW(), \'delete\', OLD."run_id", OLD."removed", OLD."run_id"); RETURN NULL;', hash='28f6e60632f8c255fd4bf045dcee480bf5e5d501', operation='DELETE', pgid='pgtrigger_delete_delete_6c755', table='decisions_correction', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='correctionevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a14689f19447d3b699e12af9dffeb7a2bada93be', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d3165', table='decisions_correctionevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "decisions_reviewevent" ("created_at", "decision_id", "entry", "id", "label", "officer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "verdict") VALUES (NEW."created_at", NEW."decision_id", NEW."entry", NEW."id", NEW."label", NEW."officer_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."verdict"); RETURN NULL;', hash='1dc3d4f1e968ddb308c0708fbafd883593226fe3', operation='INSERT', pgid='pgtrigger_insert_insert_7d188', table='decisions_review', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."decision_id" IS DISTINCT FROM (NEW."decision_id") OR OLD."entry" IS DISTINCT FROM (NEW."entry") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."label" IS DISTINCT FROM (NEW."label") OR OLD."officer_id" IS DISTINCT FROM (NEW."officer_id") OR OLD."verdict" IS DISTINCT FROM (NEW."verdict"))', func='INSERT INTO "decisions_reviewevent" ("created_at", "decision_id", "entry", "id", "label", "officer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "verdict") VALUES (NEW."created_at", NEW."decision_id", NEW."entry", NEW."id", NEW."label", NEW."officer_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."verdict"); RETURN NULL;', hash='826b3cb78e29831d6cfb7ba848991cb22a7eea06', operation='UPDATE', pgid='pgtrigger_update_update_e7fc1', table='decisions_review', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "decisions_reviewevent" ("created_at", "decision_id", "entry", "id", "label", "officer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "verdict") VALUES (OLD."created_at", OLD."decision_id", OLD."entry", OLD."id", OLD."label", OLD."officer_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."verdict"); RETURN NULL;', hash='025a50b06f53596712221830cd755b1ebf9c1b16', operation='DELETE', pgid='pgtrigger_delete_delete_b27fb', table='decisions_review', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reviewevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='02028d4d337399222d09549779c7b6f5058f9a01', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_69f7a', table='decisions_reviewevent', when='BEFORE')),
        ),
    ]
