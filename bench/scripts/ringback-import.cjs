require("ringback");
