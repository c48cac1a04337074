//! What continuous integration services say of the commits that a job is about. A new service is a new row.

use serde_json::Value;

/// Which commit is the base, by one variable of one service.
struct Row {
    service: &'static str,
    variable: &'static str,
    says: Says,
}

/// What a variable's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// The commit before those of this push, or a pull request's base. Zeros say that there is none.
    Commit,
    /// The branch of `origin` that a pull request wants to go to.
    Target,
    /// The main branch of `origin`: a base for other branches, and none for itself.
    Main,
    /// `base...head`
    Range,
}

/// Pull requests come before pushes: services set the variables of both.
const ROWS: [Row; 17] = [
    row("GitHub Actions", "GITHUB_BASE_REF", Says::Target),
    row("GitLab CI", "CI_MERGE_REQUEST_DIFF_BASE_SHA", Says::Commit),
    row("GitLab CI", "CI_COMMIT_BEFORE_SHA", Says::Commit),
    row("GitLab CI", "CI_DEFAULT_BRANCH", Says::Main),
    row("Azure Pipelines", "SYSTEM_PULLREQUEST_TARGETBRANCH", Says::Target),
    row("Bitbucket Pipelines", "BITBUCKET_PR_DESTINATION_COMMIT", Says::Commit),
    row("Bitbucket Pipelines", "BITBUCKET_PR_DESTINATION_BRANCH", Says::Target),
    row("Jenkins", "CHANGE_TARGET", Says::Target),
    row("Jenkins", "GIT_PREVIOUS_SUCCESSFUL_COMMIT", Says::Commit),
    row("Jenkins", "GIT_PREVIOUS_COMMIT", Says::Commit),
    row("Travis CI", "TRAVIS_COMMIT_RANGE", Says::Range),
    row("Buildkite", "BUILDKITE_PULL_REQUEST_BASE_BRANCH", Says::Target),
    row("Buildkite", "BUILDKITE_PIPELINE_DEFAULT_BRANCH", Says::Main),
    row("Drone", "DRONE_COMMIT_BEFORE", Says::Commit),
    row("Drone", "DRONE_REPO_BRANCH", Says::Main),
    row("Woodpecker", "CI_COMMIT_TARGET_BRANCH", Says::Target),
    row("Woodpecker", "CI_PREV_COMMIT_SHA", Says::Commit),
];

/// One of these is set wherever no person waits for the answer.
const SIGNS: [&str; 6] = ["CI", "GITHUB_ACTIONS", "TF_BUILD", "JENKINS_URL", "CIRCLECI", "BITBUCKET_BUILD_NUMBER"];

/// By which variable a service is known, and its short name in `ci:NAME`.
const NAMES: [(&str, &str); 10] = [
    ("GITHUB_ACTIONS", "github-actions"),
    ("GITLAB_CI", "gitlab-ci"),
    ("TF_BUILD", "azure-pipelines"),
    ("BITBUCKET_BUILD_NUMBER", "bitbucket-pipelines"),
    ("JENKINS_URL", "jenkins"),
    ("CIRCLECI", "circleci"),
    ("TRAVIS", "travis-ci"),
    ("BUILDKITE", "buildkite"),
    ("DRONE", "drone"),
    ("CI_WORKFLOW_NAME", "woodpecker"),
];

/// The short name of the service whose job this is.
pub fn name(variable: &dyn Fn(&str) -> Option<String>) -> &'static str {
    let is_set = |name: &str| variable(name).is_some_and(|value| !matches!(value.as_str(), "" | "false" | "0"));
    NAMES.iter().find(|(sign, _)| is_set(sign)).map_or("unknown", |(_, name)| name)
}

const fn row(service: &'static str, variable: &'static str, says: Says) -> Row {
    Row { service, variable, says }
}

/// A base that a service names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// A revision of this repository.
    pub revision: String,
    /// `GitHub Actions, GITHUB_BASE_REF`
    pub by: String,
    /// It is no base for commits that it holds itself.
    pub is_main: bool,
}

/// Whether this is a job of a service.
pub fn is_job(variable: &dyn Fn(&str) -> Option<String>) -> bool {
    SIGNS.iter().any(|name| variable(name).is_some_and(|value| !matches!(value.as_str(), "" | "false" | "0")))
}

