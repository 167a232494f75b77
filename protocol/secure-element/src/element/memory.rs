//! What the element has in volatile memory: its storage unpacked, and what this power cycle added.

use alloc::sync::Arc;
use alloc::vec::Vec;

use jushin_pki::{Crypto, PrivateKey, PublicKey, SealingKey};
use jushin_statement::{
    AdminActivation, Alg, AuthenticationForm, Binding, CardChallenge, Hash, Id16, Object,
};

use super::StorageDamaged;
use super::card_key::Form;
use super::institution_key::CvIdentity;
use crate::nvm::{Nvm, Slot};
use crate::stored::{CardCas, Identity, Institution, Journal, Pseudonyms, StoredBinding};

/// Everything volatile. The default is a dark element.
#[derive(Default)]
pub(super) struct Memory {
    /// Device and sealing key.
    pub(super) keys: Option<Keys>,
    /// Institution key.
    pub(super) institution_key: Option<Arc<dyn PrivateKey>>,
    /// Its CV certificate.
    pub(super) cv: Option<CvIdentity>,
    /// As stored.
    pub(super) pseudonyms: Pseudonyms,
    /// As stored.
    pub(super) card_cas: CardCas,
    /// The binding.
    pub(super) bound: Option<Bound>,
    /// As stored.
    pub(super) journal: Journal,

    /// TickNonce.
    pub(super) cycle: Option<Id16>,
    /// The highest tick count that was shown.
    pub(super) ticks_shown: u64,
    /// Counter of this cycle's boot record.
    pub(super) boot_counter: u64,
    /// Whether BOOT is due.
    pub(super) boot: BootDue,
    /// SHA-256 of the SPKI that has signed this cycle's TickNonce.
    pub(super) paired: Option<Hash>,
    /// The TickStamp1 that an activation may name.
    pub(super) stamp1: Option<Stamp1>,
    /// Activations used in this cycle.
    pub(super) activations: Vec<Id16>,
    /// The `adm` that an administrator may sign.
    pub(super) admin: Option<AdminActivation>,
    /// Whether and how far the element is unlocked.
    pub(super) phase: Phase,
    /// The card session that was just committed.
    pub(super) card_id: Option<CardIdSession>,
}

/// Keys from CSR on.
pub(super) struct Keys {
    /// First 16 bytes of SHA-256(SPKI of the device key).
    pub(super) element: Id16,
    /// Signs all records.
    pub(super) device: Arc<dyn PrivateKey>,
    /// Opens injected secrets.
    pub(super) sealing: Arc<dyn SealingKey>,
}

/// The binding in force.
pub(super) struct Bound {
    /// The binding.
    pub(super) binding: Binding,
    /// SHA-256 of its payload.
    pub(super) hash: Hash,
}

/// Whether BOOT is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum BootDue {
    /// Done in this cycle, or no keys yet.
    #[default]
    No,
    /// The boot record of an earlier cycle may never have arrived: release it again first.
    ReleaseAgain,
    /// The next BOOT writes.
    Write,
}

/// The TickStamp1 that an activation may name.
pub(super) struct Stamp1 {
    /// Its counter.
    pub(super) counter: u64,
    /// SHA-256 of its payload.
    pub(super) hash: Hash,
}

/// Whether and how far the element is unlocked.
#[derive(Default)]
pub(super) enum Phase {
    /// Not in this cycle.
    #[default]
    Locked,
    /// Unlocked.
    Active(Active),
    /// Unlocked, and a card session is open.
    Pending(Active, Pending),
}

/// An activation.
#[derive(Clone, Copy)]
pub(super) struct Active {
    /// anchor-h.
    pub(super) anchor: Hash,
    /// Check-ins.
    pub(super) begins: Begins,
    /// Tick count of the record that unlocked.
    pub(super) since: u64,
    /// Ticks allowed from there.
    pub(super) max_ticks: u64,
}

/// How check-ins are counted.
#[derive(Clone, Copy)]
pub(super) enum Begins {
    /// So many are left of this activation.
    Online(u64),
    /// The journal counts them against the binding's offline budget.
    Offline,
}

