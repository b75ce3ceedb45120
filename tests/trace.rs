//! Tests the output of `explain`: each step of a signature, in the order of the platform's document, with secrets and numbers masked. The
//! digests were computed with other tools, see vectors/signatures.json.

use ringback::{
    Description, Moment, OperationKind, Options, PLATFORMS, Value as Input, explain_signature, explain_signature_with_numbers,
    interpret_response, open_account, read_operation,
};
use serde_json::{Value, json};

fn explain_operation(options: &Value, operation: &str, params: Value) -> Value {
    let provider = open_account(Options::from_json("options", &options.to_string()).expect("an object")).expect("an account");
    let params: Input = serde_json::from_value(params).expect("parameters");
    let operation = read_operation(&*provider, operation, params).expect("an operation");
    let trace = explain_signature(&*provider, operation, &Moment::new(1_583_142_000_123, "a-fresh-reference")).expect("a trace");
    serde_json::to_value(trace).expect("a trace")
}

/// Reads names or actions, each with its value.
fn read_pairs(list: &Value, name: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    list.as_array().expect("a list").iter().map(|item| (text(&item[name]), text(&item["value"]))).collect()
}

fn to_owned_pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[test]
fn mixcom_sorts_joins_and_digests_twice() {
    let dial = json!({ "caller": "13800000001", "callee": "13900000002", "reference": "demo-1" });
    let trace = explain_operation(&json!({ "provider": "mixcom", "appKey": "k1", "appSecret": "s1" }), "dial", dial.clone());
    assert_eq!((&trace["provider"], &trace["operation"]), (&json!("mixcom"), &json!("dial")));
    let signed = [("appkey", "k1"), ("calleenbr", "139****0002"), ("callernbr", "138****0001"), ("time", "1583142000"), ("uuid", "demo-1")];
    assert_eq!(read_pairs(&trace["sorted"], "name"), to_owned_pairs(&signed));
    assert_eq!(trace["canonical"], "k1139****0002138****00011583142000demo-1");
    let sign = "8ff56e8015da6b485d766eb8dbdd0b14744d08e3";
    let steps: Vec<String> = read_pairs(&trace["steps"], "action").into_iter().map(|(_, value)| value).collect();
    assert_eq!(steps, ["***", "k1139****0002138****00011583142000demo-1******", sign]);
    assert_eq!(trace["placed"], json!([{ "in": "body", "name": "sign", "value": sign }]));
    assert_eq!(trace["dropped"].as_array().map(Vec::len), Some(1), "only the signature itself is dropped");

    let other = json!({ "provider": "mixcom", "appKey": "k1", "appSecret": "s1", "dialect": { "signature": "digest-only" } });
    let steps = read_pairs(&explain_operation(&other, "dial", dial)["steps"], "action");
    assert_eq!(steps[1].1, "k1139****0002138****00011583142000demo-1***");
    assert_eq!(steps[2].1, "1a290c95c10153b54b1595604ab555f88367d41f");
}

#[test]
fn mixcom_puts_a_recordings_signature_into_its_query() {
    for (reading, place) in [("form", "body"), ("query", "query")] {
        let options = json!({ "provider": "mixcom", "appKey": "k1", "appSecret": "s1", "dialect": { "recordingRequest": reading } });
        let trace = explain_operation(&options, "recording", json!("CAE-20200304030813-12010906"));
        assert_eq!(trace["placed"], json!([{ "in": place, "name": "sign", "value": "abfbd003db5a40d06ef1fc61a54a398fd474cf71" }]));
        assert_eq!(trace["operation"], "recording");
    }
}

#[test]
fn dingxin_signs_the_secret_among_the_pairs() {
    let options = json!({ "provider": "dingxin", "appKey": "AppKey01", "appSecret": "SecretAbC", "pushUrl": "https://crm.example/push?Token=AbC&x=1" });
    let trace = explain_operation(&options, "dial", json!({ "caller": "13800000001", "callee": "13900000002" }));
    let sign = "d35348a2d0c4363bd88df8df4e952e0b";
    let shown = "appkey=AppKey01&appsecret=***&return_url=crm.example/***&tela=138****0001&telb=139****0002&timestamp=1583142000";
    assert_eq!(
        (&trace["canonical"], read_pairs(&trace["steps"], "action").last().map(|(_, value)| value.as_str())),
        (&json!(shown), Some(sign))
    );
    assert_eq!(trace["placed"], json!([{ "in": "body", "name": "sign", "value": sign }]));
    let recording = explain_operation(&options, "recording", json!("04202107251831296890045359"));
    assert_eq!(recording["placed"], json!([{ "in": "query", "name": "sign", "value": "fdac063be513f2532db75fcca7583dc2" }]));
    assert_eq!(recording["canonical"], "appkey=AppKey01&appsecret=***&subid=04202107251831296890045359&timestamp=1583142000");
}

