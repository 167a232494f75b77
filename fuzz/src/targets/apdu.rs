//! APDUs, chains and data objects: what is read is written again, and a chain gives what was split.

use jushin_card::apdu::{Chain, ChainLink, Command, Response};
use jushin_card::jpki::TokenInfo;
use jushin_card::tlv;
use jushin_secure_element::{command, parse_command};

use crate::planted;

pub(super) fn run(data: &[u8]) {
    if let Ok(parsed) = Command::parse(data) {
        let written = parsed.to_bytes();
        assert_eq!(Command::parse(written.as_bytes()), Ok(parsed.clone()));
        chained(&parsed);
        planted::fault(parsed.expected() == Some(0x1234), "a command that expects one certain length");
    }
    if let Ok(response) = Response::parse(data) {
        assert_eq!(response.to_bytes(), data);
        let status = response.status();
        let _ = (status.meaning(), status.tries_left(), status.is_done());
    }
    if let Ok((instruction, body)) = parse_command(data) {
        let again = command(instruction, body).expect("it came in one command");
        // No data is written as extended length 0, which is no length.
        if !body.is_empty() {
            assert_eq!(parse_command(&again), Ok((instruction, body)));
        }
    }
    let mut reader = tlv::Reader::new(data);
    while let Ok(object) = reader.read() {
        let written = tlv::write(object.tag, object.value).expect("it was read");
        assert_eq!(tlv::Reader::new(&written).read().map(|again| again.value), Ok(object.value));
    }
    if let Ok(info) = TokenInfo::parse(data) {
        let _ = (info.is_phone(), info.scheme());
    }
}

fn chained(whole: &Command) {
    if whole.header().is_chained() || whole.data().is_empty() {
        return;
    }
    let Ok(parts) = whole.clone().into_chain() else { return };
    let mut chain = Chain::new(whole.data().len());
    let last = parts.into_iter().map(|part| chain.take(part)).last();
    match last {
        Some(Ok(ChainLink::Whole(again))) => assert_eq!(again.data(), whole.data()),
        other => panic!("a chain of our own is not whole: {other:?}"),
    }
}
