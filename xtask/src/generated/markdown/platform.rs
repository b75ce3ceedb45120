//! Everything about one platform, for its page.

use ringback::{Advised, Correlation, Description, DialectRow, Kind, Mark, OptionRow, Reason, Refusal};

use super::matrix::{push, recording, reference, rung_first};
use super::{Language, code, codes, row, rule};

/// The block of a platform's page.
pub fn facts(platform: &Description, language: Language) -> String {
    let mut text = String::from("\n");
    text.push_str(&addresses(platform, language));
    text.push_str(&table_of_facts(platform, language));
    let options = platform.credentials.iter().chain(&platform.options);
    text.push_str(&option_table(language.pick("Options of `createClient`", "`createClient` 的选项"), options, language));
    let title = language.pick(
        "Fields of a dial, besides `caller`, `callee`, `reference` and `extra`",
        "`dial` 的专有字段（`caller`、`callee`、`reference`、`extra` 之外）",
    );
    text.push_str(&option_table(title, platform.dial_fields.iter(), language));
    text.push_str(&dialect_table(&platform.dialect, language));
    text.push_str(&record_table(platform, language));
    text.push_str(&reason_table(&platform.reasons, language));
    text.push_str(&refusal_table(platform.refusals, language));
    text.push_str(&notes(platform, language));
    text
}

fn addresses(platform: &Description, language: Language) -> String {
    let place = match (platform.base_url, platform.recording_base_url) {
        (Some(base), Some(recordings)) => match language {
            Language::English => format!("Base address `{base}`, recordings `{recordings}`."),
            Language::Chinese => format!("接口地址 `{base}`，录音地址 `{recordings}`。"),
        },
        (Some(base), None) => match language {
            Language::English => format!("Base address `{base}`."),
            Language::Chinese => format!("接口地址 `{base}`。"),
        },
        (None, _) => language
            .pick("The address is agreed with each customer: `baseUrl` is required.", "接口地址由平台与每个客户约定：必须设置 `baseUrl`。")
            .to_owned(),
    };
    let space = language.pick(" ", "");
    let doc = if platform.doc.is_empty() { String::new() } else { format!("{space}{}", language.of_text(platform.doc)) };
    format!("`provider: \"{}\"`{}{place}{doc}\n\n", platform.name, language.pick(". ", "。"))
}

fn table_of_facts(platform: &Description, language: Language) -> String {
    let mut text = row(["", ""].map(str::to_owned)) + &rule(2);
    let mut fact = |english: &str, chinese: &str, value: String| text.push_str(&row([language.pick(english, chinese).to_owned(), value]));
    fact("operations", "操作", codes(platform.operations.iter().map(|kind| kind.as_str())));
    fact("rung first", "先呼哪一方", rung_first(platform, language));
    let found = match platform.correlation {
        Correlation::CallId => language.pick("by the call id that the dial answers", "按 `dial` 返回的通话标识"),
        Correlation::Reference => language.pick("by the reference: a dial answers no call id", "按 `reference`：`dial` 不返回通话标识"),
        Correlation::None => language.pick("the platform promises no link between dial and record", "平台不保证呼叫与话单之间有任何关联"),
    };
    fact("finding a call's record", "怎样找到话单", found.to_owned());
    let limit = platform.limits.reference;
    let limit = match language {
        Language::English => format!("; at most {limit} characters"),
        Language::Chinese => format!("；最长 {limit} 个字符"),
    };
    fact("your `reference`", "您的 `reference`", reference(platform, language) + &limit);
    let windows: Vec<String> = platform.clock_seconds.iter().map(|(operation, seconds)| clock(operation, *seconds, language)).collect();
    let windows =
        if windows.is_empty() { language.pick("is not checked", "不校验").to_owned() } else { windows.join(language.pick("; ", "；")) };
    fact("this machine's clock", "本机时钟", windows);
    fact("push of records", "话单推送", push(platform, language));
    fact("acknowledged with", "已保存时的响应", format!("{} {}", platform.ack.status, code(&platform.ack.body)));
    fact("not kept: answered with", "未保存时的响应", format!("{} {}", platform.nack.status, code(&platform.nack.body)));
    let again = if platform.pushes_again { language.pick("yes", "会") } else { language.pick("not promised", "不保证") };
    fact("pushed again when not acknowledged", "未确认时是否重推", again.to_owned());
    fact("recording", "录音", recording(platform, language));
    let domains = if platform.domains.is_empty() {
        language.pick("none: list its hosts in `recordingHosts`", "无：请把录音主机列入 `recordingHosts`").to_owned()
    } else {
        codes(platform.domains.iter().copied())
    };
    fact("domains that recordings are fetched from", "可下载录音的域名", domains);
    text
}

fn clock(operation: &str, seconds: i64, language: Language) -> String {
    match (language, seconds > 0) {
        (Language::English, true) => format!("`{operation}`: at most {seconds} s off"),
        (Language::English, false) => format!("`{operation}`: checked, the document does not say how strictly"),
        (Language::Chinese, true) => format!("`{operation}`：误差不超过 {seconds} 秒"),
        (Language::Chinese, false) => format!("`{operation}`：会校验，允许的误差文档未说明"),
    }
}

fn mark(mark: Mark, language: Language) -> &'static str {
    let english = mark.as_str();
    if language == Language::English {
        return english;
    }
    match mark {
        Mark::Documented => "文档载明",
        Mark::Known => "实践得知",
        Mark::Chosen => "本库选定",
    }
}

