"""PostgreSQL and the archive: connections, tables, COPY, the ledger."""