/// All bases that are named, the best one first. `event` is GitHub's account of what happened, as JSON.
pub fn bases(variable: &dyn Fn(&str) -> Option<String>, event: Option<&Value>) -> Vec<Base> {
    let mut bases: Vec<Base> = Vec::new();
    for row in &ROWS {
        let named = variable(row.variable).and_then(|value| base(row.says, &value));
        bases.extend(named.map(|revision| Base::new(revision, row.service, row.variable, row.says)));
    }
    let at = |path: &str| event.and_then(|event| event.pointer(path)).and_then(Value::as_str);
    for (path, says) in EVENT {
        let named = at(path).and_then(|value| base(says, value));
        bases.extend(named.map(|revision| Base::new(revision, "GitHub Actions", path, says)));
    }
    bases.push(Base::new("refs/remotes/origin/HEAD".to_owned(), "git", "origin/HEAD", Says::Main));
    bases.sort_by_key(|base| base.is_main);
    bases
}

/// Where GitHub's account names a base.
const EVENT: [(&str, Says); 3] =
    [("/merge_group/base_sha", Says::Commit), ("/before", Says::Commit), ("/repository/default_branch", Says::Main)];

impl Base {
    fn new(revision: String, service: &str, name: &str, says: Says) -> Self {
        Self { revision, by: format!("{service}, {name}"), is_main: says == Says::Main }
    }
}

fn base(says: Says, value: &str) -> Option<String> {
    let value = value.trim();
    match says {
        Says::Commit => Some(value).filter(|id| id.bytes().any(|digit| digit != b'0')).map(str::to_owned),
        Says::Target | Says::Main => {
            let branch = value.strip_prefix("refs/heads/").unwrap_or(value);
            // Buildkite says so where there is no pull request.
            let is_none = branch.is_empty() || branch == "false";
            (!is_none).then(|| format!("refs/remotes/origin/{branch}"))
        }
        Says::Range => value.split("..").next().filter(|base| !base.is_empty()).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_name_a_base() {
        let zeros = "0".repeat(40);
        let rows: &[(&[(&str, &str)], &str)] = &[
            (&[("GITHUB_BASE_REF", "main")], "refs/remotes/origin/main"),
            (&[("GITHUB_BASE_REF", "")], "refs/remotes/origin/HEAD"),
            (&[("CI_MERGE_REQUEST_DIFF_BASE_SHA", "abc"), ("CI_COMMIT_BEFORE_SHA", &zeros)], "abc"),
            (&[("CI_COMMIT_BEFORE_SHA", &zeros), ("CI_DEFAULT_BRANCH", "dev")], "refs/remotes/origin/dev"),
            (&[("CI_COMMIT_BEFORE_SHA", "def"), ("CI_DEFAULT_BRANCH", "dev")], "def"),
            (&[("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main")], "refs/remotes/origin/main"),
            (&[("TRAVIS_COMMIT_RANGE", "abc...def")], "abc"),
            (&[("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "")], "refs/remotes/origin/HEAD"),
            (&[], "refs/remotes/origin/HEAD"),
        ];
        for (set, expected) in rows {
            let variable = |name: &str| set.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(bases(&variable, None)[0].revision, *expected, "{set:?}");
        }
    }

    #[test]
    fn an_event_names_the_commit_before_a_push() {
        let event: Value =
            serde_json::from_str(r#"{"before": "abc", "repository": {"default_branch": "main"}}"#).expect("JSON");
        let named: Vec<String> = bases(&|_| None, Some(&event)).into_iter().map(|base| base.revision).collect();
        assert_eq!(named, ["abc", "refs/remotes/origin/main", "refs/remotes/origin/HEAD"]);
    }

    #[test]
    fn a_job_is_known_by_its_variables() {
        for (value, expected) in [("true", true), ("1", true), ("false", false), ("", false)] {
            let variable = |name: &str| (name == "CI").then(|| value.to_owned());
            assert_eq!(is_job(&variable), expected, "{value}");
        }
        for (set, expected) in [("GITHUB_ACTIONS", "github-actions"), ("GITLAB_CI", "gitlab-ci"), ("CI", "unknown")] {
            assert_eq!(name(&|name| (name == set).then(|| "true".to_owned())), expected);
        }
    }
}
