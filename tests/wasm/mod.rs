//! The wasm layer as JavaScript sees it. The same tests run in Node and in browsers.

use js_sys::{Array, Function, JSON, Promise, Reflect, Uint8Array};
use ringback::js;
use ringback::receive::{self, PushOptions};
use serde::Serialize as _;
use serde_json::{Value, json};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

const NOW: f64 = 1_583_142_000_123.0;
const FRESH: &str = "0123456789abcdef0123456789abcdef";

/// The result that crossed, or the error.
fn crossed(answer: String) -> Result<Value, Value> {
    let mut answer: Value = serde_json::from_str(&answer).expect("JSON");
    match answer.get_mut("error") {
        Some(error) => Err(error.take()),
        None => Ok(answer.get_mut("result").expect("a result, since nothing was asked for").take()),
    }
}

fn asked(answer: String) -> Option<String> {
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    answer.get("ask").and_then(Value::as_str).map(str::to_owned)
}

fn from_js(value: &JsValue) -> Value {
    JSON::stringify(value).map_or(Value::Null, |text| serde_json::from_str(&String::from(text)).expect("JSON"))
}

/// Undefined where there is no such member, or no object.
fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

fn config(options: Value) -> String {
    let options = options.to_string();
    crossed(js::client_config(&options)).unwrap_or_else(|error| panic!("{error}"));
    options
}

fn mixcom() -> String {
    config(json!({ "provider": "mixcom", "appKey": "k1", "appSecret": "mix-secret" }))
}

fn seatcall() -> String {
    config(
        json!({ "provider": "seatcall", "customerId": "customer-4e2239c5", "appSecret": "seat-secret", "baseUrl": "https://seat.example" }),
    )
}

#[wasm_bindgen_test]
fn every_shared_signature_vector_agrees_through_prepare() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("../vectors/signatures.json")).expect("signatures.json");
    for vector in vectors {
        let mut options = vector["credentials"].clone();
        options["provider"] = vector["provider"].clone();
        let operation = vector["operation"].as_str().expect("operation");
        let shown = js::prepare(&config(options), operation, &vector["params"].to_string(), NOW, FRESH);
        assert!(crossed(shown.clone()).is_ok(), "{shown}");
        for expected in [&vector["sign"], &vector["authorization"]].into_iter().filter_map(Value::as_str) {
            assert!(shown.contains(expected), "{expected} is not in {shown}");
        }
    }
}

#[wasm_bindgen_test]
fn errors_cross_with_their_fields_and_without_secrets() {
    let options = json!({ "provider": "mixcom", "appKey": "k1", "appSecert": "mix-secret" });
    let error = crossed(js::client_config(&options.to_string())).expect_err("a misspelt option");
    assert_eq!((&error["code"], &error["delivery"]), (&json!("invalid-argument"), &json!("not-sent")));
    assert_eq!(error["retryable"], json!(false));
    assert!(error["message"].as_str().is_some_and(|message| message.contains("appSecert")), "{error}");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("appSecret")), "{error}");
    assert!(!error.to_string().contains("mix-secret"), "{error}");
}

#[wasm_bindgen_test]
fn options_that_are_no_plain_data_are_refused_not_trapped() {
    for options in ["", "null", "7", "[]", "{\"provider\":", "\u{0}"] {
        let error = crossed(js::client_config(options)).expect_err("no options");
        assert_eq!(error["code"], "invalid-argument", "{options}");
    }
    let number = json!({ "provider": "quanmayun", "appId": 1_696_054_309_969_104_898_u64, "appSecret": "s" });
    let error = crossed(js::client_config(&number.to_string())).expect_err("a number has lost digits");
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("appId") && message.contains("text"), "{message}");
}

