//! `tc delete --recursive`: the end of a sandbox of each topology of a tree, of what names another first.

use super::outcome::{Outcome, Row};
use super::schedule::{self, AT_ONCE, End};
use super::sites::Sites;
use crate::deployment::{Doomed, Removal, Target, consent};
use crate::report::plural;
use crate::shell::Shell;
use crate::site;
use std::process::ExitCode;
use tc_core::diagnostic::codes::deploy as codes;

/// Deletes a sandbox of all topologies of a tree.
pub fn run(target: &Target, removal: &Removal, shell: &mut Shell) -> ExitCode {
    let mut sites = match Sites::open(target, false, shell) {
        Ok(sites) => sites,
        Err(status) => return status,
    };
    let looked = {
        let shell: &Shell = shell;
        sites.each(|member| match member.topology() {
            Some(topology) => {
                Doomed::find(&member.target, removal, &member.site, topology, &mut sites.shell(member, shell))
            }
            None => Err(Vec::new()),
        })
    };
    let doomed: Vec<Option<Doomed>> = match looked {
        Ok(doomed) => doomed,
        Err(failed) => {
            sites.tell(target, failed, shell);
            return ExitCode::FAILURE;
        }
    };
    let reversed: Vec<usize> = sites.order.members.iter().rev().copied().collect();
    let there: Vec<(&Doomed, &str)> = reversed
        .iter()
        .filter_map(|place| Some((doomed.get(*place)?.as_ref()?, sites.members.get(*place)?.name())))
        .collect();
    if there.is_empty() {
        let absent = sites.members.first().and_then(|member| {
            let connection = member.site.connect(&member.target.env).ok()?;
            Some(site::absent(member.topology()?, &connection))
        });
        sites.tell(target, vec![(0, absent.into_iter().collect())], shell);
        return ExitCode::FAILURE;
    }
    if target.is_read_by_people() {
        let text: String = there.iter().map(|(doomed, _)| doomed.text()).collect();
        shell.err(&text);
    }
    let names: Vec<String> = there.iter().map(|(_, name)| format!("`{name}`")).collect();
    let count = there.iter().map(|(doomed, _)| doomed.resources()).sum();
    let what = format!(
        "delete the sandbox `{}` of {} in {}, {}",
        target.sandbox,
        names.join(", "),
        target.env,
        plural(count, "resource")
    );
    if let Err(refusal) = consent::ask(&what, removal.yes, shell) {
        target.refuse(refusal, shell);
        return ExitCode::FAILURE;
    }
    let ends = {
        let shell: &Shell = shell;
        schedule::run(&sites.order.needed_by(), AT_ONCE, |at| {
            let (Some(member), Some(doomed)) = (sites.members.get(at), doomed.get(at)) else { return Err(Vec::new()) };
            let (Some(topology), Some(doomed)) = (member.topology(), doomed) else { return Ok(None) };
            doomed.delete(&member.target, removal, topology, &mut sites.shell(member, shell)).map(Some)
        })
    };
    let names: Vec<String> = sites.members.iter().map(|member| member.name().to_owned()).collect();
    let (mut rows, mut failed) = (Vec::new(), Vec::new());
    for (place, end) in ends.into_iter().enumerate() {
        let Some(member) = sites.members.get(place) else { continue };
        rows.push(match end {
            End::Done(Some(removed)) => Row::done(member, "deleted", &removed),
            End::Done(None) => Row::done(member, "absent", &()),
            End::Failed(findings) => {
                let row = Row::failed(member, findings.iter().any(|finding| finding.code == &codes::DETACHED));
                failed.push((place, findings));
                row
            }
            End::NotBegun(cause) => Row::not_begun(member, names.get(cause).map_or("", String::as_str)),
        });
    }
    let outcome = Outcome { topologies: reversed.iter().filter_map(|place| rows.get(*place).cloned()).collect() };
    if target.is_data() {
        shell.out(&outcome.json());
    }
    let status = outcome.status();
    sites.tell(target, failed, shell);
    if target.is_read_by_people() {
        shell.err(&outcome.text());
    }
    status
}
