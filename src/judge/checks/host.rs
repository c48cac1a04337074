//! Hosts under names that no public server has: whose they are can be told by the name alone, as far as it can be told.

use super::{Check, REFUTED};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// `company-host`: what stands in each machine of some kind, and what documentation makes up, is no company's host.
pub struct CompanyHost;

/// Ends of names that machines, containers and clouds give to themselves.
const COMMON: &[&str] = &[
    "docker.internal",
    "containers.internal",
    "minikube.internal",
    "k3d.internal",
    "lima.internal",
    "rancher-desktop.internal",
    "google.internal",
    "compute.internal",
    "ec2.internal",
    "cluster.internal",
    "fritz.home",
];

/// Parts of names that are made up.
const MADE_UP: &[&str] =
    &["example", "test", "foo", "bar", "localhost", "company", "mycompany", "yourcompany", "my", "your"];

impl Check for CompanyHost {
    fn name(&self) -> &'static str {
        "company-host"
    }

    fn most(&self, _: &Args) -> i16 {
        0
    }

    fn weigh(&self, found: &Match<'_>, _: &Args) -> Option<Reason> {
        let host = String::from_utf8_lossy(found.secret().expose()).to_ascii_lowercase();
        let is_of =
            |end: &&&str| host.strip_suffix(**end).is_some_and(|start| start.is_empty() || start.ends_with('.'));
        if COMMON.iter().any(|end| is_of(&end)) {
            return Some(Reason::new("common-host", REFUTED));
        }
        let made_up = host.split(['.', '-', '_']).any(|part| MADE_UP.contains(&part));
        made_up.then(|| Reason::new("made-up-host", REFUTED))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::weight;

    #[test]
    fn hosts_of_each_machine_and_of_documentation_are_no_companys() {
        for (host, expected) in [
            ("git.acme.corp", 0),
            ("internal.corp", 0),
            ("exampled.corp", 0),
            ("host.docker.internal", -60),
            ("Docker.Internal", -60),
            ("mydocker.internal", 0),
            ("ip-10-0-0-1.eu-west-1.compute.internal", -60),
            ("git.example.corp", -60),
            ("my-company.lan", -60),
        ] {
            assert_eq!(weight("company-host", host, &[]), expected, "{host}");
        }
    }
}