#[wasm_bindgen_test]
fn no_randomness_is_asked_for_a_dial_that_has_its_reference() {
    let prepare = |dial: &Value| js::prepare(&mixcom(), "dial", &dial.to_string(), NOW, "");
    assert_eq!(asked(prepare(&json!({ "caller": "13800000001", "callee": "13900000002" }))).as_deref(), Some(""));
    let dial = json!({ "caller": "13800000001", "callee": "13900000002", "reference": "r-1" });
    assert_eq!(crossed(prepare(&dial)).expect("prepared")["reference"], "r-1");
}

#[wasm_bindgen_test]
fn a_prepared_request_survives_a_queue_and_is_interpreted_later() {
    let config = mixcom();
    let dial = json!({ "caller": "13800000001", "callee": "13900000002" }).to_string();
    let prepared = crossed(js::prepare(&config, "dial", &dial, NOW, FRESH)).expect("prepared");
    assert_eq!(prepared["reference"], FRESH);
    let response = json!({ "status": 200, "contentType": "application/json" }).to_string();
    let body = br#"{"success":true,"code":200,"msg":""}"#;
    let call = crossed(js::interpret(&config, &prepared.to_string(), &response, body)).expect("a call");
    assert_eq!(call["reference"], FRESH);
    assert_eq!(call["correlation"], "reference");
    assert_eq!(call["raw"], json!({ "success": true, "code": 200, "msg": "" }));
}

