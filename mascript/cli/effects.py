"""An effect as plain JSON, the same wherever `--json` shows one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mascript.lineage.effect_records import Effect

ESTIMANDS = ("own", "others", "welfare", "cooperative", "competitive")


def effect_row(effect: Effect) -> dict[str, Any]:
    """Return an effect as `credit --json` has it."""
    names = (
        "helper",
        "fid",
        "contributor",
        "borrower",
        "policy",
        "label",
        "resolved",
        "flags",
        "disables_seat",
        "n",
        "pairs",
        "executed",
    )
    return {
        **{name: getattr(effect, name) for name in names},
        "replacement": effect.replacement.kind,
        "claim": effect.claim,
        "reason": effect.reason,
        **{name: getattr(effect, name) for name in ESTIMANDS},
        "by_seat": effect.by_seat,
    }
