# The customised site: other queue names, statuses, fields and values, priorities 1 to 10, the group in a field, no role.
# Two queues hold incidents; Gebäude keeps RT's default lifecycle and belongs to no practice.
use strict; use warnings; use utf8;
my @level = ( '1 Standort', '2 Abteilung', '3 Person' );
my @all = qw(incident request problem change);
+{
    queues => [
        { kind => 'other',    name => 'Gebäude',             text => 'Facilities, default lifecycle', lifecycle => 'default' },
        { kind => 'incident', name => 'Störungen',           text => 'Incidents of the main offices' },
        { kind => 'incident', name => 'Störungen / Filialen', text => 'Incidents of the branches' },
        { kind => 'request',  name => 'Anfragen',            text => 'Service requests' },
        { kind => 'problem',  name => 'Ursachen',            text => 'Problems' },
        { kind => 'change',   name => 'RFC',                 text => 'Changes' },
    ],
    teams => {
        desk => 'Anwenderservice', field => 'Vor-Ort-Technik', network => 'Netz & Telefonie',
        incident => 'Störungsleitung', problem => 'Ursachenanalyse', change => 'Änderungsbeirat',
    },
    umbrella => 'IT gesamt',
    fields => [
        [ cost_centre => 'Kostenstelle',      'FreeformSingle', ['request'] ],
        [ tags        => 'Stichworte',        'FreeformMultiple', [@all] ],
        [ impact      => 'Auswirkung',        'SelectSingle',   [@all], @level ],
        [ urgency     => 'Dringlichkeit',     'SelectSingle',   [qw(incident request problem)], 'sofort', 'heute', 'später' ],
        [ category    => 'Sachgebiet',        'SelectSingle',   [@all], 'Gerät', 'Programm', 'Netz', 'Zugang' ],
        [ service     => 'Betroffener Dienst', 'SelectMultiple', [@all], 'Post', 'SAP', 'Netz', 'Arbeitsplatz' ],
        [ asset       => 'Inventarnummer',    'FreeformSingle', [@all] ],
        [ team        => 'Zuständige Gruppe', 'SelectSingle',   [@all], 'Anwenderservice', 'Vor-Ort-Technik', 'Netz & Telefonie', 'Störungsleitung', 'Ursachenanalyse', 'Änderungsbeirat' ],
        [ close_code  => 'Lösungsart',        'SelectSingle',   [@all], 'gelöst', 'umgangen', 'doppelt', 'nicht nachstellbar' ],
        [ risk        => 'Risiko',            'SelectSingle',   ['change'], 'gering', 'mittel', 'hoch', 'sehr hoch' ],
        [ change_type => 'Art der Änderung',  'SelectSingle',   ['change'], 'Standard', 'Normal', 'Notfall' ],
        [ workaround  => 'Umgehung',          'TextSingle',     [qw(incident problem)] ],
        [ root_cause  => 'Ursache',           'WikitextSingle', ['problem'] ],
        [ backout     => 'Rückfallplan',      'TextSingle',     ['change'] ],
        [ start       => 'Beginn geplant',    'DateTimeSingle', ['change'] ],
        [ end         => 'Ende geplant',      'DateTimeSingle', ['change'] ],
    ],
    levels => [@level], urgencies => [ 'sofort', 'heute', 'später' ],
    risks => [ 'gering', 'mittel', 'hoch', 'sehr hoch' ], types => [ 'Standard', 'Normal', 'Notfall' ],
    categories => [ 'Gerät', 'Programm', 'Netz', 'Zugang' ], services => [ 'Post', 'SAP', 'Netz', 'Arbeitsplatz' ],
    priorities => [ 10, 7, 4, 1 ],
    catalog => 'Inventar', class => 'Wissen',
    timezone => { 'ned.net' => 'America/New_York' }, lang => { 'sam.desk' => 'de', 'ned.net' => 'de' },
    authorize => 'wartet auf freigabe', closed => [ 'geschlossen', 'verworfen' ],
    walks => {
        incident => [ [], [], ['angenommen'], [ 'angenommen', 'in arbeit' ], [ 'angenommen', 'in arbeit', 'wartet auf anwender' ], [ 'angenommen', 'in arbeit', 'wartet auf lieferant' ], [ 'angenommen', 'in arbeit', 'gelöst' ], [ 'angenommen', 'in arbeit', 'gelöst', 'geschlossen' ] ],
        request  => [ [], ['genehmigt'], [ 'genehmigt', 'in arbeit' ], [ 'genehmigt', 'in arbeit', 'erledigt' ] ],
        problem  => [ [], ['analyse'], [ 'analyse', 'bekannter fehler' ], [ 'analyse', 'behoben' ] ],
        change   => [ [], ['geplant'], [ 'geplant', 'verworfen' ] ],
        other    => [ [], ['open'], [ 'open', 'resolved' ] ],
    },
    show => { incident => [ 'angenommen', 'in arbeit' ], problem => [ 'analyse', 'bekannter fehler' ], change => [ 'geplant', 'wartet auf freigabe' ], request => ['genehmigt'] },
    rejected => [ 'request', 'abgelehnt' ],
    subjects => {
        incident => [ 'Notebook startet nicht', 'VPN bricht nach der Anmeldung ab', 'Drucker PR-2001 staut', 'Post kommt verspätet an', 'SAP meldet Fehler 500', 'Telefon ohne Freizeichen' ],
        request  => [ 'Notebook für neue Kollegin', 'Zugriff auf Finanzlaufwerk', 'Zweiter Bildschirm', 'Postfach für Projekt' ],
        problem  => [ 'Wiederholte VPN-Abbrüche', 'Druckerstaus im 2. Stock', 'SAP zum Monatsende langsam' ],
        change   => [ 'SAP-Server aktualisieren', 'Switch SW-4001 tauschen', 'VPN-Sitzungsdauer anheben' ],
        other    => [ 'Tür im Archiv klemmt', 'Licht im Gang flackert' ],
    },
};
