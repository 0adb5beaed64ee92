//! What a release asks of a repository, and does to it: the state of the work tree, tags, and a remote.

use super::{Repository, absent, failed};
use crate::service::Service;
use crate::version::Version;
use std::io::Write;
use std::process::Stdio;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::release as codes;

/// What tc and Python leave beside the sources, which is no part of a topology.
const LEFTOVERS: [&str; 2] = [":(exclude,top,glob)**/.tc/**", ":(exclude,top,glob)**/__pycache__/**"];

impl Repository {
    /// The files below these paths that are changed or new, from the root of the work tree. What is ignored is left out.
    ///
    /// # Errors
    /// When git fails.
    pub fn uncommitted(&self, paths: &[String]) -> Result<Vec<String>, Box<Diagnostic>> {
        let paths: Vec<String> = paths.iter().map(|path| format!(":(top,literal){path}")).collect();
        let mut arguments = vec!["status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--"];
        arguments.extend(paths.iter().map(String::as_str));
        arguments.extend(LEFTOVERS);
        let status = self.run(&arguments)?;
        // `XY PATH`, with NUL behind each.
        Ok(status.split('\0').filter_map(|entry| entry.get(3..)).map(str::to_owned).collect())
    }

    /// Whether a commit has a file.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn has_file(&self, commit: &str, path: &str) -> Result<bool, Box<Diagnostic>> {
        Ok(self.try_run(&["cat-file", "-e", &format!("{commit}:{path}")])?.is_ok())
    }

    /// Whether a branch of a remote has a commit, as far as this clone knows.
    ///
    /// # Errors
    /// When git fails.
    pub fn is_pushed(&self, commit: &str) -> Result<bool, Box<Diagnostic>> {
        let contains = format!("--contains={commit}");
        Ok(!self.run(&["for-each-ref", "--count=1", &contains, "refs/remotes"])?.trim().is_empty())
    }

    /// Whether a branch has a commit; of a remote's branch its own, where this clone knows it. `None` where there is no such
    /// branch.
    ///
    /// # Errors
    /// When git fails.
    pub fn is_merged(&self, commit: &str, branch: &str) -> Result<Option<bool>, Box<Diagnostic>> {
        let remote = self.remote()?.map(|remote| format!("refs/remotes/{remote}/{branch}"));
        let names = [remote, Some(format!("refs/heads/{branch}")), Some(format!("refs/remotes/{branch}"))];
        for name in names.iter().flatten() {
            if let Some(tip) = self.commit(name)? {
                return Ok(Some(self.try_run(&["merge-base", "--is-ancestor", commit, &tip])?.is_ok()));
            }
        }
        Ok(None)
    }

    /// The remote that is pushed to: `origin`, else the only one.
    ///
    /// # Errors
    /// When git fails.
    pub fn remote(&self) -> Result<Option<String>, Box<Diagnostic>> {
        let remotes = self.run(&["remote"])?;
        let mut names = remotes.lines();
        let only = names.next().filter(|_| names.next().is_none());
        Ok(remotes.lines().find(|name| *name == "origin").or(only).map(str::to_owned))
    }

    /// The address of the remote, without what signs in to it.
    ///
    /// # Errors
    /// When git fails.
    pub fn address(&self) -> Result<Option<String>, Box<Diagnostic>> {
        let Some(remote) = self.remote()? else { return Ok(None) };
        Ok(self.try_run(&["remote", "get-url", &remote])?.ok().map(|address| without_credentials(address.trim_end())))
    }

    /// Checks that git knows who tags.
    ///
    /// # Errors
    /// When it does not.
    pub fn check_identity(&self) -> Result<(), Box<Diagnostic>> {
        if self.try_run(&["var", "GIT_COMMITTER_IDENT"])?.is_ok() {
            return Ok(());
        }
        let finding = Diagnostic::without_place(&codes::GIT_FAILED, "git does not know who makes the tag");
        let help = "tell it: `git config user.name NAME` and `git config user.email ADDRESS`";
        Err(Box::new(finding.help(help)))
    }

    /// Makes the annotated tag of a version, unless the commit bears it.
    ///
    /// # Errors
    /// When another commit bears it, or git fails.
    pub fn tag(&self, service: &str, version: Version, commit: &str, message: &str) -> Result<(), Box<Diagnostic>> {
        let name = version.tag(service);
        if self.bears(service, version, commit)? {
            return Ok(());
        }
        let arguments = ["tag", "--annotate", "--cleanup=verbatim", "--file=-", &name, commit];
        let mut command = self.command(&arguments);
        let tagged = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut tagged = tagged.map_err(|error| absent(&error))?;
        if let Some(mut input) = tagged.stdin.take() {
            // A git that reads no more says why.
            let _ = input.write_all(message.as_bytes());
        }
        let output = tagged.wait_with_output().map_err(|error| absent(&error))?;
        // Somebody else may have been faster.
        match output.status.success() || self.bears(service, version, commit)? {
            true => Ok(()),
            false => Err(failed(Some("tag"), &output.stderr)),
        }
    }

    /// Whether a commit bears the tag of a version.
    ///
    /// # Errors
    /// When another one bears it.
    pub fn bears(&self, service: &str, version: Version, commit: &str) -> Result<bool, Box<Diagnostic>> {
        match self.commit(&format!("refs/tags/{}", version.tag(service)))? {
            None => Ok(false),
            Some(holder) if holder == commit => Ok(true),
            Some(holder) => Err(Box::new(taken(service, version, &holder))),
        }
    }

    /// Whether the remote has the tag of a version, on this commit.
    ///
    /// # Errors
    /// When it has it on another, there is no remote, or it does not answer.
    pub fn remote_bears(&self, service: &str, version: Version, commit: &str) -> Result<bool, Box<Diagnostic>> {
        let name = format!("refs/tags/{}", version.tag(service));
        // Behind an annotated tag stands the commit that it is of.
        let peeled = format!("{name}^{{}}");
        let listed = self.run(&["ls-remote", "--", &self.pushed_to()?, &name, &peeled])?;
        let lines: Vec<(&str, &str)> = listed.lines().filter_map(|line| line.split_once('\t')).collect();
        let found = [&peeled, &name].into_iter().find_map(|wanted| lines.iter().find(|(_, name)| name == wanted));
        match found {
            None => Ok(false),
            Some((holder, _)) if *holder == commit => Ok(true),
            Some((holder, _)) => Err(Box::new(taken(service, version, holder))),
        }
    }

    /// Pushes the tag of a version, and nothing else.
    ///
    /// # Errors
    /// When the remote does not take it.
    pub fn push_tag(&self, service: &str, version: Version, commit: &str) -> Result<(), Box<Diagnostic>> {
        if self.remote_bears(service, version, commit)? {
            return Ok(());
        }
        let name = format!("refs/tags/{}", version.tag(service));
        let pushed = self.run(&["push", "--quiet", "--", &self.pushed_to()?, &format!("{name}:{name}")]);
        match pushed {
            Ok(_) => Ok(()),
            // Somebody else may have been faster.
            Err(refusal) => match self.remote_bears(service, version, commit)? {
                true => Ok(()),
                false => Err(refusal),
            },
        }
    }

    fn pushed_to(&self) -> Result<String, Box<Diagnostic>> {
        self.remote()?.ok_or_else(|| {
            let message = "there is no remote `origin` that the tag could be pushed to";
            let finding = Diagnostic::without_place(&codes::GIT_FAILED, message);
            Box::new(finding.help("add it: `git remote add origin ADDRESS`, or leave `--push`"))
        })
    }
}

