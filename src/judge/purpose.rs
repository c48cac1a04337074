//! What a file is for, by its path alone: text for readers, words in another language, or neither. Whole parts of the
//! path count, never letters within one: `golang` holds no language. It refuses to say that a file of tests or of
//! samples is harmless: what works is tried out there.

/// What a file is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Purpose {
    #[default]
    Other,
    /// A manual, a change log, a page in a folder of documents.
    Documentation,
    /// What a program says, in some language.
    Translation,
}

/// Markup that people write documents in and nothing else.
static MARKUP: &str = " md mdx markdown rst adoc asciidoc pod rdoc texi texinfo ";
/// Text that is a document where its folder or its name says so.
static TEXT: &str = " txt text html htm xhtml xml tex org dbk docbook ";
static DOCUMENT_FOLDERS: &str =
    " doc docs documentation manual manuals man javadoc apidoc apidocs api-ref htmldocs docs-xml docbook ";
static REFERENCE_FOLDERS: &str = " api-ref api-reference apiref api-docs api_docs ";
/// With the extension of a text, or none.
static DOCUMENT_NAMES: &str =
    " readme changelog changelogs changes news history install hacking building contributing todo release releases ";

/// Extensions of nothing but messages.
static MESSAGE_FILES: &str = " po pot xlf xliff arb strings ftl stringsdict ";
static MESSAGE_FOLDERS: &str = " i18n l10n locale locales localization localizations localisation lang langs language languages translation translations nls ";

/// The purpose of the file at `path`.
#[must_use]
pub fn purpose(path: &str) -> Purpose {
    let path = path.to_ascii_lowercase();
    let mut parts = path.rsplit(['/', '\\', '!']);
    let name = parts.next().unwrap_or_default();
    // What a build fills in first is a page all the same: `ssh.1.in`.
    let name = name.strip_suffix(".in").unwrap_or(name);
    // Pages by language and encoding: `auth.html.fr.utf8`.
    let page = name.split_once(".html.").filter(|(_, rest)| rest.len() <= 16).map(|(stem, _)| (stem, "html"));
    let (stem, extension) = page.or_else(|| name.rsplit_once('.')).unwrap_or((name, ""));
    let in_any = |folders| parts.clone().any(|part| listed(folders, part));
    if listed(MESSAGE_FILES, extension) || (in_any(MESSAGE_FOLDERS) && !listed(MARKUP, extension)) {
        return Purpose::Translation;
    }
    // Requests and answers shown in the reference of an interface are documents, whatever their notation.
    if in_any(REFERENCE_FOLDERS) || stem.ends_with(".examples") {
        return Purpose::Documentation;
    }
    // `gnutls.info-3`, and the head of a Python package, which holds its README.
    if extension == "info" || extension.starts_with("info-") || name == "pkg-info" {
        return Purpose::Documentation;
    }
    let manual_page = extension.len() == 1 && extension.bytes().all(|byte| (b'1'..=b'9').contains(&byte));
    let text = extension.is_empty() || listed(TEXT, extension) || manual_page;
    let named = listed(DOCUMENT_NAMES, stem.split(['.', '-', '_']).next().unwrap_or_default());
    if listed(MARKUP, extension) || (text && (named || in_any(DOCUMENT_FOLDERS))) {
        return Purpose::Documentation;
    }
    Purpose::Other
}

fn listed(list: &str, word: &str) -> bool {
    !word.is_empty()
        && list.match_indices(word).any(|(place, _)| {
            let around = [place.checked_sub(1), Some(place + word.len())];
            around.iter().all(|at| at.and_then(|at| list.as_bytes().get(at)) == Some(&b' '))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_parts_of_the_path_say_what_a_file_is_for() {
        let rows = [
            ("README.md", Purpose::Documentation),
            ("README", Purpose::Documentation),
            ("src/module/README.de.txt", Purpose::Documentation),
            ("docs/config.rst", Purpose::Documentation),
            ("doc/modules/pam", Purpose::Documentation),
            ("docs/api/index.html", Purpose::Documentation),
            ("man/ssh_config.5", Purpose::Documentation),
            ("man/ipsec.secrets.5.in", Purpose::Documentation),
            ("config.h.in", Purpose::Other),
            ("ChangeLog", Purpose::Documentation),
            ("api-ref/source/v3/samples/login.json", Purpose::Documentation),
            ("apis/sts-2011.examples.json", Purpose::Documentation),
            ("config.example.json", Purpose::Other),
            ("docs/conf.py", Purpose::Other),
            ("docs/settings.json", Purpose::Other),
            ("docker/app.env", Purpose::Other),
            ("readme.py", Purpose::Other),
            ("notes.txt", Purpose::Other),
            ("i18n/de.json", Purpose::Translation),
            ("config/locales/hu.yml", Purpose::Translation),
            ("po/fr.po", Purpose::Translation),
            ("res/lang/messages_nl.php", Purpose::Translation),
            ("golang/x.go", Purpose::Other),
            ("clang/x.c", Purpose::Other),
            ("i18n/README.md", Purpose::Documentation),
            ("values.yaml", Purpose::Other),
            ("", Purpose::Other),
        ];
        for (path, expected) in rows {
            assert_eq!(purpose(path), expected, "{path}");
        }
    }
}
