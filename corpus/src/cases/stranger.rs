//! What somebody without any key can do to a good bundle, and what has no effect: order, repeats, material
//! about others, objects under another's context.

use jushin_pki::KeyKind;
use jushin_pki::issue::Issuer;
use jushin_statement::{
    Anchor, Bundle, Bytes, Class, Embedded, Hash, InstitutionCode, Link, Object as _, Pid, Presence, Signed,
    UnixMillis, Visit, Visits,
};

use super::USUAL;
use crate::answer::{Answer, stopped, valid};
use crate::book::{Book, By};
use crate::forge::{flipped, resigned};
use crate::world::{OTHER_INSTITUTION, World, root, sign_as_platform, sign_es256};
use crate::{Desk, Form, world};

pub(super) fn write(book: &mut Book) {
    order(book);
    additions(book);
    objects(book);
    visits(book);
}

fn good() -> Answer {
    valid(USUAL, Class::Tight)
}

/// Something of everything.
fn rich() -> Bundle {
    let desk = Desk::complete(Form::Demo);
    let mut bundle = desk.bundle();
    bundle.certificates.push(world().platform.certificate().der().into());
    bundle.certificates.push(world().other_cv.as_bytes().as_slice().into());
    bundle.revocation.push(World::crl(&world().demo_ca, desk.now + 3_600_000, &[]).into());
    bundle.bindings.push(sign_as_platform(
        &jushin_statement::Binding { seq: 2, ..desk.binding.clone() },
        &world().binding,
    ));
    bundle
}

fn order(book: &mut Book) {
    let mut v12 = book.chapter(12);
    let mut bundle = rich();
    bundle.anchors.reverse();
    bundle.records.reverse();
    bundle.certificates.reverse();
    bundle.revocation.reverse();
    bundle.bindings.reverse();
    v12.case("everything-in-reverse", By::Stranger, "Every list is in reverse order.", bundle, good());
    let mut bundle = rich();
    bundle.anchors.extend(bundle.anchors.clone());
    bundle.records.extend(bundle.records.clone());
    bundle.certificates.extend(bundle.certificates.clone());
    bundle.revocation.extend(bundle.revocation.clone());
    bundle.bindings.extend(bundle.bindings.clone());
    v12.case("everything-twice", By::Stranger, "Every list holds everything twice.", bundle, good());
}

fn additions(book: &mut Book) {
    let mut v12 = book.chapter(12);
    let desk = Desk::complete(Form::Demo);
    let mut case = |name, what, change: &dyn Fn(&mut Bundle)| {
        let mut bundle = desk.bundle();
        change(&mut bundle);
        v12.case(name, By::Stranger, what, bundle, good());
    };
    let noise: Bytes = vec![0xff; 40].into();
    let nothing: Bytes = Vec::new().into();
    case("noise-among-the-records", "A record is noise, another empty.", &|bundle| {
        bundle.records.extend([Signed(noise.clone()), Signed(nothing.clone())])
    });
    case("noise-among-the-certificates", "A certificate is noise, another empty.", &|bundle| {
        bundle.certificates.extend([noise.clone(), nothing.clone(), vec![0; 568].into()])
    });
    case("noise-among-the-revocation-data", "Revocation data are noise, others empty.", &|bundle| {
        bundle.revocation.extend([noise.clone(), nothing.clone()])
    });
    case("noise-among-the-bindings", "A binding is noise, another empty.", &|bundle| {
        bundle.bindings.extend([Signed(noise.clone()), Signed(nothing.clone())])
    });
    case("noise-among-the-results", "A result is noise, another empty.", &|bundle| {
        bundle.results.extend([Signed(noise.clone()), Signed(nothing.clone())])
    });
    case("noise-among-the-proofs", "A proof is noise: none is looked at.", &|bundle| {
        bundle.proofs.extend([noise.clone(), nothing.clone()])
    });
    case("anchors-of-noise", "An online unlock, a close and a beacon are made of noise.", &|bundle| {
        let noise = || Signed(noise.clone());
        let token = || vec![0x30, 0].into();
        bundle.anchors.push(Embedded(Anchor::Online {
            stamp1: noise(),
            token: token(),
            activation: noise(),
            stamp2: noise(),
        }));
        bundle.anchors.push(Embedded(Anchor::Close { close: noise(), token: token() }));
        bundle.anchors.push(Embedded(Anchor::Beacon { beacon: noise(), token: token() }));
        bundle.anchors.push(Embedded(Anchor::Offline { admin: noise(), certificate: token() }));
    });
    case(
        "unlock-damaged-beside-the-whole-one",
        "A copy of the unlock with a damaged signature is there too.",
        &|bundle| {
            let Anchor::Online { stamp1, token, activation, stamp2 } = bundle.anchors[0].0.clone() else {
                return;
            };
            let stamp2 = resigned(&stamp2, |bytes| flipped(bytes, 9));
            bundle.anchors.insert(0, Embedded(Anchor::Online { stamp1, token, activation, stamp2 }));
        },
    );
    case(
        "unlock-open-beside-the-whole-one",
        "A copy of the unlock without its second stamp is there too.",
        &|bundle| {
            let Anchor::Online { stamp1, token, activation, .. } = bundle.anchors[0].0.clone() else {
                return;
            };
            bundle.anchors.insert(
                0,
                Embedded(Anchor::Online { stamp1, token, activation, stamp2: Signed(Vec::new().into()) }),
            );
        },
    );
    case("ca-of-a-strangers-own", "A CA of a stranger's with the name of the card CA is there.", &|bundle| {
        bundle.certificates.push(world().other_card_ca.certificate().der().into())
    });
    case(
        "element-certificate-of-a-stranger",
        "A stranger's CA certified the element's key too, with a worse clock.",
        &|bundle| {
            let own = root("SE-CA", KeyKind::P256, vec![]);
            let worse = crate::world::extension(
                jushin_statement::ElementKind::Applet,
                crate::world::millisecond_clock(900_000),
                false,
            );
            bundle
                .certificates
                .insert(0, world().element_certificate(&own, &world().device, &worse).der().into());
        },
    );
    case(
        "everybodys-certificates",
        "The certificates of every CA, time-stamping authority and provider are there.",
        &|bundle| {
            let (world, all) = (world(), &mut bundle.certificates);
            all.extend(
                [&world.time_stamper[0], &world.administrator, &world.provider]
                    .map(|holder| holder.certificate.der().into()),
            );
            all.extend(
                [&world.card_ca, &world.element_ca, &world.staff_ca]
                    .map(|ca: &Issuer| ca.certificate().der().into()),
            );
        },
    );
}

