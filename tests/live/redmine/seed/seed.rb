# Fills an empty Redmine with a service desk: what it is called comes from the file named by DESKSIDE_SITE, what a client
# must know goes as KEY=VALUE lines into the file named by DESKSIDE_FACTS. Run once by ../lib.sh with `rails runner`.
S = eval(File.read(ENV.fetch('DESKSIDE_SITE')), binding, ENV['DESKSIDE_SITE'])
facts = {}
key = ->(text) { ActiveSupport::Inflector.transliterate(text.to_s, locale: :de).gsub('ß', 'ss').upcase.gsub(/[^A-Z0-9]+/, '_').gsub(/\A_|_\z/, '') }

# Mail jobs run in threads of their own by default and fight over SQLite's lock.
ActiveJob::Base.queue_adapter = :inline
ActionMailer::Base.perform_deliveries = false
ActiveRecord::Base.connection.execute('PRAGMA journal_mode=WAL') # readers do not block the writer; kept in the file
I18n.locale = :en
{
  notified_events: [], rest_api_enabled: '1', login_required: '1', default_language: S[:language], self_registration: '0',
  cross_project_issue_relations: '1', issue_group_assignment: S[:group_assignment] ? '1' : '0', per_page_options: '25,50,100',
  text_formatting: S[:formatting], host_name: '127.0.0.1', protocol: 'http', attachment_max_size: '20480', password_min_length: '8'
}.each { |name, value| Setting[name] = value }

# Record numbers of the customised site start elsewhere, so that a number learnt from the other site fails here.
(S[:first_ids] || {}).each do |model, first|
  base = model.to_s.constantize
  base.before_create { self.id ||= [base.unscoped.maximum(:id).to_i + 1, first].max }
end

status = S[:statuses].each_with_index.to_h do |name, i|
  s = IssueStatus.find_or_initialize_by(name: name.delete_prefix('*'))
  s.update!(is_closed: name.start_with?('*'), position: i + 1)
  [s.name, s]
end
tracker = S[:trackers].transform_values { |name| Tracker.find_or_initialize_by(name: name) }
tracker.each { |kind, t| t.update!(default_status: status.fetch(S[:initial][kind])) }
priority = S[:priorities].each_with_index.to_h { |name, i| [name, IssuePriority.create!(name: name, position: i + 1, is_default: name == S[:default_priority], active: true)] }

every = Redmine::AccessControl.permissions.select { |p| [nil, :issue_tracking, :wiki, :files, :time_tracking].include?(p.project_module) }.map(&:name)
agents = S[:group_assignment] ? every : every - %i[delete_issues edit_own_issue_notes edit_issue_notes]
role = {
  agent: [agents, 'all', true], lead: [every, 'all', true],
  requester: [%i[view_issues add_issues add_issue_notes view_wiki_pages], 'own', false],
  reader: [%i[view_issues view_wiki_pages view_files view_private_notes view_time_entries], 'all', false]
}.to_h do |k, (permissions, sight, assignable)|
  r = Role.find_or_initialize_by(name: S[:roles][k])
  r.update!(permissions: permissions, issues_visibility: sight, users_visibility: 'all', assignable: assignable)
  [k, r]
end

rows = []
S[:workflow].each do |kind, moves|
  moves.each do |from, tos|
    tos.each do |to|
      only_lead = to.start_with?('!')
      (only_lead ? [:lead] : %i[agent lead]).each do |r|
        rows << { tracker_id: tracker[kind].id, old_status_id: from ? status.fetch(from).id : 0, new_status_id: status.fetch(to.delete_prefix('!')).id, role_id: role[r].id, type: 'WorkflowTransition', assignee: false, author: false }
      end
    end
  end
  rows << { tracker_id: tracker[kind].id, old_status_id: 0, new_status_id: status.fetch(S[:initial][kind]).id, role_id: role[:requester].id, type: 'WorkflowTransition', assignee: false, author: false }
end
WorkflowTransition.insert_all(rows.uniq)

field = S[:fields].to_h do |k, (name, format, kinds, options)|
  options = options.dup
  lead_only = options.delete(:lead_only)
  f = IssueCustomField.new({ name: name, field_format: format, is_for_all: true, is_filter: true, visible: !lead_only, trackers: kinds.map { |x| tracker[x] } }.merge(options))
  f.roles = [role[:lead]] if lead_only
  f.save!
  [k, f]
