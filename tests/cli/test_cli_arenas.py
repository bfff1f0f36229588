"""`mascript arenas` and `mascript doctor`."""

from __future__ import annotations

import json


def test_list_is_plain_values(call) -> None:
    rows = {row["id"]: row for row in json.loads(call("arenas", "list", "--json").stdout)}
    assert set(rows) >= {"simple_spread_v3", "connect_four_v3"}
    spread = rows["simple_spread_v3"]
    assert (spread["kind"], spread["seats"], spread["horizon"]) == ("cooperative", 3, 25)
    assert spread["references"][0]["name"] == "random"


def test_list_says_what_a_score_is_held_against(call) -> None:
    rows = {row["id"]: row for row in json.loads(call("arenas", "list", "--json").stdout)}
    hunt, tag = rows["stag_hunt_v0"], rows["simple_tag_v3"]
    assert hunt["random"]["n"] == 200 and hunt["random"]["half_width"] > 0
    assert hunt["scripted"]["name"] == "always_stag"
    # Both mean to hunt stag and each slips with probability 0.02: 4 p^2 + 3 (1 - p) + 0 for p = 0.98.
    assert abs(hunt["optimum"]["score"] - (4 * 0.98**2 + 3 * 0.02)) < 1e-12
    assert (hunt["optimum"]["n"], hunt["optimum"]["half_width"]) == (0, None)
    assert tag["optimum"] is None
    assert rows["simple_spread_v3"]["optimum"]["bound"] is True


def test_the_table_fits_120_columns(call) -> None:
    assert max(map(len, call("arenas", "list").stdout.splitlines())) <= 120


def test_list_as_text_has_a_line_for_each(call) -> None:
    lines = call("arenas", "list").stdout.splitlines()
    assert lines[0].startswith("id ")
    assert any(line.startswith("connect_four_v3") and "competitive" in line for line in lines)


def test_show_says_fields_and_actions(call) -> None:
    text = call("arenas", "show", "simple_spread_v3", "--arg", "N=4").stdout
    assert "4 agents move in the plane" in text
    assert "list[Point]" in text
    assert '"stay", "left", "right", "down", "up"' in text


def test_show_of_an_arena_without_a_spec(call) -> None:
    shown = json.loads(call("arenas", "show", "generic:CartPole-v1", "--json").stdout)
    assert (shown["kind"], shown["seats"]) == ("single", 1)
    assert shown["observations"][0]["fields"][0]["shape"] == [4]
    assert shown["actions"][0] | {"names": []} == {"seat": 0, "kind": "discrete", "size": 2, "names": [], "low": [], "high": []}


def test_unknown_arena_names_a_near_one(call) -> None:
    result = call("arenas", "show", "simple_sprad_v3")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "did you mean simple_spread_v3" in result.stderr


def test_argument_that_the_arena_does_not_take(call) -> None:
    result = call("arenas", "show", "simple_spread_v3", "--arg", "M=4")
    assert result.exit_code == 1
    assert "it takes: N, local_ratio, max_cycles" in result.stderr


def test_argument_without_a_value_is_a_usage_error(call) -> None:
    result = call("arenas", "show", "simple_spread_v3", "--arg", "N")
    assert result.exit_code == 2
    assert "expected KEY=VALUE such as N=4, got 'N'" in result.stderr


def test_doctor_tried_the_sandbox(call) -> None:
    result = call("doctor", "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == (0 if found["isolation"] == "full" else 1)
    names = {one["name"] for one in found["findings"] if one["area"] == "sandbox"}
    assert {"seccomp", "landlock"} <= names
    assert found["free_bytes"] > 0


def test_the_optimum_is_shown_where_it_is_known(call) -> None:
    rows = {row["id"]: row for row in json.loads(call("arenas", "list", "--json").stdout)}
    assert rows["CliffWalking-v1"]["optimum"]["score"] == -13
    assert "backward induction" in rows["CliffWalking-v1"]["optimum"]["meaning"]
    assert rows["Pendulum-v1"]["optimum"] is None
    assert "Optimum 500" in call("arenas", "show", "CartPole-v1").stdout


def test_an_arena_whose_extra_is_missing_is_listed_and_marked(call) -> None:
    from arenas.extras import installed

    rows = {row["id"]: row for row in json.loads(call("arenas", "list", "--json").stdout)}
    row = rows["Foraging-8x8-2p-2f-coop-v3"]
    assert (row["requires"], row["missing"], row["seats"]) == ("lbf", not installed("lbf"), 2)
    lander = rows["LunarLander-v3"]
    assert (lander["requires"], lander["missing"], lander["kind"]) == ("box2d", not installed("box2d"), "single")
    library, walkers = rows["axelrod_v0"], rows["multiwalker_v9"]
    assert (library["requires"], library["missing"], library["kind"]) == ("axelrod", not installed("axelrod"), "single")
    assert (walkers["requires"], walkers["missing"], walkers["kind"]) == ("box2d", not installed("box2d"), "cooperative")
    crews = (rows["knights_archers_zombies_v11"], rows["pursuit_v5"])
    assert [(row["requires"], row["missing"]) for row in crews] == [("", False)] * 2, "what they need comes with mpe2"
    assert (rows["simple_tag_v3"]["requires"], rows["simple_tag_v3"]["missing"]) == ("", False)
    assert len(rows["simple_tag_v3"]["references"][1]["self_play"]) == 4
    assert ("needs the extra lbf" in call("arenas", "list").stdout) == row["missing"]
    assert "extra" in call("doctor").stdout
    if row["missing"]:
        used = call("score", "reference:random", "--arena", "Foraging-8x8-2p-2f-coop-v3", "--seeds", "800000..800001")
        assert used.exit_code != 0
        assert "needs the extra `lbf`" in used.stderr


def test_doctor_says_what_each_extra_brings_and_what_none_can(call) -> None:
    from arenas.extras import EXTRAS, installed

    found = {
        one["name"]: one["detail"] for one in json.loads(call("doctor", "--json").stdout)["findings"] if one["area"] == "extra"
    }
    assert set(found) == {*EXTRAS, "mcp", "overcooked"} and "mascript mcp" in found["mcp"]
    assert "multiwalker_v9" in found["box2d"]
    assert ("mascript[axelrod]" in found["axelrod"]) == (not installed("axelrod"))
    assert "cannot be had" in found["overcooked"]
    assert "overcooked cannot be had" in call("arenas", "list").stdout
