//! One command: header, data, and how many bytes are expected back.

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use super::Header;

/// Whether the length fields have one byte or three and two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Data up to 255 bytes, answer up to 256.
    Short,
    /// Data up to 65 535 bytes, answer up to 65 536.
    Extended,
}

/// A command, cases 1 to 4 of ISO/IEC 7816-4, 5.2, short or extended.
///
/// `Debug` shows the header and the lengths only; the data is zeroised when it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    header: Header,
    data: Zeroizing<Vec<u8>>,
    expected: Option<u32>,
    form: Form,
}

/// A command that cannot be written, or bytes that are no command. Whoever built them is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// Fewer than four bytes.
    #[error("a command has at least 4 bytes, this has {0}")]
    NoHeader(usize),
    /// The length fields do not add up to the bytes that are there.
    #[error("the length fields do not fit the {0} bytes after the header")]
    Lengths(usize),
    /// More data than an extended command can carry.
    #[error("a command carries at most 65535 bytes, not {0}")]
    TooMuchData(usize),
    /// More expected bytes than an extended command can ask for, or none.
    #[error("a command can ask for 1 to 65536 bytes, not {0}")]
    Expected(u32),
}

impl Command {
    /// A command without data that expects no data back (case 1).
    #[must_use]
    pub fn new(header: Header) -> Self {
        Self { header, data: Zeroizing::default(), expected: None, form: Form::Short }
    }

    /// The same command with `data`; extended if there are more than 255 bytes of it.
    ///
    /// # Errors
    ///
    /// [`CommandError::TooMuchData`] above 65 535 bytes.
    pub fn with_data(self, data: &[u8]) -> Result<Self, CommandError> {
        if data.len() > 65_535 {
            return Err(CommandError::TooMuchData(data.len()));
        }
        let form = if data.len() > 255 { Form::Extended } else { self.form };
        Ok(Self { data: Zeroizing::new(data.to_vec()), form, ..self })
    }

    /// The same command, expecting up to `length` bytes back; extended if these are more than 256.
    ///
    /// # Errors
    ///
    /// [`CommandError::Expected`] for 0 and above 65 536.
    pub fn expecting(self, length: u32) -> Result<Self, CommandError> {
        if !(1..=65_536).contains(&length) {
            return Err(CommandError::Expected(length));
        }
        let form = if length > 256 { Form::Extended } else { self.form };
        Ok(Self { expected: Some(length), form, ..self })
    }

    /// The same command with extended length fields, even where short ones would do.
    #[must_use]
    pub fn extended(self) -> Self {
        Self { form: Form::Extended, ..self }
    }

    /// What the command does.
    #[must_use]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// Its data; empty if it has none.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// How many bytes it expects back at most; `None` without an Le field.
    #[must_use]
    pub const fn expected(&self) -> Option<u32> {
        self.expected
    }

    /// How its lengths are written. A command of case 1 has none and counts as short.
    #[must_use]
    pub const fn form(&self) -> Form {
        self.form
    }

    /// Reads a command as a card receives it.
    ///
    /// # Errors
    ///
    /// [`CommandError::NoHeader`] or [`CommandError::Lengths`].
    pub fn parse(bytes: &[u8]) -> Result<Self, CommandError> {
        let [class, instruction, p1, p2, body @ ..] = bytes else {
            return Err(CommandError::NoHeader(bytes.len()));
        };
        let header = Header::new(*class, *instruction, *p1, *p2);
        let (form, data, expected) = parse_body(body).ok_or(CommandError::Lengths(body.len()))?;
        Ok(Self { header, data: Zeroizing::new(data.to_vec()), expected, form })
    }

    /// The bytes that go to the card. Reading them back gives an equal command.
    #[must_use]
    pub fn to_bytes(&self) -> CommandBytes {
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.data.len() + 9));
        bytes.extend_from_slice(&self.header.to_bytes());
        match self.form {
            Form::Short => self.write_short(&mut bytes),
            Form::Extended => self.write_extended(&mut bytes),
        }
        CommandBytes(bytes)
    }

    fn write_short(&self, bytes: &mut Vec<u8>) {
        if !self.data.is_empty() {
            bytes.push(low_byte(self.data.len()));
            bytes.extend_from_slice(&self.data);
        }
        if let Some(expected) = self.expected {
            bytes.push(expected.to_be_bytes()[3]);
        }
    }

    fn write_extended(&self, bytes: &mut Vec<u8>) {
        if self.data.is_empty() && self.expected.is_none() {
            return;
        }
        bytes.push(0);
        if !self.data.is_empty() {
            let length = u16::try_from(self.data.len()).unwrap_or(u16::MAX);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(&self.data);
        }
        if let Some(expected) = self.expected {
            let [_, _, high, low] = expected.to_be_bytes();
            bytes.extend_from_slice(&[high, low]);
        }
    }
}

fn low_byte(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}

