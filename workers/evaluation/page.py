"""What was measured as one page that needs nothing beside it, its pictures as SVG, and its record as JSON."""

from __future__ import annotations

from html import escape
from pathlib import Path

from omnigov.contracts import MILLION, Evaluation, Head, Measured, PolicySpec
from omnigov.contracts.evaluation import NOTHING

SIDE, EDGE = 300, 40
STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#1b1b1b;background:#fff}table{border-collapse:collapse;margin:1rem 0}
td,th{border:1px solid #bbb;padding:.2rem .6rem;text-align:right}th{background:#f2f2f2}
figure{display:inline-block;margin:0 2rem 1rem 0}
p.caution{border-left:4px solid #b35900;padding-left:.8rem}"""


def write_page(folder: Path, policy: PolicySpec, found: Evaluation, card: Head | None) -> None:
    """Writes `evaluation.json`, `head.json` where there is one, `risk.svg`, `calibration.svg`,
    `confusion.svg`, `learning.svg` and `index.html`."""
    folder.mkdir(parents=True, exist_ok=True)
    drawings = {"risk": risk(found), "calibration": calibration(found), "confusion": confusion(policy, found)}
    if card:
        drawings["learning"] = learning(card)
        (folder / "head.json").write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    (folder / "evaluation.json").write_text(found.model_dump_json(indent=2) + "\n", encoding="utf-8")
    for name, drawn in drawings.items():
        (folder / f"{name}.svg").write_text(drawn, encoding="utf-8")
    (folder / "index.html").write_text(_page(policy, found, card, drawings), encoding="utf-8")


def risk(found: Evaluation) -> str:
    """How many of the decisions are wrong, by how many are taken."""
    points = [(p.coverage / MILLION, p.risk / MILLION) for p in found.risk_curve]
    top = max(0.1, *(y for _, y in points)) if points else 0.1
    target = found.risk_target / MILLION / top
    body = _line([(x, y / top) for x, y in points], "#1f5fa8")
    body += f'<path d="M{_at(0, target)} L{_at(1, target)}" stroke="#b35900" stroke-dasharray="6 4"/>'
    if found.threshold < NOTHING and found.coverage.value:
        spot = _at(found.coverage.value / MILLION, found.risk.value / MILLION / top).split(",")
        body += f'<circle cx="{spot[0]}" cy="{spot[1]}" r="5" fill="#b35900"/>'
    return _drawing(body, "decided", "wrong of these", "100 %", f"{top:.0%}")


def calibration(found: Evaluation) -> str:
    """What confidence promised, and what came."""
    points = [(b.confidence / MILLION, b.accuracy / MILLION) for b in found.bins]
    body = f'<path d="M{_at(0, 0)} L{_at(1, 1)}" stroke="#999" stroke-dasharray="6 4"/>' + _line(
        points, "#1f5fa8"
    )
    for x, y in points:
        across, down = _at(x, y).split(",")
        body += f'<circle cx="{across}" cy="{down}" r="4" fill="#1f5fa8"/>'
    return _drawing(body, "confidence", "right", "100 %", "100 %")


def learning(card: Head) -> str:
    """How well it does, by how many examples of each label it has."""
    most = card.learning_curve[-1].per_label
    points = [(p.per_label / most, p.accuracy.value / MILLION) for p in card.learning_curve]
    body = "".join(
        f'<path d="M{_at(p.per_label / most, p.accuracy.low / MILLION)} '
        f'L{_at(p.per_label / most, p.accuracy.high / MILLION)}" stroke="#8ab0dc"/>'
        for p in card.learning_curve
    )
    return _drawing(body + _line(points, "#1f5fa8"), "examples a label", "right", str(most), "100 %")


def confusion(policy: PolicySpec, found: Evaluation) -> str:
    """Which label is right, row by row, and which was said."""
    size, left = 44, 150
    names = [escape(policy.label(key).name_en) for key in found.labels]
    body = ""
    for row, (name, cells) in enumerate(zip(names, found.confusion, strict=True)):
        y = 30 + row * size
        body += f'<text x="{left - 8}" y="{y + 27}" text-anchor="end">{name[:20]}</text>'
        for column, count in enumerate(cells):
            share = count / max(1, sum(cells))
            ink = "#fff" if share > 0.5 else "#1b1b1b"
            x, red, green, blue = left + column * size, 255 - 224 * share, 255 - 160 * share, 255 - 87 * share
            body += (
                f'<rect x="{x}" y="{y}" width="{size}" height="{size}" stroke="#bbb" '
                f'fill="rgb({red:.0f},{green:.0f},{blue:.0f})"/>'
                f'<text x="{x + size // 2}" y="{y + 27}" text-anchor="middle" fill="{ink}">{count}</text>'
            )
    width, height = left + len(names) * size + 10, 40 + len(names) * size
    return _svg(width, height, f'<text x="{left}" y="18">said, in the same order</text>' + body)


def _line(points: list[tuple[float, float]], colour: str) -> str:
    along = " L".join(_at(x, y) for x, y in points)
    return f'<path d="M{along}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _at(x: float, y: float) -> str:
    return f"{EDGE + x * SIDE:.1f},{10 + (1 - y) * SIDE:.1f}"


def _drawing(body: str, across: str, up: str, right: str, top: str) -> str:
    frame = f'<path d="M{_at(0, 1)} L{_at(0, 0)} L{_at(1, 0)}" fill="none" stroke="#1b1b1b"/>'
    words = (
        f'<text x="{EDGE + SIDE // 2}" y="{SIDE + 40}" text-anchor="middle">{across}</text>'
        f'<text x="{EDGE + SIDE}" y="{SIDE + 26}" text-anchor="end">{right}</text>'
        f'<text x="{EDGE + 6}" y="20">{up} ({top})</text>'
    )
    return _svg(SIDE + EDGE + 20, SIDE + 50, frame + body + words)


def _svg(width: int, height: int, body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="system-ui,sans-serif" font-size="13">'
        f'<rect width="{width}" height="{height}" fill="#fff"/>{body}</svg>\n'
    )


def _page(policy: PolicySpec, found: Evaluation, card: Head | None, drawings: dict[str, str]) -> str:
    rows = [
        ("Examples", str(found.n)),
        ("Right", _share(found.accuracy)),
        ("Mean over the labels", _share(found.balanced_accuracy)),
        ("Calibration error", f"{found.ece / 10_000:.1f} %" if found.calibrated else "not calibrated"),
        ("Decided without a person", _share(found.coverage)),
        ("Wrong of these", _share(found.risk) if found.coverage.value else "none is decided"),
        ("Look like a copy of another", str(found.twins)),
    ]
    if found.twins_in_training is not None:
        rows.append(("Look like one that was fitted on", str(found.twins_in_training)))
    others = "".join(
        f"<tr><td>{each.name.replace('_', ' ')}</td><td>{_share(each.accuracy)}</td>"
        f"<td>{each.better_by / 10_000:+.1f} ({each.better_by_low / 10_000:+.1f} to "
        f"{each.better_by_high / 10_000:+.1f})</td></tr>"
        for each in found.baselines
    )
    slices = "".join(
        f"<tr><td>{escape(each.name)}</td><td>{each.n}</td><td>{_share(each.accuracy)}</td></tr>"
        for each in found.slices
    )
    cautions = "".join(f'<p class="caution">{escape(caution.sentence)}</p>' for caution in found.cautions)
    left_out = "".join(f"<p>Left out: {each.n}. {escape(each.sentence)}</p>" for each in found.left_out)
    by = (
        f"Head {card.name}, by {card.chosen.replace('_', ' ')}" if card else "The model alone, without a head"
    )
    later = ""
    if card and card.forecast:
        later = (
            f"<p>{card.forecast.more} more examples would give about {_share(card.forecast.accuracy)}.</p>"
        )
    figures = "".join(
        f"<figure>{drawn}<figcaption>{name}</figcaption></figure>" for name, drawn in drawings.items()
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escape(policy.question)}</title><style>{STYLE}</style></head><body>
<h1>{escape(policy.question)}</h1><p>{by}. Intervals are of 95 %.</p>{cautions}
<table>{"".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows)}</table>{later}
{figures}
<h2>Beside simpler ways</h2><table><tr><th>way</th><th>right</th><th>better than it by, in points</th></tr>
{others}</table>
<h2>By part</h2><table><tr><th>part</th><th>examples</th><th>right</th></tr>{slices}</table>{left_out}
<p>Policy {found.policy_digest}<br>model {found.model_digest}<br>examples {found.examples_digest}</p>
</body></html>
"""


def _share(found: Measured) -> str:
    return f"{found.value / 10_000:.1f} % ({found.low / 10_000:.1f} to {found.high / 10_000:.1f})"
