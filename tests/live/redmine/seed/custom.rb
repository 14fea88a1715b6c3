# The customised site: German names, two projects of which the second has no changes, four priorities, a strict workflow
# in which only a lead closes, required and read-only fields by state, no group as assignee (the group is a field), no
# field for urgency of a change, a field that only leads see, Markdown instead of Textile, agents who may not delete.
levels = ['Standort', 'Abteilung', 'Person']
urgent = %w[sofort heute später]
all = %i[incident request problem change]
teams = { desk: 'Anwenderservice', field: 'Vor-Ort-Technik', network: 'Netz & Telefonie', incident: 'Störungsleitung', problem: 'Ursachenanalyse', change: 'Änderungsbeirat' }
{
  first_ids: { IssueStatus: 61, Tracker: 21, Enumeration: 71, CustomField: 31, Principal: 401, Project: 11, Issue: 7001, Journal: 90_001, Attachment: 501, Role: 91 },
  language: 'de', formatting: 'markdown', group_assignment: false,
  statuses: ['Neu', 'Angenommen', 'In Arbeit', 'Wartet auf Anwender', 'Wartet auf Lieferant', 'Genehmigt', 'Analyse', 'Bekannter Fehler', 'Entwurf', 'Wartet auf Freigabe', 'Freigegeben', 'In Umsetzung',
             'Gelöst', '*Geschlossen', '*Abgelehnt', '*Zurückgerollt', '*Verworfen'],
  trackers: { incident: 'Störung', request: 'Anfrage', problem: 'Ursache', change: 'Änderung' },
  initial: { incident: 'Neu', request: 'Neu', problem: 'Neu', change: 'Entwurf' },
  workflow: {
    incident: { nil => %w[Neu Angenommen], 'Neu' => %w[Angenommen Verworfen], 'Angenommen' => ['Neu', 'In Arbeit'], 'In Arbeit' => ['Angenommen', 'Wartet auf Anwender', 'Wartet auf Lieferant', 'Gelöst'],
                'Wartet auf Anwender' => ['In Arbeit', 'Gelöst'], 'Wartet auf Lieferant' => ['In Arbeit'], 'Gelöst' => ['In Arbeit', '!Geschlossen'], 'Verworfen' => ['Neu'] },
    request: { nil => %w[Neu], 'Neu' => %w[Genehmigt Abgelehnt], 'Genehmigt' => ['In Arbeit'], 'In Arbeit' => ['Gelöst'], 'Gelöst' => ['!Geschlossen', 'In Arbeit'] },
    problem: { nil => %w[Neu], 'Neu' => %w[Analyse], 'Analyse' => ['Bekannter Fehler', 'Gelöst'], 'Bekannter Fehler' => %w[Analyse Gelöst], 'Gelöst' => ['!Geschlossen', 'Analyse'] },
    change: { nil => %w[Entwurf], 'Entwurf' => ['Wartet auf Freigabe', 'Verworfen'], 'Wartet auf Freigabe' => ['!Freigegeben', 'Entwurf'], 'Freigegeben' => ['In Umsetzung'], 'In Umsetzung' => %w[Gelöst Zurückgerollt],
              'Gelöst' => ['!Geschlossen'] }
  },
  priorities: %w[Niedrig Normal Hoch Notfall], default_priority: 'Normal',
  roles: { agent: 'Bearbeiter', lead: 'Leitung', requester: 'Melder', reader: 'Leser' },
  teams: teams,
  fields: {
    impact: ['Auswirkung', 'list', all, { possible_values: levels, is_required: true, default_value: 'Person' }],
    urgency: ['Dringlichkeit', 'list', %i[incident request problem], { possible_values: urgent }],
    caller: ['Melder (Name)', 'string', all, {}],
    team: ['Zuständige Gruppe', 'list', all, { possible_values: teams.values }],
    service: ['Betroffene Dienste', 'list', all, { possible_values: %w[Post SAP Netz Arbeitsplatz], multiple: true }],
    asset: ['Inventarnummer', 'string', all, { searchable: true, regexp: '^[A-Z]{2}-[0-9]{4}$' }],
    risk: ['Risiko', 'list', [:change], { possible_values: ['gering', 'mittel', 'hoch', 'sehr hoch'] }],
    change_type: ['Art', 'list', [:change], { possible_values: %w[Standard Normal Notfall] }],
    start: ['Beginn', 'date', [:change], {}],
    workaround: ['Umgehung', 'text', %i[incident problem], {}],
    root_cause: ['Ursachenbeschreibung', 'text', [:problem], {}],
    close_code: ['Lösungsart', 'list', %i[incident problem], { possible_values: %w[gelöst umgangen doppelt] }],
    vip: ['VIP', 'bool', all, {}], hours: ['Aufwand (h)', 'float', all, {}], cost: ['Kosten intern', 'int', all, { lead_only: true }]
  },
  # [kind, state, role, field, rule]
  rules: [[:incident, 'Gelöst', :agent, :close_code, 'required'], [:incident, 'Gelöst', :agent, 'priority_id', 'readonly'], [:incident, 'Neu', :agent, 'due_date', 'readonly'],
          [:change, 'Freigegeben', :agent, :risk, 'readonly'], [:problem, 'Bekannter Fehler', :agent, :workaround, 'required']],
  levels: levels, urgencies: urgent, services: %w[Post SAP Netz Arbeitsplatz],
  projects: [{ identifier: 'it', name: 'IT-Betrieb', kinds: all, categories: %w[Gerät Programm Netz Zugang], versions: ['Wartungsfenster Dezember'] },
             { identifier: 'filialen', name: 'IT-Betrieb Filialen', kinds: %i[incident request], categories: %w[Kasse Gerät], versions: [], parent: 'it' }],
  walks: {
    incident: [[], ['Angenommen'], ['Angenommen', 'In Arbeit'], ['Angenommen', 'In Arbeit', 'Wartet auf Lieferant'], ['Angenommen', 'In Arbeit', 'Gelöst'], ['Angenommen', 'In Arbeit', 'Gelöst', 'Geschlossen']],
    request: [[], ['Genehmigt'], ['Genehmigt', 'In Arbeit', 'Gelöst'], ['Abgelehnt']],
    problem: [[], ['Analyse'], ['Analyse', 'Bekannter Fehler']],
    change: [[], ['Wartet auf Freigabe'], ['Wartet auf Freigabe', 'Freigegeben'], ['Verworfen']]
  },
  show: { incident: ['Angenommen', 'In Arbeit'], request: ['Genehmigt'], problem: ['Analyse', 'Bekannter Fehler'], change: ['Wartet auf Freigabe'] },
  rejected: [:request, ['Abgelehnt']], done: ['Angenommen', 'In Arbeit', 'Gelöst'],
  subjects: {
    incident: ['Notebook startet nicht', 'VPN bricht nach der Anmeldung ab', 'Drucker PR-2001 staut', 'Post kommt verspätet an', 'SAP meldet Fehler 500'],
    request: ['Notebook für neue Kollegin', 'Zugriff auf Finanzlaufwerk', 'Zweiter Bildschirm'],
    problem: ['Wiederholte VPN-Abbrüche', 'Druckerstaus im 2. Stock'],
    change: ['SAP-Server aktualisieren', 'Switch SW-4001 tauschen']
  }
}
