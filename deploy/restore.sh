#!/bin/sh
# Restores a dump into an empty database: restore.sh FILE. Needs pg_restore, psql and DATABASE_URL of a user that may create roles.
set -eu
file="${1:?请写明备份文件。 Name the dump.}"
: "${DATABASE_URL:?请设置 DATABASE_URL。 Set DATABASE_URL.}"
tables=$("${PG_BIN:+$PG_BIN/}psql" --no-psqlrc --tuples-only --no-align --dbname="$DATABASE_URL" \
  --command="SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")
if [ "$tables" != 0 ]; then
  echo "目标数据库不是空的，为防止覆盖，没有恢复。 The target database is not empty; nothing was restored." >&2
  exit 65
fi
# Roles belong to the cluster and are not in the dump.
for service in identity media notifications points property proposals; do
  for part in app worker; do
    "${PG_BIN:+$PG_BIN/}psql" --no-psqlrc --quiet --dbname="$DATABASE_URL" --command="
      DO \$\$ BEGIN CREATE ROLE ${service}_${part} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END \$\$;
      GRANT ${service}_${part} TO CURRENT_USER" >/dev/null 2>&1 || true
  done
done
"${PG_BIN:+$PG_BIN/}pg_restore" --exit-on-error --single-transaction --no-owner --dbname="$DATABASE_URL" "$file"
echo "已恢复 restored: $file"
