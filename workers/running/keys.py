"""Whether the key folder that this worker sees is the installation's."""

from __future__ import annotations

import logging

from django.db import DatabaseError, InterfaceError, connection

from omnigov.keys import keyring
from omnigov.ledger.services import key_is_another
from workers.faults import WorkerUnfit

log = logging.getLogger(__name__)


def keys_held() -> None:
    """Raises `WorkerUnfit` where the folder holds another key than the record knows.

    An empty folder, as where a disk is not mounted, gets a fresh key. No file opens with that one, and each
    run would end as if its file were at fault.
    """
    try:
        another = key_is_another("key_encryption", keyring().fingerprint)
    except (DatabaseError, InterfaceError) as error:
        log.warning("Whether the key folder is the right one was not asked (%s).", type(error).__name__)
        return
    finally:
        if not connection.in_atomic_block:
            connection.close()  # others may have it
    if another:
        raise WorkerUnfit(
            "The key folder of this worker holds another key-encryption key than the one on the record. Is "
            "the disk mounted, and does OMNIGOV_KEYS_DIR name the folder? If so, restore it from your backup."
        )
