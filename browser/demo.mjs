// The built demo on a free port of the loopback interface: one for each group of tests, so that no
// group sees what another did to its cards.

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

/** The program under test: `JUSHIN`, or what `cargo build` leaves in the workspace. */
const PROGRAM = process.env.JUSHIN ?? fileURLToPath(new URL("../target/debug/jushin", import.meta.url));

/** Starts a demo, with further options of the command; resolves once its pages are served. */
export async function startDemo(...options) {
  const base = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(PROGRAM, ["demo", "--quiet", "--listen", base.slice("http://".length), ...options]);
  process.once("exit", () => child.kill());
  const ended = new Promise((resolve) => child.once("exit", resolve));
  let said = "";
  await new Promise((resolve, reject) => {
    const listen = (chunk) => {
      said += chunk;
      if (said.includes(`${base}/`)) resolve();
    };
    child.stdout.setEncoding("utf8").on("data", listen);
    child.stderr.setEncoding("utf8").on("data", listen);
    child.once("error", reject);
    ended.then((code) => reject(new Error(`the demo ended with ${code}:\n${said}`)));
  });
  return {
    base,
    async stop() {
      child.kill("SIGINT");
      await ended;
    },
  };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
