const Stripe = require("stripe");

new Stripe("sk_test_1");
