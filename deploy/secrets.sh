#!/usr/bin/env bash
# Make the passwords, the master key and a certificate of docker-compose.yml, once; what is there
# stays as it is. The certificate is for localhost, and nobody vouches for it: bring your own.
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
if [[ ! -e secrets/tls_key ]]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 825 \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
        -keyout secrets/tls_key -out secrets/tls_certificate 2>/dev/null
    echo "made deploy/secrets/tls_key and deploy/secrets/tls_certificate"
fi
# Containers read them as another user.
chmod 644 secrets/*
echo "keep deploy/secrets/master_keys apart from the backups: without it personal data is lost"
