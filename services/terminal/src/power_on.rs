//! Power-on (P2): the element boots, meets its terminal, and is unlocked and tied to time stamps.

use jushin_runtime::PeerError;
use jushin_secure_element::StatusWord;
use jushin_secure_element::client::ElementError;
use jushin_secure_element::exchange;
use jushin_statement::cbor::Malformed;
use jushin_statement::{
    Alg, Anchor, Binding, Bytes, Challenge, Hash, Hello, Id16, Object as _, Pairing, Signed, TickSpec, Ticks,
    Unlock, online_anchor_hash, sign,
};

use crate::anchoring::ticks_within;
use crate::check_in::{Anchored, Event, StartFailure, StartStep};
use crate::enrol::{EnrolError, terminal_signature};
use crate::keep::Kept;
use crate::store::{Fact, StoreError};
use crate::terminal::{BootSeen, DeviceError, Inner, Terminal, locked};

/// How often an anchor is tried anew because its bracket was too wide.
const BRACKET_TRIES: u32 = 3;

/// The element is unlocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoweredOn {
    /// anchor-h of each anchor taken, in order.
    pub anchors: Vec<Hash>,
}

/// The element stayed locked.
#[derive(Debug, thiserror::Error)]
pub enum PowerOnError {
    /// The terminal has not been enrolled.
    #[error("this terminal is not enrolled yet")]
    NotEnrolled,
    /// The platform refused or is away.
    #[error("unlocking at the platform: {0}")]
    Platform(#[from] PeerError),
    /// The platform's answer is malformed, or for another element.
    #[error("the platform's answer is malformed: {0}")]
    Answer(#[from] Malformed),
    /// Element or journal.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The terminal's key, or its new binding.
    #[error(transparent)]
    Enrolment(#[from] EnrolError),
    /// Every bracket was too wide: the network to the time stamper is too slow for the policy.
    #[error("the time stamp took too long, {BRACKET_TRIES} times in a row")]
    BracketTooWide,
}

impl From<StoreError> for PowerOnError {
    fn from(error: StoreError) -> Self {
        Self::Device(error.into())
    }
}

impl From<ElementError> for PowerOnError {
    fn from(error: ElementError) -> Self {
        Self::Device(error.into())
    }
}

impl Terminal {
    /// Boots the element, shows it its terminal, and unlocks it with two anchors of two time stampers.
    ///
    /// One anchor unlocks if the second cannot be had; a later one follows by itself.
    ///
    /// # Errors
    ///
    /// [`PowerOnError`]; the desk shows the reason meanwhile.
    pub async fn power_on(&self) -> Result<PoweredOn, PowerOnError> {
        let result = self.start().await;
        let event = match &result {
            Ok((_, anchored)) => Event::Started(*anchored),
            Err(PowerOnError::Platform(PeerError::Refused { title, .. }))
                if matches!(title.as_str(), "suspended" | "retired") =>
            {
                Event::StartFailed(StartFailure::Suspended)
            }
            Err(PowerOnError::Platform(PeerError::Refused { status, .. })) if status.is_client_error() => {
                Event::StartFailed(StartFailure::Device)
            }
            Err(PowerOnError::Device(_) | PowerOnError::NotEnrolled | PowerOnError::Enrolment(_)) => {
                Event::StartFailed(StartFailure::Device)
            }
            // The platform is there, but has no time stamp to give: an unlocked desk goes on as it is.
            Err(PowerOnError::Platform(PeerError::Refused { .. }) | PowerOnError::BracketTooWide)
                if !self.desk().waits_for_unlock() && self.remaining().is_some() =>
            {
                return result.map(|(powered_on, _)| powered_on);
            }
            Err(_) => self.without_network().await,
        };
        self.tell(event);
        result.map(|(powered_on, _)| powered_on)
    }

    /// The network is away: the element may be unlocked all the same (the program was started anew beside
    /// it), or a card may unlock it.
    async fn without_network(&self) -> Event {
        let looked = self.0.with_device(|inner| {
            inner.note_remaining();
            Ok::<_, DeviceError>(inner.cards_may_unlock())
        });
        let cards_may_unlock = looked.await.unwrap_or_default();
        match self.remaining() {
            Some(0) => Event::StartFailed(StartFailure::Unreachable),
            Some(check_ins) => Event::StartedOffline { check_ins },
            None if cards_may_unlock => Event::StartFailed(StartFailure::NeedsAdministrator),
            None => Event::StartFailed(StartFailure::Unreachable),
        }
    }

    async fn start(&self) -> Result<(PoweredOn, Option<Anchored>), PowerOnError> {
        let _line = self.0.line.lock().await;
        self.tell(Event::StartReached(StartStep::Element));
        self.0.with_device(Inner::boot_and_pair).await?;
        self.tell(Event::StartReached(StartStep::Unlock));
        let (first, anchored) = self.anchor().await?;
        self.tell(Event::StartReached(StartStep::SecondStamp));
        let (anchors, anchored) = match self.anchor().await {
            Ok((second, anchored)) => (vec![first, second], anchored),
            Err(PowerOnError::Platform(_) | PowerOnError::BracketTooWide) => (vec![first], anchored),
            Err(error) => return Err(error),
        };
        Ok((PoweredOn { anchors }, self.0.good_for(anchored)?))
    }

    /// Takes one more anchor, so that the proven window stays narrow.
    ///
    /// # Errors
    ///
    /// [`PowerOnError`].
    pub async fn re_anchor(&self) -> Result<Hash, PowerOnError> {
        let _line = self.0.line.lock().await;
        let (anchor, ticks) = self.anchor().await?;
        self.tell(Event::Started(self.0.good_for(ticks)?));
        Ok(anchor)
    }

    async fn anchor(&self) -> Result<(Hash, Ticks), PowerOnError> {
        let anchored = self.anchor_in_tries().await;
        self.0.note_try(&anchored);
        anchored
    }

    async fn anchor_in_tries(&self) -> Result<(Hash, Ticks), PowerOnError> {
        for _ in 0..BRACKET_TRIES {
            if let Some(done) = self.try_anchor().await? {
                return Ok(done);
            }
        }
        Err(PowerOnError::BracketTooWide)
    }

    /// One hello, challenge, TickStamp1, token, activation, TickStamp2. `None`: the bracket was too wide.
    async fn try_anchor(&self) -> Result<Option<(Hash, Ticks)>, PowerOnError> {
        let inner = &self.0;
        let hello = inner.with_device(Inner::hello).await?;
        let element = hello.element;
        let challenge = inner.platform.post_object("/v1/hello", hello.encode()).await?;
        let challenge = Challenge::decode(&challenge)?;
        if challenge.element != element {
            return Err(Malformed::Value { field: "element of the challenge" }.into());
        }
        inner.compare_clocks(challenge.provider_time);
        let (stamp1, counter1) = inner.with_device(move |inner| inner.first_stamp(&challenge)).await?;
        let unlock = inner.platform.post_object("/v1/stamps", stamp1.0.0.clone()).await?;
        inner.store.record_delivered(counter1)?;
        let unlock = Unlock::decode(&unlock)?;
        let taken = inner.with_device(move |inner| inner.second_stamp(stamp1, unlock)).await?;
        match inner.platform.post_object("/v1/anchors", taken.stamp2.0.0).await {
            Ok(_) => {
                inner.store.anchor_delivered(taken.anchor)?;
                inner.store.record_delivered(taken.counter2)?;
                Ok(Some((taken.anchor, taken.ticks)))
            }
            Err(PeerError::Refused { title, .. }) if title == "re-anchor" => Ok(None),
            // The element is unlocked; the anchor goes with the next batch.
            Err(PeerError::Unreachable(_)) => Ok(Some((taken.anchor, taken.ticks))),
            Err(error) => Err(error.into()),
        }
    }
}

struct TakenAnchor {
    anchor: Hash,
    stamp2: Signed,
    counter2: u64,
    ticks: Ticks,
}

impl Inner {
    pub(crate) fn boot_and_pair(&self) -> Result<(), PowerOnError> {
        let element = self.enrolled()?;
        self.keep_what_waits()?;
        let boot = match self.boot_or_restart() {
            Ok(boot) => boot,
            // Not due: this power cycle's boot is known already.
            Err(DeviceError::Element(error)) if error.status() == Some(StatusWord::WrongState) => {
                self.boot_seen()?
            }
            Err(error) => return Err(error.into()),
        };
        if locked(&self.element).status()?.state != exchange::State::Bound {
            return Ok(());
        }
        let key = self.terminal_key()?;
        let pairing = Pairing { element, cycle: boot.cycle };
        let pairing =
            sign(&pairing, Alg::Es256, None, |to_be_signed| terminal_signature(&*key, to_be_signed))?;
        locked(&self.element).pair(key.spki(), &pairing)?;
        Ok(())
    }

    /// An element that gives no answer is switched off and on, where this host can.
    fn boot_or_restart(&self) -> Result<BootSeen, DeviceError> {
        match self.boot() {
            Err(DeviceError::Element(ElementError::Unreachable(_))) => {
                locked(&self.element).restart()?;
                self.boot()
            }
            answer => answer,
        }
    }

    fn enrolled(&self) -> Result<Id16, PowerOnError> {
        let spki = self.store.fact(Fact::DeviceKey)?.ok_or(PowerOnError::NotEnrolled)?;
        Ok(Id16::of_spki(&spki))
    }

    /// The boot of this power cycle: also after the program was started anew beside a running element.
    fn boot_seen(&self) -> Result<BootSeen, PowerOnError> {
        if let Some(seen) = *locked(&self.boot) {
            return Ok(seen);
        }
        let boot = self.store.fact(Fact::Boot)?.ok_or(PowerOnError::NotEnrolled)?;
        let (own, record) = crate::terminal::own_record(&Signed(Bytes(boot)))?;
        Ok(BootSeen { cycle: record.link().ticks.cycle, counter: own.counter })
    }

    fn hello(&self) -> Result<Hello, PowerOnError> {
        let element = self.enrolled()?;
        let binding = self.store.fact(Fact::Binding)?.ok_or(PowerOnError::NotEnrolled)?;
        let binding: Binding = Signed(Bytes(binding)).parse()?.object()?;
        let status = locked(&self.element).status()?;
        let tpm_nonce = match status.tpm_nonce {
            Some(nonce) => {
                let nonce = nonce.0.try_into();
                Some(Hash(nonce.map_err(|_| Malformed::Value { field: "tpm-n" })?))
            }
            None => None,
        };
        let last = self.boot_seen()?.counter;
        Ok(Hello { element, binding_seq: binding.seq, last, tpm_nonce })
    }

    fn first_stamp(&self, challenge: &Challenge) -> Result<(Signed, u64), DeviceError> {
        self.keep_what_waits()?;
        let stamp1 = locked(&self.element).tick_stamp1(challenge)?;
        let counter = self.journal(&stamp1)?.link().counter;
        Ok((stamp1, counter))
    }

    fn second_stamp(&self, stamp1: Signed, unlock: Unlock) -> Result<TakenAnchor, PowerOnError> {
        let token = Hash::of(&unlock.token);
        let activated = locked(&self.element).activate(
            &self.configuration.platform_keys.provider,
            token,
            &unlock.activation,
            unlock.grant.as_deref(),
        )?;
        let (own, record) = crate::terminal::own_record(&activated.stamp2)?;
        let record = record.link();
        *locked(&self.ticks) = Some(record.ticks);
        let (first, first_record) = crate::terminal::own_record(&stamp1)?;
        let expected = online_anchor_hash(
            first.payload_hash,
            token,
            unlock.activation.parse()?.payload_hash(),
            own.payload_hash,
        );
        if expected != activated.anchor {
            self.keep(Kept::Record(own))?;
            return Err(Malformed::Value { field: "anchor-h" }.into());
        }
        let anchor = Anchor::Online {
            stamp1,
            token: unlock.token,
            activation: unlock.activation,
            stamp2: activated.stamp2.clone(),
        };
        locked(&self.standing).anchored(first_record.link().ticks, record.ticks, self.now());
        self.note_remaining();
        self.keep(Kept::Anchor(own, activated.anchor, anchor))?;
        self.unlocked_online()?;
        Ok(TakenAnchor {
            anchor: activated.anchor,
            stamp2: activated.stamp2,
            counter2: record.counter,
            ticks: record.ticks,
        })
    }

    /// How many ticks after its second stamp an anchor keeps the window within the wanted width.
    fn good_for(&self, ticks: Ticks) -> Result<Option<Anchored>, PowerOnError> {
        let Some(clock) = self.store.fact(Fact::Clock)? else { return Ok(None) };
        let good_for = ticks_within(TickSpec::decode(&clock)?, self.configuration.window_ms);
        Ok(good_for.map(|good_for| Anchored { ticks, good_for }))
    }
}
