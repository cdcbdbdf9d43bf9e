"""Nothing is decoded before it was looked at; what is refused is refused with a sentence."""

from __future__ import annotations

import subprocess
import sys

import pytest

from omnigov.contracts import Limits, Refused
from tests.bad_files import WHOLE, BadFile, bad_files, picture, saved
from workers.media import source
from workers.media.kinds import medium, probe, told
from workers.media.picture import decode, encode
from workers.media.probe import Probed
from workers.media.source import Source

FILES = list(bad_files())
BY_NAME = {file.name: file for file in FILES}
# A broken EXIF block makes Pillow warn; the product goes on, and so does the test.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*EXIF.*:UserWarning", "ignore:Truncated File Read:UserWarning"
)


def refusal(content: bytes, limits: Limits | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        probe(Source.of(content), limits or Limits())
    return caught.value


def is_a_sentence(text: str) -> bool:
    return text[0].isupper() and text.endswith(".") and len(text) > 30 and "Error" not in text


def probed_and_decoded(content: bytes) -> None:
    probe(Source.of(content), Limits())
    decoded = medium(told(content)).decode(content, Limits())
    if told(content).name == "document":
        list(decoded)


def sentence_of(content: bytes) -> str | None:
    """The sentence of the refusal, or None where the file is taken."""
    try:
        probe(Source.of(content), Limits())
    except Refused as refused:
        return refused.sentence
    return None


def test_there_are_enough_bad_files() -> None:
    assert len(FILES) >= 60
    assert len({file.name for file in FILES}) == len(FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: ascii(file.name)[:40])
def test_a_bad_file_is_refused_with_a_sentence_or_decodes(file: BadFile) -> None:
    content = file.content
    if file.expected == "refused":
        with pytest.raises(Refused) as caught:
            probed_and_decoded(content)
        assert is_a_sentence(caught.value.sentence)
        return
    if file.kind != "picture":
        probed_and_decoded(content)
        return
    probed = probe(Source.of(content), Limits())
    pixels = decode(content, Limits())
    assert sorted(pixels.shape[:2]) == sorted((probed.height, probed.width))
    assert encode(pixels, "image/jpeg").startswith(b"\xff\xd8")


@pytest.mark.parametrize(("suffix", "media_type"), [
    ("jpg", "image/jpeg"), ("png", "image/png"), ("webp", "image/webp"),
    ("gif", "image/gif"), ("bmp", "image/bmp"), ("tiff", "image/tiff"),
])  # fmt: skip
def test_it_tells_the_type_and_the_size_from_the_content(suffix: str, media_type: str) -> None:
    content = WHOLE[suffix]
    assert probe(Source.of(content), Limits()) == Probed(media_type, 96, 64, 1)
    assert probe(Source.of(content), Limits()) == Probed(media_type, 96, 64, 1)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("empty.jpg", "empty"),
        ("zeros.png", "not_media"),
        ("phone.heic", "unsupported"),
        ("drawing.svg", "unsupported"),
        ("paper.pdf", "damaged"),
        ("archive.jpg", "unsupported"),
        ("cut-50.jpg", "truncated"),
        ("cut-last-byte.png", "truncated"),
        ("30000x30000.png", "too_long_a_side"),
        ("bomb.png", "bomb"),
        ("moving.gif", "too_many_frames"),
        ("picture-and-zip.jpg", "polyglot"),
        ("pdf-inside.jpg", "polyglot"),
        ("flipped-bit.png", "damaged"),
    ],
)
def test_each_refusal_has_its_code(name: str, code: str) -> None:
    assert refusal(BY_NAME[name].content).code == code


def test_the_sentence_names_the_format_and_what_is_taken() -> None:
    sentence = refusal(BY_NAME["phone.heic"].content).sentence
    assert "HEIC" in sentence
    assert "JPEG, PNG, WebP" in sentence


def test_the_limits_of_the_policy_hold() -> None:
    content = WHOLE["png"]
    assert refusal(content, Limits(max_bytes=100)).code == "too_many_bytes"
    assert refusal(content, Limits(max_pixels=96 * 64 - 1)).code == "too_many_pixels"
    assert refusal(content, Limits(max_side=95)).code == "too_long_a_side"
    probe(Source.of(content), Limits(max_pixels=96 * 64, max_side=96, max_bytes=len(content)))


def test_several_frames_are_taken_where_the_policy_takes_them() -> None:
    content = BY_NAME["moving.gif"].content
    assert probe(Source.of(content), Limits(max_frames=3)).frames == 3
    assert refusal(content, Limits(max_frames=2)).code == "too_many_frames"


def test_a_phone_picture_with_a_preview_behind_it_is_taken() -> None:
    first, second = picture(), picture(width=48, height=32)
    content = saved(first, "MPO", save_all=True, append_images=[second])
    assert probe(Source.of(content), Limits()) == Probed("image/jpeg", 96, 64, 1)
    assert decode(content, Limits()).shape == (64, 96, 3)


def test_every_byte_flipped_in_turn_never_leads_to_anything_but_a_refusal_or_a_picture() -> None:
    for suffix, content in WHOLE.items():
        small = content if len(content) < 4000 else content[:1500]
        for at in range(0, min(len(small), 1200), 3):
            broken = bytearray(content)
            broken[at] ^= 0xFF
            sentence = sentence_of(bytes(broken))
            assert sentence is None or is_a_sentence(sentence), (suffix, at)


def test_it_loads_neither_django_nor_a_codec() -> None:
    code = (
        "import sys, workers.media.probe\n"
        "print([name for name in ('django', 'PIL', 'torch', 'cv2', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("step", [3, 64, 1000])
@pytest.mark.parametrize("file", FILES, ids=lambda file: ascii(file.name)[:40])
def test_a_file_is_judged_alike_however_little_of_it_is_gone_through_at_once(
    file: BadFile, step: int
) -> None:
    if len(file.content) > 200_000:
        pytest.skip("a small step would take long")
    data = Source.of(file.content)
    data.step = step
    try:
        probe(data, Limits())
        sentence = None
    except Refused as refused:
        sentence = refused.sentence
    assert sentence == sentence_of(file.content)


def test_a_large_file_is_walked_with_a_piece_in_memory() -> None:
    """A JPEG of 3 GB of comments, none of which is held."""
    head, tail = WHOLE["jpg"][:2], WHOLE["jpg"][2:]
    comment = b"\xff\xfe\xff\xff" + bytes(65_533)
    count = 3_000_000_000 // len(comment)
    size = len(head) + count * len(comment) + len(tail)
    most = 0

    def read(start: int, end: int) -> bytes:
        nonlocal most
        most = max(most, end - start)
        found = bytearray(head[start:end]) if start < 2 else bytearray()
        at = max(start, 2)
        while len(found) < end - start and at < size - len(tail):
            inside = (at - 2) % len(comment)
            piece = comment[inside : inside + end - start - len(found)]
            found += piece
            at += len(piece)
        if len(found) < end - start:
            found += tail[at - (size - len(tail)) :][: end - start - len(found)]
        return bytes(found)

    probed = probe(Source(read, size), Limits(max_bytes=4_000_000_000))
    assert probed == Probed("image/jpeg", 96, 64, 1)
    assert most <= source.WINDOW
