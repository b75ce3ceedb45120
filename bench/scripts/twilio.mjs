import twilio from "twilio";

twilio("AC00000000000000000000000000000001", "s1");
