//! `cargo xtask build`: builds one npm package from the crate and its TypeScript.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;
use wasm_bindgen_cli_support::{Bindgen, EncodeInto};

use crate::setup;
use crate::workspace::Workspace;
use crate::{declarations, npm, process, progress, sizes};

/// The variant of the package to build.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// The published package, in `pkg/`.
    Release,
    /// For tests only: exports a function that traps. In `target/npm-trap/pkg/`, with another package name.
    TestTrap,
    /// For tests only: with one rule of the core changed. In `target/npm-altered/pkg/`.
    Altered,
}

impl Variant {
    fn name(self) -> &'static str {
        match self {
            Self::Release | Self::Altered => "ringback",
            Self::TestTrap => "ringback-test-trap",
        }
    }

    fn cargo_features(self) -> &'static [&'static str] {
        match self {
            Self::Release | Self::Altered => &[],
            Self::TestTrap => &["--features", "test-trap"],
        }
    }

    fn optimizations(self) -> &'static [&'static str] {
        match self {
            Self::Release => OPTIMIZATIONS,
            Self::TestTrap | Self::Altered => QUICK_OPTIMIZATIONS,
        }
    }

    /// The working directory in which the package is assembled.
    fn workshop(self, workspace: &Workspace) -> PathBuf {
        workspace.root.join(match self {
            Self::Release => "target/npm",
            Self::TestTrap => "target/npm-trap",
            Self::Altered => "target/npm-altered",
        })
    }

    /// The directory of the crate to build from.
    pub fn crate_root(self, workspace: &Workspace) -> PathBuf {
        match self {
            Self::Release | Self::TestTrap => workspace.root.clone(),
            Self::Altered => self.workshop(workspace).join("crate"),
        }
    }

    /// Cargo's target directory. An altered crate has its own, so that its files are never used for a release.
    fn cargo_target(self, workspace: &Workspace) -> PathBuf {
        match self {
            Self::Release | Self::TestTrap => workspace.cargo_target.clone(),
            Self::Altered => self.workshop(workspace).join("target"),
        }
    }
}

/// The additional entry of the test variant, as a module and for `require`. The other variants do not contain its source.
const TRAP_ENTRY: &str = "trap.ts";
const TRAP_WHOLE: (&str, &str, &str) = ("trap-cjs.ts", "trap.cjs", "cjs");

/// The ES modules that load the wasm. Their common code becomes one file, `core.js`, so that two entries in one program share one wasm instance.
const MODULES: &[&str] = &["workerd.ts", "edge-light.ts", "deno.ts", "bun.ts", "node.ts", "browser.ts", "default.ts", "slim.ts"];

/// Self-contained bundles, each with its source, file and format: all entries for `require`, and the entries that need no wasm.
const WHOLE: &[(&str, &str, &str)] = &[
    ("node-cjs.ts", "node.cjs", "cjs"),
    ("browser-cjs.ts", "browser.cjs", "cjs"),
    ("slim.ts", "slim.cjs", "cjs"),
    ("node-adapters.ts", "node-adapters.js", "esm"),
    ("node-adapters.ts", "node-adapters.cjs", "cjs"),
    ("sql.ts", "sql.js", "esm"),
    ("sql.ts", "sql.cjs", "cjs"),
    ("opentelemetry.ts", "opentelemetry.js", "esm"),
    ("opentelemetry.ts", "opentelemetry.cjs", "cjs"),
    ("zh.ts", "zh.js", "esm"),
    ("zh.ts", "zh.cjs", "cjs"),
    ("testing.ts", "testing.js", "esm"),
    ("testing.ts", "testing.cjs", "cjs"),
];

/// The bundles that test runners load into a page simulated in Node: some use the condition `browser`, others `node`.
const PLAYED_PAGE: &[&str] = &["browser.cjs", "node.cjs"];

/// Shortens the names of variables and functions, which saves 14 % of a bundle's size, gzip. Without the source map, stacks show the short names.
const SHORT_NAMES: &str = "--minify-identifiers";

