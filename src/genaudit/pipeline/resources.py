"""What the assets work with: the data root, the memberships in it, and what answers prompts."""

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
    """The store and what lies around it.

    :param path: the data root; without one, ``DAYDREAMING_DATA_ROOT`` says where it is.
    """

    path: str | None = None

    @property
    def root(self) -> Path:
        """The data root's path."""
        return Path(self.path or os.environ.get(ROOT_VARIABLE) or DEFAULT_ROOT)


class MembershipResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Builds memberships and looks members up.

    :param deterministic_gen_ids: the value of ``DD_DETERMINISTIC_GEN_IDS``; without one, the variable decides.
    :param slim: whether the slim form is written; without one, ``DD_SLIM_MEMBERSHIP`` decides.
    """

    data_root: dg.ResourceDependency[DataRoot]
    deterministic_gen_ids: str | None = None
    slim: bool | None = None

    def builder(self) -> CohortMembershipBuilder:
        """Make a builder for the data root.

        :raises DDError: ``INVALID_CONFIG``: a flag means nothing.
        """
        flag = self.deterministic_gen_ids
        ids = None if flag is None else IdScheme.parse(flag)
        return create_cohort_membership_builder(self.data_root.root, ids=ids, slim=self.slim)

    def service(self) -> MembershipService:
        """Make a service that sees what is written by now."""
        return MembershipService(self.data_root.root)

    def table(self, cohort_id: str) -> MembershipTable:
        """Read a cohort's membership as it is by now."""
        return self.service().table(cohort_id)


class GeneratorResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """What answers prompts.

    :param kind: ``offline``, which needs no network, or ``openai`` for any service with that interface.
    :param base_url: the service, where it is not OpenAI's own.
    :param api_key_variable: the *name* of the environment variable with the key; the key itself never comes into a
        configuration, which Dagster stores and shows.
    """

    kind: str = "offline"
    base_url: str | None = None
    api_key_variable: str = KEY_VARIABLE
    max_tokens: int | None = None
    max_retries: int = 4
    timeout_s: float = 600.0

    def make(self) -> Generator:
        """Make the generator.

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
