// The pages of the site in reading order, with their titles in both languages. The sidebar is built from this table, and the suite compares it
// with the files: every page has an entry, and every entry has a page in each language.

export type Language = "en" | "zh";

/** A text in both languages. */
export type Text = Readonly<Record<Language, string>>;

export interface Page {
  /** The path of the page without its extension, the same in both languages. A folder's first page ends with a slash. */
  readonly path: string;
  readonly title: Text;
}

export interface Group {
  readonly title: Text;
  readonly pages: readonly Page[];
}

function page(path: string, en: string, zh: string): Page {
  return { path, title: { en, zh } };
}

export const GROUPS: readonly Group[] = [
  {
    title: { en: "Start", zh: "入门" },
    pages: [
      page("start", "Start in five minutes", "五分钟上手"),
      page("playground", "Playground", "在线试用"),
      page("faq", "FAQ", "常见问题"),
    ],
  },
  {
    title: { en: "Guides", zh: "指南" },
    pages: [
      page("dialing", "Dial without calling twice", "发起呼叫，不重复呼叫"),
      page("router", "Several accounts behind one dial", "多个账号，一个 dial"),
      page("receiving", "Receive without losing", "接收话单，不丢话单"),
      page("records", "Call records", "话单"),
      page("errors", "Errors", "错误"),
      page("options", "Options and hooks", "选项与钩子"),
      page("runtimes", "Where it runs", "运行环境"),
      page("databases", "Databases", "数据库"),
      page("frameworks", "Frameworks and functions", "框架与云函数"),
      page("workers", "Cloudflare Workers", "Cloudflare Workers"),
      page("queue", "Message queues", "消息队列"),
      page("opentelemetry", "OpenTelemetry", "OpenTelemetry"),
      page("testing", "Test without a platform", "无平台测试"),
      page("command-line", "Command line", "命令行"),
    ],
  },
  {
    title: { en: "Platforms", zh: "平台" },
    pages: [
      page("platforms/", "The five side by side", "五个平台对照"),
      page("platforms/mixcom", "mixcom 一键呼叫", "mixcom 一键呼叫"),
      page("platforms/quanmayun", "quanmayun 双向回呼", "quanmayun 双向回呼"),
      page("platforms/dingxin", "dingxin AXB", "dingxin AXB"),
      page("platforms/cyjcloud", "cyjcloud 隐私通话", "cyjcloud 隐私通话"),
      page("platforms/seatcall", "seatcall 坐席双呼", "seatcall 坐席双呼"),
    ],
  },
  {
    title: { en: "Operate", zh: "上线与运维" },
    pages: [
      page("going-live", "Going live", "上线检查清单"),
      page("troubleshooting", "Troubleshooting", "故障排查"),
      page("migrating", "Move from your own client", "从自写客户端迁移"),
      page("upgrading", "Upgrading", "升级与版本"),
      page("security", "Security", "安全"),
      page("performance", "Performance", "性能"),
    ],
  },
  {
    title: { en: "Reference", zh: "参考" },
    pages: [
      page("reference/", "API reference", "API 参考"),
      page("reasons", "Reasons of errors", "错误原因"),
      page("rust", "The Rust crate", "Rust crate"),
    ],
  },
  {
    title: { en: "Contribute", zh: "参与开发" },
    pages: [page("architecture", "Architecture", "架构"), page("contributing", "Contributing", "参与开发")],
  },
];
