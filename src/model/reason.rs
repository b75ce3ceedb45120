//! The reasons of errors: one stable word for each kind of fault.

use serde::{Serialize, Serializer};

use super::error::ErrorCode;
use super::text::Text;

/// Declares the reasons. Each has its word, what happened and what to do, in English and in Chinese, as data: the doc comments here, the
/// TypeScript types, `ringback/zh` and the page of each reason are made from these texts.
macro_rules! reasons {
    ($($variant:ident $word:literal $happened:literal $remedy:literal $happened_zh:literal $remedy_zh:literal)*) => {
        /// The kind of fault, finer than [`ErrorCode`]. A word never changes its meaning, so programs may compare it and translate by it;
        /// the message may change with any release.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorReason {
            $(
                #[doc = $happened]
                #[doc = ""]
                #[doc = $remedy]
                $variant,
            )*
        }

        impl ErrorReason {
            /// Every reason, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The reason's word, for example `clock-skew`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// Finds a reason by its word.
            #[must_use]
            pub fn named(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|reason| reason.as_str() == word)
            }

            /// A description of the fault, in one or two sentences.
            #[must_use]
            pub fn happened(self) -> Text {
                match self {
                    $(Self::$variant => Text::new($happened, $happened_zh),)*
                }
            }

            /// The advice, in one or two sentences.
            #[must_use]
            pub fn remedy(self) -> Text {
                match self {
                    $(Self::$variant => Text::new($remedy, $remedy_zh),)*
                }
            }
        }
    };
}

