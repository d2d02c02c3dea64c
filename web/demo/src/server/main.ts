/** Tidewell's server: waits for the platform, announces itself there, then serves the pages. */
import { announce, waitForPlatform } from "./moorline/announce";
import { Brands } from "./moorline/brands";
import { ConfigError, readConfig } from "./config";
import { Connections } from "./moorline/connections";
import { checksOf } from "./moorline/checks";
import { funnelOf } from "./moorline/funnel";
import { FiguresOf } from "./moorline/figures";
import { historyOf } from "./moorline/history";
import { serve } from "./http/serve";
import { Merchants } from "./merchants";
import { connect } from "./moorline/client";
import { Failure } from "./problem";
import { routes } from "./http/routes";
import { Sync } from "./moorline/sync";

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const moorline = connect(config);
  const merchants = await Merchants.open(config.dataDir);
  await waitForPlatform(moorline, config);
  await announce(moorline, config);

  const brands = new Brands(moorline);
  const connections = new Connections(moorline, brands, merchants);
  const sync = new Sync(moorline, connections);
  const figures = new FiguresOf(moorline);
  const own = { history: historyOf(config), checks: checksOf(config), funnel: funnelOf(config) };
  const server = serve(config, routes({ config, moorline, merchants, brands, connections, sync, figures, ...own }));

  server.on("error", (error: NodeJS.ErrnoException) => {
    const address = `${config.host}:${config.port}`;
    if (error.code === "EADDRINUSE") console.error(`${address} is in use: choose another with PORT`);
    else if (error.code === "EADDRNOTAVAIL") console.error(`${address} is not an address of this machine: choose another with HOST`);
    else console.error(`can't listen on ${address}: ${error.message}`);
    process.exit(1);
  });
  server.listen(config.port, config.host, () => console.log(`listening ${config.publicUrl}`));

  const stop = () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), 5_000).unref();
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError || error instanceof Failure) console.error(`tidewell: ${error.message}`);
  else console.error("tidewell:", error);
  process.exit(1);
});
