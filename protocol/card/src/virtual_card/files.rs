//! The application's files.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{CardKind, Personalisation};
use crate::jpki::{Credential, FileId, MODEL_P384, MODEL_PKCS1, MODEL_PSS, PRESENT, TOKEN_INFO_LENGTH};

/// One elementary file.
#[derive(Debug)]
pub(super) enum File {
    Transparent { content: Vec<u8>, access: Access },
    Pin(Credential),
    Key(Credential),
}

/// What reading a file needs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Access {
    Free,
    Behind(Credential),
}

#[derive(Debug)]
pub(super) struct Files(BTreeMap<FileId, File>);

impl Files {
    pub(super) fn new(personalisation: &Personalisation) -> Self {
        let free = |content: &[u8]| File::Transparent { content: content.to_vec(), access: Access::Free };
        let behind = |content: &[u8], credential| File::Transparent {
            content: content.to_vec(),
            access: Access::Behind(credential),
        };
        let (authentication, signature) = (&personalisation.authentication, &personalisation.signature);
        let authentication_certificate = match personalisation.kind {
            CardKind::Phone => behind(&authentication.certificate, Credential::Authentication),
            CardKind::Jpki | CardKind::JpkiPss | CardKind::JpkiP384 => free(&authentication.certificate),
        };
        Self(BTreeMap::from([
            (FileId::SIGNATURE_CERTIFICATE, behind(&signature.certificate, Credential::Signature)),
            (FileId::SIGNATURE_CA_CERTIFICATE, free(&signature.ca_certificate)),
            (FileId::TOKEN_INFO, free(&token_info(personalisation))),
            (FileId::PRESENCE, free(&[PRESENT, PRESENT, 0])),
            (FileId::AUTHENTICATION_CERTIFICATE, authentication_certificate),
            (FileId::AUTHENTICATION_CA_CERTIFICATE, free(&authentication.ca_certificate)),
            (FileId::TERMINAL_CA, free(personalisation.terminal_ca.key_id.as_bytes())),
            (FileId::AUTHENTICATION_KEY, File::Key(Credential::Authentication)),
            (FileId::AUTHENTICATION_PIN, File::Pin(Credential::Authentication)),
            (FileId::SIGNATURE_KEY, File::Key(Credential::Signature)),
            (FileId::SIGNATURE_PASSWORD, File::Pin(Credential::Signature)),
        ]))
    }

    pub(super) fn find(&self, file: FileId) -> Option<&File> {
        self.0.get(&file)
    }
}

/// EF 0006: a PKCS#11 CK_TOKEN_INFO, numbers of four bytes, most significant first.
fn token_info(personalisation: &Personalisation) -> Vec<u8> {
    let (label, model) = match personalisation.kind {
        CardKind::Jpki => ("JPKIAPICCTOKEN2", MODEL_PKCS1),
        CardKind::JpkiPss => ("JPKIAPICCTOKEN2", MODEL_PSS),
        CardKind::JpkiP384 => ("JPKIAPICCTOKEN2", MODEL_P384),
        CardKind::Phone => ("JPKIAPGPSETOKEN", MODEL_PKCS1),
    };
    let mut info = Vec::with_capacity(TOKEN_INFO_LENGTH);
    let mut text = |text: &[u8], length: usize| {
        info.extend(text.iter().copied().chain(core::iter::repeat(b' ')).take(length));
    };
    text(label.as_bytes(), 32);
    text(b"JUSHIN SIMULATED CARD", 32);
    text(model.as_bytes(), 16);
    text(&personalisation.serial, 16);
    // CKF_RNG, login required, PIN initialised, token initialised; one session; PINs of 4 to 16 characters.
    for number in [0x40D_u32, 1, 0, 1, 0, 16, 4, u32::MAX, u32::MAX, u32::MAX, u32::MAX] {
        info.extend_from_slice(&number.to_be_bytes());
    }
    // Hardware 3.1, firmware 0.1 in digits, and no clock on the token.
    info.extend_from_slice(b"0301");
    info.extend_from_slice(&[b'0'; 16]);
    info
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jpki::{Scheme, TokenInfo};

    #[test]
    fn token_information_reads_back_as_what_the_card_is() {
        for (kind, phone, scheme) in [
            (CardKind::Jpki, false, Scheme::Pkcs1DigestInfo),
            (CardKind::JpkiPss, false, Scheme::Pss),
            (CardKind::JpkiP384, false, Scheme::P384),
            (CardKind::Phone, true, Scheme::Pkcs1DigestInfo),
        ] {
            let info = token_info(&Personalisation::blank(kind));
            assert_eq!(info.len(), TOKEN_INFO_LENGTH);
            let info = TokenInfo::parse(&info).unwrap();
            assert_eq!((info.is_phone(), info.scheme()), (phone, scheme));
            assert_eq!(info.manufacturer, "JUSHIN SIMULATED CARD");
        }
    }
}
