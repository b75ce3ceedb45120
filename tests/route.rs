//! Tests the router's decisions: every rule by itself, and a million random sequences of outcomes.

use ringback::{
    AttemptEnd, Delivery, ErrorCode, ErrorReason, HealthChange, Hours, Options, Route, RouteState, Router, RouterHealth, Routing, Value,
    When, Zone,
};

/// 2020-03-02T17:48:20.123+08:00
const NOW: i64 = 1_583_142_500_123;
const CALLEE: &str = "13900000002";

fn route(provider: &str) -> Route {
    Route { provider: provider.to_owned(), ..Route::default() }
}

fn routes(count: usize) -> Vec<Route> {
    (0..count).map(|at| Route { account: Some(format!("a{at}")), ..route("mixcom") }).collect()
}

fn failed(delivery: Delivery, code: ErrorCode, reason: ErrorReason) -> AttemptEnd {
    AttemptEnd::Failed { delivery, code, reason }
}

fn no_money() -> AttemptEnd {
    failed(Delivery::Refused, ErrorCode::InsufficientBalance, ErrorReason::InsufficientBalance)
}

/// A router with its health.
struct World {
    router: Router,
    health: RouterHealth,
    now: i64,
}

impl World {
    fn new(router: Router) -> Self {
        Self { router, health: RouterHealth::default(), now: NOW }
    }

    fn next(&mut self, dial: &mut Routing) -> Option<usize> {
        self.router.next(&mut self.health, dial, CALLEE, self.now, 0.0).expect("a route").map(|attempt| attempt.route)
    }

    fn end(&mut self, dial: &mut Routing, end: AttemptEnd) -> Option<HealthChange> {
        self.router.end(&mut self.health, dial, end, self.now)
    }

    /// Dials once, where each attempt ends like this. Returns the routes that were tried.
    fn dial(&mut self, ends: &[AttemptEnd]) -> Vec<usize> {
        let mut dial = Routing::default();
        let mut tried = Vec::new();
        for end in ends {
            let Some(route) = self.next(&mut dial) else { break };
            tried.push(route);
            self.end(&mut dial, *end);
        }
        assert!(tried.len() < ends.len() || self.next(&mut dial).is_none(), "the test gives too few ends");
        tried
    }

    fn states(&self) -> Vec<RouteState> {
        self.router.health(&self.health, self.now).iter().map(|route| route.state).collect()
    }
}

/// The reasons for which another account is tried, by the issue's own list: no balance, credentials, an address or right that is not granted, a
/// rate or capacity limit, a platform that says it is ill, no connection; and a caller's number that is registered with one account.
const ANOTHER: [ErrorReason; 17] = [
    ErrorReason::InsufficientBalance,
    ErrorReason::Authentication,
    ErrorReason::BadSignature,
    ErrorReason::ClockSkew,
    ErrorReason::Forbidden,
    ErrorReason::AddressNotAllowed,
    ErrorReason::CallerNotRegistered,
    ErrorReason::RateLimited,
    ErrorReason::ProviderUnavailable,
    ErrorReason::ConnectionRefused,
    ErrorReason::NameNotFound,
    ErrorReason::ConnectTimeout,
    ErrorReason::Unreachable,
    ErrorReason::BadCertificate,
    ErrorReason::TlsFailed,
    ErrorReason::ForbiddenPort,
    ErrorReason::ConnectFailed,
];

#[test]
fn another_account_is_tried_for_faults_of_the_account_only() {
    for reason in ErrorReason::ALL {
        for code in ErrorCode::ALL {
            for delivery in Delivery::ALL {
                let mut world = World::new(Router::new(routes(2)).unwrap());
                let tried = world.dial(&[failed(*delivery, *code, *reason), AttemptEnd::Accepted]);
                let goes_on = *delivery != Delivery::Unknown && ANOTHER.contains(reason);
                assert_eq!(tried.len(), if goes_on { 2 } else { 1 }, "{delivery:?} {code:?} {reason:?}");
            }
        }
    }
}