end
(S[:rules] || []).each do |kind, state, r, what, rule|
  WorkflowPermission.create!(tracker_id: tracker[kind].id, old_status_id: status.fetch(state).id, role_id: role[r].id, field_name: what.is_a?(Symbol) ? field[what].id.to_s : what, rule: rule)
end

person = {}
[['deskadmin', 'Ada', 'Admin', true], ['sam.desk', 'Sam', 'Okafor'], ['fay.field', 'Fay', 'Lindqvist'], ['ned.net', 'Ned', 'Iwasaki'], ['ines.incident', 'Inés', 'Marchetti'],
 ['paul.problem', 'Paul', 'Szabó'], ['cora.change', 'Cora', 'Bianchi'], ['rita.caller', 'Rita', 'Caller'], ['omar.caller', 'عمر', 'Haddad'], ['reed.only', 'Reed', 'Only'], ['nora.none', 'Nora', 'None']].each do |login, first, last, admin|
  u = User.new(firstname: first, lastname: last, mail: "#{login}@deskside.test", language: S[:language], mail_notification: 'none')
  u.login = login
  u.admin = admin || false
  u.password = u.password_confirmation = 'deskside-pass'
  u.save!
  u.pref.update!(time_zone: login == 'ned.net' ? 'Eastern Time (US & Canada)' : 'Berlin') unless S[:language] == 'en'
  value = Digest::SHA1.hexdigest("deskside #{login}") # the same in every run, worth nothing elsewhere
  Token.create!(user: u, action: 'api')
  Token.where(user_id: u.id, action: 'api').update_all(value: value)
  person[login] = u
  facts["KEY_#{key[login]}"] = value
  facts["USER_#{key[login]}"] = u.id
end
facts['PASSWORD'] = 'deskside-pass'

group = S[:teams].transform_values { |name| Group.create!(lastname: name) }
{ desk: %w[sam.desk ines.incident], field: ['fay.field'], network: ['ned.net'], incident: ['ines.incident'], problem: ['paul.problem'], change: ['cora.change'] }.each { |g, logins| logins.each { |l| group[g].users << person[l] } }

project = S[:projects].to_h do |p|
  x = Project.new(name: p[:name], is_public: false, enabled_module_names: %w[issue_tracking wiki files time_tracking], trackers: p[:kinds].map { |k| tracker[k] })
  x.identifier = p[:identifier]
  x.save!
  x.set_parent!(Project.find_by(identifier: p[:parent])) if p[:parent]
  member = ->(who, r) { Member.find_or_initialize_by(project_id: x.id, user_id: who.id).tap { |m| m.roles |= [role[r]] }.save! }
  person.values_at('deskadmin', 'sam.desk', 'fay.field', 'ned.net', 'paul.problem').each { |u| member[u, :agent] }
  person.values_at('ines.incident', 'cora.change').each { |u| member[u, :lead] }
  person.values_at('rita.caller', 'omar.caller').each { |u| member[u, :requester] }
  member[person['reed.only'], :reader]
  group.each_value { |g| member[g, :agent] } if S[:group_assignment]
  p[:categories].each { |n| IssueCategory.create!(project_id: x.id, name: n) }
  p[:versions].each { |n| Version.create!(project_id: x.id, name: n, effective_date: Date.today + 14) }
  [p[:identifier], x.reload]
end
main = project.values.first
wiki = main.wiki || Wiki.create!(project: main, start_page: 'Wiki')
[['KB0001_Reset_a_password', "h1. Reset a password\n\nUse the self-service portal."], ['KB0002_VPN_drops', "h1. VPN drops\n\nUpdate the client to 5.2."]].each do |title, text|
  WikiPage.new(wiki: wiki, title: title).save_with_content(WikiContent.new(author: person['sam.desk'], text: text, comments: 'seed'))
end

# --- issues. Made by the model acting as the seeded people; the states are walked, so that the history is a real one.
random = Random.new(42)
pick = ->(list) { list[random.rand(list.size)] }
members = { desk: %w[sam.desk ines.incident], field: ['fay.field'], network: ['ned.net'], problem: ['paul.problem'], change: ['cora.change'] }
change = lambda do |issue, login, notes = '', private_notes: false, **values|
  User.current = person.fetch(login)
  i = Issue.find(issue.id)
  i.init_journal(User.current, notes)
  i.private_notes = private_notes if private_notes
  values.each { |k, v| i.public_send("#{k}=", v) }
  i.save!(validate: true)
  i
