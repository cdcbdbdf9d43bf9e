"""CONTRIBUTING's way to a detector of one's own, taken step by step."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from omnigov.contracts import Limits, Quarantined
from tests.workers.redaction.conftest import FACES_ONLY, sample
from workers.media.picture import decode
from workers.redaction import detectors as package
from workers.redaction.detectors import registry as detectors
from workers.redaction.kinds.picture import redact

PAGE = (Path(__file__).parents[3] / "CONTRIBUTING.md").read_text(encoding="utf-8")
CLASS, LINE = re.findall(
    r"```python\n(.*?)```", PAGE.split("## Add a detector")[1].split("\n## ")[0], re.DOTALL
)


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "badges.py").write_text(CLASS, encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    entry = eval(LINE, {"Entry": detectors.Entry})  # noqa: S307 - the page's own line
    monkeypatch.setattr(detectors, "REGISTRY", (*detectors.REGISTRY, entry))
    monkeypatch.setattr(detectors, "_loaded", dict(detectors._loaded))


def with_badge() -> bytes:
    picture = Image.fromarray(decode(sample("home.jpg"), Limits()))
    picture.paste((60, 230, 70), (100, 100, 180, 150))
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.usefixtures("listed")
def test_what_the_new_detector_finds_is_masked_and_named() -> None:
    copy, result = redact(with_badge(), FACES_ONLY, Limits())
    assert {finding.kind for finding in result.findings} == {"BADGE"}
    assert not np.any(decode(copy, Limits())[100:150, 100:180])
    assert "badges" in {detector.name for detector in result.detectors}
    assert redact(sample("cat.jpg"), FACES_ONLY, Limits())[1].findings == ()


@pytest.mark.usefixtures("listed")
def test_what_the_new_detector_throws_keeps_the_picture_back(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = detectors.REGISTRY[-1]
    monkeypatch.setattr(type(detectors.loaded(entry)), "find", lambda self, picture: 1 / 0)
    with pytest.raises(Quarantined, match="badges"):
        redact(with_badge(), FACES_ONLY, Limits())
