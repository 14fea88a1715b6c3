# Lifecycles, priority names and clocks of the customised site. Statuses differ in name, number and order from the
# stock site; not every transition has an action, so REST does not offer it although RT would allow it.
use utf8;
my %lifecycles = (
    stoerung => {
        initial  => ['neu'],
        active   => [ 'angenommen', 'in arbeit', 'wartet auf anwender', 'wartet auf lieferant' ],
        inactive => [ 'gelöst', 'geschlossen', 'verworfen', 'deleted' ],
        defaults => { on_create => 'neu', on_merge => 'verworfen', reminder_on_open => 'angenommen', reminder_on_resolve => 'gelöst' },
        transitions => {
            ''                     => [ 'neu', 'angenommen' ],
            'neu'                  => [ 'angenommen', 'verworfen', 'deleted' ],
            'angenommen'           => [ 'neu', 'in arbeit', 'verworfen', 'deleted' ],
            'in arbeit'            => [ 'angenommen', 'wartet auf anwender', 'wartet auf lieferant', 'gelöst', 'deleted' ],
            'wartet auf anwender'  => [ 'in arbeit', 'gelöst' ],
            'wartet auf lieferant' => ['in arbeit'],
            'gelöst'               => [ 'in arbeit', 'geschlossen' ],
            'geschlossen'          => [],
            'verworfen'            => ['neu'],
            'deleted'              => ['neu'],
        },
        rights  => { '* -> deleted' => 'DeleteTicket', 'gelöst -> geschlossen' => 'CloseTicket', '* -> *' => 'ModifyTicket' },
        actions => [
            'neu -> angenommen'                 => { label => 'Annehmen' },
            'angenommen -> in arbeit'           => { label => 'Beginnen' },
            'in arbeit -> wartet auf anwender'  => { label => 'Rückfrage', update => 'Respond' },
            'in arbeit -> wartet auf lieferant' => { label => 'An Lieferant', update => 'Comment' },
            'wartet auf anwender -> in arbeit'  => { label => 'Weiter' },
            'wartet auf lieferant -> in arbeit' => { label => 'Weiter' },
            'in arbeit -> gelöst'               => { label => 'Lösen', update => 'Respond' },
            'gelöst -> in arbeit'               => { label => 'Wieder öffnen', update => 'Comment' },
            'gelöst -> geschlossen'             => { label => 'Schließen' },
        ],
    },
    anfrage => {
        initial  => ['neu'],
        active   => [ 'genehmigt', 'in arbeit' ],
        inactive => [ 'erledigt', 'abgelehnt', 'deleted' ],
        defaults => { on_create => 'neu', on_merge => 'abgelehnt', approved => 'genehmigt', denied => 'abgelehnt' },
        transitions => {
            ''          => ['neu'],
            'neu'       => [ 'genehmigt', 'abgelehnt', 'deleted' ],
            'genehmigt' => [ 'in arbeit', 'abgelehnt', 'deleted' ],
            'in arbeit' => [ 'genehmigt', 'erledigt', 'deleted' ],
            'erledigt'  => ['in arbeit'],
            'abgelehnt' => ['neu'],
            'deleted'   => ['neu'],
        },
        rights  => { '* -> deleted' => 'DeleteTicket', '* -> *' => 'ModifyTicket' },
        actions => [ '* -> genehmigt' => { label => 'Genehmigen' }, '* -> in arbeit' => { label => 'Beginnen' }, '* -> erledigt' => { label => 'Erledigen', update => 'Respond' }, '* -> abgelehnt' => { label => 'Ablehnen', update => 'Respond' } ],
    },
    ursache => {
        initial  => ['gemeldet'],
        active   => [ 'analyse', 'bekannter fehler' ],
        inactive => [ 'behoben', 'akzeptiert', 'deleted' ],
        defaults => { on_create => 'gemeldet', on_merge => 'akzeptiert' },
        transitions => {
            ''                 => ['gemeldet'],
            'gemeldet'         => [ 'analyse', 'akzeptiert', 'deleted' ],
            'analyse'          => [ 'bekannter fehler', 'behoben', 'akzeptiert', 'deleted' ],
            'bekannter fehler' => [ 'analyse', 'behoben', 'akzeptiert' ],
            'behoben'          => ['analyse'],
            'akzeptiert'       => [],
            'deleted'          => ['gemeldet'],
        },
        rights  => { '* -> deleted' => 'DeleteTicket', '* -> *' => 'ModifyTicket' },
        actions => [ '* -> analyse' => { label => 'Analysieren' }, 'analyse -> bekannter fehler' => { label => 'Bekannter Fehler', update => 'Comment' }, '* -> behoben' => { label => 'Beheben', update => 'Comment' }, '* -> akzeptiert' => { label => 'Risiko tragen' } ],
    },
    rfc => {
        initial  => ['entwurf'],
        active   => [ 'geplant', 'wartet auf freigabe', 'freigegeben', 'in umsetzung' ],
        inactive => [ 'umgesetzt', 'zurückgerollt', 'verworfen', 'deleted' ],
        defaults => { on_create => 'entwurf', on_merge => 'verworfen', approved => 'freigegeben', denied => 'entwurf' },
        transitions => {
            ''                    => ['entwurf'],
            'entwurf'             => [ 'geplant', 'verworfen', 'deleted' ],
            'geplant'             => [ 'entwurf', 'wartet auf freigabe', 'verworfen' ],
            'wartet auf freigabe' => [ 'freigegeben', 'entwurf', 'verworfen' ],
            'freigegeben'         => [ 'in umsetzung', 'verworfen' ],
            'in umsetzung'        => [ 'umgesetzt', 'zurückgerollt' ],
            'umgesetzt'           => [],
            'zurückgerollt'       => ['entwurf'],
            'verworfen'           => ['entwurf'],
            'deleted'             => ['entwurf'],
        },
        rights  => { '* -> deleted' => 'DeleteTicket', 'wartet auf freigabe -> freigegeben' => 'ApproveChange', '* -> *' => 'ModifyTicket' },
        actions => [ '* -> geplant' => { label => 'Planen' }, '* -> wartet auf freigabe' => { label => 'Freigabe anfordern' }, '* -> freigegeben' => { label => 'Freigeben' }, '* -> in umsetzung' => { label => 'Umsetzen' }, '* -> umgesetzt' => { label => 'Abschließen' }, '* -> zurückgerollt' => { label => 'Zurückrollen' } ],
    },
    # Moves between queues: only incident to problem is mapped; any other move is refused by RT.
    __maps__ => {
        'stoerung -> ursache' => { neu => 'gemeldet', angenommen => 'analyse', 'in arbeit' => 'analyse', 'wartet auf anwender' => 'analyse', 'wartet auf lieferant' => 'analyse', 'gelöst' => 'behoben', geschlossen => 'behoben', verworfen => 'akzeptiert', deleted => 'deleted' },
    },
);
Set(%Lifecycles, %lifecycles);

Set($Timezone, 'Europe/Berlin');
Set($EnablePriorityAsString, 1);
Set(%PriorityAsString, Default => { 'Niedrig' => 1, 'Mittel' => 4, 'Hoch' => 7, 'Kritisch' => 10 });
# No service agreements: deadlines are ours to compute. No full-text search: "Content LIKE" finds nothing.
1;
