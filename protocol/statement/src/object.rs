//! What all objects share: a type number, a version, one encoding, and the context of their signature.

use alloc::vec::Vec;

use crate::cbor::{Malformed, Reader, Writer};
use crate::value::Hash;

/// What a signature is for; it enters the signed bytes as `jushin/1/` and this word.
///
/// A signature made under one context is void under every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// An element asks for its certificate.
    Enrol,
    /// The administrator's card appoints a terminal key.
    Appoint,
    /// The platform sends an element a secret.
    Inject,
    /// A terminal shows the element that it is its own.
    Pair,
    /// The platform binds element, terminal, institution and administrators.
    Binding,
    /// Every record of an element: bind-ack, ts1, ts2, commit, boot, stamp, close.
    Element,
    /// The service provider unlocks an element.
    Activate,
    /// The administrator's card unlocks an element.
    AdminActivate,
    /// The patient's card signs a visit.
    Presence,
    /// The platform's receipt.
    Receipt,
    /// The platform's verdict.
    Verdict,
    /// The platform lets a provider answer.
    Reference,
    /// The platform registers a visit in the history.
    Visit,
    /// The platform's eligibility answer.
    Eligibility,
    /// The platform links two card IDs.
    Link,
    /// A revocation list.
    Revocation,
    /// A beacon.
    Beacon,
    /// The patient's card signs an institution code, for a card ID.
    CardId,
    /// A capability of the history service.
    Capability,
    /// Proof of possession.
    Possession,
    /// A doctor's emergency access.
    BreakGlass,
}

impl Context {
    /// The external additional authenticated data of the signature.
    #[must_use]
    pub const fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Enrol => b"jushin/1/enrol",
            Self::Appoint => b"jushin/1/appoint",
            Self::Inject => b"jushin/1/inject",
            Self::Pair => b"jushin/1/pair",
            Self::Binding => b"jushin/1/binding",
            Self::Element => b"jushin/1/se",
            Self::Activate => b"jushin/1/act",
            Self::AdminActivate => b"jushin/1/admin-activate",
            Self::Presence => b"jushin/1/presence",
            Self::Receipt => b"jushin/1/receipt",
            Self::Verdict => b"jushin/1/verdict",
            Self::Reference => b"jushin/1/ref",
            Self::Visit => b"jushin/1/visit",
            Self::Eligibility => b"jushin/1/elig",
            Self::Link => b"jushin/1/link",
            Self::Revocation => b"jushin/1/rev",
            Self::Beacon => b"jushin/1/beacon",
            Self::CardId => b"jushin/1/card-id",
            Self::Capability => b"jushin/1/cap",
            Self::Possession => b"jushin/1/pop",
            Self::BreakGlass => b"jushin/1/break-glass",
        }
    }
}

/// Something with one encoding.
pub trait Object: Sized {
    /// Its name in the CDDL.
    const NAME: &'static str;

    /// Writes the object as one item.
    fn write(&self, writer: &mut Writer);

    /// Reads the object as the next item.
    ///
    /// # Errors
    ///
    /// [`Malformed`] if the item is not this object.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed>;

    /// The one encoding.
    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.into_bytes()
    }

    /// Reads the object from its one encoding and refuses every other.
    ///
    /// # Errors
    ///
    /// [`Malformed`] says what is wrong and where.
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes)?;
        let object = Self::read(&mut reader)?;
        reader.end()?;
        Ok(object)
    }

    /// SHA-256 of the encoding: the identity of the object.
    fn hash(&self) -> Hash {
        Hash::of(&self.encode())
    }
}

/// An object that is signed, and under which context.
pub trait Statement: Object {
    /// The only context under which a signature over this object counts.
    const CONTEXT: Context;
}