/// The self-contained bundles that a browser or an edge platform loads. The bundles for Node keep their names.
const DOWNLOADED: &[&str] = &["browser.cjs", "slim.cjs", "sql.js", "zh.js"];

/// The options for the command line, which imports the rest of the package by its name. It is a Node program, so it is not bundled further and has no source map.
const PROGRAM: &[&str] = &[
    "src/entries/cli.ts",
    "--outfile=pkg/dist/cli.cjs",
    "--metafile=made-of/cli.cjs.json",
    "--format=cjs",
    "--platform=node",
    "--target=node20",
    "--bundle",
    "--minify",
    "--line-limit=400",
    "--banner:js=#!/usr/bin/env node",
    "--external:ringback",
    "--external:ringback/*",
    "--preserve-symlinks",
    "--legal-comments=none",
    "--log-level=warning",
];

/// The options for bundles. `neutral` knows no runtime's modules, so that an import of one by mistake fails the build. Deno's and Bun's
/// imports of wasm are newer than the language target; short lines keep the source line of an uncaught error readable.
const BUNDLING: &[&str] = &[
    "--platform=neutral",
    "--target=es2022",
    "--supported:import-source=true",
    "--supported:import-attributes=true",
    "--bundle",
    "--minify-syntax",
    "--minify-whitespace",
    "--line-limit=400",
    "--sourcemap",
    "--external:*.wasm",
    "--external:*.wasm?module",
    "--external:node:fs",
    // A peer dependency: a second copy would not reach the program's SDK.
    "--external:@opentelemetry/api",
    // Source maps then name a library's files by the library's own path.
    "--preserve-symlinks",
    // The glue adds `Symbol.dispose` to each class, which is not used here. Bundlers would keep that statement, and with it an unused
    // class.
    "--define:Symbol.dispose=undefined",
    "--legal-comments=none",
    "--log-level=warning",
    // Otherwise a missing export of the wasm would only be noticed when it is called.
    "--log-override:import-is-undefined=error",
];

/// The features that rustc enables for wasm32-unknown-unknown by default, as binaryen's options.
const WASM_FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Flattening and recovering the loops allows the second round to shorten more.
const OPTIMIZATIONS: &[&str] = &["-Oz", "--flatten", "--rereloop", "-Oz", "-Oz"];

/// The one round for the variants that only tests use, which need not be small.
const QUICK_OPTIMIZATIONS: &[&str] = &["-O1"];

const STRIPPING: &[&str] = &["--strip-debug", "--strip-producers", "--strip-target-features"];

/// The documents that are copied into the package from the root.
const DOCUMENTS: &[&str] = &["README.md", "README.zh-CN.md", "LICENSE-MIT", "LICENSE-APACHE"];

/// Builds a variant from the sources only. The finished package replaces the earlier one at the end.
pub fn run(workspace: &Workspace, variant: Variant) -> Result<()> {
    setup::run(workspace, setup::BUILD, &[])?;
    let workshop = variant.workshop(workspace);
    let sources = workshop.join("src");
    let package = workshop.join("pkg");
    for stale in [&sources, &package, &workshop.join("made-of")] {
        remove(stale)?;
    }
    fs::create_dir_all(package.join("dist"))?;
    copy_tree(&workspace.template().join("src"), &sources)?;
    remove_trap_entries(variant, &sources)?;
    // Otherwise TypeScript would treat the sources as CommonJS.
    fs::write(workshop.join("package.json"), "{ \"type\": \"module\" }\n")?;
    link_libraries(workspace, &workshop)?;

    let compiled = compile(workspace, variant)?;
    bind(&compiled, &sources.join("wasm"))?;
    optimize(workspace, variant.optimizations(), &sources.join("wasm/ringback_bg.wasm"), &package.join("ringback.wasm"))?;
    bundle(workspace, variant, &workshop)?;
    write_licences(workspace, &workshop, &package.join("THIRD-PARTY-LICENSES"))?;
    declarations::write(workspace, &workshop, &package.join("dist/types"))?;
    describe(workspace, variant, &package)?;

    if variant == Variant::Release {
        let finished = workspace.package();
        remove(&finished)?;
        fs::rename(&package, &finished)?;
        sizes::print(workspace, &finished)?;
    }
    progress::say("build", &format!("{} {} is ready", variant.name(), workspace.version));
    Ok(())
}

