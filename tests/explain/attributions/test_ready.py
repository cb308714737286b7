"""Tables kept on disk are those that were made; what cannot be read is made anew."""

import numpy as np
import pytest

from explain import cache
from explain.attributions import ready, tree_shap
from explain.attributions.tree_shap import tree_values
from explain.attributions.trees import parse_trees
from tests.explain.attributions.test_tree_shap import as_node, random_trees, rows_on_thresholds


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A maker of tables whose home is empty, with what it is given."""
    monkeypatch.setenv("WHYSURE_HOME", str(tmp_path))
    monkeypatch.setattr(ready, "WORTH_KEEPING", 0.0)
    monkeypatch.setattr(tree_shap, "SIZES", ((4, 4),))
    draw = np.random.default_rng(3)
    trees = parse_trees(as_node(random_trees(draw, 5, depth=6)), 5)
    rows = rows_on_thresholds(draw, 50, 5)
    return lambda past=rows, sha="a": ready.tables(sha, trees, [0, 1, 2, 3, 4], 5, past, None), rows, tmp_path / "ready"


def test_the_second_time_tables_are_read_and_give_the_same_to_the_bit(made, monkeypatch):
    make, rows, folder = made
    first = make()
    assert len(first.layout.deep.weights) > 0
    assert len(list(folder.glob("*.npz"))) == 1
    monkeypatch.setattr(ready, "prepare_tables", lambda *_: pytest.fail("made anew"))
    again = make()
    np.testing.assert_array_equal(tree_values(again, rows)[0], tree_values(first, rows)[0])
    np.testing.assert_array_equal(again.base, first.base)


def test_another_model_or_another_background_has_a_file_of_its_own(made):
    make, rows, folder = made
    make()
    make(past=rows[:20])
    make(sha="b")
    assert len(list(folder.glob("*.npz"))) == 3


def test_a_broken_file_is_made_anew(made):
    make, rows, folder = made
    values = tree_values(make(), rows)[0]
    (path,) = folder.glob("*.npz")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    np.testing.assert_array_equal(tree_values(make(), rows)[0], values)
    path.write_bytes(content[:100])
    np.testing.assert_array_equal(tree_values(make(), rows)[0], values)


def test_only_the_last_few_files_are_kept(made, monkeypatch):
    make, _, folder = made
    monkeypatch.setattr(cache, "MOST_KEPT", 2)
    for name in "abcd":
        make(sha=name)
    assert len(list(folder.iterdir())) == 2


def test_what_is_made_in_no_time_is_not_kept(made, monkeypatch):
    make, _, folder = made
    monkeypatch.setattr(ready, "WORTH_KEEPING", 1e9)
    make()
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_to_only_costs_time(made, monkeypatch, tmp_path):
    make, _, _ = made
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WHYSURE_HOME", str(tmp_path / "file"))
    assert make() is not None
