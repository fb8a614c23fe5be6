// Compose texts for tests, of the test image alone. `init` makes stopping quick.
import { TEST_IMAGE } from './image.ts';

export { TEST_IMAGE } from './image.ts';

/** One service that does nothing; `mark` is all that a changed revision changes. */
export function idle(mark: string): string {
  return `services:
  idle:
    image: ${TEST_IMAGE}
    init: true
    command: ["sleep", "100000"]
    environment:
      MARK: "${mark}"
`;
}

/** Two services: `caller` waits until `web` is healthy. */
export function hello(callerMark: string): string {
  return `services:
  web:
    image: ${TEST_IMAGE}
    init: true
    command: ["sh", "-c", "touch /ready && exec sleep 100000"]
    healthcheck:
      test: ["CMD", "test", "-e", "/ready"]
      interval: 1s
      timeout: 1s
      retries: 10
  caller:
    image: ${TEST_IMAGE}
    init: true
    command: ["sleep", "100000"]
    environment:
      MARK: "${callerMark}"
    depends_on:
      web:
        condition: service_healthy
`;
}

/** One service that dies again and again, whatever starts it. */
export function crashing(mark: string): string {
  return `services:
  idle:
    image: ${TEST_IMAGE}
    init: true
    restart: always
    command: ["sh", "-c", "echo cannot work; exit 3"]
    environment:
      MARK: "${mark}"
`;
}

/** What a stack of one shape is made of; `main` is the service whose MARK says which revision runs. */
export interface Shaped {
  readonly compose: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly services: readonly string[];
}
export type Shape = (mark: string, isGood: boolean) => Shaped;

const main = (mark: string, isGood: boolean, more = '') => `  main:
    image: ${TEST_IMAGE}
    init: true
    restart: always
    command: ${isGood ? '["sleep", "100000"]' : '["sh", "-c", "echo cannot work; exit 3"]'}
    environment: {MARK: "${mark}"}
${more}`;

/** Stacks as people have them, good or crashing: alone, after a healthy one, after a job, with a file, with a secret. */
export const SHAPES: readonly Shape[] = [
  (mark, isGood) => ({ compose: `services:\n${main(mark, isGood)}`, services: ['main'] }),
  (mark, isGood) => ({
    compose: `services:
  base:
    image: ${TEST_IMAGE}
    init: true
    command: ["sh", "-c", "touch /ready && exec sleep 100000"]
    healthcheck: {test: ["CMD", "test", "-e", "/ready"], interval: 1s, timeout: 1s, retries: 10}
${main(mark, isGood, '    depends_on: {base: {condition: service_healthy}}\n')}`,
    services: ['base', 'main'],
  }),
  (mark, isGood) => ({
    compose: `services:
  job:
    image: ${TEST_IMAGE}
    command: ["sh", "-c", "sleep 0.3; touch /kept/done"]
    volumes: ["kept:/kept"]
${main(mark, isGood, '    depends_on: {job: {condition: service_completed_successfully}}\n    volumes: ["kept:/kept"]\n')}
volumes: {kept: {}}
`,
    services: ['job', 'main'],
  }),
  (mark, isGood) => ({
    compose: `services:\n${main(mark, isGood, '    volumes: ["./conf:/conf:ro"]\n')}`,
    files: { 'conf/app.conf': `mark=${mark}\n` },
    services: ['main'],
  }),
  (mark, isGood) => ({
    compose: `services:\n${main(mark, isGood, '    secrets: [word]\n')}secrets: {word: {external: true}}\n`,
    services: ['main'],
  }),
];
