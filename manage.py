#!/usr/bin/env python
"""Django's door: the same servers as the product, for `python manage.py …`."""

import os
import sys
from pathlib import Path

from omnigov.embedded import leave_on_terminate, running


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnigov.settings")
    leave_on_terminate()
    var = Path(os.environ.get("OMNIGOV_VAR", Path(__file__).resolve().parent / "var"))
    with running(var) as urls:
        os.environ.update(urls.as_environment())
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