/// Declares an object as `[type, 1, fields…]`.
///
/// `signed Context::X` makes it a [`Statement`]; `check f` calls `f(&Self) -> Result<(), Malformed>`
/// for the rules between fields, at decoding.
macro_rules! object {
    (
        $(#[$meta:meta])*
        pub struct $name:ident = $number:literal, $cddl:literal $(, signed $context:ident)? $(, check $check:path)? {
            $( $(#[$field_meta:meta])* pub $field:ident : $type:ty, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            $( $(#[$field_meta])* pub $field: $type, )*
        }

        impl $crate::Object for $name {
            const NAME: &'static str = $cddl;

            fn write(&self, writer: &mut $crate::cbor::Writer) {
                const ELEMENTS: usize = 2 $( + { let _ = stringify!($field); 1 } )*;
                writer.array(ELEMENTS).uint($number).uint(1);
                $( $crate::Field::write(&self.$field, writer); )*
            }

            fn read(reader: &mut $crate::cbor::Reader<'_>) -> Result<Self, $crate::cbor::Malformed> {
                const ELEMENTS: u64 = 2 $( + { let _ = stringify!($field); 1 } )*;
                reader.array($cddl, ELEMENTS)?;
                if reader.uint()? != $number || reader.uint()? != 1 {
                    return Err($crate::cbor::Malformed::Type { object: $cddl });
                }
                let object = Self { $( $field: $crate::Field::read(reader)?, )* };
                $( $check(&object)?; )?
                Ok(object)
            }
        }

        $( impl $crate::Statement for $name {
            const CONTEXT: $crate::Context = $crate::Context::$context;
        } )?
    };
}

/// Declares a part of an object as `[fields…]`, without type and version.
macro_rules! part {
    (
        $(#[$meta:meta])*
        pub struct $name:ident = $cddl:literal $(, check $check:path)? {
            $( $(#[$field_meta:meta])* pub $field:ident : $type:ty, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            $( $(#[$field_meta])* pub $field: $type, )*
        }

        impl $crate::Object for $name {
            const NAME: &'static str = $cddl;

            fn write(&self, writer: &mut $crate::cbor::Writer) {
                const ELEMENTS: usize = 0 $( + { let _ = stringify!($field); 1 } )*;
                writer.array(ELEMENTS);
                $( $crate::Field::write(&self.$field, writer); )*
            }

            fn read(reader: &mut $crate::cbor::Reader<'_>) -> Result<Self, $crate::cbor::Malformed> {
                const ELEMENTS: u64 = 0 $( + { let _ = stringify!($field); 1 } )*;
                reader.array($cddl, ELEMENTS)?;
                let part = Self { $( $field: $crate::Field::read(reader)?, )* };
                $( $check(&part)?; )?
                Ok(part)
            }
        }

        impl $crate::Field for $name {
            fn write(&self, writer: &mut $crate::cbor::Writer) {
                $crate::Object::write(self, writer);
            }
            fn read(reader: &mut $crate::cbor::Reader<'_>) -> Result<Self, $crate::cbor::Malformed> {
                $crate::Object::read(reader)
            }
        }
    };
}

/// Declares a closed set of numbers.
macro_rules! numbers {
    (
        $(#[$meta:meta])*
        pub enum $name:ident = $cddl:literal {
            $( $(#[$variant_meta:meta])* $variant:ident = $number:literal, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $( $(#[$variant_meta])* $variant = $number, )*
        }

        impl $name {
            /// The number that stands in the encoding.
            #[must_use]
            pub const fn number(self) -> u64 {
                self as u64
            }

            /// The value with this number.
            ///
            /// # Errors
            ///
            /// [`Malformed::Value`]($crate::cbor::Malformed::Value): no value has this number.
            pub const fn from_number(number: u64) -> Result<Self, $crate::cbor::Malformed> {
                match number {
                    $( $number => Ok(Self::$variant), )*
                    _ => Err($crate::cbor::Malformed::Value { field: $cddl }),
                }
            }
        }

        impl $crate::Field for $name {
            fn write(&self, writer: &mut $crate::cbor::Writer) {
                writer.uint(self.number());
            }
            fn read(reader: &mut $crate::cbor::Reader<'_>) -> Result<Self, $crate::cbor::Malformed> {
                Self::from_number(reader.uint()?)
            }
        }
    };
}

pub(crate) use {numbers, object, part};
