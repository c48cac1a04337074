use super::*;

/// Rows of name, value and expected reason; `{cut}` keeps what looks like a token from standing whole in this file.
const ROWS: &[(&str, &str, Option<&str>)] = &[
    ("one letter", "aaaaaaaa", Some("repeated")),
    ("zero id", "00000000-0000-0000-0000-000000000000", Some("repeated")),
    ("prefix and one letter", "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", Some("repeated")),
    ("one letter at the end of noise", "q7Vt2aaaK", None),
    ("digits up", "12345678", Some("sequential")),
    ("digits past nine", "1234567890", Some("sequential")),
    ("digits down", "87654321", Some("sequential")),
    ("hex row", "0123456789abcdef", Some("sequential")),
    ("letters and digits", "abc123", Some("sequential")),
    ("keyboard row", "qwertyuiop", Some("sequential")),
    ("keyboard rows", "QWERTYasdfgh", Some("sequential")),
    ("two rows interleaved", "1q2w3e4r5t", Some("sequential")),
    ("with separators", "1234-5678-90ab", Some("sequential")),
    ("bytes that count", "101112131415161718191a1b1c1d1e1f", Some("sequential")),
    ("bytes in steps", "00112233445566778899aabbccddeeff", Some("sequential")),
    ("bytes out of step", "000102030405060708090a0b0c0d0e1f", None),
    ("word of a script, capital", "Пароль", Some("placeholder-word")),
    ("example inside a token", "AQoDYXdzEPT9wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4", Some("planted-word")),
    ("example beside a token", "EXAMPLE-{cut}q7Xv2Lp9Zm4KwR8tB3nY", None),
    ("salted of openssl", "U2FsdGVkX1{cut}9q7Xv2Lp9Zm4KwR8tB3nY6cJ1hF5gD0sA", Some("sealed")),
    ("begins like sealed, too short", "U2FsdGVkX1{cut}9q7Xv2Lp9Zm4K", None),
    ("row, then noise", "0123456789lplmqpqkjeoflqysfgynlu", None),
    ("short period", "xyqxyqxyq", Some("periodic")),
    ("long period", "f3a91c07f3a91c07", Some("periodic")),
    ("period cut short", "k9pk9pk9pk", Some("periodic")),
    ("two short halves", "bonobono", None),
    ("stars", "********", Some("masked")),
    ("letters x", "sk-xxxxxxxxxxxxxxxx", Some("masked")),
    ("upper-case X", "AKIAXXXXXXXXXXXXXXXX", Some("masked")),
    ("ellipsis", "eyJhbGciOi...", Some("masked")),
    ("middle hidden", "ab12****9z", Some("masked")),
    ("bullets", "\u{2022}\u{2022}\u{2022}\u{2022}", Some("masked")),
    ("two letters x in noise", "q7xxV2pZ9mK4", None),
    ("angle brackets", "<your key here>", Some("template")),
    ("shell variable", "${DB_PASSWORD}", Some("template")),
    ("bare variable", "$DB_PASSWORD", Some("template")),
    ("command", "$(cat /run/key)", Some("template")),
    ("mustache", "{{ .Values.password }}", Some("template")),
    ("ruby", "#{config.key}", Some("template")),
    ("batch variable", "%API_KEY%", Some("template")),
    ("python format", "%(password)s", Some("template")),
    ("verb", "%s", Some("template")),
    ("braces", "{}", Some("template")),
    ("build token", "@@TOKEN@@", Some("template")),
    ("underscores", "__API_TOKEN__", Some("template")),
    ("parameter", ":password", Some("template")),
    ("slot and words", "prefix-${NAME}-suffix", Some("template")),
    ("slot and a long random part", "${HOST}q7Vt2zK9pLm4Xw8R", None),
    ("dollar in a password", "$aF9kQz", None),
    ("dollars in a password", "pa$$w0Rdly9", None),
    ("colon in a password", ":x9Kq2", None),
    ("per cent in a password", "k%sV9xQ2", None),
    ("node", "process.env.API_KEY", Some("reference")),
    ("python", "os.environ['KEY']", Some("reference")),
    ("actions", "secrets.DEPLOY_KEY", Some("reference")),
    ("vault", "vault:secret/data/app#key", Some("reference")),
    ("password manager", "op://team/item/field", Some("reference")),
    ("secrets manager", "arn:aws:secretsmanager:eu-west-1:1:secret:x", Some("reference")),
    ("encrypted value", "ENC[AES256_GCM,data:Qk==]", Some("reference")),
    ("encrypted property", "{cipher}9f8e7d", Some("reference")),
    ("yaml tag", "!vault |", Some("reference")),
    ("plain word", "password", Some("placeholder-word")),
    ("word and digits", "Password123!", Some("placeholder-word")),
    ("written with digits", "p4ssw0rd", Some("placeholder-word")),
    ("written with signs", "P@$$w0rd", Some("placeholder-word")),
    ("snake case", "my_secret_token", Some("placeholder-word")),
    ("camel case", "testClientSecret", Some("placeholder-word")),
    ("run together", "someclientsecret", Some("placeholder-word")),
    ("null", "null", Some("placeholder-word")),
    ("your", "your-api-key", Some("placeholder-word")),
    ("your and more", "YOUR_STRIPE_KEY", Some("placeholder-word")),
    ("prose", "put your unique phrase here", Some("placeholder-word")),
    ("change me", "change-me", Some("placeholder-word")),
    ("strong word in one case", "AK{cut}IAQ7ZT3NEXAMPLE", Some("placeholder-word")),
    ("hex word", "deadbeef", Some("placeholder-word")),
    ("Korean", "비밀번호", Some("placeholder-word")),
    ("Japanese", "パスワード", Some("placeholder-word")),
    ("Chinese", "请输入密码", Some("placeholder-word")),
    ("Russian", "пароль", Some("placeholder-word")),
    ("default URL", "postgres://postgres:postgres@db:5432/app", Some("placeholder-word")),
    ("URL with a password", "postgres://example:k9Vq2xLp@example.com/app", None),
    ("fillers alone", "session-database-host", None),
    ("unknown word", "moonlight", None),
    ("word and a number that says something", "test84196357", None),
    ("short words inside noise", "q7foovT2addzK9pLm4barXw8RtestB3nYsecretJ1", None),
    ("cut where the case does not turn", "teStkEy", None),
    ("strong word beside a random part", "example-q7Vt2zK9pLm4Xw8RbN3j", None),
    ("random hex", "9f8e1d6c5b4a39281706f5e4d3c2b1a7", None),
    ("random base64", "q7Vt2zK9pLm4Xw8RbN3jYc6J1+dT/aA=", None),
    ("passphrase", "correct-horse-battery-staple", None),
    ("documentation key id", "AK{cut}IAIOSFODNN7EXAMPLE", Some("published-example")),
    ("documentation secret key", "wJalrXUtnFEMI/{cut}K7MDENG/bPxRfiCYEXAMPLEKEY", Some("published-example")),
    ("recovery phrase", "test test test test test test test test test test test junk", Some("published-example")),
    ("Basic user and password", "dXNlcjpw{cut}YXNzd29yZA==", Some("published-example")),
    ("blanks round it", "  changeme\n", Some("placeholder-word")),
    ("empty", "", None),
];

