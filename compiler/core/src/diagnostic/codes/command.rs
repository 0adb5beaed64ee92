//! TC08xx: the command line and the project file.

super::codes! {}