reasons! {
    // Faults of the arguments.
    Missing "missing"
        "A required option, parameter or field was not given."
        "Pass the one that `field` names."
        "缺少必填的选项、参数或字段。"
        "请传入 `field` 所指的那一项。"
    Empty "empty"
        "The text is empty, or has nothing but spaces."
        "Pass a text with content, or leave the option out where it is optional."
        "文本为空，或只有空格。"
        "请传入有内容的文本；可选的项可以不传。"
    NotText "not-text"
        "Text is needed, but the value is a number or has another type. A number loses leading zeros and, beyond 2^53, digits."
        "Pass the value as text, in quotes."
        "这里需要文本，传入的却是数字或其他类型。数字会丢掉前导零，超过 2^53 还会丢失位数。"
        "请加引号，以文本传入。"
    WrongType "wrong-type"
        "The value has the wrong type: for example text where an object, a list, a function, bytes or a number is needed."
        "Pass a value of the type that the hint names."
        "值的类型不对：例如需要对象、列表、函数、字节或数字，传入的却是文本。"
        "请传入 `expected` 所列类型的值。"
    NotPlainData "not-plain-data"
        "The value cannot be read as plain data: it holds a function, a symbol, an object with `toJSON` or a reference to itself, or reading it throws."
        "Pass objects, lists, text, numbers, true and false only."
        "值不是普通数据：其中有函数、Symbol、带 `toJSON` 的对象或循环引用，或者读取时抛出了异常。"
        "只能传入对象、列表、文本、数字、true 和 false。"
    NotAWholeNumber "not-a-whole-number"
        "A whole number is needed, but the number has a fraction, is NaN or is infinite."
        "Round the number, or find out why it is not one."
        "这里需要整数，传入的却是小数、NaN 或无穷大。"
        "请取整，或查清它为什么不是整数。"
    OutOfRange "out-of-range"
        "The number is below the lowest or above the highest that is allowed."
        "Pass a number within the range that the hint gives."
        "数值超出允许的范围。"
        "请传入 `expected` 所列范围之内的数。"
    TooLong "too-long"
        "The text is longer than this field allows."
        "Pass a shorter text. The message gives the limit."
        "文本超过这个字段允许的长度。"
        "请缩短文本，上限见 `expected`。"
    ForbiddenCharacter "forbidden-character"
        "The text has a character that this field does not allow, such as a space, a control character or a slash."
        "Remove the character. Copied values often have a space or a line break at an end."
        "文本中有这个字段不允许的字符，例如空格、控制字符或斜杠。"
        "请去掉该字符。复制来的值首尾常带有空格或换行。"
    WrongFormat "wrong-format"
        "The text does not have the form of what this field holds, such as a host name, a CIDR range, a cursor, a call id or an area code."
        "Write it in the form that the hint shows."
        "文本的格式不符合这个字段的要求，例如不是主机名、CIDR 网段、游标、通话标识或区号。"
        "请按 `expected` 所示的格式书写。"
    UnsupportedValue "unsupported-value"
        "The value is not one of those that this option can have."
        "Pass one of the values that the hint lists."
        "这个选项没有这样的值。"
        "请从 `expected` 所列的值中选一个。"
    UnknownOption "unknown-option"
        "There is no option or parameter of this name here. Often the name is misspelt, or is the platform's own name of the field."
        "Use the name that the hint suggests, or leave the option out."
        "这里没有这个名称的选项或参数。通常是拼写有误，或用了平台自己的字段名。"
        "请改用 `expected` 所列的名称，或去掉它。"
    UnsupportedOption "unsupported-option"
        "Other platforms have this option, but this one has not."
        "Leave the option out on this platform."
        "别的平台有这个选项，这个平台没有。"
        "在这个平台上请去掉它。"
    ReservedName "reserved-name"
        "The name is that of a field that Ringback sets itself, so it cannot be given as an extra one."
        "Leave it out, and use the option that the hint names."
        "这个字段由 Ringback 自己设置，不能作为附加字段传入。"
        "请去掉它，改用 `expected` 所列的选项。"
    Duplicate "duplicate"
        "The same name, token or field was given twice where it must be unique."
        "Give each one its own, or leave one out."
        "同一个名称、令牌或字段给了两次，而它必须唯一。"
        "请让它们各不相同，或去掉其中一个。"
    ConflictingOptions "conflicting-options"
        "Options were given together that exclude each other."
        "Keep one of them."
        "同时给了互相排斥的选项。"
        "请只保留其中一个。"
    NotAUrl "not-a-url"
        "The address is not an absolute http or https URL."
        "Pass a whole address, such as `https://api.example.com`."
        "地址不是完整的 http 或 https 网址。"
        "请传入完整的网址，例如 `https://api.example.com`。"
    NotADate "not-a-date"
        "The value is not a date with a time of day."
        "Pass a Date, or ISO 8601 with an offset: `2020-03-02T17:48:15+08:00`."
        "值不是带时刻的日期。"
        "请传入 Date，或带时区偏移的 ISO 8601 文本：`2020-03-02T17:48:15+08:00`。"
    MissingTimeZone "missing-time-zone"
        "The date and time has no offset from UTC, so it does not say which instant it means."
        "Add the offset, such as `+08:00` or `Z`, or pass a Date."
        "日期时间没有时区偏移，无法确定是哪一刻。"
        "请加上偏移，例如 `+08:00` 或 `Z`，或传入 Date。"
    ReversedRange "reversed-range"
        "The start of the range is after its end."
        "Swap `from` and `to`."
        "时间范围的起点晚于终点。"
        "请对调 `from` 和 `to`。"
    WrongPlatform "wrong-platform"
        "The record or the prepared request belongs to another platform than this client."
        "Pass it to a client of the platform that its `provider` names."
        "这条话单或这个预备好的请求属于另一个平台。"
        "请交给其 `provider` 所指平台的客户端。"
    UnusableClock "unusable-clock"
        "The `now` function threw, or returned something that is not a time."
        "Return milliseconds since 1970, as Date.now does."
        "`now` 函数抛出了异常，或返回的不是时间。"
        "请像 Date.now 那样，返回自 1970 年起的毫秒数。"
    WeakToken "weak-token"
        "The token of a push address can be guessed, or has characters that cannot be in an address."
        "Make the token with `createToken()`."
        "推送地址的令牌容易被猜中，或含有不能用在地址中的字符。"
        "请用 `createToken()` 生成令牌。"
    UnprotectedReceiver "unprotected-receiver"
        "The receiver's account has neither tokens nor allowed addresses, so anybody could send it call records."
        "Pass `tokens: [createToken()]`, and put the token into the push address."
        "接收器的这个账号既没有令牌也没有 IP 白名单，任何人都能向它推送话单。"
        "请传入 `tokens: [createToken()]`，并把令牌写进推送地址。"
    OverlappingRanges "overlapping-ranges"
        "Address ranges of two accounts without tokens overlap, so a sender's address does not tell which account a push is for."
        "Give each of the two accounts tokens."
        "两个没有令牌的账号，IP 网段互相重叠，单凭来源地址分不清推送属于哪个账号。"
        "请给这两个账号分别设置令牌。"
    SecretInUrl "secret-in-url"
        "The recording's address holds a secret of the account, which would be sent to another host."
        "Ask for the recording by its call id."
        "录音地址中含有账号的密钥，下载会把密钥发给别的主机。"
        "请按通话标识获取录音。"
    UntrustedHost "untrusted-host"
        "The recording's address, or a redirect on the way to it, leads to a host or port that is neither the platform's nor listed in `recordingHosts`. A push is not signed, so its addresses may be forged."
        "Add the host to `recordingHosts` if you trust it."
        "录音地址，或途中的重定向，指向的主机或端口既不属于平台，也不在 `recordingHosts` 中。推送没有签名，其中的地址可能是伪造的。"
        "如果信任该主机，请把它加入 `recordingHosts`。"
    DamagedEnvelope "damaged-envelope"
        "The envelope of a push is not as the receiver gave it out: a part of it is missing or changed."
        "Keep and pass on the whole envelope unchanged."
        "推送的信封与接收器给出的不一致：缺了一部分，或被改动过。"
        "请原样保存和传递整个信封。"
    BodyTooLarge "body-too-large"
        "The body is larger than can be read at once."
        "Read a file of many pushes line by line, with `normalizeStream`."
        "正文太大，不能一次读入。"
        "文件中有很多推送时，请用 `normalizeStream` 逐行读取。"
    AlreadyRead "already-read"
        "The body can be read only once, and was read already."
        "Keep what was read, or ask for the recording again."
        "正文只能读取一次，此前已经读过了。"
        "请保存读到的内容，或重新获取录音。"

    // Phone numbers.
    NotOneNumber "not-one-number"
        "The text holds more than one phone number, or an extension or other digits after the number. Extensions cannot be dialed."
        "Pass exactly one number, without an extension."
        "文本中不止一个电话号码，或号码后面还有分机号等数字。分机号无法拨打。"
        "请只传入一个号码，不带分机号。"
    SpreadsheetNumber "spreadsheet-number"
        "A spreadsheet wrote the phone number as a decimal or in scientific notation, which may have lost digits."
        "Format the spreadsheet's column as text, and import the numbers again."
        "电话号码被电子表格写成了小数或科学计数法，可能已经丢失位数。"
        "请把表格的这一列设为文本格式，重新导入号码。"
    MaskedNumber "masked-number"
        "Some digits of the phone number are hidden, as in 138****0001, so it cannot be dialed."
        "Pass the whole number."
        "电话号码的部分数字被隐藏（如 138****0001），无法拨打。"
        "请传入完整的号码。"
    WrongLength "wrong-length"
        "The phone number has too many or too few digits, or its area code does not exist."
        "Check the number. A mobile number has 11 digits."
        "电话号码的位数不对，或区号不存在。"
        "请核对号码。手机号为 11 位。"
    NeedsAreaCode "needs-area-code"
        "The number is a local one without its area code, or the 0 before the area code is missing."
        "Put the area code with its 0 before the number: `0755-28000123`."
        "固定电话没有写区号，或区号前缺少 0。"
        "请在号码前加上带 0 的区号：`0755-28000123`。"
    UnknownNumber "unknown-number"
        "The number has no form that Chinese numbers have, and no country code."
        "Check the number. Write a foreign one with `+` and its country code."
        "号码不符合中国号码的格式，也没有国家代码。"
        "请核对号码。境外号码请写 `+` 和国家代码。"
    EmergencyNumber "emergency-number"
        "110, 112, 119, 120 and 122 are emergency numbers and are never dialed through a platform."
        "Call the number from a phone."
        "110、112、119、120 和 122 是紧急号码，绝不会通过平台拨打。"
        "请直接用电话拨打。"
    SameNumber "same-number"
        "Caller and callee are the same number."
        "Pass the number of the other party as `callee`."
        "主叫和被叫是同一个号码。"
        "请在 `callee` 中传入对方的号码。"

    // Operations.
    UnknownOperation "unknown-operation"
        "No platform has an operation of this name."
        "Use dial, hangUp, bindSeat, records, recording or balance."
        "没有哪个平台有这个名称的操作。"
        "可用的操作是 dial、hangUp、bindSeat、records、recording 和 balance。"
    UnsupportedOperation "unsupported-operation"
        "This platform does not offer the operation."
        "Ask `client.supports(operation)` first, or use a platform that offers it."
        "这个平台不提供该操作。"
        "请先用 `client.supports(operation)` 查询，或改用提供该操作的平台。"
    NeedsRecord "needs-record"
        "This platform does not give recordings by call id: the address is in the call record only."
        "Pass the `CallRecord` instead of the call id."
        "这个平台不能按通话标识获取录音：录音地址只在话单中。"
        "请传入 `CallRecord`，而不是通话标识。"
    NoRecording "no-recording"
        "The call record says that there is no recording."
        "Nothing can be fetched. Calls that were not answered have none."
        "话单表明没有录音。"
        "没有可下载的内容。未接通的呼叫没有录音。"
    RecordingNotReady "recording-not-ready"
        "The platform answered without content: the recording is not stored yet, or there is none."
        "Ask again some minutes after the call has ended."
        "平台的响应没有内容：录音还没有存好，或根本没有录音。"
        "请在通话结束几分钟后再获取。"

    // Refusals of the platform.
    Authentication "authentication"
        "The platform does not accept the credentials."
        "Check the account's credentials in the platform's console."
        "平台不接受这组凭证。"
        "请在平台的控制台核对账号的凭证。"
    BadSignature "bad-signature"
        "The platform does not accept the signature of the request. Nearly always a secret is wrong."
        "Check the secret, then the signature options under `dialect`. `client.explain()` shows each step."
        "平台不接受请求的签名，几乎都是因为密钥有误。"
        "请核对密钥，再检查 `dialect` 中与签名有关的选项。`client.explain()` 会列出每一步。"
    ClockSkew "clock-skew"
        "The time in the request is too far from the platform's clock."
        "Synchronize this machine's clock (NTP), or pass the right time as `now`."
        "请求中的时间与平台的时钟相差太大。"
        "请同步本机时钟（NTP），或通过 `now` 传入正确的时间。"
    Forbidden "forbidden"
        "The credentials are valid, but the platform does not allow this request."
        "Ask the platform to permit it for your account."
        "凭证有效，但平台不允许这个请求。"
        "请联系平台为您的账号开通。"
    AddressNotAllowed "address-not-allowed"
        "The platform accepts requests from listed IP addresses only, and this machine's is not among them."
        "Have this machine's public address added to the platform's allowlist (白名单)."
        "平台只接受白名单内的 IP，本机的出口 IP 不在其中。"
        "请联系平台把本机的出口 IP 加入白名单。"
    CallerNotRegistered "caller-not-registered"
        "The caller's number is not registered with the platform (号码报备)."
        "Have the number registered, then dial again."
        "主叫号码没有在平台报备。"
        "请先报备号码，再呼叫。"
    SeatNotBound "seat-not-bound"
        "The platform does not know the seat, or the seat is not bound to this phone."
        "Bind the seat to the caller's phone with `bindSeat`, then dial again."
        "平台没有这个坐席，或坐席没有绑定这个号码。"
        "请先用 `bindSeat` 把坐席绑定到主叫号码，再呼叫。"
    RefusedParameter "refused-parameter"
        "The platform says that a parameter is wrong."
        "See the platform's message for which one, and check the phone numbers."
        "平台认为某个参数有误。"
        "请看平台的消息指的是哪个参数，并核对电话号码。"
    InsufficientBalance "insufficient-balance"
        "The account has no money or call time left."
        "Top the account up in the platform's console."
        "账号的余额或通话时长已用完。"
        "请在平台的控制台充值。"
    RateLimited "rate-limited"
        "Too many requests were sent, or too many calls run at once."
        "Wait, and send fewer at a time."
        "请求过于频繁，或同时进行的呼叫太多。"
        "请等一等，并降低频率。"
    LineBusy "line-busy"
        "One of the numbers is in a call already."
        "Dial again when that call has ended."
        "其中一个号码正在通话中。"
        "请等那通电话结束后再呼叫。"
    Conflict "conflict"
        "The item to create already exists, for example a binding of the two numbers."
        "Wait until it ends, or remove it."
        "所要的已经存在，例如这两个号码的绑定关系。"
        "请等它结束，或先解除它。"
    NotFound "not-found"
        "The platform does not know this call, record, recording or address."
        "Check the call id and `baseUrl`. A recording may appear some minutes after the call."
        "平台没有这通电话、话单、录音或地址。"
        "请核对通话标识和 `baseUrl`。录音可能要在通话结束几分钟后才有。"
    Rejected "rejected"
        "The platform refused, and its code and words name no cause that is known here."
        "See `providerCode` and `providerMessage`, and ask the platform what they mean."
        "平台拒绝了请求，其代码和文字在这里没有对应的原因。"
        "请看 `providerCode` 和 `providerMessage`，并向平台询问其含义。"
    ProviderUnavailable "provider-unavailable"
        "The platform has a fault or is overloaded: it answered with a 5xx status, or its own code for that."
        "Try again later. After a dial, look for the call's record first."
        "平台故障或过载：响应为 5xx，或返回了表示故障的代码。"
        "请稍后再试。如果是呼叫，请先查话单。"

    // The way to the platform.
    ConnectionRefused "connection-refused"
        "Nothing listens at the address and port, or a firewall refused the connection. Nothing was sent."
        "Check the host and port of `baseUrl`, and the firewall."
        "该地址和端口没有服务在监听，或防火墙拒绝了连接。请求没有发出。"
        "请检查 `baseUrl` 的主机和端口，以及防火墙。"
    NameNotFound "name-not-found"
        "DNS does not know the host name. Nothing was sent."
        "Check the host in `baseUrl`, and this machine's DNS."
        "DNS 解析不到该主机名。请求没有发出。"
        "请检查 `baseUrl` 中的主机名和本机的 DNS。"
    ConnectTimeout "connect-timeout"
        "The attempt to connect got no answer in time: often a firewall drops the packets. Nothing was sent."
        "Allow outgoing connections to the platform, and have this machine's address allowed there."
        "建立连接超时，多半是防火墙丢弃了数据包。请求没有发出。"
        "请放行到平台的出站连接，并请平台放行本机的 IP。"
    Unreachable "unreachable"
        "There is no route to the host, or this machine may not open connections. Nothing was sent."
        "Check the network and the firewall."
        "没有到该主机的路由，或本机不允许建立连接。请求没有发出。"
        "请检查网络和防火墙。"
    BadCertificate "bad-certificate"
        "The server's TLS certificate is not valid, has expired, is for another host or is not trusted. Nothing was sent."
        "Check the host in `baseUrl`. Where your own proxy inspects TLS, trust its certificate."
        "服务器的 TLS 证书无效、已过期、不属于该主机或不受信任。请求没有发出。"
        "请检查 `baseUrl` 中的主机名。如果您自己的代理会解密 TLS，请信任它的证书。"
    TlsFailed "tls-failed"
        "The TLS handshake failed, or the server does not speak TLS on this port. Nothing was sent."
        "Check the scheme and port of `baseUrl`, or update the runtime."
        "TLS 握手失败，或服务器在这个端口上不提供 TLS。请求没有发出。"
        "请检查 `baseUrl` 的协议和端口，或升级运行时。"
    ForbiddenPort "forbidden-port"
        "The runtime's fetch does not connect to this port. Nothing was sent."
        "Use another port, or pass a `fetch` that allows it."
        "运行时的 fetch 不允许连接这个端口。请求没有发出。"
        "请换一个端口，或传入允许该端口的 `fetch`。"
    ConnectFailed "connect-failed"
        "No connection was made, for a reason that the runtime does not name more exactly. Nothing was sent."
        "See `cause`, and check the network and `baseUrl`."
        "没有建立连接，运行时没有给出更具体的原因。请求没有发出。"
        "请看 `cause`，并检查网络和 `baseUrl`。"
    ConnectionLost "connection-lost"
        "The connection broke after the request may have been sent, so nobody knows whether the platform acted."
        "After a dial, look for the call's record before dialing again. Reading may simply be repeated."
        "请求可能已经发出，之后连接中断，无法知道平台是否已处理。"
        "如果是呼叫，再次呼叫之前请先查话单。读取类操作可以直接重试。"
    NoAnswerInTime "no-answer-in-time"
        "No complete answer came within `timeoutMs`."
        "After a dial, look for the call's record before dialing again. Raise `timeoutMs` where the platform is slow."
        "在 `timeoutMs` 之内没有收到完整的响应。"
        "如果是呼叫，再次呼叫之前请先查话单。平台较慢时请调大 `timeoutMs`。"
    Aborted "aborted"
        "The signal that you passed was aborted."
        "Look at `delivery`: where it is `unknown`, the request may have reached the platform."
        "您传入的 signal 已中止。"
        "请看 `delivery`：如果是 `unknown`，请求可能已经到达平台。"

    // Routing.
    NoRoute "no-route"
        "No route of the router is for this call: each has a condition (`when`) that does not hold."
        "Add a route without `when`, or widen the conditions."
        "路由器中没有适用于该呼叫的账号：每条路由的条件（`when`）都不满足。"
        "请添加一条不带 `when` 的路由，或放宽条件。"
    AccountsResting "accounts-resting"
        "Every account of the router that is for this call rests after a failure of its own. Nothing was sent."
        "See `health()` for what failed. Dial again when the first rest is over, or add an account."
        "路由器中适用于该呼叫的账号都因自身故障处于冷却期。请求未发送。"
        "请用 `health()` 查看故障原因，冷却期结束后再拨打，或增加账号。"

    // Faults of the platform's answer.
    UnreadableAnswer "unreadable-answer"
        "The answer is not what the platform's document describes: a field is missing, or it is a web page of a proxy, a firewall or a login."
        "Check `baseUrl`, and what is between this machine and the platform. After a dial, look for the call's record first."
        "响应与平台文档不符：缺少字段，或者是代理、防火墙、登录页返回的网页。"
        "请检查 `baseUrl` 以及本机与平台之间的网络设备。如果是呼叫，请先查话单。"
    ContradictingAnswer "contradicting-answer"
        "The answer says both that the request succeeded and that it failed, so nobody knows whether the platform acted."
        "After a dial, look for the call's record before dialing again, and tell the platform."
        "响应既表示成功又表示失败，无法知道平台是否已处理。"
        "如果是呼叫，再次呼叫之前请先查话单，并告知平台。"
    AnswerTooLarge "answer-too-large"
        "The answer is larger than any that the platform's document describes, and was not read."
        "Check `baseUrl`: something else may be answering."
        "响应远大于平台文档所述，没有读取。"
        "请检查 `baseUrl`：响应的可能不是平台。"
    HttpStatus "http-status"
        "The answer has an HTTP status that the platform's document does not describe, without the platform's own words."
        "Check `baseUrl`, and what is between this machine and the platform."
        "响应的 HTTP 状态码不在平台文档之列，也没有平台自己的说明。"
        "请检查 `baseUrl` 以及本机与平台之间的网络设备。"
    Redirect "redirect"
        "The answer is a redirect that is not followed, because a request could be done twice or a signature sent to another host."
        "Set `baseUrl` or `recordingBaseUrl` to the address that the redirect names, if it is the platform's."
        "响应是重定向，没有跟随：否则请求可能执行两次，或把签名发给别的主机。"
        "如果重定向的地址属于平台，请把 `baseUrl` 或 `recordingBaseUrl` 设为该地址。"
    UnreadableRecords "unreadable-records"
        "Some records of a page could not be read. Those before them were given out."
        "Iterate `records(range).pages()`, whose pages hold the readable records and the unreadable ones."
        "这一页中有话单无法解析。在它之前的话单已经给出。"
        "请遍历 `records(range).pages()`：每一页分别给出可以解析的话单和无法解析的话单。"

    // Pushes.
    UnreadablePush "unreadable-push"
        "No call record could be read from the push."
        "Keep its bytes, and answer with `nack` until they are kept. Check that the push is of this platform."
        "从推送中没有解析出任何话单。"
        "请保存原始字节，保存好之前一律回复 `nack`。并核对推送是否来自这个平台。"
    CompressedPush "compressed-push"
        "The body of the push is still compressed."
        "Decompress it first, or let the receiver read the request itself."
        "推送的正文仍是压缩的。"
        "请先解压，或让接收器自己读取请求。"
    TooManyRecords "too-many-records"
        "The push holds more records than `maxRecords` allows, so none of it was read."
        "Raise `maxRecords`, or keep the push with `onPush` and process it in parts."
        "推送中的话单数超过 `maxRecords`，整次推送都没有解析。"
        "请调大 `maxRecords`，或用 `onPush` 先保存，再分批处理。"
    UnreadableLine "unreadable-line"
        "A line of the stream is not a JSON object."
        "Pass what `normalizeStream` gave out, one record a line."
        "流中有一行不是 JSON 对象。"
        "请传入 `normalizeStream` 的输出：每行一条话单。"
    DeadlinePassed "deadline-passed"
        "Your function, or the reading of the body, took longer than `deadlineMs`, so the push was not acknowledged."
        "Keep the push first and do the work later, or raise `deadlineMs`."
        "您的函数，或读取正文，用时超过 `deadlineMs`，所以没有确认这次推送。"
        "请先保存推送再做处理，或调大 `deadlineMs`。"

    // The library.
    NotLoaded "not-loaded"
        "The wasm module is not loaded yet."
        "Call `await init()` first."
        "wasm 模块尚未加载。"
        "请先调用 `await init()`。"
    LoadFailed "load-failed"
        "The wasm module could not be loaded or compiled."
        "Follow the hint: often the file was not copied beside the bundle, or a content security policy forbids wasm."
        "wasm 模块无法加载或编译。"
        "请按提示处理：多半是 wasm 文件没有随打包结果一起部署，或内容安全策略（CSP）不允许 wasm。"
    Defect "defect"
        "Ringback itself failed."
        "Report it, with the operation and the platform's name."
        "Ringback 自身出错。"
        "请反馈，并注明操作和平台名称。"
}

