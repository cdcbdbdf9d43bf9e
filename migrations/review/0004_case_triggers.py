"""Cases come into being with what waits, by triggers, and are counted as they change; today's get theirs.

A decision or a quarantine is written in many ways; each of them has its case in the same transaction, and none
can be forgotten. Counters are kept as those of batches are (`decisions.0009`): rows are only added, and
gathered now and then.
"""

from django.db import migrations

COUNT = """
CREATE FUNCTION case_count(counted uuid, counted_what text, change integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO review_casecount (workspace_id, what, cases) VALUES (counted, counted_what, change);
    IF random() < 0.02 THEN
        -- What another transaction gathers at this moment is left to it.
        WITH gone AS (
            DELETE FROM review_casecount WHERE id IN (
                SELECT id FROM review_casecount WHERE workspace_id = counted FOR UPDATE SKIP LOCKED
            ) RETURNING what, cases
        )
        INSERT INTO review_casecount (workspace_id, what, cases)
        SELECT counted, gone.what, sum(gone.cases) FROM gone GROUP BY gone.what HAVING sum(gone.cases) <> 0;
    END IF;
END
$$
"""

COUNTED = """
CREATE FUNCTION case_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM case_count(OLD.workspace_id, OLD.kind || ':' || OLD.state, -1);
    END IF;
    PERFORM case_count(NEW.workspace_id, NEW.kind || ':' || NEW.state, 1);
    RETURN NULL;
END
$$
"""

# Kinds of media by their type, as `intake.models.kind_of_type` tells them.
MEDIUM = """
CREATE FUNCTION case_medium(media_type text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN media_type = '' THEN ''
        WHEN media_type LIKE 'text/%' THEN 'text'
        WHEN media_type LIKE 'audio/%' THEN 'sound'
        WHEN media_type LIKE 'video/%' THEN 'video'
        WHEN media_type = 'application/pdf' THEN 'document'
        ELSE 'picture'
    END
$$
"""

# One case for each decision of `only`, or for all that have none.
DECISIONS = """
CREATE FUNCTION cases_of_decisions(only_this uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO review_case (
        id, workspace_id, run_id, decision_id, kind, state, reasons, label, outcome, confidence, medium,
        policy_id, batch_id, uploader_id, risk, urgency, since, due_at, answered_at, needed, most, blind,
        disagreed, named
    )
    SELECT
        gen_random_uuid(), run.workspace_id, run.id, decision.id,
        CASE WHEN run.parent_id IS NULL THEN 'decision' ELSE 'correction' END,
        CASE decision.review_state
            WHEN 'waiting' THEN 'open' WHEN 'escalated' THEN 'escalated' WHEN 'reviewed' THEN 'answered'
            ELSE 'closed'
        END,
        ARRAY(SELECT jsonb_array_elements_text(decision.review_reasons)),
        decision.label, decision.outcome, decision.confidence, case_medium(asset.media_type),
        version.policy_id, submission.batch_id, submission.uploaded_by_id,
        CASE
            WHEN EXISTS (
                SELECT FROM jsonb_array_elements(version.body->'labels') labels (spec)
                WHERE spec->>'key' = decision.label AND spec->>'severity' = 'high'
            ) THEN 1
            WHEN decision.review_reasons <@ '["sample", "redaction_sample"]' THEN 3
            ELSE 2
        END,
        CASE decision.review_state WHEN 'escalated' THEN 0 ELSE 1 END,
        decision.created_at,
        CASE WHEN decision.review_state IN ('waiting', 'escalated') THEN
            decision.created_at + make_interval(hours => (version.body->'review'->>'due_hours')::int)
        END,
        CASE decision.review_state WHEN 'reviewed' THEN decision.created_at END,
        COALESCE((version.body->'review'->>'verdicts_needed')::int, 1),
        COALESCE((version.body->'review'->>'verdicts_most')::int, 1),
        COALESCE((version.body->'review'->>'blind')::boolean, true),
        false, false
    FROM decisions_decision decision
    JOIN decisions_run run ON run.id = decision.run_id
    JOIN intake_mediaasset asset ON asset.id = run.asset_id
    JOIN intake_submission submission ON submission.id = run.submission_id
    JOIN policies_policyversion version ON version.id = run.policy_version_id
    WHERE only_this IS NULL OR decision.id = only_this
$$
"""

QUARANTINES = """
CREATE FUNCTION cases_of_quarantines(only_this uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO review_case (
        id, workspace_id, run_id, decision_id, kind, state, reasons, label, outcome, confidence, medium,
        policy_id, batch_id, uploader_id, risk, urgency, since, due_at, answered_at, needed, most, blind,
        disagreed, named
    )
    SELECT
        gen_random_uuid(), run.workspace_id, run.id, NULL, 'release',
        CASE WHEN EXISTS (SELECT FROM decisions_run later WHERE later.parent_id = run.id)
            THEN 'answered' ELSE 'open' END,
        ARRAY[run.failure_code], '', '', 0, case_medium(asset.media_type),
        version.policy_id, submission.batch_id, submission.uploaded_by_id, 2, 1,
        COALESCE(run.ended_at, statement_timestamp()),
        COALESCE(run.ended_at, statement_timestamp())
            + make_interval(hours => (version.body->'review'->>'due_hours')::int),
        NULL, 1, 1, true, false, false
    FROM decisions_run run
    JOIN intake_mediaasset asset ON asset.id = run.asset_id
    JOIN intake_submission submission ON submission.id = run.submission_id
    JOIN policies_policyversion version ON version.id = run.policy_version_id
    WHERE run.state = 'quarantined' AND (only_this IS NULL OR run.id = only_this)
    ON CONFLICT (run_id) WHERE kind = 'release' DO UPDATE SET
        state = EXCLUDED.state, reasons = EXCLUDED.reasons, since = EXCLUDED.since, due_at = EXCLUDED.due_at,
        answered_at = NULL, held_by_id = NULL, held_until = NULL
$$
"""

