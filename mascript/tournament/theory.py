"""What game theory says of a payoff matrix: alpha-rank, Nash averaging, who exploits whom. Pure."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog, minimize

from mascript.tournament.payoffs import Matrix

POPULATION = 50
"""Size of the population of alpha-rank's dynamics (Omidshafiei et al. 2019 use 50)."""
_SWEEP = tuple(2.0**power for power in range(-14, 24))
"""Intensities of selection that are tried, in units of one over the matrix's span."""
_SETTLED = 1e-6


def alpha_rank(payoffs: Matrix) -> Matrix:
    """Return the stationary distribution of alpha-rank for a symmetric game, shape (n,).

    One population, local selection, the intensity of selection raised until the distribution settles (Omidshafiei et al. 2019,
    "alpha-Rank: Multi-Agent Evaluation by Evolution", Scientific Reports 9:9937).

    Args:
        payoffs: mean return of the row's script against the column's, shape (n, n).
    """
    count = len(payoffs)
    if count == 1:
        return np.ones(1)
    gain = payoffs - payoffs.T
    span = float(np.abs(gain).max())
    if span == 0.0:
        return np.full(count, 1.0 / count)
    found = np.full(count, 1.0 / count)
    for strength in _SWEEP:
        new = _stationary(_transitions(gain / span, strength))
        if strength >= 1.0 and float(np.abs(new - found).max()) < _SETTLED:
            return new
        found = new
    return found


def _transitions(gain: Matrix, strength: float) -> Matrix:
    """Row: resident; column: mutant that takes over."""
    count = len(gain)
    edge = gain.T * strength  # of the mutant (column) over the resident (row)
    with np.errstate(over="ignore", invalid="ignore"):
        fixed = np.where(
            np.abs(edge) < 1e-12, 1.0 / POPULATION, np.expm1(-edge) / np.where(edge == 0, -1.0, np.expm1(-POPULATION * edge))
        )
    fixed = np.nan_to_num(fixed, nan=0.0, posinf=1.0)  # both exponentials overflow for a mutant that cannot win
    chain = fixed / (count - 1)
    np.fill_diagonal(chain, 0.0)
    np.fill_diagonal(chain, 1.0 - chain.sum(axis=1))
    return np.asarray(chain, dtype=np.float64)


def _stationary(chain: Matrix) -> Matrix:
    """Solve p = p @ chain with sum 1 by GTH elimination (Grassmann, Taksar and Heyman 1985), which never subtracts."""
    work = np.array(chain)
    count = len(work)
    for last in range(count - 1, 0, -1):
        out = work[last, :last].sum()
        if out <= 0.0:  # nobody below is reached from here any more: it absorbs
            shares = np.zeros(count)
            shares[last] = 1.0
            return shares
        work[:last, last] /= out
        work[:last, :last] += np.outer(work[:last, last], work[last, :last])
    shares = np.zeros(count)
    shares[0] = 1.0
    for one in range(1, count):
        shares[one] = shares[:one] @ work[:one, one]
    return np.asarray(shares / shares.sum())


def nash_average(payoffs: Matrix) -> tuple[Matrix, Matrix]:
    """Return (maximum-entropy Nash equilibrium, each script's payoff against it), both of shape (n,).

    For the antisymmetric part of the payoffs of a symmetric zero-sum game (Balduzzi et al. 2018, "Re-evaluating Evaluation").
    A copy of a script changes no other script's value.
    """
    game = (payoffs - payoffs.T) / 2
    count = len(game)
    span = float(np.abs(game).max())
    if span == 0.0:
        return np.full(count, 1.0 / count), np.zeros(count)
    scaled = game / span
    start = linprog(np.zeros(count), A_ub=scaled, b_ub=np.zeros(count), A_eq=np.ones((1, count)), b_eq=[1.0]).x
    found = minimize(
        lambda p: float(np.sum(p * np.log(np.maximum(p, 1e-300)))),
        0.999 * start + 0.001 / count,
        jac=lambda p: np.log(np.maximum(p, 1e-12)) + 1.0,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * count,
        constraints=[
            {"type": "ineq", "fun": lambda p: -(scaled @ p), "jac": lambda p: -scaled},
            {"type": "eq", "fun": lambda p: p.sum() - 1.0, "jac": lambda p: np.ones(count)},
        ],
        options={"maxiter": 500, "ftol": 1e-12},
    )
    point = np.clip(found.x, 0.0, None)
    point /= point.sum()
    if not found.success or float((scaled @ point).max()) > 1e-6:
        point = np.clip(start, 0.0, None) / np.clip(start, 0.0, None).sum()  # an equilibrium, though not the most even one
    return np.asarray(point), np.asarray(game @ point)


def exploiters(payoffs: Matrix) -> list[tuple[int, float]]:
    """Return for each script of a symmetric zero-sum game (who does best against it, the gain beyond the value 0).

    Only the scripts at hand are tried, so the gain is a lower bound of the exploitability. It is 0 where nobody gains.
    """
    best = payoffs.argmax(axis=0)
    return [(int(one), max(0.0, float(payoffs[one, column]))) for column, one in enumerate(best)]
