# Shared by up, down and reset: arguments, places, and the recorded state of one Request Tracker instance.
# Sourced, never run. Every instance keeps all it has below its own directory.
HERE=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
NAME=$(basename "$0")
RTLIB=/usr/share/request-tracker5
ROOT_PASSWORD=deskside-root
COST=${RT5_BCRYPT_COST:-5}
KIND=rt5 PORTS='8101 8102' MANY=tickets COUNT=${RT5_TICKETS:-24}
seeded() { [ -d "$HERE/seed/$1" ]; }
. "$HERE/../args.sh"
TICKETS=$COUNT

alive() { [ -s "$DIR/rt.pid" ] && grep -aq rt-server "/proc/$(cat "$DIR/rt.pid")/cmdline" 2>/dev/null; }
answers() { curl -fsS -m 20 -o /dev/null -u "root:$ROOT_PASSWORD" "http://127.0.0.1:$PORT/REST/2.0/rt" 2>/dev/null; }

report() {
  cat <<R
RT5_SITE=$SITE
RT5_URL=http://127.0.0.1:$PORT
RT5_REST=http://127.0.0.1:$PORT/REST/2.0
RT5_PORT=$PORT
RT5_DIR=$DIR
RT5_PID=$(cat "$DIR/rt.pid")
RT5_ROOT_USER=root
RT5_ROOT_PASSWORD=$ROOT_PASSWORD
R
  cat "$DIR/facts.env"
}

# config INSTANCE_DIR PORT: write the instance's own configuration; nothing below /etc is read.
config() {
  mkdir -p "$1"/etc/site.d "$1"/var/mason_data "$1"/var/session_data "$1"/var/log "$1"/var/tmp
  chmod 700 "$1"
  cp "$HERE/seed/$SITE/config.pm" "$1/etc/site.d/50-site.pm"
  cat > "$1/etc/RT_SiteConfig.pm" <<P
Set(\$rtname, 'deskside');
Set(\$Organization, 'deskside.test');
Set(\$CorrespondAddress, 'rt@deskside.test');
Set(\$CommentAddress, 'rt-comment@deskside.test');
Set(\$OwnerEmail, 'root@deskside.test');
Set(\$WebDomain, '127.0.0.1');
Set(\$WebPort, $2);
Set(\$WebPath, '');
Set(\$Timezone, 'UTC');
Set(\$DatabaseType, 'SQLite');
Set(\$DatabaseName, '$1/rt.sqlite');
\$RT::VarPath = '$1/var';
\$RT::MasonDataDir = '$1/var/mason_data';
\$RT::MasonSessionDir = '$1/var/session_data';
# Outgoing mail is appended to var/<time>.mbox; nothing leaves the machine.
Set(\$MailCommand, 'mbox');
Set(\$LogToSyslog, undef);
Set(\$LogToSTDERR, 'warning');
Set(\$LogToFile, 'warning');
Set(\$LogDir, '$1/var/log');
Set(\$LogToFileNamed, 'rt.log');
# RT's own cost of 12 takes 0.3 s of processor time for each request with a token.
Set(\$BcryptCost, $COST);
Set(\$HTMLFormatter, 'core');
# Test data only: SQLite need not wait for the disk.
{
    require DBD::SQLite; no warnings 'redefine';
    my \$connect = \\&DBD::SQLite::dr::connect;
    *DBD::SQLite::dr::connect = sub { my \$dbh = \$connect->(@_) or return; \$dbh->do('PRAGMA synchronous=OFF'); \$dbh }
        unless \$main::rt5_nosync++;
}
1;
P
}

# The seeded database of this site, made once for this very seed, version and size, then only copied.
template_dir() {
  local mark
  mark=$( (cat "$HERE"/seed/* "$HERE/seed/$SITE"/* "$HERE/lib.sh" 2>/dev/null; echo "$TICKETS $COST"; dpkg-query -W -f '${Version}' request-tracker5) | sha256sum | cut -c1-16)
  echo "$CACHE/rt5-template-$SITE-$TICKETS-$mark"
}

make_template() {
  local T=$1 started=$SECONDS
  say "seeding a database for the $SITE site"
  rm -rf "$CACHE/rt5-template-$SITE-$TICKETS-"*; config "$T" 8101
  printf '%s\n' "$ROOT_PASSWORD" > "$T/etc/root.pw"
  (
    export RT_SITE_CONFIG="$T/etc/RT_SiteConfig.pm" RT_SITE_CONFIG_DIR="$T/etc/site.d" TMPDIR="$T/var/tmp"
    export DESKSIDE_SITE="$HERE/seed/$SITE/site.pl" DESKSIDE_FACTS="$T/facts.env.new"
    rt-setup-database-5 --action init --skip-create --root-password-file "$T/etc/root.pw" &&
      rt-setup-database-5 --action insert --skip-create --datafile "$HERE/seed/initialdata" &&
      perl "$HERE/seed/tickets.pl" "$TICKETS"
  ) > "$T/var/log/setup.log" 2>&1 || { tail -20 "$T/var/log/setup.log" >&2; die "seeding failed; the log is $T/var/log/setup.log"; }
  if grep -E '^\[.*\[(error|critical)\]' "$T/var/log/setup.log" >&2; then die "the seed met errors; the log is $T/var/log/setup.log"; fi
  mv "$T/facts.env.new" "$T/facts.env"
  say "seeded in $((SECONDS - started)) s"
}

# template: print the template's directory, making it when it is not there; two callers wait for each other.
template() {
  local T; T=$(template_dir)
  mkdir -p "$CACHE"; chmod 700 "$CACHE"
  ( flock 9; [ -s "$T/facts.env" ] || make_template "$T" ) 9> "$CACHE/.rt5-template-$SITE.lock"
  [ -s "$T/facts.env" ] || exit 1
  echo "$T"
}
