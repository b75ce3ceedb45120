//! Which account a dial goes to, which one after a failure, and when no further one may be tried.
//!
//! A dial is tried at the next account only if it certainly rang no phone (`not-sent` or `refused`) and only for a fault of the account, not
//! of the call. After `unknown` nothing more is tried. So of all attempts of one dial, at most one ends otherwise than `not-sent` or `refused`.
//!
//! Everything here is pure: the time and a random number are arguments, and the caller keeps [`RouterHealth`] and [`Routing`].

mod condition;
mod fault;
mod state;

use serde::Serialize;

use crate::digest::{hex, sha1};
use crate::model::words::words;
use crate::model::{Delivery, Error, ErrorCode, ErrorReason, Operation, Options, Timestamp, Value, Zone};
use crate::provider::{self, Moment, Provider};
use crate::receive::ToJson;

pub use condition::{Hours, When};

/// How long an account rests after a failure of its own, unless the router says otherwise.
const COOLDOWN_MS: i64 = 30_000;
const LONGEST_COOLDOWN_MS: i64 = DAY_MS;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
const MINUTE_MS: i64 = 60_000;
const MOST_ROUTES: usize = 100;
const LARGEST_WEIGHT: i64 = 1_000_000;

/// One account of a router.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// The platform's name.
    pub provider: String,
    /// The account's name. Two accounts of one platform need different names.
    pub account: Option<String>,
    /// The share of dials that begin here. Either all routes have one or none: then the order of the list counts. A route of weight 0 is
    /// tried only after all others.
    pub weight: Option<u32>,
    /// The calls that the route is for. `None`: for all.
    pub when: Option<When>,
}

words! {
    /// The state of an account in a router.
    pub enum RouteState {
        /// Dials go to it.
        Available = "available" / "可用，呼叫会分配到该账号。",
        /// It has failed, and no dial goes to it until its rest is over.
        Resting = "resting" / "发生过故障，冷却期内不分配呼叫。",
        /// Its rest is over. One dial tries it, or the next one will; the others go elsewhere until that dial has ended.
        Trial = "trial" / "冷却期已结束，由一次呼叫试探；试探结束前其他呼叫走别的账号。",
    }
}

/// An account of a router with its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct RouteHealth {
    /// The platform's name.
    pub provider: String,
    /// The account's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// If dials go to it.
    pub state: RouteState,
    /// When its last failure was, ISO 8601 with offset. Absent if it is available.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// When its rest ends or has ended. Absent if it is available.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The reason of its last failure. Absent if it is available.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ErrorReason>,
}

/// The state of a router's accounts, as learned from its dials. All dials of one router share it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RouterHealth {
    failures: Vec<Option<Failed>>,
    /// Counts the trials, so that each has a number.
    trials: i64,
}

/// An account that has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Failed {
    at: i64,
    reason: ErrorReason,
    /// The number of the trial that runs; 0 for none.
    trial: i64,
}

/// One dial on its way through the accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Routing {
    tried: Vec<usize>,
    /// The attempt at the last of them runs.
    is_running: bool,
    /// The number of its trial; 0 if it is none.
    trial: i64,
    is_over: bool,
}

/// An attempt to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteAttempt {
    /// The index of the route.
    pub route: usize,
    /// True if the account has rested, and this dial finds out if it works again.
    pub is_trial: bool,
}

/// The result of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptEnd {
    /// The platform accepted the dial.
    Accepted,
    /// It failed with an error of this kind.
    Failed {
        /// The fate of the request.
        delivery: Delivery,
        /// The error's code.
        code: ErrorCode,
        /// The error's reason.
        reason: ErrorReason,
    },
}

impl From<&Error> for AttemptEnd {
    fn from(error: &Error) -> Self {
        Self::Failed { delivery: error.delivery, code: error.code, reason: error.reason }
    }
}

