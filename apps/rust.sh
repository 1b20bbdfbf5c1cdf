#!/usr/bin/env bash
# Rust's sqlx: on one node, then on three in turn, each check compared with MySQL.
#
#   apps/rust.sh [CHECK …]    those of apps/rust that are named ("transactions", "column JSON", …), or all
#
# expected.txt beside the sources names the differences that are known.
name=rust
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
need_packages python3 mariadb-client
command -v cargo >/dev/null || die "cargo is needed, 1.78 or newer"
[[ -n $judge ]] || die "APPS_MYSQL=host:port is needed: every check is compared with a MySQL"
database=${APPS_PREFIX:-apps_}rust failed=0 checks=("$@")

# cargo writes its Cargo.lock beside the sources, so that it builds a copy of them.
mkdir -p "$cache/package"
cp -rp "$apps/rust/Cargo.toml" "$apps/rust/src" "$cache/package/"
CARGO_TARGET_DIR=$cache/target bounded 1800 cargo build -q -j 1 --manifest-path "$cache/package/Cargo.toml" >&2 || die "cargo could not build the program"

# drive writes down what a server answers, and compares it with what MySQL did: drive file address password
drive() {
  bounded 600 "$cache/target/debug/drive" "${2%:*}" "${2#*:}" "$3" "$database" "$apps/rust/migrations" "${checks[@]}" >"$work/$1" 2>"$work/$1.errors" \
    || { failed=1; echo "FAIL $1: the program ended early"; tail -5 "$work/$1.errors"; }
  if [[ $1 != mysql ]]; then python3 "$apps/transcripts.py" --expected "$apps/rust/expected.txt" --label "$1: " "$work/$1" "$work/mysql" || failed=1; fi
}

drive_all
exit "$failed"
