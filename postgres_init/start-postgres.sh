#!/bin/sh
# Starts the official image's server, unless the volume holds the data of another major version: beside those the server
# would make an empty cluster of its own, and everything would seem lost.
set -eu

folder="${POSTGRES_FOLDER:-/var/lib/postgresql}"
own="$folder/18/docker/PG_VERSION"

if [ ! -e "$own" ]; then
    for version in "$folder/PG_VERSION" "$folder/data/PG_VERSION" "$folder"/*/docker/PG_VERSION; do
        [ -e "$version" ] || continue
        echo "The volume holds data of PostgreSQL $(cat "$version") in $(dirname "$version"), which PostgreSQL 18 cannot" \
            "read. Nothing was changed. Start the Mercado that made it and run \`make backup RUNTIME=docker\`, remove the" \
            "volume, then run \`make restore\` with this one (docs/operating.md, Upgrades)." >&2
        exit 1
    done
fi

exec docker-entrypoint.sh "$@"
