# Shared by the client scripts. Sourced.
# venv NAME REQUIREMENTS: print the directory of a virtual environment with exactly these packages; made once.
# debian PACKAGE...: install from Debian, which needs root.
debian() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "missing: $*; install them and run this again" >&2; return 1; }
  echo "installing Debian packages: $*" >&2
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 update >/dev/null &&
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=600 install --no-install-recommends "$@" >/dev/null 2>&1
}
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
    python3 -c 'import ensurepip' 2>/dev/null || debian python3 python3-venv || exit 1
    python3 -m venv "$dir" >&2 || exit 1
    "$dir/bin/pip" install --quiet --disable-pip-version-check -r "$2" >&2 && touch "$dir/ready"
  ) 9> "$CACHE/.venv-$1.lock" || return 1
  echo "$dir"
}
