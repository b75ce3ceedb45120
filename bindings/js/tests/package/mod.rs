//! Tests the finished package, with the published wasm and glue. `cargo xtask test wasm-node` puts it into `node_modules`.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen]
extern "C" {
    /// The package's module.
    type Package;
    #[wasm_bindgen(method)]
    fn init(this: &Package) -> Promise;
    #[wasm_bindgen(method, catch, js_name = createClient)]
    fn create_client(this: &Package, options: &JsValue) -> Result<Client, JsValue>;
    #[wasm_bindgen(method, catch, js_name = createReceiver)]
    fn create_receiver(this: &Package, options: &JsValue) -> Result<Function, JsValue>;
    #[wasm_bindgen(method, js_name = createToken)]
    fn create_token(this: &Package) -> String;
    #[wasm_bindgen(method, js_name = isRingbackError)]
    fn is_ringback_error(this: &Package, value: &JsValue) -> bool;
    #[wasm_bindgen(method, js_name = normalizeStream)]
    fn normalize_stream(this: &Package, provider: &str) -> JsValue;

    type Client;
    #[wasm_bindgen(method)]
    fn dial(this: &Client, request: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    fn balance(this: &Client) -> Promise;
}

/// Evaluates a JavaScript expression in which `given` is these values.
fn evaluated(names: &str, given: &[&JsValue], expression: &str) -> JsValue {
    let given: Array = given.iter().copied().collect();
    let function = Function::new_with_args(names, &format!("return {expression};"));
    function.apply(&JsValue::UNDEFINED, &given).unwrap_or_else(|error| panic!("{error:?}"))
}

async fn settled(promise: JsValue) -> Result<JsValue, JsValue> {
    JsFuture::from(promise.unchecked_into::<Promise>()).await
}

/// Loads the package: in Node with `require`, in a browser from the tests' server, which serves this directory too.
async fn package() -> Package {
    let is_node = "typeof process === 'object' && !!process.versions?.node";
    let required = "process.getBuiltinModule('node:module').createRequire(`${process.cwd()}/`)('ringback')";
    let module = evaluated("", &[], &format!("{is_node} ? Promise.resolve({required}) : import('/node_modules/ringback/dist/browser.js')"));
    let package: Package = settled(module).await.expect("the package in node_modules").unchecked_into();
    JsFuture::from(package.init()).await.expect("the wasm");
    package
}

fn text(object: &JsValue, name: &str) -> Option<String> {
    Reflect::get(object, &name.into()).ok()?.as_string()
}

/// Creates a `fetch` that gives these answers one after the other, and keeps its requests.
fn stub_fetch(answers: &str) -> (JsValue, Array) {
    let asked = Array::new();
    let fetch = evaluated(
        "asked",
        &[&asked],
        &format!("((answers) => async (url, init) => {{ asked.push({{ url, ...init }}); return answers.shift()(); }})([{answers}])"),
    );
    (fetch, asked)
}

#[wasm_bindgen_test]
async fn a_dial_goes_through_a_whole_exchange() {
    let package = package().await;
    let (fetch, asked) =
        stub_fetch(r#"() => new Response('{"success":true,"code":200,"msg":""}', { headers: { "content-type": "application/json" } })"#);
    let options = evaluated("fetch", &[&fetch], "({ provider: 'mixcom', appKey: 'k1', appSecret: 's1', now: () => 1583142000123, fetch })");
    let client = package.create_client(&options).expect("a client");
    let request = evaluated("", &[], "({ caller: '13800000001', callee: '13900000002', reference: 'order-1' })");
    let call = settled(client.dial(&request).into()).await.expect("a call");
    assert_eq!(text(&call, "reference").as_deref(), Some("order-1"));
    assert_eq!(text(&call, "correlation").as_deref(), Some("reference"));
    assert_eq!(asked.length(), 1);
    assert_eq!(text(&asked.get(0), "url").as_deref(), Some("http://api-voicecall.mixcom.cn/voice/dial"));
    assert!(text(&asked.get(0), "body").is_some_and(|body| body.contains("13900000002")));
}

#[wasm_bindgen_test]
async fn a_safe_operation_is_tried_again_and_a_dial_is_not() {
    let package = package().await;
    let failing = r#"() => new Response("", { status: 502 })"#;
    let (fetch, asked) = stub_fetch(&format!(r#"{failing}, () => new Response('{{"meta":{{"success":true}},"data":6152}}')"#));
    let account = "provider: 'seatcall', customerId: 'customer-4e2239c5', appSecret: 'seat-secret', baseUrl: 'https://seat.example', fetch";
    let options = evaluated("fetch", &[&fetch], &format!("({{ {account} }})"));
    let balance = settled(package.create_client(&options).expect("a client").balance().into()).await.expect("a balance");
    assert_eq!(Reflect::get(&balance, &"remaining".into()).expect("a member").as_f64(), Some(6152.0));
    assert_eq!(asked.length(), 2);

    let (fetch, asked) = stub_fetch(&format!("{failing}, {failing}"));
    let options = evaluated("fetch", &[&fetch], "({ provider: 'mixcom', appKey: 'k1', appSecret: 'mix-secret', fetch })");
    let request = evaluated("", &[], "({ caller: '13800000001', callee: '13900000002' })");
    let error = settled(package.create_client(&options).expect("a client").dial(&request).into()).await.expect_err("an error");
    assert!(package.is_ringback_error(&error));
    assert_eq!(text(&error, "delivery").as_deref(), Some("unknown"));
    assert_eq!(asked.length(), 1);
}

#[wasm_bindgen_test]
async fn a_receiver_keeps_a_push_and_acknowledges_it() {
    let package = package().await;
    let token = package.create_token();
    let kept = Array::new();
    let options = evaluated(
        "token, kept",
        &[&token.as_str().into(), &kept],
        "({ provider: 'mixcom', tokens: [token], onRecord: async (record) => void kept.push(record) })",
    );
    let receive = package.create_receiver(&options).expect("a receiver");
    let answer = async |path: &str| {
        let body = r#"{"event":"fee","callIdentifier":"c-1","caller":"+8613000000001","Duration":9,"extra":9007199254740993}"#;
        let request = evaluated(
            "path, body",
            &[&path.into(), &body.into()],
            "new Request(`https://crm.example/push/${path}`, { method: 'POST', body })",
        );
        let response = settled(receive.call1(&JsValue::UNDEFINED, &request).expect("a promise")).await.expect("a response");
        Reflect::get(&response, &"status".into()).expect("a status").as_f64()
    };
    assert_eq!(answer("a-wrong-token").await, Some(404.0));
    assert_eq!(kept.length(), 0);
    assert_eq!(answer(&token).await, Some(200.0));
    let record = kept.get(0);
    assert_eq!(text(&record, "key").as_deref(), Some("mixcom:c-1"));
    let raw = Reflect::get(&record, &"raw".into()).expect("a payload");
    assert_eq!(text(&raw, "extra").as_deref(), Some("9007199254740993"), "no digit is lost");
}

#[wasm_bindgen_test]
async fn a_stream_is_normalized() {
    let package = package().await;
    let lines = "{\"subid\":\"1\",\"status\":1}\n{\"subid\":\"2\",\"status\":1}";
    let text = evaluated(
        "lines, stream",
        &[&lines.into(), &package.normalize_stream("dingxin")],
        "new Response(new Blob([lines]).stream().pipeThrough(stream)).text()",
    );
    let output = settled(text).await.expect("text").as_string().expect("text");
    let keys: Vec<bool> = output.lines().zip(["dingxin:1", "dingxin:2"]).map(|(line, key)| line.contains(key)).collect();
    assert_eq!(keys, [true, true], "{output}");
}
