"""The tables of the record. Rows are only ever inserted: the database refuses all else (migration 0002).

An entry is appended in the transaction of what it records. The sequencer gives it its place in the log later,
by inserting a leaf. So an entry without a leaf is pending, and nothing is ever updated.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Cast


class LedgerEntry(models.Model):
    """One entry. `body` is its canonical JSON, and the columns before it repeat what `body` says.

    `seq` orders entries as they were appended: the entry that another one names as its predecessor has a
    smaller `seq`. `transaction` is the number of the database transaction that appended the entry; by it the
    sequencer finds what is new without reading the whole table.
    """

    seq = models.BigAutoField(primary_key=True)
    id = models.UUIDField(unique=True, editable=False)
    workspace = models.UUIDField(null=True)
    kind = models.CharField(max_length=40)
    schema = models.PositiveSmallIntegerField()
    subject = models.UUIDField()
    idempotency_key = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    body = models.BinaryField()
    leaf_hash = models.BinaryField()
    transaction = models.BigIntegerField(
        editable=False,
        db_default=Cast(
            Cast(Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField()
        ),
    )

    class Meta:
        db_table = "ledger_entry"
        ordering: ClassVar = ["seq"]
        verbose_name_plural = "ledger entries"
        indexes: ClassVar = [
            models.Index(fields=["subject", "seq"], name="entries_of_a_subject"),
            models.Index(fields=["workspace", "kind", "seq"], name="entries_of_a_workspace"),
            models.Index(fields=["transaction"], name="entries_by_transaction"),
            models.Index(fields=["workspace", "created_at", "seq"], name="entries_in_time"),
        ]
        # Not `unique=True`, which would make a second index for LIKE that nothing asks for.
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["idempotency_key"], name="an_idempotency_key_is_used_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class LedgerLeaf(models.Model):
    """An entry's place in the log. Indexes run from 0 without a gap."""

    index = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(LedgerEntry, on_delete=models.PROTECT, related_name="leaf")

    class Meta:
        db_table = "ledger_leaf"
        ordering: ClassVar = ["index"]
        constraints: ClassVar = [models.CheckConstraint(condition=Q(index__gte=0), name="leaves_begin_at_0")]

    def __str__(self) -> str:
        return str(self.index)


class LedgerTile(models.Model):
    """A C2SP tlog tile: `width` hashes of the tree's level 8 × `level`, from 256 × `index` on.

    A tile that is not full yet is a row of its own width, so that rows are only inserted. On level 0 only
    full tiles are kept: an unfinished one is read from the newest leaves (`tiles.TileReader`).
    """

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    width = models.PositiveSmallIntegerField()
    data = models.BinaryField()

    class Meta:
        db_table = "ledger_tile"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["level", "index", "width"], name="a_tile_of_each_width"),
            models.CheckConstraint(condition=Q(width__gte=1, width__lte=256), name="a_tile_has_a_width"),
            models.CheckConstraint(
                condition=Q(level__gte=1) | Q(width=256), name="unfinished_leaf_tiles_are_not_kept"
            ),
        ]

    def __str__(self) -> str:
        return f"tile {self.level}/{self.index} of {self.width}"


class LedgerCosignature(models.Model):
    """A witness's word on a checkpoint: `line` belongs under its note. `witness` is the witness's key."""

    size = models.BigIntegerField()
    witness = models.CharField(max_length=300)
    line = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_cosignature"
        ordering: ClassVar = ["size", "witness"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["witness", "size"], name="a_witness_cosigns_once")
        ]

    def __str__(self) -> str:
        return f"{self.size} {self.witness}"


class LedgerCheck(models.Model):
    """What a check of the log found. `size` and `root` are what it recomputed up to."""

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    full = models.BooleanField()
    size = models.BigIntegerField()
    root = models.BinaryField()
    problems = models.JSONField(default=list, help_text="the first of them: check, detail, index")
    problems_count = models.PositiveIntegerField(default=0)
    warnings = models.JSONField(default=list, help_text="roles that are too strong")

    class Meta:
        db_table = "ledger_check"
        ordering: ClassVar = ["-ended_at"]
        indexes: ClassVar = [models.Index(fields=["-ended_at"], name="newest_checks")]

    def __str__(self) -> str:
        return f"check of {self.size}"


class LedgerCheckpoint(models.Model):
    """A signed state of the log. `note` is the signed text; `size` and `root` repeat what it says.

    `horizon`: every transaction with a smaller number had ended when this checkpoint was made, and what it
    appended is in the log.
    """

    size = models.BigIntegerField(unique=True)
    root = models.BinaryField()
    note = models.TextField()
    horizon = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_checkpoint"
        ordering: ClassVar = ["size"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(size__gte=1), name="an_empty_log_is_not_signed"),
        ]

    def __str__(self) -> str:
        return f"checkpoint {self.size}"
