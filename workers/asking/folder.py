"""A folder of examples, redacted as a run would redact them: one folder a label, named by the label's key.

A folder inside a label's is a group: files that show one thing, which stay together wherever examples are
split. Everything goes through the same redaction as a run's media, one after the other; what can't be
redacted is left out and counted. Of an original nothing is kept but what the model sees of its copy, and
of that only numbers (`Kept`).
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from omnigov.contracts import (
    Hook,
    LeftOut,
    PolicySpec,
    Quarantined,
    RedactionResult,
    Refused,
)
from workers import omni, pipeline
from workers.alignment.examples import Example
from workers.asking.kept import examples_key
from workers.redaction.kinds.redactors import Beside

MUCH = 5
"""Places hidden in a medium, from which its slice is `hidden:much`."""
HIDDEN_FILES = "."


class FolderUnusable(Exception):
    """The folder is not one of examples; the text says how it has to be."""


def examples_in(folder: Path, policy: PolicySpec, hook: Hook) -> tuple[list[Example], tuple[LeftOut, ...]]:
    """The redacted examples of a folder, and what was left out of it. `hook` hears `redact`.

    Raises `FolderUnusable` where a folder in it is no label's, or it has no files.
    """
    files = list(files_in(folder, policy))
    key = examples_key()
    found: list[Example] = []
    left_out: Counter[tuple[str, str]] = Counter()
    for number, (file, label, group) in enumerate(files):
        try:
            seen, result = redacted(file, policy, hook)
        except (Refused, Quarantined) as reason:
            left_out[reason.code, reason.sentence] += 1
        else:
            found.append(Example(seen, label, group, slices_of(result), key))
        hook("redact", None, (number + 1) / len(files))
    reasons = tuple(
        LeftOut(code=code, sentence=sentence, n=count) for (code, sentence), count in left_out.items()
    )
    return found, reasons


def files_in(folder: Path, policy: PolicySpec) -> Iterator[tuple[Path, str, str]]:
    """(file, label, group) in one order everywhere. Raises `FolderUnusable`."""
    labels = [label.key for label in policy.labels]
    should = f"It has to hold one folder a label, named {', '.join(labels)}."
    if not folder.is_dir():
        raise FolderUnusable(f"There is no folder {folder}. {should}")
    inside = [each for each in sorted(folder.iterdir()) if not each.name.startswith(HIDDEN_FILES)]
    strange = [each.name for each in inside if each.is_dir() and each.name not in labels]
    if strange:
        raise FolderUnusable(f"{folder} has a folder {strange[0]}, which is no label of the policy. {should}")
    found = [
        (file, label.name, f"{label.name}/{file.parent.name}" if file.parent != label else "")
        for label in inside
        if label.is_dir()
        for file in sorted(label.rglob("*"))
        if file.is_file() and not file.name.startswith(HIDDEN_FILES)
    ]
    if not found:
        raise FolderUnusable(f"{folder} holds no examples. {should}")
    yield from found


def redacted(file: Path, policy: PolicySpec, hook: Hook) -> tuple[omni.Seen, RedactionResult]:
    """What the model may see of a file, and what was hidden in it. Raises `Refused` and `Quarantined`."""
    try:
        if file.stat().st_size > policy.limits.max_bytes:
            raise Refused("too_large", f"The file is larger than {policy.limits.max_bytes:,} bytes.")
        original = file.read_bytes()
    except OSError as error:
        raise Refused("unreadable", f"The file can't be read: {error.strerror}.") from error
    order, copy, beside = pipeline.Order(policy, 0), io.BytesIO(), Beside()
    result = pipeline.redact_to(order, original, copy, hook, None, beside)
    return pipeline.seen(order, result, copy.getvalue(), beside.transcript or ""), result


def slices_of(result: RedactionResult) -> tuple[str, ...]:
    """Which parts of the examples a medium belongs to, by what was hidden in it and by its kind."""
    kind = result.media_type.split("/")[0]
    hidden = "none" if not result.findings else "some" if len(result.findings) < MUCH else "much"
    return (f"hidden:{hidden}", f"kind:{kind}")
