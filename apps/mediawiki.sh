#!/usr/bin/env bash
# MediaWiki on one node (installed through its pages), then on three in turn (installed by its script) while one is killed;
# then what it sent again on MySQL, if there is one: every answer, and at the end every row.
name=mediawiki
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
need_packages mediawiki php-cli php-mysql php-xml php-mbstring php-intl php-curl python3
site_port=$((ports + 80)) proxy_port=$((ports + 81)) failed=0
database=${APPS_PREFIX:-}wiki
program=/usr/share/mediawiki
extensions=Cite,CategoryTree,ParserFunctions,AbuseFilter,OATHAuth,SpamBlacklist,TitleBlacklist,Nuke,Renameuser,Interwiki,Gadgets,InputBox,PageImages,TextExtracts,ReplaceText,WikiEditor
url=http://127.0.0.1:$site_port

# serve starts PHP's own server for the settings of $work/$1, which may not be there yet.
serve() {
  mkdir -p "$work/$1/images" "$work/$1/cache" "$work/$1/sessions"
  background "$work/$1.web" env MW_CONFIG_FILE="$work/$1/LocalSettings.php" PHP_CLI_SERVER_WORKERS=1 php -d sendmail_path=/bin/true -d opcache.enable_cli=0 \
    -d session.save_path="$work/$1/sessions" -d error_log="$work/$1/php.log" -d log_errors=1 -S "127.0.0.1:$site_port" -t "$program"
  await_port "127.0.0.1:$site_port"
}

# settle adds to the settings what a test needs: errors shown and written down, uploads, caches and sessions in the database.
settle() { # site
  cat >>"$work/$1/LocalSettings.php" <<PHP
foreach (explode(',', '$extensions') as \$one)
    wfLoadExtension(\$one);
\$wgServer = '$url'; \$wgEnableUploads = true; \$wgUploadDirectory = '$work/$1/images'; \$wgCacheDirectory = '$work/$1/cache';
\$wgShowExceptionDetails = true; \$wgDBerrorLog = '$work/$1/errors.log'; \$wgMainCacheType = CACHE_DB; \$wgSessionCacheType = CACHE_DB;
\$wgParserCacheType = CACHE_DB; \$wgJobRunRate = 1; \$wgRunJobsAsync = false; \$wgUseImageMagick = false; \$wgGroupPermissions['sysop']['deleterevision'] = true;
\$wgGroupPermissions['sysop']['abusefilter-modify'] = true; \$wgRateLimits = []; \$wgPasswordAttemptThrottle = []; \$wgAccountCreationThrottle = [];
\$wgImportSources = ['x']; \$wgAllowUserCssPrefs = true; \$wgUseInstantCommons = false; \$wgPhpCli = PHP_BINARY; \$wgPopularPasswordFile = null;
\$wgMiserMode = false; \$wgMaxShellMemory = 0; \$wgGroupPermissions['sysop']['userrights-interwiki'] = true; \$wgGroupPermissions['sysop']['nuke'] = true;
PHP
}

script() { # site, seconds, script of maintenance…
  local where=$1 seconds=$2 what=$3
  shift 3
  MW_CONFIG_FILE=$work/$where/LocalSettings.php bounded "$seconds" php -d error_log="$work/$where/php.log" "$program/maintenance/$what.php" "$@" </dev/null
}

# maintain runs one script of maintenance, and counts it as a check.
maintain() { # site, script…
  local where=$1
  shift
  if script "$where" 300 "$@" >"$work/$where/script.log" 2>&1 && ! grep -qE 'Exception|Error:|PHP Warning|Fatal error' "$work/$where/script.log"; then echo "ok   maintenance: $*"
  else echo "FAIL maintenance: $*"; tail -5 "$work/$where/script.log"; failed=1; fi
}

drive() { # site, what…
  local where=$1
  shift
  bounded 900 python3 "$apps/mediawiki/drive.py" "$url" "$@" || failed=1
  if grep -m 5 . "$work/$where/errors.log" 2>/dev/null; then echo "FAIL $where: errors of the database in MediaWiki's log"; failed=1; fi
  if grep -m 5 -E 'PHP (Warning|Fatal|Notice)' "$work/$where/php.log" 2>/dev/null; then echo "FAIL $where: PHP's log has errors"; failed=1; fi
}

# scripts runs what an administrator would, updates twice.
scripts() { # site
  maintain "$1" runJobs --maxjobs 500
  maintain "$1" update --quick
  maintain "$1" update --quick --force
  maintain "$1" rebuildall --quiet
  maintain "$1" refreshLinks --quiet
  maintain "$1" rebuildtextindex --quiet
  maintain "$1" initSiteStats --update
  maintain "$1" updateCollation --force
  maintain "$1" namespaceDupes --fix
  maintain "$1" attachLatest
  maintain "$1" showSiteStats
  maintain "$1" dumpBackup --full --output "file:$work/$1/dump.xml"
}

halt() { # how many of the processes started last
  local n
  for ((n = 0; n < $1; n++)); do
    kill "${processes[-1]}" 2>/dev/null || true
    wait "${processes[-1]}" 2>/dev/null || true
    unset 'processes[-1]'
  done
}

echo "-- one node"
start_nodes 1
background "$work/proxy.log" python3 "$apps/proxy.py" --listen "$proxy_port" --to "$marmot" --log "$work/statements.json"
await_port "127.0.0.1:$proxy_port"
serve one
drive one install "127.0.0.1:$proxy_port" "$database" "$work/one/LocalSettings.php"
settle one
maintain one update --quick
drive one use
scripts one
halt 2
stop_nodes
if [[ ${APPS_TARGET:-marmot} == mysql ]]; then
  php "$apps/sql.php" "$marmot" root '' "DROP DATABASE $database"
  exit "$failed"
fi

if [[ -n $judge ]]; then
  echo "-- its statements on a fresh node and on MySQL"
  need_python pymysql==1.1.1 cryptography
  start_nodes 1
  bounded 2400 python3 "$apps/replay.py" --skip "SHA1\\(" --prefix "${APPS_PREFIX:-}replay_" --log "$work/statements.json" --left "$marmot" --right "$judge" --tables || failed=1
  stop_nodes
fi

echo "-- three nodes in turn, one of them killed"
start_three
mkdir -p "$work/three"
if script three 300 install --confpath "$work/three" --dbserver "$three" --dbname "$database" --dbuser root --dbpass "$APPS_PASSWORD" \
  --installdbuser root --installdbpass "$APPS_PASSWORD" --server "$url" --scriptpath '' --pass 'a long pass phrase 17!' --skins Vector "Marmot's café" Admin \
  >"$work/three/install.log" 2>&1; then echo "ok   maintenance: install"
else echo "FAIL maintenance: install"; tail -20 "$work/three/install.log"; failed=1; fi
settle three
maintain three update --quick
serve three
drive three use
scripts three
"$root/scripts/cluster.sh" kill-node 2 --dir "$cluster"
drive three after
exit "$failed"
