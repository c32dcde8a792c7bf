import gc
import pickle

import pandas as pd
import pytest

from genaudit.sample import SampleOptions, write_sample
from genaudit.store.sent import SentSnapshot
from genaudit.store.snapshot import scan
from helpers.trees import contents


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("sent") / "store"
    write_sample(path, SampleOptions(drafts=2))
    return path


def sent(one):
    return pickle.loads(pickle.dumps(one))  # noqa: S301


def test_a_local_snapshot_arrives_with_its_root(store):
    own = scan(store)
    found = sent(sent(SentSnapshot.of(own)))
    pd.testing.assert_frame_equal(found.snapshot.generations, own.generations)
    assert found.snapshot.root == store
    assert [found.snapshot.stored(row) for row in range(3)] == [own.stored(row) for row in range(3)]


def test_a_relative_root_arrives_as_the_same_folder_with_the_same_name(store, monkeypatch):
    monkeypatch.chdir(store.parent)
    own = scan("store")
    packed = pickle.dumps(SentSnapshot.of(own))
    monkeypatch.chdir("/")
    found = pickle.loads(packed)  # noqa: S301
    assert (found.snapshot.root, found.snapshot.name) == (store, "store")


def test_a_snapshot_of_a_url_arrives_with_its_catalogs_which_go_away_with_it(store):
    own = scan(f"file://{store}")
    found = sent(sent(SentSnapshot.of(own)))
    root = found.snapshot.root
    assert root != own.root
    assert sorted(path.name for path in root.iterdir()) == ["1_raw", "combo_mappings.csv"]
    assert contents(root / "1_raw") == contents(store / "1_raw")
    assert found.snapshot.name == own.name
    del found
    gc.collect()
    assert not root.exists()
