"""`omnigov ask FILE… --policy FILE`: redact, decide, explain; no server, no database, and no record."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import torch

from omnigov.contracts import (
    MILLION,
    AttributionResult,
    InferenceResult,
    Quarantined,
    RedactionResult,
    Refused,
)
from workers import pipeline
from workers.asking.command import Stops
from workers.asking.folder import redacted
from workers.asking.kept import newest
from workers.asking.policy_file import policy_from
from workers.asking.words import percent

WORDS_SHOWN = 5
THIRDS = (
    ("top left", "top", "top right"),
    ("left", "middle", "right"),
    ("bottom left", "bottom", "bottom right"),
)


def main(argv: list[str]) -> int:
    """0 where every file was answered, an abstention included; 1 where one was refused, with a sentence."""
    parser = argparse.ArgumentParser(prog="omnigov ask", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--policy", required=True, metavar="P", help="a policy's file (JSON), or its name")
    parser.add_argument("--workspace", default="", metavar="W", help="take the policy of this workspace")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write the heat maps there")
    parser.add_argument("--no-explanation", action="store_true", help="leave the explanation out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(argv)
    torch.set_num_threads(chosen.threads)
    try:
        policy = policy_from(chosen.policy, chosen.workspace)
        kept = newest(policy)
        pipeline.prepare_redaction()
        order = pipeline.Order(policy, chosen.seed, head=kept[0] if kept else None)
        answers = [_answer(file, order, chosen) for file in chosen.files]
    except Stops as error:
        print(f"omnigov ask: {error}", file=sys.stderr)
        return 1
    measured = kept[1].measured if kept else None
    said = {
        "question": policy.question,
        "head": kept[1].name if kept else None,
        "measured": {"n": measured.n, "accuracy": measured.accuracy.value / MILLION} if measured else None,
        "answers": answers,
    }
    print(json.dumps(said, ensure_ascii=False, indent=2) if chosen.json else "\n".join(_words(said)))
    return 1 if any("refused" in answer for answer in answers) else 0


def _answer(file: Path, order: pipeline.Order, chosen: argparse.Namespace) -> dict[str, Any]:
    try:
        seen, redaction = redacted(file, order.policy, _silent)
        result = pipeline.infer([order], [seen], _silent)[0]
    except (Refused, Quarantined) as reason:
        return {"file": str(file), "refused": {"code": reason.code, "sentence": reason.sentence}}
    result = pipeline.with_specialists(result, redaction)
    answer = _said(file, order, result, redaction)
    if not chosen.no_explanation:
        attribution, heat_maps = pipeline.attribute(order, seen, result, _silent)
        answer["explanation"] = explained(attribution)
        if chosen.out and heat_maps:
            chosen.out.mkdir(parents=True, exist_ok=True)
            (chosen.out / f"{file.name}.heat.png").write_bytes(heat_maps)
    return answer


def _said(
    file: Path, order: pipeline.Order, result: InferenceResult, redaction: RedactionResult
) -> dict[str, Any]:
    policy = order.policy
    other = result.other_order
    own = next((voice.label for voice in result.voices if voice.who == "model"), result.label)
    doubts = sorted({name for v in result.voices if v.who == "text" for name in v.counts if name in _DOUBTS})
    why = [_DOUBTS[name] for name in doubts]
    if missing := sorted({finding.empty for finding in redaction.findings if finding.empty}):
        why.append(f"Has to be filled in, and is empty: {', '.join(missing)}.")
    if other is not None and other.label != own:
        why.append(f"With its labels in the opposite order the model answered {other.label}.")
    if order.head is None:
        why.append("This policy is not measured, so every answer waits for a person.")
    elif result.abstained and not doubts:
        why.append("The confidence is below the one from which few enough answers are wrong.")
    return {
        "file": str(file),
        "label": result.label,
        "name": policy.label(result.label).name_en,
        "confidence": result.confidence / MILLION,
        "confidence_kind": result.confidence_kind,
        "abstained": result.abstained,
        "waits_for_a_person": result.abstained or order.head is None,
        "why": why,
        "scores": {score.label: score.probability / MILLION for score in result.scores},
        "scored_by": parts_of(result),
        "other_order": {
            "label": result.other_order.label,
            "change": result.other_order.change / MILLION,
        }
        if result.other_order
        else None,
        "reasons": list(result.reasons),
        "voices": [voice.model_dump(mode="json") for voice in result.voices],
        "hidden": len(redaction.findings),
        "redacted_sha256": redaction.digest,
        "model": result.model.name,
    }


def parts_of(result: InferenceResult) -> dict[str, dict[str, float]]:
    """Of each label what the model's own score was made from: nats and a cosine."""
    return {
        score.label: {"log_likelihood": score.log_likelihood / MILLION}
        if score.joined is None
        else {
            "score": score.joined / MILLION,
            "log_likelihood": score.log_likelihood / MILLION,
            "prior": (score.prior or 0) / MILLION,
            "similarity": (score.similarity or 0) / MILLION,
        }
        for score in result.scores
    }


