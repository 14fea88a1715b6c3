#!/usr/bin/perl
# tickets.pl N: the tickets of a test site, through RT's own Perl interface, acting as the seeded people with RT's
# scrips running (so deadlines and approvals are RT's own) and mail off. First the named ones, one for each thing a
# client must survive (their numbers go into the facts file as RT5_TICKET_...), then N ordinary ones, aged over 60 days;
# of many, the first 60 are made so and the rest are copies of them.
use strict; use warnings; use utf8;
use lib '/usr/local/share/request-tracker5/lib', '/usr/share/request-tracker5/lib';
use Time::HiRes 'time';
use MIME::Base64 'decode_base64';
use FindBin '$Bin';
require "$Bin/copies.pl";
require RT; RT->LoadConfig(); RT->Init();
require RT::Action::SendEmail; require RT::Action::Notify; require RT::Action::NotifyOwnerOrAdminCc;
{ no warnings 'redefine', 'once'; *RT::Action::SendEmail::Prepare = sub { 0 }; *RT::Action::Notify::Prepare = sub { 0 }; }

my $N = shift // 24;
my $S = do $ENV{DESKSIDE_SITE} or die "site file $ENV{DESKSIDE_SITE}: " . ( $@ || $! );
my $su = RT->SystemUser;
my $random = 42;    # the same tickets in every run
sub rnd { $random = ( $random * 1103515245 + 12345 ) & 0x7fffffff; return int( $random / 65536 ) % $_[0] }
sub pick { $_[ rnd( scalar @_ ) ] }
my %who; sub who { my $n = shift; $who{$n} ||= do { my $u = RT::CurrentUser->new; $u->Load($n) or die "no user $n"; $u } }
sub as { my ( $user, $id ) = @_; my $t = RT::Ticket->new( ref $user ? $user : who($user) ); $t->Load($id); return $t }
sub ok { my ( $ok, $msg ) = @_[ 0, 1 ]; die( ( $msg // 'refused' ) . ' at line ' . ( caller )[2] . "\n" ) unless $ok; return $ok }
sub mime { my ( $text, @files ) = @_;
    my $m = MIME::Entity->build( Type => 'text/plain', Charset => 'UTF-8', Data => [ Encode::encode( 'UTF-8', $text ) ] );
    if (@files) { $m->make_multipart; $m->attach( Type => $_->[1], Filename => Encode::encode( 'MIME-Header', $_->[0] ), Data => $_->[2], Encoding => 'base64', Disposition => 'attachment' ) for @files }
    return $m }

my ( %queue, %cf );
for my $q ( @{ $S->{queues} } ) {
    push @{ $queue{ $q->{kind} } }, $q;
    my $obj = RT::Queue->new($su); $obj->Load( $q->{name} ); die "no queue $q->{name}" unless $obj->Id;
    my $fields = $obj->TicketCustomFields;
    while ( my $f = $fields->Next ) { my ($key) = map { $_->[0] } grep { $_->[1] eq $f->Name } @{ $S->{fields} }; $cf{ $q->{name} }{$key} = $f->Id if $key }
}
my %group; for my $k ( keys %{ $S->{teams} } ) { my $g = RT::Group->new($su); $g->LoadUserDefinedGroup( $S->{teams}{$k} ); $group{$k} = $g->Id }
my $role = $S->{group_role} && do { my $r = RT::CustomRole->new($su); $r->Load( $S->{group_role} ); $r->GroupType };
my %member = ( desk => [qw(sam.desk ines.incident)], field => ['fay.field'], network => ['ned.net'], problem => ['paul.problem'], change => ['cora.change'] );
my @level = @{ $S->{levels} }; my @urgency = @{ $S->{urgencies} || $S->{levels} };

# make KIND, {queue, subject, text, files, team, owner, walk, impact, urgency, fields, requestor}: a new ticket's number
sub make {
    my ( $kind, %o ) = @_;
    my $q = $o{queue} || $queue{$kind}[0];
    my $team = $o{team} || ( $kind eq 'problem' ? 'problem' : $kind eq 'change' ? 'change' : pick(qw(desk desk field network)) );
    my ( $i, $u ) = ( $o{impact} // rnd(3), $o{urgency} // rnd(3) );
    my $p = $i + $u; $p = 3 if $p > 3;
    my %value = ( impact => $level[$i], urgency => $urgency[$u], category => pick( @{ $S->{categories} } ), service => pick( @{ $S->{services} } ), team => $S->{teams}{$team},
        asset => pick( 'LT-1001', 'PR-2001', 'SV-3001', undef ), risk => pick( @{ $S->{risks} } ), change_type => pick( @{ $S->{types} } ),
        start => '2027-01-15 20:00:00', end => '2027-01-15 22:00:00', tags => [ pick(qw(hq branch remote)), pick(qw(vip audit none)) ], cost_centre => 4000 + rnd(90), %{ $o{fields} || {} } );
    my %args = map { ( "CustomField-$cf{$q->{name}}{$_}" => $value{$_} ) } grep { defined $value{$_} && $cf{ $q->{name} }{$_} } keys %value;
    my $t = RT::Ticket->new( who('sam.desk') );
    my ( $id, undef, $msg ) = $t->Create( Queue => $q->{name}, Subject => $o{subject}, Owner => 'Nobody', Requestor => $o{requestor} || 'rita.caller@deskside.test',
        Priority => $S->{priorities}[$p], ( $q->{code} ? ( SLA => sprintf $q->{code}, $p + 1 ) : () ), ( $role && $kind ne 'other' ? ( $role => [ $group{$team} ] ) : () ), %args,
        MIMEObj => mime( $o{text} // "Reported by phone.\n\n$o{subject}\nSince this morning; affects " . ( 1 + rnd(40) ) . " people.\n", @{ $o{files} || [] } ) );
    die "$o{subject}: $msg" unless $id;
    my @walk = @{ $o{walk} || [] };
    my $owner = $o{owner} // ( @walk && $kind ne 'other' ? pick( @{ $member{$team} } ) : 'Nobody' );
    ok( as( $su, $id )->SetOwner( $owner, 'Force' ) ) if $owner ne 'Nobody';
    my %closed = map { $_ => 1 } @{ $S->{closed} };
    for my $s (@walk) { ok( as( $closed{$s} ? $su : $owner eq 'Nobody' ? 'sam.desk' : $owner, $id )->SetStatus($s) ) }
    return $id;
}
sub note  { my ( $user, $id, $text, @files ) = @_; ok( as( $user, $id )->Comment( MIMEObj => mime( $text, @files ) ) ) }
sub reply { my ( $user, $id, $text, @files ) = @_; ok( as( $user, $id )->Correspond( MIMEObj => mime( $text, @files ) ) ) }
sub refers { my ( $id, $to ) = @_; ok( as( $su, $id )->AddLink( Type => 'RefersTo', Target => $to ) ) }

my %named;
my $png = decode_base64('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==');
$RT::Handle->BeginTransaction;
my %show = %{ $S->{show} };

$named{CHANGE} = make( 'change', subject => 'Replace the VPN concentrator', team => 'change', owner => 'cora.change', walk => $show{change}, fields => { backout => "1. Stop.\n2. Put the old unit back." } );
$named{PROBLEM} = make( 'problem', subject => 'VPN sessions end after eight hours', owner => 'paul.problem', walk => $show{problem}, fields => { workaround => 'Reconnect once a day.', root_cause => 'Session lifetime is 28800 s.' } );
$named{REQUEST} = make( 'request', subject => 'Laptop for a new colleague', team => 'field', owner => 'fay.field', walk => $show{request} );

# A long history, links of each sort, attachments with awkward names.
my $h = $named{HISTORY} = make( 'incident', subject => 'VPN drops every afternoon', team => 'network', owner => 'ned.net', walk => $show{incident}, impact => 1, urgency => 0 );
for my $i ( 1 .. 12 ) {
    note( 'ned.net', $h, "Work note $i: looked at the concentrator's log, session table row " . ( 40 + $i ) . ".\n" );
    reply( 'ned.net', $h, "Dear caller, step $i is done; please try again.\n" ) if $i % 4 == 0;
    reply( 'rita.caller', $h, "Still the same after try $i. Ünverändert 😟\n" ) if $i % 4 == 1;
}
ok( as( 'sam.desk', $h )->SetPriority( $S->{priorities}[0] ) );
ok( as( 'sam.desk', $h )->SetSubject('VPN drops every afternoon at four') );
note( 'ned.net', $h, "Traces attached.\n", [ 'trace.png', 'image/png', $png ], [ 'Prüfprotokoll ✓.txt', 'text/plain', Encode::encode( 'UTF-8', "Zeile 1\nZeile 2 – fertig ✓\n" ) ],
    [ 'core.bin', 'application/octet-stream', join '', map { chr( ( $_ * 7 + int( $_ / 256 ) ) % 256 ) } 0 .. 299_999 ] );
refers( $h, $named{PROBLEM} ); refers( $h, 'asset:5' ); refers( $h, 'a:2' ); refers( $h, 'https://status.example.test/vpn?x=1&y=2' );
ok( as( $su, $named{PROBLEM} )->AddLink( Type => 'DependsOn', Target => $named{CHANGE} ) );
my $child = make( 'incident', subject => 'VPN drops, branch office', team => 'network', owner => 'ned.net' );
ok( as( $su, $child )->AddLink( Type => 'MemberOf', Target => $h ) );

# Text that tries to drive the terminal or to deceive the eye.
my $hostile = "\e[31mred\e[0m \e]0;owned\a\e[2J \x{9b}5A bell\a tab\there \x{202e}gpj.exe\x{202c} \x{200b}zero\x{feff} e\x{301} 👩‍👩‍👧‍👦 \x{1f1e9}\x{1f1ea} 漢字 עברית";
$named{HOSTILE} = make( 'incident', subject => "Hostile \e[31mred\e[0m \e]0;owned\a \x{202e}gpj.exe 👩‍👩‍👧 漢字", text => "$hostile\r\nsecond line\x{0b}\x{0c}\x{85}\x{2028}end\n<script>alert(1)</script> %s %n \${HOME}\n", requestor => 'omar.caller@deskside.test', fields => { asset => "LT\e[7m-1001", tags => [ "\x{202e}gat", "tag\e[1m" ] } );
note( 'sam.desk', $named{HOSTILE}, "$hostile\n" . ( "\x{300}" x 200 ) . "\n" . ( 'W' x 5000 ) . "\n", [ "..\\..\\evil\e[31m.txt", 'text/plain', "\e[2Jboo\n" ] );
$named{LARGE} = make( 'incident', subject => 'A work note of one megabyte', team => 'desk', owner => 'sam.desk', walk => [ $show{incident}[0] ] );
note( 'sam.desk', $named{LARGE}, join '', map { sprintf "%06d the quick brown fox jumps over the lazy dog 0123456789\n", $_ } 1 .. 18_200 );
$named{EMPTY} = make( 'incident', subject => '', text => '' );
$named{UNKNOWN_CALLER} = make( 'request', subject => 'Who may have a second monitor?', requestor => 'Someone.New@elsewhere.example' );

my $gone = make( 'incident', subject => 'Printer jams (reported twice)' );
$named{SURVIVOR} = make( 'incident', subject => 'Printer PR-2001 jams' );
ok( as( $su, $gone )->MergeInto( $named{SURVIVOR} ) ); $named{MERGED} = $gone;
$named{DELETED} = make( 'incident', subject => 'Entered by mistake' ); ok( as( $su, $named{DELETED} )->SetStatus('deleted') );
$named{REJECTED} = make( $S->{rejected}[0], subject => 'Gold-plated keyboard' ); ok( as( $su, $named{REJECTED} )->SetStatus( $S->{rejected}[1] ) );
$named{OVERDUE} = make( 'incident', subject => 'ERP is down for everybody', impact => 0, urgency => 0, team => 'desk', owner => 'ines.incident', walk => $show{incident} );
my $first = RT::Date->new($su); $first->SetToNow; $first->AddSeconds( -5 * 86400 );
ok( as( $su, $named{OVERDUE} )->SetDue( $first->ISO ) );

my @made;
my @kinds = ( ('incident') x 11, ('request') x 5, ('problem') x 2, ('change') x 2, ( $queue{other} ? 'other' : () ) );
my %last;
for my $i ( 1 .. ( $N < 60 ? $N : 60 ) ) {
    my $kind = pick(@kinds); my $q = pick( @{ $queue{$kind} } );
    my @walk = @{ pick( @{ $S->{walks}{$kind} } ) };
    my $id = make( $kind, queue => $q, subject => pick( @{ $S->{subjects}{$kind} } ) . " (#$i)", walk => \@walk );
    my $owner = as( $su, $id )->OwnerObj->Name; my $by = $owner eq 'Nobody' ? 'sam.desk' : $owner;
    note( $by, $id, "Work note $i: checked the logs.\n" ) if rnd(2);
    reply( 'rita.caller', $id, "Any news? ($i)\n" ) if !rnd(3) && $kind eq 'incident' && !grep { /resol|clos|gel|gesch/ } @walk;
    refers( $id, $last{problem} ) if $kind eq 'incident' && $last{problem} && !rnd(4);
    $last{$kind} = $id; push @made, $id;
}
$RT::Handle->Commit;
@made = copies( $RT::Handle->dbh, $N, @made ) if $N > @made;

# Age the ordinary tickets: every date of one moves by the same amount, the newest is last.
my $dbh = $RT::Handle->dbh; $dbh->begin_work;
my $shift = sub { my ($c) = @_; "$c = CASE WHEN $c IS NULL OR $c <= '1970-01-01 00:00:00' THEN $c ELSE datetime($c, ?1) END" };
my $ticket = $dbh->prepare( 'UPDATE Tickets SET ' . join( ',', map { $shift->($_) } qw(Created LastUpdated Starts Started Due Told Resolved) ) . ' WHERE id=?2' );
my $entry = $dbh->prepare(q{UPDATE Transactions SET Created=datetime(Created, ?1) WHERE ObjectType='RT::Ticket' AND ObjectId=?2});
my $k = 0;
for my $id (@made) { my $by = sprintf '-%d seconds', 60 * 86400 * ( 1 - ++$k / ( @made + 1 ) ); $_->execute( $by, $id ) for $ticket, $entry }
# The one with a long history began before all that happened to it.
$dbh->do( q{UPDATE Tickets SET Created=datetime(Created, '-2 days'), Started=datetime(Started, '-1 day') WHERE id=?}, undef, $h );
$dbh->do( q{UPDATE Transactions SET Created=datetime(Created, '-2 days') WHERE ObjectType='RT::Ticket' AND ObjectId=? AND Type='Create'}, undef, $h );
$dbh->commit;

open my $fh, '>>', $ENV{DESKSIDE_FACTS} or die "$ENV{DESKSIDE_FACTS}: $!";
print $fh "RT5_TICKET_$_=$named{$_}\n" for sort keys %named;
close $fh;
