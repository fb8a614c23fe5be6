// What a database error means to the rest of the house: the server is away, two transactions collided, or a key exists.
import { type DriverException, UniqueConstraintViolationException } from '@mikro-orm/core';
import { OverseerError } from '#subjects/errors.ts';

/** SQLSTATE class 08 is connections, 57P0x a server that shuts down or starts; the rest come from the socket. */
const AWAY = /^(08...|57P0[1-5]|53300|ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';

/** The driver's own errors about its connection have neither a class nor a code. */
const DRIVER_AWAY =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed)/;

function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string') codes.push(code);
    if (DRIVER_AWAY.test(at.message)) codes.push('ECONNRESET');
  }
  return codes;
}

/** The transaction was rolled back because of another one; done again, it may succeed. */
export function isCollision(error: unknown): boolean {
  return codesOf(error).some((code) => code === SERIALIZATION_FAILURE || code === DEADLOCK);
}

export function isAway(error: unknown): boolean {
  return !(error instanceof OverseerError) && codesOf(error).some((code) => AWAY.test(code));
}

/** @param constraint name of the unique constraint or index */
export function isDuplicate(error: unknown, constraint: string): boolean {
  if (!(error instanceof UniqueConstraintViolationException)) return false;
  return (error as DriverException & { constraint?: string }).constraint === constraint;
}

/** Errors of the database as the bus can carry them; all others as they are. */
export function databaseFault(error: unknown): unknown {
  if (!isAway(error)) return error;
  return new OverseerError('unavailable', 'the database does not answer', { cause: error });
}
