"""The held-out sets' material, made where nothing of the product can be imported.

Asked for a part, a seed and a count for each set, it answers their samples and digests (`material/fill.py`).
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from material import fill

if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    answer = {}
    for name, count in asked["counts"].items():
        made = fill.material(name, asked["part"], asked["seed"], count)
        answer[name] = {"made": made, "digest": fill.digest(made)}
    Path(sys.argv[2]).write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