fn objects(book: &mut Book) {
    let mut v12 = book.chapter(12);
    let desk = Desk::complete(Form::Demo);
    let evid = crate::book::evid(&desk.visits[0].commit);
    let mut case = |name, what, change: &dyn Fn(&mut Bundle)| {
        let mut bundle = desk.bundle();
        change(&mut bundle);
        v12.case(name, By::Stranger, what, bundle, good());
    };
    let pid =
        |byte: u8| Pid { scheme: jushin_statement::PidScheme::Platform, epoch: 1, value: Hash([byte; 32]) };
    let code = InstitutionCode::new(OTHER_INSTITUTION).unwrap();
    let link = Link { institution: code, old: pid(1), new: pid(2), at: UnixMillis(1), evid };
    case("link-among-the-results", "Two card IDs are linked: not looked at.", &|bundle| {
        bundle.results.push(sign_as_platform(&link, &world().receipt))
    });
    case("link-by-a-stranger", "Somebody without the platform's key links two card IDs.", &|bundle| {
        bundle.results.push(sign_es256(&link, &world().second_device))
    });
    let visit = Visit { evid, verdict: Hash::ZERO, institution: code, subject: pid(3), local: pid(4) };
    case(
        "visit-of-another-institution",
        "A registered visit names another institution: not looked at.",
        &|bundle| bundle.results.push(sign_as_platform(&visit, &world().receipt)),
    );
    case("evidence-among-the-records", "The evidence stands among the records.", &|bundle| {
        bundle.records.push(Signed(desk.visits[0].encode().into()))
    });
    case("binding-among-the-records", "The binding stands among the records.", &|bundle| {
        bundle.records.push(desk.bindings[0].clone())
    });
    case("record-among-the-bindings", "A record stands among the bindings.", &|bundle| {
        bundle.bindings.push(desk.records[0].clone())
    });
    case("binding-among-the-results", "The binding stands among the results.", &|bundle| {
        bundle.results.push(desk.bindings[0].clone())
    });
    case("commit-among-the-records", "The commit stands among the records too.", &|bundle| {
        bundle.records.push(desk.visits[0].commit.clone())
    });
    case("stamps-among-the-records", "The stamps of the unlock stand among the records too.", &|bundle| {
        let Anchor::Online { stamp1, stamp2, .. } = bundle.anchors[0].0.clone() else { return };
        bundle.records.extend([stamp1, stamp2]);
    });
    case(
        "commits-twin-among-the-records",
        "The commit with its twin signature stands among the records.",
        &|bundle| {
            bundle.records.push(resigned(&desk.visits[0].commit, |signature| {
                crate::forge::twin(signature, &crate::forge::P256_ORDER)
            }));
        },
    );
    case("records-missing", "No other record is there: nothing is disproved.", &|bundle| {
        bundle.records.clear()
    });
}

fn visits(book: &mut Book) {
    let mut v12 = book.chapter(12);
    let mut bundle = Desk::complete(Form::Demo).bundle();
    let Visits::Full(list) = &mut bundle.visits else { return };
    let mut made_up = list[0].clone();
    let mut presence = Presence::decode(&made_up.presence).unwrap();
    presence.element = Hash::of(b"made up").first16();
    made_up.presence = presence.encode().into();
    list.insert(0, made_up);
    v12.case(
        "visit-of-a-made-up-element",
        By::Stranger,
        "The visit is there once more, at an element that does not exist.",
        bundle,
        vec![stopped(2), good()],
    );
    let mut bundle = Desk::complete(Form::Demo).bundle();
    let Visits::Full(list) = &mut bundle.visits else { return };
    let mut unreadable = list[0].clone();
    unreadable.presence = Vec::new().into();
    list.push(unreadable);
    v12.case(
        "visit-beside-an-unreadable-one",
        By::Stranger,
        "A visit that is none stands beside a good one.",
        bundle,
        vec![good(), stopped(1)],
    );
    let mut two = Desk::with_device(Form::Applet, world().second_device.clone());
    two.unlock();
    two.wait(60_000);
    two.visit();
    let two = crate::forge::closed(two);
    let (mut bundle, second) = (Desk::complete(Form::Demo).bundle(), two.bundle());
    let (Visits::Full(list), Visits::Full(more)) = (&mut bundle.visits, second.visits) else { return };
    list.extend(more);
    bundle.anchors.extend(second.anchors);
    bundle.records.extend(second.records);
    bundle.certificates.extend(second.certificates);
    bundle.bindings.extend(second.bindings);
    v12.case(
        "good-two-elements",
        By::Nobody,
        "Visits at two elements stand in one bundle.",
        bundle,
        vec![good(), good().real()],
    );
}
