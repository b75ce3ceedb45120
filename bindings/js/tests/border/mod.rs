//! Tests the classes and functions as JavaScript uses them. The same tests run in Node and in browsers.

use js_sys::{Array, Function, JSON, Object, Promise, Reflect, Uint8Array};
use ringback_js::{Client, Host, Normalizer, Receiver, explain_code, parse_push, process_push};
use serde_json::{Value, json};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

const NOW: f64 = 1_583_142_000_123.0;
const FRESH: &str = "0123456789abcdef0123456789abcdef";

/// The host's functions: this time, and a random text, with a counter of its uses.
fn host() -> (Host, Array) {
    let drawn = Array::new();
    let make =
        Function::new_with_args("now, fresh, drawn", "return { now, jitter: 0, fresh: () => { drawn.push(fresh); return fresh; } };");
    let host = make.call3(&JsValue::UNDEFINED, &NOW.into(), &FRESH.into(), &drawn).expect("an object");
    (host.unchecked_into(), drawn)
}

fn from_js(value: &JsValue) -> Value {
    JSON::stringify(value)
        .map_or(Value::Null, |text| text.as_string().map_or(Value::Null, |text| serde_json::from_str(&text).expect("JSON")))
}

/// Returns the result, or the thrown error.
fn crossed(outcome: Result<JsValue, JsValue>) -> Result<Value, Value> {
    outcome.map(|value| from_js(&value)).map_err(|error| from_js(&error))
}

/// Reads a member; undefined if there is no such member or no object.
fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

fn client(options: &Value) -> Client {
    Client::new(&options.to_string()).unwrap_or_else(|error| panic!("{}", from_js(&error)))
}

fn refused(options: &str) -> Value {
    from_js(&Client::new(options).err().expect("an error"))
}

fn mixcom() -> Client {
    client(&json!({ "provider": "mixcom", "appKey": "k1", "appSecret": "mix-secret" }))
}

fn seatcall() -> Client {
    client(
        &json!({ "provider": "seatcall", "customerId": "customer-4e2239c5", "appSecret": "seat-secret", "baseUrl": "https://seat.example" }),
    )
}

#[wasm_bindgen_test]
fn every_shared_signature_vector_agrees_through_prepare() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("../../../../tests/vectors/signatures.json")).expect("signatures.json");
    for vector in vectors {
        let mut options = vector["credentials"].clone();
        options["provider"] = vector["provider"].clone();
        let operation = vector["operation"].as_str().expect("operation");
        let prepared = client(&options).prepare(operation, &vector["params"].to_string(), &host().0);
        let shown = crossed(prepared).unwrap_or_else(|error| panic!("{error}")).to_string();
        for expected in [&vector["sign"], &vector["authorization"]].into_iter().filter_map(Value::as_str) {
            assert!(shown.contains(expected), "{expected} is not in {shown}");
        }
    }
}

#[wasm_bindgen_test]
fn errors_cross_with_their_fields_and_without_secrets() {
    let options = json!({ "provider": "mixcom", "appKey": "k1", "appSecert": "mix-secret" });
    let error = refused(&options.to_string());
    assert_eq!((&error["code"], &error["delivery"]), (&json!("invalid-argument"), &json!("not-sent")));
    assert_eq!(error["retryable"], json!(false));
    assert!(error["message"].as_str().is_some_and(|message| message.contains("appSecert")), "{error}");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("appSecret")), "{error}");
    assert!(!error.to_string().contains("mix-secret"), "{error}");
}

#[wasm_bindgen_test]
fn options_that_are_no_plain_data_are_refused_not_trapped() {
    for options in ["", "null", "7", "[]", "{\"provider\":", "\u{0}"] {
        let error = refused(options);
        assert_eq!(error["code"], "invalid-argument", "{options}");
    }
    let number = json!({ "provider": "quanmayun", "appId": 1_696_054_309_969_104_898_u64, "appSecret": "s" });
    let error = refused(&number.to_string());
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("appId") && message.contains("text"), "{message}");
}

