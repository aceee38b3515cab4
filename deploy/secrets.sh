#!/usr/bin/env bash
# Make the passwords and the master key of docker-compose.yml, once; what is there stays as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
mkdir -p secrets
chmod 700 secrets
umask 077

once() { # once NAME TEXT
    if [[ ! -e secrets/$1 ]]; then
        printf '%s' "$2" >"secrets/$1"
        echo "made deploy/secrets/$1"
    fi
}

random() { head -c 24 /dev/urandom | base64 | tr -d '+/=\n'; }

once owner_password "$(random)"
once runtime_password "$(random)"
once master_keys "$(head -c 32 /dev/urandom | base64)"
owner=$(<secrets/owner_password) runtime=$(<secrets/runtime_password)
once owner_url "postgresql://defter_owner:$owner@primary/defter"
once runtime_url "postgresql://defter_service:$runtime@primary/defter"
once standby_url "postgresql://defter_service:$runtime@standby/defter"
# Containers read them as another user.
chmod 644 secrets/*
echo "keep deploy/secrets/master_keys apart from the backups: without it personal data is lost"