impl ErrorReason {
    /// The reason of a refusal of which nothing but its kind is known.
    #[must_use]
    pub const fn of_refusal(code: ErrorCode) -> Self {
        match code {
            ErrorCode::InvalidArgument => Self::RefusedParameter,
            ErrorCode::Unsupported => Self::UnsupportedOperation,
            ErrorCode::NotInitialized => Self::NotLoaded,
            ErrorCode::Authentication => Self::Authentication,
            ErrorCode::Forbidden => Self::Forbidden,
            ErrorCode::InsufficientBalance => Self::InsufficientBalance,
            ErrorCode::RateLimited => Self::RateLimited,
            ErrorCode::LineBusy => Self::LineBusy,
            ErrorCode::Conflict => Self::Conflict,
            ErrorCode::NotFound => Self::NotFound,
            ErrorCode::Rejected => Self::Rejected,
            ErrorCode::ProviderUnavailable => Self::ProviderUnavailable,
            ErrorCode::Network => Self::ConnectionLost,
            ErrorCode::Timeout => Self::NoAnswerInTime,
            ErrorCode::Aborted => Self::Aborted,
            ErrorCode::MalformedResponse => Self::UnreadableAnswer,
            ErrorCode::MalformedPush => Self::UnreadablePush,
            ErrorCode::Internal => Self::Defect,
        }
    }
}

impl Serialize for ErrorReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