_DOUBTS = {
    "empty": "There is nothing on it to decide by.",
    "instructions": "What is written on it tells what to answer, so it is left to a person.",
    "unlike": "It is of another kind than the examples: a text where they were pictures, or the other way "
    "round.",
}


def explained(found: AttributionResult) -> dict[str, Any]:
    """Where the score comes from, in shares and in words."""
    words = sorted(found.tokens, key=lambda token: -abs(token.value))[:WORDS_SHOWN]
    perceived = f"{percent(found.picture_share)} is the picture's"
    if found.sound_share:
        perceived = f"{percent(found.sound_share)} is the sound's"
    told = [
        f"Of what moved the score, {perceived}"
        + (f" and {percent(found.text_share)} its text's." if found.text_share else ".")
    ]
    if found.grid and any(any(row) for row in found.grid):
        told.append(f"Most of the picture's part lies at the {strongest(found.grid)}.")
    gap = found.completeness_gap / abs(found.total) if found.total else 0.0
    if gap > 0.02:
        told.append(f"The explanation is not complete: {gap:.0%} of the change is unaccounted for.")
    return {
        "sentences": told,
        "label": found.label,
        "picture_share": found.picture_share / MILLION,
        "text_share": found.text_share / MILLION,
        **({"sound_share": found.sound_share / MILLION} if found.sound_share else {}),
        "words": {word.text.strip(): word.value / MILLION for word in words},
        "method": found.method,
        "gap": round(gap, 4),
    }


def strongest(grid: tuple[tuple[int, ...], ...]) -> str:
    """Which third of the picture the patches that speak most for the label lie in."""
    place = max(((row, column) for row in range(len(grid)) for column in range(len(grid[0]))),
                key=lambda at: grid[at[0]][at[1]])  # fmt: skip
    return THIRDS[place[0] * 3 // len(grid)][place[1] * 3 // len(grid[0])]


def _words(said: dict[str, Any]) -> list[str]:
    lines = [said["question"]]
    if said["measured"] is None:
        lines.append(
            "Not measured: no head was fitted to this policy. `omnigov adapt` does that from examples."
        )
    for answer in said["answers"]:
        if "refused" in answer:
            lines.append(f"{answer['file']}: refused. {answer['refused']['sentence']}")
            continue
        sure = f"{answer['confidence']:.1%}, {answer['confidence_kind']}"
        state = "left to a person" if answer["waits_for_a_person"] else "decided"
        lines.append(
            f"{answer['file']}: {answer['name']} ({sure}); {state}; {answer['hidden']} places hidden"
        )
        lines += [f"  {sentence}" for sentence in (*answer["why"], *answer["reasons"])]
        lines += [f"  {sentence}" for sentence in answer.get("explanation", {}).get("sentences", ())]
    return lines


def _silent(step: str, artefact: object = None, progress: float | None = None) -> None:
    """One answer is soon there."""
