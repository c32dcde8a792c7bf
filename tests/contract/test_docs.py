import re
import subprocess
import sys
from pathlib import Path

import pytest

from genaudit.subjects import SUBJECTS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINKS = [(page, link) for page in PAGES for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))]


def test_generated_pages_and_the_readmes_examples_are_up_to_date():
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate.py", "--check"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def test_the_samples_pages_are_those_of_every_subject_and_no_others():
    # What stands in them is compared above.
    pages = {path.name for path in (ROOT / "reports" / "sample").iterdir()}
    assert pages == {"index.html", "vega.js", "datatables.js"} | {f"{key}.html" for key in SUBJECTS}


def test_the_readme_has_examples_to_run():
    assert len(re.findall(r"^\$ genaudit", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)) >= 2


@pytest.mark.parametrize(("page", "link"), LINKS, ids=str)
def test_links_lead_somewhere(page, link):
    assert (page.parent / link).exists()
