#!/usr/bin/env bash
# Begins as a copy of the primary, then follows what it writes and answers reads.
set -euo pipefail
export PGDATA=/var/lib/postgresql/18/docker
export PGPASSWORD
PGPASSWORD=$(</run/secrets/owner_password)
if [[ ! -s $PGDATA/PG_VERSION ]]; then
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA"
    pg_basebackup --pgdata "$PGDATA" --write-recovery-conf --wal-method=stream \
        --checkpoint=fast --progress --dbname "host=primary user=defter_owner"
fi
exec postgres -c hot_standby=on -c hot_standby_feedback=on