/// Removes the entries that export the trap from all variants except the test variant.
fn remove_trap_entries(variant: Variant, sources: &Path) -> Result<()> {
    if variant != Variant::TestTrap {
        for source in ["entries/trap.ts", "entries/trap-cjs.ts", "core/trap.ts"] {
            fs::remove_file(sources.join(source))?;
        }
    }
    Ok(())
}

fn compile(workspace: &Workspace, variant: Variant) -> Result<PathBuf> {
    progress::say("build", "Rust to wasm ...");
    let mut cargo = process::cargo(&variant.crate_root(workspace));
    cargo.args(["rustc", "--profile", "wasm", "--target", "wasm32-unknown-unknown", "--package", "ringback-js"]);
    let compiled = variant.cargo_target(workspace);
    cargo.arg("--target-dir").arg(&compiled);
    cargo.args(["--lib", "--crate-type", "cdylib", "--config"]).arg(flags()?);
    process::run(cargo.args(variant.cargo_features()))?;
    Ok(compiled.join("wasm32-unknown-unknown/wasm/ringback_js.wasm"))
}

/// The stack size. The deepest call takes a few kilobytes. The constants follow the stack in memory: with a smaller stack their addresses in the
/// code are shorter, and an instance takes less memory.
const STACK: &str = "-Clink-arg=-zstack-size=131072";

/// The limit of inlining. Inlining only tiny functions keeps the download small.
const INLINING: &str = "-Cllvm-args=-inline-threshold=40";

/// Removes this machine's paths from the places of panics, so that they are not published and two builds are equal.
pub fn flags() -> Result<String> {
    let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))).context("no home directory")?;
    let registries = fs::read_dir(cargo_home.join("registry/src")).context("cargo has fetched no libraries")?;
    let flags = registries.map(|registry| Ok(format!("--remap-path-prefix={}/=", registry?.path().display())));
    let flags: Vec<String> = flags.chain([STACK, INLINING].into_iter().map(|flag| Ok(flag.to_owned()))).collect::<Result<_>>()?;
    Ok(format!("target.wasm32-unknown-unknown.rustflags={}", serde_json::to_string(&flags)?))
}

fn bind(compiled: &Path, destination: &Path) -> Result<()> {
    progress::say("build", "wasm-bindgen ...");
    Bindgen::new()
        .input_path(compiled)
        .out_name("ringback")
        .web(true)?
        .reset_state_function(true)
        // The loaders pass the wasm in. A default path would use `import.meta`, which CommonJS does not have.
        .omit_default_module_path(true)
        .typescript(true)
        // All supported runtimes have TextEncoder.encodeInto.
        .encode_into(EncodeInto::Always)
        .remove_producers_section(true)
        .generate(destination)
        .context("wasm-bindgen")
}

fn optimize(workspace: &Workspace, optimizations: &[&str], bound: &Path, destination: &Path) -> Result<()> {
    progress::say("build", "wasm-opt ...");
    let mut wasm_opt = npm::tool(workspace, "wasm-opt", &workspace.root);
    wasm_opt.args(optimizations).args(STRIPPING).args(WASM_FEATURES).arg(bound).arg("-o").arg(destination);
    process::output(&mut wasm_opt)?;
    // All entries share one wasm; a second copy must not be bundled by accident.
    fs::remove_file(bound)?;
    Ok(())
}