#[test]
fn every_row_has_its_reason() {
    for (name, value, expected) in ROWS {
        let value = value.replace("{cut}", "");
        assert_eq!(placeholder(value.as_bytes()), *expected, "{name}: {value}");
    }
}

/// Values that vendors, standards and local stacks publish; each is a placeholder, whatever its form.
const PUBLISHED_VALUES: &[&str] = &[
    "AK{cut}IAIOSFODNN7EXAMPLE",
    "AK{cut}IAI44QH8DHBEXAMPLE",
    "AS{cut}IAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/{cut}K7MDENG/bPxRfiCYEXAMPLEKEY",
    "je7MtGbClwBF/{cut}2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50u{cut}SRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5{cut}DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==",
    "72f988bf-86f1-41af-91ab-2d7cd011db47",
    "00000000-0000-0000-0000-000000000000",
    "sk_te{cut}st_4eC39HqLyjWDarjtT1zdp7dc",
    "sk_te{cut}st_BQokikJOvBiI2HlWgH4olfQ2",
    "sk_te{cut}st_26PHem9AhJZvU623DfE1x4sd",
    "pk_te{cut}st_TYooMQauvdEDq54NiTphI7jx",
    "4242424242424242",
    "4111111111111111",
    "5555555555554444",
    "378282246310005",
    "gh{cut}p_16C7e42F292c6912E7710c838347Ae178B4a",
    "gh{cut}o_16C7e42F292c6912E7710c838347Ae178B4a",
    "gh{cut}u_16C7e42F292c6912E7710c838347Ae178B4a",
    "gh{cut}s_16C7e42F292c6912E7710c838347Ae178B4a",
    "gh{cut}r_1B4a2e77838347a7E420ce178F2E7c6912E169246c34E1ccbF66C46812d16D5B1A9Dc86A1498",
    "gh{cut}p_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17",
    "sb_se{cut}cret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz",
    "sb_publi{cut}shable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH",
    "super-secret-jwt-token-with-at-least-32-characters-long",
    "QWxhZGRpbjpv{cut}cGVuIHNlc2FtZQ==",
    "QWxhZGRpbjpP{cut}cGVuU2VzYW1l",
    "dXNlcjpw{cut}YXNzd29yZA==",
    "dGVzdDp0ZXN0",
    "mF_9.B5f-4{cut}.1JqM",
    "2YotnFZFEjr1z{cut}CsicMWpAA",
    "tGzv3JOkF0XG5{cut}Qx2TlKWIA",
    "110201543:AA{cut}HdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    "123456:ABC-{cut}DEF1234ghIkl-zyx57W2v1u123ew11",
    "MTk4NjIyNDgzNDcxOTI1MjQ4.{cut}Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs",
    "tskey-api-{cut}abcDEF1CNTRL-091234567890ABCDEF",
    "0xac0974bec39a17e36ba4a6b4d238ff{cut}944bacb478cbed5efcae784d7bf4f2ff80",
    "0x4f3edf983ac636a65a842ce7c78d9a{cut}a706d3b113bce9c46f30d7d21715b23b1d",
    "6LeIxAcTAAAAAJcZVRqyHh71{cut}UMIEGNQ_MXjiZKhI",
    "6LeIxAcTAAAAAGG-vFI1TnRW{cut}xMZNFuojJ4WifJWe",
    "1x0000000000000000000000000000000AA",
    "2x0000000000000000000000000000000AA",
    "3x0000000000000000000000000000000AA",
    "0x0000000000000000000000000000000000000000",
    "minioadmin",
    "changeit",
    "guest",
    "put your unique phrase here",
    "thisISaSECRET_1234",
    "TEST_NON_DEV_SECRET",
    "BLBM/9hSUELfq8Gw+rU1Yc{cut}BjkOxGbhT2XG763xVLGWL9",
    "j1Uyj3Vx8TY9LtLZil2uAu{cut}ZkFQA/4latT76ZwgdHdhw",
    "candy maple cake sugar pudding cream honey rich smooth crumble sweet treat",
];