/// Splits what follows the header into form, data and Le; the cases are those of ISO/IEC 7816-4, 5.2.
fn parse_body(body: &[u8]) -> Option<(Form, &[u8], Option<u32>)> {
    match body {
        [] => Some((Form::Short, &[], None)),
        [le] => Some((Form::Short, &[], Some(short_expected(*le)))),
        [0, high, low] => Some((Form::Extended, &[], Some(extended_expected(*high, *low)))),
        [0, high, low, rest @ ..] => {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            let (data, rest) = rest.split_at_checked(length).filter(|_| length > 0)?;
            match rest {
                [] => Some((Form::Extended, data, None)),
                [high, low] => Some((Form::Extended, data, Some(extended_expected(*high, *low)))),
                _ => None,
            }
        }
        [0, _] => None,
        [length, rest @ ..] => {
            let (data, rest) = rest.split_at_checked(usize::from(*length))?;
            match rest {
                [] => Some((Form::Short, data, None)),
                [le] => Some((Form::Short, data, Some(short_expected(*le)))),
                _ => None,
            }
        }
    }
}

fn short_expected(le: u8) -> u32 {
    if le == 0 { 256 } else { u32::from(le) }
}

fn extended_expected(high: u8, low: u8) -> u32 {
    match u16::from_be_bytes([high, low]) {
        0 => 65_536,
        expected => u32::from(expected),
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{} bytes]", self.header, self.data.len())?;
        self.expected.map_or(Ok(()), |expected| write!(f, " expects {expected}"))
    }
}

/// A command as it goes over the wire. `Debug` shows the header and the length only.
#[derive(Clone, PartialEq, Eq)]
pub struct CommandBytes(Zeroizing<Vec<u8>>);

impl CommandBytes {
    /// What the card receives. May hold a PIN: for the wire, never for a log.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for CommandBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.iter().take(4) {
            write!(f, "{byte:02X} ")?;
        }
        write!(f, "[{} bytes in all]", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::vec;
    use proptest::prelude::*;

    const HEADER: Header = Header::new(0x00, 0xB0, 0x12, 0x34);

    #[test]
    fn each_case_has_its_own_bytes() {
        let data = vec![0xAA; 256];
        let plain = Command::new(HEADER);
        let cases: [(Command, &str); 7] = [
            (plain.clone(), "00b01234"),
            (plain.clone().expecting(256).unwrap(), "00b0123400"),
            (plain.clone().with_data(&[1, 2]).unwrap(), "00b01234020102"),
            (plain.clone().with_data(&[1, 2]).unwrap().expecting(4).unwrap(), "00b0123402010204"),
            (plain.clone().expecting(65_536).unwrap(), "00b01234000000"),
            (plain.clone().with_data(&[1]).unwrap().extended(), "00b0123400000101"),
            (plain.with_data(&[1]).unwrap().expecting(257).unwrap(), "00b01234000001010101"),
        ];
        for (command, expected) in cases {
            let hex: alloc::string::String =
                command.to_bytes().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, expected);
            assert_eq!(Command::parse(command.to_bytes().as_bytes()), Ok(command));
        }
        assert_eq!(Command::new(HEADER).with_data(&data).unwrap().form(), Form::Extended);
    }

    #[test]
    fn lengths_that_do_not_add_up_are_refused() {
        assert_eq!(Command::parse(&[0, 0xA4, 4]), Err(CommandError::NoHeader(3)));
        for body in [&[2, 1][..], &[1, 1, 1, 1], &[0, 0], &[0, 0, 0, 1], &[0, 0, 2, 1], &[0, 0, 1, 1, 1]] {
            let bytes = [&HEADER.to_bytes()[..], body].concat();
            assert_eq!(Command::parse(&bytes), Err(CommandError::Lengths(body.len())), "{body:?}");
        }
    }

    #[test]
    fn what_no_command_can_carry_is_refused() {
        assert_eq!(Command::new(HEADER).with_data(&vec![0; 65_536]), Err(CommandError::TooMuchData(65_536)));
        assert_eq!(Command::new(HEADER).expecting(0), Err(CommandError::Expected(0)));
        assert_eq!(Command::new(HEADER).expecting(65_537), Err(CommandError::Expected(65_537)));
    }

    #[test]
    fn debug_shows_header_and_lengths_only() {
        let command = Command::new(Header::new(0, 0x20, 0, 0x80)).with_data(b"1234").unwrap();
        assert_eq!(format!("{command:?}"), "00 20 00 80 [4 bytes]");
        assert_eq!(format!("{:?}", command.to_bytes()), "00 20 00 80 [9 bytes in all]");
    }

    proptest! {
        #[test]
        fn whatever_parses_is_written_back_byte_for_byte(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            if let Ok(command) = Command::parse(&bytes) {
                let written = command.to_bytes();
                prop_assert_eq!(written.as_bytes(), &bytes[..]);
            }
        }

        #[test]
        fn whatever_is_built_parses_back(data in prop::collection::vec(any::<u8>(), 0..600), expected in proptest::option::of(1..=65_536u32), extended in any::<bool>()) {
            let mut command = Command::new(HEADER).with_data(&data).unwrap();
            if let Some(expected) = expected {
                command = command.expecting(expected).unwrap();
            }
            if extended && (!data.is_empty() || expected.is_some()) {
                command = command.extended();
            }
            let parsed = Command::parse(command.to_bytes().as_bytes()).unwrap();
            prop_assert_eq!(parsed, command);
        }
    }
}
