//! A budget of cost for each client: a token bucket.
//!
//! Each operation reserves its maximum cost before the execution. The part above its actual cost is refunded afterwards.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

/// The size of a client's budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rate {
    /// Cost that a client may spend at once. 0: unlimited.
    pub burst: u32,
    /// Cost that is restored per second.
    pub per_second: u32,
    /// Factor for the budget of a client with a token.
    pub token_factor: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self { burst: 300_000, per_second: 10_000, token_factor: 10 }
    }
}

/// The balance of a client's budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Maximum balance.
    pub limit: u32,
    /// The maximum cost of the operation, which was reserved.
    pub requested: u32,
    /// The charge for the operation: the reserved cost until the actual cost is known.
    pub cost: u32,
    /// The balance.
    pub remaining: u32,
    /// Time until the budget is full.
    pub reset_after: Duration,
    /// The time at which it is full.
    pub reset_at: SystemTime,
}

/// The owner of a budget.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Client {
    /// An anonymous client at an address.
    Address(IpAddr),
    /// The account of a token, at any address.
    Holder(Arc<str>),
}

impl From<IpAddr> for Client {
    /// An IPv6 client is a network of 64 bits, because its owner can use all addresses in it.
    fn from(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
            address @ IpAddr::V4(_) => address,
        })
    }
}

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
    buckets: Buckets<Client>,
    burst: NonZeroU32,
    per_second: NonZeroU32,
}

/// Number of charges after which clients with a full budget are removed.
const CLEAN_EVERY: u32 = 10_000;

impl Budgets {
    /// Budgets of this size; `None` if clients are not limited.
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
    /// The balance is lower than the cost: the time until it is sufficient.
    pub(super) fn charge(&self, client: &Client, cost: u32) -> Result<Balance, Duration> {
        let now = Instant::now();
        if self.charges.fetch_add(1, Ordering::Relaxed) % CLEAN_EVERY == CLEAN_EVERY - 1 {
            self.addresses.buckets.remove_full(now);
            self.holders.buckets.remove_full(now);
        }
        self.of(client).charge(client, cost, now)
    }

    /// Refunds the difference between the charge and the actual cost of an operation.
    pub(super) fn refund(&self, client: &Client, charged: &Balance, cost: u32) -> Balance {
        self.of(client).refund(client, charged, cost, Instant::now())
    }

    /// The value of `RateLimit-Policy`: the budget, and the seconds in which it is restored.
    pub(super) fn policy(&self, client: &Client) -> String {
        let Budget { burst, per_second, .. } = self.of(client);
        format!("\"cost\";q={burst};w={}", burst.get().div_ceil(per_second.get()))
    }
}

impl Budget {
    fn new(rate: &Rate, factor: NonZeroU32) -> Option<Self> {
        let size = |size| NonZeroU32::new(size).map(|size| size.saturating_mul(factor));
        let (burst, per_second) = (size(rate.burst)?, size(rate.per_second)?);
        Some(Self { buckets: Buckets::new(), burst, per_second })
    }

    fn charge(&self, client: &Client, cost: u32, now: Instant) -> Result<Balance, Duration> {
        let charged = cost.max(1);
        let full_after = self.buckets.spend(client, self.time_for(charged), self.time_for(self.burst.get()), now)?;
        Ok(self.balance(charged, charged, full_after))
    }

    fn refund(&self, client: &Client, charged: &Balance, cost: u32, now: Instant) -> Balance {
        let cost = cost.clamp(1, charged.cost);
        let full_after = self.buckets.put_back(client, self.time_for(charged.cost - cost), now);
        self.balance(charged.requested, cost, full_after)
    }

    fn balance(&self, requested: u32, cost: u32, reset_after: Duration) -> Balance {
        let spent = reset_after.as_nanos() * u128::from(self.per_second.get());
        let spent = u32::try_from(spent.div_ceil(NANOS)).unwrap_or(u32::MAX);
        Balance {
            limit: self.burst.get(),
            requested,
            cost,
            remaining: self.burst.get().saturating_sub(spent),
            reset_after,
            reset_at: SystemTime::now() + reset_after,
        }
    }

