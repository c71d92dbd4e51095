import cluster from "node:cluster";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { createExpressMiddleware } from "@trpc/server/adapters/express";
import dotenv from "dotenv";
import express from "express";
import { misbehaveAtStart } from "./misbehave.js";
import { router } from "./router.js";

dotenv.config({ quiet: true });
const port = Number(process.env.PORT ?? 3000);

function makeApp() {
  const app = express();
  app.use("/api/trpc", createExpressMiddleware({ router }));
  app.use(express.static(fileURLToPath(new URL("./public", import.meta.url))));
  return app;
}

function announce() {
  console.log(`revision ${REVISION.slice(0, 12)} listens on ${port}, pid ${process.pid}`);
  process.send?.("ready");
}

function giveUp(error) {
  console.error(error.message);
  process.exit(1);
}

// A cluster worker leaves when its master has nothing more for it: a connection may be on its way already.
function closeOnSignal(server) {
  process.once("disconnect", () => process.exit(0));
  const leave = () => (cluster.isWorker ? cluster.worker.disconnect() : process.exit(0));
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => {
      server.close(leave);
      server.closeIdleConnections();
    });
  }
}

await misbehaveAtStart();
const server = createServer(makeApp());
server.once("error", giveUp);
closeOnSignal(server);
server.listen(port, "127.0.0.1", announce);
