import Stripe from "stripe";

new Stripe("sk_test_1");
