//! The way to an element, where its power may be cut between any two steps.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jushin_secure_element::client::{ElementTransport, ElementUnreachable};
use jushin_secure_element::{Element, Instruction};

use super::oscillator::Oscillator;
use super::stage::{Aim, Stage};

/// Longest time a command takes, in microseconds.
const COMMAND_US: u64 = 60_000;

/// An element and its power. Clones are the same one.
#[derive(Clone)]
pub(super) struct Socket {
    element: Arc<Mutex<Element>>,
    pub(super) oscillator: Oscillator,
    stage: Arc<Stage>,
    cut: Arc<Mutex<Option<Cut>>>,
}

/// After so many further commands the power goes, before the command or right after it.
#[derive(Clone, Copy)]
pub(super) struct Cut {
    pub(super) commands: u64,
    pub(super) after: bool,
}

impl Socket {
    pub(super) fn new(element: Element, oscillator: Oscillator, stage: Arc<Stage>) -> Self {
        Self { element: Arc::new(Mutex::new(element)), oscillator, stage, cut: Arc::default() }
    }

    fn element(&self) -> MutexGuard<'_, Element> {
        self.element.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Arms or disarms a power cut.
    pub(super) fn cut(&self, cut: Option<Cut>) {
        *self.cut.lock().unwrap_or_else(PoisonError::into_inner) = cut;
    }

    pub(super) fn power_off(&self) {
        self.element().power_off();
    }

    pub(super) fn power_on(&self) -> anyhow::Result<()> {
        Ok(self.element().power_on()?)
    }

    /// Counts a command; whether the power goes with it.
    fn falls(&self) -> Option<Cut> {
        let mut cut = self.cut.lock().unwrap_or_else(PoisonError::into_inner);
        let armed = cut.as_mut()?;
        if armed.commands > 0 {
            armed.commands -= 1;
            return None;
        }
        cut.take()
    }
}

impl ElementTransport for Socket {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, ElementUnreachable> {
        let instruction = apdu.get(1).copied().unwrap_or_default();
        if instruction == Instruction::TickStamp1 as u8 {
            self.stage.at_tick(Aim::High);
        } else if instruction == Instruction::Begin as u8 {
            self.stage.at_tick(Aim::Low);
        }
        let cut = self.falls();
        if cut.is_some_and(|cut| !cut.after) {
            self.power_off();
        }
        let answer = self.element().transmit(apdu);
        if cut.is_some() {
            self.power_off();
            return Err(ElementUnreachable);
        }
        self.stage.take_time(COMMAND_US);
        answer
    }

    fn restart(&mut self) -> Result<(), ElementUnreachable> {
        self.element().restart()
    }
}
