//! fictel 云桥双呼, a platform that does not exist. Sections refer to its document, which is this fixture's README.

mod codes;
mod description;
mod push;

pub use description::FictelDial;
pub(super) use description::{DOCUMENTATION, PLATFORM};

use description::DIGEST;

use super::{Account, ResponseFields, ResponseError, Credentials, Moment, NumberFormat, Platform, Provider, accept_call};
use crate::digest::{base64, sha256};
use crate::http::{Request, json_object};
use crate::model::{Error, Operation, OperationResult, OwnFields, PhoneNumber, code};
use crate::signature::{MASK, Part, SignatureTrace};

/// An account at fictel.
#[derive(Clone, Debug)]
pub struct Fictel {
    /// The options that every platform has.
    pub account: Account,
    credentials: Credentials,
}

impl Fictel {
    /// An account with the key and the secret of the console.
    #[must_use]
    pub fn new(app_key: impl Into<String>, app_secret: impl Into<String>) -> Self {
        let credentials = Credentials::new(PLATFORM.credentials, [app_key.into(), app_secret.into()]);
        Self { account: Account::new(&PLATFORM), credentials }
    }

    pub(super) fn open(account: Account, credentials: Credentials, _: &OwnFields) -> Self {
        Self { account, credentials }
    }

    /// 2: `PasswordDigest` is the base64 of the SHA-256 of nonce, created and secret.
    fn sign_token(&self, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Result<String, Error> {
        let (key, nonce, created) = (self.credentials.reveal("appKey"), moment.nonce()?, moment.seconds().to_string());
        trace.sign_text([nonce, &created, MASK].concat());
        let digest = base64(sha256([nonce, &created, self.credentials.reveal("appSecret")].concat()));
        trace.step(DIGEST.en, digest.as_str());
        let token = format!(r#"UsernameToken Username="{key}",PasswordDigest="{digest}",Nonce="{nonce}",Created="{created}""#);
        trace.place(Part::Header, "X-WSSE", token.as_str());
        Ok(token)
    }
}

impl Provider for Fictel {
    fn platform(&self) -> &'static Platform {
        &PLATFORM
    }

    fn account(&self) -> &Account {
        &self.account
    }

    fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    fn build_request(&self, operation: &Operation, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Result<Request, Error> {
        let base = &self.account.base_url;
        let (url, fields) = match operation {
            Operation::Dial(dial) => {
                let number = |field, text: &str| {
                    let number = PhoneNumber::parse(field, text)?;
                    Ok::<_, Error>(match self.account.dialect.get() {
                        NumberFormat::National => number.national().to_owned(),
                        NumberFormat::E164 => number.with_country_code(),
                    })
                };
                let mut fields = vec![("from", number("caller", &dial.caller)?), ("to", number("callee", &dial.callee)?)];
                fields.extend(FictelDial::read(&dial.own)?.line.map(|line| ("line", line)));
                fields.extend(dial.extra.iter().map(|(name, value)| (name.as_str(), value.clone())));
                (format!("{base}/v1/calls"), fields)
            }
            Operation::HangUp(hang_up) => (format!("{base}/v1/calls/end"), vec![("callId", hang_up.call_id.clone())]),
            other => return Err(PLATFORM.unsupported(other.kind())),
        };
        let json = json_object(fields.iter().map(|(name, value)| (*name, value.as_str())));
        Ok(Request::post_json(url, &json).with_header("x-wsse", self.sign_token(moment, trace)?))
    }

    fn read_response(&self, operation: &Operation, answer: &ResponseFields<'_, '_>) -> Result<OperationResult, ResponseError> {
        let code = answer.required_code("code")?;
        if !code::is_same(&code, "0") {
            return Err(ResponseError::Refused { code: Some(code), message: answer.words("message") });
        }
        match operation {
            Operation::Dial(_) => Ok(accept_call(self, operation, Some(answer.required("callId")?), None, answer)),
            _ => Ok(OperationResult::Done),
        }
    }
}
