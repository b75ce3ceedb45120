//! The wasm layer as JavaScript sees it. The same tests run in Node and in browsers.

use js_sys::{Array, Error as JsError, Function, JSON, Object, Promise, Reflect, Uint8Array};
use ringback::js;
use serde_json::{Value, json};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

const NOW: f64 = 1_583_142_000_123.0;
const FRESH: &str = "0123456789abcdef0123456789abcdef";

fn fresh() -> Function {
    Function::new_no_args(&format!("return '{FRESH}'"))
}

fn to_js(value: &Value) -> JsValue {
    JSON::parse(&value.to_string()).expect("JSON")
}

fn from_js(value: &JsValue) -> Value {
    JSON::stringify(value).map_or(Value::Null, |text| serde_json::from_str(&String::from(text)).expect("JSON"))
}

/// Undefined where there is no such member, or no object.
fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

fn text(object: &JsValue, name: &str) -> Option<String> {
    get(object, name).as_string()
}

fn config(options: Value) -> String {
    js::client_config(&to_js(&options)).unwrap_or_else(|error| panic!("{:?}", text(&error, "message")))
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
        let prepared = js::prepare(&config(options), operation, &to_js(&vector["params"]), NOW, &fresh()).expect("prepared");
        let shown = from_js(&prepared).to_string();
        for expected in [&vector["sign"], &vector["authorization"]].into_iter().filter_map(Value::as_str) {
            assert!(shown.contains(expected), "{expected} is not in {shown}");
        }
    }
}

#[wasm_bindgen_test]
fn errors_are_real_javascript_errors_with_their_fields() {
    let error = js::client_config(&to_js(&json!({ "provider": "mixcom", "appKey": "k1", "appSecert": "mix-secret" })))
        .expect_err("a misspelt option");
    let error: JsError = error.dyn_into().expect("a real Error");
    assert_eq!(String::from(error.name()), "RingbackError");
    assert_eq!(text(&error, "code").as_deref(), Some("invalid-argument"));
    assert_eq!(text(&error, "delivery").as_deref(), Some("not-sent"));
    assert_eq!(get(&error, "retryable").as_bool(), Some(false));
    let message = String::from(error.message());
    assert!(message.contains("appSecret") && !message.contains("mix-secret"), "{message}");
}

#[wasm_bindgen_test]
fn options_that_are_no_plain_data_are_refused_not_trapped() {
    let options = Object::new();
    Reflect::set(&options, &"provider".into(), &"mixcom".into()).expect("set");
    Reflect::set(&options, &"appKey".into(), &Function::new_no_args("")).expect("set");
    let error = js::client_config(&options).expect_err("a function is no option");
    assert_eq!(text(&error, "code").as_deref(), Some("invalid-argument"));
    let number = to_js(&json!({ "provider": "quanmayun", "appId": 1_696_054_309_969_104_898_u64, "appSecret": "s" }));
    let error = js::client_config(&number).expect_err("a number has lost digits");
    assert!(text(&error, "message").is_some_and(|message| message.contains("appId") && message.contains("text")));
}

#[wasm_bindgen_test]
fn no_randomness_is_drawn_for_a_dial_that_has_its_reference() {
    let exhausted = Function::new_no_args("throw new Error('nothing left')");
    let prepare = |dial: Value| js::prepare(&mixcom(), "dial", &to_js(&dial), NOW, &exhausted);
    assert!(prepare(json!({ "caller": "13800000001", "callee": "13900000002" })).is_err());
    let prepared = prepare(json!({ "caller": "13800000001", "callee": "13900000002", "reference": "r-1" })).expect("prepared");
    assert_eq!(text(&prepared, "reference").as_deref(), Some("r-1"));
}