#[test]
fn quanmayun_signs_the_time_and_joins_it_to_the_header() {
    let trace = explain_operation(
        &json!({ "provider": "quanmayun", "appId": "1696054309969104898", "appSecret": "synthetic-secret" }),
        "hangUp",
        json!("1"),
    );
    let (sign, joined) = ("3b7c0b6cbe6a6f33337d9938d4fb232b", "1696054309969104898:1583142000123:3b7c0b6cbe6a6f33337d9938d4fb232b");
    let header = "MTY5NjA1NDMwOTk2OTEwNDg5ODoxNTgzMTQyMDAwMTIzOjNiN2MwYjZjYmU2YTZmMzMzMzdkOTkzOGQ0ZmIyMzJi";
    assert_eq!(trace["canonical"], "1696054309969104898:***:1583142000123");
    let steps: Vec<String> = read_pairs(&trace["steps"], "action").into_iter().map(|(_, value)| value).collect();
    assert_eq!(steps, [sign, joined, header]);
    assert_eq!(trace["placed"], json!([{ "in": "header", "name": "Authorization", "value": header }]));
}

#[test]
fn cyjcloud_shows_the_digest_and_not_the_header() {
    let options = json!({ "provider": "cyjcloud", "accountSid": "akwiKeKEKG01kfas63910IRJL6ask38fKF6", "appId": "774e5e14a0874r725bfb90351f1e84f677", "baseUrl": "https://cyj.example" });
    let trace = explain_operation(&options, "recording", json!("65445298527236037121523767083120"));
    let sig = "3273967FA3FBC551C6CC14D3A20B8FAE";
    assert_eq!(trace["canonical"], "***:***:20200302174000");
    let steps: Vec<String> = read_pairs(&trace["steps"], "action").into_iter().map(|(_, value)| value).collect();
    assert_eq!(steps, [sig, "***"]);
    assert_eq!(
        trace["placed"],
        json!([{ "in": "query", "name": "sig", "value": sig }, { "in": "header", "name": "Authorization", "value": "***" }])
    );
}

#[test]
fn explain_shows_no_secret_of_any_platform_and_of_any_operation() {
    let secret = |name: &str| format!("Se+cret/{name}?{}", "0a1B".repeat(4));
    for platform in PLATFORMS {
        let description = Description::of(platform);
        let mut options = serde_json::to_value(description.sample_account()).expect("options");
        for credential in platform.credentials {
            options[credential.name] = json!(secret(credential.name));
        }
        let mut hidden: Vec<String> = platform.credentials.iter().filter(|it| it.is_secret).map(|it| secret(it.name)).collect();
        assert!(!hidden.is_empty(), "{} has no secret", platform.name);
        // An option or a field that holds a token: in a path and in a query.
        for field in platform.options.iter().filter(|field| field.is_secret) {
            options[field.name] = json!("https://crm.example/push/t0ken-of-a-path?token=AbC");
            hidden.extend(["t0ken-of-a-path", "AbC"].map(String::from));
        }
        let sample = |kind| serde_json::to_value(description.sample_parameters(kind)).expect("parameters");
        let mut dials = vec![sample(OperationKind::Dial)];
        for field in platform.dial_fields.iter().filter(|field| field.is_secret) {
            let mut dial = sample(OperationKind::Dial);
            dial[field.name] = json!("https://crm.example/push/t0ken-of-a-dial?token=XyZ");
            hidden.extend(["t0ken-of-a-dial", "XyZ"].map(String::from));
            dials.push(dial);
        }
        for kind in platform.operations {
            let given = if *kind == OperationKind::Dial { dials.clone() } else { vec![sample(*kind)] };
            for params in given {
                let trace = explain_operation(&options, kind.as_str(), params).to_string();
                for secret in &hidden {
                    for form in [secret.clone(), base64::Engine::encode(&base64::engine::general_purpose::STANDARD, secret)] {
                        assert!(!trace.contains(&form), "{form} in {trace}");
                    }
                }
            }
        }
    }
}

