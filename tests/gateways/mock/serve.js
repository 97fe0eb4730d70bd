// Serves the mock on loopback alone, on a free port that it prints.
const { createExpressApp } = require("stripe-stateful-mock");

const server = createExpressApp().listen(0, "127.0.0.1", () => console.log(server.address().port));
