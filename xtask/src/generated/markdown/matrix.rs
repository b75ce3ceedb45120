//! Tables with all platforms: the matrix, the dialects and the acknowledgements.

use ringback::{Description, Mark, OptionRow, PushSource, RungFirst};

use super::{Language, code, codes, row, rule};

/// One column for each platform.
pub fn matrix(platforms: &[Description], language: Language) -> String {
    type Cell = fn(&Description, Language) -> String;
    let rows: [(&str, &str, Cell); 8] = [
        ("rung first", "先呼哪一方", rung_first),
        ("operations", "操作", |platform, _| codes(platform.operations.iter().map(|kind| kind.as_str()))),
        ("options of its own", "专有选项", |platform, _| {
            options(
                platform.credentials.iter().chain(platform.options.iter().filter(|option| option.name != "baseUrl" || option.is_required)),
            )
        }),
        ("a dial's own fields", "呼叫的专有字段", |platform, _| options(platform.dial_fields.iter())),
        ("`call.correlation`", "`call.correlation`", |platform, _| format!("`{}`", platform.correlation.as_str())),
        ("your `reference`", "您的 `reference`", reference),
        ("CDR push", "话单推送", push),
        ("recording", "录音", recording),
    ];
    let mut text = row(std::iter::once(String::new()).chain(platforms.iter().map(|platform| platform.title.to_owned())));
    text.push_str(&rule(platforms.len() + 1));
    for (english, chinese, cell) in rows {
        let head = language.pick(english, chinese).to_owned();
        text.push_str(&row(std::iter::once(head).chain(platforms.iter().map(|platform| cell(platform, language)))));
    }
    text
}

pub fn rung_first(platform: &Description, language: Language) -> String {
    let who = match platform.rung_first {
        RungFirst::Caller => language.pick("the caller", "主叫"),
        RungFirst::Callee => language.pick("the callee", "被叫"),
        RungFirst::Unknown => return language.pick("not said", "文档未说明").to_owned(),
    };
    match platform.rung_first_source {
        Mark::Documented => who.to_owned(),
        Mark::Known => format!("{who}{}", language.pick(" (known)", "（实践得知）")),
        Mark::Chosen => format!("{who}{}", language.pick(" (chosen)", "（本库选定）")),
    }
}

pub fn reference(platform: &Description, language: Language) -> String {
    let is_in_address = platform.options.iter().any(|option| option.name == "pushUrl");
    match (platform.echoes_reference, is_in_address) {
        (true, _) => language.pick("in the record", "随话单返回").to_owned(),
        (false, true) => language.pick("in `pushUrl`, back with the record", "放在 `pushUrl` 里，随话单返回").to_owned(),
        (false, false) => language.pick("only in `Call`", "只在 `Call` 中").to_owned(),
    }
}

pub fn push(platform: &Description, language: Language) -> String {
    let pulls = platform.operations.iter().any(|kind| kind.as_str() == "records");
    let known = match platform.push {
        PushSource::Documented => language.pick("documented", "文档载明"),
        PushSource::Known => language.pick("known", "实践得知"),
    };
    let pulled = language.pick("; `records()` is documented", "；文档载明的是 `records()`");
    format!("{known}{}", if pulls { pulled } else { "" })
}

pub fn recording(platform: &Description, language: Language) -> String {
    let offered = platform.operations.iter().any(|kind| kind.as_str() == "recording");
    match (offered, platform.recording_by_id) {
        (false, _) => "–".to_owned(),
        (true, true) => language.pick("by call id, or from the record's address", "按通话标识，或按话单中的地址").to_owned(),
        (true, false) => language.pick("from the record's address only", "只按话单中的地址").to_owned(),
    }
}

pub fn dialects(platforms: &[Description], language: Language) -> String {
    let comma = language.pick(", ", "、");
    let colon = language.pick(": ", "：");
    let mut text = row([language.pick("platform", "平台"), "`dialect`"].map(str::to_owned)) + &rule(2);
    for platform in platforms {
        let shown = platform.dialect.iter().map(|option| {
            let values: Vec<String> = option.values.iter().map(|value| format!("`{value}`")).collect();
            let any = format!("{}{comma}{}", language.pick("text", "文本"), code(option.default));
            format!("`{}`{colon}{}", option.name, if values.is_empty() { any } else { values.join(comma) })
        });
        let shown: Vec<String> = shown.collect();
        text.push_str(&row([platform.name.to_owned(), if shown.is_empty() { "–".to_owned() } else { shown.join(" · ") }]));
    }
    text
}

pub fn acknowledgements(platforms: &[Description], language: Language) -> String {
    let heads = language.pick("|acknowledged with|not kept: answered with|comes again", "|确认的响应|未保存时的响应|是否重推");
    let mut text = row(heads.split('|').map(str::to_owned)) + &rule(4);
    for platform in platforms {
        let answer = |reply: &ringback::Answer| format!("{} {}", reply.status, code(&reply.body));
        let again = if platform.pushes_again {
            language.pick("yes, see its notes", "会，见其说明")
        } else {
            language.pick("**not promised: count on one push**", "**不保证：请按只推一次处理**")
        };
        text.push_str(&row([platform.name.to_owned(), answer(&platform.ack), answer(&platform.nack), again.to_owned()]));
    }
    text
}

fn options<'a>(rows: impl Iterator<Item = &'a OptionRow>) -> String {
    let names: Vec<String> = rows.map(|option| format!("`{}{}`", option.name, if option.is_required { "" } else { "?" })).collect();
    if names.is_empty() { "–".to_owned() } else { names.join(" ") }
}
