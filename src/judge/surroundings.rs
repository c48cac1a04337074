//! What the line, the neighbours and the path say about a candidate.

use std::cell::OnceCell;

use super::feature::{Feature, Features};
use super::harmless::Signs;
use super::index::Index;
use super::lexicon;
use super::purpose::{Purpose, purpose};
use crate::assign::{Candidate, Form, Quote};

/// How far the line is read to each side of the name, and how far neighbours are looked for.
const LINE: usize = 160;
const NEAR: usize = 200;

/// What kind of file a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A language in which a value needs quotes.
    Code,
    Shell,
    Yaml,
    Json,
    Config,
    Prose,
    Other,
}

/// Names of files by kind: extensions, or whole names.
static EXTENSIONS: Index<256, 512> = Index::new(
    "code\trs go java py js ts jsx tsx mjs cjs rb php cs kt kts scala c h cc cpp cxx hpp swift m mm dart ex exs erl hs ml fs vb lua pl pm r jl groovy gradle clj elm nim zig vue svelte sql pyx coffee sol proto graphql gql cshtml razor
shell\tsh bash zsh fish ps1 psm1 bat cmd dockerfile makefile mk env profile bashrc zshrc ks
yaml\tyml yaml
json\tjson har ipynb webmanifest jsonl
config\ttoml ini cfg conf config properties xml tf tfvars hcl plist example sample dist npmrc netrc pgpass cnf service nix xaml resx
prose\tmd rst txt html htm adoc markdown erb pug haml log tex org
",
    &["code", "shell", "yaml", "json", "config", "prose"],
);

/// The kind of the file at `path`.
fn kind(path: &str) -> Kind {
    const KINDS: [Kind; 6] = [Kind::Code, Kind::Shell, Kind::Yaml, Kind::Json, Kind::Config, Kind::Prose];
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let extension = name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
    let group = EXTENSIONS.groups(extension.as_bytes()).trailing_zeros();
    KINDS.get(group as usize).copied().unwrap_or(Kind::Other)
}

/// All that a path says, to be compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Said {
    kind: Kind,
    purpose: Purpose,
    signs: Signs,
    python: bool,
    features: Vec<&'static str>,
}

/// What the path of a file says of all that is in it; found out at its first candidate.
#[derive(Debug)]
pub struct Role<'p> {
    path: &'p str,
    said: OnceCell<(Kind, Features)>,
    purpose: OnceCell<Purpose>,
    signs: OnceCell<Signs>,
}

impl<'p> Role<'p> {
    #[must_use]
    pub const fn of(path: &'p str) -> Self {
        Self { path, said: OnceCell::new(), purpose: OnceCell::new(), signs: OnceCell::new() }
    }

    #[must_use]
    pub fn signs(&self) -> Signs {
        *self.signs.get_or_init(|| Signs::of(self.path))
    }

    #[must_use]
    pub fn kind(&self) -> Kind {
        self.said.get_or_init(|| said(self.path)).0
    }

    #[must_use]
    pub fn purpose(&self) -> Purpose {
        *self.purpose.get_or_init(|| purpose(self.path))
    }

    #[must_use]
    pub fn is_python(&self) -> bool {
        self.kind() == Kind::Code && [".py", ".pyx", ".pyi"].iter().any(|end| self.path.ends_with(end))
    }

    /// What the path says, whole: candidates in files of the same are judged alike.
    #[must_use]
    pub fn said(&self) -> Said {
        let (kind, features) = self.said.get_or_init(|| said(self.path));
        let features = features.iter().map(Feature::name).collect();
        Said { kind: *kind, purpose: self.purpose(), signs: self.signs(), python: self.is_python(), features }
    }

    /// Adds what the path says.
    pub fn weigh(&self, features: &mut Features) {
        features.add_all(&self.said.get_or_init(|| said(self.path)).1);
    }
}

fn said(path: &str) -> (Kind, Features) {
    let kind = kind(path);
    let mut features = Features::new();
    lexicon::PATH.weigh(&[path.as_bytes()], &mut features);
    match kind {
        Kind::Code => features.add(Feature::PathCode),
        Kind::Shell => features.add(Feature::PathShell),
        Kind::Yaml => features.add(Feature::PathYaml),
        Kind::Json => features.add(Feature::PathJson),
        Kind::Config => features.add(Feature::PathConfig),
        Kind::Prose => features.add(Feature::PathProse),
        Kind::Other => {}
    }
    (kind, features)
}

