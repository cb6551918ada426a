//! Number and pauses of the retries of a failed request.

use std::time::Duration;

/// Policy for connection failures, 5xx, 429 and interrupted downloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Attempts in all, at least 1. Progress of a download restarts the count.
    pub attempts: u32,
    /// Pause before the second attempt; doubles with each further attempt.
    pub base: Duration,
    /// Longest pause, even if the `Retry-After` of the server requests a longer one.
    pub cap: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 5, base: Duration::from_secs(1), cap: Duration::from_secs(60) }
    }
}

impl Retry {
    /// Pause after the `failures`-th failure in a row (1-based); `retry_after` is that of the
    /// server.
    pub(super) fn pause(&self, failures: u32, retry_after: Option<Duration>) -> Duration {
        let doubled = 2u32.saturating_pow(failures.saturating_sub(1));
        let backed_off = self.base.saturating_mul(doubled);
        retry_after.unwrap_or(backed_off).max(backed_off).min(self.cap)
    }
}

/// Parses a `Retry-After` in seconds. The form with a date is ignored: the usual back-off suffices,
/// and the two clocks may differ.
pub(super) fn retry_after(header: Option<&str>) -> Option<Duration> {
    header?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRY: Retry =
        Retry { attempts: 5, base: Duration::from_secs(1), cap: Duration::from_secs(60) };

    #[test]
    fn pauses_double_up_to_the_cap() {
        let seconds = [1, 2, 3, 7, 99].map(|n| RETRY.pause(n, None).as_secs());
        assert_eq!(seconds, [1, 2, 4, 60, 60]);
    }

    #[test]
    fn the_server_may_request_more_but_not_hours() {
        let requested = |text| RETRY.pause(1, retry_after(Some(text))).as_secs();
        assert_eq!(requested("7"), 7);
        assert_eq!(requested("0"), 1);
        assert_eq!(requested("86400"), 60);
        assert_eq!(requested("Wed, 21 Oct 2015 07:28:00 GMT"), 1);
        assert_eq!(retry_after(None), None);
    }
}