#[wasm_bindgen_test]
fn randomness_is_drawn_only_for_a_dial_without_a_reference() {
    let (host, drawn) = host();
    let prepare = |dial: &Value| crossed(mixcom().prepare("dial", &dial.to_string(), &host)).expect("prepared");
    let dial = json!({ "caller": "13800000001", "callee": "13900000002", "reference": "r-1" });
    assert_eq!(prepare(&dial)["reference"], "r-1");
    crossed(seatcall().prepare("balance", "{}", &host)).expect("prepared");
    assert_eq!(drawn.length(), 0);
    assert_eq!(prepare(&json!({ "caller": "13800000001", "callee": "13900000002" }))["reference"], FRESH);
    assert_eq!(drawn.length(), 1);
}

#[wasm_bindgen_test]
fn what_the_host_throws_is_thrown_on() {
    let host: Host = Function::new_no_args("return { now: 0, jitter: 0, fresh() { throw 'no randomness'; } };")
        .call0(&JsValue::UNDEFINED)
        .expect("an object")
        .unchecked_into();
    let dial = json!({ "caller": "13800000001", "callee": "13900000002" }).to_string();
    let thrown = mixcom().prepare("dial", &dial, &host).expect_err("no randomness");
    assert_eq!(thrown.as_string().as_deref(), Some("no randomness"));
}

#[wasm_bindgen_test]
fn a_prepared_request_survives_a_queue_and_is_interpreted_later() {
    let client = mixcom();
    let dial = json!({ "caller": "13800000001", "callee": "13900000002" }).to_string();
    let prepared = crossed(client.prepare("dial", &dial, &host().0)).expect("prepared");
    assert_eq!(prepared["reference"], FRESH);
    let response = json!({ "status": 200, "contentType": "application/json" }).to_string();
    let body = br#"{"success":true,"code":200,"msg":""}"#;
    let call = crossed(client.interpret(&prepared.to_string(), &response, body)).expect("a call");
    assert_eq!(call["reference"], FRESH);
    assert_eq!(call["correlation"], "reference");
    assert_eq!(call["raw"], json!({ "success": true, "code": 200, "msg": "" }));
}

