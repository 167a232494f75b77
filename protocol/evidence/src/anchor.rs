//! Anchors: what fixes a power cycle in time (V4).

use std::sync::Arc;

use jushin_pki::path::validate;
use jushin_pki::time_stamp::Token;
use jushin_pki::{AsOf, Certificate, Crypto, PublicKey, ValidPath};
use jushin_statement::{
    Activation, AdminActivation, Administrator, AdministratorKind, Alg, Anchor, Beacon, Bytes, Hash, Id16,
    Object, Record, Signed, TickStamp1, TickStamp2, beacon_hash, online_anchor_hash,
};

use crate::element::{Element, ElementRecord, payload_of};
use crate::keyring::Keyring;
use crate::policy::Policy;
use crate::signed::open;
use crate::window::{Bracket, Stamp, TokenTime};

/// A verified token: its time, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamped {
    pub(crate) token: TokenTime,
    /// SHA-256 of the token.
    pub(crate) hash: Hash,
    /// SHA-256 of the CA certificate that its chain ends in.
    pub(crate) authority: Hash,
}

/// Verifies a token over `signed`, under the trusted time-stamping CAs.
pub(crate) fn verify_token(
    token: &[u8],
    signed: &Signed,
    keyring: &Keyring,
    policy: &Policy,
    crypto: &dyn Crypto,
) -> Option<Stamped> {
    let parsed = Token::parse(token).ok()?;
    let stamp = parsed.verify(&signed.imprint().0, &keyring.time_stampers, crypto).ok()?;
    let time_ms = i128::from(stamp.gen_time().millis());
    if time_ms < 0 {
        return None;
    }
    // An accuracy of zero is no statement about a clock: it counts as none.
    let unstated = stamp.accuracy().is_some_and(|accuracy| accuracy.millis == 0);
    let accuracy_ms = stamp.uncertainty_millis(policy.accuracy_ms).saturating_add(if unstated {
        policy.accuracy_ms
    } else {
        0
    });
    Some(Stamped {
        token: TokenTime { time_us: time_ms * 1_000, accuracy_us: i128::from(accuracy_ms) * 1_000 },
        hash: Hash::of(token),
        authority: Hash(stamp.tsa().anchor().sha256()),
    })
}

/// An online unlock whose signatures, hashes and token fit together.
#[derive(Clone, Debug)]
pub(crate) struct Online {
    /// anchor-h; `None` if the bracket was never closed.
    pub(crate) hash: Option<Hash>,
    pub(crate) binding: Hash,
    pub(crate) cycle: Id16,
    pub(crate) first: Arc<ElementRecord>,
    pub(crate) second: Option<Arc<ElementRecord>>,
    /// SHA-256 of the SPKI of the provider's key, and the seq that its activation names.
    pub(crate) activation: Option<(Hash, u64)>,
    pub(crate) stamped: Stamped,
}

impl Online {
    /// Where it stands among the others. Of unlocks in one place only the first counts.
    pub(crate) fn place(&self) -> (u64, Hash, Option<Id16>, Option<(Hash, u64)>) {
        let second = self.second.as_ref().map(|second| second.first16);
        (self.first.link.counter, self.stamped.hash, second, self.activation)
    }

    pub(crate) fn bracket(&self) -> Bracket {
        Bracket {
            cycle: self.cycle,
            first: self.first.stamp(),
            second: self.second.as_ref().map(|second| second.stamp()),
            token: self.stamped.token,
        }
    }

    /// Verifies an online anchor of `element`; `stamped` is its token, verified over `stamp1`.
    pub(crate) fn verify(
        stamp1: &Signed,
        activation: &Signed,
        stamp2: &Signed,
        stamped: Stamped,
        element: &Element,
        keyring: &Keyring,
    ) -> Option<Self> {
        let first = element.verify(stamp1)?;
        let Record::TickStamp1(first_stamp) = first.record.clone() else { return None };
        let mut online = Self {
            hash: None,
            binding: first_stamp.binding,
            cycle: first.link.ticks.cycle,
            first: Arc::new(first),
            second: None,
            activation: None,
            stamped,
        };
        if activation.as_bytes().is_empty() {
            return stamp2.as_bytes().is_empty().then_some(online);
        }
        let act_hash = online.activate(&first_stamp, activation, keyring)?;
        if !stamp2.as_bytes().is_empty() {
            online.close(stamp2, activation, act_hash, element)?;
        }
        Some(online)
    }

