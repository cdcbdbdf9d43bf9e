"""Makes the stand-alone verifier: one file from the very files that the product itself uses.

The imports are gathered at the top, those between the files fall away, and the rest is joined unchanged, so
that an auditor reads the code that runs here. It needs Python 3.10 or later and `cryptography`.
"""

from __future__ import annotations

import ast
from pathlib import Path

NAME = "omnigov_verify.py"
PARTS = (
    "canonical",
    "merkle",
    "checkpoint",
    "bundle",
    "contents",
    "proof",
    "bundle_evidence",
    "bundle_entries",
    "report",
    "sampling",
    "verify",
)
_HOUSE = "omnigov.ledger."

_HEAD = '''#!/usr/bin/env python3
"""The stand-alone verifier of OmniGov's provenance bundles.

    python omnigov_verify.py BUNDLE.zip --key NAME+KEYID+BASE64
    python omnigov_verify.py FOLDER --key KEYFILE
    python omnigov_verify.py ENTRY.tlog-proof --entry ENTRY.json --key NAME+KEYID+BASE64

It needs Python 3.10 or later and the package `cryptography` (for Ed25519), and nothing else: no server, no
database, no network. It is joined from eleven files of OmniGov (Apache-2.0), each marked below:
canonical.py (canonical JSON), merkle.py (the tree and its proofs), checkpoint.py (signed notes), bundle.py
(the manifest), contents.py (the members, in a ZIP or in a folder that one was unpacked to), proof.py (one
entry by its proof), bundle_evidence.py (what it holds beside entries), bundle_entries.py (each entry
and its place in the tree), report.py (what was found, in words), sampling.py (samples, drawn again) and
verify.py (a bundle's checks, in order).
Get this file from a source that you trust: a bundle's own copy could have been written by whoever wrote the
bundle.
"""
'''


class StandaloneError(Exception):
    """The files can't be joined into one; the sentence says what is in the way."""


def source(folder: Path = Path(__file__).parent) -> str:
    """The text of `omnigov_verify.py`, made from the files in `folder`.

    Raises StandaloneError where the files would not mean the same when joined: a name bound in two of
    them, or an import between them that renames.
    """
    imports: dict[str, set[str]] = {}
    owners: dict[str, str] = {}
    bodies = []
    for part in PARTS:
        text = (folder / f"{part}.py").read_text(encoding="utf-8")
        tree = ast.parse(text)
        for name in _bound_names(tree):
            if owners.setdefault(name, part) != part:
                raise StandaloneError(f"{name} is bound in {owners[name]}.py and in {part}.py")
        kept = _without_imports(text, tree, part, imports)
        bodies.append(f"\n\n# {'=' * 100}\n# {part}.py\n# {'=' * 100}\n\n{kept.strip()}\n")
    plain = sorted(f"import {name}\n" for name in imports.pop("", set()))
    named = [
        f"from {module} import {', '.join(sorted(names))}\n" for module, names in sorted(imports.items())
    ]
    return "".join([_HEAD, "\nfrom __future__ import annotations\n\n", *plain, *named, *bodies])


def _bound_names(tree: ast.Module) -> set[str]:
    """The names that a file's top level binds by itself, imports aside."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            targets = [each for target in node.targets for each in ast.walk(target)]
            names |= {each.id for each in targets if isinstance(each, ast.Name)}
    return names


def _without_imports(text: str, tree: ast.Module, part: str, imports: dict[str, set[str]]) -> str:
    """The file's text without its imports; those from outside go into `imports`, by module."""
    lines = text.splitlines(keepends=True)
    for node in tree.body:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        if module.startswith(_HOUSE):
            if module.removeprefix(_HOUSE) not in PARTS or any(each.asname for each in node.names):
                raise StandaloneError(f"{part}.py, line {node.lineno}: imports between the files are plain")
        elif module != "__future__":
            imports.setdefault(module, set()).update(ast.unparse(each) for each in node.names)
        for number in range(node.lineno - 1, node.end_lineno or node.lineno):
            lines[number] = ""
    return "".join(lines)
