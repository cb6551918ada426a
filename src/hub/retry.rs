//! How often and after which pause a failed request is repeated.

use std::thread;
use std::time::Duration;

/// Policy for connection failures, 5xx, 429 and downloads that break off.
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    /// Attempts in all, at least 1. A download that has moved on starts counting anew.
    pub attempts: u32,
    /// Pause before the second attempt; it doubles with every further one.
    pub base: Duration,
    /// Longest pause, also when the server's `Retry-After` asks for a longer one.
    pub cap: Duration,
    /// Longest silence of the server in an attempt, given the number of attempts before it.
    pub patience: fn(u32) -> Duration,
    /// Lets a pause pass.
    pub sleep: fn(Duration),
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 5,
            base: Duration::from_secs(1),
            cap: Duration::from_secs(60),
            patience: |_| Duration::from_secs(60),
            sleep: thread::sleep,
        }
    }
}

impl Retry {
    /// Waits after the `failures`-th failure in a row (from 1), given what the server asked for.
    pub(super) fn wait(&self, failures: u32, retry_after: Option<Duration>) {
        (self.sleep)(self.pause(failures, retry_after));
    }

    /// Pause after the `failures`-th failure in a row (from 1), given what the server asked for.
    fn pause(&self, failures: u32, retry_after: Option<Duration>) -> Duration {
        let doubled = 2u32.saturating_pow(failures.saturating_sub(1));
        let backed_off = self.base.saturating_mul(doubled);
        retry_after.unwrap_or(backed_off).max(backed_off).min(self.cap)
    }
}

/// `Retry-After` in its form in seconds. The form with a date is ignored: the usual back-off
/// serves as well, and the two clocks may differ.
pub(super) fn retry_after(header: Option<&str>) -> Option<Duration> {
    header?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_cap() {
        let retry = Retry::default();
        let seconds = [1, 2, 3, 7, 99].map(|n| retry.pause(n, None).as_secs());
        assert_eq!(seconds, [1, 2, 4, 60, 60]);
    }

    #[test]
    fn the_server_may_ask_for_more_but_not_for_hours() {
        let asked = |text| Retry::default().pause(1, retry_after(Some(text))).as_secs();
        assert_eq!(asked("7"), 7);
        assert_eq!(asked("0"), 1);
        assert_eq!(asked("86400"), 60);
        assert_eq!(asked("Wed, 21 Oct 2015 07:28:00 GMT"), 1);
        assert_eq!(retry_after(None), None);
    }
}
