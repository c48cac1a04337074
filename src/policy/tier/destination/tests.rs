use super::*;

fn id(url: &str) -> String {
    let whole = |path: &str| if path.starts_with('/') { path.to_owned() } else { format!("/work/{path}") };
    Destination::of_url(url, &whole).to_string()
}

#[test]
fn all_forms_of_one_remote_are_one_destination() {
    let forms = [
        "https://github.com/acme/app",
        "https://github.com/acme/app.git",
        "https://github.com/acme/app.git/",
        "HTTPS://GitHub.COM:443/acme/app",
        "http://github.com:80/acme/app",
        "https://ann@github.com/acme/app",
        "https://ann:ch%61ngeme@github.com//acme//app",
        "https://:token@github.com/acme/app",
        "https://github.com./acme/./x/../app",
        "https://github.com/acme/%61pp",
        "ssh://git@github.com/acme/app.git",
        "ssh://git:changeme@github.com:22/acme/app.git",
        "ssh://github.com:/acme/app",
        "git+ssh://git@github.com/acme/app",
        "git://github.com:9418/acme/app",
        "git@github.com:acme/app.git",
        "git@github.com:/acme/app.git",
        "github.com:acme/app",
        "git@[github.com]:acme/app",
        "git@[github.com:22]:acme/app",
    ];
    for url in forms {
        assert_eq!(id(url), "git:github.com/acme/app", "{url}");
    }
}

#[test]
fn other_remotes_are_others() {
    let rows = [
        ("ssh://git@git.acme.corp:2222/team/app", "git:git.acme.corp:2222/team/app"),
        ("git@[git.acme.corp:2222]:team/app", "git:git.acme.corp:2222/team/app"),
        ("https://github.com:022/a/b", "git:github.com:22/a/b"),
        ("http://github.com:443/a/b", "git:github.com:443/a/b"),
        ("https://github.com/Acme/App", "git:github.com/Acme/App"),
        ("ssh://[2001:DB8::1]:22/a", "git:[2001:db8::1]/a"),
        ("ann@[::1]:a", "git:[::1]/a"),
        ("ssh://host/~ann/a", "git:host/~ann/a"),
        ("/srv/git/app.git", "git:local/srv/git/app"),
        ("/srv/git/app/.git", "git:local/srv/git/app"),
        ("../other.git", "git:local/other"),
        ("other", "git:local/work/other"),
        ("./a:b", "git:local/work/a:b"),
        ("file:///srv/git/app.git", "git:local/srv/git/app"),
        ("file://host/srv/a", "git:local/host/srv/a"),
        ("file:///srv/a%20b", "git:local/srv/a b"),
        ("https://local/srv/git/app", "git:[local]/srv/git/app"),
        ("local:srv/git/app", "git:[local]/srv/git/app"),
        ("ext::sh -c evil% github.com/acme/app", "git:ext::"),
        ("codecommit::eu-west-1://app", "git:codecommit::"),
        ("codecommit://app", "git:codecommit::"),
    ];
    for (url, expected) in rows {
        assert_eq!(id(url), expected, "{url}");
        let named = Destination::named(expected, &|path| path.to_owned());
        assert_eq!(named.map(|it| it.to_string()).as_deref(), Some(expected), "a name names itself");
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_unclear() {
    let rows = [
        "",
        "https://",
        "https://github.com",
        "https://github.com/",
        "https:///acme/app",
        "https://github.com/..",
        "https://evil.example\\@github.com/acme/app",
        "https://github.com#@evil.example/acme/app",
        "https://github.com/acme/app?x=/../other",
        "git@github.com:acme/%61pp",
        "git@github.com:acme/..git",
        "https://github.com/acme/app#other",
        "https://github.com@evil.example@github.com/acme/app",
        "https://github.com%2Facme@evil.example:x/acme/app",
        "https://github.com:99999/acme/app",
        "https://github.com:+443/acme/app",
        "https://github.com%00/acme/app",
        "https://github.com/acme%2Fapp/x",
        "https://github.com/acme/%252e%252e/x",
        "https://github.com/acme/app%00",
        "https://github.com/acme/%ff",
        "https://github.com/acme/%4",
        "https://github.com/acme/app\n",
        "https://github.com/acme/a b",
        "https://gith\u{fffd}b.com/acme/app",
        "https://gıthub.com/acme/app",
        "ssh://git%40evil.example%2F@github.com/acme/app",
        "ssh://-oProxyCommand=evil/acme/app",
        "ssh://[github.com]/acme/app",
        "ssh://[::1/a",
        "-evil:acme/app",
        "ann:hunter2@github.com:acme/app",
        "a@b@github.com:acme/app",
        "git@github.com:",
        "[::1:x]:a",
    ];
    for url in rows {
        assert_eq!(id(url), "git:unclear", "{url:?}");
    }
}

#[test]
fn no_address_shows_its_password() {
    let password = "hunter2";
    let rows =
        ["https://ann:P@h/a", "https://P@h/a", "ssh://P:x@h/a", "x:P@h:a", "P@h:a", "git://a:P@h/b", "x::P", "ann:P@h"];
    for url in rows {
        let found = id(&url.replace('P', password));
        assert!(!found.contains(password), "{url}: {found}");
    }
}

#[test]
fn a_destination_is_asked_about_by_name_or_address() {
    let rows = [
        ("local", Some("local")),
        ("stdin", Some("stdin")),
        ("ci:github-actions", Some("ci:github-actions")),
        ("ai:qoder", Some("ai:qoder")),
        ("git:github.com/acme/app", Some("git:github.com/acme/app")),
        ("git:GitHub.com/acme/app.git", Some("git:github.com/acme/app")),
        ("git:local/srv/app", Some("git:local/srv/app")),
        ("git:unclear", Some("git:unclear")),
        ("git:ext::", Some("git:ext::")),
        ("git@github.com:acme/app.git", Some("git:github.com/acme/app")),
        ("https://ann:pw@github.com/acme/app.git", Some("git:github.com/acme/app")),
        ("github.com/acme/app", None),
        ("git:github.com", None),
        ("git:", None),
        ("ci:", None),
        ("ci:a b", None),
        ("", None),
        ("public", None),
    ];
    for (text, expected) in rows {
        let found = Destination::named(text, &str::to_owned);
        assert_eq!(found.as_ref().map(Destination::id), expected, "{text}");
    }
}
