"""Resources of the assets: the data root, its memberships, and the generator of answers."""

import os
from pathlib import Path
from typing import Final

import dagster as dg

from genaudit.cohorts import CohortMembershipBuilder, IdScheme, create_cohort_membership_builder
from genaudit.cohorts.membership import MembershipTable
from genaudit.cohorts.service import MembershipService
from genaudit.errors import DDError, Err, Reason
from genaudit.generating.generator import Generator
from genaudit.generating.offline import OfflineGenerator
from genaudit.generating.openai_compatible import KEY_VARIABLE, OpenAIGenerator

ROOT_VARIABLE: Final = "DAYDREAMING_DATA_ROOT"
DEFAULT_ROOT: Final = "data"


class DataRoot(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The data root.

    :param path: its path; without one, ``DAYDREAMING_DATA_ROOT`` names it.
    """

    path: str | None = None

    @property
    def root(self) -> Path:
        """The data root's path."""
        return Path(self.path or os.environ.get(ROOT_VARIABLE) or DEFAULT_ROOT)


class MembershipResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Builder and lookup of memberships.

    :param deterministic_gen_ids: the value of ``DD_DETERMINISTIC_GEN_IDS``; without one, the environment decides.
    :param slim: whether to write the slim form; without a value, ``DD_SLIM_MEMBERSHIP`` decides.
    """

    data_root: dg.ResourceDependency[DataRoot]
    deterministic_gen_ids: str | None = None
    slim: bool | None = None

    def builder(self) -> CohortMembershipBuilder:
        """Create a builder for the data root.

        :raises DDError: ``INVALID_CONFIG``: an invalid flag value.
        """
        flag = self.deterministic_gen_ids
        ids = None if flag is None else IdScheme.parse(flag)
        return create_cohort_membership_builder(self.data_root.root, ids=ids, slim=self.slim)

    def service(self) -> MembershipService:
        """Create a lookup service that sees the current files."""
        return MembershipService(self.data_root.root)

    def table(self, cohort_id: str) -> MembershipTable:
        """Read a cohort's membership from its current file."""
        return self.service().table(cohort_id)


class GeneratorResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The generator of answers.

    :param kind: ``offline``, which needs no network, or ``openai`` for any service with that interface.
    :param base_url: address of the service, if it is not OpenAI's own.
    :param api_key_variable: the *name* of the environment variable with the key; the key itself is never in the
        configuration, which Dagster stores and shows.
    """

    kind: str = "offline"
    base_url: str | None = None
    api_key_variable: str = KEY_VARIABLE
    max_tokens: int | None = None
    max_retries: int = 4
    timeout_s: float = 600.0

    def make(self) -> Generator:
        """Create the generator.

        :raises DDError: ``INVALID_CONFIG``, reason ``unknown_generator``; as
            :class:`~genaudit.generating.openai_compatible.OpenAIGenerator`.
        """
        if self.kind == OfflineGenerator.name:
            return OfflineGenerator()
        if self.kind == OpenAIGenerator.name:
            return OpenAIGenerator(
                self.base_url,
                key_variable=self.api_key_variable,
                max_tokens=self.max_tokens,
                max_retries=self.max_retries,
                timeout_s=self.timeout_s,
            )
        known = [OfflineGenerator.name, OpenAIGenerator.name]
        ctx = {"reason": Reason.UNKNOWN_GENERATOR, "value": self.kind, "known": known}
        raise DDError(Err.INVALID_CONFIG, ctx)
