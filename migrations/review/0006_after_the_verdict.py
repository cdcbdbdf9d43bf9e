"""What was done after a verdict, letters about a decision, and known answers."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_engagements'),
        ('decisions', '0013_deep_explanation'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('review', '0005_drafts_and_displayed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LetterContact',
            fields=[
                ('workspace', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='letter_contact', serialize=False, to='accounts.workspace')),
                ('contact', models.TextField()),
                ('days', models.PositiveSmallIntegerField(default=30)),
            ],
        ),
        migrations.CreateModel(
            name='Disposition',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('done', models.CharField(choices=[('released', 'released'), ('rejected', 'rejected'), ('sent_on', 'sent on'), ('nothing', 'nothing further done')], max_length=10)),
                ('outcome', models.CharField(help_text='the label that held', max_length=40)),
                ('to', models.CharField(blank=True, help_text='where it was sent on to', max_length=200)),
                ('words', models.TextField(blank=True)),
                ('entry', models.UUIDField(help_text='the ledger entry', unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dispositions', to='decisions.decision')),
                ('verdict', models.ForeignKey(help_text='the newest that stood; null: no person was asked', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dispositions', to='review.review')),
            ],
            options={
                'ordering': ['created_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='DispositionEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('done', models.CharField(choices=[('released', 'released'), ('rejected', 'rejected'), ('sent_on', 'sent on'), ('nothing', 'nothing further done')], max_length=10)),
                ('outcome', models.CharField(help_text='the label that held', max_length=40)),
                ('entry', models.UUIDField(help_text='the ledger entry')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('decision', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='decisions.decision')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='review.disposition')),
                ('verdict', models.ForeignKey(db_constraint=False, help_text='the newest that stood; null: no person was asked', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='review.review')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='KnownAnswer',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='known_answer', serialize=False, to='review.case')),
                ('label', models.CharField(help_text='the right one', max_length=40)),
                ('nonce', models.UUIDField(default=uuid.uuid4, editable=False, help_text='in the commitment: labels are few, and could be tried')),
                ('entry', models.UUIDField(help_text='the ledger entry', unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('placed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at', 'case'],
            },
        ),
        migrations.CreateModel(
            name='KnownAnswerEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('label', models.CharField(help_text='the right one', max_length=40)),
                ('nonce', models.UUIDField(default=uuid.uuid4, editable=False, help_text='in the commitment: labels are few, and could be tried')),
                ('entry', models.UUIDField(help_text='the ledger entry')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('case', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', serialize=False, to='review.case')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='review.knownanswer')),
                ('placed_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('language', models.CharField(choices=[('en', 'English'), ('ja', '日本語')], max_length=2)),
                ('content', models.JSONField(help_text='paragraph by paragraph; null: the medium was erased', null=True)),
                ('entry', models.UUIDField(help_text='the ledger entry', unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='decisions.decision')),
            ],
            options={
                'ordering': ['created_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='LetterEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('language', models.CharField(choices=[('en', 'English'), ('ja', '日本語')], max_length=2)),
                ('entry', models.UUIDField(help_text='the ledger entry')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('decision', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='decisions.decision')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='review.letter')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='disposition',
            constraint=models.CheckConstraint(condition=models.Q(('done', 'sent_on'), ('to', ''), _connector='OR'), name='only_what_is_sent_on_goes_somewhere'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='disposition',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "review_dispositionevent" ("by_id", "created_at", "decision_id", "done", "entry", "id", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "verdict_id") VALUES (NEW."by_id", NEW."created_at", NEW."decision_id", NEW."done", NEW."entry", NEW."id", NEW."outcome", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."verdict_id"); RETURN NULL;', hash='2cee9a9c2107aba0e523d039659c673b11d58b0a', operation='INSERT', pgid='pgtrigger_insert_insert_82d3e', table='review_disposition', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='disposition',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."by_id" IS DISTINCT FROM (NEW."by_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."decision_id" IS DISTINCT FROM (NEW."decision_id") OR OLD."done" IS DISTINCT FROM (NEW."done") OR OLD."entry" IS DISTINCT FROM (NEW."entry") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."outcome" IS DISTINCT FROM (NEW."outcome") OR OLD."verdict_id" IS DISTINCT FROM (NEW."verdict_id"))', func='INSERT INTO "review_dispositionevent" ("by_id", "created_at", "decision_id", "done", "entry", "id", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "verdict_id") VALUES (NEW."by_id", NEW."created_at", NEW."decision_id", NEW."done", NEW."entry", NEW."id", NEW."outcome", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."verdict_id"); RETURN NULL;', hash='54851df80240b7dfed909b3fb83166726afdf2ed', operation='UPDATE', pgid='pgtrigger_update_update_2b143', table='review_disposition', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='disposition',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "review_dispositionevent" ("by_id", "created_at", "decision_id", "done", "entry", "id", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "verdict_id") VALUES (OLD."by_id", OLD."created_at", OLD."decision_id", OLD."done", OLD."entry", OLD."id", OLD."outcome", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."verdict_id"); RETURN NULL;', hash='e523ea3b18b91462d5f3dc440fc1ddffb42147c2', operation='DELETE', pgid='pgtrigger_delete_delete_c1ede', table='review_disposition', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dispositionevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='65c407e29e7a0ce8cfa9fd7a66ae5804bf0898d6', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b6bc5', table='review_dispositionevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='knownanswer',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "review_knownanswerevent" ("case_id", "created_at", "entry", "label", "nonce", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "placed_by_id") VALUES (NEW."case_id", NEW."created_at", NEW."entry", NEW."label", NEW."nonce", _pgh_attach_context(), NOW(), \'insert\', NEW."case_id", NEW."placed_by_id"); RETURN NULL;', hash='cae4b68bdd585aaacf5038d1ff28fc40747862ad', operation='INSERT', pgid='pgtrigger_insert_insert_033f8', table='review_knownanswer', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='knownanswer',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "review_knownanswerevent" ("case_id", "created_at", "entry", "label", "nonce", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "placed_by_id") VALUES (NEW."case_id", NEW."created_at", NEW."entry", NEW."label", NEW."nonce", _pgh_attach_context(), NOW(), \'update\', NEW."case_id", NEW."placed_by_id"); RETURN NULL;', hash='5e08f63b71a3c4ee1e7d316d145a637e3bfbaef2', operation='UPDATE', pgid='pgtrigger_update_update_b126b', table='review_knownanswer', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='knownanswer',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "review_knownanswerevent" ("case_id", "created_at", "entry", "label", "nonce", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "placed_by_id") VALUES (OLD."case_id", OLD."created_at", OLD."entry", OLD."label", OLD."nonce", _pgh_attach_context(), NOW(), \'delete\', OLD."case_id", OLD."placed_by_id"); RETURN NULL;', hash='4bdaa9d8ee2c4ef0133b38af10f341df7dd3836a', operation='DELETE', pgid='pgtrigger_delete_delete_76b1b', table='review_knownanswer', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='knownanswerevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='afebfee0767af992e8c517aae505f1934126c60d', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b65cd', table='review_knownanswerevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='letter',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "review_letterevent" ("by_id", "created_at", "decision_id", "entry", "id", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."by_id", NEW."created_at", NEW."decision_id", NEW."entry", NEW."id", NEW."language", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='292ed7e136f18e629a1ee92dffd6b83a543a1568', operation='INSERT', pgid='pgtrigger_insert_insert_d3184', table='review_letter', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='letter',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."by_id" IS DISTINCT FROM (NEW."by_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."decision_id" IS DISTINCT FROM (NEW."decision_id") OR OLD."entry" IS DISTINCT FROM (NEW."entry") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."language" IS DISTINCT FROM (NEW."language"))', func='INSERT INTO "review_letterevent" ("by_id", "created_at", "decision_id", "entry", "id", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."by_id", NEW."created_at", NEW."decision_id", NEW."entry", NEW."id", NEW."language", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='6763a64056480ae9708ae79ed2dee1f676df55a0', operation='UPDATE', pgid='pgtrigger_update_update_80a50', table='review_letter', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='letter',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "review_letterevent" ("by_id", "created_at", "decision_id", "entry", "id", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."by_id", OLD."created_at", OLD."decision_id", OLD."entry", OLD."id", OLD."language", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;', hash='b8af0a4a56049ad37a3dd39b8cee993a7652944f', operation='DELETE', pgid='pgtrigger_delete_delete_edcbe', table='review_letter', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='letterevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='442e9ffd853c58dc0d0619e1e974f9c54900f900', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_ab345', table='review_letterevent', when='BEFORE')),
        ),
    ]
