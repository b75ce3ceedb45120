// Phone numbers in the forms that people and spreadsheets write.
import { add, rb, parsePush } from "./harness.mjs";
const clients = {
  mixcom: () => rb.createClient({ provider: "mixcom", appKey: "k1", appSecret: "s1" }),
  seatcall: () => rb.createClient({ provider: "seatcall", customerId: "c", appSecret: "s", baseUrl: "https://seat.example" }),
};
/** Returns the number that a dial sends to the platform. */
const prepareDial = (number, provider = "mixcom") => {
  const own = provider === "seatcall" ? { seat: "PP1" } : {};
  try {
    const body = clients[provider]().prepare("dial", { caller: "13700000009", callee: number, ...own }).body;
    return { sends: provider === "mixcom" ? new URLSearchParams(body).get("calleeNbr") : JSON.parse(body).calleeNbr };
  } catch (error) {
    return { error: error.code, message: error.message };
  }
};
const readFromPush = (number) => {
  const p = parsePush("mixcom", JSON.stringify({ event: "fee", callIdentifier: "c", caller: number, callee: "13900000002" }));
  return { number: p.records[0].caller.number, raw: p.records[0].caller.rawNumber };
};
const refused = { error: "invalid-argument" };
const addCase = (id, what, source, run, expect) => add({ id, what, source, run, ...(typeof expect === "function" ? { check: expect } : { expect }) });

addCase(
  "C01",
  "an extension after a hyphen is not dialed as part of the number",
  "daddyz/phonelib#367, #58; ringcentral hubspot-embeddable #212; blak3r/yaai#99",
  () => prepareDial("0755-28000123-801"),
  (g) => g.error === "invalid-argument" || g.sends === "075528000123",
);
addCase(
  "C02",
  "… also not with +86, on a platform that takes +86",
  "same",
  () => prepareDial("+86-755-28000123-801", "seatcall"),
  (g) => g.error === "invalid-argument" || g.sends === "+8675528000123",
);
addCase("C03", "转801 is refused, not guessed", "same, in Chinese", () => prepareDial("0755-28000123转801"), refused);
addCase(
  "C04",
  "a 400 number with an extension",
  "same",
  () => prepareDial("400-800-1234-801"),
  (g) => g.error === "invalid-argument" || g.sends === "4008001234",
);
addCase(
  "C05",
  "a number that a spreadsheet has turned into a fraction (13800000001.0) is not dialed with an additional 0",
  "wireservice/csvkit#1143; nyaruka/rapidpro#241; sfu-db/dataprep#682",
  () => prepareDial("13800000001.0"),
  (g) => g.error === "invalid-argument" || g.sends === "13800000001",
);
addCase("C07", "two mobiles with a line break between", "same", () => prepareDial("13800000001\n13900000002"), refused);
addCase("C08", "1.38E+10", "dilshod/xlsx2csv#190; SpartnerNL/Laravel-Excel#1789", () => prepareDial("1.38E+10"), refused);
addCase(
  "C09",
  "a mobile number with invisible characters around it, as copied from a contact",
  "verbb/hyper#86 (U+202D, U+202C); woocommerce/woocommerce#58000; glific/glific#4815; signalapp/Signal-Android#11630",
  () => prepareDial("\u202d13800000001\u202c"),
  { sends: "13800000001" },
);
addCase("C11", "a left-to-right mark before", "contao/core#8434", () => prepareDial("\u200e13800000001"), { sends: "13800000001" });
addCase("C12", "a 0 before a mobile (long-distance dialing)", "floere/phony#406 (phony writes 013…)", () => prepareDial("013800000001"), { sends: "13800000001" });
addCase("C13", "… in a record: its E.164", "same", () => readFromPush("013800000001"), { number: "+8613800000001" });
addCase("C14", "+86 written twice by string concatenation", 'CallCenterAction.php: "+86" . $sourceTel', () => prepareDial("+86+8613800000001", "seatcall"), {
  sends: "+8613800000001",
});
addCase("C15", "+86 0138…", "floere/phony#406", () => prepareDial("+86 013800000001", "seatcall"), { sends: "+8613800000001" });
addCase("C16", "+86 013… in a record", "same", () => readFromPush("+86013800000001"), { number: "+8613800000001" });
addCase("C17", "Hong Kong, with its code", "international callee", () => prepareDial("+852 6123 4567", "seatcall"), { sends: "+85261234567" });
addCase("C18", "Hong Kong in a record, 00 before", "international callee", () => readFromPush("0085261234567"), { number: "+85261234567" });
addCase("C19", "Macau in a record", "international callee", () => readFromPush("+85366123456"), { number: "+85366123456" });
addCase(
  "C20",
  "192 and 166 numbers are mobile numbers",
  "iziz/libPhoneNumber-iOS#396, #270; google/libphonenumber#947",
  () => ({ a: readFromPush("19200000001").number, b: readFromPush("16600000001").number }),
  { a: "+8619200000001", b: "+8616600000001" },
);
addCase("C21", "171 virtual operators", "google/libphonenumber#1176", () => readFromPush("+8617118222000"), { number: "+8617118222000" });
addCase(
  "C22",
  "a landline with code, with and without the 0",
  "AfterShip/phone#51; daddyz/phonelib#60",
  () => ({ a: prepareDial("+86 21 5206 6273").sends, b: prepareDial("+86 021 5206 6273").sends }),
  { a: "02152066273", b: "02152066273" },
);
addCase("C23", "a local number without an area code has no E.164", "google/libphonenumber#1401", () => readFromPush("84664163"), { number: undefined });
addCase("C24", "95 and 400 numbers pass", "service numbers", () => ({ a: prepareDial("95588").sends, b: prepareDial("400-800-1234").sends }), { a: "95588", b: "4008001234" });
addCase("C25", "tel: addresses", "verbb/hyper#86; TrevorPilley/phone-number-parser#492", () => prepareDial("tel:+86-138-0000-0001"), { sends: "13800000001" });
addCase(
  "C26",
  "tel: with an extension is refused or cut, never joined",
  "TrevorPilley/phone-number-parser#492",
  () => prepareDial("+86-755-28000123;ext=801"),
  (g) => g.error === "invalid-argument" || g.sends === "075528000123",
);
addCase("C27", "full-width digits and hyphens", "input methods", () => prepareDial("０７５５－２８０００１２３"), { sends: "075528000123" });
addCase("C28", "a JavaScript number is refused, with a message about lost digits", "django-import-export#289 (numbers lose the leading 0)", () => prepareDial(13800000001), {
  error: "invalid-argument",
  message: /text/,
});
addCase("C29", "an en dash or a Chinese dash within", "copied from documents", () => prepareDial("0755—28000123"), { sends: "075528000123" });
addCase("C30", "a tab pasted from a spreadsheet", "copied from a sheet", () => prepareDial("13800000001\t"), { sends: "13800000001" });
