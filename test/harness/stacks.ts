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
