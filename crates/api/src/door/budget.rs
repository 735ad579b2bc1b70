//! A budget of cost for each client: a token bucket that every operation is charged its cost.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use serde::{Deserialize, Serialize};

/// How much a client may spend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rate {
    /// Cost that a client may spend at once. 0: nobody is limited.
    pub burst: u32,
    /// Cost that comes back every second.
    pub per_second: u32,
    /// How many times as much a client may spend that shows a token.
    pub token_factor: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self { burst: 300_000, per_second: 10_000, token_factor: 10 }
    }
}

/// Where a client stands after an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The most that can be spent at once.
    pub limit: u32,
    /// What the operation cost.
    pub cost: u32,
    /// What is left.
    pub remaining: u32,
    /// How long until everything is back.
    pub reset_after: Duration,
    /// When that is.
    pub reset_at: SystemTime,
}

/// Whoever has a budget.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Client {
    /// Someone at an address.
    Address(IpAddr),
    /// Who showed a token, wherever he is.
    Holder(Arc<str>),
}

impl From<IpAddr> for Client {
    /// Who has an IPv6 address has all of its network of 64 bits.
    fn from(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
            address @ IpAddr::V4(_) => address,
        })
    }
}

type Limiter = RateLimiter<Client, DefaultKeyedStateStore<Client>, DefaultClock, StateInformationMiddleware>;

/// The budgets of all clients.
#[derive(Debug)]
pub(super) struct Budgets {
    addresses: Budget,
    holders: Budget,
    charges: AtomicU32,
}

/// Budgets of one size.
#[derive(Debug)]
struct Budget {
    limiter: Limiter,
    burst: NonZeroU32,
    per_second: NonZeroU32,
}

/// After so many charges those are forgotten who have their whole budget again.
const CLEAN_EVERY: u32 = 10_000;

impl Budgets {
    /// Budgets of this size; `None` when nobody is limited.
    pub(super) fn new(rate: &Rate) -> Option<Self> {
        let factor = NonZeroU32::new(rate.token_factor).unwrap_or(NonZeroU32::MIN);
        Some(Self {
            addresses: Budget::new(rate, NonZeroU32::MIN)?,
            holders: Budget::new(rate, factor)?,
            charges: AtomicU32::new(0),
        })
    }

    fn of(&self, client: &Client) -> &Budget {
        match client {
            Client::Address(_) => &self.addresses,
            Client::Holder(_) => &self.holders,
        }
    }

    /// Charges a cost.
    ///
    /// # Errors
    /// The client has less than that left: how long it has to wait.
    pub(super) fn charge(&self, client: &Client, cost: u32) -> Result<Balance, Duration> {
        if self.charges.fetch_add(1, Ordering::Relaxed) % CLEAN_EVERY == CLEAN_EVERY - 1 {
            self.addresses.limiter.retain_recent();
            self.holders.limiter.retain_recent();
        }
        self.of(client).charge(client, cost)
    }

    /// The value of `RateLimit-Policy`: so much, in so many seconds.
    pub(super) fn policy(&self, client: &Client) -> String {
        let Budget { burst, per_second, .. } = self.of(client);
        format!("\"cost\";q={burst};w={}", burst.get().div_ceil(per_second.get()))
    }
}

impl Budget {
    fn new(rate: &Rate, factor: NonZeroU32) -> Option<Self> {
        let size = |size| NonZeroU32::new(size).map(|size| size.saturating_mul(factor));
        let (burst, per_second) = (size(rate.burst)?, size(rate.per_second)?);
        let quota = Quota::per_second(per_second).allow_burst(burst);
        let limiter = RateLimiter::keyed(quota).with_middleware::<StateInformationMiddleware>();
        Some(Self { limiter, burst, per_second })
    }

    fn charge(&self, client: &Client, cost: u32) -> Result<Balance, Duration> {
        let charged = NonZeroU32::new(cost).unwrap_or(NonZeroU32::MIN);
        match self.limiter.check_key_n(client, charged) {
            Ok(Ok(state)) => Ok(self.balance(cost, state.remaining_burst_capacity())),
            Ok(Err(not_until)) => Err(not_until.wait_time_from(DefaultClock::default().now())),
            // The configuration does not let the largest cost exceed the budget.
            Err(_) => Err(self.time_for(cost)),
        }
    }

    fn balance(&self, cost: u32, remaining: u32) -> Balance {
        let reset_after = self.time_for(self.burst.get().saturating_sub(remaining));
        Balance { limit: self.burst.get(), cost, remaining, reset_after, reset_at: SystemTime::now() + reset_after }
    }

    fn time_for(&self, cost: u32) -> Duration {
        Duration::from_secs_f64(f64::from(cost) / f64::from(self.per_second.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> Client {
        text.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn everyone_is_charged_the_cost_out_of_a_budget_of_his_own() {
        let budgets = Budgets::new(&Rate { burst: 100, per_second: 1, token_factor: 10 }).unwrap();
        let anna = client("192.0.2.1");
        assert_eq!(budgets.charge(&anna, 60).unwrap().remaining, 40);
        let wait = budgets.charge(&anna, 60).unwrap_err();
        assert!(wait > Duration::from_secs(18) && wait <= Duration::from_secs(20), "{wait:?}");
        assert_eq!(budgets.charge(&client("192.0.2.2"), 60).unwrap().remaining, 40);
        let balance = budgets.charge(&anna, 30).unwrap();
        assert_eq!((balance.limit, balance.cost, balance.remaining), (100, 30, 10));
        assert_eq!(balance.reset_after, Duration::from_secs(90));
        assert_eq!(budgets.policy(&anna), "\"cost\";q=100;w=100");
        let holder = Client::Holder("karvina".into());
        assert_eq!(budgets.charge(&holder, 60).unwrap().remaining, 940);
        assert_eq!(budgets.policy(&holder), "\"cost\";q=1000;w=100");
    }

    #[test]
    fn without_a_budget_nobody_is_limited() {
        assert!(Budgets::new(&Rate { burst: 0, per_second: 10, token_factor: 10 }).is_none());
    }

    #[test]
    fn a_network_of_64_bits_is_one_client() {
        assert_eq!(client("2001:db8::1"), client("2001:db8::ffff:1"));
        assert_ne!(client("2001:db8::1"), client("2001:db8:0:1::1"));
        assert_eq!(client("::ffff:192.0.2.1"), client("192.0.2.1"));
    }
}
