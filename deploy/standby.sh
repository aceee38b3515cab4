#!/usr/bin/env bash
# Begins as a copy of the primary, then follows what it writes and answers reads.
set -euo pipefail
export PGDATA=/var/lib/postgresql/18/docker
export PGPASSWORD
PGPASSWORD=$(</run/secrets/owner_password)
if [[ ! -s $PGDATA/PG_VERSION ]]; then
    # Under another name first: half of a copy never counts.
    mkdir -p "${PGDATA%/*}"
    rm -rf "$PGDATA.new"
    pg_basebackup --pgdata "$PGDATA.new" --write-recovery-conf --wal-method=stream \
        --checkpoint=fast --dbname "host=primary user=defter_owner"
    mv --no-target-directory "$PGDATA.new" "$PGDATA"
fi
exec postgres -c hot_standby=on -c hot_standby_feedback=on
