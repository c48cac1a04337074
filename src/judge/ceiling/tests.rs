use super::*;
use crate::assign::{KEYWORDS, candidates_at};
use crate::judge::generic::{Depth, observe, weigh};

/// The names of all limits that hold for a candidate in a text.
fn limits(path: &str, text: &str) -> Vec<&'static str> {
    let folded = text.to_ascii_lowercase();
    let mut names = Vec::new();
    for (at, _) in KEYWORDS.iter().flat_map(|keyword| folded.match_indices(keyword)) {
        candidates_at(text.as_bytes(), at, &mut |candidate| {
            // Asked for itself: whether the sum is above a limit is the weights' affair.
            let role = Role::of(path);
            let observed = observe(text.as_bytes(), &candidate, &role, Depth::Full);
            let (stem, features) = observed.expect("all is asked for");
            let limit = ceiling(text.as_bytes(), &candidate, &role, stem, &features);
            let (_, verdict) = weigh(text.as_bytes(), &candidate, &role, Depth::Full).expect("all is asked for");
            if let Some((name, most)) = limit {
                assert!(i32::from(verdict.score()) <= most, "{text}: {}", verdict.score());
                names.push(name);
            }
        });
    }
    names
}

/// A value that blocks where nothing limits it.
const RANDOM: &str = concat!("q7Xv2Lp9Zm4KwR8t", "B3nY6cJ1");

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_kind_of_value_has_its_limit() {
    let rows = [
        ("i18n/fi.json", "\"yourpassword\": \"Salasana\"", "a-translation"),
        ("i18n/fr.json", "\"password\": \"Mot de passe 2 :\"", "a-translation"),
        ("i18n/x.json", "\"password\": \"@\"", "a-translation"),
        ("src/fi.json", "\"yourpassword\": \"Salasana\"", ""),
        ("i18n/ase.json", "\"password\": \"M515x538S15a0a486x463S10050500x467\"", "a-translation"),
        ("a.rs", "const SECRET_KEY: &str = \"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\";", "published-example"),
        ("a.sh", "if test $pass = @; then", "a-comparison"),
        ("a.sh", "pass=@", ""),
        ("a.ps1", "$pass = '@'", ""),
        ("a.txt", "oauth2 5b67ea2bbd4c09e8ad2d5b2b67bf1b5feff29231", "in-a-sentence"),
        ("a.txt", "oauth2_secret = 5b67ea2bbd4c09e8ad2d5b2b67bf1b5feff29231", ""),
        ("a.js", "slot({key: \"e6b8954b686d1fbb4fc92adb07fddc97a24b0a31\"})", "a-digest"),
        ("a.json", "\"x.jpg\\\\u0026key=522baf40bd3911e08d854040d3dc5c07\\\\u0026\"", "a-digest"),
        ("a.js", "api_key: \"e6b8954b686d1fbb4fc92adb07fddc97a24b0a31\"", ""),
        ("a.yaml", "- key: q7Xv2Lp9Zm4KwR8tB3nY6cJ1\n  operator: In\n", "a-name"),
        ("a.txt", concat!("PrivateKey=q7Xv2Lp9Zm4KwR8tB3nY6cJ1\n-----BEG", "IN PRIVATE KEY-----\n"), "a-name"),
        ("a.txt", "\nPeerKey=BOB\nSharedSecret=2e75cb6a8f13951b437e04a0ed1d714a6100\n", "a-test-vector"),
        ("ltmain.sh", "if test \"$linkmode,$pass\" = \"lib,link\"; then", "a-comparison"),
        ("a.yaml", "key: zyxel.aam1212.mac", "a-name"),
        ("a.py", "claims = {\"access_token\": {\"xms_az_nwperimid\": {}}}", "a-name"),
        ("a.py", "x = {\"access_token\": {\"@\"}}", ""),
        ("a.java", "String CONTEXT_KEY = \"http2.client.sessionListener\";", "a-name"),
        ("a.py", "ClientSecretCredential(\"tenant-id\", \"client-id\")", "a-name"),
        ("a.py", "put(Bucket='site', Key='t5_2bhxu0/a94a8fe5ccb19ba61c4c')", "a-name"),
        ("a.ini", "badge = https://ci.example/x/badge.svg?token=yenl5fzxxr", "publishable"),
        ("a.yml", "u: db?sslkey=.%2Ftests%2Fcerts%2Fkeys%2Fclient.key", "form-of-something-else"),
        ("a.c", ".auth = \"/cockpit\"", "form-of-something-else"),
        ("a.c", ".auth = \"/c0ckPit\"", ""),
        ("a.conf", "token_file: /tmp/q7Xv2Lp9Zm4", "form-of-something-else"),
        ("a.js", "keys = 'NaN|after|allowing|ancestor|and|append|array|as|at'", "form-of-something-else"),
        ("a.ts", "MetadataKey = \"org.matrix.msc3077.sdp_stream_metadata\"", "a-name"),
        ("a.ts", "MetadataKey = \"org.@\"", ""),
        ("docs/auth.html.fr.utf8", "password: @", "in-documentation"),
        ("a.py", "existing_user[\"password\"] = scram_pw2", "form-of-something-else"),
        ("a.py", "existing_user[\"password\"] = \"scram_pw2\"", ""),
        ("a.lua", "pass = nmap.registry['informix-brute'][1]['x']", "an-index"),
        ("a.ps1", "$env:NTLM_PASSWORD = [Microsoft.Win32.Registry]::GetValue(\"HKLM\")", "an-index"),
        ("a.lua", "credits = {\n [\"@\"] = {\"4.0.1\"},", "an-index"),
        ("a.py", "passwords = [\"@\"]", ""),
        ("a.py", "TOKEN_COLOR = '\\x1b[04m\\x1b[91m'", "not-text"),
        ("a.py", "raise ValueError(\"Missing either 'PASSWORD' or 'HASHNT' !\")", "a-name"),
        ("a.py", "x = get('password') or '@'", ""),
        ("a.sql", "CREATE ROLE pooluser PASSWORD 'sellpassword'", "letters-alone"),
        ("a.py", "user, password = \"merovingian\", \"\"", "of-another-name"),
        ("a.py", "login(user, password=\"stormcloud7\", x)", ""),
        ("a.log", "TTY=pts/1 ; PWD=/home/tu2sp3-a ; USER=root", "form-of-something-else"),
        ("a.env", "DB_PWD=/home/tu2sp3-a", ""),
        ("a.m4", "SYSTEM_AUTHKEY=\"SystemGroupAuthKey system.print.admin\"", "a-name"),
        ("a.m4", "SYSTEM_PASSWORD=\"SystemGroupAuth system.print.admin\"", ""),
        ("a.c", "auth_htpasswd = { \"htpasswd\", basic, NULL }", "its-own-name"),
        ("a.xml", "<key>r4xkCv-MQhr-WKIT-R66x-Epn2-e8hG-1Z5gY0</key>", "an-identifier"),
        ("a.py", "password = \"stormcloud\"", "letters-alone"),
        ("a.py", "password = \"stormcloud7\"", ""),
        ("a.py", "password = \"xqzvkjwqtz\"", ""),
        ("a.c", "set.password = imapc_q7Xv2Lp9Zm4KwR8tB3nY6cJ1;", "form-of-something-else"),
        ("a.out", "Authentication: 57ea530f6d74350cc5286bfec1ab8ca747c73584", "a-digest"),
        ("a.pickle", "password: '@\u{1}\u{2}'", "not-text"),
        ("a.ts", "url; ASSET_METADATA_DOCKER_API_SECRETS_KEY = \"aws:asset:docker-build-secrets\"", "a-name"),
        ("a.json", "\"NextToken\": \"@\"", "marks-a-place"),
        ("a.json", "\"client_request_token\": \"@\"", "marks-a-place"),
        ("a.json", "\"access_token\": \"@\"", ""),
        ("a.json", "\"access_token\": \"3f2b8c1e-7d4a-4f6b-9c2e-5a8d1b7e3c90\"", "an-identifier"),
        ("docs/a.rst", "password = '@'", "in-documentation"),
        ("README.md", "password: @", "in-documentation"),
        ("a.java", " * password = \"@\"", "in-documentation"),
        ("a.rs", "    /// let password = \"@\";", "in-documentation"),
        ("a.rb", "#    password = \"@\"", "in-documentation"),
        ("a.rb", "# password = \"@\"", ""),
        ("a.c", "x = y * password == \"@\"", ""),
        ("a.py", "def login():\n    \"\"\"Like this:\n    password = '@'\n", "in-documentation"),
        ("a.py", "# coding: utf-8\nr'''\npassword = '@'\n", "in-documentation"),
        ("a.py", "DATA = \"\"\"\npassword = '@'\n", ""),
        ("a.py", "def a():\n    \"\"\"A.\"\"\"\n    password = '@'\n", ""),
        ("a.py", "def a():\n    \"\"\"\n    A.\n    \"\"\"\n    password = '@'\n", ""),
        ("a.js", "def a():\n    \"\"\"Like this:\n    password = '@'\n", ""),
    ];
    for (path, text, expected) in rows {
        let found = limits(path, &text.replace('@', RANDOM));
        assert_eq!(found.first().copied().unwrap_or_default(), expected, "{path}: {text}");
    }
}

