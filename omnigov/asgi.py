"""The web server's entry point."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnigov.settings")
_django = get_asgi_application()

from django.conf import settings  # noqa: E402 - after the line that names the settings

from omnigov.security import LimitBody  # noqa: E402

application = LimitBody(_django, settings.FILE_UPLOAD_MAX_MEMORY_SIZE)
