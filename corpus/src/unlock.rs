//! Unlocks: online with a time-stamp token, offline with an administrator's card.

use jushin_pki::Suite;
use jushin_statement::*;

use crate::desk::Desk;
use crate::token::{Stated, token};
use crate::tpm::Attestation;
use crate::world::{Holder, sign_es256, world};

/// What is changed in an online unlock before it is signed.
pub struct Bracket<'e> {
    /// Makes the token over the first stamp at this true time.
    pub token: &'e dyn Fn(&Signed, i64) -> Vec<u8>,
    /// Who signs the activation, if not the provider that the binding names.
    pub provider: Option<&'e Holder>,
    /// Changes the first stamp.
    pub first: &'e dyn Fn(&mut TickStamp1),
    /// Changes the activation.
    pub activation: &'e dyn Fn(&mut Activation),
    /// Changes the second stamp.
    pub second: &'e dyn Fn(&mut TickStamp2),
    /// Changes what a TPM attests of the second stamp.
    pub attestation: &'e dyn Fn(&mut Attestation),
}

impl Default for Bracket<'_> {
    fn default() -> Self {
        Self {
            token: &|stamp, time| token(stamp, Stated::at(time), &world().time_stamper[0]),
            provider: None,
            first: &|_| {},
            activation: &|_| {},
            second: &|_| {},
            attestation: &|_| {},
        }
    }
}

/// How an offline unlock is signed.
pub struct Offline<'e> {
    /// Whose card.
    pub administrator: &'e Holder,
    /// Under which context.
    pub context: Context,
    /// With which algorithm.
    pub algorithm: (Alg, Suite),
    /// With which key id in the header.
    pub hint: Option<KeyHint>,
    /// Changes the request.
    pub request: &'e dyn Fn(&mut AdminActivation),
}

impl<'e> Offline<'e> {
    /// As it should be.
    #[must_use]
    pub fn by(administrator: &'e Holder) -> Self {
        Self {
            administrator,
            context: Context::AdminActivate,
            algorithm: (Alg::Rs256, Suite::RsaPkcs1Sha256),
            hint: None,
            request: &|_| {},
        }
    }
}

impl Desk {
    /// Unlocks online, or anchors again.
    pub fn unlock(&mut self) {
        self.unlock_stated(Stated::at);
    }

    /// Unlocks online with a token that states something else than the time.
    pub fn unlock_stated(&mut self, stated: impl Fn(i64) -> Stated) {
        let signer = &world().time_stamper[self.authority];
        let off = self.off[self.authority];
        let anchor = self.anchor_by(|stamp, time| token(stamp, stated(time + off), signer));
        self.anchors.push(Embedded(anchor));
    }

    /// Makes an online anchor with a token of the caller's own.
    pub fn anchor_by(&mut self, make_token: impl Fn(&Signed, i64) -> Vec<u8>) -> Anchor {
        self.anchor_with(&Bracket { token: &make_token, ..Bracket::default() })
    }

    /// Unlocks online with something changed before it is signed.
    pub fn unlock_with(&mut self, bracket: &Bracket<'_>) {
        let anchor = self.anchor_with(bracket);
        self.anchors.push(Embedded(anchor));
    }

    fn anchor_with(&mut self, bracket: &Bracket<'_>) -> Anchor {
        let (ticks, counter, previous) = self.step();
        let mut stamp = TickStamp1 {
            element: self.element,
            binding: self.binding.hash(),
            nonce: Hash::of(&counter.to_be_bytes()),
            provider_time: UnixMillis(u64::try_from(self.now).unwrap()),
            ticks,
            counter,
            previous,
        };
        (bracket.first)(&mut stamp);
        let stamp1 = self.sign(&stamp);
        self.wait(200);
        let token = (bracket.token)(&stamp1, self.now);
        let mut activation = Activation {
            id: Hash::of(&counter.to_le_bytes()).first16(),
            element: self.element,
            cycle: self.cycle,
            counter,
            stamp: stamp.hash(),
            token: Hash::of(&token),
            binding_seq: self.binding.seq,
            begins: 500,
            max_ticks: u64::MAX,
        };
        (bracket.activation)(&mut activation);
        let act_s = sign_es256(&activation, &bracket.provider.unwrap_or(&world().provider).key);
        self.wait(200);
        let (ticks, counter, previous) = self.step();
        let mut second = TickStamp2 {
            element: self.element,
            activation: activation.id,
            token: Hash::of(&token),
            activation_hash: activation.hash(),
            ticks,
            counter,
            previous,
        };
        (bracket.second)(&mut second);
        let stamp2 = self.sign_attested(&second, bracket.attestation);
        self.anchor = online_anchor_hash(stamp.hash(), Hash::of(&token), activation.hash(), second.hash());
        Anchor::Online { stamp1, token: token.into(), activation: act_s, stamp2 }
    }

    /// Unlocks with the administrator's card.
    pub fn unlock_offline(&mut self) {
        let administrator = world().administrator.clone();
        self.unlock_offline_by(&administrator, Context::AdminActivate);
    }

    /// Unlocks with a card of somebody's, which signs under a context of the caller's.
    pub fn unlock_offline_by(&mut self, administrator: &Holder, context: Context) {
        self.unlock_offline_with(administrator, context, &|_| {});
    }

    /// The same, with the request changed before it is signed.
    pub fn unlock_offline_with(
        &mut self,
        administrator: &Holder,
        context: Context,
        edit: &dyn Fn(&mut AdminActivation),
    ) {
        self.unlock_offline_signed(&Offline { context, request: edit, ..Offline::by(administrator) });
    }

    /// Unlocks offline with something changed before or while it is signed.
    pub fn unlock_offline_signed(&mut self, offline: &Offline<'_>) {
        let (ticks, counter, previous) = self.step();
        let mut admin = AdminActivation {
            element: self.element,
            institution: self.binding.institution,
            binding: self.binding.hash(),
            ticks,
            counter,
            nonce: Hash::of(b"sn").first16(),
            claimed: UnixMillis(1),
            last_anchor: self.anchor,
            begins: 200,
            previous,
        };
        (offline.request)(&mut admin);
        let payload = admin.encode();
        let (alg, suite) = offline.algorithm;
        let message = to_be_signed(offline.context, alg, offline.hint, &payload);
        let signature = offline.administrator.key.sign(suite, &message).unwrap();
        let signed = Signed::assemble(alg, offline.hint, &payload, &signature);
        self.previous = admin.hash();
        self.anchor = signed.imprint();
        let certificate = offline.administrator.certificate.der().into();
        self.anchors.push(Embedded(Anchor::Offline { admin: signed, certificate }));
    }
}