/// The result of a step of a dial: the next attempt, and the state to keep, for drivers in other languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RouterStep {
    /// The state of the accounts.
    pub health: RouterHealth,
    /// The state of the dial.
    pub dial: Routing,
    /// The next attempt. Absent: the last one's result is the dial's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<RouteAttempt>,
    /// Until when the account of the attempt that has ended rests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rests: Option<Timestamp>,
    /// The account of the attempt that has ended works again.
    pub recovers: bool,
}

impl ToJson for RouterStep {}
impl ToJson for Vec<RouteHealth> {}

/// A change of an account's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthChange {
    /// The account rests.
    Rests {
        /// Until then, in milliseconds after 1970.
        until_ms: i64,
    },
    /// The account had failed before, and works again.
    Recovers,
}

/// Several accounts behind one dial. It decides, and keeps nothing.
///
/// ```
/// use ringback::{AttemptEnd, Delivery, ErrorCode, ErrorReason, Route, Router, RouterHealth, Routing};
///
/// let route = |provider: &str| Route { provider: provider.to_owned(), ..Route::default() };
/// let router = Router::new(vec![route("mixcom"), route("quanmayun")])?;
/// let (mut health, mut dial) = (RouterHealth::default(), Routing::default());
/// let now = 1_583_142_000_123;
///
/// // The first account has no money, so the second is tried. The random number counts only where routes have weights.
/// let attempt = router.next(&mut health, &mut dial, "13900000002", now, 0.5)?.expect("an account");
/// assert_eq!(attempt.route, 0);
/// let no_money =
///     AttemptEnd::Failed { delivery: Delivery::Refused, code: ErrorCode::InsufficientBalance, reason: ErrorReason::InsufficientBalance };
/// router.end(&mut health, &mut dial, no_money, now);
/// let attempt = router.next(&mut health, &mut dial, "13900000002", now, 0.5)?.expect("another account");
/// assert_eq!(attempt.route, 1);
///
/// // Nobody knows if the second platform placed the call, so nothing more is tried.
/// let no_answer = AttemptEnd::Failed { delivery: Delivery::Unknown, code: ErrorCode::Timeout, reason: ErrorReason::NoAnswerInTime };
/// router.end(&mut health, &mut dial, no_answer, now);
/// assert_eq!(router.next(&mut health, &mut dial, "13900000002", now, 0.5)?, None);
/// # Ok::<(), ringback::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Router {
    routes: Vec<Route>,
    /// The most accounts that one dial tries.
    max_attempts: usize,
    cooldown_ms: i64,
}

impl Router {
    /// A router over these accounts, which tries all of them and lets an account rest for 30 seconds.
    ///
    /// # Errors
    /// `invalid-argument` naming the route.
    pub fn new(routes: Vec<Route>) -> Result<Self, Error> {
        let max_attempts = routes.len();
        check_routes(&routes)?;
        Ok(Self { routes, max_attempts, cooldown_ms: COOLDOWN_MS })
    }

    /// The same router, which tries at most so many accounts for one dial; at least one.
    #[must_use]
    pub fn with_max_attempts(mut self, most: usize) -> Self {
        self.max_attempts = most.max(1);
        self
    }

    /// The same router, which lets an account rest for so many milliseconds after a failure of its own. 0: accounts do not rest.
    #[must_use]
    pub fn with_cooldown_ms(mut self, ms: i64) -> Self {
        self.cooldown_ms = ms.clamp(0, LONGEST_COOLDOWN_MS);
        self
    }

