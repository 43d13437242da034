"""Which checks the configuration switches off."""

from __future__ import annotations

from genopool.diagnostics.settings import Checks

#: The checks of a key of the configuration, where they are not the one of that name.
_NAMES = {"hwe": ("hardy_weinberg",), "orientation": ("orientation", "orientation_unknown")}
#: How the reason begins for which a check that is off compared nothing.
SWITCHED_OFF = "switched off in the configuration"


def switched_off(checks: Checks) -> frozenset[str]:
    """The names of the checks whose settings are what `false` stands for.

    Parameters
    ----------
    checks : Checks
        `checks:` of the configuration.
    """
    none = Checks.model_validate(dict.fromkeys(Checks.model_fields, False))
    return frozenset(
        name
        for key in Checks.model_fields
        if getattr(checks, key) == getattr(none, key)
        for name in _NAMES.get(key, (key,))
    )
