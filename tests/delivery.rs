//! Tests the delivery of a dial for answers of every platform: spellings of success and refusal, with and without a call id, under every
//! kind of HTTP status.
//!
//! `expected` states the rule, from design.md (`delivery`) and the platforms' sections. The documented success under a 2xx is a success.
//! 3xx, 5xx and other unusual statuses are unknown. A body that refuses is refused, unless something in it indicates a call, or its code is
//! one after which a call may exist. 401, 403, 404 and 429 refuse, unless something in the body indicates a call. Another 4xx refuses only
//! with the platform's own refusal. Everything else is unknown.

use ringback::{Delivery, Description, Moment, Operation, OperationKind, OperationResult, Options, Provider, Response};

/// The meaning of a body alone, by the platform's document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// The documented success, complete.
    Success,
    /// The documented refusal, and nothing else.
    Refusal,
    /// A refusal together with a sign of a call, a success together with a sign of a refusal, or an incomplete success.
    Both,
    /// A code after which a call may exist, or an undocumented code.
    Open,
    /// No value that the document mentions.
    Nothing,
}

use Says::{Both, Nothing, Open, Refusal, Success};

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Placed,
    Refused,
    Unknown,
}

fn expected(status: u16, says: Says) -> Outcome {
    let is_success = (200..=299).contains(&status);
    // A code after which a call may exist does not by itself indicate a call.
    let is_refusal = matches!(status, 401 | 403 | 404 | 429) && matches!(says, Refusal | Open | Nothing);
    match says {
        Success if is_success => Outcome::Placed,
        _ if is_refusal => Outcome::Refused,
        Refusal if is_success || (400..=499).contains(&status) => Outcome::Refused,
        _ => Outcome::Unknown,
    }
}

const STATUSES: [u16; 26] =
    [200, 201, 202, 204, 206, 299, 300, 301, 302, 304, 307, 308, 400, 401, 402, 403, 404, 405, 408, 409, 421, 422, 429, 500, 503, 599];

/// Writes one code in many spellings.
fn spell(code: &str) -> Vec<String> {
    let mut all = vec![
        code.to_owned(),
        format!("{code}.0"),
        format!("{code}e0"),
        format!("\"{code}\""),
        format!("\"{code}.0\""),
        format!("\" {code} \""),
        format!("\"+{code}\""),
        format!("\"0{code}\""),
    ];
    if let Some(short) = code.strip_suffix("00") {
        all.extend([format!("{short}e2"), format!("\"{short}E+2\"")]);
    }
    all
}

const TRUE: [&str; 7] = ["true", "\"true\"", "\"TRUE\"", "1", "\"1\"", "1.0", "\" True \""];
const FALSE: [&str; 6] = ["false", "\"false\"", "\"FALSE\"", "0", "\"0\"", "0.0"];
/// Codes that no document calls a success, none of them within 500-599.
const OTHERS: [&str; 5] = ["1003", "\"1003\"", "400", "201", "1003.0"];
const ILL: [&str; 5] = ["500", "\"500\"", "503.0", "599", "5e2"];

type Bodies = fn() -> Vec<(String, Says)>;

