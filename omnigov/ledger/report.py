"""What the verifier was given and what it found, in words: keys as people keep them, the report, its limits.

This file imports nothing of the house beyond the files beside it: the stand-alone verifier is made from it.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omnigov.ledger.bundle import CheckFailed
from omnigov.ledger.contents import AS_EXPORTED, PACKED_ANEW, UNPACKED

_KEY_FILE_LIMIT = 64 * 1024
_PACKED = {
    AS_EXPORTED: "",
    PACKED_ANEW: ", packed anew with equal contents",
    UNPACKED: ", unpacked to a folder with equal contents",
}


@dataclass
class Report:
    """What was found. `passed` names the checks that passed, in order; `failed` the first that did not."""

    bundle: str
    passed: list[str] = field(default_factory=list)
    failed: CheckFailed | None = None
    signer_checked: bool = False
    origin: str | None = None
    key: str | None = None
    whole: bool | None = None
    entries: int | None = None
    size: int | None = None
    root: str | None = None
    witnesses: list[str] = field(default_factory=list)
    #: Whether each sample was drawn again; None where there is none.
    samples_drawn_again: bool | None = None
    #: What there is to say of the file that the key was read from.
    key_file: str = ""
    #: How the members lie there: as exported, packed anew, or unpacked to a folder.
    packing: str | None = None
    #: What tools put beside the members; it is no part of the bundle and was not looked at.
    left_out: list[str] = field(default_factory=list)
    #: Texts whose line ends a tool had changed, which were put back before anything was checked.
    line_ends: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.failed is None

    @property
    def not_shown(self) -> list[str]:
        """What no check of a bundle can establish, or none that was asked for did."""
        limits = [*LIMITS]
        if not self.signer_checked:
            limits.append(
                "who signed it: the key is the bundle's own word, and a forger can sign anew (--key)"
            )
        if not self.witnesses:
            limits.append("that others were shown the same log: nobody's cosignature was checked (--witness)")
        if self.samples_drawn_again is False:
            limits.append("that samples were drawn as they say: what they were drawn from is not all here")
        if self.whole is False:
            limits.append(f"what else the log holds: {self.entries} of its {self.size} entries are here")
        return limits

    def as_json(self) -> dict[str, Any]:
        failed = self.failed
        return {
            **{name: value for name, value in vars(self).items() if name != "failed"},
            "ok": self.ok,
            "failed": failed and {"check": failed.check, "detail": failed.detail, "entry": failed.entry},
            "not_shown": self.not_shown if self.ok else [],
        }


#: What is so of every bundle and every proof.
LIMITS = (
    "that nothing was left unrecorded: what never reached the log leaves no trace in it",
    "who acted: people are ids here, and whoever could use an account or the server acts in its name",
    "why, and whether it is true: reasons, labels and times are what the server wrote down",
)


def print_report(report: Report) -> None:
    if report.key_file:
        print(f"note    {report.key_file}; it was read as that")
    for check in report.passed:
        print(f"ok      {check}")
    if report.failed:
        where = "" if report.failed.entry is None else f" at entry {report.failed.entry}"
        print(f"FAILED  {report.failed.check}{where}: {report.failed.detail}")
        print(f"{report.bundle}: not verified")
        return
    kind = "the whole log" if report.whole else "a part of the log, each entry with its proof"
    packed = _PACKED[report.packing or AS_EXPORTED]
    print(f"{report.bundle}: verified, {report.entries} entries ({kind}){packed}")
    if report.line_ends:
        print(f"A tool had changed the line ends of {', '.join(report.line_ends)}; they were read as signed.")
    if report.left_out:
        print(f"No part of it, and not looked at: {', '.join(report.left_out)}")
    print(f"log {report.origin}, size {report.size}, root {report.root}")
    if report.witnesses:
        print(f"Cosigned by {', '.join(report.witnesses)}.")
    if report.signer_checked:
        print("The signer was checked against the key given.")
    else:
        print("The bundle is consistent in itself. The signer was NOT checked: a forger can sign anew.")
        print(f"It is signed by {report.key}; get the log's key by another way and give it with --key.")
    print_limits(report.not_shown)


def print_limits(limits: list[str]) -> None:
    print("What this does not show:")
    for limit in limits:
        print(f"  - {limit}")


def key_given(given: str) -> tuple[str, str]:
    """The key itself, and what there is to say of the file that it was in, if it was in one.

    An argument that is no key is read as the name of a file: in UTF-8, with or without a byte order mark, or
    in UTF-16, as editors and shells write them. Raises CheckFailed (`key`) where it can't be read as a key.
    """
    if given.count("+") >= 2 and not Path(given).is_file():
        return given, ""
    try:
        with Path(given).open("rb") as file:
            data = file.read(_KEY_FILE_LIMIT)
        encoding, said = _encoding(data)
        text = data.decode(encoding).strip()
    except FileNotFoundError:
        raise CheckFailed(
            "key", f"there is no key file {given}, and it is no key either (NAME+KEYID+BASE64)"
        ) from None
    except UnicodeDecodeError:
        raise CheckFailed("key", f"the key file {given} is no text in UTF-8 or UTF-16") from None
    except (OSError, ValueError) as error:
        raise CheckFailed("key", f"the key file {given} can't be read: {error}") from None
    if text.count("+") < 2:
        raise CheckFailed(
            "key", f"the key file {given} {f'{said} and ' if said else ''}holds no key (NAME+KEYID+BASE64)"
        )
    return text, f"the key file {given} {said}" if said else ""


def _encoding(data: bytes) -> tuple[str, str]:
    """How a key file is written, and what to say of it. A key is ASCII: every other byte is 0 in UTF-16."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", "is in UTF-16"
    if b"\x00" in data[:2]:
        return "utf-16-be" if data[:1] == b"\x00" else "utf-16-le", "is in UTF-16"
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", "begins with a byte order mark"
    return "utf-8", ""
