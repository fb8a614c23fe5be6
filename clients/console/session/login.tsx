// Signing in with the admin token that the first start wrote.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Problem } from '#clients/sdk/problem.ts';
import { signIn } from '../api/changes.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { Sign } from '../shell/sign.tsx';

function wrongToken(error: Error): Error {
  if (!(error instanceof Problem) || error.status !== 401) return error;
  const { status, code, traceId } = error;
  const words = { title: 'That token is not right', detail: 'Copy the whole line of the file.' };
  return new Problem({ ...words, code, traceId }, status);
}

export function Login() {
  const cache = useQueryClient();
  const [token, setToken] = useState('');
  const change = useMutation({
    mutationFn: signIn,
    onSuccess: () => cache.resetQueries(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim() !== '') change.mutate(token.trim());
  };
  return (
    <main className="flex min-h-full items-start justify-center px-4 pt-[18vh]">
      <form onSubmit={submit} className="w-full max-w-[400px] space-y-5">
        <div className="flex items-center gap-2.5">
          <Sign className="size-6" />
          <h1 className="text-[19px] font-semibold tracking-tight">Overseer</h1>
        </div>
        <div className="space-y-1.5">
          <label htmlFor="token" className="label">
            Admin token
          </label>
          <input
            id="token"
            type="password"
            // biome-ignore lint/a11y/noAutofocus: the page has this one field
            autoFocus
            className="field h-9 font-mono text-mono"
            autoComplete="current-password"
            spellCheck={false}
            value={token}
            onChange={(event) => setToken(event.target.value)}
            aria-describedby="token-place"
          />
          <p id="token-place" className="hint">
            The first start wrote it to <code className="font-mono">admin-token</code> in the core’s state folder (
            <code className="font-mono">$OVERSEER_DATA</code>, in a checkout{' '}
            <code className="font-mono">.overseer/</code>).
          </p>
        </div>
        {change.error && <ProblemView error={wrongToken(change.error)} />}
        <button
          type="submit"
          className="button button-main h-9 w-full justify-center"
          disabled={change.isPending || token.trim() === ''}
        >
          {change.isPending ? 'Signing in …' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
