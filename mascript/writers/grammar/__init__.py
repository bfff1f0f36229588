"""The built-in grammar writer: typed expression trees over named fields, printed as readable Python. No model, no arena in it."""
