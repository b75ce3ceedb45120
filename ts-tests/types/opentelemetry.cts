// Checks the declarations of ringback/opentelemetry for `require`.
import ringback = require("ringback");
import opentelemetry = require("ringback/opentelemetry");

const telemetry: opentelemetry.Telemetry = opentelemetry.createTelemetry();
ringback.createClient({ provider: "dingxin", appKey: "k", appSecret: "s", on: telemetry.watchClient() });
// @ts-expect-error the hosts are a list
opentelemetry.ignorePlatformRequests("cyj.example");
