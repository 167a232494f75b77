//! Command chaining (ISO/IEC 7816-4, 5.3.3): data too long for one short command goes in several.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::{Command, CommandError, Header};

/// Most data that a short command carries.
const PART: usize = 255;

impl Command {
    /// The same command as short commands of at most 255 bytes each, all but the last chained.
    ///
    /// # Errors
    ///
    /// [`CommandError::Expected`] if it expects more than a short command can ask for.
    pub fn into_chain(self) -> Result<Vec<Self>, CommandError> {
        self.into_chain_of(PART)
    }

    /// The same command as short commands of at most `part` bytes each (1 to 255, else 255).
    ///
    /// # Errors
    ///
    /// [`CommandError::Expected`] if it expects more than a short command can ask for.
    pub fn into_chain_of(self, part: usize) -> Result<Vec<Self>, CommandError> {
        if let Some(expected) = self.expected().filter(|expected| *expected > 256) {
            return Err(CommandError::Expected(expected));
        }
        let part = if (1..=PART).contains(&part) { part } else { PART };
        let count = self.data().len().div_ceil(part).max(1);
        let mut parts = self.data().chunks(part);
        let mut chain = Vec::with_capacity(count);
        for _ in 1..count {
            chain.push(Self::new(self.header().with_chaining()).with_data(parts.next().unwrap_or_default())?);
        }
        let last = Self::new(self.header()).with_data(parts.next().unwrap_or_default())?;
        chain.push(match self.expected() {
            Some(expected) => last.expecting(expected)?,
            None => last,
        });
        Ok(chain)
    }
}

/// Puts the parts of chained commands together again: the card's side.
#[derive(Debug)]
pub struct Chain {
    limit: usize,
    begun: Option<Header>,
    data: Zeroizing<Vec<u8>>,
}

/// What became of a received command.
#[derive(Debug, PartialEq, Eq)]
pub enum ChainLink {
    /// A part was taken; more will come.
    More,
    /// The command is whole.
    Whole(Command),
}

/// A chain that is none. The sender is at fault; the chain is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// Another command came before the last part.
    #[error("the chain of {begun} was broken by {got}")]
    Broken {
        /// The chain's header.
        begun: Header,
        /// What came instead.
        got: Header,
    },
    /// The parts are longer in all than the card takes.
    #[error("a chain of more than {limit} bytes")]
    TooLong {
        /// The card's limit.
        limit: usize,
    },
}

impl Chain {
    /// Takes chains of up to `limit` bytes of data.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit, begun: None, data: Zeroizing::default() }
    }

    /// Forgets what was begun.
    pub fn clear(&mut self) {
        self.begun = None;
        self.data = Zeroizing::default();
    }

    /// Takes one received command.
    ///
    /// # Errors
    ///
    /// [`ChainError`]; the command is then not to be executed.
    pub fn take(&mut self, command: Command) -> Result<ChainLink, ChainError> {
        let header = command.header().without_chaining();
        if let Some(begun) = self.begun.filter(|begun| *begun != header) {
            self.clear();
            return Err(ChainError::Broken { begun, got: command.header() });
        }
        if self.data.len() + command.data().len() > self.limit {
            self.clear();
            return Err(ChainError::TooLong { limit: self.limit });
        }
        if command.header().is_chained() {
            self.begun = Some(header);
            self.data.extend_from_slice(command.data());
            return Ok(ChainLink::More);
        }
        if self.begun.is_none() {
            return Ok(ChainLink::Whole(command));
        }
        self.data.extend_from_slice(command.data());
        let whole = joined(header, &self.data, command.expected());
        self.clear();
        whole.map(ChainLink::Whole).map_err(|_| ChainError::TooLong { limit: self.limit })
    }
}

fn joined(header: Header, data: &[u8], expected: Option<u32>) -> Result<Command, CommandError> {
    let command = Command::new(header).with_data(data)?;
    match expected {
        Some(expected) => command.expecting(expected),
        None => Ok(command),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    const VERIFY_CERTIFICATE: Header = Header::new(0x00, 0x2A, 0x00, 0xBE);

    #[test]
    fn a_568_byte_certificate_takes_three_parts() {
        let chain = Command::new(VERIFY_CERTIFICATE).with_data(&[7; 568]).unwrap().into_chain().unwrap();
        let shape: Vec<_> = chain.iter().map(|part| (part.header().class, part.data().len())).collect();
        assert_eq!(shape, [(0x10, 255), (0x10, 255), (0x00, 58)]);
    }

    #[test]
    fn another_command_breaks_the_chain_and_is_not_executed() {
        let mut chain = Chain::new(600);
        let part = Command::new(VERIFY_CERTIFICATE.with_chaining()).with_data(&[1]).unwrap();
        let other = Command::new(Header::new(0x00, 0x84, 0x00, 0x00));
        assert_eq!(chain.take(part), Ok(ChainLink::More));
        assert_eq!(
            chain.take(other.clone()),
            Err(ChainError::Broken { begun: VERIFY_CERTIFICATE, got: other.header() })
        );
        assert_eq!(chain.take(other.clone()), Ok(ChainLink::Whole(other)));
    }

    #[test]
    fn a_chain_above_the_limit_is_refused() {
        let mut chain = Chain::new(300);
        let part = Command::new(VERIFY_CERTIFICATE.with_chaining()).with_data(&[1; 200]).unwrap();
        assert_eq!(chain.take(part.clone()), Ok(ChainLink::More));
        assert_eq!(chain.take(part), Err(ChainError::TooLong { limit: 300 }));
    }

    proptest! {
        #[test]
        fn every_split_joins_to_the_same_command(data in prop::collection::vec(any::<u8>(), 0..700), part in 0..300usize, expected in proptest::option::of(1..=256u32)) {
            let mut command = Command::new(VERIFY_CERTIFICATE).with_data(&data).unwrap();
            if let Some(expected) = expected {
                command = command.expecting(expected).unwrap();
            }
            let mut chain = Chain::new(1000);
            let mut links = vec![];
            for part in command.clone().into_chain_of(part).unwrap() {
                links.push(chain.take(part).unwrap());
            }
            prop_assert_eq!(links.pop(), Some(ChainLink::Whole(command)));
            prop_assert!(links.iter().all(|link| *link == ChainLink::More));
        }
    }
}
