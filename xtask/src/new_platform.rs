//! The step `new-platform`: a platform that does not exist is added to a copy of the repository. Its folder, its vectors, its simulator and
//! one line in each of three registries must be all that it takes; everything else is generated.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::build::{copy_tree, remove};
use crate::workspace::Workspace;
use crate::{generated, process, progress};

/// Where the platform lies in the repository, and its places in the copy.
const FIXTURE: &str = "tests/new-platform";
const PLACES: &[(&str, &str)] = &[
    ("platform", "src/provider/fictel"),
    ("vectors.json", "tests/vectors/fictel.json"),
    ("simulator.ts", "pkg-template/src/testing/fictel.ts"),
];

/// The checks that only the copy runs. They are no part of the platform.
const CHECKS: &[(&str, &str)] =
    &[("checks/fictel.test.ts", "ts-tests/tests/testing/fictel.test.ts"), ("checks/types.ts", "ts-tests/types/fictel.ts")];

/// The platform's pages, which `cargo xtask docs` begins.
const PAGES: &[&str] = &["docs/platforms/fictel.md", "docs/zh/platforms/fictel.md"];

/// The comment in each registry before which a line is added.
const ANCHOR: &str = "// A new platform: its line here.";

/// Adds the platform to a copy and tests it there.
pub fn check(workspace: &Workspace) -> Result<()> {
    let copy = Copy::make(workspace)?;
    let added = copy.add_platform()?;
    copy.cargo(&["run", "--quiet", "--package", "xtask", "--", "docs", "--write"])?;
    copy.cargo(&["test", "--quiet", "--package", "ringback", "--test", "vectors", "--test", "accounts", "--test", "trace"])?;
    copy.cargo(&["run", "--quiet", "--package", "xtask", "--", "build"])?;
    copy.install_package()?;
    copy.typescript()?;
    copy.vitest()?;
    let mut generated = generated::paths(workspace)?;
    generated.extend(PAGES.iter().map(|page| (*page).to_owned()));
    report(&copy.changes()?, &added, &generated)
}

/// A copy of the repository.
struct Copy<'a> {
    workspace: &'a Workspace,
    root: PathBuf,
    /// The target directory. Not the repository's own: cargo names a workspace's artifacts alike in every place.
    build: PathBuf,
}

impl<'a> Copy<'a> {
    /// Copies what git knows, with the changes that are not committed yet.
    fn make(workspace: &'a Workspace) -> Result<Self> {
        let root = workspace.cargo_target.join("new-platform/copy");
        let build = workspace.cargo_target.join("new-platform/build");
        remove(&root)?;
        if !build.exists() {
            // Reuses the repository's compiled libraries. Done before the sources are copied, because these must be newer.
            for part in ["deps", "build", ".fingerprint"] {
                let compiled = workspace.cargo_target.join("debug").join(part);
                if compiled.exists() {
                    copy_tree(&compiled, &build.join("debug").join(part))?;
                }
            }
        }
        for path in files(&workspace.root)? {
            let (from, to) = (workspace.root.join(&path), root.join(&path));
            // Listed by git, but deleted and not committed.
            if from.is_file() {
                fs::create_dir_all(to.parent().context("a file without a folder")?)?;
                fs::copy(&from, &to).with_context(|| format!("cannot copy {path}"))?;
            }
        }
        // The build tools and the test tools are those of the repository.
        link(&workspace.template().join("node_modules"), &root.join("pkg-template/node_modules"))?;
        let tools = root.join("ts-tests/node_modules");
        fs::create_dir_all(&tools)?;
        for entry in fs::read_dir(workspace.root.join("ts-tests/node_modules")).context("ts-tests has no node_modules")? {
            let entry = entry?;
            if !entry.file_name().to_string_lossy().starts_with("ringback") {
                link(&entry.path(), &tools.join(entry.file_name()))?;
            }
        }
        Ok(Self { workspace, root, build })
    }

    /// Adds the platform's own files and its lines. Returns their paths.
    fn add_platform(&self) -> Result<BTreeSet<String>> {
        let fixture = self.workspace.root.join(FIXTURE);
        let mut added = BTreeSet::new();
        for (from, to) in PLACES.iter().chain(CHECKS) {
            let (from, to) = (fixture.join(from), self.root.join(to));
            if from.is_dir() { copy_tree(&from, &to)? } else { fs::copy(&from, &to).map(|_| ())? }
        }
        for (_, to) in PLACES {
            let place = self.root.join(to);
            if place.is_dir() {
                for entry in fs::read_dir(&place)? {
                    added.insert(format!("{to}/{}", entry?.file_name().to_string_lossy()));
                }
            } else {
                added.insert((*to).to_owned());
            }
        }
        let lines: Vec<Value> = serde_json::from_str(&fs::read_to_string(fixture.join("registry.json"))?).context("registry.json")?;
        for entry in lines {
            let text = |name: &str| entry[name].as_str().with_context(|| format!("registry.json: an entry has no {name}"));
            let (file, line) = (text("file")?, text("line")?);
            let path = self.root.join(file);
            let registry = fs::read_to_string(&path).with_context(|| format!("cannot read {file}"))?;
            let at = registry.find(ANCHOR).with_context(|| format!("{file} has no comment `{ANCHOR}`"))?;
            let at = registry[..at].rfind('\n').map_or(0, |end| end + 1);
            fs::write(&path, format!("{}{line}\n{}", &registry[..at], &registry[at..]))?;
            added.insert(file.to_owned());
        }
        Ok(added)
    }

