//! Texts and the one candidate that must come of each, or none.

use super::{Candidate, Form, KEYWORDS, candidates_at};

/// All candidates of a text, as the prefilter would call for them.
fn candidates(text: &[u8]) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for at in 0..text.len() {
        if KEYWORDS.iter().any(|keyword| super::begins(&text[at..], keyword.as_bytes())) {
            candidates_at(text, at, &mut |candidate| found.push(candidate));
        }
    }
    found
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_form_gives_its_name_and_value() {
    let rows: &[(&str, Form, &str, &str)] = &[
        ("DB_PASSWORD=x9k2", Form::Assign, "DB_PASSWORD", "x9k2"),
        ("password := \"x9k2\"", Form::Assign, "password", "x9k2"),
        ("let password: &str = \"x9k2\";", Form::Assign, "password", "x9k2"),
        ("val password: String = \"x9k2\"", Form::Assign, "password", "x9k2"),
        ("password = Some(\"x9k2\")", Form::Assign, "password", "x9k2"),
        ("key := []byte(\"x9k2\")", Form::Assign, "key", "x9k2"),
        ("SECRET = b'x9k2'", Form::Assign, "SECRET", "x9k2"),
        ("config[\"password\"] = \"x9k2\"", Form::Assign, "password", "x9k2"),
        ("def f(user, password='x9k2'):", Form::Assign, "password", "x9k2"),
        ("<add password=\"x9k2\" />", Form::Assign, "password", "x9k2"),
        ("Server=db;Password=x9k2;Port=1", Form::Assign, "Password", "x9k2"),
        ("\\set DB_PASS x9k2", Form::Assign, "DB_PASS", "x9k2"),
        ("ENV DB_PASS x9k2", Form::Assign, "DB_PASS", "x9k2"),
        ("  setenv DB_PASS x9k2", Form::Assign, "DB_PASS", "x9k2"),
        ("app-auth.sid=x9k2;", Form::Assign, "app-auth", "x9k2"),
        ("uint8_t key[16] = {1, 2, 3, 4, 5, 6, 7, 8};", Form::Assign, "key", "1, 2, 3, 4, 5, 6, 7, 8"),
        ("byte[] key = new byte[] {1, 2, 3, 4, 5, 6, 7, 8};", Form::Assign, "key", "1, 2, 3, 4, 5, 6, 7, 8"),
        ("key := []byte{1, 2, 3, 4, 5, 6, 7, 8}", Form::Assign, "key", "1, 2, 3, 4, 5, 6, 7, 8"),
        ("let key: [u8; 8] = [\n    1, 2, 3, 4, 5, 6, 7, 8,\n];", Form::Assign, "key", "1, 2, 3, 4, 5, 6, 7, 8"),
        ("key = bytes([1, 2, 3, 4, 5, 6, 7, 8])", Form::Assign, "key", "1, 2, 3, 4, 5, 6, 7, 8"),
        ("machine a.example login app password x9k2", Form::Assign, "password", "x9k2"),
        ("if password == \"x9k2\" {", Form::Compare, "password", "x9k2"),
        ("password.equals(\"x9k2\")", Form::Call, "password", "x9k2"),
        ("assertThat(password).isEqualTo(\"x9k2\")", Form::Call, "password", "x9k2"),
        ("if string(pass) != \"x9k2\" {", Form::Compare, "pass", "x9k2"),
        ("\"password\": \"x9k2\",", Form::Pair, "password", "x9k2"),
        ("{\\\"password\\\": \\\"x9k2\\\"}", Form::Pair, "password", "x9k2"),
        ("{&#34;password&#34;: &#34;x9k2&#34;}", Form::Pair, "password", "x9k2"),
        ("  password: x9k2 # comment", Form::Pair, "password", "x9k2"),
        ("X-Auth-Token: x9k2", Form::Pair, "X-Auth-Token", "x9k2"),
        ("**Password:** `x9k2`", Form::Pair, "Password", "x9k2"),
        ("Consumer Key: ``x9k2``", Form::Pair, "Key", "x9k2"),
        (":password => 'x9k2'", Form::Arrow, "password", "x9k2"),
        ("setPassword(\"x9k2\")", Form::Call, "setPassword", "x9k2"),
        ("basicAuth(\"app\", \"x9k2\")", Form::Call, "basicAuth", "x9k2"),
        ("get(url, auth=(\"app\", \"x9k2\"))", Form::Assign, "auth", "x9k2"),
        ("set(\"password\", \"x9k2\")", Form::Argument, "password", "x9k2"),
        ("os.getenv(\"DB_PASSWORD\", \"x9k2\")", Form::Default, "DB_PASSWORD", "x9k2"),
        ("os.environ.get('DB_PASSWORD', 'x9k2')", Form::Default, "DB_PASSWORD", "x9k2"),
        ("ENV.fetch('DB_PASSWORD', 'x9k2')", Form::Default, "DB_PASSWORD", "x9k2"),
        ("'password' => env('DB_PASSWORD', 'x9k2'),", Form::Default, "DB_PASSWORD", "x9k2"),
        ("config(\"SECRET_KEY\", default=\"x9k2\")", Form::Default, "SECRET_KEY", "x9k2"),
        ("System.getProperty(\"db.password\", \"x9k2\")", Form::Default, "password", "x9k2"),
        ("getEnvOrDefault( \"DB_PASSWORD\", \"x9k2\")", Form::Default, "DB_PASSWORD", "x9k2"),
        ("process.env.API_TOKEN || 'x9k2'", Form::Default, "API_TOKEN", "x9k2"),
        ("process.env[\"API_TOKEN\"] ?? \"x9k2\"", Form::Default, "API_TOKEN", "x9k2"),
        ("System.getenv(\"API_TOKEN\") ?: \"x9k2\"", Form::Default, "API_TOKEN", "x9k2"),
        ("os.environ.get(\"API_TOKEN\") or \"x9k2\"", Form::Default, "API_TOKEN", "x9k2"),
        ("POSTGRES_PASSWORD: ${DB_PASSWORD:-x9k2}", Form::Default, "DB_PASSWORD", "x9k2"),
        ("tool --password x9k2 --all", Form::Flag, "password", "x9k2"),
        ("tool --token=x9k2", Form::Assign, "token", "x9k2"),
        ("curl -s -u app:x9k2 https://a.example", Form::Flag, "-u", "x9k2"),
        ("<password>x9k2</password>", Form::Element, "password", "x9k2"),
        ("<entry key=\"password\">x9k2</entry>", Form::Element, "password", "x9k2"),
        ("{\"name\": \"x-api-key\", \"value\": \"x9k2\"}", Form::Fields, "x-api-key", "x9k2"),
        ("- name: API_TOKEN\n  value: x9k2", Form::Fields, "API_TOKEN", "x9k2"),
        ("<add key=\"ApiToken\" value=\"x9k2\" />", Form::Fields, "ApiToken", "x9k2"),
        ("<name>password</name>\n  <value>x9k2</value>", Form::Fields, "password", "x9k2"),
        ("<key>ApiToken</key>\n<string>x9k2</string>", Form::Fields, "ApiToken", "x9k2"),
        ("password:\n    - x9k2\n", Form::NextLine, "password", "x9k2"),
        ("| user | app |\n| password | x9k2 |", Form::Table, "password", "x9k2"),
        ("| User | Password |\n|---|:---|\n| app | x9k2 |", Form::Table, "Password", "x9k2"),
        ("| Password | User |\n|---|---|\n| `x9k2` | app |", Form::Table, "Password", "x9k2"),
        ("| a | Token | b |\n|:-:|---|---|\n| x | y | z |\n| x | x9k2 | z |", Form::Table, "Token", "x9k2"),
        ("sshpass -p x9k2 ssh app@host", Form::Flag, "sshpass", "x9k2"),
        ("ALTER ROLE app PASSWORD 'x9k2'", Form::Spaced, "PASSWORD", "x9k2"),
        ("IDENTIFIED BY 'x9k2'", Form::Spaced, "IDENTIFIED BY", "x9k2"),
        ("the password is x9k2.", Form::Prose, "password", "x9k2."),
        ("Authorization: Basic YXBwOng5azI=", Form::Basic, "Basic", "YXBwOng5azI="),
        ("- Bearer x9k2x9k2", Form::Bearer, "Bearer", "x9k2x9k2"),
        ("amqp://app:x9k2@host/", Form::Userinfo, "://", "x9k2"),
        ("amqp://app:x@9k2@host/", Form::Userinfo, "://", "x@9k2"),
        ("app:x9k2@tcp(host:3306)/db", Form::Userinfo, "@", "x9k2"),
        ("https://a.example/?v=1&token=x9k2&w=2", Form::Query, "token", "x9k2"),
    ];
    for (text, form, name, value) in rows {
        let found = candidates(text.as_bytes());
        let matching = found.iter().any(|candidate| {
            candidate.form == *form
                && candidate.name.of(text.as_bytes()) == name.as_bytes()
                && candidate.value.of(text.as_bytes()) == value.as_bytes()
        });
        assert!(matching, "{text}: {found:?}");
    }
}