#[test]
fn kinds_are_told_by_what_is_observed() {
    let digest = "9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0";
    let rows = [
        ("let key = [1, 2, 3, 4, 5, 250, 7, 8];".to_owned(), Some("bytes-are-mostly-test-vectors")),
        ("secret = \"\\x01\\x9f\\x7e\\x55\"".to_owned(), Some("bytes-are-mostly-test-vectors")),
        (format!("authenticity_token = \"{RANDOM}\""), Some("a-form-token-lasts-one-session")),
        (format!("password: '$6$rounds=5000$salt${RANDOM}'"), Some("hashed-and-not-plain")),
        (format!("GRAYLOG_SHA256_PASSWORD={digest}"), Some("hashed-and-not-plain")),
        (format!("session_token = \"{RANDOM}\""), None),
    ];
    for (text, expected) in rows {
        let mut kinds = Vec::new();
        let folded = text.to_ascii_lowercase();
        for (at, _) in KEYWORDS.iter().flat_map(|keyword| folded.match_indices(keyword)) {
            candidates_at(text.as_bytes(), at, &mut |candidate| {
                let role = Role::of("app.cfg");
                let observed = observe(text.as_bytes(), &candidate, &role, Depth::Full);
                kinds.push(kind_of(&observed.expect("all is asked for").1));
            });
        }
        assert!(!kinds.is_empty() && kinds.iter().all(|kind| *kind == expected), "{text}: {kinds:?}");
    }
}
