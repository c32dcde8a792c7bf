"""Store and reports of the recorded walks: a seeded sample, or a data root from the caller."""

from __future__ import annotations

import atexit
import os
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from genaudit.audits.run import AuditRun
from genaudit.reports import check_output, reports_of, write_report
from genaudit.sample import SampleOptions, write_sample
from genaudit.store.snapshot import scan


class Walk:
    """The store of a walk.

    :param data_root: the data root to read; otherwise ``DAYDREAMING_DATA_ROOT`` names it, or a temporary sample is
        made.
    :param sample: options of the sample.
    :raises DDError: as :func:`genaudit.store.snapshot.scan` and :func:`genaudit.sample.write_sample`.
    """

    def __init__(self, data_root: str | Path | None, sample: SampleOptions) -> None:
        chosen = data_root or os.environ.get("DAYDREAMING_DATA_ROOT")
        self.is_sample = not chosen
        if chosen:
            self.root = Path(chosen)
            self.generations = {stage: len(found) for stage, found in scan(self.root).rows.items()}
        else:
            folder = TemporaryDirectory()
            atexit.register(folder.cleanup)
            self.root = Path(folder.name) / "store"
            self.generations = dict(write_sample(self.root, sample).generations)

    def write(self, run: AuditRun, output: str | Path | None) -> list[str]:
        """Write the reports of a run, if an output folder is given.

        :returns: the paths of the files.
        :raises DDError: as :func:`genaudit.reports.check_output` and :func:`genaudit.reports.write_report`.
        """
        if not output:
            return []
        check_output(Path(output), self.root)
        day = datetime.now(tz=UTC).date().isoformat()
        return [str(write_report(report, Path(output), day)) for report in reports_of(run, day, page=False)]
