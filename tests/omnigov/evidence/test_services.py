"""Evidence by token: what a lost hold wrote is nobody's, what was recorded is read, and orphans go."""

from __future__ import annotations

import time
import uuid
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from omnigov import durable
from omnigov.evidence import queries, services, store
from omnigov.evidence.models import EvidencePart, Name
from omnigov.keys import keyring

pytestmark = [pytest.mark.services, pytest.mark.django_db]

TOMORROW = services.ORPHAN_AFTER + 1


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.OMNIGOV_EVIDENCE_DIR = str(tmp_path / "evidence")
    return tmp_path / "evidence"


@pytest.fixture
def asset() -> uuid.UUID:
    made = uuid.uuid4()
    keyring().asset_make(made)
    return made


def write(
    run: uuid.UUID,
    asset: uuid.UUID,
    content: bytes,
    name: Name = Name.REDACTED,
    token: uuid.UUID | None = None,
) -> services.Part:
    return services.part_write(
        run=run,
        asset=asset,
        token=token or uuid.uuid4(),
        name=name,
        media_type="image/png",
        content=[content[:10], content[10:]],
    )


def test_a_part_is_read_once_it_is_recorded(asset: uuid.UUID, folder: Path) -> None:
    run, content = uuid.uuid4(), b"what may be seen of a person's form " * 9000
    part = write(run, asset, content)
    with pytest.raises(queries.EvidenceDamaged, match="gone"):
        queries.content(run, Name.REDACTED)
    services.parts_record([part])
    assert queries.content(run, Name.REDACTED, digest=part.digest) == content
    opened = queries.part_open(run, Name.REDACTED)
    assert b"".join(opened.pieces(70_000, 70_011)) == content[70_000:70_011]
    assert [(each.name, each.size, each.digest) for each in queries.manifest(run)] == [
        ("redacted", len(content), part.digest)
    ]
    (file,) = [each for each in folder.rglob("*") if each.is_file()]
    assert file.relative_to(folder).as_posix() == f"{run.hex[:2]}/{run.hex}/{part.token.hex}/redacted"
    assert b"person" not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600


def test_one_that_was_thought_dead_overwrites_nothing(asset: uuid.UUID) -> None:
    run = uuid.uuid4()
    first, second = uuid.uuid4(), uuid.uuid4()
    services.parts_record([write(run, asset, b"of the worker that came after", token=second)])
    write(run, asset, b"of the one that was thought dead", token=first)
    assert queries.content(run, Name.REDACTED) == b"of the worker that came after"
    services.attempt_discard(run=run, token=first)
    assert queries.content(run, Name.REDACTED) == b"of the worker that came after"
    assert [each.key.split("/")[2] for each in store.listed(f"{run.hex[:2]}/")] == [second.hex]


def test_a_hold_whose_part_was_recorded_after_all_loses_nothing(asset: uuid.UUID) -> None:
    """The commit went through, and its worker never heard of it."""
    run = uuid.uuid4()
    part = write(run, asset, b"recorded")
    services.parts_record([part])
    services.attempt_discard(run=run, token=part.token)
    assert queries.content(run, Name.REDACTED) == b"recorded"


def test_what_was_written_anew_takes_the_place_of_what_was_lost(asset: uuid.UUID) -> None:
    run = uuid.uuid4()
    services.parts_record([write(run, asset, b"first")])
    services.parts_record([write(run, asset, b"second")])
    assert queries.content(run, Name.REDACTED) == b"second"
    assert services.orphans_sweep(shard=run.hex[:2], now=time.time() + TOMORROW) == 1
    assert queries.content(run, Name.REDACTED) == b"second"


def test_the_sweep_takes_what_nobody_names_and_nothing_younger_than_a_day(asset: uuid.UUID) -> None:
    run, other = uuid.uuid4(), uuid.uuid4()
    services.parts_record([write(run, asset, b"kept")])
    write(other, asset, b"orphan")
    write(other, asset, b"orphan", Name.HEAT_MAP)
    (Path(store._path(services.plain_key(run, Name.REDACTED)))).write_bytes(b"from before seals")
    assert services.orphans_sweep() == 0
    assert services.orphans_sweep(now=time.time() + TOMORROW) == 2
    assert queries.content(run, Name.REDACTED) == b"kept"
    left = {each.key.split("/")[1] for each in store.listed(f"{run.hex[:2]}/")}
    assert left == {run.hex}
    assert len(list(store.listed(f"{run.hex[:2]}/{run.hex}/"))) == 2
    assert list(store.listed(f"{other.hex[:2]}/{other.hex}/")) == []


