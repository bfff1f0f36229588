"""The glass box: which line of a script, or of which helper version, made a decision, and what another line would have changed."""