#[test]
fn nothing_follows_an_accepted_dial() {
    let mut world = World::new(Router::new(routes(2)).unwrap());
    assert_eq!(world.dial(&[AttemptEnd::Accepted, AttemptEnd::Accepted]), [0]);
}

#[test]
fn no_further_attempt_is_given_while_one_runs_or_after_a_stop() {
    let mut world = World::new(Router::new(routes(2)).unwrap());
    let mut dial = Routing::default();
    assert_eq!(world.next(&mut dial), Some(0));
    assert_eq!(world.next(&mut dial), None);
    world.end(&mut dial, no_money());
    Router::stop(&mut dial);
    assert_eq!(world.next(&mut dial), None);
    // An end without an attempt changes nothing.
    let before = world.health.clone();
    assert_eq!(world.end(&mut dial, no_money()), None);
    assert_eq!(world.health, before);
}

#[test]
fn each_account_is_tried_once_in_the_order_of_the_list() {
    let mut world = World::new(Router::new(routes(3)).unwrap());
    assert_eq!(world.dial(&[no_money(); 4]), [0, 1, 2]);
    let mut world = World::new(Router::new(routes(3)).unwrap().with_max_attempts(2));
    assert_eq!(world.dial(&[no_money(); 4]), [0, 1]);
}

#[test]
fn weights_share_the_first_attempts_and_0_comes_last() {
    let weighted = |weights: &[u32]| {
        let routes = routes(weights.len()).into_iter().zip(weights).map(|(route, weight)| Route { weight: Some(*weight), ..route });
        Router::new(routes.collect()).unwrap()
    };
    let first = |router: &Router, random: f64| {
        router.next(&mut RouterHealth::default(), &mut Routing::default(), CALLEE, NOW, random).unwrap().unwrap().route
    };
    let router = weighted(&[1, 3, 0]);
    let mut counts = [0; 3];
    for step in 0..1000 {
        counts[first(&router, f64::from(step) / 1000.0)] += 1;
    }
    assert_eq!(counts, [250, 750, 0]);
    // A random number that a host may not give.
    assert_eq!(first(&router, 1.0), 1);
    assert_eq!(first(&router, f64::NAN), 1);
    // All others failed: only the one of weight 0 is left.
    let mut world = World::new(weighted(&[0, 5, 5]));
    assert_eq!(world.dial(&[no_money(); 4]), [1, 2, 0]);
    assert_eq!(first(&weighted(&[0, 0]), 0.9), 0);
}

#[test]
fn a_condition_holds_for_the_callees_area_and_the_time_of_day() {
    let with = |when: When| Router::new(vec![Route { when: Some(when), ..route("mixcom") }]).unwrap();
    let fits = |router: &Router, callee: &str, now: i64| {
        router.next(&mut RouterHealth::default(), &mut Routing::default(), callee, now, 0.0).map(|attempt| attempt.is_some())
    };
    let shanghai = with(When { area_codes: vec!["021".into(), "0755".into()], hours: None });
    for (callee, expected) in [
        ("021-28000123", true),
        ("+86 755 2800 0123", true),
        ("(0755) 28000123", true),
        ("010-28000123", false),
        ("13900000002", false),
        ("4008001234", false),
        ("+852 6123 4567", false),
        ("not a number", false),
    ] {
        let found = fits(&shanghai, callee, NOW);
        assert_eq!(found.is_ok(), expected, "{callee}");
        if let Err(error) = found {
            assert_eq!((error.code, error.reason, error.delivery), (ErrorCode::Unsupported, ErrorReason::NoRoute, Delivery::NotSent));
            assert!(!error.retryable);
        }
    }
    // 17:48 in Beijing is 09:48 in UTC.
    let hours = |from, to, zone| with(When { area_codes: vec![], hours: Some(Hours { from, to, zone }) });
    let minute = |hour: u16, minute: u16| hour * 60 + minute;
    for (from, to, zone, expected) in [
        (minute(9, 0), minute(18, 0), Zone::BEIJING, true),
        (minute(17, 48), minute(17, 49), Zone::BEIJING, true),
        (minute(9, 0), minute(17, 48), Zone::BEIJING, false),
        (minute(9, 0), minute(17, 0), Zone::UTC, true),
        (minute(17, 0), minute(18, 0), Zone::UTC, false),
        (minute(22, 0), minute(6, 0), Zone::BEIJING, false),
        (minute(17, 0), minute(6, 0), Zone::BEIJING, true),
        (minute(22, 0), minute(18, 0), Zone::BEIJING, true),
        (minute(0, 0), minute(24, 0), Zone::BEIJING, true),
    ] {
        assert_eq!(fits(&hours(from, to, zone), CALLEE, NOW).is_ok(), expected, "{from} to {to}");
    }
}

