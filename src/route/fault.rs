//! Decides after a failed attempt: may another account be tried, and does this one rest?

use super::AttemptEnd;
use crate::model::{Delivery, ErrorCode, ErrorReason};

/// The owner of a fault that a dial failed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The account, its platform or the way to it. Another account may not share it, so it is tried, and this one rests.
    Account,
    /// The account, but only for this caller. Another account is tried; this one does not rest.
    AccountForCaller,
    /// The call itself, the program or its options; or it is not known. No other account is tried.
    Call,
}

impl Fault {
    /// Decides by the reason. There is no default, so that the compiler asks for each new reason.
    fn of(reason: ErrorReason) -> Self {
        use ErrorReason as R;
        match reason {
            // The account has no money: another one may have.
            R::InsufficientBalance
            // The account has reached its limit of requests or of calls at once: limits are counted for each account.
            | R::RateLimited
            // Each account has credentials and a secret of its own.
            | R::Authentication | R::BadSignature
            // Platforms check the time differently, and some do not.
            | R::ClockSkew
            // Rights, and the list of admitted addresses, belong to an account.
            | R::Forbidden | R::AddressNotAllowed
            // The platform said that it has a fault. (Where it may have acted, the delivery is `unknown` and nothing is tried.)
            | R::ProviderUnavailable
            // There was no connection to this platform.
            | R::ConnectionRefused | R::NameNotFound | R::ConnectTimeout | R::Unreachable | R::BadCertificate | R::TlsFailed
            | R::ForbiddenPort | R::ConnectFailed => Self::Account,

            // The caller's number is registered with one account, and may be with another.
            R::CallerNotRegistered => Self::AccountForCaller,

            // The parties: busy, bound already, or a number that is not one.
            R::LineBusy | R::Conflict | R::NotOneNumber | R::SpreadsheetNumber | R::MaskedNumber | R::WrongLength | R::NeedsAreaCode
            | R::UnknownNumber | R::EmergencyNumber | R::SameNumber
            // A parameter, a seat that the call names, or an id in it.
            | R::RefusedParameter | R::SeatNotBound | R::NotFound
            // The platform named no cause that is known here. It may be the call's.
            | R::Rejected
            // Arguments and options: checked before the first attempt.
            | R::Missing | R::Empty | R::NotText | R::WrongType | R::NotPlainData | R::NotAWholeNumber | R::OutOfRange | R::TooLong
            | R::ForbiddenCharacter | R::WrongFormat | R::UnsupportedValue | R::UnknownOption | R::UnsupportedOption | R::ReservedName
            | R::Duplicate | R::ConflictingOptions | R::NotAUrl | R::NotADate | R::MissingTimeZone | R::ReversedRange | R::WrongPlatform
            | R::UnusableClock | R::UnknownOperation | R::UnsupportedOperation | R::NoRoute | R::AccountsResting
            // Nobody knows if the platform acted, so these come with `unknown`, or the caller gave the dial up.
            | R::ConnectionLost | R::NoAnswerInTime | R::Aborted | R::UnreadableAnswer | R::ContradictingAnswer | R::AnswerTooLarge
            | R::HttpStatus | R::Redirect
            // The library: it would fail again.
            | R::NotLoaded | R::LoadFailed | R::Defect
            // Other operations, receivers and streams: no dial fails for these.
            | R::WeakToken | R::UnprotectedReceiver | R::OverlappingRanges | R::SecretInUrl | R::UntrustedHost | R::DamagedEnvelope
            | R::BodyTooLarge | R::AlreadyRead | R::NeedsRecord | R::NoRecording | R::RecordingNotReady | R::UnreadableRecords
            | R::UnreadablePush | R::CompressedPush | R::TooManyRecords | R::UnreadableLine | R::DeadlinePassed => Self::Call,
        }
    }
}

impl AttemptEnd {
    /// Returns true if another account may be tried: no phone rang, and the fault is not the call's.
    pub(super) fn permits_another(self) -> bool {
        match self {
            Self::Accepted | Self::Failed { delivery: Delivery::Unknown, .. } => false,
            Self::Failed { delivery: Delivery::NotSent | Delivery::Refused, reason, .. } => Fault::of(reason) != Fault::Call,
        }
    }

    /// Returns true if the account works, false if it does not; `None` if the attempt does not tell.
    pub(super) fn shows_working(self) -> Option<bool> {
        let Self::Failed { delivery, code, reason } = self else { return Some(true) };
        let is_account = Fault::of(reason) == Fault::Account;
        match delivery {
            Delivery::Refused => Some(!is_account),
            Delivery::NotSent => is_account.then_some(false),
            Delivery::Unknown => match code {
                // The caller, the program or the library ended it.
                ErrorCode::Aborted
                | ErrorCode::Internal
                | ErrorCode::InvalidArgument
                | ErrorCode::Unsupported
                | ErrorCode::NotInitialized => None,
                _ => Some(false),
            },
        }
    }
}
