/** Commands to copy, shown below the help of each command, by the command's path. The accounts are those that `simulate` writes. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  "": [
    "npx ringback simulate --write-config accounts.json",
    "npx ringback dial 13800000001 13900000002 --config accounts.json --provider mixcom",
    "npx ringback parse mixcom pushes.ndjson --format table",
  ],
  dial: [
    "npx ringback dial 13800000001 13900000002 --config accounts.json --provider mixcom",
    "npx ringback dial 13800000001 0755-28000123 --reference order-1042 --config accounts.json --provider quanmayun",
    "npx ringback dial 13800000001 13900000002 --seat PP0000001 --config accounts.json --provider seatcall",
  ],
  hangup: ["npx ringback hangup CALL-ID --config accounts.json --provider quanmayun"],
  "bind-seat": ["npx ringback bind-seat PP0000001 13800000001 --config accounts.json --provider seatcall"],
  records: [
    "npx ringback records --from 2026-11-26 --config accounts.json --provider seatcall",
    "npx ringback records --from 2026-11-01 --to 2026-11-30 --output november.csv --bom --config accounts.json --provider seatcall",
    "npx ringback records --from 2026-11-26T09:00:00+08:00 --to 2026-11-26T18:00:00+08:00 --format table --config accounts.json --provider seatcall",
  ],
  recording: [
    "npx ringback recording CALL-ID --output call.wav --config accounts.json --provider mixcom",
    "npx ringback recording record.ndjson --config accounts.json --provider seatcall",
  ],
  balance: ["npx ringback balance --config accounts.json --provider seatcall"],
  parse: [
    "npx ringback parse mixcom pushes.ndjson --format table",
    "npx ringback parse mixcom records.ndjson --format csv --bom > records.csv",
    "npx ringback parse dingxin body.json --content-type application/json --query reference=order-1042",
  ],
  explain: [
    "npx ringback explain dial 13800000001 13900000002 --config accounts.json --provider mixcom",
    "npx ringback explain code mixcom 514",
  ],
  "explain dial": [
    "npx ringback explain dial 13800000001 13900000002 --config accounts.json --provider mixcom",
    "npx ringback explain dial 13800000001 13900000002 --show-numbers --config accounts.json --provider dingxin",
  ],
  "explain hangup": ["npx ringback explain hangup CALL-ID --config accounts.json --provider quanmayun"],
  "explain bind-seat": ["npx ringback explain bind-seat PP0000001 13800000001 --config accounts.json --provider seatcall"],
  "explain records": ["npx ringback explain records --from 2026-11-26 --config accounts.json --provider seatcall"],
  "explain recording": ["npx ringback explain recording CALL-ID --config accounts.json --provider mixcom"],
  "explain balance": ["npx ringback explain balance --config accounts.json --provider seatcall"],
  "explain code": ["npx ringback explain code mixcom 514", "npx ringback explain code dingxin 9001"],
  simulate: [
    "npx ringback simulate --write-config accounts.json",
    "npx ringback simulate mixcom --push-url http://127.0.0.1:8787/push/TOKEN --pace 600",
  ],
  receive: [
    "npx ringback receive mixcom --output records.ndjson",
    "npx ringback receive --config accounts.json --output pushes.ndjson --envelopes",
  ],
  listen: [
    "npx ringback listen mixcom --forward-to http://localhost:3000/push",
    "npx ringback listen mixcom --forward-to http://localhost:3000/push --simulate",
    "npx ringback listen --config accounts.json --forward-to http://localhost:3000/push --keep failed.ndjson",
  ],
  init: [
    "npx ringback init",
    "RINGBACK_APP_SECRET=s1 npx ringback init mixcom --app-key k1 --output mixcom.json",
  ],
  token: ["npx ringback token"],
  doctor: [
    "npx ringback doctor --config accounts.json --provider mixcom",
    "npx ringback doctor --offline --sample request.txt --config accounts.json --provider mixcom",
  ],
  "exit-codes": ["npx ringback exit-codes"],
  help: ["npx ringback help dial", "npx ringback help explain records"],
};
