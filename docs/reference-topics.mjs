// The API reference as its readers meet it: a page for each topic of `ringback`, then one for each other module. The order here is the order of
// the sidebar and of each page. An export that belongs to no topic, and a name that is not exported, fail the check.

/** The topics of the main module. */
export const TOPICS = [
  {
    path: "client",
    title: { en: "Client", zh: "客户端" },
    intro: {
      en: "A client is one account of one platform. Create it once and use it for all calls: it keeps no connection and nothing between two calls. An operation that a platform does not have is a type error, and an `unsupported` error at run time. Guides: [dial without calling twice](../dialing.md), [options](../options.md).",
      zh: "一个客户端对应一个平台的一个账号。创建一次、反复使用即可：客户端不保持连接，两次呼叫之间也不保存状态。平台没有的操作在类型检查时就会报错，运行时抛出 `unsupported`。相关指南：[发起呼叫](../dialing.md)、[选项](../options.md)。",
    },
    names: ["createClient", "Client", "ClientBase", "Operations", "DialParties", "DialRequest", "DingxinDial", "CyjcloudDial", "SeatcallDial", "Call", "SeatBinding", "Balance", "CallOptions", "init", "WasmSource"],
  },
  {
    path: "accounts",
    title: { en: "Accounts and options", zh: "账号与选项" },
    intro: {
      en: "The options of `createClient`: the credentials of each platform, the options that all platforms have, and `dialect`, which chooses between the readings of a platform's document.",
      zh: "`createClient` 的选项：各平台的凭证、所有平台共有的选项，以及 `dialect`。平台文档有多种理解时，由 `dialect` 选择其中一种。",
    },
    names: ["ClientOptions", "CommonOptions", "MixcomOptions", "QuanmayunOptions", "DingxinOptions", "CyjcloudOptions", "SeatcallOptions", "Dialect", "MixcomDialect", "QuanmayunDialect", "DingxinDialect", "CyjcloudDialect", "SeatcallDialect", "Fetch", "FetchInit", "FetchedResponse", "CredentialName"],
  },
  {
    path: "router",
    title: { en: "Several accounts", zh: "多账号路由" },
    intro: {
      en: "`createRouter` puts several accounts, at the same or at different platforms, behind one `dial`. The next account is tried only where the failure before it certainly placed no call. Guide: [several accounts](../router.md).",
      zh: "`createRouter` 把同一平台或不同平台的多个账号合并成一个 `dial`。只有确定前一次没有发出呼叫时，才会换下一个账号。相关指南：[多账号路由](../router.md)。",
    },
    names: ["createRouter", "Router", "RouterOptions", "RouteOptions", "RouteCondition", "RoutableClient", "RoutedDial", "PlatformFields", "RoutedCall", "DialAttempt", "RouteHealth", "RouteState", "RouterHooks", "RouterAccount", "RouterSubject", "RouterAttemptEvent", "RestEvent", "RouterDoneEvent"],
  },
  {
    path: "records",
    title: { en: "Call records", zh: "话单" },
    intro: {
      en: "A `CallRecord` has the same fields on every platform. What a platform does not report is absent, and everything that it sent is in `raw`. Guide: [call records](../records.md).",
      zh: "`CallRecord` 在所有平台上字段相同。平台没有给出的字段不会出现，平台发来的全部内容保留在 `raw` 中。相关指南：[话单](../records.md)。",
    },
    names: ["CallRecord", "Leg", "Outcome", "OutcomeStatus", "Cause", "RecordingState", "RecordProblem", "Recording"],
  },
  {
    path: "receiving",
    title: { en: "Receiving pushes", zh: "接收推送" },
    intro: {
      en: "`createReceiver` returns a function from a web `Request` to a `Response`. It checks token and address, reads the push, waits until your function has kept the records, and only then acknowledges. Guide: [receive without losing](../receiving.md).",
      zh: "`createReceiver` 返回一个函数：入参是 Web 标准的 `Request`，返回 `Response`。它先校验 token 和来源地址，再解析推送，等您的函数保存好话单之后才向平台确认。相关指南：[接收话单](../receiving.md)。",
    },
    names: ["createReceiver", "Receiver", "ReceiverOptions", "ReceiverContext", "ReceiverAccounts", "ReceiverAccount", "ReceiverAccountOf", "Keeping", "RecordsKeeper", "RecordKeeper", "PushKeeper", "Guard", "TokenGuard", "AddressGuard", "createToken", "ReceiverLimits", "ReceiverWatchers", "ReceiverHooks", "ArrivalEvent", "AnswerEvent", "Refusal", "UnreadablePush"],
  },
  {
    path: "parsing",
    title: { en: "Parsing pushes yourself", zh: "自行解析推送" },
    intro: {
      en: "For a push that comes from a queue, a file or another server: `parsePush` reads one, `processPush` reads one and hands its records to your function. Each result holds the answer that the platform expects.",
      zh: "推送来自队列、文件或其他服务时使用：`parsePush` 解析一次推送；`processPush` 解析后把话单交给您的函数。结果中包含平台所期望的响应内容。",
    },
    names: ["parsePush", "processPush", "Push", "PushOptions", "ProcessOptions", "ParsedPush", "UnreadableRecord", "Answer"],
  },
  {
    path: "streams",
    title: { en: "Pages and streams", zh: "分页与流" },
    intro: {
      en: "Many records at once: pages that are pulled from a platform, and files of any size, read line by line in constant memory.",
      zh: "批量处理话单：从平台分页拉取，或以固定内存逐行读取任意大小的文件。",
    },
    names: ["readRecords", "normalizeStream", "NormalizeOptions", "UnreadableLine", "RecordRange", "RecordList", "RecordPage", "InterpretedPage"],
  },
  {
    path: "errors",
    title: { en: "Errors", zh: "错误" },
    intro: {
      en: "Every error is a `RingbackError`. `delivery` tells whether the platform has acted, `code` what kind of error it is, and `reason` the exact cause, with an entry in [reasons of errors](../reasons.md). Guide: [errors](../errors.md).",
      zh: "所有错误都是 `RingbackError`。`delivery` 说明平台是否已经执行，`code` 是错误类别，`reason` 是具体原因，逐条说明见[错误原因](../reasons.md)。相关指南：[错误](../errors.md)。",
    },
    names: ["RingbackError", "isRingbackError", "RingbackErrorFields", "ErrorCode", "ErrorReason", "Delivery", "explainCode", "CodeExplanation"],
  },
  {
    path: "hooks",
    title: { en: "Hooks", zh: "钩子" },
    intro: {
      en: "Functions that a client calls at each step, for logs and measurements. No event contains a secret or a whole number. Guide: [options and hooks](../options.md).",
      zh: "客户端在每一步调用的函数，用于日志和监控。事件中没有密钥，也没有完整号码。相关指南：[选项与钩子](../options.md)。",
    },
    names: ["Hooks", "StartEvent", "ExchangeSubject", "RequestEvent", "ResponseEvent", "ErrorEvent", "DoneEvent"],
  },
  {
    path: "platforms",
    title: { en: "Platforms as data", zh: "平台信息" },
    intro: {
      en: "The facts about the five platforms as a value, and the types of their names and operations. The same facts to read: [platforms](../platforms/index.md).",
      zh: "以数据形式给出五个平台的信息，以及平台名、操作名的类型。可读的版本见[平台](../platforms/index.md)。",
    },
    names: ["providers", "Provider", "Operation", "OperationOf", "ProviderOf", "OperationsByProvider", "ProviderWithoutCallId"],
  },
  {
    path: "signing",
    title: { en: "Signing without sending", zh: "只签名，不发送" },
    intro: {
      en: "`client.prepare` returns a signed request, `client.interpret` reads its response, and `client.explain` lists each step of a signature. These are the types of their arguments and results.",
      zh: "`client.prepare` 返回已签名的请求，`client.interpret` 解析其响应，`client.explain` 列出签名的每一步。这里是它们的参数和返回值的类型。",
    },
    names: ["Prepared", "PrepareArguments", "PlainResponse", "SignatureTrace", "ExplainOptions", "ParametersOf", "ResultOf"],
  },
];

