from __future__ import annotations

import pytest

from genaudit.errors import DDError
from genaudit.layout import SETTINGS
from genaudit.stages import STAGES
from genaudit.store.settings import read_settings
from genaudit.store.snapshot import scan
from helpers.stores import make_stages

ROW = b"""[[stages]]
name = "note"
prefix = "n_"
required = ["topic"]
signature = ["topic"]
"""


def test_without_the_file_the_built_in_stages_apply(tmp_path):
    assert read_settings(tmp_path).stages is STAGES
    assert read_settings(tmp_path / "gone").stages is STAGES


def test_a_snapshot_carries_the_stages_of_its_store(tmp_path):
    root = make_stages(tmp_path)
    assert scan(root).stages is STAGES
    (root / SETTINGS).write_bytes(ROW)
    (root / "gens/note").mkdir()
    found = scan(root)
    assert found.stages.names == found.layout.stages.names == ("note",)
    assert [*found.spans] == ["note"]
    assert {"topic", "replicate"} <= {*found.generations.columns}
    assert set(found.strays["code"]) == {"STAGE_UNKNOWN"}


@pytest.mark.parametrize("kind", ["link", "folder", "large"])
def test_anything_but_a_small_plain_file_is_refused(tmp_path, kind):
    path = tmp_path / SETTINGS
    if kind == "link":
        (tmp_path / "elsewhere").write_bytes(ROW)
        path.symlink_to("elsewhere")
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"#" * ((1 << 20) + 10_000))
    with pytest.raises(DDError) as caught:
        read_settings(tmp_path)
    assert (caught.value.ctx["reason"], caught.value.ctx["path"]) == ("not_readable", SETTINGS)
