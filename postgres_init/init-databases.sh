#!/bin/sh
# Creates Mercado's roles and databases, or brings their passwords in line; safe to run at every start.
#
# Connects as the superuser through libpq's own variables (PGHOST, PGPORT, PGUSER, PGPASSWORD) or, inside the official
# image, over its local socket as POSTGRES_USER. A provider's administrator will do who may create roles and databases and
# grant pg_read_all_data. Each database belongs to the one role that may connect to it.
set -eu

export PGUSER="${PGUSER:-${POSTGRES_USER:?set POSTGRES_USER}}"
export PGDATABASE=postgres

run_sql() { psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set ECHO=none "$@" >/dev/null; }

# Passwords travel by environment, never on a command line, where `ps` would show them.
ensure_role() { # NAME PASSWORD
    ROLE_PASSWORD="$2" run_sql --set role="$1" <<'SQL'
\getenv role_password ROLE_PASSWORD
-- So that whoever is no superuser can make databases that belong to the role.
set createrole_self_grant = 'set, inherit';
select format('create role %I login', :'role')
where not exists (select from pg_roles where rolname = :'role') \gexec
-- Only a superuser may say so, even of a role that is none.
select format('alter role %I nosuperuser', :'role')
where exists (select from pg_roles where rolname = :'role' and rolsuper) \gexec
alter role :"role" with login password :'role_password' nocreatedb nocreaterole;
SQL
}

ensure_database() { # NAME OWNER
    run_sql --set database="$1" --set owner="$2" <<'SQL'
select format('create database %I owner %I', :'database', :'owner')
where not exists (select from pg_database where datname = :'database') \gexec
revoke all on database :"database" from public;
SQL
}

ensure_role airflow "${AIRFLOW_DB_PASSWORD:?set AIRFLOW_DB_PASSWORD}"
ensure_role mlflow "${MLFLOW_DB_PASSWORD:?set MLFLOW_DB_PASSWORD}"
ensure_role optuna "${OPTUNA_DB_PASSWORD:?set OPTUNA_DB_PASSWORD}"
ensure_role warehouse "${WAREHOUSE_DB_PASSWORD:?set WAREHOUSE_DB_PASSWORD}"
ensure_role api_reader "${API_READER_PASSWORD:?set API_READER_PASSWORD}"
ensure_role backup_reader "${BACKUP_READER_PASSWORD:?set BACKUP_READER_PASSWORD}"

ensure_database "${POSTGRES_DB_AIRFLOW:-airflow_db}" airflow
ensure_database "${POSTGRES_DB_MLFLOW:-mlflow_db}" mlflow
ensure_database "${POSTGRES_DB_OPTUNA:-optuna_db}" optuna
ensure_database "${POSTGRES_DB_WAREHOUSE:-warehouse_db}" warehouse

run_sql --set database="${POSTGRES_DB_WAREHOUSE:-warehouse_db}" <<'SQL'
grant connect on database :"database" to api_reader;
SQL

# Backups read everything and change nothing.
run_sql <<'SQL'
grant pg_read_all_data to backup_reader;
alter role backup_reader set default_transaction_read_only = on;
SQL
for database in "${POSTGRES_DB_AIRFLOW:-airflow_db}" "${POSTGRES_DB_MLFLOW:-mlflow_db}" \
    "${POSTGRES_DB_OPTUNA:-optuna_db}" "${POSTGRES_DB_WAREHOUSE:-warehouse_db}"; do
    run_sql --set database="$database" <<'SQL'
grant connect on database :"database" to backup_reader;
SQL
done
