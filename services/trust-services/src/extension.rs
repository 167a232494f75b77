//! Extensions that only issuers write.

use jushin_pki::ObjectIdentifier;
use jushin_pki::der::{Writer, tag};
use jushin_pki::issue::NewExtension;

use crate::{Person, oid};

/// The four attributes of a person as JPKI's signing certificates carry them: otherNames of the subject.
pub(crate) fn four_attributes(person: &Person) -> NewExtension {
    build(oid::SUBJECT_ALT_NAME, |value| {
        value.nest(tag::SEQUENCE, |names| {
            let substitutes = |text: &str| "0".repeat(text.chars().count());
            put_other_name(names, oid::JPKI_NAME, &person.name);
            put_other_name(names, oid::JPKI_NAME_SUBSTITUTES, &substitutes(&person.name));
            put_other_name(names, oid::JPKI_SEX, &person.sex.number().to_string());
            put_other_name(names, oid::JPKI_BIRTH, &birth(person.birth));
            put_other_name(names, oid::JPKI_ADDRESS, &person.address);
            put_other_name(names, oid::JPKI_ADDRESS_SUBSTITUTES, &substitutes(&person.address));
        });
    })
}

/// Critical policies, as cards have them: what the first one means is said at a place and in a notice.
pub(crate) fn card_policies(policies: [ObjectIdentifier; 2], statement_url: &str) -> NewExtension {
    const NOTICE: &str = "Simulated / 模擬: issued by no authority";
    let [first, second] = policies;
    let mut value = Writer::new();
    value.nest(tag::SEQUENCE, |list| {
        list.nest(tag::SEQUENCE, |policy| {
            policy.put(tag::OID, first.as_bytes());
            policy.nest(tag::SEQUENCE, |qualifiers| {
                qualifiers.nest(tag::SEQUENCE, |qualifier| {
                    qualifier.put(tag::OID, oid::PRACTICE_STATEMENT.as_bytes());
                    qualifier.put(tag::IA5_STRING, statement_url.as_bytes());
                });
                qualifiers.nest(tag::SEQUENCE, |qualifier| {
                    qualifier.put(tag::OID, oid::USER_NOTICE.as_bytes());
                    qualifier.nest(tag::SEQUENCE, |notice| notice.put(tag::UTF8_STRING, NOTICE.as_bytes()));
                });
            });
        });
        list.nest(tag::SEQUENCE, |policy| policy.put(tag::OID, second.as_bytes()));
    });
    NewExtension::new(oid::CERTIFICATE_POLICIES, true, value.into_bytes())
}

/// Where the revocation list is fetched.
pub(crate) fn crl_url(url: &str) -> NewExtension {
    build(oid::CRL_DISTRIBUTION_POINTS, |value| {
        value.nest(tag::SEQUENCE, |points| {
            points.nest(tag::SEQUENCE, |point| {
                point.nest(tag::context_constructed(0), |name| {
                    name.nest(tag::context_constructed(0), |full_name| {
                        full_name.put(tag::context(6), url.as_bytes());
                    });
                });
            });
        });
    })
}

/// What a member of the health-care staff is (ISO 17090-2): a role from Japan's list, as text.
pub(crate) fn healthcare_role(role: &str) -> NewExtension {
    build(oid::SUBJECT_DIRECTORY_ATTRIBUTES, |value| {
        value.nest(tag::SEQUENCE, |attributes| {
            attributes.nest(tag::SEQUENCE, |attribute| {
                attribute.put(tag::OID, oid::HEALTHCARE_ACTOR.as_bytes());
                attribute.nest(tag::SET, |values| {
                    values.nest(tag::SET, |actors| {
                        actors.nest(tag::SEQUENCE, |actor| {
                            actor.nest(tag::context_constructed(0), |coded| put_role(coded, role));
                        });
                    });
                });
            });
        });
    })
}

fn put_role(coded: &mut Writer, role: &str) {
    coded.nest(tag::SET, |data| {
        data.nest(tag::context_constructed(0), |scheme| {
            scheme.put(tag::OID, oid::HEALTHCARE_ROLES_OF_JAPAN.as_bytes());
        });
        data.nest(tag::context_constructed(2), |text| text.put(tag::UTF8_STRING, role.as_bytes()));
    });
}

fn put_other_name(names: &mut Writer, kind: ObjectIdentifier, text: &str) {
    names.nest(tag::context_constructed(0), |other_name| {
        other_name.put(tag::OID, kind.as_bytes());
        other_name.nest(tag::context_constructed(0), |value| value.put(tag::UTF8_STRING, text.as_bytes()));
    });
}

/// Digit of the era (1 Meiji to 5 Reiwa), then the date of our calendar.
fn birth((year, month, day): (i16, i8, i8)) -> String {
    const BEGINNINGS: [(i16, i8, i8); 4] = [(1912, 7, 30), (1926, 12, 25), (1989, 1, 8), (2019, 5, 1)];
    let era = 1 + BEGINNINGS.iter().filter(|beginning| **beginning <= (year, month, day)).count();
    format!("{era}{year:04}{month:02}{day:02}")
}

fn build(oid: ObjectIdentifier, fill: impl FnOnce(&mut Writer)) -> NewExtension {
    let mut value = Writer::new();
    fill(&mut value);
    NewExtension::new(oid, false, value.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birth_names_its_era() {
        assert_eq!(birth((2019, 4, 30)), "420190430");
        assert_eq!(birth((2019, 5, 1)), "520190501");
        assert_eq!(birth((1989, 1, 7)), "319890107");
        assert_eq!(birth((1912, 7, 29)), "119120729");
    }
}