#[wasm_bindgen_test]
fn a_prepared_request_survives_a_queue_and_is_interpreted_later() {
    let config = mixcom();
    let dial = to_js(&json!({ "caller": "13800000001", "callee": "13900000002" }));
    let prepared = js::prepare(&config, "dial", &dial, NOW, &fresh()).expect("prepared");
    assert_eq!(text(&prepared, "reference").as_deref(), Some(FRESH));
    let prepared = to_js(&from_js(&prepared));
    let response = to_js(
        &json!({ "status": 200, "headers": { "Content-Type": "application/json" }, "body": r#"{"success":true,"code":200,"msg":""}"# }),
    );
    let call = from_js(&js::interpret(&config, &prepared, &response).expect("a call"));
    assert_eq!(call["reference"], FRESH);
    assert_eq!(call["correlation"], "reference");
    assert_eq!(call["raw"], json!({ "success": true, "code": 200, "msg": "" }));
}

#[wasm_bindgen_test]
fn a_push_keeps_every_digit_and_reads_bytes_text_and_gbk() {
    let body =
        r#"{"callidentifier":1287547165745325390,"status":"Disconnected","reason":"HangUp","callDuration":"9","extra":9007199254740993}"#;
    let bytes = Uint8Array::from(body.as_bytes());
    for body in [JsValue::from_str(body), bytes.into()] {
        let push = from_js(&js::parse_push("quanmayun", &body, &JsValue::UNDEFINED).expect("a push"));
        assert_eq!(push["records"][0]["callId"], "1287547165745325390");
        assert_eq!(push["records"][0]["raw"]["extra"], "9007199254740993");
        assert_eq!(push["ack"]["body"], r#"{"code":"200","msg":"success","data":""}"#);
    }
    // 未接通 in GBK.
    let mut gbk = br#"{"subid":"1","status":2,"unaswRsn":""#.to_vec();
    gbk.extend([0xce, 0xb4, 0xbd, 0xd3, 0xcd, 0xa8]);
    gbk.extend(b"\"}");
    let options = to_js(&json!({ "contentType": "application/json; charset=GBK" }));
    let push = from_js(&js::parse_push("dingxin", &Uint8Array::from(gbk.as_slice()), &options).expect("a push"));
    assert_eq!(push["records"][0]["outcome"]["message"], "未接通");
    let error = js::parse_push("dingxin", &Uint8Array::from(gbk.as_slice()), &JsValue::UNDEFINED).expect_err("it is not UTF-8");
    assert_eq!(text(&error, "code").as_deref(), Some("malformed-push"));
    // The first two bytes of the GBK text happen to be UTF-8.
    assert!(text(&error, "message").is_some_and(|message| message.contains("byte 38")), "{:?}", text(&error, "message"));
    assert_eq!(text(&get(&error, "nack"), "body").as_deref(), Some(r#"{"code":500,"msg":"fail"}"#));
}

#[wasm_bindgen_test]
fn lines_are_normalized_whole_and_the_rest_is_left() {
    let chunk = "{\"subid\":\"1\",\"status\":1}\r\n\n{\"subid\":\"2\"\n{\"subid\":\"3\"";
    let done = js::normalize_lines("dingxin", &JsValue::UNDEFINED, chunk.as_bytes(), false, 1.0, 0.0).expect("lines");
    let output: Uint8Array = get(&done, "output").dyn_into().expect("bytes");
    let output = String::from_utf8(output.to_vec()).expect("UTF-8");
    assert_eq!(output.lines().count(), 1);
    assert!(output.contains(r#""key":"dingxin:1""#), "{output}");
    assert_eq!(get(&done, "lines").as_f64(), Some(3.0));
    assert_eq!(from_js(&get(&done, "consumed")), json!(chunk.len() - "{\"subid\":\"3\"".len()));
    let unreadable = from_js(&get(&done, "unreadable"));
    assert_eq!((&unreadable[0]["line"], &unreadable[0]["offset"]), (&json!(3), &json!(27)));
}

/// A driver of a few lines, which does what the exchange says with whatever `fetch` it is given.
async fn drive(config: &str, operation: &str, params: &Value, fetch: &Function) -> Result<JsValue, JsValue> {
    let params = to_js(params);
    let mut progress = String::new();
    let mut event = to_js(&json!({ "type": "start" }));
    loop {
        let step = js::advance(config, operation, &params, &progress, &event, NOW, &fresh(), 0.0)?;
        progress = text(&step, "progress").unwrap_or_default();
        event = match text(&step, "do").as_deref() {
            Some("send") => {
                let request = get(&step, "request");
                let answered: Promise = fetch.call2(&JsValue::UNDEFINED, &get(&request, "url"), &request)?.dyn_into()?;
                match JsFuture::from(answered).await {
                    Ok(response) => {
                        let buffer: Promise = get(&response, "arrayBuffer").dyn_into::<Function>()?.call0(&response)?.dyn_into()?;
                        let event = to_js(&json!({ "type": "answer", "partial": false }));
                        Reflect::set(&event, &"status".into(), &get(&response, "status"))?;
                        Reflect::set(&event, &"headers".into(), &get(&response, "headers"))?;
                        Reflect::set(&event, &"body".into(), &JsFuture::from(buffer).await?)?;
                        event
                    }
                    Err(error) => {
                        let event = to_js(&json!({ "type": "failure", "reason": "error", "sent": true }));
                        Reflect::set(&event, &"error".into(), &error)?;
                        event
                    }
                }
            }
            Some("wait") => to_js(&json!({ "type": "waited" })),
            Some("done") => return Ok(get(&step, "result")),
            _ => return Err(get(&step, "error")),
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
    let balance = from_js(&drive(&seatcall(), "balance", &json!({}), &fetch).await.expect("a balance"));
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
        assert_eq!(text(&error, "delivery").as_deref(), Some(delivery));
        let shown = format!("{:?} {:?}", text(&error, "message"), text(&get(&error, "cause"), "message"));
        assert!(!shown.contains("13800000001") && !shown.contains("mix-secret"), "{shown}");
    }
}

#[wasm_bindgen_test]
fn a_push_is_admitted_by_its_token_only() {
    let options = json!({ "provider": "mixcom", "tokens": ["0123456789abcdefghijklmnopqrstuv"], "name": "main" });
    let config = js::receiver_config(&to_js(&options)).expect("good options");
    let admit = |method, url| from_js(&js::admit(&config, method, url, None, None, None).expect("an admission"));
    let good = admit("POST", "https://crm.example/push/0123456789abcdefghijklmnopqrstuv?reference=o-1");
    assert_eq!((&good["admitted"], &good["account"], &good["query"]), (&json!(true), &json!("main"), &json!("reference=o-1")));
    assert_eq!(admit("POST", "https://crm.example/push/0123456789abcdefghijklmnopqrstuw")["answer"]["status"], 404);
    assert_eq!(admit("GET", "https://crm.example/")["answer"]["headers"]["allow"], "POST");
    let weak = js::receiver_config(&to_js(&json!({ "provider": "mixcom", "tokens": ["short"] }))).expect_err("a weak token");
    assert_eq!(text(&weak, "code").as_deref(), Some("invalid-argument"));
}
