"""What tests of the app without a browser share."""

import pytest


@pytest.fixture
def home(tmp_path_factory, monkeypatch):
    """One home for all of them: the sample is reviewed once."""
    folder = tmp_path_factory.getbasetemp() / "screens"
    folder.mkdir(exist_ok=True)
    monkeypatch.setenv("WHYSURE_HOME", str(folder))
    return folder
