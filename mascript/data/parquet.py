"""Tables as Parquet files with their meanings inside. The one module that imports pyarrow, which the extra `parquet` brings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mascript.data.tables import DataTable, Kind
from mascript.errors import ConfigError


def write_parquet(table: DataTable, path: Path) -> None:
    """Write one table; a column's meaning is its field's metadata, the table's the schema's.

    Raises:
        ConfigError: pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise ConfigError(
            f"Parquet needs the extra `parquet`, which is not installed: pip install 'mascript[parquet]' ({error})"
        ) from error
    kinds: dict[Kind, Callable[[], Any]] = {
        "text": pyarrow.string,
        "int": pyarrow.int64,
        "float": pyarrow.float64,
        "bool": pyarrow.bool_,
        "texts": lambda: pyarrow.list_(pyarrow.string()),
    }
    fields = [
        pyarrow.field(one.name, kinds[one.kind](), metadata={"meaning": one.meaning} if one.meaning else None)
        for one in table.columns
    ]
    schema = pyarrow.schema(fields, metadata={"meaning": table.meaning})
    columns = {one.name: [_plain(row.get(one.name)) for row in table.rows] for one in table.columns}
    parquet.write_table(pyarrow.table(columns, schema=schema), path)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
