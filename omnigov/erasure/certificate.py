"""The certificate of an erasure: what was destroyed, and the proof that the record says so."""

from __future__ import annotations

import io
import zipfile

from omnigov.erasure.models import Cause, Erasure
from omnigov.ledger.checkpoint import tlog_proof
from omnigov.ledger.keys import log_verifier
from omnigov.ledger.models import LedgerEntry
from omnigov.ledger.queries import cosigned_note, inclusion, index_of, latest_checkpoint
from omnigov.ledger.sequencer import wait_integrated

CAUSES = {
    Cause.REQUEST.value: ("it was asked for", "請求によるもの"),
    Cause.RETENTION.value: ("its retention period was over", "保存期間の満了によるもの"),
}


def certificate(erasure: Erasure, *, timeout: float = 10) -> bytes:
    """A ZIP of the certificate (English and Japanese), the ledger entry's bytes, and its proof.

    Raises IntegrationTimeoutError where the entry has no place in the log within `timeout` seconds.
    """
    wait_integrated([erasure.entry], timeout)
    entry = LedgerEntry.objects.get(id=erasure.entry)
    index, checkpoint = index_of(entry), latest_checkpoint()
    assert index is not None and checkpoint is not None  # noqa: S101, PT018 - waited for above
    proof = tlog_proof(index, inclusion(index, checkpoint.size), cosigned_note(checkpoint))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("certificate.txt", _text(erasure, index, checkpoint.size))
        archive.writestr("entry.json", bytes(entry.body))
        archive.writestr("entry.tlog-proof", proof)
    return out.getvalue()


def _text(erasure: Erasure, index: int, size: int) -> str:
    english, japanese = CAUSES[erasure.cause]
    at, key = f"{erasure.erased_at:%Y-%m-%d %H:%M:%S} UTC", str(log_verifier())
    return f"""Certificate of erasure

The medium {erasure.asset_id}
was erased on {at}, because {english}.

Destroyed: both keys of the medium, the sealed original, the redacted copies, the heat maps, its names, sizes
and digests, what was found in it, the values behind its pseudonyms, the model's reasons, the explanation and
the officers' reasons, questions and answers about it, and what a search found it by.
Kept: the ledger's entries. They name the medium by keyed digests whose key is destroyed, so that nobody can
tell by them whether a given file was ever here.
Not reached: bundles and pictures that were handed out before, and backups of the key folder or of the media
folders that are older than this erasure. They have to be destroyed where they are kept.

This is entry {index} of {size} in the log. To check it:
  omnigov verify entry.tlog-proof --entry entry.json --key KEY
The log's key is, by its own word, {key}
Get it by another way from the people who run the log.


消去証明書

媒体 {erasure.asset_id} は
{at} に消去されました（{japanese}）。

破棄したもの：媒体の鍵二つ、封印した原本、墨消し済みコピー、ヒートマップ、ファイル名・大きさ・ダイジェスト、
検出結果、仮名の値、モデルの理由文、説明、担当者の理由文、媒体についての質問と回答、検索用の索引。
残るもの：台帳の記録。媒体は鍵付きダイジェストで示され、その鍵は破棄済みのため、あるファイルがここに
あったかどうかを誰も台帳から知ることはできません。
及ばないもの：消去前に渡されたエクスポートファイルや画像、および消去前に取られた鍵フォルダ・媒体フォルダの
バックアップ。保管している場所で破棄してください。

これはログ {size} 件中の {index} 番の記録です。確認方法：
  omnigov verify entry.tlog-proof --entry entry.json --key KEY
ログの鍵は、ログ自身によれば {key}
鍵はログの運営者から別の経路で入手してください。
"""
