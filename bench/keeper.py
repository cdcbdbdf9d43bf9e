"""Whether the keeper keeps pace: uploads swept, retention looked at and carried out, the journal replayed.

Rows are made by SQL; keys and sealed files lie on the disk, as they would. Everything is done by the keeper's
own jobs, in this process, one after the other. Writes JSON.

    omnigov bench keeper [--media 10000] [--kept 100000]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from omnigov.commands import setup
from omnigov.commands.installation import installation

STAY = threading.Event()
WANTED = 10_000  # media an hour


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--media", type=int, default=10_000, help="that are due (default: 10000)")
    parser.add_argument("--kept", type=int, default=100_000, help="that lie beside them (default: 100000)")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="omnigov-bench-"))
    os.environ["OMNIGOV_VAR"] = str(folder)
    try:
        with installation():
            setup.prepare("main")
            result = measure(options.media, options.kept)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))
    return 0


def measure(media: int, kept: int) -> dict[str, Any]:
    from omnigov.erasure.models import Erasure
    from omnigov.keeper import replaying, retention, uploads

    house = Rows()
    house.media(kept, age_days=1)
    due = house.media(media, age_days=4000)
    house.files(due)
    first = timed(lambda: retention.retain(STAY))
    assert Erasure.objects.count() == media
    looked_again = timed(lambda: retention.retain(STAY))
    replay = replaying.Replay()
    whole = timed(lambda: replay(STAY))
    new_lines = timed(lambda: replay(STAY))
    house.uploads(media)
    swept = timed(lambda: uploads.sweep(STAY))
    return {
        "benchmark": "keeper",
        "cores": os.cpu_count(),
        "media_due": media,
        "media_kept_beside": kept,
        "looked_at_and_erased_s": round(first, 1),
        "erased_an_hour": round(media / first * 3600),
        "look_where_nothing_is_due_ms": round(looked_again * 1000, 1),
        "whole_journal_held_against_what_is_there_s": round(whole, 2),
        "replay_where_nothing_is_new_ms": round(new_lines * 1000, 1),
        "abandoned_uploads_swept_an_hour": round(media / swept * 3600),
        "keeps_pace": min(media / first, media / swept) * 3600 >= WANTED,
    }


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


class Rows:
    """Media, their uploads and their ended runs, as rows."""

    def __init__(self) -> None:
        from omnigov.accounts.models import User, Workspace
        from omnigov.accounts.services import person_add
        from omnigov.intake.services import batch_create
        from omnigov.policies.queries import current_version
        from omnigov.registry.models import ModelVersion

        self._workspace = Workspace.objects.get(slug="main")
        self._person: User = person_add(
            workspace=self._workspace, username="bench", password=str(uuid.uuid4()), role="operator"
        )
        version = current_version(self._workspace, "what-is-shown")
        self._version, self._model = version.pk, ModelVersion.objects.values_list("pk", flat=True)[0]
        self._batch = batch_create(policy_version=version, name="bench", by=self._person).pk

    def media(self, count: int, *, age_days: int) -> list[uuid.UUID]:
        """So many media with an upload and a failed run each, handed in so long ago."""
        from datetime import timedelta

        from django.db import connection
        from django.db.models.functions import Now

        from omnigov.decisions.models import Run
        from omnigov.intake.models import MediaAsset, Submission

        at = Now() - timedelta(days=age_days)
        ids = [uuid.uuid4() for _ in range(count)]
        for begin in range(0, count, 2000):
            some = ids[begin : begin + 2000]
            MediaAsset.objects.bulk_create(
                MediaAsset(
                    id=each,
                    workspace=self._workspace,
                    media_type="image/png",
                    size=1,
                    width=1,
                    height=1,
                    keyed_digest=each.hex * 2,
                    commitment="0" * 64,
                )
                for each in some
            )
            Submission.objects.bulk_create(
                Submission(
                    id=each,
                    batch_id=self._batch,
                    uploaded_by=self._person,
                    name="a",
                    state="accepted",
                    length=1,
                    offset=1,
                    asset_id=each,
                )
                for each in some
            )
            Run.objects.bulk_create(
                Run(
                    workspace=self._workspace,
                    submission_id=each,
                    asset_id=each,
                    policy_version_id=self._version,
                    model_version_id=self._model,
                    state="failed",
                )
                for each in some
            )
            MediaAsset.objects.filter(pk__in=some).update(created_at=at)
            Submission.objects.filter(pk__in=some).update(created_at=at)
        with connection.cursor() as cursor:
            for model in (MediaAsset, Submission, Run):
                cursor.execute(f"ANALYZE {model._meta.db_table}")
        return ids

    def files(self, media: list[uuid.UUID]) -> None:
        """Keys and a sealed file for each."""
        from omnigov.intake import vault

        for each in media:
            vault.create(each)

    def uploads(self, count: int) -> None:
        """So many uploads that nobody took up for two days."""
        from datetime import timedelta

        from django.db.models.functions import Now

        from omnigov.intake import vault
        from omnigov.intake.models import Submission

        made = Submission.objects.bulk_create(
            Submission(batch_id=self._batch, uploaded_by=self._person, name="a", length=10)
            for _ in range(count)
        )
        for each in made:
            vault.create(each.pk)
        Submission.objects.filter(pk__in=[each.pk for each in made]).update(
            touched_at=Now() - timedelta(days=2)
        )


if __name__ == "__main__":
    sys.exit(main())