#[wasm_bindgen_test]
fn a_push_keeps_every_digit_and_is_read_in_the_hosts_encodings() {
    let body =
        r#"{"callidentifier":1287547165745325390,"status":"Disconnected","reason":"HangUp","callDuration":"9","extra":9007199254740993}"#;
    let push = crossed(parse_push("quanmayun", "null", body.as_bytes())).expect("a push");
    assert_eq!(push["records"][0]["callId"], "1287547165745325390");
    assert_eq!(push["records"][0]["raw"]["extra"], "9007199254740993");
    assert_eq!(push["ack"]["body"], r#"{"code":"200","msg":"success","data":""}"#);
    // 未接通 in GBK.
    let mut gbk = br#"{"subid":"1","status":2,"unaswRsn":""#.to_vec();
    gbk.extend([0xce, 0xb4, 0xbd, 0xd3, 0xcd, 0xa8]);
    gbk.extend(b"\"}");
    let named = json!({ "contentType": "application/json; charset=GBK" }).to_string();
    let unknown = json!({ "contentType": "application/json; charset=utf8mb4" }).to_string();
    for options in [named.as_str(), unknown.as_str(), "null"] {
        let push = crossed(parse_push("dingxin", options, &gbk)).expect("a push");
        assert_eq!(push["records"][0]["outcome"]["message"], "未接通", "{options}");
    }
    let envelope = json!({ "provider": "dingxin", "receivedAt": "x" }).to_string();
    let push = crossed(process_push(&envelope, Some(gbk.clone()), None)).expect("a push");
    assert_eq!(push["records"][0]["outcome"]["message"], "未接通");
    // Neither byte is valid in GB18030; numbers, times and ids are still read.
    let push = crossed(parse_push("dingxin", "null", b"{\"subid\":\"1\",\"unaswRsn\":\"\xff\"}")).expect("a push");
    assert_eq!(push["records"][0]["outcome"]["message"], "\u{fffd}");
    let error = crossed(parse_push("dingxin", "null", b"{\"subid\":\xff}")).expect_err("no JSON");
    assert_eq!((&error["code"], &error["nack"]["body"]), (&json!("malformed-push"), &json!(r#"{"code":500,"msg":"fail"}"#)));
}

#[wasm_bindgen_test]
fn lines_are_normalized_whole_and_the_rest_is_left() {
    let chunk = "{\"subid\":\"1\",\"status\":1}\r\n\n{\"subid\":\"2\"\n{\"subid\":\"3\"";
    let normalizer = Normalizer::new("dingxin", "null").expect("good options");
    let done = normalizer.normalize(chunk.as_bytes(), false, 1.0, 0.0).expect("lines");
    let output = get(&done, "output").dyn_into::<Uint8Array>().expect("bytes").to_vec();
    let output = String::from_utf8(output).expect("UTF-8");
    assert_eq!(output.lines().count(), 1);
    assert!(output.contains(r#""key":"dingxin:1""#), "{output}");
    let done = from_js(&done);
    assert_eq!((&done["consumed"], &done["lines"]), (&json!(chunk.len() - "{\"subid\":\"3\"".len()), &json!(3)));
    assert_eq!((&done["unreadable"][0]["line"], &done["unreadable"][0]["offset"]), (&json!(3), &json!(27)));
}

/// A minimal driver, which runs the exchange's steps with the given `fetch`.
async fn drive(client: &Client, operation: &str, params: &Value, fetch: &Function) -> Result<Value, Value> {
    let (host, _) = host();
    let mut event = json!({ "type": "start" });
    let mut body = Vec::new();
    loop {
        let step = client.advance(operation, &params.to_string(), &event.to_string(), &body, &host);
        let mut step = crossed(step)?;
        event = match step["do"].as_str() {
            Some("send") => {
                let request = JSON::parse(&step["request"].to_string()).expect("JSON");
                let answered = fetch.call2(&JsValue::UNDEFINED, &get(&request, "url"), &request).expect("a promise");
                match JsFuture::from(answered.unchecked_into::<Promise>()).await {
                    Ok(response) => {
                        let buffer = get(&response, "arrayBuffer").unchecked_into::<Function>().call0(&response).expect("a promise");
                        let buffer = JsFuture::from(buffer.unchecked_into::<Promise>()).await.expect("a body");
                        body = Uint8Array::new(&buffer).to_vec();
                        json!({ "type": "response", "partial": false, "status": from_js(&get(&response, "status")) })
                    }
                    Err(error) => {
                        let cause = get(&error, "cause");
                        let origins = [&error, &cause].map(|origin| {
                            json!({
                                "name": get(origin, "name").as_string(),
                                "code": get(origin, "code").as_string(),
                                "message": get(origin, "message").as_string(),
                            })
                        });
                        json!({ "type": "failure", "reason": "error", "sent": true, "origins": origins })
                    }
                }
            }
            Some("wait") => json!({ "type": "waited" }),
            _ => return Ok(step["result"].take()),
        };
        event["progress"] = step["progress"].take();
    }
}

/// Creates a `fetch` that gives these answers one after the other, and keeps its requests.
fn fake_fetch(answers: &str) -> (Function, Array) {
    let asked = Array::new();
    let make = Function::new_with_args(
        "asked",
        &format!("const answers = [{answers}]; return (url, init) => {{ asked.push({{ url, init }}); return answers.shift()(); }};"),
    );
    (make.call1(&JsValue::UNDEFINED, &asked).expect("a function").dyn_into().expect("a function"), asked)
}

#[wasm_bindgen_test]
async fn a_whole_exchange_against_a_fake_fetch() {
    let (fetch, asked) = fake_fetch(
        r#"async () => new Response("<html>", { status: 502, headers: { "content-type": "text/html" } }),
           async () => new Response('{"meta":{"success":true,"message":"ok"},"data":6152}', { headers: { "content-type": "application/json" } })"#,
    );
    let balance = drive(&seatcall(), "balance", &json!({}), &fetch).await.expect("a balance");
    assert_eq!(balance["remaining"], 6152);
    assert_eq!(asked.length(), 2);
    let sent = from_js(&asked.get(0));
    assert_eq!(sent["url"], "https://seat.example/management/customer/isallow");
    assert_eq!(sent["init"]["headers"]["authorization"], "c2VhdC1zZWNyZXQ=");
    assert!(sent["init"].get("params").is_none(), "fetch is given the request alone: {sent}");
}

#[wasm_bindgen_test]
async fn a_dial_that_breaks_is_sent_once_and_its_error_tells_what_is_known() {
    let dial = json!({ "caller": "13800000001", "callee": "13900000002" });
    let refused = r#"async () => { throw Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" }) }); }"#;
    let reset = r#"async () => { throw Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error("13800000001 mix-secret"), { code: "ECONNRESET" }) }); }"#;
    for (script, delivery) in [(refused, "not-sent"), (reset, "unknown"), (r#"async () => new Response("", { status: 500 })"#, "unknown")] {
        let (fetch, asked) = fake_fetch(script);
        let error = drive(&mixcom(), "dial", &dial, &fetch).await.expect_err("it broke");
        assert_eq!(asked.length(), 1);
        assert_eq!(error["delivery"], delivery);
        let shown = error.to_string();
        assert!(!shown.contains("13800000001") && !shown.contains("mix-secret"), "{shown}");
    }
}

#[wasm_bindgen_test]
fn a_push_is_admitted_by_its_token_only() {
    let options = json!({ "provider": "mixcom", "tokens": ["0123456789abcdefghijklmnopqrstuv"], "name": "main" });
    let receiver = Receiver::new(&options.to_string()).expect("good options");
    let admit = |method: &str, url: &str| crossed(receiver.admit(method, url, None, None, None)).expect("an admission");
    let good = admit("POST", "https://crm.example/push/0123456789abcdefghijklmnopqrstuv?reference=o-1");
    assert_eq!((&good["accountIndex"], &good["query"]), (&json!(0), &json!("reference=o-1")));
    let account = crossed(receiver.account(0)).expect("an account");
    assert_eq!((&account["provider"], &account["account"]), (&json!("mixcom"), &json!("main")));
    let body = br#"{"event":"fee","callIdentifier":"c-1","Duration":"9"}"#;
    let push = crossed(receiver.parse_push(0, body, String::new(), None, None)).expect("a push");
    assert_eq!(push["records"][0]["key"], "mixcom/main:c-1");
    let foreign = admit("POST", "https://crm.example/push/0123456789abcdefghijklmnopqrstuw");
    assert_eq!((&foreign["reason"], &foreign["answer"]["status"]), (&json!("token"), &json!(404)));
    assert_eq!(admit("PUT", "https://crm.example/")["answer"]["headers"]["allow"], "GET, HEAD, POST");
    let weak = json!({ "provider": "mixcom", "tokens": ["short"] });
    let error = Receiver::new(&weak.to_string()).err().expect("a weak token");
    assert_eq!(from_js(&error)["code"], "invalid-argument");
}

#[wasm_bindgen_test]
fn names_from_outside_are_ordinary_members() {
    let has_own = |object: &JsValue| Object::has_own::<JsValue>(object.unchecked_ref(), &"__proto__".into());
    let body = br#"{"subid":"1","status":1,"__proto__":{"polluted":true}}"#;
    let push = parse_push("dingxin", "null", body).expect("a push");
    let raw = get(&get(&get(&push, "records"), "0"), "raw");
    assert!(has_own(&raw));
    assert!(get(&raw, "polluted").is_undefined());
    let dial = r#"{"caller":"13800000001","callee":"13900000002","reference":"r-1","extra":{"__proto__":"x"}}"#;
    let prepared = mixcom().prepare("dial", dial, &host().0).expect("prepared");
    assert!(has_own(&get(&get(&prepared, "params"), "extra")));
    assert!(get(&Object::new(), "polluted").is_undefined());
}

#[wasm_bindgen_test]
fn results_are_plain_objects() {
    let plain = |object: &JsValue| Object::get_prototype_of(object) == Object::get_prototype_of(&Object::new());
    let explained = explain_code("mixcom", "514").expect("an explanation");
    assert!(plain(&explained));
    assert_eq!(from_js(&explained)["cause"], "no-answer");
    let push = parse_push("mixcom", "null", br#"{"event":"fee","callIdentifier":"c-1","Duration":"9"}"#).expect("a push");
    let record = get(&get(&push, "records"), "0");
    for object in [&push, &record, &get(&record, "outcome"), &get(&record, "raw"), &get(&get(&push, "ack"), "headers")] {
        assert!(plain(object));
    }
    // A value that a platform does not report is absent: neither undefined nor null.
    assert!(!Object::has_own::<JsValue>(record.unchecked_ref(), &"reference".into()));
    assert_eq!(get(&record, "durationSeconds").as_f64(), Some(9.0));
}
