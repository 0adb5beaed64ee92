//! Where the files of a layer are looked for outside of `/opt`.

/// What a tree of dependencies is laid over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `/opt`: as it is built.
    Layer,
    /// `/var/task`, the function's own code.
    Code,
    /// A directory on a file system, `assets.DEPS_PATH`, on the language's search path.
    FileSystem,
}

impl Place {
    /// The name of a file of a tree, below this place. Each language looks for its packages below another directory of
    /// `/opt` than of its code (Lambda Developer Guide, "Packaging your layer content": layer paths for each runtime;
    /// and the runtimes' own GEM_PATH and NODE_PATH).
    pub fn of(self, name: &str) -> String {
        let Some((first, rest)) = name.split_once('/').filter(|_| self != Self::Layer) else { return name.to_owned() };
        match (first, rest.split_once('/')) {
            ("python", Some(("lib", below))) => {
                // `python/lib/python3.13/site-packages/x` is the other place for Python.
                let below = below.split_once("/site-packages/").map_or(below, |(_, below)| below);
                below.to_owned()
            }
            ("python", _) => rest.to_owned(),
            ("nodejs", Some((version, below))) if version.starts_with("node") && below.starts_with("node_modules/") => {
                below.to_owned()
            }
            ("nodejs", _) => rest.to_owned(),
            ("ruby", Some(("gems", below))) if self == Self::Code => format!("vendor/bundle/ruby/{below}"),
            ("ruby", Some(("gems", below))) => format!("ruby/{below}"),
            ("ruby", Some(("lib", below))) => below.to_owned(),
            _ => name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stand_where_each_language_looks() {
        for (name, code, file_system) in [
            ("python/requests/__init__.py", "requests/__init__.py", "requests/__init__.py"),
            ("python/lib/python3.13/site-packages/a.py", "a.py", "a.py"),
            ("nodejs/node_modules/ms/index.js", "node_modules/ms/index.js", "node_modules/ms/index.js"),
            ("nodejs/node22/node_modules/ms/index.js", "node_modules/ms/index.js", "node_modules/ms/index.js"),
            ("nodejs/package.json", "package.json", "package.json"),
            ("ruby/gems/3.4.0/gems/a/a.rb", "vendor/bundle/ruby/3.4.0/gems/a/a.rb", "ruby/3.4.0/gems/a/a.rb"),
            ("ruby/lib/a.rb", "a.rb", "a.rb"),
            ("lib/libx.so", "lib/libx.so", "lib/libx.so"),
            ("model.bin", "model.bin", "model.bin"),
        ] {
            assert_eq!(Place::Layer.of(name), name);
            assert_eq!(Place::Code.of(name), code);
            assert_eq!(Place::FileSystem.of(name), file_system);
        }
    }
}