/// An open card session. Nothing of it survives power-off but its counter, in the journal.
pub(super) struct Pending {
    /// D: SHA-256 of what the card is to sign.
    pub(super) presence: Hash,
    /// E: the digest that the card is given.
    pub(super) given: Vec<u8>,
    /// The card's key.
    pub(super) card: CardKey,
    /// Form of EXTERNAL AUTHENTICATE.
    pub(super) form: AuthenticationForm,
    /// Tick count at BEGIN.
    pub(super) since: u64,
    /// The card's challenge.
    pub(super) challenge: CardChallenge,
}

/// A card's key as its certificate gave it.
#[derive(Clone)]
pub(super) struct CardKey {
    /// The key.
    pub(super) key: Arc<dyn PublicKey>,
    /// SHA-256 of its DER SPKI.
    pub(super) spki: Hash,
    /// With which algorithm it signs.
    pub(super) alg: Alg,
}

/// A committed card session, as long as card IDs may be asked for.
pub(super) struct CardIdSession {
    /// The card's key.
    pub(super) card: CardKey,
    /// Form of EXTERNAL AUTHENTICATE, if one that scheme 1 works with.
    pub(super) form: Option<Form>,
    /// Epochs for which an EXTERNAL AUTHENTICATE was signed.
    pub(super) built: Vec<u64>,
    /// Epoch and digest that the card was asked to sign last.
    pub(super) asked: Option<(u64, Hash)>,
}

impl Memory {
    /// Unpacks the storage at the start of the power cycle `cycle`.
    pub(super) fn load(nvm: &dyn Nvm, crypto: &dyn Crypto, cycle: Id16) -> Result<Self, StorageDamaged> {
        let keys = slot::<Identity>(nvm, Slot::Identity)?
            .map(|identity| Keys::unpack(&identity, crypto))
            .transpose()?;
        let institution = slot::<Institution>(nvm, Slot::Institution)?.unwrap_or_default();
        let damaged = StorageDamaged { slot: Slot::Institution };
        let institution_key =
            institution.key.map(|key| crypto.private_key(&key.0).map_err(|_| damaged)).transpose()?;
        let cv =
            institution.certificate.map(|der| CvIdentity::parse(&der).map_err(|_| damaged)).transpose()?;
        let bound = slot::<StoredBinding>(nvm, Slot::Binding)?
            .map(|stored| Bound::unpack(&stored.payload))
            .transpose()?;
        let journal = slot::<Journal>(nvm, Slot::Journal)?.unwrap_or_default();
        let boot = match (&keys, &journal.boot) {
            (None, _) => BootDue::No,
            (Some(_), Some(_)) => BootDue::ReleaseAgain,
            (Some(_), None) => BootDue::Write,
        };
        Ok(Self {
            keys,
            institution_key,
            cv,
            pseudonyms: slot(nvm, Slot::Pseudonyms)?.unwrap_or_default(),
            card_cas: slot(nvm, Slot::CardCas)?.unwrap_or_default(),
            bound,
            journal,
            cycle: Some(cycle),
            boot,
            ..Self::default()
        })
    }
}

impl Keys {
    pub(super) fn unpack(identity: &Identity, crypto: &dyn Crypto) -> Result<Self, StorageDamaged> {
        let damaged = StorageDamaged { slot: Slot::Identity };
        let device = crypto.private_key(&identity.device_key.0).map_err(|_| damaged)?;
        let sealing = crypto.sealing_key(&identity.sealing_key.0).map_err(|_| damaged)?;
        Ok(Self { element: Id16::of_spki(device.spki()), device, sealing })
    }
}

impl Bound {
    fn unpack(payload: &[u8]) -> Result<Self, StorageDamaged> {
        let binding = Binding::decode(payload).map_err(|_| StorageDamaged { slot: Slot::Binding })?;
        Ok(Self { binding, hash: Hash::of(payload) })
    }
}

fn slot<T: Object>(nvm: &dyn Nvm, slot: Slot) -> Result<Option<T>, StorageDamaged> {
    let bytes = nvm.read(slot).map(zeroize::Zeroizing::new);
    bytes.map(|bytes| T::decode(&bytes).map_err(|_| StorageDamaged { slot })).transpose()
}
