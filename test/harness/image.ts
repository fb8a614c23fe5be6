// The one image of all tests: a static busybox and a link for each of its applets, imported rather than pulled or built.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { busyboxPath } from '#infra/setup/busybox.ts';

export const TEST_IMAGE = 'overseer-test/busybox:1';

export async function importTestImage(dockerHost: string): Promise<void> {
  const busybox = await busyboxPath();
  const root = mkdtempSync('/tmp/ovi-');
  try {
    for (const folder of ['bin', 'tmp', 'etc', 'proc', 'sys', 'dev']) mkdirSync(`${root}/${folder}`);
    copyFileSync(busybox, `${root}/bin/busybox`);
    const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n');
    for (const applet of applets) {
      // The list names busybox itself; a link would replace the program by a loop.
      if (applet !== '' && !existsSync(`${root}/bin/${applet}`)) symlinkSync('busybox', `${root}/bin/${applet}`);
    }
    const archive = execFileSync('tar', ['-C', root, '-c', '.'], { maxBuffer: 64 * 1024 * 1024 });
    const env = { PATH: process.env['PATH'], DOCKER_HOST: dockerHost };
    execFileSync('docker', ['import', '-', TEST_IMAGE], { input: archive, env, stdio: ['pipe', 'ignore', 'pipe'] });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
