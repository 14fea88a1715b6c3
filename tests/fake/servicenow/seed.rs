//! A clean instance: the same people, groups and tickets every time.

use super::world::{Row, World};

pub const INCIDENTS: usize = 60;

fn text(pairs: &[(&str, &str)]) -> Row {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// As it is delivered.
pub fn stock() -> World {
    let mut world = World::default();
    let people = [
        ("sam.desk", "Sam Desk", "Europe/Berlin"),
        ("fay.field", "Fay Field", "UTC"),
        ("ines.incident", "Ines Incident", "UTC"),
        ("cora.change", "Cora Change", "UTC"),
        ("reed.only", "Reed Only", "UTC"),
        ("nora.none", "Nora None", "UTC"),
        ("rita.caller", "Rita Caller", "UTC"),
        ("omar.caller", "Omar Caller", "UTC"),
    ];
    for (login, name, zone) in people {
        let mail = format!("{login}@example.org");
        world.put(
            "sys_user",
            &[
                ("user_name", login),
                ("name", name),
                ("email", &mail),
                ("active", "true"),
                ("time_zone", zone),
                ("vip", "false"),
            ],
        );
    }
    for (group, members) in
        [("Service Desk", vec!["sam.desk", "fay.field"]), ("Network", vec!["fay.field", "ines.incident"])]
    {
        let manager = world.key("sys_user", "ines.incident");
        let key = world.put("sys_user_group", &[("name", group), ("manager", &manager), ("active", "true")]);
        for member in members {
            let user = world.key("sys_user", member);
            world.put("sys_user_grmember", &[("user", &user), ("group", &key)]);
        }
    }
    choices(&mut world);
    let ci = world.put("cmdb_ci", &[("name", "vpn-gw-01"), ("serial_number", "SN-77"), ("asset_tag", "P1000")]);
    world.put("cmdb_ci_service", &[("name", "E-mail"), ("busines_criticality", "1 - most critical")]);
    world.put("contract_sla", &[("name", "Priority 3 resolution (1 day)"), ("target", "resolution"), ("type", "SLA")]);
    world.put("sc_cat_item", &[("name", "Standard laptop")]);
    world.put(
        "kb_knowledge",
        &[
            ("number", "KB0000011"),
            ("short_description", "How to reset the VPN"),
            ("text", "<h2>Reset</h2><p>Restart the <b>tunnel</b>.</p>"),
            ("workflow_state", "published"),
        ],
    );
    world.put(
        "kb_knowledge",
        &[
            ("number", "KB0000012"),
            ("short_description", "VPN draft"),
            ("text", "<p>Not yet.</p>"),
            ("workflow_state", "draft"),
        ],
    );
    tickets(&mut world, &ci);
    world
}

fn choices(world: &mut World) {
    /// A table, a column of it, and its choices with their labels.
    type Choices<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);
    let all: &[Choices<'_>] = &[
        (
            "incident",
            "state",
            &[
                ("1", "New"),
                ("2", "In Progress"),
                ("3", "On Hold"),
                ("6", "Resolved"),
                ("7", "Closed"),
                ("8", "Canceled"),
            ],
        ),
        (
            "incident",
            "close_code",
            &[
                ("Solution provided", "Solution provided"),
                ("Workaround provided", "Workaround provided"),
                ("Duplicate", "Duplicate"),
            ],
        ),
        ("incident", "category", &[("network", "Network"), ("software", "Software"), ("hardware", "Hardware")]),
        ("task", "contact_type", &[("phone", "Phone"), ("email", "Email"), ("self-service", "Self-service")]),
        (
            "task",
            "priority",
            &[("1", "1 - Critical"), ("2", "2 - High"), ("3", "3 - Moderate"), ("4", "4 - Low"), ("5", "5 - Planning")],
        ),
        (
            "problem",
            "state",
            &[
                ("101", "New"),
                ("102", "Assess"),
                ("103", "Root Cause Analysis"),
                ("104", "Fix in Progress"),
                ("106", "Resolved"),
                ("107", "Closed"),
            ],
        ),
        (
            "change_request",
            "state",
            &[
                ("-5", "New"),
                ("-4", "Assess"),
                ("-3", "Authorize"),
                ("-2", "Scheduled"),
                ("-1", "Implement"),
                ("0", "Review"),
                ("3", "Closed"),
                ("4", "Canceled"),
            ],
        ),
        (
            "task",
            "state",
            &[
                ("-5", "Pending"),
                ("1", "Open"),
                ("2", "Work in Progress"),
                ("3", "Closed Complete"),
                ("4", "Closed Incomplete"),
                ("7", "Closed Skipped"),
            ],
        ),
    ];
    for (table, element, values) in all {
        for (n, (value, label)) in values.iter().enumerate() {
            world.put(
                "sys_choice",
                &[
                    ("name", table),
                    ("element", element),
                    ("value", value),
                    ("label", label),
                    ("sequence", &n.to_string()),
                    ("inactive", "false"),
                    ("language", "en"),
                ],
            );
        }
    }
    for element in ["state", "close_code", "short_description", "assigned_to"] {
        world.put(
            "sys_dictionary",
            &[("name", "incident"), ("element", element), ("internal_type", "string"), ("active", "true")],
        );
    }
}

