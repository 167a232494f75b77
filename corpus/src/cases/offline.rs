//! V4, offline: an administrator's card unlocks.

use jushin_pki::issue::{Issuer, NewExtension, Template};
use jushin_pki::{KeyKind, KeyUsage, Moment, ObjectIdentifier, Suite, oid};
use jushin_statement::{
    Administrator, AdministratorKind, Alg, Anchor, Class, Context, Embedded, Hash, InstitutionCode, KeyHint,
};

use super::OFFLINE;
use crate::answer::{Answer, Window, conflict, invalid, undecided, valid};
use crate::book::{Book, By};
use crate::forge::{flipped, resigned, visited};
use crate::unlock::Offline;
use crate::world::{
    Holder, MORNING, OTHER_INSTITUTION, World, YEAR, ca_extensions, key, leaf, root, signs, template,
};
use crate::{Desk, Edit, Form, world};

pub(super) fn write(book: &mut Book) {
    cards(book);
    keys(book);
    certificates(book);
    intermediates(book);
    requests(book);
    status(book);
    without_a_lower_end(book);
}

fn refused() -> Answer {
    invalid(&[6])
}

fn accepted() -> Answer {
    valid(OFFLINE, Class::Tight)
}

/// A day with an online unlock first and then this one, in a power cycle of its own.
fn day(offline: &Offline<'_>, kind: AdministratorKind) -> Desk {
    let mut desk = Desk::new(Form::Demo);
    let key = Hash::of(offline.administrator.key.spki());
    desk.bind(|binding| binding.administrators = vec![Administrator { kind, key }]);
    desk.unlock();
    desk.power_on();
    desk.unlock_offline_signed(offline);
    visited(desk, &Edit::default())
}

fn by(administrator: &Holder) -> Desk {
    day(&Offline::by(administrator), AdministratorKind::Hpki)
}

fn cards(book: &mut Book) {
    let mut v4 = book.chapter(4);
    let mut desk = Desk::unlocked(Form::Demo);
    desk.power_on();
    let stranger = leaf(
        &world().staff_ca,
        "stranger",
        world().second_card.key.clone(),
        signs(&[oid::HPKI_AUTHENTICATION]),
    );
    desk.unlock_offline_signed(&Offline::by(&stranger));
    v4.case(
        "administrator-not-listed",
        By::Administrator,
        "A member of staff unlocked whom the binding does not name.",
        visited(desk, &Edit::default()),
        refused(),
    );
    let mut desk = Desk::unlocked(Form::Demo);
    desk.power_on();
    desk.unlock_offline_signed(&Offline::by(&world().card));
    v4.case(
        "administrator-is-a-patient",
        By::CardHolder,
        "A patient's card unlocked that the binding does not name.",
        visited(desk, &Edit::default()),
        refused(),
    );
    let patient = Offline::by(&world().card);
    v4.case(
        "administrator-with-a-patients-card",
        By::Administrator,
        "A JPKI card that the binding names as one: allowed.",
        day(&patient, AdministratorKind::Jpki),
        accepted(),
    );
    v4.case(
        "administrator-of-the-other-kind-jpki",
        By::Administrator,
        "A JPKI card whose key the binding names as an HPKI card's.",
        day(&patient, AdministratorKind::Hpki),
        refused(),
    );
    let staff = Offline::by(&world().administrator);
    v4.case(
        "administrator-of-the-other-kind-hpki",
        By::Administrator,
        "An HPKI card whose key the binding names as a JPKI card's.",
        day(&staff, AdministratorKind::Jpki),
        refused(),
    );
    v4.case(
        "administrators-ca-not-trusted",
        By::Certifier,
        "The CA of the staff cards is not trusted.",
        by(&world().administrator),
        refused(),
    )
    .under("trust-without-staff-ca");
}