DECIDED = """
CREATE FUNCTION case_of_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM cases_of_decisions(NEW.id);
        RETURN NULL;
    END IF;
    UPDATE review_case SET
        label = NEW.label,
        outcome = NEW.outcome,
        reasons = ARRAY(SELECT jsonb_array_elements_text(NEW.review_reasons)),
        state = CASE
            WHEN NEW.review_state IN ('not_needed', 'corrected') THEN 'closed'
            WHEN NEW.review_state = 'reviewed' THEN 'answered'
            WHEN NEW.review_state = 'escalated' THEN 'escalated'
            WHEN state = 'sent_back' THEN state
            ELSE 'open'
        END,
        urgency = CASE WHEN NEW.review_state = 'escalated' THEN 0 ELSE urgency END
    WHERE decision_id = NEW.id;
    RETURN NULL;
END
$$
"""

RUN = """
CREATE FUNCTION case_of_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.parent_id IS NOT NULL THEN
            -- First what `batch_count_run` locks, in its order: whoever changes the parent has it before its case.
            PERFORM FROM intake_submission WHERE id = NEW.submission_id FOR NO KEY UPDATE;
            PERFORM FROM decisions_run WHERE id = NEW.parent_id FOR NO KEY UPDATE;
            UPDATE review_case SET state = 'answered', answered_at = statement_timestamp(),
                held_by_id = NULL, held_until = NULL
            WHERE run_id = NEW.parent_id AND kind = 'release';
        END IF;
    ELSIF NEW.state = 'quarantined' THEN
        PERFORM cases_of_quarantines(NEW.id);
    ELSIF OLD.state = 'quarantined' THEN
        UPDATE review_case SET state = 'closed', held_by_id = NULL, held_until = NULL
        WHERE run_id = NEW.id AND kind = 'release' AND state <> 'answered';
    END IF;
    RETURN NULL;
END
$$
"""

FUNCTIONS = (COUNT, COUNTED, MEDIUM, DECISIONS, QUARANTINES, DECIDED, RUN)

TRIGGERS = """
CREATE TRIGGER cases_are_counted_in AFTER INSERT ON review_case
    FOR EACH ROW EXECUTE FUNCTION case_counted();
CREATE TRIGGER cases_are_counted AFTER UPDATE OF state ON review_case
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION case_counted();
CREATE TRIGGER a_decision_has_a_case AFTER INSERT ON decisions_decision
    FOR EACH ROW EXECUTE FUNCTION case_of_decision();
CREATE TRIGGER a_case_follows_its_decision AFTER UPDATE OF review_state, label, outcome, review_reasons
    ON decisions_decision FOR EACH ROW
    WHEN ((OLD.review_state, OLD.label, OLD.outcome, OLD.review_reasons)
        IS DISTINCT FROM (NEW.review_state, NEW.label, NEW.outcome, NEW.review_reasons))
    EXECUTE FUNCTION case_of_decision();
CREATE TRIGGER a_new_run_answers_a_quarantine AFTER INSERT ON decisions_run
    FOR EACH ROW EXECUTE FUNCTION case_of_run();
CREATE TRIGGER a_quarantine_has_a_case AFTER UPDATE OF state ON decisions_run
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION case_of_run();
CREATE INDEX cases_counted ON review_casecount (workspace_id, what) INCLUDE (cases);
"""

FILL = "SELECT cases_of_decisions(NULL), cases_of_quarantines(NULL)"

UNDO = """
DROP TRIGGER a_quarantine_has_a_case ON decisions_run;
DROP TRIGGER a_new_run_answers_a_quarantine ON decisions_run;
DROP TRIGGER a_case_follows_its_decision ON decisions_decision;
DROP TRIGGER a_decision_has_a_case ON decisions_decision;
DROP TRIGGER cases_are_counted ON review_case;
DROP TRIGGER cases_are_counted_in ON review_case;
DROP FUNCTION case_of_run();
DROP FUNCTION case_of_decision();
DROP FUNCTION cases_of_quarantines(uuid);
DROP FUNCTION cases_of_decisions(uuid);
DROP FUNCTION case_medium(text);
DROP FUNCTION case_counted();
DROP FUNCTION case_count(uuid, text, integer);
"""


def open_cases(apps, schema_editor):
    for statement in (*FUNCTIONS, TRIGGERS, FILL):
        schema_editor.execute(statement, params=None)


def no_cases(apps, schema_editor):
    schema_editor.execute(UNDO, params=None)


class Migration(migrations.Migration):
    dependencies = [("review", "0003_cases"), ("decisions", "0010_review_queue"), ("intake", "0008_view_tries")]

    operations = [migrations.RunPython(open_cases, no_cases)]
