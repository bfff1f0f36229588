"""Boards of the grid worlds: places, windows, beams, moves that block each other."""

from __future__ import annotations

from itertools import combinations

from arenas.grid.board import EAST, NORTH, WEST, Board, actions, draw, move, orders

MAP = ("......", ".#....", "......", "...a..")


def _cells(board: Board, places: tuple[int, ...]) -> set[tuple[int, int]]:
    return {board.cell(place) for place in places}


def _beam(board: Board, row: int, column: int, facing: int, length: int) -> tuple[int, ...]:
    return tuple(place for ray in board.rays(board.place(row, column), facing, length) for place in ray)


def test_places_and_cells_are_two_names_of_one_thing() -> None:
    board = Board(MAP, margin=3)
    assert all(board.cell(board.place(row, column)) == (row, column) for row in range(4) for column in range(6))
    assert board.marked("a") == (board.place(3, 3),)
    assert board.walls[board.place(1, 1)] and board.walls[board.place(-1, 0)] and not board.walls[board.place(0, 0)]
    assert board.offset(board.place(1, 2), board.place(3, 1)) == (-1, 2)


def test_a_window_is_rows_from_the_north_and_walls_lie_outside() -> None:
    board = Board(MAP, margin=2)
    codes = bytearray(board.walls)
    codes[board.place(0, 1)] = 7
    assert board.window(codes, board.place(0, 0), 1) == bytes([1, 1, 1, 1, 0, 7, 1, 0, 1])
    assert len(board.window(codes, board.place(3, 5), 2)) == 25


def test_a_beam_is_three_lines_that_end_at_walls() -> None:
    board = Board(MAP, margin=4)
    assert _cells(board, _beam(board, 2, 2, EAST, 2)) == {(1, 3), (1, 4), (2, 3), (2, 4), (3, 3), (3, 4)}
    assert _cells(board, _beam(board, 2, 2, WEST, 2)) == {(2, 1), (2, 0), (3, 1), (3, 0)}
    assert _cells(board, _beam(board, 3, 1, NORTH, 3)) == {(2, 1), (2, 0), (1, 0), (0, 0), (2, 2), (1, 2), (0, 2)}
    assert board.rays(board.place(0, 0), NORTH, 3) == ((), (), ())


def test_a_disc_is_euclidean_and_leaves_out_its_centre() -> None:
    board = Board(MAP, margin=4)
    here = board.place(2, 2)
    around = _cells(board, tuple(here + step for step in board.disc(2)))
    assert len(around) == 12
    assert {(0, 2), (4, 2), (1, 1), (2, 4)} < around
    assert (2, 2) not in around and (0, 1) not in around


def test_who_moves_first_gets_the_cell_and_a_freed_cell_can_be_taken() -> None:
    board = Board(MAP, margin=1)
    here = [board.place(0, 0), board.place(0, 2), board.place(0, 3)]
    middle = board.place(0, 1)
    for order, expected in (((0, 1, 2), (0, 1)), ((1, 0, 2), (0, 0))):
        at, solid = list(here), bytearray(board.walls)
        for place in at:
            solid[place] = 1
        move(order, [middle, middle, board.place(0, 2)], at, solid)
        assert board.cell(at[0]) == expected
        assert board.cell(at[2]) == ((0, 3) if order[0] == 0 else (0, 2))
        assert [place for place in range(board.size) if solid[place] and not board.walls[place]] == sorted(at)


def test_no_seat_is_favoured_by_the_orders() -> None:
    for players in range(2, 11):
        drawn = orders(players)
        for first, second in combinations(range(players), 2):
            ahead = sum(order.index(first) < order.index(second) for order in drawn)
            assert 2 * ahead == len(drawn)


def test_drawn_places_are_all_and_only_those_given() -> None:
    places = (3, 5, 8)
    assert [draw(random, places) for random in (0.0, 0.34, 0.999999)] == [3, 5, 8]


def test_actions_have_a_direction_each() -> None:
    found = actions("lift")
    assert found.names == ("stay", "north", "east", "south", "west", "lift")
    assert found.directions[1] == (0.0, -1.0) and found.directions[5] == (0.0, 0.0)
