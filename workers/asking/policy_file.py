"""A policy from a file, one of those that the product brings, or one of a workspace, by name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

import omnigov
from omnigov.contracts import PolicySpec
from workers.asking.kept import state_folder
from workers.omni.infer import LabelsAlike
from workers.omni.joined import doubled

BUILTIN = Path(omnigov.__file__).parent / "policies" / "builtin"


class PolicyUnusable(Exception):
    """There is no such policy, or its file can't be asked; the text says what to mend."""


def policy_from(named: str, workspace: str = "") -> PolicySpec:
    """The policy of this file; else the one of this name that the product brings; else a workspace's newest.

    With `workspace` it is that workspace's alone. Which one it is is said on standard error. Raises
    `PolicyUnusable`.
    """
    file = Path(named)
    if workspace or not file.is_file():
        file = BUILTIN / f"{named.replace('-', '_')}.json"
        if workspace or "/" in named or not file.is_file() or file.name == "titles.json":
            return _read(_of_workspace(named, workspace), f"the policy {named}")
        print(
            f"{named}: the text that comes with OmniGov; --workspace takes the one of a workspace.",
            file=sys.stderr,
        )
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyUnusable(f"{file} can't be read: {error}.") from error
    return _read(text, str(file))


def _of_workspace(named: str, workspace: str) -> str:
    """What `omnigov policy show` says of it: this side reads no database."""
    where = workspace or "main"
    there = os.environ.get("DATABASE_URL") or (state_folder() / "postgres").is_dir()
    if not there or "/" in named:
        raise PolicyUnusable(
            f"There is no file {named}, no policy of that name comes with OmniGov, and there is no database "
            "to look in: set DATABASE_URL or OMNIGOV_VAR, or write the policy to a file where it is with "
            "`omnigov policy show NAME --json > FILE`."
        )
    show = ["policy", "show", "--json", "--workspace", where, "--", named]
    asked = [sys.executable, "-m", "omnigov.cli", *show]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    if found.returncode:
        why = (found.stderr.strip().splitlines() or ["It could not be read."])[-1]
        raise PolicyUnusable(
            f"There is no file {named}, and no policy of that name comes with OmniGov. In the workspace "
            f"{where}: {why}"
        )
    said = json.loads(found.stdout)
    print(f"{named}: version {said['version']} of the workspace {where}.", file=sys.stderr)
    return found.stdout


def _read(text: str, file: str) -> PolicySpec:
    try:
        body = json.loads(text)
    except ValueError as error:
        raise PolicyUnusable(f"{file} can't be read as JSON: {error}.") from error
    if isinstance(body, dict) and isinstance(body.get("spec"), dict):
        body = body["spec"]  # as `omnigov policy show --json` writes it
    try:
        policy = PolicySpec.model_validate(body)
    except ValidationError as error:
        raise PolicyUnusable(f"{file} is no policy that can be asked: {_said(error)}") from error
    if alike := doubled(policy.labels):
        raise PolicyUnusable(f"{file} is no policy that can be asked: {LabelsAlike(alike).sentence}")
    return policy


def _said(error: ValidationError) -> str:
    """The first faults as a person reads them."""
    faults = error.errors(include_url=False, include_input=False)[:3]
    return " ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'the file'}: {_plainly(fault)}." for fault in faults
    )


def _plainly(fault: ErrorDetails) -> str:
    """One fault, where pydantic's own words for it are a programmer's."""
    if fault["type"] == "too_short":
        return f"at least {fault['ctx']['min_length']} are needed, not {fault['ctx']['actual_length']}"
    if fault["type"] == "too_long":
        return f"there can be at most {fault['ctx']['max_length']}, not {fault['ctx']['actual_length']}"
    if not fault["loc"] and fault["type"] in ("model_type", "model_attributes_type"):
        return "it has to be one JSON object with a question and its labels"
    return fault["msg"].removeprefix("Value error, ")
