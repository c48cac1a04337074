//! Each form by a row, what must give no view, and the ways to look through layers that the other tests use.

use super::*;
use std::collections::BTreeSet;

mod round_trip;

fn all(text: &[u8]) -> Vec<View> {
    let mut found = Vec::new();
    views(text, 0, text.len(), &mut Budget::for_len(text.len()), &mut |view| found.push(view));
    found
}

fn place(text: &[u8], needle: &[u8]) -> Option<Span> {
    memchr::memmem::find(text, needle).map(|start| Span::new(start, start + needle.len()))
}

/// The places in `text` of all that hides `needle`, through at most `layers` layers.
fn origins(text: &[u8], needle: &[u8], layers: usize) -> BTreeSet<Span> {
    let mut found = BTreeSet::new();
    if layers == 0 {
        return found;
    }
    for view in all(text) {
        let inner = memchr::memmem::find_iter(&view.bytes, needle).map(|at| Span::new(at, at + needle.len()));
        found.extend(inner.chain(origins(&view.bytes, needle, layers - 1)).map(|span| view.origin(span)));
    }
    found
}

#[test]
fn each_form_is_unwrapped_and_knows_its_place() {
    use Wrapping::{Base64, Escape, Hex, Html, Percent};
    let rows: &[(&str, Wrapping, &str, &str, &str)] = &[
        ("padded", Base64, "k: cGFzc3dvcmQ9aHVudGVyMmh1bnRlcg==\n", "hunter2", "aHVudGVyMm"),
        ("unpadded", Base64, "k: cGFzc3dvcmQ9aHVudGVyMmh1bnRlcg\n", "password", "cGFzc3dvcmQ"),
        ("after a path", Base64, "/v1/cGFzc3dvcmQ9aHVudGVyMmh1bnRlcg/x", "hunter2", "aHVudGVyMm"),
        ("url alphabet", Base64, "k=Pz8-Pz8_cGFzc3dvcmQ9aHVudGVyMmh1bnRlcg", "??>??\x3f", "Pz8-Pz8_"),
        ("after a name", Base64, "password=cGFzc3dvcmQ9aHVudGVyMmh1bnRlcg==", "password=", "cGFzc3dvcmQ9"),
        ("utf-16", Base64, "-enc JABwAGEAcwBzACAAPQAgACIAaAB1AG4AdABlAHIAMgAiAA==", "hunter2", "aAB1AG4AdABlAHIAMg"),
        ("hex", Hex, "k: 70617373776f72643d68756e74657232\n", "word=", "776f72643d"),
        ("hex, upper case", Hex, "k: 0x70617373776F72643D68756E74657232\n", "word=", "776F72643D"),
        ("hex, odd start", Hex, "k: f70617373776f72643d68756e746572322\n", "word=", "776f72643d"),
        ("percent", Percent, "?p%3Ahunter2&q", "p:hunter2", "p%3Ahunter2"),
        ("percent, whole", Percent, "a %68%75%6e%74 b", "hunt", "%68%75%6e%74"),
        ("percent, twice", Percent, "p%253Ahunt", "p%3Ahunt", "p%253Ahunt"),
        ("json", Escape, r#"{"a": "hun\u0074er\n2"}"#, "hunter\n2", r"hun\u0074er\n2"),
        ("json slash", Escape, r#""https:\/\/a:b@c\/d""#, "https://a:b@c/d", r"https:\/\/a:b@c\/d"),
        ("javascript", Escape, r"'hun\u{74}er\u{1f642}'", "ter\u{1f642}", r"\u{74}er\u{1f642}"),
        ("surrogates", Escape, r"'\u0068unt\ud83d\ude42'", "t\u{1f642}", r"t\ud83d\ude42"),
        ("bytes", Escape, r"'\x68\x75\x6e\x74\xc3\xa9'", "hunt\u{e9}", r"\x68\x75\x6e\x74\xc3\xa9"),
        ("octal", Escape, r"$'\150\165nt'", "hunt", r"\150\165nt"),
        ("escaped escape", Escape, r#""hun\\u0074er""#, r"hun\u0074er", r"hun\\u0074er"),
        ("markdown", Escape, r"use sk\_live\_hunt", "sk_live_hunt", r"sk\_live\_hunt"),
        ("html, decimal", Html, "a=&#104;u&#110;t", "hunt", "&#104;u&#110;t"),
        ("html, hex", Html, "a=&#x68;u&#X6e;t", "hunt", "&#x68;u&#X6e;t"),
        ("html, name", Html, "{&quot;key&quot;:&quot;a&amp;b&quot;}", "\"a&b\"", "&quot;a&amp;b&quot;"),
        ("html, twice", Html, "p&amp;#45;q", "p&#45;q", "p&amp;#45;q"),
    ];
    for (name, wrapping, text, inner, outer) in rows {
        let found: Vec<View> = all(text.as_bytes()).into_iter().filter(|view| view.wrapping == *wrapping).collect();
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        let inner = place(&found[0].bytes, inner.as_bytes()).unwrap_or_else(|| panic!("{name}: {:?}", found[0].bytes));
        assert_eq!(String::from_utf8_lossy(found[0].origin(inner).of(text.as_bytes())), *outer, "{name}");
    }
}

#[test]
fn ordinary_text_gives_no_view() {
    let rows = [
        "use crate::src::decode::unwrap::packed::alphabets;",
        "src/decode/unwrap/packed/alphabets/and/more/of/them.rs",
        "getApplicationContextFactoryBeanDefinitionReader()",
        "LIBSSH2_ERROR_METHOD_NOT_SUPPORTED_BY_THE_PEER",
        "this_is_a_very_long_test_name_that_says_what_holds",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "123e4567-e89b-12d3-a456-426614174000",
        "00000000000000000000000000000000000000000000000000000000",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0",
        r#"print!("a\tb\n\"{}\"\\", x) && y & 0x1f % 10 %d %s 100%"#,
        r"^\d+\.\w{3}\s*$ C:\Users\me \1 a\nb",
        "a && b || &mut c &lt;T&gt; & d; &amp; e",
    ];
    for row in rows {
        assert!(all(row.as_bytes()).is_empty(), "{row}: {:?}", all(row.as_bytes()));
    }
}
