#!/usr/bin/env bash
# Runs once, when the primary's folder is made: the service's own login, and leave to replicate.
set -euo pipefail
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set=password="$(</run/secrets/runtime_password)" <<'SQL'
CREATE ROLE defter_app NOLOGIN;
CREATE ROLE defter_service LOGIN PASSWORD :'password' IN ROLE defter_app;
SQL
echo 'host replication defter_owner all scram-sha-256' >>"$PGDATA/pg_hba.conf"