    /// Runs cargo in the copy. The wasm is built quickly, not small.
    fn cargo(&self, arguments: &[&str]) -> Result<()> {
        progress::say("new-platform", &format!("cargo {} ...", arguments.join(" ")));
        let mut cargo = process::cargo(&self.root);
        cargo.args(arguments).env("CARGO_TARGET_DIR", self.root.join("target")).env("CARGO_BUILD_BUILD_DIR", &self.build);
        let quick = [("OPT_LEVEL", "1"), ("LTO", "off"), ("CODEGEN_UNITS", "16")];
        cargo.envs(quick.map(|(name, value)| (format!("CARGO_PROFILE_RELEASE_{name}"), value)));
        // The cargo that runs this xtask tells its own crate's places.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR") {
            cargo.env_remove(name);
        }
        process::run(&mut cargo)
    }

    fn install_package(&self) -> Result<()> {
        copy_tree(&self.root.join("pkg"), &self.root.join("ts-tests/node_modules/ringback"))
    }

    /// The types as a user's compiler sees them.
    fn typescript(&self) -> Result<()> {
        progress::say("new-platform", "tsc ...");
        let mut tsc = self.tool("typescript/bin/tsc");
        tsc.args(["--noEmit", "--ignoreConfig", "--strict", "--exactOptionalPropertyTypes", "--target", "ES2022", "--types", "node"]);
        process::run(tsc.args(["--module", "NodeNext", "--moduleResolution", "NodeNext", "types/fictel.ts"]))?;
        // And the tests' own sources: a list that names every platform would not compile any more.
        process::run(self.tool("typescript/bin/tsc").arg("--noEmit"))
    }

    fn vitest(&self) -> Result<()> {
        let mut vitest = self.tool("vitest/vitest.mjs");
        let suites = ["tests/core/vectors.test.ts", "tests/testing/vectors.test.ts", "tests/testing/fictel.test.ts"];
        // The package is there already: `install-package.mjs` would build another.
        process::run(vitest.args(["run", "--project", "typescript"]).args(suites).env("RINGBACK_IS_INSTALLED", "1"))
    }

    fn tool(&self, script: &str) -> Command {
        let mut node = process::node(&self.root.join("ts-tests"));
        node.arg(Path::new("node_modules").join(script));
        node
    }

    /// The paths that differ from the repository's.
    fn changes(&self) -> Result<BTreeSet<String>> {
        let mut changes = BTreeSet::new();
        let before: BTreeSet<String> = files(&self.workspace.root)?.into_iter().collect();
        for path in &before {
            if fs::read(self.root.join(path)).ok() != fs::read(self.workspace.root.join(path)).ok() {
                changes.insert(path.clone());
            }
        }
        let checks = CHECKS.iter().map(|(_, to)| *to);
        let ours: BTreeSet<&str> = checks.collect();
        for path in walk(&self.root, &self.root)? {
            if !before.contains(&path) && !ours.contains(path.as_str()) {
                changes.insert(path);
            }
        }
        Ok(changes)
    }
}

/// Says what the platform took, and fails where that is more than it may be.
fn report(changes: &BTreeSet<String>, added: &BTreeSet<String>, generated: &[String]) -> Result<()> {
    let (written, own): (Vec<&String>, Vec<&String>) = changes.iter().partition(|path| generated.contains(path));
    println!("a new platform takes {} files:", own.len());
    for path in &own {
        println!("  {path}");
    }
    println!("and `cargo xtask docs` writes {}:", written.len());
    for path in &written {
        println!("  {path}");
    }
    if let Some(missing) = added.iter().find(|path| !changes.contains(*path)) {
        bail!("{missing} should have changed");
    }
    let further: Vec<&str> = own.into_iter().filter(|path| !added.contains(*path)).map(String::as_str).collect();
    ensure!(further.is_empty(), "a new platform may change nothing else, but these changed: {}", further.join(", "));
    Ok(())
}

/// The files that git knows or would add, relative to the root.
fn files(root: &Path) -> Result<Vec<String>> {
    let listed = process::output(process::program("git", root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    Ok(listed.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

/// The files of the copy that are not built or installed.
fn walk(root: &Path, folder: &Path) -> Result<Vec<String>> {
    const BUILT: &[&str] = &["node_modules", "target", "pkg"];
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            if !BUILT.iter().any(|name| entry.file_name() == *name) {
                found.extend(walk(root, &path)?);
            }
        } else if let Some(relative) = path.strip_prefix(root)?.to_str().filter(|path| !path.ends_with("node_modules")) {
            found.push(relative.replace('\\', "/"));
        }
    }
    Ok(found)
}

fn link(from: &Path, to: &Path) -> Result<()> {
    #[cfg(unix)]
    std::os::unix::fs::symlink(from, to)?;
    #[cfg(windows)]
    std::os::windows::fs::symlink_dir(from, to)?;
    Ok(())
}
