"""The resolver against the sample, which makes ids of both forms by itself."""

import pytest

from genaudit.audits.recompute import recompute
from genaudit.cohorts.resolution import MatchedBy, Resolver
from genaudit.ids import IdForm, parse_id
from genaudit.sample import SampleOptions, write_sample
from genaudit.sample.plan import SamplePlan
from genaudit.schemas import rows
from genaudit.store.snapshot import scan

OPTIONS = SampleOptions(drafts=30, seed=3, light=True, legacy_share=0.4)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    root = tmp_path_factory.mktemp("sample") / "data"
    write_sample(root, OPTIONS)
    return scan(root)


def test_every_generation_is_found_under_the_ids_that_the_sample_would_give_it(snapshot):
    resolver = Resolver(snapshot)
    ways = {MatchedBy.NAME: 0, MatchedBy.DETERMINISTIC: 0, MatchedBy.LEGACY: 0}
    for generation in SamplePlan(OPTIONS).generations():
        for asked in (generation, generation.named(), generation.named_as_before()):
            resolved = resolver.resolve(generation.stage, asked.gen_id)
            assert resolved.gen_id == generation.gen_id
            ways[resolved.via] += 1
            form = parse_id(generation.stage, asked.gen_id).form
            if resolved.via is not MatchedBy.NAME:
                assert (form is IdForm.LEGACY) is (resolved.via is MatchedBy.LEGACY)
    assert all(count > 100 for count in ways.values())


def test_every_name_that_the_audit_computes_leads_to_its_generation(snapshot):
    resolver, moved = Resolver(snapshot), 0
    for row in rows(recompute(snapshot).frame):
        for asked in (row.recomputed_id, row.migrated_id):
            assert resolver.resolve(row.stage, asked).gen_id == row.gen_id
        moved += row.recomputed_id != row.migrated_id
    assert moved > 50