#[test]
fn an_account_rests_after_its_own_failure_and_one_trial_brings_it_back() {
    let mut world = World::new(Router::new(routes(2)).unwrap().with_cooldown_ms(10_000));
    let mut dial = Routing::default();
    assert_eq!(world.next(&mut dial), Some(0));
    assert_eq!(world.end(&mut dial, no_money()), Some(HealthChange::Rests { until_ms: NOW + 10_000 }));
    assert_eq!(world.states(), [RouteState::Resting, RouteState::Available]);
    let shown = &world.router.health(&world.health, NOW)[0];
    assert_eq!(shown.reason, Some(ErrorReason::InsufficientBalance));
    assert_eq!(shown.until.map(|until| until.to_string()).as_deref(), Some("2020-03-02T17:48:30.123+08:00"));

    world.now += 9_999;
    assert_eq!(world.dial(&[AttemptEnd::Accepted; 2]), [1]);
    // Its rest is over: one dial tries it, and the others go elsewhere meanwhile.
    world.now += 1;
    assert_eq!(world.states()[0], RouteState::Trial);
    let (mut trial, mut other) = (Routing::default(), Routing::default());
    let attempt = world.router.next(&mut world.health, &mut trial, CALLEE, world.now, 0.0).unwrap().unwrap();
    assert_eq!((attempt.route, attempt.is_trial), (0, true));
    assert_eq!(world.next(&mut other), Some(1));
    assert_eq!(world.states()[0], RouteState::Trial);
    // It fails again and rests again; then the next trial brings it back.
    assert_eq!(world.end(&mut trial, no_money()), Some(HealthChange::Rests { until_ms: world.now + 10_000 }));
    assert_eq!(world.states()[0], RouteState::Resting);
    world.now += 10_000;
    let mut trial = Routing::default();
    assert_eq!(world.next(&mut trial), Some(0));
    assert_eq!(world.end(&mut trial, AttemptEnd::Accepted), Some(HealthChange::Recovers));
    assert_eq!(world.states(), [RouteState::Available; 2]);
}

#[test]
fn what_an_attempt_shows_of_its_account() {
    use Delivery::{NotSent, Refused, Unknown};
    use RouteState::{Available, Resting};
    for (end, expected) in [
        (failed(Unknown, ErrorCode::Timeout, ErrorReason::NoAnswerInTime), Resting),
        (failed(Unknown, ErrorCode::Network, ErrorReason::ConnectionLost), Resting),
        (failed(Unknown, ErrorCode::ProviderUnavailable, ErrorReason::ProviderUnavailable), Resting),
        (failed(Unknown, ErrorCode::MalformedResponse, ErrorReason::UnreadableAnswer), Resting),
        (failed(NotSent, ErrorCode::Network, ErrorReason::ConnectionRefused), Resting),
        (failed(Refused, ErrorCode::RateLimited, ErrorReason::RateLimited), Resting),
        // The platform answers, so the account works.
        (failed(Refused, ErrorCode::LineBusy, ErrorReason::LineBusy), Available),
        (failed(Refused, ErrorCode::Rejected, ErrorReason::Rejected), Available),
        (failed(Refused, ErrorCode::Forbidden, ErrorReason::CallerNotRegistered), Available),
        // The caller or the program ended it.
        (failed(Unknown, ErrorCode::Aborted, ErrorReason::Aborted), Available),
        (failed(NotSent, ErrorCode::Aborted, ErrorReason::Aborted), Available),
        (failed(NotSent, ErrorCode::InvalidArgument, ErrorReason::WrongLength), Available),
        (failed(Unknown, ErrorCode::Internal, ErrorReason::Defect), Available),
    ] {
        let mut world = World::new(Router::new(routes(1)).unwrap());
        world.dial(&[end]);
        assert_eq!(world.states(), [expected], "{end:?}");
    }
}

