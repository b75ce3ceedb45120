//! The tokens of push addresses: whose one is, and how hard one is to guess.

use std::collections::BTreeMap;
use std::fmt;

use sha1::{Digest as _, Sha1};
use subtle::ConstantTimeEq as _;

/// The required strength of a token, in thousandths of a bit: 22 characters of base64url, or 32 hex digits.
const NEEDED: usize = 128_000;
/// The required strength without repetitions. Guesses go over a network: 2^80 of them are not possible.
const NEEDED_ONCE: usize = 80_000;
/// A shorter repetition is taken for chance: six hex digits, four characters of base64url.
const SHORTEST_REPETITION: usize = 24_000;
/// Of fewer different characters the token's own are its whole alphabet. Random tokens have more.
const FEW: u32 = 7;
/// No token is shorter or longer, so nothing shorter or longer in an address needs to be looked for.
const SHORTEST: usize = 22;
const LONGEST: usize = 1024;

/// The tokens of a receiver, each with its account.
///
/// A token is found by its SHA-1: how long the search takes tells something of a digest, from which nobody finds the token, and nobody
/// finds an address whose digest is a token's. What was found is compared in constant time.
#[derive(Default)]
pub(super) struct Tokens {
    owners: BTreeMap<[u8; 20], (String, usize)>,
}

/// How many there are: a token is a secret.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tokens", self.owners.len())
    }
}

impl Tokens {
    /// Adds an account's token. One that is there already and belongs to another account gives that account.
    pub(super) fn add(&mut self, token: String, account: usize) -> Result<(), usize> {
        let (_, owner) = self.owners.entry(digest_token(&token)).or_insert((token, account));
        if *owner == account { Ok(()) } else { Err(*owner) }
    }

    /// The account that a text is a token of.
    pub(super) fn owner(&self, text: &str) -> Option<usize> {
        if !(SHORTEST..=LONGEST).contains(&text.len()) {
            return None;
        }
        let (token, account) = self.owners.get(&digest_token(text))?;
        bool::from(token.as_bytes().ct_eq(text.as_bytes())).then_some(*account)
    }
}

fn digest_token(text: &str) -> [u8; 20] {
    Sha1::digest(text.as_bytes()).into()
}

/// Returns true if a token is worth 128 bits, and can stand in an address as it is.
///
/// Its characters' number times the bits that a random character of its alphabet is worth must be 128 at least. The alphabet is the
/// smallest of these that holds them: digits (3.3 bits), hex digits (4), letters of one case (4.7), the same with digits (5.2), all
/// others (6); where fewer than seven different characters are used, these. What repeats an earlier part of the token is worth nothing:
/// without it, 80 bits must be left. It is an estimate: no rule tells words or an alphabet's order from chance.
pub(super) fn is_strong(token: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || is_mark(byte);
    if !(SHORTEST..=LONGEST).contains(&token.len()) || !token.bytes().all(is_plain) {
        return false;
    }
    let (characters, worth) = find_alphabet(token.as_bytes());
    characters.len() * worth >= NEEDED && (characters.len() - count_repeats(&characters, worth)) * worth >= NEEDED_ONCE
}

fn is_mark(byte: u8) -> bool {
    matches!(byte, b'-' | b'_' | b'.' | b'~')
}

/// The characters that count, and what each is worth. Where the letters are of one case, marks only divide: a UUID's hyphens are known.
fn find_alphabet(token: &[u8]) -> (Vec<u8>, usize) {
    let has = |is: fn(&u8) -> bool| token.iter().any(is);
    let (digits, lower, upper) = (has(u8::is_ascii_digit), has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase));
    let letters = token.iter().filter(|byte| !is_mark(**byte));
    let is_hex = letters.clone().all(u8::is_ascii_hexdigit);
    let (characters, worth) = match (digits, lower || upper) {
        // Hex is hex in either case.
        (_, true) if is_hex => (letters.map(u8::to_ascii_lowercase).collect(), 4000),
        _ if lower && upper => (token.to_vec(), 6000),
        (true, true) => (letters.copied().collect(), 5169),
        (false, true) => (letters.copied().collect(), 4700),
        (_, false) => (letters.copied().collect::<Vec<u8>>(), 3321),
    };
    // Tokens are ASCII: a bit for each character.
    let different = characters.iter().fold(0_u128, |seen, byte| seen | 1 << (byte & 0x7f));
    let worth = match different.count_ones() {
        0 | 1 => 0,
        2 => 1000,
        3 => 1584,
        4 => 2000,
        5 => 2321,
        6 => 2584,
        FEW.. => worth,
    };
    (characters, worth)
}

/// How many characters only repeat what stands before them.
fn count_repeats(characters: &[u8], worth: usize) -> usize {
    let (mut at, mut count) = (1, 0);
    while at < characters.len() {
        // A repetition may begin within itself: `abcabcabc` is `abc`, and then six characters that stand three before.
        let alike = |from: usize| characters[at..].iter().zip(&characters[from..]).take_while(|(one, other)| one == other).count();
        let longest = (0..at).map(alike).max().unwrap_or(0);
        if longest * worth >= SHORTEST_REPETITION {
            count += longest;
            at += longest;
        } else {
            at += 1;
        }
    }
    count
}
