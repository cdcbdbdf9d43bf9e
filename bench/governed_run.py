"""What governance costs: a governed run beside bare inference of the same pictures, on one machine.

Hands the samples to a real worker through PostgreSQL and the broker, reads the time of each step from
the runs, then gives the same redacted pictures to the bare model one by one. Peak memory is what the
kernel says of each process (VmHWM), a worker's children with it. Writes JSON.

    omnigov bench governed_run [--repeat 2] [--beside CHECKOUT [--rounds 3]]

With `--beside`, another checkout of this project, set up with `make setup`, does the same in
turn with this one, so that both meet the same machine; then the ratios of the rounds are written too.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from omnigov.commands import setup
from omnigov.commands.installation import child, installation, keeper_command, web_command, worker_command
from omnigov.commands.serve import port_is_free
from omnigov.commands.submit import files_of

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
MEDIA = {".jpg", ".jpeg", ".png", ".webp"}
STEPS = ("redaction", "inference", "attribution", "recording")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--repeat", type=int, default=2, help="times that the samples are handed in")
    parser.add_argument(
        "--beside", type=Path, help="another checkout, set up, to be measured in turn with this"
    )
    parser.add_argument("--rounds", type=int, default=3, help="times that both are measured (default: 3)")
    options = parser.parse_args()
    if options.beside:
        result = beside(options.beside.resolve(), options.repeat, options.rounds)
        options.out.write_text(json.dumps(result, indent=2) + "\n")
        print(json.dumps(result, indent=2))
        return 0
    folder = Path(tempfile.mkdtemp(prefix="omnigov-bench-"))
    os.environ["OMNIGOV_VAR"] = str(folder)
    try:
        result = measure(options.repeat)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))
    return 0


def beside(other: Path, repeat: int, rounds: int) -> dict[str, Any]:
    """Both checkouts in turn; this one's figures as ratios to the other's, round by round."""
    here = Path(__file__).resolve().parents[1]
    figures: dict[str, list[dict[str, Any]]] = {"this": [], "other": []}
    for _ in range(rounds):
        for name, checkout, python in (
            ("other", other, other / ".venv/bin/python"),
            ("this", here, sys.executable),
        ):
            figures[name].append(_of_checkout(checkout, Path(python), repeat))

    def ratios(*path: str) -> list[float]:
        pairs = zip(figures["this"], figures["other"], strict=True)
        return [round(_at(this, path) / _at(that, path), 3) for this, that in pairs]

    found = {
        "governed_run_median": ratios("median_ms", "governed_run"),
        "pictures_per_minute": ratios("pictures_per_minute"),
        "worker_peak": ratios("worker_peak_mib"),
    }
    return {
        "benchmark": "governed_run beside another checkout",
        "cores": os.cpu_count(),
        "rounds": rounds,
        "ratios": found,
        "median_ratios": {name: statistics.median(each) for name, each in found.items()},
        **figures,
    }


def _of_checkout(checkout: Path, python: Path, repeat: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="omnigov-bench-") as folder:
        out = Path(folder) / "governed_run.json"
        environment = {
            **os.environ,
            "PYTHONPATH": str(checkout),
            "OMNIGOV_MODELS_DIR": str(checkout / "var" / "models"),
        }
        command = [str(python), "bench/governed_run.py", "--out", str(out), "--repeat", str(repeat)]
        subprocess.run(command, cwd=checkout, env=environment, check=True, stdout=subprocess.DEVNULL)
        figures: dict[str, Any] = json.loads(out.read_text())
        return figures


def _at(figures: dict[str, Any], path: tuple[str, ...]) -> float:
    found: Any = figures
    for name in path:
        found = found[name]
    return float(found)


def measure(repeat: int) -> dict[str, Any]:
    files = [file for file in files_of([SAMPLES]) if file.suffix in MEDIA]
    port = next(port for port in range(8100, 8200) if port_is_free("127.0.0.1", port))
    with installation():
        setup.prepare("main")
        logs = Path(os.environ["OMNIGOV_VAR"]) / "log"
        with (
            child(keeper_command(), name="keeper", log=logs / "keeper.log"),
            child(worker_command(), name="worker", log=logs / "worker.log") as worker,
            child(web_command(host="127.0.0.1", port=port), name="web", log=logs / "web.log") as web,
        ):
            runs, warm_up, wall = governed(files, repeat)
            for _ in range(50):
                visit(port)
            memory = {"worker_peak_mib": peak_mib(worker.pid), "web_peak_mib": peak_mib(web.pid)}
        timings = [run["timings"] for run in runs]
        alone = bare([run["redacted"] for run in runs])
    medians = {step: statistics.median(timing[step] for timing in timings) for step in STEPS}
    totals = [sum(timing[step] for step in STEPS) for timing in timings]
    return {
        "benchmark": "governed_run",
        "cores": os.cpu_count(),
        "pictures": len(runs),
        "median_ms": medians | {"governed_run": statistics.median(totals)},
        "bare_inference_median_ms": statistics.median(alone),
        "governed_to_bare_ratio": round(statistics.median(totals) / statistics.median(alone), 2),
        "inference_to_bare_ratio": round(medians["inference"] / statistics.median(alone), 2),
        "recording_share_of_run": round(sum(timing["recording"] for timing in timings) / sum(totals), 4),
        "pictures_per_minute": round(60 * len(runs) / wall, 1),
        "worker_warm_up_s": round(warm_up, 1),
        **memory,
    }


def governed(files: list[Path], repeat: int) -> tuple[list[dict[str, Any]], float, float]:
    """Runs' timings and redacted copies, the seconds of the first run with a cold worker, and of the rest."""
    from omnigov.accounts.models import Workspace
    from omnigov.accounts.services import person_add
    from omnigov.commands.submit import hand_in, wait_for
    from omnigov.decisions.models import Run
    from omnigov.evidence import queries as evidence
    from omnigov.evidence.models import Name
    from omnigov.intake.services import batch_create
    from omnigov.policies.queries import current_version

    workspace = Workspace.objects.get(slug="main")
    person = person_add(
        workspace=workspace, username="bench", password=secrets.token_urlsafe(), role="operator"
    )
    version = current_version(workspace, "what-is-shown")

    def batch_of(pictures: list[Path]) -> Any:
        batch = batch_create(policy_version=version, name="bench", by=person)
        hand_in(batch, pictures, quiet=True)
        wait_for(batch, quiet=True)
        return batch

    began = time.perf_counter()
    batch_of(files[:1])
    warm_up = time.perf_counter() - began
    began = time.perf_counter()
    batch = batch_of(files * repeat)
    wall = time.perf_counter() - began
    runs = Run.objects.filter(submission__batch=batch, state="recorded")
    return (
        [{"timings": run.timings, "redacted": evidence.content(run.id, Name.REDACTED)} for run in runs],
        warm_up,
        wall,
    )


