#!/bin/sh
# Runs a script of this project: with-node.sh SCRIPT [ARGS...]. Installs the dependencies when they are missing or older
# than package-lock.json, and uses the Node among them when the machine's own is too old. Says nothing when all is there.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
stamp=$root/node_modules/.overseer-lock
wanted=$(cksum <"$root/package-lock.json")

if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
  lock=$root/.setup-lock
  # A folder is made by one process only; the others wait for its end.
  while ! mkdir "$lock" 2>/dev/null; do
    kill -0 "$(cat "$lock/pid" 2>/dev/null || echo 0)" 2>/dev/null || { sleep 1; [ -s "$lock/pid" ] && kill -0 "$(cat "$lock/pid")" 2>/dev/null || rm -rf "$lock"; continue; }
    sleep 1
  done
  echo $$ >"$lock/pid"
  trap 'rm -rf "$lock"' EXIT INT TERM
  if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
    echo "Installing dependencies (once; about a minute)" >&2
    (cd "$root" && npm ci --no-progress) >&2
    printf '%s\n' "$wanted" >"$stamp"
  fi
  rm -rf "$lock"
  trap - EXIT INT TERM
fi

PATH=$root/node_modules/.bin:$PATH
export PATH
script=$1
shift
case $script in
  /*) ;;
  *) script=$root/$script ;;
esac
exec node --disable-warning=ExperimentalWarning "$script" "$@"
