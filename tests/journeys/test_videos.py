"""A video in a real browser: watched, corrected by mouse and keys, decided, proved, and erased."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from omnigov.contracts import Area, Interval, Span, Track
from omnigov.decisions.models import Decision, Run
from omnigov.evidence.queries import anything_of
from omnigov.policies.queries import current_version
from omnigov.policies.services import policy_publish
from tests.journeys.conftest import JOURNEY, SignIn
from tests.journeys.test_cockpit_record import AXE, enter
from tests.journeys.test_corrections import ended
from tests.journeys.test_recordings import come_true, exported, overruled
from tests.omnigov import recorded, recorded_media, recorded_sound, recorded_video
from tests.processes import SAMPLES, until, working

PATIENCE = 900_000

pytestmark = [*JOURNEY, pytest.mark.timeout(3600), pytest.mark.usefixtures("asking_beside_a_loop")]


def drawn(page: Page) -> list[dict[str, Any]]:
    found = json.loads(page.locator("textarea[name=regions]").input_value())
    return [each["place"] for each in found if each["origin"] == "drawn"]


def watched(page: Page, address: str) -> list[str]:
    """Opens a page once its video and its tracks are there; what the console says from then on."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(address)
    come_true(page, "document.querySelector('video').readyState >= 2")
    expect(page.locator("[data-frame-said]")).to_contain_text("Picture 1 of")
    return said


def at_picture(page: Page, number: int) -> None:
    expect(page.locator("[data-frame-said]")).to_contain_text(f"Picture {number} of")


@pytest.fixture
def video(committed_cast: Any) -> Decision:
    batch = recorded.batch_of(
        committed_cast.policy_version, committed_cast.operator, ("gate.mp4", recorded_video.original())
    )
    copy = recorded_video.video()
    words = recorded_sound.transcript(copy)
    width, height = recorded_video.SIZE
    seen = (Area(part=20, left=0, top=0, right=width, bottom=height), Span(start=0, end=len(words)))
    return recorded_media.record(batch.submissions.get(), copy, seen=seen, words=words)


def test_a_video_is_watched_picture_by_picture(
    committed_cast: Any, video: Decision, site: str, signed_in: SignIn
) -> None:
    page = signed_in(committed_cast.officer)
    said = watched(page, f"{site}/decisions/{video.id}/")
    for _ in range(4):
        page.keyboard.press("f")
        page.wait_for_timeout(150)
    at_picture(page, 5)
    expect(page.locator("[data-overlay] g")).to_have_count(1)
    box = page.locator("[data-overlay] g .line")
    assert [box.get_attribute(name) for name in ("x", "y", "width", "height")] == ["20", "30", "40", "50"]
    page.keyboard.press("f")
    at_picture(page, 6)
    expect(box).to_have_attribute("x", "24")
    page.keyboard.press("d")
    page.keyboard.press("d")
    at_picture(page, 4)
    expect(page.locator("[data-overlay] g")).to_have_count(0)
    for picture in (5, 11, 31, 36):  # two things begin, then a silence, then the second shot
        page.keyboard.press("j")
        at_picture(page, picture)
    page.keyboard.press("k")
    at_picture(page, 31)
    page.locator("[data-finding] [data-still]").first.click()
    at_picture(page, 5)
    assert page.evaluate("document.querySelector('video').paused")
    page.keyboard.press("r")
    expect(page.locator("[data-overlay]")).to_be_hidden()
    page.keyboard.press("r")
    page.keyboard.press("v")
    page.locator(".contact-sheet").scroll_into_view_if_needed()
    expect(page.locator(".contact-row canvas")).to_have_count(9)
    last = page.locator("[data-track=t1] button").last
    last.click()
    at_picture(page, 35)
    # What is small is drawn from the copy: the thing is black in it, and what is about it is not.
    come_true(
        page,
        "(() => { const c = document.querySelector('[data-track=t1] canvas'); const p = c.getContext('2d');"
        " const at = (x, y) => p.getImageData(x, y, 1, 1).data;"
        " return at(22, 30)[1] < 40 && at(3, 3)[1] > 50; })()",
    )
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("one picture back, one on")
    page.keyboard.press("Escape")
    assert said == []