#[test]
fn values_of_documentation_are_placeholders() {
    for value in PUBLISHED_VALUES {
        let value = value.replace("{cut}", "");
        assert!(placeholder(value.as_bytes()).is_some(), "{value}");
    }
}

#[test]
fn random_tokens_are_never_placeholders() {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    for (size, len) in [(62, 20), (62, 40), (36, 32), (16, 40), (62, 64)] {
        for _ in 0..4000 {
            let mut token = Vec::new();
            for _ in 0..len {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                token.push(alphabet[61 - (state >> 33) as usize % size]);
            }
            assert_eq!(placeholder(&token), None, "{}", String::from_utf8_lossy(&token));
        }
    }
}

#[test]
fn any_bytes_pass() {
    for byte in 0..=255_u8 {
        for len in [1, 2, 3, 255, 256, 257, 10_000] {
            let value = vec![byte; len];
            let _ = placeholder(&value);
            let _ = placeholder(&[b"://a:", value.as_slice(), b"@"].concat());
            let _ = placeholder(&[b"${", value.as_slice(), b"%("].concat());
        }
    }
}

#[test]
fn the_lists_are_folded_and_sorted() {
    let rows: Vec<(usize, &str)> = PUBLISHED
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once(' ').expect("a length and the rest"))
        .map(|(len, rest)| (len.parse().expect("a length"), rest))
        .collect();
    assert!(rows.is_sorted() && rows.len() == DIGESTS.len() && rows.len() > 50);
    for word in include_str!("../placeholders.txt").lines() {
        assert_eq!(word.trim(), word);
        assert!(word.starts_with('#') || word == word.to_lowercase(), "{word}");
    }
}
