"""The arrays of a Keras file, read by h5py: for the limited process only, as HDF5 is a library of C."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explain.errors import ModelError, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import h5py

MOST_NUMBERS = 50_000_000
"""Of all arrays together: 400 MB as doubles."""
MOST_ARRAYS = 10_000
KINDS = "fiu"
KEPT = ("layers/", "_layer_checkpoint_dependencies/")
"""Where arrays of layers stand; those of the optimiser do not count."""


def weights(inputs: Mapping[str, Path], _options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """For the limited process: the arrays of layers in the HDF5 file `model`, by their paths.

    Links to other files and arrays that lie in other files are passed by. Raises ModelError for a file that is none.
    """
    try:
        import h5py
    except ImportError as error:
        raise ModelError(
            "A Keras file keeps its weights as HDF5, which h5py reads, and that is not installed. Install it with: "
            'pip install "whysure[keras]" - or export the network: model.export("model.onnx", format="onnx").'
        ) from error
    found: dict[str, Any] = {}
    room = MOST_NUMBERS
    try:
        with h5py.File(inputs["model"], "r") as file:
            for path, array in _arrays(file, ""):
                room -= array.size
                if room < 0 or len(found) >= MOST_ARRAYS:
                    raise TooLargeError(f"The network has more than {MOST_NUMBERS:,} weights. Bring a smaller one.")
                found[path] = array[()]
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise ModelError("The weights of this Keras file are broken or cut off. Save the model anew.") from error
    return {}, found


def _arrays(group: h5py.Group, above: str) -> Iterator[tuple[str, h5py.Dataset]]:
    import h5py

    for name in group:
        path = f"{above}{name}"
        if not isinstance(group.get(name, getlink=True), h5py.HardLink) or not f"{path}/".startswith(KEPT):
            continue
        item = group[name]
        if isinstance(item, h5py.Group):
            yield from _arrays(item, f"{path}/")
        elif isinstance(item, h5py.Dataset) and item.dtype.kind in KINDS and not item.is_virtual and not item.external:
            yield path, item
