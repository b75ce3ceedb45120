import { toKoa } from "ringback/node";

export default (app) => {
  app.router.post("/orders", (context) => {
    context.body = context.request.body;
  });
  // The test creates the receiver. In your project import it here.
  app.router.all("/push/:token?", toKoa(app.options.receive));
};
