//! Priority: symmetric, monotone, total, and a priority by hand keeps the computed one.

use deskside::config::{Source, priority};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::TicketId;
use deskside::domain::priority::{Matrix, MatrixError};
use deskside::domain::ticket::Ticket;
use proptest::prelude::*;

#[test]
fn the_shipped_matrix_is_the_usual_one() {
    assert_eq!(priority::load(priority::SHIPPED).unwrap(), Matrix::standard());
    let rows: Vec<Vec<u8>> = (1..=3).map(|i| (1..=3).map(|u| Matrix::standard().priority(i, u)).collect()).collect();
    assert_eq!(rows, [[1, 2, 3], [2, 3, 4], [3, 4, 5]]);
}

#[test]
fn what_is_no_matrix_is_refused_with_its_row() {
    for (rows, error) in [
        (vec![], MatrixError::Empty),
        (vec![vec![]], MatrixError::Empty),
        (vec![vec![1, 2], vec![3]], MatrixError::Hole { row: 2, has: 1, wants: 2 }),
        (vec![vec![0]], MatrixError::Range { row: 1, column: 1, value: 0 }),
        (vec![vec![1, 12]], MatrixError::Range { row: 1, column: 2, value: 12 }),
        (vec![vec![2, 1]], MatrixError::NotMonotone { row: 1, column: 2 }),
        (vec![vec![2, 3], vec![1, 4]], MatrixError::NotMonotone { row: 2, column: 1 }),
    ] {
        assert_eq!(Matrix::new(rows), Err(error));
    }
    let faults = priority::load(Source::new("priority.toml", "matrix = [\n [1, 2],\n [2],\n]\n")).unwrap_err();
    assert!(faults.to_string().starts_with("priority.toml:3: matrix: Row 2 has 1 priorities"), "{faults}");
}

/// Any matrix that may be configured: rows that never rise.
fn any_matrix() -> impl Strategy<Value = Matrix> {
    (1usize..6, 1usize..6).prop_flat_map(|(rows, columns)| {
        proptest::collection::vec(proptest::collection::vec(0u8..2, columns), rows).prop_map(|steps| {
            let mut matrix: Vec<Vec<u8>> = Vec::new();
            for (r, row) in steps.iter().enumerate() {
                let mut made: Vec<u8> = Vec::new();
                for (c, step) in row.iter().enumerate() {
                    let above = if r > 0 { matrix[r - 1][c] } else { 1 };
                    let left = if c > 0 { made[c - 1] } else { 1 };
                    made.push((above.max(left) + step).min(9));
                }
                matrix.push(made);
            }
            Matrix::new(matrix).unwrap()
        })
    })
}

proptest! {
    #[test]
    fn the_default_is_symmetric(i in 1u8..=3, u in 1u8..=3) {
        let matrix = Matrix::standard();
        prop_assert_eq!(matrix.priority(i, u), matrix.priority(u, i));
        prop_assert_eq!(matrix.priority(i, u), i + u - 1);
    }

    #[test]
    fn raising_impact_or_urgency_never_lowers_the_priority(m in any_matrix(), i in 1u8..8, u in 1u8..8) {
        prop_assert!(m.priority(i, u) <= m.priority(i + 1, u));
        prop_assert!(m.priority(i, u) <= m.priority(i, u + 1));
    }

    #[test]
    fn there_is_a_priority_for_everything(m in any_matrix(), i: u8, u: u8) {
        prop_assert!((1..=9).contains(&m.priority(i, u)));
        prop_assert!(m.priority(i, u) <= m.lowest());
    }

    #[test]
    fn a_priority_by_hand_keeps_the_computed_one(m in any_matrix(), i in 1u8..4, u in 1u8..4, by_hand in 1u8..6) {
        let mut t = Ticket::blank(TicketId::new("INC-1"), Kind::Incident, "ann".into(), super::small::start());
        t.fields.insert(Field::Impact, Value::Number(i.into()));
        t.fields.insert(Field::Urgency, Value::Number(u.into()));
        let before = m.of(&t);
        prop_assert_eq!(before.effective(), before.computed);
        t.fields.insert(Field::PriorityOverride, Value::Number(by_hand.into()));
        let after = m.of(&t);
        prop_assert_eq!((after.computed, after.by_hand), (before.computed, Some(by_hand)));
        prop_assert_eq!(after.effective(), by_hand);
    }
}
