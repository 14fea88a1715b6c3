# venv NAME REQUIREMENTS: print the directory of a virtual environment with exactly these packages; made once. Sourced.
CACHE=${DESKSIDE_LIVE_DIR:-/var/tmp/deskside-live-$(id -u)}
venv() {
  local dir mark
  mark=$(sha256sum "$2" | cut -c1-12)
  dir=$CACHE/venv-$1-$mark
  mkdir -p "$CACHE"; chmod 700 "$CACHE"
  (
    flock 9
    [ -e "$dir/ready" ] && exit 0
    echo "installing the clients of $1 from PyPI" >&2
    rm -rf "$CACHE/venv-$1-"*
    python3 -m venv "$dir" >&2 || { echo "python3 -m venv failed; on Debian install python3-venv" >&2; exit 1; }
    "$dir/bin/pip" install --quiet --disable-pip-version-check -r "$2" >&2 && touch "$dir/ready"
  ) 9> "$CACHE/.venv-$1.lock" || return 1
  echo "$dir"
}
