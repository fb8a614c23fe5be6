// What a hostile reader can try, with a plain client: every subject of the contract and of NATS itself published, asked and
// subscribed; and what it may publish, sent with each of these as its reply subject.
import type { NatsConnection } from '@nats-io/transport-node';
import { TARGETS } from '../rights/attack.ts';
import type { Access, Stranger } from './stranger.ts';

const BATCH = 100;

/** What a pull, an acknowledgement, and a foreign durable look like. */
function origins({ user, stream }: Access): (readonly [subject: string, payload: string])[] {
  const ack = `$JS.ACK.${stream}.${user}`;
  return [
    [`$JS.API.CONSUMER.MSG.NEXT.${stream}.${user}`, '{"batch":1,"no_wait":true}'],
    [`$JS.API.CONSUMER.MSG.NEXT.${stream}.${user}`, ''],
    [`${ack}.1.1.1.1.1`, ''],
    [`${ack}.1.1.1.1.1`, '+NXT'],
  ];
}

export async function attackAsReader(
  access: Access,
  attacker: Stranger,
): Promise<{ attempts: number; refused: number }> {
  const nc: NatsConnection = await attacker.connect(access);
  let refused = 0;
  void (async () => {
    for await (const status of nc.status()) if (status.type === 'error') refused += 1;
  })();
  const durables = ['r-victim', user(access), 'scheduler', 'audit', 'logs'].flatMap((name) =>
    ['EVENTS', 'AUDIT'].flatMap((stream) => [
      `$JS.API.CONSUMER.DELETE.${stream}.${name}`,
      `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${name}`,
      `$JS.API.CONSUMER.CREATE.${stream}.${name}`,
      `$JS.API.CONSUMER.PAUSE.${stream}.${name}`,
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`,
    ]),
  );
  const targets = [...new Set([...TARGETS, ...durables])].filter((subject) => !/\s/.test(subject));
  let attempts = 0;
  const paced = async () => {
    attempts += 1;
    if (attempts % BATCH === 0) await nc.flush();
  };
  for (const target of targets) {
    const subscription = nc.subscribe(target, { callback: () => {} });
    subscription.unsubscribe();
    await paced();
    if (/[*>]/.test(target)) continue;
    nc.publish(target, '{}', { reply: `_INBOX.${user(access)}.attack` });
    await paced();
    for (const [subject, payload] of origins(access)) {
      // Refused by the server before it is looked at; the client would end at such a reply.
      if (target.startsWith('_R_') || target.startsWith('$JS.ACK')) continue;
      nc.publish(subject, payload, { reply: target });
      await paced();
    }
  }
  await nc.flush();
  await nc.close();
  return { attempts, refused };
}

const user = ({ user: name }: Access) => name;
