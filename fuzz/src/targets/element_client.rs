//! A hostile element, or a driver in between: whatever is answered, the client takes it apart or refuses.

use jushin_pki::Sealed;
use jushin_secure_element::client::{
    ElementClient, ElementTransport, ElementUnreachable, payload_of, signed_admin_activation,
};
use jushin_secure_element::exchange::Status;
use jushin_statement::{AdminActivation, Challenge, Hash, Id16, Object, Signed, StampSubject, UnixMillis};

use crate::input::Input;
use crate::planted;

struct Hostile<'a>(Input<'a>);

impl ElementTransport for Hostile<'_> {
    fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, ElementUnreachable> {
        match self.0.below(3) {
            0 => Ok(self.0.string().to_vec()),
            1 => Ok([self.0.string(), &[0x90, 0]].concat()),
            _ => Err(ElementUnreachable),
        }
    }
}

pub(super) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let order: Vec<u8> = input.string().to_vec();
    let mut client = ElementClient::new(Hostile(input));
    let nothing = Signed(Vec::new().into());
    for command in order.into_iter().take(16) {
        match command % 12 {
            0 => drop(client.request_certificate(Hash::ZERO)),
            1 => drop(client.inject(&Sealed { enc: vec![4; 65], ciphertext: vec![0; 16] }, Hash::ZERO)),
            2 => drop(client.bind(&nothing)),
            3 => {
                if let Ok(booted) = client.boot() {
                    let _ = booted.is_due_again();
                }
            }
            4 => drop(client.pair(&[], &nothing)),
            5 => {
                let challenge =
                    Challenge { nonce: Hash::ZERO, provider_time: UnixMillis(1), element: Id16([0; 16]) };
                drop(client.tick_stamp1(&challenge));
            }
            6 => drop(client.activate(&[], Hash::ZERO, &nothing, None)),
            7 => {
                if let Ok(request) = client.build_admin_activation(UnixMillis(1)) {
                    check_admin(&request.to_be_signed);
                }
            }
            8 => drop(client.commit(&[1; 256])),
            9 => drop(client.stamp(StampSubject::Heartbeat, Hash::ZERO)),
            10 => drop(client.card_id(&[1; 256])),
            _ => {
                if let Ok(status) = client.status() {
                    check_status(&status);
                }
            }
        }
    }
}

/// What the administrator's card signed is what is kept.
fn check_admin(to_be_signed: &[u8]) {
    if let Ok(signed) = signed_admin_activation(to_be_signed, &[2; 256]) {
        let payload = payload_of(to_be_signed).expect("it was taken");
        let sign1 = signed.parse().expect("assembled here");
        assert_eq!(sign1.payload, payload);
        assert!(AdminActivation::decode(payload).is_ok());
    }
}

fn check_status(status: &Status) {
    let (left, counter) = (status.budget.map(|budget| budget.begins), status.counter);
    planted::fault(left > Some(counter), "an active element that allows more check-ins than it has records");
}
