# Shared by up, down and reset: arguments, places, and the recorded state of one Redmine instance. Sourced, never run.
# An instance keeps all it has below its own directory; the packaged program finds it by a link in $APP/instances.
HERE=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
NAME=$(basename "$0")
APP=/usr/share/redmine
KIND=redmine PORTS='8142 8143' MANY=issues COUNT=${REDMINE_ISSUES:-24}
seeded() { [ -f "$HERE/seed/$1.rb" ]; }
. "$HERE/../args.sh"
ISSUES=$COUNT

alive() { [ -s "$DIR/puma.pid" ] && grep -aq puma "/proc/$(cat "$DIR/puma.pid")/cmdline" 2>/dev/null; }
# No credentials: a Redmine that stands answers 401 here.
answers() { [ "$(curl -s -o /dev/null -m 30 -w '%{http_code}' "http://127.0.0.1:$PORT/users/current.json" 2>/dev/null)" = 401 ]; }

report() {
  cat <<R
REDMINE_SITE=$SITE
REDMINE_URL=http://127.0.0.1:$PORT
REDMINE_PORT=$PORT
REDMINE_DIR=$DIR
REDMINE_PID=$(cat "$DIR/puma.pid")
R
  cat "$DIR/facts.env"
}

# instance DIRECTORY: the places and settings of one instance, linked under a name of its own.
instance() {
  local name
  mkdir -p "$1/config" "$1/log" "$1/files" "$1/tmp/cache" "$1/public/plugin_assets"; chmod 700 "$1"
  cat > "$1/config/database.yml" <<Y
production:
  adapter: sqlite3
  database: $1/redmine.sqlite3
  timeout: 15000
  encoding: utf8
Y
  [ -f "$1/config/secret_key.txt" ] || head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$1/config/secret_key.txt"
  name=deskside-$(printf %s "$1" | sha256sum | cut -c1-12)
  ln -sfT "$1" "$APP/instances/$name" || die "cannot write $APP/instances; starting Redmine needs root"
  echo "$name" > "$1/name"
}

# within DIRECTORY COMMAND...: run a command of the packaged program for one instance.
within() {
  local d=$1; shift
  # SCHEMA: the package's tree is not ours to write to. RUBYOPT: Redmine 5.0 warns a lot on Ruby 3.1.
  ( cd $APP && X_DEBIAN_SITEID='' REDMINE_INSTANCE=$(cat "$d/name") RAILS_ENV=production SCHEMA=/dev/null REDMINE_LANG=en RUBYOPT=-W0 \
      env -u X_DEBIAN_SITEID TMPDIR="$d/tmp" "$@" )
}

# The seeded data of this site, made once for this very seed, version and size, then only copied.
template_dir() {
  local mark
  mark=$( (cat "$HERE"/seed/seed.rb "$HERE/seed/$SITE.rb" "$HERE/lib.sh"; echo "$ISSUES"; dpkg-query -W -f '${Version}' redmine) | sha256sum | cut -c1-16)
  echo "$CACHE/redmine-template-$SITE-$ISSUES-$mark"
}

make_template() {
  local T=$1 started=$SECONDS empty
  empty=$CACHE/redmine-empty-$(dpkg-query -W -f '${Version}' redmine | tr -c 'A-Za-z0-9.\n' _).sqlite3
  for old in "$CACHE/redmine-template-$SITE-$ISSUES-"*; do
    [ -s "$old/name" ] && rm -f "$APP/instances/$(cat "$old/name")"
    rm -rf "$old"
  done
  instance "$T"
  if [ ! -s "$empty" ]; then
    say 'making an empty database'
    within "$T" bundle exec rake db:migrate > "$T/log/migrate.log" 2>&1 || { tail -20 "$T/log/migrate.log" >&2; die 'migrating failed'; }
    sqlite3 "$T/redmine.sqlite3" ".backup '$empty.new'"; mv "$empty.new" "$empty"
  fi
  cp "$empty" "$T/redmine.sqlite3"
  say "seeding a database for the $SITE site"
  DESKSIDE_SITE="$HERE/seed/$SITE.rb" DESKSIDE_FACTS="$T/facts.env.new" DESKSIDE_ISSUES=$ISSUES \
    within "$T" bundle exec rails runner "$HERE/seed/seed.rb" > "$T/log/seed.log" 2>&1 || { tail -20 "$T/log/seed.log" >&2; die "seeding failed; the log is $T/log/seed.log"; }
  sqlite3 "$T/redmine.sqlite3" 'PRAGMA wal_checkpoint(TRUNCATE)' > /dev/null
  mv "$T/facts.env.new" "$T/facts.env"
  rm -f "$APP/instances/$(cat "$T/name")"
  say "seeded in $((SECONDS - started)) s"
}

# template: print the template's directory, making it when it is not there; two callers wait for each other.
template() {
  local T; T=$(template_dir)
  mkdir -p "$CACHE"; chmod 700 "$CACHE"
  ( flock 9; [ -s "$T/facts.env" ] || make_template "$T" ) 9> "$CACHE/.redmine-template.lock"
  [ -s "$T/facts.env" ] || exit 1
  echo "$T"
}
