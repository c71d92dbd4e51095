// The API: one procedure, with the transformer and the input check of a full-size app.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { initTRPC, TRPCError } from "@trpc/server";
import superjson from "superjson";
import { z } from "zod";
import behaviour from "../behaviour.json";

const t = initTRPC.create({ transformer: superjson });

// Shows which secret the process holds without showing the secret.
const fingerprint = (text) => createHash("sha256").update(text).digest("hex").slice(0, 12);

function refuseWhenToldTo() {
  if (behaviour.health === "unhealthy-when" && existsSync(behaviour.file)) {
    throw new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: "told to be unhealthy by a file" });
  }
  // Only under PM2, so that a start beside the live app passes and the reload does not.
  if (behaviour.health === "unhealthy-live" && process.env.pm_id !== undefined) {
    throw new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: "told to be unhealthy" });
  }
}

function health() {
  refuseWhenToldTo();
  return {
    ok: true,
    revision: REVISION,
    pid: process.pid,
    secret: fingerprint(process.env.JWT_SECRET ?? ""),
  };
}

const system = t.router({
  health: t.procedure.input(z.object({ timestamp: z.number().min(0) })).query(health),
});

export const router = t.router({ system });
