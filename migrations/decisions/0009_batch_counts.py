"""Counters of batches that triggers keep, and the number of findings beside them: no page reads findings.

Rows of counters are only added, and gathered now and then by whichever trigger's turn it is. So two workers
never wait for each other's counter, and no order of locks can be wrong.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.fields.json import KeyTransform

COUNT = """
CREATE FUNCTION batch_count(counted uuid, counted_state text, change integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO decisions_batchcount (batch_id, state, files) VALUES (counted, counted_state, change);
    IF random() < 0.02 THEN
        -- What another transaction gathers at this moment is left to it.
        WITH gone AS (
            DELETE FROM decisions_batchcount WHERE id IN (
                SELECT id FROM decisions_batchcount WHERE batch_id = counted FOR UPDATE SKIP LOCKED
            ) RETURNING state, files
        )
        INSERT INTO decisions_batchcount (batch_id, state, files)
        SELECT counted, gone.state, sum(gone.files) FROM gone GROUP BY gone.state HAVING sum(gone.files) <> 0;
    END IF;
END
$$
"""

# A file without a run is in its own state.
SUBMISSION = """
CREATE FUNCTION batch_count_submission() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM batch_count(NEW.batch_id, NEW.state, 1);
    ELSIF NOT EXISTS (SELECT FROM decisions_run WHERE submission_id = NEW.id) THEN
        PERFORM batch_count(NEW.batch_id, OLD.state, -1);
        PERFORM batch_count(NEW.batch_id, NEW.state, 1);
    END IF;
    RETURN NULL;
END
$$
"""

# One with runs is in the state of the newest. Whose place a new run takes is locked, so that it can't change
# its own state at the same moment.
RUN = """
CREATE FUNCTION batch_count_run() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    counted uuid;
    before text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT EXISTS (SELECT FROM decisions_run WHERE parent_id = NEW.id) THEN
            SELECT batch_id INTO counted FROM intake_submission WHERE id = NEW.submission_id;
            PERFORM batch_count(counted, OLD.state, -1);
            PERFORM batch_count(counted, NEW.state, 1);
        END IF;
        RETURN NULL;
    END IF;
    SELECT batch_id, state INTO counted, before FROM intake_submission
        WHERE id = NEW.submission_id FOR NO KEY UPDATE;
    IF NEW.parent_id IS NOT NULL THEN
        SELECT state INTO before FROM decisions_run WHERE id = NEW.parent_id FOR NO KEY UPDATE;
    END IF;
    PERFORM batch_count(counted, before, -1);
    PERFORM batch_count(counted, NEW.state, 1);
    RETURN NULL;
END
$$
"""

DECISION = """
CREATE FUNCTION batch_count_decision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    counted uuid;
BEGIN
    SELECT submission.batch_id INTO counted FROM decisions_run run
        JOIN intake_submission submission ON submission.id = run.submission_id WHERE run.id = NEW.run_id;
    IF TG_OP = 'UPDATE' THEN
        PERFORM batch_count(counted, 'review:' || OLD.review_state, -1);
    END IF;
    PERFORM batch_count(counted, 'review:' || NEW.review_state, 1);
    RETURN NULL;
END
$$
"""

FUNCTIONS = (COUNT, SUBMISSION, RUN, DECISION)
TRIGGERS = (
    ("intake_submission", "state", "batch_count_submission"),
    ("decisions_run", "state", "batch_count_run"),
    ("decisions_decision", "review_state", "batch_count_decision"),
)

FILL = """
INSERT INTO decisions_batchcount (batch_id, state, files)
SELECT submission.batch_id, COALESCE(run.state, submission.state), count(*)
FROM intake_submission submission
LEFT JOIN decisions_run run ON run.submission_id = submission.id
    AND NOT EXISTS (SELECT FROM decisions_run later WHERE later.parent_id = run.id)
GROUP BY 1, 2
UNION ALL
SELECT submission.batch_id, 'review:' || decision.review_state, count(*)
FROM decisions_decision decision
JOIN decisions_run run ON run.id = decision.run_id
JOIN intake_submission submission ON submission.id = run.submission_id
GROUP BY 1, 2
"""


def count(apps, schema_editor):
    for function in FUNCTIONS:
        schema_editor.execute(function, params=None)
    for table, column, function in TRIGGERS:
        schema_editor.execute(
            f"CREATE TRIGGER files_are_counted_in AFTER INSERT ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {function}()"
        )
        schema_editor.execute(
            f"CREATE TRIGGER files_are_counted AFTER UPDATE OF {column} ON {table} FOR EACH ROW "
            f"WHEN (OLD.{column} IS DISTINCT FROM NEW.{column}) EXECUTE FUNCTION {function}()"
        )
    schema_editor.execute(FILL, params=None)


def uncount(apps, schema_editor):
    for table, _, _ in TRIGGERS:
        schema_editor.execute(f"DROP TRIGGER files_are_counted_in ON {table}")
        schema_editor.execute(f"DROP TRIGGER files_are_counted ON {table}")
    for name, arguments in (
        ("batch_count", "uuid, text, integer"),
        ("batch_count_submission", ""),
        ("batch_count_run", ""),
        ("batch_count_decision", ""),
    ):
        schema_editor.execute(f"DROP FUNCTION {name}({arguments})")


class Migration(migrations.Migration):
    dependencies = [("decisions", "0008_checking"), ("intake", "0006_in_order")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="redactions",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    KeyTransform("findings", "redaction"), function="jsonb_array_length"
                ),
                output_field=models.IntegerField(null=True),
            ),
        ),
        migrations.CreateModel(
            name="BatchCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.CharField(max_length=40)),
                ("files", models.IntegerField(help_text="added; the sum of a state's rows counts")),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="counts",
                        to="intake.batch",
                    ),
                ),
            ],
        ),
        migrations.RunPython(count, uncount),
    ]
