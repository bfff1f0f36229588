"""Views: pure functions from an open workspace and what is asked to what a page shows. They read through the houses' own doors."""
