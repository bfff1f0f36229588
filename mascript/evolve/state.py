"""What a run knows between generations: plain data with a JSON round trip, so that a checkpoint is the whole truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mascript.records import Pid
from mascript.writers.base import Parent, Proposal


@dataclass
class AgentState:
    """One learner. Made by the engine, changed only by the loop."""

    name: str
    seats: tuple[int, ...]
    """Seats that are this agent's own; empty for an agent that takes every seat in turn."""
    team: str = ""
    champion: Parent | None = None
    archive: list[Parent] = field(default_factory=list)
    """Good scripts that are not champion, best first."""
    past: list[Proposal] = field(default_factory=list)
    """Former champions, oldest first: the hall of fame that later ones must not fall behind."""


@dataclass
class RunState:
    """A run between two generations. Made by the engine, changed only by the loop, stored as a checkpoint."""

    agents: list[AgentState]
    generation: int = 0
    """The next generation to play."""
    episodes: int = 0
    scripts_written: int = 0
    """Distinct sources evaluated, each tuned constant vector included."""
    seen: dict[Pid, None] = field(default_factory=dict)
    """Programs already judged: a duplicate is not evaluated again."""
    stopped: str = ""
    """Why the run ended before its last generation; empty otherwise."""

    def agent(self, name: str) -> AgentState:
        """Return the agent of this name."""
        return next(agent for agent in self.agents if agent.name == name)

    def to_json(self) -> dict[str, Any]:
        """Return the state as plain JSON values."""
        return {
            "agents": [_agent_json(agent) for agent in self.agents],
            "generation": self.generation,
            "episodes": self.episodes,
            "scripts_written": self.scripts_written,
            "seen": list(self.seen),
            "stopped": self.stopped,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RunState:
        """Return the state that `to_json` wrote."""
        return cls(
            agents=[_agent_state(agent) for agent in data["agents"]],
            generation=data["generation"],
            episodes=data["episodes"],
            scripts_written=data["scripts_written"],
            seen=dict.fromkeys(data["seen"]),
            stopped=data["stopped"],
        )


def proposal_json(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal as plain JSON values."""
    return {
        "source": proposal.source,
        "operator": proposal.operator,
        "parents": list(proposal.parents),
        "genome": proposal.genome,
        "borrowed": list(proposal.borrowed),
        "pins": [list(pin) for pin in proposal.pins],
    }


def proposal_from(data: Mapping[str, Any]) -> Proposal:
    """Return the proposal that `proposal_json` wrote."""
    return Proposal(
        source=data["source"],
        operator=data["operator"],
        parents=tuple(data["parents"]),
        genome=data["genome"],
        borrowed=tuple(data["borrowed"]),
        pins=tuple((name, fid) for name, fid in data["pins"]),
    )


def _parent_json(parent: Parent) -> dict[str, Any]:
    return {"pid": parent.pid, "proposal": proposal_json(parent.proposal), "score": parent.score, "n": parent.n}


def _parent(data: Mapping[str, Any]) -> Parent:
    return Parent(data["pid"], proposal_from(data["proposal"]), data["score"], data["n"])


def _agent_json(agent: AgentState) -> dict[str, Any]:
    return {
        "name": agent.name,
        "seats": list(agent.seats),
        "team": agent.team,
        "champion": None if agent.champion is None else _parent_json(agent.champion),
        "archive": [_parent_json(parent) for parent in agent.archive],
        "past": [proposal_json(proposal) for proposal in agent.past],
    }


def _agent_state(data: Mapping[str, Any]) -> AgentState:
    return AgentState(
        name=data["name"],
        seats=tuple(data["seats"]),
        team=data["team"],
        champion=None if data["champion"] is None else _parent(data["champion"]),
        archive=[_parent(parent) for parent in data["archive"]],
        past=[proposal_from(proposal) for proposal in data["past"]],
    )
