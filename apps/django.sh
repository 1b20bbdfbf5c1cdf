#!/usr/bin/env bash
# Django's own tests of what its database backend for MySQL does, on one node and on MySQL, compared test by test; then some of
# them on three nodes in turn.
#
#   APPS_LABELS='basic queries' apps/django.sh    only these of the suite's directories, or single tests
name=django
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
need_packages python3-dev libmariadb-dev pkg-config gcc
need_python mysqlclient==2.3.2 asgiref sqlparse tblib tzdata jinja2 PyYAML docutils pillow
release=5.2.19
source=$cache/django-$release
labels=(basic queries expressions expressions_case expressions_window aggregation aggregation_regress annotations
  transactions transaction_hooks schema migrations migrate_signals introspection inspectdb backends indexes constraints
  db_functions lookup select_for_update model_fields many_to_many delete bulk_create ordering update update_only_fields
  dates datetimes datatypes timezones fixtures get_or_create select_related prefetch_related raw_query custom_columns
  defer distinct_on_fields force_insert_update foreign_object generic_relations or_lookups reverse_lookup unmanaged_models
  validation)
if [[ -n ${APPS_LABELS:-} ]]; then read -ra labels <<<"$APPS_LABELS"; fi
failed=0

# fetch unpacks Django's source, which has the tests.
fetch() {
  if [[ -d $source/tests ]]; then return 0; fi
  pip download -q --disable-pip-version-check --no-deps --no-binary :all: "django==$release" -d "$work/fetched" >&2 ||
    die "Django $release could not be fetched"
  tar -xf "$work/fetched/django-$release.tar.gz" -C "$work/fetched"
  rm -rf "$source"
  mv "$work/fetched/django-$release" "$source"
}

# tests runs labels on a server and says how long it took; $work/$3.jsonl tells how each test ended.
tests() { # host:port, password, name, seconds, labels…
  local address=$1 password=$2 file=$work/$3 seconds=$4 start=$SECONDS ended=0
  shift 4
  (
    cd "$source/tests"
    export PYTHONPATH=$apps/django:$source SUITE_HOST=${address%:*} SUITE_PORT=${address#*:} SUITE_PASSWORD=$password
    export SUITE_NAME=${APPS_PREFIX:-}django_ SUITE_RESULTS=$file.jsonl
    bounded "$seconds" python3 -W ignore runtests.py --parallel=1 --noinput --settings=suite_settings "$@"
  ) >"$file.log" 2>&1 || ended=$?
  if ((ended == 124 || ended == 137)); then echo "FAIL  the tests on $address were cut short after $seconds s"; failed=1; fi
  if [[ ! -s $file.jsonl ]]; then tail -n 30 "$file.log" >&2; die "no test of Django's ran on $address"; fi
  echo "$(basename "$file"): $((SECONDS - start)) s in all"
}

fetch
echo "-- one node"
start_nodes 1
tests "$marmot" "$APPS_PASSWORD" marmot 1500 "${labels[@]}"
stop_nodes
other=-
if [[ -n $judge && ${APPS_TARGET:-marmot} != mysql ]]; then
  tests "$judge" '' mysql 1700 "${labels[@]}"
  other=$work/mysql.jsonl
fi
python3 "$apps/django/times.py" "$work/marmot.jsonl" "$other"
python3 "$apps/suite.py" lines "$work/marmot.jsonl" "$other" "$apps/known/django.txt" || failed=1
if [[ ${APPS_TARGET:-marmot} == mysql ]]; then exit "$failed"; fi

echo "-- three nodes in turn"
start_three
tests "$three" "$APPS_PASSWORD" three 600 basic transactions get_or_create select_for_update
python3 "$apps/suite.py" lines "$work/three.jsonl" - "$apps/known/django-three.txt" || failed=1
exit "$failed"
