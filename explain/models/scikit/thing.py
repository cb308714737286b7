"""An object of scikit-learn as plain data, read entry by entry: each is there, of its kind and of its shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from explain.errors import ModelError
from explain.models.boosters.forest import broken

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from explain.types import Flags, Floats

    Cell: TypeAlias = str | float | None

SOURCE = "scikit-learn"


@dataclass(frozen=True)
class Named:
    """A function or a type, by its full name, and the settings that a function is called with; nothing is called."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Thing:
    """An object: the full name of its type, its attributes, and what it was made of where that is all it has."""

    kind: str
    state: Mapping[str, Any] = field(default_factory=dict)
    made_of: tuple[Any, ...] = ()

    @property
    def name(self) -> str:
        """The name of its class: StandardScaler."""
        return self.kind.rpartition(".")[2]

    def broken(self, said: str) -> ModelError:
        """The error for an object that its library did not write like this."""
        return broken(SOURCE, f"{self.name} {said}")

    def refused(self, said: str, way_out: str) -> ModelError:
        """The error for what is not written as ONNX here: what it is, and what to do instead."""
        return ModelError(f"{self.name} {said}. {way_out}")

    def has(self, key: str) -> bool:
        """Whether there is such an entry, and it is not None."""
        return self.state.get(key) is not None

    def get(self, key: str, otherwise: Any = None) -> Any:  # noqa: ANN401 - a setting is of any kind
        """A setting, as it came."""
        return self.state.get(key, otherwise)

    def need(self, key: str) -> Any:  # noqa: ANN401 - as above
        """An entry that a fitted object has; raises ModelError where there is none."""
        if key not in self.state:
            raise self.broken(f"lacks '{key}', as if it were not fitted")
        return self.state[key]

    def thing(self, key: str) -> Thing:
        """An object inside."""
        found = self.need(key)
        if not isinstance(found, Thing):
            raise self.broken(f"has no object as '{key}'")
        return found

    def things(self, key: str) -> list[Thing]:
        """Objects inside, in a list or an array of any shape."""
        import numpy as np

        found = self.need(key)
        flat = list(found.ravel()) if isinstance(found, np.ndarray) else found
        if not isinstance(flat, list) or not all(isinstance(item, Thing) for item in flat):
            raise self.broken(f"should have objects as '{key}'")
        return flat

    def listed(self, key: str, count: int | None = None) -> list[Any]:
        """A list or tuple (of `count`)."""
        import numpy as np

        found = self.need(key)
        if isinstance(found, np.ndarray) and found.ndim == 1:
            found = list(found)
        if not isinstance(found, list | tuple) or (count is not None and len(found) != count):
            raise self.broken(f"should have a list{'' if count is None else f' of {count:,}'} as '{key}'")
        return list(found)

    def text(self, key: str, otherwise: str = "") -> str:
        """A text."""
        found = self.get(key, otherwise)
        if not isinstance(found, str):
            raise self.broken(f"should have a text as '{key}'")
        return found

    def flag(self, key: str) -> bool:
        """A yes or no; no where nothing is said."""
        return bool(self.get(key))

    def number(self, key: str) -> float:
        """One finite number."""
        return float(self.floats(key, 1)[0])

    def whole(self, key: str, low: int = 0, high: int = 1_000_000) -> int:
        """One whole number between two bounds."""
        found = self.number(key)
        if found != int(found) or not low <= found <= high:
            raise self.broken(f"should have a whole number from {low:,} to {high:,} as '{key}'")
        return int(found)

    def floats(self, key: str, *shape: int, finite: bool = True) -> Floats:
        """An array of doubles of a shape, of which -1 is any length; one number is (1,)."""
        import numpy as np

        found = self.need(key)
        try:
            values = np.asarray(found, dtype=np.float64)
        except (TypeError, ValueError, OverflowError) as error:
            raise self.broken(f"should have numbers as '{key}'") from error
        if shape == (1,) and values.size == 1:
            values = values.reshape(1)
        fits = values.ndim == len(shape) and all(
            want in {-1, is_} for want, is_ in zip(shape, values.shape, strict=True)
        )
        if not fits:
            wanted = " x ".join("any" if one < 0 else f"{one:,}" for one in shape)
            came = " x ".join(f"{one:,}" for one in values.shape) or "one number"
            raise self.broken(f"should have {wanted} numbers as '{key}', but has {came}")
        if finite and not np.isfinite(values).all():
            raise self.broken(f"has a number as '{key}' that is none")
        return values

    def mask(self, key: str, count: int) -> Flags:
        """(count,) of yes and no."""
        import numpy as np

        return np.asarray(self.floats(key, count) != 0, dtype=np.bool_)

    def classes(self) -> tuple[str, ...]:
        """The outcomes in the order of the scores, as texts."""
        if not self.has("classes_") and self.has("label_binarizer_"):
            return self.thing("label_binarizer_").classes()
        return tuple(class_text(item) for item in self.listed("classes_"))

    @property
    def width(self) -> int:
        """How many columns it was fitted on."""
        return self.whole("n_features_in_", 1, 100_000)

    def columns(self) -> tuple[str, ...]:
        """The names of the columns that it was fitted on, () where it was fitted without names."""
        if not self.has("feature_names_in_"):
            return ()
        return tuple(str(name) for name in self.listed("feature_names_in_"))


def class_text(item: object) -> str:
    """An outcome or a category as text: 1.0 and 1 as "1"."""
    value = item.item() if hasattr(item, "item") else item
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def is_missing(item: object) -> bool:
    """Whether a category stands for a blank: None, or not a number."""
    return item is None or item != item


def objects(values: list[Any]) -> np.ndarray[Any, Any]:
    """A list of plain cells as an array of objects (n,)."""
    import numpy as np

    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found
