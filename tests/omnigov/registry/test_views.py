"""Model versions, as every member reads them."""

from __future__ import annotations

from django.test import Client

from omnigov.contracts import ModelVersion, Stage, WeightFile
from omnigov.registry.services import model_version_register
from tests.conftest import Cast


def test_the_newest_version_of_a_stage_is_marked(client: Client, cast: Cast) -> None:
    for name in ("older", "newer"):
        files = (WeightFile(name=f"{name}.safetensors", role="connector", sha256="1f" * 32),)
        model_version_register(
            ModelVersion(name=name, stage=Stage.VIDEO, config_digest="2e" * 32, files=files)
        )
    client.force_login(cast.auditor)
    page = client.get("/models/").content.decode()
    newer, older = page.index(">newer<"), page.index(">older<")
    assert newer < older
    assert "newest of its stage" in page[newer:older]
    assert "earlier version" in page[older:]
    assert "1f" * 32 in page
    assert "newer.safetensors" in page
