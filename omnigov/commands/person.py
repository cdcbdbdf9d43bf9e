"""`omnigov person add NAME --role ROLE`: people for those who run the machine; the password is asked for."""

from __future__ import annotations

import argparse
import getpass
import sys

from omnigov.commands.installation import installation

ROLES = ("operator", "officer", "auditor", "steward")


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="omnigov person", description=__doc__)
    parser.add_argument("action", choices=["add", "password", "unlock"])
    parser.add_argument("username")
    parser.add_argument("--role", choices=ROLES, default="operator")
    parser.add_argument("--workspace", default="main")
    parser.add_argument("--language", choices=["en", "ja"], default="en")
    options = parser.parse_args(argv)
    with installation():
        return _do(options)


def _do(options: argparse.Namespace) -> int:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from omnigov.accounts.locks import locks_lift
    from omnigov.accounts.models import User, Workspace
    from omnigov.accounts.services import password_set, person_add

    known = User.objects.filter(username=options.username).first()
    if options.action != "add" and known is None:
        print(f"There is nobody named {options.username}.", file=sys.stderr)
        return 1
    if options.action == "unlock" and known is not None:
        print(f"{locks_lift(known)} locks of {known.username} are lifted.")
        return 0
    password = ""
    if options.action == "password" or known is None:
        password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            validate_password(password)
        except ValidationError as error:
            print(" ".join(error.messages), file=sys.stderr)
            return 1
    if options.action == "password" and known is not None:
        password_set(user=known, password=password)
        return 0
    workspace = Workspace.objects.filter(slug=options.workspace).first()
    if workspace is None:
        print(
            f"There is no workspace {options.workspace}. Make one: omnigov setup --workspace NAME",
            file=sys.stderr,
        )
        return 1
    person_add(
        workspace=workspace,
        username=options.username,
        password=password,
        role=options.role,
        language=options.language,
    )
    print(f"{options.username} is {options.role} in {workspace.name}.")
    return 0