    /// Reads the options of `createRouter`, in which the account of each route is given separately.
    ///
    /// # Errors
    /// `invalid-argument` naming the option.
    pub fn read(mut options: Options, accounts: Value) -> Result<Self, Error> {
        options.check_names("option of a router", &["routes", "maxAttempts", "cooldownMs"])?;
        let given = read_list(options.take("routes"), "routes", ROUTES_HINT)?;
        let mut accounts = read_list(accounts, "routes", ROUTES_HINT)?.into_iter();
        let mut routes = Vec::with_capacity(given.len());
        let mut identities = Vec::with_capacity(given.len());
        for (at, route) in given.into_iter().enumerate() {
            let mut account = accounts.next().and_then(Options::from_value).unwrap_or_default();
            let identity = account.take_text("identity", ROUTES_HINT)?;
            if let Some(first) = identities.iter().position(|other| identity.is_some() && *other == identity) {
                return Err(duplicate(at, first));
            }
            identities.push(identity);
            routes.push(Route::read(route, account).map_err(|error| error.within(&format!("routes[{at}]")))?);
        }
        let most = i64::try_from(routes.len().max(1)).unwrap_or(i64::MAX);
        let max_attempts = options.take_integer("maxAttempts", 1, most)?;
        let cooldown = options.take_integer("cooldownMs", 0, LONGEST_COOLDOWN_MS)?;
        let router = Self::new(routes)?.with_cooldown_ms(cooldown.unwrap_or(COOLDOWN_MS));
        Ok(match max_attempts.and_then(|most| usize::try_from(most).ok()) {
            Some(most) => router.with_max_attempts(most),
            None => router,
        })
    }

    /// Chooses the account of the next attempt; `None` if there is none: then the last attempt's result is the dial's. `random` is at least
    /// 0 and below 1, another one for each call. Each attempt must be reported with [`Router::end`].
    ///
    /// # Errors
    /// Before the first attempt, if no route is for this call, or if all that are rest.
    pub fn next(
        &self,
        health: &mut RouterHealth,
        dial: &mut Routing,
        callee: &str,
        now_ms: i64,
        random: f64,
    ) -> Result<Option<RouteAttempt>, Error> {
        if dial.is_over || dial.is_running || dial.tried.len() >= self.max_attempts {
            return Ok(None);
        }
        let matching = |route: &Route| route.when.as_ref().is_none_or(|when| when.holds(callee, now_ms));
        let open: Vec<usize> = (0..self.routes.len()).filter(|at| !dial.tried.contains(at) && matching(&self.routes[*at])).collect();
        let ready: Vec<usize> = open.iter().copied().filter(|at| self.is_ready(health.failed(*at), now_ms)).collect();
        let Some(route) = self.choose(&ready, random) else {
            return if dial.tried.is_empty() { Err(self.explain_none(health, &open, now_ms)) } else { Ok(None) };
        };
        let trial = health.begin_trial(route);
        dial.tried.push(route);
        (dial.is_running, dial.trial) = (true, trial);
        Ok(Some(RouteAttempt { route, is_trial: trial != 0 }))
    }

    /// Notes how the attempt ended that [`Router::next`] gave. Returns the change of its account's health.
    pub fn end(&self, health: &mut RouterHealth, dial: &mut Routing, end: AttemptEnd, now_ms: i64) -> Option<HealthChange> {
        let (route, trial) = (dial.tried.last().copied().filter(|_| dial.is_running)?, dial.trial);
        dial.is_running = false;
        dial.is_over |= !end.permits_another();
        let known = health.entry(route);
        let failed = match (end, end.shows_working()) {
            (AttemptEnd::Failed { reason, .. }, Some(false)) if self.cooldown_ms > 0 => reason,
            (_, Some(true)) => return known.take().map(|_| HealthChange::Recovers),
            _ => {
                // It tells nothing: the next dial may be the trial.
                if let Some(failed) = known.as_mut().filter(|failed| failed.trial == trial) {
                    failed.trial = 0;
                }
                return None;
            }
        };
        // Another dial's trial goes on.
        let running = known.filter(|failed| failed.trial != trial).map_or(0, |failed| failed.trial);
        *known = Some(Failed { at: now_ms, reason: failed, trial: running });
        Some(HealthChange::Rests { until_ms: now_ms.saturating_add(self.cooldown_ms) })
    }

