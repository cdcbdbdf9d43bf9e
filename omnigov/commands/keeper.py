"""`omnigov keeper`: the housekeeper: places in the log, exports, sweeps, retention."""

from __future__ import annotations

import argparse
import threading

from omnigov.commands.installation import installation


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="omnigov keeper", description=__doc__)
    parser.parse_args(argv)
    with installation():
        from omnigov.keeper.keeper import jobs, keeping
        from omnigov.supervision.restarting import interrupted

        with interrupted(), keeping(jobs()):
            threading.Event().wait()
    return 0
