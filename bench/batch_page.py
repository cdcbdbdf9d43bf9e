"""What watching a large batch costs: the page, an update of it, and an update that changed nothing.

Puts one batch of many files into a house of its own, each decided and with the findings of a form, and opens
its pages as a browser would, in process: so the time is the server's alone. Writes JSON.

    omnigov bench batch_page [--files 10000] [--rounds 30]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from omnigov.commands import setup
from omnigov.commands.installation import installation

#: As the redaction of a form leaves them.
FINDINGS = [
    {
        "kind": "PERSON",
        "box": {"left": 10 * n, "top": 20, "right": 10 * n + 9, "bottom": 40},
        "score": 900_000,
    }
    for n in range(40)
]
INFERENCE = {
    "label": "animal",
    "confidence": 620_000,
    "confidence_kind": "uncalibrated",
    "reasons": ["What is shown is an animal, by its shape and by where it stands."] * 4,
}
LIMIT_MS, LIMIT_BYTES = 50, 100 * 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="omnigov-bench-") as folder:
        os.environ["OMNIGOV_VAR"] = folder
        with installation():
            setup.prepare("main")
            result = measure(options.files, options.rounds)
    options.out.write_text(json.dumps(result, indent=2))
    print(json.dumps(result, indent=2))
    return 0


def measure(files: int, rounds: int) -> dict[str, Any]:
    from django.db import connection
    from django.test import Client

    from omnigov.accounts.models import Workspace
    from omnigov.accounts.services import person_add
    from omnigov.decisions.models import Run

    operator = person_add(
        workspace=Workspace.objects.get(), username="operator", password=uuid.uuid4().hex, role="operator"
    )
    began = time.perf_counter()
    batch = fill(operator, files)
    filled = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(SERVER_NAME="localhost")
    client.force_login(operator)
    address = f"/batches/{batch.pk}/"
    first = client.get(address).content.decode()
    following = address + re.findall(r'rel="next"[^>]*href="([^"]+)"', first)[0]
    middle = batch.submissions.order_by("created_at", "id")[files // 2].pk
    places = {"first page": address, "second page": following, "middle": f"{address}?after={middle}"}
    found = {}
    for name, place in places.items():
        page = client.get(place).content.decode()
        update = re.findall(r'hx-get="([^"]+)"', page)[0].replace("&amp;", "&")
        found[name] = {
            "page": figures(lambda place=place: client.get(place), rounds),
            "update": figures(lambda update=update: client.get(re.sub("seen=.*", "seen=0", update)), rounds),
            "nothing changed": figures(lambda update=update: client.get(update), rounds),
        }
    found["list of batches"] = {"page": figures(lambda: client.get("/batches/"), rounds)}
    run = Run.objects.filter(submission__batch=batch).order_by("pk")[0]

    def change() -> None:
        state = "inferring" if Run.objects.get(pk=run.pk).state == "redacting" else "redacting"
        Run.objects.filter(pk=run.pk).update(state=state)

    updates = [each["update"] for name, each in found.items() if "update" in each]
    return {
        "benchmark": "batch_page",
        "cores": os.cpu_count(),
        "files": files,
        "rounds": rounds,
        "filled_s": round(filled, 1),
        "change_of_a_state_ms": figures(change, rounds)["median_ms"],
        **found,
        "limits": {"update_ms": LIMIT_MS, "update_bytes": LIMIT_BYTES},
        "within": all(each["median_ms"] <= LIMIT_MS and each["bytes"] <= LIMIT_BYTES for each in updates),
    }


def figures(ask: Callable[[], Any], rounds: int) -> dict[str, Any]:
    """Median and worst time of an answer, its bytes, and what was asked of the database for it."""
    from django.db import connection

    asked: list[str] = []

    def heard(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(heard):
        answer = ask()
    took, worked = [], []
    for _ in range(rounds):
        began, busy = time.perf_counter(), time.process_time()
        ask()
        took.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - busy))
    return {
        "median_ms": round(statistics.median(took), 1),
        "worst_ms": round(max(took), 1),
        "python_ms": round(statistics.median(worked), 1),
        "bytes": len(answer.content) if answer is not None else 0,
        "queries": len(asked),
    }


def fill(operator: Any, files: int) -> Any:
    """A batch of this many files: nine of ten are decided, the others wait."""
    from omnigov.decisions.models import Decision, Run
    from omnigov.intake.models import MediaAsset, Submission
    from omnigov.intake.services import batch_create
    from omnigov.policies.models import PolicyVersion
    from omnigov.registry.models import ModelVersion

    version, model = PolicyVersion.objects.all()[0], ModelVersion.objects.all()[0]
    batch = batch_create(policy_version=version, name="Many", by=operator)
    workspace = batch.workspace
    assets, submissions, runs, decisions = [], [], [], []
    for number in range(files):
        asset = MediaAsset(
            workspace=workspace,
            media_type="image/png",
            size=1,
            width=1,
            height=1,
            keyed_digest=f"{number:064}",
            commitment=f"{number:064}",
        )
        submission = Submission(
            batch=batch,
            uploaded_by=operator,
            name=f"scan of a form {number:06}.png",
            state="accepted",
            length=1,
            offset=1,
            asset=asset,
        )
        decided = number % 10 != 9
        run = Run(
            workspace=workspace,
            submission=submission,
            asset=asset,
            policy_version=version,
            model_version=model,
            state="recorded" if decided else "redacting",
            redaction={"findings": FINDINGS} if decided else None,
            inference=INFERENCE if decided else None,
        )
        assets.append(asset)
        submissions.append(submission)
        runs.append(run)
        if decided:
            decisions.append(
                Decision(
                    run=run,
                    workspace=run.workspace,
                    label="animal",
                    outcome="animal",
                    confidence=620_000,
                    confidence_kind="uncalibrated",
                    review_state="waiting",
                    entry=uuid.uuid4(),
                )
            )
    for model_class, rows in (
        (MediaAsset, assets),
        (Submission, submissions),
        (Run, runs),
        (Decision, decisions),
    ):
        model_class.objects.bulk_create(rows, batch_size=1000)
    return batch


if __name__ == "__main__":
    sys.exit(main())
