//! V3: the binding that the unlock names, and the institution's CV certificate.

use jushin_pki::{CvCertificate, CvKeyId};
use jushin_statement::{
    Alg, Binding, BindingState, Class, Context, Hash, Id16, InstitutionCode, Object as _, Signed, UnixMillis,
    to_be_signed,
};

use super::USUAL;
use crate::answer::{invalid, undecided, valid};
use crate::book::{Book, By};
use crate::forge::{edited, flipped, visited};
use crate::world::{MORNING, OTHER_INSTITUTION, sign_as_platform, sign_es256};
use crate::{Desk, Edit, Form, world};

pub(super) fn write(book: &mut Book) {
    histories(book);
    contents(book);
    certificates(book);
}

/// A day under this binding.
fn bound(change: impl Fn(&mut Binding)) -> Desk {
    let mut desk = Desk::new(Form::Demo);
    desk.bind(change);
    desk.unlock();
    visited(desk, &Edit::default())
}

fn histories(book: &mut Book) {
    let mut v3 = book.chapter(3);
    let missing = || undecided(&[4], USUAL, Class::Tight);
    let mut case = |name, by, what, bindings: &dyn Fn(&Desk) -> Vec<Signed>, answer| {
        let desk = Desk::complete(Form::Demo);
        let mut bundle = desk.bundle();
        bundle.bindings = bindings(&desk);
        v3.case(name, by, what, bundle, answer);
    };
    case("binding-missing", By::Stranger, "The binding was left out.", &|_| vec![], missing());
    case(
        "binding-by-the-receipt-key",
        By::Platform,
        "The binding is signed with the key for receipts.",
        &|desk| vec![sign_as_platform(&desk.binding, &world().receipt)],
        missing(),
    );
    case(
        "binding-by-the-institution",
        By::Institution,
        "The institution signed the binding itself.",
        &|desk| vec![sign_es256(&desk.binding, &world().second_device)],
        missing(),
    );
    case(
        "binding-without-key-id",
        By::Stranger,
        "The binding's header has no key id.",
        &|desk| vec![sign_es256(&desk.binding, &world().binding.key)],
        missing(),
    );
    case(
        "binding-under-another-context",
        By::Platform,
        "The binding is signed as if it were a receipt.",
        &|desk| vec![under_another_context(&desk.binding)],
        missing(),
    );
    case(
        "binding-damaged",
        By::Stranger,
        "A byte of the binding's signature is changed.",
        &|desk| vec![crate::forge::resigned(&desk.bindings[0], |signature| flipped(signature, 20))],
        missing(),
    );
    case(
        "binding-of-an-older-seq",
        By::Host,
        "Only an older binding is there than the one that the unlock names.",
        &|desk| vec![sign_as_platform(&Binding { seq: 0, ..desk.binding.clone() }, &world().binding)],
        missing(),
    );
    case(
        "binding-renewed-since",
        By::Platform,
        "A newer binding is there beside the one that the unlock names.",
        &|desk| {
            let newer = Binding {
                seq: 2,
                policy: jushin_statement::Policy { methods: 0, ..desk.binding.policy },
                ..desk.binding.clone()
            };
            vec![desk.bindings[0].clone(), sign_as_platform(&newer, &world().binding)]
        },
        valid(USUAL, Class::Tight),
    );
    case(
        "binding-twice",
        By::Stranger,
        "The binding is there twice.",
        &|desk| [&desk.bindings[..], &desk.bindings].concat(),
        valid(USUAL, Class::Tight),
    );
    let good = Desk::complete(Form::Demo);
    v3.case(
        "binding-key-not-trusted",
        By::Platform,
        "The platform's key for bindings is not trusted.",
        &good,
        missing(),
    )
    .under("trust-without-binding-key");
}

fn under_another_context(binding: &Binding) -> Signed {
    let holder = &world().binding;
    let (hint, payload) = (Some(jushin_statement::KeyHint::of_spki(holder.key.spki())), binding.encode());
    let message = to_be_signed(Context::Receipt, Alg::Es256, hint, &payload);
    let signature = holder.key.sign(jushin_pki::Suite::P256Sha256Cose, &message).unwrap();
    Signed::assemble(Alg::Es256, hint, &payload, &signature)
}