    fn activate(&mut self, stamp: &TickStamp1, activation: &Signed, keyring: &Keyring) -> Option<Hash> {
        let (key_hash, opened) = keyring
            .providers
            .iter()
            .find_map(|(hash, key)| Some((*hash, open::<Activation>(activation, key.as_ref()).ok()?)))?;
        let act = opened.object;
        let fits = act.element == stamp.element
            && act.cycle == stamp.ticks.cycle
            && act.counter == stamp.counter
            && act.stamp == self.first.hash
            && act.token == self.stamped.hash;
        self.activation = Some((key_hash, act.binding_seq));
        fits.then_some(opened.hash)
    }

    fn close(
        &mut self,
        signed: &Signed,
        activation: &Signed,
        act_hash: Hash,
        element: &Element,
    ) -> Option<()> {
        let second = element.verify(signed)?;
        let Record::TickStamp2(stamp) = &second.record else { return None };
        let act: Activation = activation.parse().ok()?.object().ok()?;
        let fits = stamp.activation == act.id
            && stamp.token == self.stamped.hash
            && stamp.activation_hash == act_hash
            && stamp.ticks.cycle == self.cycle
            && second.link.counter > self.first.link.counter
            && second.stamp().count >= self.first.stamp().count
            && second.attested.map(|attested| attested.boots) == self.first.attested.map(|one| one.boots);
        if !fits {
            return None;
        }
        self.hash = Some(online_anchor_hash(self.first.hash, self.stamped.hash, act_hash, second.hash));
        self.second = Some(Arc::new(second));
        Some(())
    }
}

/// anchor-h as the bytes state it, before anything is verified.
pub(crate) fn stated_hash(anchor: &Anchor) -> Option<Hash> {
    match anchor {
        Anchor::Online { stamp1, token, activation, stamp2 } => {
            let stamp2 = payload_of(stamp2).filter(|payload| TickStamp2::decode(payload).is_ok())?;
            Some(online_anchor_hash(
                Hash::of(&payload_of(stamp1)?),
                Hash::of(token),
                activation.parse().ok()?.payload_hash(),
                Hash::of(&stamp2),
            ))
        }
        Anchor::Offline { admin, .. } => Some(admin.imprint()),
        Anchor::Close { .. } | Anchor::Beacon { .. } => None,
    }
}

/// An administrator's unlock whose signature fits its certificate. The certificate's dates and revocation
/// are judged later, against the window.
#[derive(Clone, Debug)]
pub(crate) struct Offline {
    /// anchor-h.
    pub(crate) hash: Hash,
    pub(crate) admin: AdminActivation,
    /// SHA-256 of the payload.
    pub(crate) payload: Hash,
    pub(crate) administrator: Administrator,
    pub(crate) path: ValidPath,
}

impl Offline {
    /// Where it stands among the others. Of unlocks in one place only the first counts.
    pub(crate) fn place(&self) -> (u64, Hash, [u8; 32]) {
        (self.admin.counter, self.hash, self.path.leaf().sha256())
    }

    pub(crate) fn stamp(&self) -> Stamp {
        Stamp { counter: self.admin.counter, count: self.admin.ticks.count }
    }

    pub(crate) fn verify(
        admin: &Signed,
        certificate: &Bytes,
        others: &[Certificate],
        keyring: &Keyring,
        crypto: &dyn Crypto,
    ) -> Option<Self> {
        let certificate = Certificate::parse(certificate).ok()?;
        let staff =
            validate(&certificate, others, &keyring.staff, &keyring.staff_profile, AsOf::Unjudged, crypto)
                .map(|path| (AdministratorKind::Hpki, path));
        let jpki = || {
            validate(&certificate, &[], &keyring.cards, &keyring.card_profile, AsOf::Unjudged, crypto)
                .map(|path| (AdministratorKind::Jpki, path))
        };
        let (kind, path) = staff.or_else(|_| jpki()).ok()?;
        let key: &Arc<dyn PublicKey> = path.key();
        // RS256 alone: then the key is RSA-2048, too.
        let opened = (admin.parse().ok()?.alg == Alg::Rs256)
            .then(|| open::<AdminActivation>(admin, key.as_ref()).ok())??;
        Some(Self {
            hash: admin.imprint(),
            payload: opened.hash,
            admin: opened.object,
            administrator: Administrator { kind, key: Hash::of(certificate.spki()) },
            path,
        })
    }
}

/// beacon-h of a beacon anchor. The beacon's own signature adds nothing to the bound and is not checked.
pub(crate) fn stated_beacon_hash(beacon: &Signed, token: &[u8]) -> Option<Hash> {
    let parsed = beacon.parse().ok()?;
    parsed.object::<Beacon>().ok()?;
    Some(beacon_hash(parsed.payload_hash(), Hash::of(token)))
}