#[test]
fn what_links_no_value_gives_none() {
    let rows = [
        "fn password() -> String {",
        "password::hash(x)",
        "use auth::token::Kind;",
        "password.len() > 3",
        "if password =~ /x9k2/",
        "\"…&password=\" + value",
        "echo $password | sed -e s/x/y/",
        "you can pass `x9k2` here",
        "http://host:8080/path",
        "basic",
        "bearer ",
        "password=",
        "password: \"",
        "golang.org/x/oauth2 bf48bf16ab8d622ce64ec6ce98d2c98f916b6303",
        "Ticket 7be932dfa60a8a6b3b26bcf7",
        "| User | Password |\n|---|---|\n| app | ask for it |",
        "<label>Password</label> <input>",
        "key[i]",
        "auth.user = 'x9k2'",
        "tool --password= --outfile x9k2",
        "test \"$password\" || exit 1",
        "if password or token",
        "echo ${DB_PASSWORD:-}",
        "os.getenv(\"DB_PASSWORD\", other)",
    ];
    for text in rows {
        assert!(candidates(text.as_bytes()).is_empty(), "{text}: {:?}", candidates(text.as_bytes()));
    }
}

#[test]
fn a_name_with_several_stems_speaks_once() {
    let text = b"api_token_secret_key = 'x9k2x9k2'";
    assert_eq!(candidates(text).len(), 1);
}