fn contents(book: &mut Book) {
    let mut v3 = book.chapter(3);
    let elsewhere = InstitutionCode::new(OTHER_INSTITUTION).unwrap();
    let at = |millis: i64| UnixMillis(u64::try_from(MORNING + millis).unwrap());
    v3.case(
        "binding-of-another-element",
        By::Host,
        "The unlock names a binding of another element.",
        bound(|binding| binding.element = Id16([9; 16])),
        undecided(&[4], USUAL, Class::Tight),
    );
    for (name, what, state) in [
        (
            "binding-suspended",
            "The binding that the unlock names is itself a suspension.",
            BindingState::Suspended,
        ),
        (
            "binding-retired",
            "The binding that the unlock names is itself a retirement.",
            BindingState::Retired,
        ),
    ] {
        let desk = bound(|binding| (binding.state, binding.from_counter) = (state, Some(1_000)));
        v3.case(name, By::Host, what, desk, invalid(&[4]));
    }
    v3.case(
        "binding-of-another-institution",
        By::Institution,
        "The binding names another institution than the presence.",
        edited(&Edit { presence: &|presence| presence.institution = elsewhere, ..Edit::default() }),
        invalid(&[4]),
    );
    // The window is 59 194 to 63 109.
    v3.case(
        "binding-ended-before",
        By::Host,
        "The binding ended a millisecond before the window.",
        bound(|binding| binding.not_after = at(59_193)),
        invalid(&[4]),
    );
    v3.case(
        "binding-ends-as-the-window-begins",
        By::Host,
        "The binding's last millisecond is the window's first.",
        bound(|binding| binding.not_after = at(59_194)),
        valid(USUAL, Class::Tight),
    );
    v3.case(
        "binding-begins-after",
        By::Host,
        "The binding begins a millisecond after the window.",
        bound(|binding| binding.not_before = at(63_110)),
        invalid(&[4]),
    );
    v3.case(
        "binding-begins-as-the-window-ends",
        By::Host,
        "The binding's first millisecond is the window's last.",
        bound(|binding| binding.not_before = at(63_109)),
        valid(USUAL, Class::Tight),
    );
}

fn certificates(book: &mut Book) {
    let mut v3 = book.chapter(3);
    let authority = &world().institution_ca_key;
    let ca = CvKeyId::new(*b"0000000000000CAI");
    let issue = |issuer: CvKeyId, subject: [u8; 16]| {
        CvCertificate::issue(
            authority.as_ref(),
            issuer,
            CvKeyId::new(subject),
            world().institution_key.spki(),
        )
        .unwrap()
        .as_bytes()
        .to_vec()
    };
    let mut case = |name, by, what, cv: Vec<u8>, answer| {
        let desk = bound(|binding| binding.certificate = Hash::of(&cv));
        let mut bundle = desk.bundle();
        bundle.certificates.push(cv.into());
        v3.case(name, by, what, bundle, answer);
    };
    let good = world().cv.as_bytes().to_vec();
    case(
        "cv-of-another-institution",
        By::Institution,
        "The CV certificate is another institution's.",
        world().other_cv.as_bytes().to_vec(),
        invalid(&[4]),
    );
    case(
        "cv-signed-by-the-institution",
        By::Institution,
        "The institution signed its CV certificate itself.",
        world().foreign_cv.as_bytes().to_vec(),
        invalid(&[4]),
    );
    case(
        "cv-with-a-damaged-signature",
        By::Institution,
        "A bit of the CV certificate's signature is turned.",
        flipped(&good, 400),
        invalid(&[4]),
    );
    case(
        "cv-with-another-serial",
        By::Institution,
        "The serial in the CV certificate's key id is changed.",
        flipped(&good, 41),
        invalid(&[4]),
    );
    case(
        "cv-with-another-code",
        By::Institution,
        "A digit of the code in the CV certificate is changed.",
        flipped(&good, 30),
        invalid(&[4]),
    );
    case(
        "cv-of-no-institution",
        By::Certifier,
        "The CV certificate's key id is not of the form of an institution.",
        issue(ca, *b"A131323456790001"),
        invalid(&[4]),
    );
    case(
        "cv-under-another-key-id",
        By::Certifier,
        "The CV certificate names another authority.",
        issue(CvKeyId::new(*b"0000000000000CAJ"), *b"9261320001700001"),
        invalid(&[4]),
    );
    case(
        "cv-cut",
        By::Stranger,
        "The last byte of the CV certificate is missing.",
        good[..567].to_vec(),
        undecided(&[4], USUAL, Class::Tight),
    );
    case(
        "cv-with-a-byte-more",
        By::Stranger,
        "A byte follows the CV certificate.",
        [&good[..], &[0]].concat(),
        undecided(&[4], USUAL, Class::Tight),
    );
    case(
        "cv-with-another-layout",
        By::Stranger,
        "The CV certificate begins with another tag.",
        flipped(&good, 1),
        undecided(&[4], USUAL, Class::Tight),
    );
    case(
        "cv-with-an-even-modulus",
        By::Certifier,
        "The modulus in the CV certificate is even.",
        flipped(&good, 306),
        undecided(&[4], USUAL, Class::Tight),
    );
    let mut bundle = Desk::complete(Form::Demo).bundle();
    bundle.certificates.truncate(1);
    v3.case(
        "cv-missing",
        By::Stranger,
        "The CV certificate was left out.",
        bundle,
        undecided(&[4], USUAL, Class::Tight),
    );
    v3.case(
        "cv-swapped",
        By::Stranger,
        "Another certificate of the institution than the binding's is there.",
        {
            let mut bundle = Desk::complete(Form::Demo).bundle();
            bundle.certificates[1] = world().other_cv.as_bytes().as_slice().into();
            bundle
        },
        undecided(&[4], USUAL, Class::Tight),
    );
    let day = || Desk::complete(Form::Demo);
    v3.case(
        "cv-authority-not-trusted",
        By::Certifier,
        "No authority for CV certificates is trusted.",
        day(),
        invalid(&[4]),
    )
    .under("trust-without-institution-ca");
    v3.case(
        "cv-authority-not-self-signed",
        By::Certifier,
        "The authority in the trust folder did not sign itself.",
        day(),
        invalid(&[4]),
    )
    .under("trust-institution-ca-not-self-signed");
}
