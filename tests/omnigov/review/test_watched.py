"""A video on the page of its decision: the line of time, the tracks, the picture and its sound."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from omnigov.contracts import Area, Interval, SegmentAttribution, Span, Track
from omnigov.decisions.models import Decision
from omnigov.evidence.models import EvidencePart, Name
from omnigov.review.queries import decision_page, media_of
from omnigov.review.watched import LANES, video_part
from tests.conftest import Cast
from tests.omnigov import recorded, recorded_media, recorded_sound, recorded_video
from tests.omnigov.recorded_video import EACH, MOVING

pytestmark = pytest.mark.django_db
SHOWN = (0, 20, 40)


def decided(cast: Cast, copy: recorded_media.Copy) -> Decision:
    batch = recorded.batch_of(
        cast.policy_version, cast.operator, ("gate.mp4", recorded_sound.wav(2000 + len(copy.content) % 97))
    )
    words = recorded_sound.transcript(copy)
    width, height = recorded_video.SIZE
    seen = tuple(Area(part=part, left=0, top=0, right=width, bottom=height) for part in SHOWN)
    seen += (Span(start=0, end=len(words)),) if words else ()
    return recorded_media.record(batch.submissions.get(), copy, seen=seen, words=words)


@pytest.fixture
def video(cast: Cast) -> Decision:
    return decided(cast, recorded_video.video())


def test_everything_lies_on_one_line_of_time(video: Decision) -> None:
    part = video_part(media_of(video))
    assert (part.milliseconds, part.frames) == (4800, 60)
    assert [(shot.number, shot.left, shot.at) for shot in part.shots] == [
        (1, "0.000%", Interval(start=0, end=2800)),
        (2, "58.333%", Interval(start=2800, end=4800)),
    ]
    assert [(each.ordinal, each.lane, each.frames, each.left) for each in part.tracks] == [
        (1, 0, 31, "6.667%"),
        (3, 1, 21, "16.667%"),
        (2, 0, 25, "58.333%"),
    ]
    assert part.hidden_for == 4800 - 4 * EACH
    assert part.sound is not None
    assert [(each.left, each.ordinal) for each in part.sound.silences] == [("50.000%", 4)]
    assert part.sound.lanes[0].turns[0].left == "0.000%"


def test_more_tracks_at_once_than_there_are_lines_share_the_last(cast: Cast) -> None:
    many = tuple((f"t{number}", "FACE", 0, 50, (5, 5, 20, 20), (0, 0)) for number in range(LANES + 3))
    part = video_part(media_of(decided(cast, recorded_video.video(many, sound=False))))
    assert [each.lane for each in part.tracks] == [*range(LANES), *[LANES - 1] * 3]


def test_the_pictures_that_it_was_given_are_a_band_and_a_row_each(video: Decision) -> None:
    media = media_of(video)
    assert media.why is not None
    grids = {0: ((5, 5), (0, 0)), 20: ((-40, 0), (0, 0)), 40: ((1, 1), (1, 1))}
    segments = tuple(
        each
        if not isinstance(each.place, Area)
        else SegmentAttribution(place=each.place, share=each.share, grid=grids[each.place.part])
        for each in media.why.segments
    )
    media.why = media.why.model_copy(update={"segments": segments})
    (looked,) = (band for band in video_part(media).bands if band.of == "frames")
    assert [(each.at.start, each.at.end, each.value) for each in looked.weights] == [
        (0, 1600, 10),
        (1600, 3200, -40),
    ]


def test_the_page_has_player_shots_tracks_turns_and_contact_sheet(
    client: Client, cast: Cast, video: Decision
) -> None:
    client.force_login(cast.officer)
    answer = client.get(f"/decisions/{video.id}/")
    page = answer.content.decode()
    assert f'src="/decisions/{video.id}/picture/redacted/"' in page
    for said in (
        "<video",
        "data-line",
        "Shot 2",
        "data-contact",
        'data-track="t2"',
        "SPEAKER_1",
        "Picture on",
    ):
        assert said in page, said
    # Without colour: each thing carries its number and its word.
    assert re.search(r"<text[^>]*>3 Licence plate</text>", page)
    assert "0:00.3 – 0:02.8" in page
    assert "Of the 60 pictures the model was given 3" in page
    assert "Picture 21, at 0:01.6" in page
    assert "'nonce-" in answer["Content-Security-Policy"]
    assert not re.search(r' style="| on\w+="', page)
    served = decision_page(video).served.parts
    assert {"redacted_copy", "timeline", "contact_sheet", "turns", "waveform", "transcript"} <= set(served)


def test_a_video_without_sound_or_anything_hidden(client: Client, cast: Cast) -> None:
    decision = decided(cast, recorded_video.video((), sound=False))
    client.force_login(cast.auditor)
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    assert "It has no sound." in page
    assert "data-wave" not in page
    assert "data-contact" not in page
    assert "No personal data was found in this file." in page


def test_tracks_and_poster_are_served_to_members_alone(client: Client, cast: Cast, video: Decision) -> None:
    tracks, poster = f"/decisions/{video.id}/picture/tracks/", f"/decisions/{video.id}/thumbnail/"
    client.force_login(cast.officer)
    told = json.loads(client.get(tracks).content)
    assert [each["id"] for each in told["tracks"]] == [each[0] for each in MOVING]
    assert client.get(poster)["Content-Type"] == "image/jpeg"
    part = client.get(f"/decisions/{video.id}/picture/redacted/", headers={"range": "bytes=4-7"})
    assert (part.status_code, part.content, part["Content-Type"]) == (206, b"ftyp", "video/mp4")
    client.force_login(cast.outsider)
    assert client.get(tracks).status_code == client.get(poster).status_code == 404


def test_tracks_that_are_not_the_recorded_ones_are_not_shown(
    client: Client, cast: Cast, video: Decision
) -> None:
    EvidencePart.objects.filter(run=video.run_id, name=Name.TRACKS).update(digest="0" * 64)
    client.force_login(cast.officer)
    page = client.get(f"/decisions/{video.id}/").content.decode()
    assert "was changed after it was recorded" in page
    assert "<video" not in page
    assert client.get(f"/decisions/{video.id}/picture/tracks/").status_code == 404


def test_the_queue_shows_the_poster_and_the_first_words(client: Client, cast: Cast, video: Decision) -> None:
    client.force_login(cast.officer)
    batch = client.get(f"/batches/{video.run.submission.batch_id}/").content.decode()
    assert f"/decisions/{video.id}/thumbnail/" in batch
    assert "The press in hall two" in batch


def test_what_is_found_in_the_picture_is_a_track(video: Decision) -> None:
    """The list of findings says from when to when, and leads there without playing."""
    places = [each.place for each in video.run.redaction_result.findings]
    assert [type(place) for place in places] == [Track, Track, Track, Interval]
