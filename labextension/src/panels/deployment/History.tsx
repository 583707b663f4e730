import React from 'react';
import { useWords } from '../../components/context';
import { when } from './figures';
import type { IEvent } from '../../api/records';

const MOST = 100;

/** What happened, the newest first. */
export function History({ events }: { events: IEvent[] }): React.ReactElement {
  const trans = useWords();
  if (!events.length) {
    return <p className="jp-nb2prod-hint">{trans.__('Nothing happened yet.')}</p>;
  }
  const shown = [...events].sort((one, other) => (one.at < other.at ? 1 : -1)).slice(0, MOST);
  return (
    <ol className="jp-nb2prod-history">
      {shown.map(one => (
        <li key={`${one.tag} ${one.at}`}>
          <strong>{one.kind}</strong> {one.version} {one.environment && `→ ${one.environment}`}
          <div className="jp-nb2prod-hint">
            {trans.__('%1, by %2', when(one.at), one.by)} {one.because && `– ${one.because}`}
          </div>
        </li>
      ))}
    </ol>
  );
}
