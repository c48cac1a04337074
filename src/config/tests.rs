use super::*;

fn fresh(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("tightlip-config-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(dir.join("root/a/b")).expect("a writable folder for temporary files");
    dir
}

#[test]
fn no_config_beats_config_beats_the_variable() {
    let file = |path: &str| Wanted::File(PathBuf::from(path));
    let rows = [
        (true, Some("a"), Some("b"), Wanted::Nothing),
        (false, Some("a"), Some("b"), file("a")),
        (false, None, Some("b"), file("b")),
        (false, None, Some(""), Wanted::Found),
        (false, None, None, Wanted::Found),
    ];
    for (none, flag, variable, expected) in rows {
        assert_eq!(Wanted::of(none, flag.map(PathBuf::from), variable.map(OsString::from)), expected);
    }
}

#[test]
fn the_root_of_the_repository_has_the_config() {
    let dir = fresh("root");
    let (root, inner) = (dir.join("root"), dir.join("root/a/b"));
    std::fs::write(inner.join(NAME), "version: 1").unwrap();
    let outside = find(&Wanted::Found, &inner).unwrap().expect("without a repository the start folder counts");
    assert_eq!(outside.folder, inner);
    std::fs::create_dir(root.join(".git")).unwrap();
    assert_eq!(find(&Wanted::Found, &inner).unwrap(), None);
    std::fs::write(root.join(NAME), "salt: x").unwrap();
    let found = find(&Wanted::Found, &inner).unwrap().expect("the one at the root");
    assert_eq!((found.text.as_str(), &found.folder), ("salt: x", &root));
    assert_eq!(found.passed_over, [inner.join(NAME)]);
    assert_eq!(find(&Wanted::Nothing, &inner).unwrap(), None);
    let missing = find(&Wanted::File(root.join("other.yml")), &inner);
    assert!(matches!(missing, Err(FindError::Missing { .. })));
    std::fs::write(root.join(".tightlip.yaml"), "").unwrap();
    assert!(matches!(find(&Wanted::Found, &inner), Err(FindError::Misnamed { .. })));
    std::fs::remove_dir_all(dir).unwrap();
}

impl schemars::JsonSchema for ChangeSyntax {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Change".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let changes = generator.subschema_for::<Changes>();
        schemars::json_schema!({ "description": "What becomes of a built-in rule.", "anyOf": [{ "const": "off" }, changes] })
    }
}

/// A key that is left out has no default that could be written.
fn without_null_defaults(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(map) => {
            map.retain(|key, inner| key != "default" || !inner.is_null());
            map.values_mut().for_each(without_null_defaults);
        }
        serde_json::Value::Array(list) => list.iter_mut().for_each(without_null_defaults),
        _ => {}
    }
}

impl schemars::JsonSchema for RawPermit {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Permit".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let permitted = generator.subschema_for::<Permitted>();
        schemars::json_schema!({ "description": "What may be let pass below.", "anyOf": [{ "const": "all" }, permitted] })
    }
}

/// `TIGHTLIP_BLESS=1` rewrites the files.
#[test]
fn the_schemas_in_docs_are_those_of_the_types() {
    let of_config = schemars::schema_for!(RawConfig).to_value();
    let of_upper = schemars::schema_for!(RawUpper).to_value();
    let of_case = schemars::schema_for!(Vec<RawCase>).to_value();
    let all = [(of_config, 14, "tightlip"), (of_upper, 11, "policy"), (of_case, 6, "policy-tests")];
    for (mut schema, keys, name) in all {
        without_null_defaults(&mut schema);
        let of = if name == "policy-tests" { &schema["$defs"]["RawCase"] } else { &schema };
        assert_eq!(of["properties"].as_object().map(serde_json::Map::len), Some(keys), "each key of {name}");
        let text = serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/{name}.schema.json"));
        if std::env::var_os("TIGHTLIP_BLESS").is_some() {
            std::fs::create_dir_all(path.parent().expect("a folder")).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "TIGHTLIP_BLESS=1 rewrites {}", path.display());
    }
}
