// Pure: what of Compose's output is the error. Between and before it stand lines of progress.

const PROGRESS =
  /^\s*(?:Container|Network|Volume|Image|Config|Secret)\s+\S+\s+(?:Creat|Start|Runn|Recreat|Stop|Remov|Pull|Wait|Health|Exit|Skip|Built|Build|Warning|Error|Recreate)\w*|^\s*\S+ (?:Pulling|Pulled|Error|Warning|Interrupted)(?:\s|$)|^\s*[0-9a-f]{12} /;
const LONGEST_REASON = 4000;

/** The tool's own words, without its progress; a sentence of ours when it said nothing. */
export function reasonOf(stderr: string, exitCode: number): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  const told = lines.filter(
    (line) => !PROGRESS.test(line) && !/level=warning|^time=".*level=(?:info|debug)/.test(line),
  );
  const text = (told.length > 0 ? told : lines.slice(-3)).join('\n').trim();
  return text === '' ? `docker compose ended with exit code ${exitCode} and said nothing` : text.slice(-LONGEST_REASON);
}