fn mixcom() -> Vec<(String, Says)> {
    let mut all = Vec::new();
    for success in TRUE {
        all.extend(spell("200").iter().map(|code| (format!(r#"{{"success":{success},"code":{code},"msg":""}}"#), Success)));
        all.extend(OTHERS.iter().chain(&ILL).map(|code| (format!(r#"{{"success":{success},"code":{code},"msg":"失败"}}"#), Both)));
        all.push((format!(r#"{{"success":{success}}}"#), Both));
        all.push((format!(r#"{{"success":{success},"code":null}}"#), Both));
    }
    for success in FALSE {
        all.extend(spell("200").iter().map(|code| (format!(r#"{{"success":{success},"code":{code},"msg":"失败"}}"#), Both)));
        all.extend(OTHERS.iter().map(|code| (format!(r#"{{"success":{success},"code":{code},"msg":"失败"}}"#), Refusal)));
        all.extend(ILL.iter().map(|code| (format!(r#"{{"success":{success},"code":{code},"msg":"失败"}}"#), Open)));
        all.push((format!(r#"{{"success":{success},"msg":null}}"#), Refusal));
        for id in [r#""callIdentifier":"CAE-1""#, r#""data":{"sessionId":"s-1"}"#, r#""data":"{\"callId\":7}""#, r#""msg":"呼叫成功""#]
        {
            all.push((format!(r#"{{"success":{success},"code":1003,{id}}}"#), Both));
        }
    }
    all.extend(spell("200").iter().map(|code| (format!(r#"{{"code":{code}}}"#), Both)));
    all.extend(OTHERS.iter().map(|code| (format!(r#"{{"code":{code},"msg":"失败"}}"#), Open)));
    all
}

fn quanmayun() -> Vec<(String, Says)> {
    let mut all = Vec::new();
    let id = r#""data":{"callidentifier":"128754716574532539"}"#;
    for code in spell("200") {
        all.push((format!(r#"{{"code":{code},{id}}}"#), Success));
        all.push((format!(r#"{{"code":{code},"success":"TRUE","msg":"操作成功",{id}}}"#), Success));
        all.push((format!(r#"{{"code":{code},"data":"{{\"callidentifier\":128754716574532539}}"}}"#), Success));
        all.extend(FALSE.iter().map(|success| (format!(r#"{{"code":{code},"success":{success},{id}}}"#), Both)));
        all.extend(
            [r#""data":null"#, r#""data":{}"#, r#""data":{"callidentifier":""}"#, r#""data":{"callidentifier":"null"}"#]
                .iter()
                .map(|data| (format!(r#"{{"code":{code},{data}}}"#), Both)),
        );
    }
    for code in OTHERS.iter().chain(&["0", "-1", "\"FAIL\""]) {
        all.push((format!(r#"{{"code":{code},"msg":"其他异常","data":null}}"#), Refusal));
        all.push((format!(r#"{{"code":{code},"msg":"其他异常","data":{{"callidentifier":""}}}}"#), Refusal));
        all.push((format!(r#"{{"code":{code},"msg":"其他异常",{id}}}"#), Both));
        all.extend(TRUE.iter().map(|success| (format!(r#"{{"code":{code},"success":{success}}}"#), Both)));
    }
    for code in ILL {
        all.push((format!(r#"{{"code":{code},"msg":"系统异常"}}"#), Open));
        all.push((format!(r#"{{"code":{code},"msg":"系统异常",{id}}}"#), Both));
    }
    all
}

fn dingxin() -> Vec<(String, Says)> {
    let mut all = Vec::new();
    let id = r#""data":{"subid":"0424031","telX":"17100000003"}"#;
    for code in spell("200") {
        all.push((format!(r#"{{"code":{code},{id}}}"#), Success));
        all.push((format!(r#"{{"code":{code},"data":"{{\"subid\":\"0424031\"}}"}}"#), Success));
        all.push((format!(r#"{{"code":{code},"data":null,"subid":424031,"telX":"17100000003"}}"#), Success));
        all.extend(FALSE.iter().map(|success| (format!(r#"{{"code":{code},"success":{success},{id}}}"#), Both)));
        all.push((format!(r#"{{"code":{code},"data":"ok"}}"#), Both));
    }
    for code in ["1001", "1002", "1003", "1004", "1006", "1999", "2002", "2003", "2999", "7001", "7002", "8001", "9001"] {
        for code in spell(code) {
            all.push((format!(r#"{{"code":{code},"msg":"失败","data":null}}"#), Refusal));
            all.push((format!(r#"{{"code":{code},"msg":"失败",{id}}}"#), Both));
        }
    }
    for code in
        ["2000", "2001", "3001", "3500", "4000", "500", "0", "-1", "1000", "3000", "4001", "7000", "8002", "9000", "9002", "9999", "401"]
    {
        all.push((format!(r#"{{"code":{code},"msg":"失败","data":"失败"}}"#), Open));
        all.push((format!(r#"{{"code":{code},"msg":"失败",{id}}}"#), Both));
    }
    all.push((r#"{"code":"FAIL","msg":"失败"}"#.to_owned(), Open));
    all
}

fn cyjcloud() -> Vec<(String, Says)> {
    let mut all = Vec::new();
    for flag in TRUE {
        for message in ["8617115230000", "呼叫成功", "b82effb1-7555-4977-8acc-a00544f725c9", ""] {
            all.push((format!(r#"{{"Flag":{flag},"Msg":"{message}"}}"#), Success));
            all.push((format!(r#"{{"Flag":{flag},"Msg":"{message}","success":false}}"#), Both));
        }
    }
    for flag in FALSE.iter().chain(&OTHERS).chain(&["2", "-1", "200", "\"1001\"", "2010.0", "4321"]) {
        all.push((format!(r#"{{"Flag":{flag},"Msg":"失败说明"}}"#), Refusal));
        all.push((format!(r#"{{"Flag":{flag},"Msg":"InsufficientBalance"}}"#), Refusal));
        for more in [
            r#""Msg":"8617115230000""#,
            r#""Msg":"b82effb1-7555-4977-8acc-a00544f725c9""#,
            r#""Msg":"失败","SessionId":"c-1""#,
            r#""Msg":"失败","VirtualNumber":"17100000003""#,
            r#""Msg":"失败","Data":{"sessionId":"c-1"}"#,
            r#""Msg":"失败","Data":[{"bindNum":"17100000003"}]"#,
        ] {
            all.push((format!(r#"{{"Flag":{flag},{more}}}"#), Both));
        }
    }
    for flag in ILL {
        all.push((format!(r#"{{"Flag":{flag},"Msg":"系统异常"}}"#), Open));
    }
    all.push((r#"{"Msg":"失败"}"#.to_owned(), Nothing));
    all.push((r#"{"Flag":null,"Msg":"失败"}"#.to_owned(), Nothing));
    all
}

fn seatcall() -> Vec<(String, Says)> {
    let mut all = Vec::new();
    let id = r#""data":"b82effb1-7555-4977-8acc-a00544f725c9_324874486""#;
    for success in TRUE {
        all.push((format!(r#"{{"meta":{{"success":{success},"message":"ok"}},{id}}}"#), Success));
        all.push((format!(r#"{{"meta":{{"success":{success}}},"data":1287547165745325390}}"#), Success));
        all.push((format!(r#"{{"meta":{{"success":{success},"code":500}},{id}}}"#), Both));
        all.push((format!(r#"{{"meta":{{"success":{success}}},{id},"success":false}}"#), Both));
        all.extend(
            ["null", "\"\"", "\"null\"", "\"呼叫成功\"", "[]"]
                .iter()
                .map(|data| (format!(r#"{{"meta":{{"success":{success}}},"data":{data}}}"#), Both)),
        );
    }
    for success in FALSE {
        all.extend(
            ["null", "\"\"", "\"null\"", "0", "\"坐席未绑定\"", "[]"]
                .iter()
                .map(|data| (format!(r#"{{"meta":{{"success":{success},"message":"错误信息"}},"data":{data}}}"#), Refusal)),
        );
        all.push((format!(r#"{{"meta":{{"success":{success},"message":"错误信息"}},{id}}}"#), Both));
        all.push((format!(r#"{{"meta":{{"success":{success},"message":"错误信息"}},"data":{{"sessionId":"s-1"}}}}"#), Both));
        all.push((format!(r#"{{"meta":{{"success":{success},"message":"ok"}},"data":""}}"#), Both));
    }
    all.push((r#"{"data":""}"#.to_owned(), Nothing));
    all.push((r#"{"meta":{"success":null,"message":"错误信息"},"data":""}"#.to_owned(), Nothing));
    all
}

#[test]
fn an_answer_means_the_same_in_every_spelling_and_is_unknown_in_doubt() {
    let platforms: [(&str, Bodies); 5] = [
        (r#"{"provider":"mixcom","appKey":"k1","appSecret":"s1-secret"}"#, mixcom),
        (r#"{"provider":"quanmayun","appId":"1","appSecret":"s1-secret"}"#, quanmayun),
        (r#"{"provider":"dingxin","appKey":"k1","appSecret":"s1-secret"}"#, dingxin),
        (r#"{"provider":"cyjcloud","accountSid":"sid-4c8f1e","appId":"a1","baseUrl":"https://cyj.example"}"#, cyjcloud),
        (r#"{"provider":"seatcall","customerId":"customer-1","appSecret":"s1-secret","baseUrl":"https://seat.example"}"#, seatcall),
    ];
    let (mut count, mut failures) = (0, Vec::new());
    for (options, bodies) in platforms {
        let provider = ringback::open_account(Options::from_json("options", options).expect("an object")).expect("an account");
        let name = provider.platform().name;
        let mut bodies = bodies();
        for body in ["", "{}", "[]", "null", "\"ok\"", "ok", "<html>login</html>", "{\"success\":tr", "\u{0}"] {
            bodies.push((body.to_owned(), Nothing));
        }
        for (at, (body, says)) in bodies.into_iter().enumerate() {
            // Every body under one status of each kind for which the body matters, and every fortieth body under all statuses.
            let statuses: &[u16] = if at % 40 == 0 { &STATUSES } else { &[200, 404] };
            for &status in statuses {
                count += 1;
                let found = outcome(&*provider, status, &body);
                if found != expected(status, says) {
                    failures.push(format!("{name}: {status} {body} ({says:?}): {found:?}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.iter().take(40).cloned().collect::<Vec<_>>().join("\n"));
    assert!(count > 2_800, "{count}");
}

fn outcome(provider: &dyn Provider, status: u16, body: &str) -> Outcome {
    let description = Description::of(provider.platform());
    let parameters = description.sample_parameters(OperationKind::Dial);
    let mut dial = ringback::read_operation(provider, "dial", parameters).expect("a dial");
    if let Operation::Dial(dial) = &mut dial {
        dial.reference = Some("demo-1".to_owned());
    }
    let prepared = ringback::prepare_request(provider, dial, &Moment::from(1_583_142_000_123)).expect("a request");
    let response = Response { status, content_type: Some("application/json".into()), body: body.as_bytes(), ..Response::default() };
    match ringback::interpret_response(provider, &prepared.params, &response) {
        Ok(OperationResult::Call(_)) => Outcome::Placed,
        Ok(other) => panic!("{other:?}"),
        Err(error) => {
            assert_eq!(error.reference.as_deref(), Some("demo-1"), "every error of a dial has its reference");
            match error.delivery {
                Delivery::Refused => Outcome::Refused,
                Delivery::Unknown => {
                    let hint = error.hint.as_deref().unwrap_or_default();
                    assert!(hint.contains("look for its record"), "{hint}");
                    assert!(!error.retryable, "a dial that may have been placed must not be repeated");
                    Outcome::Unknown
                }
                Delivery::NotSent => panic!("the dial was sent, but delivery is not-sent: {error:?}"),
            }
        }
    }
}
