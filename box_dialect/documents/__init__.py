"""XML, JSON, CSV, Parquet and Excel documents as tables: readers that know nothing of Box, SQLite or HTTP.

`formats` has the format of a document by its name, `options` what may be said of how it is read, `model` what a reader
finds. Needs the extra `documents`: `pip install 'box-dialect[documents]'`.
"""
