# What the stock site of the test server is called and holds; config.pm beside it has its lifecycles and clocks.
use strict; use warnings; use utf8;
my @level = ( 'High', 'Medium', 'Low' );
my @all = qw(incident request problem change);
+{
    queues => [
        { kind => 'incident', name => 'Incidents', text => 'Unplanned interruptions', sla => 1, code => 'P%d' },
        { kind => 'request',  name => 'Requests',  text => 'Service requests',        sla => 1 },
        { kind => 'problem',  name => 'Problems',  text => 'Causes of incidents' },
        { kind => 'change',   name => 'Changes',   text => 'Changes to services' },
    ],
    teams => {
        desk => 'Service Desk', field => 'Field Engineering', network => 'Network',
        incident => 'Incident Managers', problem => 'Problem Managers', change => 'Change Managers',
    },
    umbrella => 'All Agents',
    # key: [name, RT type, kinds, values...]
    fields => [
        [ impact      => 'Impact',        'SelectSingle',     [@all], @level ],
        [ urgency     => 'Urgency',       'SelectSingle',     [qw(incident request problem)], @level ],
        [ category    => 'Category',      'SelectSingle',     [@all], qw(Hardware Software Network Access Facilities) ],
        [ service     => 'Service',       'SelectSingle',     [@all], 'E-mail', 'ERP', 'Network', 'Workplace', 'Telephony' ],
        [ asset       => 'Asset',         'FreeformSingle',   [qw(incident request problem)] ],
        [ team        => 'Team',          'SelectSingle',     [@all], 'Service Desk', 'Field Engineering', 'Network', 'Incident Managers', 'Problem Managers', 'Change Managers' ],
        [ close_code  => 'Close Code',    'SelectSingle',     [@all], 'Solved', 'Workaround', 'Duplicate', 'Not reproducible', 'Successful', 'Failed' ],
        [ risk        => 'Risk',          'SelectSingle',     ['change'], qw(Low Medium High) ],
        [ change_type => 'Change Type',   'SelectSingle',     ['change'], qw(Standard Normal Emergency) ],
        [ workaround  => 'Workaround',    'TextSingle',       [qw(incident problem)] ],
        [ root_cause  => 'Root Cause',    'TextSingle',       ['problem'] ],
        [ backout     => 'Backout Plan',  'TextSingle',       ['change'] ],
        [ start       => 'Planned Start', 'DateTimeSingle',   ['change'] ],
        [ end         => 'Planned End',   'DateTimeSingle',   ['change'] ],
        [ tags        => 'Tags',          'FreeformMultiple', [@all] ],
    ],
    levels => [@level],
    risks => [qw(Low Medium High)], types => [qw(Standard Normal Emergency)],
    categories => [qw(Hardware Software Network Access)], services => [ 'E-mail', 'ERP', 'Network', 'Workplace' ],
    priorities => [ 100, 75, 50, 25 ],      # most urgent first
    group_role => 'Assignment Group',       # a custom role that holds a group
    approver_role => 'Approver',
    catalog => 'Configuration Items', class => 'Knowledge',
    authorize => 'authorize', closed => [ 'closed' ],
    walks => {                              # the ways a ticket of each kind may have gone
        incident => [ [], [], ['assigned'], [ 'assigned', 'in progress' ], [ 'assigned', 'in progress' ], [ 'assigned', 'in progress', 'pending' ], [ 'assigned', 'in progress', 'resolved' ], [ 'assigned', 'in progress', 'resolved', 'closed' ] ],
        request  => [ [], ['assigned'], [ 'assigned', 'in progress' ], [ 'assigned', 'pending' ], [ 'assigned', 'resolved' ], [ 'assigned', 'resolved', 'closed' ] ],
        problem  => [ [], ['investigating'], [ 'investigating', 'known error' ], [ 'investigating', 'resolved' ] ],
        change   => [ [], ['assess'], [ 'assess', 'cancelled' ] ],
    },
    show => { incident => [ 'assigned', 'in progress' ], problem => [ 'investigating', 'known error' ], change => [ 'assess', 'authorize' ], request => ['assigned'] },
    rejected => [ 'request', 'rejected' ],
    subjects => {
        incident => [ 'Laptop does not boot', 'VPN drops after login', 'Printer PR-2001 jams', 'E-mail delivery is slow', 'Badge reader offline', 'ERP returns error 500', 'Wi-Fi weak in meeting room 3', 'Phone has no dial tone' ],
        request  => [ 'New laptop for starter', 'Access to finance share', 'Install drawing package', 'Second monitor', 'Mailbox for project', 'Move desk phone' ],
        problem  => [ 'Repeated VPN drops', 'Printers jam on floor 2', 'Slow ERP month end', 'Switch reboots at night' ],
        change   => [ 'Patch ERP servers', 'Replace switch SW-4001', 'Raise VPN session lifetime', 'Upgrade mail gateway' ],
    },
};
