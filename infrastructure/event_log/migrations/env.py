"""Alembic's entry: run the log's migrations on the connection that `migrate` hands over."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table_schema="defter")
with context.begin_transaction():
    context.run_migrations()
