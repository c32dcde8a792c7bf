from __future__ import annotations

import re

import pytest

from genaudit.render.html.bundles import BUNDLES, datatables, inline, standalone, vega


@pytest.mark.parametrize("text", ["</script>", "</SCRIPT >", "<!--", "<script>", "<Script src=x>"])
def test_nothing_in_a_script_ends_it(text):
    made = inline(f'const text = "{text}";')
    assert not re.search(r"<(!--|/?script)", made, re.IGNORECASE)
    # The escape is read back as the very character.
    assert made.replace("\\x3C", "<") == f'const text = "{text}";'


def test_other_text_is_left_alone():
    assert inline("a < b; c <= d; '</style>'") == "a < b; c <= d; '</style>'"


@pytest.mark.parametrize("bundle", [vega, datatables])
def test_bundles_can_be_inlined_in_a_page(bundle):
    script = bundle()
    assert not re.search(r"<(!--|/?script)", script, re.IGNORECASE)
    assert "\r" not in script
    assert len(script) > 100_000


def test_the_names_that_bundles_define():
    assert "window.vegaEmbed" in vega()
    assert len(re.findall(r"globalThis\.DataTable=[\w$]+", datatables())) == 1
    assert not re.search(r"\bexport\s*\{", datatables())


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_in_its_own_file_is_wrapped_with_its_notices(name):
    script = standalone(name).decode()
    assert script.startswith('(() => {\n"use strict";\n')
    assert script.endswith("\n})();\n")
    assert BUNDLES[name]() in script
    assert {"vega": "Interactive Data Lab", "datatables": "SpryMedia"}[name] in script
