//! Limits of control groups: those of version 1 and 2, and of every group from that of this process up
//! to the outermost one that can be seen, as any of them may be the tightest. Slurm and systemd nest
//! groups and set limits on outer ones.

use std::{
    ffi::OsString,
    fs,
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
};

/// A limit of a control group, and what is used of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// The file with the limit.
    pub file: PathBuf,
    /// The limit.
    pub limit: u64,
    /// Part of it that is used.
    pub used: u64,
}

impl Usage {
    /// Part of the limit that is left.
    pub fn left(&self) -> u64 {
        self.limit.saturating_sub(self.used)
    }
}

/// Names of the files of one kind of control group.
struct Files {
    limit: &'static str,
    used: &'static str,
    /// Entry of `memory.stat` that counts as used but is given up when memory is needed.
    cache: Option<&'static str>,
}

const MEMORY_V1: Files = Files {
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    cache: Some("total_inactive_file"),
};
const MEMORY_V2: Files =
    Files { limit: "memory.max", used: "memory.current", cache: Some("inactive_file") };
const PIDS: Files = Files { limit: "pids.max", used: "pids.current", cache: None };

/// The limit of memory, in bytes, of which least is left. `root` is `/`, or a copy of its `/proc` and
/// `/sys` in tests. `None` without a limit.
pub fn memory(root: &Path) -> Option<Usage> {
    tightest(root, "memory", &MEMORY_V1, &MEMORY_V2)
}

/// The limit of processes and threads of which least is left; `root` is as in [`memory`].
pub fn pids(root: &Path) -> Option<Usage> {
    tightest(root, "pids", &PIDS, &PIDS)
}

fn tightest(root: &Path, controller: &str, v1: &Files, v2: &Files) -> Option<Usage> {
    let own = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let mounts = fs::read(root.join("proc/self/mountinfo")).ok()?;
    let mounts = mounts.split(|&byte| byte == b'\n').filter_map(Mount::parse);
    let limits = mounts.flat_map(|mount| {
        let files = if mount.is_v2 { v2 } else { v1 };
        let group = group(&own, if mount.is_v2 { "" } else { controller });
        let group = group.filter(|_| mount.has(controller));
        let levels = group.map_or_else(Vec::new, |group| mount.levels(root, group));
        levels.into_iter().filter_map(|level| usage(&level, files))
    });
    limits.min_by_key(Usage::left)
}

/// The path of this process's group: of version 2 if `controller` is empty.
fn group<'a>(own: &'a str, controller: &str) -> Option<&'a Path> {
    own.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let mut controllers = fields.next()?.split(',');
        controllers.any(|name| name == controller).then_some(Path::new(fields.next()?))
    })
}

/// A mounted tree of control groups.
struct Mount {
    /// Group at the top of the tree.
    top: PathBuf,
    folder: PathBuf,
    is_v2: bool,
    /// Controllers of version 1, among other options.
    options: String,
}

impl Mount {
    /// Reads a line of mountinfo; `None` for other file systems.
    fn parse(line: &[u8]) -> Option<Self> {
        let fields: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
        let end = fields.iter().position(|field| *field == b"-")?;
        let is_v2 = match *fields.get(end + 1)? {
            b"cgroup" => false,
            b"cgroup2" => true,
            _ => return None,
        };
        Some(Self {
            top: unescaped(fields.get(3)?),
            folder: unescaped(fields.get(4)?),
            is_v2,
            options: String::from_utf8_lossy(fields.get(end + 3)?).into_owned(),
        })
    }

    fn has(&self, controller: &str) -> bool {
        self.is_v2 || self.options.split(',').any(|option| option == controller)
    }

    /// Folders of a group and of those around it, up to the top of the tree.
    fn levels(&self, root: &Path, group: &Path) -> Vec<PathBuf> {
        // in a container the path may be that of the host, of which the tree shows a part or nothing
        let below = group.strip_prefix(&self.top).or_else(|_| group.strip_prefix("/"));
        let below = below.unwrap_or(Path::new(""));
        let top = root.join(self.folder.strip_prefix("/").unwrap_or(&self.folder));
        below.ancestors().map(|part| top.join(part)).collect()
    }
}

/// A path of mountinfo: blanks and the like are octal there (`\040`).
fn unescaped(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..3).filter(|_| first == b'\\');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[3..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    OsString::from_vec(bytes).into()
}

