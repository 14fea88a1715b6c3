# Arguments and places of one instance of a server, the same for all of them. Sourced by the lib.sh of each, never run.
# Wants NAME (of the script), HERE (its folder), KIND (rt5), PORTS (of the stock and the custom site), MANY (the word of the
# option that sets COUNT) and a function `seeded SITE`. Sets CACHE, PORT, SITE, DIR, WIPE and COUNT.
CACHE=${DESKSIDE_LIVE_DIR:-/var/tmp/deskside-live-$(id -u)}
PORT='' SITE='' DIR='' WIPE=''

say() { printf '%s/%s: %s\n' "$KIND" "$NAME" "$*" >&2; }
die() { say "$*"; exit 1; }

while [ $# -gt 0 ]; do
  case $1 in
    --port) PORT=${2:?--port needs a number}; shift 2 ;;
    --site) SITE=${2:?--site needs stock or custom}; shift 2 ;;
    --dir) DIR=${2:?--dir needs a directory}; shift 2 ;;
    "--$MANY") COUNT=${2:?--$MANY needs a number}; shift 2 ;;
    --wipe) WIPE=1; shift ;;
    *) die "unknown argument $1; usage: $NAME [--site stock|custom] [--port N (0: any free one)] [--dir DIR] [--$MANY N] [--wipe (down only)]" ;;
  esac
done
[ -z "$PORT" ] && [ -n "$DIR" ] && [ -s "$DIR/port" ] && PORT=$(cat "$DIR/port")
[ -z "$SITE" ] && [ -n "$DIR" ] && [ -s "$DIR/site" ] && SITE=$(cat "$DIR/site")
[ -z "$SITE" ] && [ -n "$PORT" ] && [ -s "$CACHE/$KIND-$PORT/site" ] && SITE=$(cat "$CACHE/$KIND-$PORT/site")
SITE=${SITE:-stock}
seeded "$SITE" || die "there is no site called $SITE; there are stock and custom"
if [ -z "$PORT" ]; then case $SITE in custom) PORT=${PORTS#* } ;; *) PORT=${PORTS% *} ;; esac; fi
if [ "$PORT" = 0 ]; then
  PORT=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen=>1, LocalAddr=>"127.0.0.1")->sockport')
fi
DIR=${DIR:-$CACHE/$KIND-$PORT}
