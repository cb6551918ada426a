//! Place of this process among those that train one model together, as torchrun or srun says.

use std::num::NonZero;

use thiserror::Error;

/// Place of a process among several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rank {
    /// Its number, from 0.
    pub number: usize,
    /// Number of processes, two at least.
    pub size: usize,
    /// Its number among those of the same machine, which chooses its GPU.
    pub local: usize,
    /// Host of the store in which the processes meet.
    pub address: String,
    /// Port of it.
    pub port: u16,
    /// Which start of the processes this is, where an agent of torchrun serves the store; without one rank 0
    /// serves it.
    pub agent: Option<String>,
}

/// Variables that do not say where a process belongs.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RankError {
    /// Some are set, but not all.
    #[error(
        "{set} is set, but not {missing}; start the processes with torchrun --no-python or srun, or set RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, or none of them to train with one process"
    )]
    Missing {
        /// One that is set.
        set: &'static str,
        /// One that is not.
        missing: &'static str,
    },
    /// A variable is not such a number.
    #[error("{name} is {value:?}, expected a whole number{range}")]
    Number {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
        /// Numbers that are possible.
        range: String,
    },
}

/// Names of the variables of a launcher: rank, number of processes, and rank within the machine.
type Names = [&'static str; 3];

const TORCHRUN: Names = ["RANK", "WORLD_SIZE", "LOCAL_RANK"];
const SLURM: Names = ["SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID"];

/// An environment: the value of a variable.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The environment of this process.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Rank {
    /// The place that an environment says; `None` for a process that trains alone. Variables of Slurm count
    /// if MASTER_ADDR is set too, and there are several tasks.
    ///
    /// # Errors
    /// Variables are missing or are not such numbers.
    pub fn of(environment: Environment<'_>) -> Result<Option<Self>, RankError> {
        let get = |name: &str| environment(name).filter(|value| !value.is_empty());
        let is_set = |name: &&str| get(name).is_some();
        let tasks = get(SLURM[1]).and_then(|value| value.parse::<usize>().ok());
        let names = if TORCHRUN[..2].iter().any(is_set) {
            TORCHRUN
        } else if tasks.is_some_and(|tasks| tasks > 1)
            && is_set(&SLURM[0])
            && is_set(&"MASTER_ADDR")
        {
            SLURM
        } else {
            return Ok(None);
        };
        let set = *names.iter().find(|name| is_set(name)).unwrap_or(&names[0]);
        let need = |name: &'static str| get(name).ok_or(RankError::Missing { set, missing: name });
        let number = |name: &'static str, from: usize, to: usize| {
            let value = need(name)?;
            let found = value.parse().ok().filter(|number| (from..=to).contains(number));
            let range =
                if to == usize::MAX { String::new() } else { format!(" from {from} to {to}") };
            found.ok_or(RankError::Number { name, value, range })
        };
        let [rank, world, local] = names;
        const MOST: usize = 1 << 16;
        let size = number(world, 1, MOST)?;
        let rank = number(rank, 0, size - 1)?;
        if size == 1 {
            return Ok(None);
        }
        let agent = get("TORCHELASTIC_USE_AGENT_STORE").filter(|value| value == "True");
        Ok(Some(Self {
            number: rank,
            size,
            local: if is_set(&local) { number(local, 0, size - 1)? } else { 0 },
            address: need("MASTER_ADDR")?,
            port: number("MASTER_PORT", 1, usize::from(u16::MAX))? as u16,
            agent: agent.map(|_| get("TORCHELASTIC_RESTART_COUNT").unwrap_or_default()),
        }))
    }

    /// True if this process is rank 0, which writes the files of a run.
    pub fn is_first(&self) -> bool {
        self.number == 0
    }

    /// True if this process serves the store.
    pub fn serves(&self) -> bool {
        self.is_first() && self.agent.is_none()
    }
}

