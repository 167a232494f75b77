//! Any commands in any order: the element never panics, and answers as a model of its state table says.

mod model;
mod ops;
mod run;

use jushin_secure_element::Instruction;
use jushin_statement::BindingState;
use proptest::prelude::*;

use self::model::Model;
use self::ops::{Op, op};
use self::run::Run;
use crate::bench::Bench;

/// A good start for half of the runs, so that they get far.
const HEAD_START: [Op; 8] = [
    Op::RequestCertificate,
    Op::Boot,
    Op::InjectInstitution,
    Op::InjectPseudonym(1),
    Op::Bind(BindingState::InUse),
    Op::Pair,
    Op::Stamp1,
    Op::Activate,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_element_answers_as_its_state_table_says(
        head_start in 0..=HEAD_START.len(),
        ops in proptest::collection::vec(op(), 1..60),
    ) {
        let mut run = Run { bench: Bench::factory(), model: Model::factory() };
        for op in HEAD_START[..head_start].iter().chain(&ops) {
            let (got, expected) = run.step(op);
            prop_assert_eq!(got, expected, "{:?}", op);
            run.assert_state();
        }
    }

    #[test]
    fn bytes_of_any_kind_never_panic(apdus in proptest::collection::vec(
        proptest::collection::vec(any::<u8>(), 0..64), 1..40,
    )) {
        let mut bench = Bench::factory();
        for mut apdu in apdus {
            let answer = bench.client.transport().handle(&apdu);
            prop_assert!(answer.len() >= 2);
            if let [class, instruction, p1, p2, ..] = &mut apdu[..] {
                (*class, *p1, *p2) = (0x80, 0, 0);
                *instruction = Instruction::ALL[usize::from(*instruction) % Instruction::ALL.len()] as u8;
                bench.client.transport().handle(&apdu);
            }
        }
    }
}
