import Stripe from "stripe";

export default {
  fetch() {
    new Stripe("sk_test_1");
    return new Response();
  },
};