/// Adds what the form, the enclosure and the wrapper say.
pub fn weigh_form(text: &[u8], candidate: &Candidate, kind: Kind, features: &mut Features) {
    features.add(match candidate.form {
        Form::Assign => Feature::FormAssign,
        Form::Compare => Feature::FormCompare,
        Form::Pair => Feature::FormPair,
        Form::Arrow => Feature::FormArrow,
        Form::Call => Feature::FormCall,
        Form::Argument => Feature::FormArgument,
        Form::Default => Feature::FormDefault,
        Form::Flag => Feature::FormFlag,
        Form::Element => Feature::FormElement,
        Form::Fields if is_record(text, candidate, kind) => Feature::FormRecord,
        Form::Fields => Feature::FormFields,
        Form::NextLine => Feature::FormNextLine,
        Form::Table => Feature::FormTable,
        Form::Spaced => Feature::FormSpaced,
        Form::Prose => Feature::FormProse,
        Form::Basic => Feature::FormBasic,
        Form::Bearer => Feature::FormBearer,
        Form::Userinfo => Feature::FormUserinfo,
        Form::Query => Feature::FormQuery,
    });
    // Where the name is itself a value, that it is quoted is the notation's doing.
    let quoted = candidate.name_quoted && !features.has(Feature::FormRecord);
    features.add_if(quoted, Feature::NameQuoted);
    let marked = matches!(candidate.form, Form::Basic | Form::Bearer | Form::Userinfo | Form::Query);
    match candidate.quote {
        Quote::None if marked => {}
        Quote::None => weigh_bare(text, candidate, kind, features),
        quote => {
            features
                .add_if(matches!(kind, Kind::Yaml | Kind::Json | Kind::Config | Kind::Shell), Feature::QuotedInData);
            features.add_if(kind == Kind::Prose, Feature::QuotedInProse);
            features.add_if(quote == Quote::Escaped, Feature::QuotedEscaped);
            features.add_if(quote == Quote::Backtick, Feature::QuotedBacktick);
            features.add_if(quote == Quote::Bytes, Feature::QuotedBytes);
            let after = text.get(candidate.value.end + 1..).unwrap_or_default();
            let next = after.iter().take(4).find(|byte| **byte != b' ');
            features.add_if(matches!(next, Some(b'+' | b'.' | b'%' | b'&')), Feature::JoinedString);
        }
    }
    weigh_wrapper(text, candidate, features);
}

/// Whether name and value are fields of a record that sets it: in data, and anywhere where the name is that of a variable
/// of the environment. A form's fields in a page are none.
fn is_record(text: &[u8], candidate: &Candidate, kind: Kind) -> bool {
    let name = candidate.name.of(text);
    let variable = name.contains(&b'_') && !name.iter().any(u8::is_ascii_lowercase);
    variable || matches!(kind, Kind::Yaml | Kind::Json | Kind::Config)
}

fn weigh_bare(text: &[u8], candidate: &Candidate, kind: Kind, features: &mut Features) {
    features.add(Feature::Bare);
    let string = in_string(text, candidate.name.start);
    match kind {
        _ if string => features.add(Feature::BareInString),
        Kind::Code => features.add(Feature::BareInCode),
        Kind::Prose => features.add(Feature::BareInProse),
        _ => features.add(Feature::BareInData),
    }
    let rest = text.get(candidate.value.end..).unwrap_or_default();
    let code = matches!(rest, [b'(' | b'[' | b')' | b';' | b',', ..]) && !string;
    features.add_if(code, Feature::BareBeforeCode);
    let words = matches!(rest, [b' ', next, ..] if next.is_ascii_alphabetic());
    features.add_if(words, Feature::BareBeforeWords);
}

/// Whether an odd number of double quotes, or of single ones, stands before `place` on its line.
fn in_string(text: &[u8], place: usize) -> bool {
    let before = text.get(place.saturating_sub(LINE)..place).unwrap_or_default();
    let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    [b'"', b'\'', b'`'].iter().any(|quote| line.iter().filter(|byte| *byte == quote).count() % 2 == 1)
}

fn weigh_wrapper(text: &[u8], candidate: &Candidate, features: &mut Features) {
    let (wrapper, name) = (candidate.wrapper.of(text), candidate.name.of(text));
    if wrapper.is_empty() || candidate.quote == Quote::None {
        return;
    }
    // `password = password.decode("utf-8")`: the string is about the secret.
    let own = wrapper.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
    features.add_if(own && wrapper.get(name.len()) == Some(&b'.'), Feature::WrappedSelf);
    let known = lexicon::WRAPPER.weigh(&[wrapper], features);
    features.add_if(!known, Feature::WrappedOther);
}

/// What `weigh_line` may add.
pub static LINE_FEATURES: &[Feature] = &[
    Feature::Comment,
    Feature::LineLong,
    Feature::LineAsserts,
    Feature::LineSpeaks,
    Feature::LineExample,
    Feature::LineDeclares,
    Feature::LineOfPage,
    Feature::NearUser,
    Feature::NearHost,
    Feature::LocalHost,
];

/// Adds what the line and the neighbours say.
pub fn weigh_line(text: &[u8], candidate: &Candidate, features: &mut Features) {
    let first = candidate.name.start.min(candidate.value.start);
    let before = text.get(first.saturating_sub(LINE)..first).unwrap_or_default();
    let head = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let after = text.get(candidate.value.end..(candidate.value.end + LINE).min(text.len())).unwrap_or_default();
    let tail = after.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let start = head.trim_ascii_start();
    let comment = [b"//".as_slice(), b"#", b"*", b"/*", b"<!--", b"--", b";", b"\"\"\""];
    features.add_if(comment.iter().any(|mark| start.starts_with(mark)), Feature::Comment);
    features.add_if(head.len() + tail.len() > 250, Feature::LineLong);
    lexicon::LINE.weigh(&[head, tail], features);
    let start = first.saturating_sub(NEAR);
    let near = text.get(start..(candidate.value.end + NEAR).min(text.len())).unwrap_or_default();
    lexicon::NEAR.weigh(&[near], features);
}
