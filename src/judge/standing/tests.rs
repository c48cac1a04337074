use super::*;

const VALUE: &str = "9c0b53a4149c6fcae4a3276dfd298b89";

/// What stands round the value of a text in which `%%` is the value, and `box` a word.
fn with<T>(text: &str, ask: impl Fn(&Standing<'_>, Span) -> T) -> T {
    let text = text.replace("%%", VALUE);
    let at = text.rfind(VALUE).expect("the value is there");
    let word = text.to_ascii_lowercase().find("box").unwrap_or(0);
    ask(&Standing::of(text.as_bytes(), Span::new(at, at + VALUE.len())), Span::new(word, word + 3))
}

fn named(standing: &Standing<'_>, word: Span) -> bool {
    standing.is_named_by(word)
}

#[test]
fn a_value_is_named_by_its_line_and_by_what_stands_over_it() {
    let rows = [
        ("BOX_KEY=%%", true),
        ("box.Client(token='%%')", true),
        ("curl https://api.box.com -H 'X-Auth: %%'", true),
        ("curl -H 'X-Auth: %%' https://api.box.com", true),
        ("box:\n  region: eu\n  api_key: %%", true),
        ("{\n  \"box\": {\n    \"secret\": \"%%\"\n  }\n}", true),
        ("[box]\nuser = me\ntoken = %%", true),
        ("- name: BOX_TOKEN\n  value: %%", true),
        ("\"name\": \"BOX_TOKEN\",\n\"value\": \"%%\"", true),
        ("resource \"box_token\" \"x\" {\n  value = \"%%\"", true),
        ("curl https://api.box.com \\\n  -u token:%%", true),
        ("\"box_key = '%%'\\n\",", true),
        ("box %%", false),
        ("BOX_COLOUR=%%", false),
        ("# see box\ntoken = %%", false),
        ("box_user = me\ntoken = %%", false),
        ("\"box\\ntoken = '%%'\"", false),
        ("[box]\nx = 1\n[other]\ntoken = %%", false),
        ("box:\n  a: b\nother:\n  token: %%", false),
        ("the author of box passed %%", false),
    ];
    for (text, expected) in rows {
        assert_eq!(with(text, named), expected, "{text}");
    }
}

#[test]
fn a_statement_of_a_long_line_is_the_line() {
    let padding = "a=1,".repeat(60);
    let rows = [
        (format!("{padding}k=\"box\";{padding}token=\"%%\";{padding}"), false),
        (format!("{padding};k=box({{token:\"%%\"}});{padding}"), true),
    ];
    for (text, expected) in rows {
        assert_eq!(with(&text, named), expected, "{text}");
    }
}

#[test]
fn digests_revisions_and_ids_speak_against_a_value() {
    let (file, digest) = ("part-of-a-file-name", "digest-or-revision");
    let (called, id) = ("called-a-digest", "called-an-id");
    let rows = [
        ("<script src=\"app.%%.js\">", Some(file)),
        ("/assets/box-%%.woff2?x", Some(file)),
        ("image: box/api@sha256:%%", Some(digest)),
        ("uses: box/token-action@%%", Some(digest)),
        ("\"git+ssh://git@github.com/box/key.git#%%\"", Some(digest)),
        ("https://github.com/box/token/commit/%%", Some(digest)),
        ("box/key v1.2.3 h1:%%", Some(digest)),
        ("index 1234567..%% 100644", Some(digest)),
        ("%%  box-token.tar", Some(digest)),
        ("main.css?v=%%", Some(digest)),
        ("\"test/box_private_key.rs\":\"%%\"", Some(digest)),
        ("\"//box.example.com/:_authToken.rs\":\"%%\"", None),
        ("\"box_private_key\":\"%%\"", None),
        ("\"integrity\": \"%%\"", Some(called)),
        ("box_token_hash = '%%'", Some(called)),
        ("boxKeySha256: %%", Some(called)),
        ("ETag: \"%%\"", Some(called)),
        ("commit = %%", Some(called)),
        ("box_client_id = '%%'", Some(id)),
        ("x-box-request-id: %%", Some(id)),
        ("HASH_KEY=%%", None),
        ("id_token: %%", None),
        ("https://x:%%@box.com", None),
        ("box token %%.", None),
        ("key %%  and so on", None),
        ("token = %%", None),
    ];
    for (text, expected) in rows {
        assert_eq!(with(text, |standing, _| standing.against().map(|reason| reason.name)), expected, "{text}");
    }
}

#[test]
fn one_of_many_of_its_length_has_company() {
    for (lines, expected) in [(1, false), (2, false), (3, false), (4, true), (9, true)] {
        let text = "- %%\n".repeat(lines);
        assert_eq!(with(&text, |standing, _| standing.has_company()), expected, "{lines} lines");
    }
}

#[test]
fn any_place_in_any_bytes_is_safe() {
    let text = b"[a]\nvalue\\n=\n  x:{;}\r\n\n\\n\\n  - value: ";
    for start in 0..text.len() + 3 {
        for end in start..text.len() + 3 {
            let standing = Standing::of(text, Span::new(start.min(text.len()), end.min(text.len())));
            let _ = (standing.is_named_by(Span::new(0, 1)), standing.against(), standing.has_company());
        }
    }
}
