//! Inputs made of others, the same ones every time.

use super::Input;

/// The most changes of one input.
const MOST: usize = 4;

/// What readers stumble over.
const PIECES: [&[u8]; 40] = [
    b"",
    b"\0",
    b"\n",
    b"\r\n",
    b" ",
    b"\"",
    b"'",
    b"''",
    b"\\",
    b"/",
    b"//",
    b"..",
    b".",
    b"%",
    b"%2f",
    b"%2e%2e",
    b"%00",
    b"%27",
    b"$",
    b"@",
    b"#",
    b"?",
    b":",
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b"=",
    b"-1",
    b"0",
    b"1e309",
    b"9007199254740993",
    b"18446744073709551616",
    b"null",
    b"true",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    "\u{202e}ö".as_bytes(),
    b"AAAAAAAA",
];

/// Makes inputs of a corpus.
pub struct Mutator<'a> {
    inputs: &'a [Input],
    random: Random,
}

impl<'a> Mutator<'a> {
    /// Of this corpus, which is not empty.
    pub fn new(inputs: &'a [Input]) -> Self {
        Self { inputs, random: Random(0x9e37_79b9_7f4a_7c15) }
    }

    /// The next one, and the name of the input that it was.
    pub fn next(&mut self) -> (&'a str, Vec<u8>) {
        let (name, input) = &self.inputs[self.random.below(self.inputs.len())];
        let mut input = input.clone();
        for _ in 0..=self.random.below(MOST) {
            self.change(&mut input);
        }
        (name, input)
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let (begin, end) = self.range(input.len());
        let kind = self.random.below(6);
        let new = match kind {
            0 => Vec::new(),
            1 => PIECES[self.random.below(PIECES.len())].to_vec(),
            2 => input[begin..end].repeat(2),
            3 => {
                let (_, other) = &self.inputs[self.random.below(self.inputs.len())];
                let (begin, end) = self.range(other.len());
                other[begin..end].to_vec()
            }
            4 => input[begin..end].iter().map(|byte| byte ^ (1 << self.random.below(8))).collect(),
            _ => vec![self.random.below(256) as u8],
        };
        // Instead of what stands there, or into the place.
        let instead = matches!(kind, 0 | 4) || self.random.below(3) == 0;
        let end = if instead { end } else { begin };
        input.splice(begin..end, new);
    }

    /// A part of something of this length: a short one, most times.
    fn range(&mut self, length: usize) -> (usize, usize) {
        let begin = self.random.below(length + 1);
        let longest = if self.random.below(4) == 0 { length - begin } else { 8 };
        (begin, length.min(begin + self.random.below(longest + 1)))
    }
}

/// Marsaglia's xorshift: no good randomness, but enough of it.
struct Random(u64);

impl Random {
    /// A number below `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % end
    }
}
