"""The two digests of an original, taken as its bytes pass: one to know it again, one for the record."""

from __future__ import annotations

import hashlib
import hmac
import uuid

from omnigov.accounts.models import Workspace
from omnigov.keys import keyring


class Digests:
    """HMAC-SHA-256 with the workspace's key and with the asset's own, over all that `update` was given."""

    def __init__(self, workspace: Workspace, asset: uuid.UUID) -> None:
        key = keyring().unwrap(bytes(workspace.wrapped_key), purpose=f"workspace:{workspace.id}")
        self._recognition = hmac.new(key, digestmod=hashlib.sha256)
        self._commitment = hmac.new(keyring().asset(asset).commitment, digestmod=hashlib.sha256)

    def update(self, piece: bytes) -> None:
        self._recognition.update(piece)
        self._commitment.update(piece)

    @property
    def recognition(self) -> str:
        """The same for the same bytes in one workspace, and only there."""
        return self._recognition.hexdigest()

    @property
    def commitment(self) -> str:
        """What the record says of the bytes: checkable while the asset's key lives."""
        return self._commitment.hexdigest()