def test_the_sweep_takes_what_a_killed_writer_left(asset: uuid.UUID, folder: Path) -> None:
    run = uuid.uuid4()
    services.parts_record([write(run, asset, b"kept")])
    (part,) = folder.rglob("redacted")
    left = part.with_name(f".heat_map.x1{durable.SCRATCH}")
    left.write_bytes(b"half a part")
    services.orphans_sweep(shard=run.hex[:2])
    assert left.exists(), "its writer may be at it"
    services.orphans_sweep(shard=run.hex[:2], now=time.time() + TOMORROW)
    assert not left.exists()
    assert queries.content(run, Name.REDACTED) == b"kept"


def test_nothing_of_a_discarded_run_is_left(asset: uuid.UUID, folder: Path) -> None:
    run = uuid.uuid4()
    services.parts_record([write(run, asset, b"one"), write(run, asset, b"two", Name.HEAT_MAP)])
    services.run_discard(run)
    services.run_discard(run)
    assert not EvidencePart.objects.filter(run=run).exists()
    assert [each for each in folder.rglob("*") if run.hex in str(each)] == []


def test_a_part_does_not_pass_for_another_run_s(asset: uuid.UUID) -> None:
    run, other, token = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    services.parts_record(
        [write(run, asset, b"one picture", token=token), write(other, asset, b"one picture", token=token)]
    )
    place = services.key_of(run=other, token=token, name=Name.REDACTED)
    stolen = b"".join(store.stream(services.key_of(run=run, token=token, name=Name.REDACTED)))
    store.put(place, [stolen])
    with pytest.raises(queries.EvidenceDamaged, match="changed"):
        queries.content(other, Name.REDACTED)


def test_the_key_s_end_is_the_evidence_s_end(asset: uuid.UUID) -> None:
    run = uuid.uuid4()
    part = write(run, asset, b"forgotten")
    services.parts_record([part])
    keyring().asset_destroy(asset)
    with pytest.raises(queries.EvidenceDamaged, match="erased"):
        queries.content(run, Name.REDACTED)
    assert "erased" in queries.damage(run, Name.REDACTED, part.digest)


def test_a_large_part_is_looked_at_by_its_ends(asset: uuid.UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "WHOLE", 1000)
    run, content = uuid.uuid4(), bytes(200_000)
    part = write(run, asset, content)
    services.parts_record([part])
    assert queries.damage(run, Name.REDACTED, part.digest) == ""
    assert "changed" in queries.damage(run, Name.REDACTED, "0" * 64)
    place = services.key_of(run=run, token=part.token, name=Name.REDACTED)
    whole = b"".join(store.stream(place))
    store.put(place, [whole[:-100]])
    assert "changed" in queries.damage(run, Name.REDACTED, part.digest)
    store.delete(place)
    assert "gone" in queries.damage(run, Name.REDACTED, part.digest)


def test_a_plain_file_from_before_is_read_and_sealed_once(
    asset: uuid.UUID, folder: Path, django_capture_on_commit_callbacks: object
) -> None:
    import hashlib

    run, content = uuid.uuid4(), b"a redacted copy of an older version"
    digest = hashlib.sha256(content).hexdigest()
    plain = folder / run.hex[:2] / run.hex / "redacted"
    plain.parent.mkdir(parents=True)
    plain.write_bytes(content)
    assert queries.content(run, Name.REDACTED, digest=digest) == content
    assert queries.damage(run, Name.REDACTED, digest) == ""

    def seal(expected: str) -> bool:
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            return services.plain_seal(
                run=run, asset=asset, name=Name.REDACTED, media_type="image/png", digest=expected
            )

    assert not seal("0" * 64)
    assert plain.exists()
    assert [each.key.count("/") for each in store.listed(f"{run.hex[:2]}/")] == [2]
    assert seal(digest)
    assert not plain.exists()
    assert queries.content(run, Name.REDACTED, digest=digest) == content
    assert not seal(digest)


def test_a_key_can_not_leave_the_folder() -> None:
    for key in ("", "/", "../keys/key-encryption-key", "aa/../../keys", "aa/./b"):
        with pytest.raises(ValueError, match="no key"):
            store.put(key, [b""])


def test_a_sweep_asks_once_for_a_folder(
    asset: uuid.UUID, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    runs = [uuid.UUID("aa" + uuid.uuid4().hex[2:]) for _ in range(5)]
    services.parts_record([write(run, asset, b"kept") for run in runs])
    with django_assert_num_queries(1):
        assert services.orphans_sweep(shard="aa", now=time.time() + TOMORROW) == 0
