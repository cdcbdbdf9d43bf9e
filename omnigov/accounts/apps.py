from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "omnigov.accounts"

    def ready(self) -> None:
        from omnigov.database_roles import grant_after_migrate

        post_migrate.connect(grant_after_migrate, dispatch_uid="omnigov.database_roles")
