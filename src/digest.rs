//! Digests, HMAC, hex and Base64 over bytes: thin names over the crates md-5, sha1, sha2, hmac, hex and base64.
//!
//! A signature is composed of them: `hex(sha1(text))`, `base64(hmac_sha256(secret, text))`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::Sha256;

/// MD5 (RFC 1321).
#[must_use]
pub fn md5(bytes: impl AsRef<[u8]>) -> [u8; 16] {
    Md5::digest(bytes).into()
}

/// SHA-1 (FIPS 180-4).
#[must_use]
pub fn sha1(bytes: impl AsRef<[u8]>) -> [u8; 20] {
    Sha1::digest(bytes).into()
}

/// SHA-256 (FIPS 180-4).
#[must_use]
pub fn sha256(bytes: impl AsRef<[u8]>) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// HMAC with SHA-1 (RFC 2104). The key may have any length.
#[must_use]
pub fn hmac_sha1(key: impl AsRef<[u8]>, bytes: impl AsRef<[u8]>) -> [u8; 20] {
    let Ok(mac) = Hmac::<Sha1>::new_from_slice(key.as_ref()) else { unreachable!("HMAC takes keys of any length") };
    mac.chain_update(bytes).finalize().into_bytes().into()
}

/// HMAC with SHA-256 (RFC 2104). The key may have any length.
#[must_use]
pub fn hmac_sha256(key: impl AsRef<[u8]>, bytes: impl AsRef<[u8]>) -> [u8; 32] {
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key.as_ref()) else { unreachable!("HMAC takes keys of any length") };
    mac.chain_update(bytes).finalize().into_bytes().into()
}

/// Two lower-case hex digits for each byte.
#[must_use]
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(bytes)
}

/// Base64 with padding (RFC 4648, section 4).
#[must_use]
pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// Base64 without padding (RFC 4648, section 3.2).
#[must_use]
pub(crate) fn base64_unpadded(bytes: impl AsRef<[u8]>) -> String {
    base64::engine::general_purpose::STANDARD_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::{base64, hex, hmac_sha1, hmac_sha256, md5, sha1, sha256};

    /// From RFC 1321 (A.5), FIPS 180-4's examples, RFC 4648 (section 10), RFC 2202 (case 2) and RFC 4231 (cases 2 and 6).
    #[test]
    fn the_examples_of_the_standards_hold() {
        assert_eq!(hex(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(base64("foob"), "Zm9vYg==");
        let question = "what do ya want for nothing?";
        assert_eq!(hex(hmac_sha1("Jefe", question)), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        assert_eq!(hex(hmac_sha256("Jefe", question)), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        let longer_than_a_block = "Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(hex(hmac_sha256([0xaa; 131], longer_than_a_block)), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }
}
