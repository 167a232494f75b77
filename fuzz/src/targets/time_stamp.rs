//! Time-stamp responses, tokens and requests: no time but one that a trusted authority stated.

use std::sync::LazyLock;

use jushin_crypto::AwsLc;
use jushin_pki::TrustAnchors;
use jushin_pki::time_stamp::{TimeStampError, TimeStampRequest, Token, token_of_response};
use jushin_statement::{Anchor, Signed};

use crate::{fixtures, planted};

struct World {
    anchors: TrustAnchors,
    /// Imprint and token.
    genuine: Vec<([u8; 32], Vec<u8>)>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let stamped = |signed: &Signed, token: &[u8]| (signed.imprint().0, token.to_vec());
    let anchors = fixtures::BUNDLES.iter().flat_map(|bundle| &bundle.anchors);
    let genuine = anchors.filter_map(|anchor| match &anchor.0 {
        Anchor::Online { stamp1, token, .. } => Some(stamped(stamp1, token)),
        Anchor::Close { close, token } => Some(stamped(close, token)),
        _ => None,
    });
    World { anchors: fixtures::anchors("tsa-"), genuine: genuine.collect() }
});

pub(super) fn run(data: &[u8]) {
    if let Ok(token) = token_of_response(data) {
        check(&token);
    }
    check(data);
    if let Ok(request) = TimeStampRequest::parse(data) {
        let written = request.to_der();
        assert!(TimeStampRequest::parse(&written).is_ok(), "our own request is refused");
    }
}

fn check(data: &[u8]) {
    let Ok(token) = Token::parse(data) else { return };
    let _ = (token.certificates().len(), token.check_nonce(&[1, 2, 3]));
    for (imprint, genuine) in &WORLD.genuine {
        let stamp = match token.verify(imprint, &WORLD.anchors, &AwsLc) {
            Ok(stamp) => stamp,
            Err(why) => {
                let last = why == TimeStampError::Signature;
                planted::fault(last, "a token of which nothing but the signature is wrong");
                continue;
            }
        };
        let stated = Token::parse(genuine).and_then(|token| token.verify(imprint, &WORLD.anchors, &AwsLc));
        let stated = stated.expect("the genuine token verifies");
        assert_eq!(stamp.gen_time(), stated.gen_time(), "a time that the authority has not stated");
        assert_eq!(stamp.uncertainty_millis(0), stated.uncertainty_millis(0));
        assert_eq!((stamp.policy(), stamp.serial()), (stated.policy(), stated.serial()));
    }
}
