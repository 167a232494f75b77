//! The software element.
//!
//! Each command is a function from its input array to its output array in one of the files below. It
//! works out everything first, writes once ([`journal`]), and only then changes what is in memory and
//! answers. A command that refuses has written nothing (but a failure count, for ADM-PUT).

mod activate;
mod admin;
mod bind;
mod boot;
mod card_id;
mod card_key;
mod check_in;
mod commit;
mod enrol;
mod inject;
mod institution_key;
mod journal;
mod memory;
mod stamp;
mod stop;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use jushin_pki::Crypto;
use jushin_statement::{BindingState, Id16, Object, TickSpec};
use rand_core::RngCore;

use self::memory::{Memory, Phase};
use self::stop::Stop;
use crate::apdu::{Instruction, StatusWord, parse_command};
use crate::exchange::State;
use crate::nvm::{Nvm, Slot};
use crate::ticker::Ticker;

/// What is fixed when an element is built and never changes.
#[derive(Clone, Debug)]
pub struct Build {
    /// DER SPKI of the platform's key that signs bindings and injected secrets.
    pub platform_key: Vec<u8>,
    /// DER SPKI of the card CA keys that are trusted from the start.
    pub card_cas: Vec<Vec<u8>>,
    /// Model name, for the certificate request.
    pub model: String,
    /// Firmware version, for the certificate request.
    pub firmware: String,
    /// What the ticks are.
    pub tick: TickSpec,
    /// Where the institution key comes from.
    pub institution_key: InstitutionKeyOrigin,
    /// Whether card IDs over the card's public key (scheme 3) are given out. Off unless the institution
    /// has acknowledged that the law may bar it.
    pub keyed_card_id: bool,
}

/// Where the institution key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstitutionKeyOrigin {
    /// Made in the element at CSR; the platform sends only its CV certificate.
    Generated,
    /// Sent by the platform.
    Injected,
}

/// The storage holds something that this element did not write. The element stays dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the element's storage is damaged: {slot:?}")]
pub struct StorageDamaged {
    /// The slot that cannot be read.
    pub slot: Slot,
}

/// A software element. Everything from outside comes through [`handle`](Self::handle).
pub struct Element {
    build: Build,
    nvm: Box<dyn Nvm>,
    ticker: Box<dyn Ticker>,
    random: Box<dyn RngCore + Send>,
    crypto: Arc<dyn Crypto>,
    on: bool,
    memory: Memory,
}

impl Element {
    /// Builds an element around its storage and powers it on.
    ///
    /// # Errors
    ///
    /// [`StorageDamaged`] if the storage is not one of such an element.
    pub fn new(
        build: Build,
        nvm: Box<dyn Nvm>,
        ticker: Box<dyn Ticker>,
        random: Box<dyn RngCore + Send>,
        crypto: Arc<dyn Crypto>,
    ) -> Result<Self, StorageDamaged> {
        let mut element = Self { build, nvm, ticker, random, crypto, on: false, memory: Memory::default() };
        element.power_on()?;
        Ok(element)
    }

    /// Powers the element on: a new TickNonce, ticks at zero, nothing left of the cycle before.
    ///
    /// # Errors
    ///
    /// [`StorageDamaged`]; the element then stays off.
    pub fn power_on(&mut self) -> Result<(), StorageDamaged> {
        self.power_off();
        self.ticker.restart();
        let cycle = Id16(self.random_bytes());
        self.memory = Memory::load(&*self.nvm, &*self.crypto, cycle)?;
        self.on = true;
        Ok(())
    }

    /// Takes the power away. Everything volatile is dropped, keys are overwritten.
    pub fn power_off(&mut self) {
        self.on = false;
        self.memory = Memory::default();
    }

    /// The door: one command APDU in, answer and status word out.
    ///
    /// Empty when the element is off, or when the power went while it wrote.
    pub fn handle(&mut self, apdu: &[u8]) -> Vec<u8> {
        if !self.on {
            return Vec::new();
        }
        match self.run(apdu) {
            Ok(mut answer) => {
                answer.extend(StatusWord::Done.to_bytes());
                answer
            }
            Err(Stop::Refused(word)) => word.to_bytes().to_vec(),
            Err(Stop::PowerCut) => {
                self.power_off();
                Vec::new()
            }
        }
    }

    fn run(&mut self, apdu: &[u8]) -> Result<Vec<u8>, Stop> {
        let command = parse_command(apdu);
        // A card ID belongs to the card session that has just been committed: any other command ends it.
        if !matches!(command, Ok((Instruction::BuildCardId | Instruction::CardId, _))) {
            self.memory.card_id = None;
        }
        let (instruction, data) = command?;
        match instruction {
            Instruction::RequestCertificate => self.exchange(data, Self::request_certificate),
            Instruction::Inject => self.exchange(data, Self::inject),
            Instruction::Bind => self.exchange(data, Self::bind),
            Instruction::Boot => self.exchange(data, Self::boot),
            Instruction::Pair => self.exchange(data, Self::pair),
            Instruction::TickStamp1 => self.exchange(data, Self::tick_stamp1),
            Instruction::Activate => self.exchange(data, Self::activate),
            Instruction::BuildAdminActivation => self.exchange(data, Self::build_admin_activation),
            Instruction::PutAdminActivation => self.exchange(data, Self::put_admin_activation),
            Instruction::Begin => self.exchange(data, Self::begin),
            Instruction::Commit => self.exchange(data, Self::commit),
            Instruction::BuildCardId => self.exchange(data, Self::build_card_id),
            Instruction::CardId => self.exchange(data, Self::card_id),
            Instruction::Stamp => self.exchange(data, Self::stamp),
            Instruction::Close => self.exchange(data, Self::close),
            Instruction::Status => self.exchange(data, Self::status),
        }
    }

    fn exchange<I: Object, O: Object>(
        &mut self,
        data: &[u8],
        command: fn(&mut Self, I) -> Result<O, Stop>,
    ) -> Result<Vec<u8>, Stop> {
        Ok(command(self, I::decode(data)?)?.encode())
    }

    fn state(&self) -> State {
        match (&self.memory.keys, &self.memory.bound, &self.memory.phase) {
            (None, _, _) => State::Factory,
            (Some(_), None, _) => State::Keyed,
            (Some(_), Some(bound), _) if bound.binding.state == BindingState::Retired => State::Retired,
            (Some(_), Some(_), Phase::Locked) => State::Bound,
            (Some(_), Some(_), Phase::Active(_)) => State::Active,
            (Some(_), Some(_), Phase::Pending(..)) => State::Pending,
        }
    }

    fn require_state(&self, allowed: &[State]) -> Result<(), Stop> {
        if allowed.contains(&self.state()) { Ok(()) } else { Err(StatusWord::WrongState.into()) }
    }

    fn random_bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill_bytes(&mut bytes);
        bytes
    }
}

impl core::fmt::Debug for Element {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Element").field("on", &self.on).field("state", &self.state()).finish_non_exhaustive()
    }
}
