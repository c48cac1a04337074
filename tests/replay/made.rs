//! A history that nobody wrote: files of code with lines that repeat, into which tokens are put, with blocks that move,
//! are copied and go again. A stream for `git fast-import`.

use std::collections::BTreeMap;

/// The history of so many commits, always the same.
pub fn history(commits: usize) -> Vec<u8> {
    let mut maker = Maker { state: 7, files: BTreeMap::new() };
    let mut stream = Vec::new();
    for number in 0..commits {
        let changed: Vec<String> = (0..=maker.below(3)).map(|_| maker.change()).collect();
        let seconds = 1_700_000_000 + 60 * number;
        stream.extend(format!("commit refs/heads/main\ncommitter Ann <ann@acme.io> {seconds} +0000\n").into_bytes());
        stream.extend(b"data 6\nchange\n");
        for path in changed {
            match maker.files.get(&path) {
                None => stream.extend(format!("D {path}\n").into_bytes()),
                Some(lines) => {
                    let text = lines.concat();
                    stream.extend(format!("M 100644 inline {path}\ndata {}\n{text}\n", text.len()).into_bytes());
                }
            }
        }
    }
    stream
}

struct Maker {
    state: u64,
    files: BTreeMap<String, Vec<String>>,
}

impl Maker {
    fn below(&mut self, end: u64) -> u64 {
        self.state = self.state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.state >> 33) % end
    }

    /// Changes one file; gives its path.
    fn change(&mut self) -> String {
        let path = format!("src/part-{}.py", self.below(8));
        let mut lines = self.files.remove(&path).unwrap_or_default();
        let at = self.below(lines.len() as u64 + 1) as usize;
        let some = (self.below(6) as usize + 1).min(lines.len() - at);
        match self.below(10) {
            0 => drop(lines.drain(at..at + some)),
            1 => {
                let block: Vec<String> = lines.drain(at..at + some).collect();
                let to = self.below(lines.len() as u64 + 1) as usize;
                lines.splice(to..to, block);
            }
            2 if self.below(12) == 0 => return path,
            3 => {
                let block: Vec<String> =
                    lines[at..at + some].iter().filter(|line| !line.contains('"')).cloned().collect();
                lines.splice(at..at, block);
            }
            _ => {
                let block: Vec<String> = (0..=self.below(5)).map(|_| self.line()).collect();
                lines.splice(at..at, block);
            }
        }
        self.files.insert(path.clone(), lines);
        path
    }

    fn line(&mut self) -> String {
        const REPEATED: [&str; 6] =
            ["\n", "    return result\n", "\n", "    else:\n", "        pass\n", "def run(self):\n"];
        match self.below(9) {
            0 => format!(
                "api_token = \"{}\"\n",
                self.random(b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789", 32)
            ),
            1 => format!("key = \"{}{}\"\n", concat!("AK", "IA"), self.random(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)),
            2 | 3 => format!("    value_{} = {}\n", self.below(900), self.below(900)),
            _ => REPEATED[self.below(REPEATED.len() as u64) as usize].to_owned(),
        }
    }

    fn random(&mut self, letters: &[u8], len: usize) -> String {
        (0..len).map(|_| char::from(letters[self.below(letters.len() as u64) as usize])).collect()
    }
}