def test_without_scripts_it_is_played_and_read(
    committed_cast: Any, video: Decision, site: str, signed_in: SignIn
) -> None:
    page = signed_in(committed_cast.officer)
    plain = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    plain.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    bare = plain.new_page()
    bare.goto(f"{site}/decisions/{video.id}/")
    expect(bare.locator("video")).to_be_visible()
    expect(bare.locator(".player-bar")).to_be_hidden()
    expect(bare.locator(".track-lanes")).to_contain_text("3 Licence plate")
    expect(bare.locator(".conversation")).to_contain_text("The press in hall two")


def test_a_face_is_pointed_at_and_tracks_are_spared_and_cut(
    committed_cast: Any, video: Decision, site: str, signed_in: SignIn
) -> None:
    page = signed_in(committed_cast.officer)
    address = f"{site}/decisions/{video.id}/correct/"
    watched(page, address)
    live = page.locator(".player-bar ~ [role=status]").first
    page.keyboard.press("f")
    at_picture(page, 2)
    surface = page.locator("[data-overlay]").bounding_box()
    assert surface
    # The picture is fitted into its frame: its own pixels are found by its middle.
    per = min(surface["width"] / 320, surface["height"] / 180)
    left, top = (
        surface["x"] + surface["width"] / 2 - 160 * per,
        surface["y"] + surface["height"] / 2 - 90 * per,
    )
    page.mouse.move(left + 100 * per, top + 40 * per)
    page.mouse.down()
    page.mouse.move(left + 140 * per, top + 90 * per, steps=4)
    page.mouse.up()
    (place,) = drawn(page)
    assert place["hull"]["part"] == 1
    assert place["interval"] == {"place": "interval", "start": 0, "end": 4800}
    for name, edge in (("left", 100), ("top", 40), ("right", 140), ("bottom", 90)):
        assert abs(place["hull"][name] - edge) <= 1, place
    expect(live).to_contain_text("will be followed from picture 2")
    page.keyboard.press("ArrowRight")
    assert drawn(page)[0]["hull"]["left"] > place["hull"]["left"]
    page.keyboard.press("Control+z")
    assert drawn(page) == [place]
    mine = page.locator(".regions-list li.is-drawn")
    mine.locator("[data-time=end]").fill("0:01.60")
    mine.locator("[data-time=end]").press("Tab")
    assert drawn(page)[0]["interval"]["end"] == 1600
    mine.locator("[data-time=start]").fill("0:00.50")  # the picture that it was drawn in is before that
    mine.locator("[data-time=start]").press("Tab")
    assert drawn(page)[0]["interval"]["start"] == 0
    expect(page.locator(".regions-list li.is-found [data-take]").first).to_be_hidden()
    page.locator("h1").click()
    page.keyboard.press("a")
    assert len(drawn(page)) == 2
    page.keyboard.press("Delete")
    assert len(drawn(page)) == 1

    page.fill("[name=open_reason]", "Is that a face?")
    page.click("button:has-text('Open the original')")
    come_true(page, "document.querySelector('video').readyState >= 2", within=90)
    assert len(drawn(page)) == 1
    found = page.locator(".regions-list li.is-found")
    found.nth(1).locator("[data-take]").click()  # the licence plate
    expect(page.locator(".track-mark.is-removed")).to_have_count(1)
    found.nth(0).get_by_role("button", name="Show").click()
    at_picture(page, 5)
    for _ in range(5):
        page.keyboard.press("f")
        page.wait_for_timeout(150)
    at_picture(page, 10)
    page.keyboard.press("Shift+O")
    page.fill("[name=reason]", "A poster on the wall, and a face that was missed.")
    page.click("text=Record the correction")
    expect(page.locator("#chain")).to_contain_text("1 added, 2 taken away")
    edits = Run.objects.get(parent=video.run).redaction_edits
    (added,) = edits.added
    assert isinstance(added.place, Track)
    assert (added.place.hull.part, added.place.interval) == (1, Interval(start=0, end=1600))
    assert sorted(
        (each.place.id, each.place.interval.start, each.place.interval.end)
        for each in edits.removed
        if isinstance(each.place, Track)
    ) == [("t1", 800, 2800), ("t3", 800, 2480)]


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_a_video(
    browser: Browser, site: str, committed_cast: Any, video: Decision, width: int, scheme: Any
) -> None:
    context = browser.new_context(
        viewport=ViewportSize(width=width, height=900), color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    enter(page, site, committed_cast.officer)
    found = []
    for path in (f"/decisions/{video.id}/", f"/decisions/{video.id}/correct/", "/models/"):
        page.goto(site + path)
        if path != "/models/":
            expect(page.locator("[data-frame-said]")).to_contain_text("Picture 1 of")
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        answer = page.evaluate("axe.run()")
        found += [
            (path, each["id"], each["nodes"][0]["html"])
            for each in answer["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert found == []
    context.close()


def test_a_clip_goes_all_the_way(committed_cast: Any, site: str, signed_in: SignIn, tmp_path: Path) -> None:
    small = current_version(committed_cast.workspace, "what-is-shown").spec.model_copy(
        update={"attribution_steps": 2, "reasons_max_tokens": 4, "text_tokens": 48}
    )
    names = {"slug": "clips", "name_en": "Clips", "name_ja": "動画"}
    policy_publish(workspace=committed_cast.workspace, spec=small, **names)
    with working() as worker:
        operator = signed_in(committed_cast.operator)
        operator.goto(f"{site}/upload/")
        operator.select_option("#id_policy", "clips")
        operator.set_input_files("#id_files", [SAMPLES / "gate.mp4"])
        operator.click("[data-send]")
        operator.wait_for_url("**/batches/**", timeout=PATIENCE)
        run = Run.objects.get(workspace=committed_cast.workspace)
        until(lambda: ended(run), within=1500, worker=worker)
        assert run.state == "recorded", run.failure_sentence
        result = run.redaction_result
        assert result is not None
        assert result.video is not None
        assert (result.video.frames, result.video.shots) == (90, 2)
        assert any(each.kind == "FACE" and isinstance(each.place, Track) for each in result.findings)
        page = signed_in(committed_cast.officer)
        assert watched(page, f"{site}/decisions/{run.decision.id}/") == []
        expect(page.locator(".track-lanes .track")).to_have_count(result.video.tracks)
        page.goto(f"{site}/decisions/{run.decision.id}/correct/")
        come_true(page, "document.querySelector('video').readyState >= 2")
        expect(page.locator("[data-frame-said]")).to_contain_text("Picture 1 of 90")
        page.keyboard.press("a")
        page.fill("[name=reason]", "The tower tells where it is.")
        page.click("text=Record the correction")
        expect(page.locator("#chain")).to_contain_text("This decision was corrected.")
        child = Run.objects.get(parent=run)
        until(lambda: ended(child), within=1500, worker=worker)
    assert child.state == "recorded", child.failure_sentence
    copy = child.redaction_result
    assert copy is not None
    by_person = [each.place for each in copy.findings if each.detector == "person"]
    assert by_person
    assert all(isinstance(place, Track) for place in by_person)
    overruled(page, site, child)
    exported(signed_in(committed_cast.auditor), site, tmp_path)
    page.goto(f"{site}/media/{run.asset_id}/")
    page.check("[name=erase-sure]")
    page.click("button:has-text('Erase for good')")
    expect(page.locator("main")).to_contain_text("The medium is erased")
    assert not anything_of(run.pk)
    assert not anything_of(child.pk)