fn keys(book: &mut Book) {
    let mut v4 = book.chapter(4);
    let administrator = &world().administrator;
    let mut case = |name, what, offline: &Offline<'_>| {
        v4.case(name, By::Administrator, what, day(offline, AdministratorKind::Hpki), refused());
    };
    case(
        "administrator-signs-with-pss",
        "The request is signed with PS256.",
        &Offline { algorithm: (Alg::Ps256, Suite::RsaPssSha256), ..Offline::by(administrator) },
    );
    case(
        "administrator-labels-pss-as-pkcs1",
        "The request is signed with PS256 and says RS256.",
        &Offline { algorithm: (Alg::Rs256, Suite::RsaPssSha256), ..Offline::by(administrator) },
    );
    case(
        "administrator-labels-pkcs1-as-pss",
        "The request is signed with RS256 and says PS256.",
        &Offline { algorithm: (Alg::Ps256, Suite::RsaPkcs1Sha256), ..Offline::by(administrator) },
    );
    let with =
        |kind| leaf(&world().staff_ca, "administrator 2", key(kind), signs(&[oid::HPKI_AUTHENTICATION]));
    let (p256, p384, rsa) = (with(KeyKind::P256), with(KeyKind::P384), with(KeyKind::RsaOther));
    case(
        "administrator-with-a-p256-key",
        "The administrator's key is on P-256.",
        &Offline { algorithm: (Alg::Es256, Suite::P256Sha256Cose), ..Offline::by(&p256) },
    );
    case(
        "administrator-with-a-p384-key",
        "The administrator's key is on P-384.",
        &Offline { algorithm: (Alg::Es384, Suite::P384Sha384Cose), ..Offline::by(&p384) },
    );
    case("administrator-with-a-long-key", "The administrator's key has 3072 bits.", &Offline::by(&rsa));
    case(
        "administrator-signs-as-a-patient",
        "The request is signed under the context of a presence.",
        &Offline { context: Context::Presence, ..Offline::by(administrator) },
    );
    case(
        "administrator-signs-an-appointment",
        "The request is signed under the context of an appointment.",
        &Offline { context: Context::Appoint, ..Offline::by(administrator) },
    );
    case(
        "administrator-signs-with-a-key-id",
        "The request's header has a key id.",
        &Offline { hint: Some(KeyHint::of_spki(administrator.key.spki())), ..Offline::by(administrator) },
    );
    let someone =
        Holder { key: world().second_card.key.clone(), certificate: administrator.certificate.clone() };
    let mut desk = Desk::unlocked(Form::Demo);
    desk.power_on();
    desk.unlock_offline_signed(&Offline::by(&someone));
    v4.case(
        "administrators-certificate-with-another-key",
        By::Host,
        "The administrator's certificate, and another card's signature.",
        visited(desk, &Edit::default()),
        refused(),
    );
}

const HPKI_SIGNATURE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.100495.1.5.1.1.3.1");

fn certificates(book: &mut Book) {
    let mut v4 = book.chapter(4);
    let staff = &world().staff_ca;
    let mut case = |name, what, ca: &Issuer, extensions: Vec<NewExtension>| {
        let holder = leaf(ca, "administrator", world().administrator.key.clone(), extensions);
        v4.case(name, By::Administrator, what, by(&holder), refused());
    };
    let policy = || NewExtension::policies(&[oid::HPKI_AUTHENTICATION]);
    let usage = NewExtension::key_usage;
    case(
        "administrator-with-a-signing-certificate",
        "The certificate is the card's for signing.",
        staff,
        signs(&[HPKI_SIGNATURE]),
    );
    case(
        "administrator-with-both-policies",
        "The certificate is for signing and for authentication.",
        staff,
        signs(&[oid::HPKI_AUTHENTICATION, HPKI_SIGNATURE]),
    );
    case("administrator-without-a-policy", "The certificate has no policy.", staff, signs(&[]));
    case(
        "administrator-with-a-patients-policy",
        "The certificate has the policy of patients' cards.",
        staff,
        signs(&[oid::JPKI_USER_AUTHENTICATION_TEST]),
    );
    case("administrator-without-key-usage", "The certificate has no key usage.", staff, vec![policy()]);
    case(
        "administrators-key-signs-certificates",
        "The administrator's key may sign certificates.",
        staff,
        vec![usage(KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::KEY_CERT_SIGN)), policy()],
    );
    case(
        "administrators-key-for-encryption",
        "The administrator's key is for encryption.",
        staff,
        vec![usage(KeyUsage::KEY_ENCIPHERMENT), policy()],
    );
    case(
        "administrator-is-a-ca",
        "The administrator's certificate is a CA's.",
        staff,
        vec![NewExtension::ca(None), usage(KeyUsage::DIGITAL_SIGNATURE), policy()],
    );
    case(
        "administrator-under-a-ca-of-the-same-name",
        "A CA of the same name with another key issued it.",
        &root("HPKI CA", KeyKind::Rsa2048, vec![]),
        signs(&[oid::HPKI_AUTHENTICATION]),
    );
    case(
        "administrator-under-the-card-ca",
        "The CA of the patients' cards issued it.",
        &world().card_ca,
        signs(&[oid::HPKI_AUTHENTICATION]),
    );
}

