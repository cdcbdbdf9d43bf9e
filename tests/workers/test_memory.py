"""What was freed is kept for the next layer, in a process of its own: the setting lasts as long as it."""

import subprocess
import sys

import pytest

from workers import memory

# Takes and frees two pieces of 40 MB, again and again, as two layers of a network do; counts blanked pages.
FAULTS = """
import resource, sys, threading
import numpy as np
from workers import memory
if sys.argv[1] == "kept":
    assert memory.keep(memory.MUCH)
if sys.argv[1] == "little":
    memory.keep(memory.MUCH)
    memory.keep(memory.LITTLE)
def layers(count):
    for _ in range(count):
        one = np.ones(5_000_000)
        two = one + 1
        del one, two
def measured():
    layers(3)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    layers(10)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
thread = threading.Thread(target=measured)
thread.start()
thread.join()
"""

if memory._of_glibc("mallopt") is None:
    pytest.skip("This C library is not glibc.", allow_module_level=True)


def faults(how: str) -> int:
    said = subprocess.run(
        [sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True, timeout=60
    )
    return int(said.stdout)


def test_freed_memory_is_kept_in_threads_too() -> None:
    # 80 MB ten times are 195,000 pages of 4 KiB; where huge pages are given, fewer.
    assert faults("kept") < 2_000
    assert faults("kept") <= faults("as it is")


def test_it_is_given_back_when_asked() -> None:
    code = (
        "import numpy as np\n"
        "from workers import memory\n"
        "memory.keep(memory.MUCH)\n"
        "held = lambda: int(open('/proc/self/statm').read().split()[1]) * 4096\n"
        "some = np.ones(12_000_000)\n"
        "del some\n"
        "full = held()\n"
        "memory.give_back()\n"
        "print(full - held())\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(said.stdout) > 50_000_000


def test_of_a_large_picture_little_is_kept() -> None:
    assert memory.LITTLE.piece < memory.MUCH.piece
    assert faults("little") > 50 * faults("kept")
