import React from 'react';
import type { Trouble } from '../api/client';
import { useWords } from './context';

export const COMMAND = "pip install --upgrade 'nb2prod[lab]'";

/** Why there is no answer, and what to do. */
export function TroubleNote({ trouble }: { trouble: Trouble | null }): React.ReactElement | null {
  const trans = useWords();
  if (!trouble) {
    return null;
  }
  const missing = trans.__('The server has no nb2prod, or an older one. Run this, then restart the server:');
  const message = trouble.status === 0 ? trans.__('The server does not answer.') : trouble.message;
  return (
    <div className="jp-nb2prod-trouble" role="alert">
      <p>{trouble.isMissing ? missing : message}</p>
      {trouble.isMissing ? <code>{COMMAND}</code> : trouble.hint && <p className="jp-nb2prod-hint">{trouble.hint}</p>}
    </div>
  );
}