#[test]
fn of_a_record_in_a_string_the_token_is_the_value() {
    let text = br#""Apitoken": "{\"user\":\"app\",\"sig\":\"x9k2x9k2x9k2x9k2x9k2\"}""#;
    let found = candidates(text);
    assert!(found.iter().any(|candidate| candidate.value.of(text) == b"x9k2x9k2x9k2x9k2x9k2"), "{found:?}");
    let hash = b"password: '{CRYPT}$6$x9k2x9k2x9k2x9k2x9k2'";
    assert!(candidates(hash).iter().all(|candidate| candidate.value.of(hash).starts_with(b"{CRYPT}")));
}

#[test]
fn hostile_texts_cost_a_bounded_look_at_each_place() {
    let units = [
        "password=",
        "password=\"",
        "password = '",
        "token:",
        "<password>",
        "key=(",
        "key=[[[",
        "auth(\"",
        "://a:",
        "basic ",
        "curl -u a:",
        "\"key\",",
        "password\n",
        "pass|",
        "secret\\\"",
        "token=a1",
        "passwordpassword",
        "key=f(",
        "auth: \r\n",
        "--password ",
        "| token ",
        "| key |\n|--|\n",
        "getenv(\"key\",",
        "key || \"",
        "key=[1,",
        "<key>password</",
    ];
    for unit in units {
        let text = unit.repeat(200_000 / unit.len());
        let start = std::time::Instant::now();
        let mut count = 0_usize;
        for (at, _) in text.match_indices(unit.trim_start_matches(['<', '"', '-'])) {
            candidates_at(text.as_bytes(), at, &mut |_| count += 1);
        }
        assert!(start.elapsed().as_secs() < 2, "{unit}: {:?} for {count}", start.elapsed());
    }
}

#[test]
fn any_bytes_at_any_place_are_safe() {
    let pieces: [&[u8]; 12] =
        [b"pass", b"=", b"\"", b"\\", b"\n", b"://", b"\xff\xfe", b"(", b"basic ", b"\\\"", b"{", b"value: "];
    let mut state = 7_u32;
    for _ in 0..3000 {
        let mut text = Vec::new();
        for _ in 0..12 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.extend_from_slice(pieces[(state >> 16) as usize % pieces.len()]);
        }
        for at in 0..=text.len() {
            candidates_at(&text, at, &mut |candidate| {
                assert!(candidate.value.end <= text.len() && candidate.name.end <= text.len());
            });
        }
    }
}