fn intermediates(book: &mut Book) {
    let mut v4 = book.chapter(4);
    let below = |above: &Issuer, name: &str| {
        let key = key(KeyKind::Rsa2048);
        let certificate = above.issue(&template(name, key.spki(), ca_extensions())).unwrap();
        Issuer::new(certificate, key, Suite::RsaPkcs1Sha256)
    };
    let first = below(&world().staff_ca, "HPKI CA below");
    let second = below(&first, "HPKI CA below that");
    let mut case = |name, what, ca: &Issuer, given: &[&Issuer], answer| {
        let holder =
            leaf(ca, "administrator", world().administrator.key.clone(), signs(&[oid::HPKI_AUTHENTICATION]));
        let desk = by(&holder);
        let mut bundle = desk.bundle();
        for issuer in given {
            bundle.certificates.push(issuer.certificate().der().into());
            bundle.revocation.push(World::crl(issuer, desk.now + 3_600_000, &[]).into());
        }
        v4.case(name, By::Administrator, what, bundle, answer);
    };
    case(
        "administrator-under-one-more-ca",
        "A CA below the trusted one issued it: allowed.",
        &first,
        &[&first],
        accepted(),
    );
    case(
        "administrator-under-two-more-cas",
        "Two CAs lie below the trusted one.",
        &second,
        &[&first, &second],
        refused(),
    );
    case("administrators-ca-missing", "The CA below the trusted one was left out.", &first, &[], refused());
}

fn requests(book: &mut Book) {
    let mut v4 = book.chapter(4);
    let elsewhere = InstitutionCode::new(OTHER_INSTITUTION).unwrap();
    let mut case = |name, what, request: &dyn Fn(&mut jushin_statement::AdminActivation), answer| {
        let offline = Offline { request, ..Offline::by(&world().administrator) };
        v4.case(name, By::Administrator, what, day(&offline, AdministratorKind::Hpki), answer);
    };
    case(
        "offline-for-another-institution",
        "The request names another institution.",
        &|admin| admin.institution = elsewhere,
        refused(),
    );
    case(
        "offline-under-an-unknown-binding",
        "The request names a binding that is not there.",
        &|admin| admin.binding = Hash::of(b"another"),
        undecided(&[4], OFFLINE, Class::Tight),
    );
    case(
        "offline-for-another-element",
        "The request names another element.",
        &|admin| admin.element = Hash::of(b"another").first16(),
        undecided(&[5], OFFLINE, Class::Tight),
    );
    case(
        "offline-of-another-power-cycle",
        "The request is of another power cycle.",
        &|admin| admin.ticks.cycle = Hash::of(b"another").first16(),
        conflict(&[7, 14]),
    );
    // Unlock at 5, visit at 6 and 7.
    case(
        "offline-after-the-visit",
        "The request has the visit's counter value.",
        &|admin| admin.counter = 6,
        conflict(&[7, 12]),
    );
    case(
        "offline-with-a-claimed-time",
        "The terminal's clock claims another year: no bound.",
        &|admin| admin.claimed = jushin_statement::UnixMillis(9_000_000_000_000),
        accepted(),
    );
    case(
        "offline-without-a-budget",
        "The request allows no check-in: not judged.",
        &|admin| admin.begins = 0,
        accepted(),
    );
    let changed = |change: &dyn Fn(&mut Anchor)| {
        let mut desk = by(&world().administrator);
        let is_offline = |anchor: &&mut Embedded<Anchor>| matches!(anchor.0, Anchor::Offline { .. });
        desk.anchors.iter_mut().filter(is_offline).for_each(|anchor| change(&mut anchor.0));
        desk
    };
    let damaged = changed(&|anchor| {
        if let Anchor::Offline { admin, .. } = anchor {
            *admin = resigned(admin, |signature| flipped(signature, 9));
        }
    });
    v4.case(
        "offline-damaged",
        By::Stranger,
        "A bit of the administrator's signature is turned: it is another unlock.",
        damaged,
        undecided(&[5], OFFLINE, Class::Tight),
    );
    let swapped = changed(&|anchor| {
        if let Anchor::Offline { certificate, .. } = anchor {
            *certificate = world().card.certificate.der().into();
        }
    });
    v4.case(
        "offline-with-another-certificate",
        By::Stranger,
        "Somebody else's certificate stands beside the request.",
        swapped,
        refused(),
    );
}

