//! Unlocks: online with a time-stamp token, offline with an administrator's card.

use jushin_pki::Suite;
use jushin_statement::*;

use crate::desk::Desk;
use crate::token::{Stated, token};
use crate::world::{Holder, sign_es256, world};

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

    /// Makes an online anchor with a token of the test's own.
    pub fn anchor_by(&mut self, make_token: impl Fn(&Signed, i64) -> Vec<u8>) -> Anchor {
        let (ticks, counter, previous) = self.step();
        let stamp = TickStamp1 {
            element: self.element,
            binding: self.binding.hash(),
            nonce: Hash::of(&counter.to_be_bytes()),
            provider_time: UnixMillis(u64::try_from(self.now).unwrap()),
            ticks,
            counter,
            previous,
        };
        let stamp1 = self.sign(&stamp);
        self.wait(200);
        let token = make_token(&stamp1, self.now);
        let activation = Activation {
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
        let act_s = sign_es256(&activation, &world().provider.key);
        self.wait(200);
        let (ticks, counter, previous) = self.step();
        let second = TickStamp2 {
            element: self.element,
            activation: activation.id,
            token: Hash::of(&token),
            activation_hash: activation.hash(),
            ticks,
            counter,
            previous,
        };
        let stamp2 = self.sign(&second);
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
        edit(&mut admin);
        let payload = admin.encode();
        let message = to_be_signed(context, Alg::Rs256, None, &payload);
        let signature = administrator.key.sign(Suite::RsaPkcs1Sha256, &message).unwrap();
        let signed = Signed::assemble(Alg::Rs256, None, &payload, &signature);
        self.previous = admin.hash();
        self.anchor = signed.imprint();
        let certificate = administrator.certificate.der().into();
        self.anchors.push(Embedded(Anchor::Offline { admin: signed, certificate }));
    }
}
