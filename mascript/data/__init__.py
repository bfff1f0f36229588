"""A workspace for other people's tools: records for notebooks, Parquet with a data card, metadata for Datasette. Reads only."""