#[test]
fn a_trial_that_tells_nothing_leaves_the_next_dial_to_be_the_trial() {
    let mut world = World::new(Router::new(routes(1)).unwrap().with_cooldown_ms(1000));
    world.dial(&[no_money()]);
    world.now += 1000;
    let mut dial = Routing::default();
    assert_eq!(world.next(&mut dial), Some(0));
    world.end(&mut dial, failed(Delivery::Unknown, ErrorCode::Aborted, ErrorReason::Aborted));
    assert_eq!(world.states(), [RouteState::Trial]);
    assert_eq!(world.dial(&[AttemptEnd::Accepted]), [0]);
    assert_eq!(world.states(), [RouteState::Available]);
}

#[test]
fn a_dial_is_not_sent_while_all_accounts_rest() {
    let mut world = World::new(Router::new(routes(2)).unwrap().with_cooldown_ms(10_000));
    world.dial(&[no_money(); 3]);
    world.now += 2_500;
    let error = world.router.next(&mut world.health, &mut Routing::default(), CALLEE, world.now, 0.0).unwrap_err();
    assert_eq!(
        (error.code, error.reason, error.delivery),
        (ErrorCode::ProviderUnavailable, ErrorReason::AccountsResting, Delivery::NotSent)
    );
    assert!(error.retryable && error.hint.as_deref().is_some_and(|hint| hint.contains("8 s")), "{error:?}");
    // A clock that is set back does not make them rest for ever.
    world.now = NOW - 86_400_000;
    assert_eq!(world.dial(&[AttemptEnd::Accepted]), [0]);
}

#[test]
fn a_cooldown_of_0_lets_no_account_rest() {
    let mut world = World::new(Router::new(routes(2)).unwrap().with_cooldown_ms(0));
    assert_eq!(world.dial(&[no_money(); 3]), [0, 1]);
    assert_eq!(world.states(), [RouteState::Available; 2]);
    assert_eq!(world.dial(&[no_money(); 3]), [0, 1]);
}

#[test]
fn state_survives_the_way_through_json() {
    let mut world = World::new(Router::new(routes(3)).unwrap().with_cooldown_ms(1000));
    world.dial(&[no_money(), AttemptEnd::Accepted, AttemptEnd::Accepted]);
    world.now += 1000;
    let mut dial = Routing::default();
    world.next(&mut dial);
    let through = |json: String| Value::from_json(&json).expect("JSON");
    let health = RouterHealth::from_value(through(serde_json::to_string(&world.health).unwrap()));
    assert_eq!(health, world.health);
    assert_eq!(Routing::from_value(through(serde_json::to_string(&dial).unwrap())), dial);
    assert_eq!(Routing::from_value(Value::Absent), Routing::default());
}

#[test]
fn no_attempt_follows_an_unreadable_state_of_a_dial() {
    let router = Router::new(routes(3)).unwrap();
    let junk = [
        "7",
        "[]",
        "{}",
        r#"{"failures":[7,{}],"tried":"x","running":[1]}"#,
        r#"{"tried":[],"isRunning":false,"trial":0}"#,
        r#"{"tried":[0.5],"isRunning":false,"trial":0,"isOver":false}"#,
        r#"{"tried":[0],"isRunning":0,"trial":0,"isOver":false}"#,
    ];
    for junk in junk {
        let value = || Value::from_json(junk).expect("JSON");
        let mut health = RouterHealth::from_value(value());
        assert_eq!(router.health(&health, NOW).len(), 3, "{junk}");
        let mut dial = Routing::from_value(value());
        assert_eq!(router.next(&mut health, &mut dial, "13900000002", NOW, 0.5).unwrap(), None, "{junk}");
    }
}

