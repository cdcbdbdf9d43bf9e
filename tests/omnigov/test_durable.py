"""Files that outlast a crash: made once, for their owner alone, whole or not there, names synced."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from omnigov import durable
from omnigov.keys import Keyring

EIGHT = 8


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of files and folders that were synced, in order."""
    names: list[str] = []
    fsync = os.fsync

    def noted(handle: int) -> None:
        names.append(Path(os.readlink(f"/proc/self/fd/{handle}")).name)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    return names


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_eight_first_processes_have_one_key_encryption_key(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    first = (
        "import sys; from pathlib import Path; from omnigov.keys import Keyring; print(end='.', flush=True);"
        "sys.stdin.read(); print(Keyring(Path(sys.argv[1])).fingerprint)"
    )
    command = [sys.executable, "-c", first, str(folder)]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(EIGHT)
    ]
    for process in processes:  # all of them have imported what they need, and wait
        assert process.stdout is not None
        assert process.stdout.read(1) == "."
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
    said = set()
    for process in processes:
        assert process.stdout is not None
        said.add(process.stdout.read().strip())
        process.stdout.close()
        assert process.wait(30) == 0
    assert said == {Keyring(folder).fingerprint}
    assert [each.name for each in folder.iterdir()] == ["key-encryption-key"]


def test_who_comes_second_gets_what_the_first_one_made(tmp_path: Path) -> None:
    """Both look, and find nothing; the second one writes while the first is still making its own."""
    file = tmp_path / "keys" / "key"
    looked, wrote = threading.Event(), threading.Event()
    answers: list[bytes] = []

    def slow() -> bytes:
        looked.set()
        assert wrote.wait(10)
        return b"of the slow one"

    thread = threading.Thread(target=lambda: answers.append(durable.make_once(file, slow)))
    thread.start()
    assert looked.wait(10)
    answers.append(durable.make_once(file, lambda: b"of the quick one"))
    wrote.set()
    thread.join(10)
    assert answers == [b"of the quick one"] * 2
    assert file.read_bytes() == b"of the quick one"


def test_what_is_made_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "c"
    durable.write_private(file, b"sealed")
    assert [_mode(each) for each in (file, file.parent, file.parent.parent)] == [0o600, 0o700, 0o700]


def test_a_folder_of_before_is_closed_and_a_strangers_mode_is_not_looked_at(tmp_path: Path) -> None:
    open_to_all = tmp_path / "keys"
    open_to_all.mkdir(mode=0o755)
    open_to_all.chmod(0o755)
    durable.private_folder(open_to_all)
    assert _mode(open_to_all) == 0o755
    durable.close_to_others(open_to_all)
    assert _mode(open_to_all) == 0o700


def test_a_file_its_name_and_the_names_of_new_folders_are_synced(tmp_path: Path, synced: list[str]) -> None:
    durable.write_private(tmp_path / "a" / "b" / "file", b"sealed")
    assert [each if not each.startswith(".file.") else "file" for each in synced] == [
        tmp_path.name,
        "a",
        "file",
        "b",
    ]
    synced.clear()
    durable.make_once(tmp_path / "a" / "b" / "key", lambda: b"key")
    assert synced[-1] == "b"
    assert synced[0].startswith(".key.")
    synced.clear()
    durable.remove(tmp_path / "a" / "b" / "file")
    durable.remove(tmp_path / "a" / "b" / "file")
    assert synced == ["b", "b"]


def test_a_killed_writer_leaves_the_old_file_whole(tmp_path: Path) -> None:
    file = tmp_path / "state"
    durable.write_private(file, b"old")
    dies = (
        "import os, signal, sys; from pathlib import Path; from omnigov import durable;"
        "os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL);"
        "durable.write_private(Path(sys.argv[1]), b'new' * 100_000)"
    )
    killed = subprocess.run([sys.executable, "-c", dies, str(file)], check=False)
    assert killed.returncode == -9
    assert file.read_bytes() == b"old"
    assert [each.suffix for each in tmp_path.iterdir() if each != file] == [durable.SCRATCH]


def test_what_can_not_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        durable.write_private(tmp_path / "state", b"new")
    assert list(tmp_path.iterdir()) == []