#[wasm_bindgen_test]
fn a_push_keeps_every_digit_and_is_read_in_the_hosts_encodings() {
    let body =
        r#"{"callidentifier":1287547165745325390,"status":"Disconnected","reason":"HangUp","callDuration":"9","extra":9007199254740993}"#;
    let push = crossed(js::parse_push("quanmayun", "null", body.as_bytes())).expect("a push");
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
        let push = crossed(js::parse_push("dingxin", options, &gbk)).expect("a push");
        assert_eq!(push["records"][0]["outcome"]["message"], "未接通", "{options}");
    }
    let envelope = json!({ "provider": "dingxin", "receivedAt": "x" }).to_string();
    let push = crossed(js::process_push(&envelope, Some(gbk.clone()), None)).expect("a push");
    assert_eq!(push["records"][0]["outcome"]["message"], "未接通");
    // Neither is valid in GB18030: numbers, times and ids are read all the same.
    let push = crossed(js::parse_push("dingxin", "null", b"{\"subid\":\"1\",\"unaswRsn\":\"\xff\"}")).expect("a push");
    assert_eq!(push["records"][0]["outcome"]["message"], "\u{fffd}");
    let error = crossed(js::parse_push("dingxin", "null", b"{\"subid\":\xff}")).expect_err("no JSON");
    assert_eq!((&error["code"], &error["nack"]["body"]), (&json!("malformed-push"), &json!(r#"{"code":500,"msg":"fail"}"#)));
}

#[wasm_bindgen_test]
fn lines_are_normalized_whole_and_the_rest_is_left() {
    let chunk = "{\"subid\":\"1\",\"status\":1}\r\n\n{\"subid\":\"2\"\n{\"subid\":\"3\"";
    let bytes = js::normalize_lines("dingxin", "null", chunk.as_bytes(), false, 1.0, 0.0);
    let (bytes, length) = bytes.split_last_chunk::<4>().expect("a length");
    let (output, told) = bytes.split_at(bytes.len() - u32::from_le_bytes(*length) as usize);
    let output = std::str::from_utf8(output).expect("UTF-8");
    assert_eq!(output.lines().count(), 1);
    assert!(output.contains(r#""key":"dingxin:1""#), "{output}");
    let told = crossed(String::from_utf8(told.to_vec()).expect("UTF-8")).expect("lines");
    assert_eq!((&told[0], &told[1]), (&json!(chunk.len() - "{\"subid\":\"3\"".len()), &json!(3)));
    assert_eq!((&told[2][0]["line"], &told[2][0]["offset"]), (&json!(3), &json!(27)));
}

/// A driver of a few lines, which does what the exchange says with whatever `fetch` it is given.
async fn drive(config: &str, operation: &str, params: &Value, fetch: &Function) -> Result<Value, Value> {
    let mut progress = String::new();
    let mut event = json!({ "type": "start" });
    let mut body = Vec::new();
    loop {
        let step = js::advance(config, operation, &params.to_string(), &progress, &event.to_string(), &body, NOW, FRESH, 0.0);
        let mut step = crossed(step)?;
        progress = step["progress"].as_str().unwrap_or_default().to_owned();
        event = match step["do"].as_str() {
            Some("send") => {
                let request = JSON::parse(&step["request"].to_string()).expect("JSON");
                let answered = fetch.call2(&JsValue::UNDEFINED, &get(&request, "url"), &request).expect("a promise");
                match JsFuture::from(answered.unchecked_into::<Promise>()).await {
                    Ok(response) => {
                        let buffer = get(&response, "arrayBuffer").unchecked_into::<Function>().call0(&response).expect("a promise");
                        let buffer = JsFuture::from(buffer.unchecked_into::<Promise>()).await.expect("a body");
                        body = Uint8Array::new(&buffer).to_vec();
                        json!({ "type": "answer", "partial": false, "status": from_js(&get(&response, "status")) })
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
    }
}

/// A `fetch` that gives these answers one after the other, and keeps what it was asked.
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
    let receiver = js::ReceiverHandle::new(&options.to_string());
    crossed(receiver.check()).expect("good options");
    let admit =
        |method: &str, url: &str| crossed(receiver.admit(&json!({ "method": method, "url": url }).to_string())).expect("an admission");
    let good = admit("POST", "https://crm.example/push/0123456789abcdefghijklmnopqrstuv?reference=o-1");
    assert_eq!((&good["provider"], &good["account"], &good["query"]), (&json!("mixcom"), &json!("main"), &json!("reference=o-1")));
    let foreign = admit("POST", "https://crm.example/push/0123456789abcdefghijklmnopqrstuw");
    assert_eq!((&foreign["reason"], &foreign["answer"]["status"]), (&json!("token"), &json!(404)));
    assert_eq!(admit("PUT", "https://crm.example/")["answer"]["headers"]["allow"], "GET, HEAD, POST");
    let weak = json!({ "provider": "mixcom", "tokens": ["short"] });
    assert_eq!(crossed(js::ReceiverHandle::new(&weak.to_string()).check()).expect_err("a weak token")["code"], "invalid-argument");
}

#[wasm_bindgen_test]
fn what_crosses_as_text_is_what_serde_builds_member_by_member() {
    let body = concat!(
        r#"{"event":"fee","callIdentifier":"CAE-20200302174758-12017889","caller":"+8613000000001","callee":"+8617600000002","Duration":10,"#,
        r#""callerStartTime":"2020-03-02 17:48:07","callerAlertingTime":"2020-03-02 17:48:12","callerAnswerTime":"2020-03-02 17:48:15","#,
        r#""ulFailReason":0,"calleeStartTime":"2020-03-02 17:47:58","calleeAnswerTime":"2020-03-02 17:48:07","#,
        r#""callEndTime":"2020-03-02 17:48:17","isRecord":1,"recordUrl":"http://v-record.mixcom.cn/1.wav"}"#
    );
    let platform = ringback::provider::platform("mixcom").expect("mixcom");
    let push = receive::parse_push(platform, body, &PushOptions::default()).expect("a push");
    let record = &push.records[0];
    let text = crossed(js::parse_push("mixcom", "null", body.as_bytes())).expect("a push")["records"][0].take();
    let serializer = Serializer::json_compatible();
    for (name, built) in [
        ("outcome", record.outcome.serialize(&serializer)),
        ("caller", record.caller.serialize(&serializer)),
        ("callee", record.callee.serialize(&serializer)),
        ("connectedAt", record.connected_at.serialize(&serializer)),
        ("talkSeconds", record.talk_seconds.serialize(&serializer)),
        ("recording", record.recording.serialize(&serializer)),
    ] {
        assert_eq!(from_js(&built.expect("plain data")), text[name], "{name}");
    }
}
