"""How strategies came about: what champions do, which of them do alike, who was first, and who took it up."""
