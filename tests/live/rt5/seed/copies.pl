# copies($dbh, $wanted, @made): exact copies of the tickets @made (numbers in an unbroken row) until $wanted stand, by SQL
# with shifted numbers: ticket, role groups, history, attachments, field values, links. Thousands take a second, where RT's
# own interface takes a fifth of a second for each. Answers the numbers of all of them.
use strict; use warnings;
use POSIX 'ceil';

sub copies {
    my ( $dbh, $wanted, @made ) = @_;
    my $B = @made; my ( $lo, $hi ) = @made[ 0, -1 ];
    die "the numbers are not in an unbroken row\n" unless $hi - $lo + 1 == $B;
    my $t = "BETWEEN $lo AND $hi";
    my $tx = "ObjectType='RT::Ticket' AND ObjectId $t";
    my $role = "Domain='RT::Ticket-Role' AND Instance $t";
    my %rows = (
        Tickets => "id $t", Groups => $role, Principals => "id IN (SELECT id FROM Groups WHERE $role)",
        GroupMembers => "GroupId IN (SELECT id FROM Groups WHERE $role)", CachedGroupMembers => "GroupId IN (SELECT id FROM Groups WHERE $role)",
        Transactions => $tx, Attachments => "TransactionId IN (SELECT id FROM Transactions WHERE $tx)",
        ObjectCustomFieldValues => $tx, Links => "LocalBase $t",
    );
    # by how much the numbers of each table move from one copy to the next
    my $span = sub { my ( $table, $where ) = @_;
        my ($min) = $dbh->selectrow_array("SELECT min(id) FROM $table WHERE $where"); my ($max) = $dbh->selectrow_array("SELECT max(id) FROM $table");
        return ( $max // 0 ) - ( $min // 1 ) + 1 };
    my %step = map { $_ => $span->( $_, $rows{$_} ) } keys %rows;
    my ($first) = $dbh->selectrow_array("SELECT min(id) FROM Groups WHERE $role");
    my $p = $span->( 'Principals', "id=$first" ); my ($last_group) = $dbh->selectrow_array('SELECT max(id) FROM Groups');
    my $g = $last_group - $first + 1;
    $step{Groups} = $step{Principals} = $p > $g ? $p : $g;    # a group and its principal share their number
    my $copies = ceil( $wanted / $B ) - 1;
    my $uri = "'fsck.com-rt://" . RT->Config->Get('Organization') . "/ticket/'";

    $dbh->begin_work;
    # work on frozen copies of the base rows, so that no condition sees a row made below
    $dbh->do("CREATE TEMP TABLE b_$_ AS SELECT * FROM $_ WHERE $rows{$_}") for sort keys %rows;
    for my $k ( 1 .. $copies ) {
        my %o = map { $_ => $k * ( $_ eq 'Tickets' ? $B : $step{$_} ) } keys %rows;
        my $last = $k == $copies ? $lo + ( $wanted - 1 ) % $B : $hi;
        my ( $T, $P, $X, $V ) = @o{qw(Tickets Groups Transactions ObjectCustomFieldValues)};
        my $of_field = "CASE WHEN ReferenceType='RT::ObjectCustomFieldValue' THEN %s+$V ELSE %s END";
        my $of_group = "CASE WHEN %s=GroupId THEN %s+$P ELSE %s END";
        my %map = (
            Tickets => { id => "id+$T", EffectiveId => "EffectiveId+$T", Subject => "replace(Subject,'(#'||(id-$lo+1)||')','(#'||(id-$lo+1+$T)||')')" },
            Principals => { id => "id+$P" }, Groups => { id => "id+$P", Instance => "Instance+$T" },
            GroupMembers => { id => "id+$o{GroupMembers}", GroupId => "GroupId+$P" },
            CachedGroupMembers => { id => "id+$o{CachedGroupMembers}", GroupId => "GroupId+$P", Via => "Via+$o{CachedGroupMembers}",
                map { my $c = $_; ( $c => sprintf $of_group, $c, $c, $c ) } qw(MemberId ImmediateParentId) },
            Transactions => { id => "id+$X", ObjectId => "ObjectId+$T", NewValue => "CASE WHEN Type='AddLink' THEN $uri||(replace(NewValue,$uri,'')+$T) ELSE NewValue END",
                map { my $c = $_; ( $c => sprintf $of_field, $c, $c ) } qw(OldReference NewReference) },
            Attachments => { id => "id+$o{Attachments}", TransactionId => "TransactionId+$X", Parent => "CASE WHEN Parent>0 THEN Parent+$o{Attachments} ELSE Parent END" },
            ObjectCustomFieldValues => { id => "id+$V", ObjectId => "ObjectId+$T" },
            Links => { id => "id+$o{Links}", LocalBase => "LocalBase+$T", LocalTarget => "LocalTarget+$T", Base => "$uri||(LocalBase+$T)", Target => "$uri||(LocalTarget+$T)" },
        );
        my $roles = "SELECT id FROM b_Groups WHERE Instance<=$last";
        my %only = (
            Tickets => "id<=$last", Groups => "Instance<=$last", Principals => "id IN ($roles)", GroupMembers => "GroupId IN ($roles)", CachedGroupMembers => "GroupId IN ($roles)",
            Transactions => "ObjectId<=$last AND NOT (Type='AddLink' AND CAST(replace(NewValue,$uri,'') AS INTEGER) NOT BETWEEN $lo AND $last)",
            Attachments => "TransactionId IN (SELECT id FROM b_Transactions WHERE ObjectId<=$last)", ObjectCustomFieldValues => "ObjectId<=$last",
            Links => "LocalBase<=$last AND LocalTarget BETWEEN $lo AND $last",
        );
        for my $table ( sort keys %rows ) {
            my @columns = map { $_->[1] } @{ $dbh->selectall_arrayref("PRAGMA table_info($table)") };
            my $values = join ',', map { $map{$table}{$_} // $_ } @columns;
            $dbh->do( "INSERT INTO $table (" . join( ',', @columns ) . ") SELECT $values FROM b_$table WHERE $only{$table}" );
        }
        push @made, grep { $_ <= $last + $T } map { $lo + $T + $_ } 0 .. $B - 1;
    }
    $dbh->commit;
    $dbh->do("DROP TABLE b_$_") for sort keys %rows;
    return @made;
}
1;
