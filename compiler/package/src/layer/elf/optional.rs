//! Files that a distribution can do without: it looks whether they load, and goes on if they do not.

/// Why what a file lacks need not stop the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Optional {
    /// It needs the driver or the libraries of an accelerator.
    Accelerator,
    /// It is one of several ways to do the same; the distribution takes another.
    Alternative,
    /// It is loaded only when somebody asks for it.
    Plugin,
    /// It belongs to tests.
    Test,
}

/// The libraries of accelerators, by the beginnings of their names: CUDA and its driver, ROCm, oneAPI, OpenCL, and the
/// network of machines that have these. They come with the driver or with distributions of their own, and Lambda has
/// no such device.
const ACCELERATORS: [&str; 26] = [
    "libOpenCL.so",
    "libamdhip64.so",
    "libcublas",
    "libcuda.so",
    "libcudart.so",
    "libcudnn",
    "libcufft",
    "libcufile",
    "libcupti.so",
    "libcurand.so",
    "libcusolver",
    "libcusparse",
    "libhipblas",
    "libhsa-runtime64.so",
    "libibverbs.so",
    "libmlx5.so",
    "libnccl.so",
    "libnvJitLink.so",
    "libnvToolsExt.so",
    "libnvcuvid.so",
    "libnvidia-",
    "libnvinfer",
    "libnvrtc",
    "librdmacm.so",
    "librocm",
    "libze_loader.so",
];

/// The beginnings of the names of files that their distribution tries and goes without. Numba takes the first of TBB,
/// OpenMP and its own pool of threads that loads (Numba documentation, "The Threading Layers").
const ALTERNATIVES: [&str; 2] = ["omppool.", "tbbpool."];

/// The beginnings of the names of files that are loaded only when asked for: debuggers load the first into another
/// process.
const PLUGINS: [&str; 1] = ["attach_linux_"];

impl Optional {
    /// Why the file at `path` is optional where it needs the library `name`; `None` if it is not known to be.
    pub(super) fn of(path: &str, name: &str) -> Option<Self> {
        let (directories, file) = path.rsplit_once('/').unwrap_or(("", path));
        let within = |names: &[&str]| directories.split('/').any(|directory| names.contains(&directory));
        match () {
            () if ACCELERATORS.iter().any(|start| name.starts_with(start)) => Some(Self::Accelerator),
            () if ALTERNATIVES.iter().any(|start| file.starts_with(start)) => Some(Self::Alternative),
            () if PLUGINS.iter().any(|start| file.starts_with(start)) || within(&["plugins", "plugin"]) => {
                Some(Self::Plugin)
            }
            () if within(&["tests", "test"]) => Some(Self::Test),
            () => None,
        }
    }

    /// The reason as a line of help.
    pub(super) fn help(self) -> &'static str {
        match self {
            Self::Accelerator => {
                "a warning, since it is for a device that Lambda does not have, and is only loaded with one"
            }
            Self::Alternative => "a warning, since the distribution goes on without it",
            Self::Plugin => "a warning, since it is a plug-in that is loaded only when it is asked for",
            Self::Test => "a warning, since it belongs to tests",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_done_without_is_known() {
        for (path, name, wanted) in [
            ("python/torch/lib/libcaffe2_nvrtc.so", "libcuda.so.1", Some(Optional::Accelerator)),
            (
                "python/numba/np/ufunc/tbbpool.cpython-312-x86_64-linux-gnu.so",
                "libtbb.so.12",
                Some(Optional::Alternative),
            ),
            ("python/cv2/qt/plugins/platforms/libqxcb.so", "libxcb.so.1", Some(Optional::Plugin)),
            ("python/x/tests/_x.so", "libx.so.1", Some(Optional::Test)),
            ("python/lightgbm/lib/lib_lightgbm.so", "libgomp.so.1", None),
            ("python/cv2/cv2.abi3.so", "libGL.so.1", None),
        ] {
            assert_eq!(Optional::of(path, name), wanted, "{path}");
        }
    }
}
