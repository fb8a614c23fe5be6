// Pure: may a path that Compose would read stay as it is? Only plain relative paths inside the stack may: no way up, no
// absolute one, no address, no home folder, no variable whose value nobody has checked.

/** Why a path is refused; null when it is fine. */
export function faultOfPath(path: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\x00-\x1f\x7f]/.test(path)) return 'holds a control character';
  if (path.includes('\\')) return 'holds a backslash';
  if (path.startsWith('/')) return 'is absolute';
  if (path.startsWith('~')) return 'starts in a home folder';
  if (path.includes('$')) return 'holds a variable; write the path out';
  if (path.includes(':')) return 'is an address, not a file of the stack';
  if (path.split('/').includes('..')) return 'leaves the stack by ".."';
  // Docker takes these for a repository when there is no such folder.
  if (/^(github\.com|git@)/.test(path) || /\.git(#|$)/.test(path)) return 'is a repository, not a file of the stack';
  return null;
}

/** `a/b/../c` is refused before this; only `.` and empty parts are taken out. */
export function plainPath(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/** Empty for a name without a folder. */
export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}
