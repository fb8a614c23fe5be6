#!/bin/sh
# Runs a script of this project: with-node.sh SCRIPT [ARGS...]. Installs the dependencies when they are missing or older
# than package-lock.json, and uses the Node among them when the machine's own is too old. Says nothing when all is there.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
stamp=$root/node_modules/.overseer-lock
wanted=$(cksum <"$root/package-lock.json")

is_installed() { [ "$(cat "$stamp" 2>/dev/null || true)" = "$wanted" ]; }

install() {
  is_installed && return # Somebody else did it while we waited.
  if [ -L "$root/node_modules" ]; then
    # npm ci empties the folder that the link names, which other checkouts may be running from.
    echo "$root/node_modules is a link and does not fit package-lock.json; replace it by a folder of its own." >&2
    exit 1
  fi
  echo 'Installing dependencies (once; about a minute)' >&2
  (cd "$root" && npm ci --no-progress) >&2 </dev/null 9>&-
  printf '%s\n' "$wanted" >"$stamp"
}

if ! is_installed; then
  # The kernel lets go of the lock however its holder ends. Without flock there is no second process to guard against.
  if command -v flock >/dev/null; then
    (flock 9 && install) 9>"$root/.setup-lock"
  else
    install
  fi
fi

PATH=$root/node_modules/.bin:$PATH
export PATH
if [ ! -x "$root/node_modules/.bin/node" ]; then
  major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/' || true)
  if [ "${major:-0}" -lt 24 ]; then
    echo "Overseer needs Node 24 or newer; here is ${major:-none}, and npm has no packaged one for $(uname -sm)." >&2
    exit 1
  fi
fi
script=$1
shift
case $script in
  /*) ;;
  *) script=$root/$script ;;
esac
# Without `--` Node takes `--env-file` of the script's own arguments for one of its own.
exec node --disable-warning=ExperimentalWarning -- "$script" "$@"
