// Takes away what lies opened and belongs to nothing that is remembered: what an agent left that was ended in the middle.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BESIDE, removeOthers } from './files.ts';
import type { RoomRecord, RoomRecords } from './record.ts';
import { apartName, placeName, setsOf } from './sets.ts';

/** Copies that the redactor looks for. `@` is in no service's name. */
export const OPENED = '@opened';

/** Within one stack's folder: sets that are no longer in use. */
export async function sweepStack(folder: string, record: RoomRecord): Promise<void> {
  const places = setsOf(record).flatMap(({ services }) => services.map(placeName));
  const kept = new Set([OPENED, ...places, ...places.map(apartName)]);
  for (const entry of await entries(folder)) {
    if (!kept.has(entry)) await rm(join(folder, entry), { recursive: true, force: true });
  }
}

/** At the start: stacks that have no record, and files that were begun. */
export async function sweepRoom(directory: string, records: RoomRecords): Promise<void> {
  const known = await records.stacks();
  for (const stack of await entries(directory)) {
    if (!known.has(stack)) await rm(join(directory, stack), { recursive: true, force: true });
  }
  for (const record of await records.all()) {
    const folder = join(directory, record.stack);
    await sweepStack(folder, record);
    for (const copy of await entries(join(folder, OPENED))) {
      if (copy.endsWith(BESIDE)) await rm(join(folder, OPENED, copy), { force: true });
    }
    for (const { place, inside, outside } of setsOf(record).flatMap(placesOf)) {
      await removeOthers(join(folder, place), inside).catch(ignoreAbsence);
      await removeOthers(join(folder, apartName(place)), outside).catch(ignoreAbsence);
    }
  }
}

function placesOf({ services }: Pick<RoomRecord, 'services'>) {
  return services.map((service) => ({
    place: placeName(service),
    inside: new Set([...service.files.filter(({ isApart }) => !isApart).map(({ path }) => path), ...service.holders]),
    outside: new Set(service.files.filter(({ isApart }) => isApart).map(({ path }) => path)),
  }));
}

function ignoreAbsence(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

async function entries(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    ignoreAbsence(error);
    return [];
  });
}