end
attach = lambda do |issue, login, notes, files|
  User.current = person.fetch(login)
  i = Issue.find(issue.id)
  i.init_journal(User.current, notes)
  files.each do |name, type, bytes|
    a = Attachment.new(file: bytes, author: User.current)
    a.filename = name
    a.content_type = type
    a.save!
    i.attachments << a
  end
  i.save!
end
make = lambda do |kind, subject, walk: [], login: 'rita.caller', team: nil, owner: nil, text: nil, impact: random.rand(3), urgency: random.rand(3), more: {}, into: main, parent: nil|
  team ||= { problem: :problem, change: :change }[kind] || pick[%i[desk desk field network]]
  User.current = person.fetch(login)
  caller_value = field[:caller].field_format == 'user' ? person['rita.caller'].id.to_s : 'Rita Caller'
  values = { impact: S[:levels][impact], urgency: S[:urgencies][urgency], caller: caller_value, team: S[:teams][team], service: field[:service].multiple? ? [pick[S[:services]], S[:services][0]].uniq : pick[S[:services]],
             asset: pick[['LT-1001', 'PR-2001', 'SV-3001', '']], workaround: kind == :problem ? 'Reconnect once a day.' : nil, close_code: (field[:close_code].possible_values.first if walk.intersect?(S[:done].last(1))) }.merge(more).compact
  issue = Issue.new(project: into, tracker: tracker[kind], author: User.current, status: status.fetch(S[:initial][kind]), priority: priority.values[-1 - [impact + urgency, priority.size - 1].min],
                    subject: subject, description: text || "Reported by phone.\n\n#{subject}\n\nSince this morning; affects #{1 + random.rand(40)} people.")
  issue.category = pick[into.issue_categories.to_a]
  issue.custom_field_values = values.select { |k, _| field[k]&.trackers&.include?(tracker[kind]) }.to_h { |k, v| [field[k].id.to_s, v] }
  issue.parent_issue_id = parent.id if parent
  issue.save!
  owner ||= walk.any? ? pick[members[team]] : nil
  if owner then change[issue, 'ines.incident', assigned_to: person[owner]]
  elsif S[:group_assignment] then change[issue, 'ines.incident', assigned_to: group[team]]
  end
  walk.each { |s| change[issue, owner || 'sam.desk', status: status.fetch(s)] }
  issue.reload
end
relate = ->(from, type, to) { User.current = person['sam.desk']; IssueRelation.create!(issue_from: from, issue_to: to, relation_type: type) }