def bare(copies: list[bytes]) -> list[float]:
    """Milliseconds of the same model on the same pictures, each alone, with nothing around it."""
    code = (
        "import json,sys,time\n"
        "from omnigov.contracts import Limits, PolicySpec\n"
        "from workers import omni\nfrom workers.media import picture\n"
        "order=json.load(sys.stdin)\npolicy=PolicySpec.model_validate(order['policy'])\n"
        "hook=lambda *a,**k: None\ntimes=[]\n"
        "pictures=[picture.decode(bytes.fromhex(each),Limits()) for each in order['pictures']]\n"
        "pictures=[omni.Seen.of_picture(each) for each in pictures]\n"
        "omni.infer(pictures[:1],[policy],seeds=[0],hook=hook)\n"
        "for picture in pictures:\n"
        "    began=time.perf_counter(); omni.infer([picture],[policy],seeds=[0],hook=hook)\n"
        "    times.append(1000*(time.perf_counter()-began))\n"
        "print(json.dumps(times))\n"
    )
    from omnigov.policies.models import PolicyVersion

    order = {"policy": PolicyVersion.objects.all()[0].body, "pictures": [copy.hex() for copy in copies]}
    answer = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(order), capture_output=True, text=True, check=True
    )
    times: list[float] = json.loads(answer.stdout.splitlines()[-1])
    return times


def visit(port: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=30) as page:
        page.read()


def peak_mib(pid: int) -> float:
    """MiB of a process and its children, each at its own peak."""
    total = 0
    for each in (pid, *children(pid)):
        status = Path(f"/proc/{each}/status").read_text()
        (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
        total += int(line.split()[1])
    return round(total / 1024, 1)


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


if __name__ == "__main__":
    sys.exit(main())