/** The other modules. The names listed come first; the rest follow in the order of the source. */
export const MODULES = {
  "ringback/node": {
    path: "node",
    intro: {
      en: "Adapters from a receiver to the frameworks of Node.js. Guide: [frameworks and functions](../frameworks.md).",
      zh: "把接收器接到 Node.js 的各种框架。相关指南：[框架与云函数](../frameworks.md)。",
    },
    names: ["toNodeListener", "NodeListener", "toExpress", "fastifyReceiver", "toKoa"],
  },
  "ringback/sql": {
    path: "sql",
    intro: {
      en: "SQL statements that keep dials, records and pushes in your own database: text and values, for whichever driver you use. Guide: [databases](../databases.md).",
      zh: "把呼叫、话单和推送保存到您自己的数据库的 SQL 语句：给出语句文本和参数值，配合任何驱动使用。相关指南：[数据库](../databases.md)。",
    },
    names: ["createTables", "TablesOptions", "Tables", "SqlDialect", "Statement", "SqlValue", "RecordStatements", "DialStatements", "PushStatements"],
  },
  "ringback/testing": {
    path: "testing",
    intro: {
      en: "Simulators of the five platforms for your tests: they check signatures, place scripted calls and push records, on a clock of your own. Guide: [test without a platform](../testing.md).",
      zh: "供测试使用的五个平台的模拟器：校验签名、按脚本呼叫、推送话单，并可使用虚拟时钟。相关指南：[无平台测试](../testing.md)。",
    },
    names: ["createSimulator", "Simulator", "SimulatorOptions", "AccountOptions", "SimulationOptions", "CallScript", "OutcomeChoice", "CallDetails", "SimulatedCall", "Fault", "forgePush", "PushOverrides", "PushDetails", "ForgedPush", "createVirtualClock", "VirtualClock", "Clock", "serveSimulators", "ServeOptions", "ServedSimulators"],
  },
  "ringback/opentelemetry": {
    path: "opentelemetry",
    intro: {
      en: "Spans and metrics of clients and receivers, with links from a record to its dial. Guide: [OpenTelemetry](../opentelemetry.md).",
      zh: "客户端和接收器的 span 与指标，并把话单关联到对应的呼叫。相关指南：[OpenTelemetry](../opentelemetry.md)。",
    },
    names: ["createTelemetry", "Telemetry", "TelemetryOptions"],
  },
  "ringback/zh": {
    path: "zh",
    intro: {
      en: "Chinese texts: messages and hints of errors, advice for the platforms' codes, and captions of signature steps.",
      zh: "中文说明：错误的消息和处理建议、平台代码的处理建议、签名步骤的说明。",
    },
    names: ["describe", "ErrorDescription", "explainCode", "ChineseCodeExplanation", "explainStep", "describeUnreadable", "describeProblem"],
  },
};

/** Modules without items of their own, so without a page: their introduction is on the first page. */
export const WITHOUT_PAGE = {
  "ringback/slim": {
    en: "The exports of `ringback` for a bundler that cannot find the `.wasm` file: it looks for no file, and you give [`init`](client.md#init) the address, the bytes or the `WebAssembly.Module`. Guide: [where it runs](../runtimes.md).",
    zh: "与 `ringback` 的导出相同，适用于打包工具找不到 `.wasm` 文件的情况：它不会自己寻找文件，由您把地址、字节或 `WebAssembly.Module` 传给 [`init`](client.md#init)。相关指南：[运行环境](../runtimes.md)。",
  },
  "ringback/ringback.wasm": {
    en: "The WebAssembly file itself, for a bundler or a server that has to be told about it; the default export is its address where the bundler supports this.",
    zh: "WebAssembly 文件本身，供需要显式引用它的打包工具或服务器使用；打包工具支持时，默认导出是它的地址。",
  },
};