named = {}
ActiveRecord::Base.transaction do
  named[:change] = make[:change, 'Replace the VPN concentrator', walk: S[:show][:change], owner: 'cora.change', login: 'ned.net']
  named[:problem] = make[:problem, 'VPN sessions end after eight hours', walk: S[:show][:problem], owner: 'paul.problem', login: 'sam.desk']
  named[:request] = make[:request, 'Laptop for a new colleague', walk: S[:show][:request], owner: 'fay.field', team: :field]
  # A long history with public and private notes, links of several sorts, attachments with awkward names.
  h = named[:history] = make[:incident, 'VPN drops every afternoon', walk: S[:show][:incident], owner: 'ned.net', team: :network, impact: 1, urgency: 0]
  (1..12).each do |i|
    change[h, 'ned.net', "Work note #{i}: looked at the concentrator's log.", private_notes: true]
    change[h, 'ned.net', "Dear caller, step #{i} is done; please try again."] if (i % 4).zero?
    change[h, 'rita.caller', "Still the same after try #{i}. Ünverändert 😟"] if i % 4 == 1
  end
  change[h, 'sam.desk', subject: 'VPN drops every afternoon at four', priority: priority.values.last]
  change[h, 'ines.incident', 'Moved to the lead.', due_date: Date.today + 2, done_ratio: 40]
  png = ['iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='].first.unpack1('m')
  attach[h, 'ned.net', 'Traces attached.', [['trace.png', 'image/png', png], ['Prüfprotokoll ✓.txt', 'text/plain', "Zeile 1\nZeile 2 – fertig ✓\n".b], ['core.bin', 'application/octet-stream', (0...300_000).map { |x| (x * 7 + x / 256) % 256 }.pack('C*')]]]
  relate[h, 'relates', named[:problem]]
  relate[named[:change], 'blocks', named[:problem]]
  named[:child] = make[:incident, 'VPN drops, branch office', owner: 'ned.net', login: 'sam.desk', parent: h]
  h.reload.watcher_users = [person['sam.desk']]

  hostile = "\e[31mred\e[0m \e]0;owned\a\e[2J \u009b5A bell\a tab\there \u202egpj.exe\u202c \u200bzero\ufeff e\u0301 👩‍👩‍👧‍👦 🇩🇪 漢字 עברית"
  bad = named[:hostile] = make[:incident, "Hostile \e[31mred\e[0m \e]0;owned\a \u202egpj.exe 👩‍👩‍👧 漢字", login: 'omar.caller', text: "#{hostile}\r\nsecond line\v\f\u0085\u2028end\n<script>alert(1)</script> %s %n ${HOME}", more: field[:asset].regexp.present? ? {} : { asset: "LT\e[7m-1001" }]
  change[bad, 'sam.desk', "#{hostile}\n#{"\u0300" * 200}\n#{'W' * 5000}"]
  attach[bad, 'sam.desk', '', [["..evil\e[31m.txt", 'text/plain', "\e[2Jboo\n"]]]
  named[:large] = make[:incident, 'A work note of one megabyte', walk: S[:show][:incident].first(1), owner: 'sam.desk', team: :desk]
  change[named[:large], 'sam.desk', (1..18_200).map { |x| format("%06d the quick brown fox jumps over the lazy dog 0123456789\n", x) }.join, private_notes: true]
  named[:empty] = make[:incident, '-', text: '']
  named[:private] = make[:incident, 'Marked private', login: 'sam.desk']
  named[:private].update_columns(is_private: true)
  named[:original] = make[:incident, 'Printer PR-2001 jams']
  named[:duplicate] = make[:incident, 'Printer jams (reported twice)']
  relate[named[:duplicate], 'duplicates', named[:original]]
  named[:rejected] = make[S[:rejected][0], 'Gold-plated keyboard', walk: S[:rejected][1]]
  named[:done] = make[:incident, 'Password expired', walk: S[:done], owner: 'sam.desk', team: :desk]
  named[:overdue] = make[:incident, 'ERP is down for everybody', walk: S[:show][:incident], owner: 'ines.incident', team: :desk, impact: 0, urgency: 0]
  named[:overdue].update_columns(start_date: Date.today - 9, due_date: Date.today - 5)

  count = ENV.fetch('DESKSIDE_ISSUES', '24').to_i
  last = {}
  count.times do |n|
    kind = pick[%i[incident] * 11 + %i[request] * 5 + %i[problem] * 2 + %i[change] * 2]
    into = pick[project.values.select { |p| p.trackers.include?(tracker[kind]) }]
    issue = make[kind, "#{pick[S[:subjects][kind]]} (##{n + 1})", walk: pick[S[:walks][kind]], login: pick[%w[rita.caller omar.caller sam.desk]], into: into]
    change[issue, 'sam.desk', "Work note #{n}: checked the logs.", private_notes: true] if random.rand(2).zero?
    relate[issue, 'relates', last[:problem]] if kind == :incident && last[:problem] && random.rand(4).zero?
    last[kind] = issue
    back = (60 * 86_400 * (1 - (n + 1.0) / (count + 1))).to_i
    shift = ->(t) { t && t - back }
    i = issue.reload
    i.update_columns(created_on: shift[i.created_on], updated_on: shift[i.updated_on], closed_on: shift[i.closed_on], start_date: i.start_date && i.start_date - back / 86_400)
    i.journals.each { |j| j.update_columns(created_on: shift[j.created_on]) }
  end
end

facts['PROJECT'] = main.identifier
project.each { |k, p| facts["PROJECT_#{key[k]}"] = p.id }
tracker.each { |k, t| facts["TRACKER_#{key[k]}"] = t.id }
status.each { |n, s| facts["STATUS_#{key[n]}"] = s.id }
priority.values.reverse.each_with_index { |p, i| facts["PRIORITY_#{i + 1}"] = p.id } # 1 is the most urgent
field.each { |k, f| facts["FIELD_#{key[k]}"] = f.id }
group.each { |k, g| facts["GROUP_#{key[k]}"] = g.id }
named.each { |k, i| facts["ISSUE_#{key[k]}"] = i.id }
File.write(ENV.fetch('DESKSIDE_FACTS'), facts.map { |k, v| "REDMINE_#{k}=#{v}\n" }.join)