/// The limit of one group; `None` if it has none.
fn usage(folder: &Path, files: &Files) -> Option<Usage> {
    /// Version 1 has the largest number of pages for no limit.
    const NONE: u64 = 1 << 62;
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let number = |name: &str| read(name)?.trim().parse::<u64>().ok();
    let limit = number(files.limit).filter(|&limit| limit < NONE)?;
    let cache = files.cache.and_then(|key| {
        let stat = read("memory.stat")?;
        let value = |line: &str| line.strip_prefix(key)?.strip_prefix(' ')?.trim().parse().ok();
        stat.lines().find_map(value)
    });
    let used = number(files.used).unwrap_or(0).saturating_sub(cache.unwrap_or(0));
    Some(Usage { file: folder.join(files.limit), limit, used })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A copy of `/proc` and `/sys` with these files.
    fn system(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    fn left(limit: Option<Usage>) -> Option<u64> {
        limit.map(|limit| limit.left())
    }

    const V2: (&str, &str) = (
        "proc/self/mountinfo",
        "22 1 0:20 / / rw - ext4 /dev/sda1 rw\n\
         30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
    );

    #[test]
    fn of_a_flat_tree_of_version_2() {
        let root = system(&[
            V2,
            ("proc/self/cgroup", "0::/\n"),
            ("sys/fs/cgroup/memory.max", "1000\n"),
            ("sys/fs/cgroup/memory.current", "700\n"),
            ("sys/fs/cgroup/memory.stat", "anon 300\nfile 400\ninactive_file 350\n"),
            ("sys/fs/cgroup/pids.max", "20\n"),
            ("sys/fs/cgroup/pids.current", "15\n"),
        ]);
        assert_eq!(left(memory(root.path())), Some(650));
        let file = root.path().join("sys/fs/cgroup/pids.max");
        assert_eq!(pids(root.path()), Some(Usage { file, limit: 20, used: 15 }));
    }

    /// Slurm: the limit is on the job, and the step and the task in it have none, or a wider one.
    #[test]
    fn of_any_level_of_version_2() {
        const JOB: &str = "sys/fs/cgroup/system.slice/slurmstepd.scope/job_7";
        let files = |task: &'static str, step: &'static str, job: &'static str| {
            let root = system(&[
                V2,
                (
                    "proc/self/cgroup",
                    "0::/system.slice/slurmstepd.scope/job_7/step_0/user/task_0\n",
                ),
                (&format!("{JOB}/step_0/user/task_0/memory.max"), task),
                (&format!("{JOB}/step_0/user/task_0/memory.current"), "10\n"),
                (&format!("{JOB}/step_0/memory.max"), step),
                (&format!("{JOB}/step_0/memory.current"), "30\n"),
                (&format!("{JOB}/memory.max"), job),
                (&format!("{JOB}/memory.current"), "100\n"),
            ]);
            left(memory(root.path()))
        };
        assert_eq!(files("max\n", "max\n", "4000\n"), Some(3900));
        assert_eq!(files("max\n", "500\n", "4000\n"), Some(470));
        assert_eq!(files("300\n", "500\n", "4000\n"), Some(290));
        assert_eq!(files("max\n", "500\n", "120\n"), Some(20));
        assert_eq!(files("max\n", "500\n", "90\n"), Some(0), "over its limit");
        assert_eq!(files("max\n", "max\n", "max\n"), None);
    }

    const V1: (&str, &str) = (
        "proc/self/mountinfo",
        "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n\
         32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n\
         35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
         39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n",
    );

    const UNLIMITED: &str = "9223372036854771712\n";

    #[test]
    fn of_any_level_of_version_1() {
        const SLURM: &str = "sys/fs/cgroup/memory/slurm";
        let root = system(&[
            V1,
            (
                "proc/self/cgroup",
                "9:name=systemd:/\n8:pids:/slurm/uid_5\n4:memory:/slurm/uid_5/job_7/step_0\n3:cpu,cpuacct:/\n",
            ),
            (&format!("{SLURM}/uid_5/job_7/step_0/memory.limit_in_bytes"), UNLIMITED),
            (&format!("{SLURM}/uid_5/job_7/memory.limit_in_bytes"), "5000\n"),
            (&format!("{SLURM}/uid_5/job_7/memory.usage_in_bytes"), "2000\n"),
            (
                &format!("{SLURM}/uid_5/job_7/memory.stat"),
                "inactive_file 1\ntotal_inactive_file 500\n",
            ),
            (&format!("{SLURM}/uid_5/memory.limit_in_bytes"), UNLIMITED),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", UNLIMITED),
            ("sys/fs/cgroup/pids/slurm/pids.max", "100\n"),
            ("sys/fs/cgroup/pids/slurm/pids.current", "98\n"),
            ("sys/fs/cgroup/pids/slurm/uid_5/pids.max", "max\n"),
        ]);
        assert_eq!(left(memory(root.path())), Some(3500));
        assert_eq!(left(pids(root.path())), Some(2));
    }

    /// A container without a namespace of its own sees its group at the top of the tree, under the path
    /// that the host has for it, or a path that leads nowhere.
    #[test]
    fn of_a_container() {
        let container = |own: &str| {
            let root = system(&[
                (
                    "proc/self/mountinfo",
                    "35 31 0:32 /docker/ab\\040c /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
                ),
                ("proc/self/cgroup", own),
                ("sys/fs/cgroup/memory/memory.limit_in_bytes", "1000\n"),
                ("sys/fs/cgroup/memory/inner/memory.limit_in_bytes", "800\n"),
            ]);
            left(memory(root.path()))
        };
        assert_eq!(container("4:memory:/docker/ab c\n"), Some(1000));
        assert_eq!(container("4:memory:/docker/ab c/inner\n"), Some(800));
        assert_eq!(container("4:memory:/elsewhere/on/the/host\n"), Some(1000));
        assert_eq!(container("4:cpu:/\n"), None);
    }

    /// Memory by version 1 beside a tree of version 2 that counts processes.
    #[test]
    fn of_both_versions_at_once() {
        let root = system(&[
            (
                "proc/self/mountinfo",
                "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
                 41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
            ),
            ("proc/self/cgroup", "4:memory:/app\n0::/app.slice/one\n"),
            ("sys/fs/cgroup/memory/app/memory.limit_in_bytes", "1000\n"),
            ("sys/fs/cgroup/unified/app.slice/one/pids.max", "50\n"),
            ("sys/fs/cgroup/unified/app.slice/pids.max", "40\n"),
        ]);
        assert_eq!(left(memory(root.path())), Some(1000));
        assert_eq!(left(pids(root.path())), Some(40));
    }

    #[test]
    fn there_may_be_none() {
        let root = system(&[]);
        assert_eq!(memory(root.path()), None);
        let root = system(&[V2, ("proc/self/cgroup", "garbage\n0:\n::\n")]);
        assert_eq!(memory(root.path()), None);
        let _ = memory(Path::new("/"));
    }
}
