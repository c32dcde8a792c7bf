"""The texts of the sample's templates."""

from genaudit.layout import Layout
from genaudit.sample.stock import TEMPLATES
from genaudit.sample.templates import write_templates


def test_each_template_has_its_text_but_for_copies(tmp_path):
    write_templates(Layout(tmp_path))
    written = {path.relative_to(tmp_path / "1_raw/templates").as_posix() for path in tmp_path.rglob("*.txt")}
    assert written == {
        f"{stage}/{template.template_id}.txt"
        for stage, templates in TEMPLATES.items()
        for template in templates
        if template.generator == "llm"
    }
    assert "{{ draft_block }}" in (tmp_path / "1_raw/templates/essay/braided-essay-v3.txt").read_text()
    assert "SCORE" in (tmp_path / "1_raw/templates/evaluation/prior-sources-v1.txt").read_text()
