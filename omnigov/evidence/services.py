"""All that writes evidence: parts under the token of a hold, and their rows in the step's own transaction.

A worker writes a part first and records it with the step, where its token is asked for once more. So one
that was thought dead writes beside the worker that came after it, never over it. What it wrote is nobody's:
it removes that itself, or the sweep does.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from omnigov import frames
from omnigov.evidence import store
from omnigov.evidence.models import EvidencePart, Name
from omnigov.keys import keyring

#: A part that no row names after so long will never be named: rows follow within a step's last moments.
ORPHAN_AFTER = 24 * 3600
_HEX = 16

BEFORE_SEALS = {Name.REDACTED: "redacted", Name.HEAT_MAP: "heatmap"}
"""What a run's plain files were called before evidence was sealed."""


@dataclass(frozen=True)
class Part:
    """A part that lies sealed in the store, and has yet to be recorded."""

    run: uuid.UUID
    asset: uuid.UUID
    token: uuid.UUID
    name: Name
    media_type: str
    size: int
    digest: str


def part_write(
    *,
    run: uuid.UUID,
    asset: uuid.UUID,
    token: uuid.UUID,
    name: Name,
    media_type: str,
    content: Iterable[bytes],
) -> Part:
    """Seals a stream under the asset's key, on the disk when this returns. Raises `KeyUnavailable`."""
    digest, size = hashlib.sha256(), 0

    def counted() -> Iterator[bytes]:
        nonlocal size
        for piece in content:
            digest.update(piece)
            size += len(piece)
            yield piece

    bound = bound_to(run=run, asset=asset, token=token, name=name)
    file = frames.sealed(counted(), key=keyring().asset(asset).data, bound=bound)
    store.put(key_of(run=run, token=token, name=name), file)
    return Part(run, asset, token, name, media_type, size, digest.hexdigest())


def parts_record(parts: Iterable[Part]) -> None:
    """Puts parts in their runs' manifests. Called in the transaction in which the token was asked for.

    A part of the same name from an earlier attempt is no longer the run's; the sweep removes its bytes.
    """
    for part in parts:
        EvidencePart.objects.update_or_create(
            run=part.run,
            name=part.name,
            defaults={
                "asset": part.asset,
                "token": part.token,
                "media_type": part.media_type,
                "size": part.size,
                "digest": part.digest,
            },
        )


def earlier_forget(*, run: uuid.UUID, token: uuid.UUID) -> None:
    """Takes out of the manifest what was written under other tokens: the run is redacted anew."""
    EvidencePart.objects.filter(run=run).exclude(token=token).delete()


def attempt_discard(*, run: uuid.UUID, token: uuid.UUID) -> None:
    """Removes what was written under a hold that is lost, where none of it was recorded after all."""
    if not EvidencePart.objects.filter(run=run, token=token).exists():
        store.delete(_folder(run, token))


@transaction.atomic
def plain_seal(*, run: uuid.UUID, asset: uuid.UUID, name: Name, media_type: str, digest: str) -> bool:
    """Seals a plain file of an installation from before, and then removes it; False where there is none.

    One that is not what was recorded stays as it is: it is evidence of that. Killed at any moment, this is
    done again from its beginning, and nothing is removed before its sealed copy is in the manifest.
    """
    plain = plain_key(run, name)
    try:
        store.read(plain, 0, 1)
    except store.NotStored:
        return False
    token, content = uuid.uuid4(), store.stream(plain)
    part = part_write(run=run, asset=asset, token=token, name=name, media_type=media_type, content=content)
    if part.digest != digest:
        store.delete(_folder(run, part.token))
        return False
    parts_record([part])
    transaction.on_commit(partial(store.delete, plain))
    return True


def token_discard(*, run: uuid.UUID, token: uuid.UUID) -> None:
    """Removes what was written under a token, recorded or not; the bytes for good when this returns."""
    store.delete(_folder(run, token))
    EvidencePart.objects.filter(run=run, token=token).delete()


def run_discard(run: uuid.UUID) -> None:
    """Removes all that lies there of a run, and its manifest; the bytes for good when this returns."""
    store.delete(_folder(run))
    EvidencePart.objects.filter(run=run).delete()


def orphans_sweep(*, shard: str = "", now: float | None = None) -> int:
    """Removes sealed parts that no manifest names since a day, and unfinished ones; how many the former were.

    `shard` is one of the store's 256 folders, as `a7`, for a sweep in small steps; without it all are done.
    """
    before = (time.time() if now is None else now) - ORPHAN_AFTER
    shards = [shard] if shard else [f"{number:02x}" for number in range(_HEX**2)]
    return sum(_sweep(each, before) for each in shards)


def _sweep(shard: str, before: float) -> int:
    store.unfinished_remove(f"{shard}/", before)
    old: dict[tuple[uuid.UUID, uuid.UUID], int] = {}
    for stored in store.listed(f"{shard}/"):
        parts = stored.key.split("/")
        # A file right in a run's folder is from before evidence was sealed, and no orphan.
        if len(parts) == 4 and stored.put_at < before:
            hold = uuid.UUID(parts[1]), uuid.UUID(parts[2])
            old[hold] = old.get(hold, 0) + 1
    named = set(EvidencePart.objects.filter(run__in={run for run, _ in old}).values_list("run", "token"))
    removed = 0
    for (run, token), count in old.items():
        if (run, token) not in named:
            store.delete(_folder(run, token))
            removed += count
    return removed


def key_of(*, run: uuid.UUID, token: uuid.UUID, name: str) -> str:
    """Where a part lies in the store."""
    return f"{_folder(run, token)}{name}"


def plain_key(run: uuid.UUID, name: Name) -> str:
    """Where a run's plain file of this name lay before evidence was sealed."""
    return f"{_folder(run)}{BEFORE_SEALS.get(name, name.value)}"


def bound_to(*, run: uuid.UUID, asset: uuid.UUID, token: uuid.UUID, name: str) -> bytes:
    """What a part's seal is bound to: it opens as this part of this run and as nothing else."""
    return f"{asset}/{run}/{token}/{name}".encode()


def _folder(run: uuid.UUID, token: uuid.UUID | None = None) -> str:
    folder = f"{run.hex[:2]}/{run.hex}/"
    return f"{folder}{token.hex}/" if token else folder
