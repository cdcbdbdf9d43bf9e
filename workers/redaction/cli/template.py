"""`omnigov redact --make-template SAMPLE FIELDS --out TEMPLATE`: a form's template without the web app."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from PIL import Image
from pydantic import TypeAdapter, ValidationError

from omnigov.contracts import FormField, FormTemplate, Limits, Refused
from omnigov.form_reference import template
from workers.media.picture import decode

ASKED = "--make-template"


def main(argv: list[str]) -> int:
    """Writes the template and returns 0, or 1 with a sentence."""
    parser = argparse.ArgumentParser(
        prog=f"omnigov redact {ASKED}",
        description="Make a template of a form: its fields are then hidden by place, whatever can be read.",
    )
    parser.add_argument("sample", metavar="SAMPLE", type=Path, help="a picture of the form, filled in or not")
    parser.add_argument(
        "fields",
        metavar="FIELDS",
        type=Path,
        help='JSON: [{"name": "Who", "kind": "PERSON", "place": {"place": "area", "left": 1, "top": 2, '
        '"right": 8, "bottom": 9}}]',
    )
    parser.add_argument("--out", required=True, type=Path, help="the template, for --template or a profile")
    parser.add_argument("--name", help="what the form is called (the sample's name, unless told)")
    arguments = parser.parse_args(argv)
    try:
        made = _made(arguments.name or arguments.sample.stem, arguments.sample, arguments.fields)
        arguments.out.write_text(made.model_dump_json(indent=2) + "\n", encoding="utf-8")
    except Refused as refused:
        print(f"omnigov redact: {arguments.sample}: {refused.sentence}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"omnigov redact: {error.filename}: {error.strerror}.", file=sys.stderr)
        return 1
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        print(f"omnigov redact: the fields are not usable: {place}: {first['msg']}.", file=sys.stderr)
        return 1
    print(f"{arguments.out}: {made.name}, {len(made.fields)} fields.")
    return 0


def _made(name: str, sample: Path, fields: Path) -> FormTemplate:
    pixels = decode(sample.read_bytes(), Limits())
    given = TypeAdapter(tuple[FormField, ...]).validate_json(fields.read_bytes())
    return template(name, Image.fromarray(pixels), given)
