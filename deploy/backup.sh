#!/bin/sh
# Writes one compressed dump of the whole database: backup.sh DIRECTORY. Needs pg_dump and DATABASE_URL.
set -eu
directory="${1:?请写明备份放在哪个目录。 Name the directory for the dump.}"
: "${DATABASE_URL:?请设置 DATABASE_URL。 Set DATABASE_URL.}"
mkdir -p "$directory"
file="$directory/diyuan-$(date -u +%Y%m%dT%H%M%SZ).dump"
# A dump that breaks off must not look like a whole one.
"${PG_BIN:+$PG_BIN/}pg_dump" --format=custom --dbname="$DATABASE_URL" --file="$file.part"
mv "$file.part" "$file"
echo "$file"
