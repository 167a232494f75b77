//! Why a verdict is not a plain VALID: fifteen reasons, numbered for ever.

use core::fmt;

use jushin_statement::Status;

/// Who has to act on a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AtFault {
    /// Whoever put the evidence together or changed it.
    Evidence,
    /// The element, or who certified it.
    Element,
    /// The institution, its terminal or its administrator.
    Institution,
    /// The time-stamping authority or the service provider.
    TimeSource,
    /// The card, its certificate or its holder.
    Card,
    /// Nobody: something that the verifier needs has not arrived.
    NobodyYet,
    /// The verifier's own policy decides so.
    Policy,
}

macro_rules! reasons {
    ($( $variant:ident = $number:literal, $fault:ident, $english:literal, $japanese:literal; )*) => {
        /// A reason of a verdict. Its number is what stands in the verdict.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            $( #[doc = $english] $variant = $number, )*
        }

        impl Reason {
            /// Every reason, ascending.
            pub const ALL: &[Self] = &[$( Self::$variant, )*];

            /// The number in a verdict.
            #[must_use]
            pub const fn number(self) -> u64 {
                self as u64
            }

            /// The reason with this number.
            #[must_use]
            pub const fn from_number(number: u64) -> Option<Self> {
                match number {
                    $( $number => Some(Self::$variant), )*
                    _ => None,
                }
            }

            /// Who has to act.
            #[must_use]
            pub const fn at_fault(self) -> AtFault {
                match self {
                    $( Self::$variant => AtFault::$fault, )*
                }
            }

            /// One sentence in English.
            #[must_use]
            pub const fn english(self) -> &'static str {
                match self {
                    $( Self::$variant => $english, )*
                }
            }

            /// One sentence in Japanese.
            #[must_use]
            pub const fn japanese(self) -> &'static str {
                match self {
                    $( Self::$variant => $japanese, )*
                }
            }
        }
    };
}

reasons! {
    Malformed = 1, Evidence,
        "The evidence is not in the one encoding that such evidence has.",
        "証拠の形式が正しくありません。";
    ElementCertificate = 2, Element,
        "The element's certificate does not hold: unknown issuer, wrong contents, or revoked before the visit.",
        "端末の安全素子の証明書が正しくないか、受診より前に失効しています。";
    Void = 3, Institution,
        "The record was made while the terminal was suspended or retired.",
        "端末が停止または廃止されていた間の記録です。";
    Binding = 4, Institution,
        "The terminal's binding to the institution is missing, not in use, or another institution's.",
        "端末と医療機関の結び付けがないか、使用中でないか、別の医療機関のものです。";
    OnlineAnchor = 5, TimeSource,
        "The online unlock of this power cycle is missing or its time stamp, activation or tick stamps do not fit.",
        "この起動のオンライン解錠がないか、時刻印・許可・ティック印が合いません。";
    OfflineAnchor = 6, Institution,
        "The administrator's unlock is missing or the administrator's signature or certificate does not hold.",
        "管理者による解錠がないか、管理者の署名または証明書が正しくありません。";
    Presence = 7, Evidence,
        "What the card signed does not belong to this unlock, element or binding.",
        "カードが署名した内容が、この解錠・安全素子・結び付けのものではありません。";
    Commit = 8, Evidence,
        "Not what the element recorded: the record does not fit the card's statement.",
        "安全素子の記録とカードの署名内容が合いません。";
    CardSignature = 9, Card,
        "The card signed a different statement, or its certificate is not one of a known issuer.",
        "カードが署名したのは別の内容か、カードの証明書の発行者が確認できません。";
    CardRevoked = 10, Card,
        "The card's certificate was revoked, expired or not yet valid at the visit.",
        "受診の時点でカードの証明書が失効していたか、有効期間の外でした。";
    CardStatusUnknown = 11, NobodyYet,
        "Whether a certificate was revoked at the visit is not known yet.",
        "受診の時点で証明書が失効していたかどうか、まだ確認できません。";
    Fork = 12, Element,
        "The element signed two different records under one counter value.",
        "安全素子が一つの番号で二つの異なる記録に署名しています。";
    Gap = 13, Institution,
        "A record next to this visit is missing without explanation.",
        "この受診の隣の記録が、説明なく欠けています。";
    Clock = 14, Element,
        "The proofs of time contradict each other.",
        "時刻の証拠が互いに矛盾しています。";
    Policy = 15, Policy,
        "The verifier's policy does not let this kind of element prove more.",
        "検証者の方針により、この種類の安全素子ではこれ以上は証明されません。";
}

impl Reason {
    /// What the reason does to the status when the object that it is about is there and does not hold.
    ///
    /// [`None`]: the status stays as it is.
    pub(crate) const fn status(self) -> Option<Status> {
        match self {
            Self::Malformed
            | Self::ElementCertificate
            | Self::Void
            | Self::Binding
            | Self::OnlineAnchor
            | Self::OfflineAnchor
            | Self::Presence
            | Self::Commit
            | Self::CardSignature
            | Self::CardRevoked => Some(Status::Invalid),
            Self::CardStatusUnknown => Some(Status::Indeterminate),
            Self::Fork | Self::Clock => Some(Status::Conflict),
            Self::Gap | Self::Policy => None,
        }
    }
}

/// `R01` to `R15`.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "R{:02}", self.number())
    }
}
