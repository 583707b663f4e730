"""All rules, by name: importing a rule registers nothing."""

from __future__ import annotations

from functools import lru_cache

from nb2prod.lint.rule import Rule, rule_of
from nb2prod.lint.rules.determinism import (
    environment_or_cwd,
    network,
    thread_nondeterminism,
    unordered_iteration,
    unseeded_rng,
    wall_clock,
)
from nb2prod.lint.rules.environment import (
    absolute_path,
    missing_input,
    removed_api,
    shell_or_pip,
    undeclared_dependency,
    unpinned_dependency,
)
from nb2prod.lint.rules.leakage import (
    cross_validation_preprocess,
    fit_before_split,
    overlap_or_oversample,
    refit_on_test,
    target_or_future_feature,
    test_used_repeatedly,
    train_test_concatenated,
)
from nb2prod.lint.rules.order import (
    alias_mutation,
    dependency_order,
    execution_counts,
    failing_cell,
    invalid_syntax,
    non_idempotent,
    redefinition,
    stale_output,
    undefined_on_restart,
)
from nb2prod.lint.rules.security import (
    personal_data,
    secret_in_output,
    secret_in_source,
    unsafe_pickle,
)
from nb2prod.lint.rules.skew import (
    column_order_or_dtype,
    duplicated_preprocessing,
    encoder_fitted_at_prediction,
    transform_not_saved,
)
from nb2prod.lint.rules.structure import (
    cell_too_long,
    definition_worth_a_module,
    tag_mistakes,
    unused_cell,
)

_ORDER = (
    dependency_order,
    execution_counts,
    stale_output,
    undefined_on_restart,
    redefinition,
    alias_mutation,
    non_idempotent,
    invalid_syntax,
    failing_cell,
)
_DETERMINISM = (
    environment_or_cwd,
    network,
    thread_nondeterminism,
    unordered_iteration,
    unseeded_rng,
    wall_clock,
)
_ENVIRONMENT = (
    absolute_path,
    missing_input,
    undeclared_dependency,
    unpinned_dependency,
    removed_api,
    shell_or_pip,
)
_SECURITY = (
    personal_data,
    secret_in_output,
    secret_in_source,
    unsafe_pickle,
)
_LEAKAGE = (
    cross_validation_preprocess,
    fit_before_split,
    overlap_or_oversample,
    refit_on_test,
    target_or_future_feature,
    test_used_repeatedly,
    train_test_concatenated,
)
_SKEW = (
    column_order_or_dtype,
    duplicated_preprocessing,
    encoder_fitted_at_prediction,
    transform_not_saved,
)
_STRUCTURE = (
    cell_too_long,
    definition_worth_a_module,
    unused_cell,
    tag_mistakes,
)
ALL_RULES = (*_ORDER, *_DETERMINISM, *_ENVIRONMENT, *_SECURITY, *_LEAKAGE, *_SKEW, *_STRUCTURE)


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Every rule, ordered by code."""
    return tuple(sorted((rule_of(module) for module in ALL_RULES), key=lambda rule: rule.code))
