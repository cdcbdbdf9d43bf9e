"""A policy from a file, or one of those that the product brings, by name."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

import omnigov
from omnigov.contracts import PolicySpec

BUILTIN = Path(omnigov.__file__).parent / "policies" / "builtin"


class PolicyUnusable(Exception):
    """There is no such policy, or its file can't be asked; the text says what to mend."""


def policy_from(named: str) -> PolicySpec:
    """The policy of this file, else the one of this name that the product brings. Raises `PolicyUnusable`."""
    file = Path(named)
    if not file.is_file():
        file = BUILTIN / f"{named.replace('-', '_')}.json"
        if "/" in named or not file.is_file() or file.name == "names.json":
            raise PolicyUnusable(
                f"There is no file {named}, and no policy of that name comes with OmniGov. Write one that "
                "was made here to a file with `omnigov policy show NAME --json > FILE`."
            )
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise PolicyUnusable(f"{file} can't be read as JSON: {error}.") from error
    if isinstance(body, dict) and isinstance(body.get("spec"), dict):
        body = body["spec"]  # as `omnigov policy show --json` writes it
    try:
        policy = PolicySpec.model_validate(body)
    except ValidationError as error:
        raise PolicyUnusable(f"{file} is no policy that can be asked: {_said(error)}") from error
    return policy


def _said(error: ValidationError) -> str:
    """The first faults as a person reads them."""
    faults = error.errors(include_url=False, include_input=False)[:3]
    return " ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'the file'}: {fault['msg'].removeprefix('Value error, ')}."
        for fault in faults
    )
