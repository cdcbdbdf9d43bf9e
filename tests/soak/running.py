"""The house that is soaked: a keeper, a worker and the files that it is given, as rows and processes."""

from __future__ import annotations

import itertools
import secrets
import time
import uuid
from pathlib import Path
from typing import Any

import psutil

from omnigov.commands.installation import keeper_command, worker_command
from omnigov.supervision.restarting import Restarted, start

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
MEDIA = {".jpg", ".jpeg", ".png", ".webp"}


class Processes:
    """Keeper and worker, started again by whoever calls `look`, as `omnigov serve` does it."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        commands = {"keeper": keeper_command(), "worker": worker_command()}
        self.kept = {name: Restarted(name, self._made(name, command)) for name, command in commands.items()}

    def _made(self, name: str, command: list[str]) -> Any:
        return lambda: start(command, log=self.logs / f"{name}.log")

    def look(self) -> None:
        for each in self.kept.values():
            each.look()

    def end(self) -> None:
        for each in self.kept.values():
            each.end(40)

    def pid(self, name: str) -> int | None:
        process = self.kept[name].process
        return process.pid if process is not None else None

    def children(self) -> dict[str, int]:
        """The worker's children by their queue."""
        parent = self.pid("worker")
        found: dict[str, int] = {}
        if parent is None:
            return found
        try:
            for child in psutil.Process(parent).children():
                line = child.cmdline()
                if "--queue" in line:
                    found[line[line.index("--queue") + 1]] = child.pid
        except psutil.Error:
            return found
        return found

    def memory(self) -> dict[str, float]:
        """MiB by process; a child that is loading, or not there, is left out."""
        named = {name: self.pid(name) for name in self.kept} | dict(self.children())
        sizes = {}
        for name, pid in named.items():
            if pid is None:
                continue
            try:
                process = psutil.Process(pid)
                if process.create_time() < time.time() - 30:
                    sizes[name] = round(process.memory_info().rss / 2**20, 1)
            except psutil.Error:
                continue
        return sizes

    def log(self) -> str:
        return "".join(file.read_text(errors="replace") for file in sorted(self.logs.glob("*.log")))


class Files:
    """Hands files in, so that some always wait, and knows how each has to end."""

    def __init__(self) -> None:
        from omnigov.accounts.models import Workspace
        from omnigov.accounts.services import person_add
        from omnigov.intake.services import batch_create
        from omnigov.policies.queries import current_version

        workspace = Workspace.objects.get(slug="main")
        self._person = person_add(
            workspace=workspace, username="soak", password=secrets.token_urlsafe(), role="operator"
        )
        version = current_version(workspace, "what-is-shown")
        self.batch = batch_create(policy_version=version, name="soak", by=self._person)
        self.poisoned: set[uuid.UUID] = set()
        self.damaged: set[uuid.UUID] = set()
        self._pictures = itertools.cycle(sorted(f for f in SAMPLES.iterdir() if f.suffix in MEDIA))
        self._count = 0

    def hand_in(self) -> uuid.UUID:
        """One more picture, whose bytes nobody has handed in before; its submission."""
        from omnigov.decisions.uploads import file_submit

        file = next(self._pictures)
        self._count += 1
        content = _unlike(file.read_bytes(), self._count)
        name = f"{self._count}-{file.stem}.png"
        return file_submit(batch=self.batch, name=name, content=content, by=self._person).pk

    def waiting(self) -> int:
        from omnigov.decisions.models import ENDED
        from omnigov.intake.models import Submission

        refused = Submission.objects.filter(batch=self.batch, state=Submission.State.REFUSED).count()
        ended = self.runs().filter(state__in=ENDED).count()
        return self._count - refused - ended

    def runs(self) -> Any:
        from omnigov.decisions.models import Run

        return Run.objects.filter(submission__batch=self.batch)


def _unlike(content: bytes, number: int) -> bytes:
    """The picture, small, with one pixel that tells it from every other one."""
    import io

    from PIL import Image

    picture = Image.open(io.BytesIO(content)).convert("RGB")
    picture.thumbnail((320, 320))
    picture.putpixel((0, 0), (number % 256, number // 256 % 256, number // 65536))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