fn taken(service: &str, version: Version, commit: &str) -> Diagnostic {
    let message = format!("version {version} of `{service}` is taken by the commit {commit}");
    let finding = Diagnostic::without_place(&codes::VERSION_TAKEN, message);
    finding
        .help("where it is newer, fetch it and release again: `git fetch --tags`")
        .help("on another branch, raise another part of the version: `--bump`")
}

impl Service {
    /// The newest version whose tag a commit bears.
    ///
    /// # Errors
    /// When git fails.
    pub fn version_at(&self, commit: &str) -> Result<Option<Version>, Box<Diagnostic>> {
        Ok(self.repository.tagged(&self.name, Some(&format!("--points-at={commit}")))?.pop())
    }
}

/// An address without user and password. `git@HOST:PATH` names no secret and stays.
fn without_credentials(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // What stands behind the path could sign in too.
    let path = path.split(['?', '#']).next().unwrap_or_default();
    format!("{scheme}://{host}/{path}")
}

#[cfg(test)]
mod tests {
    use super::without_credentials;

    #[test]
    fn an_address_signs_in_nobody() {
        for (address, shown) in [
            ("https://ann:secret@git.example.com/etl.git", "https://git.example.com/etl.git"),
            ("https://token@git.example.com/a/b?x=y#z", "https://git.example.com/a/b"),
            ("https://a@b@git.example.com/etl", "https://git.example.com/etl"),
            ("ssh://git@git.example.com:22/etl.git", "ssh://git.example.com:22/etl.git"),
            ("git@git.example.com:etl.git", "git@git.example.com:etl.git"),
            ("/srv/etl.git", "/srv/etl.git"),
        ] {
            assert_eq!(without_credentials(address), shown);
        }
    }
}
