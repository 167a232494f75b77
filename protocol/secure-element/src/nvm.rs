//! What survives power-off: a few slots, and a write that happens whole or not at all.

use alloc::vec::Vec;

use zeroize::Zeroize;

/// Where the element keeps something. The numbers are part of the stored format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Slot {
    /// Device key and sealing key. Secret.
    Identity = 1,
    /// Institution key and its CV certificate. Secret; overwritten at retirement.
    Institution = 2,
    /// Keys for pseudonyms, by epoch. Secret; overwritten at retirement.
    Pseudonyms = 3,
    /// Card CA keys that came after the first ones.
    CardCas = 4,
    /// The binding as received.
    Binding = 5,
    /// Counter, head, the last record's bytes, and what a check-in left open.
    Journal = 6,
}

impl Slot {
    /// All slots.
    pub const ALL: [Self; 6] =
        [Self::Identity, Self::Institution, Self::Pseudonyms, Self::CardCas, Self::Binding, Self::Journal];
}

/// The power went, or the storage failed, while writing. The element gives no answer any more.
///
/// Whether the write happened is unknown until the next power-on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("power went while writing")]
pub struct PowerCut;

/// Non-volatile memory.
///
/// Whoever can read it has the element's keys; whoever can set it back to an older content can make
/// two records of one counter value, which the platform sees as a fork. A chip prevents both, the
/// software element does not, and its certificate says so.
pub trait Nvm: Send {
    /// What the slot holds; `None` if nothing was ever written to it.
    fn read(&self, slot: Slot) -> Option<Vec<u8>>;

    /// Writes all the slots, or none of them.
    ///
    /// # Errors
    ///
    /// [`PowerCut`]: all or none happened, and the caller cannot tell which.
    fn write(&mut self, slots: &[(Slot, &[u8])]) -> Result<(), PowerCut>;
}

/// When a [`MemoryNvm`] loses power: at which write, and on which side of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Just before the write with this number (the first is 0): not persisted.
    Before(u64),
    /// Just after it: persisted, but nobody is told.
    After(u64),
}

/// Memory that forgets when the program ends, and that can lose power at chosen writes.
#[derive(Default)]
pub struct MemoryNvm {
    slots: [Option<Vec<u8>>; Slot::ALL.len()],
    writes: u64,
    cuts: Vec<Cut>,
}

impl MemoryNvm {
    /// Empty memory with steady power.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Empty memory that loses power as `cuts` say, at each of them once.
    #[must_use]
    pub fn with_cuts(cuts: &[Cut]) -> Self {
        Self { cuts: cuts.to_vec(), ..Self::default() }
    }

    /// How many writes were begun.
    #[must_use]
    pub const fn writes(&self) -> u64 {
        self.writes
    }
}

impl core::fmt::Debug for MemoryNvm {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("MemoryNvm").field("writes", &self.writes).finish_non_exhaustive()
    }
}

impl Nvm for MemoryNvm {
    fn read(&self, slot: Slot) -> Option<Vec<u8>> {
        self.slots.get(slot as usize - 1).cloned().flatten()
    }

    fn write(&mut self, slots: &[(Slot, &[u8])]) -> Result<(), PowerCut> {
        let number = self.writes;
        self.writes += 1;
        if self.cuts.contains(&Cut::Before(number)) {
            return Err(PowerCut);
        }
        for (slot, bytes) in slots {
            if let Some(place) = self.slots.get_mut(*slot as usize - 1) {
                place.zeroize();
                *place = Some(bytes.to_vec());
            }
        }
        if self.cuts.contains(&Cut::After(number)) { Err(PowerCut) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_before_the_write_keeps_the_old_content_and_one_after_it_the_new() {
        for (cut, expected) in [(Cut::Before(1), &[1][..]), (Cut::After(1), &[2][..])] {
            let mut nvm = MemoryNvm::with_cuts(&[cut]);
            assert_eq!(nvm.write(&[(Slot::Journal, &[1])]), Ok(()));
            assert_eq!(nvm.write(&[(Slot::Journal, &[2])]), Err(PowerCut));
            assert_eq!(nvm.read(Slot::Journal).as_deref(), Some(expected));
            assert_eq!(nvm.write(&[(Slot::Journal, &[3])]), Ok(()), "the next write is another one");
        }
    }
}
