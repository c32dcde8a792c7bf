"""Write the store that is read: `store.py PATH GENERATIONS light|full`."""

from __future__ import annotations

import sys
from pathlib import Path

from genaudit.sample import SampleOptions, write_sample
from genaudit.sample.generation import REAL

path, size, kind = sys.argv[1:]
drafts = max(1, round(int(size) * REAL["draft"] / sum(REAL.values())))
write_sample(Path(path), SampleOptions(drafts=drafts, light=kind == "light"))