fn tickets(world: &mut World, ci: &str) {
    let (rita, sam, fay, cora) = (
        world.key("sys_user", "rita.caller"),
        world.key("sys_user", "sam.desk"),
        world.key("sys_user", "fay.field"),
        world.key("sys_user", "cora.change"),
    );
    let (desk, network) = (world.key("sys_user_group", "Service Desk"), world.key("sys_user_group", "Network"));
    let by = "sam.desk";
    for n in 0..INCIDENTS {
        let title = format!("Ticket {n}: the printer hums");
        let values = text(&[
            ("short_description", &title),
            ("description", "It hums.\nLoudly."),
            ("caller_id", &rita),
            ("assignment_group", &desk),
            ("impact", "2"),
            ("urgency", "2"),
            ("category", "hardware"),
            ("contact_type", "phone"),
        ]);
        let key = world.insert("incident", &values, by).unwrap();
        // Seven in one second: ties are normal.
        let at = World::ago(10_000 - (n / 7) as i64 * 60);
        let row = world.row_mut("incident", &key).unwrap();
        for column in ["sys_updated_on", "sys_created_on", "opened_at"] {
            row.insert(column.into(), at.clone());
        }
    }
    let storied = world
        .insert(
            "incident",
            &text(&[
                ("short_description", "VPN drops every ten minutes"),
                ("caller_id", &rita),
                ("assignment_group", &network),
                ("assigned_to", &fay),
                ("impact", "2"),
                ("urgency", "2"),
                ("cmdb_ci", ci),
                ("category", "network"),
            ]),
            by,
        )
        .unwrap();
    world
        .update("incident", &storied, &text(&[("state", "2"), ("work_notes", "Restarted the tunnel.")]), "fay.field")
        .unwrap();
    world.update("incident", &storied, &text(&[("comments", "Dear Rita, we look at it.")]), "fay.field").unwrap();
    // It began before anything was done about it.
    let began = World::ago(60);
    let row = world.row_mut("incident", &storied).unwrap();
    for column in ["opened_at", "sys_created_on"] {
        row.insert(column.into(), began.clone());
    }
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[31mred\u{202e}txt.exe <b>bold</b>";
    let key = world
        .insert(
            "incident",
            &text(&[
                ("short_description", hostile),
                ("description", hostile),
                ("caller_id", &rita),
                ("assignment_group", &desk),
            ]),
            by,
        )
        .unwrap();
    world
        .update(
            "incident",
            &key,
            &text(&[("work_notes", hostile), ("comments", "[code]<b>bold</b><script>x()</script>[/code] plain")]),
            "fay.field",
        )
        .unwrap();
    let problem = world
        .insert(
            "problem",
            &text(&[
                ("short_description", "VPN gateway loses its mind"),
                ("assignment_group", &network),
                ("assigned_to", &fay),
                ("workaround", "<p>Restart <b>it</b>.</p>"),
            ]),
            by,
        )
        .unwrap();
    world
        .insert(
            "change_request",
            &text(&[
                ("short_description", "Replace VPN concentrator firmware"),
                ("assignment_group", &network),
                ("parent", &problem),
            ]),
            by,
        )
        .unwrap();
    let waiting = world
        .insert(
            "change_request",
            &text(&[("short_description", "Awaits approval"), ("assignment_group", &network)]),
            by,
        )
        .unwrap();
    world.row_mut("change_request", &waiting).unwrap().insert("state".into(), "-3".into());
    for approver in [&sam, &cora] {
        world.put("sysapproval_approver", &[("sysapproval", &waiting), ("approver", approver), ("state", "requested")]);
    }
    let item = world.key("sc_cat_item", "Standard laptop");
    let request = world.insert("sc_request", &text(&[("requested_for", &rita)]), by).unwrap();
    let ritm = world
        .insert(
            "sc_req_item",
            &text(&[
                ("short_description", "A laptop"),
                ("request", &request),
                ("cat_item", &item),
                ("requested_for", &rita),
                ("assignment_group", &desk),
            ]),
            by,
        )
        .unwrap();
    world
        .insert(
            "sc_task",
            &text(&[("short_description", "Unpack it"), ("request_item", &ritm), ("assignment_group", &desk)]),
            by,
        )
        .unwrap();
    // Long closed: out of scope.
    let old = world.insert("incident", &text(&[("short_description", "Long ago"), ("caller_id", &rita)]), by).unwrap();
    let row = world.row_mut("incident", &old).unwrap();
    for (column, value) in [
        ("state", "7".to_owned()),
        ("active", "false".to_owned()),
        ("closed_at", World::ago(90 * 24 * 60)),
        ("sys_updated_on", World::ago(90 * 24 * 60)),
    ] {
        row.insert(column.into(), value);
    }
}
