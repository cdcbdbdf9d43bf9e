from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "omnigov.accounts"

    def ready(self) -> None:
        from axes.signals import user_locked_out

        from omnigov.accounts.locks import lock_note
        from omnigov.database_roles import grant_after_migrate

        user_locked_out.connect(lock_note, dispatch_uid="omnigov.accounts.locks")
        post_migrate.connect(grant_after_migrate, dispatch_uid="omnigov.database_roles")
