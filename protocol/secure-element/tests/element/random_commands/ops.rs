//! The commands of a run, right and wrong ones.

use jushin_statement::BindingState;
use proptest::prelude::*;

#[derive(Clone, Debug)]
pub(super) enum Op {
    PowerCycle,
    Advance(u64),
    RequestCertificate,
    InjectInstitution,
    InjectPseudonym(u64),
    Bind(BindingState),
    StaleBind,
    Boot,
    Pair,
    WrongPair,
    Stamp1,
    Activate,
    WrongActivate,
    BuildAdmin,
    PutAdmin,
    WrongPutAdmin,
    Begin(bool),
    UnknownBegin,
    Commit,
    WrongCommit,
    Abort,
    BuildCardId(u64),
    CardId,
    WrongCardId,
    KeyedCardId,
    Stamp,
    Close,
    Status,
    Raw(u8, Vec<u8>),
}

pub(super) fn op() -> impl Strategy<Value = Op> {
    use BindingState::{InUse, Retired, Suspended};
    prop_oneof![
        3 => Just(Op::PowerCycle),
        1 => (0..150_u64).prop_map(Op::Advance),
        2 => Just(Op::RequestCertificate),
        2 => Just(Op::InjectInstitution),
        1 => (1..3_u64).prop_map(Op::InjectPseudonym),
        3 => Just(Op::Bind(InUse)),
        1 => Just(Op::Bind(Suspended)),
        1 => prop_oneof![9 => Just(Op::StaleBind), 1 => Just(Op::Bind(Retired))],
        8 => Just(Op::Boot),
        7 => Just(Op::Pair),
        1 => Just(Op::WrongPair),
        7 => Just(Op::Stamp1),
        7 => Just(Op::Activate),
        1 => Just(Op::WrongActivate),
        3 => Just(Op::BuildAdmin),
        3 => Just(Op::PutAdmin),
        2 => Just(Op::WrongPutAdmin),
        8 => any::<bool>().prop_map(Op::Begin),
        1 => Just(Op::UnknownBegin),
        7 => Just(Op::Commit),
        1 => Just(Op::WrongCommit),
        1 => Just(Op::Abort),
        4 => (1..3_u64).prop_map(Op::BuildCardId),
        3 => Just(Op::CardId),
        1 => Just(Op::WrongCardId),
        1 => Just(Op::KeyedCardId),
        2 => Just(Op::Stamp),
        2 => Just(Op::Close),
        1 => Just(Op::Status),
        2 => (any::<u8>(), proptest::collection::vec(any::<u8>(), 0..24)).prop_map(|(a, b)| Op::Raw(a, b)),
    ]
}