#[test]
fn words_of_an_end_are_read_and_unknown_words_end_the_dial() {
    assert_eq!(AttemptEnd::from_words(None, None, None), AttemptEnd::Accepted);
    let refused = AttemptEnd::from_words(Some("refused"), Some("insufficient-balance"), Some("insufficient-balance"));
    assert_eq!(refused, no_money());
    let strange = AttemptEnd::from_words(Some("perhaps"), Some("new-code"), Some("new-reason"));
    assert_eq!(strange, failed(Delivery::Unknown, ErrorCode::Internal, ErrorReason::Defect));
    assert!(matches!(AttemptEnd::from_words(Some("refused"), None, None), AttemptEnd::Failed { reason: ErrorReason::Defect, .. }));
}

#[test]
fn wrong_options_are_named() {
    let accounts = r#"[{"provider":"mixcom","identity":"1"},{"provider":"quanmayun","identity":"2"},{"provider":"mixcom","account":"b","identity":"3"}]"#;
    let read = |options: &str, accounts: &str| {
        Router::read(Options::from_json("options", options).expect("options"), Value::from_json(accounts).expect("accounts"))
    };
    assert!(read(r#"{"routes":[{"weight":1,"when":{"from":"22:00","to":"24:00","timeZone":"Z"}},{"weight":0},{"weight":3,"when":{"areaCodes":["021"]}}],"maxAttempts":3,"cooldownMs":0}"#, accounts).is_ok());
    for (options, field, reason) in [
        ("{}", "routes", "missing"),
        (r#"{"routes":[]}"#, "routes", "empty"),
        (r#"{"routes":"x"}"#, "routes", "wrong-type"),
        (r#"{"routes":[{}],"cooldown":5}"#, "cooldown", "unknown-option"),
        (r#"{"routes":[{}],"cooldownMs":-1}"#, "cooldownMs", "out-of-range"),
        (r#"{"routes":[{}],"cooldownMs":86400001}"#, "cooldownMs", "out-of-range"),
        (r#"{"routes":[{}],"maxAttempts":0}"#, "maxAttempts", "out-of-range"),
        (r#"{"routes":[{}],"maxAttempts":2}"#, "maxAttempts", "out-of-range"),
        (r#"{"routes":[{},{"wieght":1}]}"#, "routes[1].wieght", "unknown-option"),
        (r#"{"routes":[{"weight":"1"}]}"#, "routes[0].weight", "wrong-type"),
        (r#"{"routes":[{"weight":0.5}]}"#, "routes[0].weight", "not-a-whole-number"),
        (r#"{"routes":[{"weight":-1}]}"#, "routes[0].weight", "out-of-range"),
        (r#"{"routes":[{"weight":1},{}]}"#, "routes[1].weight", "missing"),
        (r#"{"routes":[{"when":5}]}"#, "routes[0].when", "wrong-type"),
        (r#"{"routes":[{"when":{"area":"021"}}]}"#, "routes[0].when.area", "unknown-option"),
        (r#"{"routes":[{"when":{"areaCodes":[21]}}]}"#, "routes[0].when.areaCodes", "wrong-type"),
        (r#"{"routes":[{"when":{"areaCodes":["21"]}}]}"#, "routes[0].when.areaCodes", "wrong-format"),
        (r#"{"routes":[{"when":{"areaCodes":["02"]}}]}"#, "routes[0].when.areaCodes", "wrong-format"),
        (r#"{"routes":[{"when":{"areaCodes":["0213"]}}]}"#, "routes[0].when.areaCodes", "wrong-format"),
        (r#"{"routes":[{"when":{"from":"9:00","to":"18:00"}}]}"#, "routes[0].when.from", "wrong-format"),
        (r#"{"routes":[{"when":{"from":"24:00","to":"18:00"}}]}"#, "routes[0].when.from", "wrong-format"),
        (r#"{"routes":[{"when":{"from":"09:00","to":"18:60"}}]}"#, "routes[0].when.to", "wrong-format"),
        (r#"{"routes":[{"when":{"from":"09:00"}}]}"#, "routes[0].when.to", "missing"),
        (r#"{"routes":[{"when":{"to":"09:00"}}]}"#, "routes[0].when.from", "missing"),
        (r#"{"routes":[{"when":{"from":"09:00","to":"09:00"}}]}"#, "routes[0].when.to", "reversed-range"),
        (r#"{"routes":[{"when":{"timeZone":"Asia/Shanghai"}}]}"#, "routes[0].when.timeZone", "wrong-format"),
    ] {
        let error = read(options, accounts).expect_err(options);
        assert_eq!((error.field.as_deref(), error.reason.as_str()), (Some(field), reason), "{options}: {}", error.message);
        assert_eq!(error.delivery, Delivery::NotSent);
        assert!(error.hint.is_some(), "{options}");
    }
    for accounts in [
        // Two without a name, two of one name, and the same credentials under two names.
        r#"[{"provider":"mixcom","identity":"1"},{"provider":"mixcom","identity":"2"}]"#,
        r#"[{"provider":"mixcom","account":"a","identity":"1"},{"provider":"mixcom","account":"a","identity":"2"}]"#,
        r#"[{"provider":"mixcom","account":"a","identity":"1"},{"provider":"mixcom","account":"b","identity":"1"}]"#,
    ] {
        let error = read(r#"{"routes":[{},{}]}"#, accounts).expect_err(accounts);
        assert_eq!((error.field.as_deref(), error.reason), (Some("routes[1].client"), ErrorReason::Duplicate), "{accounts}");
    }
    let many = Router::new(routes(101)).unwrap_err();
    assert_eq!((many.field.as_deref(), many.reason), (Some("routes"), ErrorReason::OutOfRange));
}

#[test]
fn the_identity_of_an_account_is_its_address_and_credentials() {
    let open = |options: &str| {
        let account = ringback::open_account(Options::from_json("options", options).unwrap()).unwrap();
        ringback::identify_account(&*account)
    };
    let plain = open(r#"{"provider":"mixcom","appKey":"k","appSecret":"s"}"#);
    assert_eq!(plain, open(r#"{"provider":"mixcom","account":"b","appKey":"k","appSecret":"s","timeoutMs":5}"#));
    for other in [
        r#"{"provider":"mixcom","appKey":"k","appSecret":"t"}"#,
        r#"{"provider":"mixcom","appKey":"l","appSecret":"s"}"#,
        r#"{"provider":"dingxin","appKey":"k","appSecret":"s"}"#,
        r#"{"provider":"mixcom","appKey":"k","appSecret":"s","baseUrl":"https://other.example"}"#,
    ] {
        assert_ne!(plain, open(other), "{other}");
    }
}

/// Xorshift, so that the sequences are the same at each run.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    fn of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    fn fraction(&mut self) -> f64 {
        // 32 bits are exact.
        f64::from(u32::try_from(self.next() >> 32).unwrap()) / f64::from(u32::MAX)
    }

    /// Any end: also those that no client produces.
    fn end(&mut self) -> AttemptEnd {
        if self.below(6) == 0 {
            return AttemptEnd::Accepted;
        }
        let reason = if self.below(2) == 0 { self.of(&ANOTHER) } else { self.of(ErrorReason::ALL) };
        failed(self.of(Delivery::ALL), self.of(ErrorCode::ALL), reason)
    }

    fn router(&mut self) -> Router {
        let count = 1 + self.below(6);
        let is_weighted = self.below(2) == 0;
        let routes = routes(count).into_iter().map(|route| Route {
            weight: is_weighted.then(|| u32::try_from(self.below(4)).unwrap()),
            when: (self.below(8) == 0).then(|| When {
                area_codes: if self.below(3) == 0 { vec!["021".into()] } else { vec![] },
                hours: Some(Hours { from: 540, to: 1080, zone: Zone::BEIJING }),
            }),
            ..route
        });
        let routes = routes.collect();
        let (most, cooldown) = (1 + self.below(7), self.of(&[0, 0, 500, 5_000]));
        Router::new(routes).unwrap().with_max_attempts(most).with_cooldown_ms(cooldown)
    }
}

/// A dial in flight: its state, the ends of its attempts so far, and the route of the attempt that runs, with whether it is a trial.
type Flying = (Routing, Vec<(usize, AttemptEnd)>, Option<(usize, bool)>);

/// One million dials, up to eight at a time at each router, with any outcome in any order, and the state through JSON now and then.
#[test]
fn in_a_million_random_sequences_at_most_one_attempt_may_have_rung_a_phone() {
    const DIALS: usize = 1_000_000;
    let mut draw = Draw(0x9e37_79b9_7f4a_7c15);
    let (mut dials, mut attempts, mut unrouted, mut doubles, mut trials, mut longest) = (0, 0, 0, 0, 0, 0);
    while dials < DIALS {
        let mut router = draw.router();
        let (mut health, mut now) = (RouterHealth::default(), NOW);
        let mut flying: Vec<Flying> = Vec::new();
        for _ in 0..200 {
            now += i64::try_from(draw.below(2_000)).unwrap() - 100;
            if draw.below(50) == 0 {
                // The same accounts with other settings.
                router = router.with_cooldown_ms(draw.of(&[0, 0, 500, 5_000]));
            }
            if flying.len() < 8 && draw.below(2) == 0 {
                flying.push((Routing::default(), Vec::new(), None));
                dials += 1;
            }
            if flying.is_empty() {
                continue;
            }
            let at = draw.below(flying.len());
            let (dial, ends, running) = &mut flying[at];
            if let Some((route, _)) = running.take() {
                let end = draw.end();
                ends.push((route, end));
                if router.end(&mut health, dial, end, now) == Some(HealthChange::Recovers) {
                    // The account works, so what still runs there finds nothing out any more.
                    let others = flying.iter_mut().filter_map(|(.., running)| running.as_mut());
                    others.filter(|(other, _)| *other == route).for_each(|(_, is_trial)| *is_trial = false);
                }
            }
            let (dial, ends, running) = &mut flying[at];
            if draw.below(4) == 0 {
                let through = |json: String| Value::from_json(&json).unwrap();
                *dial = Routing::from_value(through(serde_json::to_string(dial).unwrap()));
                health = RouterHealth::from_value(through(serde_json::to_string(&health).unwrap()));
            }
            let callee = draw.of(&[CALLEE, "021-28000123"]);
            let over = match router.next(&mut health, dial, callee, now, draw.fraction()) {
                Ok(Some(attempt)) => {
                    attempts += 1;
                    trials += usize::from(attempt.is_trial);
                    assert!(ends.iter().all(|(route, _)| *route != attempt.route), "an account is tried twice for one dial");
                    *running = Some((attempt.route, attempt.is_trial));
                    let route = attempt.route;
                    let same = flying.iter().filter(|(.., running)| *running == Some((route, true))).count();
                    assert!(same <= 1, "two trials of one account run at once");
                    false
                }
                Ok(None) => true,
                Err(error) => {
                    assert!(ends.is_empty() && error.delivery == Delivery::NotSent);
                    unrouted += 1;
                    true
                }
            };
            if over {
                let (_, ends, _) = flying.swap_remove(at);
                let may_have_rung = |(_, end): &&(usize, AttemptEnd)| {
                    matches!(end, AttemptEnd::Accepted | AttemptEnd::Failed { delivery: Delivery::Unknown, .. })
                };
                let rung = ends.iter().filter(may_have_rung).count();
                doubles += usize::from(rung > 1);
                longest = longest.max(ends.len());
                // And it is the last one.
                assert!(ends.iter().rev().skip(1).all(|end| !may_have_rung(&end)), "an attempt followed one that may have rung a phone");
            }
        }
    }
    println!(
        "{dials} dials, {attempts} attempts, {trials} trials, at most {longest} attempts of one dial, {unrouted} without a route, {doubles} doubles"
    );
    assert_eq!(doubles, 0);
    // The test would show nothing if hardly any dial went on.
    assert!(attempts > dials && trials > 10_000 && longest == 6);
}
