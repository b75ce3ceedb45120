//! The reasons of errors: one stable word for each kind of fault.

use serde::{Serialize, Serializer};

use super::error::ErrorCode;

/// Declares the reasons. Each has its word, what happened and what to do, as data: the doc comments here, the TypeScript types and the page
/// of each reason are made from these texts.
macro_rules! reasons {
    ($($variant:ident $word:literal $happened:literal $remedy:literal)*) => {
        /// The kind of fault, finer than [`ErrorCode`]. A word never changes its meaning, so programs may compare it and translate by it;
        /// the message may change with any release.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorReason {
            $(
                #[doc = $happened]
                #[doc = ""]
                #[doc = $remedy]
                $variant,
            )*
        }

        impl ErrorReason {
            /// Every reason, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The reason's word, for example `clock-skew`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// A description of the fault, in one or two sentences.
            #[must_use]
            pub fn happened(self) -> &'static str {
                match self {
                    $(Self::$variant => $happened,)*
                }
            }

            /// The advice, in one or two sentences.
            #[must_use]
            pub fn remedy(self) -> &'static str {
                match self {
                    $(Self::$variant => $remedy,)*
                }
            }
        }
    };
}

reasons! {
    // Faults of the arguments.
    Missing "missing"
        "A required option, parameter or field was not given."
        "Pass the one that `field` names."
    Empty "empty"
        "The text is empty, or has nothing but spaces."
        "Pass a text with content, or leave the option out where it is optional."
    NotText "not-text"
        "Text is needed, but the value is a number or has another type. A number loses leading zeros and, beyond 2^53, digits."
        "Pass the value as text, in quotes."
    WrongType "wrong-type"
        "The value has the wrong type: for example text where an object, a list, a function, bytes or a number is needed."
        "Pass a value of the type that the hint names."
    NotPlainData "not-plain-data"
        "The value cannot be read as plain data: it holds a function, a symbol, an object with `toJSON` or a reference to itself, or reading it throws."
        "Pass objects, lists, text, numbers, true and false only."
    NotAWholeNumber "not-a-whole-number"
        "A whole number is needed, but the number has a fraction, is NaN or is infinite."
        "Round the number, or find out why it is not one."
    OutOfRange "out-of-range"
        "The number is below the lowest or above the highest that is allowed."
        "Pass a number within the range that the hint gives."
    TooLong "too-long"
        "The text is longer than this field allows."
        "Pass a shorter text. The message gives the limit."
    ForbiddenCharacter "forbidden-character"
        "The text has a character that this field does not allow, such as a space, a control character or a slash."
        "Remove the character. Copied values often have a space or a line break at an end."
    WrongFormat "wrong-format"
        "The text does not have the form of what this field holds, such as a host name, a CIDR range, a cursor, a call id or an area code."
        "Write it in the form that the hint shows."
    UnsupportedValue "unsupported-value"
        "The value is not one of those that this option can have."
        "Pass one of the values that the hint lists."
    UnknownOption "unknown-option"
        "There is no option or parameter of this name here. Often the name is misspelt, or is the platform's own name of the field."
        "Use the name that the hint suggests, or leave the option out."
    UnsupportedOption "unsupported-option"
        "Other platforms have this option, but this one has not."
        "Leave the option out on this platform."
    ReservedName "reserved-name"
        "The name is that of a field that Ringback sets itself, so it cannot be given as an extra one."
        "Leave it out, and use the option that the hint names."
    Duplicate "duplicate"
        "The same name, token or field was given twice where it must be unique."
        "Give each one its own, or leave one out."
    ConflictingOptions "conflicting-options"
        "Options were given together that exclude each other."
        "Keep one of them."
    NotAUrl "not-a-url"
        "The address is not an absolute http or https URL."
        "Pass a whole address, such as `https://api.example.com`."
    NotADate "not-a-date"
        "The value is not a date with a time of day."
        "Pass a Date, or ISO 8601 with an offset: `2020-03-02T17:48:15+08:00`."
    MissingTimeZone "missing-time-zone"
        "The date and time has no offset from UTC, so it does not say which instant it means."
        "Add the offset, such as `+08:00` or `Z`, or pass a Date."
    ReversedRange "reversed-range"
        "The start of the range is after its end."
        "Swap `from` and `to`."
    WrongPlatform "wrong-platform"
        "The record or the prepared request belongs to another platform than this client."
        "Pass it to a client of the platform that its `provider` names."
    UnusableClock "unusable-clock"
        "The `now` function threw, or returned something that is not a time."
        "Return milliseconds since 1970, as Date.now does."
    WeakToken "weak-token"
        "The token of a push address can be guessed, or has characters that cannot be in an address."
        "Make the token with `createToken()`."
    UnprotectedReceiver "unprotected-receiver"
        "The receiver's account has neither tokens nor allowed addresses, so anybody could send it call records."
        "Pass `tokens: [createToken()]`, and put the token into the push address."
    OverlappingRanges "overlapping-ranges"
        "Address ranges of two accounts without tokens overlap, so a sender's address does not tell which account a push is for."
        "Give each of the two accounts tokens."
    SecretInUrl "secret-in-url"
        "The recording's address holds a secret of the account, which would be sent to another host."
        "Ask for the recording by its call id."
    UntrustedHost "untrusted-host"
        "The recording's address, or a redirect on the way to it, leads to a host or port that is neither the platform's nor listed in `recordingHosts`. A push is not signed, so its addresses may be forged."
        "Add the host to `recordingHosts` if you trust it."
    DamagedEnvelope "damaged-envelope"
        "The envelope of a push is not as the receiver gave it out: a part of it is missing or changed."
        "Keep and pass on the whole envelope unchanged."
    BodyTooLarge "body-too-large"
        "The body is larger than can be read at once."
        "Read a file of many pushes line by line, with `normalizeStream`."
    AlreadyRead "already-read"
        "The body can be read only once, and was read already."
        "Keep what was read, or ask for the recording again."

    // Phone numbers.
    NotOneNumber "not-one-number"
        "The text holds more than one phone number, or an extension or other digits after the number. Extensions cannot be dialed."
        "Pass exactly one number, without an extension."
    SpreadsheetNumber "spreadsheet-number"
        "A spreadsheet wrote the phone number as a decimal or in scientific notation, which may have lost digits."
        "Format the spreadsheet's column as text, and import the numbers again."
    MaskedNumber "masked-number"
        "Some digits of the phone number are hidden, as in 138****0001, so it cannot be dialed."
        "Pass the whole number."
    WrongLength "wrong-length"
        "The phone number has too many or too few digits, or its area code does not exist."
        "Check the number. A mobile number has 11 digits."
    NeedsAreaCode "needs-area-code"
        "The number is a local one without its area code, or the 0 before the area code is missing."
        "Put the area code with its 0 before the number: `0755-28000123`."
    UnknownNumber "unknown-number"
        "The number has no form that Chinese numbers have, and no country code."
        "Check the number. Write a foreign one with `+` and its country code."
    EmergencyNumber "emergency-number"
        "110, 112, 119, 120 and 122 are emergency numbers and are never dialed through a platform."
        "Call the number from a phone."
    SameNumber "same-number"
        "Caller and callee are the same number."
        "Pass the number of the other party as `callee`."

    // Operations.
    UnknownOperation "unknown-operation"
        "No platform has an operation of this name."
        "Use dial, hangUp, bindSeat, records, recording or balance."
    UnsupportedOperation "unsupported-operation"
        "This platform does not offer the operation."
        "Ask `client.supports(operation)` first, or use a platform that offers it."
    NeedsRecord "needs-record"
        "This platform does not give recordings by call id: the address is in the call record only."
        "Pass the `CallRecord` instead of the call id."
    NoRecording "no-recording"
        "The call record says that there is no recording."
        "Nothing can be fetched. Calls that were not answered have none."
    RecordingNotReady "recording-not-ready"
        "The platform answered without content: the recording is not stored yet, or there is none."
        "Ask again some minutes after the call has ended."

    // Refusals of the platform.
    Authentication "authentication"
        "The platform does not accept the credentials."
        "Check the account's credentials in the platform's console."
    BadSignature "bad-signature"
        "The platform does not accept the signature of the request. Nearly always a secret is wrong."
        "Check the secret, then the signature options under `dialect`. `client.explain()` shows each step."
    ClockSkew "clock-skew"
        "The time in the request is too far from the platform's clock."
        "Synchronize this machine's clock (NTP), or pass the right time as `now`."
    Forbidden "forbidden"
        "The credentials are valid, but the platform does not allow this request."
        "Ask the platform to permit it for your account."
    AddressNotAllowed "address-not-allowed"
        "The platform accepts requests from listed IP addresses only, and this machine's is not among them."
        "Have this machine's public address added to the platform's allowlist (白名单)."
    CallerNotRegistered "caller-not-registered"
        "The caller's number is not registered with the platform (号码报备)."
        "Have the number registered, then dial again."
    SeatNotBound "seat-not-bound"
        "The platform does not know the seat, or the seat is not bound to this phone."
        "Bind the seat to the caller's phone with `bindSeat`, then dial again."
    RefusedParameter "refused-parameter"
        "The platform says that a parameter is wrong."
        "See the platform's message for which one, and check the phone numbers."
    InsufficientBalance "insufficient-balance"
        "The account has no money or call time left."
        "Top the account up in the platform's console."
    RateLimited "rate-limited"
        "Too many requests were sent, or too many calls run at once."
        "Wait, and send fewer at a time."
    LineBusy "line-busy"
        "One of the numbers is in a call already."
        "Dial again when that call has ended."
    Conflict "conflict"
        "What was asked for exists already, such as a binding of the two numbers."
        "Wait until it ends, or remove it."
    NotFound "not-found"
        "The platform does not know this call, record, recording or address."
        "Check the call id and `baseUrl`. A recording may appear some minutes after the call."
    Rejected "rejected"
        "The platform refused, and its code and words name no cause that is known here."
        "See `providerCode` and `providerMessage`, and ask the platform what they mean."
    ProviderUnavailable "provider-unavailable"
        "The platform has a fault or is overloaded: it answered with a 5xx status, or its own code for that."
        "Try again later. After a dial, look for the call's record first."

    // The way to the platform.
    ConnectionRefused "connection-refused"
        "Nothing listens at the address and port, or a firewall refused the connection. Nothing was sent."
        "Check the host and port of `baseUrl`, and the firewall."
    NameNotFound "name-not-found"
        "DNS does not know the host name. Nothing was sent."
        "Check the host in `baseUrl`, and this machine's DNS."
    ConnectTimeout "connect-timeout"
        "The attempt to connect got no answer in time: often a firewall drops the packets. Nothing was sent."
        "Allow outgoing connections to the platform, and have this machine's address allowed there."
    Unreachable "unreachable"
        "There is no route to the host, or this machine may not open connections. Nothing was sent."
        "Check the network and the firewall."
    BadCertificate "bad-certificate"
        "The server's TLS certificate is not valid, has expired, is for another host or is not trusted. Nothing was sent."
        "Check the host in `baseUrl`. Where your own proxy inspects TLS, trust its certificate."
    TlsFailed "tls-failed"
        "The TLS handshake failed, or the server does not speak TLS on this port. Nothing was sent."
        "Check the scheme and port of `baseUrl`, or update the runtime."
    ForbiddenPort "forbidden-port"
        "The runtime's fetch does not connect to this port. Nothing was sent."
        "Use another port, or pass a `fetch` that allows it."
    ConnectFailed "connect-failed"
        "No connection was made, for a reason that the runtime does not name more exactly. Nothing was sent."
        "See `cause`, and check the network and `baseUrl`."
    ConnectionLost "connection-lost"
        "The connection broke after the request may have been sent, so nobody knows whether the platform acted."
        "After a dial, look for the call's record before dialing again. Reading may simply be repeated."
    NoAnswerInTime "no-answer-in-time"
        "No complete answer came within `timeoutMs`."
        "After a dial, look for the call's record before dialing again. Raise `timeoutMs` where the platform is slow."
    Aborted "aborted"
        "The signal that you passed was aborted."
        "Look at `delivery`: where it is `unknown`, the request may have reached the platform."

    // Faults of the platform's answer.
    UnreadableAnswer "unreadable-answer"
        "The answer is not what the platform's document describes: a field is missing, or it is a web page of a proxy, a firewall or a login."
        "Check `baseUrl`, and what is between this machine and the platform. After a dial, look for the call's record first."
    ContradictingAnswer "contradicting-answer"
        "The answer says both that the request succeeded and that it failed, so nobody knows whether the platform acted."
        "After a dial, look for the call's record before dialing again, and tell the platform."
    AnswerTooLarge "answer-too-large"
        "The answer is larger than any that the platform's document describes, and was not read."
        "Check `baseUrl`: something else may be answering."
    HttpStatus "http-status"
        "The answer has an HTTP status that the platform's document does not describe, without the platform's own words."
        "Check `baseUrl`, and what is between this machine and the platform."
    Redirect "redirect"
        "The answer is a redirect that is not followed, because a request could be done twice or a signature sent to another host."
        "Set `baseUrl` or `recordingBaseUrl` to the address that the redirect names, if it is the platform's."
    UnreadableRecords "unreadable-records"
        "Some records of a page could not be read. Those before them were given out."
        "Iterate `records(range).pages()`, whose pages hold the readable records and the unreadable ones."

    // Pushes.
    UnreadablePush "unreadable-push"
        "No call record could be read from the push."
        "Keep its bytes, and answer with `nack` until they are kept. Check that the push is of this platform."
    CompressedPush "compressed-push"
        "The body of the push is still compressed."
        "Decompress it first, or let the receiver read the request itself."
    TooManyRecords "too-many-records"
        "The push holds more records than `maxRecords` allows, so none of it was read."
        "Raise `maxRecords`, or keep the push with `onPush` and process it in parts."
    UnreadableLine "unreadable-line"
        "A line of the stream is not a JSON object."
        "Pass what `normalizeStream` gave out, one record a line."
    DeadlinePassed "deadline-passed"
        "Your function, or the reading of the body, took longer than `deadlineMs`, so the push was not acknowledged."
        "Keep the push first and do the work later, or raise `deadlineMs`."

    // The library.
    NotLoaded "not-loaded"
        "The wasm module is not loaded yet."
        "Call `await init()` first."
    LoadFailed "load-failed"
        "The wasm module could not be loaded or compiled."
        "Follow the hint: often the file was not copied beside the bundle, or a content security policy forbids wasm."
    Defect "defect"
        "Ringback itself failed."
        "Report it, with the operation and the platform's name."
}

