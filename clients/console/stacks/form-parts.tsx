// What stands beside the compose text in the form: where it runs, its values, and what most stacks leave as it is.
import { Fold } from '../parts/fold.tsx';
import { plural } from '../parts/words.ts';
import { DependsFields } from './depends-fields.tsx';
import type { Draft } from './draft.ts';
import { logsWritten, strategyWritten } from './draft-spec.ts';
import { EnvironmentField } from './environment-field.tsx';
import { FilesFields } from './files-fields.tsx';
import { ImageFields } from './image-fields.tsx';
import { LogsFields } from './logs-fields.tsx';
import { RolloutFields } from './rollout-fields.tsx';
import { SecretsFields } from './secrets-fields.tsx';
import { imageWords, logsWords, rolloutWords } from './setting-words.ts';
import { TargetsFields } from './targets-fields.tsx';

interface Props {
  draft: Draft;
  /** The stack's name, as far as it has one. */
  own: string;
  onChange: (patch: Partial<Draft>) => void;
}

const listed = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '));

export function FormParts({ draft, own, onChange }: Props) {
  const { files, secrets, dependsOn, images } = draft;
  return (
    <>
      <TargetsFields draft={draft} onChange={onChange} />
      <EnvironmentField draft={draft} onChange={onChange} />
      <Fold title="Files" aside={files.length === 0 ? 'none' : plural(files.length, 'file')}>
        <FilesFields draft={draft} onChange={onChange} />
      </Fold>
      <Fold title="Secrets" aside={listed(secrets.map(({ name }) => name))}>
        <SecretsFields draft={draft} onChange={onChange} />
      </Fold>
      <Fold title="Rollout and drift" aside={rolloutWords(strategyWritten(draft))}>
        <RolloutFields draft={draft} onChange={onChange} />
      </Fold>
      <Fold title="New images" aside={imageWords({ policy: images.policy })}>
        <ImageFields draft={draft} onChange={onChange} />
      </Fold>
      <Fold title="Logs" aside={logsWords(logsWritten(draft))}>
        <LogsFields draft={draft} onChange={onChange} />
      </Fold>
      <Fold title="Needs" aside={listed(dependsOn)}>
        <DependsFields draft={draft} own={own} onChange={onChange} />
      </Fold>
    </>
  );
}