    /// One step of a dial for drivers in other languages: notes how the last attempt ended, if one has, and chooses the next one.
    ///
    /// # Errors
    /// As [`Router::next`].
    pub fn step(
        &self,
        mut health: RouterHealth,
        mut dial: Routing,
        ended: Option<AttemptEnd>,
        callee: &str,
        now_ms: i64,
        random: f64,
    ) -> Result<RouterStep, Error> {
        let change = ended.and_then(|end| self.end(&mut health, &mut dial, end, now_ms));
        let next = self.next(&mut health, &mut dial, callee, now_ms, random)?;
        let rests = match change {
            Some(HealthChange::Rests { until_ms }) => Some(Timestamp::new(until_ms, Zone::BEIJING)),
            _ => None,
        };
        Ok(RouterStep { health, dial, next, rests, recovers: change == Some(HealthChange::Recovers) })
    }

    /// Ends a dial: no further account is tried for it, because its time is up, say.
    pub fn stop(dial: &mut Routing) {
        dial.is_over = true;
    }

    /// Lists the accounts with their state.
    #[must_use]
    pub fn health(&self, health: &RouterHealth, now_ms: i64) -> Vec<RouteHealth> {
        let shown = |ms| Timestamp::new(ms, Zone::BEIJING);
        let entry = |(at, route): (usize, &Route)| {
            let failed = health.failed(at);
            RouteHealth {
                provider: route.provider.clone(),
                account: route.account.clone(),
                state: match failed {
                    None => RouteState::Available,
                    Some(failed) if failed.trial != 0 || self.is_over(failed, now_ms) => RouteState::Trial,
                    Some(_) => RouteState::Resting,
                },
                since: failed.map(|failed| shown(failed.at)),
                until: failed.map(|failed| shown(failed.at.saturating_add(self.cooldown_ms))),
                reason: failed.map(|failed| failed.reason),
            }
        };
        self.routes.iter().enumerate().map(entry).collect()
    }

    fn is_ready(&self, failed: Option<Failed>, now_ms: i64) -> bool {
        failed.is_none_or(|failed| failed.trial == 0 && self.is_over(failed, now_ms))
    }

    /// Returns true if the rest is over. It is as well if the clock was set back.
    fn is_over(&self, failed: Failed, now_ms: i64) -> bool {
        !(failed.at..failed.at.saturating_add(self.cooldown_ms)).contains(&now_ms)
    }

    /// The first of the list, or one by weight.
    fn choose(&self, ready: &[usize], random: f64) -> Option<usize> {
        let weight = |at: usize| f64::from(self.routes[at].weight.unwrap_or(0));
        let mut left = random.clamp(0.0, 1.0) * ready.iter().map(|at| weight(*at)).sum::<f64>();
        let drawn = ready.iter().copied().find(|at| {
            left -= weight(*at);
            left < 0.0
        });
        // Rounding may leave nothing drawn; then the last one that has a weight.
        drawn.or_else(|| ready.iter().copied().rfind(|at| weight(*at) > 0.0)).or_else(|| ready.first().copied())
    }

    fn explain_none(&self, health: &RouterHealth, open: &[usize], now_ms: i64) -> Error {
        let mut error = if open.is_empty() {
            let message = "no route of the router is for this callee at this time";
            Error::new(ErrorCode::Unsupported, ErrorReason::NoRoute, Delivery::NotSent, message)
                .with_hint("add a route without `when`, which is for all calls")
        } else {
            let ends = open.iter().filter_map(|at| Some(health.failed(*at)?.at.saturating_add(self.cooldown_ms)));
            let wait = ends.min().unwrap_or(now_ms).saturating_sub(now_ms).max(0);
            let message = "every account that is for this call rests after a failure of its own";
            Error::new(ErrorCode::ProviderUnavailable, ErrorReason::AccountsResting, Delivery::NotSent, message)
                .with_hint(format!("dial again in {} s, and see health() for what failed", (wait + 999) / 1000))
        };
        error.retryable = !open.is_empty();
        error.operation = Some("dial");
        error
    }
}

impl RouterHealth {
    fn failed(&self, route: usize) -> Option<Failed> {
        self.failures.get(route).copied().flatten()
    }

    fn entry(&mut self, route: usize) -> &mut Option<Failed> {
        if self.failures.len() <= route {
            self.failures.resize(route + 1, None);
        }
        &mut self.failures[route]
    }

