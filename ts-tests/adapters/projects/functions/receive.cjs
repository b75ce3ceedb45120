// The receiver of the functions. `kept` stands for your database.
const { createReceiver } = require("ringback");

const kept = [];
const refused = [];
exports.kept = kept;
exports.refused = refused;
exports.receive = createReceiver({
  accounts: ["mixcom", "quanmayun", "dingxin", "cyjcloud", "seatcall"].map((provider) => ({ provider, tokens: [`${provider}-Vx3f0Qm9T7yUe2LkR8sZpA1c`] })),
  onRecords: (records, push) => {
    if (records.some(({ key }) => key.endsWith(":fails"))) throw new Error("the database is unavailable");
    for (const { key, outcome } of records) kept.push({ key, message: outcome.message, query: push.query });
  },
  onRefused: (refusal) => void refused.push(refusal),
  quiet: true,
});
