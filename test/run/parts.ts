// What tests need beside the product's own parts: an engine, images' busybox, a browser, tools for networks.
import { run } from '#infra/process.ts';
import { busyboxPath } from '#infra/setup/busybox.ts';
import { ensureDocker } from '#infra/setup/docker.ts';
import { natsServerPath } from '#infra/setup/nats-server.ts';
import { sayOnStderr } from '#infra/setup/say.ts';
import { chromiumPath, ensureTool } from '#infra/setup/test-parts.ts';

async function firstLine(file: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await run(file, args, { timeoutMs: 20_000 });
  return (stdout || stderr).trim().split('\n')[0] ?? '';
}

/** Installs what is missing and prints what the tests ran against. @throws Error that says what to install by hand */
export async function ensureParts(): Promise<void> {
  const docker = await ensureDocker({ log: sayOnStderr, install: true });
  if (!docker.ok) throw new Error(`The tests need a Docker Engine. ${docker.message}`);
  await ensureTool('ip', 'iproute2');
  await ensureTool('iptables', 'iptables');
  await busyboxPath();
  const [nats, chromium] = [await natsServerPath(), await chromiumPath()];
  console.log(`node ${process.version}`);
  console.log(`docker engine ${docker.engineVersion}, compose ${docker.composeVersion}`);
  console.log(await firstLine(nats, '-v'));
  console.log(await firstLine(chromium, '--version'));
}