    /// Returns the number of the trial that begins; 0 if the account has not failed.
    fn begin_trial(&mut self, route: usize) -> i64 {
        if self.failed(route).is_none() {
            return 0;
        }
        self.trials += 1;
        let trial = self.trials;
        if let Some(failed) = self.entry(route) {
            failed.trial = trial;
        }
        trial
    }
}

impl Route {
    fn read(given: Value, mut account: Options) -> Result<Self, Error> {
        let wrong = || Error::invalid(ErrorReason::WrongType, "route", "is not an object", ROUTES_HINT);
        let mut given = Options::from_value(given).ok_or_else(wrong)?;
        given.check_names("option of a route", &["client", "weight", "when"])?;
        let hint = "pass a client of createClient";
        Ok(Self {
            provider: account.require_text("provider", hint)?,
            account: account.take_text("account", hint)?,
            weight: given.take_integer("weight", 0, LARGEST_WEIGHT)?.and_then(|weight| u32::try_from(weight).ok()),
            when: if given.has("when") {
                Some(When::read(given.take_object("when")?).map_err(|error| error.within("when"))?)
            } else {
                None
            },
        })
    }
}

const ROUTES_HINT: &str = "pass [{ client }, …]";

fn read_list(value: Value, field: &str, hint: &str) -> Result<Vec<Value>, Error> {
    match value {
        Value::List(items) => Ok(items),
        Value::Absent => Err(Error::invalid(ErrorReason::Missing, field, "is missing", hint)),
        _ => Err(Error::invalid(ErrorReason::WrongType, field, "is not a list", hint)),
    }
}

fn check_routes(routes: &[Route]) -> Result<(), Error> {
    if routes.is_empty() {
        return Err(Error::invalid(ErrorReason::Empty, "routes", "is empty", ROUTES_HINT));
    }
    if routes.len() > MOST_ROUTES {
        let wrong = format!("has more than {MOST_ROUTES} routes");
        return Err(Error::invalid(ErrorReason::OutOfRange, "routes", &wrong, "make several routers"));
    }
    for (at, route) in routes.iter().enumerate() {
        if let Some(first) = routes[..at].iter().position(|other| (&other.provider, &other.account) == (&route.provider, &route.account)) {
            return Err(duplicate(at, first));
        }
    }
    let without = routes.iter().position(|route| route.weight.is_none());
    if let Some(at) = without.filter(|_| routes.iter().any(|route| route.weight.is_some())) {
        let hint = "give every route a weight, 0 for one that is only tried after the others, or none of them";
        return Err(Error::invalid(ErrorReason::Missing, &format!("routes[{at}].weight"), "is missing: other routes have one", hint));
    }
    Ok(())
}

/// The error of two routes of one account.
fn duplicate(at: usize, first: usize) -> Error {
    let wrong = format!("is of the same account as routes[{first}]");
    let hint = "list each account once, and give two accounts of one platform different names: createClient({ account, … })";
    Error::invalid(ErrorReason::Duplicate, &format!("routes[{at}].client"), &wrong, hint)
}

/// Returns a digest of an account's address and credentials, which is the same for the same account under whatever name. It is compared and
/// never shown.
#[must_use]
pub fn identify_account(provider: &dyn Provider) -> String {
    let (platform, credentials) = (provider.platform(), provider.credentials());
    let values = platform.credentials.iter().map(|credential| credentials.reveal(credential.name));
    let all: Vec<&str> = [platform.name, provider.account().base_url.as_str()].into_iter().chain(values).collect();
    hex(sha1(all.join("\n")))
}

/// Checks that a dial can be sent to an account, by building its request. A router does so at every account before the first attempt, so that
/// none is tried with a dial that another one would refuse for its fields.
///
/// # Errors
/// `unsupported`, or `invalid-argument` naming the parameter.
pub fn check_dial(provider: &dyn Provider, dial: Operation) -> Result<(), Error> {
    provider::prepare_request(provider, dial, &Moment::from(0).or_placeholder()).map(drop)
}
