//! The libraries of the runtimes on Amazon Linux 2.
//!
//! Sources: the packages found in the file system of running functions (lambci/docker-lambda, `base/base-2/packages.txt`
//! with its `diff.txt` to the container image), a listing of `/lib64` in `provided.al2` (brefphp/aws-lambda-layers,
//! `utils/lib-check/al2-x64.txt`) and one of the arm64 container (`libs-arm.txt` there).

use crate::layer::elf::Version;

/// glibc 2.26.
pub(super) const GLIBC: Version = Version::new(2, 26, 0);
/// libstdc++.so.6.0.24 of GCC 7.3.
pub(super) const GLIBCXX: Version = Version::new(3, 4, 24);
/// As above.
pub(super) const CXXABI: Version = Version::new(1, 3, 11);

/// Found in all listings.
pub(super) const PRESENT: [&str; 70] = [
    "libBrokenLocale.so.1",
    "libacl.so.1",
    "libanl.so.1",
    "libattr.so.1",
    "libc.so.6",
    "libcap.so.2",
    "libcidn.so.1",
    "libcom_err.so.2",
    "libcrypto.so.10",
    "libdl.so.2",
    "libffi.so.6",
    "libform.so.6",
    "libformw.so.6",
    "libfreebl3.so",
    "libfreeblpriv3.so",
    "libgcc_s.so.1",
    "libgmp.so.10",
    "libgmpxx.so.4",
    "libgssapi_krb5.so.2",
    "libgssrpc.so.4",
    "libicudata.so.50",
    "libicui18n.so.50",
    "libicuio.so.50",
    "libicule.so.50",
    "libiculx.so.50",
    "libicutest.so.50",
    "libicutu.so.50",
    "libicuuc.so.50",
    "libk5crypto.so.3",
    "libkdb5.so.8",
    "libkeyutils.so.1",
    "libkrad.so.0",
    "libkrb5.so.3",
    "libkrb5support.so.0",
    "libm.so.6",
    "libmenu.so.6",
    "libmenuw.so.6",
    "libncurses.so.6",
    "libncursesw.so.6",
    "libnsl.so.1",
    "libnspr4.so",
    "libnss_compat.so.2",
    "libnss_dns.so.2",
    "libnss_files.so.2",
    "libnssutil3.so",
    "libp11-kit.so.0",
    "libpanel.so.6",
    "libpanelw.so.6",
    "libpcre.so.1",
    "libpcre16.so.0",
    "libpcre32.so.0",
    "libpcrecpp.so.0",
    "libpcreposix.so.0",
    "libplc4.so",
    "libplds4.so",
    "libpopt.so.0",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libselinux.so.1",
    "libsepol.so.1",
    "libssl.so.10",
    "libstdc++.so.6",
    "libtasn1.so.6",
    "libthread_db.so.1",
    "libtic.so.6",
    "libtinfo.so.6",
    "libutil.so.1",
    "libverto.so.1",
    "libz.so.1",
];

/// Listed in `provided.al2` and absent from the functions' file systems.
pub(super) const UNSURE: [&str; 27] = [
    "libbz2.so.1",
    "libcrypt.so.1",
    "libcurl.so.4",
    "libdb-5.3.so",
    "libelf.so.1",
    "libhistory.so.6",
    "libidn2.so.0",
    "liblber-2.4.so.2",
    "libldap-2.4.so.2",
    "libldap_r-2.4.so.2",
    "liblua-5.1.so",
    "liblzma.so.5",
    "libnghttp2.so.14",
    "libnss3.so",
    "libreadline.so.6",
    "librpm.so.3",
    "librpmio.so.3",
    "libsasl2.so.3",
    "libslapi-2.4.so.2",
    "libsmime3.so",
    "libsoftokn3.so",
    "libsqlite3.so.0",
    "libssh2.so.1",
    "libssl3.so",
    "libunistring.so.0",
    "libuuid.so.1",
    "libxml2.so.2",
];

/// Reported missing from the language runtimes: lambgeo/docker-lambda#34 (`libcurl`, `libxml2` in python3.8) and #37
/// (`liblzma` in Node.js), aws-lambda-base-images#120 (`libcurl` in python3.11), gkrizek/bash-lambda-layer#51
/// (`libuuid` in Node.js), navarasu/serverless-ruby-layer#38 (`libldap_r` in ruby2.7).
pub(super) const MISSED: [&str; 5] =
    ["libcurl.so.4", "libldap_r-2.4.so.2", "liblzma.so.5", "libuuid.so.1", "libxml2.so.2"];