/// The window is −799 to 123 201.
fn status(book: &mut Book) {
    let mut v4 = book.chapter(4);
    let administrator = &world().administrator;
    let unknown = || undecided(&[6], OFFLINE, Class::Tight);
    for (name, what, since, answer) in [
        (
            "administrator-revoked-before",
            "The administrator's card was revoked before the window.",
            -60_000,
            refused(),
        ),
        (
            "administrator-revoked-within",
            "The administrator's card was revoked within the window.",
            30_000,
            unknown(),
        ),
        (
            "administrator-revoked-after",
            "The administrator's card was revoked after the window.",
            124_000,
            accepted(),
        ),
    ] {
        let desk = by(administrator);
        let mut bundle = desk.bundle();
        bundle.revocation =
            desk.revocation_at(desk.now + 7_200_000, &[(&administrator.certificate, MORNING + since)]);
        v4.case(name, By::Administrator, what, bundle, answer);
    }
    let mut bundle = by(administrator).bundle();
    bundle.revocation.remove(1);
    v4.case(
        "administrators-status-missing",
        By::Stranger,
        "No revocation list of the staff CA is there.",
        bundle,
        unknown(),
    );
    let dated = |from: i64, until: i64| {
        let named = template("administrator", administrator.key.spki(), signs(&[oid::HPKI_AUTHENTICATION]));
        let dates =
            Template { not_before: Moment(MORNING + from), not_after: Moment(MORNING + until), ..named };
        by(&Holder { key: administrator.key.clone(), certificate: world().staff_ca.issue(&dates).unwrap() })
    };
    v4.case(
        "administrator-expired-before",
        By::Administrator,
        "The administrator's certificate had ended.",
        dated(-YEAR, -60_000),
        refused(),
    );
    v4.case(
        "administrator-expired-within",
        By::Administrator,
        "The administrator's certificate ended within the window.",
        dated(-YEAR, 60_000),
        unknown(),
    );
    v4.case(
        "administrator-not-yet-valid",
        By::Administrator,
        "The administrator's certificate begins after the window.",
        dated(124_000, YEAR),
        refused(),
    );
}

/// Nothing but an offline unlock before the visit: it begins at 60 001, ends at 61 501, and the close
/// states 121 801. Whether anything was revoked before it cannot be said.
fn without_a_lower_end(book: &mut Book) {
    let mut v8 = book.chapter(8);
    let window = Window::until(122_801);
    let day = || {
        let mut desk = Desk::new(Form::Demo);
        desk.unlock_offline();
        visited(desk, &Edit::default())
    };
    let unknown = || undecided(&[6, 11], window, Class::OrderOnly);
    v8.case(
        "no-lower-end",
        By::Host,
        "Nothing bounds the visit from below: no status counts.",
        day(),
        unknown(),
    );
    let revoked = |holder: &Holder, since: i64| {
        let desk = day();
        let mut bundle = desk.bundle();
        bundle.revocation =
            desk.revocation_at(desk.now + 3_600_000, &[(&holder.certificate, MORNING + since)]);
        bundle
    };
    let (card, administrator) = (&world().card, &world().administrator);
    v8.case(
        "no-lower-end-card-revoked-long-before",
        By::CardHolder,
        "The card was revoked a month before; the visit may be older.",
        revoked(card, -30 * 86_400_000),
        unknown(),
    );
    v8.case(
        "no-lower-end-card-revoked-after",
        By::CardHolder,
        "The card was revoked after the visit.",
        revoked(card, 200_000),
        unknown(),
    );
    v8.case(
        "no-lower-end-administrator-revoked",
        By::Administrator,
        "The administrator's card was revoked a month before.",
        revoked(administrator, -30 * 86_400_000),
        unknown(),
    );
    let certificate = world().card_certificate(MORNING + 130_000, MORNING + YEAR);
    let mut desk = Desk::new(Form::Demo);
    desk.unlock_offline();
    let desk = visited(desk, &Edit { certificate: Some(certificate), ..Edit::default() });
    v8.case(
        "no-lower-end-card-to-come",
        By::CardHolder,
        "The card's certificate begins after the visit's latest moment.",
        desk,
        invalid(&[6, 10]),
    );
}
