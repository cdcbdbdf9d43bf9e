"""k of tables by pyCANON. Runs in an environment of its own (see `__init__.py`)."""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path


def k_of(heads, tables):
    import pandas as pd
    from pycanon import anonymity

    frames = [pd.DataFrame(table, columns=heads) for table in tables]
    began = time.perf_counter()
    found = [int(anonymity.k_anonymity(frame, list(heads))) for frame in frames]
    return {"k": found, "seconds": time.perf_counter() - began, "version": version("pycanon")}


if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    answer = k_of(asked["heads"], asked["tables"])
    Path(sys.argv[2]).write_text(json.dumps(answer), encoding="utf-8")
