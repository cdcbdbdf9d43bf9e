"""An officer asks for the thorough explanation of a decision, and reads what came of it."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from omnigov.decisions import deep
from tests.conftest import Cast
from tests.journeys.conftest import JOURNEY, SignIn
from tests.omnigov import recorded

pytestmark = [*JOURNEY, pytest.mark.usefixtures("asking_beside_a_loop")]


def test_an_officer_asks_for_a_thorough_explanation_and_reads_it(
    committed_cast: Cast, site: str, signed_in: SignIn
) -> None:
    people: Any = committed_cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png()))
    decision = recorded.record(batch.submissions.get(), picture=Image.new("RGB", (640, 480), "tan"))
    page = signed_in(people.officer)
    page.goto(f"{site}/decisions/{decision.id}/")
    page.click("#drawer-deep summary")
    page.get_by_role("button", name="Explain thoroughly").click()
    holds = page.get_by_role("region", name="How far the explanation holds")
    expect(holds).to_contain_text("on its way")
    claim = deep.deep_claim()
    assert claim is not None
    deep.deep_record(claim, recorded.thorough())
    page.reload()
    expect(holds).to_contain_text("without its 1 strongest part (2.0 % of all parts) the label is")
    expect(holds).to_contain_text("no better than chance here")
    expect(page.get_by_role("button", name="Explain thoroughly")).to_have_count(0)