#[test]
fn seatcall_signs_nothing_and_says_what_authenticates_instead() {
    let options = json!({ "provider": "seatcall", "customerId": "4e2239c5-a6e6-4201-a072-8342e29c3ae3", "appSecret": "TEST", "baseUrl": "https://seat.example" });
    let bound = explain_operation(&options, "bindSeat", json!({ "seat": "PP7568032251", "phone": "13918337711" }));
    assert_eq!(bound["placed"], json!([{ "in": "header", "name": "Authorization", "value": "***" }]));
    let dialed = explain_operation(&options, "dial", json!({ "caller": "18151600001", "callee": "0755-28000123", "seat": "PP7568036551" }));
    assert_eq!((dialed["placed"].as_array().map(Vec::len), dialed["steps"].as_array().map(Vec::len)), (Some(0), Some(1)));
    assert!(bound["canonical"].is_null() && dialed["canonical"].is_null());
}

#[test]
fn a_secret_in_another_field_is_hidden_there_too() {
    let options = json!({ "provider": "dingxin", "appKey": "SecretAbC", "appSecret": "SecretAbC", "pushUrl": "https://crm.example/push" });
    // The second is the base64 of the secret.
    for call in ["c-SecretAbC-1", "U2VjcmV0QWJD"] {
        let trace = explain_operation(&options, "recording", json!(call)).to_string();
        assert!(!trace.contains("SecretAbC") && !trace.contains("U2VjcmV0QWJD") && trace.contains("***"), "{trace}");
    }
}

/// Undocumented fields may contain anything: numbers in them are masked as in any text.
#[test]
fn extra_fields_are_explained_with_their_numbers_masked() {
    let dial = json!({
        "caller": "13800000001", "callee": "13900000002", "reference": "demo-1",
        "extra": { "maxduration": "60", "Remark": "call +86 136 0000 0003 back", "zNumber": "13600000003" },
    });
    let trace = explain_operation(&json!({ "provider": "mixcom", "appKey": "k1", "appSecret": "s1" }), "dial", dial.clone());
    let shown: Vec<(String, String)> = read_pairs(&trace["sorted"], "name");
    for (name, value) in [("maxduration", "60"), ("znumber", "136****0003")] {
        assert!(shown.contains(&(name.to_owned(), value.to_owned())), "{shown:?}");
    }
    let whole = trace.to_string();
    for number in ["13600000003", "136 0000 0003", "0000 0003", "13800000001", "13900000002"] {
        assert!(!whole.contains(number), "{number} in {whole}");
    }
    // An error that repeats the request masks them too.
    let provider =
        open_account(Options::from_json("options", r#"{"provider":"mixcom","appKey":"k1","appSecret":"s1"}"#).expect("an object"));
    let provider = provider.expect("an account");
    let operation = read_operation(&*provider, "dial", serde_json::from_value(dial).expect("parameters")).expect("a dial");
    let body = br#"{"success":false,"code":1,"msg":"13600000003 and 13800000001 refused"}"#;
    let response = ringback::Response { status: 200, body, ..ringback::Response::default() };
    let error = interpret_response(&*provider, &operation, &response).expect_err("a refusal");
    let shown = format!("{error} {error:?} {}", serde_json::to_string(&error).expect("an error"));
    assert!(!shown.contains("13600000003") && !shown.contains("13800000001"), "{shown}");
}

#[test]
fn numbers_are_shown_on_request_and_secrets_never() {
    let provider = open_account(Options::from_json("options", r#"{"provider":"dingxin","appKey":"k1","appSecret":"s-1-secret"}"#).unwrap());
    let provider = provider.expect("an account");
    let params: Input = serde_json::from_value(json!({ "caller": "13800000001", "callee": "13900000002" })).expect("parameters");
    let operation = read_operation(&*provider, "dial", params).expect("an operation");
    let trace = explain_signature_with_numbers(&*provider, operation, &Moment::new(1_583_142_000_123, "a-fresh-reference"));
    let canonical = "appkey=k1&appsecret=***&tela=13800000001&telb=13900000002&timestamp=1583142000";
    assert_eq!(trace.expect("a trace").canonical.as_deref(), Some(canonical));
}
