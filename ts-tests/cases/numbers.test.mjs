// Numbers as people and spreadsheets write them.
import { add, rb, push } from "./harness.mjs";
const clients = {
  mixcom: () => rb.createClient({ provider: "mixcom", appKey: "k1", appSecret: "s1" }),
  seatcall: () => rb.createClient({ provider: "seatcall", customerId: "c", appSecret: "s", baseUrl: "https://seat.example" }),
};
/** What a dial would send to the platform for this number. */
const dials = (number, provider = "mixcom") => {
  const own = provider === "seatcall" ? { seat: "PP1" } : {};
  try {
    const body = clients[provider]().prepare("dial", { caller: "13700000009", callee: number, ...own }).body;
    return { sends: provider === "mixcom" ? new URLSearchParams(body).get("calleeNbr") : JSON.parse(body).calleeNbr };
  } catch (error) {
    return { error: error.code, message: error.message };
  }
};
const reads = (number) => {
  const p = push("mixcom", JSON.stringify({ event: "fee", callIdentifier: "c", caller: number, callee: "13900000002" }));
  return { number: p.records[0].caller.number, raw: p.records[0].caller.rawNumber };
};
const refused = { error: "invalid-argument" };
const add2 = (id, what, source, run, expect) => add({ id, what, source, run, ...(typeof expect === "function" ? { check: expect } : { expect }) });

add2(
  "C01",
  "an extension behind a hyphen is never dialed as part of the number",
  "daddyz/phonelib#367, #58; ringcentral hubspot-embeddable #212; blak3r/yaai#99",
  () => dials("0755-28000123-801"),
  (g) => g.error === "invalid-argument" || g.sends === "075528000123",
);
add2(
  "C02",
  "… nor with +86, to a platform that wants +86",
  "same",
  () => dials("+86-755-28000123-801", "seatcall"),
  (g) => g.error === "invalid-argument" || g.sends === "+8675528000123",
);
add2("C03", "转801 is refused, not guessed", "same, in Chinese", () => dials("0755-28000123转801"), refused);
add2(
  "C04",
  "a 400 number with an extension",
  "same",
  () => dials("400-800-1234-801"),
  (g) => g.error === "invalid-argument" || g.sends === "4008001234",
);
add2(
  "C05",
  "a number that a spreadsheet made a fraction (13800000001.0) is never dialed with a 0 more",
  "wireservice/csvkit#1143; nyaruka/rapidpro#241; sfu-db/dataprep#682",
  () => dials("13800000001.0"),
  (g) => g.error === "invalid-argument" || g.sends === "13800000001",
);
add2("C07", "two mobiles with a line break between", "same", () => dials("13800000001\n13900000002"), refused);
add2("C08", "1.38E+10", "dilshod/xlsx2csv#190; SpartnerNL/Laravel-Excel#1789", () => dials("1.38E+10"), refused);
add2(
  "C09",
  "a mobile with invisible marks around it, as copied from a contact",
  "verbb/hyper#86 (U+202D, U+202C); woocommerce/woocommerce#58000; glific/glific#4815; signalapp/Signal-Android#11630",
  () => dials("\u202d13800000001\u202c"),
  { sends: "13800000001" },
);
add2("C11", "a left-to-right mark before", "contao/core#8434", () => dials("\u200e13800000001"), { sends: "13800000001" });
add2("C12", "a 0 before a mobile (long-distance dialing)", "floere/phony#406 (phony writes 013…)", () => dials("013800000001"), { sends: "13800000001" });
add2("C13", "… as it stands in a record: its E.164", "same", () => reads("013800000001"), { number: "+8613800000001" });
add2("C14", "+86 written twice by string concatenation", 'CallCenterAction.php: "+86" . $sourceTel', () => dials("+86+8613800000001", "seatcall"), {
  sends: "+8613800000001",
});
add2("C15", "+86 0138…", "floere/phony#406", () => dials("+86 013800000001", "seatcall"), { sends: "+8613800000001" });
add2("C16", "+86 013… in a record", "same", () => reads("+86013800000001"), { number: "+8613800000001" });
add2("C17", "Hong Kong, with its code", "international callee", () => dials("+852 6123 4567", "seatcall"), { sends: "+85261234567" });
add2("C18", "Hong Kong in a record, 00 before", "international callee", () => reads("0085261234567"), { number: "+85261234567" });
add2("C19", "Macau in a record", "international callee", () => reads("+85366123456"), { number: "+85366123456" });
add2(
  "C20",
  "192 and 166 mobiles are mobiles",
  "iziz/libPhoneNumber-iOS#396, #270; google/libphonenumber#947",
  () => ({ a: reads("19200000001").number, b: reads("16600000001").number }),
  { a: "+8619200000001", b: "+8616600000001" },
);
add2("C21", "171 virtual operators", "google/libphonenumber#1176", () => reads("+8617118222000"), { number: "+8617118222000" });
add2(
  "C22",
  "a landline with code, with and without the 0",
  "AfterShip/phone#51; daddyz/phonelib#60",
  () => ({ a: dials("+86 21 5206 6273").sends, b: dials("+86 021 5206 6273").sends }),
  { a: "02152066273", b: "02152066273" },
);
add2("C23", "a local number without an area code has no E.164", "google/libphonenumber#1401", () => reads("84664163"), { number: undefined });
add2("C24", "95 and 400 numbers pass", "service numbers", () => ({ a: dials("95588").sends, b: dials("400-800-1234").sends }), { a: "95588", b: "4008001234" });
add2("C25", "tel: addresses", "verbb/hyper#86; TrevorPilley/phone-number-parser#492", () => dials("tel:+86-138-0000-0001"), { sends: "13800000001" });
add2(
  "C26",
  "tel: with an extension is refused or cut, never joined",
  "TrevorPilley/phone-number-parser#492",
  () => dials("+86-755-28000123;ext=801"),
  (g) => g.error === "invalid-argument" || g.sends === "075528000123",
);
add2("C27", "full-width digits and hyphens", "input methods", () => dials("０７５５－２８０００１２３"), { sends: "075528000123" });
add2("C28", "a number, not text, is refused with a word on lost digits", "django-import-export#289 (numbers lose the leading 0)", () => dials(13800000001), {
  error: "invalid-argument",
  message: /text/,
});
add2("C29", "an en dash or a Chinese dash within", "copied from documents", () => dials("0755—28000123"), { sends: "075528000123" });
add2("C30", "a tab pasted from a spreadsheet", "copied from a sheet", () => dials("13800000001\t"), { sends: "13800000001" });