    /// The time in which a cost is restored.
    fn time_for(&self, cost: u32) -> Duration {
        let nanos = u128::from(cost) * NANOS / u128::from(self.per_second.get());
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

const NANOS: u128 = 1_000_000_000;

/// The number of parts into which the buckets are divided. Each has its own lock.
const PARTS: usize = 16;

/// The time at which the bucket of each key is full. Buckets that are missing are full.
#[derive(Debug)]
struct Buckets<K> {
    parts: [Mutex<HashMap<K, Instant>>; PARTS],
    hasher: RandomState,
}

impl<K: Clone + Eq + Hash> Buckets<K> {
    fn new() -> Self {
        Self { parts: std::array::from_fn(|_| Mutex::default()), hasher: RandomState::new() }
    }

    fn part(&self, key: &K) -> MutexGuard<'_, HashMap<K, Instant>> {
        // The remainder is smaller than the number of parts.
        let at = usize::try_from(self.hasher.hash_one(key) % PARTS as u64).unwrap_or_default();
        self.parts[at].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the amount that is restored in `time` from a bucket that is filled in `whole`; returns the time until it is
    /// full.
    ///
    /// # Errors
    /// The bucket contains less: the time until it contains enough.
    fn spend(&self, key: &K, time: Duration, whole: Duration, now: Instant) -> Result<Duration, Duration> {
        let mut part = self.part(key);
        let known = part.get_mut(key);
        let full_after = known.as_ref().map_or(Duration::ZERO, |full_at| full_at.saturating_duration_since(now));
        let full_after = full_after.saturating_add(time);
        if full_after > whole {
            return Err(full_after.saturating_sub(whole));
        }
        match known {
            Some(full_at) => *full_at = now + full_after,
            None => drop(part.insert(key.clone(), now + full_after)),
        }
        Ok(full_after)
    }

    /// Returns the amount that is restored in `time` to a bucket; returns the time until it is full.
    fn put_back(&self, key: &K, time: Duration, now: Instant) -> Duration {
        let mut part = self.part(key);
        let Some(full_at) = part.get_mut(key) else { return Duration::ZERO };
        let full_after = full_at.saturating_duration_since(now).saturating_sub(time);
        *full_at = now + full_after;
        full_after
    }

    fn remove_full(&self, now: Instant) {
        for part in &self.parts {
            part.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, full_at| *full_at > now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> Client {
        text.parse::<IpAddr>().unwrap().into()
    }

    fn budget(burst: u32, per_second: u32) -> Budget {
        Budget::new(&Rate { burst, per_second, token_factor: 1 }, NonZeroU32::MIN).unwrap()
    }

    #[test]
    fn each_client_has_its_own_budget() {
        let budgets = Budgets::new(&Rate { burst: 100, per_second: 1, token_factor: 10 }).unwrap();
        let anna = client("192.0.2.1");
        assert_eq!(budgets.charge(&anna, 60).unwrap().remaining, 40);
        let wait = budgets.charge(&anna, 60).unwrap_err();
        assert!(wait > Duration::from_secs(18) && wait <= Duration::from_secs(20), "{wait:?}");
        assert_eq!(budgets.charge(&client("192.0.2.2"), 60).unwrap().remaining, 40);
        assert_eq!(budgets.policy(&anna), "\"cost\";q=100;w=100");
        let holder = Client::Holder("karvina".into());
        assert_eq!(budgets.charge(&holder, 60).unwrap().remaining, 940);
        assert_eq!(budgets.policy(&holder), "\"cost\";q=1000;w=100");
    }

    #[test]
    fn the_budget_is_restored_over_time() {
        let (budget, anna, start) = (budget(100, 4), client("192.0.2.1"), Instant::now());
        let after = |millis| start + Duration::from_millis(millis);
        let balance = budget.charge(&anna, 90, start).unwrap();
        assert_eq!((balance.limit, balance.cost, balance.remaining), (100, 90, 10));
        assert_eq!(balance.reset_after, Duration::from_millis(22_500));
        assert_eq!(budget.charge(&anna, 10, start).unwrap().remaining, 0);
        assert_eq!(budget.charge(&anna, 1, start), Err(Duration::from_millis(250)));
        assert_eq!(budget.charge(&anna, 1, after(250)).unwrap().remaining, 0);
        assert_eq!(budget.charge(&anna, 1, after(1_000_000)).unwrap().remaining, 99);
        assert_eq!(budget.charge(&anna, 101, after(1_000_000)), Err(Duration::from_millis(500)));
    }

    #[test]
    fn the_difference_to_the_actual_cost_is_refunded_once() {
        let (budget, anna, start) = (budget(100, 1), client("192.0.2.1"), Instant::now());
        budget.charge(&anna, 10, start).unwrap();
        let reserved = budget.charge(&anna, 80, start).unwrap();
        let refunded = budget.refund(&anna, &reserved, 5, start);
        assert_eq!((refunded.requested, refunded.cost, refunded.remaining), (80, 5, 85));
        assert_eq!(refunded.reset_after, Duration::from_secs(15));
        // The actual cost is never above the reserved one, and at least one point.
        let reserved = budget.charge(&anna, 20, start).unwrap();
        assert_eq!(budget.refund(&anna, &reserved, 1_000, start).remaining, 65);
        let reserved = budget.charge(&anna, 20, start).unwrap();
        assert_eq!(budget.refund(&anna, &reserved, 0, start).remaining, 64);
        // Cost that was restored in the meantime is not refunded again.
        let reserved = budget.charge(&anna, 60, start).unwrap();
        assert_eq!(budget.refund(&anna, &reserved, 1, start + Duration::from_secs(1_000)).remaining, 100);
    }

    #[test]
    fn only_clients_with_a_reduced_budget_are_stored() {
        let (budget, start) = (budget(10, 1), Instant::now());
        for last in 0..200 {
            budget.charge(&client(&format!("192.0.2.{last}")), 1, start).unwrap();
        }
        let known = || budget.buckets.parts.iter().map(|part| part.lock().unwrap().len()).sum::<usize>();
        assert_eq!(known(), 200);
        let later = start + Duration::from_secs(2);
        budget.charge(&client("192.0.2.1"), 5, later).unwrap();
        budget.buckets.remove_full(later);
        assert_eq!(known(), 1);
    }

    #[test]
    fn the_largest_budgets_do_not_overflow() {
        let budgets = Budgets::new(&Rate { burst: u32::MAX, per_second: 1, token_factor: u32::MAX }).unwrap();
        let holder = Client::Holder("karvina".into());
        assert_eq!(budgets.charge(&holder, u32::MAX).unwrap().remaining, 0);
        let fast = Budgets::new(&Rate { burst: u32::MAX, per_second: u32::MAX, token_factor: 1 }).unwrap();
        assert!(fast.charge(&holder, 7).unwrap().remaining >= u32::MAX - 7);
    }

    #[test]
    fn without_a_budget_no_client_is_limited() {
        assert!(Budgets::new(&Rate { burst: 0, per_second: 10, token_factor: 10 }).is_none());
    }

    #[test]
    fn a_network_of_64_bits_is_one_client() {
        assert_eq!(client("2001:db8::1"), client("2001:db8::ffff:1"));
        assert_ne!(client("2001:db8::1"), client("2001:db8:0:1::1"));
        assert_eq!(client("::ffff:192.0.2.1"), client("192.0.2.1"));
    }
}
