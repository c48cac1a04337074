use super::*;

#[expect(clippy::too_many_lines, reason = "a table")]
#[test]
fn every_row_has_its_shape() {
    let rows: &[(&str, Shape)] = &[
        ("", Shape::Empty),
        ("6f1c2a90-7b3d-4e58-9a01-c4d5e6f7a8b9", Shape::Uuid),
        ("{6F1C2A90-7B3D-4E58-9A01-C4D5E6F7A8B9}", Shape::Uuid),
        ("9f8e1d6c5b4a39281706f5e4d3c2b1a7", Shape::HexDigest(32)),
        ("9f8e1d6c5b4a39281706f5e4d3c2b1a79f8e1d6c", Shape::HexDigest(40)),
        ("9F8E1D6C5B4A39281706F5E4D3C2B1A79F8E1D6C5B4A39281706F5E4D3C2B1A7", Shape::HexDigest(64)),
        ("9f8e1d6c5b4a39281706f5e4d3c2b1a", Shape::Other),
        ("sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", Shape::Integrity),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me@home", Shape::PublicKey),
        ("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAq7Vt2zK9pLm4Xw8R", Shape::PublicKey),
        ("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEq7Vt2zK9pLm4Xw8RbN3jYc6J", Shape::PublicKey),
        ("MIGJAoGBAMq7Vt2zK9pLm4Xw8RbN3jYc6J1dTaAq7Vt2zK9pLm4Xw8RbN3j", Shape::PublicKey),
        ("MIIDXTCCAkWgAwIBAgIJAKq7Vt2zK9pLm4Xw8RbN3jYc6J1dTaA", Shape::Certificate),
        ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ", Shape::Other),
        ("$2a$10$q7Vt2zK9pLm4Xw8RbN3jYc6J1dTaAq7Vt2zK9pLm4Xw8Rb", Shape::PasswordHash),
        ("*9F2C71BE04AD83E65F1B27D8A6403C5E9F2C71BE", Shape::PasswordHash),
        ("md59f2c71be04ad83e65f1b27d8a6403c5e", Shape::PasswordHash),
        ("md59f2c71be04ad83e65f1b27d8a6403c5", Shape::Other),
        (
            "SCRAM-SHA-256$4096:q7Vt2zK9pLm4Xw8RbN3jYc==$6J1dTaAq7Vt2zK9pLm4Xw8RbN3jYc6J1dTaAq7Vt2zK=",
            Shape::PasswordHash,
        ),
        ("r4xkCv-MQhr-WKIT-R66x-Epn2-e8hG-1Z5gY0", Shape::Uuid),
        ("r4xkCv-MQhr-WKIT-R66x-Epn2-e8hG1-Z5gY0", Shape::Other),
        ("xpub6AHA9hZDN11k2ijHMeS5QqHx2KP9aMBRhTDqANMnwVtdyw2TDYRmF8PjpvwU", Shape::PublicKey),
        ("xprv9s21ZrQH143K2JF8RafpqtKiTbsbaxEeUaMnNHsm5o6wCW3z8ySyH4UxFVSf", Shape::Other),
        ("022df8750480ad5b26950b25c7ba79d3e37d75f640f8e5d9bcd5b150a0f85014da", Shape::PublicKey),
        ("052df8750480ad5b26950b25c7ba79d3e37d75f640f8e5d9bcd5b150a0f85014da", Shape::Other),
        ("https://service.local/path?x=1", Shape::Url),
        ("//cdn.service.com/lib.js", Shape::Url),
        ("first.last+tag@mail.service.org", Shape::Email),
        ("db.service.internal:5432", Shape::Host),
        ("127.0.0.1:8080", Shape::Host),
        ("localhost:3000", Shape::Host),
        ("application/json; charset=utf-8", Shape::MimeType),
        ("./config/keys.pem", Shape::Path),
        ("/etc/ssl/private/server.key", Shape::Path),
        ("C:\\Users\\me\\token.txt", Shape::Path),
        ("src/judge/shape", Shape::Path),
        ("id_rsa.pub", Shape::Path),
        ("1.2.3", Shape::Version),
        ("^17.0.2-beta.1", Shape::Version),
        ("v2.14", Shape::Version),
        ("2026-01-31", Shape::Date),
        ("2026-01-31T12:30:00Z", Shape::Date),
        ("12:30:45", Shape::Date),
        ("3600", Shape::Number),
        ("-12.5", Shape::Number),
        ("0xdeadbeef", Shape::Number),
        ("30s", Shape::Number),
        ("#ff8800", Shape::Color),
        ("rgba(0, 0, 0, 0.5)", Shape::Color),
        ("currentPassword", Shape::Identifier),
        ("session_key_base", Shape::Identifier),
        ("MAX_TOKEN_AGE", Shape::Identifier),
        ("config.redis.password", Shape::Identifier),
        ("primary-button-label", Shape::Identifier),
        ("getPassword()", Shape::CodeExpression),
        ("params[:token]", Shape::CodeExpression),
        ("user.name + suffix", Shape::CodeExpression),
        ("Config::default", Shape::CodeExpression),
        ("new SecretKey", Shape::CodeExpression),
        ("The password must not be empty.", Shape::Sentence),
        ("aGVsbG8gdGhlcmUsIGhvdyBhcmUgeW91Pw==", Shape::Base64Text),
        ("i7zghxm76e0xsszoemtrfobr8f7ulbip", Shape::Other),
        ("Rr0RDNTKu4wyfauO", Shape::Other),
        ("VLEKIDDWFA5WU5YSHYVBK6WOCYXOH2HW", Shape::Other),
        ("q7Vt2zK9pLm4Xw8RbN3jYc6J1+dT/aA=", Shape::Other),
        ("kT9(x)!vQ2", Shape::Other),
        ("hx7 qz9 vt2k", Shape::Other),
    ];
    for (value, expected) in rows {
        assert_eq!(shape(value.as_bytes()), *expected, "{value}");
    }
}

#[test]
fn mix_counts_classes_and_turns() {
    let found = mix(b"aB3$ cc\xC3");
    let expected =
        Mix { len: 8, lower: 3, upper: 1, digits: 1, special: 1, spaces: 1, foreign: 1, distinct: 7, turns: 5 };
    assert_eq!(found, expected);
    assert_eq!(found.classes(), 4);
    assert_eq!(mix(b""), Mix::default());
    assert_eq!(mix(&[b'x'; 1000]).lower, 256);
}

#[test]
fn any_bytes_pass() {
    let signs = b"$#@.:/-_{}()[]<>%=+ \\\"'0aZ\xFF\x00M";
    for &first in signs {
        for &second in signs {
            for len in [0, 1, 2, 17, 600] {
                let value = [vec![first, second], vec![second; len], vec![first; len]].concat();
                let _ = shape(&value);
                let _ = mix(&value);
            }
        }
    }
}
