"""What a model card says elsewhere is read from its Markdown: use, limits and licence."""

import io
import zipfile
from dataclasses import replace

import pytest
import skops.io as sio
from sklearn.linear_model import LogisticRegression

from explain.adding.card_text import LONGEST, card_in, read_card_text
from explain.adding.request import Request, add
from explain.errors import ModelError
from explain.models.sources.open import open_source
from explain.models.sources.recognise import recognise
from explain.reports.model_card import to_markdown
from tests.conftest import package
from tests.explain.adding.late import trained

HUGGING_FACE = """---
license: apache-2.0
tags: [tabular]
model-index:
- name: payers
---

# Model Card for late payers

<!-- Provide a quick summary of what the model is. -->

## Model Details

### Model Description

A **classifier** of [late payers](https://example.org), in `two` towns.

- **Developed by:** [More Information Needed]
- **License:** mit

## Uses

### Direct Use

- Reminders to customers.
- Nothing that costs anybody anything.

### Out-of-Scope Use

[More Information Needed]

## Bias, Risks, and Limitations

Bern and Oslo only.

| town | rows |
|---|---|
| Bern | 200 |

## How to Get Started

```python
# Limitations
model.predict(x)
```
"""
SKOPS = """---
library_name: sklearn
license: mit
---
# Model description

[More Information Needed]

## Intended uses & limitations

For teaching.

# Limitations

Not for medicine.
"""


def test_a_card_of_hugging_face_is_read():
    assert read_card_text(HUGGING_FACE) == {
        "description": "A classifier of late payers, in two towns.",
        "intended_use": "Reminders to customers. Nothing that costs anybody anything.",
        "limits": "Bern and Oslo only.",
        "licence": "apache-2.0",
    }


def test_a_card_of_skops_is_read_and_what_a_template_left_open_is_not():
    assert read_card_text(SKOPS) == {
        "intended_use": "For teaching.",
        "limits": "Not for medicine.",
        "licence": "mit",
    }


def test_a_card_of_this_library_comes_back():
    model = package("logistic")
    said = {"intended_use": "Reminders, nothing else.", "limits": "Two towns.", "licence": "mit"}
    assert read_card_text(to_markdown(replace(model, card=replace(model.card, description="", **said)))) == said
    silent = replace(model, card=replace(model.card, description=""))
    assert read_card_text(to_markdown(silent)) == {}


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("## Licence\n\nCC BY 4.0", "CC BY 4.0"),
        ("- **License:** bsd-3-clause\n", "bsd-3-clause"),
        ("---\r\nlicense: mit\r\n---\r\n# x\r\n", "mit"),
        ("---\nlicense: [mit]\n---\n", None),
        ("# x\n\n---\n\nlicense: mit\n", None),
        ("", None),
        ("## License [optional]\n\nTBD\n", None),
    ],
)
def test_the_licence_is_found_where_it_stands(text, licence):
    assert read_card_text(text).get("licence") == licence


def test_an_entry_is_a_paragraph_and_no_book():
    assert len(read_card_text("## Limits\n" + "word " * 5_000)["limits"]) <= LONGEST


def test_a_head_that_is_no_yaml_is_a_sentence():
    with pytest.raises(ModelError, match="The head of the model card is no YAML"):
        read_card_text("---\n!!python/object/apply:os.system ['true']\n---\n")


def repository(**members):
    rows, _ = trained()
    model = LogisticRegression().fit(rows[["amount"]], rows["outcome"])
    files = {"README.md": SKOPS, "config.json": "{}", "model.skops": sio.dumps(model), **members}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"payers/{name}", content)
    return stream.getvalue()


def test_a_zipped_repository_brings_its_card_along(tmp_path):
    rows, _ = trained()
    rows.to_csv(tmp_path / "rows.csv", index=False)
    (tmp_path / "payers.zip").write_bytes(repository())
    assert recognise(repository()) == "repository"
    assert card_in(repository())["licence"] == "mit"
    request = Request(
        str(tmp_path / "payers.zip"), str(tmp_path / "rows.csv"), target="outcome", leave_out=("town", "id")
    )
    found = add(request, tmp_path / "home")
    assert (found.card.intended_use, found.card.limits, found.card.licence) == (
        "For teaching.",
        "Not for medicine.",
        "mit",
    )
    assert found.card.parity.verdict == "same"
    assert "## Licence\n\nmit" in to_markdown(found)


def test_a_card_can_be_named_beside_the_model(tmp_path):
    rows, content = trained()
    rows.to_csv(tmp_path / "rows.csv", index=False)
    (tmp_path / "late.txt").write_bytes(content)
    (tmp_path / "card.md").write_text(HUGGING_FACE)
    request = Request(
        str(tmp_path / "late.txt"),
        str(tmp_path / "rows.csv"),
        target="outcome",
        outcomes=("in time", "late"),
        card=str(tmp_path / "card.md"),
    )
    assert add(request, tmp_path / "home").card.licence == "apache-2.0"


def test_a_repository_of_several_models_asks_which():
    with pytest.raises(
        ModelError, match=r"holds 2 model files \(model.skops, other.onnx\). Bring the one that is meant"
    ):
        open_source(repository(**{"other.onnx": "x"}), trained()[0])