fn option_table<'a>(title: &str, options: impl Iterator<Item = &'a OptionRow>, language: Language) -> String {
    let mut rows = String::new();
    for option in options {
        let mut marks = vec![if option.is_required { language.pick("required", "必填") } else { language.pick("optional", "可选") }];
        marks.extend(option.is_secret.then_some(language.pick("secret", "保密")));
        let kind = match option.kind {
            Kind::Integer { least, most } => match language {
                Language::English => format!("{least} to {most}"),
                Language::Chinese => format!("{least} 到 {most}"),
            },
            Kind::OneOf { values } => codes(values.iter().copied()),
            Kind::Text { .. } => language.pick("text", "文本").to_owned(),
            Kind::PhoneNumber => language.pick("a phone number", "电话号码").to_owned(),
            Kind::Url => language.pick("an address", "网址").to_owned(),
        };
        rows.push_str(&row([code(option.name), marks.join(language.pick(", ", "、")), kind, language.of_text(option.doc).to_owned()]));
    }
    titled(title, language.pick("option | | holds | |", "选项 | | 内容 | 说明 |"), 4, &rows)
}

fn dialect_table(dialect: &[DialectRow], language: Language) -> String {
    let (colon, semicolon) = (language.pick(": ", "："), language.pick("; ", "；"));
    let mut rows = String::new();
    for option in dialect {
        let mut values = vec![];
        for (value, doc) in option.values.iter().zip(option.value_docs.iter().map(Some).chain(std::iter::repeat(None))) {
            values.push(doc.map_or_else(
                || code(value),
                |doc| format!("{}{colon}{}", code(value), language.of_text(*doc).trim_end_matches(['.', '。'])),
            ));
        }
        let shown = if values.is_empty() { language.pick("any text", "任意文本").to_owned() } else { values.join(semicolon) };
        let default = match language {
            Language::English => format!("{} ({})", code(option.default), mark(option.mark, language)),
            Language::Chinese => format!("{}（{}）", code(option.default), mark(option.mark, language)),
        };
        rows.push_str(&row([code(option.name), default, shown, language.of_text(option.doc).to_owned()]));
    }
    titled(
        language.pick("Dialect: where the document is ambiguous", "`dialect`：文档含糊之处的取舍"),
        language.pick("option | default | values | |", "选项 | 默认值 | 可选值 | 说明 |"),
        4,
        &rows,
    )
}

fn record_table(platform: &Description, language: Language) -> String {
    let rows: String = platform.record_fields.iter().map(|(name, place)| row([code(name), code(place.path())])).collect();
    titled(
        language.pick("Fields of its records that are copied one to one", "话单字段对照（原样取值的字段）"),
        language.pick("field | place in `CallRecord` |", "平台字段 | `CallRecord` 中的位置 |"),
        2,
        &rows,
    )
}

fn reason_table(reasons: &[&Advised<Reason>], language: Language) -> String {
    let mut rows = String::new();
    for Advised { item: reason, advice_zh } in reasons {
        let leg = reason.leg.map(|leg| code(leg.as_str())).unwrap_or_default();
        let mut cells = vec![code(reason.code), code(reason.status.as_str()), code(reason.cause.as_str()), leg, reason.message.to_owned()];
        if language == Language::English {
            cells.push(reason.message_en.to_owned());
        }
        cells.push(language.pick(reason.advice, advice_zh).to_owned());
        rows.push_str(&row(cells));
    }
    let (heads, columns) = match language {
        Language::English => ("code | status | cause | leg | the document's words | in English | what to do |", 7),
        Language::Chinese => ("代码 | `status` | `cause` | `leg` | 文档原话 | 怎么办 |", 6),
    };
    titled(language.pick("Codes in its records", "话单中的代码"), heads, columns, &rows)
}

fn refusal_table(refusals: &[Advised<Refusal>], language: Language) -> String {
    let mut rows = String::new();
    for Advised { item: refusal, advice_zh } in refusals {
        let delivery = if refusal.indeterminate { "`unknown`" } else { "`refused`" };
        let reason = format!("[`{0}`](../reasons.md#{0})", refusal.reason.as_str());
        let mut cells = vec![code(refusal.code), code(refusal.error.as_str()), reason, delivery.to_owned()];
        match language {
            Language::English => cells.extend([refusal.message, refusal.message_en].map(str::to_owned)),
            Language::Chinese if refusal.message.is_empty() => cells.push("文档未列出，由同类平台得知".to_owned()),
            Language::Chinese => cells.push(refusal.message.to_owned()),
        }
        cells.push(language.pick(refusal.advice, advice_zh).to_owned());
        rows.push_str(&row(cells));
    }
    let (heads, columns) = match language {
        Language::English => ("code | error | reason | delivery of a dial | the document's words | in English | what to do |", 7),
        Language::Chinese => ("代码 | `error.code` | `reason` | `dial` 的 `delivery` | 文档原话 | 怎么办 |", 6),
    };
    titled(language.pick("Codes of its refusals", "拒绝请求时的代码"), heads, columns, &rows)
}

fn notes(platform: &Description, language: Language) -> String {
    let marks = language.pick(
        "**documented**: in the platform's document. **known**: seen in public integrations of the platform or of a related one. **chosen**: no\n\
         document says it, it is Ringback's choice.",
        "**文档载明**：写在平台的文档里。**实践得知**：见于该平台或同类平台的公开接入代码。**本库选定**：文档未说明，是 Ringback 的选择。",
    );
    let mut text = format!("\n### {}\n\n{marks}\n\n", language.pick("Notes", "说明"));
    for note in &platform.notes {
        let (open, close) = (language.pick(" [", "〔"), language.pick("]\n", "〕\n"));
        text.extend(["- ", language.of_text(note.text), open, mark(note.mark, language), close]);
    }
    text + "\n"
}

fn titled(title: &str, heads: &str, columns: usize, rows: &str) -> String {
    if rows.is_empty() { String::new() } else { format!("\n### {title}\n\n| {heads}\n{}{rows}", rule(columns)) }
}