/// The share of `cores` that a process has where several train on this machine.
pub fn share_of_cores(environment: Environment<'_>, cores: NonZero<usize>) -> NonZero<usize> {
    if !matches!(Rank::of(environment), Ok(Some(_))) {
        return cores;
    }
    let get = |name: &str| environment(name)?.parse::<NonZero<usize>>().ok();
    let all = cores.get();
    let share = match (get("LOCAL_WORLD_SIZE"), get("SLURM_CPUS_PER_TASK")) {
        (Some(processes), _) => all / processes,
        // the cores that srun binds a task to are those of `cores`
        (None, Some(cpus)) => cpus.get().min(all),
        (None, None) => match (get("SLURM_CPUS_ON_NODE"), get("SLURM_NTASKS_PER_NODE")) {
            (Some(cpus), Some(tasks)) => (cpus.get() / tasks).min(all),
            _ => all,
        },
    };
    NonZero::new(share).unwrap_or(NonZero::<usize>::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<Option<Rank>, RankError> {
        Rank::of(&|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    const ALL: [(&str, &str); 4] =
        [("RANK", "1"), ("WORLD_SIZE", "3"), ("MASTER_ADDR", "node1"), ("MASTER_PORT", "29500")];

    #[test]
    fn the_variables_of_torchrun() {
        let rank = Rank {
            number: 1,
            size: 3,
            local: 0,
            address: "node1".into(),
            port: 29500,
            agent: None,
        };
        assert_eq!(of(&ALL), Ok(Some(rank.clone())));
        let elastic = [
            &ALL[..],
            &[
                ("LOCAL_RANK", "1"),
                ("TORCHELASTIC_USE_AGENT_STORE", "True"),
                ("TORCHELASTIC_RESTART_COUNT", "2"),
            ],
        ]
        .concat();
        assert_eq!(of(&elastic), Ok(Some(Rank { local: 1, agent: Some("2".into()), ..rank })));
        assert_eq!(of(&[("RANK", "0"), ("WORLD_SIZE", "1")]), Ok(None));
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&[("MASTER_ADDR", "left over"), ("RANK", "")]), Ok(None));
    }

    #[test]
    fn slurm_counts_with_several_tasks_and_an_address() {
        let slurm = [("SLURM_PROCID", "2"), ("SLURM_NTASKS", "4"), ("SLURM_LOCALID", "0")];
        assert_eq!(of(&slurm), Ok(None));
        let address = [("MASTER_ADDR", "node1"), ("MASTER_PORT", "29500")];
        let rank = of(&[&slurm[..], &address].concat()).unwrap().unwrap();
        assert_eq!((rank.number, rank.size, rank.local), (2, 4, 0));
        let one = [("SLURM_PROCID", "0"), ("SLURM_NTASKS", "1")];
        assert_eq!(of(&[&one[..], &address].concat()), Ok(None));
        let error = of(&[&slurm[..], &address[..1]].concat()).unwrap_err().to_string();
        assert!(error.contains("but not MASTER_PORT"), "{error}");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let with = |name: &str, value: &'static str| {
            let changed = ALL.map(|(n, v)| if n == name { (n, value) } else { (n, v) });
            of(&changed).unwrap_err().to_string()
        };
        for (name, value, part) in [
            ("RANK", "3", "RANK is \"3\", expected a whole number from 0 to 2"),
            ("RANK", "-1", "RANK is \"-1\""),
            ("RANK", "", "WORLD_SIZE is set, but not RANK"),
            ("WORLD_SIZE", "", "RANK is set, but not WORLD_SIZE"),
            ("WORLD_SIZE", "two", "WORLD_SIZE is \"two\""),
            ("WORLD_SIZE", "0", "WORLD_SIZE is \"0\""),
            ("MASTER_ADDR", "", "not MASTER_ADDR"),
            ("MASTER_PORT", "", "not MASTER_PORT"),
            ("MASTER_PORT", "70000", "from 1 to 65535"),
        ] {
            let message = with(name, value);
            assert!(message.contains(part), "{name}={value}: {message}");
        }
    }

    #[test]
    fn processes_of_a_machine_share_its_cores() {
        let share = |more: &[(&str, &str)], cores: usize| {
            let variables = [&ALL[..], more].concat();
            let get = |name: &str| {
                let found = variables.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            share_of_cores(&get, NonZero::new(cores).unwrap()).get()
        };
        assert_eq!(share(&[("LOCAL_WORLD_SIZE", "2")], 9), 4);
        assert_eq!(share(&[("LOCAL_WORLD_SIZE", "8")], 2), 1);
        assert_eq!(share(&[("SLURM_CPUS_PER_TASK", "4")], 16), 4);
        assert_eq!(share(&[("SLURM_CPUS_PER_TASK", "4")], 2), 2);
        assert_eq!(share(&[("SLURM_CPUS_ON_NODE", "8"), ("SLURM_NTASKS_PER_NODE", "2")], 8), 4);
        assert_eq!(share(&[], 6), 6);
        let none = |_: &str| None;
        assert_eq!(share_of_cores(&none, NonZero::new(5).unwrap()).get(), 5);
    }
}
