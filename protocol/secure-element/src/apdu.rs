//! The door: command APDUs of class 80, one CBOR array in, one CBOR array out.

use alloc::vec::Vec;
use core::fmt;

/// The element's commands, by their INS byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Instruction {
    /// CSR: make the keys and ask for a certificate.
    RequestCertificate = 0x10,
    /// INJECT: take a secret of the platform.
    Inject = 0x12,
    /// BIND: take a binding.
    Bind = 0x14,
    /// BOOT: first record after power-on.
    Boot = 0x20,
    /// PAIR: the terminal shows that it is the bound one.
    Pair = 0x22,
    /// TS1: first tick stamp of an anchor.
    TickStamp1 = 0x24,
    /// ACT: online activation, second tick stamp.
    Activate = 0x26,
    /// ADM-BUILD: what the administrator's card is to sign.
    BuildAdminActivation = 0x28,
    /// ADM-PUT: offline activation.
    PutAdminActivation = 0x2A,
    /// BEGIN: a patient's card is on the reader.
    Begin = 0x30,
    /// COMMIT: the card has signed, or the session is given up.
    Commit = 0x32,
    /// PID-BUILD: what the card is to sign for a card ID.
    BuildCardId = 0x34,
    /// STAMP: tick stamp over a message.
    Stamp = 0x36,
    /// CLOSE: state the chain's head over the platform's nonce.
    Close = 0x38,
    /// PID: the card ID.
    CardId = 0x3A,
    /// STATUS: state, counter, head, budgets.
    Status = 0x3E,
}

impl Instruction {
    /// All commands, ascending.
    pub const ALL: [Self; 16] = [
        Self::RequestCertificate,
        Self::Inject,
        Self::Bind,
        Self::Boot,
        Self::Pair,
        Self::TickStamp1,
        Self::Activate,
        Self::BuildAdminActivation,
        Self::PutAdminActivation,
        Self::Begin,
        Self::Commit,
        Self::BuildCardId,
        Self::Stamp,
        Self::Close,
        Self::CardId,
        Self::Status,
    ];

    /// The command with this INS byte.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|instruction| *instruction as u8 == byte)
    }

    /// The command's short name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RequestCertificate => "CSR",
            Self::Inject => "INJECT",
            Self::Bind => "BIND",
            Self::Boot => "BOOT",
            Self::Pair => "PAIR",
            Self::TickStamp1 => "TS1",
            Self::Activate => "ACT",
            Self::BuildAdminActivation => "ADM-BUILD",
            Self::PutAdminActivation => "ADM-PUT",
            Self::Begin => "BEGIN",
            Self::Commit => "COMMIT",
            Self::BuildCardId => "PID-BUILD",
            Self::Stamp => "STAMP",
            Self::Close => "CLOSE",
            Self::CardId => "PID",
            Self::Status => "STATUS",
        }
    }
}

impl fmt::Display for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why the element refused, or that it did not. Meanings as in ISO 7816-4, narrowed to this command set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[repr(u16)]
pub enum StatusWord {
    /// 9000: done.
    #[error("done")]
    Done = 0x9000,
    /// 6700: the APDU's lengths do not add up.
    #[error("wrong length")]
    WrongLength = 0x6700,
    /// 6982: not paired, suspended, not allowed by the binding, or meant for another element or power cycle.
    #[error("not authorised")]
    NotAuthorised = 0x6982,
    /// 6983: the activation's budget is used up, or offline activation is locked after five failures.
    #[error("budget used up or locked")]
    Exhausted = 0x6983,
    /// 6985: the command is not allowed in this state.
    #[error("not allowed in this state")]
    WrongState = 0x6985,
    /// 6988: a signature or a sealed box does not verify.
    #[error("signature wrong")]
    WrongSignature = 0x6988,
    /// 6A80: the data are not what the command takes.
    #[error("malformed data")]
    Malformed = 0x6A80,
    /// 6A81: this card or this element cannot do that (a card ID of scheme 1 with a card that is not RSA PKCS#1).
    #[error("not supported with this card")]
    Unsupported = 0x6A81,
    /// 6A86: P1 and P2 are not zero.
    #[error("wrong parameters P1 P2")]
    WrongParameters = 0x6A86,
    /// 6A88: a key that the element does not know, or a certificate under none of its keys.
    #[error("unknown key")]
    UnknownKey = 0x6A88,
    /// 6D00: no such command.
    #[error("unknown instruction")]
    UnknownInstruction = 0x6D00,
    /// 6E00: the class is not 80.
    #[error("unknown class")]
    UnknownClass = 0x6E00,
    /// 6F00: the element's own key or storage failed.
    #[error("the element failed")]
    Failed = 0x6F00,
}

impl StatusWord {
    /// All status words.
    pub const ALL: [Self; 13] = [
        Self::Done,
        Self::WrongLength,
        Self::NotAuthorised,
        Self::Exhausted,
        Self::WrongState,
        Self::WrongSignature,
        Self::Malformed,
        Self::Unsupported,
        Self::WrongParameters,
        Self::UnknownKey,
        Self::UnknownInstruction,
        Self::UnknownClass,
        Self::Failed,
    ];

