// The agent of this host is enrolled as any other: by a token from the REST interface and the agent's own command.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '#infra/process.ts';
import { agentEnvironment } from './children.ts';

const ENROLL_TIMEOUT_MS = 60_000;

export interface Gateway {
  readonly url: string;
  readonly adminToken: string;
}

async function issueToken({ url, adminToken }: Gateway): Promise<string> {
  const answer = await fetch(`${url}/api/enrollment-tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ttlSeconds: 300, uses: 1 }),
  });
  const body = (await answer.json()) as { token?: string; detail?: string };
  if (!answer.ok || body.token === undefined) {
    throw new Error(`no enrollment token for this host: ${body.detail ?? answer.status}`);
  }
  return body.token;
}

/** Enrolls once; later starts find the node's identity in its folder. @throws Error with the agent's own words */
export async function enrollLocalAgent(root: string, data: string, gateway: Gateway): Promise<void> {
  if (existsSync(join(data, 'node.json'))) return;
  const token = await issueToken(gateway);
  const script = join(root, 'agent/main.ts');
  const args = [
    '--disable-warning=ExperimentalWarning',
    script,
    'enroll',
    '--url',
    gateway.url,
    '--data',
    data,
    '--token-stdin',
  ];
  const { exitCode, stdout, stderr } = await run(process.execPath, args, {
    cwd: root,
    env: agentEnvironment(),
    input: `${token}\n`,
    timeoutMs: ENROLL_TIMEOUT_MS,
  });
  if (exitCode !== 0) throw new Error(`this host's agent could not enroll: ${(stderr || stdout).trim()}`);
}