fn bundle(workspace: &Workspace, variant: Variant, workshop: &Path) -> Result<()> {
    let has_trap = variant == Variant::TestTrap;
    progress::say("build", "bundles ...");
    let mut modules = npm::tool(workspace, "esbuild", workshop);
    let sources = MODULES.iter().copied().chain(has_trap.then_some(TRAP_ENTRY));
    modules.args(sources.map(|source| format!("src/entries/{source}")));
    modules.args(["--outdir=pkg/dist", "--format=esm", "--splitting", "--chunk-names=core"]);
    process::output(modules.arg(SHORT_NAMES).args(BUNDLING))?;
    fs::create_dir_all(workshop.join("made-of"))?;
    for (source, bundle, format) in WHOLE.iter().copied().chain(has_trap.then_some(TRAP_WHOLE)) {
        let mut whole = npm::tool(workspace, "esbuild", workshop);
        whole.args([format!("src/entries/{source}"), format!("--outfile=pkg/dist/{bundle}"), format!("--format={format}")]);
        whole.args(DOWNLOADED.contains(&bundle).then_some(SHORT_NAMES));
        whole.args(PLAYED_PAGE.contains(&bundle).then_some("--inject:src/entries/played-page.ts"));
        process::output(whole.arg(format!("--metafile=made-of/{bundle}.json")).args(BUNDLING))?;
    }
    process::output(npm::tool(workspace, "esbuild", workshop).args(PROGRAM))?;
    move_sources_inside(&workshop.join("pkg/dist"))
}

/// Changes the source paths in the source maps to paths inside the package, where no other package's files can be. The maps contain the sources.
fn move_sources_inside(dist: &Path) -> Result<()> {
    for entry in fs::read_dir(dist)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "map") {
            continue;
        }
        let mut map: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
        for source in map["sources"].as_array_mut().context("a source map has no sources")? {
            let place = source.as_str().and_then(|place| place.strip_prefix("../../"));
            *source =
                format!("../{}", place.with_context(|| format!("{}: {source} has another form than expected", path.display()))?).into();
        }
        fs::write(&path, map.to_string())?;
    }
    Ok(())
}

/// Writes the licence texts of all libraries in the bundles.
fn write_licences(workspace: &Workspace, workshop: &Path, destination: &Path) -> Result<()> {
    let mut licences = process::node(&workspace.root);
    licences.arg("xtask/node/licences.mjs").arg(workshop).arg(workshop.join("made-of")).arg(destination);
    process::output(&mut licences)?;
    Ok(())
}

/// Links the bundled libraries into the working directory, so that they are found as from the template.
fn link_libraries(workspace: &Workspace, workshop: &Path) -> Result<()> {
    let link = workshop.join("node_modules");
    if link.symlink_metadata().is_ok() {
        return Ok(());
    }
    let libraries = workspace.template().join("node_modules");
    #[cfg(unix)]
    std::os::unix::fs::symlink(libraries, link)?;
    #[cfg(windows)]
    std::os::windows::fs::symlink_dir(libraries, link)?;
    Ok(())
}

fn describe(workspace: &Workspace, variant: Variant, package: &Path) -> Result<()> {
    let mut manifest = process::node(&workspace.root);
    manifest.arg("xtask/node/manifest.mjs").arg(workspace.template().join("package.json")).arg(package.join("package.json"));
    manifest.args([variant.name(), &workspace.version]);
    process::output(manifest.args((variant == Variant::TestTrap).then_some("trap")))?;
    for document in DOCUMENTS {
        let source = workspace.root.join(document);
        if source.is_file() {
            fs::copy(source, package.join(document))?;
        } else {
            progress::say("build", &format!("{document} does not exist and is not included"));
        }
    }
    Ok(())
}

/// Removes a directory if it exists.
pub fn remove(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory).with_context(|| format!("cannot remove {}", directory.display()))?;
    }
    Ok(())
}

/// Copies a directory with all its contents.
pub fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let destination = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &destination)?;
        } else {
            fs::copy(entry.path(), destination)?;
        }
    }
    Ok(())
}
