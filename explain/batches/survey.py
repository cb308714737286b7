"""The first pass: what is counted, hashed and drawn of a chunk, so that facts of the whole are sums and unions.

Facts are the same for every number of chunks: counts add up, hashes and positions are those of rows, and the sample are
the rows with the smallest hashes, whichever chunk they come from.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from explain.batches.files import demanded_json, write_json, written
from explain.batches.plan import SAMPLE
from explain.quality.hashes import mixed, row_hashes, text_hashes
from explain.tables.row_ids import looks_like_ids

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from explain.batches.plan import Chunk
    from explain.batches.reading import Read, Reading
    from explain.quality.hashes import Hashes

ROW = "row"
"""The name of the hashes of whole rows."""


def survey(reading: Reading, chunk: Chunk, folder: Path) -> None:
    """Write the facts of a chunk: counts as JSON, hashes as arrays, and the rows drawn of it as they came."""
    import numpy as np

    counts = folder / f"{chunk.name}.json"
    if counts.exists():
        return
    raw = reading.raw(chunk)
    read = reading.read(raw)
    hashed = row_hashes(read.rows.cells, read.context)
    positions = np.arange(chunk.first, chunk.first + chunk.rows, dtype=np.uint64)
    facts: dict[str, Any] = {
        "rows": chunk.rows,
        "blank": {name: int(read.rows.cells.blank(name).sum()) for name in read.rows.cells.columns},
        "unread": {name: len(cells) for name, cells in read.rows.unread.items()},
        "repairs": [[item.column, item.kind, len(item.rows)] for item in read.rows.repairs],
        "unnamed": {},
    }
    _keep(folder, chunk, ROW, hashed, positions)
    for at, name in enumerate(id_columns(read.context)):
        own = read.context[name].to_numpy(dtype=object)
        named = own != ""
        facts["unnamed"][name] = int((~named).sum())
        _keep(folder, chunk, f"id{at}", text_hashes(own[named]), positions[named])
    keys = mixed(hashed ^ mixed(positions))
    drawn = np.sort(np.lexsort((positions, keys))[:SAMPLE])
    _keep(folder, chunk, "drawn", keys[drawn], positions[drawn])
    written(folder / f"{chunk.name}.arrow", lambda path: _write(raw.take(drawn), path))
    write_json(counts, facts)


def id_columns(context: pd.DataFrame) -> list[str]:
    """The columns beside the data that may name the rows."""
    return [str(name) for name in context.columns if looks_like_ids(str(name))]


def _keep(folder: Path, chunk: Chunk, name: str, hashes: Hashes, positions: Hashes) -> None:
    """Hashes in their order, beside the positions of the rows that they are of."""
    import numpy as np

    order = np.lexsort((positions, hashes))
    both = np.stack([hashes[order], positions[order]])
    written(folder / f"{chunk.name}.{name}.npy", lambda path: np.save(path, both, allow_pickle=False))


def _write(table: pa.Table, path: Path) -> None:
    import pyarrow as pa

    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def counted(folder: Path, chunks: list[Chunk]) -> dict[str, Any]:
    """The counts of all chunks, added up."""
    blank: Counter[str] = Counter()
    repairs: Counter[tuple[str, str]] = Counter()
    unnamed: Counter[str] = Counter()
    unread: set[str] = set()
    for chunk in chunks:
        facts = demanded_json(folder / f"{chunk.name}.json")
        blank.update(facts["blank"])
        unnamed.update(facts["unnamed"])
        unread |= facts["unread"].keys()
        for column, kind, count in facts["repairs"]:
            repairs[column, kind] += count
    return {"blank": blank, "repairs": repairs, "unread": unread, "unnamed": unnamed}


def sample(reading: Reading, folder: Path, chunks: list[Chunk]) -> Read:
    """The SAMPLE rows with the smallest hashes of all, in the order of the inputs."""
    import numpy as np
    import pyarrow as pa

    from explain.batches.reading import joined

    kept = [np.load(folder / f"{chunk.name}.drawn.npy") for chunk in chunks]
    keys, positions = np.concatenate(kept, axis=1)
    chosen = np.sort(positions[np.lexsort((positions, keys))[:SAMPLE]])
    pieces = []
    for chunk, own in zip(chunks, kept, strict=True):
        rows = np.isin(np.sort(own[1]), chosen).nonzero()[0]
        if len(rows):
            with pa.memory_map(str(folder / f"{chunk.name}.arrow")) as file:
                drawn = pa.ipc.open_file(file).read_all().take(rows)
                pieces.append(reading.read(drawn))
    return joined(pieces, reading.schema)
