import "ringback";

export default {
  fetch: () => new Response(),
};
