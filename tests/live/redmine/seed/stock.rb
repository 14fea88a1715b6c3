# What the stock site of the test server is called and holds. The last expression is the whole description.
levels = ['1 - High', '2 - Medium', '3 - Low']
all = %i[incident request problem change]
free = ->(names) { ([nil] + names).to_h { |from| [from, names - [from]] } } # any state to any other of the kind
flows = {
  incident: ['New', 'Assigned', 'In Progress', 'Pending', 'Resolved', 'Closed', 'Cancelled'],
  request: ['New', 'Awaiting approval', 'Approved', 'Assigned', 'In Progress', 'Pending', 'Resolved', 'Closed', 'Cancelled', 'Rejected'],
  problem: ['New', 'Assigned', 'In Progress', 'Known error', 'Pending', 'Resolved', 'Closed', 'Cancelled'],
  change: ['New', 'Planning', 'Awaiting approval', 'Approved', 'Scheduled', 'In Progress', 'Resolved', 'Closed', 'Cancelled', 'Rejected']
}
{
  language: 'en', formatting: 'textile', group_assignment: true,
  statuses: ['New', 'Assigned', 'In Progress', 'Pending', 'Planning', 'Awaiting approval', 'Approved', 'Scheduled', 'Known error', 'Resolved', '*Closed', '*Cancelled', '*Rejected'],
  trackers: { incident: 'Incident', request: 'Request', problem: 'Problem', change: 'Change' },
  initial: { incident: 'New', request: 'New', problem: 'New', change: 'New' },
  workflow: flows.transform_values(&free),
  priorities: ['5 - Planning', '4 - Low', '3 - Moderate', '2 - High', '1 - Critical'], # the last is the most urgent
  default_priority: '3 - Moderate',
  roles: { agent: 'Agent', lead: 'Lead', requester: 'Requester', reader: 'Observer' },
  teams: { desk: 'Service Desk', field: 'Field Engineering', network: 'Network', incident: 'Incident Managers', problem: 'Problem Managers', change: 'CAB' },
  # key => [name, format, kinds, options]
  fields: {
    impact: ['Impact', 'list', all, { possible_values: levels }],
    urgency: ['Urgency', 'list', all, { possible_values: levels }],
    caller: ['Caller', 'user', all, {}],
    service: ['Service', 'list', all, { possible_values: %w[E-mail ERP Network Workplace Telephony] }],
    asset: ['Asset', 'string', all, { searchable: true }],
    risk: ['Risk', 'list', [:change], { possible_values: %w[High Moderate Low] }],
    change_type: ['Change type', 'list', [:change], { possible_values: %w[Standard Normal Emergency] }],
    approval: ['Approval', 'list', %i[change request], { possible_values: ['Not requested', 'Requested', 'Approved', 'Rejected'] }],
    start: ['Planned start', 'date', [:change], {}],
    workaround: ['Workaround', 'text', %i[incident problem], {}],
    root_cause: ['Root cause', 'text', [:problem], {}],
    close_code: ['Close code', 'list', %i[incident problem], { possible_values: ['Solved', 'Workaround', 'Not reproducible', 'Duplicate'] }]
  },
  levels: levels, urgencies: levels, services: %w[E-mail ERP Network Workplace],
  projects: [{ identifier: 'service-desk', name: 'Service Desk', kinds: all, categories: %w[Hardware Software Network Access], versions: ['2026.11 maintenance window'] }],
  walks: {
    incident: [[], ['Assigned'], ['Assigned', 'In Progress'], ['In Progress', 'Pending'], ['In Progress', 'Resolved'], ['In Progress', 'Resolved', 'Closed']],
    request: [[], ['Awaiting approval'], ['Awaiting approval', 'Approved', 'In Progress'], ['Assigned', 'Resolved'], ['Rejected']],
    problem: [[], ['Assigned'], ['In Progress', 'Known error'], ['In Progress', 'Resolved']],
    change: [[], ['Planning'], ['Planning', 'Awaiting approval'], %w[Planning Approved Scheduled], ['Cancelled']]
  },
  show: { incident: ['Assigned', 'In Progress'], request: ['Assigned'], problem: ['Assigned', 'Known error'], change: ['Planning', 'Awaiting approval'] },
  rejected: [:request, ['Rejected']], done: ['In Progress', 'Resolved'],
  subjects: {
    incident: ['Laptop does not boot', 'VPN drops after login', 'Printer PR-2001 jams', 'E-mail delivery is slow', 'ERP returns error 500', 'Phone has no dial tone'],
    request: ['New laptop for starter', 'Access to finance share', 'Second monitor', 'Mailbox for project'],
    problem: ['Repeated VPN drops', 'Printers jam on floor 2', 'Slow ERP month end'],
    change: ['Patch ERP servers', 'Replace switch SW-4001', 'Raise VPN session lifetime']
  }
}
