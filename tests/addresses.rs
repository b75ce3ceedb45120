//! Tests to which addresses a request for a recording may go. Pushes are not signed, so an address in a push may be forged.

use std::collections::BTreeSet;

use ringback::{
    Delivery, Description, Download, ErrorCode, Moment, Operation, Options, Provider, Value as Input, find_platform, open_account,
    prepare_request, read_operation,
};
use serde_json::{Value, json};

/// The platforms that report an address, and their own host, with and without its port.
const PLATFORMS: [(&str, &str, &str); 3] = [
    ("quanmayun", "record.v3.quanmayun.com:9090", "record.v3.quanmayun.com"),
    ("cyjcloud", "platform.example", "platform.example"),
    ("seatcall", "platform.example", "platform.example"),
];

fn account(platform: &str, more: &Value) -> Box<dyn Provider> {
    let description = Description::of(find_platform(platform).expect("a platform"));
    let mut options = serde_json::to_value(description.sample_account()).expect("options");
    options.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    open_account(Options::from_json("options", &options.to_string()).expect("an object")).expect("an account")
}

fn fetch_address(provider: &dyn Provider, url: &str) -> Result<String, ringback::Error> {
    let operation = Operation::Download(Download { url: url.to_owned() });
    prepare_request(provider, operation, &Moment::from(0)).map(|prepared| prepared.url)
}

#[test]
fn a_recording_is_fetched_only_from_where_the_account_says() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("vectors/addresses.json")).expect("a list");
    let (mut failures, mut refused) = (Vec::new(), BTreeSet::new());
    for vector in &vectors {
        for (platform, host, name) in PLATFORMS {
            if vector["providers"].as_array().is_some_and(|only| !only.contains(&json!(platform))) {
                continue;
            }
            let host = if vector["upper"] == true { host.to_uppercase() } else { host.to_owned() };
            let url = vector["url"].as_str().expect("an address").replace("HOST", &host).replace("NAME", name);
            let hosts = vector["recordingHosts"].as_array().cloned().unwrap_or_default();
            match fetch_address(&*account(platform, &json!({ "recordingHosts": hosts })), &url) {
                // `asked` is the requested address, if it differs from the given one.
                Ok(asked)
                    if vector["fetched"] == true
                        && asked == vector["asked"].as_str().map_or(url.clone(), |asked| asked.replace("HOST", &host)) => {}
                Err(error)
                    if vector["fetched"] == false && error.code == ErrorCode::InvalidArgument && error.delivery == Delivery::NotSent =>
                {
                    refused.insert(vector["name"].to_string());
                }
                other => failures.push(format!("{platform}: {}: {url:?}: {other:?}", vector["name"])),
            }
        }
    }
    println!("{} tricks refused", refused.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(refused.len() > 90, "the list of addresses is incomplete");
}

#[test]
fn a_base_address_on_the_own_machine_allows_no_other_port() {
    let provider = account("seatcall", &json!({ "baseUrl": "http://127.0.0.1:9090" }));
    assert!(fetch_address(&*provider, "http://127.0.0.1:9090/1.mp3").is_ok());
    for url in ["http://127.0.0.1/1.mp3", "http://127.0.0.1:6379/1.mp3", "http://127.0.0.1:9091/1.mp3", "http://127.1:9090/1.mp3"] {
        assert!(fetch_address(&*provider, url).is_err(), "{url}");
    }
    let named = account("seatcall", &json!({ "baseUrl": "http://127.0.0.1:9090", "recordingHosts": "127.0.0.1" }));
    assert!(fetch_address(&*named, "http://127.0.0.1:9091/1.mp3").is_ok());
}

#[test]
fn a_call_id_from_a_push_cannot_leave_its_path() {
    let options = json!({ "provider": "dingxin", "appKey": "k1", "appSecret": "s1" });
    let provider = open_account(Options::from_json("options", &options.to_string()).expect("an object")).expect("an account");
    let asked = |id: &str| {
        let operation = read_operation(&*provider, "recording", Input::Text(id.to_owned())).expect("an operation");
        prepare_request(&*provider, operation, &Moment::from(0)).map(|prepared| prepared.url)
    };
    for id in [".", "..", " .. "] {
        assert_eq!(asked(id).expect_err(id).code, ErrorCode::InvalidArgument);
    }
    for id in ["../../x", "a/b", "%2e%2e", "a?b=1", "a#b", "..;", "@evil.example", "\r\nx: y", "话单"] {
        let url = asked(id).expect("an address");
        let last = url.strip_prefix("https://xl.dingxin106.com/call/companyRecordDownlaod/").expect("the path").split('?').next();
        let last = last.expect("a path's part");
        assert!(last.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%-._~".contains(&byte)) && last != "." && last != "..", "{url}");
        let decoded = form_urlencoded::parse(format!("id={}", last.replace('+', "%2B")).as_bytes()).next().expect("a pair").1.into_owned();
        assert_eq!(decoded, id.trim());
    }
}