    /// SW1 and SW2.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 2] {
        (self as u16).to_be_bytes()
    }

    /// The status word with these two bytes; `None` if an element of ours never sends it.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 2]) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.to_bytes() == bytes)
    }
}

/// The data are longer than one extended APDU carries (65,535 bytes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{length} bytes of data do not fit into one APDU")]
pub struct NotACommand {
    /// Length of the data in bytes.
    pub length: usize,
}

/// The command APDU `80 INS 00 00 00 Lc Lc data 00 00`, extended length.
///
/// # Errors
///
/// [`NotACommand`] if `data` is longer than 65,535 bytes.
pub fn command(instruction: Instruction, data: &[u8]) -> Result<Vec<u8>, NotACommand> {
    let length = u16::try_from(data.len()).map_err(|_| NotACommand { length: data.len() })?;
    let mut apdu = Vec::with_capacity(9 + data.len());
    apdu.extend([0x80, instruction as u8, 0, 0, 0]);
    apdu.extend(length.to_be_bytes());
    apdu.extend_from_slice(data);
    apdu.extend([0, 0]);
    Ok(apdu)
}

/// Takes a command APDU apart: short or extended Lc, with or without Le (ISO 7816-3 §12.1.3).
///
/// # Errors
///
/// The [`StatusWord`] to answer with.
pub fn parse_command(apdu: &[u8]) -> Result<(Instruction, &[u8]), StatusWord> {
    let [class, instruction, p1, p2, body @ ..] = apdu else {
        return Err(StatusWord::WrongLength);
    };
    if *class != 0x80 {
        return Err(StatusWord::UnknownClass);
    }
    let instruction = Instruction::from_byte(*instruction).ok_or(StatusWord::UnknownInstruction)?;
    if (*p1, *p2) != (0, 0) {
        return Err(StatusWord::WrongParameters);
    }
    Ok((instruction, command_data(body).ok_or(StatusWord::WrongLength)?))
}

/// What stands between the header and Le.
fn command_data(body: &[u8]) -> Option<&[u8]> {
    let (length, rest, le) = match body {
        [] | [_] | [0, _, _] => return Some(&[]),
        [0, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest, 2),
        [length, rest @ ..] => (usize::from(*length), rest, 1),
    };
    let (data, after) = rest.split_at_checked(length)?;
    (length > 0 && (after.is_empty() || after.len() == le)).then_some(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_read_back_with_and_without_le() {
        let apdu = command(Instruction::Begin, &[1, 2, 3]).unwrap();
        assert_eq!(apdu, [0x80, 0x30, 0, 0, 0, 0, 3, 1, 2, 3, 0, 0]);
        assert_eq!(parse_command(&apdu), Ok((Instruction::Begin, &[1, 2, 3][..])));
        assert_eq!(parse_command(&apdu[..10]), Ok((Instruction::Begin, &[1, 2, 3][..])));
    }

    #[test]
    fn short_lengths_are_read_too() {
        assert_eq!(parse_command(&[0x80, 0x3E, 0, 0, 1, 0x80]), Ok((Instruction::Status, &[0x80][..])));
        assert_eq!(parse_command(&[0x80, 0x3E, 0, 0, 1, 0x80, 0]), Ok((Instruction::Status, &[0x80][..])));
        assert_eq!(parse_command(&[0x80, 0x3E, 0, 0]), Ok((Instruction::Status, &[][..])));
        assert_eq!(parse_command(&[0x80, 0x3E, 0, 0, 0]), Ok((Instruction::Status, &[][..])));
    }

    #[test]
    fn a_wrong_apdu_is_refused_for_its_own_reason() {
        let refusals: [(&[u8], StatusWord); 10] = [
            (&[], StatusWord::WrongLength),
            (&[0x80, 0x3E, 0], StatusWord::WrongLength),
            (&[0x00, 0x3E, 0, 0], StatusWord::UnknownClass),
            (&[0x80, 0x3F, 0, 0], StatusWord::UnknownInstruction),
            (&[0x80, 0x3E, 1, 0], StatusWord::WrongParameters),
            (&[0x80, 0x3E, 0, 0, 2, 0x80], StatusWord::WrongLength),
            (&[0x80, 0x3E, 0, 0, 0, 0, 0, 0x80], StatusWord::WrongLength),
            (&[0x80, 0x3E, 0, 0, 0, 0, 1, 0x80, 0], StatusWord::WrongLength),
            (&[0x80, 0x3E, 0, 0, 0, 0x80], StatusWord::WrongLength),
            (&[0x80, 0x3E, 0, 0, 0, 0, 0, 0, 0], StatusWord::WrongLength),
        ];
        for (apdu, word) in refusals {
            assert_eq!(parse_command(apdu), Err(word), "{apdu:02x?}");
        }
    }

    #[test]
    fn numbers_of_commands_and_status_words_are_their_own_inverse() {
        for instruction in Instruction::ALL {
            assert_eq!(Instruction::from_byte(instruction as u8), Some(instruction));
        }
        for word in StatusWord::ALL {
            assert_eq!(StatusWord::from_bytes(word.to_bytes()), Some(word));
        }
    }

    #[test]
    fn data_that_fit_into_no_apdu_are_refused() {
        assert_eq!(command(Instruction::Bind, &[0; 65_536]), Err(NotACommand { length: 65_536 }));
    }
}