impl ErrorReason {
    /// The reason of a refusal of which nothing but its kind is known.
    #[must_use]
    pub const fn of_refusal(code: ErrorCode) -> Self {
        match code {
            ErrorCode::InvalidArgument => Self::RefusedParameter,
            ErrorCode::Unsupported => Self::UnsupportedOperation,
            ErrorCode::NotInitialized => Self::NotLoaded,
            ErrorCode::Authentication => Self::Authentication,
            ErrorCode::Forbidden => Self::Forbidden,
            ErrorCode::InsufficientBalance => Self::InsufficientBalance,
            ErrorCode::RateLimited => Self::RateLimited,
            ErrorCode::LineBusy => Self::LineBusy,
            ErrorCode::Conflict => Self::Conflict,
            ErrorCode::NotFound => Self::NotFound,
            ErrorCode::Rejected => Self::Rejected,
            ErrorCode::ProviderUnavailable => Self::ProviderUnavailable,
            ErrorCode::Network => Self::ConnectionLost,
            ErrorCode::Timeout => Self::NoAnswerInTime,
            ErrorCode::Aborted => Self::Aborted,
            ErrorCode::MalformedResponse => Self::UnreadableAnswer,
            ErrorCode::MalformedPush => Self::UnreadablePush,
            ErrorCode::Internal => Self::Defect,
        }
    }
}

impl Serialize for ErrorReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
