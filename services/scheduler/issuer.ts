// Makes the documents of nodes whose assignments changed: next generation, signed, stored and put into the outbox, all
// in the caller's transaction.
import type { KeyObject } from 'node:crypto';
import { enqueueState } from '#infra/postgres/outbox.ts';
import { sealDocument } from '#infra/signing/document.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { DesiredDocument } from '#subjects/schema/desired.ts';
import type { NodeConfig } from '#subjects/schema/node.ts';
import { documentOf, heaviestStack } from './document.ts';
import type { Assignment, Change } from './placement.ts';
import type { Vault } from './secrets/keys.ts';
import { type SecretUser, sealMissing, secretsFor } from './secrets/sealed.ts';
import { assignedTo, forgetRemovals, saveAssignments } from './store/assignments.ts';
import { raiseGenerations, saveDocument } from './store/documents.ts';
import { nodesById } from './store/nodes.ts';
import type { Em } from './store/rows.ts';
import { contentsOf } from './store/stacks.ts';

/** What decisions need from outside. */
export interface Issuer {
  readonly key: KeyObject;
  readonly epoch: string;
  /** Opens secrets; null in mode `strict`. */
  readonly vault: Vault | null;
  now(): Date;
  newId(): string;
}

/** @throws OverseerError `document-too-large` with the stack that weighs most */
function seal(document: DesiredDocument, key: KeyObject) {
  try {
    return sealDocument(document, key);
  } catch (error) {
    if (!(error instanceof OverseerError) || error.code !== 'document-too-large') throw error;
    const stack = heaviestStack(document);
    const heaviest = stack === null ? '' : `; stack "${stack}" weighs most`;
    throw new OverseerError(error.code, `${error.message}${heaviest}`, {
      fields: { ...error.fields, node: document.node, stack },
      cause: error,
    });
  }
}

/** @returns the new generation of each node that got a document */
export async function issueDocuments(
  em: Em,
  issuer: Issuer,
  changes: readonly Change[],
  reconfigured: readonly string[] = [],
): Promise<Map<string, number>> {
  const touched = [...new Set([...changes.map(({ node }) => node), ...reconfigured])].sort();
  if (touched.length === 0) return new Map();
  const now = issuer.now();
  const generations = await raiseGenerations(em, touched, issuer.epoch);
  await saveAssignments(em, changes, (node) => generations.get(node) as number);
  const assigned = await forgetRemovals(em, await assignedTo(em, { nodes: touched }), now.getTime());
  const configs = new Map((await nodesById(em, touched)).map((node) => [node.id, node.config]));
  const wanted = [...assigned.values()].flatMap((own) =>
    [...own].flatMap(([stack, to]) => (to.kind === 'run' ? [{ stack, revision: to.revision }] : [])),
  );
  const contentOf = await contentsOf(em, wanted);
  const users = new Map(
    touched.map((node) => [
      node,
      [...(assigned.get(node) ?? [])].flatMap(([stack, run]): SecretUser[] =>
        run.kind === 'run' ? [{ stack, run, content: contentOf(stack, run.revision) }] : [],
      ),
    ]),
  );
  await sealMissing(em, issuer, users);
  for (const node of touched) {
    const generation = generations.get(node) as number;
    const config = configs.get(node) as NodeConfig;
    const issuedAt = now.toISOString();
    const own = assigned.get(node) ?? new Map<string, Assignment>();
    const secrets = await secretsFor(em, issuer, node, users.get(node) ?? []);
    const document = documentOf({
      node,
      epoch: issuer.epoch,
      generation,
      issuedAt,
      config,
      assigned: own,
      contentOf,
      secretsOf: (stack) => secrets.get(stack) ?? [],
    });
    const { payload, hash } = seal(document, issuer.key);
    await saveDocument(em, { node, hash, config, payload, issuedAt });
    await enqueueState(em, { service: 'scheduler', message: 'desired', parameters: { node }, payload, generation });
  }
  return generations;
}
