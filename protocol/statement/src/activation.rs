//! Activation (P2): the element is unlocked for this power cycle, and tied to a time-stamp token.

use crate::cbor::{Malformed, Reader, Writer};
use crate::cose::Signed;
use crate::field::Bytes;
use crate::field::Field;
use crate::object::{Object, object};
use crate::value::{Hash, Id16, InstitutionCode, Ticks, UnixMillis};

object! {
    /// The service provider's challenge.
    pub struct Challenge = 10, "act-chal" {
        /// Used once, valid for 60 s.
        pub nonce: Hash,
        /// The provider's clock.
        pub provider_time: UnixMillis,
        /// The element.
        pub element: Id16,
    }
}

object! {
    /// TickStamp1: `(Nonce‖time)‖Ticks‖counter` of slide 18, and what it is bound to.
    pub struct TickStamp1 = 11, "ts1", signed Element {
        /// The element.
        pub element: Id16,
        /// SHA-256 of the payload of its binding.
        pub binding: Hash,
        /// The provider's nonce.
        pub nonce: Hash,
        /// The provider's clock as it came in the challenge.
        pub provider_time: UnixMillis,
        /// Ticks.
        pub ticks: Ticks,
        /// Counter.
        pub counter: u64,
        /// SHA-256 of the payload of the record before.
        pub previous: Hash,
    }
}

object! {
    /// The service provider unlocks the element for this power cycle.
    pub struct Activation = 12, "act", signed Activate {
        /// Number of this activation.
        pub id: Id16,
        /// The element.
        pub element: Id16,
        /// Its power cycle.
        pub cycle: Id16,
        /// Counter of the TickStamp1.
        pub counter: u64,
        /// SHA-256 of the payload of the TickStamp1.
        pub stamp: Hash,
        /// SHA-256 of the time-stamp token.
        pub token: Hash,
        /// Seq of the binding.
        pub binding_seq: u64,
        /// Check-ins allowed.
        pub begins: u64,
        /// Ticks allowed since the TickStamp2.
        pub max_ticks: u64,
    }
}

object! {
    /// TickStamp2: closes the bracket around the token.
    pub struct TickStamp2 = 13, "ts2", signed Element {
        /// The element.
        pub element: Id16,
        /// The activation.
        pub activation: Id16,
        /// SHA-256 of the time-stamp token.
        pub token: Hash,
        /// SHA-256 of the payload of the activation.
        pub activation_hash: Hash,
        /// Ticks.
        pub ticks: Ticks,
        /// Counter.
        pub counter: u64,
        /// SHA-256 of the payload of the record before.
        pub previous: Hash,
    }
}

object! {
    /// What an administrator's card signs to unlock the element offline.
    pub struct AdminActivation = 14, "adm", signed AdminActivate {
        /// The element.
        pub element: Id16,
        /// The institution.
        pub institution: InstitutionCode,
        /// SHA-256 of the payload of the binding.
        pub binding: Hash,
        /// Ticks.
        pub ticks: Ticks,
        /// Counter.
        pub counter: u64,
        /// Used once.
        pub nonce: Id16,
        /// The terminal's clock: a claim, never a bound.
        pub claimed: UnixMillis,
        /// anchor-h of the last anchor.
        pub last_anchor: Hash,
        /// Check-ins allowed.
        pub begins: u64,
        /// SHA-256 of the payload of the record before.
        pub previous: Hash,
    }
}

/// What fixes a power cycle in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Online: TickStamp1, token over it, activation, TickStamp2.
    Online {
        /// The first stamp.
        stamp1: Signed,
        /// The DER TimeStampToken over the signed bytes of `stamp1`.
        token: Bytes,
        /// The activation.
        activation: Signed,
        /// The second stamp; empty if the bracket was never closed.
        stamp2: Signed,
    },
    /// Offline: the administrator's signature and certificate.
    Offline {
        /// The signed [`AdminActivation`].
        admin: Signed,
        /// The administrator's certificate.
        certificate: Bytes,
    },
    /// A token over a close record: upper bound for everything up to it.
    Close {
        /// The signed [`Close`](crate::Close).
        close: Signed,
        /// The DER TimeStampToken over its signed bytes.
        token: Bytes,
    },
    /// A token over a beacon: lower bound for a presence that names it.
    Beacon {
        /// The signed [`Beacon`](crate::Beacon).
        beacon: Signed,
        /// The DER TimeStampToken over its signed bytes.
        token: Bytes,
    },
}

impl Object for Anchor {
    const NAME: &'static str = "anchor";

    fn write(&self, writer: &mut Writer) {
        let (kind, parts): (u64, &[&[u8]]) = match self {
            Self::Online { stamp1, token, activation, stamp2 } => {
                (1, &[stamp1.as_bytes(), token, activation.as_bytes(), stamp2.as_bytes()])
            }
            Self::Offline { admin, certificate } => (2, &[admin.as_bytes(), certificate]),
            Self::Close { close, token } => (3, &[close.as_bytes(), token]),
            Self::Beacon { beacon, token } => (4, &[beacon.as_bytes(), token]),
        };
        writer.array(3 + parts.len()).uint(15).uint(1).uint(kind);
        for part in parts {
            writer.bytes(part);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let found = reader.array_of_any()?;
        if found < 3 || reader.uint()? != 15 || reader.uint()? != 1 {
            return Err(Malformed::Type { object: "anchor" });
        }
        let kind = reader.uint()?;
        let wanted = if kind == 1 { 7 } else { 5 };
        if found != wanted {
            return Err(Malformed::Arity { object: "anchor", wanted, found });
        }
        match kind {
            1 => Ok(Self::Online {
                stamp1: Field::read(reader)?,
                token: Field::read(reader)?,
                activation: Field::read(reader)?,
                stamp2: Field::read(reader)?,
            }),
            2 => Ok(Self::Offline { admin: Field::read(reader)?, certificate: Field::read(reader)? }),
            3 => Ok(Self::Close { close: Field::read(reader)?, token: Field::read(reader)? }),
            4 => Ok(Self::Beacon { beacon: Field::read(reader)?, token: Field::read(reader)? }),
            _ => Err(Malformed::Value { field: "anchor kind" }),
        }
    }
}

/// anchor-h of an online activation: SHA-256 of `[ts1-h, tst-h, act-h, ts2-h]`.
#[must_use]
pub fn online_anchor_hash(stamp1: Hash, token: Hash, activation: Hash, stamp2: Hash) -> Hash {
    hash_of_hashes(&[stamp1, token, activation, stamp2])
}

/// beacon-h: SHA-256 of `[SHA(beacon payload), SHA(token)]`.
#[must_use]
pub fn beacon_hash(beacon: Hash, token: Hash) -> Hash {
    hash_of_hashes(&[beacon, token])
}

fn hash_of_hashes(hashes: &[Hash]) -> Hash {
    let mut writer = Writer::new();
    writer.array(hashes.len());
    for hash in hashes {
        writer.bytes(&hash.0);
    }
    Hash::of(&writer.into_bytes())
}
